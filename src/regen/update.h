/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Installed modules: found (update-find.h), judged (update-decide.h), and made right where they are
 * not (regen.h), over several threads.
 */
#ifndef MODBTF_REGEN_UPDATE_H
#define MODBTF_REGEN_UPDATE_H

#include "regen/regen.h"
#include "regen/update-decide.h"

struct update_options {
	/* Kernels whose modules are meant, 0: all. With @paths: what they are for, at most one. */
	const char *const *releases;
	size_t nr_releases;
	const char *const *paths; /* modules, taken wherever they are; 0: those that are installed */
	size_t nr_paths;
	/* For all modules; jobs is given; release and out are not looked at, base_section is overruled (below). */
	struct regen_options regen;
};

/* One module and what became of it. */
struct update_item {
	const char *path;
	const char *release;   /* target kernel; NULL where that was not found out */
	const char *directory; /* of that kernel's modules; NULL: it has none */
	enum update_action action;
	enum update_reason reason;
	char words[256]; /* the reason */
	bool of_kernel;	 /* the reason, or the error, is its kernel's: the same for all of that */
	bool first;	 /* and this is the first one of that kernel */
	int ret;	 /* of the work on it */
	struct error err;
	bool done; /* there was work, and it did not fail; the report tells of it */
	struct regen_report report; /* its warnings count in any case */
};

struct update_counts {
	size_t modules, current, generated, rebased, skipped, failed; /* the first is the sum */
	size_t changed; /* files with new content; in a dry run 0 */
};

/*
 * Called once for each module in the order of paths, never by two threads at a time. The item is
 * released afterwards. @nr: how many have been reported, this one included, @total: of how many.
 */
typedef void update_report_fn(void *ctx, const struct update_item *item, size_t nr, size_t total);

/*
 * Brings modules up to date, with bases out of @bases (whose root is where modules are looked for). A
 * file that several kernels use gets a .BTF.base if all of them can relocate, unless @options say
 * otherwise; if one of them cannot, there is a warning.
 *
 * Returns 0, also where modules failed (@counts); what candidates_find() and parallel_run() return,
 * with @err.
 */
int update_run(const struct update_options *options, struct bases *bases, update_report_fn *report,
	       void *ctx, struct update_counts *counts, struct error *err);

#endif
