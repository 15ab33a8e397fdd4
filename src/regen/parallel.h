/* SPDX-License-Identifier: GPL-2.0-only */
/* One piece of work after the other, over several threads, the results in order. */
#ifndef MODBTF_REGEN_PARALLEL_H
#define MODBTF_REGEN_PARALLEL_H

#include <stddef.h>

#include "util/error.h"

struct parallel {
	size_t nr;	     /* pieces */
	const size_t *order; /* in which they are begun, a permutation; NULL: as they come */
	/* Does piece @i, on any thread. Returns its result, NULL when out of memory. */
	void *(*work)(void *ctx, size_t i);
	/*
	 * Takes over the result of piece @i; in the order of pieces, as soon as it and all before
	 * it are there; never by two threads at a time.
	 */
	void (*done)(void *ctx, size_t i, void *result);
	void *ctx;
};

/*
 * Does all pieces on up to @threads threads (at least 1). A signal that ends the program does so,
 * with several threads, when the pieces that are being worked on are done. Returns 0; -ENOMEM if
 * not all could be done; -EINTR if the program survives such a signal; with @err.
 */
int parallel_run(const struct parallel *parallel, unsigned int threads, struct error *err);

#endif
