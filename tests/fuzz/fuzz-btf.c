// SPDX-License-Identifier: GPL-2.0-only
/*
 * BTF: any bytes are refused with a text, or every type can be read; what verification accepts can
 * be printed, rebased if it is split BTF, and no kernel finds fault with it; what a kernel takes can be compared with
 * its base.
 *
 * The first byte says what the rest is: a whole BTF (0), or the type section of one (1), or of a
 * split one (2), over the strings and types of the unit tests' fixtures. The latter two spare the
 * fuzzer the header and let it come to the types at once.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/btf-fixture.h"
#include "btf/copies.h"
#include "btf/print.h"
#include "btf/regraph.h"
#include "btf/strings.h"
#include "btf/variants.h"
#include "btf/verify.h"

static void check_error(const struct error *err, int ret)
{
	if (ret >= 0 || err->code != ret || !err->text[0])
		abort();
}

/* Reads all that accessors give, so that a sanitizer sees it. */
static size_t read_all(const struct btf *btf)
{
	size_t sum = 0;

	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
		const struct btf_type *t = btf_type(btf, id);
		const int extra = btf_extra_size(btf_kind(t), btf_vlen(t));
		const uint32_t *words = btf_extra(t);

		if (extra < 0)
			abort();
		sum += strlen(btf_name(btf, t));
		for (int i = 0; i < extra / 4; i++)
			sum += strlen(btf_str(btf, words[i]));
	}
	return sum;
}

static void print(const struct btf *btf, bool sound)
{
	struct error err = ERROR_INIT;
	FILE *out = fopen("/dev/null", "w");
	int ret;

	if (!out)
		abort();
	if (btf_print_raw(btf, out, &err))
		abort();
	ret = sound ? btf_print_c(btf, out, &err) : 0;
	if (ret)
		check_error(&err, ret);
	fclose(out);
}

static const struct btf_caps old_kernel = {
	.header_len = 24, .name_len = 512, .latin1 = true, .kinds = UINT32_MAX
};
static const struct btf_caps new_kernel = { .header_len = 32,
					    .name_len = 512,
					    .latin1 = true,
					    .kinds = UINT32_MAX,
					    .wide_info = true,
					    .attributes = true,
					    .tags_anywhere = true,
					    .section_names = true };

struct told {
	const struct btf *btf;
	uint32_t nr;
	bool refused;
};

static int tell(void *ctx, const struct btf_fault *fault)
{
	struct told *told = ctx;

	if (!fault->text[0] || (fault->id && !btf_type(told->btf, fault->id)))
		abort();
	told->nr++;
	told->refused |= fault->rule != BTF_RULE_REFERENCE;
	return 0;
}

/* @strict: has it passed btf_verify()? Returns whether the kernel takes it. */
static bool ask_kernel(const struct btf *btf, const struct btf_caps *rules, bool strict)
{
	struct told told = { .btf = btf };

	if (btf_verify_each(btf, rules, tell, &told, NULL) || (strict && told.nr))
		abort();
	return !told.refused;
}

static void compare(const struct btf *btf)
{
	struct btf_misplaced misplaced;
	btf_related_t related = { 0 };
	struct btf_index index;

	btf_find_misplaced(btf, &misplaced);
	if (!btf->base || btf_index_build(&index, btf->base, NULL))
		return;
	if (btf_find_related(btf, &index, &related, NULL))
		abort();
	for (uint32_t i = 0; i < related.nr; i++)
		if (related.at[i].id < btf->start_id || !btf_type(btf, related.at[i].id) ||
		    !btf_type(btf, related.at[i].other))
			abort();
	vec_free(&related);
	btf_index_free(&index);
}

/* From graph to bytes. What was sound before need not be expressible, but nothing goes unsaid. */
static int write_again(struct intern *in, const struct regraphed *r, struct buffer *out,
		       struct error *err)
{
	struct settled settled = { 0 };
	func_choices_t funcs = { 0 };
	struct emit_input input = { .in = in,
				    .settled = &settled,
				    .symbols = r->funcs.at,
				    .funcs = &funcs,
				    .vars = r->vars.at,
				    .nr_vars = r->vars.nr,
				    .sections = r->sections.at,
				    .section_sizes = r->section_sizes.at,
				    .nr_sections = r->sections.nr };
	int ret;

	ret = split_variants(in, err);
	if (!ret)
		ret = settle(in, &settled, err);
	if (!ret)
		ret = choose_functions(in, &settled, r->funcs.at, r->funcs.nr, &funcs, err);
	if (!ret)
		ret = emit_split(&input, out, err);
	vec_free(&funcs);
	settled_free(&settled);
	return ret;
}

static void rebase(const struct btf *btf, bool distilled)
{
	struct error err = ERROR_INIT;
	struct regraphed r = { 0 };
	struct graph graph = { 0 };
	struct buffer out = { 0 };
	struct btf_index index;
	struct names names;
	struct intern in;
	struct btf again;
	int ret;

	if (btf_index_build(&index, btf->base, &err) || intern_init(&in, &index, &names, &err))
		abort();
	names_init(&names, &index);
	ret = btf_regraph(btf, &index, distilled, &names, &graph, &r, &err);
	if (!ret && graph_check(&graph, &err))
		abort();
	if (!ret)
		ret = intern_graph(&in, &graph, &err);
	if (!ret)
		ret = write_again(&in, &r, &out, &err);
	if (ret)
		check_error(&err, ret);
	else if (btf_open(&again, buffer_bytes(&out), btf->base, &err))
		abort();
	else
		btf_close(&again);
	buffer_free(&out);
	regraphed_free(&r);
	graph_free(&graph);
	intern_free(&in);
	names_free(&names);
	btf_index_free(&index);
}

static void try(struct bytes raw, const struct btf *base)
{
	struct error err = ERROR_INIT;
	struct btf btf;
	bool sound;
	int ret;

	ret = btf_open(&btf, raw, base, &err);
	if (ret) {
		check_error(&err, ret);
		return;
	}
	if (read_all(&btf) == SIZE_MAX)
		abort();
	ret = btf_verify(&btf, &err);
	sound = !ret;
	if (ret)
		check_error(&err, ret);
	if (base)
		ask_kernel(&btf, &old_kernel, sound);
	if (ask_kernel(&btf, &new_kernel, sound))
		compare(&btf);
	print(&btf, sound);
	if (sound && base) {
		rebase(&btf, false);
		rebase(&btf, true);
	}
	btf_close(&btf);
}

static void try_over_base(const uint32_t *words, size_t nr)
{
	struct buffer base_bytes = fixture_small_base(false);
	struct buffer b = fixture_split(words, nr, false);
	struct btf base;

	if (btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL) || btf_verify(&base, NULL))
		abort();
	try(buffer_bytes(&b), &base);
	btf_close(&base);
	buffer_free(&b);
	buffer_free(&base_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t *words;
	struct buffer b;

	if (!size)
		return 0;
	if (data[0] == 0) {
		try((struct bytes){ data + 1, size - 1 }, NULL);
		return 0;
	}
	words = malloc(size + sizeof(*words));
	if (!words)
		return 0;
	memcpy(words, data + 1, size - 1);
	if (data[0] == 1) {
		b = fixture_base(words, (size - 1) / sizeof(*words), false);
		try(buffer_bytes(&b), NULL);
		buffer_free(&b);
	} else {
		try_over_base(words, (size - 1) / sizeof(*words));
	}
	free(words);
	return 0;
}
