/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own verification of BTF, in userspace.
 *
 * Source of the rules: kernel/bpf/btf.c of 6.1, 6.12 and 7.2. A module's BTF goes through
 * btf_parse_module(): btf_parse_hdr(), btf_parse_str_sec(), btf_check_all_metas() and
 * btf_check_type_tags() (btf_check_modifier_chain_length() by 7.2). What programs load goes through
 * btf_check_all_types() as well, which follows references; for modules the kernel trusts their
 * build, we do not.
 */
#ifndef MODBTF_BTF_VERIFY_H
#define MODBTF_BTF_VERIFY_H

#include "btf/caps.h"
#include "btf/view.h"

/*
 * Verifies @btf's own types and strings before they are written (its base is taken as verified, as
 * the kernel does for modules; a base itself is verified the same way with btf->base == NULL).
 * Where kernels differ the strictest counts, except for what real kernels and modules hold; each
 * exception says so where it stands. What passes here each kernel accepts.
 *
 * Returns 0, -EINVAL with the first fault ("type 113 STRUCT 'foo' member 2 'bar': ..."), -ENOMEM.
 */
int btf_verify(const struct btf *btf, struct error *err);

/*
 * The same, and no kind, name or header that the kernel with these @caps does not know: what passes
 * has no fault by btf_verify_each() either. @caps: of the kernel that @btf's base is of; NULL: any.
 */
int btf_verify_for(const struct btf *btf, const struct btf_caps *caps, struct error *err);

/* What a rule is about. */
enum btf_rule {
	BTF_RULE_HEADER,    /* header, and how the sections lie */
	BTF_RULE_METADATA,  /* a type by itself (kernel: btf_check_meta) */
	BTF_RULE_CHAIN,	    /* chains of modifiers (kernel: btf_check_type_tags) */
	BTF_RULE_REFERENCE, /* what references lead to: a module's the kernel takes unseen */
};

struct btf_fault {
	enum btf_rule rule;
	uint32_t id;	  /* the type at fault, 0: none in particular */
	const char *text; /* as in the error of btf_verify(), until the function returns */
};

/* Is told of a fault. Returns 0 to go on; all else ends the verification, which returns it. */
typedef int btf_fault_fn(void *ctx, const struct btf_fault *fault);

/*
 * Predicts what the kernel with these @caps makes of @btf as a module's BTF (or, without
 * btf->base, of a .BTF.base): it takes it if there is no fault but of BTF_RULE_REFERENCE.
 * btf_open() has refused some that kernels take: a header of less than 24 bytes, names of
 * parameters outside the strings. Where it is stricter besides:
 *  - the strings of base and module together may not be longer than a name offset can tell, nor the
 *    types more than a type id can (the kernel drops the rest without a word);
 *  - a DATASEC's offsets and sizes may not overflow.
 *
 * Returns 0 when all has been looked at, what @found returned, or -ENOMEM with @err.
 */
int btf_verify_each(const struct btf *btf, const struct btf_caps *caps, btf_fault_fn *found,
		    void *ctx, struct error *err);

#endif
