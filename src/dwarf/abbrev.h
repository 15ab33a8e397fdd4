/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Abbreviations, compiled: each becomes a short program that steps over what nobody needs and
 * fetches what the DIE's tag makes interesting (DWARF 5 section 7.5.3).
 */
#ifndef MODBTF_DWARF_ABBREV_H
#define MODBTF_DWARF_ABBREV_H

#include "util/bytes.h"
#include "util/error.h"
#include "util/vec.h"

/* Attributes that are fetched; values stand in struct die at the same place. */
enum slot {
	SLOT_SIBLING,
	SLOT_NAME,
	SLOT_TYPE,
	SLOT_BYTE_SIZE,
	SLOT_BIT_SIZE,
	SLOT_BIT_OFFSET,
	SLOT_DATA_BIT_OFFSET,
	SLOT_MEMBER_LOCATION,
	SLOT_DECLARATION,
	SLOT_ENCODING,
	SLOT_UPPER_BOUND,
	SLOT_COUNT,
	SLOT_CONST_VALUE,
	SLOT_LOCATION,
	SLOT_ABSTRACT_ORIGIN,
	SLOT_SPECIFICATION,
	SLOT_EXTERNAL,
	SLOT_ARTIFICIAL,
	SLOT_CALLING_CONVENTION,
	SLOT_SIGNATURE,
	SLOT_ANNOTATION,
	SLOT_LANGUAGE,
	SLOT_PRODUCER,
	SLOT_STR_OFFSETS_BASE,
	SLOT_ADDR_BASE,
	SLOT_LOCLISTS_BASE,
	SLOT_NR
};

enum op_code {
	OP_END,
	OP_SKIP,      /* @arg bytes */
	OP_SKIP_FORM, /* one value of form @arg, whose length is in the data */
	OP_FETCH,     /* a value of form @arg into slot @slot; for the commonest forms, instead: */
	OP_FETCH_1,   /* one of 1 byte */
	OP_FETCH_2,
	OP_FETCH_4,
	OP_FETCH_STRP, /* an offset in .debug_str */
	OP_CONST,      /* implicit_const: constant number @arg of the table into slot @slot */
};

struct abbrev_op {
	uint8_t code;
	uint8_t slot;
	uint16_t arg;
};

/*
 * Most DIEs are plain: all attributes are of fixed length, and of those that are needed there are but a
 * name, a type (DW_FORM_ref4), and a number: of 1 or 2 bytes, or the same for all. They need no program:
 * this is where these stand. A name stands in .debug_str, or as a string in front of all else, which is
 * not counted then. Children have only those of struct, union and subroutine types.
 */
struct abbrev_plain {
	uint8_t size;		    /* bytes behind the code; 0: not plain */
	uint8_t name, type, number; /* places behind the code, PLAIN_NONE where there is none */
	uint8_t number_size;	    /* 0: the number is @constant */
	uint16_t constant;
};

#define PLAIN_NONE UINT8_MAX
#define PLAIN_CONSTANT (UINT8_MAX - 1)
#define PLAIN_STRING (UINT8_MAX - 2)

struct abbrev {
	uint16_t tag;
	bool children;
	bool known; /* the code was declared */
	uint32_t ops;
	struct abbrev_plain plain;
};

/* The abbreviations at one offset of .debug_abbrev, for units of one address size and version. */
struct abbrev_table {
	uint64_t offset;
	uint8_t address_size;
	VEC(struct abbrev) abbrevs; /* by code, dense */
	VEC(struct abbrev_op) ops;
	VEC(int64_t) consts;
};

/*
 * Compiles the table at @offset of @section. Codes must be at most 65,535. Returns 0, -EINVAL
 * (names section and offset), -EOPNOTSUPP (a form that is not known: its length cannot be guessed),
 * -ENOMEM. On success the table is released with abbrev_free().
 */
int abbrev_compile(struct abbrev_table *table, struct bytes section, uint64_t offset,
		   uint8_t address_size, struct error *err);
void abbrev_free(struct abbrev_table *table);

/*
 * LEB128 (DWARF 5 section 7.6). @p moves behind the number; false if it runs past @end or does not
 * fit in 64 bits.
 */
static inline bool read_uleb(const uint8_t **p, const uint8_t *end, uint64_t *value)
{
	uint64_t v = 0;
	unsigned int shift = 0;

	while (*p < end) {
		uint8_t byte = *(*p)++;

		if (shift > 63 || (shift == 63 && (byte & 0x7e)))
			return false;
		v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		if (!(byte & 0x80)) {
			*value = v;
			return true;
		}
	}
	return false;
}

static inline bool read_sleb(const uint8_t **p, const uint8_t *end, int64_t *value)
{
	uint64_t v = 0;
	unsigned int shift = 0;

	while (*p < end) {
		uint8_t byte = *(*p)++;

		if (shift > 63)
			return false;
		v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		if (!(byte & 0x80)) {
			if (shift < 64 && (byte & 0x40))
				v |= ~(uint64_t)0 << shift;
			*value = (int64_t)v;
			return true;
		}
	}
	return false;
}

#endif
