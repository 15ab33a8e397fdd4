/* SPDX-License-Identifier: GPL-2.0-only */
/* Do the names of split BTF fit the base's strings? */
#ifndef MODBTF_BTF_STRINGS_H
#define MODBTF_BTF_STRINGS_H

#include "btf/view.h"

/*
 * Names that begin inside of a string. Encoders refer to whole strings only: when a module's BTF is
 * laid over a base that it was not made on, most of its offsets point into the middle of some
 * string. The kernel does not see it as long as what stands there is an identifier.
 */
struct btf_misplaced {
	uint32_t nr;	   /* such names in own types */
	uint32_t first;	   /* the first type that has one */
	uint32_t nr_names; /* of all */
};

void btf_find_misplaced(const struct btf *btf, struct btf_misplaced *out);

#endif
