/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Outlines: what a definition looks like without regard to the types of its members. By them
 * equality is ruled out cheaply, and drift is told from a homonym.
 */
#ifndef MODBTF_BTF_HOMONYM_H
#define MODBTF_BTF_HOMONYM_H

#include "btf/graph.h"
#include "btf/index.h"
#include "btf/names.h"

/*
 * How deep anonymous members are followed into theirs, and how many members are looked at in all. A
 * graph may hold one anonymous struct in many places; as a tree it may be larger than any memory.
 */
#define MAX_NESTING 32
#define MAX_MEMBERS 100000

/*
 * Do the base's definition @t and the graph's @node agree in kind, size, and the names and places
 * of all members, or in all enumerators? (Not yet: member types.) Pending names that agree are
 * settled on the way.
 */
bool same_outline(const struct btf *base, const struct btf_type *t, struct graph *graph,
		  const struct graph_node *node);

/*
 * Does the name in @field, pending or not, equal the string at @name_off of the base? If a pending
 * one does, it is settled.
 */
static inline bool same_name(const struct btf *base, const struct graph *graph, uint32_t *field,
			     uint32_t name_off)
{
	if (!(*field & NAME_PENDING))
		return *field == name_off;
	if (strcmp((const char *)graph->strings.data + (*field & ~NAME_PENDING),
		   btf_str(base, name_off)))
		return false;
	*field = name_off;
	return true;
}

/* A hash (never 0) over what same_outline() compares; the names of the node are not pending. */
uint32_t outline_hash(const struct graph *graph, uint32_t id);

/*
 * Does the named definition @id of the graph share only its name with the base's definitions in the
 * class of @rep? It does when with each of them less than half of the member names (anonymous
 * members counted by their own members; enumerators for enums) is common, measured by the one that
 * has more. Empty definitions are no homonyms, nor is anything where the base only declares the
 * name. No names are pending. Returns 1 if it does, 0 if not, or -ENOMEM.
 */
int homonym(const struct btf_index *index, uint32_t rep, const struct graph *graph, uint32_t id);

/*
 * The same two questions for a definition that stands in BTF itself.
 *
 * definition_names() gives the name offsets of its members (those of anonymous members in their
 * place) or enumerators, as @btf has them, appended to @out. names_akin() sorts both lists, and
 * tells whether at least half of the larger is common. False when out of memory.
 */
bool definition_names(const struct btf *btf, const struct btf_type *t, words_t *out);
bool names_akin(words_t *ours, words_t *theirs);

#endif
