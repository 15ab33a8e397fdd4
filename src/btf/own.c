// SPDX-License-Identifier: GPL-2.0-only
#include "btf/own.h"

bool own_init(struct own *own)
{
	*own = (struct own){ 0 };
	/* Small modules have about as many. */
	return vec_push(&own->records, (struct own_record){ 0 }) &&
	       idtab_reserve(&own->table, 1024);
}

void own_free(struct own *own)
{
	vec_free(&own->records);
	vec_free(&own->pool);
	idtab_free(&own->table);
}

static uint32_t find_or_add(struct own *own, const uint32_t *words, uint32_t nr)
{
	uint32_t hash = hash_bytes(words, nr * sizeof(*words)), n, pos;

	for (n = idtab_first(&own->table, hash, &pos); n; n = idtab_next(&own->table, hash, &pos)) {
		const struct own_record *rec = &own->records.at[n];

		if (rec->nr == nr && !memcmp(own->pool.at + rec->at, words, nr * sizeof(*words)))
			return OWN_REF | n;
	}
	n = own_new(own, words, nr) & ~OWN_REF;
	return n && idtab_add(&own->table, hash, n) ? OWN_REF | n : 0;
}

/* Pointers are the most common, and need not be looked for twice. */
uint32_t own_ref(struct own *own, const uint32_t *words, uint32_t nr)
{
	uint32_t to, ref;

	if (nr != 3 || words[0] != BTF_KIND_PTR || !ref_is_own(words[2]))
		return find_or_add(own, words, nr);
	to = words[2] & ~OWN_REF;
	ref = own->records.at[to].ptr;
	if (!ref) {
		ref = find_or_add(own, words, nr); /* records may move */
		own->records.at[to].ptr = ref;
	}
	return ref;
}

uint32_t own_new(struct own *own, const uint32_t *words, uint32_t nr)
{
	uint32_t n = own->records.nr;

	if (n >= OWN_REF - 16 || !vec_room(&own->pool, nr) ||
	    !vec_push(&own->records, ((struct own_record){ .at = own->pool.nr, .nr = nr })))
		return 0;
	memcpy(own->pool.at + own->pool.nr, words, nr * sizeof(*words));
	own->pool.nr += nr;
	return OWN_REF | n;
}

uint32_t own_next_ref(const uint32_t *words, uint32_t nr, uint32_t pos)
{
	switch (words[0]) {
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_FUNC:
	case BTF_KIND_DECL_TAG:
	case SHAPE_TYPE_ATTRIBUTE:
	case SHAPE_DECL_ATTRIBUTE:
		return pos ? 0 : 2;
	case BTF_KIND_ARRAY:
		return pos ? 0 : 1;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		pos = pos ? pos + 4 : 3;
		return pos < nr ? pos : 0;
	case BTF_KIND_FUNC_PROTO:
		pos = pos ? pos + 2 : 1;
		return pos < nr ? pos : 0;
	case SHAPE_DEF_STRUCT:
	case SHAPE_DEF_UNION:
		pos = !pos ? 3 : pos == 3 ? 5 : pos + 4;
		return pos < nr ? pos : 0;
	case SHAPE_DEF_ENUM:
	case SHAPE_DEF_ENUM64:
		return pos ? 0 : 3;
	default: /* INT, FLOAT, anonymous enums, SHAPE_NAMED_* */
		return 0;
	}
}
