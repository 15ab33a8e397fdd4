/* SPDX-License-Identifier: GPL-2.0-only */
/* From a module's types and a base to the bytes of its split BTF. No file is touched here. */
#ifndef MODBTF_REGEN_GENERATE_H
#define MODBTF_REGEN_GENERATE_H

#include "module/btf-ids.h"
#include "regen/source.h"

/* What came out, for the report. */
struct generated {
	struct buffer btf;
	enum note_source source; /* where the types are from */
	const struct target *on; /* the base of these, where they are from BTF over an old base */
	char *file;		 /* that they are in, where that is not the module; else NULL */
	uint32_t nr_types;	 /* own types */
	uint32_t nr_funcs;
	uint32_t nr_vars;
	uint32_t nr_units; /* of debug info; 0 for other sources */
	struct dwarf_skipped skipped;
	struct strlist drift; /* "struct foo": base types that the module has another layout of */
};

/*
 * Reads the types of @mod out of the first source that it has (regen/source.h) and makes its split
 * BTF against @target, verified as the kernel would. What the target kernel does not know is left
 * out or said otherwise (btf/adapt.h). @old_bases, @debug: as in source.h. @kfuncs: of the module; their
 * functions are tagged. @jobs: threads that may help, or NULL. Returns 0, -ENODATA (no debug info and no BTF), -EINVAL, -EOPNOTSUPP,
 * -ENOMEM, or what bases_get() returns, with @err. @out is released with generated_free().
 */
int generate_btf(const struct module *mod, const struct target *target, struct bases *old_bases,
		 struct debug_search *debug, const struct kfuncs *kfuncs, struct jobs *jobs,
		 struct generated *out, struct error *err);
void generated_free(struct generated *g);

#endif
