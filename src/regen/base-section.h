/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a module gets a .BTF.base, and its content (btf/distill.h). */
#ifndef MODBTF_REGEN_BASE_SECTION_H
#define MODBTF_REGEN_BASE_SECTION_H

#include "btf/distill.h"
#include "module/module.h"
#include "regen/bases.h"

/* --base-section */
enum base_section {
	/*
	 * For modules that were built outside the kernel tree, where the kernel can relocate: its
	 * base has the function btf_relocate. The kernel's own modules are never asked for one
	 * (scripts/Makefile.btf, KBUILD_EXTMOD).
	 */
	BASE_SECTION_AUTO,
	BASE_SECTION_ALWAYS,
	BASE_SECTION_NEVER,
};

/* Is a module to have a .BTF.base? @relocates: the kernel's caps. */
bool base_section_wanted(enum base_section how, bool in_tree, bool relocates);

/* Is @mod to have one for @target? */
bool wants_base_section(enum base_section how, const struct module *mod,
			const struct target *target);

/*
 * Distils @split, the plain split BTF of a module over @target. Returns what btf_distill() does;
 * @out is released with distilled_free().
 */
int base_section_make(const struct target *target, struct bytes split, struct distilled *out,
		      struct error *err);

#endif
