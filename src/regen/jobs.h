/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many threads a run may have at work, and how much memory they may take.
 *
 * One thread, the program's own, always works. Each further one needs a job that is free: of so many
 * as -j says; or, where make shares its -j with what it runs, of those that its jobserver gives out
 * (GNU make manual, "POSIX Jobserver Interaction"): one byte is taken for each, and given back.
 */
#ifndef MODBTF_REGEN_JOBS_H
#define MODBTF_REGEN_JOBS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/vec.h"

struct jobs {
	unsigned int most; /* threads, the first included */
	uint64_t memory;   /* bytes that they should take together */

	pthread_mutex_t lock;
	unsigned int taken; /* beside the first */
	int from, to;	    /* make's jobserver; -1: there is none */
	VEC(uint8_t) bytes; /* that were taken from there */
};

/*
 * @most: at least 1. Nothing is taken from make before
 * jobs_join_make().
 */
void jobs_init(struct jobs *jobs, unsigned int most, uint64_t memory);
void jobs_free(struct jobs *jobs);

/*
 * @makeflags: MAKEFLAGS of the environment, may be NULL. If it names a jobserver, jobs are taken from that
 * from now on; where this program cannot reach it (make hands it on to recipes that it knows as a make,
 * or that begin with +), only one thread works, as in a make of which that is true.
 */
void jobs_join_make(struct jobs *jobs, const char *makeflags);

/* May one more thread work? Does not wait. Each that was taken is given back. */
bool jobs_take(struct jobs *jobs);
void jobs_give(struct jobs *jobs);

/* Gives back to make all that was taken from it, for a program that is about to end; there is no other one. */
void jobs_give_all(struct jobs *jobs);

/* Does a signal that ends the program leave make without jobs that it has lent? */
static inline bool jobs_are_lent(const struct jobs *jobs)
{
	return jobs->from >= 0;
}

/*
 * The memory, in bytes, that this process can have: the machine's, or what the control group that it is in
 * may take, if that has a limit (cgroup v2, memory.max).
 */
uint64_t jobs_memory(void);

/*
 * Bytes that working on the module at @path takes, roughly: plain ones are mapped and read piece by
 * piece, compressed ones are unpacked to memory and packed again.
 */
uint64_t jobs_memory_of(const char *path);

#endif
