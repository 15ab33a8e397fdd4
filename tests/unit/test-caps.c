// SPDX-License-Identifier: GPL-2.0-only
/* What a base tells of its kernel, and what that kernel then makes of a module's BTF. */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "btf/verify.h"

/* Strings of a base that tells something. Offset 0 is the empty one. */
struct told {
	char empty[1];
	char int_[4];
	char header[11];
	char iter[13];
	char name[5];
	char max[8];
	char vlen[13];
	char enum64_meta[22];
	char chain[32];
	char relocate[13];
	char tag[4];
};

static const struct told told = {
	.int_ = "int",
	.header = "btf_header",
	.iter = "kallsym_iter",
	.name = "name",
	.max = "btf_max",
	.vlen = "BTF_MAX_VLEN",
	.enum64_meta = "btf_enum64_check_meta",
	.chain = "btf_check_modifier_chain_length",
	.relocate = "btf_relocate",
	.tag = "tag",
};

#define T(string) ((uint32_t)offsetof(struct told, string))

/* 1 int, 2 a prototype; then what there is to tell */
#define COMMON INT_(T(int_), 4, BTF_INT_SIGNED, 0, 32), PROTO(0, 0)

static struct btf_caps caps_of(const uint32_t *words, size_t nr)
{
	struct buffer raw = fixture_wrap(words, nr * 4, &told, sizeof(told), false);
	struct btf_index index;
	struct btf_caps caps;
	struct btf base;

	assert_int_equal(btf_open(&base, buffer_bytes(&raw), NULL, NULL), 0);
	assert_int_equal(btf_index_build(&index, &base, NULL), 0);
	btf_caps_read(&caps, &index);
	btf_index_free(&index);
	btf_close(&base);
	buffer_free(&raw);
	return caps;
}

static void a_base_that_tells_nothing_is_an_old_one(void **state)
{
	const struct btf_caps caps = caps_of(WORDS(COMMON));

	(void)state;
	assert_int_equal(caps.header_len, 24);
	assert_int_equal(caps.name_len, 128);
	assert_true(btf_caps_know(&caps, BTF_KIND_DATASEC));
	assert_false(btf_caps_know(&caps, BTF_KIND_FLOAT));
	assert_false(btf_caps_know(&caps, BTF_KIND_UNKN));
	assert_false(caps.wide_info || caps.attributes || caps.tags_anywhere ||
		     caps.section_names || caps.relocates);
}

static void types_and_functions_of_the_base_tell_what_its_kernel_can(void **state)
{
	struct btf_caps caps;

	(void)state;
	caps = caps_of(WORDS(COMMON, STRUCT(T(header), 1, 32), MEMBER(T(name), 1, 0)));
	assert_int_equal(caps.header_len, 32);
	caps = caps_of(
		WORDS(COMMON, ARRAY(1, 1, 512), STRUCT(T(iter), 1, 2048), MEMBER(T(name), 3, 0)));
	assert_int_equal(caps.name_len, 512);
	caps = caps_of(WORDS(COMMON, ENUM(T(max), 1, 4), VALUE(T(vlen), 0xffffff)));
	assert_true(caps.wide_info);
	caps = caps_of(WORDS(COMMON, ENUM(T(max), 1, 4), VALUE(T(vlen), 0xffff)));
	assert_false(caps.wide_info);
	caps = caps_of(WORDS(COMMON, FUNC(T(enum64_meta), 0, 2)));
	assert_true(btf_caps_know(&caps, BTF_KIND_ENUM64) &&
		    btf_caps_know(&caps, BTF_KIND_TYPE_TAG));
	caps = caps_of(WORDS(COMMON, ENUM64(0, 1, 8), VALUE64(T(name), 1, 0)));
	assert_true(btf_caps_know(&caps, BTF_KIND_ENUM64));
	caps = caps_of(WORDS(COMMON, FUNC(T(chain), 0, 2)));
	assert_true(caps.tags_anywhere && caps.attributes);
	caps = caps_of(WORDS(COMMON, FUNC(T(relocate), 0, 2)));
	assert_true(caps.relocates && caps.section_names);
	caps = caps_of(WORDS(COMMON, TYPE(T(tag), TYPE_TAG, 0, 1, 1)));
	assert_true(caps.attributes);
	/* A variable of that name is no function, a declaration tells no size. */
	caps = caps_of(WORDS(COMMON, VAR(T(relocate), 1, 0), FWD(T(header), 0)));
	assert_false(caps.relocates);
	assert_int_equal(caps.header_len, 24);
}

/* What is found: a letter a fault, in order. */
static int note(void *ctx, const struct btf_fault *fault)
{
	static const char letters[] = "HMCR";
	char *text = ctx;

	assert_non_null(fault->text);
	if (strlen(text) < 20)
		sprintf(text + strlen(text), "%c%u ", letters[fault->rule], fault->id);
	return 0;
}

struct kernel_case {
	const uint32_t *words;
	size_t nr;
	const char *old, *new; /* what kernels of either sort find */
};

static const struct kernel_case cases[] = {
	{ WORDS(INT), "", "" },
	/* Chains: 7 tag of 6 const. */
	{ WORDS(REF(CONST, 7), TYPE_TAG(S(a), 1)), "C6 ", "" },
	{ WORDS(TYPE_TAG(S(a), 7), REF(CONST, 1)), "", "" },
	{ WORDS(TYPE(S(a), TYPE_TAG, 0, 1, 1)), "M6 ", "" },
	{ WORDS(TYPE(S(a), DECL_TAG, 0, 1, 1), -1u), "M6 R6 ", "R6 " },
	{ WORDS(TYPE(S(foo), STRUCT, 1 << 16, 0, 0)), NULL, NULL }, /* does not open */
	{ WORDS(DATASEC(S(minus), 1, 4), SECINFO(7, 0, 4), VAR(S(foo), 1, 0)), "M6 ", "" },
	{ WORDS(TYPEDEF(S(accent), 1)), "M6 ", "M6 " }, /* U+00E9 has a half that is no letter */
	{ WORDS(ENUM64(S(foo), 1, 8), VALUE64(S(a), 1, 0)), "M6 ", "" },
	{ WORDS(TYPE(S(foo), ENUM, 1, 1, 4), VALUE(S(a), 1)), "M6 ", "" },
	{ WORDS(FLOAT(S(foo), 8)), "M6 ", "" },
	/* Ids: that they are no ids at all is seen, that they lead nowhere only in chains. */
	{ WORDS(PTR(99)), "R6 ", "R6 " },
	{ WORDS(PTR(0x100000)), "M6 R6 ", "M6 R6 " },
	{ WORDS(REF(CONST, 99)), "C6 R6 ", "C6 R6 " },
	{ WORDS(STRUCT(S(foo), 1, 4), MEMBER(S(a), 0x100000, 0)), "M6 R6 ", "M6 R6 " },
	{ WORDS(STRUCT(S(foo), 1, 4), MEMBER(S(a), 5, 0)), "R6 ", "R6 " },
	{ WORDS(ARRAY(1, 0x100000, 4)), "M6 R6 ", "M6 R6 " },
	{ WORDS(VAR(S(foo), 0x100000, 0)), "M6 R6 ", "M6 R6 " },
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 6, 0)), "R6 ", "R6 " },
	{ WORDS(PROTO(2, 0), PARAM(S(a), 0), PARAM(S(a), 1)), "R6 ", "R6 " },
	{ WORDS(PROTO(1, 0), PARAM(S(minus), 1)), "R6 ", "R6 " },
	{ WORDS(FUNC(S(foo), 0, 1)), "R6 ", "R6 " },
	/* Each type that is wrong is told of, and they do not make each other wrong. */
	{ WORDS(FUNC(0, 0, 5), PTR(99), PTR(98), TYPE(S(a), PTR, 0, 0, 1)), "M6 M9 R7 R8 ",
	  "M6 M9 R7 R8 " },
};

static void kernels_differ_where_they_do(void **state)
{
	static const struct btf_caps old = { .header_len = 24,
					     .name_len = 512,
					     .latin1 = true,
					     .kinds = ((1u << BTF_KIND_FLOAT) - 2) |
						      1u << BTF_KIND_DECL_TAG |
						      1u << BTF_KIND_TYPE_TAG };
	static const struct btf_caps new = { .header_len = 32,
					     .name_len = 512,
					     .kinds = UINT32_MAX,
					     .wide_info = true,
					     .attributes = true,
					     .tags_anywhere = true,
					     .section_names = true,
					     .latin1 = true };
	struct buffer base_bytes = fixture_small_base(false);
	struct btf base, btf;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buffer split = fixture_split(cases[i].words, cases[i].nr, false);
		const char *const want[] = { cases[i].old, cases[i].new };
		const struct btf_caps *const caps[] = { &old, &new };
		int ret = btf_open(&btf, buffer_bytes(&split), &base, NULL);

		assert_int_equal(ret, cases[i].old ? 0 : -EINVAL);
		for (int k = 0; k < 2 && !ret; k++) {
			char text[200] = "";

			assert_int_equal(btf_verify_each(&btf, caps[k], note, text, NULL), 0);
			if (strcmp(text, want[k]))
				fail_msg("case %zu, kernel %d: '%s', not '%s'", i, k, text,
					 want[k]);
		}
		btf_close(&btf);
		buffer_free(&split);
	}
	btf_close(&base);
	buffer_free(&base_bytes);
}

static int stop(void *ctx, const struct btf_fault *fault)
{
	*(uint32_t *)ctx = fault->id;
	return -7;
}

static void who_is_told_may_end_it(void **state)
{
	const uint32_t words[] = { PTR(0x100000), PTR(0x100000) };
	struct btf_caps caps = { .header_len = 24, .name_len = 512, .kinds = UINT32_MAX };
	struct buffer base_bytes = fixture_small_base(false);
	struct buffer split = fixture_split(words, 6, false);
	uint32_t id = 0;
	struct btf base, btf;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	assert_int_equal(btf_open(&btf, buffer_bytes(&split), &base, NULL), 0);
	assert_int_equal(btf_verify_each(&btf, &caps, stop, &id, NULL), -7);
	assert_int_equal(id, 6);
	btf_close(&btf);
	btf_close(&base);
	buffer_free(&split);
	buffer_free(&base_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_base_that_tells_nothing_is_an_old_one),
		cmocka_unit_test(types_and_functions_of_the_base_tell_what_its_kernel_can),
		cmocka_unit_test(kernels_differ_where_they_do),
		cmocka_unit_test(who_is_told_may_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
