/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Growing arrays: VEC(type) declares one, a zeroed one is empty. Elements move when it grows, so
 * keep indices, not pointers.
 */
#ifndef MODBTF_UTIL_VEC_H
#define MODBTF_UTIL_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define VEC(type)              \
	struct {               \
		type *at;      \
		uint32_t nr;   \
		uint32_t room; \
	}

/* Makes room for @more further elements. False when out of memory (or over 2^31 elements). */
#define vec_room(v, more)                                       \
	((uint64_t)(more) <= (uint64_t)((v)->room - (v)->nr) || \
	 vec_grow((void **)&(v)->at, &(v)->room, (v)->nr, (more), sizeof(*(v)->at)))

/* Appends @elem. False when out of memory. */
#define vec_push(v, elem) (vec_room(v, 1) ? ((v)->at[(v)->nr++] = (elem), true) : false)

#define vec_free(v)                           \
	do {                                  \
		free((v)->at);                \
		memset((v), 0, sizeof(*(v))); \
	} while (0)

static inline bool vec_grow(void **at, uint32_t *room, uint32_t nr, uint64_t more, size_t size)
{
	uint64_t want = (uint64_t)*room * 2;
	void *p;

	if (more > (uint64_t)1 << 31)
		return false;
	if (want < nr + more)
		want = nr + more;
	if (want < 16)
		want = 16;
	if (want > (uint64_t)1 << 31)
		return false;
	p = reallocarray(*at, want, size);
	if (!p)
		return false;
	*at = p;
	*room = (uint32_t)want;
	return true;
}

#endif
