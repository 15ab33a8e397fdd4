/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The second half of verify.h: rules that follow references from type to type. Only verify.c calls
 * this, after each type has been found sound by itself.
 */
#ifndef MODBTF_BTF_RESOLVE_H
#define MODBTF_BTF_RESOLVE_H

#include "btf/view.h"

/*
 * Every reference names a type that may stand there; no type contains itself; members, elements
 * and variables have a size, and fit (kernel: btf_check_all_types); chains of modifiers are as
 * they should be (kernel: btf_check_type_tags).
 * Returns 0, -EINVAL with the first fault, -ENOMEM.
 */
int btf_check_references(const struct btf *btf, struct error *err);

/*
 * The error of type @id, and of entry @entry of it ("member", "value", "argument", "variable";
 * counted from 0): puts "type 113 STRUCT 'foo'" and " member 2 'bar'" before the text.
 * Return -EINVAL.
 */
int btf_type_fault(const struct btf *btf, uint32_t id, struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5), cold));
int btf_entry_fault(const struct btf *btf, uint32_t id, uint32_t entry, struct error *err,
		    const char *fmt, ...) __attribute__((format(printf, 5, 6), cold));

#endif
