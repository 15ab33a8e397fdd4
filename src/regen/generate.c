// SPDX-License-Identifier: GPL-2.0-only
#include "regen/generate.h"

#include "btf/settle.h"
#include "btf/variants.h"
#include "btf/verify.h"
#include "module/btf-ids.h"

/* Everything that is alive while one module's BTF is made. */
struct work {
	const struct module *mod;
	const struct target *target;
	struct names names;
	struct source source;
	struct intern intern;
	struct settled settled;
	func_choices_t funcs;
	VEC(struct func_tag) tags;
};

static uint32_t find_symbol(struct work *w, const char *name)
{
	uint32_t id = name_id(&w->names, name, strlen(name));

	for (uint32_t i = 0; i < w->source.nr_symbols; i++)
		if (w->source.symbols[i].name == id)
			return i;
	return UINT32_MAX;
}

/* A function may stand in several sets; one tag says it for all. */
static int add_tag(struct work *w, uint32_t symbol, const char *text, struct error *err)
{
	struct func_tag tag = { symbol, name_id(&w->names, text, strlen(text)) };

	for (uint32_t i = 0; i < w->tags.nr; i++)
		if (w->tags.at[i].symbol == symbol && w->tags.at[i].name == tag.name)
			return 0;
	return tag.name != UINT32_MAX && vec_push(&w->tags, tag) ? 0 : error_nomem(err);
}

/* Functions that stand in a set of kfuncs are tagged as such. */
static int tag_kfuncs(struct work *w, struct error *err)
{
	struct kfuncs kfuncs;
	int ret;

	ret = kfuncs_read(&kfuncs, w->mod, err);
	if (ret)
		return ret;
	for (uint32_t i = 0; i < kfuncs.nr && !ret; i++) {
		uint32_t symbol = find_symbol(w, kfuncs.at[i].name);

		if (symbol == UINT32_MAX)
			continue;
		ret = add_tag(w, symbol, "bpf_kfunc", err);
		if (!ret && kfuncs.at[i].flags & KFUNC_FASTCALL)
			ret = add_tag(w, symbol, "bpf_fastcall", err);
	}
	kfuncs_free(&kfuncs);
	return ret;
}

static int note_drift(struct work *w, struct generated *out, struct error *err)
{
	const struct btf *base = w->intern.index->base;

	for (uint32_t i = 0; i < w->intern.drifts.nr; i++) {
		const struct btf_type *t = btf_type(base, w->intern.drifts.at[i].base_id);

		if (strlist_add(&out->drift, "%s %s",
				btf_kind(t) == BTF_KIND_STRUCT ? "struct" :
				btf_kind(t) == BTF_KIND_UNION  ? "union" :
								 "enum",
				btf_name(base, t)))
			return error_nomem(err);
	}
	return 0;
}

static int emit(struct work *w, struct generated *out, struct error *err)
{
	const struct source *source = &w->source;
	struct emit_input input = { .in = &w->intern,
				    .settled = &w->settled,
				    .symbols = source->symbols,
				    .funcs = &w->funcs,
				    .tags = w->tags.at,
				    .nr_tags = w->tags.nr,
				    .vars = source->vars,
				    .nr_vars = source->nr_vars,
				    .sections = source->sections,
				    .section_sizes = source->section_sizes,
				    .nr_sections = source->nr_sections,
				    .big_endian = w->mod->big_endian };

	out->source = source->kind;
	out->nr_funcs = w->funcs.nr;
	out->nr_vars = w->intern.vars.nr;
	out->nr_units = source->nr_units;
	out->skipped = source->skipped;
	return emit_split(&input, &out->btf, err);
}

/* What the kernel would refuse is not written. */
static int verify(struct work *w, struct generated *out, struct error *err)
{
	struct btf btf;
	int ret;

	ret = btf_open(&btf, buffer_bytes(&out->btf), &w->target->base.btf, err);
	if (ret)
		return ret;
	out->nr_types = btf.nr;
	ret = btf_verify(&btf, err);
	btf_close(&btf);
	return ret;
}

static int run(struct work *w, struct bases *old_bases, struct generated *out, struct error *err)
{
	int ret;

	ret = source_open(&w->source, w->mod, w->target, old_bases, &w->names, err);
	if (!ret)
		ret = intern_init(&w->intern, &w->target->index, &w->names, err);
	if (!ret)
		ret = w->source.read(&w->source, &w->intern, err);
	if (!ret)
		ret = split_variants(&w->intern, err);
	if (!ret)
		ret = settle(&w->intern, &w->settled, err);
	if (!ret)
		ret = w->source.choose(&w->source, &w->intern, &w->settled, &w->funcs, err);
	if (!ret)
		ret = tag_kfuncs(w, err);
	if (!ret)
		ret = emit(w, out, err);
	if (!ret)
		ret = note_drift(w, out, err);
	if (!ret)
		ret = verify(w, out, err);
	return ret;
}

int generate_btf(const struct module *mod, const struct target *target, struct bases *old_bases,
		 struct generated *out, struct error *err)
{
	struct work w = { .mod = mod, .target = target };
	int ret;

	*out = (struct generated){ 0 };
	names_init(&w.names, &target->index);
	ret = run(&w, old_bases, out, err);
	vec_free(&w.tags);
	vec_free(&w.funcs);
	settled_free(&w.settled);
	intern_free(&w.intern);
	source_close(&w.source);
	names_free(&w.names);
	if (ret)
		generated_free(out);
	return ret;
}

void generated_free(struct generated *g)
{
	buffer_free(&g->btf);
	strlist_free(&g->drift);
}
