// SPDX-License-Identifier: GPL-2.0-only
#include "io/staged.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/temp-name.h"

/* Where locks do not tell, nobody takes longer than this for one file, in seconds. */
#define LONG_AGO 3600

#define PREFIX ".modbtf-"
#define MOST_TRIES 50

static bool has_name(const struct stat *st, int dir, const char *name)
{
	struct stat now;

	return !fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) && now.st_dev == st->st_dev &&
	       now.st_ino == st->st_ino;
}

/* Locks the file without waiting. Returns 0, -EWOULDBLOCK, or another errno: there are no locks. */
static int lock(int fd)
{
	return TEMP_FAILURE_RETRY(flock(fd, LOCK_EX | LOCK_NB)) < 0 ? -errno : 0;
}

/* Has its process ended? If it has, the file is locked now, against others who clean. */
static bool is_left(int fd, const struct stat *st)
{
	int code = lock(fd);

	if (!code || code == -EWOULDBLOCK)
		return !code;
	return time(NULL) - st->st_ctim.tv_sec > LONG_AGO;
}

/* Trying again costs nothing, and a name that stays is a nuisance. */
static void remove_name(int dir, const char *name)
{
	for (int tries = 0; tries < 3; tries++)
		if (!unlinkat(dir, name, 0) || errno == ENOENT)
			break;
}

static void remove_left(int dir, const char *name)
{
	int fd = TEMP_FAILURE_RETRY(
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && is_left(fd, &st) && has_name(&st, dir, name))
		remove_name(dir, name);
	close(fd);
}

void staged_clean(int dir, const char *target)
{
	char name[TEMP_NAME_SIZE];

	temp_name(PREFIX, target, name);
	remove_left(dir, name);
}

static int create_unnamed(struct staged *s, mode_t mode)
{
	s->fd = TEMP_FAILURE_RETRY(openat(s->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
	if (s->fd < 0)
		return -errno;
	lock(s->fd);
	return 0;
}

/* Before it was locked, somebody who cleans may have taken it for left. */
static bool got_it(const struct staged *s)
{
	struct stat st;

	return lock(s->fd) != -EWOULDBLOCK && !fstat(s->fd, &st) && has_name(&st, s->dir, s->name);
}

static int create_named(struct staged *s, mode_t mode)
{
	int flags = O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW;
	int code = 0;

	for (unsigned int n = 0; n < MOST_TRIES && !code; n++) {
		code = temp_name_try(PREFIX, s->target, n, s->name);
		if (code < 0)
			break;
		s->fd = TEMP_FAILURE_RETRY(openat(s->dir, s->name, flags, mode));
		if (s->fd >= 0 && got_it(s))
			return 0;
		if (s->fd >= 0)
			close(s->fd);
		else if (errno != EEXIST)
			code = -errno;
		remove_left(s->dir, s->name);
	}
	*s = (struct staged){ .fd = -1 };
	return code ? code : -EEXIST;
}

int staged_create(struct staged *s, int dir, const char *target, mode_t mode, bool named)
{
	*s = (struct staged){ .dir = dir, .target = target, .fd = -1 };
	return named ? create_named(s, mode) : create_unnamed(s, mode);
}

int staged_name_as(const struct staged *s, const char *name)
{
	char proc[64];

	if (!linkat(s->fd, "", s->dir, name, AT_EMPTY_PATH))
		return 0;
	if (errno == EEXIST)
		return -EEXIST;
	/* Before Linux 6.10 that takes a capability; this way takes a mounted /proc. */
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", s->fd);
	return linkat(AT_FDCWD, proc, s->dir, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

int staged_name(struct staged *s)
{
	int code = -EEXIST;

	for (unsigned int n = 0; n < MOST_TRIES && code == -EEXIST; n++) {
		code = temp_name_try(PREFIX, s->target, n, s->name);
		if (!code)
			code = staged_name_as(s, s->name);
		if (code == -EEXIST)
			remove_left(s->dir, s->name);
	}
	if (code < 0)
		s->name[0] = '\0';
	return code;
}

void staged_unname(struct staged *s)
{
	if (s->name[0])
		remove_name(s->dir, s->name);
	s->name[0] = '\0';
}

void staged_discard(struct staged *s)
{
	staged_unname(s);
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct staged){ .fd = -1 };
}
