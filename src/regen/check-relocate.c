// SPDX-License-Identifier: GPL-2.0-only
#include "regen/check-work.h"

void check_relocation(struct check *c, const struct btf *btf, const struct btf *distilled)
{
	(void)btf;
	(void)distilled;
	/* Here goes btf/relocate.h: what it refuses is a fault of this class. */
	check_as(c, CHECK_RELOCATION, CHECK_INFO, NULL, 0,
		 ".BTF.base: whether it can be relocated to this base is not known");
}
