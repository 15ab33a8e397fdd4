// SPDX-License-Identifier: GPL-2.0-only
#include "module/btf-ids.h"

#include <elf.h>

#include "util/vec.h"

#define IDS_SECTION ".BTF_ids"
#define SET8_PREFIX "__BTF_ID__set8__"
#define FUNC_PREFIX "__BTF_ID__func__"
#define SET8_KFUNCS 1u /* BTF_SET8_KFUNCS */

/* A symbol of .BTF_ids. */
struct id_symbol {
	const char *name;
	uint64_t offset; /* bytes in the section */
	uint64_t size;
};

struct id_symbols {
	struct id_symbol *at;
	uint32_t nr, room;
};

static bool starts_with(const char *str, const char *prefix)
{
	return !strncmp(str, prefix, strlen(prefix));
}

static bool read_symbol(const struct module *mod, const uint8_t *p, struct bytes strtab,
			uint32_t *section, struct id_symbol *sym)
{
	bool big = mod->big_endian;
	uint32_t name = load_u32(p, big);

	if (mod->is64) {
		*section = load_u16(p + offsetof(Elf64_Sym, st_shndx), big);
		sym->offset = load_u64(p + offsetof(Elf64_Sym, st_value), big);
		sym->size = load_u64(p + offsetof(Elf64_Sym, st_size), big);
	} else {
		*section = load_u16(p + offsetof(Elf32_Sym, st_shndx), big);
		sym->offset = load_u32(p + offsetof(Elf32_Sym, st_value), big);
		sym->size = load_u32(p + offsetof(Elf32_Sym, st_size), big);
	}
	sym->name = (const char *)strtab.data + name;
	return name < strtab.size && memchr(sym->name, 0, strtab.size - name);
}

static int read_symbols(const struct module *mod, uint32_t ids, struct id_symbols *out,
			struct error *err)
{
	size_t size = mod->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	const struct module_section *symtab = NULL;
	struct id_symbol sym;
	struct bytes strtab;
	uint32_t section;

	for (uint32_t i = 1; i < mod->nr_sections; i++)
		if (mod->sections[i].type == SHT_SYMTAB)
			symtab = &mod->sections[i];
	if (!symtab)
		return 0;
	if (symtab->link >= mod->nr_sections)
		return 0;
	strtab = mod->sections[symtab->link].data;
	for (size_t at = 0; at + size <= symtab->data.size; at += size) {
		if (!read_symbol(mod, symtab->data.data + at, strtab, &section, &sym) ||
		    section != ids || !starts_with(sym.name, "__BTF_ID__"))
			continue;
		if (!vec_push(out, sym))
			return error_nomem(err);
	}
	return 0;
}

/* Does a set of kfuncs hold the id at @offset? */
static bool in_kfunc_set(const struct module *mod, struct bytes ids, const struct id_symbols *syms,
			 uint64_t offset)
{
	for (uint32_t i = 0; i < syms->nr; i++) {
		const struct id_symbol *set = &syms->at[i];

		if (starts_with(set->name, SET8_PREFIX) && offset >= set->offset + 8 &&
		    offset < set->offset + set->size && range_fits(set->offset, 8, ids.size) &&
		    load_u32(ids.data + set->offset + 4, mod->big_endian) & SET8_KFUNCS)
			return true;
	}
	return false;
}

/*
 * __BTF_ID__func__NAME__123: the NAME, which may have "__" in it itself; NULL for a name of another
 * form.
 */
static char *func_name(const char *symbol)
{
	const char *name = symbol + strlen(FUNC_PREFIX), *end = strrchr(name, '_');

	if (!end || end == name || end[-1] != '_')
		return NULL;
	return strndup(name, (size_t)(end - 1 - name));
}

int kfuncs_read(struct kfuncs *kfuncs, const struct module *mod, struct error *err)
{
	uint32_t section = module_find_section(mod, IDS_SECTION);
	struct id_symbols syms = { 0 };
	struct bytes ids;
	int ret;

	*kfuncs = (struct kfuncs){ 0 };
	if (!section)
		return 0;
	ids = mod->sections[section].data;
	ret = read_symbols(mod, section, &syms, err);
	for (uint32_t i = 0; i < syms.nr && !ret; i++) {
		const struct id_symbol *sym = &syms.at[i];
		struct kfunc kfunc;

		if (!starts_with(sym->name, FUNC_PREFIX) ||
		    !in_kfunc_set(mod, ids, &syms, sym->offset))
			continue;
		if (!range_fits(sym->offset, 8, ids.size)) {
			ret = error_set(err, -EINVAL, "%s: %s lies outside the section",
					IDS_SECTION, sym->name);
			break;
		}
		kfunc.name = func_name(sym->name);
		if (!kfunc.name)
			continue;
		kfunc.flags = load_u32(ids.data + sym->offset + 4, mod->big_endian);
		if (!vec_push(kfuncs, kfunc)) {
			free(kfunc.name);
			ret = error_nomem(err);
		}
	}
	vec_free(&syms);
	if (ret)
		kfuncs_free(kfuncs);
	return ret;
}

void kfuncs_free(struct kfuncs *kfuncs)
{
	for (uint32_t i = 0; i < kfuncs->nr; i++)
		free(kfuncs->at[i].name);
	vec_free(kfuncs);
}

/* Symbols of sets mark a count, all others an id. */
static bool marks_id(const char *name)
{
	return !starts_with(name, "__BTF_ID__set__") && !starts_with(name, SET8_PREFIX);
}

int btf_ids_resolved(const struct module *mod, bool *resolved, struct error *err)
{
	uint32_t section = module_find_section(mod, IDS_SECTION);
	struct id_symbols syms = { 0 };
	struct bytes ids;
	int ret;

	*resolved = false;
	if (!section)
		return 0;
	ids = mod->sections[section].data;
	ret = read_symbols(mod, section, &syms, err);
	for (uint32_t i = 0; i < syms.nr && !ret; i++)
		if (marks_id(syms.at[i].name) && range_fits(syms.at[i].offset, 4, ids.size) &&
		    load_u32(ids.data + syms.at[i].offset, mod->big_endian))
			*resolved = true;
	for (size_t i = 0; i < ids.size && !syms.nr; i++)
		*resolved = *resolved || ids.data[i];
	vec_free(&syms);
	return ret;
}
