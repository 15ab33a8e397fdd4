/* SPDX-License-Identifier: GPL-2.0-only */
/* In which order many files are begun. */
#ifndef MODBTF_REGEN_ORDER_H
#define MODBTF_REGEN_ORDER_H

#include <stddef.h>

/*
 * Mostly as they are named, for so they can be reported as they are done; but a file that has a good part
 * of all that one of @threads has to do comes first, or in the end one thread would be at it and all
 * others wait. @path: of file @i. Returns a permutation of the @nr files, to be freed; NULL: as named.
 */
size_t *order_by_size(const char *(*path)(const void *ctx, size_t i), const void *ctx, size_t nr,
		      unsigned int threads);

#endif
