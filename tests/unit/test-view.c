// SPDX-License-Identifier: GPL-2.0-only
/* The view reads what is there, in either byte order, and refuses what is not. */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"

/* One type of each kind. */
static const uint32_t each_kind[] = {
	INT,
	PTR(1),
	ARRAY(1, 1, 3),
	BITS_STRUCT(S(foo), 2, 8),
	BITS_MEMBER(S(a), 1, 0, 3),
	BITS_MEMBER(S(b), 2, 64 - 32, 0),
	UNION(S(bar), 1, 4),
	MEMBER(S(a), 1, 0),
	ENUM(S(baz), 2, 4),
	VALUE(S(c), 1),
	VALUE(S(d), -1),
	FWD(S(baz), 0),
	TYPEDEF(S(foo), 4),
	REF(VOLATILE, 1),
	REF(CONST, 1),
	REF(RESTRICT, 2),
	FUNC(S(foo), BTF_FUNC_GLOBAL, 13),
	PROTO(2, 1),
	PARAM(S(a), 1),
	PARAM(S(b), 2),
	VAR(S(bar), 1, BTF_VAR_GLOBAL_ALLOCATED),
	DATASEC(S(dotted), 1, 4),
	SECINFO(14, 0, 4),
	FLOAT(S(double_), 8),
	DECL_TAG(S(foo), 4, 1),
	TYPE_TAG(S(bar), 1),
	ENUM64(S(bar), 1, 8),
	VALUE64(S(b), 1, 2),
};

#define NR_KINDS (BTF_KIND_NR - 1)

static struct buffer each_kind_base(bool big)
{
	return fixture_base(each_kind, sizeof(each_kind) / sizeof(*each_kind), big);
}

static void opens(struct btf *btf, const struct buffer *b, const struct btf *base)
{
	struct error err = ERROR_INIT;

	if (btf_open(btf, buffer_bytes(b), base, &err))
		fail_msg("%s", err.text);
}

static void refuses(struct bytes raw, const struct btf *base, const char *words)
{
	struct error err = ERROR_INIT;
	struct btf btf;

	assert_int_equal(btf_open(&btf, raw, base, &err), -EINVAL);
	assert_int_equal(err.code, -EINVAL);
	if (!strstr(err.text, words))
		fail_msg("'%s' does not say '%s'", err.text, words);
	assert_null(btf.offsets);
	assert_null(btf.copy);
}

static void reads_each_kind(void **state)
{
	struct buffer b = each_kind_base(false);
	struct btf btf;

	(void)state;
	opens(&btf, &b, NULL);
	assert_int_equal(btf.nr, NR_KINDS);
	assert_int_equal(btf.start_id, 1);
	assert_int_equal(btf_end_id(&btf), NR_KINDS + 1);
	assert_int_equal(btf_end_str(&btf), sizeof(struct fixture_strings));
	assert_null(btf_type(&btf, 0));
	assert_null(btf_type(&btf, NR_KINDS + 1));
	assert_null(btf_type(&btf, UINT32_MAX));
	for (uint32_t id = 1; id <= NR_KINDS; id++)
		assert_string_not_equal(btf_kind_name(btf_kind(btf_type(&btf, id))), "UNKN");
	assert_string_equal(btf_name(&btf, btf_type(&btf, 4)), "foo");
	assert_string_equal(btf_str(&btf, 0), "");
	assert_string_equal(btf_str(&btf, btf_end_str(&btf)), "");
	assert_string_equal(btf_str(&btf, UINT32_MAX), "");
	btf_close(&btf);
	buffer_free(&b);
}

static void tells_bitfields(void **state)
{
	struct buffer b = each_kind_base(false);
	struct btf btf;

	(void)state;
	opens(&btf, &b, NULL);
	assert_int_equal(btf_member_bit_offset(btf_type(&btf, 4), 0), 0);
	assert_int_equal(btf_member_bitfield_size(btf_type(&btf, 4), 0), 3);
	assert_int_equal(btf_member_bit_offset(btf_type(&btf, 4), 1), 32);
	assert_int_equal(btf_member_bitfield_size(btf_type(&btf, 4), 1), 0);
	assert_int_equal(btf_member_bitfield_size(btf_type(&btf, 5), 0), 0);
	btf_close(&btf);
	buffer_free(&b);
}

static void finds_by_name_and_kind(void **state)
{
	const uint32_t own[] = { STRUCT(OWN(own), 0, 0), TYPEDEF(S(foo), 2), TYPEDEF(S(foo), 1) };
	struct buffer base_bytes = fixture_small_base(false);
	struct buffer b = fixture_split(own, sizeof(own) / sizeof(*own), false);
	struct btf base, btf;

	(void)state;
	opens(&base, &base_bytes, NULL);
	opens(&btf, &b, &base);
	assert_int_equal(btf_find(&btf, "own", BTF_KIND_STRUCT), SMALL_BASE_END);
	assert_int_equal(btf_find(&btf, "foo", BTF_KIND_TYPEDEF), SMALL_BASE_END + 1);
	assert_int_equal(btf_find(&btf, "foo", BTF_KIND_STRUCT), 2);
	assert_int_equal(btf_find(&base, "own", BTF_KIND_STRUCT), 0);
	assert_int_equal(btf_find(&btf, "foo", BTF_KIND_UNION), 0);
	btf_close(&btf);
	btf_close(&base);
	buffer_free(&b);
	buffer_free(&base_bytes);
}

static void split_goes_on_where_its_base_ends(void **state)
{
	const uint32_t own[] = { STRUCT(OWN(own), 1, 4), MEMBER(S(a), 1, 0), PTR(SMALL_BASE_END) };
	struct buffer base_bytes = fixture_small_base(false);
	struct buffer b = fixture_split(own, sizeof(own) / sizeof(*own), false);
	struct btf base, btf;

	(void)state;
	opens(&base, &base_bytes, NULL);
	opens(&btf, &b, &base);
	assert_int_equal(btf.start_id, SMALL_BASE_END);
	assert_int_equal(btf.nr, 2);
	assert_ptr_equal(btf_type(&btf, 2), btf_type(&base, 2));
	assert_string_equal(btf_name(&btf, btf_type(&btf, SMALL_BASE_END)), "own");
	assert_string_equal(btf_str(&btf, S(bar)), "bar");
	assert_string_equal(btf_str(&base, OWN(own)), "");
	assert_null(btf_type(&base, SMALL_BASE_END));
	btf_close(&btf);
	btf_close(&base);
	buffer_free(&b);
	buffer_free(&base_bytes);
}

static void split_may_have_no_strings_and_no_types(void **state)
{
	struct buffer base_bytes = fixture_small_base(false);
	struct buffer b = fixture_wrap(NULL, 0, "", 0, false);
	struct btf base, btf;

	(void)state;
	opens(&base, &base_bytes, NULL);
	opens(&btf, &b, &base);
	assert_int_equal(btf.nr, 0);
	assert_int_equal(btf_end_id(&btf), SMALL_BASE_END);
	btf_close(&btf);
	refuses(buffer_bytes(&b), NULL, "empty string");
	btf_close(&base);
	buffer_free(&b);
	buffer_free(&base_bytes);
}

static void other_byte_order_reads_the_same(void **state)
{
	struct buffer little = each_kind_base(false), big = each_kind_base(true);
	struct btf l, b;

	(void)state;
	opens(&l, &little, NULL);
	opens(&b, &big, NULL);
	assert_false(l.big_endian);
	assert_true(b.big_endian);
	assert_int_equal(l.nr, b.nr);
	assert_int_equal(l.types.size, b.types.size);
	assert_memory_equal(l.types.data, b.types.data, l.types.size);
	assert_memory_equal(l.offsets, b.offsets, l.nr * sizeof(*l.offsets));
	assert_memory_equal(&l.header, &b.header, sizeof(l.header));
	btf_close(&l);
	btf_close(&b);
	buffer_free(&little);
	buffer_free(&big);
}

static void base_of_the_other_byte_order_is_refused(void **state)
{
	struct buffer base_bytes = fixture_small_base(true);
	struct buffer b = fixture_split(each_kind, 4, false);
	struct btf base;

	(void)state;
	opens(&base, &base_bytes, NULL);
	refuses(buffer_bytes(&b), &base, "wrong base");
	btf_close(&base);
	buffer_free(&b);
	buffer_free(&base_bytes);
}

static void unaligned_bytes_read_the_same(void **state)
{
	struct buffer b = each_kind_base(false);
	struct btf aligned, btf;

	(void)state;
	opens(&aligned, &b, NULL);
	for (size_t shift = 1; shift < 4; shift++) {
		struct buffer moved = { malloc(b.size + shift), b.size + shift };

		memcpy(moved.data + shift, b.data, b.size);
		assert_int_equal(btf_open(&btf, bytes_slice(buffer_bytes(&moved), shift, b.size),
					  NULL, NULL),
				 0);
		assert_int_equal(btf.nr, aligned.nr);
		assert_memory_equal(btf.types.data, aligned.types.data, btf.types.size);
		btf_close(&btf);
		buffer_free(&moved);
	}
	btf_close(&aligned);
	buffer_free(&b);
}

/* The bytes lie at the end of an allocation, so that a read behind them is seen. */
static void every_truncation_is_refused(void **state)
{
	struct buffer b = each_kind_base(false);

	(void)state;
	for (size_t size = 0; size < b.size; size++) {
		struct bytes cut = { malloc(size ? size : 1), size };

		memcpy((uint8_t *)cut.data, b.data, size);
		refuses(cut, NULL, "");
		free((uint8_t *)cut.data);
	}
	buffer_free(&b);
}

static void refuses_broken_headers(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *words;
	} mutations[] = {
		{ 0, 0x1001eb9e, "magic" },
		{ 0, 0x0000eb9f, "version 0" },
		{ 0, 0x0002eb9f, "version 2" },
		{ 4, 0, "impossible length 0" },
		{ 4, 23, "impossible length 23" },
		{ 4, 0x7fffffff, "impossible length" },
		{ 4, UINT32_MAX, "impossible length" },
		{ 8, UINT32_MAX, "type section" },
		{ 8, 0x10000, "type section" },
		{ 12, UINT32_MAX, "type section" },
		{ 12, 0x80000000, "type section" },
		{ 16, UINT32_MAX, "string section" },
		{ 16, 1, "string section" },
		{ 20, UINT32_MAX, "string section" },
		{ 20, 0, "empty string" },
		{ 20, 3, "NUL" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mutations) / sizeof(*mutations); i++) {
		for (int big = 0; big < 2; big++) {
			struct buffer b = each_kind_base(big);

			if (mutations[i].at)
				store_u32(b.data + mutations[i].at, mutations[i].value, big);
			else
				store_u32(b.data, mutations[i].value, false);
			refuses(buffer_bytes(&b), NULL, mutations[i].words);
			buffer_free(&b);
		}
	}
}

/* Any byte of the header may be anything: what opens then can still be read from end to end. */
static void any_header_byte_is_survived(void **state)
{
	struct buffer b = each_kind_base(false);

	(void)state;
	for (size_t at = 0; at < BTF_HEADER_LEN; at++) {
		const uint8_t was = b.data[at];

		for (unsigned int value = 0; value < 256; value++) {
			struct btf btf;

			b.data[at] = (uint8_t)value;
			if (btf_open(&btf, buffer_bytes(&b), NULL, NULL))
				continue;
			for (uint32_t id = 1; id < btf_end_id(&btf); id++)
				(void)strlen(btf_name(&btf, btf_type(&btf, id)));
			btf_close(&btf);
		}
		b.data[at] = was;
	}
	buffer_free(&b);
}

static const struct {
	const uint32_t *words;
	size_t nr;
	const char *fault;
} broken_types[] = {
	{ WORDS(0), "cut off" },
	{ WORDS(INT, 0, 0), "type 2 at byte 16 of the type section: cut off" },
	{ WORDS(TYPE(0, UNKN, 0, 0, 0)), "unknown kind 0" },
	{ WORDS(INT, 0, INFO(20, 0, 0), 0), "type 2 at byte 16 of the type section" },
	{ WORDS(0, INFO(31, 0, 0), 0), "unknown kind 31" },
	{ WORDS(0, INFO(BTF_KIND_PTR | 0x20, 0, 0), 0), "unknown kind 34" },
	{ WORDS(TYPE(0, INT, 0, 0, 4)), "INT of 16 bytes, only 12 left" },
	{ WORDS(STRUCT(0, 2, 8), MEMBER(0, 1, 0)), "STRUCT of 36 bytes, only 24 left" },
	{ WORDS(STRUCT(0, 0xffff, 8)), "STRUCT" },
	{ WORDS(STRUCT(0, 0xffffff, 8)), "STRUCT" },
	{ WORDS(PTR(0), TYPE(sizeof(struct fixture_strings), PTR, 0, 0, 0)), "type 2 at "
									     "byte 12 of "
									     "the type "
									     "section: PTR "
									     "with a name "
									     "outside" },
	{ WORDS(TYPE(UINT32_MAX, PTR, 0, 0, 0)), "name outside" },
	{ WORDS(STRUCT(0, 1, 4), MEMBER(0x10000, 1, 0)), "STRUCT with a name outside" },
	{ WORDS(UNION(0, 1, 4), MEMBER(0x10000, 1, 0)), "UNION with a name outside" },
	{ WORDS(ENUM(0, 2, 4), VALUE(0, 1), VALUE(0x10000, 1)), "ENUM with a name" },
	{ WORDS(ENUM64(0, 1, 4), VALUE64(0x10000, 1, 0)), "ENUM64 with a name" },
	{ WORDS(PROTO(1, 0), PARAM(0x10000, 1)), "FUNC_PROTO with a name" },
};

static void refuses_broken_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken_types) / sizeof(*broken_types); i++) {
		for (int big = 0; big < 2; big++) {
			struct buffer b =
				fixture_base(broken_types[i].words, broken_types[i].nr, big);

			refuses(buffer_bytes(&b), NULL, broken_types[i].fault);
			buffer_free(&b);
		}
	}
}

static void reads_the_layout_section_of_new_kernels(void **state)
{
	struct buffer old = each_kind_base(false);
	struct buffer b = { calloc(1, old.size + 12), old.size + 12 };
	struct btf btf;

	(void)state;
	memcpy(b.data, old.data, BTF_HEADER_LEN);
	memcpy(b.data + 32, old.data + BTF_HEADER_LEN, old.size - BTF_HEADER_LEN);
	store_u32(b.data + 4, 32, false);
	store_u32(b.data + 24, (uint32_t)(old.size - BTF_HEADER_LEN), false);
	store_u32(b.data + 28, 4, false);
	opens(&btf, &b, NULL);
	assert_int_equal(btf.nr, NR_KINDS);
	assert_int_equal(btf.layout_len, 4);
	btf_close(&btf);
	buffer_free(&b);
	buffer_free(&old);
}

static const struct {
	const uint32_t *words;
	size_t nr;
	uint32_t size;
} longs[] = {
	{ WORDS(INT), 8 },
	{ WORDS(INT, LONG), 8 },
	{ WORDS(INT_(S(long_), 4, 1, 0, 32)), 4 },
	{ WORDS(INT_(S(long_), 4, 1, 0, 32), LONG), 8 },
	{ WORDS(STRUCT(S(long_), 0, 4)), 8 },
};

static void guesses_the_pointer_size_by_long(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(longs) / sizeof(*longs); i++) {
		struct buffer b = fixture_base(longs[i].words, longs[i].nr, false);
		struct buffer own = fixture_split(NULL, 0, false);
		struct btf base, btf;

		opens(&base, &b, NULL);
		opens(&btf, &own, &base);
		assert_int_equal(base.pointer_size, longs[i].size);
		assert_int_equal(btf.pointer_size, longs[i].size);
		btf_close(&btf);
		btf_close(&base);
		buffer_free(&own);
		buffer_free(&b);
	}
}

static void knows_what_follows_a_type(void **state)
{
	(void)state;
	assert_int_equal(btf_extra_size(BTF_KIND_INT, 0), 4);
	assert_int_equal(btf_extra_size(BTF_KIND_ARRAY, 0), 12);
	assert_int_equal(btf_extra_size(BTF_KIND_STRUCT, 3), 36);
	assert_int_equal(btf_extra_size(BTF_KIND_ENUM, 3), 24);
	assert_int_equal(btf_extra_size(BTF_KIND_ENUM64, 3), 36);
	assert_int_equal(btf_extra_size(BTF_KIND_FUNC, 1), 0);
	assert_int_equal(btf_extra_size(BTF_KIND_FUNC_PROTO, 1), 8);
	assert_int_equal(btf_extra_size(BTF_KIND_UNKN, 0), -1);
	assert_int_equal(btf_extra_size(BTF_KIND_NR, 0), -1);
	assert_int_equal(btf_extra_size((enum btf_kind)1000, 0), -1);
	assert_string_equal(btf_kind_name(BTF_KIND_NR), "UNKN");
	assert_string_equal(btf_kind_name(BTF_KIND_FUNC_PROTO), "FUNC_PROTO");
	assert_true(btf_kind_is_modifier(BTF_KIND_TYPE_TAG));
	assert_false(btf_kind_is_modifier(BTF_KIND_PTR));
	assert_false(btf_kind_is_modifier(BTF_KIND_DECL_TAG));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_kind),
		cmocka_unit_test(tells_bitfields),
		cmocka_unit_test(finds_by_name_and_kind),
		cmocka_unit_test(split_goes_on_where_its_base_ends),
		cmocka_unit_test(split_may_have_no_strings_and_no_types),
		cmocka_unit_test(other_byte_order_reads_the_same),
		cmocka_unit_test(base_of_the_other_byte_order_is_refused),
		cmocka_unit_test(unaligned_bytes_read_the_same),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(refuses_broken_headers),
		cmocka_unit_test(any_header_byte_is_survived),
		cmocka_unit_test(refuses_broken_types),
		cmocka_unit_test(reads_the_layout_section_of_new_kernels),
		cmocka_unit_test(guesses_the_pointer_size_by_long),
		cmocka_unit_test(knows_what_follows_a_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
