// SPDX-License-Identifier: GPL-2.0-only
#include "btf/names.h"

void names_init(struct names *names, const struct btf_index *index)
{
	*names = (struct names){ .index = index, .first_own = btf_end_str(index->base) };
}

void names_free(struct names *names)
{
	vec_free(&names->text);
	idtab_free(&names->table);
	vec_free(&names->known);
	idtab_free(&names->known_by_hash);
}

/* In front of the text of a string in names->known. */
struct known_name {
	uint32_t id;
	uint32_t len;
};

static uint32_t find_known(const struct names *names, const char *str, size_t len, uint32_t hash)
{
	uint32_t n, pos;

	for (n = idtab_first(&names->known_by_hash, hash, &pos); n;
	     n = idtab_next(&names->known_by_hash, hash, &pos)) {
		const char *at = names->known.at + (n - 1);
		struct known_name known;

		memcpy(&known, at, sizeof(known));
		if (known.len == len && !memcmp(at + sizeof(known), str, len))
			return known.id;
	}
	return 0;
}

static bool add_known(struct names *names, const char *str, size_t len, uint32_t hash, uint32_t id)
{
	struct known_name known = { id, (uint32_t)len };
	uint32_t at = names->known.nr;

	if (!vec_room(&names->known, sizeof(known) + len) ||
	    !idtab_add(&names->known_by_hash, hash, at + 1))
		return false;
	memcpy(names->known.at + at, &known, sizeof(known));
	memcpy(names->known.at + at + sizeof(known), str, len);
	names->known.nr += (uint32_t)(sizeof(known) + len);
	return true;
}

static uint32_t find_or_add_own(struct names *names, const char *str, size_t len, uint32_t hash)
{
	uint32_t id, pos;

	for (id = idtab_first(&names->table, hash, &pos); id;
	     id = idtab_next(&names->table, hash, &pos)) {
		const char *have = names->text.at + (id - names->first_own);

		if (!strncmp(have, str, len) && !have[len])
			return id;
	}
	if (len >= NAME_PENDING - names->first_own - names->text.nr ||
	    !vec_room(&names->text, len + 1))
		return UINT32_MAX;
	id = names->first_own + names->text.nr;
	if (!idtab_add(&names->table, hash, id))
		return UINT32_MAX;
	memcpy(names->text.at + names->text.nr, str, len);
	names->text.at[names->text.nr + len] = '\0';
	names->text.nr += (uint32_t)len + 1;
	return id;
}

static uint32_t name_of_hash(struct names *names, const char *str, size_t len, uint32_t hash)
{
	uint32_t id = find_known(names, str, len, hash);

	if (id)
		return id;
	id = btf_index_str(names->index, str, len, hash);
	if (!id)
		id = find_or_add_own(names, str, len, hash);
	if (id != UINT32_MAX && !add_known(names, str, len, hash, id))
		return UINT32_MAX;
	return id;
}

uint32_t name_id(struct names *names, const char *str, size_t len)
{
	return len ? name_of_hash(names, str, len, hash_bytes(str, len)) : 0;
}

/* A look-up under way. */
struct lookup {
	uint32_t *field;
	const char *str;
	size_t len;
	uint32_t hash;
};

/* How many can be under way, and how far the stages are apart. */
#define WINDOW 32
#define STAGE 8

struct window {
	struct names *names;
	struct bytes strings;
	struct lookup at[WINDOW];
	size_t taken, hashed, fetched, done; /* how many have been through each stage */
	struct error *err;
};

static int hash_next(struct window *w)
{
	struct lookup *l = &w->at[w->hashed++ % WINDOW];
	size_t room = w->strings.size - (size_t)((const uint8_t *)l->str - w->strings.data);

	l->len = strnlen(l->str, room);
	if (l->len == room)
		return error_set(w->err, -EINVAL, ".debug_str: the last string has no end");
	if (l->len > NAME_LONGEST)
		return error_set(w->err, -EINVAL, ".debug_str: a name of %zu characters", l->len);
	l->hash = hash_bytes(l->str, l->len);
	idtab_prefetch(&w->names->known_by_hash, l->hash);
	return 0;
}

static void fetch_next(struct window *w)
{
	const struct names *names = w->names;
	uint32_t hash = w->at[w->fetched++ % WINDOW].hash, pos;
	uint32_t n = idtab_first(&names->known_by_hash, hash, &pos);

	if (n)
		__builtin_prefetch(names->known.at + (n - 1));
	else
		btf_index_prefetch_slot(names->index, hash);
}

static int finish_next(struct window *w)
{
	struct lookup *l = &w->at[w->done++ % WINDOW];

	*l->field = l->len ? name_of_hash(w->names, l->str, l->len, l->hash) : 0;
	return *l->field == UINT32_MAX ? error_nomem(w->err) : 0;
}

/* Each stage follows the one before it at a distance of at least @gap look-ups. */
static int advance(struct window *w, size_t gap)
{
	int ret = 0;

	if (w->hashed + gap < w->taken)
		ret = hash_next(w);
	if (w->fetched + gap < w->hashed)
		fetch_next(w);
	if (!ret && w->done + gap < w->fetched)
		ret = finish_next(w);
	return ret;
}

int name_ids(struct names *names, struct bytes strings, uint32_t *field, size_t stride, size_t nr,
	     struct error *err)
{
	struct window w = { .names = names, .strings = strings, .err = err };
	int ret = 0;

	for (size_t i = 0; i < nr && !ret; i++) {
		uint32_t *f = (uint32_t *)((uint8_t *)field + i * stride);
		uint32_t offset = *f & ~NAME_PENDING;

		if (!(*f & NAME_PENDING))
			continue;
		if (offset >= strings.size)
			return error_set(err, -EINVAL, ".debug_str has no string at 0x%x", offset);
		w.at[w.taken++ % WINDOW] =
			(struct lookup){ .field = f, .str = (const char *)strings.data + offset };
		__builtin_prefetch(strings.data + offset);
		ret = advance(&w, STAGE);
	}
	while (w.done < w.taken && !ret)
		ret = advance(&w, 0);
	return ret;
}

const char *name_str(const struct names *names, uint32_t id)
{
	if (id < names->first_own)
		return btf_str(names->index->base, id);
	return names->text.at + (id - names->first_own);
}
