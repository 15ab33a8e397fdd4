// SPDX-License-Identifier: GPL-2.0-only
#include "dwarf/symbols.h"

#include <elf.h>

struct symbol {
	const char *name;
	uint64_t value;
	uint32_t section;
	uint8_t type; /* STT_* */
};

static size_t symbol_size(const struct dwarf *d)
{
	return d->in.is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

static uint32_t nr_symbols(const struct dwarf *d)
{
	size_t nr = d->in.symtab.size / symbol_size(d);

	return nr < UINT32_MAX ? (uint32_t)nr : UINT32_MAX - 1;
}

/*
 * Symbol @i, which exists. False if its name lies outside the string table, whose end
 * read_symbols() has checked.
 */
static bool read_symbol(const struct dwarf *d, uint32_t i, struct symbol *sym)
{
	const uint8_t *p = d->in.symtab.data + i * symbol_size(d);
	bool big = d->in.big_endian;
	uint32_t name = load_u32(p, big);

	if (d->in.is64) {
		sym->type = ELF64_ST_TYPE(p[offsetof(Elf64_Sym, st_info)]);
		sym->section = load_u16(p + offsetof(Elf64_Sym, st_shndx), big);
		sym->value = load_u64(p + offsetof(Elf64_Sym, st_value), big);
	} else {
		sym->type = ELF32_ST_TYPE(p[offsetof(Elf32_Sym, st_info)]);
		sym->section = load_u16(p + offsetof(Elf32_Sym, st_shndx), big);
		sym->value = load_u32(p + offsetof(Elf32_Sym, st_value), big);
	}
	if (sym->section == SHN_XINDEX) {
		struct bytes x = bytes_slice(d->in.symtab_shndx, (uint64_t)i * 4, 4);

		sym->section = x.data ? load_u32(x.data, big) : SHN_UNDEF;
	}
	if (name >= d->in.strtab.size)
		return false;
	sym->name = (const char *)d->in.strtab.data + name;
	return true;
}

uint32_t find_function(const struct dwarf *d, uint32_t name)
{
	uint32_t hash = hash_u64(name), n, pos;

	for (n = idtab_first(&d->funcs_by_name, hash, &pos); n;
	     n = idtab_next(&d->funcs_by_name, hash, &pos))
		if (d->funcs.at[n - 1].name == name)
			return n - 1;
	return UINT32_MAX;
}

struct address {
	uint64_t value;
	uint32_t section;
};

typedef VEC(struct address) addresses_t;

static int add_function(struct dwarf *d, const struct symbol *sym, addresses_t *addresses,
			struct error *err)
{
	size_t all = strnlen(sym->name, NAME_LONGEST + 1);
	const char *dot = memchr(sym->name, '.', all);
	size_t len = dot ? (size_t)(dot - sym->name) : all;
	struct address address = { sym->value, sym->section };
	uint32_t name, n;

	if (!len || all > NAME_LONGEST)
		return 0;
	/* Cold halves and split-off parts have no signature of their own. */
	if (dot && (strstr(dot, ".cold") || strstr(dot, ".part")))
		return 0;
	name = name_id(d->names, sym->name, len);
	if (name == UINT32_MAX)
		return error_nomem(err);
	n = find_function(d, name);
	if (n != UINT32_MAX) {
		if (addresses->at[n].value != address.value ||
		    addresses->at[n].section != address.section)
			d->funcs.at[n].ambiguous = true;
		return 0;
	}
	if (!vec_push(&d->funcs, ((struct func_symbol){ .name = name })) ||
	    !vec_push(addresses, address) ||
	    !idtab_add(&d->funcs_by_name, hash_u64(name), d->funcs.nr))
		return error_nomem(err);
	return 0;
}

int read_symbols(struct dwarf *d, struct error *err)
{
	addresses_t addresses = { 0 };
	struct symbol sym;
	int ret = 0;

	if (d->in.symtab.size % symbol_size(d))
		return error_set(err, -EINVAL,
				 "symbol table of %zu bytes does not divide into entries of %zu",
				 d->in.symtab.size, symbol_size(d));
	if (d->in.strtab.size && d->in.strtab.data[d->in.strtab.size - 1])
		return error_set(err, -EINVAL, ".strtab: its last string has no end");
	for (uint32_t i = 1; i < nr_symbols(d) && !ret; i++) {
		if (!read_symbol(d, i, &sym))
			ret = error_set(err, -EINVAL, "symbol %u: its name lies outside .strtab",
					i);
		else if (sym.type == STT_FUNC && sym.section != SHN_UNDEF)
			ret = add_function(d, &sym, &addresses, err);
	}
	vec_free(&addresses);
	return ret;
}

bool has_object_at_start(const struct dwarf *d, const char *name, uint32_t section)
{
	struct symbol sym;

	for (uint32_t i = 1; i < nr_symbols(d); i++)
		if (read_symbol(d, i, &sym) && sym.type == STT_OBJECT && !sym.value &&
		    sym.section == section && !strcmp(sym.name, name))
			return true;
	return false;
}
