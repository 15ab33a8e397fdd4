// SPDX-License-Identifier: GPL-2.0-only
#include "io/ahead.h"

#include <fcntl.h>
#include <unistd.h>

#include "util/signals.h"

/* Bytes that are copied at a time; writing them to disk begins behind each. */
#define STEP ((uint64_t)4 << 20)

/* False where this way of copying does not work, or no further. */
static bool copy_step(struct ahead *a, uint64_t size)
{
	loff_t from = (loff_t)a->done, to = from;

	while (size) {
		ssize_t n = copy_file_range(a->file->fd, &from, a->to, &to, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		a->done += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return true;
}

static void *copy(void *ctx)
{
	struct ahead *a = ctx;

	while (a->done < a->size && !__atomic_load_n(&a->stop, __ATOMIC_RELAXED)) {
		uint64_t start = a->done, left = a->size - start;

		if (!copy_step(a, left < STEP ? left : STEP))
			break;
		/* Only a hint: fsync() is still to come. */
		sync_file_range(a->to, (off_t)start, (off_t)(a->done - start),
				SYNC_FILE_RANGE_WRITE);
	}
	return NULL;
}

void ahead_begin(struct ahead *a, const struct file_map *file, int to, uint64_t size)
{
	*a = (struct ahead){ .file = file, .to = to, .size = size };
	if (signals_thread_create(&a->thread, copy, a))
		a->file = NULL;
}

uint64_t ahead_end(struct ahead *a, bool stop)
{
	if (!a->file)
		return 0;
	if (stop)
		__atomic_store_n(&a->stop, true, __ATOMIC_RELAXED);
	pthread_join(a->thread, NULL);
	a->file = NULL;
	return a->done;
}
