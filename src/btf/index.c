// SPDX-License-Identifier: GPL-2.0-only
#include "btf/index.h"

#include "util/pages.h"

/*
 * Longest chain of unnamed types that is followed. The kernel's own limit for chains by value is 32
 * (MAX_RESOLVE_DEPTH); pointers and prototypes make longer ones legal, but none of a hundred
 * exists.
 */
#define MAX_DEPTH 1000

/* In place of a representative: */
#define IN_PROGRESS UINT32_MAX
#define DEFERRED (UINT32_MAX - 1) /* in the queue */

#define TAG_MASK 0xff000000u
#define OFFSET_MASK 0x00ffffffu

static uint32_t first_slot(const struct btf_index *index, uint32_t hash)
{
	return hash & index->strings_mask;
}

/* So many strings are hashed before the first of them is entered: its slot is fetched meanwhile. */
#define AHEAD 16

struct pending_string {
	uint32_t hash;
	uint32_t off;
};

static void enter_string(struct btf_index *index, struct pending_string s)
{
	uint32_t i = first_slot(index, s.hash);

	while (index->strings[i])
		i = (i + 1) & index->strings_mask;
	index->strings[i] = (s.hash & TAG_MASK) | s.off;
}

/* Enters all strings into an empty table of @nr_slots. False if more than half of it were taken. */
static bool fill_strings(struct btf_index *index, uint32_t nr_slots)
{
	const char *strs = (const char *)index->base->strs.data;
	size_t size = index->base->strs.size;
	struct pending_string ring[AHEAD];
	uint32_t nr = 0;

	index->strings_mask = nr_slots - 1;
	for (size_t off = 0, len; off < size; off += len + 1) {
		struct pending_string *s = &ring[nr % AHEAD];

		len = strlen(strs + off);
		if (!len)
			continue;
		if (nr >= nr_slots / 2)
			return false;
		if (nr >= AHEAD)
			enter_string(index, *s);
		s->hash = hash_bytes(strs + off, len);
		s->off = (uint32_t)off;
		btf_index_prefetch_slot(index, s->hash);
		nr++;
	}
	for (uint32_t i = nr < AHEAD ? 0 : nr - AHEAD; i < nr; i++)
		enter_string(index, ring[i % AHEAD]);
	return true;
}

int btf_index_strings(struct btf_index *index, struct error *err)
{
	size_t size = index->base->strs.size;
	uint32_t nr_slots = 1024;

	if (size > BTF_MAX_NAME_OFFSET)
		return error_set(
			err, -EINVAL,
			"base BTF: a string section of %zu bytes is more than BTF can address",
			size);
	/* The strings of a kernel are 18 bytes long on average: the table is under half full. */
	while (nr_slots < size / 8)
		nr_slots *= 2;
	for (;; nr_slots *= 2) {
		index->strings = pages_alloc(nr_slots * sizeof(*index->strings));
		if (!index->strings)
			return error_nomem(err);
		if (fill_strings(index, nr_slots))
			return 0;
		pages_free(index->strings, nr_slots * sizeof(*index->strings));
	}
}

uint32_t btf_index_str_next(const struct btf_index *index, const char *str, size_t len,
			    uint32_t hash, uint32_t *pos)
{
	const char *strs = (const char *)index->base->strs.data;
	size_t size = index->base->strs.size;

	while (index->strings[*pos]) {
		uint32_t slot = index->strings[*pos], off = slot & OFFSET_MASK;

		*pos = (*pos + 1) & index->strings_mask;
		if ((slot & TAG_MASK) == (hash & TAG_MASK) && len < size - off &&
		    !memcmp(strs + off, str, len) && !strs[off + len])
			return off;
	}
	return 0;
}

uint32_t btf_index_str_first(const struct btf_index *index, const char *str, size_t len,
			     uint32_t hash, uint32_t *pos)
{
	*pos = first_slot(index, hash);
	return btf_index_str_next(index, str, len, hash, pos);
}

uint32_t btf_index_str(const struct btf_index *index, const char *str, size_t len, uint32_t hash)
{
	uint32_t pos;

	return btf_index_str_first(index, str, len, hash, &pos);
}

void btf_index_prefetch_slot(const struct btf_index *index, uint32_t hash)
{
	__builtin_prefetch(&index->strings[first_slot(index, hash)]);
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

/* Words in front of the entries of a shape, and words of each entry. */
static uint32_t head_words(enum btf_kind kind)
{
	switch (kind) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FUNC_PROTO:
		return 2;
	default:
		return 3;
	}
}

static uint32_t entry_words(enum btf_kind kind)
{
	switch (kind) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return 4;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return 3;
	case BTF_KIND_FUNC_PROTO:
		return 2;
	default:
		return 0;
	}
}

static void shape_head(const struct btf_index *index, const struct btf_type *t, uint32_t *w)
{
	const struct btf_array *a = btf_extra(t);

	w[0] = btf_kind(t);
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
		w[1] = t->name_off;
		w[2] = t->size;
		w[3] = btf_kind(t) == BTF_KIND_INT ? *(const uint32_t *)btf_extra(t) : 0;
		break;
	case BTF_KIND_ARRAY:
		w[1] = index->rep[a->type];
		w[2] = a->nelems;
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		w[1] = t->size;
		break;
	case BTF_KIND_FUNC_PROTO:
		w[1] = index->rep[t->type];
		break;
	case BTF_KIND_DECL_TAG:
		/* A tag is on one definition, not on all that share its name. */
		w[0] = btf_kflag(t) ? SHAPE_DECL_ATTRIBUTE : BTF_KIND_DECL_TAG;
		w[1] = t->name_off;
		w[2] = t->type;
		w[3] = *(const uint32_t *)btf_extra(t);
		break;
	case BTF_KIND_FWD: /* an anonymous one; it refers to nothing, whatever stands there */
		w[1] = 0;
		w[2] = 0;
		break;
	default: /* PTR, CONST, VOLATILE, RESTRICT; TYPEDEF, TYPE_TAG */
		if (btf_kind(t) == BTF_KIND_TYPE_TAG && btf_kflag(t))
			w[0] = SHAPE_TYPE_ATTRIBUTE;
		w[1] = t->name_off;
		w[2] = index->rep[t->type];
		break;
	}
}

/* Entries @from up to @to: members, enumerators or parameters. */
static void shape_entries(const struct btf_index *index, const struct btf_type *t, uint32_t from,
			  uint32_t to, uint32_t *w)
{
	const struct btf_member *m = btf_extra(t);
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);
	const struct btf_param *p = btf_extra(t);

	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = from; i < to; i++, w += 4) {
			w[0] = m[i].name_off;
			w[1] = index->rep[m[i].type];
			w[2] = btf_member_bit_offset(t, i);
			w[3] = btf_member_bitfield_size(t, i);
		}
		break;
	case BTF_KIND_ENUM:
		for (uint32_t i = from; i < to; i++, w += 3) {
			w[0] = e[i].name_off;
			w[1] = (uint32_t)e[i].val;
			w[2] = 0;
		}
		break;
	case BTF_KIND_ENUM64:
		for (uint32_t i = from; i < to; i++, w += 3) {
			w[0] = e64[i].name_off;
			w[1] = e64[i].val_lo32;
			w[2] = e64[i].val_hi32;
		}
		break;
	case BTF_KIND_FUNC_PROTO:
		for (uint32_t i = from; i < to; i++, w += 2) {
			w[0] = p[i].name_off;
			w[1] = index->rep[p[i].type];
		}
		break;
	default:
		break;
	}
}

bool btf_is_definition(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf_type(btf, id);

	switch (btf_kind(t)) {
	case BTF_KIND_FWD:
		return false;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return btf_vlen(t) > 0;
	default:
		return true;
	}
}

static uint32_t nr_entries(const struct btf_type *t)
{
	return entry_words(btf_kind(t)) ? btf_vlen(t) : 0;
}

/* Is @words the shape of base type @id? */
static bool has_shape(const struct btf_index *index, uint32_t id, const uint32_t *words,
		      uint32_t nr)
{
	const struct btf_type *t = btf_type(index->base, id);
	uint32_t head = head_words(btf_kind(t)), each = entry_words(btf_kind(t)), have[64];
	uint32_t vlen = nr_entries(t), some = each ? 64 / each : 0;

	if (nr != head + vlen * each)
		return false;
	shape_head(index, t, have);
	if (memcmp(have, words, head * sizeof(*words)))
		return false;
	words += head;
	for (uint32_t i = 0; i < vlen; i += some, words += some * each) {
		uint32_t to = vlen - i < some ? vlen : i + some;

		shape_entries(index, t, i, to, have);
		if (memcmp(have, words, (to - i) * each * sizeof(*words)))
			return false;
	}
	return true;
}

/*
 * The table of shapes: 12 bits of hash, 20 bits of type id, which is what BTF can address
 * (BTF_MAX_TYPE).
 */
#define SHAPE_TAG 0xfff00000u
#define SHAPE_ID 0x000fffffu

static uint32_t find_shape(const struct btf_index *index, const uint32_t *words, uint32_t nr,
			   uint32_t hash, uint32_t *slot)
{
	uint32_t i = hash & index->shapes_mask;

	for (; index->shapes[i]; i = (i + 1) & index->shapes_mask)
		if (!((index->shapes[i] ^ hash) & SHAPE_TAG) &&
		    has_shape(index, index->shapes[i] & SHAPE_ID, words, nr))
			break;
	*slot = i;
	return index->shapes[i] & SHAPE_ID;
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
	default:
		return find_shape(index, words, nr, hash_bytes(words, nr * sizeof(*words)), &pos);
	}
}

/*
 * The order in which types are indexed. Kinds come mixed in BTF, and what is done for them differs:
 * all of one sort in a row is what a processor can foresee. Named types refer to nothing, and with
 * each sort most of what it refers to has been indexed.
 */
enum sort {
	SORT_NONE, /* without class: a module's function is never the base's */
	SORT_NAMED,
	SORT_OTHER,
	SORT_PTR,
	SORT_PROTO,
	SORT_NR,
};

/* By kind, without a name and with one. */
static const uint8_t sorts[BTF_KIND_NR][2] = {
	[BTF_KIND_INT] = { SORT_OTHER, SORT_OTHER },
	[BTF_KIND_PTR] = { SORT_PTR, SORT_OTHER },
	[BTF_KIND_ARRAY] = { SORT_OTHER, SORT_OTHER },
	[BTF_KIND_STRUCT] = { SORT_OTHER, SORT_NAMED },
	[BTF_KIND_UNION] = { SORT_OTHER, SORT_NAMED },
	[BTF_KIND_ENUM] = { SORT_OTHER, SORT_NAMED },
	[BTF_KIND_FWD] = { SORT_OTHER, SORT_NAMED },
	[BTF_KIND_TYPEDEF] = { SORT_OTHER, SORT_OTHER },
	[BTF_KIND_VOLATILE] = { SORT_OTHER, SORT_OTHER },
	[BTF_KIND_CONST] = { SORT_OTHER, SORT_OTHER },
	[BTF_KIND_RESTRICT] = { SORT_OTHER, SORT_OTHER },
	[BTF_KIND_FUNC_PROTO] = { SORT_PROTO, SORT_PROTO },
	[BTF_KIND_FLOAT] = { SORT_OTHER, SORT_OTHER },
	[BTF_KIND_DECL_TAG] = { SORT_OTHER, SORT_OTHER },
	[BTF_KIND_TYPE_TAG] = { SORT_OTHER, SORT_OTHER },
	[BTF_KIND_ENUM64] = { SORT_OTHER, SORT_NAMED },
};

/*
 * Shapes wait in a queue until their slot in the table has been fetched; hardly ever does one refer
 * to another that is still in it.
 */
#define QUEUE 8

struct deferred {
	uint32_t id;
	uint32_t hash;
};

/* An index being built. */
struct work {
	struct btf_index *index;
	words_t words; /* scratch: a shape */
	struct deferred queue[QUEUE];
	uint32_t queued, done; /* how many have been put into the queue, and taken out */
	struct error *err;
};

/* Makes type @id one more of the class of @rep. */
static void join_class(struct btf_index *index, uint32_t id, uint32_t rep)
{
	index->rep[id] = rep;
	index->same[id] = index->same[rep];
	index->same[rep] = id;
}

static int index_named(struct work *w, uint32_t id, uint32_t shape, uint32_t name)
{
	struct btf_index *index = w->index;
	uint32_t hash = named_hash(shape, name), pos;
	uint32_t rep = idtab_first(&index->named, hash, &pos);

	if (rep) {
		join_class(index, id, rep);
		return 0;
	}
	index->rep[id] = id;
	return idtab_add(&index->named, hash, id) ? 0 : error_nomem(w->err);
}

static void index_pointer(struct btf_index *index, uint32_t id, uint32_t target)
{
	uint32_t *rep = &index->ptr_to[index->rep[target]];

	if (*rep)
		join_class(index, id, *rep);
	else
		index->rep[id] = *rep = id;
}

/* Writes the shape of type @id into w->words, whose count it sets, and hashes it. */
static int hash_shape(struct work *w, uint32_t id, uint32_t *hash)
{
	const struct btf_type *t = btf_type(w->index->base, id);
	uint32_t head = head_words(btf_kind(t)), vlen = nr_entries(t);

	w->words.nr = 0;
	if (!vec_room(&w->words, head + vlen * entry_words(btf_kind(t))))
		return error_nomem(w->err);
	w->words.nr = head + vlen * entry_words(btf_kind(t));
	shape_head(w->index, t, w->words.at);
	shape_entries(w->index, t, 0, vlen, w->words.at + head);
	*hash = hash_bytes(w->words.at, w->words.nr * sizeof(*w->words.at));
	return 0;
}

/* Type @id, whose shape is in w->words, into the class that has it, or a new one. */
static void enter_shape(struct work *w, uint32_t id, uint32_t hash)
{
	struct btf_index *index = w->index;
	uint32_t slot, rep = find_shape(index, w->words.at, w->words.nr, hash, &slot);

	if (rep) {
		join_class(index, id, rep);
		return;
	}
	index->rep[id] = id;
	index->shapes[slot] = (hash & SHAPE_TAG) | id;
}

static int index_shape(struct work *w, uint32_t id)
{
	uint32_t hash;
	int ret;

	ret = hash_shape(w, id, &hash);
	if (!ret)
		enter_shape(w, id, hash);
	return ret;
}

static int take_from_queue(struct work *w)
{
	struct btf_index *index = w->index;
	struct deferred d = w->queue[w->done++ % QUEUE];
	uint32_t slot = d.hash & index->shapes_mask;
	int ret;

	if (!index->shapes[slot]) {
		index->rep[d.id] = d.id;
		index->shapes[slot] = (d.hash & SHAPE_TAG) | d.id;
		return 0;
	}
	ret = hash_shape(w, d.id, &d.hash);
	if (!ret)
		enter_shape(w, d.id, d.hash);
	return ret;
}

static int empty_queue(struct work *w)
{
	int ret = 0;

	while (w->done < w->queued && !ret)
		ret = take_from_queue(w);
	return ret;
}

static int index_type(struct work *w, uint32_t id, unsigned int depth);

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

static int index_refs(struct work *w, uint32_t id, unsigned int depth)
{
	const struct btf_type *t = btf_type(w->index->base, id);
	const struct btf_member *m = btf_extra(t);
	const struct btf_param *p = btf_extra(t);
	const struct btf_array *a = btf_extra(t);
	int ret = 0;

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FWD:
	case BTF_KIND_DECL_TAG:
		return 0;
	case BTF_KIND_ARRAY:
		note_array(w->index, a);
		return index_type(w, a->type, depth);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 0; i < btf_vlen(t) && !ret; i++)
			ret = index_type(w, m[i].type, depth);
		return ret;
	case BTF_KIND_FUNC_PROTO:
		for (uint32_t i = 0; i < btf_vlen(t) && !ret; i++)
			ret = index_type(w, p[i].type, depth);
		return ret ? ret : index_type(w, t->type, depth);
	default:
		return index_type(w, t->type, depth);
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

static int index_unnamed(struct work *w, uint32_t id, unsigned int depth)
{
	struct btf_index *index = w->index;
	const struct btf_type *t = btf_type(index->base, id);
	int ret;

	if (depth > MAX_DEPTH)
		return circle(index->base, id, w->err);
	index->rep[id] = IN_PROGRESS;
	ret = index_refs(w, id, depth + 1);
	if (ret)
		return ret;
	if (btf_kind(t) != BTF_KIND_PTR || t->name_off)
		return index_shape(w, id);
	index_pointer(index, id, t->type);
	return 0;
}

/* The unnamed type @id, which has not been indexed yet, into the queue. */
static int defer_shape(struct work *w, uint32_t id)
{
	struct btf_index *index = w->index;
	struct deferred *d;
	int ret;

	index->rep[id] = IN_PROGRESS;
	ret = index_refs(w, id, 1);
	if (!ret && w->queued - w->done == QUEUE)
		ret = take_from_queue(w);
	if (ret)
		return ret;
	d = &w->queue[w->queued++ % QUEUE];
	d->id = id;
	index->rep[id] = DEFERRED;
	ret = hash_shape(w, id, &d->hash);
	__builtin_prefetch(&index->shapes[d->hash & index->shapes_mask]);
	return ret;
}

/* Puts type @id into its class, and before it all types that its shape refers to. */
static int index_type(struct work *w, uint32_t id, unsigned int depth)
{
	struct btf_index *index = w->index;
	const struct btf_type *t;
	int ret;

	if (id >= btf_end_id(index->base))
		return error_set(w->err, -EINVAL, "base BTF: type id %u does not exist", id);
	if (index->rep[id] == IN_PROGRESS)
		return circle(index->base, id, w->err);
	if (index->rep[id] == DEFERRED)
		return empty_queue(w);
	if (!id || index->rep[id])
		return 0;
	t = btf_type(index->base, id);
	switch (sorts[btf_kind(t)][t->name_off != 0]) {
	case SORT_NONE:
		return 0;
	case SORT_NAMED:
		ret = check_members(index->base, id, w->err);
		return ret ? ret : index_named(w, id, btf_named_shape(t), t->name_off);
	default:
		return index_unnamed(w, id, depth);
	}
}

/* The arrays of an index, in one block. */
static size_t block_size(const struct btf_index *index)
{
	return ((size_t)btf_end_id(index->base) * 3 + index->shapes_mask + 1) * sizeof(uint32_t);
}

static int alloc_types(struct btf_index *index, struct error *err)
{
	uint32_t end = btf_end_id(index->base), nr_slots = 64;

	if (end > BTF_MAX_TYPE + 1)
		return error_set(err, -EINVAL, "base BTF: %u types are more than BTF can address",
				 end - 1);
	/* Two fifths of a kernel's types are functions and named types, which are not in the table. */
	while (nr_slots < end)
		nr_slots *= 2;
	index->shapes_mask = nr_slots - 1;
	index->rep = pages_alloc(block_size(index));
	if (!index->rep || !idtab_reserve(&index->named, end / 8))
		return error_nomem(err);
	index->same = index->rep + end;
	index->ptr_to = index->same + end;
	index->shapes = index->ptr_to + end;
	return 0;
}

/* How many types ahead the tables are fetched. */
#define FETCH_AHEAD 8

/* Fetches where the class of type @id will be looked for. */
static void fetch_class(const struct btf_index *index, enum sort sort, uint32_t id)
{
	const struct btf_type *t = btf_type(index->base, id);

	if (sort == SORT_NAMED)
		idtab_prefetch(&index->named, named_hash(btf_named_shape(t), t->name_off));
	else if (sort == SORT_PTR && t->type < btf_end_id(index->base))
		__builtin_prefetch(&index->ptr_to[t->type]);
}

static int index_sort(struct work *w, enum sort sort, const uint32_t *ids, uint32_t nr)
{
	struct btf_index *index = w->index;
	int ret = 0;

	for (uint32_t i = 0; i < nr && !ret; i++) {
		if (nr - i > FETCH_AHEAD)
			fetch_class(index, sort, ids[i + FETCH_AHEAD]);
		if ((sort == SORT_PROTO || sort == SORT_OTHER) && !index->rep[ids[i]])
			ret = defer_shape(w, ids[i]);
		else
			ret = index_type(w, ids[i], 0);
	}
	return ret;
}

/* Picks the INTs and FLOATs out of @ids. */
static int list_numbers(struct btf_index *index, const uint32_t *ids, uint32_t nr,
			struct error *err)
{
	words_t numbers = { 0 };

	for (uint32_t i = 0; i < nr; i++) {
		enum btf_kind kind = btf_kind(btf_type(index->base, ids[i]));

		if ((kind == BTF_KIND_INT || kind == BTF_KIND_FLOAT) &&
		    !vec_push(&numbers, ids[i])) {
			vec_free(&numbers);
			return error_nomem(err);
		}
	}
	index->numbers = numbers.at;
	index->nr_numbers = numbers.nr;
	return 0;
}

int btf_index_types(struct btf_index *index, struct error *err)
{
	struct work w = { .index = index, .err = err };
	uint32_t end = btf_end_id(index->base), *ids, nr[SORT_NR] = { 0 };
	int ret;

	ret = alloc_types(index, err);
	if (ret)
		return ret;
	ids = reallocarray(NULL, (size_t)end * SORT_NR, sizeof(*ids));
	if (!ids)
		return error_nomem(err);
	for (uint32_t id = 1; id < end; id++) {
		const struct btf_type *t = btf_type(index->base, id);
		enum sort sort = sorts[btf_kind(t)][t->name_off != 0];

		ids[sort * end + nr[sort]] = id;
		nr[sort] += sort != SORT_NONE;
	}
	ret = list_numbers(index, ids + (size_t)SORT_OTHER * end, nr[SORT_OTHER], err);
	for (enum sort sort = SORT_NAMED; sort < SORT_NR && !ret; sort++)
		ret = index_sort(&w, sort, ids + (size_t)sort * end, nr[sort]);
	if (!ret)
		ret = empty_queue(&w);
	vec_free(&w.words);
	free(ids);
	return ret;
}

void btf_index_init(struct btf_index *index, const struct btf *base)
{
	*index = (struct btf_index){ .base = base };
}

int btf_index_build(struct btf_index *index, const struct btf *base, struct error *err)
{
	int ret;

	btf_index_init(index, base);
	ret = btf_index_strings(index, err);
	if (!ret)
		ret = btf_index_types(index, err);
	if (ret)
		btf_index_free(index);
	return ret;
}

void btf_index_free(struct btf_index *index)
{
	if (index->borrowed) {
		*index = (struct btf_index){ 0 };
		return;
	}
	if (index->strings)
		pages_free(index->strings,
			   ((size_t)index->strings_mask + 1) * sizeof(*index->strings));
	if (index->rep)
		pages_free(index->rep, block_size(index));
	idtab_free(&index->named);
	free(index->numbers);
	*index = (struct btf_index){ 0 };
}
