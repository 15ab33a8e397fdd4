/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The layout of a type as lines for a reader, one a member or enumerator, and two layouts side by
 * side. Members of anonymous structs and unions stand as lines of their own, further in, with the
 * offsets that they have in the whole.
 */
#ifndef MODBTF_BTF_LAYOUT_H
#define MODBTF_BTF_LAYOUT_H

#include "btf/meaning.h"

struct layout_line {
	uint64_t offset; /* of a member: bits; of an enumerator: its value */
	uint64_t size;	 /* bytes of its type, 0 where it has none */
	uint64_t key;	 /* what lines of two layouts are matched by: the name, and what it is in */
	uint32_t class;	 /* meaning_class() of its type */
	uint16_t bits;	 /* width of a bitfield, else 0 */
	uint16_t depth;	 /* of anonymous structs and unions around it */
	bool negative;	 /* enumerators: the value is below 0 */
	char *text;	 /* "u32 mark", "u32 kind:3", "union {...}", "NF_DROP" */
};

/* Strings are its own. */
struct layout {
	char *title;	/* "struct foo", "typedef struct {...} foo_t", "enum foo" */
	uint64_t size;	/* bytes */
	bool has_size;	/* it is something that has one */
	bool values;	/* lines are enumerators, not members */
	bool truncated; /* hostile input: not all lines are here */
	VEC(struct layout_line) lines;
};

/*
 * The layout of type @id: of a struct, union or enum, or of a typedef, which has the lines of what
 * it gives a name to. All else has none. Returns 0 or -ENOMEM; released with layout_free() in
 * either case.
 */
int layout_read(struct layout *layout, struct meaning_view *view, uint32_t id, struct error *err);
void layout_free(struct layout *layout);

#define LAYOUT_NO_LINE UINT32_MAX

enum layout_change {
	LAYOUT_SAME,
	LAYOUT_LOST,	/* only in the old one */
	LAYOUT_GAINED,	/* only in the new one */
	LAYOUT_MOVED,	/* the same with another offset, size or value */
	LAYOUT_RETYPED, /* of this name in both, with another type */
};

struct layout_row {
	enum layout_change change;
	uint32_t old_line; /* LAYOUT_NO_LINE: none */
	uint32_t new_line;
};

typedef VEC(struct layout_row) layout_rows_t;

/*
 * Appends to @rows the lines of two layouts of one meaning, side by side: in the order of the new
 * one, and those that only the old one has where they stood. Returns 0 or -ENOMEM.
 */
int layout_compare(const struct layout *old, const struct layout *new, layout_rows_t *rows,
		   struct error *err);

/* The text of a line's place: "16", "16:3" (byte and bit), or the value of an enumerator. */
#define LAYOUT_PLACE_ROOM 32
void layout_place(const struct layout *layout, const struct layout_line *line,
		  char text[LAYOUT_PLACE_ROOM]);

#endif
