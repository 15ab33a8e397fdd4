/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one kernel takes as a module's BTF. The rules of kernel/bpf/btf.c have changed in few
 * places, and distributions bring changes back into old kernels: so the kernel is asked by what its
 * own BTF holds, never by its release.
 */
#ifndef MODBTF_BTF_RULES_H
#define MODBTF_BTF_RULES_H

#include "btf/index.h"

struct btf_rules {
	uint32_t header_len; /* of its struct btf_header: 24, from 7.2 on 32, with a layout section */
	uint32_t name_len;   /* its KSYM_NAME_LEN: the longest identifier, bytes */
	uint32_t kinds;	     /* bit k: it knows kind k */
	bool wide_info;	     /* vlen has 24 bits and kind 7, not 16 and 5 (7.2) */
	bool attributes;     /* tags may have kind_flag (6.15) */
	bool tags_anywhere; /* type tags may stand behind other modifiers (7.x) */
	bool section_names; /* a DATASEC's name need be no identifier (6.11) */
	bool latin1;	    /* identifiers may have the letters of Latin-1, as its isalpha() says */
	bool relocates;	    /* it knows .BTF.base (6.11) */
};

/*
 * The rules of the kernel whose base @index indexes. What a base does not tell is taken to be as in
 * the oldest kernels, which have the strictest rules.
 */
void btf_rules_of(struct btf_rules *rules, const struct btf_index *index);

#endif
