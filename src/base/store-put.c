// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing to the base store.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rootpath.h"
#include "base/store.h"
#include "io/codec.h"
#include "io/replace.h"

#define LOCK_NAME ".lock"
#define LOCK_WAIT_MS 10000
#define LOCK_STEP_MS 20

void store_init(struct store *store, const char *root)
{
	*store = (struct store){ .root = root, .lock = -1, .patience_ms = LOCK_WAIT_MS };
	pthread_mutex_init(&store->mutex, NULL);
}

void store_close(struct store *store)
{
	if (store->lock >= 0)
		close(store->lock);
	free(store->directory);
	strlist_free(&store->done);
	pthread_mutex_destroy(&store->mutex);
	*store = (struct store){ .lock = -1 };
}

/* ---- the directory ---- */

/* Brings a new directory in @path to disk, as far as the file system can do that. */
static int sync_directory(const char *path, struct error *err)
{
	int fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int code = fd < 0 || TEMP_FAILURE_RETRY(fsync(fd)) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	if (!code || code == -EINVAL || code == -EBADF || code == -ENOSYS || code == -EOPNOTSUPP)
		return 0;
	error_errno(err, code, "cannot bring a new directory in it to disk");
	return error_in_file(err, path);
}

/* Makes @name in @parent, for all to read, whatever the umask. */
static int make_last(char **directory, const char *parent, const char *name, struct error *err)
{
	char *path;
	int ret = 0;

	if (asprintf(&path, "%s/%s", strcmp(parent, "/") ? parent : "", name) < 0)
		return error_nomem(err);
	if (!mkdir(path, 0755)) {
		chmod(path, 0755);
		ret = sync_directory(parent, err);
	} else if (errno != EEXIST) {
		ret = error_errno(err, -errno, "cannot make the directory");
		error_in_file(err, path);
	}
	if (ret)
		free(path);
	else
		*directory = path;
	return ret;
}

/* The directory @rel under @root, made as far as it is missing, to be freed. */
static int make_directory(char **directory, const char *root, const char *rel, struct error *err)
{
	const char *slash = strrchr(rel, '/');
	char *up, *parent;
	int ret;

	ret = rootpath_resolve(directory, root, rel);
	if (!ret)
		return 0;
	if (ret != -ENOENT || !*rel)
		return error_errno(err, ret, "cannot find %s under %s", rel, root);
	up = strndup(rel, slash ? (size_t)(slash - rel) : 0);
	if (!up)
		return error_nomem(err);
	ret = make_directory(&parent, root, up, err);
	free(up);
	if (ret)
		return ret;
	ret = make_last(directory, parent, slash ? slash + 1 : rel, err);
	free(parent);
	return ret;
}

/* ---- the lock ---- */

static int wait_for_lock(int fd, int how, unsigned int patience_ms)
{
	const struct timespec step = { .tv_nsec = LOCK_STEP_MS * 1000000L };

	for (unsigned int waited = 0; flock(fd, how | LOCK_NB) < 0;) {
		/* Where the file system has no locks, care has to do. */
		if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= patience_ms)
			return -EBUSY;
		nanosleep(&step, NULL);
		waited += LOCK_STEP_MS;
	}
	return 0;
}

/* The lock is a file that only its owner can open: nobody else can hold it. */
static int take_lock(struct store *store, int how, struct error *err)
{
	char *path;
	int ret;

	if (asprintf(&path, "%s/" LOCK_NAME, store->directory) < 0)
		return error_nomem(err);
	store->lock =
		TEMP_FAILURE_RETRY(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
	ret = store->lock < 0 ? -errno : wait_for_lock(store->lock, how, store->patience_ms);
	if (ret && store->lock >= 0) {
		close(store->lock);
		store->lock = -1;
	}
	if (ret == -EBUSY)
		error_set(err, ret,
			  "the base store is in use by another modbtf: wait until that is done and "
			  "run again");
	else if (ret)
		error_errno(err, ret, "cannot lock the base store");
	if (ret)
		error_in_file(err, path);
	free(path);
	return ret;
}

int store_lock_out(struct store *store, struct error *err)
{
	int ret = rootpath_resolve(&store->directory, store->root, STORE_DIR);

	if (ret) {
		store->directory = NULL;
		return error_errno(err, ret == -ENOTDIR ? -ENOENT : ret, "no base store under %s",
				   store->root);
	}
	return take_lock(store, LOCK_EX, err);
}

/* ---- putting ---- */

/* Both for all bases of this run. */
static int open_store(struct store *store, struct error *err)
{
	int ret = 0;

	if (!store->directory)
		ret = make_directory(&store->directory, store->root, STORE_DIR, err);
	if (!ret && store->lock < 0)
		ret = take_lock(store, LOCK_SH, err);
	return ret;
}

static int write_entry(const char *path, struct bytes raw, struct error *err)
{
	struct buffer packed = { NULL, 0 };
	struct replacement r;
	struct piece piece;
	bool changed;
	int ret;

	ret = codec_compress(CODEC_ZSTD, raw, 1, &packed, err);
	if (ret)
		return error_in_file(err, path);
	piece = (struct piece){ .data = buffer_bytes(&packed) };
	ret = replace_begin(&r, path, err);
	if (!ret) {
		ret = replace_commit(&r, &piece, 1, &changed, err);
		replace_end(&r);
	}
	buffer_free(&packed);
	if (!ret)
		chmod(path, 0644); /* a user's umask may be stricter */
	return ret;
}

static int put(struct store *store, const struct digest *digest, const char *name, struct bytes raw,
	       struct error *err)
{
	struct store_entry entry = { .digest = *digest };
	struct stat st;
	int ret;

	ret = open_store(store, err);
	if (ret)
		return ret;
	if (asprintf(&entry.path, "%s/%s", store->directory, name) < 0)
		return error_nomem(err);
	if (lstat(entry.path, &st) || !store_entry_check(&entry, NULL)) {
		ret = write_entry(entry.path, raw, err);
		/* Another process may have put it at the same time. */
		if (ret == -EBUSY && store_entry_check(&entry, NULL))
			ret = 0;
	}
	free(entry.path);
	return ret;
}

static bool is_done(const struct store *store, const char *name)
{
	for (size_t i = 0; i < store->done.nr; i++)
		if (!strcmp(store->done.items[i], name))
			return true;
	return false;
}

int store_put(struct store *store, const struct digest *digest, const char *release,
	      struct bytes raw, struct error *err)
{
	char name[2 * DIGEST_SIZE + 1 + RELEASE_SIZE + 16], hex[2 * DIGEST_SIZE + 1];
	bool known = release_valid(release);
	int ret = 0;

	digest_hex(digest, hex);
	snprintf(name, sizeof(name), "%s%s%s.btf.zst", hex, known ? "." : "", known ? release : "");
	pthread_mutex_lock(&store->mutex);
	if (!is_done(store, name)) {
		if (strlist_add(&store->done, "%s", name))
			ret = error_nomem(err);
		else
			ret = put(store, digest, name, raw, err);
	}
	pthread_mutex_unlock(&store->mutex);
	return ret;
}
