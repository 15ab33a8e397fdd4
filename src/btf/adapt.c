// SPDX-License-Identifier: GPL-2.0-only
#include "btf/adapt.h"

static void adapt_float(struct graph_node *node)
{
	uint32_t size = node->size;

	if (size && size <= 16 && !(size & (size - 1)))
		*node = (struct graph_node){
			.kind = BTF_KIND_INT, .name = node->name, .size = size, .nr = 8 * size
		};
	else
		*node = (struct graph_node){ .kind = BTF_KIND_STRUCT, .size = size };
}

static void adapt_node(struct graph_node *node, const struct btf_caps *caps)
{
	switch (node->kind) {
	case BTF_KIND_FLOAT:
		if (!btf_caps_know(caps, BTF_KIND_FLOAT))
			adapt_float(node);
		break;
	case BTF_KIND_ENUM64:
		if (!btf_caps_know(caps, BTF_KIND_ENUM64))
			node->kind = BTF_KIND_ENUM;
		/* fall through */
	case BTF_KIND_ENUM:
		if (!btf_caps_know(caps, BTF_KIND_ENUM64))
			node->flags &= (uint8_t)~GRAPH_SIGNED;
		break;
	case BTF_KIND_DECL_TAG:
		if (!btf_caps_know(caps, BTF_KIND_DECL_TAG))
			*node = (struct graph_node){ 0 };
		break;
	default:
		break;
	}
}

/* ---- type tags ---- */

/*
 * What each node stands for: itself, or what it tags. Tags may tag tags; as each node is looked at
 * once, this takes no longer than there are nodes.
 */
static int find_tagged(const struct graph *graph, uint32_t *to, struct error *err)
{
	enum { OPEN = UINT32_MAX };
	const uint32_t nr = graph->nodes.nr;

	for (uint32_t i = 0; i < nr; i++)
		to[i] = graph->nodes.at[i].kind == BTF_KIND_TYPE_TAG ? OPEN : i;
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t end = i, steps = 0;

		while (end < nr && to[end] == OPEN && steps++ < nr)
			end = graph->nodes.at[end].type;
		if (end < nr && to[end] == OPEN)
			return error_set(err, -EINVAL, "type graph: node %u is a tag of itself", i);
		end = end < nr ? to[end] : end;
		for (uint32_t n = i; n < nr && to[n] == OPEN; n = graph->nodes.at[n].type)
			to[n] = end;
	}
	return 0;
}

static uint32_t tagged(const struct graph *graph, const uint32_t *to, uint32_t id)
{
	return id < graph->nodes.nr ? to[id] : id;
}

static int drop_type_tags(struct graph *graph, struct error *err)
{
	uint32_t *to = calloc(graph->nodes.nr ? graph->nodes.nr : 1, sizeof(*to));
	int ret;

	if (!to)
		return error_nomem(err);
	ret = find_tagged(graph, to, err);
	for (uint32_t i = 0; i < graph->nodes.nr && !ret; i++) {
		struct graph_node *node = &graph->nodes.at[i];

		node->type = tagged(graph, to, node->type);
		if (node->kind == BTF_KIND_TYPE_TAG)
			*node = (struct graph_node){ 0 };
	}
	for (uint32_t i = 0; i < graph->members.nr && !ret; i++)
		graph->members.at[i].type = tagged(graph, to, graph->members.at[i].type);
	for (uint32_t i = 0; i < graph->vars.nr && !ret; i++)
		graph->vars.at[i].type = tagged(graph, to, graph->vars.at[i].type);
	free(to);
	return ret;
}

/* What there is nothing to do for. */
static bool knows_all(const struct btf_caps *caps)
{
	const uint32_t later = 1u << BTF_KIND_FLOAT | 1u << BTF_KIND_DECL_TAG |
			       1u << BTF_KIND_TYPE_TAG | 1u << BTF_KIND_ENUM64;

	return (caps->kinds & later) == later;
}

int graph_adapt(struct graph *graph, const struct btf_caps *caps, struct error *err)
{
	int ret = 0;

	if (knows_all(caps))
		return 0;
	for (uint32_t i = 1; i < graph->nodes.nr; i++)
		adapt_node(&graph->nodes.at[i], caps);
	if (!btf_caps_know(caps, BTF_KIND_DECL_TAG))
		graph->func_tags.nr = 0;
	if (!btf_caps_know(caps, BTF_KIND_TYPE_TAG))
		ret = drop_type_tags(graph, err);
	return ret;
}
