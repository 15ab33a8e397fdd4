/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside checking: one module at work, and where its findings go. */
#ifndef MODBTF_REGEN_CHECK_WORK_H
#define MODBTF_REGEN_CHECK_WORK_H

#include "regen/check.h"

struct check {
	const struct module *mod;
	const struct target *target;
	const struct check_options *options;
	struct check_report *report;
	struct error *err;
	uint32_t nr_layouts; /* of drift that were read */
	int ret;	     /* -ENOMEM, or 0 */
};

/*
 * Counts a finding, and keeps it if it is to be kept. @btf, @id: the type that it is about; NULL
 * and 0 if it is about none. The severity follows from the class, but for those of check_as().
 */
void check_found(struct check *c, enum check_class class, const struct btf *btf, uint32_t id,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void check_as(struct check *c, enum check_class class, enum check_severity severity,
	      const struct btf *btf, uint32_t id, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/*
 * .BTF_ids against @btf, the module's BTF over the base that its ids count from: ids are in range
 * and of the kind and name that their symbols say, sets are sorted and as long as their symbols.
 */
void check_ids(struct check *c, const struct btf *btf);

/*
 * @btf, which stands over the module's .BTF.base, against the target's base: can it be relocated,
 * and what are its types to the kernel's then?
 */
void check_relocation(struct check *c, const struct btf *btf);

/*
 * Gives the last finding, the drift of @own from @base_id, its layouts, if findings are kept and it
 * has not been done for many. @btf: as in check_related().
 */
void check_drift(struct check *c, const struct btf *btf, uint32_t own, uint32_t base_id);
void check_drift_free(struct check_drift *drift);

/* What btf_find_related() found of a type of @btf, which stands over the target's base. */
void check_related(struct check *c, const struct btf *btf, const struct btf_related *related);

#endif
