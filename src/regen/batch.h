/* SPDX-License-Identifier: GPL-2.0-only */
/* Many modules, over several threads, reported in the order in which they were named. */
#ifndef MODBTF_REGEN_BATCH_H
#define MODBTF_REGEN_BATCH_H

#include "regen/regen.h"

/* One module and what became of it. */
struct batch_item {
	const char *path;
	const char *out; /* what was written instead of it, NULL if nothing */
	int ret;
	struct error err;
	struct regen_report report;
};

/* Would several modules be written into @out, a directory that is there or a path that ends in a slash? */
bool out_is_directory(const char *out);

/*
 * Called once for each module, in the order of paths, as soon as it and all before it are done;
 * never by two threads at a time. The item is released afterwards.
 */
typedef void batch_report_fn(void *ctx, const struct batch_item *item);

/*
 * Regenerates the modules at @paths with as many threads as options->jobs gives. If options->out is a
 * directory, or ends in a slash, each is written there under its own name; two of one name are an
 * error (-EINVAL with @err, and nothing is done). Those so large that others would wait for them in
 * the end are begun first. Returns the number of modules that failed, or what parallel_run() does,
 * with @err, if not all could be tried.
 */
int batch_run(const char *const *paths, size_t nr, struct bases *bases,
	      const struct regen_options *options, batch_report_fn *report, void *ctx,
	      struct error *err);

#endif
