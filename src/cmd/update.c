// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/say.h"
#include "regen/update.h"
#include "util/json.h"
#include "util/progress.h"

struct run {
	const struct options *options;
	struct progress progress;
	struct strlist passed_over; /* warnings about bases, which come with each module */
};

/* ---- one module, as text ---- */

/* The plan: a word, the path, why. */
static void print_plan(const struct update_item *item)
{
	const char *action = update_action_name(item->action);

	if (item->of_kernel && item->directory)
		say(stdout, "%s %s (%s)\n", action, item->directory, item->words);
	else
		say(stdout, "%s %s (%s)\n", action, item->path, item->words);
}

static void print_details(const struct update_item *item)
{
	const struct regen_report *r = &item->report;

	say(stdout, "    %s: %s\n", update_action_name(item->action), item->words);
	if (!item->done || r->current)
		return;
	say(stdout, "    base: %s (%s)\n", r->base, r->base_form);
	say(stdout, "    types from: %s\n", note_source_name(r->generated.source));
	if (r->generated.file)
		say(stdout, "    debug info: %s\n", r->generated.file);
	if (r->signed_by)
		say(stdout, "    signed: %s\n", r->signed_by);
	if (r->old_base)
		say(stdout, "    old base: %s\n", r->old_base);
	printf("    %zu bytes of BTF, %zu of .BTF.base: %u types, %u functions, %.1f ms\n",
	       r->btf_size, r->base_size, r->generated.nr_types, r->generated.nr_funcs, r->ms);
	for (size_t i = 0; i < r->generated.drift.nr; i++)
		say(stdout, "    drift: %s differs from the kernel's\n",
		    r->generated.drift.items[i]);
	if (r->hard_links)
		printf("    other names of the file (hard links) keep the old content\n");
}

static void print_skip(const struct update_item *item)
{
	if (item->of_kernel && item->directory)
		say(stdout, "  SKIP %s: %s\n", item->directory, item->words);
	else
		say(stdout, "  SKIP [M] %s: %s\n", item->path, item->words);
}

static void print_work(const struct update_item *item, bool verbose)
{
	switch (item->action) {
	case UPDATE_GENERATE:
	case UPDATE_REBASE:
		say(stdout, "  BTF [M] %s%s\n", item->path,
		    item->report.dropped_signature ? " (signature dropped)" :
		    item->report.signed_by	   ? " (signed)" :
						     "");
		break;
	case UPDATE_CURRENT:
		if (!verbose)
			return;
		say(stdout, "  OK [M] %s\n", item->path);
		break;
	default:
		print_skip(item);
		return;
	}
	if (verbose)
		print_details(item);
}

static bool said_before(struct strlist *said, const char *text)
{
	for (size_t i = 0; i < said->nr; i++)
		if (!strcmp(said->items[i], text))
			return true;
	strlist_add(said, "%s", text);
	return false;
}

/* What is to be said of a base is said once, not of each module. */
static void warn(struct run *run, const struct update_item *item)
{
	static const char of_base[] = "base passed over: ";

	for (size_t i = 0; i < item->report.warnings.nr; i++) {
		const char *text = item->report.warnings.items[i];

		if (strncmp(text, of_base, strlen(of_base)))
			say(stderr, "modbtf: %s: warning: %s\n", item->path, text);
		else if (!said_before(&run->passed_over, text))
			say(stderr, "modbtf: warning: %s\n", text);
	}
}

static void print_text(struct run *run, const struct update_item *item)
{
	const struct options *o = run->options;

	if (item->of_kernel && !item->first)
		return;
	if (item->action != UPDATE_CURRENT || o->verbose)
		warn(run, item);
	if (item->ret)
		complain(&item->err);
	else if (!o->quiet && o->dry_run)
		print_plan(item);
	else if (!o->quiet)
		print_work(item, o->verbose);
}

/* ---- one module, as JSON ---- */

/* The error with the file it is about, where that is not the module. */
static void print_error(struct json *json, const struct update_item *item)
{
	const struct error *err = &item->err;
	char text[sizeof(err->file) + sizeof(err->text) + 2];

	snprintf(text, sizeof(text), "%s: %s", err->file, err->text);
	json_string(json, "error",
		    err->file[0] && strcmp(err->file, item->path) ? text : err->text);
}

static void print_result(struct json *json, const struct regen_report *r)
{
	json_string(json, "base", r->base);
	json_uint(json, "btf_size", r->btf_size);
	json_uint(json, "btf_base_size", r->base_size);
	json_uint(json, "types", r->generated.nr_types);
	json_uint(json, "functions", r->generated.nr_funcs);
	json_string(json, "source", note_source_name(r->generated.source));
	if (r->old_base)
		json_string(json, "old_base", r->old_base);
	json_bool(json, "dropped_signature", r->dropped_signature);
	json_string(json, "signed_by", r->signed_by ? r->signed_by : "");
	if (r->generated.file)
		json_string(json, "debug_file", r->generated.file);
	json_open_array(json, "drift");
	for (size_t i = 0; i < r->generated.drift.nr; i++)
		json_string(json, NULL, r->generated.drift.items[i]);
	json_close_array(json);
}

static void print_json(const struct update_item *item)
{
	struct json json;

	json_begin(&json, stdout);
	json_string(&json, "file", item->path);
	json_bool(&json, "ok", !item->ret);
	json_string(&json, "action", update_action_name(item->action));
	json_string(&json, "reason", item->words);
	json_string(&json, "release", item->release);
	json_bool(&json, "changed", item->report.changed);
	if (item->ret)
		print_error(&json, item);
	else if (item->done && !item->report.current)
		print_result(&json, &item->report);
	json_open_array(&json, "warnings");
	for (size_t i = 0; i < item->report.warnings.nr; i++)
		json_string(&json, NULL, item->report.warnings.items[i]);
	json_close_array(&json);
	json_int(&json, "us", (int64_t)(item->report.ms * 1000));
	json_end(&json);
}

/* ---- all ---- */

static void report(void *ctx, const struct update_item *item, size_t nr, size_t total)
{
	struct run *run = ctx;

	if (run->options->json) {
		print_json(item);
		fflush(stdout);
		return;
	}
	progress_clear(&run->progress);
	print_text(run, item);
	fflush(stdout); /* whoever reads it, or is behind a pipe, sees how far it is */
	if (nr < total)
		progress_show(&run->progress, nr, total, item->path);
}

static void print_summary(const struct update_counts *c, const struct options *options)
{
	struct json json;

	if (!options->json && !options->quiet)
		say(stdout,
		    "%zu module%s: %zu current, %zu %sregenerated, %zu skipped, %zu failed\n",
		    c->modules, c->modules == 1 ? "" : "s", c->current, c->generated + c->rebased,
		    options->dry_run ? "to be " : "", c->skipped, c->failed);
	if (!options->json)
		return;
	json_begin(&json, stdout);
	json_open_object(&json, "summary");
	json_uint(&json, "modules", c->modules);
	json_uint(&json, "current", c->current);
	json_uint(&json, "generated", c->generated);
	json_uint(&json, "rebased", c->rebased);
	json_uint(&json, "skipped", c->skipped);
	json_uint(&json, "failed", c->failed);
	json_uint(&json, "changed", c->changed);
	json_close_object(&json);
	json_end(&json);
}

static int update(struct run *run, struct bases *bases, struct bases *old_bases,
		  struct store *store, struct debug_places *debug, struct jobs *jobs)
{
	const struct options *o = run->options;
	struct update_options update = {
		.releases = o->releases,
		.nr_releases = o->nr_releases,
		.paths = (const char *const *)o->files,
		.nr_paths = (size_t)o->nr_files,
		.regen = { .jobs = jobs,
			   .old_bases = o->old_base ? old_bases : NULL,
			   .store = keeps_base(o) ? store : NULL,
			   .allow_unsigned = o->allow_unsigned,
			   .force = o->force,
			   .strict = o->strict,
			   .dry_run = o->dry_run,
			   .debug = debug,
			   .sign = sign_options(o),
			   .base_section = chosen_base_section(o) },
	};
	struct error err = ERROR_INIT;
	struct update_counts counts;
	int ret;

	ret = update_run(&update, bases, report, run, &counts, &err);
	progress_clear(&run->progress);
	if (ret)
		complain(&err);
	print_summary(&counts, o);
	return ret || counts.failed ? EXIT_FAULT : EXIT_WELL;
}

static int run(const struct options *options)
{
	struct run run = { .options = options };
	struct bases bases, old_bases;
	struct debug_places debug;
	struct error err = ERROR_INIT;
	struct store store;
	struct jobs jobs;
	int ret;

	if (options->nr_files && options->nr_releases > 1) {
		fprintf(stderr, "modbtf: update: modules that are named take one -k, not %zu\n",
			options->nr_releases);
		return EXIT_USAGE;
	}
	if (options->base && !options->nr_files && options->nr_releases != 1) {
		fprintf(stderr, "modbtf: update: -b is the base of one kernel: name that with -k, "
				"or modules\n");
		return EXIT_USAGE;
	}
	if (options->allow_unsigned && options->sign && !strcmp(options->sign, "always")) {
		fprintf(stderr, "modbtf: update: --unsigned and --sign exclude each other\n");
		return EXIT_USAGE;
	}
	if (debug_places_init(&debug, options->debug, options->nr_debug, &err)) {
		complain(&err);
		return EXIT_FAULT;
	}
	if (!options->json && !options->quiet)
		progress_init(&run.progress, stderr);
	bases_init(&bases, options->base, options->root, running_release());
	bases.keep = !options->dry_run;
	bases.flags = BASE_PREFER_DISK | BASE_NO_STORE;
	bases_init(&old_bases, options->old_base, options->root, NULL);
	store_init(&store, options->root);
	init_jobs(&jobs, options);
	bases.jobs = old_bases.jobs = &jobs;
	ret = update(&run, &bases, &old_bases, &store, &debug, &jobs);
	store_close(&store);
	bases_free(&old_bases);
	bases_free(&bases);
	jobs_free(&jobs);
	debug_places_free(&debug);
	strlist_free(&run.passed_over);
	return ret;
}

const struct command cmd_update = {
	.name = "update",
	.arguments = "[OPTION]... [FILE]...",
	.summary = "Make the BTF of installed modules right for their kernels, where it is not",
	.options = OPT_BASE | OPT_OLD_BASE | OPT_DEBUG | OPT_RELEASES | OPT_ROOT | OPT_JOBS |
		   OPT_DRY_RUN | OPT_UNSIGNED | OPT_FORCE | OPT_JSON | OPT_STRICT |
		   OPT_BASE_SECTION | OPT_SIGN | OPT_CONFIG,
	.min_files = 0,
	.max_files = -1,
	.run = run,
};
