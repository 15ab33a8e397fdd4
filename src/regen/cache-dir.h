/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The directory of what is kept from one run to the next, and can be found out again: indices of
 * bases (index-cache.h), and which base a file holds (known-base.h).
 *
 * It is /var/cache/modbtf for root and $XDG_CACHE_HOME/modbtf or ~/.cache/modbtf for others, who read
 * root's too. $MODBTF_INDEX_CACHE names another directory; empty, none is used. It may be deleted at
 * any time. What others than root and the caller can write to is passed over.
 */
#ifndef MODBTF_REGEN_CACHE_DIR_H
#define MODBTF_REGEN_CACHE_DIR_H

#include "io/file.h"
#include "util/digest.h"

/* Room for a name: a digest in hexadecimal digits, a suffix, and a NUL. */
#define CACHE_NAME_SIZE (2 * DIGEST_SIZE + 16)

enum cache_dir {
	CACHE_DIR_OWN,	  /* the caller's */
	CACHE_DIR_SYSTEM, /* root's, for others */
};

/* Is there a directory to look in at all? */
bool cache_dir_usable(void);

/* The name of the file for @key; @suffix begins with a dot and is of at most 15 bytes. */
void cache_dir_name(const struct digest *key, const char *suffix, char name[CACHE_NAME_SIZE]);

/*
 * Opens the file @name. False if it is not there, or not to be trusted. @file is closed with
 * file_map_close().
 */
bool cache_dir_open(enum cache_dir which, const char *name, struct file_map *file);

/*
 * Keeps @content as the caller's file for @key, in place of what is there; of files with @suffix no
 * more than @most stay, those that were made last. Fails silently.
 */
void cache_dir_keep(const struct digest *key, const char *suffix, unsigned int most,
		    struct bytes content);

#endif
