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
};

/*
 * Opens @path (symlinks followed) and makes its content readable as map->bytes until
 * file_map_close(). Directories, devices and FIFOs are refused; an empty file gives empty bytes.
 * The mapping is private and read-only.
 * Returns 0, or a negative errno with @err filled in (err->file set).
 */
int file_map_open(struct file_map *map, const char *path, struct error *err);

/* Releases the bytes. A zeroed struct file_map may be closed. */
void file_map_close(struct file_map *map);

#endif
