// SPDX-License-Identifier: GPL-2.0-only
#include "regen/parallel.h"

#include <stdbool.h>
#include <stdlib.h>

#include "util/signals.h"

struct helper {
	pthread_t thread;
	bool ended; /* or is about to, without the lock */
};

struct pool {
	const struct parallel *todo;
	struct jobs *jobs;
	pthread_mutex_t lock;
	pthread_cond_t piece_done;
	size_t begun;
	size_t passed;	 /* on to done(), in order */
	void **results;	 /* there, not yet passed on */
	uint64_t memory; /* of the pieces at work */
	unsigned int at_work;
	VEC(struct helper) helpers; /* each to be joined */
	bool several;		    /* threads, or jobs of others: the watch is on */
	bool failed;		    /* out of memory: no further piece */
	struct signals_watch watch;
};

/* A piece that was begun. */
struct piece_at_work {
	size_t i;
	uint64_t memory;
};

static void *help(void *arg);

/* All that follows but help() is called with the lock held. */

static void pass_on(struct pool *p)
{
	while (p->passed < p->todo->nr && p->results[p->passed]) {
		void *result = p->results[p->passed];

		p->results[p->passed] = NULL;
		p->todo->done(p->todo->ctx, p->passed++, result);
	}
}

static bool none_left(struct pool *p)
{
	/* Asked each time: it may be this thread's alone. */
	bool came = p->several && signals_watch_came(&p->watch);

	return came || p->begun == p->todo->nr || p->failed;
}

static size_t next_piece(const struct pool *p)
{
	return p->todo->order ? p->todo->order[p->begun] : p->begun;
}

static uint64_t memory_of(const struct pool *p, size_t i)
{
	return p->todo->memory ? p->todo->memory(p->todo->ctx, i) : 0;
}

/* A piece that alone takes more than there is to be is done by itself. */
static bool has_room(const struct pool *p, uint64_t memory)
{
	return !p->at_work ||
	       (p->memory <= p->jobs->memory && memory <= p->jobs->memory - p->memory);
}

/* A place for one, that of one who has ended if there is such; NULL when out of memory. */
static struct helper *helper_place(struct pool *p)
{
	for (uint32_t i = 0; i < p->helpers.nr; i++) {
		struct helper *helper = &p->helpers.at[i];

		if (!helper->ended)
			continue;
		pthread_join(helper->thread, NULL);
		*helper = p->helpers.at[--p->helpers.nr];
		break;
	}
	return vec_room(&p->helpers, 1) ? &p->helpers.at[p->helpers.nr] : NULL;
}

static void give_all(void *ctx)
{
	jobs_give_all(ctx);
}

/* Signals are put off before the first thread is there that could take them. */
static void watch(struct pool *p)
{
	if (!p->several)
		signals_watch_begin(&p->watch, give_all, p->jobs);
	p->several = true;
}

static void add_helper(struct pool *p)
{
	struct helper *helper;

	if (!jobs_take(p->jobs))
		return;
	watch(p);
	helper = helper_place(p);
	if (!helper || pthread_create(&helper->thread, NULL, help, p)) {
		jobs_give(p->jobs);
		return;
	}
	helper->ended = false;
	p->helpers.nr++;
}

static void note_end(struct pool *p)
{
	for (uint32_t i = 0; i < p->helpers.nr; i++)
		if (pthread_equal(p->helpers.at[i].thread, pthread_self()))
			p->helpers.at[i].ended = true;
}

/* Begins the next piece, for which there is room; and sees to one who begins the one behind it. */
static struct piece_at_work begin_piece(struct pool *p, uint64_t memory)
{
	struct piece_at_work piece = { next_piece(p), memory };

	p->begun++;
	p->at_work++;
	p->memory += memory;
	if (p->begun < p->todo->nr && has_room(p, memory_of(p, next_piece(p))))
		add_helper(p);
	return piece;
}

static void do_piece(struct pool *p, const struct piece_at_work *piece)
{
	void *result;

	pthread_mutex_unlock(&p->lock);
	result = p->todo->work(p->todo->ctx, piece->i);
	pthread_mutex_lock(&p->lock);
	p->at_work--;
	p->memory -= piece->memory;
	p->failed = p->failed || !result;
	p->results[piece->i] = result;
	pass_on(p);
	pthread_cond_broadcast(&p->piece_done);
}

/*
 * Does pieces as long as there are some. @first: the calling thread, which waits where others have all
 * the room; a helper gives up its job instead.
 */
static void work(struct pool *p, bool first)
{
	while (!none_left(p)) {
		uint64_t memory = memory_of(p, next_piece(p));
		struct piece_at_work piece;

		if (has_room(p, memory)) {
			piece = begin_piece(p, memory);
			do_piece(p, &piece);
		} else if (first) {
			pthread_cond_wait(&p->piece_done, &p->lock);
		} else {
			return;
		}
	}
}

static void *help(void *arg)
{
	struct pool *p = arg;

	pthread_mutex_lock(&p->lock);
	work(p, false);
	jobs_give(p->jobs);
	note_end(p);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void run(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	if (jobs_are_lent(p->jobs)) /* a piece may take some for itself */
		watch(p);
	work(p, true);
	pthread_mutex_unlock(&p->lock);
	/* Those that are still there begin nothing, and so start nobody any more. */
	for (uint32_t i = 0; i < p->helpers.nr; i++)
		pthread_join(p->helpers.at[i].thread, NULL);
	vec_free(&p->helpers);
}

/* What was done though a piece before it could not be. */
static void pass_on_rest(struct pool *p)
{
	for (size_t i = p->passed; i < p->todo->nr; i++)
		if (p->results[i])
			p->todo->done(p->todo->ctx, i, p->results[i]);
}

int parallel_run(const struct parallel *parallel, struct jobs *jobs, struct error *err)
{
	struct pool p = { .todo = parallel, .jobs = jobs };
	int signal;

	p.results = calloc(parallel->nr ? parallel->nr : 1, sizeof(*p.results));
	if (!p.results)
		return error_nomem(err);
	pthread_mutex_init(&p.lock, NULL);
	pthread_cond_init(&p.piece_done, NULL);
	run(&p);
	pass_on_rest(&p);
	signal = p.several ? signals_watch_end(&p.watch) : 0;
	pthread_cond_destroy(&p.piece_done);
	pthread_mutex_destroy(&p.lock);
	free(p.results);
	if (signal)
		return error_set(err, -EINTR, "interrupted: run again");
	return p.passed < parallel->nr ? error_nomem(err) : 0;
}
