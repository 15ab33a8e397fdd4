// SPDX-License-Identifier: GPL-2.0-only
#include "regen/update-find.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/kernels.h"
#include "base/modules.h"
#include "base/rootpath.h"
#include "util/hash.h"

struct finding {
	struct kernel_set *kernels;
	VEC(struct kernel *) installed; /* those that have a directory, oldest first */
	struct candidates *found;
	struct idtab by_path; /* index + 1 in found */
	size_t root_len; /* of the root without slashes at its end: what paths below it begin with */
};

/* The part of @path below the directory @dir, NULL if it is not there. */
static const char *below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && path[len] == '/' ? path + len + 1 : NULL;
}

static struct kernel *home_of(const struct finding *f, const char *path)
{
	for (uint32_t i = 0; i < f->installed.nr; i++)
		if (below(path, f->installed.at[i]->directory))
			return f->installed.at[i];
	return NULL;
}

static void candidate_free(struct candidate *c)
{
	free(c->path);
	free(c->name);
	free(c->trouble);
	vec_free(&c->users);
}

void candidates_free(struct candidates *found)
{
	for (uint32_t i = 0; i < found->at.nr; i++)
		candidate_free(&found->at.at[i]);
	vec_free(&found->at);
}

static bool in_weak_updates(const struct kernel *kernel, const char *path)
{
	const char *rest = kernel ? below(path, kernel->directory) : NULL;

	return rest && !strncmp(rest, "weak-updates/", strlen("weak-updates/"));
}

/* Adds the file @path, if it is not there. It has been found under @user, if that is not NULL. */
static int add(struct finding *f, const char *path, struct kernel *user, struct candidate **added,
	       struct error *err)
{
	uint32_t hash = hash_bytes(path, strlen(path)), n, pos;
	struct candidate *c = NULL;

	for (n = idtab_first(&f->by_path, hash, &pos); n && !c;
	     n = idtab_next(&f->by_path, hash, &pos))
		if (!strcmp(f->found->at.at[n - 1].path, path))
			c = &f->found->at.at[n - 1];
	if (!c) {
		struct candidate new = { .path = strdup(path),
					 .name = strdup(path),
					 .home = home_of(f, path) };

		if (!new.path || !new.name || !vec_push(&f->found->at, new)) {
			candidate_free(&new);
			return error_nomem(err);
		}
		if (!idtab_add(&f->by_path, hash, f->found->at.nr))
			return error_nomem(err);
		c = &f->found->at.at[f->found->at.nr - 1];
		c->weak = in_weak_updates(c->home, path);
	}
	*added = c;
	for (uint32_t i = 0; i < c->users.nr; i++)
		if (c->users.at[i] == user)
			return 0;
	return !user || vec_push(&c->users, user) ? 0 : error_nomem(err);
}

static int add_trouble(struct finding *f, const char *link, struct kernel *user, const char *why,
		       struct error *err)
{
	struct candidate *c;
	int ret = add(f, link, user, &c, err);

	if (ret || c->trouble)
		return ret;
	c->trouble = strdup(why);
	return c->trouble ? 0 : error_nomem(err);
}

/* What speaks against the file @path, to which a link of a kernel leads; NULL: nothing. */
static const char *trouble_of(const struct finding *f, const char *path)
{
	const struct kernel *home = home_of(f, path);
	struct stat st;

	if (home && !strncmp(below(path, home->directory), "kernel/", strlen("kernel/")))
		return "a link to one of the kernel's own modules";
	if (lstat(path, &st))
		return "a link to what cannot be examined";
	return S_ISREG(st.st_mode) ? NULL : "a link to what is no file";
}

/* The file @path, to which a link leads, or the link of a directory above it. */
static int add_behind_link(struct finding *f, const char *path, struct kernel *user,
			   struct error *err)
{
	struct candidate *c;
	int ret = add(f, path, user, &c, err);

	if (!ret)
		c->weak = true;
	return ret;
}

/* Where the link @path leads to, as seen from inside the root. */
static int add_link(struct finding *f, const char *path, struct kernel *user, struct error *err)
{
	const char *why;
	char *real;
	int ret;

	ret = rootpath_resolve(&real, f->kernels->bases->root, path + f->root_len);
	if (ret == -ENOMEM)
		return error_nomem(err);
	if (ret == -ENOENT || ret == -ENOTDIR)
		return add_trouble(f, path, user, "a link to what is not there", err);
	if (ret == -ELOOP)
		return add_trouble(f, path, user, "a link that leads back to itself", err);
	if (ret)
		return add_trouble(f, path, user, "a link that cannot be followed", err);
	why = trouble_of(f, real);
	ret = why ? add_trouble(f, path, user, why, err) : add_behind_link(f, real, user, err);
	free(real);
	return ret;
}

/* A module that was found for @kernel, in its directory or in one that a link from there leads to. */
static int add_found(struct finding *f, const char *path, struct kernel *kernel, struct error *err)
{
	struct candidate *c;
	struct stat st;

	if (lstat(path, &st)) {
		if (errno == ENOENT)
			return 0; /* gone meanwhile */
		error_errno(err, -errno, "cannot examine");
		return error_in_file(err, path);
	}
	if (S_ISLNK(st.st_mode))
		return add_link(f, path, kernel, err);
	if (below(path, kernel->directory))
		return add(f, path, kernel, &c, err);
	return trouble_of(f, path) ? 0 : add_behind_link(f, path, kernel, err);
}

static int find_under(struct finding *f, struct kernel *kernel, struct error *err)
{
	struct strlist paths = { 0 };
	int ret;

	ret = modules_list_extra(f->kernels->bases->root, kernel->directory, &paths, err);
	for (size_t i = 0; i < paths.nr && !ret; i++)
		ret = add_found(f, paths.items[i], kernel, err);
	strlist_free(&paths);
	return ret;
}

/* A directory that is a link to another kernel's is no other kernel. */
static bool is_known(const struct finding *f, const char *directory)
{
	for (uint32_t i = 0; i < f->installed.nr; i++)
		if (!strcmp(f->installed.at[i]->directory, directory))
			return true;
	return false;
}

static bool is_named_after(const struct kernel *kernel)
{
	const char *slash = strrchr(kernel->directory, '/');

	return slash && !strcmp(slash + 1, kernel->release);
}

static int find_kernels(struct finding *f, struct error *err)
{
	struct strlist releases = { 0 };
	int ret;

	ret = kernels_list(f->kernels->bases->root, &releases, err);
	for (size_t pass = 0; pass < 2 && !ret; pass++) {
		for (size_t i = 0; i < releases.nr && !ret; i++) {
			struct kernel *k;

			ret = kernel_set_get(f->kernels, releases.items[i], &k, err);
			if (ret || !k->directory || is_named_after(k) == pass ||
			    is_known(f, k->directory))
				continue;
			if (!vec_push(&f->installed, k))
				ret = error_nomem(err);
		}
	}
	strlist_free(&releases);
	return ret;
}

/*
 * The file that the caller calls @path: behind all links, and behind those in the root as they are
 * seen from inside of it. What cannot be found out keeps its name, and opening it will say why.
 * @inside: it lies below a root that is not "/", where only we follow links as they are meant.
 */
static char *named_file(const struct finding *f, const char *path, bool *inside)
{
	const char *root = f->kernels->bases->root;
	char *real = NULL, *real_root = NULL, *rest;

	*inside = f->root_len && !strncmp(path, root, f->root_len) && path[f->root_len] == '/';
	if (*inside)
		return rootpath_resolve(&real, root, path + f->root_len) ? strdup(path) : real;
	real = realpath(path, NULL);
	real_root = f->root_len ? realpath(root, NULL) : NULL;
	/* The root may be called otherwise than in @path. */
	if (real && real_root && below(real, real_root) &&
	    asprintf(&rest, "%.*s%s", (int)f->root_len, root, real + strlen(real_root)) >= 0) {
		free(real);
		real = rest;
		*inside = true;
	}
	free(real_root);
	return real ? real : strdup(path);
}

static int add_named(struct finding *f, const char *const *paths, size_t nr, struct error *err)
{
	struct candidate *c;
	int ret = 0;

	for (size_t i = 0; i < nr && !ret; i++) {
		bool inside;
		char *real = named_file(f, paths[i], &inside), *name = NULL;

		ret = real ? add(f, real, NULL, &c, err) : error_nomem(err);
		free(real);
		if (ret)
			return ret;
		if (!inside && !c->named) {
			name = strdup(paths[i]);
			if (!name)
				return error_nomem(err);
			free(c->name);
			c->name = name;
		}
		c->named = true;
	}
	return ret;
}

static bool is_wanted(const struct candidate *c, const char *const *releases, size_t nr_releases,
		      bool named)
{
	if (named)
		return c->named;
	for (uint32_t i = 0; i < c->users.nr; i++)
		for (size_t j = 0; j < nr_releases; j++)
			if (!strcmp(c->users.at[i]->release, releases[j]))
				return true;
	return !nr_releases;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct candidate *)a)->path, ((const struct candidate *)b)->path);
}

static void select_wanted(struct candidates *found, const char *const *releases, size_t nr_releases,
			  bool named)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < found->at.nr; i++) {
		if (is_wanted(&found->at.at[i], releases, nr_releases, named))
			found->at.at[nr++] = found->at.at[i];
		else
			candidate_free(&found->at.at[i]);
	}
	found->at.nr = nr;
	if (nr)
		qsort(found->at.at, nr, sizeof(*found->at.at), compare);
}

/* A release that the caller names has to be there, unless it only says what files are for. */
static int check_releases(struct kernel_set *kernels, const char *const *releases, size_t nr,
			  struct error *err)
{
	for (size_t i = 0; i < nr; i++) {
		char *directory;
		int ret = modules_directory(kernels->bases->root, releases[i], &directory, err);

		if (ret)
			return ret;
		free(directory);
	}
	return 0;
}

int candidates_find(struct kernel_set *kernels, const char *const *releases, size_t nr_releases,
		    const char *const *paths, size_t nr_paths, struct candidates *found,
		    struct error *err)
{
	struct finding f = { .kernels = kernels,
			     .found = found,
			     .root_len = strlen(kernels->bases->root) };
	int ret = 0;

	*found = (struct candidates){ 0 };
	while (f.root_len && kernels->bases->root[f.root_len - 1] == '/')
		f.root_len--;
	if (!nr_paths)
		ret = check_releases(kernels, releases, nr_releases, err);
	if (!ret)
		ret = find_kernels(&f, err);
	for (uint32_t i = 0; i < f.installed.nr && !ret; i++)
		ret = find_under(&f, f.installed.at[i], err);
	if (!ret)
		ret = add_named(&f, paths, nr_paths, err);
	if (!ret)
		select_wanted(found, releases, nr_releases, nr_paths > 0);
	vec_free(&f.installed);
	idtab_free(&f.by_path);
	return ret;
}
