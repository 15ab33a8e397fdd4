// SPDX-License-Identifier: GPL-2.0-only
#include "btf/refine.h"

#include "util/hash.h"
#include "util/vec.h"

/* A node that has to be looked at, since something that it refers to has got another class. */
struct suspect {
	uint32_t node;
	uint32_t group;
};

/* Suspects of one class that refer to the same classes. */
struct group {
	uint64_t hash; /* of the classes that they refer to */
	uint32_t class;
	uint32_t nr;
	uint32_t to; /* the class that they get */
};

struct class
{
	uint64_t hash;	      /* that of its nodes when they were looked at last */
	uint32_t nr;	      /* nodes */
	uint32_t nr_suspects; /* those of this round; 0 between rounds, likewise below */
	uint32_t largest;     /* their largest group + 1 */
};

struct refinement {
	const struct refine_graph *graph;
	uint32_t *class;
	uint32_t *referrers_from; /* of each node: what refers to it, like graph->from and graph->to */
	uint32_t *referrers;
	uint32_t *seen; /* of each node: the last round that it was a suspect of */
	uint32_t round;
	VEC(struct class) classes;
	VEC(struct suspect) suspects;
	VEC(struct group) groups;
	struct idtab group_table; /* ordinals + 1 */
	VEC(uint32_t) changed;	  /* nodes that have got another class in this round */
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

/* The group of suspects of this class and hash; UINT32_MAX when out of memory. */
static uint32_t group_of(struct refinement *r, uint32_t class, uint64_t hash)
{
	uint32_t key = hash_u64(hash + class), n, pos;

	for (n = idtab_first(&r->group_table, key, &pos); n;
	     n = idtab_next(&r->group_table, key, &pos))
		if (r->groups.at[n - 1].class == class && r->groups.at[n - 1].hash == hash)
			return n - 1;
	if (!vec_push(&r->groups, ((struct group){ .hash = hash, .class = class })) ||
	    !idtab_add(&r->group_table, key, r->groups.nr))
		return UINT32_MAX;
	return r->groups.nr - 1;
}

/* Notes that @node, of its present class, refers to classes that come to @hash. */
static bool add_suspect(struct refinement *r, uint32_t node, uint64_t hash)
{
	struct class *class = &r->classes.at[r->class[node]];
	uint32_t g = group_of(r, r->class[node], hash);

	if (g == UINT32_MAX)
		return false;
	r->groups.at[g].nr++;
	class->nr_suspects++;
	if (!class->largest || r->groups.at[g].nr > r->groups.at[class->largest - 1].nr)
		class->largest = g + 1;
	return vec_push(&r->suspects, ((struct suspect){ node, g }));
}

/*
 * Of the suspects of a class, those stay that agree with the nodes that are none. If all nodes of a
 * class are suspects, the largest group stays; so a node changes its class only if that leaves one
 * class more.
 */
static bool place_group(struct refinement *r, struct group *group)
{
	struct class *class = &r->classes.at[group->class];

	if (class->largest && class->nr_suspects == class->nr)
		class->hash = r->groups.at[class->largest - 1].hash;
	class->largest = class->nr_suspects = 0;
	group->to = group->class;
	if (group->hash == class->hash)
		return true;
	class->nr -= group->nr;
	group->to = r->classes.nr;
	return vec_push(&r->classes, ((struct class){ .hash = group->hash, .nr = group->nr }));
}

static bool divide(struct refinement *r)
{
	bool ok = true;

	r->changed.nr = 0;
	for (uint32_t g = 0; g < r->groups.nr && ok; g++)
		ok = place_group(r, &r->groups.at[g]);
	for (uint32_t i = 0; i < r->suspects.nr && ok; i++) {
		const struct suspect *s = &r->suspects.at[i];

		if (r->class[s->node] == r->groups.at[s->group].to)
			continue;
		r->class[s->node] = r->groups.at[s->group].to;
		ok = vec_push(&r->changed, s->node);
	}
	r->suspects.nr = r->groups.nr = 0;
	idtab_clear(&r->group_table);
	return ok;
}

static bool suspect(struct refinement *r, uint32_t node)
{
	const struct refine_graph *g = r->graph;
	uint64_t hash = 0;

	if (r->seen[node] == r->round)
		return true;
	r->seen[node] = r->round;
	for (uint32_t i = g->from[node]; i < g->from[node + 1]; i++)
		hash = hash_mix(hash, (uint64_t)r->class[g->to[i]] + 1);
	return add_suspect(r, node, hash);
}

/* What refers to a node that has changed is the suspect of the next round. */
static bool suspect_referrers(struct refinement *r)
{
	bool ok = true;

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
	bool ok = vec_push(&r->classes, ((struct class){ .nr = r->graph->nr }));

	for (uint32_t n = 0; n < r->graph->nr && ok; n++) {
		const uint32_t looks = r->class[n];

		r->class[n] = 0;
		ok = add_suspect(r, n, looks);
	}
	return ok && divide(r);
}

bool refine(const struct refine_graph *graph, uint32_t *class, uint32_t *nr_classes)
{
	struct refinement r = { .graph = graph, .class = class };
	bool ok = list_referrers(&r) && divide_by_looks(&r);

	r.round++;
	for (uint32_t n = 0; n < graph->nr && ok; n++)
		ok = suspect(&r, n);
	while (r.suspects.nr && ok)
		ok = divide(&r) && suspect_referrers(&r);
	*nr_classes = graph->nr ? r.classes.nr : 0;
	free(r.referrers_from);
	free(r.referrers);
	free(r.seen);
	vec_free(&r.classes);
	vec_free(&r.suspects);
	vec_free(&r.groups);
	idtab_free(&r.group_table);
	vec_free(&r.changed);
	return ok;
}
