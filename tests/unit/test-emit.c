// SPDX-License-Identifier: GPL-2.0-only
/* What is written: numbering, strings, sections, byte order, and what the format has no room for. */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "btf/build.h"
#include "graph-fixture.h"

static void plays(struct play *play, const struct scene *scene)
{
	if (play_scene(play, scene, (struct variation){ 0 }))
		fail_msg("%s", play->err.text);
}

static const struct btf_type *type_of(const struct play *play, const char *name, enum btf_kind kind)
{
	const struct btf_type *t = btf_type(&play->btf, btf_find(&play->btf, name, kind));

	if (!t)
		fail_msg("there is no %s", name);
	return t;
}

static const struct btf_member *member(const struct btf_type *t, uint32_t i)
{
	return (const struct btf_member *)btf_extra(t) + i;
}

/* ---- order ---- */

static void types_come_in_the_order_of_units_then_functions_then_variables(void **state)
{
	(void)state;
	holds_in_order(SCENE("int; long",
			     "struct z { int a; }; fn b(int x) int; var v int .data..percpu:0",
			     "struct y { int b; }; fn a(int x) int; var u int .data..percpu:4"),
		       "struct z { int a; }", "func(int x) int", "struct y { int b; }",
		       "fn a +func(int x) int", "fn b +func(int x) int", "var v int", "var u int",
		       "section .data..percpu<8> { v@0:4; u@4:4; }", NULL);
}

static void nothing_is_still_btf(void **state)
{
	struct play play;

	(void)state;
	plays(&play, SCENE("int", "int"));
	assert_int_equal(play.btf.nr, 0);
	assert_int_equal(play.bytes.size, BTF_HEADER_LEN);
	play_free(&play);
}

/* ---- members ---- */

static void bitfields_set_the_flag_of_their_struct(void **state)
{
	const struct btf_type *t;
	struct play play;

	(void)state;
	plays(&play,
	      SCENE("int; uint", "struct foo { int x; uint a:3; uint b:29; uint c:9; int y; };"
				 "struct bar { int x; int y; }"));
	t = type_of(&play, "foo", BTF_KIND_STRUCT);
	assert_int_equal(btf_kflag(t), 1);
	assert_int_equal(member(t, 0)->offset, 0);
	assert_int_equal(member(t, 1)->offset, 3u << 24 | 32);
	assert_int_equal(member(t, 2)->offset, 29u << 24 | 35);
	assert_int_equal(member(t, 3)->offset, 9u << 24 | 64);
	assert_int_equal(member(t, 4)->offset, 96);
	assert_int_equal(t->size, 16);
	t = type_of(&play, "bar", BTF_KIND_STRUCT);
	assert_int_equal(btf_kflag(t), 0);
	assert_int_equal(member(t, 1)->offset, 32);
	play_free(&play);
}

static void members_far_out_need_no_flag(void **state)
{
	const struct btf_type *t;
	struct play play;

	(void)state;
	plays(&play, SCENE("int; char", "struct foo { [0x1000000]char a; int b; }"));
	t = type_of(&play, "foo", BTF_KIND_STRUCT);
	assert_int_equal(btf_kflag(t), 0);
	assert_int_equal(member(t, 1)->offset, 0x8000000);
	play_free(&play);
}

static void too_big(const struct scene *scene, const char *words)
{
	struct play play;

	assert_int_equal(play_scene(&play, scene, (struct variation){ 0 }), -E2BIG);
	if (!strstr(play.err.text, words))
		fail_msg("'%s' does not say '%s'", play.err.text, words);
	assert_null(play.bytes.data);
	play_free(&play);
}

/* 24 bits of offset beside 8 of size. */
static void bitfields_far_out_cannot_be_told(void **state)
{
	struct play play;

	(void)state;
	plays(&play, SCENE("int; char", "struct foo<0x200000> { int a:3; int b@0xffffe0; }"));
	assert_int_equal(member(type_of(&play, "foo", BTF_KIND_STRUCT), 1)->offset, 0xffffe0);
	play_free(&play);
	too_big(SCENE("int; char", "struct foo<0x200004> { int a:3; int b@0x1000000; }"), "foo");
	too_big(SCENE("int; char", "struct foo<64> { int a:256; }"), "foo");
}

/* ---- enums ---- */

static void negative_values_set_the_flag_of_an_enum(void **state)
{
	struct play play;

	(void)state;
	plays(&play, SCENE("int", "enum e { A=1 }; enum f { B=-1 }; enum64 g { C=1 };"
				  "enum64 h { D=-1, E=0x123456789ab }"));
	assert_int_equal(btf_kflag(type_of(&play, "e", BTF_KIND_ENUM)), 0);
	assert_int_equal(btf_kflag(type_of(&play, "f", BTF_KIND_ENUM)), 1);
	assert_int_equal(btf_kflag(type_of(&play, "g", BTF_KIND_ENUM64)), 0);
	assert_int_equal(btf_kflag(type_of(&play, "h", BTF_KIND_ENUM64)), 1);
	assert_int_equal(type_of(&play, "h", BTF_KIND_ENUM64)->size, 8);
	play_free(&play);
}

/* ---- arrays ---- */

static void arrays_have_the_index_type_of_the_base(void **state)
{
	const struct btf_array *a;
	struct play play;

	(void)state;
	plays(&play, SCENE("int; [2]int", "struct foo { [3]int a; }"));
	a = btf_extra(btf_type(&play.btf, member(type_of(&play, "foo", BTF_KIND_STRUCT), 0)->type));
	assert_int_equal(a->index_type, play.index.array_index);
	assert_string_equal(btf_name(&play.btf, btf_type(&play.btf, a->index_type)),
			    "__ARRAY_SIZE_TYPE__");
	play_free(&play);
	holds(SCENE("int", "struct foo { [3]int a; }"), "[3]int", "struct foo { +[3]int a; }",
	      "__ARRAY_SIZE_TYPE__<4>", NULL);
}

/* ---- variables ---- */

static void variables_stand_in_their_sections_by_offset(void **state)
{
	(void)state;
	holds(SCENE("int; long",
		    "var c int .data..percpu:16; var x long .data..percpu..shared:0;"
		    "var a int .data..percpu:4 static",
		    "var b long .data..percpu:8; var y int .data..percpu..shared:64"),
	      "var c int", "var x long", "var a int static", "var b long", "var y int",
	      "section .data..percpu<20> { a@4:4; b@8:8; c@16:4; }",
	      "section .data..percpu..shared<68> { x@0:8; y@64:4; }", NULL);
}

/* ---- strings ---- */

/* Everything else is the base's, or belongs to what was not written. */
static void only_strings_that_are_used_are_written(void **state)
{
	static const char want[] = "fresh\0mine";
	struct play play;

	(void)state;
	plays(&play, SCENE("struct foo { int a; }; *struct foo; long",
			   "struct fresh { int mine; *struct foo a; };"
			   "fn unused1(int unused2) int",
			   "fn unused1(long unused3) int"));
	assert_int_equal(play.btf.strs.size, sizeof(want));
	assert_memory_equal(play.btf.strs.data, want, sizeof(want));
	play_free(&play);
}

static void a_string_is_written_once(void **state)
{
	struct play play;

	(void)state;
	plays(&play,
	      SCENE("int", "struct own { int own; }; union own { int own; }; enum own { own=1 }"));
	assert_int_equal(play.btf.strs.size, sizeof("own"));
	play_free(&play);
}

/* ---- byte order ---- */

static void big_endian_says_the_same(void **state)
{
	const struct scene *scene = SCENE("int; long", "struct foo { int a:3; *struct foo p; };"
						       "enum64 e { A=0x123456789 }; [3]long;"
						       "fn f(int a) long ~tag; var v int .x:4");
	struct play little, big;

	(void)state;
	plays(&little, scene);
	assert_int_equal(play_scene(&big, scene, (struct variation){ .big_endian = true }), 0);
	assert_int_equal(big.bytes.data[0], 0xeb);
	assert_int_equal(little.bytes.data[0], 0x9f);
	assert_int_equal(big.btf.types.size, little.btf.types.size);
	assert_memory_equal(big.btf.types.data, little.btf.types.data, little.btf.types.size);
	assert_int_equal(big.btf.strs.size, little.btf.strs.size);
	assert_memory_equal(big.btf.strs.data, little.btf.strs.data, little.btf.strs.size);
	play_free(&little);
	play_free(&big);
}

/* ---- limits ---- */

static void add_unit_of(struct play *play, struct graph_node node, uint32_t nr)
{
	struct graph_node integer = { .kind = BTF_KIND_INT, .size = 4, .nr = 32 };
	char name[16];

	assert_true(graph_reset(&play->graph));
	integer.name = name_id(&play->names, "number", 6);
	assert_int_equal(graph_add(&play->graph, integer), 1);
	node.nr = nr;
	assert_true(graph_add(&play->graph, node));
	for (uint32_t i = 0; i < nr; i++) {
		int len = snprintf(name, sizeof(name), "m%u", i);
		uint32_t id = name_id(&play->names, name, (size_t)len);
		struct graph_member m = { .name = id, .type = 1, .bit_offset = 32 * i };
		struct graph_value v = { id, i };

		if (node.kind == BTF_KIND_ENUM)
			assert_true(vec_push(&play->graph.values, v));
		else
			assert_true(vec_push(&play->graph.members, m));
	}
	assert_int_equal(play_graph(play), 0);
}

static int emit_type_of(struct graph_node node, uint32_t nr)
{
	struct play play;
	int ret;

	assert_int_equal(play_base(&play, "int", (struct variation){ 0 }), 0);
	if (node.kind != BTF_KIND_FUNC_PROTO)
		node.name = name_id(&play.names, "large", 5);
	add_unit_of(&play, node, nr);
	ret = play_end(&play, false);
	play_free(&play);
	return ret;
}

static void a_type_has_at_most_65535_entries(void **state)
{
	const struct graph_node s = { .kind = BTF_KIND_STRUCT, .size = 70000 * 4 };
	const struct graph_node e = { .kind = BTF_KIND_ENUM, .size = 4 };
	const struct graph_node p = { .kind = BTF_KIND_FUNC_PROTO, .type = 1 };

	(void)state;
	assert_int_equal(emit_type_of(s, 65535), 0);
	assert_int_equal(emit_type_of(s, 65536), -E2BIG);
	assert_int_equal(emit_type_of(e, 65535), 0);
	assert_int_equal(emit_type_of(e, 65536), -E2BIG);
	assert_int_equal(emit_type_of(p, 65535), 0);
	assert_int_equal(emit_type_of(p, 65536), -E2BIG);
}

/* A base of @nr pointers and a string section of @strings bytes. */
static struct buffer large_base(uint32_t nr, uint32_t strings)
{
	uint32_t *words = calloc((size_t)nr * 3 + 1, sizeof(*words));
	char *text = malloc(strings);
	struct buffer b;

	assert_non_null(words);
	assert_non_null(text);
	for (uint32_t i = 0; i < nr; i++)
		words[3 * i + 1] = INFO(BTF_KIND_PTR, 0, 0);
	memset(text, 'x', strings);
	text[0] = text[strings - 1] = '\0';
	b = fixture_wrap(words, (size_t)nr * 12, text, strings, false);
	free(words);
	free(text);
	return b;
}

static int emit_over(struct buffer base, const char *unit)
{
	struct text text;
	struct play play;
	int ret = play_base_bytes(&play, base);

	if (ret)
		fail_msg("%s", play.err.text);
	text_read(&text, unit);
	text_graph(&text, &play.names, &play.graph);
	text_free(&text);
	assert_int_equal(play_graph(&play), 0);
	ret = play_end(&play, false);
	if (ret)
		assert_non_null(strstr(play.err.text, "more than BTF can"));
	play_free(&play);
	return ret;
}

/* Void, the base's and ours are 0xfffff at most. */
static void there_are_only_so_many_type_ids(void **state)
{
	(void)state;
	assert_int_equal(emit_over(large_base(0xffffc, 2), "struct a { }; struct b { }"), 0);
	assert_int_equal(emit_over(large_base(0xffffd, 2), "struct a { }; struct b { }"), -E2BIG);
	assert_int_equal(emit_over(large_base(0xfffff, 2), "struct a { }"), -E2BIG);
}

static void strings_reach_only_so_far(void **state)
{
	(void)state;
	assert_int_equal(emit_over(large_base(1, 0xffffff - 4), "struct a { }; struct b { }"), 0);
	assert_int_equal(emit_over(large_base(1, 0xffffff - 2), "struct a { }; struct b { }"),
			 -E2BIG);
}

/* ---- the builder by itself ---- */

static void the_builder_numbers_from_the_base_on(void **state)
{
	struct btf_builder b;
	struct buffer out;
	struct play play;
	uint32_t name;

	(void)state;
	assert_int_equal(play_base(&play, "int; long", (struct variation){ 0 }), 0);
	build_init(&b, &play.names);
	name = name_id(&play.names, "own", 3);
	assert_int_equal(build_str(&b, 0), 0);
	assert_int_equal(build_str(&b, name_id(&play.names, "int", 3)), 1);
	assert_int_equal(build_type(&b, 0, btf_info(BTF_KIND_PTR, 0, 0), 0), 3);
	assert_int_equal(build_type(&b, name, btf_info(BTF_KIND_STRUCT, 1, 0), 4), 4);
	build_word(&b, build_str(&b, name));
	build_word(&b, 1);
	build_word(&b, 0);
	assert_int_equal(build_str(&b, name), btf_end_str(&play.base));
	assert_int_equal(build_finish(&b, false, &out, &play.err), 0);
	assert_int_equal(btf_open(&play.btf, buffer_bytes(&out), &play.base, &play.err), 0);
	assert_int_equal(play.btf.nr, 2);
	assert_string_equal(btf_name(&play.btf, btf_type(&play.btf, 4)), "own");
	build_free(&b);
	play_free(&play);
	buffer_free(&out);
}

#define rule(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		rule(types_come_in_the_order_of_units_then_functions_then_variables),
		rule(nothing_is_still_btf),
		rule(bitfields_set_the_flag_of_their_struct),
		rule(members_far_out_need_no_flag),
		rule(bitfields_far_out_cannot_be_told),
		rule(negative_values_set_the_flag_of_an_enum),
		rule(arrays_have_the_index_type_of_the_base),
		rule(variables_stand_in_their_sections_by_offset),
		rule(only_strings_that_are_used_are_written),
		rule(a_string_is_written_once),
		rule(big_endian_says_the_same),
		rule(a_type_has_at_most_65535_entries),
		rule(there_are_only_so_many_type_ids),
		rule(strings_reach_only_so_far),
		rule(the_builder_numbers_from_the_base_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
