// SPDX-License-Identifier: GPL-2.0-only
#include "regen/debug-search.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rootpath.h"
#include "module/debug-link.h"

void debug_search_init(struct debug_search *search, const struct module *mod,
		       struct debug_places *places, const char *root, struct strlist *warnings)
{
	*search = (struct debug_search){
		.mod = mod, .places = places, .root = root, .warnings = warnings
	};
}

/* Where a module is, symlinks followed (weak-updates has them), and what it is called. */
struct location {
	char directory[PATH_MAX];
	char name[NAME_MAX + 1]; /* without .ko and what follows */
};

static void locate(struct location *where, const char *path)
{
	char real[PATH_MAX];
	const char *slash, *name;

	if (!realpath(path, real))
		snprintf(real, sizeof(real), "%s", path);
	slash = strrchr(real, '/');
	name = slash ? slash + 1 : real;
	snprintf(where->directory, sizeof(where->directory), "%.*s",
		 slash ? (int)(slash - real) : 1, slash ? real : ".");
	snprintf(where->name, sizeof(where->name), "%.*s", NAME_MAX, name);
	if (strstr(where->name, ".ko"))
		*strstr(where->name, ".ko") = '\0';
}

/* .build-id/xx/yyyy.debug; false where the module has no build id. */
static bool build_id_path(const struct module *mod, char *path, size_t size)
{
	struct bytes id = module_build_id(mod);
	size_t len;

	if (!id.size)
		return false;
	len = (size_t)snprintf(path, size, ".build-id/%02x/", id.data[0]);
	for (size_t i = 1; i < id.size; i++)
		len += (size_t)snprintf(path + len, size - len, "%02x", id.data[i]);
	snprintf(path + len, size - len, ".debug");
	return true;
}

#define BUILD_ID_PATH (2 * BUILD_ID_LIMIT + 32)

/* ---- the stages: each adds paths to the queue; 0 or -ENOMEM */

static int add_by_build_id(struct debug_search *s, const struct debug_place *place)
{
	char id[BUILD_ID_PATH];

	if (!build_id_path(s->mod, id, sizeof(id)))
		return 0;
	return strlist_add(&s->queue, "%s/%s", place->path, id);
}

static int add_by_name(struct debug_search *s, struct debug_place *place)
{
	const struct debug_entry *entry;
	struct error why = ERROR_INIT;
	size_t nr;
	int ret = debug_places_find(s->places, place, s->mod->name, &entry, &nr, &why);

	if (ret == -ENOMEM)
		return ret;
	if (ret)
		return strlist_add(s->warnings, "no debug file out of %s: %s", place->path,
				   why.text);
	for (size_t i = 0; i < nr && !ret; i++)
		ret = strlist_add(&s->queue, "%s", entry[i].path);
	return ret;
}

/* Two stages for each place, so that a directory is walked only if the build id leads nowhere. */
static int add_named(struct debug_search *s, size_t stage)
{
	struct debug_place *place = &s->places->at[stage / 2];

	s->named = !place->is_directory;
	if (s->named)
		return stage % 2 ? 0 : strlist_add(&s->queue, "%s", place->path);
	return stage % 2 ? add_by_name(s, place) : add_by_build_id(s, place);
}

static int add_beside(struct debug_search *s)
{
	const char *link = module_debug_link(s->mod);
	struct location where;
	int ret = 0;

	locate(&where, s->mod->path);
	if (link)
		ret = strlist_add(&s->queue, "%s/%s", where.directory, link);
	if (link && !ret)
		ret = strlist_add(&s->queue, "%s/.debug/%s", where.directory, link);
	if (!ret)
		ret = strlist_add(&s->queue, "%s/%s.ko.debug", where.directory, where.name);
	if (!ret)
		ret = strlist_add(&s->queue, "%s/%s.o", where.directory, where.name);
	return ret;
}

static bool is_system_root(const char *root)
{
	return !root[strspn(root, "/")];
}

/* A path under the root; nothing where it does not exist. */
__attribute__((format(printf, 2, 3))) static int add_under_root(struct debug_search *s,
								const char *fmt, ...)
{
	char *path, *real = NULL;
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = vasprintf(&path, fmt, ap);
	va_end(ap);
	if (ret < 0)
		return -ENOMEM;
	/* The kernel itself resolves paths of "/", and messages name them as the user knows them. */
	if (is_system_root(s->root))
		ret = strlist_add(&s->queue, "/%s", path);
	else
		ret = rootpath_resolve(&real, s->root, path);
	if (!ret && real)
		ret = strlist_add(&s->queue, "%s", real);
	free(real);
	free(path);
	return ret == -ENOMEM ? ret : 0;
}

static int add_installed(struct debug_search *s)
{
	static const char *const trees[] = { "lib/modules", "usr/lib/modules" };
	static const char *const suffixes[] = { ".ko.debug", ".ko", ".debug" };
	const char *tail = NULL, *link = module_debug_link(s->mod);
	struct location where;
	char id[BUILD_ID_PATH];
	int ret = 0;

	if (build_id_path(s->mod, id, sizeof(id)))
		ret = add_under_root(s, "usr/lib/debug/%s", id);
	locate(&where, s->mod->path);
	/* RELEASE/kernel/net, RELEASE/updates/dkms, ... */
	for (const char *p = where.directory; (p = strstr(p, "/lib/modules/"));)
		tail = p += strlen("/lib/modules/");
	for (size_t i = 0; tail && i < sizeof(trees) / sizeof(*trees) && !ret; i++) {
		if (link)
			ret = add_under_root(s, "usr/lib/debug/%s/%s/%s", trees[i], tail, link);
		for (size_t j = 0; j < sizeof(suffixes) / sizeof(*suffixes) && !ret; j++)
			ret = add_under_root(s, "usr/lib/debug/%s/%s/%s%s", trees[i], tail,
					     where.name, suffixes[j]);
	}
	return ret;
}

/* ---- the files */

/* Takes down why @path is not used. Returns 1 (go on) or -ENOMEM. */
static int pass_over(struct debug_search *s, const char *path, const struct error *why)
{
	if (s->named) {
		if (!s->why.code) {
			s->why = *why;
			error_in_file(&s->why, path);
		}
		return 1;
	}
	return strlist_add(s->warnings, "debug file passed over: %s: %s", path, why->text) ?
		       -ENOMEM :
		       1;
}

/* Is it the module itself, or was it tried under another name? Returns 1 if so, 0, -ENOMEM. */
static int seen_before(struct debug_search *s, const struct stat *st)
{
	char id[64];
	struct stat own;

	if (!s->named && !stat(s->mod->path, &own) && own.st_dev == st->st_dev &&
	    own.st_ino == st->st_ino)
		return 1;
	snprintf(id, sizeof(id), "%llx:%llx", (unsigned long long)st->st_dev,
		 (unsigned long long)st->st_ino);
	for (size_t i = 0; i < s->seen.nr; i++)
		if (!strcmp(s->seen.items[i], id))
			return 1;
	return strlist_add(&s->seen, "%s", id) ? -ENOMEM : 0;
}

/* Opens it. Returns 0, 1 if it does not serve, -ENOMEM. */
static int try_file(struct debug_search *s, const char *path)
{
	struct error why = ERROR_INIT;
	int ret;

	ret = module_open(&s->file, path, &why);
	if (ret == -ENOMEM)
		return ret;
	if (ret)
		return pass_over(s, path, &why);
	if (!module_has_debug(&s->file)) {
		/* Of files that nobody named that is no news: the module stripped, an object built without -g. */
		ret = 1;
		if (s->named) {
			error_set(&why, -EINVAL, "has no debug info for --debug");
			ret = pass_over(s, path, &why);
		}
	} else {
		ret = module_check_debug(s->mod, &s->file, &why);
		if (ret && ret != -ENOMEM)
			ret = pass_over(s, path, &why);
	}
	if (ret)
		module_close(&s->file);
	return ret;
}

static void close_file(struct debug_search *s)
{
	module_close(&s->file);
	buffer_free(&s->symbols);
	while (s->nr_parts)
		module_close(&s->parts[--s->nr_parts]);
}

/* Opens one that is linked to the object at hand. Returns 1 if it is not there or of no use. */
static int add_part(struct debug_search *s, const char *path)
{
	struct module *part = &s->parts[s->nr_parts];
	int ret = access(path, R_OK) ? 1 : module_open(part, path, NULL);

	if (ret)
		return ret == -ENOMEM ? ret : 1;
	ret = module_has_debug(part) ? module_check_debug_part(s->mod, part, NULL) : 1;
	if (!ret) {
		s->nr_parts++;
		return 0;
	}
	module_close(part);
	return ret == -ENOMEM ? ret : 1;
}

/* The directory that was built is that of the module or one above it. */
static int add_common_part(struct debug_search *s, const char *path)
{
	char at[PATH_MAX + 32];
	char real[PATH_MAX];
	char *slash;
	int ret = 1;

	if (!realpath(path, real))
		return 1;
	while (ret == 1 && (slash = strrchr(real, '/'))) {
		*slash = '\0';
		snprintf(at, sizeof(at), "%s/.module-common.o", real);
		ret = add_part(s, at);
	}
	return ret;
}

/* Returns 0 or -ENOMEM. */
static int add_parts(struct debug_search *s, const char *path)
{
	size_t len = strlen(path);
	char *mod_o;
	int ret;

	if (!module_build_id(&s->file).size &&
	    module_hide_discarded(s->mod, &s->file, &s->symbols, NULL))
		return -ENOMEM;
	if (len < 2 || strcmp(path + len - 2, ".o") != 0)
		return 0;
	if (asprintf(&mod_o, "%.*s.mod.o", (int)(len - 2), path) < 0)
		return -ENOMEM;
	ret = add_part(s, mod_o);
	free(mod_o);
	if (ret >= 0)
		ret = add_common_part(s, path);
	return ret < 0 ? ret : 0;
}

static int try_path(struct debug_search *s, const char *path)
{
	struct error why = ERROR_INIT;
	struct stat st;
	int ret;

	if (stat(path, &st)) {
		ret = errno;
		if (!s->named && (ret == ENOENT || ret == ENOTDIR))
			return 1;
		error_errno(&why, -ret, "cannot be read");
		return pass_over(s, path, &why);
	}
	ret = seen_before(s, &st);
	if (!ret)
		ret = try_file(s, path);
	return ret ? ret : add_parts(s, path);
}

/* Fills the queue for the next stage. Returns 0, -ENODATA when all are through, or an error. */
static int next_stage(struct debug_search *s, struct error *err)
{
	size_t named = s->places ? 2 * s->places->nr : 0, stage = s->stage++;
	int ret;

	strlist_free(&s->queue);
	s->at = 0;
	if (stage < named) {
		ret = add_named(s, stage);
	} else {
		s->named = false;
		if (s->why.code) {
			*err = s->why;
			return err->code;
		}
		if (stage > named + 1)
			return error_set(err, -ENODATA, "no debug info beside it");
		ret = stage == named ? add_beside(s) : add_installed(s);
	}
	return ret ? error_nomem(err) : 0;
}

int debug_search_next(struct debug_search *search, struct error *err)
{
	int ret;

	search->again = false;
	close_file(search);
	for (;;) {
		if (search->at == search->queue.nr) {
			ret = next_stage(search, err);
			if (ret)
				return ret;
			continue;
		}
		ret = try_path(search, search->queue.items[search->at++]);
		if (ret != 1)
			return ret ? error_nomem(err) : 0;
	}
}

int debug_search_reject(struct debug_search *search, struct error *err)
{
	if (err->code == -ENOMEM)
		return err->code;
	if (pass_over(search, search->file.path, err) < 0)
		return error_nomem(err);
	search->again = true;
	return err->code;
}

void debug_search_free(struct debug_search *search)
{
	close_file(search);
	strlist_free(&search->queue);
	strlist_free(&search->seen);
}

int debug_search_check(const struct debug_search *search, struct error *err)
{
	const struct module *file = &search->file;
	int ret = file_map_check(&file->file, err);

	for (unsigned int i = 0; i < search->nr_parts && !ret; i++) {
		file = &search->parts[i];
		ret = file_map_check(&file->file, err);
	}
	return ret ? error_in_file(err, file->path) : 0;
}
