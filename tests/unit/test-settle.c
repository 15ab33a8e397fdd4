// SPDX-License-Identifier: GPL-2.0-only
/*
 * What names mean when all units are known, and what that makes of the types that lead to them. What comes out is in
 * test-intern.c and test-variants.c; here are the cases that take several steps.
 */
#include "test.h"

#include "graph-fixture.h"

static const char base[] =
	"int; *struct foo; typedef foo_t struct foo; *foo_t; [2]*foo_t; func(*foo_t p) *struct foo;"
	"*func(*foo_t p) *struct foo; struct { *foo_t p; }; typedef ops *func(*foo_t p) *struct foo";

/* Names first, then from type to type, all the way up. */
static void what_leads_to_a_name_the_base_declares_is_the_base_s(void **state)
{
	(void)state;
	holds(SCENE(base, "typedef ops *func(*foo_t p) *struct foo; typedef foo_t struct foo;"
			  "[2]*foo_t; struct { *foo_t p; }"),
	      NULL);
}

static void and_own_all_the_way_up_once_the_module_defines_it(void **state)
{
	(void)state;
	holds(SCENE(base, "typedef foo_t struct foo; [2]*foo_t; struct { *foo_t p; }",
		    "struct foo { int a; }"),
	      "struct foo { int a; }", "typedef foo_t +struct foo", "*+foo_t", "[2]+*+foo_t",
	      "struct { +*+foo_t p; }", NULL);
}

/* One unit has the definition, the other one met its types before that was known. */
static void the_order_of_units_makes_no_difference(void **state)
{
	const char *uses = "typedef foo_t struct foo; *foo_t; fn f(*foo_t p) *struct foo";

	(void)state;
	holds(SCENE(base, uses, "struct foo { int a; }"), "struct foo { int a; }",
	      "typedef foo_t +struct foo", "*+foo_t", "*+struct foo",
	      "func(+*+foo_t p) +*+struct foo", "fn f +func(+*+foo_t p) +*+struct foo", NULL);
	holds(SCENE(base, "struct foo { int a; }", uses), "struct foo { int a; }",
	      "typedef foo_t +struct foo", "*+foo_t", "*+struct foo",
	      "func(+*+foo_t p) +*+struct foo", "fn f +func(+*+foo_t p) +*+struct foo", NULL);
}

/* Two forms of one type, which differ until the name is settled on the base's. */
static void types_that_become_equal_are_one(void **state)
{
	(void)state;
	holds(SCENE("int; struct foo#0",
		    "struct own { *struct foo p; *const struct foo q; };"
		    "func(*struct foo) int",
		    "struct own { *struct foo p; *const struct foo q; }; func(*struct foo) int"),
	      "*struct foo#0", "const struct foo#0", "*+const struct foo#0",
	      "struct own { +*struct foo#0 p; +*+const struct foo#0 q; }",
	      "func(+*struct foo#0) int", NULL);
}

static void functions_of_such_types_are_settled_too(void **state)
{
	(void)state;
	holds(SCENE(base, "fn f(*struct foo q) int", "fn f(*struct foo q) int"),
	      "func(*struct foo#0 q) int", "fn f +func(*struct foo#0 q) int", NULL);
	holds(SCENE("int; func(*struct foo p) int", "fn f(*struct foo p) int"),
	      "fn f func(*struct foo#0 p) int", NULL);
}

/* The base says struct, the module union: that is another name. */
static void a_declaration_settles_on_its_own_kind_only(void **state)
{
	(void)state;
	holds(SCENE(base, "*union foo"), "union foo#0", "*+union foo#0", NULL);
	holds(SCENE(base, "union foo { int a; }; *struct foo"), "union foo { int a; }", NULL);
}

/* A homonym in one unit; the base declares the name before it defines it. */
static void a_homonym_is_settled_on_itself(void **state)
{
	(void)state;
	holds(SCENE("struct foo#0; *struct foo#0; struct foo { int a; int b; int c; }",
		    "struct foo { int x; }; *struct foo"),
	      "struct foo { int x; }", "*+struct foo", NULL);
}

/* Of all units, one defines it, in two ways: those that only declare it go with the first. */
static void a_declaration_is_no_third_type(void **state)
{
	(void)state;
	holds(SCENE("int; long", "*struct foo",
		    "struct foo { int a; }; struct foo { long b; }; const struct foo#2"),
	      "struct foo#1 { int a; }", "struct foo#2 { long b; }", "*+struct foo#1",
	      "const +struct foo#2", NULL);
	holds(SCENE("int; long", "*struct foo#0; struct foo { int a; }; struct foo { long b; }"),
	      "struct foo#1 { int a; }", "struct foo#2 { long b; }", "*+struct foo#1", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_leads_to_a_name_the_base_declares_is_the_base_s),
		cmocka_unit_test(and_own_all_the_way_up_once_the_module_defines_it),
		cmocka_unit_test(the_order_of_units_makes_no_difference),
		cmocka_unit_test(types_that_become_equal_are_one),
		cmocka_unit_test(functions_of_such_types_are_settled_too),
		cmocka_unit_test(a_declaration_settles_on_its_own_kind_only),
		cmocka_unit_test(a_homonym_is_settled_on_itself),
		cmocka_unit_test(a_declaration_is_no_third_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
