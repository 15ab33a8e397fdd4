// SPDX-License-Identifier: GPL-2.0-only
/* Subprogram DIEs and their parameters, as they stand. What they amount to is for signature.c. */
#include "dwarf/scan.h"
#include "dwarf/symbols.h"

/* Blocks in blocks that are looked into. */
#define MAX_BLOCKS 64

static int scan_parameter(struct scan *s, const struct die *die, uint32_t ordinal)
{
	struct param param = { .die = die->offset,
			       .has_type = die_has(die, SLOT_TYPE),
			       .has_location = die_has(die, SLOT_LOCATION),
			       .const_value = die_has(die, SLOT_CONST_VALUE) };
	struct die child;
	uint32_t text;
	int ret;

	ret = die_pending_name(&s->r, die, SLOT_NAME, &param.name);
	if (!ret)
		ret = scan_type(s, die, &param.type);
	if (!ret)
		ret = die_ref(&s->r, die, SLOT_ABSTRACT_ORIGIN, &param.origin);
	if (!ret)
		ret = read_location(s, die, &param.location);
	if (!ret && !vec_push(&s->params, param))
		ret = error_nomem(s->r.err);
	while (!ret && die->children) {
		ret = read_die(&s->r, &child);
		if (ret || !child.tag)
			break;
		if (child.tag == DW_TAG_LLVM_annotation) {
			ret = scan_annotation(s, &child, "btf_decl_tag", &text);
			if (!ret && text &&
			    !vec_push(&s->tags, ((struct annotation){ text, ordinal })))
				ret = error_nomem(s->r.err);
		}
		if (!ret)
			ret = skip_children(&s->r, &child);
	}
	return ret;
}

static int scan_block(struct scan *s, const struct die *die, unsigned int depth);

/* A child that is no parameter: types that the function or a block of it declares, and blocks in it. */
static int scan_inner(struct scan *s, const struct die *die, unsigned int depth)
{
	switch (die->tag) {
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_typedef:
		return scan_die(s, die);
	case DW_TAG_lexical_block:
		return scan_block(s, die, depth);
	default:
		/* Types elsewhere are read where something outside refers to them. */
		return skip_children(&s->r, die);
	}
}

static int scan_block(struct scan *s, const struct die *die, unsigned int depth)
{
	struct die child;
	int ret;

	if (depth > MAX_BLOCKS)
		return skip_children(&s->r, die);
	while (die->children) {
		ret = read_die(&s->r, &child);
		if (ret || !child.tag)
			return ret;
		ret = scan_inner(s, &child, depth + 1);
		if (ret)
			return ret;
	}
	return 0;
}

static int scan_body(struct scan *s, struct subprogram *sub)
{
	struct die child;
	uint32_t text;
	int ret;

	for (;;) {
		ret = read_die(&s->r, &child);
		if (ret || !child.tag)
			return ret;
		switch (child.tag) {
		case DW_TAG_formal_parameter:
			ret = scan_parameter(s, &child, sub->nr);
			sub->nr++;
			break;
		case DW_TAG_unspecified_parameters:
			sub->variadic = true;
			ret = skip_children(&s->r, &child);
			break;
		case DW_TAG_LLVM_annotation:
			ret = scan_annotation(s, &child, "btf_decl_tag", &text);
			if (!ret && text &&
			    !vec_push(&s->tags, ((struct annotation){ text, UINT32_MAX })))
				ret = error_nomem(s->r.err);
			if (!ret)
				ret = skip_children(&s->r, &child);
			break;
		default:
			ret = scan_inner(s, &child, 0);
			break;
		}
		if (ret)
			return ret;
	}
}

int scan_subprogram(struct scan *s, const struct die *die)
{
	struct subprogram sub = { .die = die->offset,
				  .has_type = die_has(die, SLOT_TYPE),
				  .first = s->params.nr,
				  .first_tag = s->tags.nr };
	uint64_t convention;
	int ret;

	if (die_has(die, SLOT_DECLARATION))
		return skip_children(&s->r, die);
	ret = die_name(&s->r, die, SLOT_NAME, &sub.name);
	if (ret)
		return ret;
	if (sub.name ? find_function(s->d, sub.name) == UINT32_MAX :
		       !die_has(die, SLOT_ABSTRACT_ORIGIN) && !die_has(die, SLOT_SPECIFICATION))
		return skip_children(&s->r, die);
	sub.nocall = die_number(die, SLOT_CALLING_CONVENTION, &convention) &&
		     convention == DW_CC_nocall;
	ret = scan_type(s, die, &sub.type);
	if (!ret)
		ret = die_ref(&s->r, die, SLOT_ABSTRACT_ORIGIN, &sub.origin);
	if (!ret)
		ret = die_ref(&s->r, die, SLOT_SPECIFICATION, &sub.specification);
	if (!ret && die->children)
		ret = scan_body(s, &sub);
	if (ret)
		return ret;
	sub.nr_tags = s->tags.nr - sub.first_tag;
	return vec_push(&s->subprograms, sub) ? 0 : error_nomem(s->r.err);
}
