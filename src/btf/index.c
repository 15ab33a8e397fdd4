// SPDX-License-Identifier: GPL-2.0-only
#include "btf/index.h"

/*
 * Longest chain of unnamed types that is followed. The kernel's own limit for chains by value is 32
 * (MAX_RESOLVE_DEPTH); pointers and prototypes make longer ones legal, but none of a hundred exists.
 */
#define MAX_DEPTH 1000

#define IN_PROGRESS UINT32_MAX

static int index_strings(struct btf_index *index)
{
	const char *strs = (const char *)index->base->strs.data;
	size_t size = index->base->strs.size;

	/* Kernel strings are 20 bytes on average: room for all without growing. */
	if (!idtab_reserve(&index->strings, (uint32_t)(size / 16)))
		return -ENOMEM;
	for (size_t off = 0; off < size;) {
		size_t len = strlen(strs + off);

		if (len && !idtab_add(&index->strings, hash_bytes(strs + off, len), (uint32_t)off))
			return -ENOMEM;
		off += len + 1;
	}
	return 0;
}

uint32_t btf_index_str(const struct btf_index *index, const char *str, size_t len, uint32_t hash)
{
	const char *strs = (const char *)index->base->strs.data;
	size_t size = index->base->strs.size;
	uint32_t off, pos;

	for (off = idtab_first(&index->strings, hash, &pos); off;
	     off = idtab_next(&index->strings, hash, &pos))
		if (len < size - off && !memcmp(strs + off, str, len) && !strs[off + len])
			return off;
	return 0;
}

uint32_t btf_named_shape(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
		return SHAPE_NAMED_STRUCT;
	case BTF_KIND_UNION:
		return SHAPE_NAMED_UNION;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return SHAPE_NAMED_ENUM;
	case BTF_KIND_FWD:
		return btf_kflag(t) ? SHAPE_NAMED_UNION : SHAPE_NAMED_STRUCT;
	default:
		return 0;
	}
}

static void shape_members(const struct btf_index *index, const struct btf_type *t, uint32_t *w)
{
	const struct btf_member *m = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++, w += 4) {
		w[0] = m[i].name_off;
		w[1] = index->rep[m[i].type];
		w[2] = btf_member_bit_offset(t, i);
		w[3] = btf_member_bitfield_size(t, i);
	}
}

static void shape_values(const struct btf_type *t, uint32_t *w)
{
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);
	bool is64 = btf_kind(t) == BTF_KIND_ENUM64;

	for (uint32_t i = 0; i < btf_vlen(t); i++, w += 3) {
		w[0] = is64 ? e64[i].name_off : e[i].name_off;
		w[1] = is64 ? e64[i].val_lo32 : (uint32_t)e[i].val;
		w[2] = is64 ? e64[i].val_hi32 : 0;
	}
}

static uint32_t *grow(words_t *out, uint32_t nr)
{
	if (!vec_room(out, nr))
		return NULL;
	out->nr += nr;
	return out->at + out->nr - nr;
}

/* Appends the shape of type @id, whose references have been indexed. False when out of memory. */
static bool append_shape(const struct btf_index *index, uint32_t id, words_t *out)
{
	const struct btf_type *t = btf_type(index->base, id);
	uint32_t vlen = btf_vlen(t), *w;
	const struct btf_param *p;
	const struct btf_array *a;

	if (t->name_off && btf_named_shape(t)) {
		w = grow(out, 2);
		if (w) {
			w[0] = btf_named_shape(t);
			w[1] = t->name_off;
		}
		return w;
	}
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
		w = grow(out, 4);
		if (w) {
			w[0] = btf_kind(t);
			w[1] = t->name_off;
			w[2] = t->size;
			w[3] = btf_kind(t) == BTF_KIND_INT ? *(const uint32_t *)btf_extra(t) : 0;
		}
		return w;
	case BTF_KIND_ARRAY:
		a = btf_extra(t);
		w = grow(out, 3);
		if (w) {
			w[0] = BTF_KIND_ARRAY;
			w[1] = index->rep[a->type];
			w[2] = a->nelems;
		}
		return w;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		w = grow(out, 2 + 4 * vlen);
		if (w) {
			w[0] = btf_kind(t);
			w[1] = t->size;
			shape_members(index, t, w + 2);
		}
		return w;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		w = grow(out, 2 + 3 * vlen);
		if (w) {
			w[0] = btf_kind(t);
			w[1] = t->size;
			shape_values(t, w + 2);
		}
		return w;
	case BTF_KIND_FUNC_PROTO:
		p = btf_extra(t);
		w = grow(out, 2 + 2 * vlen);
		if (w) {
			w[0] = BTF_KIND_FUNC_PROTO;
			w[1] = index->rep[t->type];
			for (uint32_t i = 0; i < vlen; i++) {
				w[2 + 2 * i] = p[i].name_off;
				w[3 + 2 * i] = index->rep[p[i].type];
			}
		}
		return w;
	case BTF_KIND_DECL_TAG:
		/* A tag is on one definition, not on all that share its name. */
		w = grow(out, 4);
		if (w) {
			w[0] = BTF_KIND_DECL_TAG;
			w[1] = t->name_off;
			w[2] = t->type;
			w[3] = *(const uint32_t *)btf_extra(t);
		}
		return w;
	default: /* PTR, CONST, VOLATILE, RESTRICT; TYPEDEF, TYPE_TAG, FUNC; anonymous FWD */
		w = grow(out, 3);
		if (w) {
			w[0] = btf_kind(t);
			w[1] = t->name_off;
			w[2] = index->rep[t->type];
		}
		return w;
	}
}

static uint32_t find_class(const struct btf_index *index, const uint32_t *words, uint32_t nr,
			   uint32_t hash)
{
	uint32_t id, pos;

	for (id = idtab_first(&index->shapes, hash, &pos); id;
	     id = idtab_next(&index->shapes, hash, &pos)) {
		const uint32_t *have = index->pool.at + index->shape[id];

		if (have[0] == nr && !memcmp(have + 1, words, nr * sizeof(*words)))
			return id;
	}
	return 0;
}

uint32_t btf_index_class(const struct btf_index *index, const uint32_t *words, uint32_t nr)
{
	return find_class(index, words, nr, hash_bytes(words, nr * sizeof(*words)));
}

static int index_type(struct btf_index *index, uint32_t id, unsigned int depth, struct error *err);

/*
 * Encoders up to pahole 1.31 flatten arrays of several dimensions, later ones nest them. A module's types
 * can only equal the base's when they are written in the base's way.
 */
static void note_array(struct btf_index *index, const struct btf_array *a)
{
	const struct btf_type *elem = btf_type(index->base, a->type);

	if (!index->array_index)
		index->array_index = a->index_type;
	if (elem && btf_kind(elem) == BTF_KIND_ARRAY)
		index->nested_arrays = true;
}

static int index_refs(struct btf_index *index, uint32_t id, unsigned int depth, struct error *err)
{
	const struct btf_type *t = btf_type(index->base, id);
	const struct btf_member *m = btf_extra(t);
	const struct btf_param *p = btf_extra(t);
	const struct btf_array *a = btf_extra(t);
	int ret;

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FWD:
	case BTF_KIND_DECL_TAG:
		return 0;
	case BTF_KIND_ARRAY:
		note_array(index, a);
		return index_type(index, a->type, depth, err);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 0; i < btf_vlen(t); i++) {
			ret = index_type(index, m[i].type, depth, err);
			if (ret)
				return ret;
		}
		return 0;
	case BTF_KIND_FUNC_PROTO:
		for (uint32_t i = 0; i < btf_vlen(t); i++) {
			ret = index_type(index, p[i].type, depth, err);
			if (ret)
				return ret;
		}
		return index_type(index, t->type, depth, err);
	default:
		return index_type(index, t->type, depth, err);
	}
}

/* Named types are not followed, but their members' types will be looked up. */
static int check_members(const struct btf *base, uint32_t id, struct error *err)
{
	const struct btf_type *t = btf_type(base, id);
	const struct btf_member *m = btf_extra(t);
	uint32_t max = 0;

	if (btf_kind(t) != BTF_KIND_STRUCT && btf_kind(t) != BTF_KIND_UNION)
		return 0;
	for (uint32_t i = 0; i < btf_vlen(t); i++)
		max = m[i].type > max ? m[i].type : max;
	if (max >= btf_end_id(base))
		return error_set(err, -EINVAL,
				 "base BTF: type %u has a member of type %u, which does not exist",
				 id, max);
	return 0;
}

/* Puts type @id into its class, and before it all types that its shape refers to. */
static int index_type(struct btf_index *index, uint32_t id, unsigned int depth, struct error *err)
{
	const struct btf_type *t = btf_type(index->base, id);
	uint32_t start, hash, rep;
	int ret;

	if (!id || (t && index->rep[id] && index->rep[id] != IN_PROGRESS))
		return 0;
	if (!t)
		return error_set(err, -EINVAL, "base BTF: type id %u does not exist", id);
	switch (btf_kind(t)) {
	case BTF_KIND_FUNC: /* a module's function is never the base's, so these are not looked for */
	case BTF_KIND_VAR:
	case BTF_KIND_DATASEC:
		return 0;
	default:
		break;
	}
	if (index->rep[id] == IN_PROGRESS || depth > MAX_DEPTH)
		return error_set(err, -EINVAL,
				 "base BTF: type %u %s: its definition runs in a circle", id,
				 btf_kind_name(btf_kind(t)));

	if (t->name_off && btf_named_shape(t)) {
		ret = check_members(index->base, id, err);
		if (ret)
			return ret;
	} else {
		index->rep[id] = IN_PROGRESS;
		ret = index_refs(index, id, depth + 1, err);
		if (ret)
			return ret;
	}

	start = index->pool.nr;
	if (!vec_push(&index->pool, 0) || !append_shape(index, id, &index->pool))
		return error_nomem(err);
	index->pool.at[start] = index->pool.nr - start - 1;
	hash = hash_bytes(index->pool.at + start + 1, index->pool.at[start] * sizeof(uint32_t));
	rep = find_class(index, index->pool.at + start + 1, index->pool.at[start], hash);
	if (rep) {
		index->pool.nr = start;
		index->rep[id] = rep;
		index->same[id] = index->same[rep];
		index->same[rep] = id;
		return 0;
	}
	index->rep[id] = id;
	index->shape[id] = start;
	return idtab_add(&index->shapes, hash, id) ? 0 : error_nomem(err);
}

int btf_index_build(struct btf_index *index, const struct btf *base, struct error *err)
{
	uint32_t end = btf_end_id(base);
	int ret;

	*index = (struct btf_index){ .base = base };
	index->rep = calloc(end, sizeof(*index->rep));
	index->same = calloc(end, sizeof(*index->same));
	index->shape = calloc(end, sizeof(*index->shape));
	if (!index->rep || !index->same || !index->shape || !idtab_reserve(&index->shapes, end) ||
	    !vec_room(&index->pool, (uint64_t)end * 6) || index_strings(index)) {
		btf_index_free(index);
		return error_nomem(err);
	}
	for (uint32_t id = 1; id < end; id++) {
		ret = index_type(index, id, 0, err);
		if (ret) {
			btf_index_free(index);
			return ret;
		}
	}
	return 0;
}

void btf_index_free(struct btf_index *index)
{
	idtab_free(&index->strings);
	idtab_free(&index->shapes);
	vec_free(&index->pool);
	free(index->rep);
	free(index->same);
	free(index->shape);
	*index = (struct btf_index){ 0 };
}
