// SPDX-License-Identifier: GPL-2.0-only
#include "base/modules.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/release.h"
#include "base/rootpath.h"

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

/* What is directly in a kernel's directory and holds no modules from elsewhere. */
static bool is_kernels_own(const FTSENT *entry)
{
	return entry->fts_level == 1 &&
	       (!strcmp(entry->fts_name, "kernel") || !strcmp(entry->fts_name, "build") ||
		!strcmp(entry->fts_name, "source"));
}

/* A temporary of io/staged.c or io/workdir.c. */
static bool is_ours(const FTSENT *entry)
{
	return !strncmp(entry->fts_name, ".modbtf-", strlen(".modbtf-"));
}

/* @extra: pass over what is the kernel's own. */
static int walk(char *directory, bool extra, struct strlist *paths, struct error *err)
{
	char *const start[] = { directory, NULL };
	FTSENT *entry;
	int ret = 0;
	FTS *fts;

	fts = fts_open(start, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!fts)
		return error_errno(err, -errno, "cannot read it");
	while (!ret && (errno = 0, entry = fts_read(fts))) {
		switch (entry->fts_info) {
		case FTS_D:
			if ((extra && is_kernels_own(entry)) || is_ours(entry))
				fts_set(fts, entry, FTS_SKIP);
			break;
		case FTS_F:
		case FTS_SL:
			if (is_module(entry->fts_name) && strlist_add(paths, "%s", entry->fts_path))
				ret = error_nomem(err);
			break;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			/* Another program may be at work here, and we ourselves too. */
			if (entry->fts_errno == ENOENT || is_ours(entry))
				break;
			ret = error_errno(err, -entry->fts_errno, "cannot read %s",
					  entry->fts_path);
			break;
		default:
			break;
		}
	}
	if (!ret && errno)
		ret = error_errno(err, -errno, "cannot read it");
	fts_close(fts);
	return ret;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int modules_directory(const char *root, const char *release, char **directory, struct error *err)
{
	static const char *const places[] = { "lib/modules", "usr/lib/modules" };
	int ret = -ENOENT;

	if (!release_valid(release))
		return error_set(err, -EINVAL, "'%s' is no kernel release", release);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && ret; i++) {
		struct stat st;
		char *path;

		if (asprintf(&path, "%s/%s", places[i], release) < 0)
			return error_nomem(err);
		ret = rootpath_resolve(directory, root, path);
		free(path);
		if (!ret && (stat(*directory, &st) || !S_ISDIR(st.st_mode))) {
			free(*directory);
			ret = -ENOENT;
		}
	}
	if (ret)
		return error_set(err, ret, "no modules of kernel %s under %s: name another with -k",
				 release, root);
	return 0;
}

static int list(char *directory, bool extra, struct strlist *paths, struct error *err)
{
	const size_t first = paths->nr;
	int ret = walk(directory, extra, paths, err);

	if (ret)
		return error_in_file(err, directory);
	if (paths->nr > first)
		qsort(paths->items + first, paths->nr - first, sizeof(*paths->items),
		      compare_paths);
	return 0;
}

int modules_list(const char *root, const char *release, struct strlist *paths, struct error *err)
{
	char *directory;
	int ret = modules_directory(root, release, &directory, err);

	if (ret)
		return ret;
	ret = list(directory, false, paths, err);
	free(directory);
	return ret;
}

int modules_list_extra(char *directory, struct strlist *paths, struct error *err)
{
	return list(directory, true, paths, err);
}
