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

/* A per-CPU variable of a unit. */
struct dwarf_var {
	uint32_t name;
	uint32_t elf_section;
	uint32_t offset, size; /* bytes */
};

/*
 * A unit that was read. A zeroed one is empty; its memory serves one unit after the other. But for the
 * graph, and that only after dwarf_collect(), all is between these functions.
 */
struct dwarf_unit {
	struct graph graph;
	VEC(struct dwarf_var) vars; /* what the graph's count in */
	VEC(char) names;	    /* that a fork met for the first time, each with its NUL */
	struct dwarf_skipped skipped;
	uint64_t followed; /* bytes read in following references to what was not met */
};

/*
 * Prepares reading: unit headers, relocations, symbols.
 * Returns 0 with *@dp set, or -EINVAL, -EOPNOTSUPP, -ENOMEM with @err.
 */
int dwarf_open(struct dwarf **dp, const struct dwarf_input *input, struct names *names,
	       struct error *err);
void dwarf_close(struct dwarf *d);

/*
 * Another reader over what dwarf_open() has prepared, with names of its own, that may be at work in
 * another thread. @of has to be there until it is closed, and must not be read from while this is called.
 * Returns 0 or -ENOMEM.
 */
int dwarf_fork(struct dwarf **dp, const struct dwarf *of, struct error *err);

uint32_t dwarf_nr_units(const struct dwarf *d);

/* Bytes of debug info that unit @i (from 0) takes. */
uint64_t dwarf_unit_size(const struct dwarf *d, uint32_t i);

/* Bytes of debug info in all units. */
uint64_t dwarf_size(const struct dwarf *d);

/*
 * Reads unit @i (from 0) into @unit, which it resets. One that is not C, or that holds no types
 * of its own, leaves the graph empty. Returns 0, -EINVAL (damaged; text names section and offset),
 * -EOPNOTSUPP, -ENOMEM.
 */
int dwarf_scan_unit(struct dwarf *d, uint32_t i, struct dwarf_unit *unit, struct error *err);

/*
 * Takes @unit, which @reader has read, into what is known of all units, and makes its graph one of the
 * names of @d, the reader that was opened: @reader is that, or a fork of it that reads its units in
 * ascending order. If units are collected in ascending order, then whoever read them, what comes out is
 * the same. The graph needs no graph_check(). Returns 0, -EINVAL, -ENOMEM.
 */
int dwarf_collect(struct dwarf *d, struct dwarf *reader, struct dwarf_unit *unit,
		  struct error *err);

void dwarf_unit_free(struct dwarf_unit *unit);

/* Function symbols, per-CPU variables collected so far, and the sections that these are in. */
const struct func_symbol *dwarf_functions(const struct dwarf *d, uint32_t *nr);
const struct var_symbol *dwarf_variables(const struct dwarf *d, uint32_t *nr);
const uint32_t *dwarf_var_sections(const struct dwarf *d, uint32_t *nr);
const struct dwarf_skipped *dwarf_skipped(const struct dwarf *d);

#endif
