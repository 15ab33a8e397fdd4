// SPDX-License-Identifier: GPL-2.0-only
/* Split BTF as a type source: what becomes of it on another base, and on the same one. */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "btf/regraph.h"
#include "btf/verify.h"
#include "graph-fixture.h"

#define UNITS(...) ((const char *const[SCENE_UNITS]){ __VA_ARGS__ })

/* The units of a module on @base: the BTF that is to be rebased. */
static void plays(struct play *play, const char *base, const char *const *units, bool big_endian)
{
	struct scene scene = { .base = base };

	memcpy(scene.units, units, sizeof(scene.units));
	if (play_scene(play, &scene, (struct variation){ .big_endian = big_endian }))
		fail_msg("%s", play->err.text);
}

/* @btf over its base, of which @old is the index, rebased onto the base that @play has opened. */
static int rebase(struct play *play, const struct btf *btf, const struct btf_index *old,
		  bool distilled)
{
	struct regraphed r = { 0 };
	int ret;

	ret = btf_regraph(btf, old, distilled, &play->names, &play->graph, &r, &play->err);
	for (uint32_t i = 0; i < r.funcs.nr; i++)
		assert_true(vec_push(&play->symbols, r.funcs.at[i]));
	for (uint32_t i = 0; i < r.vars.nr; i++)
		assert_true(vec_push(&play->vars, r.vars.at[i]));
	for (uint32_t i = 0; i < r.sections.nr; i++)
		assert_true(vec_push(&play->sections, r.sections.at[i]));
	regraphed_free(&r);
	if (!ret)
		ret = play_graph(play);
	return ret ? ret : play_end(play, btf->big_endian);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* @play has these types of its own, in any order, up to a NULL. */
static void has(const struct play *play, va_list ap)
{
	char *want[64], **have;
	uint32_t nr = render(&play->btf, &have), nr_want = 0;

	while ((want[nr_want] = va_arg(ap, char *)))
		assert_true(++nr_want < 64);
	qsort(want, nr_want, sizeof(*want), compare_strings);
	qsort(have, nr, sizeof(*have), compare_strings);
	for (uint32_t i = 0; i < nr || i < nr_want; i++)
		if (i >= nr || i >= nr_want || strcmp(have[i], want[i]))
			fail_msg("has '%s' where '%s' is wanted", i < nr ? have[i] : "nothing more",
				 i < nr_want ? want[i] : "nothing more");
	render_free(have, nr);
	no_equal_types(&play->btf);
}

static void __attribute__((sentinel)) holds_these(const struct play *play, ...)
{
	va_list ap;

	va_start(ap, play);
	has(play, ap);
	va_end(ap);
}

static void __attribute__((sentinel))
becomes(const char *base, const char *const *units, const char *new_base, ...)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct play old, new;
		va_list ap;

		plays(&old, base, units, big_endian);
		if (play_base(&new, new_base, (struct variation){ .big_endian = big_endian }) ||
		    rebase(&new, &old.btf, &old.index, false))
			fail_msg("%s", new.err.text);
		va_start(ap, new_base);
		has(&new, ap);
		va_end(ap);
		play_free(&new);
		play_free(&old);
	}
}

/* On the same base it comes out as it was, to the byte. */
static void stays(const char *base, const char *const *units)
{
	struct play old, new;

	plays(&old, base, units, false);
	if (play_base(&new, base, (struct variation){ 0 }) ||
	    rebase(&new, &old.btf, &old.index, false))
		fail_msg("%s", new.err.text);
	assert_int_equal(new.bytes.size, old.bytes.size);
	assert_memory_equal(new.bytes.data, old.bytes.data, old.bytes.size);
	play_free(&new);
	play_free(&old);
}

/* ---- the same base ---- */

static void on_the_same_base_it_stays_as_it_was(void **state)
{
	static const char base[] = "int; uint; char; struct foo { int a; }; *struct foo; [4]int;"
				   "enum e { A=0 }; struct onlydeclared#0";

	(void)state;
	stays(base, UNITS("struct own { *struct foo p; struct foo s; uint b:3; [6]char x; };"
			  "typedef own_t struct own; *own_t; const own_t"));
	stays(base, UNITS("fn f(*struct foo p, enum e x, ...) int ~hot ~in.0; fn g() void",
			  "fn f(*struct foo p, enum e x, ...) int"));
	stays(base, UNITS("var x int .data..percpu:8; var y *struct foo .data..percpu:16 static"));
	stays(base, UNITS("enum f { B=-1, C=5 }; enum64 g { D=0x123456789a }; union u { int a; };"
			  "struct { union u a; enum f b; } ; double"));
	stays(base, UNITS("tag t struct own { int a; }; tag t struct own2 { int a; int b; }.1;"
			  "@user int; *struct nobody; *struct onlydeclared; *enum nobodye"));
	stays(base,
	      UNITS("struct foo { int a; int b; }; struct own { struct foo f; *struct foo p; }"));
	stays(base, UNITS("struct foo { long z; }; *struct foo; struct own { struct foo f; }"));
}

/* Definitions of one name that differ only in what they lead to are types of their own. */
static void variants_stay_two(void **state)
{
	(void)state;
	stays("int; long",
	      UNITS("struct x { int a; }; struct y { *struct x p; }; fn f(*struct y) int",
		    "struct x { long b; }; struct y { *struct x p; }; fn g(*struct y) int"));
	/* z looks the same twice, and so does what it refers to; not so what that refers to. */
	stays("int; long", UNITS("struct x { int a; }; struct y { *struct x p; };"
				 "struct z { *struct y p; }; fn f(*struct z) int",
				 "struct x { long b; }; struct y { *struct x p; };"
				 "struct z { *struct y p; }; fn g(*struct z) int"));
	becomes("int",
		UNITS("struct x { int a; }; struct y { *struct x p; }",
		      "struct x { int b; }; struct y { *struct x p; }"),
		"int; char", "struct x#1 { int a; }", "*+struct x#1",
		"struct y#1 { +*+struct x#1 p; }", "struct x#2 { int b; }", "*+struct x#2",
		"struct y#2 { +*+struct x#2 p; }", NULL);
}

/* ---- another base ---- */

static void pointers_go_to_what_has_the_name_there(void **state)
{
	(void)state;
	becomes("int; struct foo { int a; }; *struct foo; enum e { A=1 }; *enum e",
		UNITS("struct own { *struct foo p; *enum e q; }; fn f(*struct foo p) void"),
		"char; int; struct foo { int a; int b; char c; }; *struct foo; enum e { B=7 }; *enum e",
		"struct own { *struct foo p; *enum e q; }", "func(*struct foo p) void",
		"fn f +func(*struct foo p) void", NULL);
}

static void what_the_new_base_has_is_the_new_base_s(void **state)
{
	(void)state;
	becomes("int", UNITS("struct foo { int a; }; *struct foo; typedef t *struct foo; [3]t"),
		"int; [1]int; struct foo { int a; }; *struct foo; typedef t *struct foo", "[3]t",
		NULL);
}

static void what_is_embedded_is_the_base_s_if_its_layout_is(void **state)
{
	static const char base[] = "int; struct bar { int a; }; struct foo { struct bar b; };"
				   "typedef foo_t struct foo";

	(void)state;
	becomes(base,
		UNITS("struct bar { int a; }; struct foo { struct bar b; };"
		      "typedef foo_t struct foo; struct own { foo_t f; struct bar b; }"),
		"char; int; struct bar { int a; }; struct foo { struct bar b; }; typedef foo_t struct foo",
		"struct own { foo_t f; struct bar b; }", NULL);
}

/* Through typedefs, qualifiers, arrays and embedded types. */
static void what_is_embedded_keeps_the_layout_that_it_had(void **state)
{
	static const char base[] =
		"int; char; struct bar { int a; }; struct foo { struct bar b; int c; };"
		"typedef foo_t struct foo";

	(void)state;
	becomes(base,
		UNITS("struct bar { int a; }; struct foo { struct bar b; int c; };"
		      "typedef foo_t struct foo; struct own { const foo_t f; *struct bar p; }"),
		"int; char; struct bar { int a; int z; }; *struct bar; struct foo { struct bar b; int c; };"
		"typedef foo_t struct foo",
		"struct bar { int a; }", "struct foo { +struct bar b; int c; }",
		"typedef foo_t +struct foo", "const +foo_t",
		"struct own { +const +foo_t f; *struct bar p; }", NULL);
	becomes("int; enum e { A=1 }",
		UNITS("enum e { A=1 }; struct own { enum e x; };"
		      "var v enum e .data..percpu:0"),
		"int; enum e { A=2 }", "enum e { A=1 }", "struct own { +enum e x; }",
		"var v +enum e", "section .data..percpu<4> { v@0:4; }", NULL);
}

/* It says so of a type that is deep inside as well, where what is around it has not changed. */
static void what_is_embedded_in_that_is_looked_at_too(void **state)
{
	(void)state;
	becomes("int; uint; struct bar { int a; int b; }; struct foo { struct bar f; }",
		UNITS("struct bar { int a; int b; }; struct foo { struct bar f; };"
		      "struct own { struct foo f; }"),
		"int; uint; struct bar { int a; uint b; }; struct foo { struct bar f; }",
		"struct bar { int a; int b; }", "struct own { struct foo f; }", NULL);
}

/* ---- what the new base lacks ---- */

static void a_name_that_is_pointed_to_is_declared(void **state)
{
	(void)state;
	becomes("int; struct foo { int a; }; union u { int a; }", UNITS("*struct foo; *union u"),
		"int", "struct foo#0", "*+struct foo#0", "union u#0", "*+union u#0", NULL);
}

static void one_that_is_embedded_is_defined(void **state)
{
	(void)state;
	becomes("int; struct foo { int a; }; typedef foo_t struct foo",
		UNITS("struct foo { int a; }; typedef foo_t struct foo;"
		      "struct own { [2]foo_t f; }"),
		"int; [1]int", "struct foo { int a; }", "typedef foo_t +struct foo", "[2]+foo_t",
		"struct own { +[2]+foo_t f; }", NULL);
}

static void one_that_is_passed_by_value_is_defined(void **state)
{
	(void)state;
	becomes("int; enum e { A=5 }; struct foo { int a; }",
		UNITS("enum e { A=5 }; struct foo { int a; }; fn f(enum e x) struct foo"), "int",
		"func(+enum e x) +struct foo", "fn f +func(+enum e x) +struct foo",
		"enum e { A=5 }", "struct foo { int a; }", NULL);
}

static void one_in_an_unnamed_struct_is_defined(void **state)
{
	(void)state;
	becomes("int; struct foo { int a; }; typedef anon_t struct { struct foo f; }",
		UNITS("struct foo { int a; }; typedef anon_t struct { struct foo f; }; *anon_t"),
		"int", "struct { +struct foo f; }", "typedef anon_t +struct { +struct foo f; }",
		"*+anon_t", "struct foo { int a; }", NULL);
}

/* And no more than that is taken from the old base. */
static void what_only_the_old_base_needs_is_left_there(void **state)
{
	(void)state;
	becomes("int; struct deep { int z; }; struct foo { int a; *struct deep d; };"
		"struct bar { struct foo f; *func(enum e { A=1 } x) int op; }",
		UNITS("struct own { *struct bar b; }"), "int; struct bar { int a; }; *struct bar",
		"struct own { *struct bar b; }", NULL);
}

/* ---- names that mean several things ---- */

/* Drift on the old base: pointers go to that one's, and to nobody else's where there is none. */
static void a_name_that_module_and_base_define_stays_two_types(void **state)
{
	static const char base[] = "int; struct foo { int a; }; *struct foo";
	const char *const *units =
		UNITS("struct foo { int a; int b; }; struct own { *struct foo p; struct foo f; }");

	(void)state;
	becomes(base, units, "int; char; struct foo { int a; }; *struct foo",
		"struct foo { int a; int b; }", "struct own { *struct foo p; +struct foo f; }",
		NULL);
	becomes(base, units, "int; struct foo { int a; int b; }; *struct foo",
		"struct own { *struct foo p; struct foo f; }", NULL);
	becomes(base, units, "int", "struct foo#1 { int a; int b; }", "struct foo#2 { int a; }",
		"*+struct foo#2", "struct own { +*+struct foo#2 p; +struct foo#1 f; }", NULL);
}

/* The module never had the old base's: the next base is compared with what it has. */
static void what_the_base_embeds_is_the_module_s_view_of_it(void **state)
{
	static const char base[] = "int; char; enum e { A=1, B=2 }; typedef e_t enum e;"
				   "struct foo { [2]e_t x; }; struct bar { enum e x; }";
	const char *const *units =
		UNITS("enum e { A=1, B=2, C=3 }; typedef e_t enum e; struct foo { [2]e_t x; };"
		      "struct bar { enum e x; }; struct own { struct foo f; struct bar b; }");

	(void)state;
	stays(base, units);
	becomes(base, units,
		"int; enum e { A=1, B=2, C=3 }; typedef e_t enum e; struct foo { [2]e_t x; };"
		"struct bar { enum e x; }",
		"struct own { struct foo f; struct bar b; }", NULL);
	becomes(base, units,
		"int; enum e { A=1 }; typedef e_t enum e; struct foo { int n; [2]e_t x; };"
		"struct bar { int n; enum e x; }",
		"enum e { A=1, B=2, C=3 }", "typedef e_t +enum e", "[2]+e_t",
		"struct foo { +[2]+e_t x; }", "struct bar { +enum e x; }",
		"struct own { +struct foo f; +struct bar b; }", NULL);
}

/* What only shares its name, or has another size, is not what stands there. */
static void what_the_base_embeds_is_no_homonym_s(void **state)
{
	(void)state;
	becomes("int; enum e { A=1, B=2 }; struct foo { enum e x; }",
		UNITS("enum e { A=1, B=2 }; struct foo { enum e x; }; struct own { struct foo f; }",
		      "enum e { Y=1, Z=2 }"),
		"int; enum e { A=1, B=5 }; struct foo { enum e x; }", "enum e#1 { Y=1, Z=2 }",
		"enum e#2 { A=1, B=2 }", "struct own { struct foo f; }", NULL);
	becomes("int; struct s { int a; }; struct foo { struct s x; int y; }",
		UNITS("struct s { int a; }; struct foo { struct s x; int y; };"
		      "struct own { struct foo f; }",
		      "struct s { int a; int b; }"),
		"int; uint; struct s { uint a; }; struct foo { struct s x; int y; }",
		"struct s#1 { int a; int b; }", "struct s#2 { int a; }",
		"struct own { struct foo f; }", NULL);
}

static void of_several_definitions_the_equal_one_is_taken(void **state)
{
	(void)state;
	becomes("int; char; struct foo { int a; }; struct foo { char b; }",
		UNITS("struct own { *struct foo p; }; struct foo { char b; }"),
		"int; char; struct foo { int a; }; struct foo { int c; }; struct foo { char b; }",
		"*struct foo#3", "struct own { +*struct foo#3 p; }", NULL);
}

/*
 * The module declares and defines foo; that the old base defines it as well is seen on the way to
 * bar, and of no consequence.
 */
static void a_declaration_is_of_what_the_module_defines(void **state)
{
	const uint32_t base_words[] = {
		INT,	STRUCT(S(foo), 1, 4), MEMBER(S(a), 1, 0),
		PTR(2), STRUCT(S(bar), 1, 8), MEMBER(S(a), 3, 0),
		PTR(4),
	};
	const uint32_t words[] = {
		FWD(S(foo), 0), /* 6 */
		PTR(6),
		STRUCT(S(foo), 1, 4),
		MEMBER(S(b), 1, 0), /* 7, 8 */
		PTR(8),
		STRUCT(S(bar), 1, 8),
		MEMBER(S(a), 9, 0), /* 9, 10 */
		STRUCT(OWN(own), 2, 16),
		MEMBER(S(a), 5, 0),
		MEMBER(S(b), 7, 64), /* 11 */
	};
	struct buffer base_bytes = fixture_base(base_words, sizeof(base_words) / 4, false);
	struct buffer bytes = fixture_split(words, sizeof(words) / 4, false);
	struct btf_index index;
	struct btf base, btf;
	struct play play;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	assert_int_equal(btf_index_build(&index, &base, NULL), 0);
	assert_int_equal(btf_open(&btf, buffer_bytes(&bytes), &base, NULL), 0);
	assert_int_equal(play_base(&play, "int; struct bar { int a; }", (struct variation){ 0 }),
			 0);
	if (rebase(&play, &btf, &index, false))
		fail_msg("%s", play.err.text);
	holds_these(&play, "struct foo { int b; }", "*+struct foo",
		    "struct bar { +*+struct foo a; }", "*struct bar",
		    "struct own { +*struct bar a; +*+struct foo b; }", NULL);
	btf_close(&btf);
	btf_index_free(&index);
	btf_close(&base);
	buffer_free(&bytes);
	buffer_free(&base_bytes);
	play_free(&play);
}

/* ---- what only BTF has ---- */

/* @words are split BTF over the small base; it is rebased onto the same. */
static int rebase_words(struct play *play, const uint32_t *words, size_t nr, char *text,
			size_t room)
{
	struct buffer base_bytes = fixture_small_base(false),
		      bytes = fixture_split(words, nr, false);
	struct btf_index index;
	struct btf base, btf;
	int ret;

	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	assert_int_equal(btf_index_build(&index, &base, NULL), 0);
	assert_int_equal(btf_open(&btf, buffer_bytes(&bytes), &base, NULL), 0);
	assert_int_equal(play_base_bytes(play, fixture_small_base(false)), 0);
	ret = rebase(play, &btf, &index, false);
	snprintf(text, room, "%s", play->err.text);
	btf_close(&btf);
	btf_index_free(&index);
	btf_close(&base);
	buffer_free(&bytes);
	buffer_free(&base_bytes);
	return ret;
}

static uint32_t nth(const struct play *play, uint32_t i)
{
	return play->btf.start_id + i;
}

static void functions_keep_their_linkage(void **state)
{
	struct play play;
	char text[1024];

	(void)state;
	assert_int_equal(rebase_words(&play, WORDS(FUNC(S(bar), BTF_FUNC_GLOBAL, 5)), text,
				      sizeof(text)),
			 0);
	assert_int_equal(play.btf.nr, 1);
	assert_int_equal(btf_vlen(btf_type(&play.btf, nth(&play, 0))), BTF_FUNC_GLOBAL);
	assert_int_equal(btf_type(&play.btf, nth(&play, 0))->type, 5);
	play_free(&play);
}

/* What FUNCs stand for differs although they have one name: each is its own symbol. */
static void functions_of_one_name_stay_several(void **state)
{
	struct regraphed r = { 0 };
	struct play play;
	struct buffer base_bytes = fixture_small_base(false), bytes;
	struct btf_index index;
	struct btf base, btf;
	const uint32_t words[] = { PROTO(0, 1), FUNC(S(bar), 0, 5), FUNC(S(bar), 0, 6),
				   DECL_TAG(S(baz), 8, -1) };

	(void)state;
	bytes = fixture_split(words, sizeof(words) / sizeof(*words), false);
	assert_int_equal(play_base_bytes(&play, fixture_small_base(false)), 0);
	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	assert_int_equal(btf_index_build(&index, &base, NULL), 0);
	assert_int_equal(btf_open(&btf, buffer_bytes(&bytes), &base, NULL), 0);
	assert_int_equal(btf_regraph(&btf, &index, false, &play.names, &play.graph, &r, &play.err),
			 0);
	assert_int_equal(r.funcs.nr, 2);
	assert_int_equal(r.funcs.at[0].name, r.funcs.at[1].name);
	assert_int_equal(play.graph.funcs.nr, 2);
	assert_int_not_equal(play.graph.funcs.at[0].symbol, play.graph.funcs.at[1].symbol);
	assert_int_not_equal(play.graph.funcs.at[0].proto, play.graph.funcs.at[1].proto);
	assert_int_equal(play.graph.func_tags.nr, 1);
	assert_int_equal(play.graph.func_tags.at[0].func, 1);
	regraphed_free(&r);
	btf_close(&btf);
	btf_index_free(&index);
	btf_close(&base);
	buffer_free(&bytes);
	buffer_free(&base_bytes);
	play_free(&play);
}

#define ATTRIBUTE_TYPE(name, type) TYPE(name, TYPE_TAG, 0, 1, type)
#define ATTRIBUTE_DECL(name, type, component) \
	TYPE(name, DECL_TAG, 0, 1, type), (uint32_t)(component)

/* A base that knows attributes, or verification would refuse them. */
static void attributes_are_no_tags(void **state)
{
	const uint32_t base_words[] = { INT, ATTRIBUTE_TYPE(S(foo), 1), PROTO(0, 0) };
	const uint32_t words[] = {
		ATTRIBUTE_TYPE(S(foo), 1), /* 4: the base's */
		TYPE_TAG(S(foo), 1),	   /* 5 */
		ATTRIBUTE_TYPE(S(bar), 1), /* 6 */
		STRUCT(S(baz), 3, 12),	   /* 7 */
		MEMBER(S(a), 4, 0),	   MEMBER(S(b), 5, 32),
		MEMBER(S(c), 6, 64),	   ATTRIBUTE_DECL(S(a), 7, -1),	 /* 8 */
		DECL_TAG(S(a), 7, -1),					 /* 9 */
		FUNC(S(d), 0, 3),	   ATTRIBUTE_DECL(S(b), 10, -1), /* 10, 11 */
		DECL_TAG(S(b), 10, -1),					 /* 12 */
	};
	struct buffer base_bytes = fixture_base(base_words, sizeof(base_words) / 4, false);
	struct buffer bytes = fixture_split(words, sizeof(words) / 4, false);
	static const enum btf_kind kinds[] = { BTF_KIND_TYPE_TAG, BTF_KIND_TYPE_TAG,
					       BTF_KIND_STRUCT,	  BTF_KIND_DECL_TAG,
					       BTF_KIND_DECL_TAG, BTF_KIND_FUNC,
					       BTF_KIND_DECL_TAG, BTF_KIND_DECL_TAG };
	static const bool attributes[] = { false, true, false, true, false, false, true, false };
	struct btf_index index;
	struct btf base, btf;
	struct play play;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	assert_int_equal(btf_index_build(&index, &base, NULL), 0);
	assert_int_equal(btf_open(&btf, buffer_bytes(&bytes), &base, NULL), 0);
	assert_int_equal(btf_verify(&btf, NULL), 0);
	assert_int_equal(
		play_base_bytes(&play, fixture_base(base_words, sizeof(base_words) / 4, false)), 0);
	if (rebase(&play, &btf, &index, false))
		fail_msg("%s", play.err.text);
	assert_int_equal(play.btf.nr, 8);
	for (uint32_t i = 0; i < 8; i++) {
		const struct btf_type *t = btf_type(&play.btf, nth(&play, i));

		assert_int_equal(btf_kind(t), kinds[i]);
		assert_int_equal(btf_kflag(t), attributes[i]);
	}
	/* The first member's type was an own one, and is the base's now. */
	assert_int_equal(
		((const struct btf_member *)btf_extra(btf_type(&play.btf, nth(&play, 2))))->type,
		2);
	btf_close(&btf);
	btf_index_free(&index);
	btf_close(&base);
	buffer_free(&bytes);
	buffer_free(&base_bytes);
	play_free(&play);
}

/* A tag of the module is not the attribute of that name that the base has, nor is what has it. */
static void attributes_of_the_base_are_told_from_tags(void **state)
{
	const uint32_t base_words[] = {
		INT,
		ATTRIBUTE_TYPE(S(foo), 1),
		STRUCT(S(baz), 1, 4),
		MEMBER(S(a), 2, 0),
		ATTRIBUTE_DECL(S(a), 3, -1),
	};
	const uint32_t words[] = {
		STRUCT(S(baz), 1, 4),				  /* 5 */
		MEMBER(S(a), 6, 0),	     TYPE_TAG(S(foo), 1), /* 6 */
		ATTRIBUTE_DECL(S(a), 3, -1),			  /* 7: the base's */
		DECL_TAG(S(a), 3, -1),				  /* 8 */
	};
	struct buffer base_bytes = fixture_base(base_words, sizeof(base_words) / 4, false);
	struct buffer bytes = fixture_split(words, sizeof(words) / 4, false);
	struct btf_index index;
	struct btf base, btf;
	struct play play;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	assert_int_equal(btf_index_build(&index, &base, NULL), 0);
	assert_int_equal(btf_open(&btf, buffer_bytes(&bytes), &base, NULL), 0);
	assert_int_equal(btf_verify(&btf, NULL), 0);
	assert_int_equal(
		play_base_bytes(&play, fixture_base(base_words, sizeof(base_words) / 4, false)), 0);
	if (rebase(&play, &btf, &index, false))
		fail_msg("%s", play.err.text);
	assert_int_equal(play.btf.nr, 3);
	assert_int_equal(btf_kind(btf_type(&play.btf, nth(&play, 0))), BTF_KIND_TYPE_TAG);
	assert_int_equal(btf_kflag(btf_type(&play.btf, nth(&play, 0))), 0);
	assert_int_equal(btf_kind(btf_type(&play.btf, nth(&play, 1))), BTF_KIND_STRUCT);
	assert_int_equal(btf_kind(btf_type(&play.btf, nth(&play, 2))), BTF_KIND_DECL_TAG);
	assert_int_equal(btf_kflag(btf_type(&play.btf, nth(&play, 2))), 0);
	btf_close(&btf);
	btf_index_free(&index);
	btf_close(&base);
	buffer_free(&bytes);
	buffer_free(&base_bytes);
	play_free(&play);
}

static void tags_that_cannot_be_kept_are_refused(void **state)
{
	struct play play;
	char text[1024];

	(void)state;
	assert_int_equal(rebase_words(&play, WORDS(VAR(S(bar), 1, 1), DECL_TAG(S(baz), 6, -1)),
				      text, sizeof(text)),
			 -EOPNOTSUPP);
	assert_non_null(strstr(text, "'baz' is on a variable"));
	play_free(&play);
}

static void variables_without_a_section_stay_so(void **state)
{
	struct play play;
	char text[1024];

	(void)state;
	assert_int_equal(rebase_words(&play,
				      WORDS(VAR(S(bar), 1, 1), VAR(S(baz), 2, 0),
					    DATASEC(S(dotted), 1, 100), SECINFO(7, 8, 4)),
				      text, sizeof(text)),
			 0);
	assert_int_equal(play.btf.nr, 3);
	assert_int_equal(btf_kind(btf_type(&play.btf, nth(&play, 2))), BTF_KIND_DATASEC);
	assert_int_equal(btf_vlen(btf_type(&play.btf, nth(&play, 2))), 1);
	play_free(&play);
	assert_int_equal(rebase_words(&play,
				      WORDS(VAR(S(bar), 1, 1), DATASEC(S(dotted), 1, 4),
					    SECINFO(6, 0, 4), DATASEC(S(foo), 1, 4),
					    SECINFO(6, 0, 4)),
				      text, sizeof(text)),
			 -EINVAL);
	assert_non_null(strstr(text, "bar stands in two sections"));
	play_free(&play);
}

/* The base has no array, so the BTF has an index type of its own; it is not there twice. */
static void the_index_type_of_arrays_is_no_type_of_the_module(void **state)
{
	(void)state;
	stays("int", UNITS("struct own { [3]int a; }"));
}

/* int m[2][3] as one array, where the base has none in another. */
static void arrays_are_written_as_the_new_base_has_them(void **state)
{
	struct play play;
	char text[1024];

	(void)state;
	assert_int_equal(rebase_words(&play,
				      WORDS(ARRAY(1, 1, 3), ARRAY(6, 1, 2), STRUCT(S(bar), 1, 24),
					    MEMBER(S(a), 7, 0)),
				      text, sizeof(text)),
			 0);
	assert_int_equal(btf_kind(btf_type(&play.btf, nth(&play, 0))), BTF_KIND_ARRAY);
	assert_int_equal(
		((const struct btf_array *)btf_extra(btf_type(&play.btf, nth(&play, 0))))->nelems,
		6);
	assert_int_equal(btf_kind(btf_type(&play.btf, nth(&play, 1))), BTF_KIND_STRUCT);
	play_free(&play);
}

/* ---- distilled bases ---- */

/* @words: split BTF over the distilled base int, struct foo of 4 bytes, enum bar of 4, struct baz of 8. */
static int rebase_distilled(struct play *play, const uint32_t *words, size_t nr,
			    const char *new_base)
{
	const uint32_t base_words[] = { INT, STRUCT(S(foo), 0, 4), ENUM(S(bar), 0, 4),
					STRUCT(S(baz), 0, 8) };
	struct buffer base_bytes = fixture_base(base_words, sizeof(base_words) / 4, false);
	struct buffer bytes = fixture_split(words, nr, false);
	struct btf_index index;
	struct btf base, btf;
	int ret;

	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	assert_int_equal(btf_index_build(&index, &base, NULL), 0);
	assert_int_equal(btf_open(&btf, buffer_bytes(&bytes), &base, NULL), 0);
	assert_int_equal(btf_verify(&btf, NULL), 0);
	assert_int_equal(play_base(play, new_base, (struct variation){ 0 }), 0);
	ret = rebase(play, &btf, &index, true);
	btf_close(&btf);
	btf_index_free(&index);
	btf_close(&base);
	buffer_free(&bytes);
	buffer_free(&base_bytes);
	return ret;
}

static void __attribute__((sentinel))
distilled_becomes(const uint32_t *words, size_t nr, const char *new_base, ...)
{
	struct play play;
	va_list ap;

	if (rebase_distilled(&play, words, nr, new_base))
		fail_msg("%s", play.err.text);
	va_start(ap, new_base);
	has(&play, ap);
	va_end(ap);
	play_free(&play);
}

static void distilled_refuses(const uint32_t *words, size_t nr, const char *new_base,
			      const char *text)
{
	struct play play;

	assert_int_equal(rebase_distilled(&play, words, nr, new_base), -EINVAL);
	if (!strstr(play.err.text, text))
		fail_msg("'%s' does not say '%s'", play.err.text, text);
	play_free(&play);
}

#define EMBEDS WORDS(STRUCT(OWN(own), 2, 8), MEMBER(S(a), 2, 0), MEMBER(S(b), 3, 32))
#define POINTS WORDS(PTR(2), STRUCT(OWN(own), 1, 8), MEMBER(S(a), 5, 0))

static void stand_ins_are_the_base_s_types(void **state)
{
	static const char base[] = "int; struct foo { int a; }; enum bar { A=1 }; *struct foo";

	(void)state;
	distilled_becomes(EMBEDS, base, "struct own { struct foo a; enum bar b; }", NULL);
	distilled_becomes(POINTS, base, "struct own { *struct foo a; }", NULL);
}

/* Not the first of that name, but the one of the size. */
static void of_several_the_one_of_the_size_is_taken(void **state)
{
	static const char base[] =
		"int; struct foo { int a; int b; }; struct foo { int c; }; enum bar { A=1 }";

	(void)state;
	distilled_becomes(EMBEDS, base, "struct own { struct foo#2 a; enum bar b; }", NULL);
	distilled_becomes(POINTS, base, "*struct foo#2", "struct own { +*struct foo#2 a; }", NULL);
}

static void a_stand_in_that_is_embedded_needs_its_size(void **state)
{
	(void)state;
	distilled_refuses(EMBEDS, "int; struct foo { int a; int b; }; enum bar { A=1 }",
			  "embeds struct foo of 4 bytes, and the kernel has none");
	distilled_refuses(EMBEDS,
			  "int; struct foo { int a; }; struct foo { int b; }; enum bar { A=1 }",
			  "the kernel has several of that size");
	distilled_refuses(EMBEDS, "int; struct foo { int a; }; enum64 bar { A=1 }",
			  "embeds enum bar of 4 bytes");
}

static void one_that_is_pointed_to_does_not(void **state)
{
	(void)state;
	distilled_becomes(POINTS, "int; struct foo { int a; int b; }; *struct foo",
			  "struct own { *struct foo a; }", NULL);
	distilled_becomes(POINTS, "int", "struct foo#0", "*+struct foo#0",
			  "struct own { +*+struct foo#0 a; }", NULL);
}

/* What the module defines itself is another type. */
static void a_stand_in_is_never_the_module_s(void **state)
{
	(void)state;
	distilled_becomes(WORDS(STRUCT(S(baz), 1, 4), MEMBER(S(c), 1, 0), PTR(4), PTR(5),
				STRUCT(OWN(own), 2, 16), MEMBER(S(a), 6, 0), MEMBER(S(b), 7, 64)),
			  "int; struct baz { int a; int b; }; *struct baz", "struct baz { int c; }",
			  "*+struct baz", "struct own { *struct baz a; +*+struct baz b; }", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_the_same_base_it_stays_as_it_was),
		cmocka_unit_test(variants_stay_two),
		cmocka_unit_test(pointers_go_to_what_has_the_name_there),
		cmocka_unit_test(what_the_new_base_has_is_the_new_base_s),
		cmocka_unit_test(what_is_embedded_is_the_base_s_if_its_layout_is),
		cmocka_unit_test(what_is_embedded_keeps_the_layout_that_it_had),
		cmocka_unit_test(what_is_embedded_in_that_is_looked_at_too),
		cmocka_unit_test(a_name_that_is_pointed_to_is_declared),
		cmocka_unit_test(one_that_is_embedded_is_defined),
		cmocka_unit_test(one_that_is_passed_by_value_is_defined),
		cmocka_unit_test(one_in_an_unnamed_struct_is_defined),
		cmocka_unit_test(what_only_the_old_base_needs_is_left_there),
		cmocka_unit_test(a_name_that_module_and_base_define_stays_two_types),
		cmocka_unit_test(what_the_base_embeds_is_the_module_s_view_of_it),
		cmocka_unit_test(what_the_base_embeds_is_no_homonym_s),
		cmocka_unit_test(of_several_definitions_the_equal_one_is_taken),
		cmocka_unit_test(a_declaration_is_of_what_the_module_defines),
		cmocka_unit_test(functions_keep_their_linkage),
		cmocka_unit_test(functions_of_one_name_stay_several),
		cmocka_unit_test(attributes_are_no_tags),
		cmocka_unit_test(attributes_of_the_base_are_told_from_tags),
		cmocka_unit_test(tags_that_cannot_be_kept_are_refused),
		cmocka_unit_test(variables_without_a_section_stay_so),
		cmocka_unit_test(the_index_type_of_arrays_is_no_type_of_the_module),
		cmocka_unit_test(arrays_are_written_as_the_new_base_has_them),
		cmocka_unit_test(stand_ins_are_the_base_s_types),
		cmocka_unit_test(of_several_the_one_of_the_size_is_taken),
		cmocka_unit_test(a_stand_in_that_is_embedded_needs_its_size),
		cmocka_unit_test(one_that_is_pointed_to_does_not),
		cmocka_unit_test(a_stand_in_is_never_the_module_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
