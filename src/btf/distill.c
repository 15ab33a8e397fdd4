// SPDX-License-Identifier: GPL-2.0-only
#include "btf/distill.h"

#include "btf/build.h"
#include "btf/fields.h"
#include "btf/sort.h"
#include "btf/verify.h"

/* What becomes of a type of the base. */
enum use {
	UNUSED,
	NAMED, /* stands in the distilled base */
	MOVED, /* joins the split part */
};

/* Strings of one section, each once. */
struct strings {
	uint32_t start; /* offset of the first byte */
	VEC(char) text;
	struct idtab table; /* place in text + 1 by hash */
};

struct work {
	const struct btf *split;
	const struct btf *base;
	struct relocate_base *names;
	uint8_t *use;	   /* enum use, by base id */
	uint8_t *embedded; /* of a base id: the split part has it in it by value */
	uint32_t *ids;	   /* new id, by id of the base and of the split part */
	uint32_t *memo;	   /* of btf_embedded() */
	words_t used;	   /* base ids that are not UNUSED; ascending, once all are known */
	words_t named;	   /* those that are used by name */
	words_t queue;	   /* MOVED ones whose references have not been looked at */
	uint32_t nr_base;  /* types in the distilled base */
	uint32_t nr_moved;
	uint32_t nr_ambiguous;
	struct strings base_strs;
	struct strings split_strs;
	words_t base_types;
	words_t split_types;
	struct error *err;
	int ret;
};

static bool nomem(struct work *w)
{
	if (!w->ret)
		w->ret = error_nomem(w->err);
	return false;
}

/* ---- what is used ---- */

static enum use use_of(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_FWD:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return t->name_off ? NAMED : MOVED;
	case BTF_KIND_PTR:
	case BTF_KIND_ARRAY:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC_PROTO:
	case BTF_KIND_TYPE_TAG:
		return MOVED;
	default:
		return UNUSED;
	}
}

static bool move(struct work *w, uint32_t id)
{
	w->use[id] = MOVED;
	w->nr_moved++;
	return vec_push(&w->queue, id) || nomem(w);
}

static bool use(struct work *w, uint32_t id)
{
	const struct btf_type *t = btf_type(w->base, id);

	if (!t || w->use[id])
		return true;
	if (!vec_push(&w->used, id))
		return nomem(w);
	switch (use_of(t)) {
	case NAMED:
		w->use[id] = NAMED;
		return vec_push(&w->named, id) || nomem(w);
	case MOVED:
		return move(w, id);
	default:
		w->ret = error_set(w->err, -EINVAL,
				   "the module's BTF refers to type %u of the kernel, a %s, which "
				   "relocation does not know",
				   id, btf_kind_name(btf_kind(t)));
		return false;
	}
}

/* Everything that @t, which stands in the split part, refers to. */
static bool use_all(struct work *w, const struct btf_type *t)
{
	const bool composite = btf_kind(t) == BTF_KIND_STRUCT || btf_kind(t) == BTF_KIND_UNION;

	for (uint32_t at = btf_next_id(t, 0); at; at = btf_next_id(t, at)) {
		const uint32_t id = ((const uint32_t *)t)[at];
		const uint32_t in = composite ? btf_embedded(w->split, w->memo, id) : EMBEDS_NONE;

		if (in < w->split->start_id)
			w->embedded[in] = true;
		if (!use(w, id))
			return false;
	}
	return true;
}

static bool drain(struct work *w)
{
	while (w->queue.nr)
		if (!use_all(w, btf_type(w->base, w->queue.at[--w->queue.nr])))
			return false;
	return true;
}

static bool ambiguous(struct work *w, uint32_t id)
{
	const struct btf_type *t = btf_type(w->base, id);
	struct distilled_type d = { .kind = btf_kind(t),
				    .name = btf_name(w->base, t),
				    .size = btf_kind(t) == BTF_KIND_FWD ? 0 : t->size,
				    .kflag = btf_kflag(t),
				    .embedded = w->embedded[id] };
	uint32_t ids[2];

	if (d.kind == BTF_KIND_ENUM64)
		d.kind = BTF_KIND_ENUM;
	if (d.kind == BTF_KIND_INT)
		d.encoding = BTF_INT_ENCODING(*(const uint32_t *)btf_extra(t));
	return relocate_candidates(w->names, &d, ids) > 1;
}

/*
 * Takes the ambiguous ones out. What is moved may use others, and embed them, which makes them less
 * ambiguous: all are judged before that is looked at, and again until there are none.
 */
static bool move_ambiguous(struct work *w)
{
	uint32_t before;

	do {
		uint32_t kept = 0;

		before = w->nr_ambiguous;
		for (uint32_t i = 0; i < w->named.nr; i++) {
			const uint32_t id = w->named.at[i];

			if (!ambiguous(w, id))
				w->named.at[kept++] = id;
			else if (move(w, id))
				w->nr_ambiguous++;
		}
		w->named.nr = kept;
	} while (!w->ret && drain(w) && w->nr_ambiguous > before);
	return !w->ret;
}

/* The kernel refuses a base without types: any INT will do. */
static bool fill(struct work *w)
{
	for (uint32_t id = w->base->start_id; id < btf_end_id(w->base) && !w->named.nr; id++) {
		const struct btf_type *t = btf_type(w->base, id);

		if (btf_kind(t) == BTF_KIND_INT && t->name_off && !ambiguous(w, id) && !use(w, id))
			return false;
	}
	if (w->named.nr)
		return true;
	w->ret = error_set(w->err, -EINVAL,
			   "the module's BTF uses no type of the kernel that can be told by its "
			   "name");
	return false;
}

static int compare_ids(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool choose(struct work *w)
{
	for (uint32_t id = w->split->start_id; id < btf_end_id(w->split); id++)
		if (!use_all(w, btf_type(w->split, id)))
			return false;
	if (!drain(w) || !move_ambiguous(w) || !fill(w) || w->names->failed)
		return w->names->failed ? nomem(w) : false;
	qsort(w->used.at, w->used.nr, sizeof(*w->used.at), compare_ids);
	return true;
}

/* ---- new ids: the base's types, those of the split part, those that join it ---- */

static void number(struct work *w)
{
	uint32_t next = 1;

	for (uint32_t i = 0; i < w->used.nr; i++)
		if (w->use[w->used.at[i]] == NAMED)
			w->ids[w->used.at[i]] = next++;
	w->nr_base = next - 1;
	for (uint32_t id = w->split->start_id; id < btf_end_id(w->split); id++)
		w->ids[id] = next++;
	for (uint32_t i = 0; i < w->used.nr; i++)
		if (w->use[w->used.at[i]] == MOVED)
			w->ids[w->used.at[i]] = next++;
}

/* ---- new bytes ---- */

/* Offset of @str in @s, UINT32_MAX if it is not there. */
static uint32_t find_str(const struct strings *s, const char *str, uint32_t hash)
{
	uint32_t n, pos;

	for (n = idtab_first(&s->table, hash, &pos); n; n = idtab_next(&s->table, hash, &pos))
		if (!strcmp(s->text.at + n - 1, str))
			return s->start + n - 1;
	return UINT32_MAX;
}

static uint32_t add_str(struct work *w, struct strings *s, const char *str, uint32_t hash)
{
	const size_t len = strlen(str) + 1;
	uint32_t off = find_str(s, str, hash);

	if (off != UINT32_MAX)
		return off;
	off = s->text.nr;
	if (len > BTF_MAX_NAME_OFFSET || !vec_room(&s->text, len) ||
	    !idtab_add(&s->table, hash, off + 1)) {
		nomem(w);
		return 0;
	}
	memcpy(s->text.at + off, str, len);
	s->text.nr += (uint32_t)len;
	return s->start + off;
}

/* A string of the split part: the base's, if it is a name there. */
static uint32_t split_str(struct work *w, uint32_t off)
{
	const char *str = btf_str(w->split, off);
	const uint32_t hash = hash_bytes(str, strlen(str));
	uint32_t found;

	if (!off)
		return 0;
	found = find_str(&w->base_strs, str, hash);
	return found != UINT32_MAX ? found : add_str(w, &w->split_strs, str, hash);
}

static bool begin_strings(struct work *w)
{
	return add_str(w, &w->base_strs, "", hash_bytes("", 0)) == 0 && !w->ret;
}

static bool write_named(struct work *w, uint32_t id)
{
	const struct btf_type *t = btf_type(w->base, id);
	const char *name = btf_name(w->base, t);
	enum btf_kind kind = btf_kind(t);
	uint32_t words[4] = { add_str(w, &w->base_strs, name, hash_bytes(name, strlen(name))),
			      btf_info(kind, 0, 0), t->size };
	uint32_t nr = 3;

	if (kind == BTF_KIND_ENUM64)
		words[1] = btf_info(BTF_KIND_ENUM, 0, 0);
	if (kind == BTF_KIND_FWD)
		words[1] = btf_info(kind, 0, btf_kflag(t));
	if (kind == BTF_KIND_INT)
		words[nr++] = *(const uint32_t *)btf_extra(t);
	if (!vec_room(&w->base_types, nr))
		return nomem(w);
	memcpy(w->base_types.at + w->base_types.nr, words, nr * sizeof(*words));
	w->base_types.nr += nr;
	return !w->ret;
}

static bool write_split(struct work *w, uint32_t id)
{
	const struct btf_type *t = btf_type(w->split, id);
	const uint32_t nr = btf_words(t);
	uint32_t *words;

	if (!vec_room(&w->split_types, nr))
		return nomem(w);
	words = w->split_types.at + w->split_types.nr;
	memcpy(words, t, nr * sizeof(*words));
	words[0] = split_str(w, words[0]);
	for (uint32_t at = btf_next_str(t, 0); at; at = btf_next_str(t, at))
		words[at] = split_str(w, words[at]);
	for (uint32_t at = btf_next_id(t, 0); at; at = btf_next_id(t, at))
		if (words[at] < btf_end_id(w->split))
			words[at] = w->ids[words[at]];
	w->split_types.nr += nr;
	return !w->ret;
}

static bool write_all(struct work *w)
{
	const uint32_t end = w->split->start_id;
	bool well = begin_strings(w);

	for (uint32_t i = 0; i < w->used.nr && well; i++)
		if (w->use[w->used.at[i]] == NAMED)
			well = write_named(w, w->used.at[i]);
	w->split_strs.start = w->base_strs.text.nr;
	for (uint32_t id = end; id < btf_end_id(w->split) && well; id++)
		well = write_split(w, id);
	for (uint32_t i = 0; i < w->used.nr && well; i++)
		if (w->use[w->used.at[i]] == MOVED)
			well = write_split(w, w->used.at[i]);
	return well;
}

static struct bytes string_bytes(const struct strings *s)
{
	return (struct bytes){ (const uint8_t *)s->text.at, s->text.nr };
}

/* ---- is it right? ---- */

/* Relocation must lead each type of the distilled base to the one that it was made of. */
static int check_matches(struct work *w, const struct btf *split, const struct relocation *r)
{
	if (r->findings.nr)
		return relocate_error(split, w->base, r, &r->findings.at[0], w->err);
	for (uint32_t i = 0; i < w->used.nr; i++) {
		uint32_t id = w->used.at[i];

		if (w->use[id] == NAMED && r->ids[w->ids[id]] != id)
			return error_set(w->err, -EINVAL,
					 ".BTF.base: type %u '%s' would be taken for the kernel's "
					 "type %u",
					 w->ids[id], btf_name(w->base, btf_type(w->base, id)),
					 r->ids[w->ids[id]]);
	}
	return 0;
}

/*
 * Relocates it and verifies what the kernel will have then: over the distilled base one could not
 * tell what the kernel that it is for understands.
 */
static int check_relocated(struct work *w, const struct btf *split)
{
	struct relocation r;
	struct buffer bytes = { 0 };
	struct btf relocated;
	int ret;

	ret = btf_relocate_match(split, w->names, &r, w->err);
	if (ret)
		return ret;
	ret = check_matches(w, split, &r);
	if (!ret)
		ret = btf_relocate(split, w->base, &r, &bytes, w->err);
	if (!ret)
		ret = btf_open(&relocated, buffer_bytes(&bytes), w->base, w->err);
	if (!ret) {
		ret = btf_verify(&relocated, w->err);
		btf_close(&relocated);
	}
	relocation_free(&r);
	buffer_free(&bytes);
	return ret;
}

/* @out holds both parts; the split one is sorted if that is wanted. */
static int finish(struct work *w, bool sorted, struct distilled *out)
{
	struct btf base, split = { 0 };
	struct buffer unsorted;
	int ret;

	ret = btf_open(&base, buffer_bytes(&out->base), NULL, w->err);
	if (ret)
		return ret;
	ret = btf_verify(&base, w->err);
	if (!ret)
		ret = btf_open(&split, buffer_bytes(&out->split), &base, w->err);
	if (!ret && sorted) {
		unsorted = out->split;
		out->split = (struct buffer){ 0 };
		ret = btf_sort(&split, &out->split, w->err);
		btf_close(&split);
		if (!ret)
			ret = btf_open(&split, buffer_bytes(&out->split), &base, w->err);
		buffer_free(&unsorted);
	}
	if (!ret)
		ret = check_relocated(w, &split);
	btf_close(&split);
	btf_close(&base);
	return ret;
}

static void work_free(struct work *w)
{
	free(w->use);
	free(w->embedded);
	free(w->ids);
	free(w->memo);
	vec_free(&w->used);
	vec_free(&w->named);
	vec_free(&w->queue);
	vec_free(&w->base_types);
	vec_free(&w->split_types);
	vec_free(&w->base_strs.text);
	vec_free(&w->split_strs.text);
	idtab_free(&w->base_strs.table);
	idtab_free(&w->split_strs.table);
}

static bool work_init(struct work *w)
{
	w->use = calloc(w->split->start_id, sizeof(*w->use));
	w->embedded = calloc(w->split->start_id, sizeof(*w->embedded));
	w->ids = calloc(btf_end_id(w->split), sizeof(*w->ids));
	w->memo = calloc(btf_end_id(w->split), sizeof(*w->memo));
	return (w->use && w->embedded && w->ids && w->memo) || nomem(w);
}

int btf_distill(const struct btf *split, struct relocate_base *base, bool sorted,
		struct distilled *out, struct error *err)
{
	struct work w = { .split = split, .base = split->base, .names = base, .err = err };
	const bool big = split->big_endian;

	*out = (struct distilled){ 0 };
	if (work_init(&w) && choose(&w)) {
		number(&w);
		if (write_all(&w))
			w.ret = btf_pack(w.base_types.at, w.base_types.nr,
					 string_bytes(&w.base_strs), big, &out->base, err);
		if (!w.ret)
			w.ret = btf_pack(w.split_types.at, w.split_types.nr,
					 string_bytes(&w.split_strs), big, &out->split, err);
		if (!w.ret)
			w.ret = finish(&w, sorted, out);
		out->nr_base = w.nr_base;
		out->nr_moved = w.nr_moved;
		out->nr_ambiguous = w.nr_ambiguous;
	}
	work_free(&w);
	if (w.ret)
		distilled_free(out);
	return w.ret;
}

void distilled_free(struct distilled *d)
{
	buffer_free(&d->base);
	buffer_free(&d->split);
	*d = (struct distilled){ 0 };
}
