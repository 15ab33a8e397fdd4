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

/*
 * Units of other languages are left out, whole (their types have no place in BTF for C). Only what
 * the user knows as a unit is counted, not each of its types that the compiler gave a unit.
 */
static bool is_c(struct dwarf *d, const struct unit *unit)
{
	bool counts = unit->type == DW_UT_compile;

	switch (unit->language) {
	case DW_LANG_C:
	case DW_LANG_C89:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case DW_LANG_C17:
	case DW_LANG_C23:
	case 0: /* not said: partial units */
		return true;
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case DW_LANG_C_plus_plus_17:
	case DW_LANG_C_plus_plus_20:
		d->skipped.cplusplus += counts;
		return false;
	case DW_LANG_Rust:
		d->skipped.rust += counts;
		return false;
	case DW_LANG_Mips_Assembler:
	case DW_LANG_Assembly:
		d->skipped.assembler += counts;
		return false;
	default:
		d->skipped.other += counts;
		return false;
	}
}

/*
 * Units of a partial link (LTO) read what they share once each, some of it twice; nothing sound
 * comes near this many times. Without a limit, the time would grow with the square of the size of
 * what is damaged on purpose.
 */
#define MAX_FOLLOWED 64

static int count_followed(struct scan *s, uint64_t bytes)
{
	struct dwarf *d = s->d;

	d->followed += bytes;
	if (d->followed / MAX_FOLLOWED > d->info_size + (1 << 20))
		return reader_damaged(&s->r, "references that lead to the same DIEs over and over");
	return 0;
}

/* Reads the DIE at @offset, in whichever unit, and what is below it. */
static int scan_at(struct scan *s, uint64_t offset)
{
	struct unit *unit = s->r.unit;
	const uint8_t *start;
	struct die die;
	int ret;

	if (offset < unit->dies || offset >= unit->end) {
		unit = unit_at(s->d, offset);
		if (!unit)
			return reader_damaged(&s->r, "a reference to no DIE");
	}
	if (unit != s->r.unit) {
		ret = reader_open(&s->r, s->d, unit, offset, s->r.err);
		if (!ret)
			ret = count_followed(s, s->d->abbrevs.ops.nr + s->d->abbrevs.abbrevs.nr);
		if (ret)
			return ret;
	}
	start = s->r.start + (offset - s->r.info->start);
	s->r.p = start;
	ret = read_die(&s->r, &die);
	if (!ret && !die.tag)
		ret = reader_damaged(&s->r, "a reference to the end of a list");
	if (!ret)
		ret = scan_die(s, &die);
	return ret ? ret : count_followed(s, (uint64_t)(s->r.p - start));
}

/*
 * What is referred to but was not met: types in function bodies, in type units, in other units
 * (LTO, dwz). A DIE that turns out to be no type stands for void.
 */
static int scan_missing(struct scan *s, struct unit *unit)
{
	int ret;

	for (uint32_t n = 1; n < s->graph->nodes.nr; n++) {
		if (s->graph->nodes.at[n].kind != BTF_KIND_UNKN)
			continue;
		s->depth = 1; /* variables met now are not at the top level */
		ret = scan_at(s, s->offsets.at[n]);
		if (ret)
			return ret;
		if (s->graph->nodes.at[n].kind == BTF_KIND_UNKN) {
			s->graph->nodes.at[n].kind = KIND_ALIAS;
			s->aliases++;
		}
	}
	s->depth = 0;
	return s->r.unit == unit ? 0 : reader_open(&s->r, s->d, unit, unit->dies, s->r.err);
}

uint64_t scan_size(const struct scan *s, uint32_t node)
{
	uint64_t count = 1;

	for (unsigned int hops = 0; node && hops < 256; hops++) {
		const struct graph_node *n = &s->graph->nodes.at[node];

		switch (n->kind) {
		case BTF_KIND_INT:
		case BTF_KIND_FLOAT:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
			return count * n->size;
		case BTF_KIND_PTR:
			return count * s->r.unit->address_size;
		case BTF_KIND_ARRAY:
			count *= n->nr;
			break;
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
		case KIND_ALIAS:
			break;
		default:
			return 0;
		}
		node = n->type;
	}
	return 0;
}

/* Bit-fields in the old encoding whose storage unit is that of their type. */
static void place_bitfields(struct scan *s)
{
	for (uint32_t i = 0; i < s->graph->members.nr && s->pending; i++) {
		struct graph_member *m = &s->graph->members.at[i];

		if (!(m->bit_size & BIT_OFFSET_PENDING))
			continue;
		m->bit_size &= ~BIT_OFFSET_PENDING;
		m->bit_offset += (uint32_t)(scan_size(s, m->type) * 8);
		m->bit_offset &= 0xffffff;
		s->pending--;
	}
}

/* Large enums are signed if their underlying type is. */
static void sign_enums(struct scan *s)
{
	for (uint32_t n = 1; n < s->graph->nodes.nr; n++) {
		struct graph_node *node = &s->graph->nodes.at[n];

		if (node->kind != BTF_KIND_ENUM64)
			continue;
		if (node->type && s->graph->nodes.at[node->type].kind == BTF_KIND_INT &&
		    BTF_INT_ENCODING(s->graph->nodes.at[node->type].nr) & BTF_INT_SIGNED)
			node->flags |= GRAPH_SIGNED;
		node->type = 0;
	}
}

static uint32_t behind_alias(const struct scan *s, uint32_t node)
{
	for (unsigned int hops = 0; s->graph->nodes.at[node].kind == KIND_ALIAS; hops++) {
		if (hops == 64)
			return 0; /* a circle */
		node = s->graph->nodes.at[node].type;
	}
	return node;
}

/* Nobody refers to an alias any more; it is left undefined. */
static void remove_aliases(struct scan *s)
{
	struct graph *g = s->graph;

	if (!s->aliases)
		return;
	for (uint32_t i = 0; i < g->members.nr; i++)
		g->members.at[i].type = behind_alias(s, g->members.at[i].type);
	for (uint32_t i = 0; i < g->vars.nr; i++)
		g->vars.at[i].type = behind_alias(s, g->vars.at[i].type);
	for (uint32_t n = 1; n < g->nodes.nr; n++)
		if (g->nodes.at[n].kind != KIND_ALIAS)
			g->nodes.at[n].type = behind_alias(s, g->nodes.at[n].type);
	for (uint32_t n = 1; n < g->nodes.nr; n++) {
		bool tag_on_void = g->nodes.at[n].kind == BTF_KIND_DECL_TAG && !g->nodes.at[n].type;

		if (g->nodes.at[n].kind == KIND_ALIAS || tag_on_void)
			g->nodes.at[n] = (struct graph_node){ 0 };
	}
}

/* Pending names of types and parameters; those of members and values stay so (struct graph). */
static int look_up_names(struct scan *s)
{
	struct graph *g = s->graph;
	struct names *names = s->d->names;
	struct bytes strings = s->d->in.str.data;
	int ret;

	ret = name_ids(names, strings, &g->nodes.at->name, sizeof(*g->nodes.at), g->nodes.nr,
		       s->r.err);
	if (!ret && s->params.nr)
		ret = name_ids(names, strings, &s->params.at->name, sizeof(*s->params.at),
			       s->params.nr, s->r.err);
	return ret;
}

static int scan_unit(struct scan *s, struct unit *unit)
{
	int ret;

	ret = scan_siblings(s);
	if (!ret)
		ret = scan_missing(s, unit);
	if (ret)
		return ret;
	ret = look_up_names(s);
	if (ret)
		return ret;
	place_bitfields(s);
	sign_enums(s);
	ret = scan_prototypes(s);
	if (!ret)
		ret = scan_variables(s);
	remove_aliases(s);
	return ret;
}

/* Empties what one unit left behind; the memory serves the next one. */
static bool scan_reset(struct scan *s, struct dwarf *d, struct graph *graph)
{
	s->d = d;
	s->graph = graph;
	s->offsets.nr = s->members.nr = s->params.nr = s->subprograms.nr = 0;
	s->tags.nr = s->variables.nr = 0;
	s->aliases = s->pending = s->depth = 0;
	idtab_clear(&s->nodes);
	graph->strings = d->in.str.data;
	return graph_reset(graph) && vec_push(&s->offsets, 0);
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
	idtab_free(&d->signatures);
	vec_free(&d->funcs);
	idtab_free(&d->funcs_by_name);
	vec_free(&d->vars);
	vec_free(&d->var_sections);
	vec_free(&d->var_elf_sections);
	free(d);
}

int dwarf_read_unit(struct dwarf *d, uint32_t i, struct graph *graph, struct error *err)
{
	struct unit *unit = &d->units.at[i];
	struct scan *s = d->scan;
	struct die die;
	int ret;

	if (!scan_reset(s, d, graph))
		return error_nomem(err);
	ret = reader_open(&s->r, d, unit, unit->dies, err);
	/* Partial units are read where others refer to them. */
	if (ret || (unit->type != DW_UT_compile && unit->type != DW_UT_type) || !is_c(d, unit))
		return ret;
	ret = read_die(&s->r, &die);
	if (!ret && die.children && (die.tag == DW_TAG_compile_unit || die.tag == DW_TAG_type_unit))
		ret = scan_unit(s, unit);
	return ret;
}

uint32_t dwarf_nr_units(const struct dwarf *d)
{
	return d->units.nr;
}

uint64_t dwarf_unit_size(const struct dwarf *d, uint32_t i)
{
	return d->units.at[i].end - d->units.at[i].offset;
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
