// SPDX-License-Identifier: GPL-2.0-only
#include "io/replace.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "io/metadata.h"
#include "io/staged.h"
#include "io/workdir.h"
#include "util/signals.h"

#define LOCK_WAIT_MS 10000
#define LOCK_STEP_MS 20

/* From this size on, copying ahead is worth a thread. */
#define AHEAD_FROM ((uint64_t)4 << 20)

/* Less than this is written as soon as it is reserved. */
#define WORTH_RESERVING ((uint64_t)128 << 10)

/* So often a file is put back where others rename without end. */
#define MOST_TRIES 16

/* No errno: the way by unnamed files cannot be gone here. */
#define CANNOT_NAME 1

/* ---- errors ---- */

static const char *remedy(int code)
{
	switch (-code) {
	case ENOSPC:
	case EDQUOT:
		return "free some space and run again";
	case EROFS:
		return "make the file system writable and run again";
	case EACCES:
		return "run as a user who may write there";
	case EPERM:
		return "run as a user who may write there, or, if lsattr shows it immutable, "
		       "after chattr -i";
	case EFBIG:
		return "raise the file size limit (ulimit -f) and run again";
	case EIO:
		return "look for disk errors in the kernel's log";
	default:
		return "see to the cause and run again";
	}
}

static const char *unchanged(const struct replacement *r)
{
	return r->old >= 0 ? " (the file is unchanged)" : "";
}

/* A failure before the file was replaced. */
static int fail(const struct replacement *r, int code, const char *what, struct error *err)
{
	return error_set(err, code, "%s: %s: %s%s", what, strerror(-code), remedy(code),
			 unchanged(r));
}

/* A failure after the file was replaced. */
static int fail_late(int code, struct error *err)
{
	return error_set(
		err, code,
		"was replaced, but the disk did not confirm it (%s): run sync and check it",
		strerror(-code));
}

/* ---- begin ---- */

/* Splits target into directory and name, and opens the directory. */
static int open_dir(struct replacement *r, struct error *err)
{
	char *slash = strrchr(r->target, '/');
	int code = 0;

	r->name = slash + 1;
	*slash = '\0';
	r->dir = TEMP_FAILURE_RETRY(
		open(slash == r->target ? "/" : r->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (r->dir < 0)
		code = error_errno(err, -errno, "cannot open its directory");
	*slash = '/';
	return code;
}

/* The path behind all symlinks; the last part need not exist. */
static int resolve(struct replacement *r, struct error *err)
{
	char *dir, *real;
	const char *base;
	struct stat st;

	r->target = realpath(r->path, NULL);
	if (r->target)
		return 0;
	if (errno != ENOENT)
		return error_errno(err, -errno, "cannot find the file");
	if (!lstat(r->path, &st))
		return error_set(err, -ENOENT,
				 "is a symlink to nothing: remove it or name its target");
	base = strrchr(r->path, '/');
	base = base ? base + 1 : r->path;
	if (!*base)
		return error_set(err, -ENOENT, "is no file name: name a file");
	dir = base == r->path ? strdup(".") : strndup(r->path, (size_t)(base - r->path));
	if (!dir)
		return error_nomem(err);
	real = realpath(dir, NULL);
	free(dir);
	if (!real)
		return error_errno(err, -errno, "cannot find its directory");
	/* realpath() ends in a slash for the root only; two of them do no harm. */
	if (asprintf(&r->target, "%s/%s", real, base) < 0)
		r->target = NULL;
	free(real);
	return r->target ? 0 : error_nomem(err);
}

/*
 * flock() with a limit of @most ms: anyone who may read a file may lock it, and shall not be able
 * to hold up its owner for ever. Returns 0 or a negative errno.
 */
static int lock_patiently(int fd, int most)
{
	const struct timespec step = { .tv_nsec = LOCK_STEP_MS * 1000000L };

	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0;) {
		/* Some file systems have no locks; the rename is atomic even so. */
		if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (errno != EINTR && waited >= most)
			return -EBUSY;
		nanosleep(&step, NULL);
		waited += LOCK_STEP_MS;
	}
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * Opens and locks the present file. Whoever held the lock before has put another file in its place
 * meanwhile; then that one is to be locked.
 * Returns 1 to try again, 0 when done.
 */
static int lock_once(struct replacement *r, struct error *err)
{
	int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int most = r->cache ? 0 : LOCK_WAIT_MS;
	struct stat now;
	int code;

	r->old = TEMP_FAILURE_RETRY(openat(r->dir, r->name, flags | O_RDONLY));
	if (r->old < 0)
		return errno == ENOENT ? 0 : error_errno(err, -errno, "cannot open");
	code = lock_patiently(r->old, most);
	if (code == -EBADF) { /* NFS locks files only that are open for writing */
		close(r->old);
		r->old = TEMP_FAILURE_RETRY(openat(r->dir, r->name, flags | O_RDWR));
		code = r->old < 0 ? -errno : lock_patiently(r->old, most);
	}
	if (code == -EBUSY)
		return error_set(
			err, code,
			"is locked by another process: wait until it is done and run again");
	if (code < 0)
		return error_errno(err, code, "cannot lock");
	if (fstat(r->old, &r->st) < 0)
		return error_errno(err, -errno, "cannot examine");
	if (!S_ISREG(r->st.st_mode))
		return error_set(err, -EINVAL, "is not a regular file: name a regular file");
	if (!fstatat(r->dir, r->name, &now, AT_SYMLINK_NOFOLLOW) && same_file(&now, &r->st))
		return 0;
	close(r->old);
	r->old = -1;
	return 1;
}

/* Removes what a killed process has left. */
static void clean(const struct replacement *r)
{
	staged_clean(r->dir, r->name);
	if (!r->cache)
		workdir_clean(r->dir, r->name);
}

/* With the directory open: locks the present file, and cleans up behind who was killed. */
static int begin_in_dir(struct replacement *r, struct error *err)
{
	int ret;

	do {
		ret = lock_once(r, err);
	} while (ret > 0);
	if (!ret)
		clean(r);
	return ret;
}

static int begin(struct replacement *r, struct error *err)
{
	struct stat st;
	int ret;

	if (!stat(r->path, &st)) {
		if (S_ISDIR(st.st_mode))
			return error_set(err, -EISDIR, "is a directory: name a file");
		r->stream = !S_ISREG(st.st_mode);
		if (r->stream)
			return 0;
	}
	ret = resolve(r, err);
	if (!ret)
		ret = open_dir(r, err);
	return ret ? ret : begin_in_dir(r, err);
}

int replace_begin(struct replacement *r, const char *path, struct error *err)
{
	int ret;

	*r = (struct replacement){ .dir = -1, .old = -1, .ahead_fd = -1, .path = strdup(path) };
	ret = r->path ? begin(r, err) : error_nomem(err);
	if (ret < 0) {
		error_in_file(err, path);
		replace_end(r);
	}
	return ret;
}

int replace_begin_cache(struct replacement *r, int dir, const char *name, struct error *err)
{
	int ret;

	*r = (struct replacement){ .dir = -1, .old = -1, .ahead_fd = -1, .cache = true };
	r->path = strdup(name);
	r->target = strdup(name);
	r->name = r->target;
	if (!r->path || !r->target) {
		ret = error_nomem(err);
	} else {
		r->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
		ret = r->dir < 0 ? error_errno(err, -errno, "cannot open its directory") :
				   begin_in_dir(r, err);
	}
	if (ret < 0) {
		error_in_file(err, name);
		replace_end(r);
	}
	return ret;
}

void replace_clean(const char *path)
{
	struct replacement r = { .dir = -1, .old = -1, .ahead_fd = -1, .path = strdup(path) };

	if (r.path && !resolve(&r, NULL) && !open_dir(&r, NULL))
		clean(&r);
	replace_end(&r);
}

void replace_end(struct replacement *r)
{
	ahead_end(&r->ahead, true);
	if (r->ahead_fd >= 0)
		close(r->ahead_fd);
	if (r->old >= 0)
		close(r->old);
	if (r->dir >= 0)
		close(r->dir);
	free(r->target);
	free(r->path);
	*r = (struct replacement){ .dir = -1, .old = -1, .ahead_fd = -1 };
}

/* ---- the new file ---- */

/* What the file is to hold. */
struct content {
	const struct piece *pieces;
	size_t nr;
};

/* What was copied ahead. */
struct same {
	const struct file_map *as; /* the first bytes are those of this file */
	uint64_t size;
};

/*
 * A full disk or quota shows before the first byte is written. File systems that cannot tell leave
 * it to the writing. Returns 0 or a negative errno.
 */
static int reserve(int fd, uint64_t size)
{
	if (size < WORTH_RESERVING || size > INT64_MAX ||
	    !TEMP_FAILURE_RETRY(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size)))
		return 0;
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? -errno : 0;
}

static int sync_file(int fd)
{
	return TEMP_FAILURE_RETRY(fsync(fd)) < 0 ? -errno : 0;
}

/* Some network file systems cannot sync a directory, and say so in one of these ways. */
static int sync_dir(int dir)
{
	int code = sync_file(dir);

	return code == -EINVAL || code == -EBADF || code == -ENOSYS || code == -EOPNOTSUPP ? 0 :
											     code;
}

/* Readable by nobody else until it has the old file's mode. */
static mode_t first_mode(const struct replacement *r)
{
	return r->old >= 0 || r->cache ? 0600 : 0666;
}

void replace_ahead(struct replacement *r, const struct file_map *file, uint64_t size)
{
	struct staged s;

	if (r->stream || r->ahead_fd >= 0 || !file->mapped || size < AHEAD_FROM ||
	    size > file->bytes.size || staged_create(&s, r->dir, r->name, first_mode(r), false) < 0)
		return;
	if (reserve(s.fd, size) < 0) { /* which the commit will find out again, and report */
		staged_discard(&s);
		return;
	}
	r->ahead_fd = s.fd;
	ahead_begin(&r->ahead, file, s.fd, size);
}

/* A file that holds some of the content already, or an empty one. */
static int take_staged(struct replacement *r, bool named, struct staged *s, struct same *same)
{
	if (named || r->ahead_fd < 0)
		return staged_create(s, r->dir, r->name, first_mode(r), named);
	same->as = r->ahead.file;
	same->size = ahead_end(&r->ahead, false);
	*s = (struct staged){ .dir = r->dir, .target = r->name, .fd = r->ahead_fd };
	r->ahead_fd = -1;
	return 0;
}

/* Content and metadata, on disk. */
static int fill(const struct replacement *r, const struct staged *s, const struct content *content,
		const struct same *same, struct error *err)
{
	uint64_t size = pieces_size(content->pieces, content->nr);
	int code = reserve(s->fd, size);

	if (code < 0)
		return error_set(err, code, "needs %llu bytes on disk: %s: %s%s",
				 (unsigned long long)size, strerror(-code), remedy(code),
				 unchanged(r));
	code = same->size ?
		       pieces_complete(s->fd, content->pieces, content->nr, same->as, same->size) :
		       pieces_write(s->fd, content->pieces, content->nr);
	if (code < 0)
		return fail(r, code, "cannot write the new content", err);
	if (r->cache)
		code = fchmod(s->fd, 0644) < 0 ? -errno : 0;
	else if (r->old >= 0)
		code = metadata_copy(r->old, &r->st, s->fd);
	if (code < 0)
		return fail(r, code, "cannot copy owner, mode or attributes", err);
	code = r->cache ? 0 : sync_file(s->fd);
	if (code < 0)
		return fail(r, code, "cannot bring the new content to disk", err);
	return 0;
}

/* ---- into its place ---- */

static bool same_content(const struct stat *a, const struct stat *b)
{
	return same_file(a, b) && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/*
 * Does the path still hold what replace_begin() found? The time of change tells also of a mode or
 * an owner that is new, and of times that were set back.
 */
static bool still_there(const struct replacement *r)
{
	struct stat st;

	if (fstatat(r->dir, r->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return r->old < 0 && errno == ENOENT;
	return r->old >= 0 && same_content(&st, &r->st) &&
	       st.st_ctim.tv_sec == r->st.st_ctim.tv_sec &&
	       st.st_ctim.tv_nsec == r->st.st_ctim.tv_nsec;
}

static int changed_meanwhile(struct error *err)
{
	return error_set(err, -EBUSY, "was changed by another program meanwhile: run again");
}

static int exchange(const struct replacement *r, const struct staged *s)
{
	return renameat2(r->dir, s->name, r->dir, r->name, RENAME_EXCHANGE) < 0 ? -errno : 0;
}

/* Cannot this file system, or this process, do what renameat2() was asked for? */
static bool cannot_rename_so(int code)
{
	return code == -EINVAL || code == -ENOSYS || code == -EOPNOTSUPP || code == -EPERM;
}

/*
 * What was at the path, and is now under the name of our file, is not what we have replaced: it
 * goes back. Should the path have got yet another file meanwhile, that one is newer still, and goes
 * back in turn. Returns 0, or a negative errno: the file under the name is not ours.
 */
static int put_back(const struct replacement *r, const struct staged *s)
{
	struct stat at_path, under_name, taken;
	int code;

	if (fstat(s->fd, &at_path) < 0)
		return -errno;
	for (int tries = 0; tries < MOST_TRIES; tries++) {
		if (fstatat(r->dir, s->name, &under_name, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		code = exchange(r, s);
		if (code == -ENOENT)
			return 0; /* somebody has removed ours, and meant theirs */
		if (code < 0)
			return code;
		if (fstatat(r->dir, s->name, &taken, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		if (same_file(&taken, &at_path))
			return 0;
		at_path = under_name;
	}
	return -EBUSY;
}

/*
 * The exchange leaves what stood at the path under the name of the new file: so a file that
 * another program has put there at the last moment is seen, and not lost.
 */
static int exchange_and_look(const struct replacement *r, struct staged *s, struct error *err)
{
	struct stat taken;
	int code = exchange(r, s), ret;

	if (code == -ENOENT)
		return changed_meanwhile(err);
	if (code < 0)
		return cannot_rename_so(code) ?
			       code :
			       fail(r, code, "cannot rename the new file into place", err);
	if (fstatat(r->dir, s->name, &taken, AT_SYMLINK_NOFOLLOW) < 0)
		ret = fail(r, -errno, "cannot examine the old file", err);
	else if (!same_content(&taken, &r->st))
		ret = changed_meanwhile(err);
	else
		ret = 0;
	if (!ret) {
		staged_unname(s);
		return 0;
	}
	code = put_back(r, s);
	if (code < 0) {
		error_set(err, ret,
			  "was changed by another program meanwhile, and what that wrote is now "
			  "%s in the same directory (%s): rename it back",
			  s->name, strerror(-code));
		s->name[0] = '\0';
	}
	return ret;
}

/* The same where files cannot be exchanged: what is put there at the very last moment is lost. */
static int rename_over(const struct replacement *r, struct staged *s, struct error *err)
{
	if (!still_there(r))
		return changed_meanwhile(err);
	if (renameat(r->dir, s->name, r->dir, r->name) < 0)
		return fail(r, -errno, "cannot rename the new file into place", err);
	s->name[0] = '\0';
	return 0;
}

static int put_over(const struct replacement *r, struct staged *s, struct error *err)
{
	int ret;

	if (!still_there(r))
		return changed_meanwhile(err);
	ret = exchange_and_look(r, s, err);
	return cannot_rename_so(ret) ? rename_over(r, s, err) : ret;
}

/* There was no file, and there shall be none that is lost. */
static int put_new(const struct replacement *r, struct staged *s, struct error *err)
{
	if (!renameat2(r->dir, s->name, r->dir, r->name, RENAME_NOREPLACE)) {
		s->name[0] = '\0';
		return 0;
	}
	if (errno == EEXIST)
		return changed_meanwhile(err);
	if (!cannot_rename_so(-errno))
		return fail(r, -errno, "cannot rename the new file into place", err);
	return rename_over(r, s, err);
}

/*
 * Puts the staged file into the old one's place. Returns CANNOT_NAME, without @err, if it has no
 * name and cannot be given one.
 */
static int put_in_place(const struct replacement *r, struct staged *s, bool named,
			struct error *err)
{
	int code;

	if (!named && r->old < 0) {
		code = staged_name_as(s, r->name);
		if (code == -EEXIST)
			return changed_meanwhile(err);
		return code < 0 ? CANNOT_NAME : 0;
	}
	if (!named && staged_name(s) < 0)
		return CANNOT_NAME;
	return r->old >= 0 ? put_over(r, s, err) : put_new(r, s, err);
}

/* From here on the path holds the new file. */
static int confirm(const struct replacement *r, const struct staged *s, struct error *err)
{
	/*
	 * A file that had no name when it was synced is, on btrfs, not in the log that the
	 * directory's sync writes; so once more, which is next to nothing elsewhere.
	 */
	int code = r->cache ? 0 : sync_file(s->fd);

	if (!code && !r->cache)
		code = sync_dir(r->dir);
	return code < 0 ? fail_late(code, err) : 0;
}

/* A file without name goes with the process; as long as there is one, signals have to wait. */
static int put_and_confirm(const struct replacement *r, struct staged *s, bool named,
			   struct error *err)
{
	sigset_t before;
	int ret;

	signals_hold(&before);
	ret = put_in_place(r, s, named, err);
	if (!ret)
		ret = confirm(r, s, err);
	staged_discard(s);
	signals_release(&before);
	return ret;
}

/* Returns CANNOT_NAME, without @err, if that has to be done with a file that is @named. */
static int write_staged(struct replacement *r, const struct content *content, bool named,
			struct error *err)
{
	struct same same = { 0 };
	struct staged s;
	int code = take_staged(r, named, &s, &same);
	int ret;

	if (code < 0)
		return named ? fail(r, code, "cannot create a file in its directory", err) :
			       CANNOT_NAME;
	ret = fill(r, &s, content, &same, err);
	if (!ret)
		return put_and_confirm(r, &s, named, err);
	staged_discard(&s);
	return ret;
}

static int write_once(struct replacement *r, const struct content *content, bool named,
		      struct error *err)
{
	sigset_t before;
	int ret;

	if (!named)
		return write_staged(r, content, false, err);
	signals_hold(&before);
	ret = write_staged(r, content, true, err);
	signals_release(&before);
	return ret;
}

static int write_and_replace(struct replacement *r, const struct content *content,
			     struct error *err)
{
	int ret = write_once(r, content, false, err);

	return ret == CANNOT_NAME ? write_once(r, content, true, err) : ret;
}

/* ---- signals ---- */

/*
 * SIGXFSZ, which a write over the file size limit sends to its thread, is taken back: the write fails
 * with EFBIG and that is reported.
 */
static void block_xfsz(sigset_t *before)
{
	sigset_t xfsz;

	sigemptyset(&xfsz);
	sigaddset(&xfsz, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &xfsz, before);
}

static void restore_xfsz(const sigset_t *before, int code)
{
	const struct timespec now = { 0 };
	sigset_t xfsz;

	sigemptyset(&xfsz);
	sigaddset(&xfsz, SIGXFSZ);
	if (code == -EFBIG && !sigismember(before, SIGXFSZ))
		sigtimedwait(&xfsz, NULL, &now);
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* ---- commit ---- */

static bool holds_already(const struct replacement *r, const struct content *content)
{
	return r->old >= 0 &&
	       (uint64_t)r->st.st_size == pieces_size(content->pieces, content->nr) &&
	       still_there(r) && pieces_held(r->old, content->pieces, content->nr);
}

static int write_stream(const struct replacement *r, const struct content *content,
			struct error *err)
{
	int fd = TEMP_FAILURE_RETRY(open(r->path, O_WRONLY | O_CLOEXEC | O_NOCTTY));
	int code;

	if (fd < 0)
		return error_errno(err, -errno, "cannot open");
	code = pieces_write(fd, content->pieces, content->nr);
	if (close(fd) < 0 && !code)
		code = -errno;
	return code < 0 ? error_errno(err, code, "cannot write") : 0;
}

int replace_commit(struct replacement *r, const struct piece *pieces, size_t nr, bool *changed,
		   struct error *err)
{
	const struct content content = { pieces, nr };
	sigset_t before;
	int code;

	*changed = false;
	if (r->stream) {
		code = write_stream(r, &content, err);
	} else if (holds_already(r, &content)) {
		return 0;
	} else {
		block_xfsz(&before);
		code = write_and_replace(r, &content, err);
		restore_xfsz(&before, code);
	}
	if (code < 0)
		error_in_file(err, r->path);
	*changed = !code;
	return code;
}
