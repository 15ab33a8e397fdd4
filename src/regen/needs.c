// SPDX-License-Identifier: GPL-2.0-only
#include "regen/needs.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/kernels.h"
#include "base/modules.h"
#include "base/rootpath.h"
#include "module/note.h"

/* A file that has been looked at. */
struct file_id {
	dev_t dev;
	ino_t ino;
};

struct reading {
	struct needs *needs;
	const char *root;
	VEC(struct file_id) files;
};

static int add_need(struct needs *needs, const struct digest *digest, struct error *err)
{
	const struct need need = { *digest, 1 };

	for (uint32_t i = 0; i < needs->at.nr; i++) {
		if (digest_equal(&needs->at.at[i].digest, digest)) {
			needs->at.at[i].nr++;
			return 0;
		}
	}
	return vec_push(&needs->at, need) ? 0 : error_nomem(err);
}

/* What the module at @path says. */
static int read_note(struct needs *needs, const char *path, struct error *err)
{
	struct error why = ERROR_INIT;
	struct module mod;
	struct note note;
	int ret;

	ret = module_open(&mod, path, &why);
	if (!ret) {
		ret = note_read(&mod, &note, &why);
		module_close(&mod);
	}
	if (ret == -ENOENT)
		return 0; /* it has no note, or has just been removed */
	if (!ret)
		return note.mode == NOTE_MODE_PLAIN ? add_need(needs, &note.base, err) : 0;
	if (ret == -ENOMEM || strlist_add(&needs->unknown, "%s: %s", path, why.text))
		return error_nomem(err);
	return 0;
}

/* Has the file been looked at under another name? It has from now on. 1, 0 or -ENOMEM. */
static int seen_before(struct reading *r, const struct stat *st)
{
	const struct file_id id = { st->st_dev, st->st_ino };

	for (uint32_t i = 0; i < r->files.nr; i++)
		if (r->files.at[i].dev == id.dev && r->files.at[i].ino == id.ino)
			return 1;
	return vec_push(&r->files, id) ? 0 : -ENOMEM;
}

/* The path of the file behind @path, under the root, to be freed. */
static int find_file(const struct reading *r, const char *path, char **real)
{
	size_t len = strlen(r->root);
	struct stat st;

	while (len && r->root[len - 1] == '/')
		len--;
	if (lstat(path, &st))
		return -errno;
	if (S_ISLNK(st.st_mode) && !strncmp(path, r->root, len))
		return rootpath_resolve(real, r->root, path + len);
	*real = strdup(path);
	return *real ? 0 : -ENOMEM;
}

static int read_module(struct reading *r, const char *path, struct error *err)
{
	struct stat st;
	char *real;
	int ret;

	ret = find_file(r, path, &real);
	if (!ret) {
		ret = stat(real, &st) ? -errno : seen_before(r, &st);
		if (!ret)
			ret = read_note(r->needs, real, err);
		else if (ret == 1)
			ret = 0;
		free(real);
	}
	if (ret == -ENOENT)
		return 0; /* a link to nothing, or just removed */
	if (ret && ret != -ENOMEM)
		ret = strlist_add(&r->needs->unknown, "%s: %s", path, strerror(-ret)) ? -ENOMEM : 0;
	return ret ? error_nomem(err) : 0;
}

static int read_kernel(struct reading *r, const char *release, struct error *err)
{
	struct strlist paths = { 0 };
	int ret;

	ret = modules_list(r->root, release, &paths, err);
	if (ret == -ENOENT)
		ret = 0; /* only its image is there */
	for (size_t i = 0; i < paths.nr && !ret; i++)
		ret = read_module(r, paths.items[i], err);
	strlist_free(&paths);
	return ret;
}

int needs_read(struct needs *needs, const char *root, struct error *err)
{
	struct reading r = { .needs = needs, .root = root };
	struct strlist kernels = { 0 };
	int ret;

	*needs = (struct needs){ 0 };
	ret = kernels_list(root, &kernels, err);
	for (size_t i = 0; i < kernels.nr && !ret; i++)
		ret = read_kernel(&r, kernels.items[i], err);
	strlist_free(&kernels);
	vec_free(&r.files);
	return ret;
}

void needs_free(struct needs *needs)
{
	vec_free(&needs->at);
	strlist_free(&needs->unknown);
}

uint32_t needs_count(const struct needs *needs, const struct digest *digest)
{
	for (uint32_t i = 0; i < needs->at.nr; i++)
		if (digest_equal(&needs->at.at[i].digest, digest))
			return needs->at.at[i].nr;
	return 0;
}
