// SPDX-License-Identifier: GPL-2.0-only
/* DIEs that are read without a program: types with children, rows of one tag, damage. */
#include "test.h"

#include <stdio.h>

#include "plain-unit.h"

/* ---- types with children */

enum {
	STRUCT_D2 = OWN, /* name strp, size data2, sibling */
	UNION_D1,	 /* name strp, size data1 */
	ANONYMOUS,	 /* a union: size data1 */
	SIZELESS,	 /* a struct: name strp */
	DECLARED,	 /* a struct that is but declared: name strp, flag */
	MEMBER_D1,	 /* name strp, type, location data1 */
	BITS,		 /* a member: name strp, type, bits data1, bit offset data4 */
	PROTO,		 /* type, sibling */
	PROTO_VOID,	 /* sibling */
	PARAM,		 /* type */
	MORE_PARAMS,	 /* a byte that nobody needs */
	CONST_,		 /* type */
	EMPTY_STRUCT,	 /* no children: name strp, size data1 */
	EMPTY_PROTO,	 /* no children: type */
};

static void declare_types(struct fixture *f)
{
	write_strings(f);
	DECLARE(f, STRUCT_D2, DW_TAG_structure_type, true, DW_AT_name, DW_FORM_strp,
		DW_AT_byte_size, DW_FORM_data2, DECL_FILE, DW_FORM_data1, DW_AT_sibling,
		DW_FORM_ref4);
	DECLARE(f, UNION_D1, DW_TAG_union_type, true, DW_AT_name, DW_FORM_strp, DW_AT_byte_size,
		DW_FORM_data1);
	DECLARE(f, ANONYMOUS, DW_TAG_union_type, true, DW_AT_byte_size, DW_FORM_data1);
	DECLARE(f, SIZELESS, DW_TAG_structure_type, true, DW_AT_name, DW_FORM_strp);
	DECLARE(f, DECLARED, DW_TAG_structure_type, true, DW_AT_name, DW_FORM_strp,
		DW_AT_declaration, DW_FORM_flag);
	DECLARE(f, MEMBER_D1, DW_TAG_member, false, DW_AT_name, DW_FORM_strp, DW_AT_type,
		DW_FORM_ref4, DW_AT_data_member_location, DW_FORM_data1);
	DECLARE(f, BITS, DW_TAG_member, false, DW_AT_name, DW_FORM_strp, DW_AT_type, DW_FORM_ref4,
		DW_AT_bit_size, DW_FORM_data1, DW_AT_data_bit_offset, DW_FORM_data4);
	DECLARE(f, PROTO, DW_TAG_subroutine_type, true, DW_AT_type, DW_FORM_ref4, DW_AT_sibling,
		DW_FORM_ref4);
	DECLARE(f, PROTO_VOID, DW_TAG_subroutine_type, true, DW_AT_sibling, DW_FORM_ref4);
	DECLARE(f, PARAM, DW_TAG_formal_parameter, false, DW_AT_type, DW_FORM_ref4);
	DECLARE(f, MORE_PARAMS, UNSPECIFIED, false, DECL_FILE, DW_FORM_data1);
	DECLARE(f, CONST_, DW_TAG_const_type, false, DW_AT_type, DW_FORM_ref4);
	DECLARE(f, EMPTY_STRUCT, DW_TAG_structure_type, false, DW_AT_name, DW_FORM_strp,
		DW_AT_byte_size, DW_FORM_data1);
	DECLARE(f, EMPTY_PROTO, DW_TAG_subroutine_type, false, DW_AT_type, DW_FORM_ref4);
}

static uint32_t begin_struct_d2(const struct writer *w, uint32_t name, uint32_t size)
{
	const uint32_t at = begin_die(w, STRUCT_D2);

	put_u32(&w->f->info, name);
	put_u16(&w->f->info, size);
	put_u8(&w->f->info, 1);
	put_u32(&w->f->info, 0x7fffffff); /* nobody follows it */
	end_die(w);
	return at;
}

static void member_d1(const struct writer *w, uint32_t name, uint32_t location)
{
	die3(w, MEMBER_D1, 4, name, 4, w->f->int_, 1, location);
}

static void bits(const struct writer *w, uint32_t name, uint32_t size, uint32_t offset)
{
	begin_die(w, BITS);
	put_u32(&w->f->info, name);
	put_u32(&w->f->info, w->f->int_);
	put_u8(&w->f->info, size);
	put_u32(&w->f->info, offset);
	end_die(w);
}

static void write_structs(const struct writer *w)
{
	uint32_t outer;

	die1(w, CONST_, 4, w->f->int_);
	outer = begin_struct_d2(w, OUTER, 65535);
	member_d1(w, ONE, 0);
	die1(w, ANONYMOUS, 1, 8); /* a type in a type, then members again */
	member_d1(w, TWO, 0);
	no_more(w);
	bits(w, TWO, 3, 64);
	member_d1(w, EMPTY, 255);
	no_more(w);
	die2(w, UNION_D1, 4, ONE, 1, 255);
	member_d1(w, TWO, 4);
	no_more(w);
	die1(w, SIZELESS, 4, TWO);
	no_more(w);
	die2(w, DECLARED, 4, ONE, 1, 1);
	no_more(w);
	die2(w, DECLARED, 4, ONE, 1, 0);
	member_d1(w, ONE, 2);
	no_more(w);
	die2(w, EMPTY_STRUCT, 4, TWO, 1, 3);
	member_d1(w, ONE, 0); /* nobody's */
	die1(w, CONST_, 4, outer);
}

static void structs_and_unions(void **state)
{
	struct fixture *f = *state;
	const struct graph_node *n;

	declare_types(f);
	read_both_ways(f, write_structs);
	n = node_of(f, BTF_KIND_STRUCT, "outer");
	assert_non_null(n);
	assert_int_equal(n->size, 65535);
	assert_int_equal(n->nr, 3);
	assert_string_equal(name_of(f, member_of(f, n, 0)->name), "one");
	assert_int_equal(member_of(f, n, 1)->bit_size, 3);
	assert_int_equal(member_of(f, n, 1)->bit_offset, 64);
	assert_int_equal(member_of(f, n, 2)->bit_offset, 255 * 8);
	n = node_of(f, BTF_KIND_UNION, "");
	assert_true(n && n->size == 8 && n->nr == 1);
	n = node_of(f, BTF_KIND_UNION, "one");
	assert_true(n && n->size == 255 && n->nr == 1);
	assert_int_equal(member_of(f, n, 0)->bit_offset, 4 * 8);
	n = node_of(f, BTF_KIND_STRUCT, "two");
	assert_true(n && !n->size && !n->nr);
	assert_non_null(node_of(f, BTF_KIND_FWD, "one"));
	n = node_of(f, BTF_KIND_STRUCT, "one");
	assert_true(n && n->nr == 1);
}

static void structs_in_other_byte_order(void **state)
{
	struct fixture *f = *state;

	f->info.big = true;
	structs_and_unions(state);
}

static void write_prototypes(const struct writer *w)
{
	uint32_t first = die2(w, PROTO, 4, w->f->int_, 4, 0);

	die1(w, PARAM, 4, w->f->int_);
	die2(w, UNION_D1, 4, ONE, 1, 4); /* declared where it is used */
	member_d1(w, ONE, 0);
	no_more(w);
	die1(w, PARAM, 4, first);
	die1(w, MORE_PARAMS, 1, 7);
	no_more(w);
	die1(w, PROTO_VOID, 4, 0);
	no_more(w);
	die1(w, PROTO_VOID, 4, 0);
	die1(w, MORE_PARAMS, 1, 7);
	no_more(w);
	die1(w, EMPTY_PROTO, 4, w->f->int_);
	die1(w, CONST_, 4, first);
}

static void prototypes(void **state)
{
	struct fixture *f = *state;
	const struct graph_node *n;

	declare_types(f);
	read_both_ways(f, write_prototypes);
	n = first_of(f, BTF_KIND_FUNC_PROTO);
	assert_non_null(n);
	assert_int_equal(f->read.graph.nodes.at[n->type].kind, BTF_KIND_INT);
	assert_int_equal(n->nr, 3);
	assert_ptr_equal(&f->read.graph.nodes.at[member_of(f, n, 1)->type], n);
	assert_int_equal(member_of(f, n, 2)->type, 0);
	assert_non_null(node_of(f, BTF_KIND_UNION, "one"));
}

/* Bit-fields and members far away: both are said by members that are not plain. */
static void write_far_bits(const struct writer *w)
{
	begin_struct_d2(w, OUTER, 1);
	bits(w, ONE, 3, 64);
	member_d1(w, TWO, 0);
	bits(w, ONE, 0, 0x1000000);
	no_more(w);
}

static void write_far_only(const struct writer *w)
{
	begin_struct_d2(w, OUTER, 1);
	member_d1(w, TWO, 0);
	bits(w, ONE, 0, 0x1000000);
	no_more(w);
}

static void bit_fields_and_members_far_away(void **state)
{
	struct fixture *f = *state;

	declare_types(f);
	read_both_ways(f, write_far_only);
	fails_both_ways(f, write_far_bits, "beyond 2 MiB");
}

static unsigned int depth_to_write;

static void write_nested(const struct writer *w)
{
	for (unsigned int i = 0; i < depth_to_write; i++)
		die1(w, SIZELESS, 4, ONE);
	for (unsigned int i = 0; i < depth_to_write; i++)
		no_more(w);
}

static void nested_too_deeply(void **state)
{
	struct fixture *f = *state;

	declare_types(f);
	depth_to_write = 128;
	read_both_ways(f, write_nested);
	depth_to_write = 129;
	fails_both_ways(f, write_nested, "nested too deeply");
}

/* ---- runs: the abbreviation of the DIE before is at hand */

/* FAR_A and FAR_B have codes of two bytes of which the first is the same; it is no other's code. */
enum { NEAR_A = OWN, NEAR_B, VARIABLE_, FAR_A = 300, FAR_B = FAR_A + 128 };

static void declare_runs(struct fixture *f)
{
	const uint16_t tag = DW_TAG_member;

	write_strings(f);
	DECLARE(f, NEAR_A, tag, false, DW_AT_type, DW_FORM_ref4, DW_AT_data_member_location,
		DW_FORM_data1);
	DECLARE(f, NEAR_B, tag, false, DW_AT_data_member_location, DW_FORM_data2, DW_AT_type,
		DW_FORM_ref4);
	DECLARE(f, VARIABLE_, DW_TAG_pointer_type, false, DW_AT_type, DW_FORM_ref4);
	DECLARE(f, FAR_A + 1, tag, false, DECL_FILE, DW_FORM_data4, DW_AT_type, DW_FORM_ref4,
		DW_AT_data_member_location, DW_FORM_data1);
	DECLARE(f, FAR_B + 1, tag, false, DW_AT_data_member_location, DW_FORM_data1, DECL_FILE,
		DW_FORM_data4);
}

static const char run_order[] = "aabbababccddcdcdaaccbbddPaPcPdPbPbacdccc";

static void write_runs(const struct writer *w)
{
	uint32_t location = 0;

	begin_struct(w->f, "s", 8);
	for (const char *p = run_order; *p; p++, location++) {
		const uint32_t type = w->f->int_;

		if (*p == 'a')
			die2(w, NEAR_A, 4, type, 1, location);
		else if (*p == 'b')
			die2(w, NEAR_B, 2, location, 4, type);
		else if (*p == 'c')
			die3(w, FAR_A + 1, 4, 0, 4, type, 1, location);
		else if (*p == 'd')
			die2(w, FAR_B + 1, 1, location, 4, 0);
		else
			die1(w, VARIABLE_, 4, type);
	}
	no_more(w); /* behind those of two bytes */
	begin_struct(w->f, "t", 8);
	die2(w, NEAR_B, 2, 5, 4, w->f->int_);
	no_more(w);
}

static void abbreviations_in_turn(void **state)
{
	struct fixture *f = *state;
	const struct graph_node *n;
	uint32_t nr = 0;

	declare_runs(f);
	read_both_ways(f, write_runs);
	n = node_of(f, BTF_KIND_STRUCT, "s");
	for (uint32_t i = 0; run_order[i]; i++) {
		if (run_order[i] == 'P')
			continue;
		assert_int_equal(member_of(f, n, nr)->bit_offset, i * 8);
		assert_int_equal(f->read.graph.nodes.at[member_of(f, n, nr)->type].kind,
				 run_order[i] == 'd' ? BTF_KIND_UNKN : BTF_KIND_INT);
		nr++;
	}
	assert_true(n && n->nr == nr);
	n = node_of(f, BTF_KIND_STRUCT, "t");
	assert_int_equal(member_of(f, n, 0)->bit_offset, 5 * 8);
}

/* ---- damage */

static void write_unended_struct(const struct writer *w)
{
	begin_struct_d2(w, OUTER, 8);
	member_d1(w, ONE, 0);
	die1(w, ANONYMOUS, 1, 8);
	member_d1(w, TWO, 0);
	no_more(w);
	bits(w, TWO, 3, 64);
	die2(w, PROTO, 4, w->f->int_, 4, 0);
	no_more(w);
	member_d1(w, TWO, 0);
}

static void write_unended_prototype(const struct writer *w)
{
	die2(w, PROTO, 4, w->f->int_, 4, 0);
	die1(w, PARAM, 4, w->f->int_);
	die1(w, PARAM, 4, w->f->int_);
	die1(w, MORE_PARAMS, 1, 7);
}

/* Nothing is read behind the unit, wherever it ends. */
static void cut_off(void **state)
{
	static write_fn *const writers[] = { write_unended_struct, write_unended_prototype };
	struct fixture *f = *state;
	uint32_t whole;

	declare_types(f);
	for (size_t i = 0; i < 2; i++) {
		f->info.v.nr = 0;
		begin_unit(f);
		whole = f->info.v.nr;
		writers[i](&(struct writer){ f, false });
		for (uint32_t size = f->info.v.nr; size > whole; size--) {
			patch_u32(f, f->unit, size - f->unit - 4);
			assert_int_equal(read_prefix(f, size), -EINVAL);
		}
	}
}

enum { VALUELESS = OWN, VALUED };

static void write_valueless(const struct writer *w)
{
	put_uleb(&w->f->info, ENUMERATION);
	put_u32(&w->f->info, OUTER);
	put_u8(&w->f->info, 4);
	for (unsigned int i = 0; i < 5; i++)
		die2(w, VALUED, 4, ONE, 1, i);
	die1(w, VALUELESS, 4, TWO);
}

/* Of a row of DIEs, it is told which one is wrong: what has been read ends there. */
static void the_place_of_damage(void **state)
{
	struct fixture *f = *state;
	char place[40];

	write_strings(f);
	DECLARE(f, VALUELESS, DW_TAG_enumerator, false, DW_AT_name, DW_FORM_strp);
	DECLARE(f, VALUED, DW_TAG_enumerator, false, DW_AT_name, DW_FORM_strp, DW_AT_const_value,
		DW_FORM_data1);
	for (int is_long = 0; is_long < 2; is_long++) {
		assert_int_equal(read_one_way(f, write_valueless, is_long), -EINVAL);
		assert_non_null(strstr(f->err.text, "an enumerator without value"));
		/* Behind it there is but the null entry of the unit. */
		snprintf(place, sizeof(place), "at 0x%x ", f->info.v.nr - 1);
		assert_non_null(strstr(f->err.text, place));
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(structs_and_unions),
		CASE(structs_in_other_byte_order),
		CASE(prototypes),
		CASE(bit_fields_and_members_far_away),
		CASE(nested_too_deeply),
		CASE(abbreviations_in_turn),
		CASE(cut_off),
		CASE(the_place_of_damage),
	};

	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
