/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types written as text, so that a test shows what a base and the units of a module hold. A text is
 * a list of items with a semicolon between them; a type is read from left to right:
 *
 *	void int uint long ulong char bool double	integers, and a FLOAT
 *	*T const T volatile T restrict T [3]T @user T	@: TYPE_TAG
 *	struct foo { int a; *struct foo p; uint b:3; }	also union; no name: anonymous
 *	struct foo					the one that the text defines, else a declaration
 *	struct foo#2  struct foo#0			the second definition, the declaration
 *	struct foo<16> { int a@64; }			size in bytes, bit offset; else as C lays it out
 *	enum e { A=0, B=-1 }  enum64 e { ... }  enum e	8 bytes for enum64, else 4
 *	func(int a, *char, ...) int			FUNC_PROTO, void for no result
 *	name						typedef of that name (name#2: the second of it)
 *
 * Items are types, and
 *
 *	typedef name T
 *	tag text T	tag text T.1			DECL_TAG on a type, on its component 1
 *	fn f(int a) int !optimized ~hot ~in.0		a function; ! is a flag, ~ a tag (on parameter 0)
 *	var x T .data..percpu:8	static			a variable, 8 bytes into that section
 *
 * Each type is a node of its own wherever it is written, but for void, integers and declarations.
 */
#ifndef MODBTF_TESTS_UNIT_GRAPH_TEXT_H
#define MODBTF_TESTS_UNIT_GRAPH_TEXT_H

#include "btf/graph.h"
#include "btf/names.h"
#include "util/bytes.h"

struct text_type {
	uint8_t kind;
	uint8_t flags; /* enum graph_flags */
	char name[32];
	uint32_t size;
	uint32_t type;
	uint32_t first;
	uint32_t nr;
};

/* A member, parameter, enumerator. */
struct text_entry {
	char name[32];
	uint32_t type;
	uint32_t bit_offset;
	uint32_t bit_size;
	uint64_t value;
};

struct text_func {
	char name[32];
	uint32_t proto;
	uint32_t flags; /* enum func_flags */
};

struct text_func_tag {
	char name[32];
	uint32_t func;
	uint32_t component;
};

struct text_var {
	char name[32];
	char section[32];
	uint32_t type;
	uint32_t offset;
	uint32_t size;
	uint32_t linkage;
};

struct text {
	VEC(struct text_type) types; /* [0] is void */
	VEC(struct text_entry) entries;
	VEC(struct text_func) funcs;
	VEC(struct text_func_tag) func_tags;
	VEC(struct text_var) vars;
};

/* Reads @from; a test whose text is wrong fails. */
void text_read(struct text *text, const char *from);
void text_free(struct text *text);

/* The text as the BTF of a base: type ids in the order of the text. The caller frees data. */
struct buffer text_base(const struct text *text, bool big);

typedef VEC(char) text_strings_t;

/* The text as a unit's graph; functions and variables have the symbols that these give by name. */
void text_graph(const struct text *text, struct names *names, struct graph *graph);

/* Makes all names of members and values pending, as offsets in @strings. */
void text_names_pending(const struct text *text, struct graph *graph, text_strings_t *strings);

#endif
