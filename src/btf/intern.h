/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interning: each node of a unit's type graph is found in the base, or becomes an own type, under
 * the one rule of sameness (DESIGN 7.1).
 *
 * - A reference to a named struct, union or enum is a reference by kind and name. Where the base
 *   has that name it is the base's, unless the unit's definition is a homonym: hardly a member in
 *   common with any of the base's definitions.
 * - A definition that equals one of the base's is that one. Another one becomes an own type: drift
 *   where the name is the base's; then only what embeds it by value refers to it, pointers go to
 *   the base's.
 * - A name that the base only declares (FWD) is the module's to define: references go to the own
 *   definition.
 * - Everything else is compared by structure.
 *
 * Units are interned one after the other, in a fixed order; what comes out depends on nothing else.
 */
#ifndef MODBTF_BTF_INTERN_H
#define MODBTF_BTF_INTERN_H

#include "btf/graph.h"
#include "btf/names.h"
#include "btf/own.h"

/* A base type that the module has another layout of. */
struct drift {
	uint32_t base_id; /* the base's definition that references go to */
	uint32_t own;	  /* ref of the module's definition */
};

/* A function state or variable of some unit, its type by ref. */
struct interned_func {
	uint32_t symbol;
	uint32_t unit; /* ordinal of the graph it came with */
	uint32_t proto;
	uint32_t flags;
};

struct interned_var {
	uint32_t symbol;
	uint32_t unit;
	uint32_t type;
	uint32_t linkage;
};

struct intern {
	const struct btf_index *index;
	struct names *names;
	struct own own;
	VEC(struct interned_func) funcs;      /* in the order of units and of appearance */
	VEC(struct graph_func_tag) func_tags; /* their func counts in funcs */
	VEC(struct interned_var) vars;
	VEC(struct drift) drifts;

	/*
	 * Which own records each unit has: unit u has touched.at[touched_from.at[u]] up to the next
	 * unit's.
	 */
	VEC(uint32_t) touched;
	VEC(uint32_t) touched_from;

	words_t last_def; /* of each own record that is a name: the definition of it that came last, or 0 */

	/* scratch of the unit at work */
	struct graph *graph;
	struct intern_node *nodes;
	uint32_t nodes_room;
	struct idtab defs; /* nodes that define a name */
	words_t lacking;   /* GRAPH_BASE definitions whose name the base does not know */
	words_t words;
};

/* @index and @names must outlive @in. Returns 0 or -ENOMEM. */
int intern_init(struct intern *in, const struct btf_index *index, struct names *names,
		struct error *err);
void intern_free(struct intern *in);

/*
 * Interns all that @graph holds; it has passed graph_check() and is not needed afterwards. Its
 * pending names are settled. Returns 0, -EINVAL (a type contains itself by value), -ENOMEM.
 */
int intern_graph(struct intern *in, struct graph *graph, struct error *err);

#endif
