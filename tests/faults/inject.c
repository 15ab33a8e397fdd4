// SPDX-License-Identifier: GPL-2.0-only
/*
 * Something goes wrong at each system call of a program that replaces a file.
 *
 * usage: inject PASS [OPTION]... -- PROGRAM [ARG]...
 *        inject possible: is the exit status 0, this works here
 *
 * One run numbers the calls; then the program runs once for each call and each thing that can
 * happen to it, on a fresh file, which an argument names as "@", and on a second one with the same
 * content where there is an argument "@@". Passes:
 *   errors	the call fails, with each errno that it is known for, or does half of its work
 *   kill	SIGKILL at the entry and at the exit; then the program runs again
 *   signal	SIGINT and SIGTERM at the entry
 *   rename	another program renames its file into the place
 *   rewrite	another program empties the file, and writes to it
 *
 *   --dir=DIR		where to work, in a directory for each process; emptied before each run, so it must be ours
 *   --under=PATH	those directories are roots, which an argument names as "@root", and the file is there
 *   --stored=FILE	what the base store of that root is to hold, once the file is the new one
 *   --name=NAME	of the file
 *   --old=FILE		what it holds before; without, there is none
 *   --new=FILE		what it is to hold then
 *   --input=FILE	what "@@" holds, out of which the file is made; it is the one that changes
 *   --other=FILE	what another program writes
 *   --other-new=FILE	what comes of that
 *   --names=PATH	another file that messages may be about, several times
 *   --cache=DIR	a directory that is emptied before each run, and where no temporary may stay
 *   --no-tmpfile	the file system cannot make files without a name
 *   --no-exchange	it cannot exchange files
 *   --once		the program refuses to do again what it has done
 *   --step=N		every N-th point only
 *   --jobs=N		processes at a time
 *
 * After each run the file has to hold all of the old or all of the new content (or what another
 * program has written, or what comes of that), and unless the program was killed, nothing else may
 * be in its directory. The program ends with 0 and the new content, or with 1, a message that
 * names the file, and the old content.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"

/* A mode that no umask gives. */
#define MODE 0604

struct content {
	char *data;
	size_t size;
	bool there;
};

struct point {
	struct call at;
	enum action action;
	int code;
};

/* What the runs add up to; shared by the processes. */
struct figures {
	unsigned int points, missed, kept, replaced, lost, left, wrong;
};

struct test {
	const char *pass, *dir, *under, *name, *names[4], *cache;
	unsigned int nr_names;
	struct content old, new, other, other_new, input, stored;
	bool no_tmpfile, no_exchange, once;
	unsigned int step, jobs;
	char **argv;
	struct point *points;
	size_t nr_points, nr_calls;
	struct figures *figures;
	unsigned int nr_files;
	char root[256], home[512], said[512], path[512], second[512]; /* of one process */
	bool hook_ran;
};

static struct test t = { .step = 1, .jobs = 2, .nr_files = 1 };

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* ---- files ---- */

static struct content load(const char *path)
{
	struct content c = { 0 };
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return c;
	if (fstat(fd, &st))
		die(path);
	c.there = true;
	c.data = malloc((size_t)st.st_size + 1);
	if (!c.data)
		die("malloc");
	while (c.size < (size_t)st.st_size) {
		ssize_t n = read(fd, c.data + c.size, (size_t)st.st_size - c.size);

		if (n <= 0)
			die(path);
		c.size += (size_t)n;
	}
	c.data[c.size] = '\0';
	close(fd);
	return c;
}

static void store(const char *path, const struct content *c, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, MODE);

	if (fd < 0 || write(fd, c->data, c->size) != (ssize_t)c->size || fchmod(fd, MODE))
		die(path);
	close(fd);
}

static bool same(const struct content *a, const struct content *b)
{
	return a->there == b->there && a->size == b->size &&
	       (!a->size || !memcmp(a->data, b->data, a->size));
}

/* Calls @each for all files in the directory. */
static unsigned int walk(const char *dir, void (*each)(const char *path, const char *name))
{
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned int nr = 0;

	while (d && (e = readdir(d))) {
		char path[1024];

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		nr++;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (each)
			each(path, e->d_name);
	}
	if (d)
		closedir(d);
	return nr;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

/* A directory with all that is in it. */
static void remove_file(const char *path, const char *name)
{
	(void)name;
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static unsigned int temporaries;

static void count_temporary(const char *path, const char *name)
{
	(void)path;
	temporaries += !strncmp(name, ".modbtf-", 8);
}

/* What is in the base store, besides its lock. */
static unsigned int entries, wrong_entries;

static void look_at_entry(const char *path, const char *name)
{
	struct content c;

	count_temporary(path, name);
	if (name[0] == '.')
		return;
	c = load(path);
	entries++;
	wrong_entries += !same(&c, &t.stored);
	free(c.data);
}

static void look_at_store(void)
{
	char path[400];

	entries = wrong_entries = 0;
	snprintf(path, sizeof(path), "%s/var/lib/modbtf/bases", t.root);
	walk(path, look_at_entry);
}

static void prepare_file(const char *path, const struct content *c)
{
	/* Long ago, so that a change shows in the time as well. */
	const struct timespec times[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

	store(path, c, O_EXCL);
	if (utimensat(AT_FDCWD, path, times, 0))
		die(path);
}

static void prepare(void)
{
	walk(t.home, remove_file);
	if (t.stored.there) {
		char path[400];

		snprintf(path, sizeof(path), "%s/var", t.root);
		remove_file(path, "");
	}
	if (t.cache)
		walk(t.cache, remove_file);
	if (t.old.there)
		prepare_file(t.path, &t.old);
	if (t.input.there)
		prepare_file(t.second, &t.input);
	else if (t.old.there && t.nr_files > 1)
		prepare_file(t.second, &t.old);
	t.hook_ran = false;
}

/* ---- what another program does ---- */

static void other_renames(void *ctx)
{
	char path[600];

	(void)ctx;
	snprintf(path, sizeof(path), "%s.other", t.home);
	store(path, &t.other, O_TRUNC);
	if (rename(path, t.input.there ? t.second : t.path))
		die(path);
	t.hook_ran = true;
}

static void other_rewrites(void *ctx)
{
	(void)ctx;
	store(t.input.there ? t.second : t.path, &t.other, O_TRUNC);
	t.hook_ran = true;
}

/* ---- points ---- */

static void add(const struct call *at, enum action action, int code)
{
	t.points = realloc(t.points, (t.nr_points + 1) * sizeof(*t.points));
	if (!t.points)
		die("realloc");
	t.points[t.nr_points++] = (struct point){ *at, action, code };
}

static void add_all(const struct call *at, const int *codes)
{
	for (; *codes; codes++)
		add(at, ACTION_FAIL, *codes);
}

#define FAILS(...) add_all(c, (const int[]){ __VA_ARGS__, 0 })

/* What the manual pages tell of a call, as far as the program is not itself at fault. */
static void add_errors(const struct call *c)
{
	switch (c->nr) {
	case SYS_openat:
		FAILS(EIO, ENOMEM, EINTR, EMFILE, EACCES);
		if (c->args[2] & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
			FAILS(ENOSPC, EDQUOT, EROFS);
		break;
	case SYS_read:
	case SYS_pread64:
		FAILS(EIO, ENOMEM, EINTR);
		add(c, ACTION_SHORT, 0);
		break;
	case SYS_write:
	case SYS_writev:
		FAILS(ENOSPC, EIO, EINTR, ENOMEM, EDQUOT, EFBIG);
		add(c, ACTION_SHORT, 0);
		break;
	case SYS_copy_file_range:
		FAILS(ENOSPC, EIO, EINTR, ENOMEM, EXDEV);
		add(c, ACTION_SHORT, 0);
		break;
	case SYS_fallocate:
		FAILS(ENOSPC, EIO, EINTR, EDQUOT, EOPNOTSUPP);
		break;
	case SYS_fsync:
		FAILS(EIO, ENOSPC, EDQUOT, EINTR, EINVAL);
		break;
	case SYS_sync_file_range:
	case SYS_ftruncate:
	case SYS_lseek:
		FAILS(EIO, ENOSPC);
		break;
	case SYS_close: /* whatever it returns, the descriptor is gone */
		add(c, ACTION_FAIL_AFTER, EIO);
		add(c, ACTION_FAIL_AFTER, EINTR);
		add(c, ACTION_FAIL_AFTER, ENOSPC);
		break;
	case SYS_mkdirat:
#ifdef SYS_mkdir
	case SYS_mkdir:
#endif
	case SYS_linkat:
	case SYS_renameat:
	case SYS_renameat2:
		FAILS(EIO, ENOSPC, ENOMEM, EDQUOT, EACCES, EROFS);
		break;
	case SYS_unlinkat:
		FAILS(EIO, ENOMEM, ENOSPC);
		break;
	case SYS_fchmodat:
#ifdef SYS_chmod
	case SYS_chmod:
#endif
	case SYS_fchmod:
	case SYS_fchown:
		FAILS(EIO, ENOSPC, EPERM, EROFS);
		break;
	case SYS_flistxattr:
	case SYS_fgetxattr:
		FAILS(EIO, ENOMEM, ERANGE, EOPNOTSUPP);
		break;
	case SYS_fsetxattr:
	case SYS_fremovexattr:
		FAILS(EIO, ENOSPC, EPERM, EDQUOT);
		break;
	case SYS_flock:
		FAILS(EINTR, ENOLCK, EWOULDBLOCK, EIO);
		break;
	case SYS_newfstatat:
	case SYS_fstat:
	case SYS_getcwd:
	case SYS_readlinkat:
#ifdef SYS_readlink
	case SYS_readlink:
#endif
	case SYS_faccessat:
	case SYS_getdents64:
#ifdef SYS_faccessat2
	case SYS_faccessat2:
#endif
		FAILS(EIO, ENOMEM);
		break;
	case SYS_mmap:
	case SYS_munmap:
	case SYS_mremap:
	case SYS_mprotect:
	case SYS_madvise:
	case SYS_brk:
		FAILS(ENOMEM);
		break;
	case SYS_clone:
#ifdef SYS_clone3
	case SYS_clone3:
#endif
		FAILS(EAGAIN, ENOMEM);
		break;
	case SYS_pipe2:
		FAILS(EMFILE, ENFILE);
		break;
	case SYS_ppoll:
#ifdef SYS_poll
	case SYS_poll:
#endif
		FAILS(EINTR, ENOMEM);
		break;
	case SYS_getrandom:
		FAILS(EINTR, EAGAIN);
		break;
	case SYS_fcntl:
		FAILS(EMFILE);
		break;
	default: /* all others cannot fail, or nothing hangs on them */
		break;
	}
}

static void add_points(const struct call *c)
{
	if (!strcmp(t.pass, "errors")) {
		add_errors(c);
	} else if (!strcmp(t.pass, "kill")) {
		add(c, ACTION_SIGNAL, SIGKILL);
		add(c, ACTION_SIGNAL_EXIT, SIGKILL);
	} else if (!strcmp(t.pass, "signal")) {
		add(c, ACTION_SIGNAL, SIGINT);
		add(c, ACTION_SIGNAL, SIGTERM);
	} else {
		add(c, ACTION_CALL, 0);
	}
}

/* ---- one run ---- */

static void complain(const struct point *p, unsigned int *count, const char *why)
{
	struct content said = load(t.said);

	__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
	printf("  %s, %u of thread %u, %s: %s: %.300s\n", trace_name(p->at.nr), p->at.before,
	       p->at.thread,
	       p->action == ACTION_SHORT       ? "half done" :
	       p->action == ACTION_CALL	       ? t.pass :
	       p->action == ACTION_SIGNAL      ? "signal at entry" :
	       p->action == ACTION_SIGNAL_EXIT ? "signal at exit" :
						 strerror(p->code),
	       why, said.there && said.size ? said.data : "(it said nothing)");
	fflush(stdout);
	free(said.data);
}

static struct plan make_plan(const struct point *p)
{
	return (struct plan){ .at = p->at,
			      .action = p->action,
			      .code = p->code,
			      .hook = !strcmp(t.pass, "rename") ? other_renames : other_rewrites,
			      .no_tmpfile = t.no_tmpfile,
			      .no_exchange = t.no_exchange };
}

/* Is the message fit for the failure? */
static bool tells(const struct content *said)
{
	if (!said->there || strncmp(said->data, "modbtf: ", 8) != 0)
		return false;
	for (unsigned int i = 0; i < t.nr_names; i++)
		if (strstr(said->data, t.names[i]))
			return true;
	return strstr(said->data, t.path) || strstr(said->data, t.second);
}

/* What is said of a failure to say something, or of one that came after the file was replaced. */
static bool tells_replaced(const struct point *p, const struct content *said)
{
	bool output = p->at.nr == SYS_write && p->at.args[0] <= 2;

	return output || (said->there && strstr(said->data, "was replaced"));
}

/* What was interrupted, or half done, is to be gone on with. Output is the C library's business. */
static bool no_excuse(const struct point *p)
{
	return p->at.nr != SYS_write &&
	       (p->action == ACTION_SHORT ||
		((p->action == ACTION_FAIL || p->action == ACTION_FAIL_AFTER) && p->code == EINTR));
}

/* That the base could not be kept is no failure, and said. */
static bool tells_store(const struct content *said)
{
	return said->there && strstr(said->data, "cannot be kept");
}

/*
 * The store holds the whole base or nothing, and the base before the module needs it, unless this is
 * said.
 */
static void check_store(const struct point *p, bool is_new)
{
	struct content said = load(t.said);

	if (!t.stored.there)
		return;
	temporaries = 0;
	look_at_store();
	if (wrong_entries)
		complain(p, &t.figures->lost, "the base in the store is not whole");
	if (is_new && !entries && !tells_store(&said))
		complain(p, &t.figures->wrong, "the base is not in the store");
	if (no_excuse(p) && tells_store(&said))
		complain(p, &t.figures->wrong, "is no reason not to keep the base");
	free(said.data);
}

/* How the program ended, against what is at the path. */
static void check_end(const struct point *p, int status, bool is_new)
{
	struct content said = load(t.said);

	if (WIFSIGNALED(status)) {
		if (strcmp(t.pass, "kill") && strcmp(t.pass, "signal"))
			complain(p, &t.figures->wrong, "ended by a signal");
	} else if (WEXITSTATUS(status) && no_excuse(p)) {
		complain(p, &t.figures->wrong, "is no reason to give up");
	} else if (!WEXITSTATUS(status) && p->at.nr == SYS_fsync && p->action == ACTION_FAIL &&
		   (p->code == EIO || p->code == ENOSPC || p->code == EDQUOT) &&
		   !tells_store(&said)) {
		complain(p, &t.figures->wrong, "exit status 0, but not on disk");
	} else if (t.hook_ran) {
		/* What it did was right when it did it; nothing at all is not. */
		if (t.input.there && !WEXITSTATUS(status) && !is_new)
			complain(p, &t.figures->wrong, "exit status 0, but no new content");
		if (WEXITSTATUS(status) > 1 || (WEXITSTATUS(status) && !tells(&said)))
			complain(p, &t.figures->wrong, "exit status, or message");
	} else if (!WEXITSTATUS(status)) {
		if (!is_new)
			complain(p, &t.figures->wrong, "exit status 0, but the old content");
	} else if (WEXITSTATUS(status) != 1) {
		complain(p, &t.figures->wrong, "exit status");
	} else if (is_new ? !tells_replaced(p, &said) : !tells(&said)) {
		if (p->at.nr != SYS_write || p->at.args[0] != 2) /* it could not say it */
			complain(p, &t.figures->wrong, "exit status 1, but the message");
	}
	free(said.data);
}

static void check_alone(const struct point *p)
{
	temporaries = 0;
	if (t.cache)
		walk(t.cache, count_temporary);
	if (t.stored.there)
		look_at_store();
	if (walk(t.home, NULL) > t.nr_files || temporaries)
		complain(p, &t.figures->left, "a temporary is left");
}

/* Returns whether the file holds the new content. */
static bool check_file(const struct point *p, const char *path)
{
	struct content now = load(path);
	bool is_new = same(&now, t.hook_ran ? &t.other_new : &t.new);
	bool is_old = same(&now, t.hook_ran && !t.input.there ? &t.other : &t.old);
	struct stat st;

	/* A file that is made of another, which changed: of what that was, or is. */
	if (t.input.there && same(&now, &t.new))
		is_new = true;
	if (!is_new && !is_old)
		complain(p, &t.figures->lost, "the file is lost");
	else
		__atomic_fetch_add(is_new ? &t.figures->replaced : &t.figures->kept, 1,
				   __ATOMIC_RELAXED);
	if (t.old.there && (stat(path, &st) || (st.st_mode & 07777) != MODE) &&
	    (p->at.nr != SYS_fchmod || p->code != EPERM))
		complain(p, &t.figures->wrong, "mode");
	free(now.data);
	return is_new;
}

static bool check_content(const struct point *p)
{
	bool is_new = check_file(p, t.path);

	return t.nr_files > 1 && !t.input.there ? check_file(p, t.second) && is_new : is_new;
}

static void run_again(const struct point *p)
{
	const struct point nothing = { .at.nr = p->at.nr };
	struct plan plan = { .no_tmpfile = t.no_tmpfile, .no_exchange = t.no_exchange };
	struct outcome out;

	trace_run(t.argv, t.said, &plan, &out);
	free(out.calls);
	if (!check_content(&nothing) || (out.status && !t.once))
		complain(p, &t.figures->wrong, "the run after that");
	check_store(&nothing, true);
	check_alone(p);
}

static void run_point(const struct point *p)
{
	struct plan plan = make_plan(p);
	struct outcome out;
	bool is_new;

	prepare();
	trace_run(t.argv, t.said, &plan, &out);
	free(out.calls);
	if (!out.hit) {
		__atomic_fetch_add(&t.figures->missed, 1, __ATOMIC_RELAXED);
		return;
	}
	__atomic_fetch_add(&t.figures->points, 1, __ATOMIC_RELAXED);
	is_new = check_content(p);
	if (out.hung)
		complain(p, &t.figures->wrong, "it does not end");
	check_end(p, out.status, is_new);
	check_store(p, is_new);
	if (!strcmp(t.pass, "kill"))
		run_again(p);
	else
		check_alone(p);
}

/* ---- all of them ---- */

/* The directory of the process @n, and the argument "@" for the file in it. */
static void settle(unsigned int n)
{
	snprintf(t.root, sizeof(t.root), "%s/%u", t.dir, n);
	snprintf(t.home, sizeof(t.home), "%s%s%s", t.root, t.under ? "/" : "",
		 t.under ? t.under : "");
	snprintf(t.path, sizeof(t.path), "%.300s/%s", t.home, t.name);
	snprintf(t.said, sizeof(t.said), "%s.said", t.root);
	mkdir(t.home, 0755);
	snprintf(t.second, sizeof(t.second), "%.300s/2%s", t.home, t.name);
	for (char **arg = t.argv; *arg; arg++) {
		if (!strcmp(*arg, "@"))
			*arg = t.path;
		else if (!strcmp(*arg, "@@"))
			*arg = t.second;
		else if (!strcmp(*arg, "@root"))
			*arg = t.root;
	}
	if (t.cache) {
		static char cache[600];

		snprintf(cache, sizeof(cache), "%s/%u", t.cache, n);
		mkdir(cache, 0755);
		t.cache = cache;
		setenv("MODBTF_INDEX_CACHE", cache, 1);
	}
}

static void number_the_calls(void)
{
	struct plan plan = { .no_tmpfile = t.no_tmpfile, .no_exchange = t.no_exchange };
	struct outcome out;
	struct content now;

	prepare();
	trace_run(t.argv, t.said, &plan, &out);
	now = load(t.path);
	if (out.status || !same(&now, &t.new) || walk(t.home, NULL) != t.nr_files) {
		fprintf(stderr, "without any fault: status 0x%x, %s\n", out.status,
			load(t.said).data);
		exit(2);
	}
	free(now.data);
	for (size_t i = 0; i < out.nr_calls; i++)
		add_points(&out.calls[i]);
	t.nr_calls = out.nr_calls;
	free(out.calls);
}

/* What one process does: each has a directory of its own, and every so many-th point. */
static void work(unsigned int n)
{
	settle(n);
	number_the_calls();
	if (!n)
		printf("  %zu system calls, %zu points, one in %u\n", t.nr_calls, t.nr_points,
		       t.step);
	fflush(stdout);
	for (size_t i = n * t.step; i < t.nr_points; i += (size_t)t.jobs * t.step)
		run_point(&t.points[i]);
}

static void work_in_parallel(void)
{
	for (unsigned int n = 0; n < t.jobs; n++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid) {
			work(n);
			exit(0);
		}
	}
	for (unsigned int n = 0; n < t.jobs; n++) {
		int status;

		if (wait(&status) < 0 || status)
			exit(2);
	}
}

static void options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "dir", 1, NULL, 'd' },	{ "name", 1, NULL, 'n' },
		{ "old", 1, NULL, 'o' },	{ "new", 1, NULL, 'w' },
		{ "input", 1, NULL, 'i' },	{ "other", 1, NULL, 'x' },
		{ "other-new", 1, NULL, 'y' },	{ "names", 1, NULL, 'm' },
		{ "cache", 1, NULL, 'c' },	{ "once", 0, NULL, 'O' },
		{ "under", 1, NULL, 'u' },	{ "stored", 1, NULL, 'b' },
		{ "no-tmpfile", 0, NULL, 'T' }, { "no-exchange", 0, NULL, 'E' },
		{ "step", 1, NULL, 's' },	{ "jobs", 1, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	t.pass = argv[1];
	optind = 2;
	while ((c = getopt_long(argc, argv, "+", longs, NULL)) != -1) {
		switch (c) {
		case 'd':
			t.dir = optarg;
			break;
		case 'n':
			t.name = optarg;
			break;
		case 'o':
			t.old = load(optarg);
			break;
		case 'w':
			t.new = load(optarg);
			break;
		case 'i':
			t.input = load(optarg);
			break;
		case 'x':
			t.other = load(optarg);
			break;
		case 'y':
			t.other_new = load(optarg);
			break;
		case 'm':
			if (t.nr_names < 4)
				t.names[t.nr_names++] = optarg;
			break;
		case 'c':
			t.cache = optarg;
			break;
		case 'u':
			t.under = optarg;
			break;
		case 'b':
			t.stored = load(optarg);
			break;
		case 'T':
			t.no_tmpfile = true;
			break;
		case 'E':
			t.no_exchange = true;
			break;
		case 'O':
			t.once = true;
			break;
		case 's':
			t.step = (unsigned int)atoi(optarg);
			break;
		case 'j':
			t.jobs = (unsigned int)atoi(optarg);
			break;
		default:
			exit(2);
		}
	}
	t.argv = argv + optind;
	for (char **arg = t.argv; *arg; arg++)
		if (!strcmp(*arg, "@@"))
			t.nr_files = 2;
	if (!t.dir || !t.name || !t.new.there || !t.step || !t.jobs || !*t.argv) {
		fputs("inject: options are missing, see its source\n", stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	const struct figures *f;

	if (argc == 2 && !strcmp(argv[1], "possible"))
		return trace_possible() ? 0 : 1;
	if (argc < 2)
		return 2;
	options(argc, argv);
	t.figures = mmap(NULL, sizeof(*t.figures), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t.figures == MAP_FAILED)
		die("mmap");
	mkdir(t.dir, 0755);
	if (t.cache)
		mkdir(t.cache, 0755);
	work_in_parallel();
	f = t.figures;
	printf("points %u, not met %u, old content %u, new content %u, lost %u, temporaries %u, "
	       "wrong %u\n",
	       f->points, f->missed, f->kept, f->replaced, f->lost, f->left, f->wrong);
	return !f->points || f->lost || f->left || f->wrong;
}
