// SPDX-License-Identifier: GPL-2.0-only
#include "btf/caps.h"

#include "btf/implicit.h"
#include "btf/sort.h"
#include "util/hash.h"

void btf_caps_read(struct btf_caps *caps, const struct btf_index *index)
{
	const struct {
		enum btf_kind kind;
		const char *function;
		bool *found;
	} asked[] = {
		{ BTF_KIND_FLOAT, "btf_float_check_meta", &caps->floats },
		{ BTF_KIND_DECL_TAG, "btf_decl_tag_check_meta", &caps->decl_tags },
		/* The kind has no function of its own; this one came with it. */
		{ BTF_KIND_TYPE_TAG, "btf_check_type_tags", &caps->type_tags },
		{ BTF_KIND_ENUM64, "btf_enum64_check_meta", &caps->enum64 },
		{ BTF_KIND_UNKN, "btf_relocate", &caps->relocates },
	};
	enum { NR = sizeof(asked) / sizeof(*asked) };
	uint32_t functions[NR], kinds = 0;
	const struct btf *base = index->base;

	*caps = (struct btf_caps){ 0 };
	for (size_t i = 0; i < NR; i++) {
		size_t len = strlen(asked[i].function);

		functions[i] = btf_index_str(index, asked[i].function, len,
					     hash_bytes(asked[i].function, len));
	}
	for (uint32_t id = base->start_id; id < btf_end_id(base); id++) {
		const struct btf_type *t = btf_type(base, id);

		kinds |= 1u << btf_kind(t);
		for (size_t i = 0; i < NR && btf_kind(t) == BTF_KIND_FUNC; i++)
			if (functions[i] && t->name_off == functions[i])
				*asked[i].found = true;
	}
	for (size_t i = 0; i < NR; i++)
		*asked[i].found = *asked[i].found || kinds >> asked[i].kind & 1;
	caps->sorted = btf_sorted(base);
}

/* The prototype of FUNC @t, NULL for any other type. */
static const struct btf_type *proto_of(const struct btf *btf, const struct btf_type *t)
{
	const struct btf_type *proto;

	if (btf_kind(t) != BTF_KIND_FUNC)
		return NULL;
	proto = btf_type(btf, t->type);
	return proto && btf_kind(proto) == BTF_KIND_FUNC_PROTO ? proto : NULL;
}

/* How many parameters the prototype has before an implicit one; UINT32_MAX: it has none of these. */
static uint32_t explicit_params(const struct btf *btf, const struct btf_type *proto)
{
	const struct btf_param *p = btf_extra(proto);

	for (uint32_t i = 0; i < btf_vlen(proto); i++)
		if (implicit_param(btf, p[i].type))
			return i;
	return UINT32_MAX;
}

/* Is there a function called like @impl without its suffix, with so many parameters? */
static bool has_public(const struct btf *base, const char *impl, uint32_t params)
{
	size_t len = strlen(impl) - strlen(IMPLICIT_SUFFIX);

	for (uint32_t id = base->start_id; id < btf_end_id(base); id++) {
		const struct btf_type *t = btf_type(base, id), *proto = proto_of(base, t);

		if (proto && btf_vlen(proto) == params && !strncmp(btf_name(base, t), impl, len) &&
		    !btf_name(base, t)[len])
			return true;
	}
	return false;
}

static bool ends_in_impl(const char *name)
{
	size_t len = strlen(name), n = strlen(IMPLICIT_SUFFIX);

	return len > n && !strcmp(name + len - n, IMPLICIT_SUFFIX);
}

bool btf_caps_implicit_args(const struct btf *base)
{
	unsigned int tries = 16; /* of a kernel that has them all have it */

	for (uint32_t id = base->start_id; id < btf_end_id(base) && tries; id++) {
		const struct btf_type *t = btf_type(base, id), *proto = proto_of(base, t);
		uint32_t params;

		if (!proto || !ends_in_impl(btf_name(base, t)))
			continue;
		params = explicit_params(base, proto);
		if (params == UINT32_MAX)
			continue;
		if (has_public(base, btf_name(base, t), params))
			return true;
		tries--;
	}
	return false;
}
