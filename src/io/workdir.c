// SPDX-License-Identifier: GPL-2.0-only
#include "io/workdir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* No ".ko" in it, nor in the names of files in it: depmod walks everything. */
#define PREFIX ".modbtf-sign-"

static void block_signals(sigset_t *before)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXFSZ };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(SIG_BLOCK, &set, before);
}

/* SIGXFSZ was about a write in here, which has failed with EFBIG and been reported. */
static void restore_signals(const sigset_t *before)
{
	const struct timespec now = { 0 };
	sigset_t xfsz;

	sigemptyset(&xfsz);
	sigaddset(&xfsz, SIGXFSZ);
	if (!sigismember(before, SIGXFSZ))
		sigtimedwait(&xfsz, NULL, &now);
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* The open directory as a stream of its own; NULL if it cannot be read. */
static DIR *read_directory(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (!dir && copy >= 0)
		close(copy);
	return dir;
}

/* Removes the files in the open directory. It stays open. */
static void empty(int fd)
{
	DIR *dir = read_directory(fd);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(fd, entry->d_name, 0);
	closedir(dir);
}

/* Did this user make it, and can nobody else put files into it? */
static bool is_own(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & 022);
}

/* A directory of ours whose maker lives is locked. */
static void remove_stale(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && is_own(&st) && !flock(fd, LOCK_EX | LOCK_NB)) {
		empty(fd);
		unlinkat(parent, name, AT_REMOVEDIR);
	}
	close(fd);
}

static void remove_all_stale(int parent)
{
	DIR *dir = read_directory(parent);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, PREFIX, strlen(PREFIX)))
			remove_stale(dirfd(dir), entry->d_name);
	closedir(dir);
}

/* Another process may take a directory for stale until it is locked; then another is made. */
static int lock(struct workdir *w)
{
	struct stat st;

	w->fd = openat(w->parent, w->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
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

/* Returns 0 or a negative errno; -ENOENT: it was taken for stale. */
static int make(struct workdir *w, const char *parent)
{
	uint64_t n;
	int code;

	if (getrandom(&n, sizeof(n), 0) != (ssize_t)sizeof(n))
		return -EAGAIN;
	if (asprintf(&w->path, "%s/" PREFIX "%016llx", parent, (unsigned long long)n) < 0) {
		w->path = NULL;
		return -ENOMEM;
	}
	w->name = strrchr(w->path, '/') + 1;
	code = mkdirat(w->parent, w->name, 0700) < 0 ? -errno : 0;
	if (!code) {
		code = lock(w);
		if (code)
			unlinkat(w->parent, w->name, AT_REMOVEDIR);
	}
	if (!code)
		return 0;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	free(w->path);
	w->path = NULL;
	return code;
}

int workdir_make(struct workdir *w, const char *parent, struct error *err)
{
	int code = -ENOENT;

	*w = (struct workdir){ .fd = -1, .parent = -1 };
	w->parent = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->parent < 0) {
		error_errno(err, -errno, "cannot make a directory to sign in");
		return error_in_file(err, parent);
	}
	remove_all_stale(w->parent);
	block_signals(&w->before);
	for (int tries = 0; tries < 10 && (code == -ENOENT || code == -EEXIST); tries++)
		code = make(w, parent);
	if (code) {
		restore_signals(&w->before);
		close(w->parent);
		w->parent = -1;
		error_errno(err, code, "cannot make a directory to sign in");
		return error_in_file(err, parent);
	}
	return 0;
}

void workdir_remove(struct workdir *w)
{
	struct stat own, there;

	empty(w->fd);
	if (!fstat(w->fd, &own) && !fstatat(w->parent, w->name, &there, AT_SYMLINK_NOFOLLOW) &&
	    own.st_dev == there.st_dev && own.st_ino == there.st_ino)
		unlinkat(w->parent, w->name, AT_REMOVEDIR);
	close(w->fd);
	close(w->parent);
	free(w->path);
	restore_signals(&w->before);
	*w = (struct workdir){ .fd = -1, .parent = -1 };
}
