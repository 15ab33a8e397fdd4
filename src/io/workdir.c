// SPDX-License-Identifier: GPL-2.0-only
#include "io/workdir.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/dir.h"
#include "io/temp-name.h"
#include "util/signals.h"

#define PREFIX ".modbtf-sign-"
#define MOST_TRIES 10

/* SIGXFSZ was about a write in here, which has failed with EFBIG and been reported. */
static void restore_signals(const sigset_t *before)
{
	const struct timespec now = { 0 };
	sigset_t xfsz;

	sigemptyset(&xfsz);
	sigaddset(&xfsz, SIGXFSZ);
	if (!sigismember(before, SIGXFSZ))
		sigtimedwait(&xfsz, NULL, &now);
	signals_release(before);
}

static int open_there(int parent, const char *name)
{
	return TEMP_FAILURE_RETRY(
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/* Trying again costs nothing, and a name that stays is a nuisance. */
static void remove_name(int parent, const char *name, int flags)
{
	for (int tries = 0; tries < 3; tries++)
		if (!unlinkat(parent, name, flags) || errno == ENOENT)
			break;
}

/* Removes the files in the open directory. It stays open. */
static void empty(int fd)
{
	struct dirent *entry;
	DIR *dir;

	/* Mostly all that there is; should the directory not be readable just now, it is gone. */
	remove_name(fd, WORKDIR_FILE, 0);
	dir = dir_open(fd, ".");
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			remove_name(fd, entry->d_name, 0);
	closedir(dir);
}

/* Did this user make it, and can nobody else put files into it? */
static bool is_own(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & 022);
}

/* A directory of ours whose maker lives is locked. */
static void remove_left(int parent, const char *name)
{
	int fd = open_there(parent, name);
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && is_own(&st) && !flock(fd, LOCK_EX | LOCK_NB)) {
		empty(fd);
		remove_name(parent, name, AT_REMOVEDIR);
	}
	close(fd);
}

void workdir_clean(int parent, const char *target)
{
	char name[TEMP_NAME_SIZE];

	temp_name(PREFIX, target, name);
	remove_left(parent, name);
}

/* Another process may take a directory for stale until it is locked; then another is made. */
static int lock(struct workdir *w)
{
	struct stat st;

	w->fd = open_there(w->parent, w->name);
	if (w->fd < 0)
		return -errno;
	/* Some file systems have no locks, and nobody takes one there. */
	if (flock(w->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return -ENOENT;
	if (fstat(w->fd, &st) < 0)
		return -errno;
	if (!is_own(&st)) /* another one has been put into its place */
		return -EPERM;
	return st.st_nlink ? 0 : -ENOENT;
}

/* Returns 0 or a negative errno; -ENOENT: it was taken for stale; -EEXIST: there is one. */
static int make(struct workdir *w)
{
	int code = mkdirat(w->parent, w->name, 0700) < 0 ? -errno : 0;

	if (!code) {
		code = lock(w);
		if (code)
			remove_name(w->parent, w->name, AT_REMOVEDIR);
	}
	if (!code)
		return 0;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	if (code == -EEXIST)
		remove_left(w->parent, w->name);
	return code;
}

static int make_some(struct workdir *w, const char *parent, const char *target)
{
	char name[TEMP_NAME_SIZE];
	int code = -EEXIST;

	for (unsigned int n = 0; n < MOST_TRIES && (code == -ENOENT || code == -EEXIST); n++) {
		free(w->path);
		w->path = NULL;
		code = temp_name_try(PREFIX, target, n, name);
		if (code)
			break;
		if (asprintf(&w->path, "%s/%s", parent, name) < 0) {
			w->path = NULL;
			return -ENOMEM;
		}
		w->name = strrchr(w->path, '/') + 1;
		code = make(w);
	}
	if (code) {
		free(w->path);
		w->path = NULL;
	}
	return code;
}

static int cannot_make(int code, const char *parent, struct error *err)
{
	return error_errno(err, code, "cannot make a directory in %s to sign in", parent);
}

int workdir_make(struct workdir *w, const char *parent, const char *target, struct error *err)
{
	int code;

	*w = (struct workdir){ .fd = -1, .parent = -1 };
	w->parent = TEMP_FAILURE_RETRY(open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (w->parent < 0)
		return cannot_make(-errno, parent, err);
	signals_hold(&w->before);
	code = make_some(w, parent, target);
	if (code) {
		restore_signals(&w->before);
		close(w->parent);
		w->parent = -1;
		return cannot_make(code, parent, err);
	}
	return 0;
}

/* Has something else been put into its place? What cannot be found out is asked again. */
static bool is_replaced(const struct workdir *w)
{
	struct stat own, there;

	for (int tries = 0; tries < 3; tries++)
		if (!fstat(w->fd, &own) &&
		    !fstatat(w->parent, w->name, &there, AT_SYMLINK_NOFOLLOW))
			return own.st_dev != there.st_dev || own.st_ino != there.st_ino;
	return true;
}

void workdir_remove(struct workdir *w)
{
	empty(w->fd);
	if (!is_replaced(w))
		remove_name(w->parent, w->name, AT_REMOVEDIR);
	close(w->fd);
	close(w->parent);
	free(w->path);
	restore_signals(&w->before);
	*w = (struct workdir){ .fd = -1, .parent = -1 };
}
