/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes: a borrowed, read-only range of memory, and checked reads from it in either byte order.
 *
 * A struct bytes never owns what it points to. A struct buffer does: its data comes from malloc()
 * and is released by buffer_free().
 */
#ifndef MODBTF_UTIL_BYTES_H
#define MODBTF_UTIL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	const uint8_t *data;
	size_t size;
};

struct buffer {
	uint8_t *data;
	size_t size;
};

static inline void buffer_free(struct buffer *b)
{
	free(b->data);
	b->data = NULL;
	b->size = 0;
}

static inline struct bytes buffer_bytes(const struct buffer *b)
{
	return (struct bytes){ b->data, b->size };
}

/* Do @len bytes at @off lie inside @size? Safe for any values. */
static inline bool range_fits(uint64_t off, uint64_t len, uint64_t size)
{
	return off <= size && len <= size - off;
}

/* The @len bytes at @off of @b; an empty range with NULL data where they do not fit. */
static inline struct bytes bytes_slice(struct bytes b, uint64_t off, uint64_t len)
{
	if (!range_fits(off, len, b.size))
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ b.data + off, (size_t)len };
}

/* Is the machine that we run on big endian? */
static inline bool host_big_endian(void)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

/*
 * Unaligned loads in the byte order @big. The caller has checked that the bytes are there.
 */
static inline uint16_t load_u16(const uint8_t *p, bool big)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return big == host_big_endian() ? v : __builtin_bswap16(v);
}

static inline uint32_t load_u32(const uint8_t *p, bool big)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return big == host_big_endian() ? v : __builtin_bswap32(v);
}

static inline uint64_t load_u64(const uint8_t *p, bool big)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return big == host_big_endian() ? v : __builtin_bswap64(v);
}

static inline void store_u16(uint8_t *p, uint16_t v, bool big)
{
	if (big != host_big_endian())
		v = __builtin_bswap16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void store_u32(uint8_t *p, uint32_t v, bool big)
{
	if (big != host_big_endian())
		v = __builtin_bswap32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void store_u64(uint8_t *p, uint64_t v, bool big)
{
	if (big != host_big_endian())
		v = __builtin_bswap64(v);
	memcpy(p, &v, sizeof(v));
}

#endif
