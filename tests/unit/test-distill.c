// SPDX-License-Identifier: GPL-2.0-only
/* What a module carries in .BTF.base, and what its .BTF becomes over that. */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "btf/distill.h"
#include "btf/verify.h"
#include "graph-fixture.h"

/* The own types of @btf in one text, in the order of ids. The caller frees it. */
static char *text_of(const struct btf *btf)
{
	char **items, *text = calloc(1, 10000);
	uint32_t nr = render(btf, &items);

	for (uint32_t i = 0; i < nr; i++)
		sprintf(text + strlen(text), "%s%s", i ? "; " : "", items[i]);
	render_free(items, nr);
	return text;
}

/* The same of a distilled base: "STRUCT foo 16; ...". */
static char *heads_of(const struct btf *btf)
{
	char *text = calloc(1, 10000);

	for (uint32_t id = 1; id < btf_end_id(btf); id++) {
		const struct btf_type *t = btf_type(btf, id);

		assert_int_equal(btf_vlen(t), 0);
		sprintf(text + strlen(text), "%s%s%s %s %u", id > 1 ? "; " : "",
			btf_kind_name(btf_kind(t)), btf_kflag(t) ? "!" : "", btf_name(btf, t),
			t->size);
	}
	return text;
}

static void opens(struct btf *btf, const struct buffer *bytes, const struct btf *base)
{
	struct error err = ERROR_INIT;

	if (btf_open(btf, buffer_bytes(bytes), base, &err))
		fail_msg("%s", err.text);
}

static void reads(const struct buffer *bytes, const struct btf *base, struct btf *btf,
		  const char *want)
{
	char *text;

	opens(btf, bytes, base);
	text = base ? text_of(btf) : heads_of(btf);
	assert_string_equal(text, want);
	free(text);
}

/* Takes out the marks that say whose a type is, and which of one name. */
static void without_marks(char *text)
{
	char *to = text;

	for (const char *p = text; *p; p++) {
		if (*p == '#')
			p += strspn(p + 1, "0123456789");
		else if (*p != '+')
			*to++ = *p;
	}
	*to = '\0';
}

/* Each type of @plain stands in @relocated, in the same words. */
static void holds_all_of(const struct btf *relocated, const struct btf *plain)
{
	char **got, **want;
	uint32_t nr_got = render(relocated, &got), nr = render(plain, &want);

	for (uint32_t i = 0; i < nr_got; i++)
		without_marks(got[i]);
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t at = 0;

		without_marks(want[i]);
		while (at < nr_got && strcmp(got[at], want[i]))
			at++;
		if (at == nr_got)
			fail_msg("'%s' is lost", want[i]);
		got[at][0] = '\0';
	}
	render_free(got, nr_got);
	render_free(want, nr);
}

static void comes_back(const struct play *play, struct relocate_base *names,
		       const struct btf *split)
{
	struct error err = ERROR_INIT;
	struct relocation r;
	struct buffer bytes;
	struct btf relocated;

	if (btf_relocate_match(split, names, &r, &err) ||
	    btf_relocate(split, &play->base, &r, &bytes, &err))
		fail_msg("%s", err.text);
	opens(&relocated, &bytes, &play->base);
	if (btf_verify(&relocated, &err))
		fail_msg("%s", err.text);
	holds_all_of(&relocated, &play->btf);
	btf_close(&relocated);
	buffer_free(&bytes);
	relocation_free(&r);
}

/*
 * The module's types are @split over the distilled base @base, and relocation onto the scene's own
 * base brings back what was distilled. @ambiguous: types that could not be told by their names.
 */
static void distils_so(const struct scene *scene, bool sorted, uint32_t ambiguous, const char *base,
		       const char *split)
{
	for (int big = 0; big < 2; big++) {
		struct play play;
		struct relocate_base names;
		struct distilled d;
		struct btf base_btf, split_btf;

		if (play_scene(&play, scene, (struct variation){ .big_endian = big }))
			fail_msg("%s", play.err.text);
		relocate_base_init(&names, &play.index);
		if (btf_distill(&play.btf, &names, sorted, &d, &play.err))
			fail_msg("%s", play.err.text);
		reads(&d.base, NULL, &base_btf, base);
		reads(&d.split, &base_btf, &split_btf, split);
		assert_int_equal(base_btf.big_endian, big);
		assert_int_equal(split_btf.big_endian, big);
		assert_int_equal(d.nr_base, base_btf.nr);
		assert_int_equal(d.nr_moved, split_btf.nr - play.btf.nr);
		assert_int_equal(d.nr_ambiguous, ambiguous);
		comes_back(&play, &names, &split_btf);
		btf_close(&split_btf);
		btf_close(&base_btf);
		distilled_free(&d);
		relocate_base_free(&names);
		play_free(&play);
	}
}

static void distils(const struct scene *scene, const char *base, const char *split)
{
	distils_so(scene, false, 0, base, split);
}

static void named_types_stay_without_their_insides(void **state)
{
	(void)state;
	distils(SCENE("int; long; double; struct foo { int a; long b; }; union bar { int a; };"
		      "enum e { A=1 }; enum64 f { B=1 }; *struct foo; *union bar; struct s#0; union u#0;"
		      "*struct s#0; *union u#0",
		      "struct own { *struct foo p; *union bar q; double d; *struct s s; *union u u; }",
		      "enum e { A=1 }; enum64 f { B=1 }; struct own2 { enum e e; enum f f; long l; }"),
		"INT long int 8; FLOAT double 8; STRUCT foo 16; UNION bar 4; ENUM e 4; "
		"ENUM f 8; FWD s 0; FWD! u 0",
		"struct own { +*struct foo p; +*union bar q; double d; +*struct s#0 s; "
		"+*union u#0 u; }; struct own2 { enum e#0 e; enum f#0 f; long l; }; "
		"*struct foo; *union bar; *struct s#0; *union u#0");
}

static void what_has_no_name_of_its_own_moves(void **state)
{
	(void)state;
	distils(SCENE("int; uint; typedef t const int; [3]t; *func(t a, *int b) void;"
		      "typedef anon struct { uint x:3; int y; }; restrict volatile uint; @user int",
		      "typedef t const int; typedef anon struct { uint x:3; int y; };"
		      "struct own { [3]t b; *func(t a, *int b) void c; anon d; @user int e; }"),
		"INT int 4; INT unsigned int 4; INT __ARRAY_SIZE_TYPE__ 4",
		"struct own { +[3]+t b; +*+func(+t a, +*int b) void c; +anon d; +@user int e; "
		"}; const int; typedef t +const int; [3]+t; *int; func(+t a, +*int b) void; "
		"*+func(+t a, +*int b) void; struct { uint x:3@0; int y; }; "
		"typedef anon +struct { uint x:3@0; int y; }; @user int");
}

static void named_structs_are_not_followed(void **state)
{
	(void)state;
	distils(SCENE("int; struct in { int a; }; typedef t *struct in;"
		      "struct foo { t p; struct in in; }; *struct foo",
		      "struct own { *struct foo p; }"),
		"STRUCT foo 16", "struct own { +*struct foo p; }; *struct foo");
}

static void a_name_that_says_too_little_brings_its_definition(void **state)
{
	(void)state;
	distils_so(SCENE("int; uint; struct in { int x; };"
			 "struct foo { int a; struct in b; *struct foo#1 n; };"
			 "struct foo { uint a; struct in b; *struct foo#2 n; }; *struct foo#1",
			 "struct own { *struct foo p; }"),
		   false, 1, "INT int 4; STRUCT in 4",
		   "struct own { +*+struct foo p; }; *+struct foo; struct foo { int a; "
		   "struct in b; +*+struct foo n; }");
	distils_so(SCENE("int; enum e { A=1 }; enum e { B=1 }",
			 "enum e { A=1 }; struct own { enum e a; }"),
		   false, 1, "INT int 4", "struct own { +enum e a; }; enum e { A=1 }");
	/* Declared and defined: the kernel would take either. */
	distils_so(SCENE("int; struct foo#0; struct foo { int a; }; *struct foo#1",
			 "struct own { *struct foo p; }"),
		   false, 1, "INT int 4",
		   "struct own { +*+struct foo p; }; struct foo { int a; }; *+struct foo");
	/* What it has in it is ambiguous in turn. */
	distils_so(
		SCENE("int; uint; struct in { int x; }; struct in { uint x; };"
		      "struct foo { struct in#1 a; }; struct foo { struct in#2 b; }; *struct foo#1",
		      "struct own { *struct foo p; }"),
		false, 2, "INT int 4",
		"struct own { +*+struct foo p; }; struct in { int x; }; "
		"struct foo { +struct in a; }; *+struct foo");
}

static void size_tells_types_of_one_name_apart(void **state)
{
	(void)state;
	distils(SCENE("int; struct foo { int a; }; struct foo { int a; int b; }; *struct foo#1",
		      "struct own { *struct foo p; }"),
		"STRUCT foo 4", "struct own { +*struct foo p; }; *struct foo");
	/* A declaration is no type to be had by value. */
	distils(SCENE("int; struct foo#0; struct foo { int a; }; *struct foo#1",
		      "struct foo { int a; }; struct own { struct foo f; *struct foo p; }"),
		"STRUCT foo 4", "struct own { struct foo f; +*struct foo p; }; *struct foo");
	/* But where the kernel comes by the declaration last, it does not ask for the size. */
	distils_so(
		SCENE("int; struct foo { int a; }; struct foo#0; *struct foo#1",
		      "struct foo { int a; }; struct own { struct foo f; *struct foo p; }"),
		false, 1, "INT int 4",
		"struct own { +struct foo f; +*+struct foo p; }; struct foo { int a; }; *+struct foo");
}

/* bar, declared as well, could not be told by itself; but foo, which is moved, has it in it. */
static void definitions_that_are_moved_make_others_embedded(void **state)
{
	(void)state;
	distils_so(
		SCENE("int; struct bar#0; struct bar { int a; };"
		      "struct foo { struct bar#1 a; int b; }; struct foo { struct bar#1 a; int c; };"
		      "*struct foo#1",
		      "struct own { *struct foo p; }"),
		false, 1, "INT int 4; STRUCT bar 4",
		"struct own { +*+struct foo p; }; struct foo { struct bar a; int b; }; "
		"*+struct foo");
}

static void an_own_type_may_be_called_like_one_of_the_kernel(void **state)
{
	(void)state;
	distils(SCENE("int; struct foo { int a; }; *struct foo",
		      "struct foo { int a; int b; }; struct own { *struct foo p; struct foo f; }"),
		"INT int 4; STRUCT foo 4",
		"struct foo { int a; int b; }; struct own { +*struct foo p; +struct foo f; }; "
		"*struct foo");
}

static void functions_variables_and_tags_refer_to_the_same(void **state)
{
	(void)state;
	distils(SCENE("int; struct foo { int a; }; *struct foo",
		      "fn f(*struct foo a) int ~hot ~in.0; var v *struct foo .data..percpu:8;"
		      "struct own { int a; }; tag text struct own"),
		"INT int 4; STRUCT foo 4",
		"struct own { int a; }; tag text +struct own; func(+*struct foo a) int; "
		"fn f +func(+*struct foo a) int; tag hot +fn f; tag in +fn f.0; "
		"var v +*struct foo; section .data..percpu<16> { v@8:8; }; *struct foo");
}

static void there_is_always_a_type_in_the_base(void **state)
{
	(void)state;
	distils(SCENE("struct foo { }; uint; int", "typedef own *void"), "INT unsigned int 4",
		"*void; typedef own +*void");
}

static void sorts_the_split_part_if_asked(void **state)
{
	(void)state;
	distils_so(SCENE("struct c { int a; }; int; typedef b int; typedef d *b",
			 "typedef b int; typedef d *b; struct c { int a; };"
			 "struct z { d x; b y; struct c c; }; fn a(d x) int"),
		   true, 0, "INT int 4; STRUCT c 4",
		   "func(+d x) int; *+b; fn a +func(+d x) int; typedef b int; typedef d +*+b; "
		   "struct z { +d x; +b y; struct c c; }");
}

static void refuses_what_relocation_does_not_know(void **state)
{
	const uint32_t base_words[] = { INT, PROTO(0, 0), FUNC(S(foo), 0, 2) };
	const uint32_t words[] = { DECL_TAG(S(bar), 3, -1) };
	struct buffer base_bytes = fixture_base(base_words, 10, false);
	struct buffer bytes = fixture_split(words, 4, false);
	struct error err = ERROR_INIT;
	struct relocate_base names;
	struct btf_index index;
	struct btf base, split;
	struct distilled d;

	(void)state;
	opens(&base, &base_bytes, NULL);
	opens(&split, &bytes, &base);
	assert_int_equal(btf_index_build(&index, &base, &err), 0);
	relocate_base_init(&names, &index);
	assert_int_equal(btf_distill(&split, &names, false, &d, &err), -EINVAL);
	assert_non_null(strstr(err.text, "type 3 of the kernel, a FUNC"));
	assert_null(d.base.data);
	assert_null(d.split.data);
	relocate_base_free(&names);
	btf_index_free(&index);
	btf_close(&split);
	btf_close(&base);
	buffer_free(&bytes);
	buffer_free(&base_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(named_types_stay_without_their_insides),
		cmocka_unit_test(what_has_no_name_of_its_own_moves),
		cmocka_unit_test(named_structs_are_not_followed),
		cmocka_unit_test(a_name_that_says_too_little_brings_its_definition),
		cmocka_unit_test(size_tells_types_of_one_name_apart),
		cmocka_unit_test(definitions_that_are_moved_make_others_embedded),
		cmocka_unit_test(an_own_type_may_be_called_like_one_of_the_kernel),
		cmocka_unit_test(functions_variables_and_tags_refer_to_the_same),
		cmocka_unit_test(there_is_always_a_type_in_the_base),
		cmocka_unit_test(sorts_the_split_part_if_asked),
		cmocka_unit_test(refuses_what_relocation_does_not_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
