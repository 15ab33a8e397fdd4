// SPDX-License-Identifier: GPL-2.0-only
#include "btf/refine.h"

#include "util/hash.h"
#include "util/vec.h"

/* A node that has to be looked at, since something that it refers to has got another class. */
struct suspect {
	uint64_t hash; /* of the classes that it refers to */
	uint32_t class;
	uint32_t node;
};

struct refinement {
	const struct refine_graph *graph;
	uint32_t *class;
	uint32_t *referrers_from; /* of each node: what refers to it, like graph->from and graph->to */
	uint32_t *referrers;
	uint32_t *seen; /* of each node: the last round that it was a suspect of */
	uint32_t round;
	VEC(uint32_t) size; /* of each class: nodes */
	VEC(uint64_t) hash; /* of each class: that of its nodes when they were looked at last */
	VEC(struct suspect) suspects;
	VEC(uint32_t) changed; /* nodes that have got another class in this round */
};

static bool list_referrers(struct refinement *r)
{
	const struct refine_graph *g = r->graph;

	r->referrers_from = calloc((size_t)g->nr + 1, sizeof(uint32_t));
	r->referrers = malloc(((size_t)g->from[g->nr] + 1) * sizeof(uint32_t));
	r->seen = calloc((size_t)g->nr + 1, sizeof(uint32_t));
	if (!r->referrers_from || !r->referrers || !r->seen)
		return false;
	for (uint32_t i = 0; i < g->from[g->nr]; i++)
		r->referrers_from[g->to[i]]++;
	for (uint32_t n = 1; n <= g->nr; n++)
		r->referrers_from[n] += r->referrers_from[n - 1];
	/* Each list is filled from its end to its start. */
	for (uint32_t n = 0; n < g->nr; n++)
		for (uint32_t i = g->from[n]; i < g->from[n + 1]; i++)
			r->referrers[--r->referrers_from[g->to[i]]] = n;
	return true;
}

static int compare_suspects(const void *a, const void *b)
{
	const struct suspect *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

/* One past the suspects from @at on that are of one class, or of one class and one hash. */
static uint32_t end_of_class(const struct refinement *r, uint32_t at)
{
	const uint32_t class = r->suspects.at[at].class;

	while (at < r->suspects.nr && r->suspects.at[at].class == class)
		at++;
	return at;
}

static uint32_t end_of_hash(const struct refinement *r, uint32_t at, uint32_t end)
{
	const uint64_t hash = r->suspects.at[at].hash;

	while (at < end && r->suspects.at[at].hash == hash)
		at++;
	return at;
}

static uint64_t most_common_hash(const struct refinement *r, uint32_t from, uint32_t end)
{
	uint64_t hash = 0;
	uint32_t most = 0;

	for (uint32_t at = from, next; at < end; at = next) {
		next = end_of_hash(r, at, end);
		if (next - at > most) {
			most = next - at;
			hash = r->suspects.at[at].hash;
		}
	}
	return hash;
}

/* The suspects from @from to @end become a class of their own. */
static bool move_out(struct refinement *r, uint32_t from, uint32_t end)
{
	const uint32_t class = r->size.nr;

	r->size.at[r->suspects.at[from].class] -= end - from;
	if (!vec_push(&r->size, end - from) || !vec_push(&r->hash, r->suspects.at[from].hash))
		return false;
	for (uint32_t i = from; i < end; i++) {
		r->class[r->suspects.at[i].node] = class;
		if (!vec_push(&r->changed, r->suspects.at[i].node))
			return false;
	}
	return true;
}

/*
 * Of the suspects of a class, those stay that agree with the nodes that are none. If all nodes of a
 * class are suspects, the largest party stays; so a node changes its class only if that leaves one
 * class more.
 */
static bool divide_class(struct refinement *r, uint32_t from, uint32_t end)
{
	const uint32_t class = r->suspects.at[from].class;
	bool ok = true;

	if (end - from == r->size.at[class])
		r->hash.at[class] = most_common_hash(r, from, end);
	for (uint32_t at = from, next; at < end && ok; at = next) {
		next = end_of_hash(r, at, end);
		if (r->suspects.at[at].hash != r->hash.at[class])
			ok = move_out(r, at, next);
	}
	return ok;
}

static bool divide(struct refinement *r)
{
	bool ok = true;

	r->changed.nr = 0;
	if (r->suspects.nr)
		qsort(r->suspects.at, r->suspects.nr, sizeof(*r->suspects.at), compare_suspects);
	for (uint32_t at = 0, next; at < r->suspects.nr && ok; at = next) {
		next = end_of_class(r, at);
		ok = divide_class(r, at, next);
	}
	return ok;
}

static bool suspect(struct refinement *r, uint32_t node)
{
	const struct refine_graph *g = r->graph;
	struct suspect s = { .class = r->class[node], .node = node };

	if (r->seen[node] == r->round)
		return true;
	r->seen[node] = r->round;
	for (uint32_t i = g->from[node]; i < g->from[node + 1]; i++)
		s.hash = hash_mix(s.hash, (uint64_t)r->class[g->to[i]] + 1);
	return vec_push(&r->suspects, s);
}

/* What refers to a node that has changed is the suspect of the next round. */
static bool suspect_referrers(struct refinement *r)
{
	bool ok = true;

	r->suspects.nr = 0;
	r->round++;
	for (uint32_t i = 0; i < r->changed.nr && ok; i++) {
		uint32_t n = r->changed.at[i];

		for (uint32_t k = r->referrers_from[n]; k < r->referrers_from[n + 1] && ok; k++)
			ok = suspect(r, r->referrers[k]);
	}
	return ok;
}

/* Classes by looks alone: at first there is one, and looks are what tells its nodes apart. */
static bool divide_by_looks(struct refinement *r)
{
	bool ok = vec_push(&r->size, r->graph->nr) && vec_push(&r->hash, 0);

	for (uint32_t n = 0; n < r->graph->nr && ok; n++) {
		ok = vec_push(&r->suspects, ((struct suspect){ .hash = r->class[n], .node = n }));
		r->class[n] = 0;
	}
	return ok && divide(r);
}

bool refine(const struct refine_graph *graph, uint32_t *class, uint32_t *nr_classes)
{
	struct refinement r = { .graph = graph, .class = class };
	bool ok = list_referrers(&r) && divide_by_looks(&r);

	r.suspects.nr = 0;
	r.round++;
	for (uint32_t n = 0; n < graph->nr && ok; n++)
		ok = suspect(&r, n);
	while (r.suspects.nr && ok)
		ok = divide(&r) && suspect_referrers(&r);
	*nr_classes = graph->nr ? r.size.nr : 0;
	free(r.referrers_from);
	free(r.referrers);
	free(r.seen);
	vec_free(&r.size);
	vec_free(&r.hash);
	vec_free(&r.suspects);
	vec_free(&r.changed);
	return ok;
}
