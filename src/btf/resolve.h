/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The second half of verify.h: rules that follow references from type to type. Only verify.c calls
 * this, after each type has been found sound by itself.
 */
#ifndef MODBTF_BTF_RESOLVE_H
#define MODBTF_BTF_RESOLVE_H

#include "btf/verify.h"

/* Where faults go. */
struct btf_sink {
	btf_fault_fn *found; /* NULL: the first fault is the end, and stays in err */
	void *ctx;
	struct error *err; /* holds the fault's text; never NULL where found is set */
};

/* Passes on the fault that err holds. Returns 0 to go on. */
int btf_sink_fault(const struct btf_sink *sink, enum btf_rule rule, uint32_t id);

/*
 * Every reference names a type that may stand there; no type contains itself; members, elements
 * and variables have a size, and fit; arguments have names that are identifiers (kernel:
 * btf_check_all_types). Where @sink takes many faults, a type that was at fault counts as void for
 * others. Returns 0, -EINVAL, -ENOMEM, what the sink returned.
 */
int btf_check_references(const struct btf *btf, const struct btf_sink *sink);

/*
 * Chains of modifiers are as they should be (kernel: btf_check_type_tags; from 7.x on it is
 * btf_check_modifier_chain_length, and @tags_anywhere). Returns as above.
 */
int btf_check_chains(const struct btf *btf, bool tags_anywhere, const struct btf_sink *sink);

/* Is the string at @off an identifier by the strictest rules? (kernel: btf_name_valid_identifier) */
bool btf_is_identifier(const struct btf *btf, uint32_t off);

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
