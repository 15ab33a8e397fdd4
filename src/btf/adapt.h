/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a target kernel would refuse, said in words that it knows. Without it the kernel would drop
 * all BTF of the module, for one float.
 */
#ifndef MODBTF_BTF_ADAPT_H
#define MODBTF_BTF_ADAPT_H

#include "btf/caps.h"
#include "btf/graph.h"

/*
 * Replaces in @graph what @caps lacks, as the kernel's own build did at the time, so that it equals
 * what the base has:
 *
 *	FLOAT		an INT without encoding of that size, or an anonymous STRUCT without members
 *			where no INT has it (12 bytes)
 *	ENUM64		an ENUM of 8 bytes; of each value the lower 32 bits
 *	ENUM, signed	not marked as such
 *	TYPE_TAG	what it tags
 *	DECL_TAG	nothing, also those on functions
 *
 * The graph need not have passed graph_check(), and what was refused by it still is. Returns 0,
 * -EINVAL (type tags run in a circle), -ENOMEM.
 */
int graph_adapt(struct graph *graph, const struct btf_caps *caps, struct error *err);

#endif
