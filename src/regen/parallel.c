// SPDX-License-Identifier: GPL-2.0-only
#include "regen/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "util/signals.h"

struct pool {
	const struct parallel *todo;
	pthread_mutex_t lock;
	size_t next;	/* to be taken */
	size_t passed;	/* on to done(), in order */
	void **results; /* there, not yet passed on */

	sigset_t put_off; /* signals that take effect between pieces only */
	int signal;	  /* one of them came: no further piece is begun */
};

/*
 * A signal ends the process in whichever thread it finds, also while another thread has a temporary
 * file with a name. So as long as there are several threads, none takes the signals that end a
 * program (replace.h): each looks between two pieces whether one is waiting, and parallel_run()
 * lets it have its way when all threads are done with their piece. What is ignored (nohup) or blocked
 * stays so.
 */
static void put_signals_off(struct pool *p, sigset_t *before)
{
	sigset_t all;

	signals_that_end(&all);
	pthread_sigmask(SIG_BLOCK, NULL, before);
	for (int i = 1; i < NSIG; i++) {
		struct sigaction action;

		if (sigismember(&all, i) == 1 && !sigaction(i, NULL, &action) &&
		    action.sa_handler != SIG_IGN && !sigismember(before, i))
			sigaddset(&p->put_off, i);
	}
	pthread_sigmask(SIG_BLOCK, &p->put_off, NULL);
}

/* Called with the lock held. Several waiting: one is enough. */
static bool signal_came(struct pool *p)
{
	sigset_t waiting;

	sigpending(&waiting);
	for (int i = 1; i < NSIG && !p->signal; i++)
		if (sigismember(&p->put_off, i) == 1 && sigismember(&waiting, i) == 1)
			p->signal = i;
	return p->signal != 0;
}

/* Called with the lock held. */
static void pass_on(struct pool *p)
{
	while (p->passed < p->todo->nr && p->results[p->passed]) {
		void *result = p->results[p->passed];

		p->results[p->passed] = NULL;
		p->todo->done(p->todo->ctx, p->passed++, result);
	}
}

static void *work(void *arg)
{
	struct pool *p = arg;

	pthread_mutex_lock(&p->lock);
	while (p->next < p->todo->nr && !signal_came(p)) {
		size_t i = p->todo->order ? p->todo->order[p->next] : p->next;
		void *result;

		p->next++;
		pthread_mutex_unlock(&p->lock);
		result = p->todo->work(p->todo->ctx, i);
		pthread_mutex_lock(&p->lock);
		if (!result) {
			p->next = p->todo->nr; /* out of memory: no more */
			break;
		}
		p->results[i] = result;
		pass_on(p);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Starts as many helpers as the system gives; the calling thread works as well. */
static void run_threads(struct pool *p, unsigned int threads)
{
	pthread_t *helpers = threads > 1 ? calloc(threads - 1, sizeof(*helpers)) : NULL;
	unsigned int started = 0;
	sigset_t before;

	if (helpers)
		put_signals_off(p, &before); /* helpers inherit the mask */
	while (helpers && started < threads - 1 &&
	       !pthread_create(&helpers[started], NULL, work, p))
		started++;
	work(p);
	for (unsigned int i = 0; i < started; i++)
		pthread_join(helpers[i], NULL);
	if (helpers)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	free(helpers);
	/* It was sent to a helper alone, as SIGPIPE is, or it did not end the process. */
	if (p->signal)
		raise(p->signal);
}

int parallel_run(const struct parallel *parallel, unsigned int threads, struct error *err)
{
	struct pool p = { .todo = parallel };

	sigemptyset(&p.put_off);
	p.results = calloc(parallel->nr ? parallel->nr : 1, sizeof(*p.results));
	if (!p.results)
		return error_nomem(err);
	pthread_mutex_init(&p.lock, NULL);
	run_threads(&p, threads < parallel->nr ? threads : (unsigned int)parallel->nr);
	pthread_mutex_destroy(&p.lock);
	free(p.results);
	if (p.signal)
		return error_set(err, -EINTR, "interrupted: run again");
	return p.passed < parallel->nr ? error_nomem(err) : 0;
}
