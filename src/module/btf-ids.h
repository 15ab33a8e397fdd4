/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The section .BTF_ids: type ids that a module's code reads, marked by symbols
 * __BTF_ID__<kind>__<name>__<unique> (kernel: include/linux/btf_ids.h, tools/bpf/resolve_btfids).
 */
#ifndef MODBTF_MODULE_BTF_IDS_H
#define MODBTF_MODULE_BTF_IDS_H

#include "module/module.h"

#define KFUNC_FASTCALL (1u << 12) /* KF_FASTCALL in include/linux/btf.h */

/* A kfunc that the module offers: a member of a BTF_SET8 set with the flag BTF_SET8_KFUNCS. */
struct kfunc {
	char *name;
	uint32_t flags; /* KF_* */
};

struct kfuncs {
	struct kfunc *at;
	uint32_t nr, room;
};

/*
 * Reads the names from the __BTF_ID__ symbols; a module without .BTF_ids, or without symbols for
 * it, has none. In the order of the symbol table. Returns 0, -EINVAL (a set that runs past the
 * section), -ENOMEM; @kfuncs is released with kfuncs_free().
 */
int kfuncs_read(struct kfuncs *kfuncs, const struct module *mod, struct error *err);
void kfuncs_free(struct kfuncs *kfuncs);

/*
 * Have the ids been resolved already, that is, does one hold a type id? Without symbols that tell
 * where ids are, any nonzero byte counts. False for a module without .BTF_ids.
 */
int btf_ids_resolved(const struct module *mod, bool *resolved, struct error *err);

#endif
