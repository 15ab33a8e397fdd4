// SPDX-License-Identifier: GPL-2.0-only
#include "regen/index-cache.h"

#include "regen/cache-dir.h"

#define SUFFIX ".index"

/* Smaller bases are indexed as fast as they are looked up. */
#define WORTH_KEEPING 10000

/* Indices of so many kernels are kept, those that were made last. */
#define MOST 8

bool index_cache_usable(void)
{
	return cache_dir_usable();
}

static bool open_in(struct kept_index *kept, enum cache_dir which, const struct digest *digest,
		    struct bytes raw, struct btf *btf, struct btf_index *index,
		    struct btf_caps *caps)
{
	char name[CACHE_NAME_SIZE];

	cache_dir_name(digest, SUFFIX, name);
	if (!cache_dir_open(which, name, &kept->file))
		return false;
	if (index_unpack(kept->file.bytes, digest, raw, btf, index, caps))
		return true;
	index_cache_release(kept);
	return false;
}

bool index_cache_open(struct kept_index *kept, const struct digest *digest, struct bytes raw,
		      struct btf *btf, struct btf_index *index, struct btf_caps *caps)
{
	*kept = (struct kept_index){ 0 };
	return open_in(kept, CACHE_DIR_OWN, digest, raw, btf, index, caps) ||
	       open_in(kept, CACHE_DIR_SYSTEM, digest, raw, btf, index, caps);
}

void index_cache_release(struct kept_index *kept)
{
	file_map_close(&kept->file);
	*kept = (struct kept_index){ 0 };
}

void index_cache_keep(const struct btf_index *index, const struct btf_caps *caps,
		      const struct digest *digest)
{
	struct buffer packed = { NULL, 0 };

	if (index->borrowed || index->base->nr < WORTH_KEEPING || !cache_dir_usable() ||
	    index_pack(index, caps, digest, &packed, NULL))
		return;
	cache_dir_keep(digest, SUFFIX, MOST, buffer_bytes(&packed));
	buffer_free(&packed);
}
