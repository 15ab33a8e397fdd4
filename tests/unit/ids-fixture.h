/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Modules that are nothing but a .BTF_ids, its symbols, and pointers to it. The section is written
 * as the sources of a module have it, a word each, with a blank between:
 *
 *	set8:NAME:FLAGS		begins a set with flags, set:NAME one without; "end" ends it
 *	func:NAME[:FLAGS]	an id; also struct, union, typedef. In a set8 with its flags
 *	unused			BTF_ID_UNUSED
 *	pointer			.data has a pointer to what follows
 */
#ifndef MODBTF_TESTS_UNIT_IDS_FIXTURE_H
#define MODBTF_TESTS_UNIT_IDS_FIXTURE_H

#include "module/btf-ids.h"

#define IDS_MAX 64

struct ids_symbol {
	char name[96];
	uint64_t value, size;
};

/* To be changed by a test between ids_lay_out() and ids_build(). */
struct ids_fixture {
	bool is64, big;
	uint32_t words[IDS_MAX]; /* of the section */
	uint32_t nr_words;
	struct ids_symbol symbols[IDS_MAX];
	uint32_t nr_symbols;
	uint32_t pointers[IDS_MAX]; /* offsets that .data points to */
	uint32_t nr_pointers;
	struct buffer elf;
	struct module mod;
};

/* Fills in words, symbols and pointers; a fresh section, for a 64-bit little endian machine. */
void ids_lay_out(struct ids_fixture *f, const char *text);

/* The module, open; to be released with ids_release(). */
void ids_build(struct ids_fixture *f);
void ids_release(struct ids_fixture *f);

/* The words of a section's content. */
void ids_set_words(struct ids_fixture *f, struct bytes section);

#endif
