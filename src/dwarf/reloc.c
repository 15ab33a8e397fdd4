// SPDX-License-Identifier: GPL-2.0-only
#include "dwarf/reloc.h"

#include <elf.h>

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

/* psABI of each machine; only what debug sections have. */
enum action { UNKNOWN, NOTHING, SET, ADD, SUB };

struct rule {
	uint16_t machine;
	uint8_t type;
	uint8_t size;
	uint8_t action;
};

static const struct rule rules[] = {
	{ EM_X86_64, 1 /* R_X86_64_64 */, 8, SET },
	{ EM_X86_64, 10 /* R_X86_64_32 */, 4, SET },
	{ EM_X86_64, 11 /* R_X86_64_32S */, 4, SET },
	{ EM_S390, 4 /* R_390_32 */, 4, SET },
	{ EM_S390, 22 /* R_390_64 */, 8, SET },
	{ EM_PPC64, 1 /* R_PPC64_ADDR32 */, 4, SET },
	{ EM_PPC64, 38 /* R_PPC64_ADDR64 */, 8, SET },
	{ EM_ARM, 2 /* R_ARM_ABS32 */, 4, SET },
	{ EM_RISCV, 1 /* R_RISCV_32 */, 4, SET },
	{ EM_RISCV, 2 /* R_RISCV_64 */, 8, SET },
	{ EM_RISCV, 33 /* R_RISCV_ADD8 */, 1, ADD },
	{ EM_RISCV, 34 /* R_RISCV_ADD16 */, 2, ADD },
	{ EM_RISCV, 35 /* R_RISCV_ADD32 */, 4, ADD },
	{ EM_RISCV, 36 /* R_RISCV_ADD64 */, 8, ADD },
	{ EM_RISCV, 37 /* R_RISCV_SUB8 */, 1, SUB },
	{ EM_RISCV, 38 /* R_RISCV_SUB16 */, 2, SUB },
	{ EM_RISCV, 39 /* R_RISCV_SUB32 */, 4, SUB },
	{ EM_RISCV, 40 /* R_RISCV_SUB64 */, 8, SUB },
	{ EM_RISCV, 54 /* R_RISCV_SET8 */, 1, SET },
	{ EM_RISCV, 55 /* R_RISCV_SET16 */, 2, SET },
	{ EM_RISCV, 56 /* R_RISCV_SET32 */, 4, SET },
	{ EM_LOONGARCH, 1 /* R_LARCH_32 */, 4, SET },
	{ EM_LOONGARCH, 2 /* R_LARCH_64 */, 8, SET },
	{ EM_LOONGARCH, 47 /* R_LARCH_ADD8 */, 1, ADD },
	{ EM_LOONGARCH, 48 /* R_LARCH_ADD16 */, 2, ADD },
	{ EM_LOONGARCH, 50 /* R_LARCH_ADD32 */, 4, ADD },
	{ EM_LOONGARCH, 51 /* R_LARCH_ADD64 */, 8, ADD },
	{ EM_LOONGARCH, 52 /* R_LARCH_SUB8 */, 1, SUB },
	{ EM_LOONGARCH, 53 /* R_LARCH_SUB16 */, 2, SUB },
	{ EM_LOONGARCH, 55 /* R_LARCH_SUB32 */, 4, SUB },
	{ EM_LOONGARCH, 56 /* R_LARCH_SUB64 */, 8, SUB },
};

/* AArch64 numbers its relocations from 257 on. */
static enum action aarch64_action(uint32_t type, unsigned int *size)
{
	switch (type) {
	case 257: /* R_AARCH64_ABS64 */
		*size = 8;
		return SET;
	case 258: /* R_AARCH64_ABS32 */
		*size = 4;
		return SET;
	case 256: /* R_AARCH64_NONE */
		return NOTHING;
	default:
		return UNKNOWN;
	}
}

static enum action find_action(uint16_t machine, uint32_t type, unsigned int *size)
{
	if (!type)
		return NOTHING; /* R_*_NONE is 0 everywhere */
	if (machine == EM_AARCH64)
		return aarch64_action(type, size);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		if (rules[i].machine == machine && rules[i].type == type) {
			*size = rules[i].size;
			return (enum action)rules[i].action;
		}
	}
	return UNKNOWN;
}

/* Pages are released after so many entries in a row. */
#define DROP_AFTER ((uint32_t)1 << 19)

static const uint8_t *entry(const struct reloc_cursor *c, uint32_t i)
{
	return (c->sorted ? c->sorted : c->entries.data) + (size_t)i * c->entry_size;
}

static uint64_t entry_offset(const struct reloc_cursor *c, uint32_t i)
{
	const uint8_t *p = entry(c, i);

	return c->symbols->is64 ? load_u64(p, c->symbols->big_endian) :
				  load_u32(p, c->symbols->big_endian);
}

int reloc_open(struct reloc_cursor *c, const struct reloc_symbols *symbols, struct bytes entries,
	       bool is_rel, struct error *err)
{
	*c = (struct reloc_cursor){
		.symbols = symbols, .entries = entries, .is_rel = is_rel, .next_info = UINT64_MAX
	};
	c->entry_size = (symbols->is64 ? 8 : 4) * (is_rel ? 2 : 3);
	if (entries.size % c->entry_size || entries.size / c->entry_size > UINT32_MAX - 1)
		return error_set(err, -EINVAL,
				 "relocation section of %zu bytes does not divide into entries of "
				 "%u",
				 entries.size, c->entry_size);
	c->nr = (uint32_t)(entries.size / c->entry_size);
	c->next = c->nr ? entry_offset(c, 0) : UINT64_MAX;
	return 0;
}

void reloc_close(struct reloc_cursor *c)
{
	if (!c->borrowed)
		free(c->sorted);
	c->sorted = NULL;
}

void reloc_fork(struct reloc_cursor *c, const struct reloc_cursor *of)
{
	*c = *of;
	c->borrowed = of->sorted != NULL;
}

struct sort_key {
	uint64_t offset;
	uint32_t at;
};

static int compare_keys(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int sort_entries(struct reloc_cursor *c, struct error *err)
{
	struct sort_key *keys = calloc(c->nr, sizeof(*keys));
	uint8_t *sorted = malloc(c->entries.size);

	if (!keys || !sorted) {
		free(keys);
		free(sorted);
		return error_nomem(err);
	}
	for (uint32_t i = 0; i < c->nr; i++)
		keys[i] = (struct sort_key){ entry_offset(c, i), i };
	qsort(keys, c->nr, sizeof(*keys), compare_keys);
	for (uint32_t i = 0; i < c->nr; i++)
		memcpy(sorted + (size_t)i * c->entry_size, entry(c, keys[i].at), c->entry_size);
	free(keys);
	c->sorted = sorted;
	c->at = 0;
	c->next = entry_offset(c, 0);
	return 0;
}

/* How many entries ascend from the @from'th of @nr on, 64-bit RELA in the host's byte order. */
static uint32_t native_ascending(const uint8_t *entries, uint32_t from, uint32_t nr)
{
	uint64_t last = 0, offset;
	uint32_t i;

	if (from)
		memcpy(&last, entries + (size_t)(from - 1) * 24, sizeof(last));
	for (i = from; i < nr; i++, last = offset) {
		memcpy(&offset, entries + (size_t)i * 24, sizeof(offset));
		if (offset < last)
			break;
	}
	return i - from;
}

static bool is_native(const struct reloc_cursor *c)
{
	return c->symbols->is64 && !c->is_rel && c->symbols->big_endian == host_big_endian();
}

static uint32_t ascending(const struct reloc_cursor *c, uint32_t from, uint32_t nr)
{
	uint64_t last = from ? entry_offset(c, from - 1) : 0, offset;
	uint32_t i;

	if (is_native(c))
		return native_ascending(entry(c, 0), from, nr);
	for (i = from; i < nr; i++, last = offset) {
		offset = entry_offset(c, i);
		if (offset < last)
			break;
	}
	return i - from;
}

/*
 * Compilers and `ld -r` write entries in ascending order. One look at all of them, at the first
 * use.
 */
static int check_order(struct reloc_cursor *c, struct error *err)
{
	for (uint32_t i = 0; i < c->nr;) {
		uint32_t nr = c->nr - i < DROP_AFTER ? c->nr : i + DROP_AFTER;

		i += ascending(c, i, nr);
		if (i < nr)
			return sort_entries(c, err);
		if (c->symbols->drop && i < c->nr)
			c->symbols->drop(c->symbols->drop_ctx);
	}
	return 0;
}

static int prepare(struct reloc_cursor *c, struct error *err)
{
	int ret;

	c->checked = true;
	ret = check_order(c, err);
	if (!ret && is_native(c))
		c->native = entry(c, 0);
	return ret;
}

/* Moves to the first entry at or behind @offset. */
static void seek(struct reloc_cursor *c, uint64_t offset)
{
	uint32_t low = c->at, high, step = 1;

	if (low && (low == c->nr || entry_offset(c, low - 1) >= offset))
		low = 0; /* back */
	/* Gallop: the entry sought is mostly near. */
	high = low;
	while (high < c->nr && entry_offset(c, high) < offset) {
		low = high + 1;
		high = step < c->nr - high ? high + step : c->nr;
		step *= 2;
	}
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (entry_offset(c, mid) < offset)
			low = mid + 1;
		else
			high = mid;
	}
	c->at = low;
	c->prev = low ? entry_offset(c, low - 1) : 0;
	c->next = low < c->nr ? entry_offset(c, low) : UINT64_MAX;
}

static int symbol_value(const struct reloc_symbols *s, uint32_t index, uint64_t *value,
			uint32_t *section, struct error *err)
{
	size_t size = s->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	struct bytes sym = bytes_slice(s->symtab, (uint64_t)index * size, size);

	if (!sym.data)
		return error_set(err, -EINVAL, "relocation against symbol %u, which does not exist",
				 index);
	if (s->is64) {
		*section = load_u16(sym.data + offsetof(Elf64_Sym, st_shndx), s->big_endian);
		*value = load_u64(sym.data + offsetof(Elf64_Sym, st_value), s->big_endian);
	} else {
		*section = load_u16(sym.data + offsetof(Elf32_Sym, st_shndx), s->big_endian);
		*value = load_u32(sym.data + offsetof(Elf32_Sym, st_value), s->big_endian);
	}
	if (*section == SHN_XINDEX) {
		struct bytes x = bytes_slice(s->shndx, (uint64_t)index * 4, 4);

		*section = x.data ? load_u32(x.data, s->big_endian) : 0;
	}
	return 0;
}

static int apply_entry(struct reloc_cursor *c, uint64_t offset, unsigned int size, uint64_t raw,
		       struct reloc_value *out, struct error *err)
{
	const struct reloc_symbols *s = c->symbols;
	const uint8_t *p = entry(c, c->at);
	uint64_t info, value, addend;
	uint32_t type, symbol, section;
	unsigned int width = 0;
	enum action action;
	int ret;

	if (s->is64) {
		info = load_u64(p + 8, s->big_endian);
		type = (uint32_t)info;
		symbol = (uint32_t)(info >> 32);
		addend = c->is_rel ? raw : load_u64(p + 16, s->big_endian);
	} else {
		info = load_u32(p + 4, s->big_endian);
		type = info & 0xff;
		symbol = (uint32_t)info >> 8;
		addend = c->is_rel ? raw : (uint64_t)(int32_t)load_u32(p + 8, s->big_endian);
	}
	if (type != c->type || !c->width) {
		c->action = (uint8_t)find_action(s->machine, type, &width);
		c->width = (uint8_t)width;
		c->type = type;
	}
	action = (enum action)c->action;
	width = c->width;
	if (action == NOTHING)
		return 0;
	if (action == UNKNOWN || width != size)
		return error_set(err, -EOPNOTSUPP,
				 "relocation of type %u on the %u bytes at 0x%llx (machine %u) is "
				 "none of debug info",
				 type, size, (unsigned long long)offset, s->machine);
	if (!c->have_symbol || symbol != c->symbol) {
		ret = symbol_value(s, symbol, &c->value, &c->section, err);
		if (ret)
			return ret;
		c->symbol = symbol;
		c->have_symbol = true;
	}
	value = c->value;
	section = c->section;
	out->relocated = true;
	if (action == SET) {
		out->value = value + addend;
		out->section = section;
		if (width == 4 && s->is64) {
			c->next_info = info;
			c->next_value = value;
			c->next_section = section;
		}
	} else if (action == ADD) {
		out->value += value + addend;
	} else {
		out->value -= value + addend;
	}
	if (size < 8)
		out->value &= (1ull << 8 * size) - 1;
	return 0;
}

int reloc_apply(struct reloc_cursor *c, uint64_t offset, unsigned int size, uint64_t raw,
		struct reloc_value *out, struct error *err)
{
	int ret = 0;

	*out = (struct reloc_value){ .value = raw };
	if (!c->checked && c->nr) {
		ret = prepare(c, err);
		if (ret)
			return ret;
	}
	if (c->next < offset || (c->at && offset <= c->prev))
		seek(c, offset);
	while (c->next == offset && !ret) {
		ret = apply_entry(c, offset, size, raw, out, err);
		c->prev = offset;
		c->at++;
		c->next = c->at < c->nr ? entry_offset(c, c->at) : UINT64_MAX;
	}
	return ret;
}
