/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole file as bytes: mapped where the file system can, read otherwise (sysfs, procfs).
 */
#ifndef MODBTF_IO_FILE_H
#define MODBTF_IO_FILE_H

#include "util/bytes.h"
#include "util/error.h"

struct file_map {
	struct bytes bytes;
	bool mapped;
	int fd; /* of a mapped file, open for reading; means nothing otherwise */
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
 * Gives back the memory that holds pages of a mapped file; they are read again when they are
 * touched next. For one who goes through a large file and does not need what is behind. Does
 * nothing where the file is not mapped.
 */
void file_map_drop(const struct file_map *map);

/* Releases the bytes. A zeroed struct file_map may be closed. */
void file_map_close(struct file_map *map);

#endif
