// SPDX-License-Identifier: GPL-2.0-only
/* Types in a line of C: each case is a type as text, and the line. */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "btf/declare.h"
#include "graph-text.h"

struct declare_case {
	const char *text;
	const char *line;
};

static const struct declare_case declarations[] = {
	{ "*struct foo", "struct foo *x" },
	{ "**const char", "const char **x" },
	{ "const *const char", "const char *const x" },
	{ "volatile *void", "void *volatile x" },
	{ "restrict *char", "char *restrict x" },
	{ "[3]int", "int x[3]" },
	{ "[2][3]int", "int x[2][3]" },
	{ "*[7]int", "int (*x)[7]" },
	{ "[7]*int", "int *x[7]" },
	{ "const [2]char", "const char x[2]" },
	{ "*const [2]int", "const int (*x)[2]" },
	{ "*func(int a, *char) void", "void (*x)(int a, char *)" },
	{ "*func() int", "int (*x)(void)" },
	{ "*func(*char fmt, ...) int", "int (*x)(char *fmt, ...)" },
	{ "*func(int a) *func(*char) int", "int (*(*x)(int a))(char *)" },
	{ "[4]*func() int", "int (*x[4])(void)" },
	{ "*@rcu struct foo", "struct foo __rcu *x" },
	{ "enum e { A=0 }", "enum e x" },
	{ "struct { int a; uint b:3; }", "struct {int a; unsigned int b:3;} x" },
	{ "*struct { *func() void f; }", "struct {void (*f)(void);} *x" },
	{ "union { int a; }", "union {int a;} x" },
	{ "enum { A=0, B=-1 }", "enum {A = 0, B = -1} x" },
};

/* The line for something of type @from. */
static char *declared(const char *from, enum declare_style style)
{
	struct strbuf line = { .text = NULL };
	struct text text = { 0 };
	char named[200];
	struct buffer raw;
	struct btf btf;

	snprintf(named, sizeof(named), "typedef x %s", from);
	text_read(&text, named);
	raw = text_base(&text, false);
	assert_int_equal(btf_open(&btf, buffer_bytes(&raw), NULL, NULL), 0);
	btf_declare(&btf, btf_type(&btf, btf_find(&btf, "x", BTF_KIND_TYPEDEF))->type, "x", style,
		    &line);
	btf_close(&btf);
	buffer_free(&raw);
	text_free(&text);
	return strbuf_take(&line);
}

static void declarations_are_those_of_c(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(declarations) / sizeof(*declarations); i++) {
		char *line = declared(declarations[i].text, DECLARE_WHOLE);

		assert_string_equal(line, declarations[i].line);
		free(line);
	}
}

static void members_can_be_left_out(void **state)
{
	char *line = declared("[2]struct { int a; }", DECLARE_ELIDED);

	(void)state;
	assert_string_equal(line, "struct {...} x[2]");
	free(line);
}

/* Words that no verification has seen. */
static char *hostile(const uint32_t *words, size_t nr, uint32_t id)
{
	struct buffer raw = fixture_base(words, nr, false);
	struct strbuf line = { .text = NULL };
	struct btf btf;

	assert_int_equal(btf_open(&btf, buffer_bytes(&raw), NULL, NULL), 0);
	btf_declare(&btf, id, "x", DECLARE_WHOLE, &line);
	btf_size_of(&btf, id);
	btf_unnamed_in(&btf, id);
	btf_close(&btf);
	buffer_free(&raw);
	return strbuf_take(&line);
}

static void what_has_no_end_is_cut(void **state)
{
	const struct {
		const uint32_t *words;
		size_t nr;
	} cases[] = {
		{ WORDS(PTR(1)) },
		{ WORDS(REF(CONST, 1)) },
		{ WORDS(ARRAY(1, 1, 2)) },
		{ WORDS(PROTO(1, 1), PARAM(0, 1)) },
		{ WORDS(STRUCT(0, 2, 4), MEMBER(S(a), 1, 0), MEMBER(S(b), 1, 0)) },
		{ WORDS(STRUCT(0, 3, 4), MEMBER(S(len512), 1, 0), MEMBER(S(len512), 1, 0),
			MEMBER(S(len512), 1, 0)) },
		{ WORDS(PTR(77)) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *line = hostile(cases[i].words, cases[i].nr, 1);

		assert_non_null(line);
		assert_in_range(strlen(line), 1, 6000);
		free(line);
	}
}

static void sizes_go_through_modifiers_and_arrays(void **state)
{
	const uint32_t words[] = {
		INT,
		TYPEDEF(S(foo), 1),
		REF(CONST, 2),
		ARRAY(3, 1, 5),
		PTR(1),
		ARRAY(5, 1, 3),
		PROTO(0, 0),
		FLOAT(S(double_), 8),
		ARRAY(4, 1, 1u << 31),
	};
	static const uint64_t sizes[] = { 0, 4, 4, 4, 20, 8, 24, 0, 8, 20ull << 31 };
	struct buffer raw = fixture_base(words, sizeof(words) / sizeof(*words), false);
	struct btf btf;

	(void)state;
	assert_int_equal(btf_open(&btf, buffer_bytes(&raw), NULL, NULL), 0);
	for (uint32_t id = 0; id < sizeof(sizes) / sizeof(*sizes); id++)
		assert_int_equal(btf_size_of(&btf, id), sizes[id]);
	btf_close(&btf);
	buffer_free(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(declarations_are_those_of_c),
		cmocka_unit_test(members_can_be_left_out),
		cmocka_unit_test(what_has_no_end_is_cut),
		cmocka_unit_test(sizes_go_through_modifiers_and_arrays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
