/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All units of one file: read, by several threads where the file is large and jobs are free, and
 * interned in their order by the calling one.
 */
#ifndef MODBTF_REGEN_UNITS_H
#define MODBTF_REGEN_UNITS_H

#include "dwarf/dwarf.h"
#include "module/module.h"
#include "regen/bases.h"
#include "regen/jobs.h"

/*
 * @dwarf: that of the debug info in @mod. @target is ready when this returns 0 (bases_begin()).
 * @jobs may be NULL. What comes out does not depend on how many threads there were. *@damaged:
 * reading failed because of what the file holds. Returns 0 or what dwarf_scan_unit(),
 * dwarf_collect(), target_wait(), graph_adapt() and intern_graph() return, with @err.
 */
int units_read(struct dwarf *dwarf, const struct module *mod, const struct target *target,
	       struct jobs *jobs, struct intern *in, bool *damaged, struct error *err);

#endif
