// SPDX-License-Identifier: GPL-2.0-only
#include "regen/generate.h"

#include "btf/implicit.h"
#include "btf/settle.h"
#include "btf/sort.h"
#include "btf/variants.h"
#include "btf/verify.h"

/* Everything that is alive while one module's BTF is made. */
struct work {
	const struct module *mod;
	const struct target *target;
	struct names names;
	struct source source;
	struct intern intern;
	struct settled settled;
	func_choices_t funcs;
	const struct kfuncs *kfuncs;
	struct jobs *jobs;
	struct idtab symbols; /* index + 1 of function symbols, by name id */
	VEC(struct func_tag) tags;
	struct idtab tagged; /* index + 1 in tags */
};

/* Function symbols by name; only built for modules with kfuncs. */
static int index_symbols(struct work *w, struct error *err)
{
	for (uint32_t i = 0; i < w->source.nr_symbols; i++)
		if (!idtab_add(&w->symbols, hash_u64(w->source.symbols[i].name), i + 1))
			return error_nomem(err);
	return 0;
}

static uint32_t find_symbol(struct work *w, const char *name)
{
	uint32_t id = name_id(&w->names, name, strlen(name)), hash = hash_u64(id), n, pos;

	for (n = idtab_first(&w->symbols, hash, &pos); n; n = idtab_next(&w->symbols, hash, &pos))
		if (w->source.symbols[n - 1].name == id)
			return n - 1;
	return UINT32_MAX;
}

/* A function may stand in several sets; one tag says it for all. */
static int add_tag(struct work *w, uint32_t symbol, const char *text, struct error *err)
{
	struct func_tag tag = { symbol, name_id(&w->names, text, strlen(text)) };
	uint32_t hash = hash_u64((uint64_t)symbol << 32 | tag.name), n, pos;

	for (n = idtab_first(&w->tagged, hash, &pos); n; n = idtab_next(&w->tagged, hash, &pos))
		if (w->tags.at[n - 1].symbol == symbol && w->tags.at[n - 1].name == tag.name)
			return 0;
	return tag.name != UINT32_MAX && vec_push(&w->tags, tag) &&
			       idtab_add(&w->tagged, hash, w->tags.nr) ?
		       0 :
		       error_nomem(err);
}

/* The choice of this name, NULL if there is none. */
static struct func_choice *find_choice(struct work *w, const char *name)
{
	uint32_t id = name_id(&w->names, name, strlen(name));

	for (uint32_t i = 0; i < w->funcs.nr; i++)
		if (w->source.symbols[w->funcs.at[i].symbol].name == id)
			return &w->funcs.at[i];
	return NULL;
}

/* Gives a kfunc with KF_IMPLICIT_ARGS its NAME_impl, where the target kernel asks for it. */
static int split_kfunc(struct work *w, const struct kfunc *kfunc, struct error *err)
{
	struct func_choice *choice = find_choice(w, kfunc->name);

	if (!w->target->caps.implicit_args || !choice || choice->full)
		return 0;
	return split_implicit(&w->intern, &w->settled, w->source.symbols, &w->funcs, choice, err);
}

static int tag_kfunc(struct work *w, const struct kfunc *kfunc, struct error *err)
{
	bool tags = btf_caps_know(&w->target->caps, BTF_KIND_DECL_TAG);
	uint32_t symbol = find_symbol(w, kfunc->name);
	int ret = 0;

	if (symbol == UINT32_MAX)
		return 0;
	if (tags)
		ret = add_tag(w, symbol, TAG_KFUNC, err);
	if (!ret && tags && kfunc->certain && kfunc->flags & KFUNC_FASTCALL)
		ret = add_tag(w, symbol, TAG_FASTCALL, err);
	if (!ret && kfunc->certain && kfunc->flags & KFUNC_IMPLICIT_ARGS)
		ret = split_kfunc(w, kfunc, err);
	return ret;
}

/* Functions that stand in a set of kfuncs are tagged as such. */
static int tag_kfuncs(struct work *w, struct error *err)
{
	int ret = w->kfuncs->nr ? index_symbols(w, err) : 0;

	for (uint32_t i = 0; i < w->kfuncs->nr && !ret; i++)
		ret = tag_kfunc(w, &w->kfuncs->at[i], err);
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
	if (source->file && !(out->file = strdup(source->file)))
		return error_nomem(err);
	out->nr_funcs = w->funcs.nr;
	out->nr_vars = w->intern.vars.nr;
	out->nr_units = source->nr_units;
	out->on = source->on;
	out->skipped = source->skipped;
	return emit_split(&input, &out->btf, err);
}

/* Where the kernel's types stand in the order of names, a module's do. */
static int sort(struct btf *btf, struct generated *out, struct error *err)
{
	const struct btf *base = btf->base;
	struct buffer unsorted = out->btf;
	int ret;

	out->btf = (struct buffer){ 0 };
	ret = btf_sort(btf, &out->btf, err);
	btf_close(btf);
	buffer_free(&unsorted);
	return ret ? ret : btf_open(btf, buffer_bytes(&out->btf), base, err);
}

/* What the kernel would refuse is not written: the target, nor any other that has what it has. */
static int verify(struct work *w, struct generated *out, struct error *err)
{
	struct btf btf;
	int ret;

	ret = btf_open(&btf, buffer_bytes(&out->btf), &w->target->base.btf, err);
	if (!ret && w->target->caps.sorted)
		ret = sort(&btf, out, err);
	if (ret)
		return ret;
	out->nr_types = btf.nr;
	ret = btf_verify_for(&btf, &w->target->caps, err);
	btf_close(&btf);
	return ret;
}

static int read_source(struct work *w, struct debug_search *debug, struct error *err)
{
	int ret;

	w->source.jobs = w->jobs;
	ret = w->source.read(&w->source, &w->intern, err);
	return ret && w->source.damaged && w->source.file ? debug_search_reject(debug, err) : ret;
}

static int run(struct work *w, struct bases *old_bases, struct debug_search *debug,
	       struct generated *out, struct error *err)
{
	int ret;

	ret = source_open(&w->source, w->mod, w->target, old_bases, debug, &w->names, err);
	if (!ret)
		ret = intern_init(&w->intern, &w->target->index, &w->names, err);
	if (!ret)
		ret = read_source(w, debug, err);
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
	if (!ret && debug)
		ret = debug_search_check(debug, err);
	return ret;
}

static int try_source(const struct module *mod, const struct target *target,
		      struct bases *old_bases, struct debug_search *debug,
		      const struct kfuncs *kfuncs, struct jobs *jobs, struct generated *out,
		      struct error *err)
{
	struct work w = { .mod = mod, .target = target, .kfuncs = kfuncs, .jobs = jobs };
	int ret;

	*out = (struct generated){ 0 };
	names_init(&w.names, &target->index);
	ret = run(&w, old_bases, debug, out, err);
	idtab_free(&w.symbols);
	idtab_free(&w.tagged);
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

int generate_btf(const struct module *mod, const struct target *target, struct bases *old_bases,
		 struct debug_search *debug, const struct kfuncs *kfuncs, struct jobs *jobs,
		 struct generated *out, struct error *err)
{
	int ret;

	/* What a damaged file has left behind is thrown away as a whole. */
	do
		ret = try_source(mod, target, old_bases, debug, kfuncs, jobs, out, err);
	while (ret && debug && debug->again);
	return ret;
}

void generated_free(struct generated *g)
{
	free(g->file);
	g->file = NULL;
	buffer_free(&g->btf);
	strlist_free(&g->drift);
}
