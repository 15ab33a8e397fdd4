// SPDX-License-Identifier: GPL-2.0-only
#include "regen/batch.h"

#include "regen/parallel.h"

struct batch {
	const char *const *paths;
	struct bases *bases;
	const struct regen_options *options;
	batch_report_fn *report;
	void *ctx;
	int failed;
};

static void *regenerate(void *ctx, size_t i)
{
	struct batch_item *item = calloc(1, sizeof(*item));
	struct batch *b = ctx;

	if (!item)
		return NULL;
	item->path = b->paths[i];
	item->ret = regen_module(item->path, b->bases, b->options, &item->report, &item->err);
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
	free(item);
}

int batch_run(const char *const *paths, size_t nr, unsigned int threads, struct bases *bases,
	      const struct regen_options *options, batch_report_fn *report_fn, void *ctx,
	      struct error *err)
{
	struct batch b = {
		.paths = paths, .bases = bases, .options = options, .report = report_fn, .ctx = ctx
	};
	const struct parallel todo = { .nr = nr, .work = regenerate, .done = report, .ctx = &b };
	int ret = parallel_run(&todo, threads, err);

	return ret ? ret : b.failed;
}
