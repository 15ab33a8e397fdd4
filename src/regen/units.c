// SPDX-License-Identifier: GPL-2.0-only
#include "regen/units.h"

#include "btf/adapt.h"
#include "util/signals.h"

/*
 * Pages of the module are released after so many bytes of debug info: relocations and strings are
 * several times that. Less makes no difference to the peak, and pages that are needed all the time
 * are mapped anew each time.
 */
#define DROP_AFTER ((uint64_t)4 << 20)

/* A thread more costs about as much as reading 20 kB, and its names are looked up anew. */
#define WORTH_A_THREAD ((uint64_t)2 << 20)

/* Units that were read and not yet interned: each has a graph, of a megabyte or so. */
#define SLOTS_A_THREAD 3
#define MOST_THREADS 16

/* What all units go through, in order. */
struct order {
	struct dwarf *dwarf;
	const struct module *mod;
	const struct target *target;
	struct intern *in;
	bool *damaged;
	uint64_t since_drop; /* bytes of debug info */
	bool dropped;
};

static void drop_pages(struct order *o, uint32_t i)
{
	o->since_drop += dwarf_unit_size(o->dwarf, i);
	if (o->since_drop < DROP_AFTER)
		return;
	module_drop_pages(o->mod);
	if (!o->dropped)
		target_drop_pages(o->target);
	o->dropped = true;
	o->since_drop = 0;
}

/* Unit @i, which @reader has read, or failed to with @ret. */
static int take_unit(struct order *o, uint32_t i, struct dwarf *reader, struct dwarf_unit *unit,
		     int ret, struct error *err)
{
	if (!ret)
		ret = dwarf_collect(o->dwarf, reader, unit, err);
	*o->damaged = ret && ret != -ENOMEM;
	if (!ret)
		ret = target_wait(o->target, err);
	if (!ret)
		ret = graph_adapt(&unit->graph, &o->target->caps, err);
	if (!ret && unit->graph.nodes.nr > 1)
		ret = intern_graph(o->in, &unit->graph, err);
	drop_pages(o, i);
	return ret;
}

static int read_alone(struct order *o, struct error *err)
{
	struct dwarf_unit unit = { 0 };
	int ret = 0;

	for (uint32_t i = 0; i < dwarf_nr_units(o->dwarf) && !ret; i++) {
		ret = dwarf_scan_unit(o->dwarf, i, &unit, err);
		ret = take_unit(o, i, o->dwarf, &unit, ret, err);
	}
	dwarf_unit_free(&unit);
	return ret;
}

/* ---- several threads ---- */

/* A unit on its way. */
struct slot {
	struct dwarf_unit unit;
	struct dwarf *reader;
	int ret;
	struct error err;
	bool ready;
};

struct team;

struct member {
	struct team *team;
	struct dwarf *reader;
	pthread_t thread; /* but for the first, which is the caller's */
};

struct team {
	struct jobs *jobs;
	pthread_mutex_t lock;
	pthread_cond_t moved; /* a slot became ready, or free */
	uint32_t nr;	      /* units */
	uint32_t begun;	      /* so many have been given to somebody */
	uint32_t taken;	      /* so many have been interned */
	uint64_t left;	      /* bytes of those that have not begun */
	bool stop;
	unsigned int nr_members;
	struct member members[MOST_THREADS];
	struct slot slots[MOST_THREADS * SLOTS_A_THREAD];
};

static struct slot *slot_of(struct team *t, uint32_t unit)
{
	return &t->slots[unit % (MOST_THREADS * SLOTS_A_THREAD)];
}

/* With the lock held, as what follows: is there a unit to begin, not too far ahead of what is interned? */
static bool can_begin(const struct team *t)
{
	return t->begun < t->nr && t->begun - t->taken < t->nr_members * SLOTS_A_THREAD;
}

static void read_next(struct team *t, struct dwarf *reader)
{
	uint32_t i = t->begun++;
	struct slot *slot = slot_of(t, i);

	t->left -= dwarf_unit_size(reader, i);
	pthread_mutex_unlock(&t->lock);
	slot->err = (struct error)ERROR_INIT;
	slot->reader = reader;
	slot->ret = dwarf_scan_unit(reader, i, &slot->unit, &slot->err);
	pthread_mutex_lock(&t->lock);
	slot->ready = true;
	pthread_cond_broadcast(&t->moved);
}

static void *help(void *arg)
{
	struct member *m = arg;
	struct team *t = m->team;

	pthread_mutex_lock(&t->lock);
	while (!t->stop && t->begun < t->nr) {
		if (can_begin(t))
			read_next(t, m->reader);
		else
			pthread_cond_wait(&t->moved, &t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	jobs_give(t->jobs);
	return NULL;
}

/* The first member is the caller, with a reader of its own as all others. */
static bool add_member(struct team *t, const struct dwarf *dwarf)
{
	struct member *m = &t->members[t->nr_members];

	m->team = t;
	if (dwarf_fork(&m->reader, dwarf, NULL))
		return false;
	if (t->nr_members && signals_thread_create(&m->thread, help, m)) {
		dwarf_close(m->reader);
		return false;
	}
	t->nr_members++;
	return true;
}

/* Jobs may become free at any time, as other modules are done. */
static void look_for_help(struct team *t, const struct dwarf *dwarf)
{
	if (t->nr_members == MOST_THREADS || t->left < WORTH_A_THREAD * t->nr_members ||
	    !jobs_take(t->jobs))
		return;
	if (!add_member(t, dwarf))
		jobs_give(t->jobs);
}

static int take_next(struct team *t, struct order *o, struct error *err)
{
	struct slot *slot = slot_of(t, t->taken);
	int ret;

	pthread_mutex_unlock(&t->lock);
	if (slot->ret && err)
		*err = slot->err;
	ret = take_unit(o, t->taken, slot->reader, &slot->unit, slot->ret, err);
	pthread_mutex_lock(&t->lock);
	slot->ready = false;
	t->taken++;
	pthread_cond_broadcast(&t->moved);
	return ret;
}

static int run(struct team *t, struct order *o, struct error *err)
{
	int ret = 0;

	pthread_mutex_lock(&t->lock);
	while (t->taken < t->nr && !ret) {
		look_for_help(t, o->dwarf);
		if (slot_of(t, t->taken)->ready)
			ret = take_next(t, o, err);
		else if (can_begin(t))
			read_next(t, t->members[0].reader);
		else
			pthread_cond_wait(&t->moved, &t->lock);
	}
	t->stop = true;
	pthread_cond_broadcast(&t->moved);
	pthread_mutex_unlock(&t->lock);
	return ret;
}

static void end(struct team *t)
{
	for (unsigned int i = 0; i < t->nr_members; i++) {
		if (i)
			pthread_join(t->members[i].thread, NULL);
		dwarf_close(t->members[i].reader);
	}
	for (size_t i = 0; i < sizeof(t->slots) / sizeof(*t->slots); i++)
		dwarf_unit_free(&t->slots[i].unit);
	pthread_cond_destroy(&t->moved);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static int read_together(struct order *o, struct jobs *jobs, struct error *err)
{
	struct team *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return error_nomem(err);
	t->jobs = jobs;
	t->nr = dwarf_nr_units(o->dwarf);
	t->left = dwarf_size(o->dwarf);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->moved, NULL);
	ret = add_member(t, o->dwarf) ? run(t, o, err) : error_nomem(err);
	end(t);
	return ret;
}

int units_read(struct dwarf *dwarf, const struct module *mod, const struct target *target,
	       struct jobs *jobs, struct intern *in, bool *damaged, struct error *err)
{
	struct order o = {
		.dwarf = dwarf, .mod = mod, .target = target, .in = in, .damaged = damaged
	};
	int ret;

	module_drop_pages(mod); /* that unit headers and the order of relocations have touched */
	if (jobs && jobs->most > 1 && dwarf_size(dwarf) >= 2 * WORTH_A_THREAD)
		ret = read_together(&o, jobs, err);
	else
		ret = read_alone(&o, err);
	module_drop_pages(mod);
	return ret;
}
