/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The type graph of one unit, as its type source (DWARF, or BTF that exists) has it: every type in
 * a node, with nothing merged and nothing left out.
 *
 * Node ids count from 1; 0 is void. Names are ids of a struct names. A graph is plain data: whoever
 * fills it in sees to it that node ids and ranges are inside (graph_check() makes sure), and
 * interning reads it.
 */
#ifndef MODBTF_BTF_GRAPH_H
#define MODBTF_BTF_GRAPH_H

#include "btf/format.h"
#include "util/bytes.h"
#include "util/error.h"
#include "util/vec.h"

enum graph_flags {
	GRAPH_UNION = 1 << 0,  /* FWD: of a union */
	GRAPH_ENUM = 1 << 1,   /* FWD: of an enum */
	GRAPH_SIGNED = 1 << 2, /* ENUM: has negative values */
	GRAPH_PART =
		1 << 3, /* FUNC_PROTO of a function, inner array: not a type in its own right */
	/*
	 * What the source refers to but takes from a base of its own: not a type of its own right
	 * either. A definition is looked at where it is embedded, or where the target knows no such
	 * name.
	 */
	GRAPH_BASE = 1 << 4,
	GRAPH_ATTRIBUTE = 1 << 5, /* TYPE_TAG, DECL_TAG: an attribute (kind_flag, kernel 6.15) */
	GRAPH_SIZED = 1 << 6,	  /* FWD: of a definition of the base that has this size */
	/*
	 * A type of the module that another one embeds: it is there as that embeds it, not as pointers
	 * would refer to it. That makes a difference where it leads to a definition that drifts.
	 */
	GRAPH_EMBEDDED = 1 << 7,
};

/*
 * What the fields mean, by kind (all others are 0): INT        size (bytes), nr = BTF encoding word
 * (encoding, offset, bits) FLOAT      size PTR, TYPEDEF, CONST, VOLATILE, RESTRICT, TYPE_TAG: type
 * (TYPE_TAG: name is the tag) ARRAY      type = element, nr = number of elements STRUCT, UNION:
 * size; nr members from graph->members[first] ENUM, ENUM64 size; nr enumerators from
 * graph->values[first] FWD        flags say of what; with GRAPH_SIZED: size
 * FUNC_PROTO type = return; nr parameters from
 * graph->members[first] (name, type); variadic: a last one of name 0 and type 0 DECL_TAG   type =
 * what is tagged, name = the tag, nr = component index (UINT32_MAX: the type itself)
 */
struct graph_node {
	uint8_t kind; /* enum btf_kind; BTF_KIND_UNKN: referred to, never defined */
	uint8_t flags;
	uint32_t name;
	uint32_t size;
	uint32_t type;
	uint32_t first;
	uint32_t nr;
};

struct graph_member {
	uint32_t name;
	uint32_t type;
	uint32_t bit_offset;
	uint32_t bit_size; /* 0: not a bitfield */
};

struct graph_value {
	uint32_t name;
	uint64_t value; /* sign-extended */
};

/* One appearance of a function: several of one name must agree (see btf/functions.h). */
struct graph_func {
	uint32_t symbol; /* index of its group in the table of function symbols */
	uint32_t proto;	 /* FUNC_PROTO node */
	uint32_t flags;	 /* FUNC_* */
};

/*
 * A decl tag on a function or parameter; counts only if this appearance is the one that is chosen.
 */
struct graph_func_tag {
	uint32_t func;	    /* index in graph->funcs */
	uint32_t name;	    /* of the tag */
	uint32_t component; /* parameter, UINT32_MAX: the function itself */
	bool attribute;	    /* as GRAPH_ATTRIBUTE */
};

struct graph_var {
	uint32_t symbol; /* index in the table of variable symbols */
	uint32_t type;
	uint32_t linkage; /* enum btf_var_linkage */
};

/*
 * Names of members and values may still be pending (names.h): the string at an offset of
 * graph->strings. Most of them belong to definitions that the base has as well, and are compared
 * with the string that stands there instead of being looked up.
 */
struct graph {
	struct bytes strings; /* ends in NUL */
	/*
	 * Each definition is a type by itself, also where several have one name and look alike: they
	 * may refer to different ones. (In a unit of debug info they are one, seen twice.)
	 */
	bool distinct;
	VEC(struct graph_node) nodes; /* nodes.at[0] is void */
	VEC(struct graph_member) members;
	VEC(struct graph_value) values;
	VEC(struct graph_func) funcs;
	VEC(struct graph_func_tag) func_tags;
	VEC(struct graph_var) vars;
};

/* Empties @graph but for the void node; memory is kept. False when out of memory. */
bool graph_reset(struct graph *graph);
void graph_free(struct graph *graph);

/* Appends a node and returns its id; 0 when out of memory. */
static inline uint32_t graph_add(struct graph *graph, struct graph_node node)
{
	return vec_push(&graph->nodes, node) ? graph->nodes.nr - 1 : 0;
}

/*
 * Checks what interning relies on: each reference to a node that exists and has a kind, each range
 * inside its array (circles are found by interning itself). Returns 0, or -EINVAL naming the node.
 */
int graph_check(const struct graph *graph, struct error *err);

#endif
