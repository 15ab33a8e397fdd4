// SPDX-License-Identifier: GPL-2.0-only
#include "base/modules.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/release.h"
#include "base/rootpath.h"
#include "io/dir.h"
#include "util/vec.h"

static bool is_module(const char *name)
{
	static const char *const suffixes[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };
	const size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		const size_t n = strlen(suffixes[i]);

		if (len > n && !strcmp(name + len - n, suffixes[i]))
			return true;
	}
	return false;
}

struct directory_id {
	dev_t dev;
	ino_t ino;
};

/* A walk through what is below a directory, as depmod does it: links to directories are followed. */
struct walk {
	const char *root; /* "" for "/" */
	const char *top;  /* where it began */
	bool extra;	  /* pass over what is the kernel's own */
	struct strlist *paths;
	struct strlist todo; /* directories, without links in their paths */
	VEC(struct directory_id) seen;
};

/* depmod enters neither of the first two, wherever they are; the last is of io/staged.c or io/workdir.c. */
static bool is_passed_over(const struct walk *w, const char *directory, const char *name)
{
	return !strcmp(name, "build") || !strcmp(name, "source") ||
	       (w->extra && !strcmp(name, "kernel") && !strcmp(directory, w->top)) ||
	       !strncmp(name, ".modbtf-", strlen(".modbtf-"));
}

/* Is it below the kernel's own, which a link has led to? */
static bool is_kernels_own(const struct walk *w, const char *path)
{
	const size_t len = strlen(w->top), own = strlen("/kernel");

	return w->extra && !strncmp(path, w->top, len) && !strncmp(path + len, "/kernel", own) &&
	       (path[len + own] == '/' || !path[len + own]);
}

/* Where the link @path leads to, if that is a directory. What leads nowhere is no module. */
static int follow_link(struct walk *w, const char *path)
{
	struct stat st;
	char *real;
	int ret;

	ret = rootpath_resolve(&real, w->root, path + strlen(w->root));
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	if (!stat(real, &st) && S_ISDIR(st.st_mode) && !is_kernels_own(w, real) &&
	    strlist_add(&w->todo, "%s", real))
		ret = -ENOMEM;
	free(real);
	return ret;
}

/* Returns 0 or a negative errno. */
static int take_entry(struct walk *w, int fd, const char *directory, const struct dirent *entry)
{
	unsigned char type = entry->d_type;
	struct stat st;
	char *path;
	int ret = 0;

	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
		return 0;
	if (type == DT_UNKNOWN) {
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			return errno == ENOENT ? 0 : -errno;
		type = IFTODT(st.st_mode);
	}
	if (asprintf(&path, "%s/%s", directory, entry->d_name) < 0)
		return -ENOMEM;
	if (is_module(entry->d_name) && (type == DT_REG || type == DT_LNK))
		ret = strlist_add(w->paths, "%s", path) ? -ENOMEM : 0;
	else if (is_passed_over(w, directory, entry->d_name))
		ret = 0;
	else if (type == DT_DIR)
		ret = strlist_add(&w->todo, "%s", path) ? -ENOMEM : 0;
	else if (type == DT_LNK)
		ret = follow_link(w, path);
	free(path);
	return ret;
}

/* Has the directory been read before? Links may lead to it, and in circles. 1, 0 or -ENOMEM. */
static int seen_before(struct walk *w, const struct stat *st)
{
	const struct directory_id id = { st->st_dev, st->st_ino };

	for (uint32_t i = 0; i < w->seen.nr; i++)
		if (w->seen.at[i].dev == id.dev && w->seen.at[i].ino == id.ino)
			return 1;
	return vec_push(&w->seen, id) ? 0 : -ENOMEM;
}

static int read_entries(struct walk *w, DIR *stream, const char *directory)
{
	struct dirent *entry;
	struct stat st;
	int ret;

	if (fstat(dirfd(stream), &st))
		return -errno;
	ret = seen_before(w, &st);
	if (ret)
		return ret == 1 ? 0 : ret;
	while (!ret && (errno = 0, entry = readdir(stream)))
		ret = take_entry(w, dirfd(stream), directory, entry);
	return ret || !errno ? ret : -errno;
}

static int read_directory(struct walk *w, const char *directory, struct error *err)
{
	DIR *stream = dir_open(AT_FDCWD, directory);
	int ret = stream ? read_entries(w, stream, directory) : -errno;

	if (stream)
		closedir(stream);
	/* Another program may be at work here, and we ourselves too. */
	if (!ret || (ret == -ENOENT && strcmp(directory, w->top)))
		return 0;
	return ret == -ENOMEM ? error_nomem(err) :
				error_errno(err, ret, "cannot read %s", directory);
}

static int walk(struct walk *w, struct error *err)
{
	int ret = strlist_add(&w->todo, "%s", w->top) ? error_nomem(err) : 0;

	for (size_t i = 0; i < w->todo.nr && !ret; i++)
		ret = read_directory(w, w->todo.items[i], err);
	strlist_free(&w->todo);
	vec_free(&w->seen);
	return ret;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The directory @place of @root; -ENOENT also where something else is there. */
static int find_directory(const char *root, const char *place, const char *release,
			  char **directory)
{
	struct stat st;
	char *path;
	int ret;

	if (asprintf(&path, "%s/%s", place, release) < 0)
		return -ENOMEM;
	ret = rootpath_resolve(directory, root, path);
	free(path);
	if (ret)
		return ret == -ENOTDIR || ret == -ELOOP ? -ENOENT : ret;
	if (stat(*directory, &st))
		ret = -errno;
	else if (!S_ISDIR(st.st_mode))
		ret = -ENOENT;
	if (ret)
		free(*directory);
	return ret;
}

int modules_directory(const char *root, const char *release, char **directory, struct error *err)
{
	static const char *const places[] = { "lib/modules", "usr/lib/modules" };
	int ret = -ENOENT;

	if (!release_valid(release))
		return error_set(err, -EINVAL, "'%s' is no kernel release", release);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && ret == -ENOENT; i++)
		ret = find_directory(root, places[i], release, directory);
	if (ret == -ENOENT)
		return error_set(err, ret, "no modules of kernel %s under %s: name another with -k",
				 release, root);
	return ret ? error_errno(err, ret, "cannot look for modules of kernel %s under %s", release,
				 root) :
		     0;
}

/* @root: without slashes at its end. */
static int list_below(const char *root, const char *directory, bool extra, struct strlist *paths,
		      struct error *err)
{
	struct walk w = { .root = root, .top = directory, .extra = extra, .paths = paths };
	const size_t first = paths->nr;
	int ret = walk(&w, err);

	if (ret)
		return error_in_file(err, directory);
	if (paths->nr > first)
		qsort(paths->items + first, paths->nr - first, sizeof(*paths->items),
		      compare_paths);
	return 0;
}

static int list(const char *root, const char *directory, bool extra, struct strlist *paths,
		struct error *err)
{
	size_t len = strlen(root);
	char *clean;
	int ret;

	while (len && root[len - 1] == '/')
		len--;
	clean = strndup(root, len);
	if (!clean)
		return error_nomem(err);
	ret = list_below(clean, directory, extra, paths, err);
	free(clean);
	return ret;
}

int modules_list(const char *root, const char *release, struct strlist *paths, struct error *err)
{
	char *directory;
	int ret = modules_directory(root, release, &directory, err);

	if (ret)
		return ret;
	ret = list(root, directory, false, paths, err);
	free(directory);
	return ret;
}

int modules_list_extra(const char *root, const char *directory, struct strlist *paths,
		       struct error *err)
{
	return list(root, directory, true, paths, err);
}
