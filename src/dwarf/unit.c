// SPDX-License-Identifier: GPL-2.0-only
/* One unit, from its DIEs to a graph; and what becomes of several that were read side by side. */
#include "dwarf/scan.h"
#include "dwarf/symbols.h"

/*
 * Units of other languages are left out, whole (their types have no place in BTF for C). Only what
 * the user knows as a unit is counted, not each of its types that the compiler gave a unit.
 */
static bool is_c(const struct unit *unit, struct dwarf_skipped *skipped)
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
		skipped->cplusplus += counts;
		return false;
	case DW_LANG_Rust:
		skipped->rust += counts;
		return false;
	case DW_LANG_Mips_Assembler:
	case DW_LANG_Assembly:
		skipped->assembler += counts;
		return false;
	default:
		skipped->other += counts;
		return false;
	}
}

/*
 * Units of a partial link (LTO) read what they share once each, some of it twice; nothing sound
 * comes near this many times. Without a limit, the time would grow with the square of the size of
 * what is damaged on purpose.
 */
#define MAX_FOLLOWED 64

static const char followed_too_far[] = "references that lead to the same DIEs over and over";

static bool too_far(const struct dwarf *d, uint64_t followed)
{
	return followed / MAX_FOLLOWED > d->info_size + (1 << 20);
}

static int count_followed(struct scan *s, uint64_t bytes)
{
	s->out->followed += bytes;
	if (too_far(s->d, s->out->followed))
		return reader_damaged(&s->r, followed_too_far);
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
static bool scan_reset(struct scan *s, struct dwarf *d, struct dwarf_unit *unit)
{
	s->d = d;
	s->out = unit;
	s->graph = &unit->graph;
	s->offsets.nr = s->members.nr = s->params.nr = s->subprograms.nr = 0;
	s->tags.nr = s->variables.nr = 0;
	s->aliases = s->pending = s->depth = 0;
	idtab_clear(&s->nodes);
	unit->vars.nr = unit->names.nr = 0;
	unit->skipped = (struct dwarf_skipped){ 0 };
	unit->followed = 0;
	unit->graph.strings = d->in.str.data;
	return graph_reset(&unit->graph) && vec_push(&s->offsets, 0);
}

/* What the fork has met since its last unit goes with this one. */
static int hand_over_names(struct dwarf *d, struct dwarf_unit *unit, struct error *err)
{
	const uint32_t nr = d->own_names.text.nr - d->told;

	if (!d->is_fork || !nr)
		return 0;
	if (!vec_room(&unit->names, nr))
		return error_nomem(err);
	memcpy(unit->names.at, d->own_names.text.at + d->told, nr);
	unit->names.nr = nr;
	d->told += nr;
	return 0;
}

int dwarf_scan_unit(struct dwarf *d, uint32_t i, struct dwarf_unit *out, struct error *err)
{
	struct unit *unit = &d->units.at[i];
	struct scan *s = d->scan;
	struct die die;
	int ret;

	if (!scan_reset(s, d, out))
		return error_nomem(err);
	ret = reader_open(&s->r, d, unit, unit->dies, err);
	/* Partial units are read where others refer to them. */
	if (!ret && (unit->type == DW_UT_compile || unit->type == DW_UT_type) &&
	    is_c(unit, &out->skipped)) {
		ret = read_die(&s->r, &die);
		if (!ret && die.children &&
		    (die.tag == DW_TAG_compile_unit || die.tag == DW_TAG_type_unit))
			ret = scan_unit(s, unit);
	}
	return ret ? ret : hand_over_names(d, out, err);
}

/* ---- collecting ---- */

/* Ids for the names that a fork has met, in the order in which it met them. */
static int learn_names(struct dwarf *d, struct dwarf *fork, const struct dwarf_unit *unit,
		       struct error *err)
{
	const char *end = unit->names.at + unit->names.nr;

	if (!vec_room(&fork->opened_names, unit->names.nr))
		return error_nomem(err);
	for (const char *str = unit->names.at; str < end;) {
		size_t len = strlen(str);
		uint32_t id = name_id(d->names, str, len);

		if (id == UINT32_MAX)
			return error_nomem(err);
		/* Only where it begins there is an id. */
		fork->opened_names.at[fork->opened_names.nr] = id;
		fork->opened_names.nr += (uint32_t)len + 1;
		str += len + 1;
	}
	return 0;
}

static inline void settle_name(const struct dwarf *fork, uint32_t *name)
{
	if (*name >= fork->shared && !(*name & NAME_PENDING))
		*name = fork->opened_names.at[*name - fork->shared];
}

/* The fork's ids become those of the reader that was opened. */
static void settle_names(const struct dwarf *fork, struct dwarf_unit *unit)
{
	struct graph *g = &unit->graph;

	for (uint32_t i = 1; i < g->nodes.nr; i++)
		settle_name(fork, &g->nodes.at[i].name);
	for (uint32_t i = 0; i < g->members.nr; i++)
		settle_name(fork, &g->members.at[i].name);
	for (uint32_t i = 0; i < g->values.nr; i++)
		settle_name(fork, &g->values.at[i].name);
	for (uint32_t i = 0; i < g->func_tags.nr; i++)
		settle_name(fork, &g->func_tags.at[i].name);
	for (uint32_t i = 0; i < unit->vars.nr; i++)
		settle_name(fork, &unit->vars.at[i].name);
}

int dwarf_collect(struct dwarf *d, struct dwarf *reader, struct dwarf_unit *unit, struct error *err)
{
	int ret = 0;

	if (reader->is_fork) {
		ret = learn_names(d, reader, unit, err);
		if (!ret)
			settle_names(reader, unit);
	}
	d->skipped.cplusplus += unit->skipped.cplusplus;
	d->skipped.rust += unit->skipped.rust;
	d->skipped.assembler += unit->skipped.assembler;
	d->skipped.other += unit->skipped.other;
	d->followed += unit->followed;
	if (!ret && too_far(d, d->followed))
		ret = error_set(err, -EINVAL, "debug info: %s", followed_too_far);
	return ret ? ret : collect_variables(d, unit, err);
}

void dwarf_unit_free(struct dwarf_unit *unit)
{
	graph_free(&unit->graph);
	vec_free(&unit->vars);
	vec_free(&unit->names);
	*unit = (struct dwarf_unit){ 0 };
}
