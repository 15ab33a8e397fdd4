// SPDX-License-Identifier: GPL-2.0-only
/* What linking makes of the sections of an object. */
#include <elf.h>

#include "module/debug-link.h"
#include "module/symtab.h"
#include "util/hash.h"

static const char *const merged[] = { ".text", ".data", ".rodata", ".bss" };

#define NR_MERGED (sizeof(merged) / sizeof(*merged))

static bool is_part_of(const char *module, const char *object)
{
	size_t len = strlen(module);

	return !strncmp(object, module, len) && object[len] == '.';
}

bool module_takes_section(const char *module, const char *object)
{
	if (!strcmp(module, object))
		return true;
	for (size_t i = 0; i < NR_MERGED; i++)
		if (!strcmp(module, merged[i]) && is_part_of(module, object))
			return true;
	return false;
}

/* The names of a module's sections. */
struct names_of_sections {
	const struct module *mod;
	struct idtab by_name;
};

static bool has_section(const struct names_of_sections *names, const char *name)
{
	uint32_t hash = hash_bytes(name, strlen(name)), i, pos;

	for (i = idtab_first(&names->by_name, hash, &pos); i;
	     i = idtab_next(&names->by_name, hash, &pos))
		if (!strcmp(names->mod->sections[i].name, name))
			return true;
	return false;
}

static int index_sections(struct names_of_sections *names, const struct module *mod,
			  struct error *err)
{
	*names = (struct names_of_sections){ .mod = mod };
	for (uint32_t i = 1; i < mod->nr_sections; i++) {
		const char *name = mod->sections[i].name;

		if (mod->sections[i].type != SHT_NULL && !has_section(names, name) &&
		    !idtab_add(&names->by_name, hash_bytes(name, strlen(name)), i))
			return error_nomem(err);
	}
	return 0;
}

static bool is_discarded(const struct names_of_sections *names, const char *object)
{
	if (has_section(names, object))
		return false;
	for (size_t i = 0; i < NR_MERGED; i++)
		if (is_part_of(merged[i], object) && has_section(names, merged[i]))
			return false;
	return true;
}

/* Makes symbol @i of no type; the table is copied for the first. */
static int hide(struct module *debug, const struct symtab *tab, uint32_t i, struct buffer *store,
		struct error *err)
{
	struct bytes *data = &debug->sections[tab->index].data;
	size_t entry = debug->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	size_t info = debug->is64 ? offsetof(Elf64_Sym, st_info) : offsetof(Elf32_Sym, st_info);

	if (!store->data) {
		store->data = malloc(data->size);
		if (!store->data)
			return error_nomem(err);
		store->size = data->size;
		memcpy(store->data, data->data, data->size);
		*data = buffer_bytes(store);
	}
	store->data[i * entry + info] &= 0xf0;
	return 0;
}

int module_hide_discarded(const struct module *mod, struct module *debug, struct buffer *store,
			  struct error *err)
{
	struct names_of_sections names;
	struct symtab tab;
	struct symbol sym;
	int ret = index_sections(&names, mod, err);

	symtab_find(&tab, debug);
	for (uint32_t i = 1; i < tab.nr && !ret; i++)
		if (symtab_get(&tab, i, &sym) && sym.type == STT_FUNC && sym.section != SHN_UNDEF &&
		    sym.section < debug->nr_sections &&
		    is_discarded(&names, debug->sections[sym.section].name))
			ret = hide(debug, &tab, i, store, err);
	idtab_free(&names.by_name);
	return ret;
}
