// SPDX-License-Identifier: GPL-2.0-only
#include "regen/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "regen/parallel.h"

struct batch {
	const char *const *paths;
	const char *out_dir; /* NULL: options->out is no directory */
	struct bases *bases;
	const struct regen_options *options;
	batch_report_fn *report;
	void *ctx;
	int failed;
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Where the module at @path is written to, allocated; NULL when out of memory. */
static char *place_in(const char *dir, const char *path)
{
	size_t len = strlen(dir);
	char *out;

	return asprintf(&out, "%s%s%s", dir, len && dir[len - 1] == '/' ? "" : "/",
			last_part(path)) < 0 ?
		       NULL :
		       out;
}

static uint64_t memory_of(void *ctx, size_t i)
{
	const struct batch *b = ctx;

	return jobs_memory_of(b->paths[i]);
}

static void *regenerate(void *ctx, size_t i)
{
	struct batch_item *item = calloc(1, sizeof(*item));
	struct batch *b = ctx;
	struct regen_options options = *b->options;
	char *out = NULL;

	if (!item)
		return NULL;
	item->path = b->paths[i];
	if (b->out_dir) {
		options.out = out = place_in(b->out_dir, item->path);
		if (!out) {
			free(item);
			return NULL;
		}
	}
	item->out = options.out;
	item->ret = regen_module(item->path, b->bases, &options, &item->report, &item->err);
	return item;
}

static void report(void *ctx, size_t i, void *result)
{
	struct batch_item *item = result;
	struct batch *b = ctx;

	(void)i;
	b->report(b->ctx, item);
	b->failed += item->ret != 0;
	regen_report_free(&item->report);
	if (b->out_dir)
		free((char *)item->out);
	free(item);
}

bool out_is_directory(const char *path)
{
	size_t len = strlen(path);
	struct stat st;

	return (len && path[len - 1] == '/') || (!stat(path, &st) && S_ISDIR(st.st_mode));
}

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

/*
 * The order in which files are begun. Mostly as they are named, for so they can be reported as they
 * are done; but a file that has a good part of all that a thread has to do comes first, or in the
 * end one thread would be at it and all others wait. NULL: as named.
 */
static size_t *find_order(const char *const *paths, size_t nr, unsigned int threads)
{
	struct sized *files = threads > 1 && nr > 1 ? calloc(nr, sizeof(*files)) : NULL;
	uint64_t total = 0;
	size_t *order, large = 0;

	if (!files)
		return NULL;
	for (size_t i = 0; i < nr; i++) {
		struct stat st;

		files[i].at = i;
		if (!stat(paths[i], &st))
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

static int compare_names(const void *a, const void *b)
{
	return strcmp(last_part(*(const char *const *)a), last_part(*(const char *const *)b));
}

/* No two files may go to one. */
static int check_names(const char *const *paths, size_t nr, const char *dir, struct error *err)
{
	const char **sorted = malloc((nr ? nr : 1) * sizeof(*sorted));
	int ret = 0;

	if (!sorted)
		return error_nomem(err);
	memcpy(sorted, paths, nr * sizeof(*sorted));
	qsort(sorted, nr, sizeof(*sorted), compare_names);
	for (size_t i = 1; i < nr && !ret; i++) {
		if (compare_names(&sorted[i - 1], &sorted[i]))
			continue;
		ret = error_set(err, -EINVAL,
				"%s and %s would both be written to it: name one of them",
				sorted[i - 1], sorted[i]);
		error_in_file(err, dir);
	}
	free(sorted);
	return ret;
}

int batch_run(const char *const *paths, size_t nr, struct bases *bases,
	      const struct regen_options *options, batch_report_fn *report_fn, void *ctx,
	      struct error *err)
{
	struct batch b = {
		.paths = paths, .bases = bases, .options = options, .report = report_fn, .ctx = ctx
	};
	struct parallel todo = {
		.nr = nr, .memory = memory_of, .work = regenerate, .done = report, .ctx = &b
	};
	size_t *order;
	int ret = 0;

	if (options->out && out_is_directory(options->out)) {
		b.out_dir = options->out;
		ret = check_names(paths, nr, b.out_dir, err);
	}
	if (ret)
		return ret;
	todo.order = order = find_order(paths, nr, options->jobs->most);
	ret = parallel_run(&todo, options->jobs, err);
	free(order);
	return ret ? ret : b.failed;
}
