// SPDX-License-Identifier: GPL-2.0-only
/* Two own types with one name in a module stay two, and so do types that refer to different ones. */
#include "test.h"

#include <stdio.h>

#include "graph-fixture.h"

static const char base[] = "int; long; char; func(int a) int";

#define FOO1 "struct foo { int a; };"
#define FOO2 "struct foo { long a; };"

static void two_definitions_stay_two(void **state)
{
	(void)state;
	holds(SCENE(base, FOO1, FOO2), "struct foo#1 { int a; }", "struct foo#2 { long a; }", NULL);
	holds(SCENE(base, "enum e { A=1 }", "enum e { B=1 }", "union u { int a; }",
		    "union u { long a; }"),
	      "enum e#1 { A=1 }", "enum e#2 { B=1 }", "union u#1 { int a; }",
	      "union u#2 { long a; }", NULL);
}

static void one_definition_in_many_units_is_one(void **state)
{
	(void)state;
	holds(SCENE(base, FOO1 "*struct foo", FOO1 "*struct foo", "*struct foo; " FOO1),
	      "struct foo { int a; }", "*+struct foo", NULL);
}

static void whatever_refers_to_them_is_two(void **state)
{
	(void)state;
	holds(SCENE(base, FOO1 "typedef foo_t *struct foo", FOO2 "typedef foo_t *struct foo"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "*+struct foo#1",
	      "*+struct foo#2", "typedef foo_t#1 +*+struct foo#1",
	      "typedef foo_t#2 +*+struct foo#2", NULL);
}

/* A struct that is written alike in both units, and means two things. */
static void a_struct_that_points_to_them_is_two(void **state)
{
	(void)state;
	holds(SCENE(base, FOO1 "struct bar { *struct foo p; }",
		    FOO2 "struct bar { *struct foo p; }"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "*+struct foo#1",
	      "*+struct foo#2", "struct bar#1 { +*+struct foo#1 p; }",
	      "struct bar#2 { +*+struct foo#2 p; }", NULL);
}

static void a_long_way_to_them_makes_two_as_well(void **state)
{
	const char *rest = "struct b { *struct a p; }; struct c { *struct b p; };"
			   "struct d { struct c c; }";
	char one[200], two[200];

	(void)state;
	snprintf(one, sizeof(one), "struct a { int x; }; %s", rest);
	snprintf(two, sizeof(two), "struct a { long x; }; %s", rest);
	holds(SCENE(base, one, two), "struct a#1 { int x; }", "struct a#2 { long x; }",
	      "*+struct a#1", "*+struct a#2", "struct b#1 { +*+struct a#1 p; }",
	      "struct b#2 { +*+struct a#2 p; }", "*+struct b#1", "*+struct b#2",
	      "struct c#1 { +*+struct b#1 p; }", "struct c#2 { +*+struct b#2 p; }",
	      "struct d#1 { +struct c#1 c; }", "struct d#2 { +struct c#2 c; }", NULL);
}

static void what_does_not_refer_to_them_stays_one(void **state)
{
	(void)state;
	holds(SCENE(base, FOO1 "struct own { int x; }; *struct own",
		    FOO2 "struct own { int x; }; *struct own"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "struct own { int x; }",
	      "*+struct own", NULL);
}

static void units_that_agree_share(void **state)
{
	(void)state;
	holds(SCENE(base, FOO1 "*struct foo", FOO2 "*struct foo", FOO1 "*struct foo",
		    FOO2 "const struct foo"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "*+struct foo#1",
	      "*+struct foo#2", "const +struct foo#2", NULL);
}

static void functions_and_variables_follow_their_unit(void **state)
{
	(void)state;
	holds(SCENE(base, FOO1 "fn f(*struct foo p) int; var v struct foo .data..percpu:0",
		    FOO2 "fn g(*struct foo p) int; var w struct foo .data..percpu:8"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "*+struct foo#1",
	      "*+struct foo#2", "func(+*+struct foo#1 p) int", "func(+*+struct foo#2 p) int",
	      "fn f +func(+*+struct foo#1 p) int", "fn g +func(+*+struct foo#2 p) int",
	      "var v +struct foo#1", "var w +struct foo#2",
	      "section .data..percpu<16> { v@0:4; w@8:8; }", NULL);
}

static void a_unit_that_only_declares_goes_with_the_first_definition(void **state)
{
	(void)state;
	holds(SCENE(base, "const struct foo", FOO2, FOO1), "struct foo#1 { long a; }",
	      "struct foo#2 { int a; }", "const +struct foo#1", NULL);
	holds(SCENE(base, FOO1, FOO2, "const struct foo; fn f(*struct foo p) int"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "const +struct foo#1",
	      "*+struct foo#1", "func(+*+struct foo#1 p) int", "fn f +func(+*+struct foo#1 p) int",
	      NULL);
}

static void types_in_circles_are_told_apart(void **state)
{
	(void)state;
	holds(SCENE(base, "struct a { *struct b p; }; struct b { *struct a p; int x; }",
		    "struct a { *struct b p; }; struct b { *struct a p; long x; }"),
	      "struct a#1 { +*+struct b#1 p; }", "struct b#1 { +*+struct a#1 p; int x; }",
	      "struct a#2 { +*+struct b#2 p; }", "struct b#2 { +*+struct a#2 p; long x; }",
	      "*+struct a#1", "*+struct a#2", "*+struct b#1", "*+struct b#2", NULL);
}

static void two_layouts_of_a_drifted_type_stay_two(void **state)
{
	const char *with = "struct foo { int a; int b; int c; }; *struct foo; int; long";

	(void)state;
	holds(SCENE(with, "struct foo { int a; int b; }; struct x { struct foo f; }",
		    "struct foo { int a; int b; int d; }; struct x { struct foo f; };"
		    "struct y { *struct x p; *struct foo q; }"),
	      "struct foo#1 { int a; int b; }", "struct foo#2 { int a; int b; int d; }",
	      "struct x#1 { +struct foo#1 f; }", "struct x#2 { +struct foo#2 f; }", "*+struct x#2",
	      "struct y { +*+struct x#2 p; *struct foo q; }", NULL);
}

static void two_homonyms_of_one_base_type_stay_two(void **state)
{
	const char *with = "struct foo { int a; int b; int c; }; *struct foo";

	(void)state;
	holds(SCENE(with, "struct foo { int x; }; *struct foo",
		    "struct foo { int y; }; *struct foo", "*struct foo; const struct foo"),
	      "struct foo#1 { int x; }", "struct foo#2 { int y; }", "*+struct foo#1",
	      "*+struct foo#2", "const struct foo", NULL);
}

/* ---- one unit with several definitions of one name (LTO, structs inside of functions) ---- */

static void two_definitions_in_one_unit_stay_two(void **state)
{
	(void)state;
	holds(SCENE(base, FOO1 FOO2 "*struct foo#1; *struct foo#2; const struct foo#2"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "*+struct foo#1",
	      "*+struct foo#2", "const +struct foo#2", NULL);
}

static void they_may_differ_in_member_types_alone(void **state)
{
	(void)state;
	holds(SCENE(base, "struct foo { int a; }; struct foo { [4]char a; };"
			  "*struct foo#1; *struct foo#2; [4]char"),
	      "[4]char", "struct foo#1 { int a; }", "struct foo#2 { +[4]char a; }",
	      "*+struct foo#1", "*+struct foo#2", "__ARRAY_SIZE_TYPE__<4>", NULL);
	holds(SCENE(base, "struct foo { *int a; }; struct foo { *char a; };"
			  "const struct foo#1; const struct foo#2"),
	      "*int", "*char", "struct foo#1 { +*int a; }", "struct foo#2 { +*char a; }",
	      "const +struct foo#1", "const +struct foo#2", NULL);
}

static void one_definition_twice_in_a_unit_is_one(void **state)
{
	(void)state;
	holds(SCENE(base, FOO1 FOO1 "*struct foo#1; *struct foo#2"), "struct foo { int a; }",
	      "*+struct foo", NULL);
	holds(SCENE(base, FOO1 FOO1 FOO2 FOO1 FOO2
		    "*struct foo#1; *struct foo#2; *struct foo#3; *struct foo#4; *struct foo#5"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "*+struct foo#1",
	      "*+struct foo#2", NULL);
}

/* One unit has both, another one of them. */
static void they_are_the_same_as_in_other_units(void **state)
{
	(void)state;
	holds(SCENE(base, FOO1 FOO2 "*struct foo#1; *struct foo#2", FOO2 "*struct foo"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "*+struct foo#1",
	      "*+struct foo#2", NULL);
	holds(SCENE(base, FOO2 "*struct foo", FOO1 FOO2 "*struct foo#1; *struct foo#2"),
	      "struct foo#1 { long a; }", "struct foo#2 { int a; }", "*+struct foo#1",
	      "*+struct foo#2", NULL);
}

/* ---- what becomes of references to names that the base declares ---- */

static void a_type_in_two_variants_may_also_lead_to_the_base(void **state)
{
	const char *with = "int; long; struct other#0; *struct other";

	(void)state;
	holds(SCENE(with, FOO1 "*func(*struct foo, *struct other) int",
		    FOO2 "*func(*struct foo, *struct other) int"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "*+struct foo#1",
	      "*+struct foo#2", "func(+*+struct foo#1, *struct other#0) int",
	      "func(+*+struct foo#2, *struct other#0) int",
	      "*+func(+*+struct foo#1, *struct other#0) int",
	      "*+func(+*+struct foo#2, *struct other#0) int", NULL);
}

#define rule(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		rule(two_definitions_stay_two),
		rule(one_definition_in_many_units_is_one),
		rule(whatever_refers_to_them_is_two),
		rule(a_struct_that_points_to_them_is_two),
		rule(a_long_way_to_them_makes_two_as_well),
		rule(what_does_not_refer_to_them_stays_one),
		rule(units_that_agree_share),
		rule(functions_and_variables_follow_their_unit),
		rule(a_unit_that_only_declares_goes_with_the_first_definition),
		rule(types_in_circles_are_told_apart),
		rule(two_layouts_of_a_drifted_type_stay_two),
		rule(two_homonyms_of_one_base_type_stay_two),
		rule(two_definitions_in_one_unit_stay_two),
		rule(they_may_differ_in_member_types_alone),
		rule(one_definition_twice_in_a_unit_is_one),
		rule(they_are_the_same_as_in_other_units),
		rule(a_type_in_two_variants_may_also_lead_to_the_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
