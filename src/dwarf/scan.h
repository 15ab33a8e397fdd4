/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the reader: one unit on its way into a type graph.
 */
#ifndef MODBTF_DWARF_SCAN_H
#define MODBTF_DWARF_SCAN_H

#include "btf/graph.h"
#include "dwarf/die.h"

/*
 * A node that stands for another one: _Atomic T for T, what BTF cannot say for void. Gone when the
 * scan ends.
 */
#define KIND_ALIAS 0x1f

/*
 * In a member's bit_size: its bit offset still lacks the size of its type (DWARF 2 and 3
 * bit-fields).
 */
#define BIT_OFFSET_PENDING 0x80000000u

/* Where a parameter arrives, by what its location says first; -1 if it does not say. */
struct location {
	int reg;       /* register, for types that fit in one */
	int piece_reg; /* for larger types: the register of the first piece */
};

/* A formal parameter as its DIE has it. */
struct param {
	uint64_t die;
	uint64_t origin; /* DW_AT_abstract_origin, 0 if none */
	uint32_t name;
	uint32_t type; /* node */
	bool has_type;
	bool has_location;
	bool const_value;
	struct location location;
};

/* A subprogram DIE whose symbol exists, or may. */
struct subprogram {
	uint64_t die;
	uint64_t origin, specification;
	uint32_t name;
	uint32_t type; /* node of the return type */
	bool has_type;
	bool variadic;
	bool nocall;		     /* clang: DW_CC_nocall, the signature was changed */
	uint32_t first, nr;	     /* in scan.params */
	uint32_t first_tag, nr_tags; /* in scan.tags */
};

/* A btf_decl_tag on a function or parameter. */
struct annotation {
	uint32_t name;
	uint32_t component;
};

/* A per-CPU variable; its size is looked up when all types are read. */
struct variable {
	uint32_t name;
	uint32_t type;	  /* node */
	uint32_t section; /* ELF section index */
	uint64_t offset;
	bool external;
};

struct scan {
	struct reader r;
	struct dwarf *d;
	struct dwarf_unit *out;
	struct graph *graph;		  /* of that */
	struct idtab nodes;		  /* node ids by hash of DIE offset */
	VEC(uint64_t) offsets;		  /* of each node: the DIE it stands for, 0 for made ones */
	VEC(struct graph_member) members; /* of structs not yet complete, as a stack */
	VEC(struct graph_value) values;
	VEC(struct param) params;
	VEC(struct subprogram) subprograms;
	VEC(struct annotation) tags;
	VEC(struct variable) variables;
	struct idtab by_die; /* subprograms, ordinal + 1, by hash of their DIE's offset */
	uint32_t aliases;    /* KIND_ALIAS nodes */
	uint32_t pending;    /* members with BIT_OFFSET_PENDING */
	unsigned int depth;
};

/* Makes an undefined node for the DIE at @offset, whose slot is free. 0 when out of memory. */
uint32_t scan_new_node(struct scan *s, uint64_t offset, struct idtab_slot *slot);

/*
 * The node that stands for the DIE at @offset; made, as yet undefined, if there was none. 0 when
 * out of memory.
 */
static inline uint32_t scan_node(struct scan *s, uint64_t offset)
{
	/*
	 * The offset itself is the hash: equal hashes are equal offsets, and neighbours stay
	 * neighbours.
	 */
	struct idtab_slot *slot = idtab_only(&s->nodes, (uint32_t)offset);

	if (!slot)
		return 0;
	return slot->id ? slot->id : scan_new_node(s, offset, slot);
}

/* The node that the reference in SLOT_TYPE leads to, 0 for void. */
int scan_type(struct scan *s, const struct die *die, uint32_t *node);

/* Reads the DIE at the reader, and with it all its children, into the graph. */
int scan_die(struct scan *s, const struct die *die);

/* Reads all siblings up to the null entry. */
int scan_siblings(struct scan *s);

/* A node of its own that no DIE stands for; 0 when out of memory. */
uint32_t scan_made_node(struct scan *s, struct graph_node node);

/* Bytes that a node's type takes, typedefs and qualifiers followed; 0 where that is not known. */
uint64_t scan_size(const struct scan *s, uint32_t node);

/*
 * annotation.c: the text of an annotation of the sort @kind ("btf_decl_tag"), by name id; 0 if it is another
 * one.
 */
int scan_annotation(struct scan *s, const struct die *die, const char *kind, uint32_t *text);

/*
 * The texts of all that are among the children of @die, which are read, or if there are none, that it refers
 * to; appended to @texts, innermost first.
 */
int scan_annotations(struct scan *s, const struct die *die, const char *kind, words_t *texts);

/* Tags @node, or its member or parameter @component (UINT32_MAX: itself). */
int scan_decl_tag(struct scan *s, uint32_t node, uint32_t text, uint32_t component);

/* Does so with all of these that @die has. @children: which still are to be read. */
int scan_decl_tags(struct scan *s, const struct die *die, bool children, uint32_t node,
		   uint32_t component);

/* subprogram.c: reads a subprogram DIE with its parameters. */
int scan_subprogram(struct scan *s, const struct die *die);

/* signature.c: makes prototypes and functions of all subprograms, once all types are read. */
int scan_prototypes(struct scan *s);

/*
 * variable.c: notes the per-CPU variable that a DIE directly below the unit describes; later enters
 * all that have a size.
 */
int scan_variable(struct scan *s, const struct die *die);
int scan_variables(struct scan *s);

/* Enters the variables of a unit that was read into those of all. */
int collect_variables(struct dwarf *d, struct dwarf_unit *unit, struct error *err);

/* location.c: where the parameter arrives whose DW_AT_location @die has. */
int read_location(struct scan *s, const struct die *die, struct location *location);

#endif
