/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of the base in a file, so that it need not be unpacked only to say that nothing has
 * to be done: kept from one run to the next, for as long as the file is the same one (device, inode,
 * size, times). A file in the directory of cache-dir.h for each.
 */
#ifndef MODBTF_REGEN_KNOWN_BASE_H
#define MODBTF_REGEN_KNOWN_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/digest.h"

struct known_base {
	struct digest digest; /* of the BTF's bytes */
	bool relocates;	      /* as in struct btf_caps */
};

/* A file at one moment. */
struct file_stamp {
	uint64_t fields[7];
	bool settled; /* not changed for so long that a change behind would show in its times */
};

/* False if @path cannot be examined, or is no regular file on a disk (sysfs). */
bool file_stamp_take(struct file_stamp *stamp, const char *path);

/*
 * Recalls what is known of the base of kernel @release that is in @path, whose stamp is @stamp.
 * False if nothing is.
 */
bool known_base_recall(struct known_base *known, const char *release, const char *path,
		       const struct file_stamp *stamp);

/*
 * Keeps @known, which was read from @path after @before was taken. Does nothing if the file has
 * changed since, or just before. Fails silently.
 */
void known_base_keep(const struct known_base *known, const char *release, const char *path,
		     const struct file_stamp *before);

/*
 * Has the image of kernel @release that is to boot under @root another base than @digest, as far as that
 * is known without unpacking it? *@path is that image then, to be freed. False also when out of memory.
 */
bool known_base_differs(const char *release, const char *root, const struct digest *digest,
			char **path);

#endif
