/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The index of a base: its strings by content, and its types by what they are under the one rule of
 * sameness (DESIGN 7.1).
 *
 * Types that the rule calls equal form a class. A class is known by its representative, one of
 * its types. Named structs, unions and enums form classes by kind and name alone, whatever their
 * members, a forward declaration together with the definitions; all other types by structure, down
 * to classes. To find the class of a type that is not in the base one describes it by words (a
 * "shape"): its kind, name id, numbers, and the classes that it refers to.
 *
 * Built once, then read-only: threads may share it.
 */
#ifndef MODBTF_BTF_INDEX_H
#define MODBTF_BTF_INDEX_H

#include "btf/view.h"
#include "util/hash.h"
#include "util/vec.h"

/* Word 0 of a shape: the kind, or for named structs, unions and enums, one of these. */
enum {
	SHAPE_NAMED_STRUCT = 32,
	SHAPE_NAMED_UNION,
	SHAPE_NAMED_ENUM,
	SHAPE_TYPE_ATTRIBUTE = 40, /* TYPE_TAG and DECL_TAG with kind_flag */
	SHAPE_DECL_ATTRIBUTE,
};

typedef VEC(uint32_t) words_t;

struct btf_index {
	const struct btf *base;
	uint32_t *strings; /* open addressing: 8 bits of hash, 24 bits of offset in the string section */
	uint32_t strings_mask; /* slots - 1 */
	struct idtab named; /* representatives of named structs, unions, enums; see named_hash() */
	uint32_t *rep; /* of each base type id: the representative of its class; 0 for kinds without class (FUNC, VAR, DATASEC) */
	uint32_t *same; /* of each base type id: another id of its class, 0 at the end; starts at the representative */
	uint32_t *ptr_to;     /* of each type id: the representative of pointers to it, 0: none */
	uint32_t *shapes;     /* representatives of all others by shape, open addressing */
	uint32_t shapes_mask; /* slots - 1 */
	uint32_t *numbers;    /* base type ids of INTs and FLOATs, ascending */
	uint32_t nr_numbers;
	bool borrowed;	    /* the tables are others', see index-file.h */
	bool nested_arrays; /* int m[2][3] is an ARRAY of ARRAY there; else one ARRAY of 6 */
	uint32_t array_index; /* type id that the base's arrays use as index type, 0 if it has no array */
};

/*
 * Indexes @base (a base that btf_open() has opened; it must outlive the index). Returns 0, -EINVAL
 * for a base whose types run in a circle or refer to types that do not exist, or that has more types
 * or longer strings than BTF can address; -ENOMEM. Then the index is empty.
 */
int btf_index_build(struct btf_index *index, const struct btf *base, struct error *err);

/*
 * The same in steps: an empty index, which btf_index_free() releases whatever follows; its strings;
 * its classes. The two halves know nothing of each other: two threads may build them at the same
 * time, and names can be looked up while types are still being indexed.
 */
void btf_index_init(struct btf_index *index, const struct btf *base);
int btf_index_strings(struct btf_index *index, struct error *err);
int btf_index_types(struct btf_index *index, struct error *err);

void btf_index_free(struct btf_index *index);

/*
 * The offset of the string of @len bytes in the base, 0 if it has none. @hash: hash_bytes() of it.
 */
uint32_t btf_index_str(const struct btf_index *index, const char *str, size_t len, uint32_t hash);

/*
 * The offsets of that string one after the other, should the base have it at several; 0 behind the
 * last. @pos is between the calls.
 */
uint32_t btf_index_str_first(const struct btf_index *index, const char *str, size_t len,
			     uint32_t hash, uint32_t *pos);
uint32_t btf_index_str_next(const struct btf_index *index, const char *str, size_t len,
			    uint32_t hash, uint32_t *pos);

/* Fetches what btf_index_str() will look at first. */
void btf_index_prefetch_slot(const struct btf_index *index, uint32_t hash);

/* The representative of the class with the shape @words, 0 if the base has none. */
uint32_t btf_index_class(const struct btf_index *index, const uint32_t *words, uint32_t nr);

/* Is type @id of @btf a definition, not only a declaration? An enum without values declares. */
bool btf_is_definition(const struct btf *btf, uint32_t id);

/* SHAPE_NAMED_* for a kind of named type, FWD by its kind_flag; 0 for all other kinds. */
uint32_t btf_named_shape(const struct btf_type *t);

#endif
