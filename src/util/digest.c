// SPDX-License-Identifier: GPL-2.0-only
#include "util/digest.h"

#define C1 0x87c37b91114253d5ull
#define C2 0x4cf5ad432745937full

static inline uint64_t rotl(uint64_t v, int bits)
{
	return v << bits | v >> (64 - bits);
}

static inline uint64_t mix1(uint64_t k)
{
	return rotl(k * C1, 31) * C2;
}

static inline uint64_t mix2(uint64_t k)
{
	return rotl(k * C2, 33) * C1;
}

/* Takes in @nr blocks of 16 bytes. */
static void absorb(struct digest_state *state, const uint8_t *p, size_t nr)
{
	uint64_t h1 = state->h1, h2 = state->h2;

	for (; nr; nr--, p += 16) {
		h1 ^= mix1(load_u64(p, false));
		h1 = (rotl(h1, 27) + h2) * 5 + 0x52dce729;
		h2 ^= mix2(load_u64(p + 8, false));
		h2 = (rotl(h2, 31) + h1) * 5 + 0x38495ab5;
	}
	state->h1 = h1;
	state->h2 = h2;
}

/* Spreads every bit of @k over all others. */
static uint64_t avalanche(uint64_t k)
{
	k = (k ^ k >> 33) * 0xff51afd7ed558ccdull;
	k = (k ^ k >> 33) * 0xc4ceb9fe1a85ec53ull;
	return k ^ k >> 33;
}

void digest_init(struct digest_state *state)
{
	*state = (struct digest_state){ 0 };
}

void digest_update(struct digest_state *state, const void *data, size_t size)
{
	const uint8_t *p = data;
	size_t held = state->total % 16;

	if (!size)
		return;
	state->total += size;
	if (held) {
		size_t n = size < 16 - held ? size : 16 - held;

		memcpy(state->tail + held, p, n);
		p += n;
		size -= n;
		if (held + n < 16)
			return;
		absorb(state, state->tail, 1);
	}
	absorb(state, p, size / 16);
	memcpy(state->tail, p + size / 16 * 16, size % 16);
}

struct digest digest_final(struct digest_state *state)
{
	size_t held = state->total % 16;
	uint64_t h1 = state->h1, h2 = state->h2;
	struct digest d;

	/* Zero bytes behind the tail: a half without any contributes mix(0), which is 0. */
	memset(state->tail + held, 0, 16 - held);
	h1 ^= mix1(load_u64(state->tail, false));
	h2 ^= mix2(load_u64(state->tail + 8, false));
	h1 ^= state->total;
	h2 ^= state->total;
	h1 += h2;
	h2 += h1;
	h1 = avalanche(h1);
	h2 = avalanche(h2);
	h1 += h2;
	h2 += h1;
	store_u64(d.bytes, h1, false);
	store_u64(d.bytes + 8, h2, false);
	return d;
}

struct digest digest_bytes(struct bytes b)
{
	struct digest_state state;

	digest_init(&state);
	digest_update(&state, b.data, b.size);
	return digest_final(&state);
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return !memcmp(a->bytes, b->bytes, DIGEST_SIZE);
}

void digest_hex(const struct digest *d, char text[2 * DIGEST_SIZE + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		text[2 * i] = digits[d->bytes[i] >> 4];
		text[2 * i + 1] = digits[d->bytes[i] & 15];
	}
	text[2 * DIGEST_SIZE] = '\0';
}
