/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DIEs that need no program (struct abbrev_plain) come to the same as those that need one: units that are
 * written twice, of whose abbreviations none is plain the second time.
 */
#ifndef MODBTF_TESTS_UNIT_PLAIN_UNIT_H
#define MODBTF_TESTS_UNIT_PLAIN_UNIT_H

#include "dwarf-unit.h"

enum {
	DECL_FILE = 0x3a,   /* an attribute that nobody needs */
	UNSPECIFIED = 0x18, /* DW_TAG_unspecified_parameters */
	OWN = 40,	    /* the first code of those that tests declare */
	LONG_WAY = 1000,    /* from there to the same with a number of variable length at its end */
};

struct writer {
	struct fixture *f;
	bool is_long;
};

/* The attributes and their forms, an implicit constant's value behind it, and a 0. */
static inline void declare_one(struct out *o, uint32_t code, const int32_t *words, bool is_long)
{
	put_uleb(o, code);
	put_uleb(o, (uint32_t)words[0]);
	put_u8(o, (uint32_t)words[1]);
	for (words += 2; *words;) {
		const int32_t form = words[1];

		put_uleb(o, (uint32_t)*words);
		put_uleb(o, (uint32_t)form);
		words += 2;
		if (form == DW_FORM_implicit_const)
			put_sleb(o, *words++);
	}
	if (is_long) {
		put_uleb(o, DECL_FILE);
		put_uleb(o, DW_FORM_udata);
	}
	put(o, "\0\0", 2);
}

static inline void declare_words(struct fixture *f, uint32_t code, const int32_t *words)
{
	f->abbrev.v.nr--; /* the end of the table */
	declare_one(&f->abbrev, code, words, false);
	declare_one(&f->abbrev, code + LONG_WAY, words, true);
	put_u8(&f->abbrev, 0);
}

/* An abbreviation: its tag, whether there are children, its attributes. */
#define DECLARE(f, code, ...) declare_words(f, code, (const int32_t[]){ __VA_ARGS__, 0 })

static inline uint32_t begin_die(const struct writer *w, uint32_t code)
{
	const uint32_t at = here(w->f);

	put_uleb(&w->f->info, code + (w->is_long ? LONG_WAY : 0));
	return at;
}

static inline void end_die(const struct writer *w)
{
	if (w->is_long)
		put_u8(&w->f->info, 0);
}

static inline void no_more(const struct writer *w)
{
	put_u8(&w->f->info, 0);
}

/* A DIE of up to three values, of which the sizes are given. */
static inline uint32_t die3(const struct writer *w, uint32_t code, unsigned int s1, uint32_t v1,
			    unsigned int s2, uint32_t v2, unsigned int s3, uint32_t v3)
{
	const unsigned int sizes[] = { s1, s2, s3 };
	const uint32_t values[] = { v1, v2, v3 }, at = begin_die(w, code);

	for (size_t i = 0; i < 3; i++) {
		if (sizes[i] == 1)
			put_u8(&w->f->info, values[i]);
		else if (sizes[i] == 2)
			put_u16(&w->f->info, values[i]);
		else if (sizes[i] == 4)
			put_u32(&w->f->info, values[i]);
	}
	end_die(w);
	return at;
}

static inline uint32_t die2(const struct writer *w, uint32_t code, unsigned int s1, uint32_t v1,
			    unsigned int s2, uint32_t v2)
{
	return die3(w, code, s1, v1, s2, v2, 0, 0);
}

static inline uint32_t die1(const struct writer *w, uint32_t code, unsigned int size,
			    uint32_t value)
{
	return die3(w, code, size, value, 0, 0, 0, 0);
}

typedef void write_fn(const struct writer *w);

static inline int read_one_way(struct fixture *f, write_fn *write, bool is_long)
{
	f->info.v.nr = 0;
	begin_unit(f);
	write(&(struct writer){ f, is_long });
	end_unit(f);
	return read_all(f);
}

/* Leaves the graph in f->read. */
static inline void read_both_ways(struct fixture *f, write_fn *write)
{
	struct dwarf_unit plain;

	assert_int_equal(read_one_way(f, write, false), 0);
	plain = f->read;
	f->read = (struct dwarf_unit){ 0 };
	assert_int_equal(read_one_way(f, write, true), 0);
	assert_same_graph(&plain.graph, &f->read.graph);
	dwarf_unit_free(&plain);
}

static inline void fails_both_ways(struct fixture *f, write_fn *write, const char *words)
{
	for (int is_long = 0; is_long < 2; is_long++) {
		assert_int_equal(read_one_way(f, write, is_long), -EINVAL);
		assert_non_null(strstr(f->err.text, words));
	}
}

/* Of the graph last read, the member or parameter @i of @node. */
static inline const struct graph_member *member_of(const struct fixture *f,
						   const struct graph_node *node, uint32_t i)
{
	assert_true(node && i < node->nr);
	return &f->read.graph.members.at[node->first + i];
}

static inline const char *name_of(const struct fixture *f, uint32_t id)
{
	return id & NAME_PENDING ? (const char *)f->str.v.at + (id & ~NAME_PENDING) :
				   name_str(&f->names, id);
}

static inline const struct graph_node *first_of(const struct fixture *f, uint8_t kind)
{
	for (uint32_t i = 1; i < f->read.graph.nodes.nr; i++)
		if (f->read.graph.nodes.at[i].kind == kind)
			return &f->read.graph.nodes.at[i];
	return NULL;
}

/* Strings of .debug_str, by offset. */
enum { EMPTY = 0, ONE = 1, TWO = 5, OUTER = 9 };

static inline void write_strings(struct fixture *f)
{
	put_text(&f->str, "");
	put_text(&f->str, "one");
	put_text(&f->str, "two");
	put_text(&f->str, "outer");
}

#endif
