// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a parameter arrives: the first thing that its location says about a register (DWARF 5
 * sections 2.6 and 7.7), read as pahole reads it.
 */
#include "dwarf/scan.h"

/* What one expression says. */
struct expression {
	unsigned int nr_ops;
	uint8_t first, last; /* ops */
	int first_reg;	     /* of a first op regN or bregN, else -1 */
	int any_reg;	     /* of the first regN anywhere, else -1 */
	int entry_reg;	     /* of a first op entry_value(regN), else -1 */
	bool stack_value;
};

/*
 * Moves behind the operands of @op. False for an op whose length is not known, or that runs past
 * @end.
 */
static bool skip_operands(const struct scan *s, uint8_t op, const uint8_t **p, const uint8_t *end)
{
	uint64_t n = 0, ignored;
	unsigned int lebs = 0;

	if (op >= DW_OP_breg0 && op <= DW_OP_breg31) {
		lebs = 1;
	} else if (op >= DW_OP_const1u && op <= DW_OP_const8s) {
		n = 1u << (op - DW_OP_const1u) / 2;
	} else {
		switch (op) {
		case DW_OP_addr:
			n = s->r.unit->address_size;
			break;
		case DW_OP_pick:
		case DW_OP_deref_size:
		case DW_OP_xderef_size:
			n = 1;
			break;
		case DW_OP_bra:
		case DW_OP_skip:
		case DW_OP_call2:
			n = 2;
			break;
		case DW_OP_call4:
		case DW_OP_call_ref:
		case DW_OP_GNU_parameter_ref:
		case DW_OP_GNU_variable_value:
			n = 4;
			break;
		case DW_OP_constu:
		case DW_OP_consts:
		case DW_OP_plus_uconst:
		case DW_OP_regx:
		case DW_OP_fbreg:
		case DW_OP_piece:
		case DW_OP_addrx:
		case DW_OP_constx:
		case DW_OP_convert:
		case DW_OP_reinterpret:
		case DW_OP_GNU_convert:
		case DW_OP_GNU_reinterpret:
		case DW_OP_GNU_addr_index:
		case DW_OP_GNU_const_index:
			lebs = 1;
			break;
		case DW_OP_bregx:
		case DW_OP_bit_piece:
		case DW_OP_regval_type:
		case DW_OP_GNU_regval_type:
			lebs = 2;
			break;
		case DW_OP_deref_type:
		case DW_OP_xderef_type:
		case DW_OP_GNU_deref_type:
			n = 1;
			lebs = 1;
			break;
		case DW_OP_implicit_pointer:
		case DW_OP_GNU_implicit_pointer:
			n = 4;
			lebs = 1;
			break;
		case DW_OP_implicit_value:
		case DW_OP_entry_value:
		case DW_OP_GNU_entry_value:
			if (!read_uleb(p, end, &n))
				return false;
			break;
		case DW_OP_const_type:
		case DW_OP_GNU_const_type:
			if (!read_uleb(p, end, &ignored) || *p == end)
				return false;
			n = *(*p)++;
			break;
		default:
			/*
			 * 0x06-0x30: arithmetic and stack; 0x30-0x6f: literals and registers; few
			 * more.
			 */
			if (op > DW_OP_reg31 && (op < 0x96 || op > 0x9f))
				return false;
			break;
		}
	}
	if ((uint64_t)(end - *p) < n)
		return false;
	*p += n;
	while (lebs--)
		if (!read_uleb(p, end, &ignored))
			return false;
	return true;
}

static bool is_reg(uint8_t op)
{
	return op >= DW_OP_reg0 && op <= DW_OP_reg31;
}

static int entry_value_reg(const uint8_t *p, const uint8_t *end)
{
	uint64_t len;

	if (!read_uleb(&p, end, &len) || len != 1 || p == end || !is_reg(*p))
		return -1;
	return *p - DW_OP_reg0;
}

static bool read_expression(const struct scan *s, const uint8_t *p, const uint8_t *end,
			    struct expression *x)
{
	*x = (struct expression){ .first_reg = -1, .any_reg = -1, .entry_reg = -1 };
	while (p < end) {
		uint8_t op = *p++;

		if (!x->nr_ops) {
			x->first = op;
			if (is_reg(op))
				x->first_reg = op - DW_OP_reg0;
			else if (op >= DW_OP_breg0 && op <= DW_OP_breg31)
				x->first_reg = op - DW_OP_breg0;
			else if (op == DW_OP_entry_value || op == DW_OP_GNU_entry_value)
				x->entry_reg = entry_value_reg(p, end);
		}
		if (is_reg(op) && x->any_reg < 0)
			x->any_reg = op - DW_OP_reg0;
		x->stack_value = x->stack_value || op == DW_OP_stack_value;
		x->last = op;
		x->nr_ops++;
		if (!skip_operands(s, op, &p, end))
			return false;
	}
	return x->nr_ops > 0;
}

/* Takes in entry number @index of a location (a lone expression is entry 0). */
static void take_expression(const struct scan *s, const uint8_t *p, uint64_t len, uint32_t index,
			    struct location *loc)
{
	struct expression x;
	unsigned int ops;
	int reg = -1, piece_reg = -1;

	if (!read_expression(s, p, p + len, &x))
		return;
	/* "register plus constant, as a value" counts as that register. */
	ops = x.nr_ops == 2 && x.last == DW_OP_stack_value ? 1 : x.nr_ops;
	if (ops == 1) {
		if (!index && x.first_reg >= 0 && (is_reg(x.first) || x.nr_ops == 2))
			reg = x.first_reg;
		else if (x.entry_reg >= 0)
			reg = x.entry_reg;
		piece_reg = reg;
	} else {
		if (!index && x.first_reg >= 0 && (is_reg(x.first) || x.stack_value))
			reg = x.first_reg;
		piece_reg = x.any_reg;
	}
	if (loc->reg < 0)
		loc->reg = reg;
	if (loc->piece_reg < 0)
		loc->piece_reg = piece_reg;
}

/* A cursor over a location list. */
struct list {
	struct scan *s;
	const char *section; /* its name */
	const uint8_t *start, *p, *end;
	struct reloc_cursor *reloc;
};

static int list_damaged(const struct list *l)
{
	return error_set(l->s->r.err, -EINVAL, "%s at 0x%zx: a location list that does not end",
			 l->section, (size_t)(l->p - l->start));
}

static bool take_block(struct list *l, uint64_t len, uint32_t *index, struct location *loc)
{
	if ((uint64_t)(l->end - l->p) < len)
		return false;
	take_expression(l->s, l->p, len, (*index)++, loc);
	l->p += len;
	return true;
}

/* .debug_loc, DWARF 4 section 2.6.2: pairs of addresses, each with a counted expression. */
static int read_old_list(struct list *l, struct location *loc)
{
	unsigned int size = l->s->r.unit->address_size;
	bool big = l->s->d->in.big_endian;
	struct reloc_value v[2];
	uint32_t index = 0;
	int ret;

	for (;;) {
		if ((uint64_t)(l->end - l->p) < 2 * size)
			return list_damaged(l);
		for (unsigned int i = 0; i < 2; i++, l->p += size) {
			uint64_t raw = size == 8 ? load_u64(l->p, big) : load_u32(l->p, big);

			ret = reloc_apply(l->reloc, (uint64_t)(l->p - l->start), size, raw, &v[i],
					  l->s->r.err);
			if (ret)
				return ret;
		}
		if (!v[0].relocated && !v[1].relocated && !v[0].value && !v[1].value)
			return 0;
		if (!v[0].relocated && v[0].value == (size == 8 ? UINT64_MAX : UINT32_MAX))
			continue; /* a base address */
		if (l->end - l->p < 2)
			return list_damaged(l);
		l->p += 2;
		if (!take_block(l, load_u16(l->p - 2, big), &index, loc))
			return list_damaged(l);
	}
}

/* .debug_loclists, DWARF 5 section 7.7.3. */
static int read_new_list(struct list *l, struct location *loc)
{
	unsigned int size = l->s->r.unit->address_size;
	uint64_t ignored, len;
	uint32_t index = 0;

	while (l->p < l->end) {
		unsigned int lebs = 0, addresses = 0;
		bool counted = true;

		switch (*l->p++) {
		case DW_LLE_end_of_list:
			return 0;
		case DW_LLE_base_addressx:
			lebs = 1;
			counted = false;
			break;
		case DW_LLE_startx_endx:
		case DW_LLE_startx_length:
		case DW_LLE_offset_pair:
			lebs = 2;
			break;
		case DW_LLE_default_location:
			break;
		case DW_LLE_base_address:
			addresses = 1;
			counted = false;
			break;
		case DW_LLE_start_end:
			addresses = 2;
			break;
		case DW_LLE_start_length:
			addresses = 1;
			lebs = 1;
			break;
		case DW_LLE_GNU_view_pair:
			lebs = 2;
			counted = false;
			break;
		default:
			return list_damaged(l);
		}
		if ((uint64_t)(l->end - l->p) < addresses * size)
			return list_damaged(l);
		l->p += addresses * size;
		while (lebs--)
			if (!read_uleb(&l->p, l->end, &ignored))
				return list_damaged(l);
		if (counted &&
		    (!read_uleb(&l->p, l->end, &len) || !take_block(l, len, &index, loc)))
			return list_damaged(l);
	}
	return list_damaged(l);
}

static int read_list(struct scan *s, uint64_t offset, struct location *loc)
{
	bool old = s->r.unit->version < 5;
	struct bytes data = old ? s->d->in.loc.data : s->d->in.loclists.data;
	struct list l = { .s = s,
			  .section = old ? ".debug_loc" : ".debug_loclists",
			  .reloc = old ? &s->d->loc : &s->d->loclists };

	if (offset >= data.size)
		return reader_damaged(&s->r, "a location list beyond its section");
	l.start = data.data;
	l.p = data.data + offset;
	l.end = data.data + data.size;
	return old ? read_old_list(&l, loc) : read_new_list(&l, loc);
}

/* DWARF 5 section 7.29: the table of offsets counts from its own start. */
static int indexed_list(struct scan *s, uint64_t index, uint64_t *offset)
{
	struct bytes data = s->d->in.loclists.data, entry = { NULL, 0 };
	uint64_t base = s->r.unit->loclists_base;
	struct reloc_value value;
	int ret;

	if (index < data.size / 4)
		entry = bytes_slice(data, base + 4 * index, 4);
	if (!entry.data)
		return reader_damaged(&s->r, "a location list index beyond .debug_loclists");
	/* Where the linker may shorten code, the assembler leaves even these differences to it. */
	ret = reloc_apply(&s->d->loclists, base + 4 * index, 4,
			  load_u32(entry.data, s->d->in.big_endian), &value, s->r.err);
	*offset = base + value.value;
	return ret;
}

int read_location(struct scan *s, const struct die *die, struct location *loc)
{
	const struct value *value = &die->at[SLOT_LOCATION];
	uint64_t offset = value->v;
	int ret;

	*loc = (struct location){ -1, -1 };
	if (!die_has(die, SLOT_LOCATION))
		return 0;
	if (form_is_block(value->form)) {
		take_expression(s, s->r.start + value->v, value->len, 0, loc);
		return 0;
	}
	switch (value->form) {
	case DW_FORM_loclistx:
		ret = indexed_list(s, value->v, &offset);
		return ret ? ret : read_list(s, offset, loc);
	case DW_FORM_sec_offset:
	case DW_FORM_data4: /* DWARF 3 */
	case DW_FORM_data8:
		return read_list(s, offset, loc);
	default:
		return reader_damaged(&s->r, "a location of a form that is none");
	}
}
