// SPDX-License-Identifier: GPL-2.0-only
#include "regen/check-work.h"

#include "module/btf-ids.h"

struct judge {
	struct check *c;
	const struct btf *btf;
	const struct btf_ids *ids;
	uint32_t nr_zero;
};

#define ids_fault(j, id, ...) check_found((j)->c, CHECK_IDS, (j)->btf, id, __VA_ARGS__)

/* An id that stands alone or in a list. */
static void check_entry(struct judge *j, const struct ids_entry *e)
{
	const struct btf_type *t = btf_type(j->btf, e->id);

	if (!e->id)
		return;
	if (!t)
		ids_fault(j, 0, IDS_SECTION ": '%s' is type %u, which does not exist", e->name,
			  e->id);
	else if (btf_kind(t) != e->kind || strcmp(btf_name(j->btf, t), e->name))
		ids_fault(j, e->id, IDS_SECTION ": %s '%s' is type %u, which is %s '%s'",
			  btf_kind_name(e->kind), e->name, e->id, btf_kind_name(btf_kind(t)),
			  btf_name(j->btf, t));
}

/* Kind and name of a member of a set, from symbols and from BTF. */
struct member {
	enum btf_kind kind;
	const char *name;
	uint32_t id;
};

typedef VEC(struct member) members_t;

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->name, y->name);
}

/*
 * The ids of a set have been sorted, so positions do not tell which is which: the names that
 * symbols say must be those that ids lead to. Ids of 0 are names that could not be resolved.
 */
static void compare_names(struct judge *j, const struct ids_set *set, members_t *want,
			  members_t *have)
{
	uint32_t w = 0, h = 0;

	if (want->nr)
		qsort(want->at, want->nr, sizeof(*want->at), compare_members);
	if (have->nr)
		qsort(have->at, have->nr, sizeof(*have->at), compare_members);
	while (h < have->nr) {
		const struct member *m = &have->at[h];
		int cmp = w < want->nr ? compare_members(&want->at[w], m) : 1;

		w += cmp <= 0;
		h += cmp >= 0;
		if (cmp > 0)
			ids_fault(j, m->id,
				  IDS_SECTION ": set '%s' has type %u, %s '%s', which no symbol "
					      "names",
				  set->name, m->id, btf_kind_name(m->kind), m->name);
	}
}

static void check_members(struct judge *j, const struct ids_set *set)
{
	members_t want = { 0 }, have = { 0 };
	uint32_t last = 0;

	for (uint32_t i = 0; i < set->nr && !j->c->ret; i++) {
		const struct ids_entry *e = &j->ids->entries.at[set->first + i];
		const struct btf_type *t = btf_type(j->btf, e->id);

		if (e->id < last)
			ids_fault(j, e->id, IDS_SECTION ": set '%s' is not sorted: %u behind %u",
				  set->name, e->id, last);
		last = e->id;
		if (e->id && !t)
			ids_fault(j, 0, IDS_SECTION ": set '%s' has type %u, which does not exist",
				  set->name, e->id);
		if (!vec_push(&want, ((struct member){ e->kind, e->name, 0 })) ||
		    (t && !vec_push(&have,
				    ((struct member){ btf_kind(t), btf_name(j->btf, t), e->id }))))
			j->c->ret = error_nomem(j->c->err);
	}
	if (have.nr && !j->c->ret)
		compare_names(j, set, &want, &have);
	vec_free(&want);
	vec_free(&have);
}

static void check_set(struct judge *j, const struct ids_set *set)
{
	if (!set->count && set->nr)
		check_as(j->c, CHECK_IDS, CHECK_FINDING, NULL, 0,
			 IDS_SECTION ": set '%s' is not resolved", set->name);
	else if (set->count != set->nr)
		ids_fault(j, 0, IDS_SECTION ": set '%s' counts %u ids, its symbol %u", set->name,
			  set->count, set->nr);
	check_members(j, set);
}

static void check_marked(struct judge *j)
{
	const struct btf_ids *ids = j->ids;

	for (uint32_t i = 0; i < ids->entries.nr; i++) {
		j->nr_zero += !ids->entries.at[i].id;
		if (ids->entries.at[i].set == IDS_NO_SET)
			check_entry(j, &ids->entries.at[i]);
	}
	for (uint32_t i = 0; i < ids->sets.nr && !j->c->ret; i++)
		check_set(j, &ids->sets.at[i]);
	if (j->nr_zero)
		check_as(j->c, CHECK_IDS, CHECK_FINDING, NULL, 0,
			 IDS_SECTION ": %u of %u ids are 0: not resolved", j->nr_zero,
			 ids->entries.nr);
}

/* Without symbols nothing says what the ids shall be, but not everything can be ids. */
static void check_unmarked(struct judge *j, struct btf_ids *ids)
{
	struct error err = ERROR_INIT;
	int ret = btf_ids_recover(ids, j->btf, &err);

	if (ret == -ENOMEM)
		j->c->ret = error_nomem(j->c->err);
	else if (ret == -EINVAL)
		ids_fault(j, 0, IDS_SECTION ": its words are no ids of this BTF");
	else if (ret || (!ids->entries.nr && !ids->sets.nr))
		check_as(j->c, CHECK_IDS, CHECK_INFO, NULL, 0,
			 IDS_SECTION ": no symbols tell what its ids shall be");
}

void check_ids(struct check *c, const struct btf *btf)
{
	struct judge j = { .c = c, .btf = btf };
	struct error err = ERROR_INIT;
	struct btf_ids ids;
	int ret;

	ret = btf_ids_open(&ids, c->mod, &err);
	j.ids = &ids;
	if (ret == -ENOMEM)
		c->ret = error_nomem(c->err);
	else if (ret == -EOPNOTSUPP) /* what a newer kernel has */
		check_as(c, CHECK_IDS, CHECK_INFO, NULL, 0, "%s", err.text);
	else if (ret)
		ids_fault(&j, 0, "%s", err.text);
	else if (ids.state == IDS_UNMARKED)
		check_unmarked(&j, &ids);
	else
		check_marked(&j);
	btf_ids_free(&ids);
}
