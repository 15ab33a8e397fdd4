// SPDX-License-Identifier: GPL-2.0-only
/* Which nodes of a unit define which names, and which of them are told apart. */
#include "btf/homonym.h"
#include "btf/intern-work.h"

/* How deep into a definition, and at how many types, its color looks. */
#define DEF_HASH_DEPTH 8
#define DEF_HASH_TYPES 10000

static uint32_t name_hash(const struct graph_node *node)
{
	return hash_u64((uint64_t)node_shape(node) << 32 | node->name);
}

uint32_t first_def(const struct intern *in, uint32_t id)
{
	const struct graph_node *nodes = in->graph->nodes.at;
	uint32_t hash = name_hash(&nodes[id]), n, pos;

	for (n = idtab_first(&in->defs, hash, &pos); n; n = idtab_next(&in->defs, hash, &pos))
		if (nodes[n].name == nodes[id].name &&
		    node_shape(&nodes[n]) == node_shape(&nodes[id]))
			break;
	return n;
}

/*
 * A hash over a definition that tells it from others of its name: its outline, and what its members
 * are, named types by name. @left: how many more types may be looked at, lest a hostile graph take
 * forever.
 */
static uint64_t def_hash(struct work *w, uint32_t id, unsigned int depth, uint32_t *left)
{
	const struct graph *graph = w->in->graph;
	const struct graph_node *node = &graph->nodes.at[id];
	uint64_t h = hash_mix((uint64_t)node->kind << 32 | node->name, node->size);

	if (!id || !*left || depth > DEF_HASH_DEPTH || (depth && node_shape(node)) ||
	    !settle_names(w, id))
		return h;
	--*left;
	switch (node->kind) {
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return hash_mix(h, outline_hash(graph, id));
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_FUNC_PROTO:
		h = hash_mix(h, outline_hash(graph, id));
		for (uint32_t i = 0; i < node->nr; i++)
			h = hash_mix(h, def_hash(w, graph->members.at[node->first + i].type,
						 depth + 1, left));
		break;
	default:
		h = hash_mix(h, node->nr);
		break;
	}
	return hash_mix(h, def_hash(w, node->type, depth + 1, left));
}

static uint32_t def_color(struct work *w, uint32_t id)
{
	uint32_t left = DEF_HASH_TYPES, color;

	if (w->in->graph->distinct)
		return id; /* variants.h makes one of those that are the same after all */
	color = hash_u64(def_hash(w, id, 0, &left));
	return color ? color : 1;
}

/* Gives all definitions of names that have a color a color of their own. */
static void color_apart(struct work *w)
{
	struct intern *in = w->in;

	for (uint32_t id = 1; id < in->graph->nodes.nr; id++)
		if (is_def(&in->graph->nodes.at[id]) && in->nodes[first_def(in, id)].color)
			in->nodes[id].color = def_color(w, id);
}

/*
 * Notes which node defines which name. A second, different definition of a name in one unit (scopes
 * of functions; units merged by LTO) gives all definitions of that name a color by content.
 */
bool note_defs(struct work *w)
{
	struct intern *in = w->in;
	const struct graph *graph = in->graph;
	bool colors = false;

	idtab_clear(&in->defs);
	for (uint32_t id = 1; id < graph->nodes.nr && !w->ret; id++) {
		const struct graph_node *node = &graph->nodes.at[id];
		uint32_t n;

		if (!is_def(node))
			continue;
		n = first_def(in, id);
		if (!n && !idtab_add(&in->defs, name_hash(node), id))
			fail(w, error_nomem(w->err));
		if (n && !in->nodes[n].color && def_color(w, n) != def_color(w, id)) {
			in->nodes[n].color = 1;
			colors = true;
		}
	}
	if (colors)
		color_apart(w);
	return !w->ret;
}
