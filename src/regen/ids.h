/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * .BTF_ids of one module: read before its BTF is made (kfuncs decide on tags), resolved afterwards.
 */
#ifndef MODBTF_REGEN_IDS_H
#define MODBTF_REGEN_IDS_H

#include "module/btf-ids.h"
#include "regen/regen.h"

struct regen_ids {
	struct btf_ids ids;
	struct kfuncs kfuncs;
};

/*
 * Reads the section of @mod, which must outlive @r. Where names of ids that are resolved already take
 * the BTF that this was done with (btf_ids_need_old()), that is the module's own over
 *
 * - its .BTF.base, if it has one;
 * - the base that --old-base names;
 * - the base that the module's note says it was made on, where that can be found (regen/old-base.h);
 * - the present base, if there is no note, the BTF passes verification on it, and symbols tell that
 *   each id has the name that it should have.
 *
 * With --old-base it is looked at in any case. A section of which nobody can say what it was to hold
 * (no symbols, never resolved) is left alone with a warning, which with --strict is an error.
 *
 * Returns 0, or what btf_ids_read(), old_base_open(), btf_open() or btf_ids_recover() return, with @err.
 * @r is released with regen_ids_free() in either case.
 */
int regen_ids_read(struct regen_ids *r, const struct module *mod, const struct target *target,
		   const struct regen_options *options, struct strlist *warnings,
		   struct error *err);
void regen_ids_free(struct regen_ids *r);

/*
 * The new content of the section, for the BTF @raw over @base; @out is the caller's to free, and
 * empty if the section is to be left alone. Names that are not found are warnings, with --strict an
 * error (-ENOENT).
 */
int regen_ids_resolve(const struct regen_ids *r, struct bytes raw, const struct btf *base,
		      const struct regen_options *options, struct strlist *warnings,
		      struct buffer *out, struct error *err);

#endif
