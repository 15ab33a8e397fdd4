// SPDX-License-Identifier: GPL-2.0-only
#include "btf/adapt.h"
#include "regen/debuginfo.h"
#include "regen/source.h"

struct source_reader {
	const struct module *mod;
	const struct target *target;
	struct debuginfo di;
	struct dwarf *dwarf;
};

/*
 * Pages of the module are released after so many bytes of debug info: relocations and strings are
 * several times that. Less makes no difference to the peak, and pages that are needed all the time
 * are mapped anew each time.
 */
#define DROP_AFTER ((uint64_t)4 << 20)

static int read_units(const struct source_reader *r, struct intern *in, struct error *err)
{
	struct graph graph = { 0 };
	uint64_t read = 0;
	bool dropped = false;
	int ret = 0;

	module_drop_pages(r->mod); /* that unit headers and the order of relocations have touched */
	for (uint32_t i = 0; i < dwarf_nr_units(r->dwarf) && !ret; i++) {
		ret = dwarf_read_unit(r->dwarf, i, &graph, err);
		if (!ret)
			ret = target_wait(r->target, err);
		if (!ret)
			ret = graph_adapt(&graph, &r->target->caps, err);
		if (!ret && graph.nodes.nr > 1)
			ret = intern_graph(in, &graph, err);
		read += dwarf_unit_size(r->dwarf, i);
		if (read >= DROP_AFTER) {
			module_drop_pages(r->mod);
			if (!dropped)
				target_drop_pages(r->target);
			dropped = true;
			read = 0;
		}
	}
	module_drop_pages(r->mod);
	graph_free(&graph);
	return ret;
}

static int read_dwarf(struct source *source, struct intern *in, struct error *err)
{
	const struct dwarf *dwarf = source->reader->dwarf;
	int ret = read_units(source->reader, in, err);

	if (ret)
		return ret;
	source->symbols = dwarf_functions(dwarf, &source->nr_symbols);
	source->vars = dwarf_variables(dwarf, &source->nr_vars);
	source->sections = dwarf_var_sections(dwarf, &source->nr_sections);
	source->nr_units = dwarf_nr_units(dwarf);
	source->skipped = *dwarf_skipped(dwarf);
	return 0;
}

static int choose(const struct source *source, const struct intern *in,
		  const struct settled *settled, func_choices_t *out, struct error *err)
{
	return choose_functions(in, settled, source->symbols, source->nr_symbols, out, err);
}

static void close_dwarf(struct source *source)
{
	dwarf_close(source->reader->dwarf);
	debuginfo_close(&source->reader->di);
	free(source->reader);
	*source = (struct source){ 0 };
}

int source_open_dwarf(struct source *source, const struct module *mod, const struct target *target,
		      struct names *names, struct error *err)
{
	struct source_reader *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return error_nomem(err);
	*source = (struct source){ .kind = NOTE_SOURCE_DWARF,
				   .reader = r,
				   .read = read_dwarf,
				   .choose = choose,
				   .close = close_dwarf };
	r->mod = mod;
	r->target = target;
	ret = debuginfo_open(&r->di, mod, err);
	if (!ret)
		ret = dwarf_open(&r->dwarf, &r->di.input, names, err);
	if (ret)
		close_dwarf(source);
	return ret;
}
