// SPDX-License-Identifier: GPL-2.0-only
#include "regen/generate.h"

#include "btf/emit.h"
#include "btf/intern.h"
#include "btf/settle.h"
#include "btf/sort.h"
#include "btf/variants.h"
#include "btf/verify.h"
#include "module/btf-ids.h"
#include "regen/debuginfo.h"

/* Everything that is alive while one module's BTF is made. */
struct work {
	const struct module *mod;
	const struct target *target;
	struct debuginfo di;
	struct names names;
	struct dwarf *dwarf;
	struct intern intern;
	struct settled settled;
	func_choices_t funcs;
	VEC(struct func_tag) tags;
};

/*
 * Pages of the module are released after so many bytes of debug info: relocations and strings are
 * several times that. Less makes no difference to the peak, and pages that are needed all the time
 * are mapped anew each time.
 */
#define DROP_AFTER ((uint64_t)4 << 20)

static int read_units(struct work *w, struct error *err)
{
	struct graph graph = { 0 };
	uint64_t read = 0;
	int ret = 0;

	module_drop_pages(w->mod); /* that unit headers and the order of relocations have touched */
	for (uint32_t i = 0; i < dwarf_nr_units(w->dwarf) && !ret; i++) {
		ret = dwarf_read_unit(w->dwarf, i, &graph, err);
		if (!ret)
			ret = graph_check(&graph, err);
		if (!ret && graph.nodes.nr > 1)
			ret = intern_graph(&w->intern, &graph, err);
		read += dwarf_unit_size(w->dwarf, i);
		if (read >= DROP_AFTER) {
			module_drop_pages(w->mod);
			read = 0;
		}
	}
	module_drop_pages(w->mod);
	graph_free(&graph);
	return ret;
}

static uint32_t find_symbol(struct work *w, const char *name)
{
	uint32_t nr, id = name_id(&w->names, name, strlen(name));
	const struct func_symbol *symbols = dwarf_functions(w->dwarf, &nr);

	for (uint32_t i = 0; i < nr; i++)
		if (symbols[i].name == id)
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
	struct emit_input input = { .in = &w->intern,
				    .settled = &w->settled,
				    .funcs = &w->funcs,
				    .tags = w->tags.at,
				    .nr_tags = w->tags.nr,
				    .big_endian = w->mod->big_endian };
	uint32_t nr;

	input.symbols = dwarf_functions(w->dwarf, &nr);
	input.vars = dwarf_variables(w->dwarf, &input.nr_vars);
	input.sections = dwarf_var_sections(w->dwarf, &input.nr_sections);
	out->nr_funcs = w->funcs.nr;
	out->nr_vars = w->intern.vars.nr;
	out->nr_units = dwarf_nr_units(w->dwarf);
	out->skipped = *dwarf_skipped(w->dwarf);
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

/* What the kernel would refuse is not written. */
static int verify(struct work *w, struct generated *out, struct error *err)
{
	struct btf btf;
	int ret;

	ret = btf_open(&btf, buffer_bytes(&out->btf), &w->target->base.btf, err);
	if (!ret && w->target->sorted)
		ret = sort(&btf, out, err);
	if (ret)
		return ret;
	out->nr_types = btf.nr;
	ret = btf_verify(&btf, err);
	btf_close(&btf);
	return ret;
}

static int run(struct work *w, struct generated *out, struct error *err)
{
	const struct func_symbol *symbols;
	uint32_t nr;
	int ret;

	ret = debuginfo_open(&w->di, w->mod, err);
	if (!ret)
		ret = dwarf_open(&w->dwarf, &w->di.input, &w->names, w->target->index.nested_arrays,
				 err);
	if (!ret)
		ret = intern_init(&w->intern, &w->target->index, &w->names, err);
	if (!ret)
		ret = read_units(w, err);
	if (!ret)
		ret = split_variants(&w->intern, err);
	if (!ret)
		ret = settle(&w->intern, &w->settled, err);
	if (ret)
		return ret;
	symbols = dwarf_functions(w->dwarf, &nr);
	ret = choose_functions(&w->intern, &w->settled, symbols, nr, &w->funcs, err);
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

int generate_btf(const struct module *mod, const struct target *target, struct generated *out,
		 struct error *err)
{
	struct work w = { .mod = mod, .target = target };
	int ret;

	*out = (struct generated){ 0 };
	names_init(&w.names, &target->index);
	ret = run(&w, out, err);
	vec_free(&w.tags);
	vec_free(&w.funcs);
	settled_free(&w.settled);
	intern_free(&w.intern);
	dwarf_close(w.dwarf);
	debuginfo_close(&w.di);
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
