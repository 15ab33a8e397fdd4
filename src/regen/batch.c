// SPDX-License-Identifier: GPL-2.0-only
#include "regen/batch.h"

#include <signal.h>

struct batch {
	const char *const *paths;
	size_t nr;
	struct bases *bases;
	const struct regen_options *options;
	batch_report_fn *report;
	void *ctx;

	pthread_mutex_t lock;
	size_t next;		   /* to be taken */
	size_t reported;	   /* in order */
	struct batch_item **items; /* done, not yet reported */
	int failed;

	sigset_t put_off; /* signals that take effect between modules only */
	int signal;	  /* one of them came: no further module is begun */
};

/*
 * A signal ends the process in whichever thread it finds, also while another thread has a temporary
 * file with a name. So as long as there are several threads, none takes the signals that end a
 * program (replace.h): each looks between two modules whether one is waiting, and batch_run() lets
 * it have its way when all threads are done with their module. What is ignored (nohup) or blocked
 * stays so.
 */
static void put_signals_off(struct batch *b, sigset_t *before)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };

	pthread_sigmask(SIG_BLOCK, NULL, before);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction action;

		if (!sigaction(signals[i], NULL, &action) && action.sa_handler != SIG_IGN &&
		    !sigismember(before, signals[i]))
			sigaddset(&b->put_off, signals[i]);
	}
	pthread_sigmask(SIG_BLOCK, &b->put_off, NULL);
}

/* Called with the lock held. Several waiting: one is enough. */
static bool signal_came(struct batch *b)
{
	sigset_t waiting;

	sigpending(&waiting);
	for (int i = 1; i < NSIG && !b->signal; i++)
		if (sigismember(&b->put_off, i) == 1 && sigismember(&waiting, i) == 1)
			b->signal = i;
	return b->signal != 0;
}

static struct batch_item *regenerate(struct batch *b, size_t i)
{
	struct batch_item *item = calloc(1, sizeof(*item));

	if (!item)
		return NULL;
	item->path = b->paths[i];
	item->ret = regen_module(item->path, b->bases, b->options, &item->report, &item->err);
	return item;
}

/* Called with the lock held. */
static void report_done(struct batch *b)
{
	while (b->reported < b->nr && b->items[b->reported]) {
		struct batch_item *item = b->items[b->reported];

		b->items[b->reported++] = NULL;
		b->report(b->ctx, item);
		b->failed += item->ret != 0;
		regen_report_free(&item->report);
		free(item);
	}
}

static void *work(void *arg)
{
	struct batch *b = arg;

	pthread_mutex_lock(&b->lock);
	while (b->next < b->nr && !signal_came(b)) {
		size_t i = b->next++;
		struct batch_item *item;

		pthread_mutex_unlock(&b->lock);
		item = regenerate(b, i);
		pthread_mutex_lock(&b->lock);
		if (!item) {
			b->next = b->nr; /* out of memory: no more */
			break;
		}
		b->items[i] = item;
		report_done(b);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* Starts as many helpers as the system gives; the calling thread works as well. */
static void run_threads(struct batch *b, unsigned int threads)
{
	pthread_t *helpers = threads > 1 ? calloc(threads - 1, sizeof(*helpers)) : NULL;
	unsigned int started = 0;
	sigset_t before;

	if (helpers)
		put_signals_off(b, &before); /* helpers inherit the mask */
	while (helpers && started < threads - 1 &&
	       !pthread_create(&helpers[started], NULL, work, b))
		started++;
	work(b);
	for (unsigned int i = 0; i < started; i++)
		pthread_join(helpers[i], NULL);
	if (helpers)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	free(helpers);
	/* It was sent to a helper alone, as SIGPIPE is, or it did not end the process. */
	if (b->signal)
		raise(b->signal);
}

int batch_run(const char *const *paths, size_t nr, unsigned int threads, struct bases *bases,
	      const struct regen_options *options, batch_report_fn *report, void *ctx,
	      struct error *err)
{
	struct batch b = { .paths = paths,
			   .nr = nr,
			   .bases = bases,
			   .options = options,
			   .report = report,
			   .ctx = ctx };

	sigemptyset(&b.put_off);
	b.items = calloc(nr ? nr : 1, sizeof(struct batch_item *));
	if (!b.items)
		return error_nomem(err);
	pthread_mutex_init(&b.lock, NULL);
	run_threads(&b, threads < nr ? threads : (unsigned int)nr);
	pthread_mutex_destroy(&b.lock);
	free(b.items);
	if (b.signal)
		return error_set(err, -EINTR, "interrupted: run again");
	return b.reported < nr ? error_nomem(err) : b.failed;
}
