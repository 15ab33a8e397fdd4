// SPDX-License-Identifier: GPL-2.0-only
#include "util/hash.h"

static void insert(struct idtab_slot *slots, uint32_t mask, uint32_t hash, uint32_t id)
{
	uint32_t i = hash & mask;

	while (slots[i].id)
		i = (i + 1) & mask;
	slots[i] = (struct idtab_slot){ hash, id };
}

static bool resize(struct idtab *tab, uint64_t nr_slots)
{
	struct idtab_slot *slots;

	if (nr_slots > (uint64_t)1 << 31)
		return false;
	/*
	 * Not calloc(): slots are read before they are written, and a fresh page that is read first
	 * faults twice. The compiler would make calloc() of it.
	 */
	slots = malloc(nr_slots * sizeof(*slots));
	if (!slots)
		return false;
	__asm__("" : "+r"(slots));
	memset(slots, 0, nr_slots * sizeof(*slots));
	if (tab->slots)
		for (uint64_t i = 0; i <= tab->mask; i++)
			if (tab->slots[i].id)
				insert(slots, (uint32_t)(nr_slots - 1), tab->slots[i].hash,
				       tab->slots[i].id);
	free(tab->slots);
	tab->slots = slots;
	tab->mask = (uint32_t)(nr_slots - 1);
	return true;
}

bool idtab_reserve(struct idtab *tab, uint32_t n)
{
	uint64_t nr_slots = 64;

	while (nr_slots < (uint64_t)n * 2)
		nr_slots *= 2;
	if (tab->slots && nr_slots <= (uint64_t)tab->mask + 1)
		return true;
	return resize(tab, nr_slots);
}

bool idtab_grow(struct idtab *tab)
{
	return resize(tab, tab->slots ? ((uint64_t)tab->mask + 1) * 2 : 64);
}

bool idtab_add(struct idtab *tab, uint32_t hash, uint32_t id)
{
	/* Never more than half full: probes stay short. */
	if ((!tab->slots || (uint64_t)tab->used * 2 > tab->mask) && !idtab_grow(tab))
		return false;
	insert(tab->slots, tab->mask, hash, id);
	tab->used++;
	return true;
}

/*
 * Room for twice what was in it: a table that once held much more would take longer to clear than
 * to fill. Its other slots are out of use until it grows, which allocates anew.
 */
bool idtab_copy(struct idtab *tab, const struct idtab *from)
{
	size_t size = ((size_t)from->mask + 1) * sizeof(*from->slots);

	*tab = (struct idtab){ 0 };
	if (!from->slots)
		return true;
	tab->slots = malloc(size);
	if (!tab->slots)
		return false;
	memcpy(tab->slots, from->slots, size);
	tab->mask = from->mask;
	tab->used = from->used;
	return true;
}

void idtab_clear(struct idtab *tab)
{
	uint64_t nr_slots = 64;

	if (!tab->slots || !tab->used)
		return;
	while (nr_slots < (uint64_t)tab->used * 4 && nr_slots <= tab->mask)
		nr_slots *= 2;
	tab->mask = (uint32_t)(nr_slots - 1);
	memset(tab->slots, 0, nr_slots * sizeof(*tab->slots));
	tab->used = 0;
}

void idtab_free(struct idtab *tab)
{
	free(tab->slots);
	*tab = (struct idtab){ 0 };
}
