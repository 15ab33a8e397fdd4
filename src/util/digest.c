// SPDX-License-Identifier: GPL-2.0-only
#include "util/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(sizeof(((struct digest_state *)0)->xxh3) >= sizeof(XXH3_state_t),
	       "room for the state");
_Static_assert(_Alignof(struct digest_state) >= _Alignof(XXH3_state_t), "alignment of the state");

static XXH3_state_t *xxh3(struct digest_state *state)
{
	return (XXH3_state_t *)(void *)state->xxh3;
}

static struct digest canonical(XXH128_hash_t hash)
{
	XXH128_canonical_t bytes;
	struct digest d;

	XXH128_canonicalFromHash(&bytes, hash);
	_Static_assert(sizeof(bytes.digest) == sizeof(d.bytes), "size of a digest");
	memcpy(d.bytes, bytes.digest, sizeof(d.bytes));
	return d;
}

void digest_init(struct digest_state *state)
{
	XXH3_INITSTATE(xxh3(state));
	XXH3_128bits_reset(xxh3(state));
}

void digest_update(struct digest_state *state, const void *data, size_t size)
{
	if (size)
		XXH3_128bits_update(xxh3(state), data, size);
}

struct digest digest_final(struct digest_state *state)
{
	return canonical(XXH3_128bits_digest(xxh3(state)));
}

struct digest digest_bytes(struct bytes b)
{
	return canonical(XXH3_128bits(b.data, b.size));
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
