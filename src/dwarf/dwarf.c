// SPDX-License-Identifier: GPL-2.0-only
#include "dwarf/dwarf.h"

#include "dwarf/scan.h"
#include "dwarf/symbols.h"

static int header_damaged(const struct info *info, const uint8_t *p, const char *what,
			  struct error *err)
{
	return error_set(
		err, -EINVAL, "debug info: unit header at 0x%llx: %s",
		(unsigned long long)(info->start + (uint64_t)(p - info->section->data.data)), what);
}

/* A field of a unit header, relocated. */
static int header_field(struct info *info, const uint8_t **p, unsigned int size, bool big,
			uint64_t *value, struct error *err)
{
	const uint8_t *start = info->section->data.data;
	struct reloc_value reloc;
	uint64_t raw;
	int ret;

	raw = size == 1 ? **p :
	      size == 2 ? load_u16(*p, big) :
	      size == 4 ? load_u32(*p, big) :
			  load_u64(*p, big);
	ret = reloc_apply(&info->reloc, (uint64_t)(*p - start), size, raw, &reloc, err);
	*value = reloc.value;
	*p += size;
	return ret;
}

static int read_header(struct dwarf *d, struct info *info, bool in_types, const uint8_t **p,
		       struct unit *unit, struct error *err)
{
	const uint8_t *start = info->section->data.data, *header = *p;
	const uint8_t *end = start + info->section->data.size;
	uint64_t length, version, type = in_types ? DW_UT_type : DW_UT_compile, size = 0, abbrevs,
				  type_offset = 0;
	bool big = d->in.big_endian;
	int ret;

	if (end - header < 12)
		return header_damaged(info, header, "the section ends in it", err);
	ret = header_field(info, p, 4, big, &length, err);
	if (ret)
		return ret;
	if (length >= 0xfffffff0)
		return error_set(err, -EOPNOTSUPP,
				 "debug info is in the 64-bit DWARF format, which no compiler "
				 "writes for modules: build without -gdwarf64");
	if (length > (uint64_t)(end - *p) || length < 8)
		return header_damaged(info, header, "its length runs past the section", err);
	end = *p + length;
	ret = header_field(info, p, 2, big, &version, err);
	if (ret)
		return ret;
	if (version < 2 || version > 5)
		return error_set(err, -EOPNOTSUPP,
				 "debug info: unit at 0x%llx is of DWARF version %llu: versions 2 "
				 "to 5 can be read",
				 (unsigned long long)(header - start), (unsigned long long)version);
	if (version >= 5) {
		type = *(*p)++;
		size = *(*p)++;
	}
	if (end - *p < 4)
		return header_damaged(info, header, "too short", err);
	ret = header_field(info, p, 4, big, &abbrevs, err);
	if (ret)
		return ret;
	if (version < 5) {
		if (*p == end)
			return header_damaged(info, header, "too short", err);
		size = *(*p)++;
	}
	*unit = (struct unit){ .offset = info->start + (uint64_t)(header - start),
			       .end = info->start + (uint64_t)(end - start),
			       .version = (uint16_t)version,
			       .type = (uint8_t)type,
			       .address_size = (uint8_t)size,
			       .abbrev_offset = abbrevs };
	if (size != 4 && size != 8)
		return header_damaged(info, header, "addresses are neither 4 nor 8 bytes", err);
	if (type == DW_UT_type || type == DW_UT_split_type) {
		if (end - *p < 12)
			return header_damaged(info, header, "too short", err);
		unit->signature = load_u64(*p, big);
		type_offset = load_u32(*p + 8, big);
		*p += 12;
		if (type_offset >= length + 4)
			return header_damaged(info, header, "its type lies outside", err);
		unit->type_offset = unit->offset + type_offset;
	} else if (type == DW_UT_skeleton || type == DW_UT_split_compile) {
		if (end - *p < 8)
			return header_damaged(info, header, "too short", err);
		*p += 8;
	} else if (type != DW_UT_compile && type != DW_UT_partial) {
		return header_damaged(info, header, "a unit type that is not known", err);
	}
	unit->dies = info->start + (uint64_t)(*p - start);
	if (unit->type_offset && unit->type_offset < unit->dies)
		return header_damaged(info, header, "its type lies in the header", err);
	*p = end;
	return 0;
}

static int read_headers(struct dwarf *d, uint32_t index, struct error *err)
{
	struct info *info = &d->infos.at[index];
	const uint8_t *p = info->section->data.data, *end;
	struct unit unit;
	int ret;

	if (!info->section->data.size)
		return 0;
	end = p + info->section->data.size;
	while (p < end) {
		if (d->in.drop && d->units.nr % 64 == 63)
			d->in.drop(d->in.drop_ctx);
		ret = read_header(d, info, info->section->is_types, &p, &unit, err);
		if (ret)
			return ret;
		unit.info = index;
		if (!vec_push(&d->units, unit))
			return error_nomem(err);
		if (unit.signature &&
		    !idtab_add(&d->signatures, hash_u64(unit.signature), d->units.nr))
			return error_nomem(err);
	}
	return 0;
}

static int open_reloc(struct dwarf *d, struct reloc_cursor *c, const struct dwarf_section *section,
		      const char *name, struct error *err)
{
	int ret = reloc_open(c, &d->symbols, section->rela, section->is_rel, err);

	return ret ? error_prefix(err, "%s", name) : 0;
}

static int open_sections(struct dwarf *d, struct error *err)
{
	uint64_t start = 0;
	int ret;

	d->symbols = (struct reloc_symbols){ .drop = d->in.drop,
					     .drop_ctx = d->in.drop_ctx,
					     .symtab = d->in.symtab,
					     .shndx = d->in.symtab_shndx,
					     .is64 = d->in.is64,
					     .big_endian = d->in.big_endian,
					     .machine = d->in.machine };
	if (!vec_room(&d->infos, d->in.nr_infos))
		return error_nomem(err);
	for (uint32_t i = 0; i < d->in.nr_infos; i++) {
		struct info *info = &d->infos.at[d->infos.nr++];

		*info = (struct info){ .section = &d->in.infos[i], .start = start };
		start += d->in.infos[i].data.size;
		if (start > UINT32_MAX)
			return error_set(
				err, -EOPNOTSUPP,
				"over 4 GiB of debug info, more than the 32-bit format has offsets for");
		d->info_size = start;
		ret = open_reloc(d, &info->reloc, info->section, ".debug_info", err);
		if (!ret)
			ret = read_headers(d, i, err);
		if (ret)
			return ret;
	}
	ret = open_reloc(d, &d->str_offsets, &d->in.str_offsets, ".debug_str_offsets", err);
	if (!ret)
		ret = open_reloc(d, &d->addr, &d->in.addr, ".debug_addr", err);
	if (!ret)
		ret = open_reloc(d, &d->loc, &d->in.loc, ".debug_loc", err);
	if (!ret)
		ret = open_reloc(d, &d->loclists, &d->in.loclists, ".debug_loclists", err);
	return ret;
}

static void scan_free(struct scan *s)
{
	if (!s)
		return;
	idtab_free(&s->nodes);
	idtab_free(&s->by_die);
	vec_free(&s->offsets);
	vec_free(&s->members);
	vec_free(&s->params);
	vec_free(&s->subprograms);
	vec_free(&s->tags);
	vec_free(&s->variables);
	free(s);
}

int dwarf_open(struct dwarf **dp, const struct dwarf_input *input, struct names *names,
	       struct error *err)
{
	struct dwarf *d = calloc(1, sizeof(*d));
	int ret;

	if (!d)
		return error_nomem(err);
	d->in = *input;
	/* What follows the last NUL is no string. */
	while (d->in.str.data.size && d->in.str.data.data[d->in.str.data.size - 1])
		d->in.str.data.size--;
	d->names = names;
	d->scan = calloc(1, sizeof(*d->scan));
	ret = d->scan ? open_sections(d, err) : error_nomem(err);
	if (!ret)
		ret = read_symbols(d, err);
	if (ret) {
		dwarf_close(d);
		return ret;
	}
	*dp = d;
	return 0;
}

static bool fork_infos(struct dwarf *f, const struct dwarf *of)
{
	memset(&f->infos, 0, sizeof(f->infos));
	if (!vec_room(&f->infos, of->infos.nr))
		return false;
	for (uint32_t i = 0; i < of->infos.nr; i++) {
		f->infos.at[i] = of->infos.at[i];
		reloc_fork(&f->infos.at[i].reloc, &of->infos.at[i].reloc);
	}
	f->infos.nr = of->infos.nr;
	return true;
}

static bool fork_units(struct dwarf *f, const struct dwarf *of)
{
	memset(&f->units, 0, sizeof(f->units));
	if (!vec_room(&f->units, of->units.nr))
		return false;
	if (of->units.nr)
		memcpy(f->units.at, of->units.at, of->units.nr * sizeof(*f->units.at));
	f->units.nr = of->units.nr;
	return true;
}

/* What opening has found out is shared, but for what reading changes. */
int dwarf_fork(struct dwarf **dp, const struct dwarf *of, struct error *err)
{
	struct dwarf *f = malloc(sizeof(*f));
	bool ok;

	if (!f)
		return error_nomem(err);
	*f = *of;
	f->is_fork = true;
	f->have_abbrevs = false;
	reloc_fork(&f->str_offsets, &of->str_offsets);
	reloc_fork(&f->addr, &of->addr);
	reloc_fork(&f->loc, &of->loc);
	reloc_fork(&f->loclists, &of->loclists);
	memset(&f->vars, 0, sizeof(f->vars));
	memset(&f->var_sections, 0, sizeof(f->var_sections));
	memset(&f->var_elf_sections, 0, sizeof(f->var_elf_sections));
	memset(&f->opened_names, 0, sizeof(f->opened_names));
	f->scan = calloc(1, sizeof(*f->scan));
	ok = fork_infos(f, of);
	ok = fork_units(f, of) && ok;
	ok = names_fork(&f->own_names, of->names) && ok;
	f->names = &f->own_names;
	f->shared = names_end(of->names);
	f->told = of->names->text.nr;
	if (!ok || !f->scan) {
		dwarf_close(f);
		return error_nomem(err);
	}
	*dp = f;
	return 0;
}

void dwarf_close(struct dwarf *d)
{
	if (!d)
		return;
	for (uint32_t i = 0; i < d->infos.nr; i++)
		reloc_close(&d->infos.at[i].reloc);
	reloc_close(&d->str_offsets);
	reloc_close(&d->addr);
	reloc_close(&d->loc);
	reloc_close(&d->loclists);
	if (d->have_abbrevs)
		abbrev_free(&d->abbrevs);
	scan_free(d->scan);
	vec_free(&d->infos);
	vec_free(&d->units);
	vec_free(&d->vars);
	vec_free(&d->var_sections);
	vec_free(&d->var_elf_sections);
	if (d->is_fork) {
		names_free(&d->own_names);
		vec_free(&d->opened_names);
	} else {
		idtab_free(&d->signatures);
		vec_free(&d->funcs);
		idtab_free(&d->funcs_by_name);
	}
	free(d);
}

uint32_t dwarf_nr_units(const struct dwarf *d)
{
	return d->units.nr;
}

uint64_t dwarf_unit_size(const struct dwarf *d, uint32_t i)
{
	return d->units.at[i].end - d->units.at[i].offset;
}

uint64_t dwarf_size(const struct dwarf *d)
{
	return d->info_size;
}

const struct func_symbol *dwarf_functions(const struct dwarf *d, uint32_t *nr)
{
	*nr = d->funcs.nr;
	return d->funcs.at;
}

const struct var_symbol *dwarf_variables(const struct dwarf *d, uint32_t *nr)
{
	*nr = d->vars.nr;
	return d->vars.at;
}

const uint32_t *dwarf_var_sections(const struct dwarf *d, uint32_t *nr)
{
	*nr = d->var_sections.nr;
	return d->var_sections.at;
}

const struct dwarf_skipped *dwarf_skipped(const struct dwarf *d)
{
	return &d->skipped;
}
