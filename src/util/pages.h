/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Large zeroed tables that are filled at random: in huge pages where the system has them, so that
 * filling them doesn't fault page by page.
 */
#ifndef MODBTF_UTIL_PAGES_H
#define MODBTF_UTIL_PAGES_H

#include <stddef.h>

/* @size zeroed bytes, aligned for any type; NULL when out of memory. Freed by pages_free(). */
void *pages_alloc(size_t size);

/* @size: the same as it was allocated with. @at may be NULL. */
void pages_free(void *at, size_t size);

#endif
