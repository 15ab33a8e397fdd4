// SPDX-License-Identifier: GPL-2.0-only
#include "module/symtab.h"

#include <elf.h>

static size_t entry_size(const struct symtab *tab)
{
	return tab->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

void symtab_find(struct symtab *tab, const struct module *mod)
{
	size_t nr;

	*tab = (struct symtab){ .is64 = mod->is64, .big_endian = mod->big_endian };
	for (uint32_t i = 1; i < mod->nr_sections; i++)
		if (mod->sections[i].type == SHT_SYMTAB)
			tab->index = i;
	if (!tab->index)
		return;
	tab->entries = mod->sections[tab->index].data;
	tab->names = mod->sections[mod->sections[tab->index].link].data;
	for (uint32_t i = 1; i < mod->nr_sections; i++)
		if (mod->sections[i].type == SHT_SYMTAB_SHNDX &&
		    mod->sections[i].link == tab->index)
			tab->sections = mod->sections[i].data;
	nr = tab->entries.size / entry_size(tab);
	tab->nr = nr < UINT32_MAX ? (uint32_t)nr : UINT32_MAX;
}

bool symtab_get(const struct symtab *tab, uint32_t i, struct symbol *sym)
{
	const uint8_t *p = tab->entries.data + i * entry_size(tab);
	bool big = tab->big_endian;
	uint32_t name = load_u32(p, big);

	if (tab->is64) {
		sym->type = ELF64_ST_TYPE(p[offsetof(Elf64_Sym, st_info)]);
		sym->section = load_u16(p + offsetof(Elf64_Sym, st_shndx), big);
		sym->value = load_u64(p + offsetof(Elf64_Sym, st_value), big);
		sym->size = load_u64(p + offsetof(Elf64_Sym, st_size), big);
	} else {
		sym->type = ELF32_ST_TYPE(p[offsetof(Elf32_Sym, st_info)]);
		sym->section = load_u16(p + offsetof(Elf32_Sym, st_shndx), big);
		sym->value = load_u32(p + offsetof(Elf32_Sym, st_value), big);
		sym->size = load_u32(p + offsetof(Elf32_Sym, st_size), big);
	}
	if (sym->section == SHN_XINDEX) {
		struct bytes x = bytes_slice(tab->sections, (uint64_t)i * 4, 4);

		sym->section = x.data ? load_u32(x.data, big) : SHN_UNDEF;
	}
	if (name >= tab->names.size || !memchr(tab->names.data + name, 0, tab->names.size - name))
		return false;
	sym->name = (const char *)tab->names.data + name;
	return true;
}

uint8_t symtab_binding(const struct symtab *tab, uint32_t i)
{
	const uint8_t *p = tab->entries.data + i * entry_size(tab);

	return ELF64_ST_BIND(
		p[tab->is64 ? offsetof(Elf64_Sym, st_info) : offsetof(Elf32_Sym, st_info)]);
}
