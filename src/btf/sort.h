/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types in the order of their names: those without one first, then by strcmp(). Kernels from 7.0 on
 * look a name up by bisection where types stand so, and one after the other where they do not
 * (kernel: btf_check_sorted, btf_find_by_name_kind). All kinds take part.
 */
#ifndef MODBTF_BTF_SORT_H
#define MODBTF_BTF_SORT_H

#include "btf/view.h"

/* Do the own types of @btf stand in the order of names, and has one a name at all? */
bool btf_sorted(const struct btf *btf);

/*
 * Writes @btf with its own types in the order of names. Types of one name come by kind, those of one
 * kind too in an order that depends on their content alone; what has no name, functions, variables,
 * sections and tags of declarations in the order that they have (as the kernel's build does it with
 * all: tools/bpf/resolve_btfids, sort_btf_by_name). Their ids change, and their strings come in the
 * order in which they use them; all else stays. The byte order is that of @btf. Returns 0 and the
 * bytes in @out (the caller's to free), -ENOMEM, -E2BIG.
 */
int btf_sort(const struct btf *btf, struct buffer *out, struct error *err);

#endif
