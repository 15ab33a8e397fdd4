// SPDX-License-Identifier: GPL-2.0-only
/* Names of ids that were resolved before, through the BTF that this was done with. */
#include "btf/lookup.h"
#include "module/btf-ids-work.h"

/* A name that the symbols of a set say; several may be the same. */
struct said {
	char *name;
	enum btf_kind kind;
	uint32_t used; /* of the first of a group of equals: how many of them were found */
};

struct recover {
	struct btf_ids *ids;
	const struct btf *old;
	struct said *said;	      /* of the set at work, sorted */
	VEC(struct btf_wanted) zeros; /* names whose id is 0 */
	VEC(uint32_t) zero_entries;   /* and their entries */
};

static int compare_said(const void *a, const void *b)
{
	const struct said *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* The type that an id names, if it is one that can be named. */
static int old_type(const struct recover *r, const struct ids_entry *e, const struct btf_type **t,
		    struct error *err)
{
	*t = btf_type(r->old, e->id);
	if (!*t)
		return error_set(err, -EINVAL,
				 "id %u " IDS_PLACE
				 " is beyond the %u types of the BTF that it was "
				 "resolved with: name the right base with --old-base",
				 e->id, e->offset, btf_end_id(r->old));
	if (!ids_kind(btf_kind(*t)) || !*btf_name(r->old, *t))
		return error_set(err, -EINVAL,
				 "id %u " IDS_PLACE " is a %s '%s', which no symbol can ask for: "
				 "name the right base with --old-base",
				 e->id, e->offset, btf_kind_name(btf_kind(*t)),
				 btf_name(r->old, *t));
	return 0;
}

/* A list stays in the order of its symbols, so names are known, and only compared. */
static int check_entry(struct recover *r, const struct ids_entry *e, struct error *err)
{
	const struct btf_type *t;
	int ret;

	if (!e->id)
		return 0;
	ret = old_type(r, e, &t, err);
	if (ret)
		return ret;
	if (btf_kind(t) != e->kind || strcmp(btf_name(r->old, t), e->name))
		return error_set(err, -EINVAL,
				 "id %u " IDS_PLACE " is %s '%s', and its symbol says %s '%s': "
				 "name the right base with --old-base",
				 e->id, e->offset, btf_kind_name(btf_kind(t)), btf_name(r->old, t),
				 btf_kind_name(e->kind), e->name);
	return 0;
}

/* ---- sets ---- */

/* Takes the names out of the set's entries, into r->said. */
static int take_said(struct recover *r, const struct ids_set *set, struct error *err)
{
	r->said = calloc(set->nr ? set->nr : 1, sizeof(*r->said));
	if (!r->said)
		return error_nomem(err);
	for (uint32_t i = 0; i < set->nr; i++) {
		struct ids_entry *e = &r->ids->entries.at[set->first + i];

		r->said[i] = (struct said){ e->name, e->kind, 0 };
		e->name = NULL;
	}
	qsort(r->said, set->nr, sizeof(*r->said), compare_said);
	return 0;
}

/* One of the names said that is this and was not found yet; UINT32_MAX: there is none. */
static uint32_t find_said(struct recover *r, uint32_t nr, struct said key)
{
	uint32_t low = 0, high = nr, n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (compare_said(&r->said[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == nr || compare_said(&r->said[low], &key))
		return UINT32_MAX;
	n = low + r->said[low].used;
	if (n >= nr || (n > low && compare_said(&r->said[n], &key)))
		return UINT32_MAX;
	r->said[low].used++;
	return n;
}

/*
 * Names for the ids that are not 0. A name that was given to an id is marked in @taken; it stays in
 * r->said for the search.
 */
static int name_ids_of(struct recover *r, const struct ids_set *set, bool *taken, struct error *err)
{
	for (uint32_t i = 0; i < set->nr; i++) {
		struct ids_entry *e = &r->ids->entries.at[set->first + i];
		const struct btf_type *t;
		uint32_t n;
		int ret;

		if (!e->id)
			continue;
		ret = old_type(r, e, &t, err);
		if (ret)
			return ret;
		n = find_said(r, set->nr,
			      (struct said){ (char *)btf_name(r->old, t), btf_kind(t), 0 });
		if (n == UINT32_MAX)
			return error_set(err, -EINVAL,
					 "id %u " IDS_PLACE " is %s '%s', and no symbol of set %s "
					 "says so: name the right base with --old-base",
					 e->id, e->offset, btf_kind_name(btf_kind(t)),
					 btf_name(r->old, t), set->name);
		e->kind = r->said[n].kind;
		e->name = strdup(r->said[n].name);
		if (!e->name)
			return error_nomem(err);
		taken[n] = true;
	}
	return 0;
}

/* The names that are left belong to the ids that are 0, in whatever order. */
static int name_zeros(struct recover *r, const struct ids_set *set, const bool *taken,
		      struct error *err)
{
	struct ids_entry *first = NULL;
	bool unclear = false;
	uint32_t n = 0;

	for (uint32_t i = 0; i < set->nr; i++) {
		struct ids_entry *e = &r->ids->entries.at[set->first + i];

		if (e->id)
			continue;
		while (n < set->nr && taken[n])
			n++;
		if (n == set->nr)
			break;
		e->kind = r->said[n].kind;
		e->name = strdup(r->said[n++].name);
		if (!e->name)
			return error_nomem(err);
		first = first ? first : e;
		unclear = unclear || first->flags != e->flags;
	}
	for (uint32_t i = 0; i < set->nr && unclear; i++)
		if (!r->ids->entries.at[set->first + i].id)
			r->ids->entries.at[set->first + i].unclear = true;
	return 0;
}

static int recover_set(struct recover *r, const struct ids_set *set, struct error *err)
{
	bool *taken = calloc(set->nr ? set->nr : 1, sizeof(*taken));
	int ret;

	if (!taken)
		return error_nomem(err);
	ret = take_said(r, set, err);
	if (!ret)
		ret = name_ids_of(r, set, taken, err);
	if (!ret)
		ret = name_zeros(r, set, taken, err);
	for (uint32_t i = 0; r->said && i < set->nr; i++)
		free(r->said[i].name);
	free(r->said);
	r->said = NULL;
	free(taken);
	return ret;
}

/* ---- ids that are 0 ---- */

/* No name that was left at 0 may be one that the old BTF has. */
static int check_zeros(struct recover *r, struct error *err)
{
	int ret;

	for (uint32_t i = 0; i < r->ids->entries.nr; i++) {
		const struct ids_entry *e = &r->ids->entries.at[i];

		if (e->id || !e->name)
			continue;
		if (!vec_push(&r->zeros, ((struct btf_wanted){ e->name, e->kind, 0 })) ||
		    !vec_push(&r->zero_entries, i))
			return error_nomem(err);
	}
	ret = btf_lookup(r->old, r->zeros.at, r->zeros.nr, err);
	for (uint32_t i = 0; i < r->zeros.nr && !ret; i++)
		if (r->zeros.at[i].id)
			ret = error_set(err, -EINVAL,
					"%s '%s' has id 0 " IDS_PLACE ", and others are resolved, "
					"though its BTF has it: start from the module as it was "
					"linked",
					btf_kind_name(r->zeros.at[i].kind), r->zeros.at[i].name,
					r->ids->entries.at[r->zero_entries.at[i]].offset);
	return ret;
}

static int recover_marked(struct recover *r, struct error *err)
{
	struct btf_ids *ids = r->ids;
	int ret = 0;

	for (uint32_t i = 0; i < ids->entries.nr && !ret; i++)
		if (ids->entries.at[i].set == IDS_NO_SET)
			ret = check_entry(r, &ids->entries.at[i], err);
	for (uint32_t i = 0; i < ids->sets.nr && !ret; i++)
		ret = recover_set(r, &ids->sets.at[i], err);
	if (!ret)
		ret = check_zeros(r, err);
	return ret;
}

int btf_ids_recover(struct btf_ids *ids, const struct btf *old, struct error *err)
{
	struct recover r = { .ids = ids, .old = old };
	int ret;

	if (ids->state == IDS_UNMARKED)
		ret = ids_recover_layout(ids, old, err);
	else if (ids->state == IDS_RESOLVED)
		ret = recover_marked(&r, err);
	else
		return 0;
	vec_free(&r.zeros);
	vec_free(&r.zero_entries);
	if (!ret)
		ids->state = IDS_NAMED;
	return ret;
}
