// SPDX-License-Identifier: GPL-2.0-only
#include "regen/source.h"

int source_open(struct source *source, const struct module *mod, const struct target *target,
		struct bases *old_bases, struct names *names, struct error *err)
{
	int ret;

	ret = source_open_dwarf(source, mod, target, names, err);
	if (ret != -ENODATA)
		return ret;
	if (module_find_section(mod, ".BTF"))
		return source_open_btf(source, mod, target, old_bases, names, err);
	return error_set(err, -ENODATA,
			 "no debug info and no BTF in it: build the module with KCFLAGS=-g and do "
			 "not strip it before this step");
}
