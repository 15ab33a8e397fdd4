// SPDX-License-Identifier: GPL-2.0-only
#include "util/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

#define HUGE ((size_t)2 << 20)

/* Below this a huge page would be mostly empty. */
#define WORTH_IT (HUGE / 4)

void *pages_alloc(size_t size)
{
	uint8_t *at, *start;
	size_t before;

	if (size < WORTH_IT)
		return calloc(1, size);
	if (size > SIZE_MAX - 2 * HUGE)
		return NULL;
	size = (size + HUGE - 1) & ~(HUGE - 1);
	at = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)at & (HUGE - 1);
	start = at + before;
	if (before)
		munmap(at, before);
	if (before < HUGE)
		munmap(start + size, HUGE - before);
	/*
	 * Hints, both: without, pages are small, or fault one by one; and those that are read before
	 * they are written fault twice.
	 */
	madvise(start, size, MADV_HUGEPAGE);
	madvise(start, size, MADV_POPULATE_WRITE);
	return start;
}

void pages_free(void *at, size_t size)
{
	if (size < WORTH_IT)
		free(at);
	else if (at)
		munmap(at, (size + HUGE - 1) & ~(HUGE - 1));
}
