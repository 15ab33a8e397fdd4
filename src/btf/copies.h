/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Split BTF side by side with its base, under the one rule of sameness (DESIGN 7.1): which of its
 * own types should not be there, and which are the module's own view of a type of the base?
 */
#ifndef MODBTF_BTF_COPIES_H
#define MODBTF_BTF_COPIES_H

#include "btf/index.h"

/* What an own type is to another one. */
enum btf_relation {
	BTF_COPY,      /* equal to a type of the base, which would have served */
	BTF_DRIFT,     /* a definition whose name the base has with another layout */
	BTF_HOMONYM,   /* a definition that shares only its name with the base's */
	BTF_DUPLICATE, /* equal to an own type */
};

struct btf_related {
	enum btf_relation relation;
	uint32_t id;	/* of the own type */
	uint32_t other; /* the other one: the base's, or the first of own types that are equal */
};

typedef VEC(struct btf_related) btf_related_t;

/*
 * Compares the own types of @btf, a view over index->base, with the base's and with each other.
 * Its types must have passed verification by themselves (btf_verify_each(), BTF_RULE_METADATA);
 * references may lead anywhere. Functions and variables are not compared.
 *
 * Two own types that are copies of one base type are copies, not duplicates. Own types that refer
 * to different own definitions of one name are different, and so are these definitions, unless all
 * that they lead to is the same.
 *
 * Appends to @out what was found, in the order of ids but for duplicate definitions, which come
 * last. Returns 0 or -ENOMEM.
 */
int btf_find_related(const struct btf *btf, const struct btf_index *index, btf_related_t *out,
		     struct error *err);

#endif
