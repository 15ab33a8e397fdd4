// SPDX-License-Identifier: GPL-2.0-only
#include "btf/caps.h"

#include "btf/emit.h"
#include "btf/implicit.h"
#include "btf/sort.h"
#include "util/hash.h"

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

/* ---- one pass over all types ---- */

/* Functions of kernel/bpf/btf.c that tell what a kernel can. */
enum {
	FLOAT_META,
	DECL_TAG_META,
	ENUM64_META,
	TYPE_TAGS,
	CHAIN_LENGTH,
	TAG_WALK,
	RELOCATE,
	NR_FUNCTIONS
};

static const char *const functions[NR_FUNCTIONS] = {
	[FLOAT_META] = "btf_float_check_meta",
	[DECL_TAG_META] = "btf_decl_tag_check_meta",
	[ENUM64_META] = "btf_enum64_check_meta",
	[TYPE_TAGS] = "btf_check_type_tags",
	[CHAIN_LENGTH] = "btf_check_modifier_chain_length",
	[TAG_WALK] = "btf_type_tag_walk",
	[RELOCATE] = "btf_relocate",
};

/* A kfunc NAME of the kernel, and the name NAME_impl, as an offset in its strings. */
struct pair {
	uint32_t id;
	uint32_t full;
};

#define MAX_PAIRS 16 /* all kfuncs with a namesake are half of one, or none is */

/* What all types of a base tell: its kinds, functions, attributes. */
struct survey {
	uint32_t kinds;
	bool attributes;
	bool has[NR_FUNCTIONS];
	uint32_t names[NR_FUNCTIONS]; /* of these functions, 0: the base has no such name */
	uint64_t low_bits;  /* a bit for the low 6 of each: few of all functions have them */
	uint32_t kfunc_tag; /* the name of tags that say: a kfunc */
	struct pair pairs[MAX_PAIRS];
	uint32_t nr_pairs;
};

static uint32_t impl_name(const struct btf_index *index, const char *name)
{
	const size_t len = strlen(name), suffix = strlen(IMPLICIT_SUFFIX);
	char full[512];

	if (len + suffix >= sizeof(full))
		return 0;
	memcpy(full, name, len);
	memcpy(full + len, IMPLICIT_SUFFIX, suffix + 1);
	return base_name(index, full);
}

/* @t: a tag that says that a function is a kfunc. */
static void look_for_namesake(struct survey *s, const struct btf_index *index,
			      const struct btf_type *t)
{
	const struct btf_type *func = btf_type(index->base, t->type);
	uint32_t full;

	if (!func || btf_kind(func) != BTF_KIND_FUNC || s->nr_pairs == MAX_PAIRS)
		return;
	full = impl_name(index, btf_name(index->base, func));
	if (full)
		s->pairs[s->nr_pairs++] = (struct pair){ t->type, full };
}

static void survey_type(struct survey *s, const struct btf_index *index, const struct btf_type *t)
{
	const enum btf_kind kind = btf_kind(t);

	s->kinds |= 1u << kind;
	switch (kind) {
	case BTF_KIND_FUNC:
		for (int i = 0; s->low_bits >> t->name_off % 64 & 1 && i < NR_FUNCTIONS; i++)
			s->has[i] |= s->names[i] && t->name_off == s->names[i];
		break;
	case BTF_KIND_DECL_TAG:
		if (s->kfunc_tag && t->name_off == s->kfunc_tag)
			look_for_namesake(s, index, t);
		/* fall through */
	case BTF_KIND_TYPE_TAG:
		s->attributes |= btf_kflag(t);
		break;
	default:
		break;
	}
}

static void survey(struct survey *s, const struct btf_index *index)
{
	const struct btf *base = index->base;

	*s = (struct survey){ .kfunc_tag = base_name(index, TAG_KFUNC) };
	for (int i = 0; i < NR_FUNCTIONS; i++) {
		s->names[i] = base_name(index, functions[i]);
		if (s->names[i])
			s->low_bits |= (uint64_t)1 << s->names[i] % 64;
	}
	for (uint32_t id = base->start_id; id < btf_end_id(base); id++)
		survey_type(s, index, btf_type(base, id));
}

/* ---- pairs of kfuncs ---- */

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

static bool is_pair(const struct btf *base, const struct pair *pair, const struct btf_type *full)
{
	const struct btf_type *proto = proto_of(base, btf_type(base, pair->id));
	const struct btf_type *whole = proto_of(base, full);

	return proto && whole && explicit_params(base, whole) == btf_vlen(proto);
}

static bool has_pair(const struct survey *s, const struct btf *base)
{
	for (uint32_t id = base->start_id; s->nr_pairs && id < btf_end_id(base); id++) {
		const struct btf_type *t = btf_type(base, id);

		for (uint32_t i = 0; i < s->nr_pairs; i++)
			if (t->name_off == s->pairs[i].full && is_pair(base, &s->pairs[i], t))
				return true;
	}
	return false;
}

/* ---- all of it ---- */

static uint32_t known_kinds(const struct survey *s)
{
	uint32_t kinds = OLD_KINDS | s->kinds;

	if (s->has[FLOAT_META])
		kinds |= 1u << BTF_KIND_FLOAT;
	if (s->has[DECL_TAG_META])
		kinds |= 1u << BTF_KIND_DECL_TAG;
	/* TYPE_TAG has no function of its own; one came with it, and one two releases later. */
	if (s->has[TYPE_TAGS] || s->has[CHAIN_LENGTH] || s->has[ENUM64_META])
		kinds |= 1u << BTF_KIND_TYPE_TAG;
	if (s->has[ENUM64_META])
		kinds |= 1u << BTF_KIND_ENUM64;
	return kinds;
}

void btf_caps_read(struct btf_caps *caps, const struct btf_index *index)
{
	struct survey s;

	survey(&s, index);
	/* All of it is kept in files, bytes between members included. */
	memset(caps, 0, sizeof(*caps));
	caps->header_len = header_len(index);
	caps->name_len = name_len(index);
	caps->kinds = known_kinds(&s);
	caps->wide_info = wide_info(index);
	caps->attributes = s.attributes || s.has[TAG_WALK] || s.has[CHAIN_LENGTH];
	caps->tags_anywhere = s.has[CHAIN_LENGTH];
	caps->section_names = s.has[RELOCATE];
	caps->latin1 = true;
	caps->relocates = s.has[RELOCATE];
	caps->sorted = btf_sorted(index->base);
	caps->implicit_args = has_pair(&s, index->base);
}
