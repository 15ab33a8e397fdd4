// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one rule of sameness: which of a module's types are the base's, and which are its own. Each
 * case is a base, the units of a module, and all own types that they give (graph-fixture.h).
 */
#include "test.h"

#include "graph-fixture.h"

/* ---- what is equal ---- */

static void nothing_new_is_nothing_own(void **state)
{
	(void)state;
	holds(SCENE("struct foo { int a; *struct foo next; }; typedef foo_t struct foo;"
		    "*foo_t; [4]int; func(*foo_t f) int; const char",
		    "func(*foo_t f) int; typedef foo_t struct foo; [4]int; const char;"
		    "struct foo { int a; *struct foo next; }"),
	      NULL);
}

static void definition_is_compared_by_size(void **state)
{
	(void)state;
	holds(SCENE("struct foo<8> { int a; }", "struct foo<16> { int a; }"),
	      "struct foo { int a; }", NULL);
}

static void definition_is_compared_by_member_names(void **state)
{
	(void)state;
	holds(SCENE("struct foo { int a; int b; }", "struct foo { int a; int c; }"),
	      "struct foo { int a; int c; }", NULL);
}

static void definition_is_compared_by_bit_offset(void **state)
{
	(void)state;
	holds(SCENE("struct foo<16> { int a; int b; }", "struct foo<16> { int a; int b@64; }"),
	      "struct foo { int a; int b; }", NULL);
}

static void definition_is_compared_by_bit_size(void **state)
{
	(void)state;
	holds(SCENE("struct foo { uint a:3; uint b:4; }", "struct foo { uint a:3; uint b:5; }"),
	      "struct foo { uint a:3@0; uint b:5@3; }", NULL);
	holds(SCENE("struct foo { uint a:3; uint b:4; }", "struct foo { uint a:3; uint b:4; }"),
	      NULL);
}

static void definition_is_compared_by_member_types(void **state)
{
	(void)state;
	holds(SCENE("struct foo { int a; int b; }; uint", "struct foo { int a; uint b; }"),
	      "struct foo { int a; uint b; }", NULL);
}

/* bar has changed; baz only points to it, and has not. */
static void equality_never_walks_through_a_pointer_to_a_named_type(void **state)
{
	(void)state;
	holds(SCENE("struct bar { int a; int b; };"
		    "struct baz { *struct bar p; const **struct bar q; func(*struct bar) int; }",
		    "struct bar { int a; int b; int c; };"
		    "struct baz { *struct bar p; const **struct bar q; func(*struct bar) int; }"),
	      "struct bar { int a; int b; int c; }", NULL);
	holds(SCENE("struct bar { int a; int b; };"
		    "typedef bar_t struct bar; struct baz { *bar_t p; [2]*bar_t q; }",
		    "struct bar { int a; int b; int c; };"
		    "typedef bar_t struct bar; struct baz { *bar_t p; [2]*bar_t q; }"),
	      "struct bar { int a; int b; int c; }", NULL);
}

/* By name even where a member is embedded: one changed struct makes no other unequal. */
static void embedding_a_changed_struct_is_compared_by_name(void **state)
{
	(void)state;
	holds(SCENE("struct bar { int a; int b; }; struct baz { struct bar b; int tail; }",
		    "struct bar { int a; int c; };"
		    "struct baz { struct bar b; int tail; }; *struct baz"),
	      "struct bar { int a; int c; }", "+*struct baz", NULL);
}

static void declaration_equals_struct(void **state)
{
	(void)state;
	holds(SCENE("struct foo { int a; }; *struct foo; union u { int a; }; *union u",
		    "*struct foo; *union u"),
	      NULL);
	holds(SCENE("struct foo { int a; }; struct bar { *struct foo#0 p; }",
		    "struct foo { int a; }; struct bar { *struct foo p; }"),
	      NULL);
	holds(SCENE("struct foo { int a; }; struct bar { *struct foo p; }",
		    "struct bar { *struct foo p; }"),
	      NULL);
}

static void declaration_of_a_union_is_no_struct(void **state)
{
	(void)state;
	holds(SCENE("struct foo { int a; }; *struct foo", "*union foo"), "union foo#0",
	      "*+union foo#0", NULL);
}

static void one_name_of_several_kinds_is_several_types(void **state)
{
	(void)state;
	holds(SCENE("struct foo { int a; }; union foo { int a; }; enum foo { A=1 };"
		    "typedef foo struct foo",
		    "typedef foo enum foo; enum foo { A=1 }; union foo { int a; };"
		    "struct foo { int a; }"),
	      "typedef foo enum foo", NULL);
}

/* ---- several definitions in the base ---- */

static const char two_foos[] = "struct foo { int a; int b; }; *struct foo#1;"
			       "struct foo { int a; long c; }; *struct foo#2;";

static void the_equal_one_of_several_definitions_is_taken(void **state)
{
	(void)state;
	holds(SCENE(two_foos, "struct foo { int a; long c; }; const struct foo"),
	      "const struct foo#2", NULL);
	holds(SCENE(two_foos, "struct foo { int a; int b; }; const struct foo"),
	      "const struct foo#1", NULL);
}

static void a_pointer_goes_to_the_equal_one_too(void **state)
{
	(void)state;
	holds(SCENE(two_foos, "struct foo { int a; long c; }; struct own { *struct foo p; }"),
	      "struct own { *struct foo#2 p; }", NULL);
}

/* Two of the base's are equal: the first. */
static void of_several_equal_ones_the_first_is_taken(void **state)
{
	(void)state;
	holds(SCENE("struct foo { int a; int z; }; struct foo { int a; }; struct foo { int a; }",
		    "struct foo { int a; }; const struct foo"),
	      "const struct foo#2", NULL);
}

static void a_declaration_takes_the_first_definition(void **state)
{
	(void)state;
	holds(SCENE("struct foo#0; struct foo { int a; }; struct foo { int b; }", "*struct foo"),
	      "*struct foo#1", NULL);
}

/* A unit's declaration means the unit's definition. */
static void a_declaration_goes_with_the_definition_beside_it(void **state)
{
	(void)state;
	holds(SCENE(two_foos, "*struct foo#0; struct foo { int a; long c; }; const struct foo#0"),
	      "const struct foo#2", NULL);
}

/* ---- drift ---- */

static const char base_with_foo[] =
	"struct foo { int a; int b; int c; }; *struct foo; typedef foo_t struct foo; *foo_t;"
	"const struct foo; [2]struct foo; struct holder { int x; };";
#define DRIFTED "struct foo { int a; int b; long c; };"
#define OWN_FOO "struct foo { int a; int b; long c; }"

static void what_embeds_a_drifted_type_has_our_layout(void **state)
{
	(void)state;
	holds(SCENE(base_with_foo, DRIFTED "struct own { struct foo f; int tail; }; long"), OWN_FOO,
	      "struct own { +struct foo f; int tail; }", "long<8>", NULL);
}
