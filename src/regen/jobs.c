// SPDX-License-Identifier: GPL-2.0-only
#include "regen/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void jobs_init(struct jobs *jobs, unsigned int most, uint64_t memory)
{
	*jobs = (struct jobs){ .most = most, .memory = memory, .from = -1, .to = -1 };
	pthread_mutex_init(&jobs->lock, NULL);
}

static void close_pipe(struct jobs *jobs)
{
	if (jobs->from >= 0)
		close(jobs->from);
	if (jobs->to >= 0)
		close(jobs->to);
	jobs->from = jobs->to = -1;
}

void jobs_free(struct jobs *jobs)
{
	close_pipe(jobs);
	vec_free(&jobs->bytes);
	pthread_mutex_destroy(&jobs->lock);
}

/* ---- make's jobserver ---- */

/*
 * Our own opening of the pipe: whether reading it waits is a matter of the open file, and make and all
 * that it runs share theirs. Another file may have got the number, where make has not handed it on.
 */
static int open_pipe(const char *path, int flags)
{
	int fd = TEMP_FAILURE_RETRY(open(path, flags | O_NONBLOCK | O_CLOEXEC));
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !S_ISFIFO(st.st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Are both ends there, and of one pipe? A script may have others at these numbers. */
static bool same_pipe(int from, int to)
{
	struct stat a, b;

	return from >= 0 && to >= 0 && !fstat(from, &a) && !fstat(to, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static void open_descriptors(struct jobs *jobs, const char *text)
{
	char path[64];
	int from, to;

	if (sscanf(text, "%d,%d", &from, &to) != 2 || from < 0 || to < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", from);
	jobs->from = open_pipe(path, O_RDONLY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", to);
	jobs->to = open_pipe(path, O_WRONLY);
}

/* Since make 4.4: a pipe with a name. */
static void open_fifo(struct jobs *jobs, const char *text)
{
	char *path = strndup(text, strcspn(text, " "));

	if (!path)
		return;
	jobs->from = open_pipe(path, O_RDONLY);
	jobs->to = jobs->from < 0 ? -1 : open_pipe(path, O_WRONLY);
	free(path);
}

/* The last word of @flags that begins with @option counts; what follows "--" are variables. */
static const char *last_of(const char *flags, const char *option)
{
	const char *found = NULL, *end = strstr(flags, " -- ");
	size_t len = strlen(option);

	for (const char *p = flags; *p && (!end || p < end); p += strcspn(p, " ")) {
		p += strspn(p, " ");
		if (!strncmp(p, option, len))
			found = p + len;
	}
	return found;
}

void jobs_join_make(struct jobs *jobs, const char *makeflags)
{
	const char *text = makeflags ? last_of(makeflags, "--jobserver-auth=") : NULL;

	if (!text && makeflags) /* before make 4.2 */
		text = last_of(makeflags, "--jobserver-fds=");
	if (!text) {
		/* `make -j1` needs none. */
		text = makeflags ? last_of(makeflags, "-j") : NULL;
		if (text && text[0] == '1' && (!text[1] || text[1] == ' '))
			jobs->most = 1;
		return;
	}
	if (!strncmp(text, "fifo:", 5))
		open_fifo(jobs, text + 5);
	else
		open_descriptors(jobs, text);
	if (!same_pipe(jobs->from, jobs->to)) {
		close_pipe(jobs);
		jobs->most = 1;
	}
}

static bool take_byte(struct jobs *jobs)
{
	uint8_t byte;

	if (!vec_room(&jobs->bytes, 1) || TEMP_FAILURE_RETRY(read(jobs->from, &byte, 1)) != 1)
		return false;
	jobs->bytes.at[jobs->bytes.nr++] = byte;
	return true;
}

bool jobs_take(struct jobs *jobs)
{
	bool free;

	pthread_mutex_lock(&jobs->lock);
	free = jobs->taken + 1 < jobs->most && (jobs->from < 0 || take_byte(jobs));
	jobs->taken += free;
	pthread_mutex_unlock(&jobs->lock);
	return free;
}

/* A pipe that holds no more than make's jobs is never full. */
static void give_byte(struct jobs *jobs)
{
	uint8_t byte = jobs->bytes.at[--jobs->bytes.nr];

	if (TEMP_FAILURE_RETRY(write(jobs->to, &byte, 1)) != 1)
		jobs->most = 1; /* make is gone */
}

void jobs_give(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->taken--;
	if (jobs->bytes.nr)
		give_byte(jobs);
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_give_all(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	while (jobs->bytes.nr)
		give_byte(jobs);
	jobs->most = 1;
	pthread_mutex_unlock(&jobs->lock);
}

/* ---- memory ---- */

/* The first line that begins with @start. */
static bool read_line(const char *path, const char *start, char *text, size_t room)
{
	FILE *file = fopen(path, "re");
	bool read = file && fgets(text, (int)room, file);

	while (read && strncmp(text, start, strlen(start)) != 0)
		read = fgets(text, (int)room, file);

	if (file)
		fclose(file);
	if (read)
		text[strcspn(text, "\n")] = '\0';
	return read;
}

/* The least limit of this process' control group and those above it; UINT64_MAX: none. */
static uint64_t group_limit(void)
{
	static const char top[] = "/sys/fs/cgroup";
	char line[1024], path[sizeof(top) + sizeof(line) + 16], text[64], *slash;
	uint64_t least = UINT64_MAX;
	size_t len;

	if (!read_line("/proc/self/cgroup", "0::/", line, sizeof(line)))
		return least;
	len = (size_t)snprintf(path, sizeof(path), "%s%s", top,
			       strcmp(line + 3, "/") ? line + 3 : "");
	for (;;) {
		unsigned long long limit;

		snprintf(path + len, sizeof(path) - len, "/memory.max");
		if (read_line(path, "", text, sizeof(text)) && sscanf(text, "%llu", &limit) == 1 &&
		    limit < least)
			least = limit;
		path[len] = '\0';
		slash = strrchr(path, '/');
		if (len < sizeof(top) || !slash)
			return least;
		*slash = '\0';
		len = (size_t)(slash - path);
	}
}

uint64_t jobs_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	uint64_t all = pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : UINT64_MAX;
	uint64_t limit = group_limit();

	return limit < all ? limit : all;
}

static bool ends_with(const char *str, const char *suffix)
{
	size_t len = strlen(str), n = strlen(suffix);

	return len >= n && !strcmp(str + len - n, suffix);
}

/*
 * Of a module of 600 MB, plain, 50; packed, it is there unpacked, once more with its new BTF, and
 * packed.
 */
uint64_t jobs_memory_of(const char *path)
{
	const uint64_t least = (uint64_t)4 << 20;
	struct stat st;
	uint64_t size;

	if (stat(path, &st) || st.st_size < 0)
		return least;
	size = (uint64_t)st.st_size;
	if (ends_with(path, ".xz"))
		return least + size * 16;
	if (ends_with(path, ".zst") || ends_with(path, ".gz"))
		return least + size * 10;
	return least + size / 8;
}
