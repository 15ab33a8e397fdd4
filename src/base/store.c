// SPDX-License-Identifier: GPL-2.0-only
#include "base/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/rootpath.h"
#include "io/dir.h"

#define SUFFIX ".btf.zst"
#define HEX (2 * (size_t)DIGEST_SIZE)

/* What io/replace.c calls a file that is not finished. */
#define STALE_PREFIX ".modbtf-"

/* ---- names ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_digest(const char *text, struct digest *digest)
{
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		int high = hex_digit(text[2 * i]), low;

		low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);
		if (low < 0)
			return false;
		digest->bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Takes digest and release out of a file's name; false if it is no entry's. */
static bool parse_name(const char *name, struct store_entry *entry)
{
	size_t len = strlen(name), middle;

	if (len < HEX + strlen(SUFFIX) || strcmp(name + len - strlen(SUFFIX), SUFFIX) ||
	    !parse_digest(name, &entry->digest))
		return false;
	middle = len - HEX - strlen(SUFFIX);
	entry->release[0] = '\0';
	if (!middle)
		return true;
	if (name[HEX] != '.' || middle > RELEASE_SIZE)
		return false;
	memcpy(entry->release, name + HEX + 1, middle - 1);
	entry->release[middle - 1] = '\0';
	return release_valid(entry->release);
}

/* ---- listing ---- */

static int compare_entries(const void *a, const void *b)
{
	const struct store_entry *one = a, *other = b;
	int ret = strverscmp(one->release, other->release);

	return ret ? ret : strcmp(one->path, other->path);
}

static int add_entry(struct store_entries *entries, const char *directory, const char *name,
		     struct error *err)
{
	struct store_entry entry = { .path = NULL };
	struct stat st;

	if (!parse_name(name, &entry))
		return 0;
	if (asprintf(&entry.path, "%s/%s", directory, name) < 0)
		return error_nomem(err);
	/* One that has just been removed is none. */
	if (lstat(entry.path, &st) || !S_ISREG(st.st_mode)) {
		free(entry.path);
		return 0;
	}
	entry.size = (uint64_t)st.st_size;
	entry.when = st.st_mtim;
	if (vec_push(entries, entry))
		return 0;
	free(entry.path);
	return error_nomem(err);
}

/* The directory of the store, NULL with 0 if there is none, to be freed. */
static int find_directory(const char *root, char **directory, struct error *err)
{
	int ret;

	*directory = NULL;
	ret = rootpath_resolve(directory, root, STORE_DIR);
	if (!ret || ret == -ENOENT || ret == -ENOTDIR)
		return 0;
	return error_errno(err, ret, "cannot look for the base store under %s", root);
}

/* Calls @take for each name in @directory. */
static int read_directory(const char *directory,
			  int (*take)(void *ctx, const char *directory, const char *name,
				      struct error *err),
			  void *ctx, struct error *err)
{
	DIR *stream = dir_open(AT_FDCWD, directory);
	struct dirent *entry;
	int ret = 0;

	if (!stream) {
		if (errno == ENOENT)
			return 0;
		error_errno(err, -errno, "cannot open it");
		return error_in_file(err, directory);
	}
	while (!ret && (errno = 0, entry = readdir(stream)))
		ret = take(ctx, directory, entry->d_name, err);
	if (!ret && errno)
		ret = error_errno(err, -errno, "cannot read it");
	closedir(stream);
	return ret ? error_in_file(err, directory) : 0;
}

static int take_entry(void *ctx, const char *directory, const char *name, struct error *err)
{
	return add_entry(ctx, directory, name, err);
}

static int take_stale(void *ctx, const char *directory, const char *name, struct error *err)
{
	if (strncmp(name, STALE_PREFIX, strlen(STALE_PREFIX)))
		return 0;
	return strlist_add(ctx, "%s/%s", directory, name) ? error_nomem(err) : 0;
}

static int read_store(const char *root,
		      int (*take)(void *ctx, const char *directory, const char *name,
				  struct error *err),
		      void *ctx, struct error *err)
{
	char *directory;
	int ret = find_directory(root, &directory, err);

	if (directory)
		ret = read_directory(directory, take, ctx, err);
	free(directory);
	return ret;
}

int store_list(const char *root, struct store_entries *entries, struct error *err)
{
	int ret;

	*entries = (struct store_entries){ 0 };
	ret = read_store(root, take_entry, entries, err);
	for (uint32_t i = 0; i < entries->nr; i++)
		entries->at[i].root = root;
	if (!ret && entries->nr)
		qsort(entries->at, entries->nr, sizeof(*entries->at), compare_entries);
	return ret;
}

int store_list_stale(const char *root, struct strlist *paths, struct error *err)
{
	return read_store(root, take_stale, paths, err);
}

void store_entries_free(struct store_entries *entries)
{
	for (uint32_t i = 0; i < entries->nr; i++)
		free(entries->at[i].path);
	vec_free(entries);
}

/* ---- reading ---- */

/* Lets only BTF through that has the digest. */
struct guard {
	const struct digest *digest;
	const struct btf_opener *opener; /* NULL: the BTF itself is not looked at */
};

static int open_guarded(void *ctx, struct btf *btf, struct bytes raw, struct error *err)
{
	const struct guard *guard = ctx;
	struct digest digest = digest_bytes(raw);
	char text[HEX + 1];

	if (!digest_equal(&digest, guard->digest)) {
		digest_hex(&digest, text);
		return error_set(err, -EINVAL, "its digest is %s, not what its name says", text);
	}
	return guard->opener ? guard->opener->open(guard->opener->ctx, btf, raw, err) : 0;
}

static int open_plainly(void *ctx, struct btf *btf, struct bytes raw, struct error *err)
{
	(void)ctx;
	return btf_open(btf, raw, NULL, err);
}

/* Is this failure one of what stands in the file? */
static bool is_of_content(int ret)
{
	return ret == -EINVAL || ret == -ENODATA || ret == -EOPNOTSUPP || ret == -EFBIG ||
	       ret == -ELOOP;
}

static int damaged(const char *root, struct error *err)
{
	const bool elsewhere = root && strspn(root, "/") < strlen(root);

	error_prefix(err,
		     "no good as an entry of the base store ('modbtf base --prune%s%s' removes it)",
		     elsewhere ? " --root " : "", elsewhere ? root : "");
	if (err)
		err->code = -EINVAL;
	return -EINVAL;
}

static int open_entry(struct base *base, const struct store_entry *entry,
		      const struct btf_opener *opener, struct error *err)
{
	struct guard guard = { &entry->digest, opener };
	const struct btf_opener guarded = { open_guarded, &guard };
	int ret = base_open(base, entry->path, &guarded, err);

	if (ret && is_of_content(ret))
		return damaged(entry->root, err);
	if (ret)
		return ret;
	snprintf(base->image.release, sizeof(base->image.release), "%s", entry->release);
	return 0;
}

int store_entry_open(struct base *base, const struct store_entry *entry,
		     const struct btf_opener *opener, struct error *err)
{
	static const struct btf_opener plainly = { open_plainly, NULL };

	return open_entry(base, entry, opener ? opener : &plainly, err);
}

bool store_entry_check(const struct store_entry *entry, struct error *err)
{
	struct base base;

	if (open_entry(&base, entry, NULL, err))
		return false;
	base_close(&base);
	return true;
}

/*
 * Opens the first of @entries that is good; @next is the number of the one behind it. Returns 0,
 * -ENOENT or -ENOMEM.
 */
static int open_first(struct base *base, const struct store_entries *entries,
		      const struct btf_opener *opener, uint32_t *next, struct strlist *notes,
		      struct error *err)
{
	for (uint32_t i = 0; i < entries->nr; i++) {
		struct error why = ERROR_INIT;
		int ret = store_entry_open(base, &entries->at[i], opener, &why);

		*next = i + 1;
		if (!ret)
			return 0;
		if (ret == -ENOMEM || strlist_add(notes, "%s: %s", entries->at[i].path, why.text))
			return error_nomem(err);
	}
	return error_set(err, -ENOENT, "not in the base store");
}

/* Drops the entries that are of another digest or release; NULL asks for any. */
static void keep_only(struct store_entries *entries, const struct digest *digest,
		      const char *release)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < entries->nr; i++) {
		struct store_entry *entry = &entries->at[i];

		if ((!digest || digest_equal(&entry->digest, digest)) &&
		    (!release || !strcmp(entry->release, release)))
			entries->at[nr++] = *entry;
		else
			free(entry->path);
	}
	entries->nr = nr;
}

int store_find(struct base *base, const char *root, const struct digest *digest,
	       const struct btf_opener *opener, struct strlist *notes, struct error *err)
{
	struct store_entries entries;
	uint32_t next;
	int ret;

	ret = store_list(root, &entries, err);
	if (!ret) {
		keep_only(&entries, digest, NULL);
		ret = open_first(base, &entries, opener, &next, notes, err);
	}
	store_entries_free(&entries);
	return ret;
}

bool store_has(const char *root, const struct digest *digest)
{
	struct store_entries entries;
	bool found = store_list(root, &entries, NULL) != 0;

	if (!found)
		keep_only(&entries, digest, NULL);
	for (uint32_t i = 0; i < entries.nr && !found; i++)
		found = store_entry_check(&entries.at[i], NULL);
	store_entries_free(&entries);
	return found;
}

static int compare_ages(const void *a, const void *b)
{
	const struct timespec *one = &((const struct store_entry *)a)->when;
	const struct timespec *other = &((const struct store_entry *)b)->when;

	if (one->tv_sec != other->tv_sec)
		return one->tv_sec > other->tv_sec ? -1 : 1;
	if (one->tv_nsec != other->tv_nsec)
		return one->tv_nsec > other->tv_nsec ? -1 : 1;
	return compare_entries(a, b);
}

int store_find_release(struct base *base, const char *root, const char *release,
		       const struct btf_opener *opener, struct strlist *notes, struct error *err)
{
	struct store_entries entries;
	uint32_t next = 0;
	int ret;

	ret = store_list(root, &entries, err);
	if (!ret) {
		keep_only(&entries, NULL, release);
		if (entries.nr)
			qsort(entries.at, entries.nr, sizeof(*entries.at), compare_ages);
		ret = open_first(base, &entries, opener, &next, notes, err);
	}
	for (; !ret && next < entries.nr; next++) {
		if (!strlist_add(notes, "%s: an older base of that kernel", entries.at[next].path))
			continue;
		base_close(base);
		ret = error_nomem(err);
	}
	store_entries_free(&entries);
	return ret;
}
