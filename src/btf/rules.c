// SPDX-License-Identifier: GPL-2.0-only
#include "btf/rules.h"

#define OLD_NAME_LEN 128 /* KSYM_NAME_LEN until 6.0 */

/* Kinds that each kernel with BTF of modules has (5.11). */
#define OLD_KINDS ((1u << (BTF_KIND_DATASEC + 1)) - 2)

/* The offset of a name in the base's strings, 0 if it has none: then it has no such type. */
static uint32_t base_name(const struct btf_index *index, const char *name)
{
	size_t len = strlen(name);

	return btf_index_str(index, name, len, hash_bytes(name, len));
}

/* The base's first definition of the struct or enum @name, NULL if it has none. */
static const struct btf_type *definition(const struct btf_index *index, uint32_t shape,
					 const char *name)
{
	const uint32_t words[] = { shape, base_name(index, name) };
	uint32_t id = words[1] ? btf_index_class(index, words, 2) : 0;

	for (; id; id = index->same[id]) {
		const struct btf_type *t = btf_type(index->base, id);

		if (btf_kind(t) != BTF_KIND_FWD && btf_vlen(t))
			return t;
	}
	return NULL;
}

static const struct btf_member *member(const struct btf_index *index, const char *type,
				       const char *name)
{
	const struct btf_type *t = definition(index, SHAPE_NAMED_STRUCT, type);
	const struct btf_member *m = t ? btf_extra(t) : NULL;

	for (uint32_t i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf_str(index->base, m[i].name_off), name))
			return &m[i];
	return NULL;
}

/* struct btf_header of include/uapi/linux/btf.h, as this kernel was compiled with. */
static uint32_t header_len(const struct btf_index *index)
{
	const struct btf_type *t = definition(index, SHAPE_NAMED_STRUCT, "btf_header");

	return t && t->size > BTF_HEADER_LEN ? t->size : BTF_HEADER_LEN;
}

/* KSYM_NAME_LEN is no type, but the length of an array in struct kallsym_iter. */
static uint32_t name_len(const struct btf_index *index)
{
	const struct btf_member *m = member(index, "kallsym_iter", "name");
	const struct btf_type *t = m ? btf_type(index->base, m->type) : NULL;

	if (!t || btf_kind(t) != BTF_KIND_ARRAY)
		return OLD_NAME_LEN;
	return ((const struct btf_array *)btf_extra(t))->nelems;
}

/* enum btf_max of include/uapi/linux/btf.h: macros, before vlen was made wider. */
static bool wide_info(const struct btf_index *index)
{
	const struct btf_type *t = definition(index, SHAPE_NAMED_ENUM, "btf_max");
	const struct btf_enum *e = t ? btf_extra(t) : NULL;

	for (uint32_t i = 0; t && btf_kind(t) == BTF_KIND_ENUM && i < btf_vlen(t); i++)
		if (!strcmp(btf_str(index->base, e[i].name_off), "BTF_MAX_VLEN"))
			return e[i].val == 0xffffff;
	return false;
}

/* Functions of kernel/bpf/btf.c that tell what a kernel can. */
enum { FLOAT_META, DECL_TAG_META, ENUM64_META, CHAIN_LENGTH, TAG_WALK, RELOCATE, NR_FUNCTIONS };

static const char *const functions[NR_FUNCTIONS] = {
	[FLOAT_META] = "btf_float_check_meta",	 [DECL_TAG_META] = "btf_decl_tag_check_meta",
	[ENUM64_META] = "btf_enum64_check_meta", [CHAIN_LENGTH] = "btf_check_modifier_chain_length",
	[TAG_WALK] = "btf_type_tag_walk",	 [RELOCATE] = "btf_relocate",
};

/* What all types of a base tell: its kinds, functions, attributes. */
struct survey {
	uint32_t kinds;
	bool attributes;
	bool has[NR_FUNCTIONS];
};

static void survey(struct survey *s, const struct btf_index *index)
{
	const struct btf *base = index->base;
	uint32_t names[NR_FUNCTIONS];

	*s = (struct survey){ 0 };
	for (int i = 0; i < NR_FUNCTIONS; i++)
		names[i] = base_name(index, functions[i]);
	for (uint32_t id = base->start_id; id < btf_end_id(base); id++) {
		const struct btf_type *t = btf_type(base, id);
		const enum btf_kind kind = btf_kind(t);

		s->kinds |= 1u << kind;
		if (kind == BTF_KIND_DECL_TAG || kind == BTF_KIND_TYPE_TAG)
			s->attributes |= btf_kflag(t);
		for (int i = 0; kind == BTF_KIND_FUNC && i < NR_FUNCTIONS; i++)
			s->has[i] |= names[i] && t->name_off == names[i];
	}
}

void btf_rules_of(struct btf_rules *rules, const struct btf_index *index)
{
	struct survey s;

	survey(&s, index);
	*rules = (struct btf_rules){
		.header_len = header_len(index),
		.name_len = name_len(index),
		.kinds = OLD_KINDS | s.kinds,
		.wide_info = wide_info(index),
		.attributes = s.attributes || s.has[TAG_WALK] || s.has[CHAIN_LENGTH],
		.tags_anywhere = s.has[CHAIN_LENGTH],
		.section_names = s.has[RELOCATE],
		.latin1 = true,
		.relocates = s.has[RELOCATE],
	};
	if (s.has[FLOAT_META])
		rules->kinds |= 1u << BTF_KIND_FLOAT;
	/* TYPE_TAG came one release after DECL_TAG, and has no function of its own. */
	if (s.has[DECL_TAG_META])
		rules->kinds |= 1u << BTF_KIND_DECL_TAG;
	if (s.has[ENUM64_META])
		rules->kinds |= 1u << BTF_KIND_TYPE_TAG | 1u << BTF_KIND_ENUM64;
}
