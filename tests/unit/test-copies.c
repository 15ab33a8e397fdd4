// SPDX-License-Identifier: GPL-2.0-only
/*
 * Own types side by side with the base's. Each case is a split BTF over one base, and what is found
 * in it, as text: "6 copy 2, 7 drift 2".
 */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "btf/copies.h"
#include "btf/strings.h"

/*
 * 1 int, 2 struct foo { int a; struct bar *b; }, 3 struct bar;, 4 *bar, 5 *foo, 6 foo(int a),
 * 7 typedef foo baz, 8 enum c { a = 1 }, 9 int[3], 10 const int, 11 union { int a; }, 12 *int
 */
static const uint32_t base_words[] = {
	INT,
	STRUCT(S(foo), 2, 16),
	MEMBER(S(a), 1, 0),
	MEMBER(S(b), 4, 64),
	FWD(S(bar), 0),
	PTR(3),
	PTR(2),
	PROTO(1, 0),
	PARAM(S(a), 1),
	TYPEDEF(S(baz), 2),
	ENUM(S(c), 1, 4),
	VALUE(S(a), 1),
	ARRAY(1, 1, 3),
	REF(CONST, 1),
	UNION(0, 1, 4),
	MEMBER(S(a), 1, 0),
	PTR(1),
};

#define END 13 /* of its ids: the first own type */

/* struct foo as the base has it, whatever the ids of its members */
#define FOO(int_id, bar_ptr) \
	STRUCT(S(foo), 2, 16), MEMBER(S(a), int_id, 0), MEMBER(S(b), bar_ptr, 64)

struct split_case {
	const uint32_t *words;
	size_t nr;
	const char *found;
};

static const struct split_case copies[] = {
	{ WORDS(INT), "13 copy 1" },
	{ WORDS(PTR(13)), "" }, /* a pointer to itself: nothing to compare */
	{ WORDS(PTR(1)), "13 copy 12" },
	{ WORDS(INT, PTR(13)), "13 copy 1, 14 copy 12" },
	{ WORDS(REF(CONST, 1)), "13 copy 10" },
	{ WORDS(REF(VOLATILE, 1)), "" },
	{ WORDS(ARRAY(1, 12, 3)), "13 copy 9" }, /* the index type does not count */
	{ WORDS(ARRAY(1, 1, 4)), "" },
	{ WORDS(UNION(0, 1, 4), MEMBER(S(a), 1, 0)), "13 copy 11" },
	{ WORDS(UNION(0, 1, 4), MEMBER(S(b), 1, 0)), "" },
	{ WORDS(TYPEDEF(S(baz), 2)), "13 copy 7" },
	{ WORDS(TYPEDEF(S(baz), 1)), "" },
	{ WORDS(TYPEDEF(S(bar), 2)), "" },
	{ WORDS(PROTO(1, 0), PARAM(S(a), 1)), "13 copy 6" },
	{ WORDS(PROTO(1, 0), PARAM(S(b), 1)), "" },
	{ WORDS(FOO(1, 4)), "13 copy 2" },
	{ WORDS(INT, FOO(13, 4)), "13 copy 1, 14 copy 2" },
	{ WORDS(FOO(1, 4), PTR(13)), "13 copy 2, 14 copy 5" },
	/* A declaration is the struct of its name. */
	{ WORDS(FWD(S(foo), 0)), "13 copy 2" },
	{ WORDS(FWD(S(foo), 0), PTR(13)), "13 copy 2, 14 copy 5" },
	{ WORDS(FWD(S(foo), 1)), "" }, /* of a union */
	{ WORDS(ENUM(S(c), 1, 4), VALUE(S(a), 1)), "13 copy 8" },
	/* Functions are never the base's. */
	{ WORDS(FUNC(S(foo), 0, 6)), "" },
	{ WORDS(VAR(S(foo), 2, 0)), "" },
	/* Nowhere is nothing that could be compared. */
	{ WORDS(PTR(99)), "" },
	{ WORDS(STRUCT(S(foo), 1, 4), MEMBER(S(a), 99, 0)), "13 drift 2" },
	{ WORDS(STRUCT(0, 1, 4), MEMBER(S(a), 13, 0)), "" },
};

static const struct split_case definitions[] = {
	/* Another layout of the base's: pointers to it are the base's all the same. */
	{ WORDS(STRUCT(S(foo), 2, 8), MEMBER(S(a), 1, 0), MEMBER(S(b), 1, 32), PTR(13)),
	  "13 drift 2, 14 copy 5" },
	{ WORDS(STRUCT(S(foo), 1, 4), MEMBER(S(a), 1, 0)), "13 drift 2" }, /* half in common */
	{ WORDS(STRUCT(S(foo), 0, 0)), "13 drift 2" },
	{ WORDS(ENUM(S(c), 1, 4), VALUE(S(a), 2)), "13 drift 8" },
	/* Nothing but the name: pointers to it are the module's. */
	{ WORDS(STRUCT(S(foo), 2, 8), MEMBER(S(c), 1, 0), MEMBER(S(d), 1, 32), PTR(13)),
	  "13 homonym 2" },
	{ WORDS(STRUCT(S(foo), 2, 8), MEMBER(S(c), 1, 0), MEMBER(S(d), 1, 32), FWD(S(foo), 0),
		PTR(14)),
	  "13 homonym 2" },
	{ WORDS(STRUCT(S(foo), 1, 4), MEMBER(0, 14, 0), STRUCT(0, 1, 4), MEMBER(S(a), 1, 0)),
	  "13 drift 2" }, /* members of an anonymous one count */
	/* The base only declares it: the definition is the module's, and what refers to it too. */
	{ WORDS(STRUCT(S(bar), 1, 4), MEMBER(S(a), 1, 0)), "" },
	{ WORDS(STRUCT(S(bar), 1, 4), MEMBER(S(a), 1, 0), PTR(13)), "" },
	/* But a definition that the base has as well is the same with either. */
	{ WORDS(STRUCT(S(bar), 1, 4), MEMBER(S(a), 1, 0), PTR(13), FOO(1, 14)), "15 copy 2" },
	{ WORDS(PTR(14), FWD(S(bar), 0)), "13 copy 4, 14 copy 3" },
};

static const struct split_case duplicates[] = {
	{ WORDS(REF(VOLATILE, 1), REF(VOLATILE, 1)), "14 duplicate 13" },
	{ WORDS(REF(VOLATILE, 1), PTR(13), REF(VOLATILE, 1), PTR(15)),
	  "15 duplicate 13, 16 duplicate 14" },
	{ WORDS(INT, INT), "13 copy 1, 14 copy 1" },
	{ WORDS(STRUCT(OWN(own), 1, 4), MEMBER(S(a), 1, 0), PTR(13), PTR(13)), "15 duplicate 14" },
	{ WORDS(STRUCT(OWN(own), 1, 4), MEMBER(S(a), 1, 0), STRUCT(OWN(own), 1, 4),
		MEMBER(S(a), 1, 0)),
	  "14 duplicate 13" },
	{ WORDS(STRUCT(OWN(own), 1, 4), MEMBER(S(a), 1, 0), STRUCT(OWN(own), 1, 4),
		MEMBER(S(b), 1, 0)),
	  "" },
	/* Each refers to itself. */
	{ WORDS(STRUCT(OWN(own), 1, 8), MEMBER(S(a), 14, 0), PTR(13), STRUCT(OWN(own), 1, 8),
		MEMBER(S(a), 16, 0), PTR(15)),
	  "15 duplicate 13" },
	/* Alike but for what they lead to: they stay two, and so do pointers to them. */
	{ WORDS(STRUCT(OWN(own), 1, 8), MEMBER(S(a), 14, 0), PTR(15), STRUCT(OWN(mine), 1, 4),
		MEMBER(S(a), 1, 0), STRUCT(OWN(own), 1, 8), MEMBER(S(a), 17, 0), PTR(18),
		STRUCT(OWN(mine), 1, 4), MEMBER(S(b), 1, 0)),
	  "" },
	/* A declaration is no second definition, and what refers to either is the same. */
	{ WORDS(FWD(OWN(own), 0), PTR(13), STRUCT(OWN(own), 1, 4), MEMBER(S(a), 1, 0), PTR(15)),
	  "16 duplicate 14" },
	{ WORDS(DECL_TAG(S(a), 14, -1), STRUCT(OWN(own), 1, 4), MEMBER(S(a), 1, 0),
		DECL_TAG(S(a), 14, -1), DECL_TAG(S(b), 14, -1)),
	  "15 duplicate 13" },
};

static void run(const struct split_case *cases, size_t nr)
{
	static const char *const words[] = { [BTF_COPY] = "copy",
					     [BTF_DRIFT] = "drift",
					     [BTF_HOMONYM] = "homonym",
					     [BTF_DUPLICATE] = "duplicate" };
	struct buffer raw = fixture_base(base_words, sizeof(base_words) / 4, false);
	struct btf_index index;
	struct btf base;

	assert_int_equal(btf_open(&base, buffer_bytes(&raw), NULL, NULL), 0);
	assert_int_equal(btf_end_id(&base), END);
	assert_int_equal(btf_index_build(&index, &base, NULL), 0);
	for (size_t i = 0; i < nr; i++) {
		struct buffer split = fixture_split(cases[i].words, cases[i].nr, false);
		btf_related_t found = { 0 };
		char text[200] = "", *p = text;
		struct btf btf;

		assert_int_equal(btf_open(&btf, buffer_bytes(&split), &base, NULL), 0);
		assert_int_equal(btf_find_related(&btf, &index, &found, NULL), 0);
		for (uint32_t f = 0; f < found.nr; f++)
			p += sprintf(p, "%s%u %s %u", f ? ", " : "", found.at[f].id,
				     words[found.at[f].relation], found.at[f].other);
		if (strcmp(text, cases[i].found))
			fail_msg("case %zu: found '%s', not '%s'", i, text, cases[i].found);
		vec_free(&found);
		btf_close(&btf);
		buffer_free(&split);
	}
	btf_index_free(&index);
	btf_close(&base);
	buffer_free(&raw);
}

#define RUN(cases) run(cases, sizeof(cases) / sizeof(*(cases)))

static void what_equals_a_base_type_is_a_copy(void **state)
{
	(void)state;
	RUN(copies);
}

static void other_definitions_of_a_name_are_drift_or_homonyms(void **state)
{
	(void)state;
	RUN(definitions);
}

static void own_types_that_are_the_same_are_duplicates(void **state)
{
	(void)state;
	RUN(duplicates);
}

/* An own string that the base has too is the base's. */
static void names_are_compared_as_text(void **state)
{
	static const char strings[] = "foo\0b\0a";
	const uint32_t at = sizeof(struct fixture_strings);
	const uint32_t words[] = { STRUCT(at, 2, 16), MEMBER(at + 6, 1, 0), MEMBER(at + 4, 4, 64) };
	struct buffer raw = fixture_base(base_words, sizeof(base_words) / 4, false);
	struct buffer split = fixture_wrap(words, sizeof(words), strings, sizeof(strings), false);
	btf_related_t found = { 0 };
	struct btf_index index;
	struct btf base, btf;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&raw), NULL, NULL), 0);
	assert_int_equal(btf_index_build(&index, &base, NULL), 0);
	assert_int_equal(btf_open(&btf, buffer_bytes(&split), &base, NULL), 0);
	assert_int_equal(btf_find_related(&btf, &index, &found, NULL), 0);
	assert_int_equal(found.nr, 1);
	assert_int_equal(found.at[0].relation, BTF_COPY);
	assert_int_equal(found.at[0].other, 2);
	vec_free(&found);
	btf_close(&btf);
	btf_index_free(&index);
	btf_close(&base);
	buffer_free(&split);
	buffer_free(&raw);
}

static void names_begin_where_strings_begin(void **state)
{
	const uint32_t right[] = { STRUCT(S(foo), 1, 4), MEMBER(OWN(own), 1, 0),
				   TYPEDEF(OWN(mine), 1), PTR(1) };
	const uint32_t wrong[] = { STRUCT(S(foo), 2, 4), MEMBER(S(foo) + 1, 1, 0),
				   MEMBER(OWN(own) + 1, 1, 0), TYPEDEF(S(bar) + 2, 1) };
	struct buffer raw = fixture_base(base_words, sizeof(base_words) / 4, false);
	struct buffer a = fixture_split(right, sizeof(right) / 4, false);
	struct buffer b = fixture_split(wrong, sizeof(wrong) / 4, false);
	struct btf_misplaced found;
	struct btf base, btf;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&raw), NULL, NULL), 0);
	assert_int_equal(btf_open(&btf, buffer_bytes(&a), &base, NULL), 0);
	btf_find_misplaced(&btf, &found);
	assert_int_equal(found.nr, 0);
	assert_int_equal(found.nr_names, 4);
	btf_close(&btf);
	assert_int_equal(btf_open(&btf, buffer_bytes(&b), &base, NULL), 0);
	btf_find_misplaced(&btf, &found);
	assert_int_equal(found.nr, 3);
	assert_int_equal(found.first, END);
	btf_close(&btf);
	btf_close(&base);
	buffer_free(&a);
	buffer_free(&b);
	buffer_free(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_equals_a_base_type_is_a_copy),
		cmocka_unit_test(other_definitions_of_a_name_are_drift_or_homonyms),
		cmocka_unit_test(own_types_that_are_the_same_are_duplicates),
		cmocka_unit_test(names_are_compared_as_text),
		cmocka_unit_test(names_begin_where_strings_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
