// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes side by side with the base's types. What belongs to definitions that the base has as well
 * is found out here, by comparing; it need not be looked up.
 */
#include "btf/homonym.h"
#include "btf/intern-work.h"

bool settle_names(struct work *w, uint32_t id)
{
	struct graph *g = w->in->graph;
	const struct graph_node *node = &g->nodes.at[id];
	bool values = node->kind == BTF_KIND_ENUM || node->kind == BTF_KIND_ENUM64;
	int ret = 0;

	if (!node->nr || w->ret)
		return !w->ret;
	if (values) {
		ret = name_ids(w->in->names, g->strings, &g->values.at[node->first].name,
			       sizeof(*g->values.at), node->nr, w->err);
	} else if (node->kind == BTF_KIND_STRUCT || node->kind == BTF_KIND_UNION ||
		   node->kind == BTF_KIND_FUNC_PROTO) {
		ret = name_ids(w->in->names, g->strings, &g->members.at[node->first].name,
			       sizeof(*g->members.at), node->nr, w->err);
	}
	if (ret)
		fail(w, ret);
	return !ret;
}

static bool settle_nested(struct work *w, uint32_t id, unsigned int depth, uint32_t *left)
{
	const struct graph *g = w->in->graph;
	const struct graph_node *node = &g->nodes.at[id];

	if (!settle_names(w, id))
		return false;
	if ((node->kind != BTF_KIND_STRUCT && node->kind != BTF_KIND_UNION) || depth > MAX_NESTING)
		return true;
	for (uint32_t i = 0; i < node->nr && *left; i++) {
		const struct graph_member *m = &g->members.at[node->first + i];

		--*left;
		if (!m->name && m->type && !settle_nested(w, m->type, depth + 1, left))
			return false;
	}
	return true;
}

bool settle_nested_names(struct work *w, uint32_t id)
{
	uint32_t left = MAX_MEMBERS;

	return settle_nested(w, id, 0, &left);
}

static bool match_members(struct work *w, const struct graph_node *node, const struct btf_type *t,
			  unsigned int depth)
{
	struct graph *g = w->in->graph;
	const struct btf_member *bm = btf_extra(t);

	if (!same_outline(w->in->index->base, t, g, node))
		return false;
	for (uint32_t i = 0; i < node->nr; i++)
		if (!match(w, g->members.at[node->first + i].type, bm[i].type, depth))
			return false;
	return true;
}

static bool match_params(struct work *w, const struct graph_node *node, const struct btf_type *t,
			 unsigned int depth)
{
	struct graph *g = w->in->graph;
	const struct btf_param *bp = btf_extra(t);

	if (btf_vlen(t) != node->nr || !match(w, node->type, t->type, depth))
		return false;
	for (uint32_t i = 0; i < node->nr; i++) {
		struct graph_member *m = &g->members.at[node->first + i];

		if (!same_name(w->in->index->base, g, &m->name, bp[i].name_off) ||
		    !match(w, m->type, bp[i].type, depth))
			return false;
	}
	return true;
}

static bool match_unnamed(struct work *w, const struct graph_node *node, const struct btf_type *t,
			  unsigned int depth)
{
	const struct btf_array *a = btf_extra(t);

	switch (node->kind) {
	case BTF_KIND_INT:
		return node->name == t->name_off && node->size == t->size &&
		       node->nr == *(const uint32_t *)btf_extra(t);
	case BTF_KIND_FLOAT:
		return node->name == t->name_off && node->size == t->size;
	case BTF_KIND_ARRAY:
		return a->nelems == node->nr && match(w, node->type, a->type, depth);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return match_members(w, node, t, depth);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return same_outline(w->in->index->base, t, w->in->graph, node);
	case BTF_KIND_FUNC_PROTO:
		return match_params(w, node, t, depth);
	case BTF_KIND_DECL_TAG:
		return false;
	default:
		return node->name == t->name_off &&
		       !(node->flags & GRAPH_ATTRIBUTE) == !btf_kflag(t) &&
		       match(w, node->type, t->type, depth);
	}
}

bool match_deep(struct work *w, uint32_t id, uint32_t base_id, unsigned int depth)
{
	const struct btf_index *index = w->in->index;
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	struct intern_node *state = &w->in->nodes[id];
	const struct btf_type *t;

	if (state->canon != UNSET || depth > MAX_DEPTH || w->ret)
		return false;
	if (node_shape(node))
		return canon_of(w, id) == index->rep[base_id];
	t = btf_type(index->base, base_id);
	if (btf_kind(t) != (enum btf_kind)node->kind || !index->rep[base_id])
		return false;
	state->canon = BUSY;
	if (match_unnamed(w, node, t, depth + 1)) {
		state->canon = index->rep[base_id];
		return true;
	}
	state->canon = UNSET;
	return false;
}
