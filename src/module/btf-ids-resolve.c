// SPDX-License-Identifier: GPL-2.0-only
/* The section for a new BTF: ids by name. */
#include "btf/lookup.h"
#include "module/btf-ids-work.h"

static int report_missing(const struct ids_entry *e, const struct ids_set *set,
			  struct strlist *missing, struct error *err)
{
	int ret;

	if (!missing)
		return 0;
	if (set)
		ret = strlist_add(missing,
				  IDS_SECTION ": set %s: there is no %s '%s' in the BTF, its id is "
					      "0",
				  set->name, btf_kind_name(e->kind), e->name);
	else
		ret = strlist_add(missing,
				  IDS_SECTION ": there is no %s '%s' in the BTF, its id " IDS_PLACE
					      " is 0",
				  btf_kind_name(e->kind), e->name, e->offset);
	return ret ? error_nomem(err) : 0;
}

/* The id that each entry gets, in @wanted. */
static int look_up(const struct btf_ids *ids, const struct btf *btf, struct btf_wanted *wanted,
		   struct strlist *missing, struct error *err)
{
	int ret;

	for (uint32_t i = 0; i < ids->entries.nr; i++)
		wanted[i] =
			(struct btf_wanted){ ids->entries.at[i].name, ids->entries.at[i].kind, 0 };
	ret = btf_lookup(btf, wanted, ids->entries.nr, err);
	for (uint32_t i = 0; i < ids->entries.nr && !ret; i++) {
		const struct ids_entry *e = &ids->entries.at[i];
		const struct ids_set *set = e->set == IDS_NO_SET ? NULL : &ids->sets.at[e->set];

		if (!wanted[i].id)
			ret = report_missing(e, set, missing, err);
		else if (e->unclear)
			ret = error_set(err, -EINVAL,
					"set %s " IDS_PLACE ": which flags are those of %s '%s' is "
					"not known, for several ids were 0 before: start from the "
					"module as it was linked",
					set->name, set->offset, btf_kind_name(e->kind), e->name);
	}
	return ret;
}

struct pair {
	uint32_t id, flags;
};

/* Flags as well, so that the bytes do not depend on the order in which equal ids came. */
static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->flags < y->flags ? -1 : x->flags > y->flags;
}

static int write_set(const struct btf_ids *ids, const struct ids_set *set,
		     const struct btf_wanted *wanted, uint8_t *out, struct error *err)
{
	struct pair *pairs = calloc(set->nr ? set->nr : 1, sizeof(*pairs));
	uint8_t *p = out + set->offset + set_header(set->pairs);
	bool big = ids->mod->big_endian;

	if (!pairs)
		return error_nomem(err);
	for (uint32_t i = 0; i < set->nr; i++)
		pairs[i] = (struct pair){ wanted[set->first + i].id,
					  ids->entries.at[set->first + i].flags };
	qsort(pairs, set->nr, sizeof(*pairs), compare_pairs);
	store_u32(out + set->offset, set->nr, big);
	for (uint32_t i = 0; i < set->nr; i++, p += set_stride(set->pairs)) {
		store_u32(p, pairs[i].id, big);
		if (set->pairs)
			store_u32(p + 4, pairs[i].flags, big);
	}
	free(pairs);
	return 0;
}

static int write_all(const struct btf_ids *ids, const struct btf_wanted *wanted, struct buffer *out,
		     struct error *err)
{
	int ret = 0;

	out->data = malloc(ids->data.size);
	if (!out->data)
		return error_nomem(err);
	out->size = ids->data.size;
	memcpy(out->data, ids->data.data, ids->data.size);
	for (uint32_t i = 0; i < ids->entries.nr; i++)
		if (ids->entries.at[i].set == IDS_NO_SET)
			store_u32(out->data + ids->entries.at[i].offset, wanted[i].id,
				  ids->mod->big_endian);
	for (uint32_t i = 0; i < ids->sets.nr && !ret; i++)
		ret = write_set(ids, &ids->sets.at[i], wanted, out->data, err);
	if (ret)
		buffer_free(out);
	return ret;
}

int btf_ids_resolve(const struct btf_ids *ids, const struct btf *btf, struct buffer *out,
		    struct strlist *missing, struct error *err)
{
	struct btf_wanted *wanted;
	int ret;

	*out = (struct buffer){ 0 };
	if (ids->state == IDS_NONE)
		return 0;
	if (btf_ids_need_old(ids))
		return error_set(err, -EINVAL,
				 IDS_SECTION " is resolved, and the BTF that it was resolved with "
					     "is not known: name its base with --old-base");
	wanted = calloc(ids->entries.nr ? ids->entries.nr : 1, sizeof(*wanted));
	if (!wanted)
		return error_nomem(err);
	ret = look_up(ids, btf, wanted, missing, err);
	if (!ret)
		ret = write_all(ids, wanted, out, err);
	free(wanted);
	return ret;
}
