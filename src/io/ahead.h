/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copying the start of a file ahead of time: while a large module is read and worked on, another
 * thread copies what will stay as it is to the new file and has the kernel begin to write it to
 * disk, so that the fsync() in the end finds little to wait for.
 */
#ifndef MODBTF_IO_AHEAD_H
#define MODBTF_IO_AHEAD_H

#include <pthread.h>

#include "io/file.h"

struct ahead {
	const struct file_map *file; /* being copied; NULL: nothing is */
	int to;
	uint64_t size;
	uint64_t done; /* the thread's until ahead_end() */
	bool stop;     /* atomic */
	pthread_t thread;
};

/*
 * Begins to copy the first @size bytes of the mapped file @file to the start of @to, an empty file
 * that is open for writing. Both must stay open until ahead_end(). Where no thread can be had,
 * nothing is copied. All signals are blocked in the thread.
 */
void ahead_begin(struct ahead *a, const struct file_map *file, int to, uint64_t size);

/*
 * Waits for the copying, or stops it if @stop. Returns how many bytes from the start of the two
 * files are the same now; what failed is for the caller to write, and to fail with again. May be
 * called again, and for a zeroed struct ahead.
 */
uint64_t ahead_end(struct ahead *a, bool stop);

#endif
