/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals that come from outside and end the program, and how to put them off while there is
 * something that must not be left behind.
 *
 * A signal ends the whole process, whichever thread takes it. In a program of one thread it is enough to
 * block it there; with several, signals_watch_begin() has them blocked in all of them, and a thread of
 * its own waits for them: it lets a signal have its way, at once, or when the last signals_hold() is
 * over.
 */
#ifndef MODBTF_UTIL_SIGNALS_H
#define MODBTF_UTIL_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

/*
 * Fills @set with all signals that end a process which does nothing about them and that can be put
 * off: those that ask for an end (SIGINT, SIGTERM, ...), limits and timers (SIGXCPU, SIGALRM, ...).
 * Not those by which a fault of the program itself shows (SIGSEGV, SIGBUS, SIGABRT, ...), nor those
 * that stop it.
 */
void signals_that_end(sigset_t *set);

/*
 * From here to signals_release(), in the same thread, no signal ends the program. @before is for
 * signals_release(). May be nested.
 */
void signals_hold(sigset_t *before);
void signals_release(const sigset_t *before);

/* Does one wait, put off, that asks the program to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT)? */
bool signals_ask_to_end(void);

/*
 * pthread_create() of a thread that takes none of these signals, so that they are for those that hold them
 * off at times. (All others it does take: SIGBUS is how a file that was cut off shows, io/sigbus.h.)
 */
int signals_thread_create(pthread_t *thread, void *(*run)(void *), void *arg);

struct signals_watch {
	sigset_t before;  /* mask of the thread that began it */
	sigset_t put_off; /* what is waited for */
	pthread_t thread;
	int came;      /* a signal that did not end the program, 0 if none */
	bool survived; /* and it had its way */
	void (*last)(void *ctx);
	void *ctx;
	bool running;
	bool over;
};

/*
 * Blocks the signals in the calling thread, and so in all that it starts, and waits for them. What is
 * ignored (nohup) or blocked already stays so. Where no thread can be made for it, signals are put off
 * until signals_watch_end(). @last, if not NULL, is called with @ctx, on another thread and while nobody
 * holds signals, before one has its way: what must not be left undone by a program that ends.
 */
void signals_watch_begin(struct signals_watch *watch, void (*last)(void *ctx), void *ctx);

/*
 * Has one come that did not end the program: because that survives it, or is for the calling thread alone
 * (SIGPIPE), or put off?
 */
bool signals_watch_came(struct signals_watch *watch);

/*
 * Ends that, in the thread that began it. What was put off has its way. Returns the signal that came,
 * which the program survives; 0 if there was none.
 */
int signals_watch_end(struct signals_watch *watch);

#endif
