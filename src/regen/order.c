// SPDX-License-Identifier: GPL-2.0-only
#include "regen/order.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

struct sized {
	uint64_t size;
	size_t at;
};

static int compare_sizes(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int compare_places(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

size_t *order_by_size(const char *(*path)(const void *ctx, size_t i), const void *ctx, size_t nr,
		      unsigned int threads)
{
	struct sized *files = threads > 1 && nr > 1 ? calloc(nr, sizeof(*files)) : NULL;
	uint64_t total = 0;
	size_t *order, large = 0;

	if (!files)
		return NULL;
	for (size_t i = 0; i < nr; i++) {
		struct stat st;

		files[i].at = i;
		if (!stat(path(ctx, i), &st))
			files[i].size = (uint64_t)st.st_size;
		total += files[i].size;
	}
	qsort(files, nr, sizeof(*files), compare_sizes);
	while (large < nr && files[large].size > total / threads / 16)
		large++;
	qsort(files + large, nr - large, sizeof(*files), compare_places);
	order = malloc(nr * sizeof(*order));
	for (size_t i = 0; i < nr && order; i++)
		order[i] = files[i].at;
	free(files);
	return order;
}
