// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the base of a kernel release is: base_find() and base_find_installed().
 */
#include "base/base.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/rootpath.h"
#include "base/store.h"
#include "io/dir.h"
#include "util/strlist.h"

#define RUNNING_BASE "sys/kernel/btf/vmlinux"

/*
 * The places, in the order of asking, NULL at the end. %s is the release. A component may have one
 * '*', which stands for any characters but a leading dot. On systems with a merged /usr lib/ and
 * usr/lib/ are one (a file is tried once), in extracted packages they are not.
 */

/*
 * What needs no unpacking. It comes from packages of their own, or from a build tree, which need not
 * be in step with the image that boots.
 */
static const char *const beside[] = {
	"lib/modules/%s/vmlinux",
	"usr/lib/modules/%s/vmlinux",
	"lib/modules/%s/build/vmlinux", /* headers package or build tree; Arch, Fedora */
	"usr/lib/modules/%s/build/vmlinux",
	"usr/lib/debug/lib/modules/%s/vmlinux", /* Fedora, RHEL; Debian has a symlink there */
	"usr/lib/debug/usr/lib/modules/%s/vmlinux",
	"usr/lib/debug/boot/vmlinux-%s",       /* Debian, Ubuntu */
	"usr/lib/debug/boot/vmlinux-%s.debug", /* SUSE */
	"usr/lib/debug/usr/lib/modules/%s/vmlinux.debug",
	"usr/lib/debug/vmlinux-%s",
	NULL,
};

/* What comes with the image that boots, or is it. */
static const char *const whole[] = {
	"boot/vmlinux-%s",	    /* ppc64 boots it */
	"lib/modules/%s/vmlinux.*", /* SUSE packs it: .xz, .gz, .zst */
	"usr/lib/modules/%s/vmlinux.*",
	"boot/vmlinux-%s.*",
	NULL,
};

/* The image that boots. */
static const char *const booting[] = {
	"lib/modules/%s/vmlinuz",
	"usr/lib/modules/%s/vmlinuz",
	"boot/vmlinuz-%s",
	"lib/modules/%s/Image*", /* arm64: Image, Image.gz */
	"usr/lib/modules/%s/Image*",
	"boot/Image-%s",  /* SUSE, arm64 */
	"boot/image-%s",  /* SUSE, s390x */
	"boot/kernel-%s", /* Gentoo */
	"usr/lib/kernel/vmlinuz-%s",
	/* Boot loader specification, type 1: TOKEN/RELEASE/linux on one of the boot partitions. */
	"boot/*/%s/linux",
	"boot/efi/*/%s/linux",
	"efi/*/%s/linux",
	/* Type 2: EFI/Linux/TOKEN-RELEASE.efi, or with the count of boot attempts after a '+'. */
	"boot/EFI/Linux/*-%s.efi",
	"boot/EFI/Linux/*-%s+*.efi",
	"boot/efi/EFI/Linux/*-%s.efi",
	"boot/efi/EFI/Linux/*-%s+*.efi",
	"efi/EFI/Linux/*-%s.efi",
	"efi/EFI/Linux/*-%s+*.efi",
	NULL,
};

/* One search. */
struct search {
	struct base *base;
	const struct btf_opener *opener;
	const char *release;
	const char *root; /* "" for "/" */
	const char *running;
	bool prefer_disk;
	struct strlist *notes;
	struct strlist seen; /* "DEVICE:INODE" of what was tried */
	struct error first;  /* why the first that exists did not serve */
	bool other;	     /* not all of them are kernels without BTF */
	char **only;	     /* do not open it: the first that exists is what is asked for */
};

static bool is_denial(const struct error *why)
{
	return why->code == -EACCES || why->code == -EPERM;
}

/* Takes down why @path does not serve. Returns 1 (go on) or -ENOMEM. */
static int pass_over(struct search *s, const char *path, const struct error *why)
{
	s->other = s->other || why->code != -ENODATA;
	/* What may not be read may be all that is missing. */
	if (!s->first.code || (is_denial(why) && !is_denial(&s->first))) {
		s->first = *why;
		error_in_file(&s->first, path);
	}
	return strlist_add(s->notes, "%s: %s", path, why->text) ? -ENOMEM : 1;
}

/* Has the file been tried under another name? Returns 1 if so, 0, or -ENOMEM. */
static int tried_before(struct search *s, const struct stat *st)
{
	char id[64];

	snprintf(id, sizeof(id), "%llx:%llx", (unsigned long long)st->st_dev,
		 (unsigned long long)st->st_ino);
	for (size_t i = 0; i < s->seen.nr; i++)
		if (strcmp(s->seen.items[i], id) == 0)
			return 1;
	return strlist_add(&s->seen, "%s", id);
}

/* Opens the existing file @path. Returns 0, 1 if it does not serve, -ENOMEM. */
static int try_file(struct search *s, const char *path)
{
	struct error why = ERROR_INIT;
	const char *stated;
	int ret;

	ret = base_open(s->base, path, s->opener, &why);
	if (ret == -ENOMEM)
		return ret;
	if (ret)
		return pass_over(s, path, &why);
	stated = s->base->image.release;
	if (!stated[0] || strcmp(stated, s->release) == 0)
		return 0;
	error_set(&why, -EINVAL, "it is of kernel %s", stated);
	base_close(s->base);
	return pass_over(s, path, &why);
}

/* The same for the path @rel under the root, which need not exist. */
static int try_path(struct search *s, const char *rel)
{
	struct error why = ERROR_INIT;
	char *path = NULL;
	struct stat st;
	int ret;

	/*
	 * The kernel itself resolves paths of "/", and messages name them as the user knows them.
	 */
	if (!s->root[0])
		ret = asprintf(&path, "/%s", rel) < 0 ? -ENOMEM : 0;
	else
		ret = rootpath_resolve(&path, s->root, rel);
	if (!ret && stat(path, &st) != 0)
		ret = -errno;
	if (ret == -ENOENT || ret == -ENOTDIR) {
		ret = 1;
	} else if (ret == -ENOMEM) {
		;
	} else if (ret) {
		char named[PATH_MAX];

		snprintf(named, sizeof(named), "%s/%s", s->root, rel);
		error_errno(&why, ret, "not readable");
		ret = pass_over(s, named, &why);
	} else {
		ret = tried_before(s, &st);
		if (!ret && s->only) {
			*s->only = path;
			return 0;
		}
		if (!ret)
			ret = try_file(s, path);
	}
	free(path);
	return ret;
}

/* Does @name fit @pattern, which has at most two '*'? */
static bool name_fits(const char *name, const char *pattern)
{
	const char *star = strchr(pattern, '*');
	size_t head;

	if (!star)
		return strcmp(name, pattern) == 0;
	head = (size_t)(star - pattern);
	if (strncmp(name, pattern, head) != 0)
		return false;
	for (name += head;; name++) {
		if (name_fits(name, star + 1))
			return true;
		if (!*name)
			return false;
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * The names in directory @dir under the root that fit @pattern, sorted. None if it is not readable.
 */
static int list_names(struct search *s, struct strlist *names, const char *dir, const char *pattern)
{
	struct dirent *entry;
	char *path = NULL;
	int ret;
	DIR *d;

	ret = rootpath_resolve(&path, s->root, dir);
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	d = dir_open(AT_FDCWD, path);
	free(path);
	if (!d)
		return 0;
	while (!ret && (entry = readdir(d)))
		if (entry->d_name[0] != '.' && name_fits(entry->d_name, pattern))
			ret = strlist_add(names, "%s", entry->d_name);
	closedir(d);
	if (names->nr)
		qsort(names->items, names->nr, sizeof(names->items[0]), compare_names);
	return ret;
}

/* Tries @place, with the release filled in, for each name that its component with a '*' can be. */
static int try_place(struct search *s, const char *place)
{
	const char *star = strchr(place, '*'), *rest;
	struct strlist names = { 0 };
	char pattern[PATH_MAX], dir[PATH_MAX], path[2 * PATH_MAX];
	size_t dir_len, len;
	int ret;

	if (!star)
		return try_path(s, place);
	for (dir_len = (size_t)(star - place); dir_len && place[dir_len - 1] != '/'; dir_len--)
		;
	len = strcspn(place + dir_len, "/");
	rest = place + dir_len + len;
	snprintf(dir, sizeof(dir), "%.*s", (int)dir_len, place);
	snprintf(pattern, sizeof(pattern), "%.*s", (int)len, place + dir_len);
	ret = list_names(s, &names, dir, pattern);
	if (!ret)
		ret = 1;
	for (size_t i = 0; i < names.nr && ret == 1; i++) {
		snprintf(path, sizeof(path), "%s%s%s", dir, names.items[i], rest);
		ret = try_path(s, path);
	}
	strlist_free(&names);
	return ret;
}

static int try_places(struct search *s, const char *const *places)
{
	char place[PATH_MAX];
	int ret = 1;

	for (size_t i = 0; places[i] && ret == 1; i++) {
		/* A table of formats, each with exactly one %s. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(place, sizeof(place), places[i], s->release);
#pragma GCC diagnostic pop
		ret = try_place(s, place);
	}
	return ret;
}

static int try_running(struct search *s)
{
	if (s->root[0] || !s->running || strcmp(s->running, s->release))
		return 1;
	return try_path(s, RUNNING_BASE);
}

/*
 * The image of the kernel that runs may have been replaced by another of the same name: it is on
 * disk what is to boot.
 */
static int try_all(struct search *s)
{
	int ret = s->prefer_disk ? try_places(s, booting) : try_running(s);

	if (ret == 1)
		ret = try_places(s, s->prefer_disk ? whole : beside);
	if (ret == 1)
		ret = s->prefer_disk ? try_running(s) : try_places(s, whole);
	if (ret == 1)
		ret = try_places(s, s->prefer_disk ? beside : booting);
	return ret;
}

/* The root without slashes at its end, "" for "/", to be freed; checks that it is a directory. */
static int open_root(char **root, const char *path, struct error *err)
{
	size_t len = strlen(path);
	int ret = root_check(path, err);

	if (ret)
		return ret;
	while (len && path[len - 1] == '/')
		len--;
	*root = strndup(path, len);
	return *root ? 0 : error_nomem(err);
}

/* The message where nothing served. */
static int report_nothing(const struct search *s, struct error *err)
{
	const char *where = s->root[0] ? s->root : "/";

	if (is_denial(&s->first))
		return error_set(err, -ENOENT,
				 "the base of kernel %s may not be read (%s: %s): run as root, or "
				 "name a base with --base",
				 s->release, s->first.file, s->first.text);
	if (s->first.code)
		return error_set(err, s->other ? -ENOENT : -ENODATA,
				 "no usable BTF of kernel %s under %s (%s: %s): install the "
				 "package with its vmlinuz, or name a base with --base",
				 s->release, where, s->first.file, s->first.text);
	return error_set(err, -ENOENT,
			 "no vmlinux and no vmlinuz of kernel %s under %s: install the package "
			 "with its vmlinuz, or name a base with --base",
			 s->release, where);
}

/* Walks through all places, with @s set up but for its root. */
static int search(struct search *s, const char *root, struct error *err)
{
	char *clean = NULL;
	int ret;

	if (!release_valid(s->release))
		return error_set(err, -EINVAL,
				 "'%s' is no kernel release: give it as uname -r does", s->release);
	ret = open_root(&clean, root, err);
	if (ret)
		return ret;
	s->root = clean;
	ret = try_all(s);
	if (ret == 1)
		ret = report_nothing(s, err);
	else if (ret)
		error_nomem(err);
	strlist_free(&s->seen);
	free(clean);
	return ret;
}

int base_find_installed(struct base *base, const char *release, const char *root,
			const char *running, const struct btf_opener *opener, struct strlist *notes,
			struct error *err)
{
	return base_find_as(base, release, root, running, BASE_NO_STORE, opener, notes, err);
}

int base_first(char **path, const char *release, const char *root, const char *running,
	       unsigned int flags, struct error *err)
{
	struct search s = { .release = release,
			    .running = running,
			    .prefer_disk = flags & BASE_PREFER_DISK,
			    .only = path };

	*path = NULL;
	return search(&s, root, err);
}

int base_find(struct base *base, const char *release, const char *root, const char *running,
	      const struct btf_opener *opener, struct strlist *notes, struct error *err)
{
	return base_find_as(base, release, root, running, 0, opener, notes, err);
}

int base_find_as(struct base *base, const char *release, const char *root, const char *running,
		 unsigned int flags, const struct btf_opener *opener, struct strlist *notes,
		 struct error *err)
{
	struct search s = { .base = base,
			    .opener = opener,
			    .release = release,
			    .running = running,
			    .prefer_disk = flags & BASE_PREFER_DISK,
			    .notes = notes };
	int ret;

	memset(base, 0, sizeof(*base));
	ret = search(&s, root, err);
	/*
	 * What the store has is the base of the kernel as it once was. Where the kernel is there that
	 * is no answer. Where the store has none either, the first message says more.
	 */
	if (ret != -ENOENT || s.first.code || (flags & BASE_NO_STORE) ||
	    store_find_release(base, root, release, opener, notes, NULL))
		return ret;
	base->stored = true;
	return 0;
}
