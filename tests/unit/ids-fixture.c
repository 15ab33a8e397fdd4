// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include "ids-fixture.h"

#include <elf.h>
#include <stdio.h>

enum { NULL_SECTION, IDS, DATA, RELA, SYMTAB, STRTAB, SHSTRTAB, NR_SECTIONS };

static const char names[] = "\0.BTF_ids\0.data\0.rela.data\0.symtab\0.strtab\0.shstrtab";

static void add_symbol(struct ids_fixture *f, const char *kind, const char *name, bool number,
		       uint64_t size)
{
	struct ids_symbol *s = &f->symbols[f->nr_symbols++];

	assert_true(f->nr_symbols <= IDS_MAX);
	snprintf(s->name, sizeof(s->name), number ? "__BTF_ID__%s__%s__%u" : "__BTF_ID__%s__%s",
		 kind, name, 100 + f->nr_symbols);
	s->value = 4 * f->nr_words;
	s->size = size;
}

static void add_word(struct ids_fixture *f, uint32_t word)
{
	f->words[f->nr_words++] = word;
	assert_true(f->nr_words <= IDS_MAX);
}

void ids_lay_out(struct ids_fixture *f, const char *text)
{
	char copy[1024], *rest = copy, *item;
	struct ids_symbol *set = NULL;
	bool pairs = false;

	*f = (struct ids_fixture){ .is64 = true };
	assert_true(strlen(text) < sizeof(copy));
	strcpy(copy, text);
	while ((item = strsep(&rest, " "))) {
		char *kind = strsep(&item, ":"), *name = strsep(&item, ":");
		uint32_t flags = item ? (uint32_t)strtoul(item, NULL, 0) : 0;

		if (!strcmp(kind, "pointer")) {
			f->pointers[f->nr_pointers++] = 4 * f->nr_words;
		} else if (!strcmp(kind, "unused")) {
			add_word(f, 0);
		} else if (!strcmp(kind, "end")) {
			assert_non_null(set);
			set->size = 4 * f->nr_words - set->value;
			set = NULL;
			pairs = false;
		} else if (!strcmp(kind, "set") || !strcmp(kind, "set8")) {
			pairs = !strcmp(kind, "set8");
			set = &f->symbols[f->nr_symbols];
			add_symbol(f, kind, name, false, 0);
			add_word(f, 0);
			if (pairs)
				add_word(f, flags);
		} else {
			assert_non_null(name);
			add_symbol(f, kind, name, true, 4);
			add_word(f, 0);
			if (pairs)
				add_word(f, flags);
		}
	}
}

void ids_set_words(struct ids_fixture *f, struct bytes section)
{
	assert_int_equal(section.size, 4 * f->nr_words);
	for (uint32_t i = 0; i < f->nr_words; i++)
		f->words[i] = load_u32(section.data + 4 * i, f->big);
}

/* ---- ELF ---- */

struct writer {
	struct ids_fixture *f;
	uint8_t *p;
};

static void put16(struct writer *w, uint16_t v)
{
	store_u16(w->p, v, w->f->big);
	w->p += 2;
}

static void put32(struct writer *w, uint32_t v)
{
	store_u32(w->p, v, w->f->big);
	w->p += 4;
}

/* An address, in either class. */
static void put_word(struct writer *w, uint64_t v)
{
	if (!w->f->is64) {
		put32(w, (uint32_t)v);
		return;
	}
	store_u64(w->p, v, w->f->big);
	w->p += 8;
}

static uint16_t machine(const struct ids_fixture *f)
{
	if (f->is64)
		return f->big ? EM_S390 : EM_X86_64;
	return f->big ? EM_PPC : EM_386;
}

static uint32_t pointer_type(const struct ids_fixture *f)
{
	if (f->is64)
		return f->big ? R_390_64 : R_X86_64_64;
	return f->big ? R_PPC_ADDR32 : R_386_32;
}

static void put_symbol(struct writer *w, uint32_t name, uint8_t info, uint16_t section,
		       uint64_t value, uint64_t size)
{
	put32(w, name);
	if (!w->f->is64) {
		put32(w, (uint32_t)value);
		put32(w, (uint32_t)size);
	}
	*w->p++ = info;
	*w->p++ = 0;
	put16(w, section);
	if (w->f->is64) {
		put_word(w, value);
		put_word(w, size);
	}
}

static void put_symbols(struct writer *w)
{
	uint32_t name = 1;

	put_symbol(w, 0, 0, 0, 0, 0);
	put_symbol(w, 0, STT_SECTION, IDS, 0, 0);
	for (uint32_t i = 0; i < w->f->nr_symbols; i++) {
		const struct ids_symbol *s = &w->f->symbols[i];

		put_symbol(w, name, STT_OBJECT, IDS, s->value, s->size);
		name += (uint32_t)strlen(s->name) + 1;
	}
}

static void put_strings(struct writer *w)
{
	*w->p++ = 0;
	for (uint32_t i = 0; i < w->f->nr_symbols; i++) {
		strcpy((char *)w->p, w->f->symbols[i].name);
		w->p += strlen(w->f->symbols[i].name) + 1;
	}
}

/* i386 has no addends in its relocations: they stand in the data. */
static bool has_addends(const struct ids_fixture *f)
{
	return f->is64 || f->big;
}

static void put_data(struct writer *w)
{
	for (uint32_t i = 0; i < w->f->nr_pointers; i++)
		put_word(w, has_addends(w->f) ? 0 : w->f->pointers[i]);
}

static void put_relocations(struct writer *w)
{
	for (uint32_t i = 0; i < w->f->nr_pointers; i++) {
		put_word(w, (uint64_t)i * (w->f->is64 ? 8 : 4));
		if (w->f->is64)
			put_word(w, ELF64_R_INFO((uint64_t)1, pointer_type(w->f)));
		else
			put32(w, ELF32_R_INFO(1u, pointer_type(w->f)));
		if (has_addends(w->f))
			put_word(w, w->f->pointers[i]);
	}
}

static void put_section(struct writer *w, const char *name, uint32_t type, uint32_t flags,
			const uint8_t *from, uint32_t link, uint32_t info, uint64_t entsize,
			uint64_t size)
{
	const char *at = memmem(names, sizeof(names), name, strlen(name) + 1);

	put32(w, (uint32_t)(at - names));
	put32(w, type);
	put_word(w, flags);
	put_word(w, 0);
	put_word(w, from ? (uint64_t)(from - w->f->elf.data) : 0);
	put_word(w, size);
	put32(w, link);
	put32(w, info);
	put_word(w, type ? 1 : 0);
	put_word(w, entsize);
}

static void put_header(struct writer *w)
{
	const uint8_t ident[EI_NIDENT] = { 0x7f,
					   'E',
					   'L',
					   'F',
					   w->f->is64 ? ELFCLASS64 : ELFCLASS32,
					   w->f->big ? ELFDATA2MSB : ELFDATA2LSB,
					   EV_CURRENT };

	memcpy(w->p, ident, sizeof(ident));
	w->p += sizeof(ident);
	put16(w, ET_REL);
	put16(w, machine(w->f));
	put32(w, EV_CURRENT);
	put_word(w, 0);
	put_word(w, 0);
	put_word(w, w->f->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
	put32(w, 0);
	put16(w, w->f->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
	put16(w, 0);
	put16(w, 0);
	put16(w, w->f->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
	put16(w, NR_SECTIONS);
	put16(w, SHSTRTAB);
}

void ids_build(struct ids_fixture *f)
{
	size_t shdr = f->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	size_t sym = f->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	size_t rel = f->is64 ? sizeof(Elf64_Rela) : f->big ? sizeof(Elf32_Rela) : sizeof(Elf32_Rel);
	struct error err = ERROR_INIT;
	struct writer w = { .f = f };
	struct writer headers = { .f = f };
	uint8_t *from;

	f->elf.size = 65536;
	f->elf.data = calloc(1, f->elf.size);
	assert_non_null(f->elf.data);
	w.p = f->elf.data;
	put_header(&w);
	headers.p = w.p;
	w.p += NR_SECTIONS * shdr;

	put_section(&headers, "", SHT_NULL, 0, NULL, 0, 0, 0, 0);
	from = w.p;
	for (uint32_t i = 0; i < f->nr_words; i++)
		put32(&w, f->words[i]);
	put_section(&headers, ".BTF_ids", SHT_PROGBITS, SHF_ALLOC, from, 0, 0, 0,
		    (uint64_t)(w.p - from));
	from = w.p;
	put_data(&w);
	put_section(&headers, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, from, 0, 0, 0,
		    (uint64_t)(w.p - from));
	from = w.p;
	put_relocations(&w);
	put_section(&headers, ".rela.data", has_addends(f) ? SHT_RELA : SHT_REL, SHF_INFO_LINK,
		    from, SYMTAB, DATA, rel, (uint64_t)(w.p - from));
	from = w.p;
	put_symbols(&w);
	put_section(&headers, ".symtab", SHT_SYMTAB, 0, from, STRTAB, 2, sym,
		    (uint64_t)(w.p - from));
	from = w.p;
	put_strings(&w);
	put_section(&headers, ".strtab", SHT_STRTAB, 0, from, 0, 0, 0, (uint64_t)(w.p - from));
	from = w.p;
	memcpy(w.p, names, sizeof(names));
	w.p += sizeof(names);
	put_section(&headers, ".shstrtab", SHT_STRTAB, 0, from, 0, 0, 0, sizeof(names));

	if (module_open_memory(&f->mod, buffer_bytes(&f->elf), "ids.ko", MODULE_LIMIT, &err))
		fail_msg("%s", err.text);
}

void ids_release(struct ids_fixture *f)
{
	module_close(&f->mod);
	buffer_free(&f->elf);
}
