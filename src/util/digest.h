/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fast 128-bit digest, to tell whether bytes are the same as before. It is not cryptographic: it
 * guards against mistakes, not against someone who builds a collision.
 *
 * MurmurHash3 x64 128 with seed 0, as its author published it (Austin Appleby, public domain). The
 * 16 bytes are the two halves in little endian, the same on every machine.
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
	uint64_t h1, h2;
	uint64_t total;	  /* bytes so far */
	uint8_t tail[16]; /* the last total % 16 of them */
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
