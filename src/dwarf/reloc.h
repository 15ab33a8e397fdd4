/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Relocations, applied on the fly: a cursor walks a section's relocation entries beside the section
 * itself, for both ascend. Going back, or far ahead, is a search; entries out of order are sorted
 * first.
 */
#ifndef MODBTF_DWARF_RELOC_H
#define MODBTF_DWARF_RELOC_H

#include <string.h>

#include "util/bytes.h"
#include "util/error.h"

struct reloc_symbols {
	void (*drop)(const void *ctx); /* see struct dwarf_input */
	const void *drop_ctx;
	struct bytes symtab;
	struct bytes shndx;
	bool is64;
	bool big_endian;
	uint16_t machine;
};

struct reloc_cursor {
	const struct reloc_symbols *symbols;
	struct bytes entries;
	bool is_rel;
	bool checked; /* entries are known to ascend */
	uint32_t entry_size;
	uint32_t nr;
	uint32_t at;
	uint64_t prev;	 /* offset of the entry before @at */
	uint64_t next;	 /* offset of entry @at, UINT64_MAX at the end */
	uint8_t *sorted; /* a sorted copy, if one had to be made */
	bool borrowed;	 /* that of the cursor that this is a copy of */

	/* the last relocation type and symbol that were looked up: nearly all entries share them */
	uint32_t type, symbol;
	uint8_t action, width;
	bool have_symbol;
	uint32_t section;
	uint64_t value;

	/*
	 * Entries of 64-bit RELA in the host's byte order, once they are known to ascend, and what
	 * those of 4 bytes with the type and symbol in @next_info come to: see reloc_next().
	 */
	const uint8_t *native;
	uint64_t next_info, next_value;
	uint32_t next_section;
};

/* What a field refers to once relocated. */
struct reloc_value {
	uint64_t value; /* symbol value plus addend, or the field as it stands */
	uint32_t section; /* ELF section index that the symbol is in, 0 if the field is not relocated */
	bool relocated;
};

/*
 * @entries: the SHT_RELA or SHT_REL content, may be empty. Returns 0, -EINVAL (size is no multiple
 * of an entry), -ENOMEM.
 */
int reloc_open(struct reloc_cursor *c, const struct reloc_symbols *symbols, struct bytes entries,
	       bool is_rel, struct error *err);
void reloc_close(struct reloc_cursor *c);

/* Makes @c a cursor of its own over the same entries, for another thread. @of has to stay. */
void reloc_fork(struct reloc_cursor *c, const struct reloc_cursor *of);

/*
 * Applies what relocates the @size (1, 2, 4, 8) bytes at @offset of the section, whose content is
 * @raw. Returns 0, -EINVAL (no such symbol), -EOPNOTSUPP (a type that debug info does not use).
 */
int reloc_apply(struct reloc_cursor *c, uint64_t offset, unsigned int size, uint64_t raw,
		struct reloc_value *out, struct error *err);

/*
 * What reloc_apply() does with the 4 bytes at @offset, if it is the very next entry, alone, and
 * like those before; else false, and nothing is done. Most are: names, one after the other.
 */
static inline bool reloc_next(struct reloc_cursor *c, uint64_t offset, struct reloc_value *out)
{
	const uint8_t *p;
	uint64_t entry[4]; /* offset, info and addend, and the offset of the one behind it */

	if (c->next != offset || !c->native || c->nr - c->at < 2)
		return false;
	p = c->native + (size_t)c->at * 24;
	memcpy(entry, p, sizeof(entry));
	if (entry[1] != c->next_info || entry[3] == offset)
		return false;
	*out = (struct reloc_value){ (uint32_t)(c->next_value + entry[2]), c->next_section, true };
	c->prev = offset;
	c->at++;
	c->next = entry[3];
	return true;
}

#endif
