// SPDX-License-Identifier: GPL-2.0-only
/* What is said to kernels that do not know all kinds, and what they understand. */
#include "test.h"

#include "graph-fixture.h"

#define OLD(text, ...) \
	(&(const struct scene){ .base = (text), .units = { __VA_ARGS__ }, .by_base = true })

/* A base whose functions say what its kernel checks. */
#define CHECKS(what) "int; fn btf_" #what "() int"

/* ---- what the base shows ---- */

static void asks(const char *base, bool floats, bool decl_tags, bool type_tags, bool enum64)
{
	struct btf_caps caps;
	struct play play;

	if (play_base(&play, base, (struct variation){ 0 }))
		fail_msg("%s", play.err.text);
	btf_caps_read(&caps, &play.index);
	if (btf_caps_know(&caps, BTF_KIND_FLOAT) != floats ||
	    btf_caps_know(&caps, BTF_KIND_DECL_TAG) != decl_tags ||
	    btf_caps_know(&caps, BTF_KIND_TYPE_TAG) != type_tags ||
	    btf_caps_know(&caps, BTF_KIND_ENUM64) != enum64)
		fail_msg("'%s' says %x", base, caps.kinds);
	play_free(&play);
}

static void a_kind_of_the_base_is_known_to_the_kernel(void **state)
{
	(void)state;
	asks("int", false, false, false, false);
	asks("int; double", true, false, false, false);
	asks("int; struct foo { int a; }; tag user struct foo", false, true, false, false);
	asks("int; *@user int", false, false, true, false);
	asks("int; enum64 e { A=0x100000000 }", false, false, false, true);
}

static void so_is_one_that_it_has_a_function_for(void **state)
{
	(void)state;
	asks(CHECKS(float_check_meta), true, false, false, false);
	asks(CHECKS(decl_tag_check_meta), false, true, false, false);
	asks(CHECKS(check_type_tags), false, false, true, false);
	/* TYPE_TAG came before it, and its function has got another name since. */
	asks(CHECKS(enum64_check_meta), false, false, true, true);
	asks(CHECKS(check_modifier_chain_length), false, false, true, false);
	/* a function, not anything else of that name */
	asks("int; struct btf_float_check_meta { int a; }", false, false, false, false);
}

/* ---- fallbacks ---- */

static void plays(struct play *play, const struct scene *scene)
{
	if (play_scene(play, scene, (struct variation){ 0 }))
		fail_msg("%s", play->err.text);
}

static uint32_t kinds_of(const struct play *play)
{
	uint32_t kinds = 0;

	for (uint32_t id = play->btf.start_id; id < btf_end_id(&play->btf); id++)
		kinds |= 1u << btf_kind(btf_type(&play->btf, id));
	return kinds;
}

static const struct btf_type *only_type(const struct play *play)
{
	assert_int_equal(play->btf.nr, 1);
	return btf_type(&play->btf, play->btf.start_id);
}

static void a_float_is_an_int_of_its_size(void **state)
{
	const struct btf_type *t;
	struct play play;

	(void)state;
	plays(&play, OLD("int", "double"));
	t = only_type(&play);
	assert_int_equal(btf_kind(t), BTF_KIND_INT);
	assert_string_equal(btf_name(&play.btf, t), "double");
	assert_int_equal(t->size, 8);
	assert_int_equal(*(const uint32_t *)btf_extra(t), 64);
	play_free(&play);
	plays(&play, OLD(CHECKS(float_check_meta), "double"));
	assert_int_equal(btf_kind(only_type(&play)), BTF_KIND_FLOAT);
	play_free(&play);
	holds(OLD("int", "struct foo { double d; *double p; }"),
	      "struct foo { +double d; +*+double p; }", "double<8>", "*+double", NULL);
}

/* 12 bytes, as on i386: there is no INT of that size. */
static void an_odd_float_is_a_struct_of_its_size(void **state)
{
	const struct btf_type *t;
	struct play play;

	(void)state;
	if (play_base(&play, "int", (struct variation){ 0 }))
		fail_msg("%s", play.err.text);
	play.caps.kinds &= ~(1u << BTF_KIND_FLOAT);
	assert_true(graph_reset(&play.graph));
	assert_int_equal(graph_add(&play.graph,
				   (struct graph_node){ .kind = BTF_KIND_FLOAT, .size = 12 }),
			 1);
	assert_int_equal(play_graph(&play), 0);
	assert_int_equal(play_end(&play, false), 0);
	t = only_type(&play);
	assert_int_equal(btf_kind(t), BTF_KIND_STRUCT);
	assert_string_equal(btf_name(&play.btf, t), "");
	assert_int_equal(btf_vlen(t), 0);
	assert_int_equal(t->size, 12);
	play_free(&play);
}

static void a_large_enum_is_cut_short(void **state)
{
	const struct btf_type *t;
	struct play play;

	(void)state;
	plays(&play, OLD("int", "enum64 e { A=0x500000001, B=-2 }"));
	t = only_type(&play);
	assert_int_equal(btf_kind(t), BTF_KIND_ENUM);
	assert_int_equal(t->size, 8);
	assert_int_equal(btf_kflag(t), 0);
	assert_int_equal(((const struct btf_enum *)btf_extra(t))[0].val, 1);
	assert_int_equal(((const struct btf_enum *)btf_extra(t))[1].val, -2);
	play_free(&play);
	plays(&play, OLD(CHECKS(enum64_check_meta), "enum64 e { A=0x500000001, B=-2 }"));
	assert_int_equal(btf_kind(only_type(&play)), BTF_KIND_ENUM64);
	assert_int_equal(btf_kflag(only_type(&play)), 1);
	play_free(&play);
}

/* Kernels before ENUM64 refuse an ENUM with kind_flag (btf_enum_check_meta()). */
static void negative_values_are_not_marked(void **state)
{
	struct play play;

	(void)state;
	plays(&play, OLD("int", "enum e { A=-1 }"));
	assert_int_equal(btf_kflag(only_type(&play)), 0);
	assert_int_equal(((const struct btf_enum *)btf_extra(only_type(&play)))->val, -1);
	play_free(&play);
	plays(&play, OLD(CHECKS(enum64_check_meta), "enum e { A=-1 }"));
	assert_int_equal(btf_kflag(only_type(&play)), 1);
	play_free(&play);
}

static void type_tags_are_looked_through(void **state)
{
	(void)state;
	holds(OLD("int; *int", "*@user int; *@user @rcu int"), NULL);
	holds(OLD("int", "struct foo { *@user struct foo next; @rcu int a; };"
			 "fn f(*@user int a) *@user char; var v @rcu int .data..percpu:0"),
	      "struct foo { +*+struct foo next; int a; }", "*+struct foo", "*int", "char<1>",
	      "*+char", "func(+*int a) +*+char", "fn f +func(+*int a) +*+char", "var v int",
	      "section .data..percpu<4> { v@0:4; }", NULL);
	holds(OLD(CHECKS(check_type_tags), "*@user int"), "@user int", "*+@user int", NULL);
}

static void decl_tags_are_left_out(void **state)
{
	struct play play;

	(void)state;
	plays(&play, OLD("int", "struct foo { int a; }; tag t struct foo; tag t struct foo.0;"
				"fn f(int a) int ~hot ~in.0"));
	assert_int_equal(kinds_of(&play),
			 1u << BTF_KIND_STRUCT | 1u << BTF_KIND_FUNC | 1u << BTF_KIND_FUNC_PROTO);
	play_free(&play);
	plays(&play, OLD(CHECKS(decl_tag_check_meta), "struct foo { int a; }; tag t struct foo;"
						      "fn f(int a) int ~hot ~in.0"));
	assert_true(kinds_of(&play) >> BTF_KIND_DECL_TAG & 1);
	play_free(&play);
}

static void tags_in_a_circle_are_refused(void **state)
{
	const struct graph_node tag = { .kind = BTF_KIND_TYPE_TAG, .name = 1, .type = 2 };
	struct play play;

	(void)state;
	if (play_base(&play, "int", (struct variation){ 0 }))
		fail_msg("%s", play.err.text);
	play.caps.kinds &= ~(1u << BTF_KIND_TYPE_TAG);
	assert_true(graph_reset(&play.graph));
	assert_int_equal(graph_add(&play.graph, tag), 1);
	assert_int_equal(graph_add(&play.graph, tag), 2);
	assert_int_equal(play_graph(&play), -EINVAL);
	/* and one that leads out of the graph by the check that comes after */
	play.graph.nodes.at[2].type = 77;
	assert_int_equal(play_graph(&play), 0);
	play.graph.nodes.at[1] = (struct graph_node){ .kind = BTF_KIND_PTR, .type = 2 };
	play.graph.nodes.at[2] = (struct graph_node){ .kind = BTF_KIND_TYPE_TAG, .type = 77 };
	assert_int_equal(play_graph(&play), -EINVAL);
	play_free(&play);
}

/* ---- implicit arguments ---- */

#define IMPLICIT(text, ...)                               \
	(&(const struct scene){ .base = (text),           \
				.units = { __VA_ARGS__ }, \
				.kfunc = "bpf_foo",       \
				.implicit = "bpf_foo" })

#define AUX "int; struct bpf_prog_aux { int a; }; *struct bpf_prog_aux; "

/* A kernel that has such a pair itself. */
#define NEW_KERNEL \
	AUX "fn bpf_x(int a) int ~bpf_kfunc; fn bpf_x_impl(int a, *struct bpf_prog_aux aux) int"

static void implicit_arguments_are_known_by_the_kernels_own(void **state)
{
	static const struct {
		const char *base;
		bool knows;
	} cases[] = {
		{ NEW_KERNEL, true },
		{ AUX
		  "fn bpf_x(int a) int ~bpf_kfunc; fn bpf_x_impl(int a, *const struct bpf_prog_aux x) int",
		  true },
		{ AUX "fn bpf_x_impl(int a, *struct bpf_prog_aux aux) int", false },
		{ AUX "fn bpf_x(int a) int ~bpf_kfunc; fn bpf_x_impl(int a, int b) int", false },
		{ AUX
		  "fn bpf_x(int a, *int b) int ~bpf_kfunc; fn bpf_x_impl(int a, *struct bpf_prog_aux x) int",
		  false },
		{ AUX
		  "fn bpf_x(int a) int ~bpf_kfunc; fn bpf_x_impl(int a, struct bpf_prog_aux x) int",
		  false },
		{ AUX
		  "fn bpf_x(int a) int ~bpf_kfunc; fn bpf_y_impl(int a, *struct bpf_prog_aux x) int",
		  false },
		{ AUX "fn bpf_x(int a) int; fn bpf_x_impl(int a, *struct bpf_prog_aux x) int",
		  false }, /* no kfunc */
		{ AUX "fn bpf_x(int a) int ~bpf_kfunc; struct bpf_x_impl { int a; }", false },
		{ "int", false },
	};
	struct btf_caps caps;
	struct play play;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (play_base(&play, cases[i].base, (struct variation){ 0 }))
			fail_msg("%s", play.err.text);
		btf_caps_read(&caps, &play.index);
		if (caps.implicit_args != cases[i].knows)
			fail_msg("%s", cases[i].base);
		play_free(&play);
	}
}

static void a_kfunc_with_implicit_arguments_becomes_two(void **state)
{
	(void)state;
	holds(IMPLICIT(NEW_KERNEL, "struct bpf_prog_aux;"
				   "fn bpf_foo(char c, *struct bpf_prog_aux aux) int ~hot ~in.0"),
	      "char<1>", "func(+char c, *struct bpf_prog_aux aux) int", "func(+char c) int",
	      "fn bpf_foo +func(+char c) int", "tag hot +fn bpf_foo", "tag in +fn bpf_foo.0",
	      "tag bpf_kfunc +fn bpf_foo",
	      "fn bpf_foo_impl +func(+char c, *struct bpf_prog_aux aux) int",
	      "tag hot +fn bpf_foo_impl", "tag in +fn bpf_foo_impl.0", NULL);
	/* What is left may be a prototype that the base has, */
	holds(IMPLICIT(NEW_KERNEL, "fn bpf_foo(int a, *const struct bpf_prog_aux aux) int"),
	      "const struct bpf_prog_aux", "*+const struct bpf_prog_aux",
	      "func(int a, +*+const struct bpf_prog_aux aux) int", "fn bpf_foo func(int a) int",
	      "tag bpf_kfunc +fn bpf_foo",
	      "fn bpf_foo_impl +func(int a, +*+const struct bpf_prog_aux aux) int", NULL);
	/* and so may all of it. */
	holds(IMPLICIT(NEW_KERNEL, "fn bpf_foo(int a, *struct bpf_prog_aux aux) int"),
	      "fn bpf_foo func(int a) int", "tag bpf_kfunc +fn bpf_foo",
	      "fn bpf_foo_impl func(int a, *struct bpf_prog_aux aux) int", NULL);
}

static void nothing_is_split_without_need(void **state)
{
	(void)state;
	/* no such argument */
	holds(IMPLICIT(NEW_KERNEL, "fn bpf_foo(int a) int"), "fn bpf_foo func(int a) int",
	      "tag bpf_kfunc +fn bpf_foo", NULL);
	/* a kernel that has no such pairs */
	holds(IMPLICIT(AUX, "fn bpf_foo(int a, *struct bpf_prog_aux aux) int"),
	      "func(int a, *struct bpf_prog_aux aux) int",
	      "fn bpf_foo +func(int a, *struct bpf_prog_aux aux) int", "tag bpf_kfunc +fn bpf_foo",
	      NULL);
	/* the module has both already: only the public prototype is cut */
	holds(IMPLICIT(NEW_KERNEL, "fn bpf_foo(int a, *struct bpf_prog_aux aux) int;"
				   "fn bpf_foo_impl(int a, *struct bpf_prog_aux aux) int"),
	      "fn bpf_foo func(int a) int", "tag bpf_kfunc +fn bpf_foo",
	      "fn bpf_foo_impl func(int a, *struct bpf_prog_aux aux) int", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kind_of_the_base_is_known_to_the_kernel),
		cmocka_unit_test(so_is_one_that_it_has_a_function_for),
		cmocka_unit_test(a_float_is_an_int_of_its_size),
		cmocka_unit_test(an_odd_float_is_a_struct_of_its_size),
		cmocka_unit_test(a_large_enum_is_cut_short),
		cmocka_unit_test(negative_values_are_not_marked),
		cmocka_unit_test(type_tags_are_looked_through),
		cmocka_unit_test(decl_tags_are_left_out),
		cmocka_unit_test(tags_in_a_circle_are_refused),
		cmocka_unit_test(implicit_arguments_are_known_by_the_kernels_own),
		cmocka_unit_test(a_kfunc_with_implicit_arguments_becomes_two),
		cmocka_unit_test(nothing_is_split_without_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
