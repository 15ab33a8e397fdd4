/* SPDX-License-Identifier: GPL-2.0-only */
/* What is in a module: its sections that matter here, and its BTF over the right base. */
#ifndef MODBTF_REGEN_INSPECT_H
#define MODBTF_REGEN_INSPECT_H

#include "btf/view.h"
#include "module/btf-ids.h"
#include "module/note.h"
#include "regen/bases.h"

struct inspection {
	struct module mod;
	size_t btf_size, base_size, ids_size; /* bytes of .BTF, .BTF.base, .BTF_ids; 0: not there */
	size_t debug_size;		      /* bytes of .debug_info */
	uint32_t nr_types;		      /* own types */
	uint32_t kinds[BTF_KIND_NR];	      /* of them, by kind */
	struct kfuncs kfuncs;
	bool has_note;
	struct note note;
};

/*
 * Reads the module at @path; its BTF need not have its base at hand. Returns 0, or a negative errno
 * with @err (file named).
 */
int inspect_module(struct inspection *in, const char *path, struct error *err);
void inspection_free(struct inspection *in);

/*
 * Finds out whose the flags of kfuncs are where that takes the BTF that their ids were resolved
 * with: over .BTF.base or the base of the module's kernel, as in inspect_btf(). Where that is not
 * at hand, or not the right one, kfuncs stay as they are. Returns 0 or -ENOMEM.
 */
int inspect_kfuncs(struct inspection *in, struct bases *bases, const char *release,
		   struct error *err);

/* The module's BTF, opened over its base. */
struct inspection_btf {
	struct btf split;
	struct btf distilled; /* the base, where the module brings it along */
};

/*
 * Opens the BTF of @in over its .BTF.base, or else over the base out of @bases for @release (NULL:
 * the module's own). @in and
 * @bases must outlive it. Returns 0, -ENODATA (no .BTF), or what opening the base returns, with
 * @err.
 */
int inspect_btf(const struct inspection *in, struct bases *bases, const char *release,
		struct inspection_btf *btf, struct error *err);
void inspect_btf_close(struct inspection_btf *btf);

#endif
