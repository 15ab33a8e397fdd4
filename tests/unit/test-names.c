// SPDX-License-Identifier: GPL-2.0-only
/* One id for each distinct string: the base's offset, or one of ours. */
#include "test.h"

#include <stdio.h>

#include "graph-fixture.h"

static void starts(struct play *play)
{
	const char *base = "struct foo { int a; }; struct foobar { int foo; }";

	if (play_base(play, base, (struct variation){ 0 }))
		fail_msg("%s", play->err.text);
}

static uint32_t id(struct play *play, const char *name)
{
	return name_id(&play->names, name, strlen(name));
}

static void a_string_of_the_base_is_its_offset(void **state)
{
	struct play play;

	(void)state;
	starts(&play);
	for (uint32_t off = 1; off < btf_end_str(&play.base);
	     off += (uint32_t)strlen(btf_str(&play.base, off)) + 1) {
		assert_int_equal(id(&play, btf_str(&play.base, off)), off);
		assert_string_equal(name_str(&play.names, off), btf_str(&play.base, off));
	}
	assert_int_equal(play.names.text.nr, 0);
	play_free(&play);
}

static void the_empty_string_is_0(void **state)
{
	struct play play;

	(void)state;
	starts(&play);
	assert_int_equal(id(&play, ""), 0);
	assert_int_equal(name_id(&play.names, "foo", 0), 0);
	assert_string_equal(name_str(&play.names, 0), "");
	play_free(&play);
}

/* Neither the beginning nor the end of another string; and @len counts, not a NUL. */
static void a_part_of_a_string_is_another_one(void **state)
{
	struct play play;

	(void)state;
	starts(&play);
	assert_true(id(&play, "fo") >= btf_end_str(&play.base));
	assert_true(id(&play, "oo") >= btf_end_str(&play.base));
	assert_true(id(&play, "foobarx") >= btf_end_str(&play.base));
	assert_int_equal(name_id(&play.names, "foobarx", 6), id(&play, "foobar"));
	assert_int_equal(name_id(&play.names, "foobarx", 3), id(&play, "foo"));
	assert_int_not_equal(id(&play, "fo"), id(&play, "foobarx"));
	assert_int_equal(name_id(&play.names, "fox", 2), id(&play, "fo"));
	play_free(&play);
}

static void own_strings_keep_their_ids(void **state)
{
	uint32_t first[5000];
	struct play play;
	char name[16];

	(void)state;
	starts(&play);
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "own%u", i);
		first[i] = id(&play, name);
		assert_true(first[i] >= btf_end_str(&play.base));
		assert_true(!i || first[i] > first[i - 1]);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "own%u", i);
		assert_int_equal(id(&play, name), first[i]);
		assert_string_equal(name_str(&play.names, first[i]), name);
	}
	play_free(&play);
}

/* ---- many at a time ---- */

struct named {
	uint32_t before;
	uint32_t name;
	uint32_t after;
};

/* More than are under way at a time, in an order of their own, with ids among them. */
static void pending_names_are_looked_up_where_they_stand(void **state)
{
	struct error err = ERROR_INIT;
	struct named at[200];
	char strings[4000];
	uint32_t offsets[200];
	struct play play;
	size_t size = 0;

	(void)state;
	starts(&play);
	for (uint32_t i = 0; i < 200; i++) {
		offsets[i] = (uint32_t)size;
		if (i % 7)
			size += (size_t)sprintf(strings + size, "own%u", i % 50) + 1;
		else
			size += (size_t)sprintf(strings + size, "%s", i % 2 ? "foo" : "") + 1;
	}
	for (uint32_t i = 0; i < 200; i++) {
		uint32_t offset = offsets[i * 7 % 200];

		at[i] = (struct named){ 11, i % 5 ? NAME_PENDING | offset : i, 22 };
	}
	assert_int_equal(name_ids(&play.names, (struct bytes){ (uint8_t *)strings, size },
				  &at->name, sizeof(*at), 200, &err),
			 0);
	for (uint32_t i = 0; i < 200; i++) {
		const char *string = strings + offsets[i * 7 % 200];

		assert_int_equal(at[i].before, 11);
		assert_int_equal(at[i].after, 22);
		assert_int_equal(at[i].name, i % 5 ? id(&play, string) : i);
	}
	play_free(&play);
}

static void pending_names_outside_of_the_strings_are_refused(void **state)
{
	const struct bytes strings = { (const uint8_t *)"ab\0cd", 5 };
	struct play play;
	uint32_t field;

	(void)state;
	starts(&play);
	field = NAME_PENDING | 0;
	assert_int_equal(name_ids(&play.names, strings, &field, 4, 1, &play.err), 0);
	assert_int_equal(field, id(&play, "ab"));
	field = NAME_PENDING | 5;
	assert_int_equal(name_ids(&play.names, strings, &field, 4, 1, &play.err), -EINVAL);
	field = NAME_PENDING | 0x7fffffff;
	assert_int_equal(name_ids(&play.names, strings, &field, 4, 1, &play.err), -EINVAL);
	/* The last one has no end. */
	field = NAME_PENDING | 3;
	assert_int_equal(name_ids(&play.names, strings, &field, 4, 1, &play.err), -EINVAL);
	field = NAME_PENDING | 0;
	assert_int_equal(name_ids(&play.names, (struct bytes){ 0 }, &field, 4, 1, &play.err),
			 -EINVAL);
	assert_int_equal(name_ids(&play.names, (struct bytes){ 0 }, &field, 4, 0, &play.err), 0);
	play_free(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_of_the_base_is_its_offset),
		cmocka_unit_test(the_empty_string_is_0),
		cmocka_unit_test(a_part_of_a_string_is_another_one),
		cmocka_unit_test(own_strings_keep_their_ids),
		cmocka_unit_test(pending_names_are_looked_up_where_they_stand),
		cmocka_unit_test(pending_names_outside_of_the_strings_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
