/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What BTF has that other BTF has not: functions, variables and types, by name and meaning
 * (btf/meaning.h), not by id.
 *
 * Of split BTF its own types are compared. One that has no equal among the other's own types may
 * be a copy of one of its own base, or have an equal in the other's base (a layout that was kept
 * when the module went to another base): that is no difference, for the kernel's types are the
 * kernel's. Declarations
 * without definition are none, nor are tags and unnamed types that something refers to.
 */
#ifndef MODBTF_BTF_DIFF_H
#define MODBTF_BTF_DIFF_H

#include "btf/layout.h"
#include "btf/meaning.h"
#include "util/strbuf.h"

/* BTF to be compared. */
struct diff_side {
	const struct btf *btf;
	/*
	 * Split BTF: where else it may have types from, NULL if that is not at hand. Its base, or
	 * with a .BTF.base, the kernel's if it is known.
	 */
	const struct btf *kernel;
	/* @kernel is a .BTF.base, which tells no more of structs, unions and enums than their sizes. */
	bool distilled;
};

enum diff_sort { DIFF_FUNCTION, DIFF_VARIABLE, DIFF_TYPE, DIFF_NR_SORTS };

enum diff_change { DIFF_GAINED, DIFF_LOST, DIFF_CHANGED, DIFF_NR_CHANGES };

/* One difference. */
struct difference {
	enum diff_sort sort;
	enum diff_change change;
	const char *name;	      /* "" for unnamed enums; lives as long as the BTF */
	enum btf_kind kind;	      /* of the types; ENUM64 counts as ENUM */
	struct meaning_view *view[2]; /* where the old and the new type are; NULL: there is none */
	uint32_t id[2];
	uint32_t section[2]; /* variables: the DATASEC that they are in, 0: none */
};

struct btf_diff {
	struct meaning meaning;
	struct meaning_view views[2], kernels[2]; /* [0] is the old one */
	bool has_kernel[2];
	bool distilled[2];
	VEC(struct difference) found; /* by sort, then by name */
	uint32_t counts[DIFF_NR_SORTS][DIFF_NR_CHANGES];
	uint32_t compared[DIFF_NR_SORTS]; /* things of the new one */
};

/*
 * Compares @old with @new, whose views must outlive @diff. Swapping them gives the same, with gained
 * and lost swapped. Returns 0 or -ENOMEM; @diff is released with btf_diff_free() in either case.
 */
int btf_diff(struct btf_diff *diff, const struct diff_side *old, const struct diff_side *new,
	     struct error *err);
void btf_diff_free(struct btf_diff *diff);

/* Appends the line of C for side @which (0 or 1) of a difference: prototype, variable, type. */
void difference_text(const struct difference *d, int which, struct strbuf *out);

/* The section that the variable is in there; "" if it is in none, or is no variable. */
const char *difference_section(const struct difference *d, int which);

#endif
