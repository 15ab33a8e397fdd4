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

#endif
