// SPDX-License-Identifier: GPL-2.0-only
/*
 * Layout by the rules that gcc and clang share on the 64-bit machines of the kernel: each type is
 * aligned to its size, up to 16 bytes; a bitfield begins where the last member ended unless it
 * would straddle a unit of its type; a struct is as aligned as its members are. In a packed struct
 * members follow each other byte by byte, bitfields bit by bit.
 * BTF has no alignments. What they did shows as gaps, which become padding.
 */
#include "btf/print-c.h"

#define ALIGN_MAX 16
#define DEPTH_MAX 64   /* over the 32 levels that btf_verify() lets pass */
#define PADDING_MAX 16 /* unnamed bitfields in a row; longer gaps become arrays */

static uint64_t round_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) / to * to;
}

static uint32_t align_of_size(uint32_t size)
{
	const uint32_t lowest = size & -size;

	return !lowest || lowest > ALIGN_MAX ? (size ? ALIGN_MAX : 1) : lowest;
}

/* Bytes of the type @id and its alignment; what is never a member counts as 0 and 1. */
static uint64_t measure(struct c_layouts *l, uint32_t id, uint32_t *align, int depth)
{
	const struct btf_type *t = btf_type(l->btf, id);
	const struct btf_array *a;

	*align = 1;
	if (!t || depth > DEPTH_MAX)
		return 0;
	a = btf_extra(t);
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		*align = align_of_size(t->size);
		return t->size;
	case BTF_KIND_PTR:
		*align = l->btf->pointer_size;
		return l->btf->pointer_size;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		*align = c_layout(l, id, depth + 1).align;
		return t->size;
	case BTF_KIND_ARRAY:
		return a->nelems * (measure(l, a->type, align, depth + 1) & UINT32_MAX);
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return measure(l, t->type, align, depth + 1);
	default:
		return 0;
	}
}

/* Before kind_flag, a bitfield was a member of an INT with fewer bits than its bytes have. */
static uint32_t int_bits(const struct btf *btf, uint32_t id, uint32_t *offset)
{
	const struct btf_type *t = btf_type(btf, id);
	uint32_t v;

	for (int i = 0; t && btf_kind_is_modifier(btf_kind(t)) && i < DEPTH_MAX; i++)
		t = btf_type(btf, t->type);
	if (!t || btf_kind(t) != BTF_KIND_INT)
		return 0;
	v = *(const uint32_t *)btf_extra(t);
	*offset = BTF_INT_OFFSET(v);
	return BTF_INT_BITS(v) < t->size * 8 ? BTF_INT_BITS(v) : 0;
}

struct c_member c_member(struct c_layouts *l, const struct btf_type *t, uint32_t i, int form,
			 int depth)
{
	const struct btf_member *member = (const struct btf_member *)btf_extra(t) + i;
	struct c_member m = { .offset = btf_member_bit_offset(t, i) };
	uint32_t align, width = btf_member_bitfield_size(t, i), int_offset = 0;

	m.bits = 8 * measure(l, member->type, &align, depth);
	m.unit = m.bits ? m.bits : 8;
	m.align = form == C_PACKED ? 8 : align * 8;
	if (!btf_kflag(t)) {
		width = int_bits(l->btf, member->type, &int_offset);
		m.offset += int_offset;
	}
	if (width) {
		m.bitfield = true;
		m.bits = width;
	}
	return m;
}

static uint64_t follow(const struct c_member *m, uint64_t end, int form)
{
	if (!m->bitfield)
		return round_up(end, m->align);
	if (form == C_PACKED || end / m->unit == (end + m->bits - 1) / m->unit)
		return end;
	return round_up(end, m->unit);
}

bool c_follows(const struct c_member *m, uint64_t end, int form)
{
	return follow(m, end, form) == m->offset;
}

/* Do the members have their offsets, and @t its size, with padding where there are gaps? */
static bool struct_fits(struct c_layouts *l, const struct btf_type *t, int form, uint32_t *align,
			int depth)
{
	const uint64_t size = (uint64_t)t->size * 8;
	uint64_t end = 0;

	*align = 1;
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct c_member m = c_member(l, t, i, form, depth);

		if (!c_follows(&m, end, form) && (m.offset < end || !c_follows(&m, m.offset, form)))
			return false;
		end = m.offset + m.bits;
		if (m.align / 8 > *align)
			*align = (uint32_t)(m.align / 8);
	}
	return end <= size && t->size % *align == 0;
}

/* Members of a union all begin at 0; padding would be another member. */
static bool union_fits(struct c_layouts *l, const struct btf_type *t, struct c_layout *layout,
		       int depth)
{
	uint64_t size = 0;

	layout->align = 1;
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct c_member m = c_member(l, t, i, layout->form, depth);

		if (m.offset)
			return false;
		size = m.bits > size ? m.bits : size;
		if (m.align / 8 > layout->align)
			layout->align = (uint32_t)(m.align / 8);
	}
	size = round_up(size, 8) / 8;
	for (uint32_t align = layout->align; align <= 1u << 28; align *= 2) {
		if (round_up(size, align) == t->size) {
			layout->over_align = align != layout->align;
			layout->align = align;
			return true;
		}
	}
	return false;
}

struct c_layout c_layout(struct c_layouts *l, uint32_t id, int depth)
{
	const struct btf_type *t = btf_type(l->btf, id);
	struct c_layout layout;
	bool fits = false;

	if (l->known[id].form != C_UNKNOWN || depth > DEPTH_MAX)
		return l->known[id];
	for (int form = C_NATURAL; !fits && form <= C_PACKED; form++) {
		layout = (struct c_layout){ .form = form };
		if (btf_kind(t) == BTF_KIND_UNION)
			fits = union_fits(l, t, &layout, depth);
		else
			fits = struct_fits(l, t, form, &layout.align, depth);
	}
	if (!fits || (!btf_vlen(t) && t->size))
		layout = (struct c_layout){ .form = C_OPAQUE, .align = 1 };
	l->known[id] = layout;
	return layout;
}

uint64_t c_padding(uint64_t from, uint64_t to, uint32_t align, int form, uint32_t *unit)
{
	const uint64_t widest = form == C_PACKED || align > 8 ? 64 : align * 8;
	uint64_t end;

	if (from % 8 == 0 && to - from > widest * PADDING_MAX) {
		*unit = 0;
		return (to - from) / 8 * 8;
	}
	*unit = (uint32_t)widest;
	end = from / widest * widest + widest;
	return (end < to ? end : to) - from;
}
