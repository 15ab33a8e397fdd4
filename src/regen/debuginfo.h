/* SPDX-License-Identifier: GPL-2.0-only */
/* A module's debug sections, as the DWARF reader takes them. */
#ifndef MODBTF_REGEN_DEBUGINFO_H
#define MODBTF_REGEN_DEBUGINFO_H

#include "dwarf/dwarf.h"
#include "module/module.h"

struct debuginfo {
	struct dwarf_input input;
	struct dwarf_section *infos;
	struct dwarf_elf_section *sections;
	uint32_t *relocations; /* of each section: the section that relocates it, 0 if none does */
	VEC(struct buffer) unpacked; /* sections that were compressed */
};

/*
 * Gathers the sections of @mod, which must outlive @di; compressed ones are unpacked. Returns 0,
 * -ENODATA (no debug info in it), or what module_section_data() returns, with @err.
 */
int debuginfo_open(struct debuginfo *di, const struct module *mod, struct error *err);
void debuginfo_close(struct debuginfo *di);

#endif
