// SPDX-License-Identifier: GPL-2.0-only
#include "regen/base-section.h"

#define RELOCATE "btf_relocate"

bool kernel_relocates(const struct target *target)
{
	const struct btf *btf = &target->base.btf;
	const uint32_t name = btf_index_str(&target->index, RELOCATE, strlen(RELOCATE),
					    hash_bytes(RELOCATE, strlen(RELOCATE)));

	if (!name)
		return false;
	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
		const struct btf_type *t = btf_type(btf, id);

		if (t->name_off == name && btf_kind(t) == BTF_KIND_FUNC)
			return true;
	}
	return false;
}

bool wants_base_section(enum base_section how, const struct module *mod,
			const struct target *target)
{
	switch (how) {
	case BASE_SECTION_ALWAYS:
		return true;
	case BASE_SECTION_NEVER:
		return false;
	default:
		return !mod->in_tree && kernel_relocates(target);
	}
}

int base_section_make(const struct target *target, struct bytes split, struct distilled *out,
		      struct error *err)
{
	struct relocate_base base;
	struct btf btf;
	int ret;

	ret = relocate_base_init(&base, &target->base.btf, err);
	if (ret)
		return ret;
	ret = btf_open(&btf, split, &target->base.btf, err);
	if (!ret) {
		ret = btf_distill(&btf, &base, target->sorted, out, err);
		btf_close(&btf);
	}
	relocate_base_free(&base);
	return ret ? error_prefix(err, ".BTF.base") : 0;
}
