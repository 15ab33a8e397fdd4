// SPDX-License-Identifier: GPL-2.0-only
#include "btf/lookup.h"

#include "btf/homonym.h"
#include "util/hash.h"
#include "util/vec.h"

struct lookup {
	const struct btf *btf;
	struct btf_wanted *wanted;
	uint32_t nr;
	struct idtab table; /* index + 1 of the first of each kind and name */
	uint32_t *first;    /* of each: index of the first that wants the same */
	bool *settled;	    /* of each: there is nothing better to come */
	uint32_t left;	    /* not settled */
	bool failed;	    /* out of memory */
};

static uint32_t hash_name(const char *name)
{
	return hash_bytes(name, strlen(name));
}

/* Index of the first that wants this; UINT32_MAX: nobody does. */
static uint32_t find(const struct lookup *l, const char *name, enum btf_kind kind)
{
	uint32_t hash = hash_name(name), n, pos;

	for (n = idtab_first(&l->table, hash, &pos); n; n = idtab_next(&l->table, hash, &pos))
		if (l->wanted[n - 1].kind == kind && !strcmp(l->wanted[n - 1].name, name))
			return n - 1;
	return UINT32_MAX;
}

/* ---- what two definitions have in common ---- */

typedef VEC(const char *) strings_t;

/* Names of members, those of anonymous members in their place. */
static bool member_names(const struct btf *btf, const struct btf_type *t, unsigned int depth,
			 uint32_t *left, strings_t *out)
{
	const struct btf_member *m = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t) && *left; i++) {
		const struct btf_type *mt;

		--*left;
		if (*btf_str(btf, m[i].name_off)) {
			if (!vec_push(out, btf_str(btf, m[i].name_off)))
				return false;
			continue;
		}
		mt = btf_type(btf, m[i].type);
		if (depth < MAX_NESTING && mt &&
		    (btf_kind(mt) == BTF_KIND_STRUCT || btf_kind(mt) == BTF_KIND_UNION) &&
		    !member_names(btf, mt, depth + 1, left, out))
			return false;
	}
	return true;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static uint32_t common(const strings_t *a, const strings_t *b)
{
	uint32_t n = 0;

	for (uint32_t i = 0, j = 0; i < a->nr && j < b->nr;) {
		int order = strcmp(a->at[i], b->at[j]);

		n += !order;
		i += order <= 0;
		j += order >= 0;
	}
	return n;
}

static bool sorted_names(const struct btf *btf, uint32_t id, strings_t *out)
{
	uint32_t left = MAX_MEMBERS;

	if (!member_names(btf, btf_type(btf, id), 0, &left, out))
		return false;
	if (out->nr)
		qsort(out->at, out->nr, sizeof(*out->at), compare_strings);
	return true;
}

/* Two layouts of one thing? An empty definition, as in a distilled base, is one of any. */
static bool akin(struct lookup *l, uint32_t a, uint32_t b)
{
	strings_t x = { 0 }, y = { 0 };
	bool same = true;

	if (!sorted_names(l->btf, a, &x) || !sorted_names(l->btf, b, &y))
		l->failed = true;
	else if (x.nr && y.nr)
		same = 2 * (uint64_t)common(&x, &y) >= (x.nr > y.nr ? x.nr : y.nr);
	vec_free(&x);
	vec_free(&y);
	return same;
}

/* ---- the passes ---- */

static bool has_members(enum btf_kind kind)
{
	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

static void settle(struct lookup *l, uint32_t n, uint32_t id)
{
	l->wanted[n].id = id;
	l->settled[n] = true;
	l->left--;
}

static void meet(struct lookup *l, uint32_t n, uint32_t id, bool own)
{
	struct btf_wanted *w = &l->wanted[n];

	if (l->settled[n])
		return;
	if (own && has_members(w->kind))
		w->id = w->id ? w->id : id;
	else if (own || !w->id || akin(l, w->id, id))
		settle(l, n, id);
}

/* Kinds of what is not settled, by bit: to look at a name costs more than all else. */
static uint32_t wanted_kinds(const struct lookup *l)
{
	uint32_t kinds = 0;

	for (uint32_t i = 0; i < l->nr; i++)
		if (l->first[i] == i && !l->settled[i])
			kinds |= 1u << l->wanted[i].kind;
	return kinds;
}

/* The types of one view, without those of its base. */
static void pass(struct lookup *l, const struct btf *level)
{
	bool own = level == l->btf && level->base;
	uint32_t kinds = wanted_kinds(l);

	for (uint32_t id = level->start_id; id < btf_end_id(level) && l->left && !l->failed; id++) {
		const struct btf_type *t = btf_type(level, id);
		uint32_t n;

		if (!(kinds >> btf_kind(t) & 1))
			continue;
		n = find(l, btf_name(level, t), btf_kind(t));
		if (n != UINT32_MAX)
			meet(l, n, id, own);
	}
}

static bool collect(struct lookup *l)
{
	l->first = calloc(l->nr ? l->nr : 1, sizeof(*l->first));
	l->settled = calloc(l->nr ? l->nr : 1, sizeof(*l->settled));
	if (!l->first || !l->settled)
		return false;
	for (uint32_t i = 0; i < l->nr; i++) {
		struct btf_wanted *w = &l->wanted[i];
		uint32_t n = find(l, w->name, w->kind);

		w->id = 0;
		l->first[i] = n == UINT32_MAX ? i : n;
		if (n != UINT32_MAX)
			continue;
		if (!idtab_add(&l->table, hash_name(w->name), i + 1))
			return false;
		l->left++;
	}
	return true;
}

int btf_lookup(const struct btf *btf, struct btf_wanted *wanted, uint32_t nr, struct error *err)
{
	struct lookup l = { .btf = btf, .wanted = wanted, .nr = nr };

	if (!collect(&l))
		l.failed = true;
	for (const struct btf *level = btf; level && l.left && !l.failed; level = level->base)
		pass(&l, level);
	for (uint32_t i = 0; i < nr && !l.failed; i++)
		wanted[i].id = wanted[l.first[i]].id;
	idtab_free(&l.table);
	free(l.first);
	free(l.settled);
	return l.failed ? error_nomem(err) : 0;
}
