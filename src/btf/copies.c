// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each own type is given a class: that of base types which it equals, or one of its own. Classes
 * of the base are found by shape (btf/index.h); own ones are kept in a table of the same shapes,
 * with own classes where those have representatives.
 */
#include "btf/copies.h"

#include "btf/duplicates.h"
#include "btf/homonym.h"

#define UNSET UINT32_MAX
#define BUSY (UINT32_MAX - 1) /* being worked out: meeting it again is a circle */
#define NONE (UINT32_MAX - 2) /* of no class: a circle, a type that does not exist, FUNC, VAR */

/* A class of own types is this plus the number of its first type. */
#define OWN_CLASS 0x80000000u

/* Deepest nesting of unnamed types that is followed; real ones end below 100. */
#define MAX_DEPTH 512

/*
 * A name that the base only declares is the module's to define, and what refers to the definition
 * is the module's own. But a definition that the base has as well is the same with either: what is
 * compared there are names.
 */
enum mode { BY_DEFINITION, BY_NAME, NR_MODES };

struct compare {
	const struct btf *btf;
	const struct btf_index *index;
	btf_related_t *out;
	uint32_t *names; /* of own strings by offset: the base's offset of the same, or its own */
	enum mode mode;
	uint32_t *classes[NR_MODES]; /* of own types; by name, only those of the base */
	struct idtab
		definitions; /* of names that mean an own type: their first definitions, plus 1 */
	bool *is_own; /* of own types: a definition that the class of its name does not hold */
	struct idtab shapes; /* own classes: numbers of their first types, plus 1 */
	uint32_t *shape;     /* of these: where in pool its shape stands, length first */
	words_t pool, words, ours, theirs;
	bool nomem;
};

/* The name at @off, as the base knows it where it has the same string. */
static uint32_t name_of(struct compare *c, uint32_t off)
{
	const uint32_t own = off - c->btf->start_str;
	const char *str;
	uint32_t id;
	size_t len;

	if (off < c->btf->start_str)
		return off;
	if (c->names[own])
		return c->names[own];
	str = btf_str(c->btf, off);
	len = strlen(str);
	if (!len)
		return 0;
	id = btf_index_str(c->index, str, len, hash_bytes(str, len));
	c->names[own] = id ? id : off;
	return c->names[own];
}

static uint32_t class_of(struct compare *c, uint32_t id, unsigned int depth);

static uint32_t named_hash(uint32_t shape, uint32_t name)
{
	return hash_u64((uint64_t)shape << 32 | name);
}

static bool is_named(const struct btf_type *t)
{
	return t->name_off && btf_named_shape(t);
}

/* Is @t a definition of its name? */
static bool defines(const struct btf_type *t)
{
	return is_named(t) && btf_kind(t) != BTF_KIND_FWD;
}

/* The own definition of that name which the base's class does not hold, by number; nr if none. */
static uint32_t own_definition(struct compare *c, uint32_t shape, uint32_t name)
{
	uint32_t n, pos, hash = named_hash(shape, name);

	for (n = idtab_first(&c->definitions, hash, &pos); n;
	     n = idtab_next(&c->definitions, hash, &pos)) {
		const struct btf_type *t = btf_type(c->btf, c->btf->start_id + n - 1);

		if (btf_named_shape(t) == shape && name_of(c, t->name_off) == name)
			return n - 1;
	}
	return c->btf->nr;
}

/* The class of own types with the shape @words; that of type number @own if there is none yet. */
static uint32_t own_class(struct compare *c, const uint32_t *words, uint32_t nr, uint32_t own)
{
	const uint32_t hash = hash_bytes(words, nr * sizeof(*words));
	uint32_t n, pos, start;

	if (c->mode == BY_NAME)
		return NONE;
	for (n = idtab_first(&c->shapes, hash, &pos); n; n = idtab_next(&c->shapes, hash, &pos)) {
		const uint32_t *have = c->pool.at + c->shape[n - 1];

		if (have[0] == nr && !memcmp(have + 1, words, nr * sizeof(*words)))
			return OWN_CLASS + n - 1;
	}
	start = c->pool.nr;
	if (!vec_room(&c->pool, nr + 1) || !idtab_add(&c->shapes, hash, own + 1)) {
		c->nomem = true;
		return NONE;
	}
	c->pool.at[start] = nr;
	memcpy(c->pool.at + start + 1, words, nr * sizeof(*words));
	c->pool.nr += nr + 1;
	c->shape[own] = start;
	return OWN_CLASS + own;
}

/* Has the base nothing but declarations of this class? */
static bool only_declared(const struct btf_index *index, uint32_t rep)
{
	for (; rep; rep = index->same[rep])
		if (btf_is_definition(index->base, rep))
			return false;
	return true;
}

/* References to a name: the base's class, unless the name is the module's own. */
static uint32_t class_of_named(struct compare *c, const struct btf_type *t, uint32_t own)
{
	uint32_t words[3] = { btf_named_shape(t), name_of(c, t->name_off), 0 };
	const uint32_t rep = btf_index_class(c->index, words, 2);
	const uint32_t definition = own_definition(c, words[0], words[1]);

	if (rep && (defines(t) ? !c->is_own[own] : definition == c->btf->nr))
		return rep;
	if (rep && c->mode == BY_NAME && only_declared(c->index, rep))
		return rep;
	/* Of several own definitions each is a class of its own. */
	if (defines(t) && definition != own)
		words[2] = own + 1;
	return own_class(c, words, 3, own);
}

/* Appends a word that is a class. False if the type it is in has no class then. */
static bool push_class(struct compare *c, uint32_t id, unsigned int depth)
{
	const uint32_t class = class_of(c, id, depth + 1);

	if (class == NONE)
		return false;
	if (!vec_push(&c->words, class))
		c->nomem = true;
	return !c->nomem;
}

static bool push(struct compare *c, uint32_t word)
{
	if (!vec_push(&c->words, word))
		c->nomem = true;
	return !c->nomem;
}

static bool push_members(struct compare *c, const struct btf_type *t, unsigned int depth)
{
	const struct btf_member *m = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++)
		if (!push(c, name_of(c, m[i].name_off)) || !push_class(c, m[i].type, depth) ||
		    !push(c, btf_member_bit_offset(t, i)) ||
		    !push(c, btf_member_bitfield_size(t, i)))
			return false;
	return true;
}

static bool push_values(struct compare *c, const struct btf_type *t)
{
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);
	const bool is64 = btf_kind(t) == BTF_KIND_ENUM64;

	for (uint32_t i = 0; i < btf_vlen(t); i++)
		if (!push(c, name_of(c, is64 ? e64[i].name_off : e[i].name_off)) ||
		    !push(c, is64 ? e64[i].val_lo32 : (uint32_t)e[i].val) ||
		    !push(c, is64 ? e64[i].val_hi32 : 0))
			return false;
	return true;
}

/* Appends the shape of @t, as btf/index.c has it. False if it has no class. */
static bool push_shape(struct compare *c, const struct btf_type *t, unsigned int depth)
{
	const struct btf_array *a = btf_extra(t);
	const struct btf_param *p = btf_extra(t);
	const enum btf_kind kind = btf_kind(t);

	if (!push(c, kind))
		return false;
	switch (kind) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
		return push(c, name_of(c, t->name_off)) && push(c, t->size) &&
		       push(c, kind == BTF_KIND_INT ? *(const uint32_t *)btf_extra(t) : 0);
	case BTF_KIND_ARRAY:
		return push_class(c, a->type, depth) && push(c, a->nelems);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return push(c, t->size) && push_members(c, t, depth);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return push(c, t->size) && push_values(c, t);
	case BTF_KIND_FUNC_PROTO:
		if (!push_class(c, t->type, depth))
			return false;
		for (uint32_t i = 0; i < btf_vlen(t); i++)
			if (!push(c, name_of(c, p[i].name_off)) || !push_class(c, p[i].type, depth))
				return false;
		return true;
	case BTF_KIND_DECL_TAG:
		/* A tag is on one definition, not on all that share its name. */
		return push(c, name_of(c, t->name_off)) && push(c, t->type) &&
		       push(c, *(const uint32_t *)btf_extra(t));
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return push(c, name_of(c, t->name_off)) && push_class(c, t->type, depth);
	default:
		return false;
	}
}

/* May the shape @words of @t be one of the base: does it refer to nothing but the base's classes? */
static bool may_be_base(const struct compare *c, const struct btf_type *t, const uint32_t *words,
			uint32_t nr)
{
	const enum btf_kind kind = btf_kind(t);
	const uint32_t end = c->btf->start_id;

	switch (kind) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return true;
	case BTF_KIND_ARRAY:
		return words[1] < end;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 3; i < nr; i += 4)
			if (words[i] >= end)
				return false;
		return true;
	case BTF_KIND_FUNC_PROTO:
		for (uint32_t i = 1; i < nr; i += 2)
			if (words[i] >= end)
				return false;
		return true;
	default:
		return words[2] < end;
	}
}

static uint32_t class_of_shape(struct compare *c, const struct btf_type *t, uint32_t own,
			       unsigned int depth)
{
	const uint32_t start = c->words.nr;
	uint32_t class = NONE, nr;

	if (push_shape(c, t, depth)) {
		const uint32_t *words = c->words.at + start;

		nr = c->words.nr - start;
		class = may_be_base(c, t, words, nr) ? btf_index_class(c->index, words, nr) : 0;
		if (!class)
			class = own_class(c, words, nr, own);
	}
	c->words.nr = start;
	return class;
}

static uint32_t class_of(struct compare *c, uint32_t id, unsigned int depth)
{
	const struct btf_type *t = btf_type(c->btf, id);
	const uint32_t own = id - c->btf->start_id;
	uint32_t *class;

	if (!id)
		return 0;
	if (!t || depth > MAX_DEPTH || c->nomem)
		return NONE;
	if (id < c->btf->start_id)
		return c->index->rep[id] ? c->index->rep[id] : NONE;
	class = &c->classes[c->mode][own];
	if (*class == BUSY)
		return NONE;
	if (*class == UNSET) {
		*class = BUSY;
		*class = is_named(t) ? class_of_named(c, t, own) : class_of_shape(c, t, own, depth);
	}
	return *class;
}

/* Do two definitions agree in all but the types of members? */
static bool agrees(struct compare *c, const struct btf_type *t, const struct btf_type *b)
{
	const struct btf_member *m = btf_extra(t), *bm = btf_extra(b);
	const uint32_t *w = btf_extra(t), *bw = btf_extra(b);
	const enum btf_kind kind = btf_kind(t);

	if (kind != btf_kind(b) || btf_vlen(t) != btf_vlen(b) || t->size != b->size)
		return false;
	if (kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64) {
		const uint32_t words = kind == BTF_KIND_ENUM ? 2 : 3;

		for (uint32_t i = 0; i < btf_vlen(t); i++, w += words, bw += words)
			if (name_of(c, w[0]) != bw[0] ||
			    memcmp(w + 1, bw + 1, (words - 1) * sizeof(*w)))
				return false;
		return true;
	}
	for (uint32_t i = 0; i < btf_vlen(t); i++)
		if (btf_member_bit_offset(t, i) != btf_member_bit_offset(b, i) ||
		    btf_member_bitfield_size(t, i) != btf_member_bitfield_size(b, i) ||
		    name_of(c, m[i].name_off) != bm[i].name_off)
			return false;
	return true;
}

static bool equals(struct compare *c, const struct btf_type *t, const struct btf_type *b)
{
	const struct btf_member *m = btf_extra(t), *bm = btf_extra(b);
	bool same = true;

	if (!agrees(c, t, b))
		return false;
	if (btf_kind(t) == BTF_KIND_ENUM || btf_kind(t) == BTF_KIND_ENUM64)
		return true;
	c->mode = BY_NAME;
	for (uint32_t i = 0; i < btf_vlen(t) && same; i++)
		same = class_of(c, m[i].type, 0) == c->index->rep[bm[i].type];
	c->mode = BY_DEFINITION;
	return same;
}

/*
 * Does the own definition @t share only its name with the base's of the class @rep? As homonym() in
 * btf/homonym.h.
 */
static bool is_homonym(struct compare *c, const struct btf_type *t, uint32_t rep)
{
	bool found = false;

	if (!btf_vlen(t))
		return false;
	for (uint32_t b = rep; b; b = c->index->same[b])
		if (agrees(c, t, btf_type(c->index->base, b)))
			return false;
	c->ours.nr = 0;
	if (!definition_names(c->btf, t, &c->ours))
		c->nomem = true;
	for (uint32_t i = 0; i < c->ours.nr; i++)
		c->ours.at[i] = name_of(c, c->ours.at[i]);
	for (uint32_t b = rep; b && !c->nomem; b = c->index->same[b]) {
		const struct btf_type *bt = btf_type(c->index->base, b);

		if (btf_kind(bt) == BTF_KIND_FWD || !btf_vlen(bt))
			continue;
		found = true;
		c->theirs.nr = 0;
		if (!definition_names(c->index->base, bt, &c->theirs))
			c->nomem = true;
		else if (names_akin(&c->ours, &c->theirs))
			return false;
	}
	return found;
}

/* The class that the base has of the name of definition @t, 0 if it has none. */
static uint32_t base_class(struct compare *c, const struct btf_type *t)
{
	const uint32_t words[] = { btf_named_shape(t), name_of(c, t->name_off) };

	return btf_index_class(c->index, words, 2);
}

/* Which names mean an own type? This has to be known before anything that refers to them. */
static void settle_definitions(struct compare *c)
{
	for (uint32_t own = 0; own < c->btf->nr && !c->nomem; own++) {
		const struct btf_type *t = btf_type(c->btf, c->btf->start_id + own);
		uint32_t rep, name;

		if (!defines(t))
			continue;
		rep = base_class(c, t);
		c->is_own[own] = only_declared(c->index, rep) || is_homonym(c, t, rep);
		if (!c->is_own[own])
			continue;
		name = name_of(c, t->name_off);
		if (own_definition(c, btf_named_shape(t), name) == c->btf->nr &&
		    !idtab_add(&c->definitions, named_hash(btf_named_shape(t), name), own + 1))
			c->nomem = true;
	}
}

static void found(struct compare *c, enum btf_relation relation, uint32_t id, uint32_t other)
{
	if (!vec_push(c->out, ((struct btf_related){ relation, id, other })))
		c->nomem = true;
}

static void relate_definition(struct compare *c, uint32_t id, const struct btf_type *t)
{
	const uint32_t rep = base_class(c, t);

	if (!rep || only_declared(c->index, rep))
		return;
	for (uint32_t b = rep; b; b = c->index->same[b]) {
		if (equals(c, t, btf_type(c->index->base, b))) {
			found(c, BTF_COPY, id, b);
			return;
		}
	}
	found(c, c->is_own[id - c->btf->start_id] ? BTF_HOMONYM : BTF_DRIFT, id, rep);
}

static void relate(struct compare *c, uint32_t id)
{
	const struct btf_type *t = btf_type(c->btf, id);
	const uint32_t class = class_of(c, id, 0);

	if (defines(t))
		relate_definition(c, id, t);
	else if (class == NONE)
		return;
	else if (class < OWN_CLASS)
		found(c, BTF_COPY, id, class);
	else if (class != OWN_CLASS + id - c->btf->start_id && !is_named(t))
		found(c, BTF_DUPLICATE, id, class - OWN_CLASS + c->btf->start_id);
}

static int compare_init(struct compare *c, struct error *err)
{
	const size_t nr = (size_t)c->btf->nr + 1;

	c->names = calloc(c->btf->strs.size + 1, sizeof(*c->names));
	c->classes[BY_DEFINITION] = malloc(2 * nr * sizeof(uint32_t));
	c->shape = malloc(nr * sizeof(*c->shape));
	c->is_own = calloc(nr, sizeof(*c->is_own));
	if (!c->names || !c->classes[0] || !c->shape || !c->is_own)
		return error_nomem(err);
	memset(c->classes[0], 0xff, 2 * nr * sizeof(uint32_t));
	c->classes[BY_NAME] = c->classes[BY_DEFINITION] + nr;
	return 0;
}

static void compare_free(struct compare *c)
{
	free(c->names);
	free(c->classes[0]);
	free(c->shape);
	free(c->is_own);
	idtab_free(&c->definitions);
	idtab_free(&c->shapes);
	vec_free(&c->pool);
	vec_free(&c->words);
	vec_free(&c->ours);
	vec_free(&c->theirs);
}

int btf_find_related(const struct btf *btf, const struct btf_index *index, btf_related_t *out,
		     struct error *err)
{
	struct compare c = { .btf = btf, .index = index, .out = out };
	const uint32_t first = out->nr;
	int ret;

	ret = compare_init(&c, err);
	if (!ret) {
		settle_definitions(&c);
		for (uint32_t id = btf->start_id; id < btf_end_id(btf) && !c.nomem; id++)
			relate(&c, id);
		if (c.nomem)
			ret = error_nomem(err);
	}
	if (!ret)
		ret = btf_duplicate_definitions(btf, first, out, err);
	compare_free(&c);
	return ret;
}
