// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any .BTF_ids: an error with a text, or a section that keeps names and flags together however
 * often it is resolved, against two small BTFs with the same names in different order.
 *
 * An input that starts like an ELF file is a module. Any other one is sections, so that the fuzzer
 * need not get past an ELF header: two bytes of flags and machine, then for each section its number
 * (enum part), 16 bits of length, low byte first, and that many bytes. tests/fuzz/ids-corpus.py
 * writes such inputs.
 */
#include <elf.h>
#include <stdlib.h>

#include "../unit/btf-fixture.h"
#include "module/btf-ids.h"

#define LIMIT ((size_t)1 << 20)

enum { BIG_ENDIAN_INPUT = 1, WIDE = 2, REL = 4 };

/* Section indices as well. */
enum part { NONE, IDS, SYMTAB, STRTAB, DATA, RELA, SHNDX, NR_PARTS };

static const uint16_t machines[] = {
	EM_X86_64, EM_AARCH64, EM_S390, EM_ARM, EM_RISCV, EM_PPC64, 258 /* EM_LOONGARCH */, EM_386
};

/* The names of ids-corpus.py, in two orders. The base ends with id 5, of which 2 is struct foo. */
static const uint32_t one[] = { FUNC(S(a), 1, 5),   FUNC(S(b), 1, 5),	    FUNC(S(c), 1, 5),
				FUNC(S(d), 1, 5),   STRUCT(OWN(own), 0, 4), TYPEDEF(OWN(mine), 1),
				UNION(S(baz), 0, 4) };
static const uint32_t two[] = { TYPEDEF(OWN(mine), 1), UNION(S(baz), 0, 4), FUNC(S(d), 1, 5),
				FUNC(S(c), 1, 5),      FUNC(S(a), 1, 5),    STRUCT(OWN(own), 0, 4) };

struct world {
	struct btf base, one, two;
};

static struct world worlds[2]; /* by byte order */

static void open_btf(struct btf *btf, struct buffer raw, const struct btf *base)
{
	if (btf_open(btf, buffer_bytes(&raw), base, NULL))
		abort();
}

static void make_world(struct world *w, bool big)
{
	open_btf(&w->base, fixture_small_base(big), NULL);
	open_btf(&w->one, fixture_split(one, sizeof(one) / sizeof(*one), big), &w->base);
	open_btf(&w->two, fixture_split(two, sizeof(two) / sizeof(*two), big), &w->base);
}

static void check_error(const struct error *err, int ret)
{
	if (ret >= 0 || err->code != ret || !err->text[0])
		abort();
}

static int compare_entries(const void *a, const void *b)
{
	const struct ids_entry *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (x->set != y->set)
		return x->set < y->set ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (order)
		return order;
	return x->flags < y->flags ? -1 : x->flags > y->flags;
}

/* The same names in the same sets, with the same flags; @a and @b lose their order. */
static void check_same(struct btf_ids *a, struct btf_ids *b)
{
	bool clear = a->entries.nr == b->entries.nr && a->sets.nr == b->sets.nr;

	if (!clear)
		abort();
	for (uint32_t i = 0; i < a->entries.nr; i++)
		clear = clear && !a->entries.at[i].unclear && !b->entries.at[i].unclear;
	if (!clear || !a->entries.nr)
		return;
	qsort(a->entries.at, a->entries.nr, sizeof(*a->entries.at), compare_entries);
	qsort(b->entries.at, b->entries.nr, sizeof(*b->entries.at), compare_entries);
	for (uint32_t i = 0; i < a->entries.nr; i++)
		if (compare_entries(&a->entries.at[i], &b->entries.at[i]))
			abort();
}

/* Names, where all is known that can be; NULL: the ids are not those of @old. */
static bool read_ids(struct btf_ids *ids, const struct module *mod, const struct btf *old,
		     struct error *err)
{
	struct kfuncs kfuncs;
	int ret = btf_ids_read(ids, mod, err);

	if (!ret)
		ret = btf_ids_recover(ids, old, err);
	if (!ret)
		ret = btf_ids_kfuncs(ids, &kfuncs, err);
	if (ret)
		check_error(err, ret);
	else
		kfuncs_free(&kfuncs);
	return !ret;
}

/* What was resolved with @btf can be read, says the same, and resolves to the same bytes. */
static void check_again(struct module *mod, struct btf_ids *before, struct bytes section,
			const struct btf *btf)
{
	struct module_section *s = &mod->sections[before->section];
	struct error err = ERROR_INIT;
	struct bytes old = s->data;
	struct buffer out;
	struct btf_ids ids;

	s->data = section;
	if (!read_ids(&ids, mod, btf, &err) || btf_ids_resolve(&ids, btf, &out, NULL, &err))
		abort();
	if (out.size != section.size || (out.size && memcmp(out.data, section.data, out.size) != 0))
		abort();
	check_same(before, &ids);
	buffer_free(&out);
	btf_ids_free(&ids);
	s->data = old;
}

static void try_module(struct module *mod)
{
	const struct world *w = &worlds[mod->big_endian];
	struct error err = ERROR_INIT;
	struct strlist missing = { 0 };
	struct buffer out;
	struct btf_ids ids;
	bool marked;
	int ret;

	if (btf_ids_read(&ids, mod, &err)) {
		check_error(&err, err.code);
		btf_ids_free(&ids);
		return;
	}
	marked = ids.state == IDS_FRESH || ids.state == IDS_RESOLVED;
	btf_ids_free(&ids);
	if (read_ids(&ids, mod, &w->one, &err)) {
		ret = btf_ids_resolve(&ids, &w->two, &out, &missing, &err);
		if (ret)
			check_error(&err, ret);
		else if (out.size != ids.data.size)
			abort();
		else if (marked)
			check_again(mod, &ids, buffer_bytes(&out), &w->two);
		buffer_free(&out);
		strlist_free(&missing);
	}
	btf_ids_free(&ids);
}

static void try_sections(const uint8_t *data, size_t size)
{
	struct module_section sections[NR_PARTS] = {
		[NONE] = { .name = "" },
		[IDS] = { .name = ".BTF_ids", .type = SHT_PROGBITS, .flags = SHF_ALLOC },
		[SYMTAB] = { .name = ".symtab", .type = SHT_SYMTAB, .link = STRTAB },
		[STRTAB] = { .name = ".strtab", .type = SHT_STRTAB },
		[DATA] = { .name = ".data", .type = SHT_PROGBITS, .flags = SHF_ALLOC },
		[RELA] = { .name = ".rela.data", .link = SYMTAB, .info = DATA },
		[SHNDX] = { .name = ".symtab_shndx", .type = SHT_SYMTAB_SHNDX, .link = SYMTAB },
	};
	struct module mod = { .is64 = data[0] & WIDE,
			      .big_endian = data[0] & BIG_ENDIAN_INPUT,
			      .machine = machines[data[1] % (sizeof(machines) / 2)],
			      .sections = sections,
			      .nr_sections = NR_PARTS };

	sections[RELA].type = data[0] & REL ? SHT_REL : SHT_RELA;
	for (size_t at = 2; range_fits(at, 3, size);) {
		uint8_t part = data[at] % NR_PARTS;
		size_t len = data[at + 1] | (size_t)data[at + 2] << 8;

		at += 3;
		if (!range_fits(at, len, size))
			break;
		if (part != NONE) {
			sections[part].data = (struct bytes){ data + at, len };
			sections[part].size = len;
		}
		at += len;
	}
	try_module(&mod);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct module mod;

	if (!worlds[0].base.nr) {
		make_world(&worlds[0], false);
		make_world(&worlds[1], true);
	}
	if (size < 4)
		return 0;
	if (memcmp(data,
		   "\x7f"
		   "ELF",
		   4) != 0) {
		try_sections(data, size);
		return 0;
	}
	if (module_open_memory(&mod, (struct bytes){ data, size }, "fuzz.ko", LIMIT, &err))
		return 0;
	try_module(&mod);
	module_close(&mod);
	return 0;
}
