/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Units written by hand, one DIE after the other, and read as a module's would be. Inline names, references inside
 * the unit; abbreviations are the same for all.
 */
#ifndef MODBTF_TESTS_UNIT_DWARF_UNIT_H
#define MODBTF_TESTS_UNIT_DWARF_UNIT_H

#include <elf.h>

#include "btf-fixture.h"
#include "dwarf-fixture.h"
#include "dwarf/dwarf.h"
#include "dwarf/format.h"

/* Abbreviations of all units here. Names are inline, sizes and offsets ULEB128, if not said otherwise. */
enum code {
	NO_MORE,
	UNIT,		    /* language data1; children */
	BASE_TYPE,	    /* name, size, encoding data1 */
	POINTER,	    /* type ref4 */
	STRUCTURE,	    /* name, size; children */
	MEMBER_,	    /* name, type ref4, location */
	TYPEDEF_,	    /* name, type ref4 */
	WITH_SIBLING,	    /* a struct: sibling ref4, name, size; children */
	UNKNOWN,	    /* a tag that nobody knows; children */
	REF_ADDR,	    /* typedef: name, type ref_addr */
	SUBPROGRAM,	    /* name; children */
	PARAMETER,	    /* name, type ref4 */
	MOVED,		    /* a struct: signature ref_sig8 */
	STRP,		    /* typedef: name strp */
	STRX,		    /* typedef: name strx */
	LINE_STRP,	    /* typedef: name line_strp */
	REF_SUP,	    /* typedef: name, type ref_sup4 */
	TYPE_UNIT,	    /* children */
	CONCRETE,	    /* subprogram: origin ref4; children */
	CONCRETE_PARAMETER, /* origin ref4 */
	SUBROUTINE,	    /* type ref4; children */
	ENUMERATION,	    /* name strp, size data1; children */
	PLAIN_MEMBER,	    /* name strp, type ref4, location data1 */
	PLAIN_PARAMETER,    /* type ref4 */
	PLAIN_ENUMERATOR,   /* name strp, value data2 */
	FAR_MEMBER = 300,   /* a code of two bytes: name strp, type ref4, location data2 */
};

struct attribute {
	uint16_t at, form;
};

static const struct {
	uint16_t tag;
	bool children;
	struct attribute attributes[4];
} abbrevs[] = {
	[UNIT] = { DW_TAG_compile_unit, true, { { DW_AT_language, DW_FORM_data1 } } },
	[BASE_TYPE] = { DW_TAG_base_type,
			false,
			{ { DW_AT_name, DW_FORM_string },
			  { DW_AT_byte_size, DW_FORM_udata },
			  { DW_AT_encoding, DW_FORM_data1 } } },
	[POINTER] = { DW_TAG_pointer_type, false, { { DW_AT_type, DW_FORM_ref4 } } },
	[STRUCTURE] = { DW_TAG_structure_type,
			true,
			{ { DW_AT_name, DW_FORM_string }, { DW_AT_byte_size, DW_FORM_udata } } },
	[MEMBER_] = { DW_TAG_member,
		      false,
		      { { DW_AT_name, DW_FORM_string },
			{ DW_AT_type, DW_FORM_ref4 },
			{ DW_AT_data_member_location, DW_FORM_udata } } },
	[TYPEDEF_] = { DW_TAG_typedef,
		       false,
		       { { DW_AT_name, DW_FORM_string }, { DW_AT_type, DW_FORM_ref4 } } },
	[WITH_SIBLING] = { DW_TAG_structure_type,
			   true,
			   { { DW_AT_sibling, DW_FORM_ref4 },
			     { DW_AT_name, DW_FORM_string },
			     { DW_AT_byte_size, DW_FORM_udata } } },
	[UNKNOWN] = { 0x4abc, true, { { 0 } } },
	[REF_ADDR] = { DW_TAG_typedef,
		       false,
		       { { DW_AT_name, DW_FORM_string }, { DW_AT_type, DW_FORM_ref_addr } } },
	[SUBPROGRAM] = { DW_TAG_subprogram, true, { { DW_AT_name, DW_FORM_string } } },
	[PARAMETER] = { DW_TAG_formal_parameter,
			false,
			{ { DW_AT_name, DW_FORM_string }, { DW_AT_type, DW_FORM_ref4 } } },
	[MOVED] = { DW_TAG_structure_type, false, { { DW_AT_signature, DW_FORM_ref_sig8 } } },
	[STRP] = { DW_TAG_typedef, false, { { DW_AT_name, DW_FORM_strp } } },
	[STRX] = { DW_TAG_typedef, false, { { DW_AT_name, DW_FORM_strx } } },
	[LINE_STRP] = { DW_TAG_typedef, false, { { DW_AT_name, DW_FORM_line_strp } } },
	[REF_SUP] = { DW_TAG_typedef,
		      false,
		      { { DW_AT_name, DW_FORM_string }, { DW_AT_type, DW_FORM_ref_sup4 } } },
	[TYPE_UNIT] = { DW_TAG_type_unit, true, { { 0 } } },
	[CONCRETE] = { DW_TAG_subprogram, true, { { DW_AT_abstract_origin, DW_FORM_ref4 } } },
	[CONCRETE_PARAMETER] = { DW_TAG_formal_parameter,
				 false,
				 { { DW_AT_abstract_origin, DW_FORM_ref4 } } },
	[SUBROUTINE] = { DW_TAG_subroutine_type, true, { { DW_AT_type, DW_FORM_ref4 } } },
	[ENUMERATION] = { DW_TAG_enumeration_type,
			  true,
			  { { DW_AT_name, DW_FORM_strp }, { DW_AT_byte_size, DW_FORM_data1 } } },
	[PLAIN_MEMBER] = { DW_TAG_member,
			   false,
			   { { DW_AT_name, DW_FORM_strp },
			     { DW_AT_type, DW_FORM_ref4 },
			     { DW_AT_data_member_location, DW_FORM_data1 } } },
	[PLAIN_PARAMETER] = { DW_TAG_formal_parameter, false, { { DW_AT_type, DW_FORM_ref4 } } },
	[PLAIN_ENUMERATOR] = { DW_TAG_enumerator,
			       false,
			       { { DW_AT_name, DW_FORM_strp },
				 { DW_AT_const_value, DW_FORM_data2 } } },
	[FAR_MEMBER] = { DW_TAG_member,
			 false,
			 { { DW_AT_name, DW_FORM_strp },
			   { DW_AT_type, DW_FORM_ref4 },
			   { DW_AT_data_member_location, DW_FORM_data2 } } },
};

struct fixture {
	struct out info, rela, abbrev, str, str_offsets, symtab, strtab;
	uint32_t unit; /* where the unit being written starts */
	uint32_t int_; /* its DIE for int, in the unit */
	uint32_t bounds
		[8]; /* of write_sound(): where a DIE below the unit's starts, or the last null entry */
	uint32_t nr_bounds;
	uint16_t version;

	struct buffer base_bytes;
	struct btf base;
	struct btf_index index;
	struct names names;
	struct dwarf_unit read;
	struct dwarf_skipped skipped;
	uint32_t nr_units;
	struct error err;
};

static inline void write_abbrevs(struct out *o)
{
	for (size_t code = 1; code < sizeof(abbrevs) / sizeof(*abbrevs); code++) {
		if (!abbrevs[code].tag)
			continue;
		put_uleb(o, code);
		put_uleb(o, abbrevs[code].tag);
		put_u8(o, abbrevs[code].children);
		for (size_t i = 0; i < 4 && abbrevs[code].attributes[i].at; i++) {
			put_uleb(o, abbrevs[code].attributes[i].at);
			put_uleb(o, abbrevs[code].attributes[i].form);
		}
		put(o, "\0\0", 2);
	}
	put_u8(o, 0);
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->version = 5;
	f->base_bytes = fixture_small_base(false);
	assert_int_equal(btf_open(&f->base, buffer_bytes(&f->base_bytes), NULL, &f->err), 0);
	assert_int_equal(btf_index_build(&f->index, &f->base, &f->err), 0);
	names_init(&f->names, &f->index);
	write_abbrevs(&f->abbrev);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	dwarf_unit_free(&f->read);
	names_free(&f->names);
	btf_index_free(&f->index);
	btf_close(&f->base);
	buffer_free(&f->base_bytes);
	out_free(&f->info);
	out_free(&f->rela);
	out_free(&f->abbrev);
	out_free(&f->str);
	out_free(&f->str_offsets);
	out_free(&f->symtab);
	out_free(&f->strtab);
	free(f);
	return 0;
}

/* ---- writing units */

static inline uint32_t here(const struct fixture *f)
{
	return f->info.v.nr - f->unit;
}

static inline void patch_u32(struct fixture *f, uint32_t at, uint32_t value)
{
	store_u32(f->info.v.at + at, value, f->info.big);
}

static inline void begin_header(struct fixture *f, uint8_t type)
{
	f->unit = f->info.v.nr;
	put_u32(&f->info, 0);
	put_u16(&f->info, f->version);
	if (f->version >= 5) {
		put_u8(&f->info, type);
		put_u8(&f->info, 8);
		put_u32(&f->info, 0);
	} else {
		put_u32(&f->info, 0);
		put_u8(&f->info, 8);
	}
}

/* Of language C, with an int as first DIE. */
static inline void begin_unit_of(struct fixture *f, uint8_t language)
{
	begin_header(f, DW_UT_compile);
	put_uleb(&f->info, UNIT);
	put_u8(&f->info, language);
	f->int_ = here(f);
	put_uleb(&f->info, BASE_TYPE);
	put_text(&f->info, "int");
	put_uleb(&f->info, 4);
	put_u8(&f->info, DW_ATE_signed);
}

static inline void begin_unit(struct fixture *f)
{
	begin_unit_of(f, DW_LANG_C11);
}

static inline void end_unit(struct fixture *f)
{
	put_u8(&f->info, 0);
	patch_u32(f, f->unit, f->info.v.nr - f->unit - 4);
}

/* A DIE of name and type; where it stands in its unit. */
static inline uint32_t named(struct fixture *f, enum code code, const char *name, uint32_t type)
{
	uint32_t at = here(f);

	put_uleb(&f->info, code);
	put_text(&f->info, name);
	put_u32(&f->info, type);
	return at;
}

static inline uint32_t pointer(struct fixture *f, uint32_t type)
{
	uint32_t at = here(f);

	put_uleb(&f->info, POINTER);
	put_u32(&f->info, type);
	return at;
}

static inline uint32_t begin_struct(struct fixture *f, const char *name, uint64_t size)
{
	uint32_t at = here(f);

	put_uleb(&f->info, STRUCTURE);
	put_text(&f->info, name);
	put_uleb(&f->info, size);
	return at;
}

static inline void member(struct fixture *f, const char *name, uint32_t type, uint64_t offset)
{
	named(f, MEMBER_, name, type);
	put_uleb(&f->info, offset);
}

static inline void function_symbol(struct fixture *f, const char *name)
{
	if (!f->symtab.v.nr)
		for (unsigned int i = 0; i < 3; i++)
			put_u64(&f->symtab, 0);
	put_u32(&f->symtab, f->strtab.v.nr);
	put_u8(&f->symtab, STT_FUNC);
	put_u8(&f->symtab, 0);
	put_u16(&f->symtab, 1);
	put_u64(&f->symtab, f->symtab.v.nr);
	put_u64(&f->symtab, 0);
	put_text(&f->strtab, name);
}

/* ---- reading them */

static inline int read_units(struct fixture *f, struct dwarf *d)
{
	int ret = 0;

	f->nr_units = dwarf_nr_units(d);
	for (uint32_t i = 0; i < f->nr_units && !ret; i++) {
		ret = dwarf_scan_unit(d, i, &f->read, &f->err);
		if (!ret)
			ret = dwarf_collect(d, d, &f->read, &f->err);
		if (!ret)
			assert_int_equal(graph_check(&f->read.graph, &f->err), 0);
	}
	f->skipped = *dwarf_skipped(d);
	return ret;
}

#define MUCH_INFO 100000

/* Two forks in turn, all units before the first is collected. The last one's graph is in @last. */
static inline int read_by_forks(struct dwarf *d, struct dwarf_unit *last, struct error *err)
{
	const uint32_t nr = dwarf_nr_units(d);
	struct dwarf_unit *units = calloc(nr + 1, sizeof(*units));
	struct error *errs = calloc(nr + 1, sizeof(*errs));
	struct dwarf *forks[2];
	int *rets = calloc(nr + 1, sizeof(*rets)), ret = 0;

	assert_true(units && errs && rets);
	assert_int_equal(dwarf_fork(&forks[0], d, err), 0);
	assert_int_equal(dwarf_fork(&forks[1], d, err), 0);
	for (uint32_t i = 0; i < nr; i++)
		rets[i] = dwarf_scan_unit(forks[i % 2], i, &units[i], &errs[i]);
	for (uint32_t i = 0; i < nr && !ret; i++) {
		ret = rets[i];
		if (ret)
			*err = errs[i];
		else
			ret = dwarf_collect(d, forks[i % 2], &units[i], err);
		if (!ret) {
			dwarf_unit_free(last);
			*last = units[i];
			units[i] = (struct dwarf_unit){ 0 };
		}
	}
	for (uint32_t i = 0; i < nr; i++)
		dwarf_unit_free(&units[i]);
	dwarf_close(forks[0]);
	dwarf_close(forks[1]);
	free(units);
	free(errs);
	free(rets);
	return ret;
}

static inline void assert_same_graph(const struct graph *a, const struct graph *b)
{
	assert_int_equal(a->nodes.nr, b->nodes.nr);
	for (uint32_t i = 1; i < a->nodes.nr; i++) {
		const struct graph_node *x = &a->nodes.at[i], *y = &b->nodes.at[i];

		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->flags, y->flags);
		assert_int_equal(x->name, y->name);
		assert_int_equal(x->size, y->size);
		assert_int_equal(x->type, y->type);
		assert_int_equal(x->first, y->first);
		assert_int_equal(x->nr, y->nr);
	}
	assert_int_equal(a->members.nr, b->members.nr);
	if (a->members.nr)
		assert_memory_equal(a->members.at, b->members.at,
				    a->members.nr * sizeof(*a->members.at));
	assert_int_equal(a->values.nr, b->values.nr);
	for (uint32_t i = 0; i < a->values.nr; i++) {
		assert_int_equal(a->values.at[i].name, b->values.at[i].name);
		assert_int_equal(a->values.at[i].value, b->values.at[i].value);
	}
	assert_int_equal(a->funcs.nr, b->funcs.nr);
	if (a->funcs.nr)
		assert_memory_equal(a->funcs.at, b->funcs.at, a->funcs.nr * sizeof(*a->funcs.at));
}

/* What has been read from @input into f->read, with @names as they were before, forks read as well: or fail likewise. */
static inline void check_forks(struct fixture *f, const struct dwarf_input *input,
			       struct names *names, int expected)
{
	struct dwarf_unit last = { 0 };
	struct error err = ERROR_INIT;
	struct dwarf *d;
	int ret;

	assert_int_equal(dwarf_open(&d, input, names, &err), 0);
	ret = read_by_forks(d, &last, &err);
	assert_int_equal(ret, expected);
	if (ret) {
		assert_string_equal(err.text, f->err.text);
	} else {
		if (f->nr_units)
			assert_same_graph(&last.graph, &f->read.graph);
		assert_int_equal(names->text.nr, f->names.text.nr);
		if (names->text.nr)
			assert_memory_equal(names->text.at, f->names.text.at, names->text.nr);
		assert_memory_equal(dwarf_skipped(d), &f->skipped, sizeof(f->skipped));
	}
	dwarf_unit_free(&last);
	dwarf_close(d);
}

/* Reads the first @size bytes of .debug_info. The last unit's graph stays. */
static inline int read_prefix(struct fixture *f, size_t size)
{
	struct bytes parts[] = { out_prefix(&f->info, size), out_bytes(&f->abbrev),
				 out_bytes(&f->str),	     out_bytes(&f->str_offsets),
				 out_bytes(&f->symtab),	     out_bytes(&f->strtab),
				 out_bytes(&f->rela) };
	const struct dwarf_section infos[] = { { .data = parts[0], .rela = parts[6] } };
	const struct dwarf_elf_section sections[] = { { "", 0 }, { ".text", 100 } };
	const struct dwarf_input input = { .is64 = true,
					   .big_endian = f->info.big,
					   .machine = EM_X86_64,
					   .infos = infos,
					   .nr_infos = 1,
					   .abbrev = { .data = parts[1] },
					   .str = { .data = parts[2] },
					   .str_offsets = { .data = parts[3] },
					   .symtab = parts[4],
					   .strtab = parts[5],
					   .sections = sections,
					   .nr_sections = 2 };
	struct names before;
	struct dwarf *d = NULL;
	int ret;

	f->err = (struct error)ERROR_INIT;
	assert_true(names_fork(&before, &f->names));
	ret = dwarf_open(&d, &input, &f->names, &f->err);
	if (!ret) {
		ret = read_units(f, d);
		if (size < MUCH_INFO) /* or it takes twice the time */
			check_forks(f, &input, &before, ret);
	}
	names_free(&before);
	if (ret) {
		assert_int_equal(ret, f->err.code);
		assert_true(f->err.text[0]);
	}
	dwarf_close(d);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		bytes_free(parts[i]);
	return ret;
}

static inline int read_all(struct fixture *f)
{
	return read_prefix(f, f->info.v.nr);
}

static inline const struct graph_node *node_of(const struct fixture *f, uint8_t kind,
					       const char *name)
{
	for (uint32_t i = 1; i < f->read.graph.nodes.nr; i++) {
		const struct graph_node *n = &f->read.graph.nodes.at[i];

		if (n->kind == kind && !strcmp(name_str(&f->names, n->name), name))
			return n;
	}
	return NULL;
}

#define assert_fails(f, code, words)                           \
	do {                                                   \
		assert_int_equal(read_all(f), code);           \
		assert_non_null(strstr((f)->err.text, words)); \
	} while (0)

#endif
