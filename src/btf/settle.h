/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Settling: when all units are interned, each name that the module refers to is settled on what it
 * means - the one own definition of that name, the base's declaration of it, or a declaration of
 * our own - and what this makes equal to a base type after all becomes that.
 */
#ifndef MODBTF_BTF_SETTLE_H
#define MODBTF_BTF_SETTLE_H

#include "btf/intern.h"

struct settled {
	words_t to;  /* of each record: the ref that it has settled on */
	uint32_t nr; /* records that @to covers; later ones stand for themselves */
};

/*
 * Settles all records of @in; adds records where references changed. Returns 0 or -ENOMEM.
 * @s is released with settled_free().
 */
int settle(struct intern *in, struct settled *s, struct error *err);
void settled_free(struct settled *s);

/* What @ref has settled on: a base type id, or the ref of a record to be emitted. */
static inline uint32_t settled_ref(const struct settled *s, uint32_t ref)
{
	return ref_is_own(ref) && (ref & ~OWN_REF) < s->nr ? s->to.at[ref & ~OWN_REF] : ref;
}

#endif
