/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From interned and settled own types, chosen functions and variables to the bytes of split BTF.
 */
#ifndef MODBTF_BTF_EMIT_H
#define MODBTF_BTF_EMIT_H

#include "btf/functions.h"
#include "util/bytes.h"

/* A per-CPU variable that the symbol table or debug info places in a section. */
struct var_symbol {
	uint32_t name;	  /* name id */
	uint32_t section; /* index in struct emit_input.sections; UINT32_MAX: it stands in none */
	uint32_t offset;  /* bytes in the section */
	uint32_t size;	  /* bytes */
};

#define TAG_KFUNC "bpf_kfunc"
#define TAG_FASTCALL "bpf_fastcall"

/* A tag on a function beyond those of its debug info: it is a kfunc. */
struct func_tag {
	uint32_t symbol;
	uint32_t name; /* name id of the tag's text */
};

struct emit_input {
	const struct intern *in;
	const struct settled *settled;
	const struct func_symbol *symbols;
	const func_choices_t *funcs;
	const struct func_tag *tags; /* come behind a function's own, unless it has them already */
	uint32_t nr_tags;
	const struct var_symbol *vars; /* what in->vars count in */
	uint32_t nr_vars;
	const uint32_t *
		sections; /* name ids of the sections with variables, in the order of section indices */
	const uint32_t *section_sizes; /* bytes; NULL: a section ends with its last variable */
	uint32_t nr_sections;
	bool big_endian; /* of the target */
};

/*
 * Writes split BTF: types in the order in which units brought them, then per function its FUNC and
 * tags (and its NAME_impl and the tags of that), variables, and a DATASEC for each section that has some. Only types that the source has in
 * their own right, or that these refer to. Returns 0 and the bytes in @out (the caller's to free),
 * or -ENOMEM, -E2BIG.
 */
int emit_split(const struct emit_input *input, struct buffer *out, struct error *err);

#endif
