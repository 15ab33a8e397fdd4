/* SPDX-License-Identifier: GPL-2.0-only */
/* Many names looked up in one pass over the types. */
#ifndef MODBTF_BTF_LOOKUP_H
#define MODBTF_BTF_LOOKUP_H

#include "btf/view.h"

struct btf_wanted {
	const char *name; /* not empty */
	enum btf_kind kind;
	uint32_t id; /* what was found; 0: there is none */
};

/*
 * Sets the id of each of @wanted: the first (lowest) of that kind and name among own types, else in
 * the base.
 *
 * Where both have a STRUCT or UNION of that name, it is as with every reference by name: the base's,
 * unless ours is another thing that only shares the name (less than half of the member names in
 * common with each of the base's; btf/homonym.h).
 *
 * tools/bpf/resolve_btfids takes the lowest id of all, which for a function is the base's even if
 * the module defines one of that name. Returns 0 or -ENOMEM.
 */
int btf_lookup(const struct btf *btf, struct btf_wanted *wanted, uint32_t nr, struct error *err);

#endif
