// SPDX-License-Identifier: GPL-2.0-only
#include "regen/known-base.h"

#include <sys/stat.h>
#include <time.h>

#include "base/base.h"
#include "regen/cache-dir.h"

#define SUFFIX ".base"

/* Kernels come and go; a file is of 100 bytes. */
#define MOST 64

/* Times of files are as coarse as this on some file systems (FAT, old NFS), seconds. */
#define COARSE 2

/* A kept file: magic, stamp, digest of the base, relocates, digest of all that. Little endian. */
enum {
	AT_MAGIC = 0,
	AT_STAMP = 8,
	AT_DIGEST = 64,
	AT_RELOCATES = 80,
	AT_CHECK = 88,
	FILE_SIZE = 104,
};

static const char magic[8] = "MODBTFK1";

bool file_stamp_take(struct file_stamp *stamp, const char *path)
{
	struct timespec now;
	struct stat st;

	/* Files in sysfs have no blocks, and times that mean nothing. */
	if (stat(path, &st) || !S_ISREG(st.st_mode) || !st.st_blocks ||
	    clock_gettime(CLOCK_REALTIME, &now))
		return false;
	*stamp = (struct file_stamp){
		.fields = { st.st_dev, st.st_ino, (uint64_t)st.st_size, (uint64_t)st.st_mtim.tv_sec,
			    (uint64_t)st.st_mtim.tv_nsec, (uint64_t)st.st_ctim.tv_sec,
			    (uint64_t)st.st_ctim.tv_nsec },
		.settled = now.tv_sec - st.st_ctim.tv_sec > COARSE
	};
	return true;
}

static struct digest key_of(const char *release, const char *path)
{
	struct digest_state state;

	digest_init(&state);
	digest_update(&state, release, strlen(release) + 1);
	digest_update(&state, path, strlen(path) + 1);
	return digest_final(&state);
}

static void put_stamp(uint8_t *to, const struct file_stamp *stamp)
{
	for (size_t i = 0; i < sizeof(stamp->fields) / sizeof(stamp->fields[0]); i++)
		store_u64(to + 8 * i, stamp->fields[i], false);
}

static bool parse(struct known_base *known, struct bytes content, const struct file_stamp *stamp)
{
	uint8_t want[AT_DIGEST - AT_STAMP];
	struct digest check;

	if (content.size != FILE_SIZE || memcmp(content.data + AT_MAGIC, magic, sizeof(magic)))
		return false;
	check = digest_bytes((struct bytes){ content.data, AT_CHECK });
	put_stamp(want, stamp);
	if (memcmp(content.data + AT_CHECK, check.bytes, DIGEST_SIZE) ||
	    memcmp(content.data + AT_STAMP, want, sizeof(want)))
		return false;
	memcpy(known->digest.bytes, content.data + AT_DIGEST, DIGEST_SIZE);
	known->relocates = load_u64(content.data + AT_RELOCATES, false) != 0;
	return true;
}

bool known_base_recall(struct known_base *known, const char *release, const char *path,
		       const struct file_stamp *stamp)
{
	static const enum cache_dir dirs[] = { CACHE_DIR_OWN, CACHE_DIR_SYSTEM };
	struct digest key = key_of(release, path);
	char name[CACHE_NAME_SIZE];
	struct file_map file;
	bool found = false;

	cache_dir_name(&key, SUFFIX, name);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && !found; i++) {
		if (!cache_dir_open(dirs[i], name, &file))
			continue;
		found = parse(known, file.bytes, stamp);
		file_map_close(&file);
	}
	return found;
}

void known_base_keep(const struct known_base *known, const char *release, const char *path,
		     const struct file_stamp *before)
{
	struct digest key = key_of(release, path), check;
	uint8_t content[FILE_SIZE] = { 0 };
	struct file_stamp now;

	if (!before->settled || !file_stamp_take(&now, path) ||
	    memcmp(now.fields, before->fields, sizeof(now.fields)))
		return;
	memcpy(content + AT_MAGIC, magic, sizeof(magic));
	put_stamp(content + AT_STAMP, before);
	memcpy(content + AT_DIGEST, known->digest.bytes, DIGEST_SIZE);
	store_u64(content + AT_RELOCATES, known->relocates, false);
	check = digest_bytes((struct bytes){ content, AT_CHECK });
	memcpy(content + AT_CHECK, check.bytes, DIGEST_SIZE);
	cache_dir_keep(&key, SUFFIX, MOST, (struct bytes){ content, FILE_SIZE });
}

bool known_base_differs(const char *release, const char *root, const struct digest *digest,
			char **path)
{
	struct file_stamp stamp;
	struct known_base known;

	if (base_first(path, release, root, NULL, BASE_PREFER_DISK, NULL))
		return false;
	if (file_stamp_take(&stamp, *path) && known_base_recall(&known, release, *path, &stamp) &&
	    !digest_equal(&known.digest, digest))
		return true;
	free(*path);
	return false;
}
