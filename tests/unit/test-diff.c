// SPDX-License-Identifier: GPL-2.0-only
/*
 * Differences by name and meaning. What is found is written as one line: "+ int f(void); ! struct foo
 * [- @4 int b]"; of types that changed, the lines of the layout that differ.
 */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "btf/diff.h"
#include "graph-text.h"

static void put_line(struct strbuf *out, const struct layout *layout, uint32_t line)
{
	char place[LAYOUT_PLACE_ROOM];

	layout_place(layout, &layout->lines.at[line], place);
	strbuf_printf(out, layout->values ? "=%s " : "@%s ", place);
	strbuf_puts(out, layout->lines.at[line].text);
}

static void put_row(struct strbuf *out, const struct layout layouts[2],
		    const struct layout_row *row)
{
	static const char marks[] = {
		[LAYOUT_LOST] = '-', [LAYOUT_GAINED] = '+', [LAYOUT_MOVED] = '!', [LAYOUT_RETYPED] = '~'
	};

	if (row->change == LAYOUT_SAME)
		return;
	strbuf_printf(out, " [%c ", marks[row->change]);
	if (row->old_line != LAYOUT_NO_LINE)
		put_line(out, &layouts[0], row->old_line);
	if (row->old_line != LAYOUT_NO_LINE && row->new_line != LAYOUT_NO_LINE)
		strbuf_puts(out, " -> ");
	if (row->new_line != LAYOUT_NO_LINE)
		put_line(out, &layouts[1], row->new_line);
	strbuf_puts(out, "]");
}

static void put_layouts(struct strbuf *out, const struct difference *d)
{
	struct layout layouts[2];
	layout_rows_t rows = { 0 };

	for (int i = 0; i < 2; i++)
		assert_int_equal(layout_read(&layouts[i], d->view[i], d->id[i], NULL), 0);
	if (layouts[0].has_size && layouts[0].size != layouts[1].size)
		strbuf_printf(out, " size %u -> %u", (unsigned int)layouts[0].size,
			      (unsigned int)layouts[1].size);
	assert_int_equal(layout_compare(&layouts[0], &layouts[1], &rows, NULL), 0);
	for (uint32_t i = 0; i < rows.nr; i++)
		put_row(out, layouts, &rows.at[i]);
	vec_free(&rows);
	layout_free(&layouts[0]);
	layout_free(&layouts[1]);
}

static void put_difference(struct strbuf *out, const struct difference *d)
{
	static const char marks[] = { [DIFF_GAINED] = '+', [DIFF_LOST] = '-', [DIFF_CHANGED] = '!' };

	strbuf_printf(out, "%s%c ", out->len ? "; " : "", marks[d->change]);
	difference_text(d, d->change == DIFF_GAINED, out);
	if (d->change != DIFF_CHANGED)
		return;
	if (d->sort != DIFF_TYPE || d->kind == BTF_KIND_TYPEDEF) {
		strbuf_puts(out, " -> ");
		difference_text(d, 1, out);
	}
	if (d->sort == DIFF_TYPE)
		put_layouts(out, d);
}

static char *found(const struct diff_side *old, const struct diff_side *new)
{
	struct strbuf out = { .text = NULL };
	struct btf_diff diff;

	assert_int_equal(btf_diff(&diff, old, new, NULL), 0);
	for (uint32_t i = 0; i < diff.found.nr; i++)
		put_difference(&out, &diff.found.at[i]);
	btf_diff_free(&diff);
	return strbuf_take(&out);
}

/* ---- two kernels, as texts ---- */

static void open_text(struct btf *btf, struct buffer *raw, const char *from, bool big)
{
	struct text text = { 0 };

	text_read(&text, from);
	*raw = text_base(&text, big);
	text_free(&text);
	assert_int_equal(btf_open(btf, buffer_bytes(raw), NULL, NULL), 0);
}

static void differ_in_order(const char *old, const char *new, const char *expected, bool big)
{
	struct diff_side sides[2] = { 0 };
	struct buffer raws[2];
	struct btf btfs[2];
	char *text;

	open_text(&btfs[0], &raws[0], old, false);
	open_text(&btfs[1], &raws[1], new, big);
	sides[0].btf = &btfs[0];
	sides[1].btf = &btfs[1];
	text = found(&sides[0], &sides[1]);
	assert_string_equal(text, expected);
	free(text);
	for (int i = 0; i < 2; i++) {
		btf_close(&btfs[i]);
		buffer_free(&raws[i]);
	}
}

static void differ(const char *old, const char *new, const char *expected)
{
	differ_in_order(old, new, expected, false);
	differ_in_order(old, new, expected, true);
	differ_in_order(old, old, "", false);
	differ_in_order(new, new, "", true);
}

static void order_and_ids_do_not_count(void **state)
{
	(void)state;
	differ("int; struct foo { int a; *struct bar p; }; struct bar { long b; }; typedef t struct foo",
	       "typedef t struct foo; **char; struct bar { long b; }; int;"
	       "struct foo { int a; *struct bar p; }",
	       "+ char, signed");
}

static void functions_come_and_go(void **state)
{
	(void)state;
	differ("int; char; fn a(int x) int; fn b() void",
	       "int; char; fn b() void; fn c(*char s, ...) void",
	       "- int a(int x); + void c(char *s, ...)");
}

static void prototypes_change(void **state)
{
	(void)state;
	differ("int; char; fn f(int x) int", "char; fn f(int x, char y) int",
	       "! int f(int x) -> int f(int x, char y)");
	differ("int; char; fn f(int x) int", "char; fn f(int y) int",
	       "! int f(int x) -> int f(int y)");
	differ("int; char; fn f(int x) int", "char; int; fn f(int x) char",
	       "! int f(int x) -> char f(int x)");
}

static void members_change(void **state)
{
	(void)state;
	differ("long; struct foo { int a; int b; }", "long; struct foo { int a; long b; }",
	       "! struct foo size 8 -> 16 [~ @4 int b -> @8 long int b]");
	differ("long; struct foo { int a; int b; int c; }", "long; struct foo { int a; int c; }",
	       "! struct foo size 12 -> 8 [- @4 int b] [! @8 int c -> @4 int c]");
	differ("struct foo { int a; int b; }", "struct foo { int b; int a; }",
	       "! struct foo [! @4 int b -> @0 int b] [! @0 int a -> @4 int a]");
	differ("uint; struct foo { uint a:3; uint b:4; }", "struct foo { uint a:4; uint b:4; }",
	       "! struct foo [~ @0 unsigned int a:3 -> @0 unsigned int a:4]"
	       " [! @0:3 unsigned int b:4 -> @0:4 unsigned int b:4]");
}

static void anonymous_members_are_looked_into(void **state)
{
	(void)state;
	differ("long; struct foo { union { int a; int b; } ; }",
	       "long; struct foo { union { int a; long b; } ; }",
	       "! struct foo size 4 -> 8 [! @0 union {...} -> @0 union {...}]"
	       " [~ @0 int b -> @0 long int b]");
	/* A union that is put around members is all that is new. */
	differ("struct foo { int a; int b; }", "struct foo { union { int a; int z; } ; int b; }",
	       "! struct foo [+ @0 union {...}] [+ @0 int z]");
	differ("int; long; struct foo { struct { int a; } in; }",
	       "int; long; struct foo { struct { long a; } in; }",
	       "! struct foo size 4 -> 8 [! @0 struct {...} in -> @0 struct {...} in]"
	       " [~ @0 int a -> @0 long int a]");
	/* Names in different scopes are different names. */
	differ("struct foo { struct { int a; } x; struct { int a; } y; }",
	       "struct foo { struct { int a; } y; }",
	       "! struct foo size 8 -> 4 [- @0 struct {...} x] [- @0 int a]"
	       " [! @4 struct {...} y -> @0 struct {...} y] [! @4 int a -> @0 int a]");
}

/* One that changed does not change what refers to it; embedding moves what is behind. */
static void references_go_by_name(void **state)
{
	(void)state;
	differ("struct foo { int a; }; struct bar { *struct foo p; }; fn f(*struct foo p) void",
	       "struct foo { int b; }; struct bar { *struct foo p; }; fn f(*struct foo p) void",
	       "! struct foo [- @0 int a] [+ @0 int b]");
	differ("int; char; typedef t int; fn f(t x) void",
	       "int; char; typedef t char; fn f(t x) void", "! typedef int t -> typedef char t");
	/* A declaration is the struct of its name. */
	differ("int; *struct foo; fn f(*struct foo p) void",
	       "int; struct foo { int a; }; fn f(*struct foo p) void", "+ struct foo");
}

static void typedefs_of_the_unnamed_have_its_lines(void **state)
{
	(void)state;
	differ("long; int; typedef t struct { int a; }", "int; typedef t struct { long a; }",
	       "! typedef struct {...} t -> typedef struct {...} t size 4 -> 8"
	       " [~ @0 int a -> @0 long int a]");
}

static void enumerators_change(void **state)
{
	(void)state;
	differ("enum e { A=0, B=1, C=2 }", "enum e { A=0, C=1, D=2 }",
	       "! enum e [- =1 B] [! =2 C -> =1 C] [+ =2 D]");
	differ("enum { A=0, B=1 }", "enum { A=0, B=1, C=2 }", "! enum {A, ...} [+ =2 C]");
	differ("enum { A=0 }", "enum { Z=0 }", "- enum {A}; + enum {Z}");
	/* Which of the two kinds it is, is the encoder's business; its size is not. */
	differ("enum e { A=-1 }", "enum64 e { A=-1 }", "! enum e size 4 -> 8");
	/* One that is used is told with what uses it. */
	differ("struct foo { enum { A=0 } a; }", "struct foo { enum { A=1 } a; }",
	       "! struct foo [~ @0 enum {A = 0} a -> @0 enum {A = 1} a]");
}

static void sorts_of_one_name_are_apart(void **state)
{
	(void)state;
	differ("struct foo { int a; }; union foo { int a; }",
	       "struct foo { int a; }; enum foo { A=1 }", "- union foo; + enum foo");
}

static void several_definitions_of_a_name(void **state)
{
	(void)state;
	differ("long; int; struct foo { int a; }; struct foo { long b; }",
	       "long; struct foo { long b; }; struct foo { int a; }", "");
	differ("long; struct foo { int a; }; struct foo { long b; }",
	       "long; struct foo { long b; }; struct foo { int a; int c; }",
	       "! struct foo size 4 -> 8 [+ @4 int c]");
	differ("long; struct foo { int a; }; struct foo { long b; }", "int; struct foo { long b; }",
	       "- struct foo");
}

/* ---- split BTF ---- */

struct split {
	struct buffer base_raw, raw;
	struct btf base, btf;
	struct diff_side side;
};

static void split_open(struct split *s, const uint32_t *base, size_t nr_base, const uint32_t *own,
		       size_t nr_own, bool distilled)
{
	s->base_raw = fixture_base(base, nr_base, false);
	s->raw = fixture_split(own, nr_own, false);
	assert_int_equal(btf_open(&s->base, buffer_bytes(&s->base_raw), NULL, NULL), 0);
	assert_int_equal(btf_open(&s->btf, buffer_bytes(&s->raw), &s->base, NULL), 0);
	s->side = (struct diff_side){ &s->btf, &s->base, distilled };
}

static void split_close(struct split *s)
{
	btf_close(&s->btf);
	btf_close(&s->base);
	buffer_free(&s->base_raw);
	buffer_free(&s->raw);
}

static void splits_differ(struct split *old, struct split *new, const char *expected)
{
	char *text = found(&old->side, &new->side);

	assert_string_equal(text, expected);
	free(text);
	split_close(old);
	split_close(new);
}

/* struct foo { int a; } as type @at and the int it needs as type 1 */
#define FOO STRUCT(S(foo), 1, 4), MEMBER(S(a), 1, 0)
#define FOO_2 STRUCT(S(foo), 2, 8), MEMBER(S(a), 1, 0), MEMBER(S(b), 1, 32)

static void an_own_type_that_the_other_base_has_is_no_difference(void **state)
{
	struct split old, new;

	(void)state;
	split_open(&old, WORDS(INT, LONG), WORDS(FOO), false);
	split_open(&new, WORDS(LONG, STRUCT(S(foo), 1, 4), MEMBER(S(a), 3, 0), INT), WORDS(LONG),
		   false);
	splits_differ(&old, &new, "");
	split_open(&old, WORDS(INT, FOO), WORDS(LONG), false);
	split_open(&new, WORDS(INT), WORDS(FOO), false);
	splits_differ(&old, &new, "- long int, signed");
}

static void copies_of_the_own_base_do_not_count(void **state)
{
	struct split old, new;

	(void)state;
	split_open(&old, WORDS(INT, FOO), WORDS(FOO), false);
	split_open(&new, WORDS(INT), WORDS(PTR(1)), false);
	splits_differ(&old, &new, "");
	/* Both copies, of bases that differ: that is the kernel's change. */
	split_open(&old, WORDS(INT, FOO), WORDS(FOO), false);
	split_open(&new, WORDS(INT, FOO_2), WORDS(FOO_2), false);
	splits_differ(&old, &new, "");
}

static void an_own_type_that_the_other_base_has_otherwise_changed(void **state)
{
	struct split old, new;

	(void)state;
	split_open(&old, WORDS(INT), WORDS(FOO), false);
	split_open(&new, WORDS(INT, FOO_2), WORDS(PTR(2)), false);
	splits_differ(&old, &new, "! struct foo size 4 -> 8 [+ @4 int b]");
	/* Unless it shares but the name. */
	split_open(&old, WORDS(INT), WORDS(FOO), false);
	split_open(&new, WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(c), 1, 0)), WORDS(PTR(2)),
		   false);
	splits_differ(&old, &new, "- struct foo");
}

static void a_distilled_base_knows_sizes(void **state)
{
	struct split old, new;

	(void)state;
	split_open(&old, WORDS(INT), WORDS(FOO), false);
	split_open(&new, WORDS(INT, STRUCT(S(foo), 0, 4)), WORDS(PTR(2)), true);
	splits_differ(&old, &new, "");
	split_open(&old, WORDS(INT), WORDS(FOO), false);
	split_open(&new, WORDS(INT, STRUCT(S(foo), 0, 8)), WORDS(PTR(2)), true);
	splits_differ(&old, &new, "! struct foo size 4 -> 8 [- @0 int a]");
	split_open(&old, WORDS(INT), WORDS(ENUM(S(foo), 1, 4), VALUE(S(a), 1)), false);
	split_open(&new, WORDS(INT, ENUM(S(foo), 0, 4)), WORDS(PTR(2)), true);
	splits_differ(&old, &new, "");
}

static void variables_have_type_and_section(void **state)
{
	struct split old, new;

	(void)state;
	split_open(&old, WORDS(INT, LONG),
		   WORDS(VAR(S(a), 1, 0), VAR(S(b), 1, 0), VAR(S(c), 1, 0),
			 DATASEC(S(dotted), 2, 8), SECINFO(3, 0, 4), SECINFO(4, 4, 4)),
		   false);
	/* Where it lies in its section is no matter; in which one is. */
	split_open(&new, WORDS(INT, LONG),
		   WORDS(DATASEC(S(dotted), 2, 12), SECINFO(5, 0, 4), SECINFO(6, 4, 8),
			 VAR(S(d), 1, 0), VAR(S(a), 1, 0), VAR(S(b), 2, 0), VAR(S(c), 1, 0)),
		   false);
	splits_differ(&old, &new, "! int b -> long int b; + int d");
	split_open(&old, WORDS(INT),
		   WORDS(VAR(S(a), 1, 0), DATASEC(S(foo), 1, 4), SECINFO(2, 0, 4)), false);
	split_open(&new, WORDS(INT),
		   WORDS(VAR(S(a), 1, 0), DATASEC(S(bar), 1, 4), SECINFO(2, 0, 4)), false);
	splits_differ(&old, &new, "! int a -> int a");
}

/*
 * A kernel: so many types that it would have arrays of arrays if its encoder wrote them. @nested: it
 * has. struct foo holds @rows times @columns ints.
 */
static void open_kernel(struct btf *btf, struct buffer *raw, bool nested, uint32_t rows,
			uint32_t columns)
{
	const uint32_t start[] = { INT, ARRAY(1, 1, nested ? columns : rows * columns),
				   ARRAY(2, 1, rows), STRUCT(S(foo), 1, 24),
				   MEMBER(S(a), nested ? 3 : 2, 0) };
	const uint32_t pointer[] = { PTR(1) };
	const uint32_t nr = sizeof(start) / sizeof(*start), unnested = 3 + 1 + 6;
	VEC(uint32_t) words = { 0 };

	for (uint32_t i = 0; i < nr; i++) {
		/* Without the ARRAY of ARRAY: a CONST in its place keeps the ids. */
		if (!nested && i == unnested) {
			const uint32_t other[] = { REF(CONST, 1) };

			for (uint32_t w = 0; w < 3; w++)
				assert_true(vec_push(&words, other[w]));
			i += 5;
			continue;
		}
		assert_true(vec_push(&words, start[i]));
	}
	for (uint32_t i = 0; i < 10000 * 3; i++)
		assert_true(vec_push(&words, pointer[i % 3]));
	*raw = fixture_base(words.at, words.nr, false);
	vec_free(&words);
	assert_int_equal(btf_open(btf, buffer_bytes(raw), NULL, NULL), 0);
}

static void arrays_differ(bool old_nested, bool new_nested, uint32_t rows, uint32_t columns,
			  bool expected)
{
	struct diff_side sides[2] = { 0 };
	struct buffer raws[2];
	struct btf btfs[2];
	char *text;

	open_kernel(&btfs[0], &raws[0], old_nested, 2, 3);
	open_kernel(&btfs[1], &raws[1], new_nested, rows, columns);
	sides[0].btf = &btfs[0];
	sides[1].btf = &btfs[1];
	text = found(&sides[0], &sides[1]);
	assert_int_equal(*text != '\0', expected);
	free(text);
	for (int i = 0; i < 2; i++) {
		btf_close(&btfs[i]);
		buffer_free(&raws[i]);
	}
}

static void how_arrays_of_arrays_are_written_does_not_count(void **state)
{
	(void)state;
	arrays_differ(true, true, 2, 3, false);
	arrays_differ(true, true, 3, 2, true);
	arrays_differ(true, false, 2, 3, false);
	arrays_differ(false, true, 3, 2, false); /* it cannot be told */
	arrays_differ(false, true, 2, 4, true);
	arrays_differ(false, false, 2, 4, true);
}

/* References to nowhere, to themselves, to what may not stand there. */
static void anything_that_opens_can_be_compared(void **state)
{
	const struct {
		const uint32_t *words;
		size_t nr;
	} cases[] = {
		{ WORDS(PTR(2), TYPEDEF(S(foo), 2)) },
		{ WORDS(STRUCT(0, 1, 4), MEMBER(0, 2, 0)) },
		{ WORDS(STRUCT(S(foo), 2, 4), MEMBER(0, 3, 0), MEMBER(0, 3, 0), STRUCT(0, 2, 4),
			MEMBER(0, 3, 0), MEMBER(0, 3, 0)) },
		{ WORDS(FUNC(S(foo), 0, 99), FUNC(S(foo), 0, 2), FUNC(0, 0, 2)) },
		{ WORDS(DATASEC(S(foo), 3, 4), SECINFO(1, 0, 4), SECINFO(99, 0, 4),
			SECINFO(2, 0, 4)) },
		{ WORDS(ENUM(S(foo), 2, 4), VALUE(S(a), 1), VALUE(S(a), 2)) },
		{ WORDS(STRUCT(S(foo), 2, 4), MEMBER(S(a), 1, 0), MEMBER(S(a), 1, 32)) },
		{ WORDS(TYPEDEF(S(foo), 77), ARRAY(78, 79, 80), DECL_TAG(S(a), 99, 7)) },
	};
	const size_t nr = sizeof(cases) / sizeof(*cases);

	(void)state;
	/* Each with itself, and with the next one. */
	for (size_t i = 0; i < 2 * nr; i++) {
		const size_t a = i / 2, b = (a + i % 2) % nr;
		struct split old, new;
		char *text;

		split_open(&old, WORDS(INT), cases[a].words, cases[a].nr, false);
		split_open(&new, WORDS(INT), cases[b].words, cases[b].nr, i / 4 % 2);
		text = found(&old.side, &new.side);
		if (a == b)
			assert_string_equal(text, "");
		free(text);
		split_close(&old);
		split_close(&new);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_ids_do_not_count),
		cmocka_unit_test(functions_come_and_go),
		cmocka_unit_test(prototypes_change),
		cmocka_unit_test(members_change),
		cmocka_unit_test(anonymous_members_are_looked_into),
		cmocka_unit_test(references_go_by_name),
		cmocka_unit_test(typedefs_of_the_unnamed_have_its_lines),
		cmocka_unit_test(enumerators_change),
		cmocka_unit_test(sorts_of_one_name_are_apart),
		cmocka_unit_test(several_definitions_of_a_name),
		cmocka_unit_test(an_own_type_that_the_other_base_has_is_no_difference),
		cmocka_unit_test(copies_of_the_own_base_do_not_count),
		cmocka_unit_test(an_own_type_that_the_other_base_has_otherwise_changed),
		cmocka_unit_test(a_distilled_base_knows_sizes),
		cmocka_unit_test(variables_have_type_and_section),
		cmocka_unit_test(how_arrays_of_arrays_are_written_does_not_count),
		cmocka_unit_test(anything_that_opens_can_be_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
