/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debug info in, type graphs out, one unit at a time.
 *
 * The reader works on mapped sections and copies none; relocations are applied as fields are read.
 * What it reads: DWARF 4 and 5 in the 32-bit format, compile units, type units and partial units,
 * of C only. Each length, offset and form is checked.
 */
#ifndef MODBTF_DWARF_DWARF_H
#define MODBTF_DWARF_DWARF_H

#include "btf/emit.h"
#include "btf/functions.h"
#include "btf/graph.h"
#include "btf/names.h"
#include "dwarf/reloc.h"

/* A section as the reader needs it; absent ones are all zero. */
struct dwarf_section {
	struct bytes data;
	struct bytes rela; /* its relocation section */
	bool is_types;	   /* .debug_types of DWARF 4: all units are type units */
	bool is_rel;	   /* that is SHT_REL: addends stand in the data */
};

/* One ELF section of the module, for symbols that point into it. */
struct dwarf_elf_section {
	const char *name;
	uint64_t size;
};

/*
 * What a module gives the reader. Everything is borrowed and must outlive the reader. There may be
 * several .debug_info and .debug_types sections (COMDAT groups); infos holds both sorts, in section
 * order.
 */
struct dwarf_input {
	bool is64;
	bool big_endian;
	uint16_t machine; /* EM_* */
	const struct dwarf_section *infos;
	uint32_t nr_infos;
	struct dwarf_section abbrev;
	struct dwarf_section str;
	struct dwarf_section line_str;
	struct dwarf_section str_offsets;
	struct dwarf_section addr;
	struct dwarf_section loc;
	struct dwarf_section loclists;
	struct bytes symtab;
	struct bytes strtab;
	struct bytes symtab_shndx; /* SHT_SYMTAB_SHNDX, empty if there is none */
	const struct dwarf_elf_section *sections;
	uint32_t nr_sections;
	/*
	 * Releases the memory behind the sections, where they are mapped; it comes back when it is
	 * touched. Called from time to time as the reader is opened, which walks through all
	 * relocations. NULL: there is nothing to release.
	 */
	void (*drop)(const void *ctx);
	const void *drop_ctx;
};

/* Units that were left out, by reason; for messages. */
struct dwarf_skipped {
	uint32_t cplusplus, rust, assembler, other;
};

struct dwarf;

/*
 * Prepares reading: unit headers, relocations, symbols.
 * Returns 0 with *@dp set, or -EINVAL, -EOPNOTSUPP, -ENOMEM with @err.
 */
int dwarf_open(struct dwarf **dp, const struct dwarf_input *input, struct names *names,
	       struct error *err);
void dwarf_close(struct dwarf *d);

uint32_t dwarf_nr_units(const struct dwarf *d);

/* Bytes of debug info that unit @i (from 0) takes. */
uint64_t dwarf_unit_size(const struct dwarf *d, uint32_t i);

/*
 * Reads unit @i (from 0) into @graph, which it resets. A unit that is not C, or that holds no types
 * of its own, leaves it empty. Returns 0, -EINVAL (damaged; text names section and offset),
 * -EOPNOTSUPP, -ENOMEM. What comes out needs no graph_check().
 */
int dwarf_read_unit(struct dwarf *d, uint32_t i, struct graph *graph, struct error *err);

/* Function symbols, per-CPU variables found so far, and the sections that these are in. */
const struct func_symbol *dwarf_functions(const struct dwarf *d, uint32_t *nr);
const struct var_symbol *dwarf_variables(const struct dwarf *d, uint32_t *nr);
const uint32_t *dwarf_var_sections(const struct dwarf *d, uint32_t *nr);
const struct dwarf_skipped *dwarf_skipped(const struct dwarf *d);

#endif
