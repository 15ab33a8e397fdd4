// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader on debug info written by hand: headers, references, strings, nesting. What compilers write is for the
 * suite in tests/dwarf.
 */
#include "test.h"

#include "dwarf-unit.h"

/* ---- headers */

/* A small unit of all that is needed below, in each version that is read. */
static void write_sound(struct fixture *f)
{
	uint32_t s;

	f->nr_bounds = 0;
	begin_unit(f);
	f->bounds[f->nr_bounds++] = f->int_;
	s = begin_struct(f, "pair", 8);
	f->bounds[f->nr_bounds++] = s;
	member(f, "a", f->int_, 0);
	member(f, "b", f->int_, 4);
	put_u8(&f->info, 0);
	f->bounds[f->nr_bounds++] = named(f, TYPEDEF_, "pair_t", s);
	f->bounds[f->nr_bounds++] = pointer(f, s);
	f->bounds[f->nr_bounds++] = here(f);
	end_unit(f);
}

static void each_version(void **state)
{
	struct fixture *f = *state;

	for (f->version = 2; f->version <= 5; f->version++) {
		f->info.v.nr = 0;
		write_sound(f);
		assert_int_equal(read_all(f), 0);
		assert_int_equal(f->nr_units, 1);
		assert_int_equal(node_of(f, BTF_KIND_STRUCT, "pair")->nr, 2);
		assert_int_equal(node_of(f, BTF_KIND_STRUCT, "pair")->size, 8);
		assert_int_equal(f->read.graph.members.at[1].bit_offset, 32);
		assert_ptr_equal(
			&f->read.graph.nodes.at[node_of(f, BTF_KIND_TYPEDEF, "pair_t")->type],
			node_of(f, BTF_KIND_STRUCT, "pair"));
		assert_non_null(node_of(f, BTF_KIND_PTR, ""));
	}
}

static void versions_that_are_not_read(void **state)
{
	static const uint16_t versions[] = { 0, 1, 6, 0xffff };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		f->info.v.nr = 0;
		f->version = 4;
		write_sound(f);
		store_u16(f->info.v.at + 4, versions[i], false);
		assert_fails(f, -EOPNOTSUPP, "versions 2 to 5");
	}
}

static void lengths(void **state)
{
	struct fixture *f = *state;

	write_sound(f);
	patch_u32(f, 0, 0xffffffff);
	assert_fails(f, -EOPNOTSUPP, "64-bit DWARF");
	patch_u32(f, 0, f->info.v.nr - 3);
	assert_fails(f, -EINVAL, "runs past");
	patch_u32(f, 0, 0xffffffef);
	assert_fails(f, -EINVAL, "runs past");
	for (uint32_t length = 0; length < 8; length++) {
		patch_u32(f, 0, length);
		assert_int_equal(read_all(f), -EINVAL);
	}
}

static bool is_bound(const struct fixture *f, uint32_t size)
{
	for (uint32_t i = 0; i < f->nr_bounds; i++)
		if (f->bounds[i] == size)
			return true;
	return false;
}

/*
 * A section that is shorter than its unit, and a unit that is shorter than its DIEs. The latter is sound where it ends
 * between two of them: not all compilers write the last null entry.
 */
static void ends_in_the_middle(void **state)
{
	struct fixture *f = *state;

	for (f->version = 4; f->version <= 5; f->version++) {
		f->info.v.nr = 0;
		write_sound(f);
		assert_int_equal(read_prefix(f, 0), 0);
		for (uint32_t size = 1; size < f->info.v.nr; size++) {
			assert_int_equal(read_prefix(f, size), -EINVAL);
			if (size < 4)
				continue;
			patch_u32(f, 0, size - 4);
			assert_int_equal(read_prefix(f, size), is_bound(f, size) ? 0 : -EINVAL);
			patch_u32(f, 0, f->info.v.nr - 4);
		}
	}
}

static void address_sizes(void **state)
{
	static const uint8_t sizes[] = { 0, 1, 2, 3, 5, 16, 255 };
	struct fixture *f = *state;

	write_sound(f);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		f->info.v.at[7] = sizes[i];
		assert_fails(f, -EINVAL, "neither 4 nor 8");
	}
	f->info.v.at[7] = 4;
	assert_int_equal(read_all(f), 0);
}

static void unit_types(void **state)
{
	struct fixture *f = *state;

	write_sound(f);
	f->info.v.at[6] = 0;
	assert_fails(f, -EINVAL, "not known");
	f->info.v.at[6] = 7;
	assert_fails(f, -EINVAL, "not known");
	f->info.v.at[6] = DW_UT_partial;
	assert_int_equal(read_all(f), 0);
	assert_int_equal(f->read.graph.nodes.nr, 1);
}

static void abbreviations_elsewhere(void **state)
{
	struct fixture *f = *state;

	write_sound(f);
	patch_u32(f, 8, f->abbrev.v.nr);
	assert_fails(f, -EINVAL, ".debug_abbrev");
	patch_u32(f, 8, 0xffffffff);
	assert_fails(f, -EINVAL, ".debug_abbrev");
	f->abbrev.v.nr = 0;
	patch_u32(f, 8, 0);
	assert_fails(f, -EINVAL, ".debug_abbrev");
}

static void abbreviation_that_was_not_declared(void **state)
{
	struct fixture *f = *state;

	begin_unit(f);
	put_uleb(&f->info, 99);
	end_unit(f);
	assert_fails(f, -EINVAL, "not declared");
	f->info.v.nr = 0;
	begin_unit(f);
	put_uleb(&f->info, UINT64_MAX);
	end_unit(f);
	assert_fails(f, -EINVAL, "not declared");
}

static void languages(void **state)
{
	struct fixture *f = *state;

	begin_unit_of(f, DW_LANG_C_plus_plus_14);
	end_unit(f);
	begin_unit_of(f, DW_LANG_Rust);
	end_unit(f);
	begin_unit_of(f, 0x13 /* D */);
	end_unit(f);
	begin_unit_of(f, DW_LANG_C_plus_plus);
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	assert_int_equal(f->read.graph.nodes.nr, 1);
	assert_int_equal(f->skipped.cplusplus, 2);
	assert_int_equal(f->skipped.rust, 1);
	assert_int_equal(f->skipped.assembler, 0);
	assert_int_equal(f->skipped.other, 1);
}

/* ---- references */

static void references_to_nowhere(void **state)
{
	static const uint32_t places[] = { 1, 4, 11, 0x1000, 0xffffffff };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		f->info.v.nr = 0;
		begin_unit(f);
		named(f, TYPEDEF_, "t", places[i]);
		end_unit(f);
		assert_int_equal(read_all(f), -EINVAL);
		f->info.v.nr = 0;
		begin_unit(f);
		named(f, REF_ADDR, "t", places[i]);
		end_unit(f);
		assert_int_equal(read_all(f), -EINVAL);
	}
	/* A sound DIE, but of the next unit. */
	f->info.v.nr = 0;
	begin_unit(f);
	named(f, TYPEDEF_, "t", here(f) + 8 + f->int_);
	end_unit(f);
	begin_unit(f);
	end_unit(f);
	assert_fails(f, -EINVAL, "out of its unit");
	/* The null entry at the end of the unit. */
	f->info.v.nr = 0;
	begin_unit(f);
	pointer(f, here(f) + 5);
	end_unit(f);
	assert_fails(f, -EINVAL, "end of a list");
	f->info.v.nr = 0;
	begin_unit(f);
	put_uleb(&f->info, MOVED);
	put_u64(&f->info, 0x1234);
	end_unit(f);
	assert_fails(f, -EINVAL, "type unit");
	f->info.v.nr = 0;
	begin_unit(f);
	named(f, REF_SUP, "t", 1);
	end_unit(f);
	assert_fails(f, -EOPNOTSUPP, "dwz");
}

/* A member, the unit itself: no types. They stand for void. */
static void references_to_what_is_no_type(void **state)
{
	struct fixture *f = *state;
	uint32_t s, m;

	begin_unit(f);
	s = begin_struct(f, "s", 4);
	m = here(f);
	member(f, "m", f->int_, 0);
	put_u8(&f->info, 0);
	named(f, TYPEDEF_, "to_member", m);
	named(f, TYPEDEF_, "to_struct", s);
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	assert_int_equal(node_of(f, BTF_KIND_TYPEDEF, "to_member")->type, 0);
	assert_int_not_equal(node_of(f, BTF_KIND_TYPEDEF, "to_struct")->type, 0);
}

/* The type stands in a unit that comes later; only what is referred to is read from there. */
static void references_to_other_units(void **state)
{
	struct fixture *f = *state;
	uint32_t patch, wanted;

	begin_unit(f);
	patch = f->info.v.nr + 3;
	named(f, REF_ADDR, "t", 0);
	end_unit(f);
	begin_header(f, DW_UT_partial);
	put_uleb(&f->info, UNIT);
	put_u8(&f->info, DW_LANG_C11);
	f->int_ = here(f);
	put_uleb(&f->info, BASE_TYPE);
	put_text(&f->info, "int");
	put_uleb(&f->info, 4);
	put_u8(&f->info, DW_ATE_signed);
	begin_struct(f, "unwanted", 0);
	put_u8(&f->info, 0);
	wanted = f->info.v.nr;
	begin_struct(f, "wanted", 4);
	member(f, "m", f->int_, 0);
	put_u8(&f->info, 0);
	end_unit(f);
	patch_u32(f, patch, wanted);
	/* The partial unit comes last, and leaves the graph empty: look at the first only. */
	assert_int_equal(read_all(f), 0);
	assert_int_equal(f->nr_units, 2);
	assert_int_equal(f->read.graph.nodes.nr, 1);
	begin_unit(f);
	named(f, REF_ADDR, "t", wanted);
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	assert_non_null(node_of(f, BTF_KIND_STRUCT, "wanted"));
	assert_non_null(node_of(f, BTF_KIND_INT, "int"));
	assert_null(node_of(f, BTF_KIND_STRUCT, "unwanted"));
	/* Into the header of the other unit. */
	patch_u32(f, patch, wanted - 40 < f->unit ? 0x20 : 0x21);
	assert_int_equal(read_all(f), -EINVAL);
}

static void write_type_unit(struct fixture *f, uint32_t type_offset)
{
	uint32_t patch;

	begin_header(f, DW_UT_type);
	put_u64(&f->info, 0xfeed);
	patch = f->info.v.nr;
	put_u32(&f->info, 0);
	put_uleb(&f->info, TYPE_UNIT);
	patch_u32(f, patch, type_offset ? type_offset : here(f));
	begin_struct(f, "moved", 12);
	put_u8(&f->info, 0);
	end_unit(f);
}

static void type_units(void **state)
{
	struct fixture *f = *state;
	uint32_t moved;

	write_type_unit(f, 0);
	begin_unit(f);
	moved = here(f);
	put_uleb(&f->info, MOVED);
	put_u64(&f->info, 0xfeed);
	named(f, TYPEDEF_, "t", moved);
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	assert_int_equal(node_of(f, BTF_KIND_STRUCT, "moved")->size, 12);
	assert_ptr_equal(&f->read.graph.nodes.at[node_of(f, BTF_KIND_TYPEDEF, "t")->type],
			 node_of(f, BTF_KIND_STRUCT, "moved"));
	/* The type lies in the header, or outside. */
	f->info.v.nr = 0;
	write_type_unit(f, 20);
	assert_fails(f, -EINVAL, "in the header");
	f->info.v.nr = 0;
	write_type_unit(f, 1000);
	assert_fails(f, -EINVAL, "outside");
	/* Alone it has its types as well. */
	f->info.v.nr = 0;
	write_type_unit(f, 0);
	assert_int_equal(read_all(f), 0);
	assert_non_null(node_of(f, BTF_KIND_STRUCT, "moved"));
}

/* ---- siblings and nesting */

/* A struct whose DW_AT_sibling says @next, below a tag that is stepped over; behind it a typedef. */
static void write_sibling(struct fixture *f, int32_t next)
{
	uint32_t at;

	f->info.v.nr = 0;
	begin_unit(f);
	put_uleb(&f->info, UNKNOWN);
	at = here(f);
	put_uleb(&f->info, WITH_SIBLING);
	put_u32(&f->info, at + (uint32_t)next);
	put_text(&f->info, "s");
	put_uleb(&f->info, 4);
	member(f, "m", f->int_, 0);
	put_u8(&f->info, 0);
	put_u8(&f->info, 0);
	named(f, TYPEDEF_, "t", f->int_);
	end_unit(f);
}

static void siblings(void **state)
{
	static const int32_t wrong[] = { 0, -1, 1, 5, -1000, 1000, INT32_MAX, INT32_MIN };
	struct fixture *f = *state;

	write_sibling(f, 1 + 4 + 2 + 1 + 8 + 1);
	assert_int_equal(read_all(f), 0);
	assert_non_null(node_of(f, BTF_KIND_TYPEDEF, "t"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		write_sibling(f, wrong[i]);
		assert_int_equal(read_all(f), -EINVAL);
	}
}

static void nest(struct fixture *f, unsigned int depth)
{
	f->info.v.nr = 0;
	begin_unit(f);
	for (unsigned int i = 0; i < depth; i++)
		begin_struct(f, "s", 0);
	for (unsigned int i = 0; i < depth; i++)
		put_u8(&f->info, 0);
	end_unit(f);
}

static void types_in_types(void **state)
{
	struct fixture *f = *state;

	nest(f, 120);
	assert_int_equal(read_all(f), 0);
	nest(f, 129);
	assert_fails(f, -EINVAL, "nested too deeply");
	nest(f, 100000);
	assert_fails(f, -EINVAL, "nested too deeply");
	/* What is only stepped over may be as deep as it likes. */
	f->info.v.nr = 0;
	begin_unit(f);
	for (unsigned int i = 0; i < 100000; i++)
		put_uleb(&f->info, UNKNOWN);
	for (unsigned int i = 0; i < 100000; i++)
		put_u8(&f->info, 0);
	named(f, TYPEDEF_, "t", f->int_);
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	assert_non_null(node_of(f, BTF_KIND_TYPEDEF, "t"));
}

/* ---- strings */

static void strings(void **state)
{
	struct fixture *f = *state;

	put_text(&f->str, "x");
	put_text(&f->str, "word");
	put(&f->str, "endless", 7);
	for (unsigned int i = 0; i < 8; i++)
		put_u8(&f->str_offsets, 0);
	put_u32(&f->str_offsets, 2);
	put_u32(&f->str_offsets, 7);
	put_u32(&f->str_offsets, 0xffffffff);

	begin_unit(f);
	put_uleb(&f->info, STRP);
	put_u32(&f->info, 2);
	put_uleb(&f->info, STRX);
	put_uleb(&f->info, 0);
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	assert_non_null(node_of(f, BTF_KIND_TYPEDEF, "word"));

	for (uint32_t offset = 7; offset < 16; offset++) {
		f->info.v.nr = 0;
		begin_unit(f);
		put_uleb(&f->info, STRP);
		put_u32(&f->info, offset);
		end_unit(f);
		assert_int_equal(read_all(f), -EINVAL);
	}
	/* No end, an offset outside, an index outside. */
	for (uint64_t i = 1; i; i = i == UINT64_MAX ? 0 : i < 4 ? i + 1 : UINT64_MAX) {
		f->info.v.nr = 0;
		begin_unit(f);
		put_uleb(&f->info, STRX);
		put_uleb(&f->info, i);
		end_unit(f);
		assert_int_equal(read_all(f), -EINVAL);
	}
	/* The section is not there at all. */
	f->info.v.nr = 0;
	begin_unit(f);
	put_uleb(&f->info, LINE_STRP);
	put_u32(&f->info, 0);
	end_unit(f);
	assert_fails(f, -EINVAL, ".debug_line_str");
	/* Inline, up to the end of the unit and on into the next. */
	f->info.v.nr = 0;
	begin_unit(f);
	put_uleb(&f->info, TYPEDEF_);
	put(&f->info, "abc", 3);
	patch_u32(f, f->unit, f->info.v.nr - f->unit - 4);
	begin_unit(f);
	end_unit(f);
	assert_fails(f, -EINVAL, "string without end");
}

/* ---- DIEs that are read without a program */

static void plain_member(struct fixture *f, enum code code, uint32_t name, uint32_t type,
			 uint32_t location)
{
	put_uleb(&f->info, code);
	put_u32(&f->info, name);
	put_u32(&f->info, type);
	if (code == FAR_MEMBER)
		put_u16(&f->info, location);
	else
		put_u8(&f->info, location);
}

static void assert_member(const struct fixture *f, const struct graph_node *s, uint32_t i,
			  const char *name, uint32_t bit_offset)
{
	const struct graph_member *m = &f->read.graph.members.at[s->first + i];
	uint32_t id = m->name;

	if (id & NAME_PENDING)
		assert_string_equal((const char *)f->str.v.at + (id & ~NAME_PENDING), name);
	else
		assert_string_equal(name_str(&f->names, id), name);
	assert_int_equal(m->bit_offset, bit_offset);
	assert_int_equal(m->bit_size, 0);
	assert_int_equal(f->read.graph.nodes.at[m->type].kind, BTF_KIND_INT);
}

/* Whether it is plain or not, and however it is written, a member is the same. */
static void plain_members(void **state)
{
	struct fixture *f = *state;
	const struct graph_node *s;

	put_text(&f->str, "");
	put_text(&f->str, "one");
	put_text(&f->str, "two");
	begin_unit(f);
	begin_struct(f, "s", 70000);
	plain_member(f, PLAIN_MEMBER, 1, f->int_, 0);
	member(f, "three", f->int_, 4);
	plain_member(f, PLAIN_MEMBER, 5, f->int_, 255);
	plain_member(f, FAR_MEMBER, 1, f->int_, 65535);
	plain_member(f, PLAIN_MEMBER, 0, f->int_, 8);
	put_u8(&f->info, 0);
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	s = node_of(f, BTF_KIND_STRUCT, "s");
	assert_non_null(s);
	assert_int_equal(s->nr, 5);
	assert_member(f, s, 0, "one", 0);
	assert_member(f, s, 1, "three", 4 * 8);
	assert_member(f, s, 2, "two", 255 * 8);
	assert_member(f, s, 3, "one", 65535 * 8);
	assert_member(f, s, 4, "", 8 * 8);
}

static void plain_enumerators_and_parameters(void **state)
{
	struct fixture *f = *state;
	const struct graph_node *e, *proto = NULL;

	put_text(&f->str, "");
	put_text(&f->str, "E");
	begin_unit(f);
	put_uleb(&f->info, ENUMERATION);
	put_u32(&f->info, 1);
	put_u8(&f->info, 4);
	put_uleb(&f->info, PLAIN_ENUMERATOR);
	put_u32(&f->info, 1);
	put_u16(&f->info, 0xfffe);
	put_u8(&f->info, 0);
	put_uleb(&f->info, SUBROUTINE);
	put_u32(&f->info, f->int_);
	put_uleb(&f->info, PLAIN_PARAMETER);
	put_u32(&f->info, f->int_);
	put_u8(&f->info, 0);
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	e = node_of(f, BTF_KIND_ENUM, "E");
	assert_non_null(e);
	assert_int_equal(e->nr, 1);
	assert_int_equal(f->read.graph.values.at[e->first].value, 0xfffe);
	assert_int_equal(e->flags & GRAPH_SIGNED, 0);
	for (uint32_t i = 1; i < f->read.graph.nodes.nr; i++)
		if (f->read.graph.nodes.at[i].kind == BTF_KIND_FUNC_PROTO)
			proto = &f->read.graph.nodes.at[i];
	assert_non_null(proto);
	assert_int_equal(proto->nr, 1);
	assert_int_equal(f->read.graph.nodes.at[f->read.graph.members.at[proto->first].type].kind,
			 BTF_KIND_INT);
}

/* Nothing is read behind the unit, and no reference is taken that leads out of it. */
static void plain_dies_that_are_damaged(void **state)
{
	static const enum code codes[] = { PLAIN_MEMBER, FAR_MEMBER };
	struct fixture *f = *state;
	uint32_t whole;

	put_text(&f->str, "name");
	for (size_t i = 0; i < 2; i++) {
		f->info.v.nr = 0;
		begin_unit(f);
		begin_struct(f, "s", 4);
		whole = f->info.v.nr;
		plain_member(f, codes[i], 0, f->int_, 0);
		for (uint32_t size = f->info.v.nr - 1; size > whole; size--) {
			patch_u32(f, f->unit, size - f->unit - 4);
			assert_int_equal(read_prefix(f, size), -EINVAL);
		}
		f->info.v.nr = whole;
		plain_member(f, codes[i], 5, f->int_, 0);
		put_u8(&f->info, 0);
		end_unit(f);
		assert_fails(f, -EINVAL, ".debug_str");
		f->info.v.nr = whole;
		plain_member(f, codes[i], 0, 0x1000, 0);
		put_u8(&f->info, 0);
		end_unit(f);
		assert_fails(f, -EINVAL, "out of its unit");
	}
}

/* ---- symbols */

static void symbols_without_names(void **state)
{
	struct fixture *f = *state;

	write_sound(f);
	function_symbol(f, "f");
	assert_int_equal(read_all(f), 0);
	f->strtab.v.nr = 1; /* the NUL is gone */
	assert_fails(f, -EINVAL, ".strtab");
	f->strtab.v.nr = 0;
	assert_fails(f, -EINVAL, ".strtab");
	put_u8(&f->symtab, 0);
	assert_fails(f, -EINVAL, "does not divide");
}

static void functions(void **state)
{
	struct fixture *f = *state;
	uint32_t origin, a, b;

	function_symbol(f, "here");
	begin_unit(f);
	origin = here(f);
	put_uleb(&f->info, SUBPROGRAM);
	put_text(&f->info, "here");
	a = named(f, PARAMETER, "a", f->int_);
	b = named(f, PARAMETER, "b", f->int_);
	put_u8(&f->info, 0);
	put_uleb(&f->info, SUBPROGRAM);
	put_text(&f->info, "elsewhere");
	put_u8(&f->info, 0);
	for (unsigned int i = 0; i < 2; i++) {
		put_uleb(&f->info, CONCRETE);
		put_u32(&f->info, origin);
		put_uleb(&f->info, CONCRETE_PARAMETER);
		put_u32(&f->info, i ? b : a);
		put_uleb(&f->info, CONCRETE_PARAMETER);
		put_u32(&f->info, i ? a : b);
		put_u8(&f->info, 0);
	}
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	assert_int_equal(f->read.graph.funcs.nr, 3);
	assert_int_equal(f->read.graph.funcs.at[0].flags, 0);
	assert_int_equal(f->read.graph.funcs.at[1].flags, 0);
	assert_int_equal(f->read.graph.funcs.at[2].flags, FUNC_REORDERED);
	for (unsigned int i = 0; i < 3; i++) {
		const struct graph_node *proto =
			&f->read.graph.nodes.at[f->read.graph.funcs.at[i].proto];

		assert_int_equal(proto->nr, 2);
		assert_string_equal(name_str(&f->names,
					     f->read.graph.members.at[proto->first].name),
				    i == 2 ? "b" : "a");
	}
}

/* ---- what takes long: each of these would take minutes if its time grew with a power of its size */

/* Structs that hold the next one eight times, 30 deep, as parameter on the stack: is it packed? */
static void structs_that_multiply(void **state)
{
	struct fixture *f = *state;
	uint32_t s;

	function_symbol(f, "many");
	begin_unit(f);
	s = f->int_;
	for (unsigned int i = 0; i < 30; i++) {
		uint32_t inner = s;

		s = begin_struct(f, "s", 32);
		for (unsigned int k = 0; k < 8; k++)
			member(f, "m", inner, k * 4);
		put_u8(&f->info, 0);
	}
	put_uleb(&f->info, SUBPROGRAM);
	put_text(&f->info, "many");
	for (unsigned int i = 0; i < 8; i++)
		named(f, PARAMETER, "p", i < 6 ? f->int_ : s);
	put_u8(&f->info, 0);
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	assert_int_equal(f->read.graph.funcs.nr, 1);
}

/* Each of many references leads to another place in one long list, all of which is behind it. */
static void references_that_overlap(void **state)
{
	enum { NR = 60000 };
	struct fixture *f = *state;
	uint32_t list;

	begin_unit(f);
	put_uleb(&f->info, UNKNOWN);
	list = here(f);
	for (unsigned int i = 0; i < NR; i++)
		put_uleb(&f->info, UNKNOWN);
	for (unsigned int i = 0; i < NR; i++)
		put_u8(&f->info, 0);
	put_u8(&f->info, 0);
	for (unsigned int i = 0; i < NR; i++)
		pointer(f, list + i);
	end_unit(f);
	assert_fails(f, -EINVAL, "over and over");
}

/* Many concrete instances of a function with many parameters, in another order. */
static void parameters_by_the_thousand(void **state)
{
	enum { NR = 30000 };
	struct fixture *f = *state;
	uint32_t origin, first;

	function_symbol(f, "wide");
	begin_unit(f);
	origin = here(f);
	put_uleb(&f->info, SUBPROGRAM);
	put_text(&f->info, "wide");
	first = here(f);
	for (unsigned int i = 0; i < NR; i++)
		named(f, PARAMETER, "p", f->int_);
	put_u8(&f->info, 0);
	put_uleb(&f->info, CONCRETE);
	put_u32(&f->info, origin);
	for (unsigned int i = NR; i--;) {
		put_uleb(&f->info, CONCRETE_PARAMETER);
		put_u32(&f->info, first + 7 * i);
	}
	put_u8(&f->info, 0);
	end_unit(f);
	assert_int_equal(read_all(f), 0);
	assert_int_equal(f->read.graph.funcs.nr, 2);
	assert_int_equal(f->read.graph.funcs.at[1].flags, FUNC_REORDERED);
}

/* Names that lie in each other, half a megabyte long: as many bytes as the square of what there is. */
static void names_in_each_other(void **state)
{
	enum { LEN = 500000, NR = 100000 };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < LEN; i++)
		put_u8(&f->str, 'x');
	put_u8(&f->str, 0);
	begin_unit(f);
	for (unsigned int i = 0; i < NR; i++) {
		put_uleb(&f->info, STRP);
		put_u32(&f->info, i);
	}
	end_unit(f);
	assert_fails(f, -EINVAL, "characters");
	assert_true(f->names.text.room < (64u << 20));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_version),
		CASE(versions_that_are_not_read),
		CASE(lengths),
		CASE(ends_in_the_middle),
		CASE(address_sizes),
		CASE(unit_types),
		CASE(abbreviations_elsewhere),
		CASE(abbreviation_that_was_not_declared),
		CASE(languages),
		CASE(references_to_nowhere),
		CASE(references_to_what_is_no_type),
		CASE(references_to_other_units),
		CASE(type_units),
		CASE(siblings),
		CASE(types_in_types),
		CASE(strings),
		CASE(plain_members),
		CASE(plain_enumerators_and_parameters),
		CASE(plain_dies_that_are_damaged),
		CASE(symbols_without_names),
		CASE(functions),
		CASE(structs_that_multiply),
		CASE(references_that_overlap),
		CASE(parameters_by_the_thousand),
		CASE(names_in_each_other),
	};

	return cmocka_run_group_tests_name("dwarf", tests, NULL, NULL);
}
