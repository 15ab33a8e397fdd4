// SPDX-License-Identifier: GPL-2.0-only
/* What is printed of names that others gave. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd/say.h"

static void says(const char *path, const char *wanted)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	say(out, "%s: words\n", path);
	fclose(out);
	assert_string_equal(text, wanted);
	free(text);
}

static void no_name_makes_a_line_or_is_obeyed(void **state)
{
	(void)state;
	says("a\nmodbtf: fake.ko", "a\\nmodbtf: fake.ko: words\n");
	says("\033[31m\r\t\x7f", "\\x1b[31m\\x0d\\t\\x7f: words\n");
	says("\xc2\x9b"
	     "31m",
	     "\\xc2\\x9b31m: words\n");
}

static void other_names_stay(void **state)
{
	(void)state;
	says("/lib/modules/\xc3\xa4\xc2\xa0 b\\n.ko",
	     "/lib/modules/\xc3\xa4\xc2\xa0 b\\n.ko: words\n");
	says("\xc2", "\xc2: words\n");
	says("", ": words\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_name_makes_a_line_or_is_obeyed),
		cmocka_unit_test(other_names_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
