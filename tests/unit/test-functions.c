// SPDX-License-Identifier: GPL-2.0-only
/* Which functions a module's BTF names: those whose appearances in all units agree. */
#include "test.h"

#include <stdio.h>

#include "graph-fixture.h"

/* Two units that declare f differently, by parameter and result; does the BTF have f? */
static bool has_f(const char *types, const char *one, const char *two)
{
	char first[512], second[512];
	const struct scene *scene = SCENE("int; long", first, second);
	struct play play;
	bool found;

	snprintf(first, sizeof(first), "%s; fn f%s", types, one);
	snprintf(second, sizeof(second), "%s; fn f%s", types, two);
	if (play_scene(&play, scene, (struct variation){ 0 }))
		fail_msg("%s", play.err.text);
	found = btf_find(&play.btf, "f", BTF_KIND_FUNC);
	play_free(&play);
	return found;
}

#define agree(one, two) assert_true(has_f("", one, two) && has_f("", two, one))
#define differ(one, two) assert_false(has_f("", one, two) || has_f("", two, one))

static void a_function_of_many_units_is_there_once(void **state)
{
	(void)state;
	holds(SCENE("int", "fn f(int a) int", "fn g(int a) int", "fn f(int a) int"),
	      "func(int a) int", "fn f +func(int a) int", "fn g +func(int a) int", NULL);
}

static void prototypes_of_the_base_are_used(void **state)
{
	(void)state;
	holds(SCENE("int; func(int a) int", "fn f(int a) int"), "fn f func(int a) int", NULL);
}

static void functions_of_the_base_are_not(void **state)
{
	(void)state;
	holds(SCENE("int; fn f(int a) int", "fn f(int a) int"), "fn f func(int a) int", NULL);
}

static void they_come_in_the_order_of_names(void **state)
{
	(void)state;
	holds_in_order(
		SCENE("int; func(int a) int", "fn z(int a) int; fn B(int a) int; fn b(int a) int",
		      "fn a(int a) int; fn b_(int a) int; fn ba(int a) int"),
		"fn B func(int a) int", "fn a func(int a) int", "fn b func(int a) int",
		"fn b_ func(int a) int", "fn ba func(int a) int", "fn z func(int a) int", NULL);
}

static void a_prototype_that_no_function_has_is_no_type(void **state)
{
	(void)state;
	holds(SCENE("int; long", "fn f(int a) int", "fn f(long a) int"), NULL);
	holds(SCENE("int; long", "fn f(int a) int; *func(int a) int", "fn f(long a) int"),
	      "func(int a) int", "*+func(int a) int", NULL);
}

static void parameters_must_agree(void **state)
{
	(void)state;
	agree("(int a) int", "(int a) int");
	agree("() void", "() void");
	differ("(int a) int", "(uint a) int");
	differ("(int a) int", "(int a) void");
	differ("(int a) int", "(int a) long");
	differ("(int a) int", "(int a, int b) int");
	differ("(int a) int", "(int a, ...) int");
	differ("(int a) int", "() int");
	differ("(*int a) int", "(int a) int");
	differ("(*int a) int", "(**int a) int");
	differ("(*[2]int a) int", "(*[3]int a) int");
	agree("(*[2]int a) int", "(*[2]int a) int");
	differ("(*volatile int a) int", "(*int a) int");
	differ("(*@user int a) int", "(*int a) int");
}

static void names_of_parameters_need_not(void **state)
{
	(void)state;
	agree("(int a) int", "(int b) int");
	agree("(int a) int", "(int) int");
}

/* As pahole has it, and with its exception: not for void. */
static void const_on_one_side_is_tolerated(void **state)
{
	(void)state;
	agree("(const int a) int", "(int a) int");
	agree("(*const int a) int", "(*int a) int");
	agree("(const *const int a) const int", "(*int a) int");
	agree("(*func(const int a) int f) int", "(*func(int a) int f) int");
	differ("(*const void a) int", "(*void a) int");
}

static void named_types_agree_by_kind_and_name(void **state)
{
	(void)state;
	differ("(*struct foo a) int", "(*struct bar a) int");
	differ("(*struct foo a) int", "(*union foo a) int");
	agree("(*struct foo a) int", "(*struct foo a) int");
	assert_true(has_f("typedef t int; typedef u int", "(t a) int", "(t a) int"));
	assert_false(has_f("typedef t int; typedef u int", "(t a) int", "(u a) int"));
	assert_false(has_f("typedef t int; typedef u int", "(t a) int", "(int a) int"));
}

/* By name alone: what stands behind it may differ, as may a declaration and a definition. */
static void two_definitions_of_a_name_agree(void **state)
{
	(void)state;
	holds(SCENE("int; long", "struct foo { int a; }; fn f(*struct foo p) int",
		    "struct foo { long a; }; fn f(*struct foo p) int"),
	      "struct foo#1 { int a; }", "struct foo#2 { long a; }", "*+struct foo#1",
	      "*+struct foo#2", "func(+*+struct foo#1 p) int", "fn f +func(+*+struct foo#1 p) int",
	      NULL);
	holds(SCENE("struct foo { int a; }; *struct foo; func(*struct foo p) int",
		    "fn f(*struct foo p) int", "struct foo { int x; }; fn f(*struct foo p) int"),
	      "struct foo { int x; }", "*+struct foo", "fn f func(*struct foo p) int", NULL);
	holds(SCENE("int", "typedef t int; fn f(t p) int", "typedef t *int; fn f(t p) int"), "*int",
	      "typedef t#1 int", "typedef t#2 +*int", "func(+t#1 p) int", "fn f +func(+t#1 p) int",
	      NULL);
}

static void function_pointers_must_agree(void **state)
{
	(void)state;
	agree("(*func(int a) int f) int", "(*func(int b) int g) int");
	differ("(*func(int a) int f) int", "(*func(long a) int f) int");
	differ("(*func(int a) int f) int", "(*func(int a) long f) int");
	differ("(*func(int a) int f) int", "(*func(int a, int b) int f) int");
}

static void a_function_with_an_unusual_call_is_left_out(void **state)
{
	const char *with = "int; func(int a) int";

	(void)state;
	holds(SCENE(with, "fn f(int a) int !reg"), NULL);
	holds(SCENE(with, "fn f(int a) int !uncertain"), NULL);
	holds(SCENE(with, "fn f(int a) int !reordered"), NULL);
	holds(SCENE(with, "fn f(int a) int !optimized"), NULL);
	holds(SCENE(with, "fn f(int a) int", "fn f(int a) int !reg"), NULL);
	holds(SCENE(with, "fn f(int a) int !reg", "fn f(int a) int"), NULL);
	holds(SCENE(with, "fn f(int a) int", "fn f(int a) int !optimized !uncertain"), NULL);
	holds(SCENE(with, "fn f(int a) int !optimized", "fn f(int a) int"), NULL);
	holds(SCENE(with, "fn f(int a) int", "fn f(int a) int !optimized"), "fn f func(int a) int",
	      NULL);
}

static void an_ambiguous_function_is_left_out(void **state)
{
	const struct scene scene = { .base = "int; func(int a) int",
				     .units = { "fn f(int a) int; fn g(int a) int" },
				     .ambiguous = "f" };

	(void)state;
	holds(&scene, "fn g func(int a) int", NULL);
}

static void a_symbol_that_no_unit_has_is_none(void **state)
{
	struct play play;

	(void)state;
	assert_int_equal(play_base(&play, "int", (struct variation){ 0 }), 0);
	assert_true(graph_reset(&play.graph));
	play_func_symbol(&play, "f");
	assert_int_equal(play_graph(&play), 0);
	assert_int_equal(play_end(&play, false), 0);
	assert_int_equal(play.btf.nr, 0);
	play_free(&play);
}

/* An appearance of a symbol that is not in the table is nothing to trip over. */
static void an_unknown_symbol_is_left_out(void **state)
{
	struct play play;
	uint32_t proto;

	(void)state;
	assert_int_equal(play_base(&play, "int", (struct variation){ 0 }), 0);
	assert_true(graph_reset(&play.graph));
	proto = graph_add(&play.graph,
			  (struct graph_node){ .kind = BTF_KIND_FUNC_PROTO, .flags = GRAPH_PART });
	assert_true(
		vec_push(&play.graph.funcs, ((struct graph_func){ .symbol = 7, .proto = proto })));
	assert_int_equal(play_graph(&play), 0);
	assert_int_equal(play_end(&play, false), 0);
	assert_int_equal(play.btf.nr, 0);
	play_free(&play);
}

/*
 * Prototypes with several function pointers to prototypes with several..., in two units that differ
 * by a const at the far end: who compares them pairwise has 8^15 comparisons to do.
 */
static uint32_t add_bush(struct play *play, uint32_t leaf)
{
	struct graph_node node = { .kind = BTF_KIND_FUNC_PROTO };
	uint32_t proto = 0;

	for (int depth = 0; depth < 15; depth++) {
		struct graph_node ptr = { .kind = BTF_KIND_PTR, .type = proto };
		uint32_t param = proto ? graph_add(&play->graph, ptr) : leaf;

		node.first = play->graph.members.nr;
		node.nr = 8;
		for (int i = 0; i < 8; i++)
			assert_true(vec_push(&play->graph.members,
					     ((struct graph_member){ .type = param })));
		proto = graph_add(&play->graph, node);
	}
	return proto;
}

static void comparing_prototypes_ends(void **state)
{
	const struct graph_node integer = { .kind = BTF_KIND_INT, .size = 4, .nr = 32 };
	struct play play;

	(void)state;
	assert_int_equal(play_base(&play, "int", (struct variation){ 0 }), 0);
	for (int unit = 0; unit < 2; unit++) {
		struct graph_func func = { .symbol = play_func_symbol(&play, "f") };
		struct graph_node named = integer;
		uint32_t leaf;

		assert_true(graph_reset(&play.graph));
		named.name = name_id(&play.names, "number", 6);
		leaf = graph_add(&play.graph, named);
		if (unit)
			leaf = graph_add(&play.graph, (struct graph_node){ .kind = BTF_KIND_CONST,
									   .type = leaf });
		func.proto = add_bush(&play, leaf);
		assert_true(vec_push(&play.graph.funcs, func));
		assert_int_equal(play_graph(&play), 0);
	}
	assert_int_equal(play_end(&play, false), 0);
	play_free(&play);
}

/* ---- tags of functions ---- */

static void a_function_has_the_tags_of_its_first_appearance(void **state)
{
	(void)state;
	holds_in_order(SCENE("int; func(int a) int",
			     "fn g(int a) int ~cold; fn f(int a) int ~hot ~in.0",
			     "fn f(int a) int ~late; fn g(int a) int"),
		       "fn f func(int a) int", "tag hot +fn f", "tag in +fn f.0",
		       "fn g func(int a) int", "tag cold +fn g", NULL);
}

static void a_kfunc_is_tagged_behind_its_own_tags(void **state)
{
	const struct scene scene = {
		.base = "int; func(int a) int",
		.units = { "fn g(int a) int; fn f(int a) int ~hot; fn e(int a) int" },
		.kfunc = "f",
	};

	(void)state;
	holds_in_order(&scene, "fn e func(int a) int", "fn f func(int a) int", "tag hot +fn f",
		       "tag bpf_kfunc +fn f", "fn g func(int a) int", NULL);
}

static void a_kfunc_that_says_so_itself_is_tagged_once(void **state)
{
	const struct scene scene = {
		.base = "int; func(int a) int",
		.units = { "fn f(int a) int ~hot ~bpf_kfunc" },
		.kfunc = "f",
	};
	const struct scene parameter = {
		.base = "int; func(int a) int",
		.units = { "fn f(int a) int ~bpf_kfunc.0" },
		.kfunc = "f",
	};

	(void)state;
	holds(&scene, "fn f func(int a) int", "tag hot +fn f", "tag bpf_kfunc +fn f", NULL);
	holds(&parameter, "fn f func(int a) int", "tag bpf_kfunc +fn f.0", "tag bpf_kfunc +fn f",
	      NULL);
}

static void the_tags_of_a_function_that_is_left_out_are_too(void **state)
{
	(void)state;
	holds(SCENE("int; long", "fn f(int a) int ~hot", "fn f(long a) int"), NULL);
}

#define rule(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		rule(a_function_of_many_units_is_there_once),
		rule(prototypes_of_the_base_are_used),
		rule(functions_of_the_base_are_not),
		rule(they_come_in_the_order_of_names),
		rule(a_prototype_that_no_function_has_is_no_type),
		rule(parameters_must_agree),
		rule(names_of_parameters_need_not),
		rule(const_on_one_side_is_tolerated),
		rule(named_types_agree_by_kind_and_name),
		rule(two_definitions_of_a_name_agree),
		rule(function_pointers_must_agree),
		rule(a_function_with_an_unusual_call_is_left_out),
		rule(an_ambiguous_function_is_left_out),
		rule(a_symbol_that_no_unit_has_is_none),
		rule(an_unknown_symbol_is_left_out),
		rule(a_function_has_the_tags_of_its_first_appearance),
		rule(a_kfunc_is_tagged_behind_its_own_tags),
		rule(a_kfunc_that_says_so_itself_is_tagged_once),
		rule(the_tags_of_a_function_that_is_left_out_are_too),
		rule(comparing_prototypes_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
