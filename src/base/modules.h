/* SPDX-License-Identifier: GPL-2.0-only */
/* The modules that are installed for a kernel. */
#ifndef MODBTF_BASE_MODULES_H
#define MODBTF_BASE_MODULES_H

#include "util/error.h"
#include "util/strlist.h"

/*
 * Adds to @paths all modules (*.ko, *.ko.gz, *.ko.xz, *.ko.zst) below lib/modules/@release or
 * usr/lib/modules/@release under @root, sorted by path. Symlinks to directories (build, source) are
 * not followed, those to modules are (weak-updates).
 *
 * Returns 0; -ENOENT where that kernel has no such directory; -EINVAL if @release is none; -ENOMEM
 * or what reading a directory failed with, with @err.
 */
int modules_list(const char *root, const char *release, struct strlist *paths, struct error *err);

/*
 * The directory of modules of kernel @release under @root: its path without symlinks, to be freed.
 * Returns 0, -ENOENT, -EINVAL, -ENOMEM as above.
 */
int modules_directory(const char *root, const char *release, char **directory, struct error *err);

/*
 * Adds to @paths, sorted, those modules in @directory that did not come with the kernel: what is
 * below its kernel/, build/ and source/ is not looked at. Returns 0, -ENOMEM or what reading a
 * directory failed with, with @err.
 */
int modules_list_extra(char *directory, struct strlist *paths, struct error *err);

#endif
