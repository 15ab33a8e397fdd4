// SPDX-License-Identifier: GPL-2.0-only
/* Jobs of our own and of make, pieces of work over them, and signals that come meanwhile. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "regen/parallel.h"
#include "scratch.h"
#include "util/signals.h"

#define MUCH ((uint64_t)1 << 40)

/* ---- jobs */

static void of_our_own(void **state)
{
	struct jobs jobs;

	(void)state;
	jobs_init(&jobs, 3, MUCH);
	assert_true(jobs_take(&jobs));
	assert_true(jobs_take(&jobs));
	assert_false(jobs_take(&jobs));
	jobs_give(&jobs);
	assert_true(jobs_take(&jobs));
	jobs_give(&jobs);
	jobs_give(&jobs);
	jobs_free(&jobs);
	jobs_init(&jobs, 1, MUCH);
	assert_false(jobs_take(&jobs));
	jobs_free(&jobs);
}

/* Takes all there is, two, and gives it back. */
static void check_server(const char *makeflags, int from)
{
	struct jobs jobs;
	char bytes[3];

	jobs_init(&jobs, 8, MUCH);
	jobs_join_make(&jobs, makeflags);
	assert_true(jobs_take(&jobs));
	assert_true(jobs_take(&jobs));
	assert_false(jobs_take(&jobs)); /* and does not wait */
	jobs_give(&jobs);
	assert_true(jobs_take(&jobs));
	jobs_give(&jobs);
	jobs_give(&jobs);
	jobs_free(&jobs);
	/* The very bytes: make 4.4 tells by them what went wrong. */
	assert_int_equal(read(from, bytes, 2), 2);
	assert_true((bytes[0] == 'a' && bytes[1] == 'b') || (bytes[0] == 'b' && bytes[1] == 'a'));
	assert_int_equal(write(from, "", 0), -1); /* the end that only reads */
}

static void of_make_by_descriptors(void **state)
{
	char flags[200];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < 3; i++) {
		static const char *const formats[] = {
			" -j --jobserver-auth=%d,%d", "k --jobserver-fds=%d,%d -j -- X=1",
			" -j4 --jobserver-auth=98,99 --jobserver-auth=%d,%d -- --jobserver-auth=1,2"
		};

		assert_int_equal(write(ends[1], "ab", 2), 2);
		snprintf(flags, sizeof(flags), formats[i], ends[0], ends[1]);
		check_server(flags, ends[0]);
	}
	/* Ours alone does not wait: others that read this pipe want to. */
	assert_false(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	close(ends[0]);
	close(ends[1]);
}

static void of_make_by_name(void **state)
{
	char flags[4200];
	int both, from;

	(void)state;
	scratch_run("mkfifo server");
	both = open(scratch_path("server"), O_RDWR);
	from = open(scratch_path("server"), O_RDONLY);
	assert_true(both >= 0 && from >= 0);
	assert_int_equal(write(both, "ab", 2), 2);
	snprintf(flags, sizeof(flags), " -j3 --jobserver-auth=fifo:%s --output-sync",
		 scratch_path("server"));
	check_server(flags, from);
	close(both);
	close(from);
}

/* One thread works, as in a make that cannot reach its parent's jobserver. */
static void of_make_that_are_not_handed_on(void **state)
{
	static const char *const flags[] = { " -j --jobserver-auth=77,78",
					     " -j --jobserver-auth=-2,-2",
					     " -j --jobserver-auth=fifo:/there/is/none",
					     " -j --jobserver-auth=", " -j --jobserver-auth=0,x" };
	char file_flags[100];
	struct jobs jobs;
	int file;

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		jobs_init(&jobs, 8, MUCH);
		jobs_join_make(&jobs, flags[i]);
		assert_false(jobs_take(&jobs));
		jobs_free(&jobs);
	}
	/* The numbers are those of some other file. */
	scratch_run("printf abc >file");
	file = open(scratch_path("file"), O_RDWR);
	snprintf(file_flags, sizeof(file_flags), " --jobserver-auth=%d,%d", file, file);
	jobs_init(&jobs, 8, MUCH);
	jobs_join_make(&jobs, file_flags);
	assert_false(jobs_take(&jobs));
	jobs_free(&jobs);
	assert_int_equal(lseek(file, 0, SEEK_CUR), 0);
	close(file);
}

/* Two pipes of somebody else. */
static void of_make_that_are_others(void **state)
{
	char flags[100], byte;
	struct jobs jobs;
	int a[2], b[2];

	(void)state;
	assert_true(!pipe(a) && !pipe(b));
	assert_int_equal(write(a[1], "x", 1), 1);
	snprintf(flags, sizeof(flags), " --jobserver-auth=%d,%d", a[0], b[1]);
	jobs_init(&jobs, 8, MUCH);
	jobs_join_make(&jobs, flags);
	assert_false(jobs_take(&jobs));
	jobs_free(&jobs);
	assert_int_equal(read(a[0], &byte, 1), 1);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

static void of_make_that_has_one(void **state)
{
	static const char *const flags[] = { " -j1", "s -j1", "ks -j1 -- J=-j4" };
	struct jobs jobs;

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		jobs_init(&jobs, 8, MUCH);
		jobs_join_make(&jobs, flags[i]);
		assert_false(jobs_take(&jobs));
		jobs_free(&jobs);
	}
}

static void of_make_without_jobserver(void **state)
{
	static const char *const flags[] = { "", "ks", " -j10", " -- A=--jobserver-auth=3,4",
					     NULL };
	struct jobs jobs;

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		jobs_init(&jobs, 2, MUCH);
		jobs_join_make(&jobs, flags[i]);
		assert_true(jobs_take(&jobs));
		jobs_give(&jobs);
		jobs_free(&jobs);
	}
}

static void memory(void **state)
{
	(void)state;
	assert_true(jobs_memory() >= (uint64_t)64 << 20);
	scratch_run("truncate -s 80M m.ko && truncate -s 80M m.ko.xz");
	assert_true(jobs_memory_of(scratch_path("m.ko")) < (uint64_t)80 << 20);
	assert_true(jobs_memory_of(scratch_path("m.ko.xz")) > (uint64_t)400 << 20);
	assert_true(jobs_memory_of(scratch_path("none.ko")) > 0);
}

/* ---- pieces */

#define NR 64

struct pieces {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	unsigned int at_work, most_at_work; /* pieces */
	unsigned int wanted;	  /* so many shall be at work at once before any is done */
	uint64_t size, most_size; /* of those at work */
	unsigned int done;
	size_t fails; /* piece that has no memory; NR: none */
};

static uint64_t size_of(void *ctx, size_t i)
{
	(void)ctx;
	return i % 7 * 10;
}

static void *work(void *ctx, size_t i)
{
	struct pieces *p = ctx;

	pthread_mutex_lock(&p->lock);
	p->at_work++;
	p->size += size_of(p, i);
	if (p->at_work > p->most_at_work)
		p->most_at_work = p->at_work;
	if (p->size > p->most_size)
		p->most_size = p->size;
	pthread_cond_broadcast(&p->moved);
	while (p->most_at_work < p->wanted)
		pthread_cond_wait(&p->moved, &p->lock);
	pthread_mutex_unlock(&p->lock);
	usleep(200);
	pthread_mutex_lock(&p->lock);
	p->at_work--;
	p->size -= size_of(p, i);
	pthread_mutex_unlock(&p->lock);
	return i == p->fails ? NULL : malloc(1);
}

static void done(void *ctx, size_t i, void *result)
{
	struct pieces *p = ctx;

	assert_true(i == p->done || (i > p->fails && p->done >= p->fails));
	p->done++;
	free(result);
}

static int run(struct pieces *p, struct jobs *jobs, const size_t *order)
{
	const struct parallel todo = {
		.nr = NR, .order = order, .memory = size_of, .work = work, .done = done, .ctx = p
	};
	struct error err = ERROR_INIT;
	int ret;

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->moved, NULL);
	ret = parallel_run(&todo, jobs, &err);
	pthread_cond_destroy(&p->moved);
	pthread_mutex_destroy(&p->lock);
	assert_int_equal(jobs->taken, 0);
	return ret;
}

static void in_order(void **state)
{
	size_t backwards[NR];

	(void)state;
	for (size_t i = 0; i < NR; i++)
		backwards[i] = NR - 1 - i;
	for (unsigned int threads = 1; threads <= 5; threads++) {
		struct pieces p = { .fails = NR, .wanted = threads };
		struct jobs jobs;

		jobs_init(&jobs, threads, MUCH);
		assert_int_equal(run(&p, &jobs, threads % 2 ? backwards : NULL), 0);
		assert_int_equal(p.done, NR);
		assert_int_equal(p.most_at_work, threads);
		jobs_free(&jobs);
	}
}

/* No more at once than there is room for; but one that is larger than all there is, alone. */
static void within_memory(void **state)
{
	static const uint64_t limits[] = { 1, 60, 75, 200 };

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct pieces p = { .fails = NR };
		struct jobs jobs;

		jobs_init(&jobs, 8, limits[i]);
		assert_int_equal(run(&p, &jobs, NULL), 0);
		assert_int_equal(p.done, NR);
		assert_true(p.most_size <= (limits[i] < 60 ? 60 : limits[i]));
		jobs_free(&jobs);
	}
}

static void out_of_memory(void **state)
{
	(void)state;
	for (unsigned int threads = 1; threads <= 3; threads++) {
		struct pieces p = { .fails = 20 };
		struct jobs jobs;

		jobs_init(&jobs, threads, MUCH);
		assert_int_equal(run(&p, &jobs, NULL), -ENOMEM);
		assert_true(p.done >= 20 && p.done < NR);
		jobs_free(&jobs);
	}
}

/* ---- signals */

struct told {
	int to; /* a pipe */
	bool hold;
};

/* Tells that it is at work, and never ends; or ends what must be ended, and only then. */
static void *never_done(void *ctx, size_t i)
{
	struct told *t = ctx;
	sigset_t before;

	if (t->hold && i)
		signals_hold(&before);
	if (write(t->to, "w", 1) != 1)
		_exit(1);
	if (t->hold && i) {
		while (!signals_ask_to_end())
			usleep(1000);
		usleep(20000); /* a signal that is not held off would end us here */
		if (write(t->to, "e", 1) != 1)
			_exit(1);
		signals_release(&before);
	}
	for (;;)
		pause();
	return NULL;
}

static void ignore(void *ctx, size_t i, void *result)
{
	(void)ctx;
	(void)i;
	(void)result;
}

/* A program of two threads, both at work, gets the signal. @said: what it says until it ends by that. */
static void check_end(int signal, bool hold, const char *said)
{
	char text[8] = "";
	size_t len = 0;
	ssize_t n;
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct told t = { ends[1], hold };
		const struct parallel todo = {
			.nr = 2, .work = never_done, .done = ignore, .ctx = &t
		};
		struct jobs jobs;

		close(ends[0]);
		alarm(60);
		jobs_init(&jobs, 2, MUCH);
		parallel_run(&todo, &jobs, NULL);
		_exit(0);
	}
	close(ends[1]);
	while (len < 2 && (n = read(ends[0], text + len, 2 - len)) > 0)
		len += (size_t)n;
	assert_string_equal(text, "ww");
	assert_int_equal(kill(pid, signal), 0);
	while (len < sizeof(text) - 1 &&
	       (n = read(ends[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), signal);
	assert_string_equal(text, said);
}

static void signals_end_it_at_once(void **state)
{
	(void)state;
	check_end(SIGINT, false, "ww");
	check_end(SIGTERM, false, "ww");
	check_end(SIGHUP, false, "ww");
}

static void but_not_what_is_held(void **state)
{
	(void)state;
	check_end(SIGINT, true, "wwe");
	check_end(SIGTERM, true, "wwe");
}

/* Works in steps that must not be cut short, one after the other, for ever. */
static void *hold_again_and_again(void *ctx, size_t i)
{
	struct told *t = ctx;
	sigset_t before;

	(void)i;
	if (write(t->to, "w", 1) != 1)
		_exit(1);
	for (;;) {
		signals_hold(&before);
		usleep(2000);
		signals_release(&before);
	}
	return NULL;
}

/* What is begun after the signal does not put it off. */
static void nor_for_ever(void **state)
{
	int ends[2], status;
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct told t = { ends[1], false };
		const struct parallel todo = {
			.nr = 8, .work = hold_again_and_again, .done = ignore, .ctx = &t
		};
		struct jobs jobs;

		alarm(30); /* which would be held off as well */
		jobs_init(&jobs, 8, MUCH);
		parallel_run(&todo, &jobs, NULL);
		_exit(0);
	}
	for (int i = 0; i < 8; i++)
		assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	close(ends[0]);
	close(ends[1]);
}

/* A program that ends gives make back what it had of it, also where only a piece itself has taken some. */
static void signals_give_jobs_back(void **state)
{
	char flags[100], bytes[4] = "";
	int server[2], ends[2], status;
	pid_t pid;

	(void)state;
	for (size_t nr = 1; nr <= 2; nr++) {
		assert_true(!pipe(server) && !pipe(ends));
		assert_int_equal(write(server[1], "ab", 2), 2);
		pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			struct told t = { ends[1], false };
			const struct parallel todo = {
				.nr = nr, .work = never_done, .done = ignore, .ctx = &t
			};
			struct jobs jobs;

			alarm(60);
			snprintf(flags, sizeof(flags), " --jobserver-auth=%d,%d", server[0],
				 server[1]);
			jobs_init(&jobs, 8, MUCH);
			jobs_join_make(&jobs, flags);
			if (nr == 1 && !jobs_take(&jobs))
				_exit(1);
			parallel_run(&todo, &jobs, NULL);
			_exit(0);
		}
		for (size_t i = 0; i < nr; i++)
			assert_int_equal(read(ends[0], bytes, 1), 1);
		assert_int_equal(kill(pid, SIGTERM), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
		close(server[1]);
		assert_int_equal(read(server[0], bytes, sizeof(bytes)), 2);
		close(server[0]);
		close(ends[0]);
		close(ends[1]);
	}
}

static int handled;

static void handle(int signal)
{
	__atomic_store_n(&handled, signal, __ATOMIC_SEQ_CST);
}

static void *signal_us(void *ctx, size_t i)
{
	(void)ctx;
	(void)i;
	if (!i)
		kill(getpid(), SIGUSR1);
	while (!__atomic_load_n(&handled, __ATOMIC_SEQ_CST))
		usleep(1000);
	return malloc(1);
}

static void free_it(void *ctx, size_t i, void *result)
{
	(void)ctx;
	(void)i;
	free(result);
}

static void a_signal_that_we_survive(void **state)
{
	const struct parallel todo = { .nr = 1000, .work = signal_us, .done = free_it };
	const struct sigaction ours = { .sa_handler = handle };
	struct sigaction before;
	struct error err = ERROR_INIT;
	struct jobs jobs;
	sigset_t mask, then;

	(void)state;
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	assert_int_equal(sigaction(SIGUSR1, &ours, &before), 0);
	jobs_init(&jobs, 2, MUCH);
	assert_int_equal(parallel_run(&todo, &jobs, &err), -EINTR);
	assert_int_equal(handled, SIGUSR1);
	jobs_free(&jobs);
	sigaction(SIGUSR1, &before, NULL);
	pthread_sigmask(SIG_BLOCK, NULL, &then);
	for (int i = 1; i < NSIG; i++)
		assert_int_equal(sigismember(&mask, i), sigismember(&then, i));
}

/* What the thread that waits is told with comes from others as well, who may do with it what they like. */
static void signals_that_say_it_is_over(void **state)
{
	static void (*const ways[])(int) = { SIG_DFL, SIG_IGN, handle };
	struct sigaction before;
	sigset_t urgent, mask;

	(void)state;
	assert_int_equal(sigaction(SIGURG, NULL, &before), 0);
	sigemptyset(&urgent);
	sigaddset(&urgent, SIGURG);
	for (unsigned int i = 0; i < 600; i++) {
		const bool blocked = i % 2, others = i % 5;
		const struct sigaction action = { .sa_handler = ways[i % 3] };
		struct signals_watch watch;

		assert_int_equal(sigaction(SIGURG, &action, NULL), 0);
		pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &urgent, NULL);
		handled = 0;
		signals_watch_begin(&watch, NULL, NULL);
		assert_true(watch.running);
		for (unsigned int j = 0; others && j < i % 7; j++)
			assert_int_equal(kill(getpid(), SIGURG), 0);
		assert_false(signals_watch_came(&watch));
		assert_int_equal(signals_watch_end(&watch), 0);
		if (!others || blocked)
			assert_int_equal(handled, 0);
		pthread_sigmask(SIG_BLOCK, NULL, &mask);
		assert_int_equal(sigismember(&mask, SIGURG), blocked);
		signal(SIGURG, SIG_IGN); /* none waits for the next */
	}
	pthread_sigmask(SIG_UNBLOCK, &urgent, NULL);
	sigaction(SIGURG, &before, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_our_own),
		cmocka_unit_test(of_make_by_descriptors),
		cmocka_unit_test(of_make_by_name),
		cmocka_unit_test(of_make_that_are_not_handed_on),
		cmocka_unit_test(of_make_that_are_others),
		cmocka_unit_test(of_make_that_has_one),
		cmocka_unit_test(of_make_without_jobserver),
		cmocka_unit_test(memory),
		cmocka_unit_test(in_order),
		cmocka_unit_test(within_memory),
		cmocka_unit_test(out_of_memory),
		cmocka_unit_test(signals_end_it_at_once),
		cmocka_unit_test(but_not_what_is_held),
		cmocka_unit_test(nor_for_ever),
		cmocka_unit_test(signals_give_jobs_back),
		cmocka_unit_test(a_signal_that_we_survive),
		cmocka_unit_test(signals_that_say_it_is_over),
	};

	return cmocka_run_group_tests_name("jobs", tests, scratch_make, scratch_remove);
}
