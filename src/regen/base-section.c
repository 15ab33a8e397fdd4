// SPDX-License-Identifier: GPL-2.0-only
#include "regen/base-section.h"

bool base_section_wanted(enum base_section how, bool in_tree, bool relocates)
{
	switch (how) {
	case BASE_SECTION_ALWAYS:
		return true;
	case BASE_SECTION_NEVER:
		return false;
	default:
		return !in_tree && relocates;
	}
}

bool wants_base_section(enum base_section how, const struct module *mod,
			const struct target *target)
{
	return base_section_wanted(how, mod->in_tree, target->caps.relocates);
}

int base_section_make(const struct target *target, struct bytes split, struct distilled *out,
		      struct error *err)
{
	struct relocate_base base;
	struct btf btf;
	int ret;

	relocate_base_init(&base, &target->index);
	ret = btf_open(&btf, split, &target->base.btf, err);
	if (!ret) {
		ret = btf_distill(&btf, &base, target->caps.sorted, out, err);
		btf_close(&btf);
	}
	relocate_base_free(&base);
	return ret ? error_prefix(err, ".BTF.base") : 0;
}
