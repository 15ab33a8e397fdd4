// SPDX-License-Identifier: GPL-2.0-only
#include "btf/diff.h"

#include "btf/declare.h"
#include "btf/homonym.h"
#include "btf/index.h"

#include <stdlib.h>

/* Definitions that a kernel has of one name and that are tried; real ones have a dozen. */
#define MAX_TRIED 64

/* Something that has a name and can be gained or lost. */
struct item {
	uint64_t key; /* sort, kind, name */
	uint32_t definition;
	uint32_t id;
	uint32_t section; /* of a variable */
	bool done;
};

typedef VEC(struct item) items_t;

struct work {
	struct btf_diff *diff;
	items_t items[2];      /* sorted by key, definition, id */
	items_t kernels[2];    /* what the kernels have of names that are in question, likewise */
	uint8_t *used[2];      /* of own types: something refers to it */
	uint32_t *sections[2]; /* of own types that are variables: the DATASEC they are in */
	bool differ;	       /* not everything has an equal */
};

static uint64_t key_of(enum diff_sort sort, uint32_t kind, bool unnamed, uint32_t name)
{
	return (uint64_t)sort << 48 | (uint64_t)unnamed << 40 | (uint64_t)kind << 32 | name;
}

static enum diff_sort sort_of(uint64_t key)
{
	return (enum diff_sort)(key >> 48);
}

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->definition != y->definition)
		return x->definition < y->definition ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* ---- what there is ---- */

static void use(struct work *w, int which, uint32_t id)
{
	const struct btf *btf = w->diff->views[which].btf;

	if (id >= btf->start_id && id < btf_end_id(btf))
		w->used[which][id - btf->start_id] = 1;
}

/* Marks what @t refers to, and the variables of a section. */
static void use_all(struct work *w, int which, uint32_t id, const struct btf_type *t)
{
	const struct btf *btf = w->diff->views[which].btf;
	const struct btf_var_secinfo *info = btf_extra(t);
	const struct btf_member *m = btf_extra(t);
	const struct btf_param *p = btf_extra(t);

	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 0; i < btf_vlen(t); i++)
			use(w, which, m[i].type);
		break;
	case BTF_KIND_FUNC_PROTO:
		use(w, which, t->type);
		for (uint32_t i = 0; i < btf_vlen(t); i++)
			use(w, which, p[i].type);
		break;
	case BTF_KIND_ARRAY:
		use(w, which, ((const struct btf_array *)btf_extra(t))->type);
		break;
	case BTF_KIND_DATASEC:
		for (uint32_t i = 0; i < btf_vlen(t); i++)
			if (info[i].type >= btf->start_id && info[i].type < btf_end_id(btf))
				w->sections[which][info[i].type - btf->start_id] = id;
		break;
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FWD:
		break;
	default:
		use(w, which, t->type);
	}
}

/*
 * The key of type @id by which it is looked for on the other side; 0 if it is nothing to compare.
 * An unnamed enum goes by its first value. @name: meaning_name() or meaning_known_name().
 */
static uint64_t item_key(const struct btf_type *t, uint32_t name, uint32_t first)
{
	switch (btf_kind(t)) {
	case BTF_KIND_FUNC:
		return key_of(DIFF_FUNCTION, BTF_KIND_FUNC, false, name);
	case BTF_KIND_VAR:
		return key_of(DIFF_VARIABLE, BTF_KIND_VAR, false, name);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		if (!btf_vlen(t))
			return 0;
		return key_of(DIFF_TYPE, BTF_KIND_ENUM, !name, name ? name : first);
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_TYPEDEF:
		return name ? key_of(DIFF_TYPE, btf_kind(t), false, name) : 0;
	default:
		return 0;
	}
}

/* The name offset of the first enumerator, by which an unnamed enum goes. */
static uint32_t first_value(const struct btf_type *t)
{
	const bool is_enum = btf_kind(t) == BTF_KIND_ENUM || btf_kind(t) == BTF_KIND_ENUM64;

	return is_enum && btf_vlen(t) ? *(const uint32_t *)btf_extra(t) : 0;
}

/*
 * Sorts items, and leaves one of those that are the same: how often a module has a definition, with
 * what other things refer to, is no matter of meaning.
 */
static void sort_distinct(items_t *items)
{
	uint32_t nr = 0;

	if (items->nr)
		qsort(items->at, items->nr, sizeof(*items->at), compare_items);
	for (uint32_t i = 0; i < items->nr; i++) {
		const struct item *item = &items->at[i], *last = nr ? &items->at[nr - 1] : NULL;

		if (!last || last->key != item->key || last->definition != item->definition ||
		    last->section != item->section)
			items->at[nr++] = *item;
	}
	items->nr = nr;
}

static bool collect(struct work *w, int which)
{
	struct meaning_view *view = &w->diff->views[which];
	const struct btf *btf = view->btf;

	w->used[which] = calloc((size_t)btf->nr + 1, sizeof(*w->used[which]));
	w->sections[which] = calloc((size_t)btf->nr + 1, sizeof(*w->sections[which]));
	if (!w->used[which] || !w->sections[which])
		return false;
	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++)
		use_all(w, which, id, btf_type(btf, id));
	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
		const struct btf_type *t = btf_type(btf, id);
		const uint32_t name = meaning_name(view, t->name_off);
		const uint32_t first = name ? 0 : meaning_name(view, first_value(t));
		struct item item = { .key = item_key(t, name, first), .id = id };

		if (!item.key || (!name && w->used[which][id - btf->start_id]))
			continue;
		item.section = w->sections[which][id - btf->start_id];
		item.definition = meaning_definition(view, id);
		if (!vec_push(&w->items[which], item))
			return false;
	}
	sort_distinct(&w->items[which]);
	return !view->meaning->nomem;
}

/* ---- pairs ---- */

static struct difference *report(struct work *w, enum diff_change change, uint64_t key)
{
	struct difference d = { .sort = sort_of(key), .change = change };

	if (!vec_push(&w->diff->found, d)) {
		w->diff->meaning.nomem = true;
		return NULL;
	}
	w->diff->counts[d.sort][change]++;
	return &w->diff->found.at[w->diff->found.nr - 1];
}

static void set_side(struct difference *d, int which, struct meaning_view *view,
		     const struct item *item)
{
	const struct btf_type *t = btf_type(view->btf, item->id);

	d->view[which] = view;
	d->id[which] = item->id;
	d->section[which] = item->section;
	d->name = btf_name(view->btf, t);
	d->kind = btf_kind(t) == BTF_KIND_ENUM64 ? BTF_KIND_ENUM : btf_kind(t);
}

static const char *section_name(const struct meaning_view *view, uint32_t section)
{
	const struct btf_type *t = btf_type(view->btf, section);

	return t ? btf_name(view->btf, t) : "";
}

static bool same_item(const struct work *w, const struct item *old, const struct item *new)
{
	return old->definition == new->definition &&
	       !strcmp(section_name(&w->diff->views[0], old->section),
		       section_name(&w->diff->views[1], new->section));
}

/* Items of one key, on one side. */
struct group {
	struct item *at;
	uint32_t nr;
	uint32_t left; /* that are not done */
};

static struct group group_at(const items_t *items, uint32_t i)
{
	struct group g = { items->at + i, 0, 0 };

	for (; i + g.nr < items->nr && g.at[g.nr].key == g.at[0].key; g.nr++)
		g.left += !g.at[g.nr].done;
	return g;
}

/* The first of sorted items that does not come before @sought. */
static uint32_t first_from(const items_t *items, const struct item *sought)
{
	uint32_t low = 0, high = items->nr;

	while (low < high) {
		const uint32_t mid = low + (high - low) / 2;

		if (compare_items(&items->at[mid], sought) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The items of @key. */
static struct group find_group(const items_t *items, uint64_t key)
{
	const struct item sought = { .key = key };
	const uint32_t i = first_from(items, &sought);

	if (i == items->nr || items->at[i].key != key)
		return (struct group){ NULL, 0, 0 };
	return group_at(items, i);
}

static int compare_ids(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/*
 * Those that are equal need no more be looked at. Both are sorted by definition; what is left goes
 * by id, whatever numbers definitions have.
 */
static void drop_equals(struct work *w, struct group *old, struct group *new)
{
	for (uint32_t i = 0, j = 0; i < old->nr && j < new->nr;) {
		if (old->at[i].definition < new->at[j].definition) {
			i++;
		} else if (old->at[i].definition > new->at[j].definition) {
			j++;
		} else {
			const bool same = same_item(w, &old->at[i], &new->at[j]);

			old->at[i++].done = same;
			new->at[j++].done = same;
			old->left -= same;
			new->left -= same;
		}
	}
	w->differ = w->differ || old->left || new->left;
	if (old->left > 1)
		qsort(old->at, old->nr, sizeof(*old->at), compare_ids);
	if (new->left > 1)
		qsort(new->at, new->nr, sizeof(*new->at), compare_ids);
}

/* Has a .BTF.base of side @which, which has just sizes, one of the size of @t? */
static bool has_size(const struct work *w, int which, const struct group *kernel,
		     const struct btf_type *t)
{
	if (!w->diff->distilled[which] || !btf_named_shape(t))
		return false;
	for (uint32_t i = 0; i < kernel->nr && i < MAX_TRIED; i++) {
		const struct btf_type *kt = btf_type(w->diff->kernels[which].btf, kernel->at[i].id);

		if (!btf_vlen(kt) && kt->size == t->size)
			return true;
	}
	return false;
}

static bool has_definition(const items_t *items, const struct item *item)
{
	const struct item sought = { .key = item->key, .definition = item->definition };
	const uint32_t i = first_from(items, &sought);

	return i < items->nr && items->at[i].key == item->key &&
	       items->at[i].definition == item->definition;
}

/* Drops own types of side @which that are copies of its own kernel's. */
static void drop_copies(const struct work *w, int which, struct group *own)
{
	for (uint32_t i = 0; i < own->nr && !w->diff->distilled[which]; i++) {
		struct item *item = &own->at[i];

		if (item->done || !has_definition(&w->kernels[which], item))
			continue;
		item->done = true;
		own->left--;
	}
}

/* Drops own types of side @which that the other side's kernel has just so. */
static void drop_known(const struct work *w, int which, struct group *own)
{
	const struct meaning_view *view = &w->diff->views[which];
	struct group kernel = find_group(&w->kernels[!which], own->at[0].key);

	for (uint32_t i = 0; i < own->nr && kernel.nr; i++) {
		struct item *item = &own->at[i];

		if (item->done)
			continue;
		item->done = has_definition(&w->kernels[!which], item) ||
			     has_size(w, !which, &kernel, btf_type(view->btf, item->id));
		own->left -= item->done;
	}
}

static struct item *next_left(struct group *g, uint32_t *i)
{
	while (*i < g->nr && g->at[*i].done)
		++*i;
	return *i < g->nr ? &g->at[(*i)++] : NULL;
}

/* Pairs what is left on both sides, the first with the first. */
static void pair_left(struct work *w, struct group *old, struct group *new)
{
	uint32_t i = 0, j = 0;

	while (old->left && new->left && !w->diff->meaning.nomem) {
		struct item *o = next_left(old, &i), *n = next_left(new, &j);
		struct difference *d = report(w, DIFF_CHANGED, o->key);

		if (!d)
			return;
		set_side(d, 0, &w->diff->views[0], o);
		set_side(d, 1, &w->diff->views[1], n);
		o->done = n->done = true;
		old->left--;
		new->left--;
	}
}

/* The names of members in the numbers of both sides. */
static bool member_names(struct meaning_view *view, uint32_t id, words_t *out)
{
	const struct btf_type *t = btf_type(view->btf, id);

	if (btf_kind(t) == BTF_KIND_TYPEDEF)
		t = btf_type(view->btf, btf_unnamed_in(view->btf, t->type));
	if (!t || (!btf_named_shape(t)))
		return true;
	if (!definition_names(view->btf, t, out))
		return false;
	for (uint32_t i = 0; i < out->nr; i++)
		out->at[i] = meaning_name(view, out->at[i]);
	return true;
}

/* Are two definitions of one name versions of one type, or do they only share the name? */
static bool akin(struct work *w, struct meaning_view *a, uint32_t a_id, struct meaning_view *b,
		 uint32_t b_id)
{
	words_t ours = { 0 }, theirs = { 0 };
	bool akin = false;

	if (!member_names(a, a_id, &ours) || !member_names(b, b_id, &theirs))
		w->diff->meaning.nomem = true;
	else
		akin = names_akin(&ours, &theirs);
	vec_free(&ours);
	vec_free(&theirs);
	return akin;
}

/* The version of @item, of side @which, that the other side's kernel has; NULL: none. */
static const struct item *kernel_version(struct work *w, int which, const struct item *item)
{
	struct meaning_view *view = &w->diff->views[which], *kernel = &w->diff->kernels[!which];
	const struct group g = find_group(&w->kernels[!which], item->key);
	const struct item *best = NULL;

	for (uint32_t i = 0; i < g.nr && i < MAX_TRIED; i++) {
		const struct item *k = &g.at[i];
		const struct btf_type *kt = btf_type(kernel->btf, k->id);
		const bool only_size = w->diff->distilled[!which] && !btf_vlen(kt);

		if ((!best || k->id < best->id) &&
		    (only_size || akin(w, view, item->id, kernel, k->id)))
			best = k;
	}
	return best;
}

/*
 * What is left on one side only: changed, where the other side's kernel has a version of it, else
 * lost (@which is 0) or gained.
 */
static void report_left(struct work *w, int which, struct group *own)
{
	struct item *item;
	uint32_t i = 0;

	while (own->left && (item = next_left(own, &i)) && !w->diff->meaning.nomem) {
		const struct item *k = kernel_version(w, which, item);
		struct difference *d;

		own->left--;
		if (k)
			d = report(w, DIFF_CHANGED, item->key);
		else
			d = report(w, which ? DIFF_GAINED : DIFF_LOST, item->key);
		if (d)
			set_side(d, which, &w->diff->views[which], item);
		if (d && k)
			set_side(d, !which, &w->diff->kernels[!which], k);
	}
}

static void compare_groups(struct work *w, struct group *old, struct group *new)
{
	drop_copies(w, 0, old);
	drop_copies(w, 1, new);
	/* As many on both sides are versions of each other, whatever the kernels have. */
	if (old->left == new->left)
		pair_left(w, old, new);
	if (old->left)
		drop_known(w, 0, old);
	if (new->left)
		drop_known(w, 1, new);
	pair_left(w, old, new);
	report_left(w, 0, old);
	report_left(w, 1, new);
}

/* Calls @fn for the items of each key, of both sides, where some are not done. */
static void for_each_group(struct work *w,
			   void (*fn)(struct work *w, struct group *old, struct group *new))
{
	const items_t *olds = &w->items[0], *news = &w->items[1];

	for (uint32_t i = 0, j = 0; (i < olds->nr || j < news->nr) && !w->diff->meaning.nomem;) {
		struct group old = { NULL, 0, 0 }, new = { NULL, 0, 0 };
		const uint64_t a = i < olds->nr ? olds->at[i].key : UINT64_MAX;
		const uint64_t b = j < news->nr ? news->at[j].key : UINT64_MAX;

		if (a <= b)
			old = group_at(olds, i);
		if (b <= a)
			new = group_at(news, j);
		i += old.nr;
		j += new.nr;
		if (old.left || new.left)
			fn(w, &old, &new);
	}
}

/* ---- the kernels ---- */

/* What the kernel of side @which has of the names that own types have. */
static bool collect_kernel(struct work *w, int which)
{
	struct meaning_view *view = &w->diff->kernels[which];
	const struct btf *btf = view->btf;

	for (uint32_t id = 1; w->diff->has_kernel[which] && id < btf_end_id(btf); id++) {
		const struct btf_type *t = btf_type(btf, id);
		const uint32_t name = meaning_known_name(view, t->name_off);
		const uint32_t first = name ? 0 : meaning_known_name(view, first_value(t));
		struct item item = { .id = id };

		if (name == UINT32_MAX || first == UINT32_MAX || btf_kind(t) == BTF_KIND_FUNC ||
		    btf_kind(t) == BTF_KIND_VAR)
			continue;
		item.key = item_key(t, name, first);
		/* A .BTF.base has enums without values. */
		if (!item.key && name && w->diff->distilled[which] &&
		    btf_named_shape(t) == SHAPE_NAMED_ENUM)
			item.key = key_of(DIFF_TYPE, BTF_KIND_ENUM, false, name);
		if (!item.key || (!find_group(&w->items[0], item.key).nr &&
				  !find_group(&w->items[1], item.key).nr))
			continue;
		item.definition = meaning_definition(view, id);
		if (!vec_push(&w->kernels[which], item))
			return false;
	}
	sort_distinct(&w->kernels[which]);
	return !w->diff->meaning.nomem;
}

/* ---- all of it ---- */

/* The name to sort by: an unnamed enum has its first value's. */
static const char *sort_name(const struct difference *d)
{
	const int which = !d->view[0];
	const struct btf *btf = d->view[which]->btf;

	return *d->name ? d->name : btf_str(btf, first_value(btf_type(btf, d->id[which])));
}

static int compare_found(const void *a, const void *b)
{
	const struct difference *x = a, *y = b;
	int cmp;

	if (x->sort != y->sort)
		return x->sort < y->sort ? -1 : 1;
	cmp = strcmp(sort_name(x), sort_name(y));
	if (cmp)
		return cmp;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->id[0] != y->id[0])
		return x->id[0] < y->id[0] ? -1 : 1;
	return x->id[1] < y->id[1] ? -1 : x->id[1] > y->id[1];
}

static int open_views(struct btf_diff *diff, int which, const struct diff_side *side,
		      struct error *err)
{
	int ret = meaning_view_open(&diff->views[which], &diff->meaning, side->btf, err);

	if (ret || !side->kernel)
		return ret;
	diff->has_kernel[which] = true;
	diff->distilled[which] = side->distilled;
	return meaning_view_open(&diff->kernels[which], &diff->meaning, side->kernel, err);
}

/* Does only one of the two lack arrays of arrays, for its encoder knew none? */
static bool must_be_flat(const struct diff_side *old, const struct diff_side *new)
{
	return meaning_lacks_nesting(old->btf) != meaning_lacks_nesting(new->btf);
}

static bool compare(struct work *w)
{
	struct btf_diff *diff = w->diff;

	for (int i = 0; i < 2; i++)
		if (!collect(w, i))
			return false;
	for (uint32_t i = 0; i < w->items[1].nr; i++)
		diff->compared[sort_of(w->items[1].at[i].key)]++;
	for_each_group(w, drop_equals);
	for (int i = 0; i < 2 && w->differ; i++)
		if (!collect_kernel(w, i))
			return false;
	for_each_group(w, compare_groups);
	if (diff->found.nr)
		qsort(diff->found.at, diff->found.nr, sizeof(*diff->found.at), compare_found);
	return !diff->meaning.nomem;
}

int btf_diff(struct btf_diff *diff, const struct diff_side *old, const struct diff_side *new,
	     struct error *err)
{
	struct work w = { .diff = diff };
	int ret;

	*diff = (struct btf_diff){ 0 };
	diff->meaning.flat = must_be_flat(old, new);
	ret = open_views(diff, 0, old, err);
	if (!ret)
		ret = open_views(diff, 1, new, err);
	if (!ret && !compare(&w))
		ret = error_nomem(err);
	for (int i = 0; i < 2; i++) {
		vec_free(&w.items[i]);
		vec_free(&w.kernels[i]);
		free(w.used[i]);
		free(w.sections[i]);
	}
	return ret;
}

void btf_diff_free(struct btf_diff *diff)
{
	for (int i = 0; i < 2; i++) {
		meaning_view_close(&diff->views[i]);
		meaning_view_close(&diff->kernels[i]);
	}
	vec_free(&diff->found);
	meaning_free(&diff->meaning);
}

void difference_text(const struct difference *d, int which, struct strbuf *out)
{
	btf_declare_type(d->view[which]->btf, d->id[which], out);
}

const char *difference_section(const struct difference *d, int which)
{
	return d->section[which] ? section_name(d->view[which], d->section[which]) : "";
}
