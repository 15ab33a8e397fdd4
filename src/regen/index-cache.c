// SPDX-License-Identifier: GPL-2.0-only
#include "regen/index-cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/replace.h"

#define SYSTEM_DIR "/var/cache/modbtf"
#define SUFFIX ".index"

/* Smaller bases are indexed as fast as they are looked up. */
#define WORTH_KEEPING 10000

/* Indices of so many kernels are kept, those that were made last. */
#define MOST 8

/* Where the caller keeps indices; false if nowhere. */
static bool own_dir(char dir[PATH_MAX])
{
	const char *named = getenv("MODBTF_INDEX_CACHE"), *cache, *home;
	int n;

	if (named) {
		n = snprintf(dir, PATH_MAX, "%s", named);
		return n > 0 && n < PATH_MAX;
	}
	/* Root's environment may be that of whoever became root. */
	if (geteuid() == 0)
		return snprintf(dir, PATH_MAX, "%s", SYSTEM_DIR) > 0;
	cache = getenv("XDG_CACHE_HOME");
	home = getenv("HOME");
	if (cache && cache[0] == '/')
		n = snprintf(dir, PATH_MAX, "%s/modbtf", cache);
	else if (home && home[0] == '/')
		n = snprintf(dir, PATH_MAX, "%s/.cache/modbtf", home);
	else
		return false;
	return n > 0 && n < PATH_MAX;
}

bool index_cache_usable(void)
{
	char dir[PATH_MAX];

	return own_dir(dir);
}

/* Can nobody but root and the caller have written it? */
static bool trusted(const struct stat *st)
{
	return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static int open_dir(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (dir >= 0 && (fstat(dir, &st) || !trusted(&st))) {
		close(dir);
		dir = -1;
	}
	return dir;
}

static void file_name(const struct digest *digest, char name[2 * DIGEST_SIZE + sizeof(SUFFIX)])
{
	digest_hex(digest, name);
	memcpy(name + 2 * (size_t)DIGEST_SIZE, SUFFIX, sizeof(SUFFIX));
}

static bool map_index(struct file_map *file, const char *path, const struct digest *digest)
{
	char name[2 * DIGEST_SIZE + sizeof(SUFFIX)];
	struct stat st;
	int dir = open_dir(path), fd;

	if (dir < 0)
		return false;
	file_name(digest, name);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	close(dir);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) || !trusted(&st) || file_map_fd(file, fd, NULL)) {
		close(fd);
		return false;
	}
	return true;
}

static bool open_in(struct kept_index *kept, const char *path, const struct digest *digest,
		    struct bytes raw, struct btf *btf, struct btf_index *index,
		    struct btf_caps *caps)
{
	if (!map_index(&kept->file, path, digest))
		return false;
	if (index_unpack(kept->file.bytes, digest, raw, btf, index, caps))
		return true;
	index_cache_release(kept);
	return false;
}

bool index_cache_open(struct kept_index *kept, const struct digest *digest, struct bytes raw,
		      struct btf *btf, struct btf_index *index, struct btf_caps *caps)
{
	char dir[PATH_MAX];

	*kept = (struct kept_index){ 0 };
	if (own_dir(dir) && open_in(kept, dir, digest, raw, btf, index, caps))
		return true;
	return !getenv("MODBTF_INDEX_CACHE") && geteuid() != 0 &&
	       open_in(kept, SYSTEM_DIR, digest, raw, btf, index, caps);
}

void index_cache_release(struct kept_index *kept)
{
	file_map_close(&kept->file);
	*kept = (struct kept_index){ 0 };
}

static bool is_index(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len == 2 * DIGEST_SIZE + sizeof(SUFFIX) - 1 &&
	       !strcmp(entry->d_name + 2 * (size_t)DIGEST_SIZE, SUFFIX);
}

/* Removes the oldest until there are no more than MOST. */
static void prune(int dir)
{
	for (;;) {
		char oldest[NAME_MAX + 1] = "";
		struct timespec when = { 0 };
		struct dirent *entry;
		unsigned int nr = 0;
		int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		DIR *stream = copy < 0 ? NULL : fdopendir(copy);
		struct stat st;

		if (!stream) {
			if (copy >= 0)
				close(copy);
			return;
		}
		while ((entry = readdir(stream))) {
			if (!is_index(entry) ||
			    fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
				continue;
			if (!nr++ || st.st_mtim.tv_sec < when.tv_sec ||
			    (st.st_mtim.tv_sec == when.tv_sec &&
			     st.st_mtim.tv_nsec < when.tv_nsec)) {
				when = st.st_mtim;
				snprintf(oldest, sizeof(oldest), "%s", entry->d_name);
			}
		}
		closedir(stream);
		if (nr <= MOST || unlinkat(dir, oldest, 0))
			return;
	}
}

/* Should it be lost half-way with the machine, its digest tells. */
static void write_index(int dir, const char *name, struct bytes packed)
{
	const struct piece piece = { .data = packed };
	struct replacement r;
	bool changed;

	if (replace_begin_cache(&r, dir, name, NULL))
		return;
	replace_commit(&r, &piece, 1, &changed, NULL);
	replace_end(&r);
}

/* The directory and those above it, as far as they are missing. */
static int make_dir(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	mkdir(path, 0755);
	return open_dir(path);
}

void index_cache_keep(const struct btf_index *index, const struct btf_caps *caps,
		      const struct digest *digest)
{
	char path[PATH_MAX], name[2 * DIGEST_SIZE + sizeof(SUFFIX)];
	struct buffer packed = { NULL, 0 };
	int dir;

	if (index->borrowed || index->base->nr < WORTH_KEEPING || !own_dir(path) ||
	    index_pack(index, caps, digest, &packed, NULL))
		return;
	dir = make_dir(path);
	if (dir >= 0) {
		file_name(digest, name);
		write_index(dir, name, buffer_bytes(&packed));
		prune(dir);
		close(dir);
	}
	buffer_free(&packed);
}
