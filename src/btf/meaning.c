// SPDX-License-Identifier: GPL-2.0-only
#include "btf/meaning.h"

#include "btf/declare.h"
#include "btf/index.h"

/* Of references that mean nothing. */
#define CLASS_NONE UINT32_MAX
#define BUSY (UINT32_MAX - 1)

/* First words of shapes besides kinds and SHAPE_NAMED_*. */
enum {
	SHAPE_TYPEDEF = 64,
	SHAPE_DEFINITION = 96, /* plus the kind */
};

/* Deepest nesting of unnamed types that is followed; real ones end below 100. */
#define MAX_DEPTH 512

/* A kernel with fewer types is none: a .BTF.base, or made for a test. */
#define KERNEL_TYPES 10000

void meaning_free(struct meaning *m)
{
	idtab_free(&m->names);
	idtab_free(&m->shapes);
	vec_free(&m->strings);
	vec_free(&m->places);
	vec_free(&m->pool);
	vec_free(&m->words);
}

int meaning_view_open(struct meaning_view *view, struct meaning *meaning, const struct btf *btf,
		      struct error *err)
{
	*view = (struct meaning_view){ .meaning = meaning, .btf = btf };
	view->names = calloc((size_t)btf_end_str(btf) + 1, sizeof(*view->names));
	view->classes = calloc((size_t)btf_end_id(btf) + 1, sizeof(*view->classes));
	if (view->names && view->classes)
		return 0;
	meaning_view_close(view);
	return error_nomem(err);
}

void meaning_view_close(struct meaning_view *view)
{
	free(view->names);
	free(view->classes);
	*view = (struct meaning_view){ 0 };
}

/* ---- names ---- */

static uint32_t find_name(const struct meaning *m, const char *str, uint32_t hash)
{
	uint32_t n, pos;

	for (n = idtab_first(&m->names, hash, &pos); n; n = idtab_next(&m->names, hash, &pos))
		if (!strcmp(m->strings.at[n - 1], str))
			return n;
	return 0;
}

uint32_t meaning_known_name(const struct meaning_view *view, uint32_t off)
{
	const char *str;
	uint32_t n;

	if (!off)
		return 0;
	if (view->names[off])
		return view->names[off] - 1;
	str = btf_str(view->btf, off);
	if (!*str)
		return 0;
	n = find_name(view->meaning, str, hash_bytes(str, strlen(str)));
	return n ? n : UINT32_MAX;
}

/* Numbers are kept plus 1, for the empty name may stand at many offsets. */
uint32_t meaning_name(struct meaning_view *view, uint32_t off)
{
	struct meaning *m = view->meaning;
	const char *str;
	uint32_t hash, n;

	if (!off)
		return 0;
	if (view->names[off])
		return view->names[off] - 1;
	str = btf_str(view->btf, off);
	if (!*str)
		return 0;
	hash = hash_bytes(str, strlen(str));
	n = find_name(m, str, hash);
	if (!n) {
		if (!vec_push(&m->strings, str) || !idtab_add(&m->names, hash, m->strings.nr)) {
			m->nomem = true;
			return 0;
		}
		n = m->strings.nr;
	}
	view->names[off] = n + 1;
	return n;
}

/* ---- shapes ---- */

static void push(struct meaning *m, uint32_t word)
{
	if (!vec_push(&m->words, word))
		m->nomem = true;
}

/* The number of the shape that stands in words from @start on, which are taken back. */
static uint32_t number_shape(struct meaning *m, uint32_t start)
{
	const uint32_t nr = m->words.nr - start;
	const uint32_t *words = m->words.at + start;
	uint32_t n, pos, hash;

	if (m->nomem)
		return CLASS_NONE;
	m->words.nr = start;
	hash = hash_bytes(words, nr * sizeof(*words));
	for (n = idtab_first(&m->shapes, hash, &pos); n; n = idtab_next(&m->shapes, hash, &pos)) {
		const uint32_t *have = m->pool.at + m->places.at[n - 1];

		if (have[0] == nr && !memcmp(have + 1, words, nr * sizeof(*words)))
			return n;
	}
	if (!vec_push(&m->places, m->pool.nr) || !vec_room(&m->pool, nr + 1) ||
	    !idtab_add(&m->shapes, hash, m->places.nr)) {
		m->nomem = true;
		return CLASS_NONE;
	}
	m->pool.at[m->pool.nr] = nr;
	memcpy(m->pool.at + m->pool.nr + 1, words, nr * sizeof(*words));
	m->pool.nr += nr + 1;
	return m->places.nr;
}

static uint32_t class_of(struct meaning_view *view, uint32_t id, unsigned int depth);

static void push_members(struct meaning_view *view, const struct btf_type *t, unsigned int depth)
{
	const struct btf_member *m = btf_extra(t);

	push(view->meaning, t->size);
	for (uint32_t i = 0; i < btf_vlen(t) && !view->meaning->nomem; i++) {
		push(view->meaning, meaning_name(view, m[i].name_off));
		push(view->meaning, class_of(view, m[i].type, depth));
		push(view->meaning, btf_member_bit_offset(t, i));
		push(view->meaning, btf_member_bitfield_size(t, i));
	}
}

/* ENUM and ENUM64 with the same values are the same: which it is, the encoder chose. */
static void push_values(struct meaning_view *view, const struct btf_type *t)
{
	const bool is64 = btf_kind(t) == BTF_KIND_ENUM64;
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);

	push(view->meaning, t->size);
	for (uint32_t i = 0; i < btf_vlen(t) && !view->meaning->nomem; i++) {
		bool negative;
		const uint64_t value = (uint64_t)btf_enumerator_value(t, i, &negative);

		push(view->meaning, meaning_name(view, is64 ? e64[i].name_off : e[i].name_off));
		push(view->meaning, (uint32_t)value);
		push(view->meaning, (uint32_t)(value >> 32));
	}
}

static void push_params(struct meaning_view *view, const struct btf_type *t, unsigned int depth)
{
	const struct btf_param *p = btf_extra(t);

	push(view->meaning, class_of(view, t->type, depth));
	for (uint32_t i = 0; i < btf_vlen(t) && !view->meaning->nomem; i++) {
		push(view->meaning, meaning_name(view, p[i].name_off));
		push(view->meaning, class_of(view, p[i].type, depth));
	}
}

/* An array, or with m->flat the whole of arrays in arrays. */
static void push_array(struct meaning_view *view, const struct btf_type *t, unsigned int depth)
{
	const struct btf_array *a = btf_extra(t);
	uint64_t nelems = a->nelems;

	for (int i = 0; view->meaning->flat && i < MAX_DEPTH; i++) {
		const struct btf_type *inner = btf_type(view->btf, a->type);

		if (!inner || btf_kind(inner) != BTF_KIND_ARRAY)
			break;
		a = btf_extra(inner);
		nelems = (uint32_t)nelems * (uint64_t)a->nelems;
	}
	push(view->meaning, class_of(view, a->type, depth));
	push(view->meaning, (uint32_t)nelems);
}

/* Pushes what @t is made of, without first word and name. */
static void push_content(struct meaning_view *view, const struct btf_type *t, unsigned int depth)
{
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		push(view->meaning, t->size);
		push(view->meaning, *(const uint32_t *)btf_extra(t));
		break;
	case BTF_KIND_FLOAT:
		push(view->meaning, t->size);
		break;
	case BTF_KIND_ARRAY:
		push_array(view, t, depth);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		push_members(view, t, depth);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		push_values(view, t);
		break;
	case BTF_KIND_FUNC_PROTO:
		push_params(view, t, depth);
		break;
	case BTF_KIND_FWD:
	case BTF_KIND_DATASEC:
		break;
	default:
		push(view->meaning, class_of(view, t->type, depth));
		break;
	}
}

/* ENUM64 counts as ENUM. */
static uint32_t plain_kind(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_ENUM64 ? BTF_KIND_ENUM : btf_kind(t);
}

static uint32_t class_of_type(struct meaning_view *view, const struct btf_type *t,
			      unsigned int depth)
{
	struct meaning *m = view->meaning;
	const uint32_t start = m->words.nr;
	const uint32_t name = meaning_name(view, t->name_off);
	const enum btf_kind kind = btf_kind(t);

	if (kind == BTF_KIND_TYPEDEF) {
		push(m, SHAPE_TYPEDEF);
		push(m, name);
	} else if (name && btf_named_shape(t)) {
		push(m, btf_named_shape(t));
		push(m, name);
	} else if (kind == BTF_KIND_INT) {
		/* By name as well: that char is unsigned from 6.2 on changes char, not its users. */
		push(m, BTF_KIND_INT);
		push(m, name);
		push(m, t->size);
		push(m, *(const uint32_t *)btf_extra(t) & 0xffffff);
	} else {
		push(m, plain_kind(t) | (kind == BTF_KIND_TYPE_TAG ? btf_kflag(t) << 8 : 0));
		push(m, name);
		push_content(view, t, depth + 1);
	}
	return number_shape(m, start);
}

static uint32_t class_of(struct meaning_view *view, uint32_t id, unsigned int depth)
{
	const struct btf_type *t = btf_type(view->btf, id);
	uint32_t *class;

	if (!id)
		return 0;
	if (!t || depth > MAX_DEPTH || view->meaning->nomem)
		return CLASS_NONE;
	class = &view->classes[id];
	if (*class == BUSY)
		return CLASS_NONE;
	if (!*class) {
		*class = BUSY;
		*class = class_of_type(view, t, depth);
	}
	return *class;
}

uint32_t meaning_class(struct meaning_view *view, uint32_t id)
{
	return class_of(view, id, 0);
}

uint32_t meaning_definition(struct meaning_view *view, uint32_t id)
{
	const struct btf_type *t = btf_type(view->btf, id);
	struct meaning *m = view->meaning;
	const uint32_t start = m->words.nr;

	if (!t)
		return CLASS_NONE;
	push(m, SHAPE_DEFINITION + plain_kind(t));
	push(m, meaning_name(view, t->name_off));
	push_content(view, t, 0);
	return number_shape(m, start);
}

bool meaning_lacks_nesting(const struct btf *btf)
{
	while (btf->base)
		btf = btf->base;
	if (btf->nr < KERNEL_TYPES)
		return false;
	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
		const struct btf_type *t = btf_type(btf, id);

		if (btf_kind(t) != BTF_KIND_ARRAY)
			continue;
		t = btf_type(btf, ((const struct btf_array *)btf_extra(t))->type);
		if (t && btf_kind(t) == BTF_KIND_ARRAY)
			return false;
	}
	return true;
}
