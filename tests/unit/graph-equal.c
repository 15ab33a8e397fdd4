// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second opinion on which types are equal, from the bytes alone: types are in one class while
 * nothing tells them apart, first what stands in them, then the classes of what they refer to. It
 * walks through all pointers, which the rule does not; so it finds fewer equal ones than the rule,
 * and what it does find is a fault.
 */
#include "test.h"

#include "graph-fixture.h"

struct equal {
	const struct btf *btf;
	uint32_t end;
	uint32_t *class; /* of each type id: the lowest id in its class */
	uint32_t *next;
};

/* The words of a type that are type ids, counted from its start; false for all others. */
static bool is_type_word(const struct btf_type *t, uint32_t word)
{
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FWD:
		return false;
	case BTF_KIND_ARRAY:
		return word == 3;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return word > 3 && word % 3 == 1;
	case BTF_KIND_FUNC_PROTO:
		return word == 2 || (word > 3 && word % 2 == 0);
	case BTF_KIND_DATASEC:
		return word >= 3 && word % 3 == 0;
	default:
		return word == 2;
	}
}

static uint32_t nr_words(const struct btf_type *t)
{
	return 3 + (uint32_t)btf_extra_size(btf_kind(t), btf_vlen(t)) / 4;
}

/* Is a type that may be written twice: no function, no variable. */
static bool counts(const struct btf_type *t)
{
	return btf_kind(t) != BTF_KIND_FUNC && btf_kind(t) != BTF_KIND_VAR &&
	       btf_kind(t) != BTF_KIND_DATASEC;
}

static bool alike(const struct equal *e, uint32_t a, uint32_t b)
{
	const struct btf_type *x = btf_type(e->btf, a), *y = btf_type(e->btf, b);
	const uint32_t *v = (const uint32_t *)x, *w = (const uint32_t *)y;

	/* The flag of a struct only says how offsets are written. */
	if (btf_kind(x) != btf_kind(y) || btf_vlen(x) != btf_vlen(y))
		return false;
	for (uint32_t i = 0; i < nr_words(x); i++) {
		if (i == 1 || (btf_kind(x) == BTF_KIND_ARRAY && i == 4))
			continue;
		if (is_type_word(x, i) ? e->class[v[i]] != e->class[w[i]] : v[i] != w[i])
			return false;
	}
	return btf_kind(x) != BTF_KIND_FWD || btf_kflag(x) == btf_kflag(y);
}

static bool refine(struct equal *e)
{
	bool changed = false;

	for (uint32_t id = 1; id < e->end; id++) {
		uint32_t to = 1;

		while (to < id && (e->class[to] != e->class[id] || !alike(e, to, id)))
			to++;
		e->next[id] = to;
	}
	for (uint32_t id = 1; id < e->end; id++) {
		changed = changed || e->class[id] != e->next[id];
		e->class[id] = e->next[id];
	}
	return changed;
}

/* An own declaration of what is defined in the base, or by ourselves, equals that. */
static void no_needless_declaration(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf_type(btf, id);

	if (btf_kind(t) != BTF_KIND_FWD)
		return;
	for (uint32_t i = 1; i < btf_end_id(btf); i++) {
		const struct btf_type *u = btf_type(btf, i);
		const enum btf_kind kind = btf_kflag(t) ? BTF_KIND_UNION : BTF_KIND_STRUCT;
		const bool declares = btf_kind(u) == BTF_KIND_FWD && btf_kflag(u) == btf_kflag(t);

		if ((btf_kind(u) == kind || (declares && i != id)) &&
		    !strcmp(btf_name(btf, t), btf_name(btf, u)))
			fail_msg("own declaration %u of %s, which is type %u", id, btf_name(btf, t),
				 i);
	}
}

void no_equal_types(const struct btf *btf)
{
	struct equal e = { .btf = btf, .end = btf_end_id(btf) };

	e.class = calloc(e.end, sizeof(*e.class));
	e.next = calloc(e.end, sizeof(*e.next));
	assert_non_null(e.class);
	assert_non_null(e.next);
	while (refine(&e))
		;
	for (uint32_t id = btf->start_id; id < e.end; id++) {
		const struct btf_type *t = btf_type(btf, id);

		if (counts(t) && e.class[id] != id)
			fail_msg("own type %u %s '%s' equals type %u", id,
				 btf_kind_name(btf_kind(t)), btf_name(btf, t), e.class[id]);
		no_needless_declaration(btf, id);
	}
	free(e.class);
	free(e.next);
}
