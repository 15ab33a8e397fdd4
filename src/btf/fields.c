// SPDX-License-Identifier: GPL-2.0-only
#include "btf/fields.h"

#define HEAD ((uint32_t)(sizeof(struct btf_type) / sizeof(uint32_t)))
#define TYPE_WORD 2 /* of struct btf_type */

/* Entries of @words words from word HEAD on; the field that is meant is the word @field of each. */
static uint32_t next_entry(const struct btf_type *t, uint32_t at, uint32_t words, uint32_t field)
{
	const uint32_t entry = at < HEAD ? 0 : (at - HEAD) / words + 1;

	return entry < btf_vlen(t) ? HEAD + entry * words + field : 0;
}

uint32_t btf_words(const struct btf_type *t)
{
	return HEAD + (uint32_t)btf_extra_size(btf_kind(t), btf_vlen(t)) / 4;
}

uint32_t btf_next_id(const struct btf_type *t, uint32_t at)
{
	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
	case BTF_KIND_TYPE_TAG:
		return at < TYPE_WORD ? TYPE_WORD : 0;
	case BTF_KIND_ARRAY: /* element, index */
		return at < HEAD ? HEAD : at == HEAD ? HEAD + 1 : 0;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return next_entry(t, at, 3, 1);
	case BTF_KIND_FUNC_PROTO:
		return at < TYPE_WORD ? TYPE_WORD : next_entry(t, at, 2, 1);
	case BTF_KIND_DATASEC:
		return next_entry(t, at, 3, 0);
	default:
		return 0;
	}
}

uint32_t btf_next_str(const struct btf_type *t, uint32_t at)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM64:
		return next_entry(t, at, 3, 0);
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return next_entry(t, at, 2, 0);
	default:
		return 0;
	}
}

/* The type that a member of type @t has in it in turn, EMBEDS_NONE if it is none to go through. */
static uint32_t inner(const struct btf_type *t)
{
	const struct btf_array *a = btf_extra(t);

	if (btf_kind(t) == BTF_KIND_ARRAY)
		return a->type;
	return btf_kind_is_modifier(btf_kind(t)) ? t->type : EMBEDS_NONE;
}

uint32_t btf_embedded(const struct btf *btf, uint32_t *memo, uint32_t id)
{
	const struct btf_type *t;
	uint32_t at = id, next, found = EMBEDS_NONE;

	while ((t = btf_type(btf, at)) && !memo[at]) {
		next = inner(t);
		if (next == EMBEDS_NONE)
			break;
		memo[at] = EMBEDS_LOOP; /* that is, if it is seen again on this way */
		at = next;
	}
	if (t && memo[at])
		found = memo[at];
	else if (t && (btf_kind(t) == BTF_KIND_STRUCT || btf_kind(t) == BTF_KIND_UNION))
		found = at;
	if (found == EMBEDS_LOOP)
		return found;
	for (at = id; (t = btf_type(btf, at)) && memo[at] == EMBEDS_LOOP; at = inner(t))
		memo[at] = found;
	return found;
}
