// SPDX-License-Identifier: GPL-2.0-only
#include "dwarf/abbrev.h"

#include "dwarf/format.h"

#define MAX_CODE 65535

/* Which slot an attribute goes to. */
static int attribute_slot(uint64_t attribute)
{
	switch (attribute) {
	case DW_AT_sibling:
		return SLOT_SIBLING;
	case DW_AT_name:
		return SLOT_NAME;
	case DW_AT_type:
		return SLOT_TYPE;
	case DW_AT_byte_size:
		return SLOT_BYTE_SIZE;
	case DW_AT_bit_size:
		return SLOT_BIT_SIZE;
	case DW_AT_bit_offset:
		return SLOT_BIT_OFFSET;
	case DW_AT_data_bit_offset:
		return SLOT_DATA_BIT_OFFSET;
	case DW_AT_data_member_location:
		return SLOT_MEMBER_LOCATION;
	case DW_AT_declaration:
		return SLOT_DECLARATION;
	case DW_AT_encoding:
		return SLOT_ENCODING;
	case DW_AT_upper_bound:
		return SLOT_UPPER_BOUND;
	case DW_AT_count:
		return SLOT_COUNT;
	case DW_AT_const_value:
		return SLOT_CONST_VALUE;
	case DW_AT_location:
		return SLOT_LOCATION;
	case DW_AT_abstract_origin:
		return SLOT_ABSTRACT_ORIGIN;
	case DW_AT_specification:
		return SLOT_SPECIFICATION;
	case DW_AT_external:
		return SLOT_EXTERNAL;
	case DW_AT_artificial:
		return SLOT_ARTIFICIAL;
	case DW_AT_calling_convention:
		return SLOT_CALLING_CONVENTION;
	case DW_AT_signature:
		return SLOT_SIGNATURE;
	case DW_AT_GNU_annotation:
		return SLOT_ANNOTATION;
	case DW_AT_language:
		return SLOT_LANGUAGE;
	case DW_AT_producer:
		return SLOT_PRODUCER;
	case DW_AT_str_offsets_base:
		return SLOT_STR_OFFSETS_BASE;
	case DW_AT_addr_base:
		return SLOT_ADDR_BASE;
	case DW_AT_loclists_base:
		return SLOT_LOCLISTS_BASE;
	default:
		return -1;
	}
}

#define S(slot) (1u << SLOT_##slot)

/* What is needed of a DIE, by tag. */
static uint32_t wanted_slots(uint64_t tag)
{
	switch (tag) {
	case DW_TAG_compile_unit:
	case DW_TAG_partial_unit:
	case DW_TAG_type_unit:
	case DW_TAG_skeleton_unit:
		return S(LANGUAGE) | S(PRODUCER) | S(STR_OFFSETS_BASE) | S(ADDR_BASE) |
		       S(LOCLISTS_BASE);
	case DW_TAG_base_type:
		return S(NAME) | S(BYTE_SIZE) | S(ENCODING) | S(SIBLING);
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		return S(TYPE) | S(SIBLING);
	case DW_TAG_pointer_type:
		return S(TYPE) | S(ANNOTATION) | S(SIBLING);
	case DW_TAG_typedef:
		return S(NAME) | S(TYPE) | S(SIBLING);
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_class_type:
		return S(NAME) | S(BYTE_SIZE) | S(DECLARATION) | S(SIGNATURE) | S(ANNOTATION) |
		       S(SIBLING);
	case DW_TAG_member:
		return S(NAME) | S(TYPE) | S(BYTE_SIZE) | S(BIT_SIZE) | S(BIT_OFFSET) |
		       S(DATA_BIT_OFFSET) | S(MEMBER_LOCATION) | S(ANNOTATION) | S(SIBLING);
	case DW_TAG_array_type:
	case DW_TAG_subroutine_type:
		return S(TYPE) | S(SIBLING);
	case DW_TAG_subrange_type:
		return S(UPPER_BOUND) | S(COUNT) | S(SIBLING);
	case DW_TAG_enumeration_type:
		return S(NAME) | S(BYTE_SIZE) | S(TYPE) | S(DECLARATION) | S(SIGNATURE) |
		       S(SIBLING);
	case DW_TAG_enumerator:
		return S(NAME) | S(CONST_VALUE) | S(SIBLING);
	case DW_TAG_formal_parameter:
		return S(NAME) | S(TYPE) | S(LOCATION) | S(CONST_VALUE) | S(ABSTRACT_ORIGIN) |
		       S(ANNOTATION) | S(SIBLING);
	case DW_TAG_subprogram:
		return S(NAME) | S(TYPE) | S(DECLARATION) | S(ABSTRACT_ORIGIN) | S(SPECIFICATION) |
		       S(CALLING_CONVENTION) | S(ANNOTATION) | S(SIBLING);
	case DW_TAG_variable:
		return S(NAME) | S(TYPE) | S(LOCATION) | S(DECLARATION) | S(SPECIFICATION) |
		       S(EXTERNAL) | S(ARTIFICIAL) | S(SIBLING);
	case DW_TAG_LLVM_annotation:
	case DW_TAG_GNU_annotation:
		return S(NAME) | S(CONST_VALUE) | S(ANNOTATION) | S(SIBLING);
	default:
		return S(SIBLING);
	}
}

/*
 * Bytes of a value of @form if that is fixed, -1 if its length is in the data, -2 if the form is
 * not known.
 */
static int form_size(uint64_t form, uint8_t address_size)
{
	switch (form) {
	case DW_FORM_flag_present:
	case DW_FORM_implicit_const:
		return 0;
	case DW_FORM_data1:
	case DW_FORM_flag:
	case DW_FORM_ref1:
	case DW_FORM_strx1:
	case DW_FORM_addrx1:
		return 1;
	case DW_FORM_data2:
	case DW_FORM_ref2:
	case DW_FORM_strx2:
	case DW_FORM_addrx2:
		return 2;
	case DW_FORM_strx3:
	case DW_FORM_addrx3:
		return 3;
	case DW_FORM_data4:
	case DW_FORM_ref4:
	case DW_FORM_strx4:
	case DW_FORM_addrx4:
	case DW_FORM_strp:
	case DW_FORM_line_strp:
	case DW_FORM_sec_offset:
	case DW_FORM_ref_addr:
	case DW_FORM_strp_sup:
	case DW_FORM_ref_sup4:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		return 4;
	case DW_FORM_data8:
	case DW_FORM_ref8:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup8:
		return 8;
	case DW_FORM_data16:
		return 16;
	case DW_FORM_addr:
		return address_size;
	case DW_FORM_block1:
	case DW_FORM_block2:
	case DW_FORM_block4:
	case DW_FORM_block:
	case DW_FORM_exprloc:
	case DW_FORM_string:
	case DW_FORM_sdata:
	case DW_FORM_udata:
	case DW_FORM_ref_udata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_loclistx:
	case DW_FORM_rnglistx:
	case DW_FORM_indirect:
		return -1;
	default:
		return -2;
	}
}

struct compiler {
	struct abbrev_table *table;
	const uint8_t *start, *p, *end;
	struct error *err;
};

static int damaged(struct compiler *c)
{
	return error_set(c->err, -EINVAL,
			 ".debug_abbrev at 0x%zx: the table of 0x%llx ends in the middle or holds "
			 "an overlong number",
			 (size_t)(c->p - c->start), (unsigned long long)c->table->offset);
}

static int add_op(struct compiler *c, enum op_code code, unsigned int slot, uint32_t arg)
{
	struct abbrev_op op = { code, (uint8_t)slot, (uint16_t)arg };

	return vec_push(&c->table->ops, op) ? 0 : error_nomem(c->err);
}

/* Runs of values with fixed length become one step. */
static int add_skip(struct compiler *c, uint32_t first_op, unsigned int bytes)
{
	struct abbrev_op *last =
		c->table->ops.nr > first_op ? &c->table->ops.at[c->table->ops.nr - 1] : NULL;

	if (!bytes)
		return 0;
	if (last && last->code == OP_SKIP && last->arg + bytes <= UINT16_MAX) {
		last->arg = (uint16_t)(last->arg + bytes);
		return 0;
	}
	return add_op(c, OP_SKIP, 0, bytes);
}

static enum op_code fetch_op(uint64_t form)
{
	switch (form) {
	case DW_FORM_data1:
	case DW_FORM_flag:
	case DW_FORM_strx1:
		return OP_FETCH_1;
	case DW_FORM_data2:
	case DW_FORM_strx2:
		return OP_FETCH_2;
	case DW_FORM_ref4:
		return OP_FETCH_4;
	case DW_FORM_strp:
		return OP_FETCH_STRP;
	default:
		return OP_FETCH;
	}
}

static int compile_attribute(struct compiler *c, uint32_t first_op, uint32_t wanted,
			     uint64_t attribute, uint64_t form, int64_t value)
{
	int slot = attribute_slot(attribute), size = form_size(form, c->table->address_size);
	bool fetch = slot >= 0 && wanted >> slot & 1;

	if (size == -2)
		return error_set(c->err, -EOPNOTSUPP,
				 ".debug_abbrev at 0x%zx: form 0x%llx is not known: this debug "
				 "info cannot be read",
				 (size_t)(c->p - c->start), (unsigned long long)form);
	if (!fetch)
		return size >= 0 ? add_skip(c, first_op, (unsigned int)size) :
				   add_op(c, OP_SKIP_FORM, 0, (uint32_t)form);
	if (form != DW_FORM_implicit_const)
		return add_op(c, fetch_op(form), (unsigned int)slot, (uint32_t)form);
	if (c->table->consts.nr > UINT16_MAX || !vec_push(&c->table->consts, value))
		return error_nomem(c->err);
	return add_op(c, OP_CONST, (unsigned int)slot, c->table->consts.nr - 1);
}

/* The attribute that is the number of a plain DIE. */
static bool is_plain_number(uint64_t tag, unsigned int slot)
{
	switch (tag) {
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return slot == SLOT_BYTE_SIZE;
	case DW_TAG_subrange_type:
		return slot == SLOT_UPPER_BOUND;
	default:
		return slot == SLOT_MEMBER_LOCATION || slot == SLOT_CONST_VALUE;
	}
}

/* Notes in @plain what a step of a program for @tag reads at @place; false if a plain DIE does not have it. */
static bool plain_step(const struct compiler *c, struct abbrev_plain *plain, uint64_t tag,
		       const struct abbrev_op *op, bool is_first, uint8_t place)
{
	int64_t constant;

	switch (op->code) {
	case OP_SKIP:
		return true;
	case OP_FETCH_STRP:
		plain->name = place;
		return op->slot == SLOT_NAME;
	case OP_FETCH_4:
		if (op->slot == SLOT_SIBLING) /* the children are read */
			return true;
		plain->type = place;
		return op->slot == SLOT_TYPE;
	case OP_FETCH_1:
	case OP_FETCH_2:
		plain->number = place;
		plain->number_size = op->code == OP_FETCH_1 ? 1 : 2;
		return is_plain_number(tag, op->slot) &&
		       (op->arg == DW_FORM_data1 || op->arg == DW_FORM_data2);
	case OP_FETCH:
		plain->name = PLAIN_STRING;
		return op->slot == SLOT_NAME && op->arg == DW_FORM_string && is_first;
	case OP_CONST:
		if (plain->number != PLAIN_NONE) /* it stands there twice */
			return false;
		constant = c->table->consts.at[op->arg];
		plain->number = PLAIN_CONSTANT;
		plain->number_size = 0;
		plain->constant = (uint16_t)constant;
		return is_plain_number(tag, op->slot) && constant >= 0 && constant <= UINT16_MAX;
	default:
		return false;
	}
}

static unsigned int step_size(const struct abbrev_op *op)
{
	switch (op->code) {
	case OP_SKIP:
		return op->arg;
	case OP_FETCH_1:
		return 1;
	case OP_FETCH_2:
		return 2;
	case OP_FETCH:
	case OP_CONST:
		return 0;
	default:
		return 4;
	}
}

/* May a plain DIE of this tag have children? */
static bool has_plain_children(uint64_t tag)
{
	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type ||
	       tag == DW_TAG_subroutine_type;
}

/* How a DIE of the program from @first_op on is read without it, if it is plain. */
static struct abbrev_plain find_plain(const struct compiler *c, uint64_t tag, uint32_t first_op)
{
	struct abbrev_plain plain = { 0, PLAIN_NONE, PLAIN_NONE, PLAIN_NONE, 0, 0 };
	unsigned int size = 0;

	for (uint32_t i = first_op; i < c->table->ops.nr; i++) {
		const struct abbrev_op *op = &c->table->ops.at[i];
		const struct abbrev_plain before = plain;

		if (!plain_step(c, &plain, tag, op, i == first_op, (uint8_t)size))
			return (struct abbrev_plain){ 0 };
		/* An attribute that stands there twice. */
		if ((before.name != PLAIN_NONE && before.name != plain.name) ||
		    (before.type != PLAIN_NONE && before.type != plain.type) ||
		    (before.number != PLAIN_NONE && before.number != plain.number))
			return (struct abbrev_plain){ 0 };
		size += step_size(op);
		if (size >= PLAIN_STRING)
			return (struct abbrev_plain){ 0 };
	}
	plain.size = (uint8_t)size;
	return plain;
}

static int compile_one(struct compiler *c, uint64_t code)
{
	uint64_t tag, attribute, form;
	uint32_t first_op = c->table->ops.nr, wanted;
	struct abbrev *abbrev;
	int64_t value = 0;
	bool children;
	int ret;

	if (!read_uleb(&c->p, c->end, &tag) || c->p == c->end)
		return damaged(c);
	children = *c->p++;
	if (tag > UINT16_MAX)
		tag = 0; /* no tag that we know: stepped over */
	if (code > MAX_CODE)
		return error_set(c->err, -EINVAL, ".debug_abbrev at 0x%zx: absurd code %llu",
				 (size_t)(c->p - c->start), (unsigned long long)code);
	while (c->table->abbrevs.nr <= code)
		if (!vec_push(&c->table->abbrevs, ((struct abbrev){ 0 })))
			return error_nomem(c->err);
	wanted = wanted_slots(tag);
	for (;;) {
		if (!read_uleb(&c->p, c->end, &attribute) || !read_uleb(&c->p, c->end, &form))
			return damaged(c);
		if (form == DW_FORM_implicit_const && !read_sleb(&c->p, c->end, &value))
			return damaged(c);
		if (!attribute && !form)
			break;
		ret = compile_attribute(c, first_op, wanted, attribute, form, value);
		if (ret)
			return ret;
	}
	abbrev = &c->table->abbrevs.at[code];
	if (abbrev->known)
		return error_set(c->err, -EINVAL,
				 ".debug_abbrev at 0x%zx: code %llu stands there twice",
				 (size_t)(c->p - c->start), (unsigned long long)code);
	*abbrev = (struct abbrev){ (uint16_t)tag, children, true, first_op, { 0 } };
	if (!children || has_plain_children(tag))
		abbrev->plain = find_plain(c, tag, first_op);
	return add_op(c, OP_END, 0, 0);
}

int abbrev_compile(struct abbrev_table *table, struct bytes section, uint64_t offset,
		   uint8_t address_size, struct error *err)
{
	struct compiler c = { .table = table, .err = err };
	uint64_t code;
	int ret = 0;

	*table = (struct abbrev_table){ .offset = offset, .address_size = address_size };
	if (offset >= section.size)
		return error_set(err, -EINVAL,
				 "abbreviations at 0x%llx: .debug_abbrev has only 0x%zx bytes",
				 (unsigned long long)offset, section.size);
	c.start = section.data;
	c.p = section.data + offset;
	c.end = section.data + section.size;
	for (;;) {
		if (!read_uleb(&c.p, c.end, &code)) {
			ret = damaged(&c);
			break;
		}
		if (!code)
			return 0;
		ret = compile_one(&c, code);
		if (ret)
			break;
	}
	abbrev_free(table);
	return ret;
}

void abbrev_free(struct abbrev_table *table)
{
	vec_free(&table->abbrevs);
	vec_free(&table->ops);
	vec_free(&table->consts);
}
