// SPDX-License-Identifier: GPL-2.0-only
#include "regen/source.h"

/* Out of the next file that has the module's debug info; -ENODATA if there is none. */
static int open_debug_file(struct source *source, const struct target *target,
			   struct debug_search *debug, struct names *names, struct error *err)
{
	int ret = debug_search_next(debug, err);

	if (ret)
		return ret;
	ret = source_open_dwarf(source, &debug->file, target, names, err);
	for (unsigned int i = 0; i < debug->nr_parts && !ret; i++) {
		ret = source_add_dwarf(source, &debug->parts[i], names, err);
		if (ret)
			source_close(source);
	}
	if (ret)
		return debug_search_reject(debug, err);
	source->kind = NOTE_SOURCE_DEBUG_FILE;
	source->file = debug->file.path;
	return 0;
}

int source_open(struct source *source, const struct module *mod, const struct target *target,
		struct bases *old_bases, struct debug_search *debug, struct names *names,
		struct error *err)
{
	int ret;

	ret = source_open_dwarf(source, mod, target, names, err);
	if (ret == -ENODATA && debug)
		ret = open_debug_file(source, target, debug, names, err);
	if (ret != -ENODATA)
		return ret;
	if (module_find_section(mod, ".BTF"))
		return source_open_btf(source, mod, target, old_bases, names, err);
	return error_set(err, -ENODATA,
			 "no debug info and no BTF in it: build the module with KCFLAGS=-g and do "
			 "not strip it before this step, or name a file or directory that has its "
			 "debug info with --debug");
}
