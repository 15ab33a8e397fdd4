// SPDX-License-Identifier: GPL-2.0-only
/* The JSON writer prints what RFC 8259 calls an object, whatever bytes it is given. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/json.h"

struct line {
	struct json json;
	char *text;
	size_t size;
};

static void begin(struct line *line)
{
	FILE *out = open_memstream(&line->text, &line->size);

	assert_non_null(out);
	json_begin(&line->json, out);
}

static void assert_line(struct line *line, const char *expected)
{
	assert_int_equal(json_end(&line->json), 0);
	assert_int_equal(fclose(line->json.out), 0);
	assert_string_equal(line->text, expected);
	free(line->text);
}

static void assert_string_becomes(const char *value, const char *expected)
{
	struct line line;
	char *whole;

	begin(&line);
	json_string(&line.json, "s", value);
	assert_true(asprintf(&whole, "{\"s\":%s}\n", expected) > 0);
	assert_line(&line, whole);
	free(whole);
}

static void an_object_without_members(void **state)
{
	struct line line;

	(void)state;
	begin(&line);
	assert_line(&line, "{}\n");
}

static void members_of_every_sort_are_separated_by_commas(void **state)
{
	struct line line;

	(void)state;
	begin(&line);
	json_string(&line.json, "file", "foo.ko");
	json_int(&line.json, "code", -22);
	json_uint(&line.json, "size", 27);
	json_bool(&line.json, "signed", true);
	json_bool(&line.json, "current", false);
	json_string(&line.json, "signer", NULL);
	assert_line(&line, "{\"file\":\"foo.ko\",\"code\":-22,\"size\":27,\"signed\":true,"
			   "\"current\":false,\"signer\":null}\n");
}

static void nesting_keeps_the_commas_right(void **state)
{
	struct line line;

	(void)state;
	begin(&line);
	json_open_array(&line.json, "empty");
	json_close_array(&line.json);
	json_open_array(&line.json, "kfuncs");
	json_string(&line.json, NULL, "a");
	json_string(&line.json, NULL, "b");
	json_open_object(&line.json, NULL);
	json_uint(&line.json, "id", 1);
	json_close_object(&line.json);
	json_open_array(&line.json, NULL);
	json_close_array(&line.json);
	json_close_array(&line.json);
	json_open_object(&line.json, "types");
	json_uint(&line.json, "INT", 3);
	json_uint(&line.json, "PTR", 5);
	json_close_object(&line.json);
	json_bool(&line.json, "last", true);
	assert_line(&line, "{\"empty\":[],\"kfuncs\":[\"a\",\"b\",{\"id\":1},[]],"
			   "\"types\":{\"INT\":3,\"PTR\":5},\"last\":true}\n");
}

static void integers_at_their_limits(void **state)
{
	struct line line;

	(void)state;
	begin(&line);
	json_int(&line.json, "min", INT64_MIN);
	json_int(&line.json, "max", INT64_MAX);
	json_uint(&line.json, "umax", UINT64_MAX);
	assert_line(&line, "{\"min\":-9223372036854775808,\"max\":9223372036854775807,"
			   "\"umax\":18446744073709551615}\n");
}

static void quotes_and_control_characters_are_escaped(void **state)
{
	(void)state;
	assert_string_becomes("", "\"\"");
	assert_string_becomes("say \"a\\b\"", "\"say \\\"a\\\\b\\\"\"");
	assert_string_becomes("two\nlines\tof\rit", "\"two\\nlines\\tof\\u000dit\"");
	assert_string_becomes("\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"");
}

static void keys_are_escaped_like_values(void **state)
{
	struct line line;

	(void)state;
	begin(&line);
	json_uint(&line.json, "a\"\xff", 1);
	assert_line(&line, "{\"a\\\"\xef\xbf\xbd\":1}\n");
}

static void utf8_stays_as_it_is(void **state)
{
	(void)state;
	assert_string_becomes("\u00fc", "\"\u00fc\"");
	assert_string_becomes("\u20ac\u0800\ud7ff\ue000", "\"\u20ac\u0800\ud7ff\ue000\"");
	assert_string_becomes("\U00010000\U0010ffff", "\"\U00010000\U0010ffff\"");
}

#define REPLACED "\xef\xbf\xbd"

static void what_is_not_utf8_is_replaced_byte_by_byte(void **state)
{
	(void)state;
	/* a continuation byte alone, bytes that UTF-8 never has */
	assert_string_becomes("a\x80z", "\"a" REPLACED "z\"");
	assert_string_becomes("\xfe\xff", "\"" REPLACED REPLACED "\"");
	/* cut off by another character, cut off by the end */
	assert_string_becomes("\xe2\x82z", "\"" REPLACED REPLACED "z\"");
	assert_string_becomes("\xe2\x82", "\"" REPLACED REPLACED "\"");
	assert_string_becomes("\xf0", "\"" REPLACED "\"");
	/* overlong, surrogate, beyond Unicode */
	assert_string_becomes("\xc0\xaf", "\"" REPLACED REPLACED "\"");
	assert_string_becomes("\xe0\x9f\xbf", "\"" REPLACED REPLACED REPLACED "\"");
	assert_string_becomes("\xf0\x8f\xbf\xbf", "\"" REPLACED REPLACED REPLACED REPLACED "\"");
	assert_string_becomes("\xed\xa0\x80", "\"" REPLACED REPLACED REPLACED "\"");
	assert_string_becomes("\xf4\x90\x80\x80", "\"" REPLACED REPLACED REPLACED REPLACED "\"");
}

static void a_stream_that_cannot_be_written_is_reported(void **state)
{
	struct json json;
	FILE *out = fopen("/dev/full", "w");

	(void)state;
	if (!out)
		skip();
	setvbuf(out, NULL, _IONBF, 0);
	json_begin(&json, out);
	json_uint(&json, "a", 1);
	assert_int_equal(json_end(&json), -EIO);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_without_members),
		cmocka_unit_test(members_of_every_sort_are_separated_by_commas),
		cmocka_unit_test(nesting_keeps_the_commas_right),
		cmocka_unit_test(integers_at_their_limits),
		cmocka_unit_test(quotes_and_control_characters_are_escaped),
		cmocka_unit_test(keys_are_escaped_like_values),
		cmocka_unit_test(utf8_stays_as_it_is),
		cmocka_unit_test(what_is_not_utf8_is_replaced_byte_by_byte),
		cmocka_unit_test(a_stream_that_cannot_be_written_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
