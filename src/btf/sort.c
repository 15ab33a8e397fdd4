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

/* @ids: of the own types, by their old ones */
static void append(words_t *words, const struct btf *btf, const uint32_t *ids, uint32_t id)
{
	const struct btf_type *t = btf_type(btf, id);
	const uint32_t nr = btf_words(t);
	uint32_t *to = words->at + words->nr;

	memcpy(to, t, nr * sizeof(*to));
	for (uint32_t at = btf_next_id(t, 0); at; at = btf_next_id(t, at))
		if (to[at] >= btf->start_id && to[at] < btf_end_id(btf))
			to[at] = ids[to[at] - btf->start_id];
	words->nr += nr;
}

int btf_sort(const struct btf *btf, struct buffer *out, struct error *err)
{
	struct entry *order = calloc((size_t)btf->nr + 1, sizeof(*order));
	uint32_t *ids = calloc((size_t)btf->nr + 1, sizeof(*ids));
	words_t words = { 0 };
	int ret = 0;

	if (!order || !ids || !vec_room(&words, btf->types.size / sizeof(uint32_t)))
		ret = error_nomem(err);
	if (!ret) {
		for (uint32_t i = 0; i < btf->nr; i++) {
			order[i].id = btf->start_id + i;
			order[i].name = btf_name(btf, btf_type(btf, order[i].id));
		}
		qsort(order, btf->nr, sizeof(*order), compare);
		for (uint32_t i = 0; i < btf->nr; i++)
			ids[order[i].id - btf->start_id] = btf->start_id + i;
		for (uint32_t i = 0; i < btf->nr; i++)
			append(&words, btf, ids, order[i].id);
		ret = btf_pack(words.at, words.nr, btf->strs, btf->big_endian, out, err);
	}
	vec_free(&words);
	free(ids);
	free(order);
	return ret;
}
