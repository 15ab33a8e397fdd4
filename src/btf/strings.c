// SPDX-License-Identifier: GPL-2.0-only
#include "btf/strings.h"

/* Does a string begin at @off? What open() did not vouch for is no name and counts as well placed. */
static bool begins(const struct btf *btf, uint32_t off)
{
	while (btf->base && off < btf->start_str)
		btf = btf->base;
	off -= btf->start_str;
	return !off || off >= btf->strs.size || !btf->strs.data[off - 1];
}

/* Words from one named entry of a type to the next, 0 if its entries have no names. */
static uint32_t entry_words(enum btf_kind kind)
{
	switch (kind) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM64:
		return 3;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return 2;
	default:
		return 0;
	}
}

void btf_find_misplaced(const struct btf *btf, struct btf_misplaced *out)
{
	*out = (struct btf_misplaced){ 0 };
	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
		const struct btf_type *t = btf_type(btf, id);
		const uint32_t words = entry_words(btf_kind(t));
		const uint32_t *name_off = btf_extra(t);
		uint32_t nr = !begins(btf, t->name_off);

		for (uint32_t i = 0; words && i < btf_vlen(t); i++, name_off += words)
			nr += !begins(btf, *name_off);
		out->nr_names += 1 + (words ? btf_vlen(t) : 0);
		if (nr && !out->nr)
			out->first = id;
		out->nr += nr;
	}
}
