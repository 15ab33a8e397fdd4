/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside diff.h: one of the two files, opened down to its BTF over its base. */
#ifndef MODBTF_REGEN_DIFF_SIDE_H
#define MODBTF_REGEN_DIFF_SIDE_H

#include "btf/diff.h"
#include "module/btf-ids.h"
#include "module/module.h"
#include "regen/bases.h"

/* One flag word of one kfunc; a kfunc that is in several sets with different flags has several. */
struct side_kfunc {
	const char *name; /* kfuncs own it, or the BTF */
	uint32_t flags;
	bool has_flags; /* a kernel's BTF names its kfuncs, but has no flags */
};

typedef VEC(struct side_kfunc) side_kfuncs_t;

struct opened_side {
	bool is_module; /* its BTF is split BTF */
	struct module mod;
	struct base base;    /* if it is no module */
	struct file_map raw; /* if it is raw split BTF */
	struct btf distilled;
	struct btf split;
	struct kfuncs kfuncs;
	side_kfuncs_t list; /* of all kfuncs, by name, then flags; each once */
	struct diff_side diff;
};

/*
 * Opens the module or the kernel's BTF at @path. The base of a module is its .BTF.base; else the
 * one that @bases has been told the path of; else the one of its own release. BTF that was not made
 * on that base is refused. Raw split BTF (as in /sys/kernel/btf) counts as a module; its base has
 * to be told.
 * @option: of the command line, which tells @bases a path; for messages.
 *
 * Returns 0 or a negative errno with @err (file named). Released with side_close() in either case;
 * @bases must outlive it.
 */
int side_open(struct opened_side *side, const char *path, struct bases *bases, const char *option,
	      struct error *err);
void side_close(struct opened_side *side);

#endif
