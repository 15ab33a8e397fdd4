/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside interning: the unit at work (intern.c), compared side by side with the base (match.c). */
#ifndef MODBTF_BTF_INTERN_WORK_H
#define MODBTF_BTF_INTERN_WORK_H

#include "btf/intern.h"

/* What the fields of a struct intern_node hold besides ids and refs. */
#define UNSET UINT32_MAX
#define NONE (UINT32_MAX - 1) /* not in the base */
#define BUSY (UINT32_MAX - 2) /* being worked out: meeting it again is a circle */

/* Deepest nesting of unnamed types, or of types by value, that is followed. */
#define MAX_DEPTH 512

struct intern_node {
	uint32_t canon;	   /* representative of the node's class in the base, or NONE */
	uint32_t ref;	   /* what a reference to the node refers to */
	uint32_t value;	   /* the same where the type is embedded by value */
	uint32_t base_def; /* named definitions: the base's equal definition, or NONE */
	uint32_t def;	   /* named definitions: that, or the own one */
	uint32_t color;	   /* tells apart two definitions of one name in one graph; else 0 */
	uint32_t class;	   /* named: representative of the name's class in the base, or NONE */
	uint32_t outline; /* named: a definition of that class whose outline is known to be the same */
};

struct work {
	struct intern *in;
	struct error *err;
	int ret; /* the first failure; from then on nothing is worked out any more */
	unsigned int depth;
};

/*
 * SHAPE_NAMED_* of a node that has a name as struct, union or enum (its declaration included); 0
 * for all others.
 */
static inline uint32_t node_shape(const struct graph_node *node)
{
	if (!node->name)
		return 0;
	switch (node->kind) {
	case BTF_KIND_STRUCT:
		return SHAPE_NAMED_STRUCT;
	case BTF_KIND_UNION:
		return SHAPE_NAMED_UNION;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return SHAPE_NAMED_ENUM;
	case BTF_KIND_FWD:
		return node->flags & GRAPH_ENUM	 ? SHAPE_NAMED_ENUM :
		       node->flags & GRAPH_UNION ? SHAPE_NAMED_UNION :
						   SHAPE_NAMED_STRUCT;
	default:
		return 0;
	}
}

static inline bool is_def(const struct graph_node *node)
{
	return node->kind != BTF_KIND_FWD && node_shape(node);
}

/* Notes the first failure; returns NONE. */
static inline uint32_t fail(struct work *w, int ret)
{
	if (!w->ret)
		w->ret = ret;
	return NONE;
}

/* The first definition of the unit that has kind and name of node @id, 0 if none has been noted. */
uint32_t first_def(const struct intern *in, uint32_t id);

/* Notes all definitions of the unit and gives colors (intern-defs.c). False if that failed. */
bool note_defs(struct work *w);

/*
 * For each of these three: what is found out once, and the short way to it from then on. Of node 0,
 * which is void, it is 0.
 */

/* The representative of the node's class in the base, or NONE (intern.c). */
uint32_t find_canon(struct work *w, uint32_t id);

static inline uint32_t canon_of(struct work *w, uint32_t id)
{
	uint32_t canon = id ? w->in->nodes[id].canon : 0;

	return canon < BUSY ? canon : find_canon(w, id);
}

/* What a reference to the node refers to: a ref, or NONE if something failed (intern.c). */
uint32_t find_ref(struct work *w, uint32_t id);

static inline uint32_t ref_of(struct work *w, uint32_t id)
{
	uint32_t ref = id ? w->in->nodes[id].ref : 0;

	return ref < BUSY ? ref : find_ref(w, id);
}

/* The same of a type that embeds the node (intern.c). */
uint32_t find_value(struct work *w, uint32_t id);

static inline uint32_t value_of(struct work *w, uint32_t id)
{
	uint32_t value = id ? w->in->nodes[id].value : 0;

	return value < BUSY ? value : find_value(w, id);
}

/*
 * Is node @id of the class of base type @base_id? A yes is certain, and remembered; a no is not:
 * the class may have another shape that fits. match_deep() is for nodes of which nothing is known
 * (match.c).
 */
bool match_deep(struct work *w, uint32_t id, uint32_t base_id, unsigned int depth);

static inline bool match(struct work *w, uint32_t id, uint32_t base_id, unsigned int depth)
{
	uint32_t canon;

	if (!id || !base_id)
		return id == base_id;
	canon = w->in->nodes[id].canon;
	return canon < BUSY ? canon == w->in->index->rep[base_id] :
			      match_deep(w, id, base_id, depth);
}

/*
 * The own definition that equals the named definition @id, if it is the last one noted under the
 * same name; else 0. @head: the first four words of its record, the last of which is @name
 * (intern-again.c).
 */
uint32_t defined_again(struct work *w, uint32_t id, uint32_t name, const uint32_t *head);

/* Notes for it that @ref defines @name. False when out of memory. */
bool note_definition(struct work *w, uint32_t name, uint32_t ref);

/*
 * Looks up the names of the members, values or parameters of node @id that are still pending. False
 * if that failed.
 */
bool settle_names(struct work *w, uint32_t id);

/* The same, and those of anonymous members, as far as homonym() looks at them. */
bool settle_nested_names(struct work *w, uint32_t id);

#endif
