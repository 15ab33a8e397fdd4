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

/* So are members that are embedded: one changed struct makes no other unequal. */
static void equality_never_walks_into_a_named_member(void **state)
{
	(void)state;
	holds(SCENE("struct bar { int a; int b; }; struct baz { struct bar b; int tail; }",
		    "struct bar { int a; int c; };"
		    "struct baz { struct bar b; int tail; }; *struct baz"),
	      "struct bar { int a; int c; }", "*struct baz", NULL);
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
	"const struct foo; [2]struct foo; long; struct user { struct foo f; }";
#define DRIFTED "struct foo { int a; int b; long c; };"
#define OWN_FOO "struct foo { int a; int b; long c; }"

static void what_embeds_a_drifted_type_has_our_layout(void **state)
{
	(void)state;
	holds(SCENE(base_with_foo, DRIFTED "struct own { struct foo f; int tail; }"), OWN_FOO,
	      "struct own { +struct foo f; int tail; }", NULL);
}

static void layout_is_kept_through_typedef(void **state)
{
	(void)state;
	holds(SCENE(base_with_foo,
		    DRIFTED "typedef foo_t struct foo; struct own { foo_t f; *foo_t p; }"),
	      OWN_FOO, "typedef foo_t +struct foo", "struct own { +foo_t f; *foo_t p; }", NULL);
}

static void layout_is_kept_through_qualifiers(void **state)
{
	(void)state;
	holds(SCENE(base_with_foo, DRIFTED "struct own { const volatile struct foo f; }"), OWN_FOO,
	      "volatile +struct foo", "const +volatile +struct foo", "volatile struct foo",
	      "const +volatile struct foo", "struct own { +const +volatile +struct foo f; }", NULL);
}

static void layout_is_kept_through_array(void **state)
{
	(void)state;
	holds(SCENE(base_with_foo, DRIFTED "struct own { [2]struct foo f; [2]*struct foo p; }"),
	      OWN_FOO, "[2]+struct foo", "[2]*struct foo",
	      "struct own { +[2]+struct foo f; +[2]*struct foo p; }", NULL);
}

static void layout_is_kept_through_anonymous_member(void **state)
{
	(void)state;
	holds(SCENE(base_with_foo,
		    DRIFTED "struct own { union { struct foo f; *struct foo p; }; int t; }"),
	      OWN_FOO, "union { +struct foo f; *struct foo p; }",
	      "struct own { +union { +struct foo f; *struct foo p; }; int t; }", NULL);
}

/* user has not changed itself, but what the module has in memory under that name is another thing. */
static void embedding_goes_through_unchanged_structs(void **state)
{
	(void)state;
	holds(SCENE(base_with_foo, DRIFTED "struct user { struct foo f; }; *struct user"), OWN_FOO,
	      "struct user { +struct foo f; }", "*struct user", NULL);
}

static void pointers_to_a_drifted_type_go_to_the_base(void **state)
{
	(void)state;
	holds(SCENE(base_with_foo, DRIFTED
		    "func(*struct foo, **const foo_t) *struct foo; typedef foo_t struct foo"),
	      OWN_FOO, "const foo_t", "*+const foo_t", "*+*+const foo_t",
	      "func(*struct foo, +*+*+const foo_t) *struct foo", NULL);
}

static void variables_of_a_drifted_type_have_our_layout(void **state)
{
	(void)state;
	holds(SCENE(base_with_foo, DRIFTED "var v struct foo .data..percpu:16;"
					   "var p *struct foo .data..percpu:32"),
	      OWN_FOO, "var v +struct foo", "var p *struct foo",
	      "section .data..percpu<40> { v@16:16; p@32:8; }", NULL);
}

static void drift_is_reported_once(void **state)
{
	(void)state;
	drifts(SCENE(base_with_foo, DRIFTED "struct own { struct foo f; int tail; }", DRIFTED,
		     DRIFTED "*struct foo"),
	       "struct foo", NULL);
	drifts(SCENE("struct foo { int a; }; union u { int a; }; enum e { A=1 }",
		     "struct foo { int a; int b; }; union u { int a; int b; };"
		     "enum e { A=1, B=2 }"),
	       "struct foo", "union u", "enum e", NULL);
}

static void an_equal_type_or_a_homonym_is_no_drift(void **state)
{
	(void)state;
	drifts(SCENE(base_with_foo, "struct foo { int a; int b; int c; }; *struct foo"), NULL);
	drifts(SCENE(base_with_foo, "struct foo { int x; }; struct own { struct foo f; }"), NULL);
}

/* ---- homonyms ---- */

static const char base_with_port[] =
	"struct port { int line; int irq; int type; }; *struct port; typedef port_t struct port;"
	"func(*struct port) int; struct bus { *struct port p; }; struct host { struct port p; }";
#define HOMONYM "struct port { int x; int y; };"
#define OWN_PORT "struct port { int x; int y; }"

static void whatever_refers_to_a_homonym_is_own(void **state)
{
	(void)state;
	holds(SCENE(base_with_port, HOMONYM "typedef port_t struct port; *struct port;"
					    "func(*struct port) int"),
	      OWN_PORT, "typedef port_t +struct port", "*+struct port", "func(+*+struct port) int",
	      NULL);
}

static void a_struct_with_a_pointer_to_a_homonym_is_own(void **state)
{
	(void)state;
	holds(SCENE(base_with_port, HOMONYM "struct bus { *struct port p; }"), OWN_PORT,
	      "*+struct port", "struct bus { +*+struct port p; }", NULL);
	holds(SCENE(base_with_port, HOMONYM "struct host { struct port p; }"), OWN_PORT,
	      "struct host { +struct port p; }", NULL);
}

static void a_declaration_of_a_homonym_is_the_homonym(void **state)
{
	(void)state;
	holds(SCENE(base_with_port, "*struct port#0; " HOMONYM), OWN_PORT, "*+struct port", NULL);
}

/* Half of the names of the one that has more decide. */
static void half_of_the_members_make_it_the_same_type(void **state)
{
	(void)state;
	holds(SCENE("struct foo { int a; int b; int c; int d; }; *struct foo",
		    "struct foo { int a; int b; int x; }; *struct foo"),
	      "struct foo { int a; int b; int x; }", NULL);
	holds(SCENE("struct foo { int a; int b; int c; int d; }; *struct foo",
		    "struct foo { int a; int x; int y; }; *struct foo"),
	      "struct foo { int a; int x; int y; }", "*+struct foo", NULL);
	holds(SCENE("struct foo { int a; }; *struct foo",
		    "struct foo { int a; int x; int y; }; *struct foo"),
	      "struct foo { int a; int x; int y; }", "*+struct foo", NULL);
}

static void members_of_anonymous_members_count_as_members(void **state)
{
	(void)state;
	holds(SCENE("struct foo { union { int a; struct { int b; int c; }; }; }; *struct foo",
		    "struct foo { int a; int b; int c; }; *struct foo"),
	      "struct foo { int a; int b; int c; }", NULL);
	holds(SCENE("struct foo { int a; int b; int c; }; *struct foo",
		    "struct foo { union { int a; struct { int b; int c; }; }; }; *struct foo"),
	      "struct { int b; int c; }", "union { int a; +struct { int b; int c; }; }",
	      "struct foo { +union { int a; +struct { int b; int c; }; }; }", NULL);
}

static void an_empty_definition_is_no_homonym(void **state)
{
	(void)state;
	holds(SCENE("struct foo { int a; }; *struct foo", "struct foo { }; *struct foo"),
	      "struct foo { }", NULL);
	holds(SCENE("struct foo { }; *struct foo; int", "struct foo { int a; }; *struct foo"),
	      "struct foo { int a; }", NULL);
}

static void akin_to_one_of_several_definitions_is_no_homonym(void **state)
{
	(void)state;
	holds(SCENE("struct foo { int x; int y; }; struct foo { int a; int b; }; *struct foo",
		    "struct foo { int a; int b; int c; }; *struct foo"),
	      "struct foo { int a; int b; int c; }", NULL);
}

static void enums_are_homonyms_by_enumerators(void **state)
{
	(void)state;
	holds(SCENE("enum e { A=0, B=1 }; *enum e", "enum e { X=0, Y=1 }; *enum e"),
	      "enum e { X=0, Y=1 }", "*+enum e", NULL);
	holds(SCENE("enum e { A=0, B=1 }; *enum e", "enum e { A=0, B=2 }; *enum e"),
	      "enum e { A=0, B=2 }", NULL);
}

/* Another unit, which includes the kernel's header, means the kernel's. */
static void a_homonym_of_one_unit_is_none_of_anothers(void **state)
{
	(void)state;
	holds(SCENE(base_with_port, HOMONYM "*struct port",
		    "struct port { int line; int irq; int type; }; const struct port"),
	      OWN_PORT, "*+struct port", "const struct port", NULL);
}

/* ---- names that the base only declares ---- */

static const char base_declares[] =
	"*struct foo; typedef foo_t struct foo; *foo_t; int;"
	"func(*struct foo) int; struct bar { *struct foo p; }; *union u";

static void the_module_defines_what_the_base_only_declares(void **state)
{
	(void)state;
	holds(SCENE(base_declares, "struct foo { int a; }; *struct foo"), "struct foo { int a; }",
	      "*+struct foo", NULL);
	holds(SCENE(base_declares, "struct foo { int a; }; typedef foo_t struct foo"),
	      "struct foo { int a; }", "typedef foo_t +struct foo", NULL);
	holds(SCENE(base_declares, "union u { int a; }; *union u"), "union u { int a; }",
	      "*+union u", NULL);
	drifts(SCENE(base_declares, "struct foo { int a; }"), NULL);
}

static void what_both_only_declare_is_the_base_s(void **state)
{
	(void)state;
	holds(SCENE(base_declares, "*struct foo; typedef foo_t struct foo; *foo_t; *union u;"
				   "func(*struct foo) int"),
	      NULL);
	holds(SCENE(base_declares, "const struct foo; func(*struct foo, int a) int"),
	      "const struct foo#0", "func(*struct foo#0, int a) int", NULL);
}

static void one_unit_may_define_what_another_declares(void **state)
{
	(void)state;
	holds(SCENE(base_declares, "*struct foo", "struct foo { int a; }"), "struct foo { int a; }",
	      "*+struct foo", NULL);
	holds(SCENE(base_declares, "struct foo { int a; }", "*struct foo"), "struct foo { int a; }",
	      "*+struct foo", NULL);
}

static void a_struct_of_the_base_that_points_to_it_stays_the_base_s(void **state)
{
	(void)state;
	holds(SCENE(base_declares,
		    "struct foo { int a; }; struct bar { *struct foo p; }; *struct bar"),
	      "struct foo { int a; }", "*+struct foo", "*struct bar", NULL);
}

static void a_name_that_nobody_defines_is_declared(void **state)
{
	(void)state;
	holds(SCENE("int", "*struct foo; *union u; *struct foo"), "struct foo#0", "union u#0",
	      "*+struct foo#0", "*+union u#0", NULL);
	holds(SCENE("int", "*enum e"), "enum e#0", "*+enum e#0", NULL);
	holds(SCENE("int", "*struct foo", "struct foo { int a; }"), "struct foo { int a; }",
	      "*+struct foo", NULL);
}

/* ---- types without a name, typedefs ---- */

static void anonymous_types_are_compared_by_structure(void **state)
{
	const char *with = "struct { int a; *struct { int b; } p; }; union { int a; long b; };"
			   "enum { A=1, B=2 }";

	(void)state;
	holds(SCENE(with, with), NULL);
	holds(SCENE(with, "struct { int a; *struct { int c; } p; }"), "struct { int c; }",
	      "*+struct { int c; }", "struct { int a; +*+struct { int c; } p; }", NULL);
	holds(SCENE(with, "union { int a; long b; int c; }; enum { A=1, B=3 }"),
	      "union { int a; long b; int c; }", "enum { A=1, B=3 }", NULL);
	holds(SCENE(with, "struct<16> { int b; }; struct { int b@32; }; struct { int b:3; }"),
	      "struct { int b; }", "struct { int b; }", "struct { int b:3@0; }", NULL);
}

static void anonymous_types_are_one_for_all_units(void **state)
{
	(void)state;
	holds(SCENE("int", "struct { int a; }; *struct { int a; }", "struct { int a; }"),
	      "struct { int a; }", "*+struct { int a; }", NULL);
}

static void typedefs_are_compared_by_name_and_target(void **state)
{
	const char *with = "typedef t int; typedef t long; typedef s *t#2; struct foo { int a; };"
			   "typedef foo_t struct foo";

	(void)state;
	holds(SCENE(with, "typedef t int; typedef foo_t struct foo"), NULL);
	holds(SCENE(with, "typedef t long; typedef s *t; const t"), "const t#2", NULL);
	holds(SCENE(with, "typedef t int; typedef s *t"), "*t#1", "typedef s +*t#1", NULL);
	holds(SCENE(with, "typedef t *int; typedef u int"), "*int", "typedef t +*int",
	      "typedef u int", NULL);
}

static void a_typedef_of_an_anonymous_struct_is_compared_by_structure(void **state)
{
	(void)state;
	holds(SCENE("typedef list struct { *void next; }; *list; *void",
		    "typedef list struct { *void next; }; *list"),
	      NULL);
	holds(SCENE("typedef list struct { *void next; }; *list; *void",
		    "typedef list struct { *void prev; }; *list"),
	      "struct { *void prev; }", "typedef list +struct { *void prev; }", "*+list", NULL);
}

static void integers_are_compared_by_all_that_they_have(void **state)
{
	(void)state;
	holds(SCENE("int; char", "int; uint; long; char; bool; double"), "uint<4>", "long<8>",
	      "bool<1>", "double<8>", NULL);
}

static void prototypes_are_compared_by_names_and_types(void **state)
{
	const char *with = "func(int a, ...) int; func(int a) int; func() void; long";

	(void)state;
	holds(SCENE(with, "func(int a, ...) int; func(int a) int; func() void"), NULL);
	holds(SCENE(with, "func(int b) int"), "func(int b) int", NULL);
	holds(SCENE(with, "func(long a) int"), "func(long a) int", NULL);
	holds(SCENE(with, "func(int a) long"), "func(int a) long", NULL);
	holds(SCENE(with, "func(int a, int b) int"), "func(int a, int b) int", NULL);
	holds(SCENE(with, "func(...) void"), "func(...) void", NULL);
}

/* ---- arrays ---- */

static void arrays_are_compared_by_element_and_number(void **state)
{
	(void)state;
	holds(SCENE("[4]int; long", "[4]int; [5]int; [4]long; [0]int"), "[5]int", "[4]long",
	      "[0]int", NULL);
}

/* Which of the two a unit's graph holds is for its source to do, by the index: see test-index.c. */
static void nested_arrays_are_no_flat_ones(void **state)
{
	(void)state;
	holds(SCENE("[2][3]int", "[2][3]int; [6]int"), "[6]int", NULL);
	holds(SCENE("[6]int", "[2][3]int; [6]int"), "[3]int", "[2]+[3]int", NULL);
}

/* ---- enums ---- */

static void enums_are_compared_by_all_enumerators(void **state)
{
	const char *with = "enum e { A=0, B=1, C=-1 }; enum64 f { D=1, E=0x7fffffffffff };"
			   "enum e_only; *enum e";

	(void)state;
	holds(SCENE(with, "enum e { A=0, B=1, C=-1 }; enum64 f { D=1, E=0x7fffffffffff }"), NULL);
	holds(SCENE(with, "enum e { A=0, B=1, C=2 }"), "enum e { A=0, B=1, C=2 }", NULL);
	holds(SCENE(with, "enum e { A=0, B=1 }"), "enum e { A=0, B=1 }", NULL);
	holds(SCENE(with, "enum e { A=0, B=1, X=-1 }"), "enum e { A=0, B=1, X=-1 }", NULL);
	holds(SCENE(with, "enum64 f { D=1, E=0x6fffffffffff }"),
	      "enum64 f { D=1, E=123145302310911 }", NULL);
	holds(SCENE(with, "enum f { D=1 }"), "enum f { D=1 }", NULL);
	holds(SCENE(with, "enum64 g { G=-1 }; enum h { H=-2 }"), "enum64 g { G=-1 }",
	      "enum h { H=-2 }", NULL);
}

static void an_enum_that_is_declared_is_the_one_of_that_name(void **state)
{
	(void)state;
	holds(SCENE("enum e { A=0 }; *enum e", "*enum e"), NULL);
	holds(SCENE("*enum e", "*enum e"), NULL);
	holds(SCENE("*enum e", "enum e { A=0 }; *enum e"), "enum e { A=0 }", "*+enum e", NULL);
	holds(SCENE("int", "enum e { A=0 }; *enum e#0"), "enum e { A=0 }", "*+enum e", NULL);
}

/* ---- circles ---- */

static void structs_may_refer_to_each_other_in_a_circle(void **state)
{
	const char *two = "struct a { *struct b p; }; struct b { *struct a p; *struct b next; }";

	(void)state;
	holds(SCENE(two, two), NULL);
	holds(SCENE("int", two, two), "struct a { +*+struct b p; }",
	      "struct b { +*+struct a p; +*+struct b next; }", "*+struct a", "*+struct b", NULL);
	holds(SCENE("int", "struct ops { *func(*struct ops o) int f; }"),
	      "struct ops { +*+func(+*+struct ops o) int f; }", "*+struct ops",
	      "func(+*+struct ops o) int", "*+func(+*+struct ops o) int", NULL);
}

/* ---- tags ---- */

static void type_tags_are_compared_by_text_and_target(void **state)
{
	const char *with = "*@user char; *@rcu char; struct foo { int a; }; *@rcu struct foo";

	(void)state;
	holds(SCENE(with, "*@user char; *@rcu struct foo"), NULL);
	holds(SCENE(with, "*@percpu char; *@user struct foo"), "@percpu char", "*+@percpu char",
	      "@user struct foo", "*+@user struct foo", NULL);
}

static void a_tag_on_a_type_of_the_base_is_the_base_s_if_it_has_it(void **state)
{
	const char *with = "struct foo { int a; int b; }; tag one struct foo; tag two struct foo.1";

	(void)state;
	holds(SCENE(with, with), NULL);
	holds(SCENE(with, "struct foo { int a; int b; }; tag two struct foo; tag two struct foo.0"),
	      "tag two struct foo", "tag two struct foo.0", NULL);
}

static void a_tag_on_an_own_type_is_own(void **state)
{
	const char *with = "struct foo { int a; int b; }; tag one struct foo; long";

	(void)state;
	holds(SCENE(with, "struct bar { int a; }; tag one struct bar; tag one struct bar.0",
		    "tag one struct bar; struct bar { int a; }"),
	      "struct bar { int a; }", "tag one +struct bar", "tag one +struct bar.0", NULL);
	/* Drift: it is our definition that has the tag. */
	holds(SCENE(with, "struct foo { int a; long b; }; tag one struct foo"),
	      "struct foo { int a; long b; }", "tag one +struct foo", NULL);
}

#define rule(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		rule(nothing_new_is_nothing_own),
		rule(definition_is_compared_by_size),
		rule(definition_is_compared_by_member_names),
		rule(definition_is_compared_by_bit_offset),
		rule(definition_is_compared_by_bit_size),
		rule(definition_is_compared_by_member_types),
		rule(equality_never_walks_through_a_pointer_to_a_named_type),
		rule(equality_never_walks_into_a_named_member),
		rule(declaration_equals_struct),
		rule(declaration_of_a_union_is_no_struct),
		rule(one_name_of_several_kinds_is_several_types),
		rule(the_equal_one_of_several_definitions_is_taken),
		rule(a_pointer_goes_to_the_equal_one_too),
		rule(of_several_equal_ones_the_first_is_taken),
		rule(a_declaration_takes_the_first_definition),
		rule(a_declaration_goes_with_the_definition_beside_it),
		rule(what_embeds_a_drifted_type_has_our_layout),
		rule(layout_is_kept_through_typedef),
		rule(layout_is_kept_through_qualifiers),
		rule(layout_is_kept_through_array),
		rule(layout_is_kept_through_anonymous_member),
		rule(embedding_goes_through_unchanged_structs),
		rule(pointers_to_a_drifted_type_go_to_the_base),
		rule(variables_of_a_drifted_type_have_our_layout),
		rule(drift_is_reported_once),
		rule(an_equal_type_or_a_homonym_is_no_drift),
		rule(whatever_refers_to_a_homonym_is_own),
		rule(a_struct_with_a_pointer_to_a_homonym_is_own),
		rule(a_declaration_of_a_homonym_is_the_homonym),
		rule(half_of_the_members_make_it_the_same_type),
		rule(members_of_anonymous_members_count_as_members),
		rule(an_empty_definition_is_no_homonym),
		rule(akin_to_one_of_several_definitions_is_no_homonym),
		rule(enums_are_homonyms_by_enumerators),
		rule(a_homonym_of_one_unit_is_none_of_anothers),
		rule(the_module_defines_what_the_base_only_declares),
		rule(what_both_only_declare_is_the_base_s),
		rule(one_unit_may_define_what_another_declares),
		rule(a_struct_of_the_base_that_points_to_it_stays_the_base_s),
		rule(a_name_that_nobody_defines_is_declared),
		rule(anonymous_types_are_compared_by_structure),
		rule(anonymous_types_are_one_for_all_units),
		rule(typedefs_are_compared_by_name_and_target),
		rule(a_typedef_of_an_anonymous_struct_is_compared_by_structure),
		rule(integers_are_compared_by_all_that_they_have),
		rule(prototypes_are_compared_by_names_and_types),
		rule(arrays_are_compared_by_element_and_number),
		rule(nested_arrays_are_no_flat_ones),
		rule(enums_are_compared_by_all_enumerators),
		rule(an_enum_that_is_declared_is_the_one_of_that_name),
		rule(structs_may_refer_to_each_other_in_a_circle),
		rule(type_tags_are_compared_by_text_and_target),
		rule(a_tag_on_a_type_of_the_base_is_the_base_s_if_it_has_it),
		rule(a_tag_on_an_own_type_is_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
