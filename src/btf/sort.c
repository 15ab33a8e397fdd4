// SPDX-License-Identifier: GPL-2.0-only
#include "btf/sort.h"

#include "btf/build.h"
#include "btf/fields.h"
#include "util/hash.h"

/* How far away what tells two types of one name apart may be. */
#define MAX_PASSES 32

bool btf_sorted(const struct btf *btf)
{
	const char *last = "";

	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
		const char *name = btf_name(btf, btf_type(btf, id));

		if (strcmp(last, name) > 0)
			return false;
		last = name;
	}
	return *last;
}

struct entry {
	const char *name;
	uint8_t kind; /* what comes in the order that it has: 0 */
	uint64_t look;
	uint32_t id;
};

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->look != y->look)
		return x->look < y->look ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

struct work {
	const struct btf *btf;
	struct entry *order; /* of the own types */
	uint32_t *ids;	     /* new ones, of the own types by their old ones */
	uint32_t *offsets;   /* new ones + 1, of own strings by their old ones */
	words_t words;
	VEC(char) strs;
	bool failed; /* out of memory */
};

/* Own strings come in the order in which types use them: the same types give the same bytes. */
static uint32_t take_str(struct work *w, uint32_t off)
{
	const struct btf *btf = w->btf;
	uint32_t *new;
	size_t len;

	if (off < btf->start_str || off - btf->start_str >= btf->strs.size)
		return off;
	new = &w->offsets[off - btf->start_str];
	if (!*new) {
		len = strlen(btf_str(btf, off)) + 1;
		if (!vec_room(&w->strs, len)) {
			w->failed = true;
			return 0;
		}
		memcpy(w->strs.at + w->strs.nr, btf_str(btf, off), len);
		*new = w->strs.nr + 1;
		w->strs.nr += (uint32_t)len;
	}
	return btf->start_str + *new - 1;
}

static void append(struct work *w, uint32_t id)
{
	const struct btf *btf = w->btf;
	const struct btf_type *t = btf_type(btf, id);
	const uint32_t nr = btf_words(t);
	uint32_t *to = w->words.at + w->words.nr;

	memcpy(to, t, nr * sizeof(*to));
	to[0] = take_str(w, t->name_off);
	for (uint32_t at = btf_next_str(t, 0); at; at = btf_next_str(t, at))
		to[at] = take_str(w, to[at]);
	for (uint32_t at = btf_next_id(t, 0); at; at = btf_next_id(t, at))
		if (to[at] >= btf->start_id && to[at] < btf_end_id(btf))
			to[at] = w->ids[to[at] - btf->start_id];
	w->words.nr += nr;
}

/* Is the order of types of this kind one of names only, and nobody's choice? */
static bool is_type(enum btf_kind kind)
{
	return kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR && kind != BTF_KIND_DATASEC &&
	       kind != BTF_KIND_DECL_TAG;
}

static bool same_place(const struct entry *x, const struct entry *y)
{
	return x->kind && x->kind == y->kind && x->look == y->look && !strcmp(x->name, y->name);
}

/* Sorts, and says whether there are types that this tells nothing about. */
static bool sort_entries(struct work *w)
{
	qsort(w->order, w->btf->nr, sizeof(*w->order), compare);
	for (uint32_t i = 1; i < w->btf->nr; i++)
		if (same_place(&w->order[i - 1], &w->order[i]))
			return true;
	return false;
}

/* The same on every machine, unlike hash_bytes(): the order of types depends on it. */
static uint64_t mix_str(uint64_t h, const char *str)
{
	for (; *str; str++)
		h = hash_mix(h, (uint8_t)*str);
	return hash_mix(h, 0x100);
}

/*
 * What type @id looks like: the numbers and names in it, and what the types that it refers to look
 * like, by @looks of a pass before (NULL: none has been made).
 */
static uint64_t look_of(const struct btf *btf, uint32_t id, const uint64_t *looks)
{
	const struct btf_type *t = btf_type(btf, id);
	const uint32_t *words = (const uint32_t *)t;
	uint32_t str = btf_next_str(t, 0), ref = btf_next_id(t, 0);
	uint64_t h = mix_str(0, btf_name(btf, t));

	for (uint32_t at = 1; at < btf_words(t); at++) {
		if (at == str) {
			h = mix_str(h, btf_str(btf, words[at]));
			str = btf_next_str(t, at);
		} else if (at != ref) {
			h = hash_mix(h, words[at]);
		} else {
			uint32_t to = words[at];
			bool own = to >= btf->start_id && to < btf_end_id(btf);

			h = hash_mix(h, !own ? to : looks ? looks[to - btf->start_id] : UINT64_MAX);
			ref = btf_next_id(t, at);
		}
	}
	return h;
}

/*
 * Tells types of one kind and name apart by what they look like, and where that is the same by what
 * they lead to. As they stood before they come out only if that, many types away, is the same.
 */
static bool sort_by_look(struct work *w)
{
	const struct btf *btf = w->btf;
	uint64_t *looks = calloc((size_t)btf->nr + 1, sizeof(*looks));
	uint64_t *next = calloc((size_t)btf->nr + 1, sizeof(*next));
	bool alike = looks && next;

	w->failed = !alike;
	for (int pass = 0; pass < MAX_PASSES && alike; pass++) {
		uint64_t *swap = looks;

		for (uint32_t i = 0; i < btf->nr; i++)
			next[i] = look_of(btf, btf->start_id + i, pass ? looks : NULL);
		looks = next;
		next = swap;
		for (uint32_t i = 0; i < btf->nr; i++)
			w->order[i].look =
				w->order[i].kind ? looks[w->order[i].id - btf->start_id] : 0;
		alike = sort_entries(w);
	}
	free(looks);
	free(next);
	return !w->failed;
}

static void sort(struct work *w)
{
	const struct btf *btf = w->btf;

	for (uint32_t i = 0; i < btf->nr; i++) {
		struct entry *e = &w->order[i];
		const struct btf_type *t = btf_type(btf, btf->start_id + i);

		e->id = btf->start_id + i;
		e->name = btf_name(btf, t);
		e->kind = *e->name && is_type(btf_kind(t)) ? (uint8_t)btf_kind(t) : 0;
	}
	if (sort_entries(w) && !sort_by_look(w))
		return;
	for (uint32_t i = 0; i < btf->nr; i++)
		w->ids[w->order[i].id - btf->start_id] = btf->start_id + i;
	if (!btf->base)
		take_str(w, 0); /* the empty one comes first in a base */
	for (uint32_t i = 0; i < btf->nr; i++)
		append(w, w->order[i].id);
}

int btf_sort(const struct btf *btf, struct buffer *out, struct error *err)
{
	struct work w = { .btf = btf };
	int ret = 0;

	w.order = calloc((size_t)btf->nr + 1, sizeof(*w.order));
	w.ids = calloc((size_t)btf->nr + 1, sizeof(*w.ids));
	w.offsets = calloc(btf->strs.size + 1, sizeof(*w.offsets));
	w.failed = !w.order || !w.ids || !w.offsets ||
		   !vec_room(&w.words, btf->types.size / sizeof(uint32_t));
	if (!w.failed)
		sort(&w);
	if (w.failed)
		ret = error_nomem(err);
	else
		ret = btf_pack(w.words.at, w.words.nr,
			       (struct bytes){ (const uint8_t *)w.strs.at, w.strs.nr },
			       btf->big_endian, out, err);
	vec_free(&w.words);
	vec_free(&w.strs);
	free(w.offsets);
	free(w.ids);
	free(w.order);
	return ret;
}
