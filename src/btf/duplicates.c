// SPDX-License-Identifier: GPL-2.0-only
#include "btf/duplicates.h"

#include "btf/refine.h"

struct duplicates {
	const struct btf *btf;
	bool *candidate;   /* own types: definitions that may be the same as another one */
	uint32_t *classes; /* of own types */
	uint32_t *from;	   /* their references to own types; as in struct refine_graph */
	VEC(uint32_t) to;
	struct idtab table;
	words_t pool;
};

static const struct btf_type *own_type(const struct duplicates *d, uint32_t own)
{
	return btf_type(d->btf, d->btf->start_id + own);
}

static bool same_head(const struct btf_type *a, const struct btf_type *b)
{
	return a->name_off == b->name_off && a->info == b->info && a->size == b->size;
}

/* Is there a definition with the name, kind, size and number of members of @t? Notes @own if not. */
static bool seen(struct duplicates *d, uint32_t own, const struct btf_type *t, struct error *err,
		 int *ret)
{
	const uint32_t words[] = { t->name_off, t->info, t->size };
	const uint32_t hash = hash_bytes(words, sizeof(words));
	uint32_t n, pos;

	for (n = idtab_first(&d->table, hash, &pos); n; n = idtab_next(&d->table, hash, &pos))
		if (same_head(t, own_type(d, n - 1)))
			return true;
	if (!idtab_add(&d->table, hash, own + 1))
		*ret = error_nomem(err);
	return false;
}

/* Leaves candidates that are definitions. @any: do two have all in common that is seen at once? */
static int find_candidates(struct duplicates *d, bool *any, struct error *err)
{
	int ret = 0;

	for (uint32_t own = 0; own < d->btf->nr && !ret; own++) {
		const struct btf_type *t = own_type(d, own);

		if (!t->name_off || btf_kind(t) == BTF_KIND_FWD || !btf_named_shape(t))
			d->candidate[own] = false;
		else if (d->candidate[own] && seen(d, own, t, err, &ret))
			*any = true;
	}
	return ret;
}

/* Is word @pos of a type of @kind, struct btf_type included, a reference that counts? */
static bool is_reference(enum btf_kind kind, uint32_t pos)
{
	switch (kind) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_FWD:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return false;
	case BTF_KIND_ARRAY:
		return pos == 3;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return pos > 3 && pos % 3 == 1;
	case BTF_KIND_DATASEC:
		return pos > 2 && pos % 3 == 0;
	case BTF_KIND_FUNC_PROTO:
		return pos == 2 || (pos > 3 && pos % 2 == 0);
	default:
		return pos == 2;
	}
}

/* A number for what a type looks like when own types that it refers to do not count. */
static uint32_t look_of(struct duplicates *d, uint32_t own, uint32_t start)
{
	const uint32_t nr = d->pool.nr - start;
	const uint32_t hash = hash_bytes(d->pool.at + start, nr * sizeof(uint32_t));
	uint32_t at, pos;

	for (at = idtab_first(&d->table, hash, &pos); at; at = idtab_next(&d->table, hash, &pos)) {
		const uint32_t *have = d->pool.at + at;

		if (have[0] == nr && !memcmp(have + 2, d->pool.at + start, nr * sizeof(uint32_t))) {
			d->pool.nr = start - 2;
			return have[1];
		}
	}
	d->pool.at[start - 2] = nr;
	d->pool.at[start - 1] = own;
	return idtab_add(&d->table, hash, start - 2) ? own : UINT32_MAX;
}

static bool list_type(struct duplicates *d, uint32_t own)
{
	const struct btf_type *t = own_type(d, own);
	const enum btf_kind kind = btf_kind(t);
	const uint32_t nr = 3 + (uint32_t)btf_extra_size(kind, btf_vlen(t)) / 4;
	const uint32_t *w = (const uint32_t *)t;
	uint32_t start;

	if (!vec_room(&d->pool, nr + 2))
		return false;
	d->pool.nr += 2;
	start = d->pool.nr;
	d->from[own] = d->to.nr;
	for (uint32_t pos = 0; pos < nr; pos++) {
		uint32_t word = w[pos];

		if (kind == BTF_KIND_ARRAY && pos == 4)
			word = 0; /* the index type is the encoder's choice */
		if (is_reference(kind, pos) && word - d->btf->start_id < d->btf->nr) {
			if (!vec_push(&d->to, word - d->btf->start_id))
				return false;
			word = UINT32_MAX;
		}
		d->pool.at[d->pool.nr++] = word;
	}
	d->classes[own] = look_of(d, own, start);
	return d->classes[own] != UINT32_MAX;
}

static int refine_types(struct duplicates *d, struct error *err)
{
	struct refine_graph graph = { .nr = d->btf->nr };
	uint32_t nr_classes;

	idtab_clear(&d->table);
	if (!vec_push(&d->pool, 0)) /* a place in it is not 0 */
		return error_nomem(err);
	for (uint32_t own = 0; own < d->btf->nr; own++)
		if (!list_type(d, own))
			return error_nomem(err);
	d->from[d->btf->nr] = d->to.nr;
	graph.from = d->from;
	graph.to = d->to.at;
	return refine(&graph, d->classes, &nr_classes) ? 0 : error_nomem(err);
}

static int report(struct duplicates *d, btf_related_t *out, struct error *err)
{
	idtab_clear(&d->table);
	for (uint32_t own = 0; own < d->btf->nr; own++) {
		const uint32_t hash = hash_u64(d->classes[own]);
		uint32_t n, pos;

		if (!d->candidate[own])
			continue;
		for (n = idtab_first(&d->table, hash, &pos); n;
		     n = idtab_next(&d->table, hash, &pos))
			if (d->classes[n - 1] == d->classes[own])
				break;
		if (n ? !vec_push(out, ((struct btf_related){ BTF_DUPLICATE, d->btf->start_id + own,
							      d->btf->start_id + n - 1 })) :
			!idtab_add(&d->table, hash, own + 1))
			return error_nomem(err);
	}
	return 0;
}

int btf_duplicate_definitions(const struct btf *btf, uint32_t first, btf_related_t *out,
			      struct error *err)
{
	const size_t nr = (size_t)btf->nr + 1;
	struct duplicates d = { .btf = btf };
	bool any = false;
	int ret = 0;

	d.candidate = malloc(nr * sizeof(*d.candidate));
	if (!d.candidate)
		return error_nomem(err);
	memset(d.candidate, true, nr * sizeof(*d.candidate));
	for (uint32_t i = first; i < out->nr; i++)
		if (out->at[i].relation == BTF_COPY)
			d.candidate[out->at[i].id - btf->start_id] = false;
	ret = find_candidates(&d, &any, err);
	if (!ret && any) {
		d.classes = calloc(nr, sizeof(*d.classes));
		d.from = calloc(nr, sizeof(*d.from));
		ret = d.classes && d.from ? refine_types(&d, err) : error_nomem(err);
	}
	if (!ret && any)
		ret = report(&d, out, err);
	free(d.candidate);
	free(d.classes);
	free(d.from);
	vec_free(&d.to);
	vec_free(&d.pool);
	idtab_free(&d.table);
	return ret;
}
