// SPDX-License-Identifier: GPL-2.0-only
/* The index of a base: its classes, and what it refuses. */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "graph-fixture.h"

static void starts(struct play *play, const char *base)
{
	if (play_base(play, base, (struct variation){ 0 }))
		fail_msg("%s", play->err.text);
}

static uint32_t class_of(const struct play *play, uint32_t a, uint32_t b, uint32_t c, uint32_t nr)
{
	const uint32_t words[3] = { a, b, c };

	return btf_index_class(&play->index, words, nr);
}

static uint32_t name(struct play *play, const char *s)
{
	return name_id(&play->names, s, strlen(s));
}

/* Types in the order of the text; those of one class have one representative among them. */
static void equal_types_form_a_class(void **state)
{
	struct play play;
	const uint32_t *rep;

	(void)state;
	/* 1 int, 2 *int, 3 *int, 4 const *int, 5 const *int, 6 **int of 7, 8 uint, 9 *uint */
	starts(&play, "*int; *int; const *int; **int; *uint");
	rep = play.index.rep;
	assert_int_equal(rep[1], 1);
	assert_in_range(rep[2], 2, 6);
	assert_int_not_equal(rep[2], 5);
	assert_int_equal(rep[3], rep[2]);
	assert_int_equal(rep[4], rep[2]);
	assert_int_equal(rep[5], 5);
	assert_int_equal(rep[6], rep[2]);
	assert_int_equal(rep[7], 7);
	assert_int_equal(rep[9], 9);
	play_free(&play);
}

/* Shapes wait in a queue while the index is built: equal ones meet there, or one behind the other. */
static void equal_shapes_meet_in_and_behind_the_queue(void **state)
{
	enum { NR = 50 };
	uint32_t words[5 + NR * 2 * 6], n = 0;
	const uint32_t first[] = { INT }, proto[] = { PROTO(1, 1), PARAM(S(a), 1) };
	struct play play;

	(void)state;
	memcpy(words, first, sizeof(first));
	n = sizeof(first) / sizeof(*first);
	/* 2, 3, ...: prototypes of each two a parameter of type int or of the pointer to it, which follows */
	for (uint32_t i = 0; i < NR; i++) {
		const uint32_t pointer[] = { PTR(2 + i % 3) };

		memcpy(words + n, proto, sizeof(proto));
		n += sizeof(proto) / sizeof(*proto);
		memcpy(words + n, pointer, sizeof(pointer));
		n += sizeof(pointer) / sizeof(*pointer);
	}
	assert_int_equal(play_base_bytes(&play, fixture_base(words, n, false)), 0);
	for (uint32_t i = 0; i < NR; i++)
		assert_int_equal(play.index.rep[2 + 2 * i], play.index.rep[2]);
	for (uint32_t i = 0; i < NR; i++)
		assert_int_equal(play.index.rep[3 + 2 * i], play.index.rep[3 + 2 * (i % 3)]);
	play_free(&play);
}

static void the_members_of_a_class_are_chained(void **state)
{
	struct play play;
	uint32_t nr = 0, seen = 0;

	(void)state;
	/* 1 int, then three pointers */
	starts(&play, "*int; *int; *int");
	for (uint32_t id = play.index.rep[4]; id; id = play.index.same[id]) {
		seen |= 1u << id;
		nr++;
	}
	assert_int_equal(nr, 3);
	assert_int_equal(seen, 1u << 2 | 1u << 3 | 1u << 4);
	assert_int_equal(play.index.rep[4], play.index.rep[2]);
	play_free(&play);
}

static void a_name_is_a_class_whatever_its_members(void **state)
{
	struct play play;

	(void)state;
	starts(&play,
	       "struct foo#0; struct foo { int a; }; struct foo { int b; int c; };"
	       "union foo { int a; }; enum foo { A=1 }; enum64 foo { A=1 }; typedef foo int");
	assert_int_equal(class_of(&play, SHAPE_NAMED_STRUCT, name(&play, "foo"), 0, 2), 1);
	assert_int_equal(play.index.rep[3], 1);
	assert_int_equal(play.index.rep[4], 1);
	assert_int_equal(class_of(&play, SHAPE_NAMED_UNION, name(&play, "foo"), 0, 2), 5);
	assert_int_equal(class_of(&play, SHAPE_NAMED_ENUM, name(&play, "foo"), 0, 2), 6);
	assert_int_equal(play.index.rep[7], 6);
	assert_int_equal(class_of(&play, BTF_KIND_TYPEDEF, name(&play, "foo"), 2, 3), 8);
	assert_int_equal(class_of(&play, SHAPE_NAMED_STRUCT, name(&play, "int"), 0, 2), 0);
	assert_int_equal(class_of(&play, SHAPE_NAMED_STRUCT, btf_end_str(&play.base), 0, 2), 0);
	assert_int_equal(class_of(&play, SHAPE_NAMED_STRUCT, UINT32_MAX, 0, 2), 0);
	play_free(&play);
}

static void every_string_of_the_base_is_found(void **state)
{
	char text[40000] = "", item[64];
	struct play play;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		len += (size_t)sprintf(text + len, "struct s%d { int m%d; };", i, i);
	starts(&play, text);
	for (int i = 0; i < 1000; i++) {
		size_t n = (size_t)sprintf(item, "m%d", i);
		uint32_t off = btf_index_str(&play.index, item, n, hash_bytes(item, n));

		assert_string_equal(btf_str(&play.base, off), item);
	}
	assert_int_equal(btf_index_str(&play.index, "m1000", 5, hash_bytes("m1000", 5)), 0);
	play_free(&play);
}

static void the_way_of_arrays_is_noted(void **state)
{
	struct play play;

	(void)state;
	starts(&play, "[6]int");
	assert_false(play.index.nested_arrays);
	assert_int_equal(play.index.array_index, 3);
	play_free(&play);
	starts(&play, "[2][3]int");
	assert_true(play.index.nested_arrays);
	play_free(&play);
	/* An array of a typedef of an array is one in the source as well. */
	starts(&play, "typedef t [3]int; [2]t");
	assert_false(play.index.nested_arrays);
	play_free(&play);
	starts(&play, "int");
	assert_int_equal(play.index.array_index, 0);
	play_free(&play);
}

static void functions_and_variables_have_no_class(void **state)
{
	struct play play;

	(void)state;
	starts(&play, "fn f(int a) int");
	assert_int_equal(btf_kind(btf_type(&play.base, 3)), BTF_KIND_FUNC);
	assert_int_equal(play.index.rep[3], 0);
	play_free(&play);
}

/* ---- hostile bases ---- */

static void refuses_base(const uint32_t *words, size_t nr, const char *text)
{
	struct play play;

	assert_int_equal(play_base_bytes(&play, fixture_base(words, nr, false)), -EINVAL);
	if (!strstr(play.err.text, text))
		fail_msg("'%s' does not say '%s'", play.err.text, text);
	play_free(&play);
}

static void circles_without_a_name_are_refused(void **state)
{
	(void)state;
	refuses_base(WORDS(INT, TYPEDEF(S(foo), 2)), "circle");
	refuses_base(WORDS(INT, TYPEDEF(S(foo), 3), TYPEDEF(S(bar), 2)), "circle");
	refuses_base(WORDS(INT, PTR(2)), "circle");
	refuses_base(WORDS(INT, REF(CONST, 3), REF(VOLATILE, 4), PTR(2)), "circle");
	refuses_base(WORDS(INT, ARRAY(2, 1, 1)), "circle");
	refuses_base(WORDS(INT, STRUCT(0, 1, 8), MEMBER(S(a), 3, 0), PTR(2)), "circle");
	refuses_base(WORDS(INT, PROTO(1, 0), PARAM(S(a), 3), PTR(2)), "circle");
}

static void circles_through_a_name_are_not(void **state)
{
	struct play play;

	(void)state;
	starts(&play, "struct foo { *struct foo p; func(*struct foo) *struct foo f; }");
	play_free(&play);
}

static void types_that_do_not_exist_are_refused(void **state)
{
	(void)state;
	refuses_base(WORDS(INT, PTR(3)), "does not exist");
	refuses_base(WORDS(INT, PTR(UINT32_MAX)), "does not exist");
	refuses_base(WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(a), 3, 0)), "does not exist");
	refuses_base(WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(a), UINT32_MAX, 0)),
		     "does not exist");
	refuses_base(WORDS(INT, STRUCT(0, 1, 4), MEMBER(S(a), 77, 0)), "does not exist");
	refuses_base(WORDS(INT, UNION(S(foo), 1, 4), MEMBER(S(a), 3, 0)), "does not exist");
	refuses_base(WORDS(INT, ARRAY(9, 1, 1)), "does not exist");
	refuses_base(WORDS(INT, PROTO(1, 1), PARAM(S(a), 9)), "does not exist");
	refuses_base(WORDS(INT, PROTO(0, 9)), "does not exist");
}

/* A chain of pointers from the last type down to the first, met from its far end. */
static int index_chain(uint32_t nr)
{
	uint32_t *words = calloc((size_t)nr * 3, sizeof(*words));
	struct play play;
	int ret;

	assert_non_null(words);
	for (uint32_t i = 0; i < nr; i++) {
		words[3 * i + 1] = INFO(BTF_KIND_PTR, 0, 0);
		words[3 * i + 2] = i + 1 < nr ? i + 2 : 0;
	}
	ret = play_base_bytes(&play, fixture_base(words, (size_t)nr * 3, false));
	play_free(&play);
	free(words);
	return ret;
}

static void deep_chains_are_refused(void **state)
{
	(void)state;
	assert_int_equal(index_chain(500), 0);
	assert_int_equal(index_chain(2000), -EINVAL);
	assert_int_equal(index_chain(300000), -EINVAL);
}

static void longer_strings_than_btf_can_address_are_refused(void **state)
{
	const uint32_t type[] = { REF(CONST, 0) };
	char *strings = calloc(1, BTF_MAX_NAME_OFFSET + 2);
	struct play play;

	(void)state;
	assert_non_null(strings);
	assert_int_equal(play_base_bytes(&play, fixture_wrap(type, sizeof(type), strings,
							     BTF_MAX_NAME_OFFSET + 2, false)),
			 -EINVAL);
	play_free(&play);
	free(strings);
}

static void more_types_than_btf_can_address_are_refused(void **state)
{
	size_t nr = (size_t)BTF_MAX_TYPE + 1;
	uint32_t *words = calloc(nr, 3 * sizeof(*words));
	struct play play;

	(void)state;
	assert_non_null(words);
	for (size_t i = 0; i < nr; i++)
		words[3 * i + 1] = INFO(BTF_KIND_PTR, 0, 0);
	assert_int_equal(play_base_bytes(&play, fixture_base(words, nr * 3, false)), -EINVAL);
	play_free(&play);
	assert_int_equal(play_base_bytes(&play, fixture_base(words, (nr - 1) * 3, false)), 0);
	play_free(&play);
	free(words);
}

/* What stands in the place of a reference where a kind has none is nobody's business. */
static void what_is_no_reference_is_not_followed(void **state)
{
	const uint32_t words[] = { TYPE(0, FWD, 0, 0, 0x7fffffff),
				   TYPE(S(foo), FWD, 0, 1, 0x7fffffff), PTR(1),
				   TYPE(0, ENUM, 0, 0, 0x7fffffff) };
	struct play play;

	(void)state;
	assert_int_equal(
		play_base_bytes(&play, fixture_base(words, sizeof(words) / sizeof(*words), false)),
		0);
	assert_int_equal(play.index.rep[3], 3);
	play_free(&play);
}

static void an_empty_base_is_indexed(void **state)
{
	struct play play;

	(void)state;
	assert_int_equal(play_base_bytes(&play, fixture_wrap("", 0, "", 1, false)), 0);
	assert_int_equal(class_of(&play, BTF_KIND_PTR, 0, 0, 3), 0);
	play_free(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_types_form_a_class),
		cmocka_unit_test(equal_shapes_meet_in_and_behind_the_queue),
		cmocka_unit_test(the_members_of_a_class_are_chained),
		cmocka_unit_test(a_name_is_a_class_whatever_its_members),
		cmocka_unit_test(every_string_of_the_base_is_found),
		cmocka_unit_test(the_way_of_arrays_is_noted),
		cmocka_unit_test(functions_and_variables_have_no_class),
		cmocka_unit_test(circles_without_a_name_are_refused),
		cmocka_unit_test(circles_through_a_name_are_not),
		cmocka_unit_test(types_that_do_not_exist_are_refused),
		cmocka_unit_test(deep_chains_are_refused),
		cmocka_unit_test(longer_strings_than_btf_can_address_are_refused),
		cmocka_unit_test(more_types_than_btf_can_address_are_refused),
		cmocka_unit_test(what_is_no_reference_is_not_followed),
		cmocka_unit_test(an_empty_base_is_indexed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
