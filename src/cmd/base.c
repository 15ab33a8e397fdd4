// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/rootpath.h"
#include "cmd/cmd.h"
#include "cmd/say.h"
#include "io/replace.h"
#include "util/digest.h"
#include "util/json.h"

static void print_base(const struct options *options, const struct base *base)
{
	struct digest digest = digest_bytes(base->btf.raw);
	char hex[2 * DIGEST_SIZE + 1];
	struct json json;

	digest_hex(&digest, hex);
	if (options->json) {
		json_begin(&json, stdout);
		json_string(&json, "path", base->path);
		json_string(&json, "form", base->image.form);
		json_string(&json, "release", base->image.release);
		json_uint(&json, "size", base->btf.raw.size);
		json_uint(&json, "types", base->btf.nr);
		json_string(&json, "digest", hex);
		json_end(&json);
	} else if (options->verbose) {
		say(stdout, "%s\n", base->path);
		say(stdout, "    form: %s\n", base->image.form);
		say(stdout, "    release: %s\n",
		    *base->image.release ? base->image.release : "not stated");
		printf("    size: %zu\n    types: %u\n    digest: %s\n", base->btf.raw.size,
		       base->btf.nr, hex);
	} else if (!options->quiet) {
		say(stdout, "%s\n", base->path);
	}
}

static int write_base(const char *out, const struct base *base, struct error *err)
{
	const struct piece piece = { .data = base->btf.raw };
	struct replacement r;
	bool changed;
	int ret;

	if (!strcmp(out, "-")) {
		if (fwrite(base->btf.raw.data, 1, base->btf.raw.size, stdout) != base->btf.raw.size)
			return error_errno(err, -EIO, "cannot write to standard output");
		return 0;
	}
	ret = replace_begin(&r, out, err);
	if (ret)
		return ret;
	ret = replace_commit(&r, &piece, 1, &changed, err);
	replace_end(&r);
	return ret;
}

static int find_base(const struct options *options)
{
	const char *release = options->release ? options->release : running_release();
	struct error err = ERROR_INIT;
	struct strlist notes = { 0 };
	struct base base;
	int ret;

	if (options->base)
		ret = base_open(&base, options->base, NULL, &err);
	else
		ret = base_find(&base, release, options->root, running_release(), NULL, &notes,
				&err);
	for (size_t i = 0; i < notes.nr; i++)
		say(stderr, "modbtf: warning: passed over %s\n", notes.items[i]);
	strlist_free(&notes);
	if (!ret && !options->base && base.stored)
		fprintf(stderr,
			"modbtf: warning: kernel %s is not installed: this is what the base store "
			"kept of it\n",
			release);
	if (!ret) {
		if (options->out)
			ret = write_base(options->out, &base, &err);
		else
			print_base(options, &base);
		base_close(&base);
	}
	if (ret)
		complain(&err);
	return ret ? EXIT_FAULT : EXIT_WELL;
}

/* Whether options go together; says so if they do not. */
static bool check_options(const struct options *options)
{
	const bool store = options->list || options->prune;

	if (options->list && options->prune)
		fprintf(stderr, "modbtf: base: --list and --prune are two things\n");
	else if (store && (options->base || options->release || options->out))
		fprintf(stderr, "modbtf: base: --list and --prune take no -b, -k or -o\n");
	else if (options->dry_run && !options->prune)
		fprintf(stderr, "modbtf: base: -n is for --prune\n");
	else
		return true;
	return false;
}

static int run(const struct options *options)
{
	struct error err = ERROR_INIT;

	if (!check_options(options))
		return EXIT_USAGE;
	if (!options->base && root_check(options->root, &err)) {
		complain(&err);
		return EXIT_FAULT;
	}
	if (options->list)
		return list_store(options);
	return options->prune ? prune_store(options) : find_base(options);
}

const struct command cmd_base = {
	.name = "base",
	.arguments = "[OPTION]...",
	.summary = "Tell where the BTF of a kernel is, or write it to a file",
	.options = OPT_BASE | OPT_RELEASE | OPT_OUT | OPT_ROOT | OPT_JSON | OPT_STORE | OPT_DRY_RUN,
	.min_files = 0,
	.max_files = 0,
	.run = run,
};
