// SPDX-License-Identifier: GPL-2.0-only
#include "base/kernels.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/release.h"
#include "base/rootpath.h"
#include "io/dir.h"

/* What stands before the release in names of a directory. */
static const struct place {
	const char *directory;
	const char *prefix;
} places[] = {
	{ "lib/modules", "" },
	{ "usr/lib/modules", "" },
	{ "boot", "vmlinuz-" },
};

static bool listed(const struct strlist *releases, const char *release)
{
	for (size_t i = 0; i < releases->nr; i++)
		if (!strcmp(releases->items[i], release))
			return true;
	return false;
}

static int read_names(DIR *stream, const char *prefix, struct strlist *releases, struct error *err)
{
	const size_t skip = strlen(prefix);
	struct dirent *entry;

	while ((errno = 0, entry = readdir(stream))) {
		const char *release = entry->d_name + skip;

		if (strncmp(entry->d_name, prefix, skip) || *release == '.' ||
		    !release_valid(release) || listed(releases, release))
			continue;
		if (strlist_add(releases, "%s", release))
			return error_nomem(err);
	}
	return errno ? error_errno(err, -errno, "cannot read it") : 0;
}

static int list_directory(const char *path, const char *prefix, struct strlist *releases,
			  struct error *err)
{
	DIR *stream = dir_open(AT_FDCWD, path);
	int ret;

	if (!stream)
		return errno == ENOTDIR ? 0 : error_errno(err, -errno, "cannot open it");
	ret = read_names(stream, prefix, releases, err);
	closedir(stream);
	return ret;
}

static int list_place(const char *root, const struct place *place, struct strlist *releases,
		      struct error *err)
{
	char *path;
	int ret;

	ret = rootpath_resolve(&path, root, place->directory);
	if (ret == -ENOENT || ret == -ENOTDIR)
		return 0;
	if (ret)
		return error_errno(err, ret, "cannot look for %s under %s", place->directory, root);
	ret = list_directory(path, place->prefix, releases, err);
	if (ret)
		error_in_file(err, path);
	free(path);
	return ret;
}

static int compare_releases(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

int kernels_list(const char *root, struct strlist *releases, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && !ret; i++)
		ret = list_place(root, &places[i], releases, err);
	if (!ret && releases->nr)
		qsort(releases->items, releases->nr, sizeof(*releases->items), compare_releases);
	return ret;
}
