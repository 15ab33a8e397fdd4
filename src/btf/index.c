// SPDX-License-Identifier: GPL-2.0-only
#include "btf/index.h"

#include <pthread.h>

/*
 * Longest chain of unnamed types that is followed. The kernel's own limit for chains by value is 32
 * (MAX_RESOLVE_DEPTH); pointers and prototypes make longer ones legal, but none of a hundred
 * exists.
 */
#define MAX_DEPTH 1000

#define IN_PROGRESS UINT32_MAX

#define TAG_MASK 0xff000000u
#define OFFSET_MASK 0x00ffffffu

static uint32_t first_slot(const struct btf_index *index, uint32_t hash)
{
	return hash & index->strings_mask;
}

/* Enters all strings into a table of @nr_slots. False if more than half of it were taken. */
static bool fill_strings(struct btf_index *index, uint32_t nr_slots)
{
	const char *strs = (const char *)index->base->strs.data;
	size_t size = index->base->strs.size;
	uint32_t nr = 0;

	index->strings_mask = nr_slots - 1;
	for (size_t off = 0, len; off < size; off += len + 1) {
		uint32_t hash, i;

		len = strlen(strs + off);
		if (!len)
			continue;
		if (++nr > nr_slots / 2)
			return false;
		hash = hash_bytes(strs + off, len);
		for (i = first_slot(index, hash); index->strings[i];)
			i = (i + 1) & index->strings_mask;
		index->strings[i] = (hash & TAG_MASK) | (uint32_t)off;
	}
	return true;
}

static int index_strings(struct btf_index *index)
{
	uint32_t nr_slots = 1024;

	/* The strings of a kernel are 20 bytes long on average: the table is a third full. */
	while (nr_slots < index->base->strs.size / 7)
		nr_slots *= 2;
	for (;; nr_slots *= 2) {
		index->strings = calloc(nr_slots, sizeof(*index->strings));
		if (!index->strings)
			return -ENOMEM;
		if (fill_strings(index, nr_slots))
			return 0;
		free(index->strings);
	}
}

uint32_t btf_index_str(const struct btf_index *index, const char *str, size_t len, uint32_t hash)
{
	const char *strs = (const char *)index->base->strs.data;
	size_t size = index->base->strs.size;

	for (uint32_t i = first_slot(index, hash); index->strings[i];
	     i = (i + 1) & index->strings_mask) {
		uint32_t off = index->strings[i] & OFFSET_MASK;

		if ((index->strings[i] & TAG_MASK) == (hash & TAG_MASK) && len < size - off &&
		    !memcmp(strs + off, str, len) && !strs[off + len])
			return off;
	}
	return 0;
}

void btf_index_prefetch_slot(const struct btf_index *index, uint32_t hash)
{
	__builtin_prefetch(&index->strings[first_slot(index, hash)]);
}

void btf_index_prefetch_str(const struct btf_index *index, uint32_t hash)
{
	uint32_t slot = index->strings[first_slot(index, hash)];

	__builtin_prefetch(index->base->strs.data + (slot & OFFSET_MASK));
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
			w[0] = btf_kflag(t) ? SHAPE_DECL_ATTRIBUTE : BTF_KIND_DECL_TAG;
			w[1] = t->name_off;
			w[2] = t->type;
			w[3] = *(const uint32_t *)btf_extra(t);
		}
		return w;
	default: /* PTR, CONST, VOLATILE, RESTRICT; TYPEDEF, TYPE_TAG, FUNC; anonymous FWD */
		w = grow(out, 3);
		if (w) {
			w[0] = btf_kind(t) == BTF_KIND_TYPE_TAG && btf_kflag(t) ?
				       SHAPE_TYPE_ATTRIBUTE :
				       (uint32_t)btf_kind(t);
			w[1] = t->name_off;
			w[2] = index->rep[t->type];
		}
		return w;
	}
}

static uint32_t find_shape(const struct btf_index *index, const uint32_t *words, uint32_t nr,
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

/*
 * One to one for all names that BTF can address: equal hashes are equal names, and nothing need be
 * compared.
 */
static uint32_t named_hash(uint32_t shape, uint32_t name)
{
	uint32_t h = (name << 2 | (shape - SHAPE_NAMED_STRUCT)) * 0x9e3779b1u;

	return h ^ h >> 15;
}

uint32_t btf_index_class(const struct btf_index *index, const uint32_t *words, uint32_t nr)
{
	uint32_t pos;

	switch (words[0]) {
	case SHAPE_NAMED_STRUCT:
	case SHAPE_NAMED_UNION:
	case SHAPE_NAMED_ENUM:
		if (words[1] >= btf_end_str(index->base))
			return 0;
		return idtab_first(&index->named, named_hash(words[0], words[1]), &pos);
	case BTF_KIND_PTR:
		return index->ptr_to[words[2]];
	case BTF_KIND_CONST:
		return index->const_of[words[2]];
	default:
		return find_shape(index, words, nr, hash_bytes(words, nr * sizeof(*words)));
	}
}

/* Makes type @id one more of the class of @rep. */
static void join_class(struct btf_index *index, uint32_t id, uint32_t rep)
{
	index->rep[id] = rep;
	index->same[id] = index->same[rep];
	index->same[rep] = id;
}

static int index_named(struct btf_index *index, uint32_t id, uint32_t shape, uint32_t name,
		       struct error *err)
{
	uint32_t hash = named_hash(shape, name), pos;
	uint32_t rep = idtab_first(&index->named, hash, &pos);

	if (rep) {
		join_class(index, id, rep);
		return 0;
	}
	index->rep[id] = id;
	return idtab_add(&index->named, hash, id) ? 0 : error_nomem(err);
}

/* @rep: where the representative of what refers to the type's target is kept. */
static void index_direct(struct btf_index *index, uint32_t id, uint32_t *rep)
{
	if (*rep)
		join_class(index, id, *rep);
	else
		index->rep[id] = *rep = id;
}

static int index_shape(struct btf_index *index, uint32_t id, struct error *err)
{
	uint32_t start = index->pool.nr, hash, rep;

	if (!vec_push(&index->pool, 0) || !append_shape(index, id, &index->pool))
		return error_nomem(err);
	index->pool.at[start] = index->pool.nr - start - 1;
	hash = hash_bytes(index->pool.at + start + 1, index->pool.at[start] * sizeof(uint32_t));
	rep = find_shape(index, index->pool.at + start + 1, index->pool.at[start], hash);
	if (rep) {
		index->pool.nr = start;
		join_class(index, id, rep);
		return 0;
	}
	index->rep[id] = id;
	index->shape[id] = start;
	return idtab_add(&index->shapes, hash, id) ? 0 : error_nomem(err);
}

static int index_type(struct btf_index *index, uint32_t id, unsigned int depth, struct error *err);

/*
 * Encoders up to pahole 1.31 flatten arrays of several dimensions, later ones nest them. A module's
 * types can only equal the base's when they are written in the base's way.
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

static int circle(const struct btf *base, uint32_t id, struct error *err)
{
	return error_set(err, -EINVAL, "base BTF: type %u %s: its definition runs in a circle", id,
			 btf_kind_name(btf_kind(btf_type(base, id))));
}

/* Puts type @id into its class, and before it all types that its shape refers to. */
static int index_type(struct btf_index *index, uint32_t id, unsigned int depth, struct error *err)
{
	const struct btf_type *t;
	uint32_t shape;
	int ret;

	if (id >= btf_end_id(index->base))
		return error_set(err, -EINVAL, "base BTF: type id %u does not exist", id);
	if (!id || (index->rep[id] && index->rep[id] != IN_PROGRESS))
		return 0;
	if (index->rep[id] == IN_PROGRESS || depth > MAX_DEPTH)
		return circle(index->base, id, err);
	t = btf_type(index->base, id);
	switch (btf_kind(t)) {
	case BTF_KIND_FUNC: /* a module's function is never the base's, so these are not looked for */
	case BTF_KIND_VAR:
	case BTF_KIND_DATASEC:
		return 0;
	default:
		break;
	}
	shape = t->name_off ? btf_named_shape(t) : 0;
	if (shape) {
		ret = check_members(index->base, id, err);
		return ret ? ret : index_named(index, id, shape, t->name_off, err);
	}
	index->rep[id] = IN_PROGRESS;
	ret = index_refs(index, id, depth + 1, err);
	if (ret)
		return ret;
	if (btf_kind(t) == BTF_KIND_PTR && !t->name_off)
		index_direct(index, id, &index->ptr_to[index->rep[t->type]]);
	else if (btf_kind(t) == BTF_KIND_CONST && !t->name_off)
		index_direct(index, id, &index->const_of[index->rep[t->type]]);
	else
		return index_shape(index, id, err);
	return 0;
}

static int index_types(struct btf_index *index, struct error *err)
{
	uint32_t end = btf_end_id(index->base);
	int ret;

	index->rep = calloc(end, sizeof(*index->rep));
	index->same = calloc(end, sizeof(*index->same));
	index->shape = calloc(end, sizeof(*index->shape));
	index->ptr_to = calloc(end, sizeof(*index->ptr_to));
	index->const_of = calloc(end, sizeof(*index->const_of));
	/* A tenth of a kernel's types has a name, less than half a shape of its own. */
	if (!index->rep || !index->same || !index->shape || !index->ptr_to || !index->const_of ||
	    !idtab_reserve(&index->named, end / 8) || !idtab_reserve(&index->shapes, end / 2) ||
	    !vec_room(&index->pool, (uint64_t)end * 2))
		return error_nomem(err);
	for (uint32_t id = 1; id < end; id++) {
		ret = index_type(index, id, 0, err);
		if (ret)
			return ret;
	}
	return 0;
}

static void *strings_thread(void *arg)
{
	return (void *)(intptr_t)index_strings(arg);
}

int btf_index_build(struct btf_index *index, const struct btf *base, struct error *err)
{
	void *strings_ret = NULL;
	pthread_t thread;
	bool threaded;
	int ret;

	*index = (struct btf_index){ .base = base };
	if (base->strs.size > BTF_MAX_NAME_OFFSET)
		return error_set(
			err, -EINVAL,
			"base BTF: a string section of %zu bytes is more than BTF can address",
			base->strs.size);
	/* Two halves that know nothing of each other. */
	threaded = !pthread_create(&thread, NULL, strings_thread, index);
	ret = index_types(index, err);
	if (threaded)
		pthread_join(thread, &strings_ret);
	else
		strings_ret = strings_thread(index);
	if (!ret && strings_ret)
		ret = error_nomem(err);
	if (ret)
		btf_index_free(index);
	return ret;
}

void btf_index_free(struct btf_index *index)
{
	free(index->strings);
	idtab_free(&index->named);
	idtab_free(&index->shapes);
	vec_free(&index->pool);
	free(index->ptr_to);
	free(index->const_of);
	free(index->rep);
	free(index->same);
	free(index->shape);
	*index = (struct btf_index){ 0 };
}
