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

bool names_fork(struct names *fork, const struct names *names)
{
	names_init(fork, names->index);
	if (!idtab_copy(&fork->table, &names->table) || !vec_room(&fork->text, names->text.nr))
		return false;
	if (names->text.nr)
		memcpy(fork->text.at, names->text.at, names->text.nr);
	fork->text.nr = names->text.nr;
	return true;
}

/* In front of the text of a string in names->known. Where it stands there, plus 1, is its place. */
struct known_name {
	uint32_t id;
	uint32_t len;
	uint32_t next; /* place of the one that was looked up behind it, 0 for none yet */
};

static struct known_name get_known(const struct names *names, uint32_t place)
{
	struct known_name known;

	memcpy(&known, names->known.at + (place - 1), sizeof(known));
	return known;
}

static const char *known_text(const struct names *names, uint32_t place)
{
	return names->known.at + (place - 1) + sizeof(struct known_name);
}

static void set_next(struct names *names, uint32_t place, uint32_t next)
{
	memcpy(names->known.at + (place - 1) + offsetof(struct known_name, next), &next,
	       sizeof(next));
}

static uint32_t find_known(const struct names *names, const char *str, size_t len, uint32_t hash)
{
	uint32_t n, pos;

	for (n = idtab_first(&names->known_by_hash, hash, &pos); n;
	     n = idtab_next(&names->known_by_hash, hash, &pos))
		if (get_known(names, n).len == len && !memcmp(known_text(names, n), str, len))
			return n;
	return 0;
}

/* Returns its place, 0 when out of memory. */
static uint32_t add_known(struct names *names, const char *str, size_t len, uint32_t hash,
			  uint32_t id)
{
	struct known_name known = { id, (uint32_t)len, 0 };
	uint32_t at = names->known.nr;

	if (!vec_room(&names->known, sizeof(known) + len) ||
	    !idtab_add(&names->known_by_hash, hash, at + 1))
		return 0;
	memcpy(names->known.at + at, &known, sizeof(known));
	memcpy(names->known.at + at + sizeof(known), str, len);
	names->known.nr += (uint32_t)(sizeof(known) + len);
	return at + 1;
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

/* The place of the string in names->known, where it stands from now on; 0 when out of memory. */
static uint32_t place_of_hash(struct names *names, const char *str, size_t len, uint32_t hash)
{
	uint32_t place = find_known(names, str, len, hash), id;

	if (place)
		return place;
	/* Room for what a small module has. */
	if (!names->known.nr && !idtab_reserve(&names->known_by_hash, 4096))
		return 0;
	id = btf_index_str(names->index, str, len, hash);
	if (!id)
		id = find_or_add_own(names, str, len, hash);
	return id == UINT32_MAX ? 0 : add_known(names, str, len, hash, id);
}

uint32_t name_id(struct names *names, const char *str, size_t len)
{
	uint32_t place;

	if (!len)
		return 0;
	place = place_of_hash(names, str, len, hash_bytes(str, len));
	return place ? get_known(names, place).id : UINT32_MAX;
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
	size_t taken, fetched, done; /* how many have been through each stage */
	struct error *err;
};

static int hash_it(const struct window *w, struct lookup *l)
{
	size_t room = w->strings.size - (size_t)((const uint8_t *)l->str - w->strings.data);

	l->len = strnlen(l->str, room);
	if (l->len == room)
		return error_set(w->err, -EINVAL, ".debug_str: the last string has no end");
	if (l->len > NAME_LONGEST)
		return error_set(w->err, -EINVAL, ".debug_str: a name of %zu characters", l->len);
	l->hash = hash_bytes(l->str, l->len);
	return 0;
}

static int finish_next(struct window *w)
{
	struct lookup *l = &w->at[w->done++ % WINDOW];
	uint32_t place = 0;

	if (l->len) {
		place = place_of_hash(w->names, l->str, l->len, l->hash);
		if (!place)
			return error_nomem(w->err);
	}
	*l->field = place ? get_known(w->names, place).id : 0;
	return 0;
}

/* Each stage follows the one before it at a distance of at least @gap look-ups. */
static int advance(struct window *w, size_t gap)
{
	if (w->fetched + gap < w->taken)
		btf_index_prefetch_slot(w->names->index, w->at[w->fetched++ % WINDOW].hash);
	return w->done + gap < w->fetched ? finish_next(w) : 0;
}

/* Is the string at @offset the one at @place? */
static bool is_known(const struct window *w, uint32_t place, uint32_t offset)
{
	struct known_name known = get_known(w->names, place);
	const char *str = (const char *)w->strings.data + offset;

	return known.len < w->strings.size - offset && !str[known.len] &&
	       !memcmp(str, known_text(w->names, place), known.len);
}

/*
 * Units include the same headers in the same order, so that mostly a string is followed by the one
 * that followed it the last time.
 */
static uint32_t expected(const struct window *w, uint32_t before, uint32_t offset)
{
	uint32_t next = before ? get_known(w->names, before).next : 0;

	return next && is_known(w, next, offset) ? next : 0;
}

int name_ids(struct names *names, struct bytes strings, uint32_t *field, size_t stride, size_t nr,
	     struct error *err)
{
	struct window w = { .names = names, .strings = strings, .err = err };
	uint32_t last = 0; /* place of the string before, 0 where that is not known yet */
	int ret = 0;

	for (size_t i = 0; i < nr && !ret; i++) {
		uint32_t *f = (uint32_t *)((uint8_t *)field + i * stride);
		uint32_t offset = *f & ~NAME_PENDING, place;
		struct lookup l;

		if (!(*f & NAME_PENDING))
			continue;
		if (offset >= strings.size)
			return error_set(err, -EINVAL, ".debug_str has no string at 0x%x", offset);
		place = expected(&w, last, offset);
		if (!place) {
			l = (struct lookup){ .field = f,
					     .str = (const char *)strings.data + offset };
			ret = hash_it(&w, &l);
			if (!ret)
				place = l.len ? find_known(names, l.str, l.len, l.hash) : 0;
			if (!place) {
				w.at[w.taken++ % WINDOW] = l;
				ret = ret ? ret : advance(&w, STAGE);
			} else if (last) {
				set_next(names, last, place);
			}
		}
		if (place)
			*f = get_known(names, place).id;
		last = place;
	}
	while (w.done < w.taken && !ret)
		ret = advance(&w, 0);
	return ret;
}
