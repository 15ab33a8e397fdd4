// SPDX-License-Identifier: GPL-2.0-only
#include "regen/cache-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/dir.h"
#include "io/replace.h"

#define SYSTEM_DIR "/var/cache/modbtf"

/* Where the caller keeps things; false if nowhere. */
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

bool cache_dir_usable(void)
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

static bool open_in(const char *path, const char *name, struct file_map *file)
{
	struct stat st;
	int dir = open_dir(path), fd;

	if (dir < 0)
		return false;
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

bool cache_dir_open(enum cache_dir which, const char *name, struct file_map *file)
{
	char dir[PATH_MAX];

	*file = (struct file_map){ 0 };
	if (which == CACHE_DIR_OWN)
		return own_dir(dir) && open_in(dir, name, file);
	return !getenv("MODBTF_INDEX_CACHE") && geteuid() != 0 && open_in(SYSTEM_DIR, name, file);
}

/* Names are digests and what sort of thing it is. */
static bool is_of_sort(const struct dirent *entry, const char *suffix)
{
	size_t len = strlen(entry->d_name);

	return len == 2 * DIGEST_SIZE + strlen(suffix) &&
	       !strcmp(entry->d_name + 2 * (size_t)DIGEST_SIZE, suffix);
}

/* Removes the oldest of a sort until there are no more than @most. */
static void prune(int dir, const char *suffix, unsigned int most)
{
	for (;;) {
		char oldest[NAME_MAX + 1] = "";
		struct timespec when = { 0 };
		struct dirent *entry;
		unsigned int nr = 0;
		DIR *stream = dir_open(dir, ".");
		struct stat st;

		if (!stream)
			return;
		while ((entry = readdir(stream))) {
			if (!is_of_sort(entry, suffix) ||
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
		if (nr <= most || unlinkat(dir, oldest, 0))
			return;
	}
}

/* Should it be lost half-way with the machine, its digest tells. */
static void write_file(int dir, const char *name, struct bytes content)
{
	const struct piece piece = { .data = content };
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

void cache_dir_keep(const struct digest *key, const char *suffix, unsigned int most,
		    struct bytes content)
{
	char path[PATH_MAX], name[CACHE_NAME_SIZE];
	int dir;

	if (!own_dir(path))
		return;
	dir = make_dir(path);
	if (dir < 0)
		return;
	cache_dir_name(key, suffix, name);
	write_file(dir, name, content);
	prune(dir, suffix, most);
	close(dir);
}

void cache_dir_name(const struct digest *key, const char *suffix, char name[CACHE_NAME_SIZE])
{
	digest_hex(key, name);
	snprintf(name + 2 * (size_t)DIGEST_SIZE, CACHE_NAME_SIZE - 2 * (size_t)DIGEST_SIZE, "%s",
		 suffix);
}
