/* SPDX-License-Identifier: GPL-2.0-only */
/* One piece of work after the other, over several threads, the results in order. */
#ifndef MODBTF_REGEN_PARALLEL_H
#define MODBTF_REGEN_PARALLEL_H

#include <stddef.h>

#include "regen/jobs.h"
#include "util/error.h"

struct parallel {
	size_t nr;	     /* pieces */
	const size_t *order; /* in which they are begun, a permutation; NULL: as they come */
	/*
	 * Bytes of memory that piece @i takes, roughly: as long as all that are being worked on would take
	 * more than the jobs may, no further one is begun. NULL: hardly any.
	 */
	uint64_t (*memory)(void *ctx, size_t i);
	/* Does piece @i, on any thread. Returns its result, NULL when out of memory. */
	void *(*work)(void *ctx, size_t i);
	/*
	 * Takes over the result of piece @i; in the order of pieces, as soon as it and all before
	 * it are there, or nobody will do these any more; never by two threads at a time.
	 */
	void (*done)(void *ctx, size_t i, void *result);
	void *ctx;
};

/*
 * Does all pieces, on the calling thread and as many others as @jobs gives, now or when others are
 * done. A signal that ends the program does so at once (util/signals.h). Returns 0; -ENOMEM if not all
 * could be done; -EINTR if the program survives such a signal, which then has no further piece begun;
 * with @err.
 */
int parallel_run(const struct parallel *parallel, struct jobs *jobs, struct error *err);

#endif
