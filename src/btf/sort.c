// SPDX-License-Identifier: GPL-2.0-only
#include "btf/sort.h"

#include "btf/build.h"
#include "btf/fields.h"

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
	uint32_t id;
};

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->id < y->id ? -1 : x->id > y->id;
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

static void sort(struct work *w)
{
	const struct btf *btf = w->btf;

	for (uint32_t i = 0; i < btf->nr; i++) {
		w->order[i].id = btf->start_id + i;
		w->order[i].name = btf_name(btf, btf_type(btf, w->order[i].id));
	}
	qsort(w->order, btf->nr, sizeof(*w->order), compare);
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
