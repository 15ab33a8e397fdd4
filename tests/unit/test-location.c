// SPDX-License-Identifier: GPL-2.0-only
/* Where parameters arrive, by their locations: expressions, and lists of them in both forms. */
#include "test.h"

#include "dwarf-fixture.h"
#include "dwarf/scan.h"

enum {
	REG3 = DW_OP_reg0 + 3,
	REG5 = DW_OP_reg0 + 5,
	BREG5 = DW_OP_breg0 + 5,
	LIT1 = DW_OP_lit0 + 1,
};

/* A reader in the middle of a unit, whose info section holds expressions. */
struct fixture {
	struct out info, list;
	struct bytes info_bytes, list_bytes;
	struct dwarf_section section;
	struct dwarf d;
	struct info in;
	struct unit unit;
	struct scan s;
	struct die die;
	struct error err;
	struct location loc;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->unit = (struct unit){ .version = 5, .address_size = 8, .loclists_base = 12 };
	f->in.section = &f->section;
	f->s.d = &f->d;
	f->s.r = (struct reader){ .d = &f->d, .unit = &f->unit, .info = &f->in, .err = &f->err };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	bytes_free(f->info_bytes);
	bytes_free(f->list_bytes);
	out_free(&f->info);
	out_free(&f->list);
	free(f);
	return 0;
}

static int read_it(struct fixture *f, uint16_t form, uint64_t value, uint32_t len)
{
	struct reloc_cursor *cursor = f->unit.version < 5 ? &f->d.loc : &f->d.loclists;
	int ret;

	bytes_free(f->info_bytes);
	bytes_free(f->list_bytes);
	f->info_bytes = out_bytes(&f->info);
	f->list_bytes = out_bytes(&f->list);
	f->section.data = f->info_bytes;
	f->s.r.start = f->s.r.p = f->info_bytes.data;
	f->s.r.end = f->info_bytes.data + f->info_bytes.size;
	f->d.in.loc.data = f->unit.version < 5 ? f->list_bytes : (struct bytes){ 0 };
	f->d.in.loclists.data = f->unit.version < 5 ? (struct bytes){ 0 } : f->list_bytes;
	assert_int_equal(reloc_open(cursor, &f->d.symbols, (struct bytes){ 0 }, false, &f->err), 0);
	f->die.have = 1u << SLOT_LOCATION;
	f->die.at[SLOT_LOCATION] = (struct value){ .form = form, .v = value, .len = len };
	ret = read_location(&f->s, &f->die, &f->loc);
	if (ret)
		assert_int_equal(ret, f->err.code);
	return ret;
}

/* A location that is one expression. */
static void expression(struct fixture *f, const void *bytes, uint32_t len)
{
	f->info.v.nr = 0;
	put(&f->info, bytes, len);
	assert_int_equal(read_it(f, DW_FORM_exprloc, 0, len), 0);
}

#define EXPRESSION(f, ...) \
	expression(f, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

#define assert_location(f, r, p)                         \
	do {                                             \
		assert_int_equal((f)->loc.reg, r);       \
		assert_int_equal((f)->loc.piece_reg, p); \
	} while (0)

static void nothing_said(void **state)
{
	struct fixture *f = *state;

	f->die.have = 0;
	assert_int_equal(read_location(&f->s, &f->die, &f->loc), 0);
	assert_location(f, -1, -1);
	expression(f, "", 0);
	assert_location(f, -1, -1);
}

static void registers(void **state)
{
	struct fixture *f = *state;

	EXPRESSION(f, REG5);
	assert_location(f, 5, 5);
	EXPRESSION(f, DW_OP_reg31);
	assert_location(f, 31, 31);
	/* On the stack: no register. */
	EXPRESSION(f, DW_OP_fbreg, 0x70);
	assert_location(f, -1, -1);
	EXPRESSION(f, BREG5, 0x08);
	assert_location(f, -1, -1);
	EXPRESSION(f, DW_OP_regx, 5);
	assert_location(f, -1, -1);
	/* "Register plus constant, as a value" is that register. */
	EXPRESSION(f, BREG5, 0x08, DW_OP_stack_value);
	assert_location(f, 5, 5);
	EXPRESSION(f, LIT1, DW_OP_stack_value);
	assert_location(f, -1, -1);
}

static void value_on_entry(void **state)
{
	struct fixture *f = *state;

	EXPRESSION(f, DW_OP_entry_value, 1, REG3, DW_OP_stack_value);
	assert_location(f, 3, 3);
	EXPRESSION(f, DW_OP_GNU_entry_value, 1, REG3);
	assert_location(f, 3, 3);
	/* Of something else than a register, or cut off. */
	EXPRESSION(f, DW_OP_entry_value, 2, BREG5, 0, DW_OP_stack_value);
	assert_location(f, -1, -1);
	EXPRESSION(f, DW_OP_entry_value, 1);
	assert_location(f, -1, -1);
	EXPRESSION(f, DW_OP_entry_value, 0);
	assert_location(f, -1, -1);
	EXPRESSION(f, DW_OP_entry_value);
	assert_location(f, -1, -1);
}

/* What needs several registers: the first of them counts, for the small and for the large. */
static void pieces(void **state)
{
	struct fixture *f = *state;

	EXPRESSION(f, REG5, DW_OP_piece, 8, REG3, DW_OP_piece, 8);
	assert_location(f, 5, 5);
	EXPRESSION(f, DW_OP_piece, 8, REG3, DW_OP_piece, 8);
	assert_location(f, -1, 3);
	EXPRESSION(f, BREG5, 0, LIT1, 0x22 /* DW_OP_plus */, DW_OP_stack_value);
	assert_location(f, 5, -1);
}

/* Each op's operands are stepped over; a register among them would be found otherwise. */
static void operands(void **state)
{
	static const struct {
		uint8_t bytes[12];
		uint32_t len;
	} ops[] = {
		{ { DW_OP_addr, REG3, REG3, REG3, REG3, REG3, REG3, REG3, REG3 }, 9 },
		{ { DW_OP_const1u, REG3 }, 2 },
		{ { DW_OP_const1u + 1, REG3 }, 2 },
		{ { DW_OP_const1u + 2, REG3, REG3 }, 3 },
		{ { DW_OP_const1u + 4, REG3, REG3, REG3, REG3 }, 5 },
		{ { DW_OP_const8s, REG3, REG3, REG3, REG3, REG3, REG3, REG3, REG3 }, 9 },
		{ { DW_OP_constu, 0xd3, REG3 }, 3 },
		{ { DW_OP_pick, REG3 }, 2 },
		{ { DW_OP_plus_uconst, REG3 }, 2 },
		{ { DW_OP_bra, REG3, REG3 }, 3 },
		{ { DW_OP_skip, REG3, REG3 }, 3 },
		{ { DW_OP_fbreg, REG3 }, 2 },
		{ { DW_OP_bregx, REG3, REG3 }, 3 },
		{ { DW_OP_deref_size, REG3 }, 2 },
		{ { DW_OP_call2, REG3, REG3 }, 3 },
		{ { DW_OP_call4, REG3, REG3, REG3, REG3 }, 5 },
		{ { DW_OP_call_ref, REG3, REG3, REG3, REG3 }, 5 },
		{ { DW_OP_bit_piece, REG3, REG3 }, 3 },
		{ { DW_OP_implicit_value, 3, REG3, REG3, REG3 }, 5 },
		{ { DW_OP_implicit_pointer, REG3, REG3, REG3, REG3, REG3 }, 6 },
		{ { DW_OP_addrx, REG3 }, 2 },
		{ { DW_OP_const_type, REG3, 2, REG3, REG3 }, 5 },
		{ { DW_OP_regval_type, REG3, REG3 }, 3 },
		{ { DW_OP_deref_type, REG3, REG3 }, 3 },
		{ { DW_OP_convert, REG3 }, 2 },
		{ { DW_OP_GNU_parameter_ref, REG3, REG3, REG3, REG3 }, 5 },
		{ { DW_OP_GNU_variable_value, REG3, REG3, REG3, REG3 }, 5 },
		{ { 0x96 /* DW_OP_nop */ }, 1 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		uint8_t bytes[16];

		memcpy(bytes, ops[i].bytes, ops[i].len);
		bytes[ops[i].len] = REG5;
		bytes[ops[i].len + 1] = DW_OP_piece;
		bytes[ops[i].len + 2] = 8;
		expression(f, bytes, ops[i].len + 3);
		assert_location(f, -1, 5);
		/* Cut off in an operand, it says nothing. */
		for (uint32_t len = 1; len < ops[i].len; len++) {
			expression(f, bytes, len);
			assert_location(f, -1, -1);
		}
	}
	/* The length of what an unknown op has behind it is not known. */
	EXPRESSION(f, 0xe5, REG5);
	assert_location(f, -1, -1);
	EXPRESSION(f, REG5, 0xff);
	assert_location(f, -1, -1);
}

/* ---- .debug_loc */

static void old_entry(struct fixture *f, uint64_t from, uint64_t to, const uint8_t *bytes,
		      uint16_t len)
{
	if (f->unit.address_size == 8) {
		put_u64(&f->list, from);
		put_u64(&f->list, to);
	} else {
		put_u32(&f->list, from);
		put_u32(&f->list, to);
	}
	if (from == UINT64_MAX || (!from && !to))
		return;
	put_u16(&f->list, len);
	put(&f->list, bytes, len);
}

static const uint8_t in_reg5[] = { REG5 }, in_reg3[] = { REG3 };
static const uint8_t entry_reg3[] = { DW_OP_entry_value, 1, REG3, DW_OP_stack_value };
static const uint8_t on_stack[] = { DW_OP_fbreg, 0 };

static void old_lists(void **state)
{
	static const uint8_t address_sizes[] = { 4, 8 };
	struct fixture *f = *state;

	f->unit.version = 4;
	for (size_t i = 0; i < 4; i++) {
		f->unit.address_size = address_sizes[i % 2];
		f->d.in.big_endian = f->list.big = i / 2;
		f->list.v.nr = 0;
		put_u8(&f->list, 0xff); /* lists start anywhere */
		old_entry(f, UINT64_MAX, 0x1000, NULL, 0);
		old_entry(f, 0, 8, in_reg5, sizeof(in_reg5));
		old_entry(f, 8, 16, in_reg3, sizeof(in_reg3));
		old_entry(f, 0, 0, NULL, 0);
		put(&f->list, in_reg3, 1);
		assert_int_equal(read_it(f, DW_FORM_sec_offset, 1, 0), 0);
		assert_location(f, 5, 5);
	}
}

/* After the first entry only the value on entry tells where the caller put it. */
static void later_entries(void **state)
{
	struct fixture *f = *state;

	f->unit.version = 4;
	old_entry(f, 0, 8, on_stack, sizeof(on_stack));
	old_entry(f, 8, 16, in_reg5, sizeof(in_reg5));
	old_entry(f, 16, 24, entry_reg3, sizeof(entry_reg3));
	old_entry(f, 0, 0, NULL, 0);
	assert_int_equal(read_it(f, DW_FORM_sec_offset, 0, 0), 0);
	assert_location(f, 3, 3);
}

/* An entry of an empty range counts; it is the first. */
static void empty_ranges_count(void **state)
{
	struct fixture *f = *state;

	f->unit.version = 4;
	old_entry(f, 8, 8, on_stack, sizeof(on_stack));
	old_entry(f, 8, 16, in_reg5, sizeof(in_reg5));
	old_entry(f, 0, 0, NULL, 0);
	assert_int_equal(read_it(f, DW_FORM_sec_offset, 0, 0), 0);
	assert_location(f, -1, -1);
}

/* ---- .debug_loclists */

static void counted(struct fixture *f, const uint8_t *bytes, uint64_t len)
{
	put_uleb(&f->list, len);
	put(&f->list, bytes, len);
}

/* Each sort of entry before the one that tells; sorts without expression do not count as first. */
static void new_lists(void **state)
{
	struct fixture *f = *state;

	for (unsigned int first = DW_LLE_base_addressx; first <= DW_LLE_GNU_view_pair; first++) {
		bool has_expression = first != DW_LLE_base_addressx &&
				      first != DW_LLE_base_address && first != DW_LLE_GNU_view_pair;

		f->list.v.nr = 0;
		put_u8(&f->list, first);
		switch (first) {
		case DW_LLE_base_addressx:
			put_uleb(&f->list, 300);
			break;
		case DW_LLE_startx_endx:
		case DW_LLE_startx_length:
		case DW_LLE_offset_pair:
		case DW_LLE_GNU_view_pair:
			put_uleb(&f->list, 300);
			put_uleb(&f->list, 70000);
			break;
		case DW_LLE_base_address:
			put_u64(&f->list, 1);
			break;
		case DW_LLE_start_end:
			put_u64(&f->list, 1);
			put_u64(&f->list, 2);
			break;
		case DW_LLE_start_length:
			put_u64(&f->list, 1);
			put_uleb(&f->list, 300);
			break;
		}
		if (has_expression)
			counted(f, on_stack, sizeof(on_stack));
		put_u8(&f->list, DW_LLE_offset_pair);
		put(&f->list, "\0\1", 2);
		counted(f, in_reg5, sizeof(in_reg5));
		put_u8(&f->list, DW_LLE_end_of_list);
		assert_int_equal(read_it(f, DW_FORM_sec_offset, 0, 0), 0);
		assert_int_equal(f->loc.reg, has_expression ? -1 : 5);
		/* Cut off anywhere it is an error, and nothing behind the end is read. */
		for (uint32_t nr = f->list.v.nr; --nr;) {
			f->list.v.nr = nr;
			assert_int_equal(read_it(f, DW_FORM_sec_offset, 0, 0), -EINVAL);
		}
	}
}

/* DWARF 5 section 7.29: the index leads to an offset, which counts from the table. */
static void lists_by_index(void **state)
{
	struct fixture *f = *state;

	f->unit.loclists_base = 12;
	for (unsigned int i = 0; i < 12; i++)
		put_u8(&f->list, 0);
	put_u32(&f->list, 8);
	put_u32(&f->list, 13);
	for (unsigned int i = 0; i < 2; i++) {
		put_u8(&f->list, DW_LLE_default_location);
		counted(f, i ? in_reg5 : in_reg3, 1);
		put(&f->list, "\0\0", 2);
	}
	assert_int_equal(read_it(f, DW_FORM_loclistx, 0, 0), 0);
	assert_location(f, 3, 3);
	assert_int_equal(read_it(f, DW_FORM_loclistx, 1, 0), 0);
	assert_location(f, 5, 5);
	assert_int_equal(read_it(f, DW_FORM_loclistx, 1000, 0), -EINVAL);
	assert_int_equal(read_it(f, DW_FORM_loclistx, UINT64_MAX / 4, 0), -EINVAL);
	f->unit.loclists_base = UINT64_MAX - 3;
	assert_int_equal(read_it(f, DW_FORM_loclistx, 0, 0), -EINVAL);
	assert_int_equal(read_it(f, DW_FORM_loclistx, 1, 0), -EINVAL);
}

/* The offsets of the table are relocated where the assembler leaves differences to the linker (RISC-V). */
static void relocated_index(void **state)
{
	struct fixture *f = *state;
	struct out symtab = { 0 }, entries = { 0 };
	struct bytes symtab_bytes, entries_bytes;

	put_u64(&symtab, 0);
	put_u64(&symtab, 0);
	put_u64(&symtab, 0);
	for (uint64_t value = 12; value < 17; value += 4) {
		put_u32(&symtab, 0);
		put_u32(&symtab, 1u << 16);
		put_u64(&symtab, value);
		put_u64(&symtab, 0);
	}
	for (unsigned int i = 0; i < 2; i++) {
		put_u64(&entries, 12);
		put_u64(&entries, (i ? 1ull : 2ull) << 32 | (i ? 39u : 35u)); /* SUB32, ADD32 */
		put_u64(&entries, 0);
	}
	symtab_bytes = out_bytes(&symtab);
	entries_bytes = out_bytes(&entries);
	f->d.symbols = (struct reloc_symbols){
		.symtab = symtab_bytes, .is64 = true, .machine = 243 /* EM_RISCV */
	};
	for (unsigned int i = 0; i < 12; i++)
		put_u8(&f->list, 0);
	put_u32(&f->list, 0);
	put_u8(&f->list, DW_LLE_default_location);
	counted(f, in_reg5, 1);
	put_u8(&f->list, 0);
	f->list_bytes = out_bytes(&f->list);
	f->d.in.loclists.data = f->list_bytes;
	assert_int_equal(reloc_open(&f->d.loclists, &f->d.symbols, entries_bytes, false, &f->err),
			 0);
	f->die.have = 1u << SLOT_LOCATION;
	f->die.at[SLOT_LOCATION] = (struct value){ .form = DW_FORM_loclistx };
	assert_int_equal(read_location(&f->s, &f->die, &f->loc), 0);
	assert_location(f, 5, 5);
	bytes_free(symtab_bytes);
	bytes_free(entries_bytes);
	out_free(&symtab);
	out_free(&entries);
}

static void damaged_lists(void **state)
{
	struct fixture *f = *state;

	/* Beyond the section, or there is none. */
	assert_int_equal(read_it(f, DW_FORM_sec_offset, 0, 0), -EINVAL);
	assert_int_equal(read_it(f, DW_FORM_loclistx, 0, 0), -EINVAL);
	put_u8(&f->list, DW_LLE_end_of_list);
	assert_int_equal(read_it(f, DW_FORM_sec_offset, 1, 0), -EINVAL);
	assert_int_equal(read_it(f, DW_FORM_sec_offset, UINT64_MAX, 0), -EINVAL);
	assert_int_equal(read_it(f, DW_FORM_sec_offset, 0, 0), 0);
	/* A sort of entry that nobody knows. */
	f->list.v.nr = 0;
	put(&f->list, "\x0a\0\0\0\0", 5);
	assert_int_equal(read_it(f, DW_FORM_sec_offset, 0, 0), -EINVAL);
	/* An expression longer than all. */
	f->list.v.nr = 0;
	put_u8(&f->list, DW_LLE_default_location);
	put_uleb(&f->list, UINT64_MAX);
	assert_int_equal(read_it(f, DW_FORM_sec_offset, 0, 0), -EINVAL);
	/* No location at all. */
	assert_int_equal(read_it(f, DW_FORM_strp, 0, 0), -EINVAL);

	f->unit.version = 4;
	f->list.v.nr = 0;
	old_entry(f, 0, 8, in_reg5, sizeof(in_reg5));
	old_entry(f, 0, 0, NULL, 0);
	for (uint32_t nr = f->list.v.nr; --nr;) {
		f->list.v.nr = nr;
		assert_int_equal(read_it(f, DW_FORM_sec_offset, 0, 0), -EINVAL);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_said),   CASE(registers),		CASE(value_on_entry),
		CASE(pieces),	      CASE(operands),		CASE(old_lists),
		CASE(later_entries),  CASE(empty_ranges_count), CASE(new_lists),
		CASE(lists_by_index), CASE(relocated_index),	CASE(damaged_lists),
	};

	return cmocka_run_group_tests_name("location", tests, NULL, NULL);
}
