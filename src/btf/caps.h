/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one kernel understands of BTF, and takes as a module's. The rules of kernel/bpf/btf.c have
 * changed in few places, and distributions bring changes back into old kernels: so the kernel is
 * asked by what its own BTF shows (DESIGN 7.2), never by its release. A kind is known if the base
 * itself has it or the function that checks it; a function may have been inlined, so the one or the
 * other suffices.
 */
#ifndef MODBTF_BTF_CAPS_H
#define MODBTF_BTF_CAPS_H

#include "btf/index.h"

struct btf_caps {
	uint32_t header_len; /* of its struct btf_header: 24, from 7.2 on 32, with a layout section */
	uint32_t name_len;   /* its KSYM_NAME_LEN: the longest identifier, bytes */
	uint32_t kinds;	     /* bit k: it knows kind k; see btf_caps_know() */
	bool wide_info;	     /* vlen has 24 bits and kind 7, not 16 and 5 (7.2) */
	bool attributes;     /* tags may have kind_flag (6.15) */
	bool tags_anywhere; /* type tags may stand behind other modifiers (7.x) */
	bool section_names; /* a DATASEC's name need be no identifier (6.11) */
	bool latin1;	    /* identifiers may have the letters of Latin-1, as its isalpha() says */
	bool relocates;	    /* split BTF over a .BTF.base, by btf_relocate() (6.11) */
	bool sorted;	    /* its own types stand in the order of names (btf/sort.h; 7.0) */
	/*
	 * It takes the arguments of a kfunc with KF_IMPLICIT_ARGS from a function NAME_impl (7.0;
	 * kernel/bpf/verifier.c, fetch_kfunc_meta()), for its own kfuncs come in such pairs: a
	 * NAME_impl that takes a struct bpf_prog_aux, and a NAME with the same parameters up to it.
	 */
	bool implicit_args;
};

/*
 * Of the kernel whose base @index indexes, in one pass over it. What a base does not tell is taken
 * to be as in the oldest kernels, which have the strictest rules.
 */
void btf_caps_read(struct btf_caps *caps, const struct btf_index *index);

/*
 * FLOAT came with 5.13, DECL_TAG with 5.16, TYPE_TAG with 5.17, ENUM64 and the kind_flag of ENUM for
 * negative values with 6.0.
 */
static inline bool btf_caps_know(const struct btf_caps *caps, enum btf_kind kind)
{
	return caps->kinds >> kind & 1;
}

#endif
