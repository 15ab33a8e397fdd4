// SPDX-License-Identifier: GPL-2.0-only
#include "regen/debuginfo.h"
#include "regen/source.h"
#include "regen/units.h"

/*
 * Debug info is read together with the symbol table of the file that it is in, also where that is not
 * the module. The module's own table may have been stripped of local symbols (--strip-unneeded), and
 * that says nothing of the code: the functions are still there. With the full table
 *
 * - the BTF is the same, be the module stripped before it is made or afterwards, or made anew from that
 *   BTF (which is what pahole does with a file of debug info, too);
 * - a name that several functions share is known to be ambiguous, though only one of them may have a
 *   symbol left.
 *
 * A function whose name kallsyms does not have cannot be attached to. The kernel says so then
 * (bpf_check_attach_target() in kernel/bpf/verifier.c), as for functions with .isra in their symbol;
 * nobody reads a wrong type.
 */

/* One file. */
struct part {
	const struct module *mod;
	struct debuginfo di;
	struct dwarf *dwarf;
};

#define MAX_PARTS 3

struct source_reader {
	const struct target *target;
	struct part parts[MAX_PARTS]; /* the first has functions and variables */
	unsigned int nr_parts;
};

static void count_units(struct source *source, const struct dwarf *dwarf)
{
	const struct dwarf_skipped *skipped = dwarf_skipped(dwarf);

	source->nr_units += dwarf_nr_units(dwarf);
	source->skipped.cplusplus += skipped->cplusplus;
	source->skipped.rust += skipped->rust;
	source->skipped.assembler += skipped->assembler;
	source->skipped.other += skipped->other;
}

static int read_dwarf(struct source *source, struct intern *in, struct error *err)
{
	const struct source_reader *r = source->reader;
	const struct dwarf *dwarf = r->parts[0].dwarf;
	int ret = 0;

	for (unsigned int i = 0; i < r->nr_parts && !ret; i++) {
		ret = units_read(r->parts[i].dwarf, r->parts[i].mod, r->target, source->jobs, in,
				 &source->damaged, err);
		if (!ret)
			count_units(source, r->parts[i].dwarf);
	}
	if (ret)
		return ret;
	source->symbols = dwarf_functions(dwarf, &source->nr_symbols);
	source->vars = dwarf_variables(dwarf, &source->nr_vars);
	source->sections = dwarf_var_sections(dwarf, &source->nr_sections);
	return 0;
}

static int choose(const struct source *source, const struct intern *in,
		  const struct settled *settled, func_choices_t *out, struct error *err)
{
	return choose_functions(in, settled, source->symbols, source->nr_symbols, out, err);
}

static void close_dwarf(struct source *source)
{
	struct source_reader *r = source->reader;

	for (unsigned int i = 0; i < r->nr_parts; i++) {
		dwarf_close(r->parts[i].dwarf);
		debuginfo_close(&r->parts[i].di);
	}
	free(r);
	*source = (struct source){ 0 };
}

static int open_part(struct source_reader *r, const struct module *mod, struct names *names,
		     struct error *err)
{
	struct part *part = &r->parts[r->nr_parts];
	int ret;

	part->mod = mod;
	ret = debuginfo_open(&part->di, mod, err);
	if (ret)
		return ret;
	r->nr_parts++;
	return dwarf_open(&part->dwarf, &part->di.input, names, err);
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
	r->target = target;
	ret = open_part(r, mod, names, err);
	if (ret)
		close_dwarf(source);
	return ret;
}

int source_add_dwarf(struct source *source, const struct module *mod, struct names *names,
		     struct error *err)
{
	struct source_reader *r = source->reader;
	uint32_t nr_functions;
	int ret;

	if (r->nr_parts == MAX_PARTS)
		return error_set(err, -EINVAL, "%s: one file too many", mod->path);
	ret = open_part(r, mod, names, err);
	if (ret)
		return ret;
	/* Functions of the graphs count in the symbols of the first file. */
	dwarf_functions(r->parts[r->nr_parts - 1].dwarf, &nr_functions);
	return nr_functions ? error_set(err, -EINVAL, "%s: it has functions", mod->path) : 0;
}
