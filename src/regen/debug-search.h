/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The search for a module's debug info outside of it (DESIGN 7.4), for a module that has none:
 *
 * 1. what --debug names: files, and directories, in which .build-id/xx/yyyy.debug is tried first and
 *    then what is called like the module (debug-places.h);
 * 2. beside the module: what its .gnu_debuglink names, NAME.ko.debug, and NAME.o, which kbuild links
 *    NAME.ko from and leaves there;
 * 3. where distributions install debug info, under the root: usr/lib/debug/.build-id/xx/yyyy.debug
 *    (Fedora, SUSE, Arch), and usr/lib/debug/lib/modules/... and usr/lib/debug/usr/lib/modules/...
 *    with the module's own place and name, as NAME.ko.debug (Fedora, SUSE, Arch), NAME.ko (Debian,
 *    Ubuntu) or NAME.debug.
 *
 * A file is used if it has debug info, and is of the same build (module_check_debug()).
 *
 * NAME.ko is more than NAME.o: kbuild (scripts/Makefile.modfinal) adds NAME.mod.o, and .module-common.o of
 * the directory that it was told to build, where kernels have that. They have no functions, but types of
 * their own, such as the array of symbol versions. Where they are there and fit, they are read as well,
 * in the order of linking, so that the result is that of the debug info in NAME.ko.
 */
#ifndef MODBTF_REGEN_DEBUG_SEARCH_H
#define MODBTF_REGEN_DEBUG_SEARCH_H

#include "module/module.h"
#include "regen/debug-places.h"
#include "util/strlist.h"

struct debug_search {
	const struct module *mod;
	struct debug_places *places; /* what --debug names; may be NULL */
	const char *root;
	struct strlist *warnings;
	struct strlist queue; /* paths to try, and how far that got */
	size_t at;
	size_t stage;		/* that is to fill the queue next */
	struct strlist seen;	/* "DEVICE:INODE" of what was tried */
	bool named;		/* the file at hand is one that --debug names */
	struct error why;	/* why the first of those did not serve */
	struct module file;	/* the file at hand */
	struct buffer symbols;	/* its symbol table, if that had to be changed */
	struct module parts[2]; /* if that is NAME.o: what kbuild links to it, as far as there */
	unsigned int nr_parts;
	bool again; /* it was rejected, and the next one has not been asked for */
};

/*
 * Nothing is looked at before debug_search_next() is called. @mod, @places, @root and @warnings must
 * outlive @search; @warnings gets a line for each file that is there and could not be used.
 */
void debug_search_init(struct debug_search *search, const struct module *mod,
		       struct debug_places *places, const char *root, struct strlist *warnings);
void debug_search_free(struct debug_search *search);

/*
 * Opens the next file that has the debug info of the module, as search->file, which is good until the
 * next call. Returns 0; -ENODATA where there is none left; what is wrong with the first file that
 * --debug names, if some are named and none of them, nor of the directories named, served; -ENOMEM;
 * with @err.
 */
int debug_search_next(struct debug_search *search, struct error *err);

/*
 * Says that reading the file at hand failed, for which @err is the reason: it is to be tried again,
 * with the next file. Returns err->code, or -ENOMEM with @err.
 */
int debug_search_reject(struct debug_search *search, struct error *err);

/*
 * Has nobody written to the file at hand, or its parts, while they were read? Returns 0, or what
 * file_map_check() does, with @err (file named).
 */
int debug_search_check(const struct debug_search *search, struct error *err);

#endif
