/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What print-c.c is made of: names that C can have, and memory layouts that C can express. Nobody
 * else includes this.
 */
#ifndef MODBTF_BTF_PRINT_C_H
#define MODBTF_BTF_PRINT_C_H

#include "btf/view.h"
#include "util/hash.h"
#include "util/vec.h"

/* Room for a name: the longest that the kernel takes, a suffix, NUL. */
#define C_NAME_ROOM (512 + 16)

/* One name space of C: tags, or ordinary identifiers. A zeroed one is empty. */
struct c_names {
	struct idtab tab; /* of places in uses, counted from 1 */
	VEC(struct c_name_use) uses;
};

struct c_name_use {
	const char *name;
	uint32_t nr; /* how many things have the name */
	char tag;    /* what the first of them is: 's'truct, 'u'nion, 'e'num; 0 for identifiers */
	bool incomplete; /* it has only been declared so far */
};

/*
 * Gives @name to one more thing; @tag as above. Things that are @incomplete share the first number,
 * and with whatever completes them, if they are of one sort. @name must outlive the table.
 * Returns the number of the thing, from 1; 0 when out of memory.
 */
uint32_t c_names_take(struct c_names *names, const char *name, char tag, bool incomplete);
void c_names_free(struct c_names *names);

/* Writes @name as an identifier: others' characters as '_', and ___@nr behind it from 2 on. */
void c_name_format(char to[C_NAME_ROOM], const char *name, uint32_t nr);

/* How a STRUCT or UNION is to be written so that it has the size and the offsets that BTF says. */
struct c_layout {
	enum {
		C_UNKNOWN,
		C_NATURAL, /* members and padding */
		C_PACKED,  /* the same, but the attribute is needed */
		C_OPAQUE,  /* no C has it (members overlap): bytes instead of members */
	} form;
	uint32_t align;	 /* bytes; what a C compiler takes it for when so written */
	bool over_align; /* a union that needs attribute aligned(align) to have its size */
};

struct c_layouts {
	const struct btf *btf;
	struct c_layout *known; /* by id, own and base; zeroed at first */
};

/* One member as C sees it. */
struct c_member {
	uint64_t offset; /* bits */
	uint64_t bits;	 /* width of a bitfield, else bits of the type */
	uint64_t align;	 /* bits; of a bitfield, those of its type */
	uint64_t unit;	 /* bits of a bitfield's type */
	bool bitfield;
};

/* Layout of the STRUCT or UNION @id. @depth: 0; grows as it calls itself. */
struct c_layout c_layout(struct c_layouts *layouts, uint32_t id, int depth);

/* Member @i of the STRUCT or UNION @t, itself of layout @form. */
struct c_member c_member(struct c_layouts *layouts, const struct btf_type *t, uint32_t i, int form,
			 int depth);

/* Would a compiler put @m behind bit @end without help where it belongs? */
bool c_follows(const struct c_member *m, uint64_t end, int form);

/*
 * A piece of padding from bit @from towards bit @to. Returns the bits that it covers and sets @unit
 * to the bits of the type for an unnamed bitfield, or to 0: these are bytes for an array.
 */
uint64_t c_padding(uint64_t from, uint64_t to, uint32_t align, int form, uint32_t *unit);

#endif
