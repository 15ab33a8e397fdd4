/* SPDX-License-Identifier: GPL-2.0-only */
/* cmocka, with the headers that it wants to see first. Include this before anything else. */
#ifndef MODBTF_TESTS_UNIT_TEST_H
#define MODBTF_TESTS_UNIT_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
