// SPDX-License-Identifier: GPL-2.0-only
/* LEB128, and abbreviations compiled to programs. */
#include "test.h"

#include "dwarf-fixture.h"
#include "dwarf/abbrev.h"
#include "dwarf/format.h"

/* ---- LEB128 */

static bool uleb(const char *bytes, size_t size, uint64_t *value, size_t *used)
{
	struct out o = { 0 };
	struct bytes b;
	const uint8_t *p;
	bool ok;

	put(&o, bytes, size);
	b = out_bytes(&o);
	p = b.data;
	ok = read_uleb(&p, b.data + b.size, value);
	*used = (size_t)(p - b.data);
	bytes_free(b);
	out_free(&o);
	return ok;
}

static bool sleb(const char *bytes, size_t size, int64_t *value)
{
	struct out o = { 0 };
	struct bytes b;
	const uint8_t *p;
	bool ok;

	put(&o, bytes, size);
	b = out_bytes(&o);
	p = b.data;
	ok = read_sleb(&p, b.data + b.size, value);
	bytes_free(b);
	out_free(&o);
	return ok;
}

#define ULEB(bytes, v, u) uleb(bytes, sizeof(bytes) - 1, v, u)
#define SLEB(bytes, v) sleb(bytes, sizeof(bytes) - 1, v)

static void unsigned_numbers(void **state)
{
	uint64_t v;
	size_t used;

	(void)state;
	assert_true(ULEB("\x00", &v, &used) && v == 0 && used == 1);
	assert_true(ULEB("\x7f", &v, &used) && v == 127);
	assert_true(ULEB("\x80\x01", &v, &used) && v == 128 && used == 2);
	assert_true(ULEB("\xe5\x8e\x26\x55", &v, &used) && v == 624485 && used == 3);
	/* Padding is legal: assemblers leave room for a number that they learn later. */
	assert_true(ULEB("\x83\x80\x80\x00", &v, &used) && v == 3 && used == 4);
	assert_true(ULEB("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", &v, &used) && v == UINT64_MAX);
	/* One bit more than 64, and a number that never ends. */
	assert_false(ULEB("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", &v, &used));
	assert_false(ULEB("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", &v, &used));
	assert_false(ULEB("", &v, &used));
	assert_false(ULEB("\x80", &v, &used));
	assert_false(ULEB("\x80\x80\x80", &v, &used));
}

static void signed_numbers(void **state)
{
	int64_t v;

	(void)state;
	assert_true(SLEB("\x02", &v) && v == 2);
	assert_true(SLEB("\x7e", &v) && v == -2);
	assert_true(SLEB("\xff\x00", &v) && v == 127);
	assert_true(SLEB("\x81\x7f", &v) && v == -127);
	assert_true(SLEB("\x80\x7f", &v) && v == -128);
	assert_true(SLEB("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", &v) && v == INT64_MAX);
	assert_true(SLEB("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f", &v) && v == INT64_MIN);
	assert_false(SLEB("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", &v));
	assert_false(SLEB("", &v));
	assert_false(SLEB("\xff", &v));
}

/* ---- tables */

struct fixture {
	struct out out;
	struct bytes bytes;
	struct abbrev_table table;
	struct error err;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	abbrev_free(&f->table);
	bytes_free(f->bytes);
	out_free(&f->out);
	free(f);
	return 0;
}

static void declare(struct fixture *f, uint64_t code, uint64_t tag, bool children)
{
	put_uleb(&f->out, code);
	put_uleb(&f->out, tag);
	put_u8(&f->out, children);
}

static void attribute(struct fixture *f, uint64_t attribute, uint64_t form)
{
	put_uleb(&f->out, attribute);
	put_uleb(&f->out, form);
}

static void end(struct fixture *f)
{
	put(&f->out, "\0\0", 2);
}

static int compile_at(struct fixture *f, uint64_t offset, uint8_t address_size)
{
	bytes_free(f->bytes);
	f->bytes = out_bytes(&f->out);
	abbrev_free(&f->table);
	return abbrev_compile(&f->table, f->bytes, offset, address_size, &f->err);
}

static int compile(struct fixture *f)
{
	put_u8(&f->out, 0);
	return compile_at(f, 0, 8);
}

static const struct abbrev_op *program(const struct fixture *f, uint32_t code)
{
	assert_true(code < f->table.abbrevs.nr && f->table.abbrevs.at[code].known);
	return f->table.ops.at + f->table.abbrevs.at[code].ops;
}

#define assert_op(op, c, s, a)                  \
	do {                                    \
		assert_int_equal((op).code, c); \
		assert_int_equal((op).slot, s); \
		assert_int_equal((op).arg, a);  \
	} while (0)

/* A type's name is fetched, a run of what nobody needs is one step. */
static void values_are_fetched_or_stepped_over(void **state)
{
	struct fixture *f = *state;
	const struct abbrev_op *op;

	declare(f, 1, DW_TAG_base_type, false);
	attribute(f, 0x3a /* DW_AT_decl_file */, DW_FORM_data1);
	attribute(f, 0x3b, DW_FORM_data2);
	attribute(f, 0x39, DW_FORM_addr);
	attribute(f, DW_AT_name, DW_FORM_strp);
	attribute(f, 0x88, DW_FORM_udata);
	attribute(f, DW_AT_byte_size, DW_FORM_data1);
	attribute(f, 0x88, DW_FORM_data16);
	attribute(f, 0x88, DW_FORM_flag_present);
	end(f);
	assert_int_equal(compile(f), 0);
	op = program(f, 1);
	assert_op(op[0], OP_SKIP, 0, 1 + 2 + 8);
	assert_op(op[1], OP_FETCH_STRP, SLOT_NAME, DW_FORM_strp);
	assert_op(op[2], OP_SKIP_FORM, 0, DW_FORM_udata);
	assert_op(op[3], OP_FETCH_1, SLOT_BYTE_SIZE, DW_FORM_data1);
	assert_op(op[4], OP_SKIP, 0, 16);
	assert_int_equal(op[5].code, OP_END);
	assert_int_equal(f->table.abbrevs.at[1].tag, DW_TAG_base_type);
	assert_false(f->table.abbrevs.at[1].children);
}

/* What one tag needs, another one does not: no location of a label is fetched. */
static void the_tag_decides(void **state)
{
	struct fixture *f = *state;

	declare(f, 1, DW_TAG_formal_parameter, false);
	attribute(f, DW_AT_location, DW_FORM_exprloc);
	end(f);
	declare(f, 2, 0x0a /* DW_TAG_label */, true);
	attribute(f, DW_AT_location, DW_FORM_exprloc);
	attribute(f, DW_AT_sibling, DW_FORM_ref4);
	end(f);
	assert_int_equal(compile(f), 0);
	assert_op(program(f, 1)[0], OP_FETCH, SLOT_LOCATION, DW_FORM_exprloc);
	assert_op(program(f, 2)[0], OP_SKIP_FORM, 0, DW_FORM_exprloc);
	assert_op(program(f, 2)[1], OP_FETCH_4, SLOT_SIBLING, DW_FORM_ref4);
	assert_true(f->table.abbrevs.at[2].children);
}

static void addresses_have_the_size_of_the_unit(void **state)
{
	struct fixture *f = *state;

	declare(f, 1, DW_TAG_lexical_block, false);
	attribute(f, 0x11 /* DW_AT_low_pc */, DW_FORM_addr);
	end(f);
	put_u8(&f->out, 0);
	assert_int_equal(compile_at(f, 0, 4), 0);
	assert_op(program(f, 1)[0], OP_SKIP, 0, 4);
	assert_int_equal(compile_at(f, 0, 8), 0);
	assert_op(program(f, 1)[0], OP_SKIP, 0, 8);
}

/* The value of an implicit constant stands in the abbreviation (DWARF 5 section 7.4), in the DIE there is none. */
static void implicit_constants(void **state)
{
	struct fixture *f = *state;

	declare(f, 1, DW_TAG_enumerator, false);
	attribute(f, DW_AT_const_value, DW_FORM_implicit_const);
	put_sleb(&f->out, -77777);
	attribute(f, 0x3a, DW_FORM_implicit_const);
	put_sleb(&f->out, 5);
	attribute(f, DW_AT_name, DW_FORM_string);
	end(f);
	assert_int_equal(compile(f), 0);
	assert_op(program(f, 1)[0], OP_CONST, SLOT_CONST_VALUE, 0);
	assert_int_equal(f->table.consts.at[0], -77777);
	assert_op(program(f, 1)[1], OP_FETCH, SLOT_NAME, DW_FORM_string);
	assert_int_equal(program(f, 1)[2].code, OP_END);
}

/* `ld -r` puts tables one behind the other; each unit has its own offset. */
static void tables_at_an_offset(void **state)
{
	struct fixture *f = *state;
	uint64_t second;

	declare(f, 1, DW_TAG_typedef, false);
	end(f);
	put_u8(&f->out, 0);
	second = f->out.v.nr;
	declare(f, 1, DW_TAG_member, false);
	end(f);
	put_u8(&f->out, 0);
	assert_int_equal(compile_at(f, 0, 8), 0);
	assert_int_equal(f->table.abbrevs.at[1].tag, DW_TAG_typedef);
	assert_int_equal(compile_at(f, second, 8), 0);
	assert_int_equal(f->table.abbrevs.at[1].tag, DW_TAG_member);
	assert_int_equal(f->table.offset, second);
	assert_int_equal(compile_at(f, f->out.v.nr, 8), -EINVAL);
	assert_int_equal(compile_at(f, UINT64_MAX, 8), -EINVAL);
}

static void codes_in_any_order_with_gaps(void **state)
{
	struct fixture *f = *state;

	declare(f, 9, DW_TAG_typedef, false);
	end(f);
	declare(f, 3, DW_TAG_member, false);
	end(f);
	declare(f, 65535, DW_TAG_enumerator, false);
	end(f);
	assert_int_equal(compile(f), 0);
	assert_int_equal(f->table.abbrevs.at[9].tag, DW_TAG_typedef);
	assert_int_equal(f->table.abbrevs.at[3].tag, DW_TAG_member);
	assert_int_equal(f->table.abbrevs.at[65535].tag, DW_TAG_enumerator);
	assert_false(f->table.abbrevs.at[4].known);
	assert_false(f->table.abbrevs.at[0].known);
}

static void one_code_twice(void **state)
{
	struct fixture *f = *state;

	declare(f, 7, DW_TAG_typedef, false);
	end(f);
	declare(f, 7, DW_TAG_member, false);
	end(f);
	assert_int_equal(compile(f), -EINVAL);
	assert_non_null(strstr(f->err.text, "code 7"));
}

static void absurd_codes(void **state)
{
	static const uint64_t codes[] = { 65536, 1ull << 32, UINT64_MAX };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		f->out.v.nr = 0;
		declare(f, codes[i], DW_TAG_typedef, false);
		end(f);
		assert_int_equal(compile(f), -EINVAL);
		assert_non_null(strstr(f->err.text, "absurd code"));
	}
}

/* Its length cannot be guessed. */
static void unknown_forms(void **state)
{
	static const uint64_t forms[] = { 0, 0x02, 0x2d, 0x1f02, 0x1f22, 1ull << 16, UINT64_MAX };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		f->out.v.nr = 0;
		declare(f, 1, 0xffff, false);
		attribute(f, 0x3fff, forms[i]);
		end(f);
		assert_int_equal(compile(f), -EOPNOTSUPP);
		assert_non_null(strstr(f->err.text, "is not known"));
	}
}

/* Vendors' tags and attributes are stepped over; a tag that has no place in 16 bits is none that we know. */
static void unknown_tags_and_attributes(void **state)
{
	struct fixture *f = *state;

	declare(f, 1, 0x4109 /* DW_TAG_GNU_call_site */, true);
	attribute(f, 0x2111, DW_FORM_exprloc);
	attribute(f, 0x10000 + DW_AT_name, DW_FORM_data4);
	end(f);
	declare(f, 2, 0x10000 + DW_TAG_typedef, false);
	attribute(f, DW_AT_name, DW_FORM_data4);
	end(f);
	assert_int_equal(compile(f), 0);
	assert_op(program(f, 1)[0], OP_SKIP_FORM, 0, DW_FORM_exprloc);
	assert_op(program(f, 1)[1], OP_SKIP, 0, 4);
	assert_op(program(f, 2)[0], OP_SKIP, 0, 4);
	assert_int_not_equal(f->table.abbrevs.at[2].tag, DW_TAG_typedef);
}

/* More bytes in a row than one step can hold. */
static void long_runs(void **state)
{
	struct fixture *f = *state;
	const struct abbrev_op *op;
	size_t sum = 0;

	declare(f, 1, DW_TAG_lexical_block, false);
	for (unsigned int i = 0; i < 10000; i++)
		attribute(f, 0x88, DW_FORM_data16);
	end(f);
	assert_int_equal(compile(f), 0);
	for (op = program(f, 1); op->code == OP_SKIP; op++)
		sum += op->arg;
	assert_int_equal(op->code, OP_END);
	assert_int_equal(sum, 160000);
}

static void cut_off_at_each_byte(void **state)
{
	struct fixture *f = *state;

	declare(f, 1, DW_TAG_compile_unit, true);
	attribute(f, DW_AT_producer, DW_FORM_strp);
	attribute(f, 0x2117, DW_FORM_data4);
	end(f);
	declare(f, 200, DW_TAG_enumerator, false);
	attribute(f, DW_AT_const_value, DW_FORM_implicit_const);
	put_sleb(&f->out, 12345678);
	end(f);
	put_u8(&f->out, 0);
	for (size_t size = 0; size < f->out.v.nr; size++) {
		struct bytes b = out_prefix(&f->out, size);
		struct abbrev_table table;
		struct error err = ERROR_INIT;

		assert_int_equal(abbrev_compile(&table, b, 0, 8, &err), -EINVAL);
		assert_int_equal(err.code, -EINVAL);
		bytes_free(b);
	}
	assert_int_equal(compile_at(f, 0, 8), 0);
}

static void numbers_without_end(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 5000; i++)
		put_u8(&f->out, 0x80);
	assert_int_equal(compile(f), -EINVAL);
}

/* ---- what needs no program */

static const struct abbrev_plain *plain_of(const struct fixture *f, uint32_t code)
{
	program(f, code);
	return &f->table.abbrevs.at[code].plain;
}

static void implicit(struct fixture *f, uint64_t name, int64_t value)
{
	attribute(f, name, DW_FORM_implicit_const);
	put_sleb(&f->out, value);
}

#define assert_plain(plain, s, n, t, nr, nr_size)                \
	do {                                                     \
		assert_int_equal((plain)->size, s);              \
		assert_int_equal((plain)->name, n);              \
		assert_int_equal((plain)->type, t);              \
		assert_int_equal((plain)->number, nr);           \
		assert_int_equal((plain)->number_size, nr_size); \
	} while (0)

/* Bytes that nobody needs. */
static void unneeded(struct fixture *f, unsigned int size)
{
	for (; size >= 16; size -= 16)
		attribute(f, 0x3a, DW_FORM_data16);
	for (; size; size--)
		attribute(f, 0x3a, DW_FORM_data1);
}

static void plain_dies(void **state)
{
	struct fixture *f = *state;

	declare(f, 1, DW_TAG_member, false);
	attribute(f, DW_AT_name, DW_FORM_strp);
	unneeded(f, 3);
	attribute(f, DW_AT_type, DW_FORM_ref4);
	attribute(f, DW_AT_data_member_location, DW_FORM_data1);
	end(f);
	declare(f, 2, DW_TAG_union_type, true);
	attribute(f, DW_AT_byte_size, DW_FORM_data2);
	attribute(f, DW_AT_name, DW_FORM_strp);
	attribute(f, DW_AT_sibling, DW_FORM_ref4);
	end(f);
	declare(f, 3, DW_TAG_structure_type, true);
	attribute(f, DW_AT_name, DW_FORM_string);
	implicit(f, DW_AT_byte_size, 65535);
	unneeded(f, 1);
	end(f);
	declare(f, 4, DW_TAG_subrange_type, false);
	attribute(f, DW_AT_type, DW_FORM_ref4);
	attribute(f, DW_AT_upper_bound, DW_FORM_data1);
	end(f);
	declare(f, 5, DW_TAG_subroutine_type, true);
	attribute(f, DW_AT_type, DW_FORM_ref4);
	end(f);
	/* As far as places go: those behind it say that there is none. */
	declare(f, 6, DW_TAG_member, false);
	unneeded(f, PLAIN_STRING - 1 - 4);
	attribute(f, DW_AT_type, DW_FORM_ref4);
	end(f);
	assert_int_equal(compile(f), 0);
	assert_plain(plain_of(f, 1), 12, 0, 7, 11, 1);
	assert_plain(plain_of(f, 2), 10, 2, PLAIN_NONE, 0, 2);
	assert_plain(plain_of(f, 3), 1, PLAIN_STRING, PLAIN_NONE, PLAIN_CONSTANT, 0);
	assert_int_equal(plain_of(f, 3)->constant, 65535);
	assert_plain(plain_of(f, 4), 5, PLAIN_NONE, PLAIN_NONE, 4, 1);
	assert_plain(plain_of(f, 5), 4, PLAIN_NONE, 0, PLAIN_NONE, 0);
	assert_plain(plain_of(f, 6), PLAIN_STRING - 1, PLAIN_NONE, PLAIN_STRING - 5, PLAIN_NONE, 0);
}

/* One attribute that takes it from a DIE of @tag to be plain. */
static void assert_unplain(struct fixture *f, uint64_t tag, bool children, uint64_t name,
			   uint64_t form)
{
	for (int with = 0; with < 2; with++) {
		f->out.v.nr = 0;
		declare(f, 1, tag, children);
		unneeded(f, 4);
		if (with)
			attribute(f, name, form);
		end(f);
		assert_int_equal(compile(f), 0);
		assert_int_equal(plain_of(f, 1)->size, with ? 0 : 4);
	}
}

static void dies_that_are_not_plain(void **state)
{
	struct fixture *f = *state;

	assert_unplain(f, DW_TAG_structure_type, true, DW_AT_declaration, DW_FORM_flag);
	assert_unplain(f, DW_TAG_structure_type, true, DW_AT_declaration, DW_FORM_flag_present);
	assert_unplain(f, DW_TAG_structure_type, true, DW_AT_signature, DW_FORM_ref_sig8);
	assert_unplain(f, DW_TAG_structure_type, true, DW_AT_GNU_annotation, DW_FORM_ref4);
	assert_unplain(f, DW_TAG_union_type, true, DW_AT_byte_size, DW_FORM_data4);
	assert_unplain(f, DW_TAG_union_type, true, DW_AT_byte_size, DW_FORM_udata);
	assert_unplain(f, DW_TAG_subroutine_type, true, DW_AT_type, DW_FORM_ref_addr);
	assert_unplain(f, DW_TAG_subrange_type, false, DW_AT_count, DW_FORM_data1);
	assert_unplain(f, DW_TAG_subrange_type, false, DW_AT_upper_bound, DW_FORM_exprloc);
	assert_unplain(f, DW_TAG_member, false, DW_AT_bit_size, DW_FORM_data1);
	assert_unplain(f, DW_TAG_member, false, DW_AT_byte_size, DW_FORM_data1);
	/* Something stands in front of it. */
	assert_unplain(f, DW_TAG_member, false, DW_AT_name, DW_FORM_string);
	/* Its length is in the data. */
	assert_unplain(f, DW_TAG_member, false, 0x3a, DW_FORM_udata);
	/* A struct's children are read with it, a member's are annotations. */
	f->out.v.nr = 0;
	declare(f, 1, DW_TAG_member, true);
	unneeded(f, 4);
	end(f);
	declare(f, 2, DW_TAG_pointer_type, true);
	unneeded(f, 4);
	end(f);
	/* Too long, and with no byte at all. */
	declare(f, 3, DW_TAG_member, false);
	unneeded(f, PLAIN_STRING);
	end(f);
	declare(f, 4, DW_TAG_member, false);
	implicit(f, DW_AT_data_member_location, 4);
	end(f);
	assert_int_equal(compile(f), 0);
	for (uint32_t code = 1; code <= 4; code++)
		assert_int_equal(plain_of(f, code)->size, 0);
}

static void plain_constants(void **state)
{
	static const struct {
		int64_t value;
		bool plain;
	} constants[] = { { 0, true },	 { 65535, true },      { 65536, false },
			  { -1, false }, { INT64_MAX, false }, { INT64_MIN, false } };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(constants) / sizeof(*constants); i++) {
		f->out.v.nr = 0;
		declare(f, 1, DW_TAG_member, false);
		implicit(f, DW_AT_data_member_location, constants[i].value);
		unneeded(f, 4);
		end(f);
		/* Twice, though it is the same. */
		declare(f, 2, DW_TAG_member, false);
		implicit(f, DW_AT_data_member_location, constants[i].value);
		implicit(f, DW_AT_data_member_location, constants[i].value);
		unneeded(f, 4);
		end(f);
		assert_int_equal(compile(f), 0);
		assert_int_equal(plain_of(f, 1)->size, constants[i].plain ? 4 : 0);
		if (constants[i].plain)
			assert_int_equal(plain_of(f, 1)->constant, constants[i].value);
		assert_int_equal(plain_of(f, 2)->size, 0);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unsigned_numbers),
		cmocka_unit_test(signed_numbers),
		CASE(values_are_fetched_or_stepped_over),
		CASE(the_tag_decides),
		CASE(addresses_have_the_size_of_the_unit),
		CASE(implicit_constants),
		CASE(tables_at_an_offset),
		CASE(codes_in_any_order_with_gaps),
		CASE(one_code_twice),
		CASE(absurd_codes),
		CASE(unknown_forms),
		CASE(unknown_tags_and_attributes),
		CASE(long_runs),
		CASE(cut_off_at_each_byte),
		CASE(numbers_without_end),
		CASE(plain_dies),
		CASE(dies_that_are_not_plain),
		CASE(plain_constants),
	};

	return cmocka_run_group_tests_name("abbrev", tests, NULL, NULL);
}
