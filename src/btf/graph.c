// SPDX-License-Identifier: GPL-2.0-only
#include "btf/graph.h"

bool graph_reset(struct graph *graph)
{
	graph->nodes.nr = graph->members.nr = graph->values.nr = 0;
	graph->funcs.nr = graph->func_tags.nr = graph->vars.nr = 0;
	graph->distinct = false;
	/* With some room even where there are none, a node's first member can be pointed to. */
	return vec_push(&graph->nodes, (struct graph_node){ 0 }) && vec_room(&graph->members, 1) &&
	       vec_room(&graph->values, 1);
}

void graph_free(struct graph *graph)
{
	vec_free(&graph->nodes);
	vec_free(&graph->members);
	vec_free(&graph->values);
	vec_free(&graph->funcs);
	vec_free(&graph->func_tags);
	vec_free(&graph->vars);
}

static bool valid_ref(const struct graph *graph, uint32_t id)
{
	return !id || (id < graph->nodes.nr && graph->nodes.at[id].kind != BTF_KIND_UNKN);
}

static bool valid_members(const struct graph *graph, const struct graph_node *node)
{
	if (node->first > graph->members.nr || node->nr > graph->members.nr - node->first)
		return false;
	for (uint32_t i = 0; i < node->nr; i++)
		if (!valid_ref(graph, graph->members.at[node->first + i].type))
			return false;
	return true;
}

static bool valid_node(const struct graph *graph, const struct graph_node *node)
{
	switch (node->kind) {
	case BTF_KIND_UNKN:
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_FWD:
		return true;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return valid_members(graph, node);
	case BTF_KIND_FUNC_PROTO:
		return valid_ref(graph, node->type) && valid_members(graph, node);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return node->first <= graph->values.nr &&
		       node->nr <= graph->values.nr - node->first;
	case BTF_KIND_PTR:
	case BTF_KIND_ARRAY:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_DECL_TAG:
		return valid_ref(graph, node->type);
	default:
		return false;
	}
}

int graph_check(const struct graph *graph, struct error *err)
{
	for (uint32_t id = 1; id < graph->nodes.nr; id++)
		if (!valid_node(graph, &graph->nodes.at[id]))
			return error_set(err, -EINVAL,
					 "type graph: node %u (kind %u) refers to nothing", id,
					 graph->nodes.at[id].kind);
	for (uint32_t i = 0; i < graph->funcs.nr; i++) {
		uint32_t proto = graph->funcs.at[i].proto;

		if (!proto || proto >= graph->nodes.nr ||
		    graph->nodes.at[proto].kind != BTF_KIND_FUNC_PROTO)
			return error_set(err, -EINVAL, "type graph: function %u has no prototype",
					 i);
	}
	for (uint32_t i = 0; i < graph->vars.nr; i++)
		if (!graph->vars.at[i].type || !valid_ref(graph, graph->vars.at[i].type))
			return error_set(err, -EINVAL, "type graph: variable %u has no type", i);
	return 0;
}
