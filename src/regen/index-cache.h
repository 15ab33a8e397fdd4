/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Indices of bases, kept from one run to the next: the second module that is built for a kernel
 * does not pay for walking through the kernel's types again.
 *
 * They are files <digest of the base>.index, 4 MB a kernel, in the directory of cache-dir.h. What a
 * run writes never depends on them: one that is damaged or of another version is passed over.
 */
#ifndef MODBTF_REGEN_INDEX_CACHE_H
#define MODBTF_REGEN_INDEX_CACHE_H

#include "btf/index-file.h"
#include "io/file.h"

/* An index out of the cache, for as long as it is in use; zeroed, none. */
struct kept_index {
	struct file_map file;
};

/*
 * Opens the base @raw and its index out of the cache. False if it is not there, or no good; @kept
 * is to be released with index_cache_release() behind the index.
 */
bool index_cache_open(struct kept_index *kept, const struct digest *digest, struct bytes raw,
		      struct btf *btf, struct btf_index *index, struct btf_caps *caps);
void index_cache_release(struct kept_index *kept);

/* Keeps @index of the base with @digest for other runs, if it is worth it. Fails silently. */
void index_cache_keep(const struct btf_index *index, const struct btf_caps *caps,
		      const struct digest *digest);

/* Is there a directory to look in at all? */
bool index_cache_usable(void);

#endif
