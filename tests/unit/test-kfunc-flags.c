// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <stdlib.h>

#include "module/kfunc-flags.h"

static void reads(uint32_t flags, const char *expected)
{
	struct strbuf text = { .text = NULL };
	char *taken;

	kfunc_flags_text(flags, &text);
	taken = strbuf_take(&text);
	assert_string_equal(taken, expected);
	free(taken);
}

/* Bits as include/linux/btf.h of 7.3 and 6.1 have them. */
static void flags_have_the_names_of_the_kernel(void **state)
{
	(void)state;
	reads(0, "no flags");
	reads(1, "KF_ACQUIRE");
	reads(1 << 0 | 1 << 2, "KF_ACQUIRE | KF_RET_NULL");
	reads(1 << 3 | 1 << 4, "KF_KPTR_GET | KF_TRUSTED_ARGS");
	reads(1 << 7 | 1 << 10 | 1 << 12, "KF_RCU | KF_ITER_DESTROY | KF_FASTCALL");
	reads(1 << 16 | 1 << 18, "KF_IMPLICIT_ARGS | KF_PERFMON");
}

static void unknown_bits_are_a_number(void **state)
{
	(void)state;
	reads(1u << 31, "0x80000000");
	reads(1 << 1 | 1 << 19 | 1 << 20, "KF_RELEASE | 0x180000");
}

static void bits_have_names(void **state)
{
	(void)state;
	assert_string_equal(kfunc_flag_name(5), "KF_SLEEPABLE");
	assert_null(kfunc_flag_name(19));
	assert_null(kfunc_flag_name(32));
}

static void a_string_grows(void **state)
{
	struct strbuf buf = { .text = NULL };
	char *taken = strbuf_take(&buf);

	(void)state;
	assert_string_equal(taken, "");
	free(taken);
	for (int i = 0; i < 1000; i++)
		strbuf_printf(&buf, "%d,", i % 10);
	strbuf_puts(&buf, "  ");
	strbuf_trim(&buf);
	assert_int_equal(buf.len, 2000);
	strbuf_putc(&buf, '.');
	assert_string_equal(buf.text + 1998, "9,.");
	strbuf_free(&buf);
	strbuf_trim(&buf);
	assert_int_equal(buf.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_have_the_names_of_the_kernel),
		cmocka_unit_test(unknown_bits_are_a_number),
		cmocka_unit_test(bits_have_names),
		cmocka_unit_test(a_string_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
