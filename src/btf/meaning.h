/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What types of different BTF mean, as numbers that are equal where the meaning is: whatever ids
 * they have, in which order they stand, and which base they are over.
 *
 * References go by name (DESIGN 7.1): structs, unions, enums and declarations by sort and name,
 * typedefs by name, integers by name and bits, so that a type that changed does not change whatever
 * refers to it. All else is compared by structure. Where one encoder writes int m[2][3] as an array of arrays and the
 * other (pahole up to 1.31) as one of 6, arrays are compared by their number of elements.
 *
 * Any BTF that btf_open() took will do. A reference that runs in a circle without a name, or to
 * what does not exist, means nothing, and is equal to all others such.
 */
#ifndef MODBTF_BTF_MEANING_H
#define MODBTF_BTF_MEANING_H

#include "btf/view.h"
#include "util/hash.h"
#include "util/vec.h"

/* Numbers of names and shapes, shared by all views of a comparison. A zeroed one is empty. */
struct meaning {
	struct idtab names;
	VEC(const char *) strings; /* by name number, from 1; they belong to the views */
	struct idtab shapes;
	VEC(uint32_t) places; /* in pool, by shape number, from 1; length first */
	VEC(uint32_t) pool;
	VEC(uint32_t) words; /* shapes that are being put together */
	bool flat;	     /* arrays of arrays count as one array */
	bool nomem;	     /* nothing that was asked since is true */
};

/* BTF (with its base) in the comparison. */
struct meaning_view {
	struct meaning *meaning;
	const struct btf *btf;
	uint32_t *names;   /* by string offset; 0: not looked up yet */
	uint32_t *classes; /* by type id, likewise */
};

void meaning_free(struct meaning *meaning);

/* @btf must outlive @view and @meaning. Returns 0 or -ENOMEM. */
int meaning_view_open(struct meaning_view *view, struct meaning *meaning, const struct btf *btf,
		      struct error *err);
void meaning_view_close(struct meaning_view *view);

/* The number of the name at @off of the view's strings; 0 for the empty one. */
uint32_t meaning_name(struct meaning_view *view, uint32_t off);

/* The same, if that name has been given a number before; UINT32_MAX if not. */
uint32_t meaning_known_name(const struct meaning_view *view, uint32_t off);

static inline const char *meaning_string(const struct meaning *meaning, uint32_t name)
{
	return name ? meaning->strings.at[name - 1] : "";
}

/* The class of a reference to type @id: equal for equal references. 0 for void. */
uint32_t meaning_class(struct meaning_view *view, uint32_t id);

/*
 * The class of type @id with what is in it: equal for definitions with the same name, size and
 * members, or enumerators, or target. Of FUNC: prototype. Of VAR: type.
 */
uint32_t meaning_definition(struct meaning_view *view, uint32_t id);

/* Has the view's base arrays of arrays? False also where it is too small to tell by. */
bool meaning_lacks_nesting(const struct btf *btf);

#endif
