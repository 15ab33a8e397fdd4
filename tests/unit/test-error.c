// SPDX-License-Identifier: GPL-2.0-only
/* Errors carry code, file and place; string lists own their lines. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/strlist.h"

static void set_returns_the_code_and_keeps_the_text(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(err.code, 0);
	assert_int_equal(error_set(&err, -EINVAL, "type %d: no name", 7), -EINVAL);
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.text, "type 7: no name");
	assert_string_equal(err.file, "");
}

static void set_forgets_an_earlier_error_and_its_file(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, -EINVAL, "first");
	error_in_file(&err, "a.ko");
	error_set(&err, -ENOMEM, "second");
	assert_int_equal(err.code, -ENOMEM);
	assert_string_equal(err.text, "second");
	assert_string_equal(err.file, "");
}

static void errno_text_comes_last(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(error_errno(&err, -ENOENT, "cannot open"), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.text, "cannot open: No such file or directory");
}

static void nomem_is_enomem(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(error_nomem(&err), -ENOMEM);
	assert_int_equal(err.code, -ENOMEM);
	assert_string_not_equal(err.text, "");
}

static void prefixes_pile_up_in_front(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, -EINVAL, "unknown form");
	assert_int_equal(error_prefix(&err, "DIE at %#x", 0x4c), -EINVAL);
	assert_int_equal(error_prefix(&err, "unit %d", 3), -EINVAL);
	assert_string_equal(err.text, "unit 3: DIE at 0x4c: unknown form");
}

static void the_first_file_named_stays(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, -EINVAL, "damaged");
	assert_int_equal(error_in_file(&err, "base"), -EINVAL);
	assert_int_equal(error_in_file(&err, "foo.ko"), -EINVAL);
	assert_string_equal(err.file, "base");
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_int_equal(error_set(NULL, -EFBIG, "x"), -EFBIG);
	assert_int_equal(error_errno(NULL, -EIO, "x"), -EIO);
	assert_int_equal(error_nomem(NULL), -ENOMEM);
	assert_true(error_prefix(NULL, "x") < 0);
	assert_true(error_in_file(NULL, "x") < 0);
}

static void texts_too_long_are_cut(void **state)
{
	struct error err = ERROR_INIT;
	char *longer = malloc(5000);

	(void)state;
	assert_non_null(longer);
	memset(longer, 'x', 4999);
	longer[4999] = '\0';
	error_set(&err, -EINVAL, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	error_prefix(&err, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	error_errno(&err, -EIO, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	error_in_file(&err, longer);
	assert_int_equal(strlen(err.file), sizeof(err.file) - 1);
	free(longer);
}

static void lists_keep_order_over_any_growth(void **state)
{
	struct strlist list = { 0 };
	char expected[32];

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(strlist_add(&list, "line %d", i), 0);
	assert_int_equal(list.nr, 100);
	for (int i = 0; i < 100; i++) {
		snprintf(expected, sizeof(expected), "line %d", i);
		assert_string_equal(list.items[i], expected);
	}
	strlist_free(&list);
	assert_int_equal(list.nr, 0);
	assert_null(list.items);
}

static void a_freed_list_can_be_used_again(void **state)
{
	struct strlist list = { 0 };

	(void)state;
	strlist_free(&list);
	assert_int_equal(strlist_add(&list, "one"), 0);
	strlist_free(&list);
	assert_int_equal(strlist_add(&list, "two"), 0);
	assert_int_equal(list.nr, 1);
	assert_string_equal(list.items[0], "two");
	strlist_free(&list);
}

static void no_list_keeps_nothing(void **state)
{
	(void)state;
	assert_int_equal(strlist_add(NULL, "%s", "x"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_returns_the_code_and_keeps_the_text),
		cmocka_unit_test(set_forgets_an_earlier_error_and_its_file),
		cmocka_unit_test(errno_text_comes_last),
		cmocka_unit_test(nomem_is_enomem),
		cmocka_unit_test(prefixes_pile_up_in_front),
		cmocka_unit_test(the_first_file_named_stays),
		cmocka_unit_test(nobody_has_to_listen),
		cmocka_unit_test(texts_too_long_are_cut),
		cmocka_unit_test(lists_keep_order_over_any_growth),
		cmocka_unit_test(a_freed_list_can_be_used_again),
		cmocka_unit_test(no_list_keeps_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
