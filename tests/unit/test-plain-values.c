// SPDX-License-Identifier: GPL-2.0-only
/* Values of DIEs that are read without a program: numbers, names, bounds. */
#include "test.h"

#include "plain-unit.h"

/* ---- numbers that stand in the abbreviation */

static const int32_t constants[] = { 0, 1, 65535, 65536, 16777215 };

enum { NR_CONSTANTS = sizeof(constants) / sizeof(*constants), NEGATIVE = OWN + 3 * NR_CONSTANTS };

static void declare_constants(struct fixture *f)
{
	write_strings(f);
	for (uint32_t i = 0; i < NR_CONSTANTS; i++) {
		DECLARE(f, OWN + i, DW_TAG_structure_type, true, DW_AT_name, DW_FORM_strp,
			DW_AT_byte_size, DW_FORM_implicit_const, constants[i]);
		DECLARE(f, OWN + NR_CONSTANTS + i, DW_TAG_member, false, DW_AT_name, DW_FORM_strp,
			DW_AT_type, DW_FORM_ref4, DW_AT_data_member_location,
			DW_FORM_implicit_const, constants[i]);
		DECLARE(f, OWN + 2 * NR_CONSTANTS + i, DW_TAG_enumerator, false, DW_AT_const_value,
			DW_FORM_implicit_const, constants[i], DW_AT_name, DW_FORM_strp);
	}
	DECLARE(f, NEGATIVE, DW_TAG_structure_type, true, DW_AT_name, DW_FORM_strp, DW_AT_byte_size,
		DW_FORM_implicit_const, -1);
	DECLARE(f, NEGATIVE + 1, DW_TAG_member, false, DW_AT_name, DW_FORM_strp, DW_AT_type,
		DW_FORM_ref4, DW_AT_data_member_location, DW_FORM_implicit_const, -1);
	DECLARE(f, NEGATIVE + 2, DW_TAG_enumerator, false, DW_AT_const_value,
		DW_FORM_implicit_const, -1, DW_AT_name, DW_FORM_strp);
}

static void write_constants(const struct writer *w)
{
	for (uint32_t i = 0; i < NR_CONSTANTS; i++) {
		die1(w, OWN + i, 4, OUTER);
		for (uint32_t j = 0; j < NR_CONSTANTS; j++)
			die2(w, OWN + NR_CONSTANTS + (i + j) % NR_CONSTANTS, 4, ONE, 4, w->f->int_);
		no_more(w);
	}
	put_uleb(&w->f->info, ENUMERATION);
	put_u32(&w->f->info, OUTER);
	put_u8(&w->f->info, 4);
	for (uint32_t i = 0; i < NR_CONSTANTS; i++)
		die1(w, OWN + 2 * NR_CONSTANTS + i, 4, ONE);
	die1(w, NEGATIVE + 2, 4, TWO);
	no_more(w);
}

static void write_negative_size(const struct writer *w)
{
	die1(w, NEGATIVE, 4, OUTER);
	no_more(w);
}

static void write_negative_location(const struct writer *w)
{
	die1(w, OWN, 4, OUTER);
	die2(w, NEGATIVE + 1, 4, ONE, 4, w->f->int_);
	no_more(w);
}

static void numbers_in_the_abbreviation(void **state)
{
	struct fixture *f = *state;
	const struct graph_node *n;
	uint32_t nr = 0;

	declare_constants(f);
	read_both_ways(f, write_constants);
	for (uint32_t i = 1; i < f->read.graph.nodes.nr; i++) {
		n = &f->read.graph.nodes.at[i];
		if (n->kind != BTF_KIND_STRUCT)
			continue;
		assert_int_equal(n->size, constants[nr]);
		for (uint32_t j = 0; j < NR_CONSTANTS; j++)
			assert_int_equal(member_of(f, n, j)->bit_offset,
					 constants[(nr + j) % NR_CONSTANTS] * 8u);
		nr++;
	}
	assert_int_equal(nr, NR_CONSTANTS);
	n = node_of(f, BTF_KIND_ENUM, "outer");
	assert_true(n && n->nr == NR_CONSTANTS + 1 && n->flags & GRAPH_SIGNED);
	for (uint32_t i = 0; i < NR_CONSTANTS; i++)
		assert_int_equal(f->read.graph.values.at[n->first + i].value, constants[i]);
	assert_int_equal(f->read.graph.values.at[n->first + NR_CONSTANTS].value, (uint64_t)-1);
	fails_both_ways(f, write_negative_size, "4 GiB");
	fails_both_ways(f, write_negative_location, "too far");
}

/* ---- names that stand in the DIE */

enum {
	NAME_FIRST = OWN, /* a member: name string, type, location data1 */
	NAME_LATER,	  /* a member: location data1, name string, type */
	NAME_STRP,	  /* a member: name strp, type, location data1 */
	TYPE_NAMED,	  /* a typedef: name string, type */
	STRUCT_NAMED,	  /* name string, size data1 */
};

static void declare_names(struct fixture *f)
{
	write_strings(f);
	DECLARE(f, NAME_FIRST, DW_TAG_member, false, DW_AT_name, DW_FORM_string, DW_AT_type,
		DW_FORM_ref4, DW_AT_data_member_location, DW_FORM_data1);
	DECLARE(f, NAME_LATER, DW_TAG_member, false, DW_AT_data_member_location, DW_FORM_data1,
		DW_AT_name, DW_FORM_string, DW_AT_type, DW_FORM_ref4);
	DECLARE(f, NAME_STRP, DW_TAG_member, false, DW_AT_name, DW_FORM_strp, DW_AT_type,
		DW_FORM_ref4, DW_AT_data_member_location, DW_FORM_data1);
	DECLARE(f, TYPE_NAMED, DW_TAG_typedef, false, DW_AT_name, DW_FORM_string, DW_AT_type,
		DW_FORM_ref4);
	DECLARE(f, STRUCT_NAMED, DW_TAG_structure_type, true, DW_AT_name, DW_FORM_string,
		DW_AT_byte_size, DW_FORM_data1);
}

static const char *name_to_write;

/* An inline name and an int. */
static uint32_t called(const struct writer *w, uint32_t code, const char *name)
{
	const uint32_t at = begin_die(w, code);

	put_text(&w->f->info, name);
	put_u32(&w->f->info, w->f->int_);
	end_die(w);
	return at;
}

static void name_first(const struct writer *w, const char *name, uint32_t location)
{
	begin_die(w, NAME_FIRST);
	put_text(&w->f->info, name);
	put_u32(&w->f->info, w->f->int_);
	put_u8(&w->f->info, location);
	end_die(w);
}

static void name_later(const struct writer *w, const char *name, uint32_t location)
{
	begin_die(w, NAME_LATER);
	put_u8(&w->f->info, location);
	put_text(&w->f->info, name);
	put_u32(&w->f->info, w->f->int_);
	end_die(w);
}

/* With a relocation, if there is to be one: in memory there is another offset. */
static void name_strp(const struct writer *w, uint32_t name, uint32_t location)
{
	struct out *rela = &w->f->rela;

	begin_die(w, NAME_STRP);
	if (rela->v.nr) {
		put_u64(rela, w->f->info.v.nr);
		put_u64(rela, 10 /* R_X86_64_32 */);
		put_u64(rela, name);
		name = 3;
	}
	put_u32(&w->f->info, name);
	put_u32(&w->f->info, w->f->int_);
	put_u8(&w->f->info, location);
	end_die(w);
}

static void write_names(const struct writer *w)
{
	begin_die(w, STRUCT_NAMED);
	put_text(&w->f->info, "outer");
	put_u8(&w->f->info, 255);
	end_die(w);
	name_first(w, name_to_write, 8);
	name_first(w, "b", 16);
	name_later(w, name_to_write, 24);
	name_first(w, "", 32);
	name_strp(w, TWO, 40);
	name_first(w, "b", 48);
	name_strp(w, EMPTY, 56);
	name_strp(w, ONE, 64);
	no_more(w);
	called(w, TYPE_NAMED, name_to_write);
	called(w, TYPE_NAMED, "");
}

static void write_one_name(const struct writer *w)
{
	begin_struct(w->f, "s", 8);
	name_first(w, name_to_write, 0);
	no_more(w);
}

static void check_names(struct fixture *f)
{
	const char *const names[] = { name_to_write, "b", name_to_write, "", "two", "b", "", "one" };
	const struct graph_node *n = node_of(f, BTF_KIND_STRUCT, "outer");

	assert_true(n && n->nr == 8);
	for (uint32_t i = 0; i < 8; i++) {
		assert_string_equal(name_of(f, member_of(f, n, i)->name), names[i]);
		assert_int_equal(member_of(f, n, i)->bit_offset, (i + 1) * 64);
	}
	assert_non_null(node_of(f, BTF_KIND_TYPEDEF, name_to_write));
	/* The one without a name is none. */
	assert_null(node_of(f, BTF_KIND_TYPEDEF, ""));
}

static void names_in_the_die(void **state)
{
	struct fixture *f = *state;
	char longest[NAME_LONGEST + 2];

	declare_names(f);
	name_to_write = "a";
	read_both_ways(f, write_names);
	check_names(f);
	memset(longest, 'x', sizeof(longest));
	longest[NAME_LONGEST] = '\0';
	name_to_write = longest;
	read_both_ways(f, write_names);
	check_names(f);
	longest[NAME_LONGEST] = 'x';
	longest[NAME_LONGEST + 1] = '\0';
	fails_both_ways(f, write_one_name, "characters");
}

/* Relocations are for .debug_str alone: a DIE with a name of its own has none. */
static void names_in_the_die_and_relocated_ones(void **state)
{
	struct fixture *f = *state;

	declare_names(f);
	function_symbol(f, "f"); /* behind symbol 0, against which it is */
	name_to_write = "a";
	for (int is_long = 0; is_long < 2; is_long++) {
		f->rela.v.nr = 0;
		for (unsigned int i = 0; i < 3; i++)
			put_u64(&f->rela, i ? 0 : 6); /* the abbreviations of the unit */
		store_u64(f->rela.v.at + 8, 10, false);
		assert_int_equal(read_one_way(f, write_names, is_long), 0);
		check_names(f);
	}
}

static void write_short_names(const struct writer *w)
{
	begin_die(w, STRUCT_NAMED);
	put_text(&w->f->info, "outer");
	put_u8(&w->f->info, 255);
	end_die(w);
	name_first(w, "abc", 8);
	name_first(w, "def", 16);
}

static void names_without_end(void **state)
{
	struct fixture *f = *state;
	uint32_t whole, behind_name;

	declare_names(f);
	for (int is_long = 0; is_long < 2; is_long++) {
		f->info.v.nr = 0;
		begin_unit(f);
		whole = f->info.v.nr;
		write_short_names(&(struct writer){ f, is_long });
		/* The null character, a reference, the location, and what makes it long. */
		behind_name = f->info.v.nr - 1 - 4 - 1 - (uint32_t)is_long;
		for (uint32_t size = f->info.v.nr; size > whole; size--) {
			patch_u32(f, f->unit, size - f->unit - 4);
			assert_int_equal(read_prefix(f, size), -EINVAL);
			if (size <= behind_name && size > behind_name - strlen("def"))
				assert_non_null(strstr(f->err.text, "string without end"));
		}
	}
}

/* ---- subranges */

enum { UPPER_D1 = OWN, UPPER_D2, NO_UPPER, COUNT_D1, UPPER_CONST, UPPER_NEGATIVE, ARRAY };

static void declare_subranges(struct fixture *f)
{
	const uint16_t tag = DW_TAG_subrange_type;

	DECLARE(f, UPPER_D1, tag, false, DW_AT_type, DW_FORM_ref4, DW_AT_upper_bound,
		DW_FORM_data1);
	DECLARE(f, UPPER_D2, tag, false, DW_AT_type, DW_FORM_ref4, DW_AT_upper_bound,
		DW_FORM_data2);
	DECLARE(f, NO_UPPER, tag, false, DW_AT_type, DW_FORM_ref4);
	DECLARE(f, COUNT_D1, tag, false, DW_AT_type, DW_FORM_ref4, DW_AT_count, DW_FORM_data1);
	DECLARE(f, UPPER_CONST, tag, false, DW_AT_type, DW_FORM_ref4, DW_AT_upper_bound,
		DW_FORM_implicit_const, 65535);
	DECLARE(f, UPPER_NEGATIVE, tag, false, DW_AT_type, DW_FORM_ref4, DW_AT_upper_bound,
		DW_FORM_implicit_const, -1);
	DECLARE(f, ARRAY, DW_TAG_array_type, true, DW_AT_type, DW_FORM_ref4);
}

static const struct {
	uint8_t code, size;
	uint16_t value;
	uint32_t elements;
} subranges[] = {
	{ UPPER_D1, 1, 0, 1 },	    { UPPER_D1, 1, 255, 256 },	  { UPPER_D2, 2, 65535, 65536 },
	{ UPPER_D2, 2, 999, 1000 }, { NO_UPPER, 0, 0, 0 },	  { COUNT_D1, 1, 255, 255 },
	{ UPPER_D1, 1, 6, 7 },	    { UPPER_CONST, 0, 0, 65536 }, { UPPER_NEGATIVE, 0, 0, 0 },
	{ UPPER_D1, 1, 2, 3 },
};

#define NR_SUBRANGES (sizeof(subranges) / sizeof(*subranges))

static void write_subrange(const struct writer *w, size_t i)
{
	die2(w, subranges[i].code, 4, w->f->int_, subranges[i].size, subranges[i].value);
}

static void write_arrays(const struct writer *w)
{
	for (size_t i = 0; i < NR_SUBRANGES; i++) {
		die1(w, ARRAY, 4, w->f->int_);
		write_subrange(w, i);
		no_more(w);
	}
	die1(w, ARRAY, 4, w->f->int_);
	no_more(w);
	die1(w, ARRAY, 4, w->f->int_);
	for (size_t i = 0; i < NR_SUBRANGES; i++)
		write_subrange(w, i);
	no_more(w);
}

static void arrays(void **state)
{
	struct fixture *f = *state;
	const struct graph *g = &f->read.graph;
	uint32_t id = 1, nr = 0;

	declare_subranges(f);
	read_both_ways(f, write_arrays);
	for (; nr < NR_SUBRANGES; id++) {
		assert_true(id < g->nodes.nr);
		if (g->nodes.at[id].kind == BTF_KIND_ARRAY)
			assert_int_equal(g->nodes.at[id].nr, subranges[nr++].elements);
	}
	for (; g->nodes.at[id].kind != BTF_KIND_ARRAY; id++)
		;
	assert_int_equal(g->nodes.at[id].nr, 1); /* without a subrange */
	/* The outermost of the last has the first subrange. */
	for (id++; g->nodes.at[id].flags & GRAPH_PART; id++)
		;
	for (nr = 0; nr < NR_SUBRANGES; nr++, id = g->nodes.at[id].type) {
		assert_int_equal(g->nodes.at[id].kind, BTF_KIND_ARRAY);
		assert_int_equal(g->nodes.at[id].nr, subranges[nr].elements);
	}
	assert_int_equal(g->nodes.at[id].kind, BTF_KIND_INT);
}

/* ---- attributes that stand there twice: the last one counts */

enum { TWICE = OWN, NR_TWICE = 8 };

static void declare_twice(struct fixture *f)
{
	const uint16_t tag = DW_TAG_member;

	write_strings(f);
	DECLARE(f, TWICE, tag, false, DW_AT_name, DW_FORM_strp, DW_AT_name, DW_FORM_string,
		DW_AT_type, DW_FORM_ref4);
	DECLARE(f, TWICE + 1, tag, false, DW_AT_name, DW_FORM_string, DW_AT_name, DW_FORM_strp,
		DW_AT_type, DW_FORM_ref4);
	DECLARE(f, TWICE + 2, tag, false, DW_AT_name, DW_FORM_strp, DW_AT_name, DW_FORM_strp,
		DW_AT_type, DW_FORM_ref4);
	DECLARE(f, TWICE + 3, tag, false, DW_AT_type, DW_FORM_ref4, DW_AT_data_member_location,
		DW_FORM_implicit_const, 1, DW_AT_data_member_location, DW_FORM_implicit_const, 2);
	DECLARE(f, TWICE + 4, tag, false, DW_AT_type, DW_FORM_ref4, DW_AT_data_member_location,
		DW_FORM_implicit_const, 1, DW_AT_data_member_location, DW_FORM_data1);
	DECLARE(f, TWICE + 5, tag, false, DW_AT_type, DW_FORM_ref4, DW_AT_data_member_location,
		DW_FORM_data1, DW_AT_data_member_location, DW_FORM_implicit_const, 2);
	DECLARE(f, TWICE + 6, tag, false, DW_AT_type, DW_FORM_ref4, DW_AT_data_member_location,
		DW_FORM_data2, DW_AT_data_member_location, DW_FORM_data1);
	DECLARE(f, TWICE + 7, tag, false, DW_AT_name, DW_FORM_string, DW_AT_name, DW_FORM_string,
		DW_AT_type, DW_FORM_ref4);
}

static void write_twice(const struct writer *w)
{
	struct out *o = &w->f->info;

	begin_struct(w->f, "s", 8);
	for (uint32_t i = 0; i < NR_TWICE; i++) {
		begin_die(w, TWICE + i);
		if (i == 0 || i == 2)
			put_u32(o, ONE);
		if (i == 1 || i == 7)
			put_text(o, "first");
		if (i == 0 || i == 7)
			put_text(o, "last");
		if (i == 1 || i == 2)
			put_u32(o, TWO);
		put_u32(o, w->f->int_);
		if (i == 5)
			put_u8(o, 1);
		if (i == 6)
			put_u16(o, 1);
		if (i == 4 || i == 6)
			put_u8(o, 2);
		end_die(w);
	}
	no_more(w);
}

static void attributes_twice(void **state)
{
	static const char *const names[NR_TWICE] = { "last", "two", "two", "", "", "", "", "last" };
	struct fixture *f = *state;
	const struct graph_node *n;

	declare_twice(f);
	read_both_ways(f, write_twice);
	n = node_of(f, BTF_KIND_STRUCT, "s");
	assert_true(n && n->nr == NR_TWICE);
	for (uint32_t i = 0; i < NR_TWICE; i++) {
		assert_string_equal(name_of(f, member_of(f, n, i)->name), names[i]);
		assert_int_equal(member_of(f, n, i)->bit_offset, i >= 3 && i <= 6 ? 16 : 0);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(numbers_in_the_abbreviation),
		CASE(names_in_the_die),
		CASE(names_in_the_die_and_relocated_ones),
		CASE(names_without_end),
		CASE(arrays),
		CASE(attributes_twice),
	};

	return cmocka_run_group_tests_name("plain-values", tests, NULL, NULL);
}
