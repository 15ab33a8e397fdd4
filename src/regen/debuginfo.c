// SPDX-License-Identifier: GPL-2.0-only
#include "regen/debuginfo.h"

#include <elf.h>

static int load(struct debuginfo *di, const struct module *mod, uint32_t index,
		struct dwarf_section *section, struct error *err)
{
	struct buffer store = { 0 };
	int ret;

	ret = module_section_data(mod, index, &section->data, &store, err);
	if (ret)
		return ret;
	if (store.data && !vec_push(&di->unpacked, store)) {
		buffer_free(&store);
		return error_nomem(err);
	}
	if (di->relocations[index]) {
		const struct module_section *s = &mod->sections[di->relocations[index]];

		section->rela = s->data;
		section->is_rel = s->type == SHT_REL;
	}
	return 0;
}

static int find_relocations(struct debuginfo *di, const struct module *mod, struct error *err)
{
	di->relocations = calloc(mod->nr_sections, sizeof(*di->relocations));
	if (!di->relocations)
		return error_nomem(err);
	for (uint32_t i = 1; i < mod->nr_sections; i++) {
		const struct module_section *s = &mod->sections[i];

		if ((s->type == SHT_RELA || s->type == SHT_REL) && s->info < mod->nr_sections)
			di->relocations[s->info] = i;
	}
	return 0;
}

static bool is_info(const struct module_section *s)
{
	return s->type != SHT_NOBITS && s->data.size &&
	       (!strcmp(s->name, ".debug_info") || !strcmp(s->name, ".debug_types"));
}

static int load_infos(struct debuginfo *di, const struct module *mod, struct error *err)
{
	uint32_t nr = 0;
	int ret;

	for (uint32_t i = 1; i < mod->nr_sections; i++)
		nr += is_info(&mod->sections[i]);
	if (!nr)
		return error_set(err, -ENODATA,
				 "no debug info in it: build the module with KCFLAGS=-g and do not "
				 "strip it before this step");
	di->infos = calloc(nr, sizeof(*di->infos));
	if (!di->infos)
		return error_nomem(err);
	di->input.infos = di->infos;
	for (uint32_t i = 1; i < mod->nr_sections; i++) {
		struct dwarf_section *info = &di->infos[di->input.nr_infos];

		if (!is_info(&mod->sections[i]))
			continue;
		ret = load(di, mod, i, info, err);
		if (ret)
			return ret;
		info->is_types = !strcmp(mod->sections[i].name, ".debug_types");
		di->input.nr_infos++;
	}
	return 0;
}

static int load_named(struct debuginfo *di, const struct module *mod, const char *name,
		      struct dwarf_section *section, struct error *err)
{
	uint32_t index = module_find_section(mod, name);

	return index ? load(di, mod, index, section, err) : 0;
}

static void load_symbols(struct debuginfo *di, const struct module *mod)
{
	struct dwarf_input *in = &di->input;
	uint32_t symtab = 0;

	for (uint32_t i = 1; i < mod->nr_sections; i++)
		if (mod->sections[i].type == SHT_SYMTAB)
			symtab = i;
	if (!symtab)
		return;
	in->symtab = mod->sections[symtab].data;
	if (mod->sections[symtab].link < mod->nr_sections)
		in->strtab = mod->sections[mod->sections[symtab].link].data;
	for (uint32_t i = 1; i < mod->nr_sections; i++)
		if (mod->sections[i].type == SHT_SYMTAB_SHNDX && mod->sections[i].link == symtab)
			in->symtab_shndx = mod->sections[i].data;
}

static int load_sections(struct debuginfo *di, const struct module *mod, struct error *err)
{
	di->sections = calloc(mod->nr_sections, sizeof(*di->sections));
	if (!di->sections)
		return error_nomem(err);
	for (uint32_t i = 0; i < mod->nr_sections; i++)
		di->sections[i] =
			(struct dwarf_elf_section){ mod->sections[i].name, mod->sections[i].size };
	di->sections[0].name = "";
	di->input.sections = di->sections;
	di->input.nr_sections = mod->nr_sections;
	return 0;
}

static void drop_pages(const void *mod)
{
	module_drop_pages(mod);
}

int debuginfo_open(struct debuginfo *di, const struct module *mod, struct error *err)
{
	struct dwarf_input *in = &di->input;
	struct {
		const char *name;
		struct dwarf_section *section;
	} const named[] = {
		{ ".debug_abbrev", &in->abbrev },     { ".debug_str", &in->str },
		{ ".debug_line_str", &in->line_str }, { ".debug_str_offsets", &in->str_offsets },
		{ ".debug_addr", &in->addr },	      { ".debug_loc", &in->loc },
		{ ".debug_loclists", &in->loclists },
	};
	int ret;

	*di = (struct debuginfo){ .input = { .is64 = mod->is64,
					     .big_endian = mod->big_endian,
					     .machine = mod->machine,
					     .drop = drop_pages,
					     .drop_ctx = mod } };
	ret = find_relocations(di, mod, err);
	if (!ret)
		ret = load_infos(di, mod, err);
	for (size_t i = 0; i < sizeof(named) / sizeof(*named) && !ret; i++)
		ret = load_named(di, mod, named[i].name, named[i].section, err);
	if (!ret)
		ret = load_sections(di, mod, err);
	if (ret) {
		debuginfo_close(di);
		return ret;
	}
	load_symbols(di, mod);
	return 0;
}

void debuginfo_close(struct debuginfo *di)
{
	for (uint32_t i = 0; i < di->unpacked.nr; i++)
		buffer_free(&di->unpacked.at[i]);
	vec_free(&di->unpacked);
	free(di->infos);
	free(di->sections);
	free(di->relocations);
	*di = (struct debuginfo){ 0 };
}
