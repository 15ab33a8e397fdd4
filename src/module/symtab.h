/* SPDX-License-Identifier: GPL-2.0-only */
/* The symbol table of a module. */
#ifndef MODBTF_MODULE_SYMTAB_H
#define MODBTF_MODULE_SYMTAB_H

#include "module/module.h"

struct symtab {
	bool is64;
	bool big_endian;
	struct bytes entries;
	struct bytes names;
	struct bytes sections; /* SHT_SYMTAB_SHNDX: section indices over 0xff00; else empty */
	uint32_t index;	       /* of the section; 0: there is none */
	uint32_t nr;	       /* 0 without a table */
};

struct symbol {
	const char *name; /* in the string table */
	uint64_t value;	  /* bytes in its section */
	uint64_t size;	  /* bytes */
	uint32_t section; /* index, extended numbering resolved; SHN_UNDEF, SHN_ABS, ... as they are */
	uint8_t type;	  /* STT_* */
};

/*
 * Finds the last SHT_SYMTAB of @mod, as the kernel does (kernel/module/main.c, setup_load_info()).
 * @mod must outlive it.
 */
void symtab_find(struct symtab *tab, const struct module *mod);

/* Symbol @i, below tab->nr. False if its name lies outside the string table or has no end. */
bool symtab_get(const struct symtab *tab, uint32_t i, struct symbol *sym);

/* The binding (STB_*) of symbol @i, below tab->nr. */
uint8_t symtab_binding(const struct symtab *tab, uint32_t i);

#endif
