// SPDX-License-Identifier: GPL-2.0-only
/* Relocations applied as fields are read. */
#include "test.h"

#include <elf.h>

#include "dwarf-fixture.h"
#include "dwarf/reloc.h"

struct fixture {
	struct out symtab, shndx, entries;
	struct bytes symtab_bytes, shndx_bytes, entries_bytes;
	struct reloc_symbols symbols;
	struct reloc_cursor cursor;
	struct error err;
	bool rel;
};

static void symbol(struct fixture *f, uint64_t value, uint16_t section)
{
	if (f->symbols.is64) {
		put_u32(&f->symtab, 0);
		put_u16(&f->symtab, 0);
		put_u16(&f->symtab, section);
		put_u64(&f->symtab, value);
		put_u64(&f->symtab, 0);
	} else {
		put_u32(&f->symtab, 0);
		put_u32(&f->symtab, value);
		put_u32(&f->symtab, 0);
		put_u16(&f->symtab, 0);
		put_u16(&f->symtab, section);
	}
}

/* Symbol 0, as the format wants it; 1: at 0x1000 of section 5; 2: at 0x20 of section 6. */
static struct fixture start(uint16_t machine, bool is64, bool big)
{
	struct fixture f = { .symbols = { .machine = machine, .is64 = is64, .big_endian = big } };

	f.symtab.big = f.shndx.big = f.entries.big = big;
	symbol(&f, 0, 0);
	symbol(&f, 0x1000, 5);
	symbol(&f, 0x20, 6);
	return f;
}

static void relocation(struct fixture *f, uint64_t offset, uint32_t sym, uint32_t type,
		       int64_t addend)
{
	if (f->symbols.is64) {
		put_u64(&f->entries, offset);
		put_u64(&f->entries, (uint64_t)sym << 32 | type);
		if (!f->rel)
			put_u64(&f->entries, (uint64_t)addend);
	} else {
		put_u32(&f->entries, offset);
		put_u32(&f->entries, sym << 8 | type);
		if (!f->rel)
			put_u32(&f->entries, (uint64_t)addend);
	}
}

static int open_reloc(struct fixture *f)
{
	f->symtab_bytes = out_bytes(&f->symtab);
	f->shndx_bytes = out_bytes(&f->shndx);
	f->entries_bytes = out_bytes(&f->entries);
	f->symbols.symtab = f->symtab_bytes;
	f->symbols.shndx = f->shndx_bytes;
	return reloc_open(&f->cursor, &f->symbols, f->entries_bytes, f->rel, &f->err);
}

static void finish(struct fixture *f)
{
	reloc_close(&f->cursor);
	bytes_free(f->symtab_bytes);
	bytes_free(f->shndx_bytes);
	bytes_free(f->entries_bytes);
	out_free(&f->symtab);
	out_free(&f->shndx);
	out_free(&f->entries);
}

/* The field of @size bytes at @offset, whose bytes say @raw. */
static struct reloc_value value_at(struct fixture *f, uint64_t offset, unsigned int size,
				   uint64_t raw)
{
	struct reloc_value v;

	assert_int_equal(reloc_apply(&f->cursor, offset, size, raw, &v, &f->err), 0);
	return v;
}

static uint64_t at(struct fixture *f, uint64_t offset, unsigned int size, uint64_t raw)
{
	return value_at(f, offset, size, raw).value;
}

static int fails_at(struct fixture *f, uint64_t offset, unsigned int size)
{
	struct reloc_value v;
	int ret = reloc_apply(&f->cursor, offset, size, 0, &v, &f->err);

	assert_int_equal(ret, f->err.code);
	return ret;
}

/* R_x_32 and R_x_64 of each machine: symbol plus addend, the field itself does not count. */
static void absolute_of_each_machine(void **state)
{
	static const struct {
		uint16_t machine;
		bool is64, big;
		uint32_t type4, type8;
	} machines[] = {
		{ EM_X86_64, true, false, R_X86_64_32, R_X86_64_64 },
		{ EM_AARCH64, true, false, R_AARCH64_ABS32, R_AARCH64_ABS64 },
		{ EM_S390, true, true, R_390_32, R_390_64 },
		{ EM_PPC64, true, false, R_PPC64_ADDR32, R_PPC64_ADDR64 },
		{ EM_PPC64, true, true, R_PPC64_ADDR32, R_PPC64_ADDR64 },
		{ EM_RISCV, true, false, R_RISCV_32, R_RISCV_64 },
		{ 258 /* EM_LOONGARCH */, true, false, 1, 2 },
		{ EM_ARM, false, false, R_ARM_ABS32, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		struct fixture f = start(machines[i].machine, machines[i].is64, machines[i].big);
		struct reloc_value v;

		relocation(&f, 4, 1, machines[i].type4, 0x34);
		relocation(&f, 8, 2, machines[i].type4, -0x10);
		if (machines[i].type8)
			relocation(&f, 16, 2, machines[i].type8, -0x21);
		assert_int_equal(open_reloc(&f), 0);
		assert_int_equal(at(&f, 0, 4, 99), 99);
		v = value_at(&f, 4, 4, 0xdeadbeef);
		assert_true(v.relocated);
		assert_int_equal(v.value, 0x1034);
		assert_int_equal(v.section, 5);
		assert_int_equal(at(&f, 8, 4, 7), 0x10);
		if (machines[i].type8)
			assert_int_equal(at(&f, 16, 8, 7), UINT64_MAX);
		v = value_at(&f, 24, 4, 7);
		assert_false(v.relocated);
		assert_int_equal(v.section, 0);
		assert_int_equal(v.value, 7);
		finish(&f);
	}
}

/* SHT_REL: the addend is what stands in the field. */
static void addend_in_the_field(void **state)
{
	struct fixture f = start(EM_ARM, false, false);

	(void)state;
	f.rel = true;
	relocation(&f, 4, 1, R_ARM_ABS32, 0);
	relocation(&f, 8, 2, R_ARM_ABS32, 0);
	assert_int_equal(open_reloc(&f), 0);
	assert_int_equal(at(&f, 4, 4, 0x34), 0x1034);
	assert_int_equal(at(&f, 8, 4, 0xfffffff0), 0x10);
	finish(&f);
}

/* RISC-V and LoongArch write differences as pairs on one place (linker relaxation moves both ends). */
static void pairs_that_add_and_subtract(void **state)
{
	struct fixture f = start(EM_RISCV, true, false);

	(void)state;
	relocation(&f, 0, 1, R_RISCV_ADD32, 0x44);
	relocation(&f, 0, 2, R_RISCV_SUB32, 0);
	relocation(&f, 8, 1, R_RISCV_ADD64, 0);
	relocation(&f, 8, 2, R_RISCV_SUB64, 1);
	relocation(&f, 16, 2, R_RISCV_SET16, 2);
	relocation(&f, 16, 2, R_RISCV_SUB16, 0);
	relocation(&f, 18, 2, R_RISCV_SET8, 0);
	relocation(&f, 20, 2, R_RISCV_SUB32, 0);
	assert_int_equal(open_reloc(&f), 0);
	assert_int_equal(at(&f, 0, 4, 0), 0x1024);
	assert_int_equal(at(&f, 8, 8, 0), 0x1000 - 0x21);
	assert_int_equal(at(&f, 16, 2, 0xffff), 2);
	assert_int_equal(at(&f, 18, 1, 0xff), 0x20);
	/* It stays inside its field. */
	assert_int_equal(at(&f, 20, 4, 0), 0xffffffe0);
	finish(&f);

	f = start(258 /* EM_LOONGARCH */, true, false);
	relocation(&f, 0, 1, 50 /* R_LARCH_ADD32 */, 0);
	relocation(&f, 0, 2, 55 /* R_LARCH_SUB32 */, 0);
	assert_int_equal(open_reloc(&f), 0);
	assert_int_equal(at(&f, 0, 4, 0), 0xfe0);
	finish(&f);
}

/* Readers jump: to a reference, to another unit, back again. */
static void any_order_of_reading(void **state)
{
	struct fixture f = start(EM_X86_64, true, false);
	uint32_t seed = 1;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		relocation(&f, 8 * i, 1, R_X86_64_32, (int64_t)i);
	assert_int_equal(open_reloc(&f), 0);
	for (uint64_t i = 1000; i--;)
		assert_int_equal(at(&f, 8 * i, 4, 0), 0x1000 + i);
	for (unsigned int n = 0; n < 20000; n++) {
		uint64_t i;

		seed = seed * 1103515245 + 12345;
		i = seed >> 16 & 1023;
		assert_int_equal(at(&f, 8 * i, 4, 1), i < 1000 ? 0x1000 + i : 1);
		assert_int_equal(at(&f, 8 * i + 4, 4, 3), 3);
	}
	/* The same one twice. */
	assert_int_equal(at(&f, 80, 4, 0), 0x100a);
	assert_int_equal(at(&f, 80, 4, 0), 0x100a);
	assert_int_equal(at(&f, 0, 4, 0), 0x1000);
	assert_int_equal(at(&f, 0, 4, 0), 0x1000);
	finish(&f);
}

static void entries_out_of_order(void **state)
{
	struct fixture f = start(EM_RISCV, true, false);

	(void)state;
	relocation(&f, 40, 1, R_RISCV_32, 4);
	relocation(&f, 8, 1, R_RISCV_SET32, 1);
	relocation(&f, 16, 1, R_RISCV_32, 2);
	relocation(&f, 8, 2, R_RISCV_SUB32, 0);
	relocation(&f, 0, 1, R_RISCV_32, 0);
	assert_int_equal(open_reloc(&f), 0);
	assert_int_equal(at(&f, 0, 4, 9), 0x1000);
	/* Those of one place keep their order. */
	assert_int_equal(at(&f, 8, 4, 0), 0xfe1);
	assert_int_equal(at(&f, 16, 4, 9), 0x1002);
	assert_int_equal(at(&f, 24, 4, 9), 9);
	assert_int_equal(at(&f, 40, 4, 9), 0x1004);
	assert_int_equal(at(&f, 8, 4, 0), 0xfe1);
	finish(&f);
}

/* As read after an entry at offset 0 out of order: the cursor has looked at the first entry before sorting. */
static void first_field_out_of_order(void **state)
{
	struct fixture f = start(EM_X86_64, true, false);

	(void)state;
	relocation(&f, 100, 1, R_X86_64_32, 1);
	relocation(&f, 0, 1, R_X86_64_32, 2);
	assert_int_equal(open_reloc(&f), 0);
	assert_int_equal(at(&f, 100, 4, 0), 0x1001);
	assert_int_equal(at(&f, 0, 4, 0), 0x1002);
	finish(&f);
}

static void types_that_do_nothing(void **state)
{
	struct fixture f = start(EM_AARCH64, true, false);

	(void)state;
	relocation(&f, 0, 0, R_AARCH64_NONE, 5);
	relocation(&f, 4, 0, 256 /* R_AARCH64_NONE of old */, 5);
	relocation(&f, 8, 1, R_AARCH64_ABS32, 5);
	relocation(&f, 12, 0, R_AARCH64_NONE, 5);
	assert_int_equal(open_reloc(&f), 0);
	assert_false(value_at(&f, 0, 4, 11).relocated);
	assert_int_equal(at(&f, 4, 4, 11), 11);
	assert_int_equal(at(&f, 8, 4, 11), 0x1005);
	assert_int_equal(at(&f, 12, 4, 11), 11);
	finish(&f);
}

/* A wrong width, a PC-relative one, one of another machine: not guessed. */
static void types_that_are_not_known(void **state)
{
	struct fixture f = start(EM_X86_64, true, false);

	(void)state;
	relocation(&f, 0, 1, R_X86_64_PC32, 0);
	relocation(&f, 8, 1, R_X86_64_64, 0);
	relocation(&f, 16, 1, R_X86_64_32, 0);
	relocation(&f, 24, 1, 0xffffffff, 0);
	assert_int_equal(open_reloc(&f), 0);
	assert_int_equal(fails_at(&f, 0, 4), -EOPNOTSUPP);
	assert_non_null(strstr(f.err.text, "type 2"));
	assert_int_equal(fails_at(&f, 8, 4), -EOPNOTSUPP);
	assert_int_equal(fails_at(&f, 16, 8), -EOPNOTSUPP);
	assert_int_equal(fails_at(&f, 24, 8), -EOPNOTSUPP);
	assert_int_equal(at(&f, 32, 8, 3), 3);
	finish(&f);

	f = start(EM_386, false, false);
	relocation(&f, 0, 1, R_386_32, 0);
	assert_int_equal(open_reloc(&f), 0);
	assert_int_equal(fails_at(&f, 0, 4), -EOPNOTSUPP);
	finish(&f);
}

static void symbols_that_do_not_exist(void **state)
{
	static const uint32_t indices[] = { 3, 4, 0x7fffffff, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < sizeof(indices) / sizeof(*indices); i++) {
		struct fixture f = start(EM_X86_64, true, false);

		relocation(&f, 0, 2, R_X86_64_32, 0);
		relocation(&f, 8, indices[i], R_X86_64_32, 0);
		assert_int_equal(open_reloc(&f), 0);
		assert_int_equal(at(&f, 0, 4, 0), 0x20);
		assert_int_equal(fails_at(&f, 8, 4), -EINVAL);
		assert_non_null(strstr(f.err.text, "does not exist"));
		/* And again, so that nothing of it was remembered. */
		assert_int_equal(fails_at(&f, 8, 4), -EINVAL);
		finish(&f);
	}
}

/* Over 65,280 sections: the number stands in a table of its own. */
static void extended_section_numbers(void **state)
{
	struct fixture f = start(EM_X86_64, true, false);

	(void)state;
	symbol(&f, 0x77, SHN_XINDEX);
	symbol(&f, 0x78, SHN_XINDEX);
	put_u32(&f.shndx, 0);
	put_u32(&f.shndx, 1);
	put_u32(&f.shndx, 1);
	put_u32(&f.shndx, 70000);
	relocation(&f, 0, 3, R_X86_64_64, 0);
	relocation(&f, 8, 4, R_X86_64_64, 0);
	relocation(&f, 16, 1, R_X86_64_64, 0);
	assert_int_equal(open_reloc(&f), 0);
	assert_int_equal(value_at(&f, 0, 8, 0).section, 70000);
	/* The table ends before symbol 4: no section is better than a wrong one. */
	assert_int_equal(value_at(&f, 8, 8, 0).section, 0);
	assert_int_equal(value_at(&f, 16, 8, 0).section, 5);
	finish(&f);
}

static void sizes_that_do_not_divide(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 48; size++) {
		struct fixture f = start(EM_X86_64, true, false);

		for (size_t i = 0; i < size; i++)
			put_u8(&f.entries, 0);
		assert_int_equal(open_reloc(&f), size % 24 ? -EINVAL : 0);
		finish(&f);
	}
}

static void offsets_far_away(void **state)
{
	struct fixture f = start(EM_X86_64, true, false);

	(void)state;
	relocation(&f, 0, 1, R_X86_64_32, 0);
	relocation(&f, UINT64_MAX - 1, 1, R_X86_64_32, 0);
	relocation(&f, UINT64_MAX, 1, R_X86_64_32, 0);
	assert_int_equal(open_reloc(&f), 0);
	assert_int_equal(at(&f, 8, 4, 4), 4);
	assert_int_equal(at(&f, 0, 4, 4), 0x1000);
	finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absolute_of_each_machine),
		cmocka_unit_test(addend_in_the_field),
		cmocka_unit_test(pairs_that_add_and_subtract),
		cmocka_unit_test(any_order_of_reading),
		cmocka_unit_test(entries_out_of_order),
		cmocka_unit_test(first_field_out_of_order),
		cmocka_unit_test(types_that_do_nothing),
		cmocka_unit_test(types_that_are_not_known),
		cmocka_unit_test(symbols_that_do_not_exist),
		cmocka_unit_test(extended_section_numbers),
		cmocka_unit_test(sizes_that_do_not_divide),
		cmocka_unit_test(offsets_far_away),
	};

	return cmocka_run_group_tests_name("reloc", tests, NULL, NULL);
}
