/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hashing, and one open-addressing table for everything that is found by content: a table of ids,
 * whose keys the owner keeps and compares.
 */
#ifndef MODBTF_UTIL_HASH_H
#define MODBTF_UTIL_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m =
		(unsigned __int128)(a ^ 0x9e3779b97f4a7c15) * (b ^ 0xd1b54a32d192ed03);

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint32_t hash_u64(uint64_t v)
{
	return (uint32_t)(hash_mix(v, 0x2545f4914f6cdd1d) >> 16);
}

/* Not for digests that leave the process: the result depends on the machine's byte order. */
static inline uint32_t hash_bytes(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = len, a, b;
	uint32_t lo, hi;

	for (; len > 16; len -= 16, p += 16) {
		memcpy(&a, p, 8);
		memcpy(&b, p + 8, 8);
		h = hash_mix(h ^ a, b);
	}
	/* What is left is loaded from both of its ends: the loads may overlap. */
	if (len >= 8) {
		memcpy(&a, p, 8);
		memcpy(&b, p + len - 8, 8);
	} else if (len >= 4) {
		memcpy(&lo, p, 4);
		memcpy(&hi, p + len - 4, 4);
		a = lo;
		b = hi;
	} else {
		a = len ? (uint64_t)p[0] << 16 | (uint64_t)p[len / 2] << 8 | p[len - 1] : 0;
		b = 0;
	}
	h = hash_mix(h * 0x9fb21c651e98df25 ^ a, b);
	return (uint32_t)(h ^ h >> 32);
}

/*
 * A table of ids. 0 is no id. To find one, walk the ids that share a hash:
 *
 *	for (id = idtab_first(tab, hash, &pos); id; id = idtab_next(tab, hash, &pos))
 *		if (the key of id is the one sought)
 *			return id;
 */
struct idtab_slot {
	uint32_t hash;
	uint32_t id;
};

struct idtab {
	struct idtab_slot *slots;
	uint32_t mask; /* number of slots - 1; 0 while nothing is allocated */
	uint32_t used;
};

/* Makes room for @n ids without growing. Returns false when out of memory. */
bool idtab_reserve(struct idtab *tab, uint32_t n);

/* Adds @id (not 0) under @hash; does not look for equals. Returns false when out of memory. */
bool idtab_add(struct idtab *tab, uint32_t hash, uint32_t id);

/* Makes the table twice as large, as idtab_add() does with one that is half full. False when out of memory. */
bool idtab_grow(struct idtab *tab);

/* Makes @tab, which is empty, a copy of @from. Returns false when out of memory. */
bool idtab_copy(struct idtab *tab, const struct idtab *from);

/* Empties the table. Memory is kept, room for as many ids as before as well. */
void idtab_clear(struct idtab *tab);
void idtab_free(struct idtab *tab);

/*
 * The first id under @hash, 0 if there is none; @pos is set for idtab_next(), which gives the
 * following ones.
 */
static inline uint32_t idtab_next(const struct idtab *tab, uint32_t hash, uint32_t *pos)
{
	uint32_t i = *pos;

	for (;;) {
		const struct idtab_slot *slot = &tab->slots[i & tab->mask];

		i++;
		if (!slot->id)
			return 0;
		if (slot->hash == hash) {
			*pos = i;
			return slot->id;
		}
	}
}

/*
 * The slot of @hash in a table that has one id under each hash: if its id is 0, one may be put there,
 * with the hash, and counted in @used. NULL when out of memory. Until something is added.
 */
static inline struct idtab_slot *idtab_only(struct idtab *tab, uint32_t hash)
{
	uint32_t i = hash;
	struct idtab_slot *slot;

	if ((!tab->slots || (uint64_t)tab->used * 2 > tab->mask) && !idtab_grow(tab))
		return NULL;
	for (;; i++) {
		slot = &tab->slots[i & tab->mask];
		if (!slot->id || slot->hash == hash)
			return slot;
	}
}

/* Fetches what idtab_first() will look at. */
static inline void idtab_prefetch(const struct idtab *tab, uint32_t hash)
{
	if (tab->slots)
		__builtin_prefetch(&tab->slots[hash & tab->mask]);
}

static inline uint32_t idtab_first(const struct idtab *tab, uint32_t hash, uint32_t *pos)
{
	if (!tab->slots)
		return 0;
	*pos = hash & tab->mask;
	return idtab_next(tab, hash, pos);
}

#endif
