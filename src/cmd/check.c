// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/modules.h"
#include "base/rootpath.h"
#include "cmd/cmd.h"
#include "cmd/layout.h"
#include "cmd/say.h"
#include "regen/check.h"
#include "regen/parallel.h"
#include "util/json.h"

struct run {
	const struct options *options;
	const char *const *paths;
	struct check_options check;
	struct bases bases;
	int faulty; /* modules with a fault, and stale ones */
	int failed; /* modules that could not be judged */
};

/* A module and what became of it. */
struct item {
	int ret;
	struct error err;
	struct check_report report;
};

/* In a word what is to be said of a module. */
static const char *verdict(const struct check_report *r)
{
	if (r->faults)
		return "fault";
	if (r->age == CHECK_STALE)
		return "stale";
	return r->counts[CHECK_MISSING] ? "no BTF" : "ok";
}

static const struct check_finding *first_fault(const struct check_report *r)
{
	for (uint32_t i = 0; i < r->findings.nr; i++)
		if (r->findings.at[i].severity == CHECK_FAULT)
			return &r->findings.at[i];
	return NULL;
}

static void print_text(const char *path, const struct check_report *r, bool verbose)
{
	const struct check_finding *fault = first_fault(r);

	say(stdout, "  CHECK [M] %s: %s", path, verdict(r));
	if (fault) {
		printf(": %s", r->age == CHECK_STALE ? "stale, and " : "");
		print_safe(fault->text);
	}
	if (r->counts[CHECK_COPY] && !fault)
		printf(" (%u copies of base types)", r->counts[CHECK_COPY]);
	putchar('\n');
	if (!verbose)
		return;
	if (r->base) {
		say(stdout, "    base: %s\n", r->base);
		printf("    age: %s\n    %zu bytes of BTF: %u types, %.1f ms\n",
		       check_age_name(r->age), r->btf_size, r->nr_types, r->check_ms);
	}
	for (uint32_t i = 0; i < r->findings.nr; i++) {
		const struct check_finding *f = &r->findings.at[i];

		printf("    %s, %s: ", check_severity_name(f->severity),
		       check_class_name(f->class));
		print_safe(f->text);
		putchar('\n');
		if (f->drift)
			print_layouts_beside(&f->drift->base, &f->drift->module, &f->drift->rows);
	}
}

static void print_findings(struct json *json, const struct check_report *r)
{
	json_open_array(json, "findings");
	for (uint32_t i = 0; i < r->findings.nr; i++) {
		const struct check_finding *f = &r->findings.at[i];

		json_open_object(json, NULL);
		json_string(json, "class", check_class_name(f->class));
		json_string(json, "severity", check_severity_name(f->severity));
		if (f->id) {
			json_uint(json, "type", f->id);
			json_string(json, "name", f->name);
		}
		json_string(json, "text", f->text);
		if (f->drift) {
			json_layout(json, "base_layout", &f->drift->base);
			json_layout(json, "module_layout", &f->drift->module);
		}
		json_close_object(json);
	}
	json_close_array(json);
}

static void print_json(const char *path, const struct check_report *r)
{
	struct json json;

	json_begin(&json, stdout);
	json_string(&json, "file", path);
	json_string(&json, "verdict", verdict(r));
	json_string(&json, "age", check_age_name(r->age));
	json_string(&json, "release", r->release);
	json_string(&json, "base", r->base);
	json_uint(&json, "btf_size", r->btf_size);
	json_uint(&json, "types", r->nr_types);
	json_open_object(&json, "counts");
	for (int i = 0; i < CHECK_NR; i++)
		if (r->counts[i])
			json_uint(&json, check_class_name((enum check_class)i), r->counts[i]);
	json_close_object(&json);
	print_findings(&json, r);
	json_int(&json, "us_open", (int64_t)(r->open_ms * 1000));
	json_int(&json, "us_check", (int64_t)(r->check_ms * 1000));
	json_end(&json);
}

/* The file behind @path: links under another root lead to where they lead inside of it. */
static char *behind_links(const struct run *run, const char *path)
{
	const char *root = run->options->root;
	size_t len = strlen(root);
	char *real;

	while (len && root[len - 1] == '/')
		len--;
	if (!len || strncmp(path, root, len) || path[len] != '/' ||
	    rootpath_resolve(&real, root, path + len))
		return strdup(path);
	return real;
}

static void *judge(void *ctx, size_t i)
{
	struct item *item = calloc(1, sizeof(*item));
	struct run *run = ctx;
	char *path = behind_links(run, run->paths[i]);

	if (item && path)
		item->ret = check_module(path, &run->bases, &run->check, &item->report, &item->err);
	else if (item)
		item->ret = error_nomem(&item->err);
	free(path);
	return item;
}

static uint64_t memory_of(void *ctx, size_t i)
{
	const struct run *run = ctx;

	return jobs_memory_of(run->paths[i]);
}

static void report(void *ctx, size_t i, void *result)
{
	struct item *item = result;
	struct run *run = ctx;
	const struct check_report *r = &item->report;

	if (item->ret) {
		error_in_file(&item->err, run->paths[i]);
		complain(&item->err);
		run->failed++;
	} else if (run->options->json) {
		print_json(run->paths[i], r);
	} else if (!run->options->quiet || r->faults || r->age == CHECK_STALE) {
		print_text(run->paths[i], r, run->options->verbose);
	}
	run->faulty += r->faults > 0 || r->age == CHECK_STALE;
	check_report_free(&item->report);
	free(item);
}

static int check_all(struct run *run, size_t nr)
{
	const struct parallel todo = {
		.nr = nr, .memory = memory_of, .work = judge, .done = report, .ctx = run
	};
	struct error err = ERROR_INIT;
	struct jobs jobs;
	int ret;

	bases_init(&run->bases, run->options->base, run->options->root, running_release());
	run->bases.keep = false; /* nothing is written */
	run->bases.flags = BASE_PREFER_DISK;
	init_jobs(&jobs, run->options);
	run->bases.jobs = &jobs;
	ret = parallel_run(&todo, &jobs, &err);
	bases_free(&run->bases);
	jobs_free(&jobs);
	if (ret)
		complain(&err);
	return ret || run->faulty || run->failed ? EXIT_FAULT : EXIT_WELL;
}

static int run(const struct options *options)
{
	const char *release = options->release ? options->release : running_release();
	struct run run = { .options = options,
			   .paths = (const char *const *)options->files,
			   .check = { .release = options->release,
				      .details = options->verbose || options->json } };
	struct error err = ERROR_INIT;
	struct strlist paths = { 0 };
	int ret;

	if (options->nr_files)
		return check_all(&run, (size_t)options->nr_files);
	if (!options->release && !strcmp(options->root, "/")) {
		fprintf(stderr, "modbtf: check: name a module, or a kernel with -k\n");
		return EXIT_USAGE;
	}
	ret = modules_list(options->root, release, &paths, &err);
	if (ret) {
		complain(&err);
		ret = EXIT_FAULT;
	} else {
		run.paths = (const char *const *)paths.items;
		ret = check_all(&run, paths.nr);
	}
	strlist_free(&paths);
	return ret;
}

const struct command cmd_check = {
	.name = "check",
	.arguments = "[OPTION]... [FILE]...",
	.summary =
		"Tell whether the kernel would take the BTF of modules, and whether it is current",
	.options = OPT_BASE | OPT_RELEASE | OPT_ROOT | OPT_JOBS | OPT_JSON | OPT_CONFIG,
	.min_files = 0,
	.max_files = -1,
	.run = run,
};
