/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debug sections made in a test, byte by byte. What is written is handed out in memory of exactly its size,
 * so that a sanitizer sees each byte that is read behind it.
 */
#ifndef MODBTF_TESTS_UNIT_DWARF_FIXTURE_H
#define MODBTF_TESTS_UNIT_DWARF_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/vec.h"

struct out {
	VEC(uint8_t) v;
	bool big; /* byte order of what is written */
};

static inline void put(struct out *o, const void *data, size_t size)
{
	if (!vec_room(&o->v, size))
		abort();
	if (size)
		memcpy(o->v.at + o->v.nr, data, size);
	o->v.nr += (uint32_t)size;
}

static inline void put_u8(struct out *o, uint64_t v)
{
	uint8_t byte = (uint8_t)v;

	put(o, &byte, 1);
}

static inline void put_u16(struct out *o, uint64_t v)
{
	uint8_t bytes[2];

	store_u16(bytes, (uint16_t)v, o->big);
	put(o, bytes, sizeof(bytes));
}

static inline void put_u32(struct out *o, uint64_t v)
{
	uint8_t bytes[4];

	store_u32(bytes, (uint32_t)v, o->big);
	put(o, bytes, sizeof(bytes));
}

static inline void put_u64(struct out *o, uint64_t v)
{
	uint8_t bytes[8];

	store_u64(bytes, v, o->big);
	put(o, bytes, sizeof(bytes));
}

static inline void put_uleb(struct out *o, uint64_t v)
{
	for (; v > 0x7f; v >>= 7)
		put_u8(o, v | 0x80);
	put_u8(o, v);
}

static inline void put_sleb(struct out *o, int64_t v)
{
	for (; v < -64 || v > 63; v >>= 7)
		put_u8(o, (uint64_t)v | 0x80);
	put_u8(o, v & 0x7f);
}

static inline void put_text(struct out *o, const char *text)
{
	put(o, text, strlen(text) + 1);
}

/* The first @size bytes of what was written, in memory of that size. Freed with bytes_free(). */
static inline struct bytes out_prefix(const struct out *o, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy || size > o->v.nr)
		abort();
	if (size)
		memcpy(copy, o->v.at, size);
	return (struct bytes){ copy, size };
}

static inline struct bytes out_bytes(const struct out *o)
{
	return out_prefix(o, o->v.nr);
}

static inline void bytes_free(struct bytes b)
{
	free((void *)b.data);
}

static inline void out_free(struct out *o)
{
	vec_free(&o->v);
}

#endif
