/* SPDX-License-Identifier: GPL-2.0-only */
/* From a module's debug info and a base to the bytes of its split BTF. No file is touched here. */
#ifndef MODBTF_REGEN_GENERATE_H
#define MODBTF_REGEN_GENERATE_H

#include "dwarf/dwarf.h"
#include "module/btf-ids.h"
#include "regen/bases.h"

/* What came out, for the report. */
struct generated {
	struct buffer btf;
	uint32_t nr_types; /* own types */
	uint32_t nr_funcs;
	uint32_t nr_vars;
	uint32_t nr_units;
	struct dwarf_skipped skipped;
	struct strlist drift; /* "struct foo": base types that the module has another layout of */
};

/*
 * Reads the debug info of @mod and makes its split BTF against @target, verified as the kernel
 * would. What the target kernel does not know is left out or said otherwise (btf/adapt.h).
 * @kfuncs: of the module; their functions are tagged. Returns 0, -ENODATA (no debug info), -EINVAL, -EOPNOTSUPP, -ENOMEM with @err. @out is
 * released with generated_free().
 */
int generate_btf(const struct module *mod, const struct target *target, const struct kfuncs *kfuncs,
		 struct generated *out, struct error *err);
void generated_free(struct generated *g);

#endif
