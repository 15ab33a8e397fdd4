// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "btf/print.h"
#include "btf/verify.h"
#include "cmd/cmd.h"
#include "cmd/say.h"
#include "module/btf-ids.h"
#include "module/kfunc-flags.h"
#include "module/note.h"
#include "regen/inspect.h"
#include "util/json.h"

static const char *mode_name(const struct inspection *in)
{
	if (!in->btf_size)
		return "none";
	return in->base_size ? "distilled base" : "plain";
}

static void print_kinds(const struct inspection *in)
{
	const char *sep = "";

	printf("    types: %u (", in->nr_types);
	for (int kind = 1; kind < BTF_KIND_NR; kind++) {
		if (!in->kinds[kind])
			continue;
		printf("%s%s %u", sep, btf_kind_name((enum btf_kind)kind), in->kinds[kind]);
		sep = ", ";
	}
	printf(")\n");
}

/* Once ids are resolved it takes the base to say which flags are whose. */
static void print_flags(const struct kfunc *kfunc)
{
	struct strbuf text = { .text = NULL };

	if (kfunc->certain)
		kfunc_flags_text(kfunc->flags, &text);
	say(stdout, "   %s\n",
	    !kfunc->certain ? "flags not known without its base" :
	    text.text	    ? text.text :
			      "");
	strbuf_free(&text);
}

static void print_text(const struct inspection *in, bool verbose)
{
	const struct module *mod = &in->mod;
	char hex[2 * DIGEST_SIZE + 1];

	say(stdout, "%s\n", mod->path);
	say(stdout, "    name: %s\n", mod->name);
	say(stdout, "    release: %s\n", mod->release);
	say(stdout, "    compression: %s\n", codec_name(mod->codec));
	if (!mod->signature.size)
		printf("    signature: none\n");
	else
		say(stdout, "    signature: %zu bytes, %s, signed by %s\n", mod->signature.size,
		    *mod->sig_hash ? mod->sig_hash : "unknown hash",
		    *mod->signer ? mod->signer : "unknown");
	printf("    debug info: %zu bytes\n", in->debug_size);
	printf("    .BTF: %zu bytes\n    .BTF.base: %zu bytes\n    .BTF_ids: %zu bytes\n",
	       in->btf_size, in->base_size, in->ids_size);
	say(stdout, "    mode: %s\n", mode_name(in));
	if (in->btf_size) {
		print_kinds(in);
		printf("    functions: %u\n", in->kinds[BTF_KIND_FUNC]);
	}
	printf("    kfuncs: %u\n", in->kfuncs.nr);
	for (uint32_t i = 0; verbose && i < in->kfuncs.nr; i++) {
		say(stdout, "        %s", in->kfuncs.at[i].name);
		print_flags(&in->kfuncs.at[i]);
	}
	if (in->has_note) {
		digest_hex(&in->note.base, hex);
		say(stdout, "    made by modbtf on base %s from %s\n", hex,
		    note_source_name(in->note.source));
	}
}

static void print_json(const struct inspection *in)
{
	const struct module *mod = &in->mod;
	char hex[2 * DIGEST_SIZE + 1];
	struct json json;

	json_begin(&json, stdout);
	json_string(&json, "file", mod->path);
	json_string(&json, "name", mod->name);
	json_string(&json, "release", mod->release);
	json_string(&json, "vermagic", mod->vermagic);
	json_string(&json, "compression", codec_name(mod->codec));
	json_uint(&json, "signature_size", mod->signature.size);
	json_string(&json, "signer", mod->signer);
	json_string(&json, "sig_hash", mod->sig_hash);
	json_uint(&json, "debug_info_size", in->debug_size);
	json_uint(&json, "btf_size", in->btf_size);
	json_uint(&json, "btf_base_size", in->base_size);
	json_uint(&json, "btf_ids_size", in->ids_size);
	json_string(&json, "mode", mode_name(in));
	json_uint(&json, "types", in->nr_types);
	json_open_object(&json, "kinds");
	for (int kind = 1; kind < BTF_KIND_NR; kind++)
		if (in->kinds[kind])
			json_uint(&json, btf_kind_name((enum btf_kind)kind), in->kinds[kind]);
	json_close_object(&json);
	json_uint(&json, "functions", in->kinds[BTF_KIND_FUNC]);
	json_open_array(&json, "kfuncs");
	for (uint32_t i = 0; i < in->kfuncs.nr; i++)
		json_string(&json, NULL, in->kfuncs.at[i].name);
	json_close_array(&json);
	if (in->has_note) {
		digest_hex(&in->note.base, hex);
		json_string(&json, "base_digest", hex);
		json_string(&json, "source", note_source_name(in->note.source));
	}
	json_end(&json);
}

/* What cannot be shown has a line as well. */
static void print_json_error(const char *path, const struct error *err)
{
	struct json json;

	json_begin(&json, stdout);
	json_string(&json, "file", path);
	json_string(&json, "error", err->text);
	json_end(&json);
}

/* Names and ids need the base: the module's own .BTF.base, or the kernel's. */
static int dump(const struct options *options, const struct inspection *in, struct bases *bases,
		struct error *err)
{
	struct inspection_btf btf;
	int ret;

	ret = inspect_btf(in, bases, options->release, &btf, err);
	if (ret)
		return error_in_file(err, in->mod.path);
	if (!strcmp(options->dump, "raw")) {
		ret = btf_print_raw(&btf.split, stdout, err);
	} else {
		ret = btf_verify(&btf.split, err);
		if (!ret)
			ret = btf_print_c(&btf.split, stdout, err);
	}
	inspect_btf_close(&btf);
	return ret ? error_in_file(err, in->mod.path) : 0;
}

static int show(const struct options *options, const char *path, struct bases *bases,
		struct error *err)
{
	struct inspection in;
	int ret;

	ret = inspect_module(&in, path, err);
	if (ret)
		return ret;
	if (options->verbose && !options->dump)
		ret = inspect_kfuncs(&in, bases, options->release, err);
	if (ret)
		error_in_file(err, path);
	else if (options->dump)
		ret = dump(options, &in, bases, err);
	else if (options->json)
		print_json(&in);
	else
		print_text(&in, options->verbose);
	inspection_free(&in);
	return ret;
}

static int run(const struct options *options)
{
	struct bases bases;
	bool failed = false;

	bases_init(&bases, options->base, options->root, running_release());
	bases.keep = false; /* nothing is written */
	for (int i = 0; i < options->nr_files; i++) {
		struct error err = ERROR_INIT;

		if (show(options, options->files[i], &bases, &err)) {
			complain(&err);
			if (options->json && !options->dump)
				print_json_error(options->files[i], &err);
			failed = true;
		}
	}
	bases_free(&bases);
	return failed ? EXIT_FAULT : EXIT_WELL;
}

const struct command cmd_show = {
	.name = "show",
	.arguments = "[OPTION]... FILE...",
	.summary = "Show what is in modules",
	.options = OPT_BASE | OPT_RELEASE | OPT_ROOT | OPT_JSON | OPT_DUMP,
	.min_files = 1,
	.max_files = -1,
	.run = run,
};
