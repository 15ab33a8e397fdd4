// SPDX-License-Identifier: GPL-2.0-only
#include "io/run.h"

#include <ctype.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util/signals.h"

/* Of what it prints, so much is kept; the rest is read and thrown away. */
#define OUTPUT_MOST 600

/* A child that holds its output open is looked after this often. */
#define TICK_MS 100

/* The first descriptor that the child does not use. */
#define FIRST_FREE 4

struct child {
	pid_t pid;
	int output; /* what it prints; -1 when it has closed that */
	int start;  /* errno, if it could not be started */
	char text[OUTPUT_MOST + 1];
	size_t len;
	int status; /* as waitpid() has it */
};

/* Pipe ends that are none of the descriptors that the child gets. Returns 0 or a negative errno. */
static int make_pipe(int fds[2])
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 0; i < 2; i++)
		fds[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, FIRST_FREE);
	close(ends[0]);
	close(ends[1]);
	if (fds[0] >= 0 && fds[1] >= 0)
		return 0;
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return -EMFILE;
}

/* Ours are all closed by exec; this is for what we have been given open. */
static void close_others(void)
{
#ifdef SYS_close_range
	if (!syscall(SYS_close_range, FIRST_FREE, ~0U, 0))
		return;
#endif
	for (int fd = FIRST_FREE; fd < 1024; fd++)
		close(fd);
}

/* In the child: only what may be called between fork() of a threaded process and exec. */
static void become(const char *const argv[], int dir, int output, int start, pid_t parent)
{
	sigset_t none;
	int nothing, code;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	/* Before the first descriptors change: @dir may be one of them. */
	if (dir != AT_FDCWD && fchdir(dir) < 0)
		goto failed;
	nothing = open("/dev/null", O_RDONLY);
	if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 ||
	    dup2(start, 3) < 0 || fcntl(3, F_SETFD, FD_CLOEXEC) < 0)
		goto failed;
	close_others();
	start = 3;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(argv[0], (char *const *)argv);
failed:
	code = errno;
	if (write(start, &code, sizeof(code)) < 0)
		code = 0;
	_exit(127);
}

/* Returns 0 or a negative errno; then there is no child. */
static int start(struct child *c, const char *const argv[], int dir)
{
	int output[2], told[2], code;
	pid_t parent = getpid();
	ssize_t n;

	code = make_pipe(output);
	if (code)
		return code;
	code = make_pipe(told);
	if (code) {
		close(output[0]);
		close(output[1]);
		return code;
	}
	c->pid = fork();
	if (!c->pid)
		become(argv, dir, output[1], told[1], parent);
	code = c->pid < 0 ? -errno : 0;
	close(output[1]);
	close(told[1]);
	c->output = output[0];
	if (!code) {
		/* Ends when the child's copy is closed, by exec or by its death. */
		while ((n = read(told[0], &c->start, sizeof(c->start))) < 0 && errno == EINTR)
			;
		if (n == (ssize_t)sizeof(c->start))
			code = -c->start;
	}
	close(told[0]);
	if (!code)
		return 0;
	close(c->output);
	while (c->pid > 0 && waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	return code;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void read_output(struct child *c)
{
	char buf[4096];
	ssize_t n = read(c->output, buf, sizeof(buf));
	size_t keep;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		close(c->output);
		c->output = -1;
		return;
	}
	keep = OUTPUT_MOST - c->len < (size_t)n ? OUTPUT_MOST - c->len : (size_t)n;
	memcpy(c->text + c->len, buf, keep);
	c->len += keep;
}

/* Waits until something happens: output, or its end, which closes the output of most. */
static void wait_a_little(struct child *c, int ms)
{
	struct pollfd fd = { .fd = c->output, .events = POLLIN };

	/* Nothing to poll: a child that closed its output has mostly ended as well. */
	if (poll(&fd, 1, c->output < 0 ? 1 : ms) > 0)
		read_output(c);
}

/* What it printed at last; others may still hold the pipe open. */
static void drain(struct child *c)
{
	struct pollfd fd = { .fd = c->output, .events = POLLIN };

	for (int i = 0; i < 64 && c->output >= 0 && poll(&fd, 1, 0) > 0; i++)
		read_output(c);
}

/* Waits for its end. Returns 0 or a negative errno; it has ended in any case. */
static int wait_for(struct child *c, unsigned int seconds)
{
	int64_t end = now_ms() + (int64_t)seconds * 1000;
	int code = 0;
	pid_t ret;

	while ((ret = waitpid(c->pid, &c->status, WNOHANG)) == 0) {
		int64_t left = end - now_ms();

		if (!code && signals_ask_to_end())
			code = -EINTR;
		else if (!code && left <= 0)
			code = -ETIMEDOUT;
		if (code)
			kill(-c->pid, SIGKILL);
		wait_a_little(c, left > 0 && left < TICK_MS ? (int)left : TICK_MS);
	}
	if (ret < 0 && !code)
		code = -errno;
	drain(c);
	if (c->output >= 0)
		close(c->output);
	return code;
}

/* Puts X for each byte of @secret. */
static void mask(struct child *c, const char *secret)
{
	size_t len = secret ? strlen(secret) : 0;
	char *at = c->text;

	while (len && (at = memmem(at, c->len - (size_t)(at - c->text), secret, len))) {
		memset(at, 'X', len);
		at += len;
	}
	/* The text may have been cut in the middle of it. */
	for (size_t n = len < c->len ? len : c->len; n && c->len == OUTPUT_MOST; n--)
		if (!memcmp(c->text + c->len - n, secret, n))
			memset(c->text + c->len - n, 'X', n);
}

/* One line, nothing in it that a terminal would obey. */
static void tidy(struct child *c)
{
	size_t len = 0;

	for (size_t i = 0; i < c->len; i++) {
		unsigned char ch = (unsigned char)c->text[i];

		if (ch == '\n' || ch == '\t')
			ch = ' ';
		if (ch == ' ' && (!len || c->text[len - 1] == ' '))
			continue;
		c->text[len++] = iscntrl(ch) ? '?' : (char)ch;
	}
	while (len && c->text[len - 1] == ' ')
		len--;
	c->text[len] = '\0';
}

static int report(const struct child *c, const char *program, int code, unsigned int seconds,
		  struct error *err)
{
	const char *says = c->text[0] ? ": " : "";

	if (code == -EINTR)
		return error_set(err, code, "interrupted: run again");
	if (code == -ETIMEDOUT)
		return error_set(err, code, "%s did not end within %u seconds and was killed%s%s",
				 program, seconds, says, c->text);
	if (code < 0)
		return error_errno(err, code, "cannot learn how %s ended", program);
	if (WIFSIGNALED(c->status))
		return error_set(err, -ECANCELED, "%s was killed by signal %d%s%s", program,
				 WTERMSIG(c->status), says, c->text);
	if (WEXITSTATUS(c->status))
		return error_set(err, -ECANCELED, "%s failed with exit code %d%s%s", program,
				 WEXITSTATUS(c->status), says, c->text);
	return 0;
}

int run_program(const char *const argv[], int dir, unsigned int seconds, const char *secret,
		struct error *err)
{
	struct child c = { .output = -1 };
	int code = start(&c, argv, dir);

	if (code)
		return error_errno(err, code, "cannot run %s", argv[0]);
	code = wait_for(&c, seconds);
	mask(&c, secret);
	tidy(&c);
	return report(&c, argv[0], code, seconds, err);
}
