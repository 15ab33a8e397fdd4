/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Name ids: one number for each distinct string, so that names compare as integers.
 *
 * A string that the base has is known by its offset in the base's string section (just as split BTF
 * will refer to it); any other one gets an id from the base's string length on. Id 0 is the empty
 * string: anonymous.
 */
#ifndef MODBTF_BTF_NAMES_H
#define MODBTF_BTF_NAMES_H

#include "btf/index.h"
#include "util/hash.h"
#include "util/vec.h"

struct names {
	const struct btf_index *index;
	uint32_t first_own; /* ids from here on are ours */
	VEC(char) text;	    /* own strings, NUL terminated, one after the other */
	struct idtab table; /* own ids by hash */

	/*
	 * Strings that were looked up before, packed close: units of a module share most of theirs,
	 * and those of the base lie far apart. Each is a struct known_name and its text.
	 */
	VEC(char) known;
	struct idtab known_by_hash; /* places in known + 1 */
};

/* @index must outlive @names. */
void names_init(struct names *names, const struct btf_index *index);
void names_free(struct names *names);

/*
 * Makes @fork one of its own, for another thread, in which all strings have the ids that they have so far
 * in @names; what comes later has not. Returns false when out of memory; it is released in either case.
 */
bool names_fork(struct names *fork, const struct names *names);

/* Ids that are less than this are the same in a fork that is made now. */
static inline uint32_t names_end(const struct names *names)
{
	return names->first_own + names->text.nr;
}

/* The id of the @len bytes at @str (no NUL inside). UINT32_MAX when out of memory. */
uint32_t name_id(struct names *names, const char *str, size_t len);

/*
 * The longest name that is taken from debug info. Kernels refuse identifiers of 512 bytes and more.
 * Without a limit, names that lie in each other (one is the end of the other) would take the square
 * of what they take in the file.
 */
#define NAME_LONGEST 4095

/*
 * In place of a name id: the string at that offset (the other 31 bits) of a string section, whose
 * id shall be looked up later, by name_ids().
 */
#define NAME_PENDING 0x80000000u

/*
 * Fetches the string of a name, should it be pending. Compilers put strings in no order: who compares
 * the names of a definition does this for those some places ahead.
 */
static inline void name_prefetch(struct bytes strings, uint32_t name)
{
	if (name & NAME_PENDING)
		__builtin_prefetch(strings.data + (name & ~NAME_PENDING));
}

#define NAMES_AHEAD 4

/*
 * Looks up all pending names among the @nr words that stand @stride bytes apart from @field on.
 * Many at a time, so that one waits for memory while the others come: most of a single look-up is
 * waiting.
 * @strings: the section that pending names are offsets in. Returns 0, -EINVAL (an offset outside, a
 * string without end, or one that is too long), -ENOMEM.
 */
int name_ids(struct names *names, struct bytes strings, uint32_t *field, size_t stride, size_t nr,
	     struct error *err);

/* The string of an id that name_id() gave; valid until the next name_id(). */
static inline const char *name_str(const struct names *names, uint32_t id)
{
	if (id < names->first_own)
		return btf_str(names->index->base, id);
	return names->text.at + (id - names->first_own);
}

#endif
