/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The own types of a module while they are gathered: a table of records, each distinct one once.
 *
 * A type is named by a ref: 0 is void, a value below OWN_REF a type id of the base, OWN_REF + n the
 * record n. A record is a string of words like the shapes of the base index (btf/index.h), with
 * refs where those have representatives. Word 0 tells what it is:
 *
 *	INT FLOAT	 kind, name, size, encoding
 *	PTR CONST ...	 kind, name, ref (TYPEDEF, TYPE_TAG with name; SHAPE_TYPE_ATTRIBUTE)
 *	ARRAY		 kind, ref of element, number of elements
 *	STRUCT UNION	 kind, size, members...			anonymous
 *	ENUM ENUM64	 kind, size | OWN_SIGNED, values...	anonymous
 *	FUNC_PROTO	 kind, ref of return, parameters...
 *	DECL_TAG	 kind, name, ref, component index (SHAPE_DECL_ATTRIBUTE)
 *	SHAPE_NAMED_*	 name, color: "the struct of that name", wherever a type refers to it
 *	SHAPE_DEF_*	 name, size, ref of its name, members or values...: a definition
 *
 * A member is four words (name, ref, bit offset, bit size), a value three (name, low, high), a
 * parameter two (name, ref). The ref of its name is a SHAPE_NAMED record, or the base's type where
 * the definition is the module's own layout of a type of the base (drift).
 */
#ifndef MODBTF_BTF_OWN_H
#define MODBTF_BTF_OWN_H

#include "btf/index.h"
#include "util/vec.h"

#define OWN_REF 0x80000000u
#define OWN_SIGNED 0x80000000u

enum {
	SHAPE_DEF_STRUCT = 36,
	SHAPE_DEF_UNION,
	SHAPE_DEF_ENUM,
	SHAPE_DEF_ENUM64,
};

struct own_record {
	uint32_t at;	/* of word 0 in the pool */
	uint32_t nr;	/* words */
	uint32_t stamp; /* last unit that had it; for gathering */
	uint32_t ptr;	/* ref of the PTR to it, if that has been looked up; else 0 */
	bool dropped;	/* taken apart into variants, not to be emitted */
	bool root;	/* stands in the type source as a type of its own right */
};

struct own {
	VEC(struct own_record) records; /* [0] is not used */
	words_t pool;
	struct idtab table;
};

bool own_init(struct own *own);
void own_free(struct own *own);

/* The ref of the record with these words, made if need be; 0 when out of memory. */
uint32_t own_ref(struct own *own, const uint32_t *words, uint32_t nr);

/* The ref of a new record with these words, even if there is one like it; 0 when out of memory. */
uint32_t own_new(struct own *own, const uint32_t *words, uint32_t nr);

static inline bool ref_is_own(uint32_t ref)
{
	return ref & OWN_REF;
}

static inline const uint32_t *own_words(const struct own *own, uint32_t ref)
{
	return own->pool.at + own->records.at[ref & ~OWN_REF].at;
}

static inline uint32_t own_nr_words(const struct own *own, uint32_t ref)
{
	return own->records.at[ref & ~OWN_REF].nr;
}

/*
 * Walks the words of a record that are refs: position of the next one after @pos (0 to start), 0 at
 * the end.
 */
uint32_t own_next_ref(const uint32_t *words, uint32_t nr, uint32_t pos);

static inline bool shape_is_named(uint32_t shape)
{
	return shape >= SHAPE_NAMED_STRUCT && shape <= SHAPE_NAMED_ENUM;
}

static inline bool shape_is_def(uint32_t shape)
{
	return shape >= SHAPE_DEF_STRUCT && shape <= SHAPE_DEF_ENUM64;
}

#endif
