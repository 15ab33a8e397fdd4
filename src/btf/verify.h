/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own verification of BTF, in userspace. What passes here the kernel accepts, as a
 * module's BTF or as its own.
 *
 * Source of the rules: kernel/bpf/btf.c of 6.1, 6.12 and 7.2. A module's BTF goes through
 * btf_parse_module(): btf_parse_hdr(), btf_parse_str_sec(), btf_check_all_metas() and
 * btf_check_type_tags(). What programs load goes through btf_check_all_types() as well, which
 * follows references; for modules the kernel trusts their build, we do not. Where kernels differ
 * the strictest counts, except for what real kernels and modules hold; each exception says so where
 * it stands.
 */
#ifndef MODBTF_BTF_VERIFY_H
#define MODBTF_BTF_VERIFY_H

#include "btf/view.h"

/*
 * Verifies @btf's own types and strings (its base is taken as verified, as the kernel does for
 * modules; a base itself is verified the same way with btf->base == NULL).
 * Returns 0, -EINVAL with the first fault ("type 113 STRUCT 'foo' member 2 'bar': ..."), -ENOMEM.
 */
int btf_verify(const struct btf *btf, struct error *err);

#endif
