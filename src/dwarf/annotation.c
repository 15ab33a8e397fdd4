// SPDX-License-Identifier: GPL-2.0-only
/*
 * Annotations: clang writes them as children (DW_TAG_LLVM_annotation), gcc as a chain that an attribute
 * leads to. They become TYPE_TAGs and DECL_TAGs.
 */
#include "dwarf/scan.h"

/*
 * Is this an annotation of the sort @kind ("btf_type_tag", "btf_decl_tag")? Then @text is its name
 * id.
 */
int scan_annotation(struct scan *s, const struct die *die, const char *kind, uint32_t *text)
{
	const char *name;
	int ret;

	*text = 0;
	ret = die_string(&s->r, die, SLOT_NAME, &name);
	if (ret || strcmp(name, kind))
		return ret;
	return die_name(&s->r, die, SLOT_CONST_VALUE, text);
}

/*
 * gcc's form of annotations: a chain of DW_TAG_GNU_annotation DIEs that DW_AT_GNU_annotation leads
 * to. Stops at the first one of another sort.
 */
static int gnu_annotations(struct scan *s, const struct die *die, const char *kind, words_t *texts)
{
	struct die annotation = *die;
	uint64_t offset;
	uint32_t text;
	int ret;

	while (die_has(&annotation, SLOT_ANNOTATION) && texts->nr < 64) {
		struct reader saved = s->r;

		ret = die_ref(&s->r, &annotation, SLOT_ANNOTATION, &offset);
		if (ret)
			return ret;
		if (offset < s->r.unit->dies || offset >= s->r.unit->end)
			return reader_damaged(&s->r, "an annotation in another unit");
		s->r.p = s->r.start + (offset - s->r.info->start);
		ret = read_die(&s->r, &annotation);
		if (!ret && annotation.tag != DW_TAG_GNU_annotation)
			ret = reader_damaged(&s->r, "DW_AT_GNU_annotation leads to no annotation");
		if (!ret)
			ret = scan_annotation(s, &annotation, kind, &text);
		s->r.p = saved.p;
		if (ret)
			return ret;
		if (!text)
			return 0;
		if (!vec_push(texts, text))
			return error_nomem(s->r.err);
	}
	return 0;
}

/*
 * The annotations among the children of @die, and those it refers to. Other children (types inside
 * a struct are not read here) are stepped over.
 */
int scan_annotations(struct scan *s, const struct die *die, const char *kind, words_t *texts)
{
	struct die child;
	uint32_t text;
	int ret = 0;

	while (die->children && !ret) {
		ret = read_die(&s->r, &child);
		if (ret || !child.tag)
			break;
		text = 0;
		if (child.tag == DW_TAG_LLVM_annotation)
			ret = scan_annotation(s, &child, kind, &text);
		if (!ret && text && !vec_push(texts, text))
			ret = error_nomem(s->r.err);
		if (!ret)
			ret = skip_children(&s->r, &child);
	}
	if (!ret && !texts->nr)
		ret = gnu_annotations(s, die, kind, texts);
	return ret;
}

/* Tags @node, or one of its members or parameters. */
int scan_decl_tag(struct scan *s, uint32_t node, uint32_t text, uint32_t component)
{
	struct graph_node tag = {
		.kind = BTF_KIND_DECL_TAG, .name = text, .type = node, .nr = component
	};

	return scan_made_node(s, tag) ? 0 : error_nomem(s->r.err);
}

int scan_decl_tags(struct scan *s, const struct die *die, bool children, uint32_t node,
		   uint32_t component)
{
	const char *kind = "btf_decl_tag";
	words_t texts = { 0 };
	int ret;

	ret = children ? scan_annotations(s, die, kind, &texts) :
			 gnu_annotations(s, die, kind, &texts);
	for (uint32_t i = 0; i < texts.nr && !ret; i++)
		ret = scan_decl_tag(s, node, texts.at[i], component);
	vec_free(&texts);
	return ret;
}
