// SPDX-License-Identifier: GPL-2.0-only
#include "btf/adapt.h"
#include "btf/regraph.h"
#include "btf/verify.h"
#include "regen/old-base.h"
#include "regen/source.h"

struct source_reader {
	struct names *names;
	const struct target *target;
	struct btf distilled;	 /* where the module brings its base along, */
	struct btf_index index;	 /* and the index of that */
	const struct target *on; /* else what its BTF was made on */
	struct btf btf;
	struct regraphed symbols;
};

static struct bytes section_bytes(const struct module *mod, const char *name)
{
	uint32_t index = module_find_section(mod, name);

	return index ? mod->sections[index].data : (struct bytes){ NULL, 0 };
}

static int open_distilled(struct source_reader *r, struct bytes raw, struct error *err)
{
	int ret;

	ret = btf_open(&r->distilled, raw, NULL, err);
	if (!ret)
		ret = btf_verify(&r->distilled, err);
	if (!ret)
		ret = btf_index_build(&r->index, &r->distilled, err);
	return ret ? error_prefix(err, ".BTF.base") : 0;
}

static int open_on_old_base(struct source *source, const struct module *mod,
			    struct bases *old_bases, struct error *err)
{
	struct source_reader *r = source->reader;
	int ret = old_base_open(mod, r->target, old_bases, &r->on, &r->btf, err);

	source->on = r->on;
	return ret ? error_prefix(err, "no debug info in it") : 0;
}

static int open_btf(struct source *source, const struct module *mod, struct bases *old_bases,
		    struct error *err)
{
	struct bytes raw = section_bytes(mod, ".BTF"), base = section_bytes(mod, ".BTF.base");
	struct source_reader *r = source->reader;
	int ret;

	if (!raw.size)
		return error_set(err, -ENODATA, "no .BTF in it");
	if (!base.size) {
		source->kind = NOTE_SOURCE_OLD_BASE;
		return open_on_old_base(source, mod, old_bases, err);
	}
	source->kind = NOTE_SOURCE_DISTILLED;
	ret = open_distilled(r, base, err);
	if (ret)
		return ret;
	ret = btf_open(&r->btf, raw, &r->distilled, err);
	if (!ret)
		ret = btf_verify(&r->btf, err);
	return ret ? error_prefix(err, ".BTF does not fit .BTF.base") : 0;
}

static int read_btf(struct source *source, struct intern *in, struct error *err)
{
	struct source_reader *r = source->reader;
	bool distilled = source->kind == NOTE_SOURCE_DISTILLED;
	struct graph graph = { 0 };
	int ret;

	/* What the kernel has of a name is asked from here on. */
	ret = target_wait(r->target, err);
	if (ret)
		return ret;
	ret = btf_regraph(&r->btf, distilled ? &r->index : &r->on->index, distilled, r->names,
			  &graph, &r->symbols, err);
	if (!ret)
		ret = graph_check(&graph, err);
	if (!ret)
		ret = graph_adapt(&graph, &r->target->caps, err);
	if (!ret)
		ret = intern_graph(in, &graph, err);
	graph_free(&graph);
	source->symbols = r->symbols.funcs.at;
	source->nr_symbols = r->symbols.funcs.nr;
	source->vars = r->symbols.vars.at;
	source->nr_vars = r->symbols.vars.nr;
	source->sections = r->symbols.sections.at;
	source->section_sizes = r->symbols.section_sizes.at;
	source->nr_sections = r->symbols.sections.nr;
	return ret;
}

/* They have been chosen when the BTF was made: all stay, in their order. */
static int choose_all(const struct source *source, const struct intern *in,
		      const struct settled *settled, func_choices_t *out, struct error *err)
{
	(void)source;
	for (uint32_t i = 0; i < in->funcs.nr; i++) {
		struct func_choice choice = { .symbol = in->funcs.at[i].symbol,
					      .proto = settled_ref(settled, in->funcs.at[i].proto),
					      .first = i };

		if (!vec_push(out, choice))
			return error_nomem(err);
	}
	return 0;
}

static void close_btf(struct source *source)
{
	struct source_reader *r = source->reader;

	regraphed_free(&r->symbols);
	btf_close(&r->btf);
	btf_index_free(&r->index);
	btf_close(&r->distilled);
	free(r);
	*source = (struct source){ 0 };
}

int source_open_btf(struct source *source, const struct module *mod, const struct target *target,
		    struct bases *old_bases, struct names *names, struct error *err)
{
	struct source_reader *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return error_nomem(err);
	*source = (struct source){
		.reader = r, .read = read_btf, .choose = choose_all, .close = close_btf
	};
	r->names = names;
	r->target = target;
	ret = open_btf(source, mod, old_bases, err);
	if (ret)
		close_btf(source);
	return ret;
}
