/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What two modules, or two kernels, have that the other has not: functions, kfuncs with their
 * flags, per-CPU variables, types. Compression, signature, ids, order and base do not count.
 */
#ifndef MODBTF_REGEN_DIFF_H
#define MODBTF_REGEN_DIFF_H

#include "regen/diff-side.h"

struct kfunc_difference {
	enum diff_change change;
	const char *name;
	char *old_flags; /* "KF_ACQUIRE | KF_RET_NULL", of several sets with ", " between; NULL: */
	char *new_flags; /* there is none, or its flags are not known */
};

struct file_diff {
	struct opened_side sides[2]; /* [0] is the old one */
	struct btf_diff btf;
	VEC(struct kfunc_difference) kfuncs; /* by name */
	uint32_t kfunc_counts[DIFF_NR_CHANGES];
};

/*
 * Compares the files @old and @new: modules in any packing, or kernels (raw BTF, vmlinux, kernel
 * images); not one with the other. @bases: where each finds its base (side_open()); they may be the
 * same, and must outlive @diff.
 *
 * Returns 0 whether there are differences or not; a negative errno with @err (file named) if they
 * could not be compared. @diff is released with file_diff_free() in either case.
 */
int file_diff(struct file_diff *diff, const char *const paths[2], struct bases *const bases[2],
	      struct error *err);
void file_diff_free(struct file_diff *diff);

/* How many differences there are. */
uint32_t file_diff_total(const struct file_diff *diff);

#endif
