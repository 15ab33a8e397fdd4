// SPDX-License-Identifier: GPL-2.0-only
/*
 * Definitions side by side with what was interned last under their name: units include the same
 * headers, and what they share need not be looked up word by word.
 */
#include "btf/intern-work.h"

/* Does the name in @field, pending or not, have the id @name? If a pending one does, it is settled. */
static bool has_name(const struct work *w, uint32_t *field, uint32_t name)
{
	const char *strings = (const char *)w->in->graph->strings.data;

	if (!(*field & NAME_PENDING))
		return *field == name;
	if (strcmp(strings + (*field & ~NAME_PENDING), name_str(w->in->names, name)))
		return false;
	*field = name;
	return true;
}

/*
 * Member by member, so that up to where they differ the same types are worked out, in the same
 * order, as when the words are made. That may move all words.
 */
static bool same_members(struct work *w, const struct graph_node *node, uint32_t ref)
{
	for (uint32_t i = 0; i < node->nr; i++) {
		struct graph_member *m = &w->in->graph->members.at[node->first + i];
		const uint32_t *words = own_words(&w->in->own, ref) + 4 + 4 * (size_t)i;

		if (i + NAMES_AHEAD < node->nr)
			name_prefetch(w->in->graph->strings, m[NAMES_AHEAD].name);
		if (words[2] != m->bit_offset || words[3] != m->bit_size ||
		    !has_name(w, &m->name, words[0]))
			return false;
		if (value_of(w, m->type) != own_words(&w->in->own, ref)[4 + 4 * (size_t)i + 1])
			return false;
	}
	return true;
}

static bool same_values(struct work *w, const struct graph_node *node, const uint32_t *words)
{
	for (uint32_t i = 0; i < node->nr; i++, words += 3) {
		struct graph_value *v = &w->in->graph->values.at[node->first + i];

		if (i + NAMES_AHEAD < node->nr)
			name_prefetch(w->in->graph->strings, v[NAMES_AHEAD].name);
		if (words[1] != (uint32_t)v->value || words[2] != (uint32_t)(v->value >> 32) ||
		    !has_name(w, &v->name, words[0]))
			return false;
	}
	return true;
}

uint32_t defined_again(struct work *w, uint32_t id, uint32_t name, const uint32_t *head)
{
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	const bool members = node_shape(node) != SHAPE_NAMED_ENUM;
	uint32_t n = name & ~OWN_REF, ref;

	if (!ref_is_own(name) || n >= w->in->last_def.nr || !w->in->last_def.at[n])
		return 0;
	ref = w->in->last_def.at[n];
	if (own_nr_words(&w->in->own, ref) != 4 + (uint64_t)node->nr * (members ? 4 : 3) ||
	    memcmp(own_words(&w->in->own, ref), head, 4 * sizeof(*head)))
		return 0;
	if (members ? !same_members(w, node, ref) :
		      !same_values(w, node, own_words(&w->in->own, ref) + 4))
		return 0;
	return ref;
}

bool note_definition(struct work *w, uint32_t name, uint32_t ref)
{
	uint32_t n = name & ~OWN_REF;

	if (!ref_is_own(name))
		return true;
	while (w->in->last_def.nr <= n)
		if (!vec_push(&w->in->last_def, 0))
			return false;
	w->in->last_def.at[n] = ref;
	return true;
}
