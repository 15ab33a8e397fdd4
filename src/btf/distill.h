/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Distilling: split BTF that refers to a kernel's whole base becomes split BTF over a small base of
 * its own, which the module carries in .BTF.base and by which kernels from 6.11 on relocate it
 * (relocate.h). What goes where is as libbpf's btf__distill_base() has it, for that is what kernels
 * are tested with:
 *
 * - Base types with a name that the split part uses stand in the distilled base: INT, FLOAT and FWD
 *   as they are, STRUCT and UNION with their size and without members, ENUM and ENUM64 as ENUM with
 *   their size and without values.
 * - All others (pointers, modifiers, typedefs, arrays, prototypes, anonymous types) become part of
 *   the split part, behind its own types, with what they use in turn.
 *
 * One thing is different. A type of which relocation would find several in the base, so that the
 * kernel would refuse the whole module, joins the split part with its definition instead; what it
 * refers to is treated like anything else that the split part uses.
 */
#ifndef MODBTF_BTF_DISTILL_H
#define MODBTF_BTF_DISTILL_H

#include "btf/relocate.h"

struct distilled {
	struct buffer base;    /* .BTF.base */
	struct buffer split;   /* .BTF over it */
	uint32_t nr_base;      /* types in the distilled base */
	uint32_t nr_moved;     /* base types that became the split part's */
	uint32_t nr_ambiguous; /* of them, those whose name alone would not have done */
};

/*
 * Distils @split. Types of the distilled base stand in the order that they have in the base, and so
 * do those that join the split part; if @sorted, the split part is put in the order of names
 * (sort.h). @base: that of @split, prepared for relocation. @split has passed btf_verify().
 *
 * What comes out has been relocated onto the base again, and is verified. Returns 0; -EINVAL (the
 * split part refers to a type of the base that relocation does not know, FUNC, VAR, ...), -E2BIG,
 * -ENOMEM. @out is released with distilled_free().
 */
int btf_distill(const struct btf *split, struct relocate_base *base, bool sorted,
		struct distilled *out, struct error *err);
void distilled_free(struct distilled *d);

#endif
