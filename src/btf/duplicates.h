/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside copies.h: several definitions of one name in one module, are they the same? */
#ifndef MODBTF_BTF_DUPLICATES_H
#define MODBTF_BTF_DUPLICATES_H

#include "btf/copies.h"

/*
 * Appends to @out each own definition that is the same as an earlier one, with all that both lead
 * to. Left out are those that are copies, as @out says from @first on. Returns 0 or -ENOMEM.
 */
int btf_duplicate_definitions(const struct btf *btf, uint32_t first, btf_related_t *out,
			      struct error *err);

#endif
