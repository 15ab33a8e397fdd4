// SPDX-License-Identifier: GPL-2.0-only
#include "util/signals.h"

#include <errno.h>
#include <stddef.h>

/* Signals are of the process, and so is this: threads that hold them off, one a thread. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER; /* holders is 0, or ending is not true */
static unsigned int holders;
static bool ending; /* a signal waits for them */
static _Thread_local unsigned int depth;

/* What the thread that waits is told that it is over with: none of signals_that_end(). */
#define OVER SIGURG

void signals_that_end(sigset_t *set)
{
	static const int others[] = { SIGSEGV, SIGBUS,	SIGFPE,	  SIGILL,  SIGTRAP, SIGABRT,
				      SIGSYS,  SIGKILL, SIGSTOP,  SIGTSTP, SIGTTIN, SIGTTOU,
				      SIGCONT, SIGCHLD, SIGWINCH, SIGURG };

	sigfillset(set);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		sigdelset(set, others[i]);
}

void signals_hold(sigset_t *before)
{
	sigset_t set;

	signals_that_end(&set);
	pthread_sigmask(SIG_BLOCK, &set, before);
	if (depth++)
		return;
	pthread_mutex_lock(&lock);
	/* What begins now would be done before the signal, and what follows it, and so on. */
	while (ending)
		pthread_cond_wait(&changed, &lock);
	holders++;
	pthread_mutex_unlock(&lock);
}

void signals_release(const sigset_t *before)
{
	if (!--depth) {
		pthread_mutex_lock(&lock);
		if (!--holders)
			pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
	}
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

bool signals_ask_to_end(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action;
	sigset_t waiting;
	bool ask;

	pthread_mutex_lock(&lock);
	ask = ending;
	pthread_mutex_unlock(&lock);
	/* Blocked signals are kept waiting even where they are ignored. */
	sigpending(&waiting);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]) && !ask; i++)
		ask = sigismember(&waiting, signals[i]) == 1 &&
		      !sigaction(signals[i], NULL, &action) && action.sa_handler != SIG_IGN;
	return ask;
}

int signals_thread_create(pthread_t *thread, void *(*run)(void *), void *arg)
{
	sigset_t all, before;
	int code;

	signals_that_end(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	code = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

/* As a signal does it that nobody puts off. */
static void let_end(int signal)
{
	sigset_t set, before;

	sigemptyset(&set);
	sigaddset(&set, signal);
	raise(signal);
	pthread_sigmask(SIG_UNBLOCK, &set, &before);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* From now on nobody begins to hold them. */
static void end_process(struct signals_watch *watch, int signal)
{
	pthread_mutex_lock(&lock);
	ending = true;
	while (holders)
		pthread_cond_wait(&changed, &lock);
	if (watch->last)
		watch->last(watch->ctx);
	let_end(signal);
	ending = false;
	pthread_cond_broadcast(&changed);
	watch->came = signal;
	watch->survived = true;
	pthread_mutex_unlock(&lock);
}

static bool is_over(struct signals_watch *watch)
{
	bool over;

	pthread_mutex_lock(&lock);
	over = watch->over;
	pthread_mutex_unlock(&lock);
	return over;
}

static void *wait_for_signals(void *arg)
{
	struct signals_watch *watch = arg;
	sigset_t set = watch->put_off;

	sigaddset(&set, OVER);
	for (;;) {
		int signal = sigwaitinfo(&set, NULL);

		if (signal < 0 && errno != EINTR)
			return NULL; /* refused: they are put off until the end */
		if (signal == OVER && is_over(watch))
			return NULL;
		if (signal > 0 && signal != OVER)
			end_process(watch, signal);
	}
}

static void start(struct signals_watch *watch)
{
	sigset_t over, before;

	/* Blocked, it waits for the thread, which may not have come to wait for it. */
	sigemptyset(&over);
	sigaddset(&over, OVER);
	pthread_sigmask(SIG_BLOCK, &over, &before);
	watch->running = !pthread_create(&watch->thread, NULL, wait_for_signals, watch);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void signals_watch_begin(struct signals_watch *watch, void (*last)(void *ctx), void *ctx)
{
	sigset_t all;

	*watch = (struct signals_watch){ .last = last, .ctx = ctx };
	signals_that_end(&all);
	sigemptyset(&watch->put_off);
	pthread_sigmask(SIG_BLOCK, NULL, &watch->before);
	for (int i = 1; i < NSIG; i++) {
		struct sigaction action;

		if (sigismember(&all, i) == 1 && !sigaction(i, NULL, &action) &&
		    action.sa_handler != SIG_IGN && !sigismember(&watch->before, i))
			sigaddset(&watch->put_off, i);
	}
	pthread_sigmask(SIG_BLOCK, &watch->put_off, NULL);
	start(watch);
}

bool signals_watch_came(struct signals_watch *watch)
{
	sigset_t waiting;
	bool came;

	pthread_mutex_lock(&lock);
	sigpending(&waiting);
	for (int i = 1; i < NSIG && !watch->came; i++)
		if (sigismember(&watch->put_off, i) == 1 && sigismember(&waiting, i) == 1)
			watch->came = i;
	came = watch->came;
	pthread_mutex_unlock(&lock);
	return came;
}

int signals_watch_end(struct signals_watch *watch)
{
	if (watch->running) {
		pthread_mutex_lock(&lock);
		watch->over = true;
		pthread_mutex_unlock(&lock);
		pthread_kill(watch->thread, OVER);
		pthread_join(watch->thread, NULL);
	}
	pthread_sigmask(SIG_SETMASK, &watch->before, NULL);
	/* It may have been another thread's alone, which is no more. */
	if (watch->came && !watch->survived)
		raise(watch->came);
	return watch->came;
}
