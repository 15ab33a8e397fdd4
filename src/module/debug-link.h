/* SPDX-License-Identifier: GPL-2.0-only */
/* By what a module and its debug info in another file find each other, and prove that they belong together. */
#ifndef MODBTF_MODULE_DEBUG_LINK_H
#define MODBTF_MODULE_DEBUG_LINK_H

#include "module/module.h"

/* Bytes of the longest build id that is taken for one; linkers write 16 or 20. */
#define BUILD_ID_LIMIT 64

/*
 * The build id (a note of owner "GNU", type NT_GNU_BUILD_ID): what the linker made of the content,
 * debug info included, so that two builds never share it. Kbuild asks for it when it links a .ko;
 * the objects that this is linked from have none. Borrowed from @mod, at least 2 bytes; empty if
 * there is none.
 */
struct bytes module_build_id(const struct module *mod);

/*
 * The file name that section .gnu_debuglink gives, without a directory; NULL if there is none. The
 * checksum that comes with it is of no interest: module_check_debug() asks for more. Borrowed.
 */
const char *module_debug_link(const struct module *mod);

/* Does @mod have debug info? */
bool module_has_debug(const struct module *mod);

/*
 * Is @debug, a file with debug info, of the very build that @mod is of? Equal build ids say so, and
 * different ones that it is not. Where one of them has none (foo.o of the build tree, which foo.ko
 * was linked from), all of this has to hold:
 *
 * - the names are the same;
 * - global functions are the same in both, and each function that both have stands in the same
 *   section (or one that the kernel's scripts/module.lds.S makes part of it: .text.* of .text), has
 *   the same size, and, where both files have it at all, the same code;
 * - variables that both have are of the same size, and per-CPU variables at the same place: by
 *   these a changed structure shows that no code happens to tell.
 *
 * A module without any function proves nothing. Returns 0; -EINVAL: it is of another module or
 * build, which the text says; -ENOMEM; with @err.
 */
int module_check_debug(const struct module *mod, const struct module *debug, struct error *err);

/*
 * The same of an object that kbuild adds in linking the module (foo.mod.o, .module-common.o): has it
 * variables only, none of them per-CPU, and where the module has them, of the same size?
 */
int module_check_debug_part(const struct module *mod, const struct module *part, struct error *err);

/*
 * Linking a module throws sections away (scripts/module.lds.S: .discard.*), with what is in them. Makes
 * the functions of @debug, an object that @mod was linked from, whose section has no counterpart in @mod
 * no functions any more. If there are any, @debug's symbol table becomes a copy, which @store (zeroed by
 * the caller, to be released with buffer_free() after @debug) owns. Returns 0, or -ENOMEM with @err.
 */
int module_hide_discarded(const struct module *mod, struct module *debug, struct buffer *store,
			  struct error *err);

/*
 * Does the linker script of modules put a section called @object into one called @module? Mostly if
 * they are the same.
 */
bool module_takes_section(const char *module, const char *object);

#endif
