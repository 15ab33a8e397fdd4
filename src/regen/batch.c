// SPDX-License-Identifier: GPL-2.0-only
#include "regen/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "regen/order.h"
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

static const char *path_of(const void *ctx, size_t i)
{
	const struct batch *b = ctx;

	return b->paths[i];
}

static uint64_t memory_of(void *ctx, size_t i)
{
	return jobs_memory_of(path_of(ctx, i));
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
	todo.order = order = order_by_size(path_of, &b, nr, options->jobs->most);
	ret = parallel_run(&todo, options->jobs, err);
	free(order);
	return ret ? ret : b.failed;
}
