/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own verification of BTF, in userspace: kernel/bpf/btf.c, btf_parse_module(),
 * btf_parse_hdr(), btf_check_sec_info(), btf_parse_str_sec(), btf_check_all_metas(),
 * btf_check_all_types() and what they call. What passes here the kernel accepts.
 */
#ifndef MODBTF_BTF_VERIFY_H
#define MODBTF_BTF_VERIFY_H

#include "btf/view.h"

/*
 * Verifies @btf's own types and strings (its base is taken as verified, as the kernel does for modules; a base
 * itself is verified the same way with btf->base == NULL).
 * Returns 0, -EINVAL with the first fault ("type 113 STRUCT 'foo' member 2 'bar': ..."), -ENOMEM.
 */
int btf_verify(const struct btf *btf, struct error *err);

#endif
