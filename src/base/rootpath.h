/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Paths inside a directory that stands for the root of a system (--root): a chroot, an image that
 * is being built, an extracted package.
 */
#ifndef MODBTF_BASE_ROOTPATH_H
#define MODBTF_BASE_ROOTPATH_H

/*
 * Resolves all symlinks of @path (with or without a leading '/') as a process with root directory
 * @root would: an absolute link starts at @root, ".." stops there. (openat2() with RESOLVE_IN_ROOT
 * does the same, but only since Linux 5.6.) Does not guard against a tree that is being changed.
 *
 * Returns 0 and in *@real a path without symlinks below @root, to be freed; or -ENOENT, -ENOTDIR,
 * -ELOOP (more than 40 links, as in the kernel), -ENAMETOOLONG, -ENOMEM, or what lstat() or
 * readlink() failed with.
 */
int rootpath_resolve(char **real, const char *root, const char *path);

struct error;

/*
 * Is @root a directory? Returns 0, or -ENOENT, -ENOTDIR or what else stat() failed with, with @err
 * (file named).
 */
int root_check(const char *root, struct error *err);

#endif
