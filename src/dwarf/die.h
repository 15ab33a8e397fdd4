/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the reader: units, and DIEs as they are read. A DIE is named by its offset in all the info
 * sections taken together, laid end to end.
 */
#ifndef MODBTF_DWARF_DIE_H
#define MODBTF_DWARF_DIE_H

#include "dwarf/abbrev.h"
#include "dwarf/dwarf.h"
#include "dwarf/format.h"
#include "util/hash.h"
#include "util/vec.h"

struct scan;

/* One of the info sections. */
struct info {
	const struct dwarf_section *section;
	uint64_t start; /* where it starts among all */
	struct reloc_cursor reloc;
};

struct unit {
	uint32_t info;	 /* which of the info sections */
	uint64_t offset; /* of the header, among all */
	uint64_t dies;	 /* of the unit's DIE */
	uint64_t end;	 /* one past the unit */
	uint16_t version;
	uint8_t type; /* DW_UT_* */
	uint8_t address_size;
	uint64_t abbrev_offset;
	uint64_t signature;   /* type units */
	uint64_t type_offset; /* type units: of the type's DIE, among all */

	/* from the unit's DIE, once read */
	bool opened;
	uint16_t language;
	bool clang;
	uint64_t str_offsets_base, addr_base, loclists_base;
};

struct dwarf {
	struct dwarf_input in;
	struct names *names;
	struct reloc_symbols symbols;
	VEC(struct info) infos;
	VEC(struct unit) units;
	struct idtab signatures; /* type units by signature, ordinal + 1 */
	struct abbrev_table abbrevs;
	bool have_abbrevs;
	struct reloc_cursor str_offsets, addr, loc, loclists;

	VEC(struct func_symbol) funcs;
	struct idtab funcs_by_name; /* ordinal + 1 by hash_u64(name id) */
	VEC(struct var_symbol) vars;
	words_t var_sections;	  /* name ids */
	words_t var_elf_sections; /* their ELF section indices */
	struct dwarf_skipped skipped;
	uint64_t info_size; /* bytes in all info sections */
	uint64_t followed;  /* as in struct dwarf_unit, by all that were collected */
	/* of a fork only */
	bool is_fork;
	struct names own_names;
	uint32_t shared;      /* name ids that are less are those of the reader that was opened */
	uint32_t told;	      /* bytes of own_names.text that units have been given */
	words_t opened_names; /* ids there, by place in own_names.text; for who collects */

	struct scan *scan; /* of the unit at work; its memory serves one unit after the other */
};

/* An attribute's value. */
struct value {
	uint64_t v;	  /* number, relocated offset, or position of a block in the section */
	uint32_t len;	  /* of a block, bytes */
	uint32_t section; /* addresses: ELF section that the relocation points into */
	uint16_t form;
};

struct die {
	uint64_t offset; /* among all */
	uint16_t tag;	 /* 0: the null entry that ends a list of siblings */
	bool children;
	uint32_t have; /* bit for each slot */
	struct value at[SLOT_NR];
};

/* A place in the info section of a unit. */
struct reader {
	struct dwarf *d;
	struct unit *unit;
	struct info *info;
	const uint8_t *start; /* of the section */
	const uint8_t *end;   /* of the unit */
	const uint8_t *p;
	struct error *err;
};

static inline bool die_has(const struct die *die, enum slot slot)
{
	return die->have >> slot & 1;
}

static inline uint64_t reader_offset(const struct reader *r)
{
	return r->info->start + (uint64_t)(r->p - r->start);
}

/* Fills err in with "what" and the place; returns -EINVAL. */
int reader_damaged(const struct reader *r, const char *what);

/*
 * Puts the reader on @unit, at the offset @at (among all) inside it; reads the unit's own DIE first
 * if that has not been done. Returns 0 or a negative errno.
 */
int reader_open(struct reader *r, struct dwarf *d, struct unit *unit, uint64_t at,
		struct error *err);

/* The unit that holds the DIE at @offset among all, NULL if there is none. */
struct unit *unit_at(struct dwarf *d, uint64_t offset);

/* Reads one DIE and moves behind it. */
int read_die(struct reader *r, struct die *die);

/* What there is in a plain DIE (struct abbrev_plain). */
struct plain_die {
	uint32_t name; /* may be pending (NAME_PENDING); 0 if there is none */
	bool has_number;
	uint16_t number;
	uint64_t type; /* offset among all of the DIE referred to, 0 if there is none */
};

/*
 * The abbreviation of the DIE at @p, which moves behind its code, if it is plain and its bytes are there;
 * else NULL.
 */
static inline const struct abbrev *plain_abbrev(const struct reader *r, const uint8_t **p)
{
	const struct abbrev_table *table = &r->d->abbrevs;
	const struct abbrev *abbrev;
	uint32_t code;

	if (r->end - *p < 2)
		return NULL;
	code = *(*p)++;
	if (code >= 0x80) {
		code = (code & 0x7f) | (uint32_t) * *p << 7;
		if (*(*p)++ >= 0x80)
			return NULL;
	}
	if (code >= table->abbrevs.nr)
		return NULL;
	abbrev = &table->abbrevs.at[code];
	return abbrev->plain.size && r->end - *p >= abbrev->plain.size ? abbrev : NULL;
}

/* The id of the string at @p, which moves behind it; false if it is empty, has no end, or no id. */
bool read_plain_string(struct reader *r, const uint8_t **p, uint32_t *name);

/*
 * The values of the plain DIE whose code ends at @next, which moves behind it. False where anything is out
 * of the ordinary: then read_die() is to read it.
 */
static inline __attribute__((always_inline)) bool read_plain(struct reader *r,
							     const struct abbrev_plain *plain,
							     const uint8_t **next,
							     struct plain_die *die)
{
	const bool big = r->d->in.big_endian;
	const uint8_t *p = *next;
	struct reloc_value name;

	*die = (struct plain_die){ 0 };
	if (plain->name == PLAIN_STRING &&
	    (!read_plain_string(r, &p, &die->name) || r->end - p < plain->size))
		return false;
	if (plain->type != PLAIN_NONE) {
		die->type = load_u32(p + plain->type, big);
		if (die->type >= r->unit->end - r->unit->offset)
			return false;
		die->type += r->unit->offset;
	}
	if (plain->number != PLAIN_NONE) {
		die->has_number = true;
		die->number = !plain->number_size     ? plain->constant :
			      plain->number_size == 1 ? p[plain->number] :
							load_u16(p + plain->number, big);
	}
	if (plain->name < PLAIN_STRING) {
		if (!r->info->reloc.nr)
			name.value = load_u32(p + plain->name, big);
		else if (!reloc_next(&r->info->reloc, (uint64_t)(p + plain->name - r->start),
				     &name))
			return false;
		if (name.value >= NAME_PENDING || name.value >= r->d->in.str.data.size)
			return false;
		die->name = NAME_PENDING | (uint32_t)name.value;
		/* It will be compared with others, and compilers put strings in no order. */
		__builtin_prefetch(r->d->in.str.data.data + name.value);
	}
	*next = p + plain->size;
	return true;
}

/* Plain DIEs of one tag in a row. Mostly each has the abbreviation of the one before it. */
#define NO_CODE UINT32_MAX

struct plain_run {
	uint16_t tag;
	const uint8_t *p; /* the next; the reader stays where the run began, until end_run() */
	uint32_t code;	  /* of the one before, if that is one byte; else NO_CODE */
	struct abbrev_plain plain;
};

static inline struct plain_run begin_run(const struct reader *r, uint16_t tag)
{
	return (struct plain_run){ .tag = tag, .p = r->p, .code = NO_CODE };
}

static inline void end_run(struct reader *r, const struct plain_run *run)
{
	r->p = run->p;
}

/* The next of them; false if it is none. */
static inline __attribute__((always_inline)) bool
read_next_plain(struct reader *r, struct plain_run *run, struct plain_die *die)
{
	const uint8_t *p = run->p;
	const struct abbrev *abbrev;

	if (r->end - p > run->plain.size && *p == run->code) {
		p++;
	} else {
		abbrev = plain_abbrev(r, &p);
		if (!abbrev || abbrev->tag != run->tag)
			return false;
		run->code = *run->p < 0x80 ? *run->p : NO_CODE;
		run->plain = abbrev->plain;
	}
	if (!read_plain(r, &run->plain, &p, die))
		return false;
	run->p = p;
	return true;
}

/* Moves behind the null entry that ends a list of siblings, if it is the next. */
static inline bool read_null(struct reader *r)
{
	if (r->p >= r->end || *r->p)
		return false;
	r->p++;
	return true;
}

/* Moves behind the children of @die, which has just been read. */
int skip_children(struct reader *r, const struct die *die);

/* The name id of the string in @slot, 0 if the DIE has none. */
int die_name(struct reader *r, const struct die *die, enum slot slot, uint32_t *name);

/*
 * The same, but a name out of .debug_str is left pending (NAME_PENDING): name_ids() looks them up
 * together.
 */
int die_pending_name_of(struct reader *r, const struct die *die, enum slot slot, uint32_t *name);

/* That, with the form that nearly all names have on the short way; likewise below. */
static inline int die_pending_name(struct reader *r, const struct die *die, enum slot slot,
				   uint32_t *name)
{
	const struct value *value = &die->at[slot];

	if (!die_has(die, slot) || value->form != DW_FORM_strp || value->v >= NAME_PENDING ||
	    value->v >= r->d->in.str.data.size)
		return die_pending_name_of(r, die, slot, name);
	*name = NAME_PENDING | (uint32_t)value->v;
	__builtin_prefetch(r->d->in.str.data.data + value->v);
	return 0;
}

/* The string itself, borrowed from its section; "" if the DIE has none. */
int die_string(struct reader *r, const struct die *die, enum slot slot, const char **str);

/* The DIE (offset among all) that the reference in @slot leads to, 0 if the DIE has none. */
int die_ref_of(struct reader *r, const struct die *die, enum slot slot, uint64_t *offset);

static inline int die_ref(struct reader *r, const struct die *die, enum slot slot, uint64_t *offset)
{
	const struct value *value = &die->at[slot];

	if (!die_has(die, slot) || value->form != DW_FORM_ref4 ||
	    value->v >= r->unit->end - r->unit->offset)
		return die_ref_of(r, die, slot, offset);
	*offset = r->unit->offset + value->v;
	return 0;
}

/* The number in @slot; false if there is none, or if it is not a constant. */
static inline bool die_number(const struct die *die, enum slot slot, uint64_t *number)
{
	const uint64_t constants = 1ull << DW_FORM_data1 | 1ull << DW_FORM_data2 |
				   1ull << DW_FORM_data4 | 1ull << DW_FORM_data8 |
				   1ull << DW_FORM_sdata | 1ull << DW_FORM_udata |
				   1ull << DW_FORM_implicit_const | 1ull << DW_FORM_flag |
				   1ull << DW_FORM_flag_present;

	if (!die_has(die, slot) || die->at[slot].form > 63 ||
	    !(constants >> die->at[slot].form & 1))
		return false;
	*number = die->at[slot].v;
	return true;
}

/* Is @form one of a block of bytes? */
bool form_is_block(uint16_t form);

#endif
