/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types in a line of C, as a reader wants to see them: "struct sk_buff *skb", "const char *const
 * names[2]", "int (*fn)(u32 mark)". What a compiler takes is the work of print.h.
 *
 * Names come out as they stand in the BTF, whatever they hold; who prints them makes them safe.
 * Any BTF that btf_open() took will do. A line that would be endless, or longer than a few thousand
 * characters, ends in "...".
 */
#ifndef MODBTF_BTF_DECLARE_H
#define MODBTF_BTF_DECLARE_H

#include "btf/view.h"
#include "util/strbuf.h"

/* What is written for a struct, union or enum without a name. */
enum declare_style {
	DECLARE_WHOLE,	/* "struct {int x; int y;}" */
	DECLARE_ELIDED, /* "struct {...}": its members are told elsewhere */
};

/* Appends something of type @id called @name; "" for the type alone. */
void btf_declare(const struct btf *btf, uint32_t id, const char *name, enum declare_style style,
		 struct strbuf *out);

/* Appends what @id is, with its name but without what is in it: "struct foo", "typedef u32 id_t". */
void btf_declare_type(const struct btf *btf, uint32_t id, struct strbuf *out);

/*
 * Bytes of type @id: through modifiers and arrays; 0 for what has no size, and where it would be
 * over 2^40.
 */
uint64_t btf_size_of(const struct btf *btf, uint32_t id);

/*
 * The STRUCT, UNION, ENUM or ENUM64 without a name that something of type @id has in it by value,
 * through qualifiers and arrays (not typedefs); 0 if it is nothing such.
 */
uint32_t btf_unnamed_in(const struct btf *btf, uint32_t id);

/* The value of enumerator @i as C's long long; of ENUM and ENUM64. @negative: it is below 0. */
int64_t btf_enumerator_value(const struct btf_type *t, uint32_t i, bool *negative);
const char *btf_enumerator_name(const struct btf *btf, const struct btf_type *t, uint32_t i);

#endif
