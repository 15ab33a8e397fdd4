// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/say.h"
#include "regen/batch.h"
#include "util/json.h"

/* The error with the file it is about, where that is not the module. */
static void print_error(struct json *json, const char *path, const struct error *err)
{
	char text[sizeof(err->file) + sizeof(err->text) + 2];

	if (!err->file[0] || !strcmp(err->file, path)) {
		json_string(json, "error", err->text);
		return;
	}
	snprintf(text, sizeof(text), "%s: %s", err->file, err->text);
	json_string(json, "error", text);
}

static void print_json(const struct batch_item *item, bool dry_run)
{
	const struct regen_report *r = &item->report;
	struct json json;

	json_begin(&json, stdout);
	json_string(&json, "file", item->path);
	json_bool(&json, "ok", !item->ret);
	if (item->ret) {
		print_error(&json, item->path, &item->err);
	} else {
		json_string(&json, "release", r->release);
		json_string(&json, "base", r->base);
		if (!dry_run || r->current)
			json_bool(&json, "changed", r->changed);
	}
	if (!item->ret && !r->current) {
		json_uint(&json, "btf_size", r->btf_size);
		json_uint(&json, "btf_base_size", r->base_size);
		json_uint(&json, "types", r->generated.nr_types);
		json_uint(&json, "functions", r->generated.nr_funcs);
		json_uint(&json, "variables", r->generated.nr_vars);
		json_uint(&json, "units", r->generated.nr_units);
		json_string(&json, "source", note_source_name(r->generated.source));
		if (r->old_base)
			json_string(&json, "old_base", r->old_base);
		json_bool(&json, "dropped_signature", r->dropped_signature);
		json_string(&json, "signed_by", r->signed_by ? r->signed_by : "");
		if (r->generated.file)
			json_string(&json, "debug_file", r->generated.file);
		json_open_array(&json, "drift");
		for (size_t i = 0; i < r->generated.drift.nr; i++)
			json_string(&json, NULL, r->generated.drift.items[i]);
		json_close_array(&json);
	}
	json_open_array(&json, "warnings");
	for (size_t i = 0; i < r->warnings.nr; i++)
		json_string(&json, NULL, r->warnings.items[i]);
	json_close_array(&json);
	json_int(&json, "us", (int64_t)(r->ms * 1000));
	json_end(&json);
}

static void print_skipped(const struct dwarf_skipped *s)
{
	const struct {
		uint32_t nr;
		const char *language;
	} kinds[] = { { s->cplusplus, "C++" },
		      { s->rust, "Rust" },
		      { s->assembler, "assembler" },
		      { s->other, "another language" } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].nr)
			say(stdout, "    left out: %u unit%s of %s\n", kinds[i].nr,
			    kinds[i].nr == 1 ? "" : "s", kinds[i].language);
}

static void print_details(const struct regen_report *r, bool dry_run)
{
	say(stdout, "    base: %s (%s)\n", r->base, r->base_form);
	if (r->current) {
		printf("    signed, and its BTF is current: left as it is\n");
		return;
	}
	say(stdout, "    types from: %s%s%s\n", note_source_name(r->generated.source),
	    r->generated.file ? " " : "", r->generated.file ? r->generated.file : "");
	if (r->old_base)
		say(stdout, "    old base: %s\n", r->old_base);
	printf("    %zu bytes of BTF: %u types, %u functions, %u variables of %u units, %.1f ms\n",
	       r->btf_size, r->generated.nr_types, r->generated.nr_funcs, r->generated.nr_vars,
	       r->generated.nr_units, r->ms);
	if (r->base_size)
		printf("    %zu bytes of .BTF.base: %u types; %u of the kernel's types moved to .BTF\n",
		       r->base_size, r->distilled.nr_base, r->distilled.nr_moved);
	if (r->signed_by)
		say(stdout, "    signed: %s\n", r->signed_by);
	print_skipped(&r->generated.skipped);
	for (size_t i = 0; i < r->generated.drift.nr; i++)
		say(stdout, "    drift: %s differs from the kernel's\n",
		    r->generated.drift.items[i]);
	if (!r->changed && !dry_run)
		printf("    the file has that content already\n");
}

static void report(void *ctx, const struct batch_item *item)
{
	const struct options *options = ctx;

	if (!options->json)
		print_warnings(item->path, &item->report.warnings);
	if (item->ret)
		complain(&item->err);
	if (options->json) {
		print_json(item, options->dry_run);
	} else if (!item->ret && !options->quiet) {
		say(stdout, "  BTF [M] %s%s\n", item->out ? item->out : item->path,
		    item->report.dropped_signature ? " (signature dropped)" :
		    item->report.signed_by	   ? " (signed)" :
						     "");
		if (options->verbose)
			print_details(&item->report, options->dry_run);
	}
	fflush(stdout); /* who reads it through a pipe sees how far it is */
}

/* One base may be both: it is opened once. */
static struct bases *choose_old_bases(const struct options *options, struct bases *bases,
				      struct bases *old_bases)
{
	if (!options->old_base)
		return NULL;
	return options->base && !strcmp(options->base, options->old_base) ? bases : old_bases;
}

/* Regenerates all that is this shard's. Returns what batch_run() does. */
static int run_shard(const struct options *options, struct bases *bases,
		     const struct regen_options *regen, struct error *err)
{
	size_t nr = (size_t)options->nr_files;
	const char **paths = malloc((nr ? nr : 1) * sizeof(*paths));
	int failed;

	if (!paths)
		return error_nomem(err);
	memcpy(paths, options->files, nr * sizeof(*paths));
	if (options->shard.count)
		nr = shard_select(&options->shard, paths, nr);
	failed = nr == SIZE_MAX ? error_nomem(err) :
				  batch_run(paths, nr, bases, regen, report, (void *)options, err);
	free(paths);
	return failed;
}

static int run(const struct options *options)
{
	struct regen_options regen = { .release = options->release,
				       .out = options->out,
				       .strict = options->strict,
				       .allow_unsigned = options->allow_unsigned,
				       .force = options->force,
				       .dry_run = options->dry_run,
				       .sign = sign_options(options),
				       .base_section = chosen_base_section(options) };
	struct error err = ERROR_INIT;
	struct bases bases, old_bases;
	struct store store;
	struct debug_places debug;
	struct jobs jobs;
	int failed;

	if (options->out && options->nr_files > 1 && !out_is_directory(options->out)) {
		say(stderr,
		    "modbtf: generate: -o takes one module, not %d; for several, name a directory\n",
		    options->nr_files);
		return EXIT_USAGE;
	}
	/* In place, what one machine has done would change the parts of the others. */
	if (options->shard.count && !(options->out && out_is_directory(options->out))) {
		fprintf(stderr, "modbtf: generate: --shard needs -o and a directory\n");
		return EXIT_USAGE;
	}
	if (options->allow_unsigned && regen.sign.always) {
		fprintf(stderr, "modbtf: generate: --unsigned and --sign exclude each other\n");
		return EXIT_USAGE;
	}
	if (debug_places_init(&debug, options->debug, options->nr_debug, &err)) {
		complain(&err);
		return EXIT_FAULT;
	}
	regen.debug = &debug;
	bases_init(&bases, options->base, options->root, running_release());
	bases.keep = !options->dry_run;
	bases_init(&old_bases, options->old_base, options->root, NULL);
	regen.old_bases = choose_old_bases(options, &bases, &old_bases);
	store_init(&store, options->root);
	regen.store = keeps_base(options) ? &store : NULL;
	init_jobs(&jobs, options);
	bases.jobs = old_bases.jobs = &jobs;
	regen.jobs = &jobs;
	failed = run_shard(options, &bases, &regen, &err);
	store_close(&store);
	bases_free(&old_bases);
	bases_free(&bases);
	jobs_free(&jobs);
	debug_places_free(&debug);
	if (failed < 0)
		complain(&err);
	return failed ? EXIT_FAULT : EXIT_WELL;
}

const struct command cmd_generate = {
	.name = "generate",
	.arguments = "[OPTION]... FILE...",
	.summary = "Write the BTF of modules from their debug info, or from the BTF they have",
	.options = OPT_BASE | OPT_OLD_BASE | OPT_DEBUG | OPT_RELEASE | OPT_OUT | OPT_ROOT |
		   OPT_JOBS | OPT_DRY_RUN | OPT_UNSIGNED | OPT_FORCE | OPT_JSON | OPT_STRICT |
		   OPT_BASE_SECTION | OPT_SIGN | OPT_CONFIG | OPT_SHARD,
	.min_files = 1,
	.max_files = -1,
	.run = run,
};
