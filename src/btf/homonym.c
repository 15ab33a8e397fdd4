// SPDX-License-Identifier: GPL-2.0-only
#include "btf/homonym.h"

#include <errno.h>

static bool is_enum(enum btf_kind kind)
{
	return kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64;
}

static bool same_values(const struct btf *base, const struct btf_type *t, struct graph *graph,
			const struct graph_node *node)
{
	struct graph_value *v = graph->values.at + node->first;
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);

	for (uint32_t i = 0; i < node->nr; i++) {
		if (i + NAMES_AHEAD < node->nr)
			name_prefetch(graph->strings, v[i + NAMES_AHEAD].name);
		if (node->kind == BTF_KIND_ENUM64) {
			uint64_t value = (uint64_t)e64[i].val_hi32 << 32 | e64[i].val_lo32;

			if (value != v[i].value ||
			    !same_name(base, graph, &v[i].name, e64[i].name_off))
				return false;
		} else if ((uint32_t)e[i].val != (uint32_t)v[i].value ||
			   !same_name(base, graph, &v[i].name, e[i].name_off)) {
			return false;
		}
	}
	return true;
}

bool same_outline(const struct btf *base, const struct btf_type *t, struct graph *graph,
		  const struct graph_node *node)
{
	struct graph_member *m = graph->members.at + node->first;
	const struct btf_member *bm = btf_extra(t);

	if (btf_kind(t) != (enum btf_kind)node->kind || btf_vlen(t) != node->nr ||
	    t->size != node->size)
		return false;
	if (is_enum(node->kind))
		return same_values(base, t, graph, node);
	for (uint32_t i = 0; i < node->nr; i++) {
		if (i + NAMES_AHEAD < node->nr)
			name_prefetch(graph->strings, m[i + NAMES_AHEAD].name);
		if (btf_member_bit_offset(t, i) != m[i].bit_offset ||
		    btf_member_bitfield_size(t, i) != m[i].bit_size ||
		    !same_name(base, graph, &m[i].name, bm[i].name_off))
			return false;
	}
	return true;
}

uint32_t outline_hash(const struct graph *graph, uint32_t id)
{
	const struct graph_node *node = &graph->nodes.at[id];
	uint64_t h = hash_mix((uint64_t)node->kind << 32 | node->nr, node->size);

	for (uint32_t i = 0; i < node->nr; i++) {
		if (is_enum(node->kind)) {
			const struct graph_value *v = &graph->values.at[node->first + i];

			h = hash_mix(hash_mix(h, v->name), v->value);
		} else {
			const struct graph_member *m = &graph->members.at[node->first + i];

			h = hash_mix(hash_mix(h, m->name),
				     (uint64_t)m->bit_offset << 32 | m->bit_size);
		}
	}
	return (uint32_t)h ? (uint32_t)h : 1;
}

/*
 * The names of members, those of anonymous members in their place. @left: how many more members
 * count.
 */
static bool graph_names(const struct graph *graph, uint32_t id, unsigned int depth, uint32_t *left,
			words_t *out)
{
	const struct graph_node *node = &graph->nodes.at[id];

	for (uint32_t i = 0; i < node->nr && *left; i++) {
		uint32_t name, type;

		--*left;
		if (is_enum(node->kind)) {
			if (!vec_push(out, graph->values.at[node->first + i].name))
				return false;
			continue;
		}
		name = graph->members.at[node->first + i].name;
		type = graph->members.at[node->first + i].type;
		if (name) {
			if (!vec_push(out, name))
				return false;
		} else if (depth < MAX_NESTING && (graph->nodes.at[type].kind == BTF_KIND_STRUCT ||
						   graph->nodes.at[type].kind == BTF_KIND_UNION)) {
			if (!graph_names(graph, type, depth + 1, left, out))
				return false;
		}
	}
	return true;
}

static bool base_names(const struct btf *base, const struct btf_type *t, unsigned int depth,
		       uint32_t *left, words_t *out)
{
	const struct btf_member *m = btf_extra(t);
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t) && *left; i++) {
		const struct btf_type *mt;

		--*left;
		if (is_enum(btf_kind(t))) {
			if (!vec_push(out, btf_kind(t) == BTF_KIND_ENUM ? e[i].name_off :
									  e64[i].name_off))
				return false;
			continue;
		}
		if (m[i].name_off) {
			if (!vec_push(out, m[i].name_off))
				return false;
			continue;
		}
		mt = btf_type(base, m[i].type);
		if (depth < MAX_NESTING && mt &&
		    (btf_kind(mt) == BTF_KIND_STRUCT || btf_kind(mt) == BTF_KIND_UNION) &&
		    !base_names(base, mt, depth + 1, left, out))
			return false;
	}
	return true;
}

static int compare_words(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* How many names two sorted lists have in common. */
static uint32_t common(const words_t *a, const words_t *b)
{
	uint32_t n = 0;

	for (uint32_t i = 0, j = 0; i < a->nr && j < b->nr;) {
		if (a->at[i] == b->at[j]) {
			n++;
			i++;
			j++;
		} else if (a->at[i] < b->at[j]) {
			i++;
		} else {
			j++;
		}
	}
	return n;
}

static bool sorted_graph_names(const struct graph *graph, uint32_t id, words_t *out)
{
	uint32_t left = MAX_MEMBERS;

	out->nr = 0;
	if (!graph_names(graph, id, 0, &left, out))
		return false;
	if (out->nr)
		qsort(out->at, out->nr, sizeof(*out->at), compare_words);
	return true;
}

static bool sorted_base_names(const struct btf *base, const struct btf_type *t, words_t *out)
{
	uint32_t left = MAX_MEMBERS;

	out->nr = 0;
	if (!base_names(base, t, 0, &left, out))
		return false;
	if (out->nr)
		qsort(out->at, out->nr, sizeof(*out->at), compare_words);
	return true;
}

bool definition_names(const struct btf *btf, const struct btf_type *t, words_t *out)
{
	uint32_t left = MAX_MEMBERS;

	return base_names(btf, t, 0, &left, out);
}

bool names_akin(words_t *ours, words_t *theirs)
{
	if (ours->nr)
		qsort(ours->at, ours->nr, sizeof(*ours->at), compare_words);
	if (theirs->nr)
		qsort(theirs->at, theirs->nr, sizeof(*theirs->at), compare_words);
	return common(ours, theirs) * 2 >= (ours->nr > theirs->nr ? ours->nr : theirs->nr);
}

int homonym(const struct btf_index *index, uint32_t rep, const struct graph *graph, uint32_t id)
{
	const struct graph_node *node = &graph->nodes.at[id];
	words_t ours = { 0 }, theirs = { 0 };
	bool found = false, akin = false, nomem;

	if (!node->nr)
		return 0;
	nomem = !sorted_graph_names(graph, id, &ours);
	for (uint32_t b = rep; b && !akin && !nomem; b = index->same[b]) {
		const struct btf_type *t = btf_type(index->base, b);
		uint32_t larger;

		if (btf_kind(t) == BTF_KIND_FWD || !btf_vlen(t))
			continue;
		nomem = !sorted_base_names(index->base, t, &theirs);
		found = true;
		larger = ours.nr > theirs.nr ? ours.nr : theirs.nr;
		akin = common(&ours, &theirs) * 2 >= larger;
	}
	vec_free(&ours);
	vec_free(&theirs);
	if (nomem)
		return -ENOMEM;
	return found && !akin;
}
