/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MODBTF_IO_DIR_H
#define MODBTF_IO_DIR_H

#include <dirent.h>

/*
 * The directory @path, seen from @at as openat() does it, as a stream to be closed with closedir(). NULL
 * with errno. As opendir(), but a signal is no failure.
 */
DIR *dir_open(int at, const char *path);

#endif
