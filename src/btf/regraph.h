/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Split BTF back into a type graph, the way back from emit.h: what a module's types are when its
 * debug info is gone, so that they can be interned against another base (DESIGN 7.4).
 *
 * Every own type becomes a node, in the order of ids. So does what it leads to in the old base, the
 * one that the BTF was made on; how much of that is taken depends on how it is reached:
 *
 * - Unnamed types, typedefs and integers as they are.
 * - A named struct, union or enum that is only pointed to: its name (FWD). The new base says what
 *   it is; where that lacks the name, a declaration stays, although the old base could tell more.
 *   What a declaration cannot tell apart is taken in full: a name that the module defines
 *   differently, or that the old base defines several times.
 * - One that an own type embeds by value, through typedefs, qualifiers, arrays and base types that
 *   are embedded themselves: its full old definition, as a type of the module's own right. Where the
 *   new base's differs it becomes an own type (drift). Where the module defines itself what such a
 *   type embeds in turn, that is taken: there the old base's was never the module's.
 * - One that stands by value in a prototype or in an unnamed struct: its full old definition as
 *   well, but for comparison only. It becomes an own type where the new base does not know the name.
 *
 * A distilled base has sizes in place of definitions. A name in it is the new base's definition of
 * that size; where the type is used by value there must be exactly one, or the module cannot be
 * given BTF for that base (the kernel would refuse it as well: btf_relocate_map_distilled_base()).
 *
 * Functions and variables are kept, all of them, in their order.
 */
#ifndef MODBTF_BTF_REGRAPH_H
#define MODBTF_BTF_REGRAPH_H

#include "btf/emit.h"
#include "btf/graph.h"
#include "btf/names.h"

/* The functions and variables of split BTF, as emit_split() takes them. */
struct regraphed {
	VEC(struct func_symbol) funcs; /* one for each FUNC, though two may have one name */
	VEC(struct var_symbol) vars;   /* one for each VAR */
	words_t sections;	       /* name ids, one for each DATASEC */
	words_t section_sizes;	       /* bytes, of the same */
};

/*
 * Fills @graph, which it resets, with all that the own types of @btf tell, and @out, which comes
 * zeroed and is released with regraphed_free() in any case. Symbols of functions and variables in
 * @graph count in @out.
 *
 * @btf: has passed btf_verify().
 * @old: the index of its base.
 * @distilled: that base is a .BTF.base.
 * @names: those of the new base.
 *
 * Returns 0; -EINVAL with the type named: by value, but without a counterpart in the new base
 * (distilled bases only); -EOPNOTSUPP: a tag on a variable, or on a function of the base; -ENOMEM.
 */
int btf_regraph(const struct btf *btf, const struct btf_index *old, bool distilled,
		struct names *names, struct graph *graph, struct regraphed *out, struct error *err);
void regraphed_free(struct regraphed *r);

#endif
