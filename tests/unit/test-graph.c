// SPDX-License-Identifier: GPL-2.0-only
/* Type graphs as a damaged or hostile source may give them. */
#include "test.h"

#include <stdio.h>

#include "graph-fixture.h"

static void starts(struct play *play, const char *base)
{
	if (play_base(play, base, (struct variation){ 0 }))
		fail_msg("%s", play->err.text);
	assert_true(graph_reset(&play->graph));
}

static uint32_t add(struct play *play, struct graph_node node)
{
	uint32_t id = graph_add(&play->graph, node);

	assert_true(id);
	return id;
}

static uint32_t name(struct play *play, const char *s)
{
	return name_id(&play->names, s, strlen(s));
}

static void add_member(struct play *play, uint32_t type, const char *s)
{
	assert_true(vec_push(&play->graph.members,
			     ((struct graph_member){ .name = name(play, s), .type = type })));
}

/* ---- graph_check() ---- */

static int check_node(struct graph_node node)
{
	struct error err = ERROR_INIT;
	struct graph graph = { 0 };
	int ret;

	/* 1 is an int, 2 the node, 3 was never defined; two members, of 1 and of 3; one value. */
	assert_true(graph_reset(&graph));
	assert_true(graph_add(&graph, (struct graph_node){ .kind = BTF_KIND_INT, .size = 4 }));
	assert_true(graph_add(&graph, node));
	assert_true(graph_add(&graph, (struct graph_node){ 0 }));
	assert_true(vec_push(&graph.members, ((struct graph_member){ .type = 1 })));
	assert_true(vec_push(&graph.members, ((struct graph_member){ .type = 3 })));
	assert_true(vec_push(&graph.values, ((struct graph_value){ 0 })));
	ret = graph_check(&graph, &err);
	assert_int_equal(err.code, ret);
	graph_free(&graph);
	return ret;
}

#define sound(...) assert_int_equal(check_node((struct graph_node){ __VA_ARGS__ }), 0)
#define unsound(...) assert_int_equal(check_node((struct graph_node){ __VA_ARGS__ }), -EINVAL)

static void references_lead_to_types(void **state)
{
	static const uint8_t kinds[] = { BTF_KIND_PTR,	    BTF_KIND_ARRAY,    BTF_KIND_TYPEDEF,
					 BTF_KIND_VOLATILE, BTF_KIND_CONST,    BTF_KIND_RESTRICT,
					 BTF_KIND_TYPE_TAG, BTF_KIND_DECL_TAG, BTF_KIND_FUNC_PROTO };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds); i++) {
		sound(.kind = kinds[i], .type = 0);
		sound(.kind = kinds[i], .type = 1);
		unsound(.kind = kinds[i], .type = 3);
		unsound(.kind = kinds[i], .type = 4);
		unsound(.kind = kinds[i], .type = UINT32_MAX);
	}
}

static void members_and_values_exist(void **state)
{
	static const uint8_t kinds[] = { BTF_KIND_STRUCT, BTF_KIND_UNION, BTF_KIND_FUNC_PROTO };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds); i++) {
		sound(.kind = kinds[i], .first = 0, .nr = 1);
		sound(.kind = kinds[i], .first = 2, .nr = 0);
		unsound(.kind = kinds[i], .first = 1, .nr = 1);
		unsound(.kind = kinds[i], .first = 0, .nr = 3);
		unsound(.kind = kinds[i], .first = 3, .nr = 0);
		unsound(.kind = kinds[i], .first = UINT32_MAX, .nr = 2);
		unsound(.kind = kinds[i], .first = 2, .nr = UINT32_MAX);
	}
	sound(.kind = BTF_KIND_ENUM, .first = 0, .nr = 1);
	unsound(.kind = BTF_KIND_ENUM, .first = 0, .nr = 2);
	unsound(.kind = BTF_KIND_ENUM64, .first = 1, .nr = 1);
	unsound(.kind = BTF_KIND_ENUM, .first = UINT32_MAX, .nr = 1);
}

static void a_graph_holds_types_only(void **state)
{
	(void)state;
	sound(.kind = BTF_KIND_FWD);
	sound(.kind = BTF_KIND_FLOAT);
	sound(.kind = BTF_KIND_UNKN);
	unsound(.kind = BTF_KIND_FUNC, .type = 1);
	unsound(.kind = BTF_KIND_VAR, .type = 1);
	unsound(.kind = BTF_KIND_DATASEC);
	unsound(.kind = BTF_KIND_NR);
	unsound(.kind = 255);
}

static int check_func(uint32_t proto, uint32_t var_type)
{
	struct error err = ERROR_INIT;
	struct graph graph = { 0 };
	int ret;

	assert_true(graph_reset(&graph));
	assert_true(graph_add(&graph, (struct graph_node){ .kind = BTF_KIND_INT, .size = 4 }));
	assert_true(graph_add(&graph, (struct graph_node){ .kind = BTF_KIND_FUNC_PROTO }));
	assert_true(graph_add(&graph, (struct graph_node){ 0 }));
	assert_true(vec_push(&graph.funcs, ((struct graph_func){ .proto = proto })));
	assert_true(vec_push(&graph.vars, ((struct graph_var){ .type = var_type })));
	ret = graph_check(&graph, &err);
	graph_free(&graph);
	return ret;
}

static void functions_have_prototypes_and_variables_types(void **state)
{
	(void)state;
	assert_int_equal(check_func(2, 1), 0);
	assert_int_equal(check_func(0, 1), -EINVAL);
	assert_int_equal(check_func(1, 1), -EINVAL);
	assert_int_equal(check_func(3, 1), -EINVAL);
	assert_int_equal(check_func(4, 1), -EINVAL);
	assert_int_equal(check_func(UINT32_MAX, 1), -EINVAL);
	assert_int_equal(check_func(2, 0), -EINVAL);
	assert_int_equal(check_func(2, 3), -EINVAL);
	assert_int_equal(check_func(2, UINT32_MAX), -EINVAL);
}

/* ---- circles ---- */

static void a_type_that_contains_itself_is_refused(void **state)
{
	(void)state;
	refuses(SCENE("int", "struct snake { struct snake tail; }"), "snake");
	refuses(SCENE("int", "struct a { struct b b; }; struct b { [2]struct a a; }"), "itself");
	refuses(SCENE("int", "typedef t const t"), "itself");
	refuses(SCENE("int", "typedef t *u; typedef u [3]t"), "itself");
	refuses(SCENE("int", "typedef t func(t) int"), "itself");
	refuses(SCENE("int", "typedef t struct { *t p; }; *t"), "itself");
	/* Drift, whose layout is followed by value. */
	refuses(SCENE("struct foo { int a; int b; }", "struct foo { int a; struct foo b; }"),
		"foo");
	refuses(SCENE("struct foo { int a; int b; }; struct bar { int a; int b; }",
		      "struct foo { int a; struct bar b; }; struct bar { int a; struct foo b; }"),
		"itself");
}

/* Whoever tries again at each step back has 2^60 steps to do. */
static void a_circle_is_refused_at_once(void **state)
{
	char text[4000] = "struct foo { int a; t60 b; }; typedef t1 struct foo";
	size_t len = strlen(text);

	(void)state;
	for (int i = 2; i <= 60; i++)
		len += (size_t)sprintf(text + len, "; typedef t%d t%d", i, i - 1);
	refuses(SCENE("struct foo { int a; int b; }", text), "itself");
}

/* ---- depth ---- */

/* A chain of @nr nodes of @kind down to int; @up: each refers to the node before it, else behind it. */
static int intern_chain(uint8_t kind, uint32_t nr, bool up)
{
	struct play play;
	int ret;

	starts(&play, "int");
	add(&play, (struct graph_node){ .kind = BTF_KIND_INT,
					.name = name(&play, "int"),
					.size = 4,
					.nr = 1 << 24 | 32 });
	for (uint32_t i = 0; i < nr; i++) {
		const uint32_t id = i + 2;

		add(&play, (struct graph_node){ .kind = kind,
						.name = kind == BTF_KIND_TYPEDEF ? 1 : 0,
						.nr = kind == BTF_KIND_ARRAY ? 1 : 0,
						.type = up	   ? id - 1 :
							i + 1 < nr ? id + 1 :
								     1 });
	}
	ret = play_graph(&play);
	if (!ret) {
		ret = split_variants(&play.in, &play.err);
		if (!ret)
			ret = settle(&play.in, &play.settled, &play.err);
	}
	play_free(&play);
	return ret;
}

static void long_chains_do_not_take_the_stack(void **state)
{
	static const uint8_t kinds[] = { BTF_KIND_PTR, BTF_KIND_TYPEDEF, BTF_KIND_ARRAY };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds); i++) {
		assert_int_equal(intern_chain(kinds[i], 100, false), 0);
		assert_int_equal(intern_chain(kinds[i], 300000, false), -EINVAL);
		assert_int_equal(intern_chain(kinds[i], 300000, true), 0);
	}
}

/* Each level embeds the next one by value, and all of them are drift. */
static void long_chains_by_value_do_not_take_the_stack(void **state)
{
	const uint32_t nr = 3000;
	struct play play;
	char *base = malloc(nr * 40);
	size_t len = 0;

	(void)state;
	assert_non_null(base);
	for (uint32_t i = 0; i < nr; i++)
		len += (size_t)sprintf(base + len, "struct s%u { int a; };", i);
	starts(&play, base);
	free(base);
	for (uint32_t i = 0; i < nr; i++) {
		char s[16];

		snprintf(s, sizeof(s), "s%u", i);
		add(&play, (struct graph_node){ .kind = BTF_KIND_STRUCT,
						.name = name(&play, s),
						.size = 8,
						.first = play.graph.members.nr,
						.nr = i + 1 < nr ? 1 : 0 });
		if (i + 1 < nr)
			add_member(&play, i + 2, "a");
	}
	assert_int_equal(play_graph(&play), -EINVAL);
	play_free(&play);
}

/* ---- work ---- */

/* Anonymous structs that contain the next one twice, within a struct @top: as a tree, 2^40 members. */
static void add_bush(struct play *play, const char *top)
{
	uint32_t type = add(play, (struct graph_node){ .kind = BTF_KIND_STRUCT, .size = 0 });

	for (int i = 0; i < 40; i++) {
		uint32_t first = play->graph.members.nr;

		add_member(play, type, "");
		add_member(play, type, "");
		type = add(play, (struct graph_node){ .kind = BTF_KIND_STRUCT,
						      .first = first,
						      .nr = 2,
						      .name = i == 39 ? name(play, top) : 0 });
	}
}

static void members_of_members_are_counted_with_patience_only(void **state)
{
	struct play play;

	(void)state;
	starts(&play, "struct foo { int a; int b; }");
	add_bush(&play, "foo");
	assert_int_equal(play_graph(&play), 0);
	play_free(&play);
}

/* Two units whose structs form one chain and differ at its far end. */
static void a_long_way_to_two_definitions_is_walked_in_time(void **state)
{
	const uint32_t nr = 10000;
	struct play play;

	(void)state;
	starts(&play, "int");
	for (uint32_t unit = 0; unit < 2; unit++) {
		assert_true(graph_reset(&play.graph));
		for (uint32_t i = 0; i < nr; i++) {
			char s[16];

			snprintf(s, sizeof(s), "s%u", i);
			add(&play, (struct graph_node){ .kind = BTF_KIND_STRUCT,
							.name = name(&play, s),
							.size = i + 1 < nr ? 8 : 8 * unit,
							.first = play.graph.members.nr,
							.nr = i + 1 < nr ? 1 : 0 });
			add(&play, (struct graph_node){ .kind = BTF_KIND_PTR, .type = 2 * i + 3 });
			if (i + 1 < nr)
				add_member(&play, 2 * i + 2, "p");
		}
		play.graph.nodes.at[2 * nr].type = 0;
		assert_int_equal(play_graph(&play), 0);
	}
	assert_int_equal(play_end(&play, false), 0);
	/* All structs twice, all pointers but the last one as well, and that one is void's. */
	assert_int_equal(play.btf.nr, 4 * nr - 1);
	play_free(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_lead_to_types),
		cmocka_unit_test(members_and_values_exist),
		cmocka_unit_test(a_graph_holds_types_only),
		cmocka_unit_test(functions_have_prototypes_and_variables_types),
		cmocka_unit_test(a_type_that_contains_itself_is_refused),
		cmocka_unit_test(long_chains_do_not_take_the_stack),
		cmocka_unit_test(long_chains_by_value_do_not_take_the_stack),
		cmocka_unit_test(a_long_way_to_two_definitions_is_walked_in_time),
		cmocka_unit_test(a_circle_is_refused_at_once),
		cmocka_unit_test(members_of_members_are_counted_with_patience_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
