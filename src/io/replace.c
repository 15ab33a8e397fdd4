// SPDX-License-Identifier: GPL-2.0-only
#include "io/replace.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define LOCK_WAIT_MS 10000
#define LOCK_STEP_MS 20

/* From this size on, copying ahead is worth a thread. */
#define AHEAD_FROM ((uint64_t)4 << 20)

/* The new file before it takes the old one's place. */
struct staged {
	int fd;
	char name[32];			/* "" while it has none */
	const struct file_map *same_as; /* its first @same bytes are those of this file */
	uint64_t same;
};

/* ---- errors ---- */

static const char *remedy(int code)
{
	switch (-code) {
	case ENOSPC:
	case EDQUOT:
		return "free some space and run again";
	case EROFS:
		return "make the file system writable, or write elsewhere with -o";
	case EACCES:
	case EPERM:
		return "run as a user who may write there, or write elsewhere with -o";
	case EFBIG:
		return "raise the file size limit (ulimit -f) and run again";
	case EIO:
		return "look for disk errors in the kernel's log";
	default:
		return "see to the cause and run again";
	}
}

/* A failure before the file was replaced. */
static int fail(const struct replacement *r, int code, const char *what, struct error *err)
{
	error_set(err, code, "%s: %s: %s%s", what, strerror(-code), remedy(code),
		  r->old >= 0 ? " (the file is unchanged)" : "");
	return code;
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
	r->dir = open(slash == r->target ? "/" : r->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
 * flock() with a limit: anyone who may read a file may lock it, and shall not be able to hold up
 * its owner for ever. Returns 0 or a negative errno.
 */
static int lock_patiently(int fd)
{
	const struct timespec step = { .tv_nsec = LOCK_STEP_MS * 1000000L };

	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0;) {
		/* Some file systems have no locks; the rename is atomic even so. */
		if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= LOCK_WAIT_MS)
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
	struct stat now;
	int code;

	r->old = openat(r->dir, r->name, flags | O_RDONLY);
	if (r->old < 0)
		return errno == ENOENT ? 0 : error_errno(err, -errno, "cannot open");
	code = lock_patiently(r->old);
	if (code == -EBADF) { /* NFS locks files only that are open for writing */
		close(r->old);
		r->old = openat(r->dir, r->name, flags | O_RDWR);
		code = r->old < 0 ? -errno : lock_patiently(r->old);
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
	if (ret < 0)
		return ret;
	do {
		ret = lock_once(r, err);
	} while (ret > 0);
	return ret;
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

/*
 * Is this a failure to set an attribute that the process just has no right to, or nothing to do
 * with?
 */
static bool may_not(int code)
{
	return code == EPERM || code == EACCES || code == EOPNOTSUPP || code == ENODATA ||
	       code == EINVAL;
}

/* Copies one extended attribute. Returns 0 or a negative errno. */
static int copy_xattr(int from, int to, const char *name)
{
	ssize_t size = fgetxattr(from, name, NULL, 0);
	uint8_t *value;
	int code = 0;

	if (size < 0)
		return may_not(errno) ? 0 : -errno;
	value = malloc((size_t)size + 1);
	if (!value)
		return -ENOMEM;
	size = fgetxattr(from, name, value, (size_t)size);
	if (size < 0 || fsetxattr(to, name, value, (size_t)size, 0) < 0)
		code = may_not(errno) ? 0 : -errno;
	free(value);
	return code;
}

static int copy_xattrs(int from, int to)
{
	ssize_t size = flistxattr(from, NULL, 0);
	char *names;
	int code = 0;

	if (size <= 0)
		return size < 0 && !may_not(errno) ? -errno : 0;
	names = malloc((size_t)size + 1);
	if (!names)
		return -ENOMEM;
	size = flistxattr(from, names, (size_t)size);
	if (size < 0)
		code = may_not(errno) ? 0 : -errno;
	for (ssize_t at = 0; !code && at < size; at += (ssize_t)strlen(names + at) + 1) {
		const char *name = names + at;

		/* A hash or signature of the old content: the kernel would refuse the new one. */
		if (strcmp(name, "security.ima") && strcmp(name, "security.evm"))
			code = copy_xattr(from, to, name);
	}
	free(names);
	return code;
}

/* Gives the new file the old one's owner, attributes and mode. Returns 0 or a negative errno. */
static int copy_metadata(const struct replacement *r, int fd)
{
	mode_t mode = r->st.st_mode & 07777;
	struct stat st;
	int code;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != r->st.st_uid || st.st_gid != r->st.st_gid) {
		if (fchown(fd, r->st.st_uid, r->st.st_gid) < 0) {
			if (!may_not(errno))
				return -errno;
			/* The group alone may be allowed. Whatever comes of it, no set-id bits. */
			if (fchown(fd, (uid_t)-1, r->st.st_gid) < 0 && !may_not(errno))
				return -errno;
			mode &= 0777;
		}
	}
	code = copy_xattrs(r->old, fd);
	if (code < 0)
		return code;
	return fchmod(fd, mode) < 0 && !may_not(errno) ? -errno : 0;
}

static int random_name(char name[32])
{
	uint64_t n;

	if (getrandom(&n, sizeof(n), 0) != (ssize_t)sizeof(n))
		return -EAGAIN;
	/*
	 * No ".ko" in it: depmod and others that walk the directory must not take it for a module.
	 */
	snprintf(name, 32, ".modbtf-%016llx", (unsigned long long)n);
	return 0;
}

/* Readable by nobody else until it has the old file's mode. */
static mode_t first_mode(const struct replacement *r)
{
	return r->old >= 0 ? 0600 : 0666;
}

static int open_unnamed(const struct replacement *r, struct staged *s)
{
	*s = (struct staged){ .fd = -1 };
	s->fd = openat(r->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, first_mode(r));
	return s->fd < 0 ? -errno : 0;
}

static int open_named(const struct replacement *r, struct staged *s)
{
	for (int tries = 0; tries < 100; tries++) {
		int code = random_name(s->name);

		if (code < 0)
			return code;
		s->fd = openat(r->dir, s->name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW,
			       first_mode(r));
		if (s->fd >= 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	s->name[0] = '\0';
	return -errno;
}

/* Gives the unnamed file a name, so that it can be renamed. Returns 0 or a negative errno. */
static int name_it(const struct replacement *r, struct staged *s)
{
	char proc[64];
	int code = random_name(s->name);

	if (!code && linkat(s->fd, "", r->dir, s->name, AT_EMPTY_PATH) < 0) {
		/* Before Linux 6.10 that takes a capability; this way takes a mounted /proc. */
		snprintf(proc, sizeof(proc), "/proc/self/fd/%d", s->fd);
		if (linkat(AT_FDCWD, proc, r->dir, s->name, AT_SYMLINK_FOLLOW) < 0)
			code = -errno;
	}
	if (code < 0)
		s->name[0] = '\0';
	return code;
}

void replace_ahead(struct replacement *r, const struct file_map *file, uint64_t size)
{
	struct staged s;

	if (r->stream || r->ahead_fd >= 0 || !file->mapped || size < AHEAD_FROM ||
	    size > file->bytes.size || open_unnamed(r, &s) < 0)
		return;
	r->ahead_fd = s.fd;
	ahead_begin(&r->ahead, file, s.fd, size);
}

/* The unnamed file that holds some of the content already, or an empty one. */
static int take_unnamed(struct replacement *r, struct staged *s)
{
	if (r->ahead_fd < 0)
		return open_unnamed(r, s);
	s->same_as = r->ahead.file;
	s->same = ahead_end(&r->ahead, false);
	s->fd = r->ahead_fd;
	r->ahead_fd = -1;
	return 0;
}

/* Content and metadata, on disk. */
static int fill(const struct replacement *r, const struct staged *s, const struct content *content,
		struct error *err)
{
	int code = s->same ? pieces_complete(s->fd, content->pieces, content->nr, s->same_as,
					     s->same) :
			     pieces_write(s->fd, content->pieces, content->nr);

	if (code < 0)
		return fail(r, code, "cannot write the new content", err);
	if (r->old >= 0)
		code = copy_metadata(r, s->fd);
	if (code < 0)
		return fail(r, code, "cannot copy owner, mode or attributes", err);
	if (fsync(s->fd) < 0)
		return fail(r, -errno, "cannot bring the new content to disk", err);
	return 0;
}

static void discard(const struct replacement *r, struct staged *s)
{
	if (s->name[0])
		unlinkat(r->dir, s->name, 0);
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct staged){ .fd = -1 };
}

/* Does the path still hold what replace_begin() found? */
static bool still_there(const struct replacement *r)
{
	struct stat st;

	if (fstatat(r->dir, r->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return r->old < 0 && errno == ENOENT;
	return r->old >= 0 && same_file(&st, &r->st) && st.st_size == r->st.st_size &&
	       st.st_mtim.tv_sec == r->st.st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == r->st.st_mtim.tv_nsec;
}

/* Puts the staged file, which has a name, into the old one's place. */
static int put_in_place(const struct replacement *r, struct staged *s, struct error *err)
{
	if (!still_there(r))
		return error_set(err, -EBUSY,
				 "was changed by another program meanwhile: run again");
	if (renameat(r->dir, s->name, r->dir, r->name) < 0)
		return fail(r, -errno, "cannot rename the new file into place", err);
	s->name[0] = '\0';
	/*
	 * A file that had no name when it was synced is, on btrfs, not in the log that the
	 * directory's sync writes; so once more, which is next to nothing elsewhere.
	 */
	if (fsync(s->fd) < 0 || fsync(r->dir) < 0)
		return fail_late(-errno, err);
	return 0;
}

static int write_and_replace(struct replacement *r, const struct content *content,
			     struct error *err)
{
	struct staged s = { .fd = -1 };
	bool named = false;
	int code;

	if (take_unnamed(r, &s) < 0) {
		named = true;
		code = open_named(r, &s);
		if (code < 0)
			return fail(r, code, "cannot create a file in its directory", err);
	}
	code = fill(r, &s, content, err);
	if (!code && !named && name_it(r, &s) < 0) {
		/* Neither way of linking works here: begin again, with a name. */
		discard(r, &s);
		code = open_named(r, &s);
		code = code < 0 ? fail(r, code, "cannot create a file in its directory", err) :
				  fill(r, &s, content, err);
	}
	if (!code)
		code = put_in_place(r, &s, err);
	discard(r, &s);
	return code;
}

/* ---- signals ---- */

/*
 * A signal in the thread's mask takes effect when the mask is restored, with no temporary left.
 * SIGXFSZ, which a write over the file size limit sends to its thread, is taken back: the write
 * fails with EFBIG and that is reported.
 */
static void block_signals(sigset_t *before)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXFSZ };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(SIG_BLOCK, &set, before);
}

static void restore_signals(const sigset_t *before, int code)
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
	int fd = open(r->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
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
		block_signals(&before);
		code = write_and_replace(r, &content, err);
		restore_signals(&before, code);
	}
	if (code < 0)
		error_in_file(err, r->path);
	*changed = !code;
	return code;
}
