// SPDX-License-Identifier: GPL-2.0-only
/*
 * bare-scan FILE...: the least that any reader of a module's debug info has to do, for a time to compare with.
 *
 * One pass over .debug_info, in one thread: each unit, each DIE, each attribute by its form; the relocation of each
 * offset into a string section is applied, and each name is hashed. Nothing is kept. Prints the number of DIEs and
 * attributes, and a sum over all values and hashes, which takes all that to be known.
 *
 * 64-bit little endian ELF, 32-bit DWARF 2 to 5, the forms that C compilers write; all else is an error.
 */
#include <err.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dwarf/abbrev.h"
#include "dwarf/format.h"
#include "util/hash.h"
#include "util/vec.h"

struct attribute {
	uint32_t name;
	uint32_t form;
	int64_t constant; /* DW_FORM_implicit_const */
};

struct declaration {
	bool children;
	uint32_t first, nr; /* attributes */
};

struct scan {
	const char *path;
	struct bytes info, abbrev, str, line_str, symtab;
	const Elf64_Rela *rela, *rela_end;    /* of .debug_info, ascending; moves along with it */
	bool relocated;			      /* there are any */
	VEC(struct declaration) declarations; /* of the unit, by code */
	VEC(struct attribute) attributes;
	uint8_t address_size;
	uint16_t version;
	uint64_t dies, values, sum;
};

static void __attribute__((noreturn)) damaged(const struct scan *s, const char *what)
{
	errx(1, "%s: %s", s->path, what);
}

static uint64_t uleb(const struct scan *s, const uint8_t **p, const uint8_t *end)
{
	uint64_t value;

	if (!read_uleb(p, end, &value))
		damaged(s, "a number runs past the end");
	return value;
}

static inline const uint8_t *take(const struct scan *s, const uint8_t **p, const uint8_t *end,
				  uint64_t size)
{
	const uint8_t *at = *p;

	if ((uint64_t)(end - at) < size)
		damaged(s, "a value runs past the end of its unit");
	*p += size;
	return at;
}

/* The abbreviations of a unit. Codes are dense, as compilers number them. */
static void read_declarations(struct scan *s, uint64_t offset)
{
	const uint8_t *p, *end = s->abbrev.data + s->abbrev.size;
	uint64_t code, name, form;

	if (offset >= s->abbrev.size)
		damaged(s, "abbreviations lie outside of .debug_abbrev");
	p = s->abbrev.data + offset;
	s->declarations.nr = 0;
	s->attributes.nr = 0;
	while ((code = uleb(s, &p, end))) {
		struct declaration d = { .first = s->attributes.nr };

		if (code != s->declarations.nr + 1)
			damaged(s, "codes of abbreviations have gaps");
		uleb(s, &p, end); /* the tag: nobody asks for it here */
		d.children = *take(s, &p, end, 1);
		for (;;) {
			int64_t constant = 0;

			name = uleb(s, &p, end);
			form = uleb(s, &p, end);
			if (form == DW_FORM_implicit_const && !read_sleb(&p, end, &constant))
				damaged(s, "a number runs past the end");
			if (!name && !form)
				break;
			if (!vec_push(&s->attributes,
				      ((struct attribute){ (uint32_t)name, (uint32_t)form,
							   constant })))
				err(1, "abbreviations");
			d.nr++;
		}
		if (!vec_push(&s->declarations, d))
			err(1, "abbreviations");
	}
}

/* What the 4 bytes at @p of .debug_info come to. */
static inline uint64_t relocated(struct scan *s, const uint8_t *p)
{
	uint64_t offset = (uint64_t)(p - s->info.data), symbol;
	Elf64_Sym sym;

	while (s->rela < s->rela_end && s->rela->r_offset < offset)
		s->rela++;
	if (s->rela == s->rela_end || s->rela->r_offset != offset) {
		if (s->relocated)
			damaged(s, "an offset has no relocation, or these are not in order");
		return load_u32(p, false);
	}
	symbol = ELF64_R_SYM(s->rela->r_info);
	if (!range_fits(symbol * sizeof(sym), sizeof(sym), s->symtab.size))
		damaged(s, "a relocation has no symbol");
	memcpy(&sym, s->symtab.data + symbol * sizeof(sym), sizeof(sym));
	return sym.st_value + (uint64_t)s->rela->r_addend;
}

static inline uint64_t hash_name(struct scan *s, struct bytes section, uint64_t offset)
{
	const uint8_t *str, *nul;

	if (offset >= section.size)
		damaged(s, "a name lies outside of its section");
	/* Strings are short, and the section ends in a NUL: see open_scan(). */
	str = section.data + offset;
	nul = str + strlen((const char *)str);
	return hash_bytes(str, (size_t)(nul - str));
}

/* The value of one attribute: of a name its hash, of a block its length. */
static inline uint64_t read_value(struct scan *s, const struct attribute *a, const uint8_t **p,
				  const uint8_t *end)
{
	const uint8_t *at;
	uint64_t size;
	int64_t sval;

	switch (a->form) {
	case DW_FORM_flag_present:
		return 1;
	case DW_FORM_implicit_const:
		return (uint64_t)a->constant;
	case DW_FORM_data1:
	case DW_FORM_ref1:
	case DW_FORM_flag:
		return *take(s, p, end, 1);
	case DW_FORM_data2:
	case DW_FORM_ref2:
		return load_u16(take(s, p, end, 2), false);
	case DW_FORM_data4:
	case DW_FORM_ref4:
	case DW_FORM_sec_offset:
		return load_u32(take(s, p, end, 4), false);
	case DW_FORM_data8:
	case DW_FORM_ref8:
	case DW_FORM_ref_sig8:
		return load_u64(take(s, p, end, 8), false);
	case DW_FORM_data16:
		return load_u64(take(s, p, end, 16), false);
	case DW_FORM_strp:
		size = relocated(s, take(s, p, end, 4));
		return a->name == DW_AT_name ? hash_name(s, s->str, size) : size;
	case DW_FORM_line_strp:
		size = relocated(s, take(s, p, end, 4));
		return a->name == DW_AT_name ? hash_name(s, s->line_str, size) : size;
	case DW_FORM_string:
		at = memchr(*p, '\0', (size_t)(end - *p));
		if (!at)
			damaged(s, "a string runs past the end of its unit");
		size = (uint64_t)(at - *p);
		at = *p;
		*p += size + 1;
		return a->name == DW_AT_name ? hash_bytes(at, size) : size;
	case DW_FORM_addr:
		at = take(s, p, end, s->address_size);
		return s->address_size == 8 ? load_u64(at, false) : load_u32(at, false);
	case DW_FORM_ref_addr:
		size = s->version == 2 ? s->address_size : 4;
		at = take(s, p, end, size);
		return size == 8 ? load_u64(at, false) : load_u32(at, false);
	case DW_FORM_sdata:
		if (!read_sleb(p, end, &sval))
			damaged(s, "a number runs past the end");
		return (uint64_t)sval;
	case DW_FORM_udata:
	case DW_FORM_ref_udata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_loclistx:
	case DW_FORM_rnglistx:
		return uleb(s, p, end);
	case DW_FORM_exprloc:
	case DW_FORM_block:
		size = uleb(s, p, end);
		break;
	case DW_FORM_block1:
		size = *take(s, p, end, 1);
		break;
	case DW_FORM_block2:
		size = load_u16(take(s, p, end, 2), false);
		break;
	case DW_FORM_block4:
		size = load_u32(take(s, p, end, 4), false);
		break;
	default:
		errx(1, "%s: form 0x%x is not known", s->path, a->form);
	}
	take(s, p, end, size);
	return size;
}

static void scan_dies(struct scan *s, const uint8_t *p, const uint8_t *end)
{
	uint64_t sum = 0, dies = 0, values = 0;
	uint32_t depth = 0, i;

	while (p < end) {
		uint64_t code = uleb(s, &p, end);
		const struct declaration *d;
		const struct attribute *a;

		if (!code) {
			if (depth-- <= 1)
				break;
			continue;
		}
		if (code > s->declarations.nr)
			damaged(s, "a DIE has no abbreviation");
		d = &s->declarations.at[code - 1];
		a = s->attributes.at + d->first;
		for (i = 0; i < d->nr; i++)
			sum += read_value(s, &a[i], &p, end);
		dies++;
		values += d->nr;
		depth += d->children;
		if (!depth)
			break;
	}
	s->dies += dies;
	s->values += values;
	s->sum += sum;
}

/* Unit headers: DWARF 5 section 7.5.1. */
static void scan_units(struct scan *s)
{
	const uint8_t *p = s->info.data, *end = p + s->info.size, *unit_end;
	uint32_t length;
	uint64_t abbrev;

	while (p < end) {
		length = load_u32(take(s, &p, end, 4), false);
		if (length >= 0xfffffff0 || length > (uint64_t)(end - p))
			damaged(s, "a unit is longer than .debug_info, or 64-bit DWARF");
		unit_end = p + length;
		s->version = load_u16(take(s, &p, unit_end, 2), false);
		if (s->version < 2 || s->version > 5)
			damaged(s, "a unit is of another version of DWARF than 2 to 5");
		if (s->version == 5) {
			uint8_t type = *take(s, &p, unit_end, 1);

			s->address_size = *take(s, &p, unit_end, 1);
			abbrev = relocated(s, take(s, &p, unit_end, 4));
			if (type == DW_UT_type || type == DW_UT_split_type)
				take(s, &p, unit_end, 12);
			else if (type == DW_UT_skeleton || type == DW_UT_split_compile)
				take(s, &p, unit_end, 8);
		} else {
			abbrev = relocated(s, take(s, &p, unit_end, 4));
			s->address_size = *take(s, &p, unit_end, 1);
		}
		if (s->address_size != 4 && s->address_size != 8)
			damaged(s, "addresses are neither 4 nor 8 bytes long");
		read_declarations(s, abbrev);
		scan_dies(s, p, unit_end);
		p = unit_end;
	}
}

/* Section @shdr of the file that is mapped at @file; a range outside of that is empty. */
static struct bytes content(const struct scan *s, struct bytes file, const GElf_Shdr *shdr)
{
	if (shdr->sh_flags & SHF_COMPRESSED)
		damaged(s, "a section of debug info is compressed");
	return bytes_slice(file, shdr->sh_offset, shdr->sh_size);
}

static void find_sections(struct scan *s, struct bytes file)
{
	Elf *elf = elf_memory((char *)file.data, file.size);
	struct bytes rela = { 0 };
	Elf_Scn *section = NULL;
	size_t names;

	if (!elf || elf_getshdrstrndx(elf, &names) || file.size < EI_NIDENT ||
	    file.data[EI_CLASS] != ELFCLASS64 || file.data[EI_DATA] != ELFDATA2LSB)
		damaged(s, "no 64-bit little endian ELF file");
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr shdr;
		const char *name;

		if (!gelf_getshdr(section, &shdr) || !(name = elf_strptr(elf, names, shdr.sh_name)))
			damaged(s, "a section cannot be read");
		if (!strcmp(name, ".debug_info"))
			s->info = content(s, file, &shdr);
		else if (!strcmp(name, ".debug_abbrev"))
			s->abbrev = content(s, file, &shdr);
		else if (!strcmp(name, ".debug_str"))
			s->str = content(s, file, &shdr);
		else if (!strcmp(name, ".debug_line_str"))
			s->line_str = content(s, file, &shdr);
		else if (!strcmp(name, ".symtab"))
			s->symtab = content(s, file, &shdr);
		else if (!strcmp(name, ".rela.debug_info"))
			rela = content(s, file, &shdr);
	}
	elf_end(elf);
	if (!s->info.size || !s->abbrev.size)
		damaged(s, "has no debug info");
	if ((s->str.size && s->str.data[s->str.size - 1]) ||
	    (s->line_str.size && s->line_str.data[s->line_str.size - 1]))
		damaged(s, "the last string has no end");
	if ((uintptr_t)rela.data % _Alignof(Elf64_Rela) || rela.size % sizeof(Elf64_Rela))
		damaged(s, "relocations are not aligned");
	s->rela = (const Elf64_Rela *)rela.data;
	s->rela_end = s->rela + rela.size / sizeof(Elf64_Rela);
	s->relocated = rela.size;
}

static void scan_file(struct scan *s, const char *path)
{
	struct bytes file;
	struct stat st;
	void *map;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	file = (struct bytes){ map, (size_t)st.st_size };
	s->path = path;
	find_sections(s, file);
	scan_units(s);
	munmap(map, file.size);
}

int main(int argc, char **argv)
{
	struct scan s = { 0 };

	elf_version(EV_CURRENT);
	if (argc < 2)
		errx(2, "usage: bare-scan FILE...");
	for (int i = 1; i < argc; i++) {
		s.info = s.abbrev = s.str = s.line_str = s.symtab = (struct bytes){ 0 };
		scan_file(&s, argv[i]);
	}
	printf("%" PRIu64 " DIEs, %" PRIu64 " attributes, sum %016" PRIx64 "\n", s.dies, s.values,
	       s.sum);
	vec_free(&s.declarations);
	vec_free(&s.attributes);
	return 0;
}
