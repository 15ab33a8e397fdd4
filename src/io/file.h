/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole file as bytes: mapped where the file system can, read otherwise (sysfs, procfs).
 *
 * What is mapped changes with the file. Files that are renamed into its place do no harm, but one
 * that is written to, truncated, or on a disk that fails, is not what it was: file_map_check()
 * tells. The program goes on meanwhile, with what is there, or with zeros.
 */
#ifndef MODBTF_IO_FILE_H
#define MODBTF_IO_FILE_H

#include <time.h>

#include "util/bytes.h"
#include "util/error.h"

struct file_map {
	struct bytes bytes;
	bool mapped;
	/* of a mapped file; all else means nothing otherwise */
	int fd;			 /* open for reading */
	int watch;		 /* for faults, see io/sigbus.h */
	struct timespec written; /* when it was opened */
};

/*
 * Opens @path (symlinks followed) and makes its content readable as map->bytes until
 * file_map_close(). Directories, devices and FIFOs are refused; an empty file gives empty bytes.
 * The mapping is private and read-only.
 * Returns 0, or a negative errno with @err filled in (err->file set).
 */
int file_map_open(struct file_map *map, const char *path, struct error *err);

/*
 * The same of @fd, a file that is open for reading. On success the descriptor is the map's to
 * close, else the caller's; @err names no file.
 */
int file_map_fd(struct file_map *map, int fd, struct error *err);

/*
 * Was every byte that was read so far the file's as it was when it was opened? Returns 0; -EBUSY if
 * another program has written to it, -EIO if it could not be read, with @err.
 */
int file_map_check(const struct file_map *map, struct error *err);

/*
 * Gives back the memory that holds pages of a mapped file; they are read again when they are
 * touched next. For one who goes through a large file and does not need what is behind. Does
 * nothing where the file is not mapped.
 */
void file_map_drop(const struct file_map *map);

/* Releases the bytes. A zeroed struct file_map may be closed. */
void file_map_close(struct file_map *map);

#endif
