/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernels that are installed under a root. */
#ifndef MODBTF_BASE_KERNELS_H
#define MODBTF_BASE_KERNELS_H

#include "util/error.h"
#include "util/strlist.h"

/*
 * Adds to @releases, once each and sorted, the releases of kernels under @root ("/" or a directory):
 * those that have a directory in lib/modules or usr/lib/modules, or a boot/vmlinuz-RELEASE. Whether
 * they are complete is not looked at; names that cannot be a release are left out.
 *
 * Returns 0, also where there is none; -ENOMEM, or what opening or reading one of the directories
 * failed with, with @err (file named).
 */
int kernels_list(const char *root, struct strlist *releases, struct error *err);

#endif
