/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel understands, by what its own BTF shows of it (DESIGN 7.2): a kind that the base
 * itself has, or the function of kernel/bpf/btf.c that checks it. Version numbers say nothing, for
 * distributions backport; and a function may have been inlined, so the one or the other suffices.
 */
#ifndef MODBTF_BTF_CAPS_H
#define MODBTF_BTF_CAPS_H

#include "btf/index.h"

struct btf_caps {
	bool floats;	/* FLOAT (5.13) */
	bool decl_tags; /* DECL_TAG (5.16) */
	bool type_tags; /* TYPE_TAG (5.17) */
	bool enum64;	/* ENUM64, and the kind_flag of ENUM for negative values (6.0) */
	bool relocates; /* split BTF over a .BTF.base, by btf_relocate() (6.11) */
	bool sorted;	/* its own types stand in the order of names (btf/sort.h; 7.0) */
};

/* One pass over the base of @index. */
void btf_caps_read(struct btf_caps *caps, const struct btf_index *index);

static inline bool btf_caps_all(const struct btf_caps *caps)
{
	return caps->floats && caps->decl_tags && caps->type_tags && caps->enum64;
}

/*
 * Does the kernel take the arguments of a kfunc with KF_IMPLICIT_ARGS from a function NAME_impl
 * (7.0; kernel/bpf/verifier.c, fetch_kfunc_meta())? It does if its own kfuncs come in such pairs: a
 * NAME_impl that takes a struct bpf_prog_aux, and a NAME with the same parameters up to there. One
 * pass as well, for the few modules that ask.
 */
bool btf_caps_implicit_args(const struct btf *base);

#endif
