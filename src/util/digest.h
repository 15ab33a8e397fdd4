/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fast 128-bit digest, to tell whether bytes are the same as before. It is not cryptographic: it
 * guards against mistakes, not against someone who builds a collision.
 *
 * XXH3 of 128 bits with seed 0, of libxxhash (since 0.8.0 its results do not change). The 16 bytes are
 * its canonical form, the same on every machine: what `xxh128sum` prints.
 */
#ifndef MODBTF_UTIL_DIGEST_H
#define MODBTF_UTIL_DIGEST_H

#include "util/bytes.h"

#define DIGEST_SIZE 16

struct digest {
	uint8_t bytes[DIGEST_SIZE];
};

/* A digest in the making. The result depends on the bytes only, not on how they were divided. */
struct digest_state {
	_Alignas(64) uint8_t xxh3[576]; /* the library's own */
};

void digest_init(struct digest_state *state);
void digest_update(struct digest_state *state, const void *data, size_t size);
struct digest digest_final(struct digest_state *state);

/* The digest of @b. */
struct digest digest_bytes(struct bytes b);

bool digest_equal(const struct digest *a, const struct digest *b);

/* 32 hexadecimal digits and a NUL. */
void digest_hex(const struct digest *d, char text[2 * DIGEST_SIZE + 1]);

#endif
