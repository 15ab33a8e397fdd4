/* SPDX-License-Identifier: GPL-2.0-only */
/* The modules that are installed for a kernel. */
#ifndef MODBTF_BASE_MODULES_H
#define MODBTF_BASE_MODULES_H

#include "util/error.h"
#include "util/strlist.h"

/*
 * Adds to @paths all modules (*.ko, *.ko.gz, *.ko.xz, *.ko.zst) below lib/modules/@release or
 * usr/lib/modules/@release under @root, sorted by path. Directories are entered as depmod does it:
 * links to them are followed, as if @root were "/", and what is called build or source is not entered.
 * But each is entered once: what is in one that a link leads to goes by the path behind all links.
 * Links to modules are taken as they are (weak-updates).
 *
 * Returns 0; -ENOENT where that kernel has no such directory; -EINVAL if @release is none; -ENOMEM
 * or what reading a directory failed with, with @err.
 */
int modules_list(const char *root, const char *release, struct strlist *paths, struct error *err);

/*
 * The directory of modules of kernel @release under @root: its path without symlinks, to be freed.
 * Returns 0, -ENOENT, -EINVAL, -ENOMEM as above, or what looking for it failed with, with @err.
 */
int modules_directory(const char *root, const char *release, char **directory, struct error *err);

/*
 * Adds to @paths, sorted, those modules in @directory, a kernel's under @root, that did not come with
 * it: what is below its kernel/ is not looked at, nor what links from there lead to. Returns 0, -ENOMEM or what
 * reading a directory failed with, with @err.
 */
int modules_list_extra(const char *root, const char *directory, struct strlist *paths,
		       struct error *err);

#endif
