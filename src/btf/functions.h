/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which functions the BTF names: of all appearances of a function in all units, those that agree
 * (DESIGN 7.2; pahole's consistent_func and optimized_func).
 */
#ifndef MODBTF_BTF_FUNCTIONS_H
#define MODBTF_BTF_FUNCTIONS_H

#include "btf/settle.h"

/*
 * Flags of an appearance (struct graph_func). Any of them takes the function out, FUNC_OPTIMIZED
 * only if it is the first.
 */
enum func_flags {
	FUNC_UNEXPECTED_REG = 1 << 0, /* a parameter arrives elsewhere than the ABI puts it */
	FUNC_UNCERTAIN_LOC = 1 << 1,  /* a packed struct on the stack: its place cannot be told */
	FUNC_REORDERED = 1 << 2,      /* the optimiser changed the order of parameters */
	FUNC_OPTIMIZED = 1 << 3,      /* the optimiser dropped parameters from the signature */
};

/* A function that the symbol table defines. */
struct func_symbol {
	uint32_t name;	  /* name id, suffixes like .isra.0 taken off */
	bool ambiguous;	  /* several functions of this name at different addresses */
	uint32_t linkage; /* enum btf_func_linkage that it shall have */
};

struct func_choice {
	uint32_t symbol;
	uint32_t proto; /* ref, settled */
	uint32_t first; /* the appearance that was taken, in in->funcs */
	uint32_t full;	/* ref of the prototype of its NAME_impl (implicit.h); 0: it has none */
};

typedef VEC(struct func_choice) func_choices_t;

/*
 * Chooses among in->funcs; @symbols is what their symbol fields count in. The choices come in the
 * order of names (bytes). Returns 0 or -ENOMEM; @out is the caller's to free (vec_free).
 */
int choose_functions(const struct intern *in, const struct settled *s,
		     const struct func_symbol *symbols, uint32_t nr_symbols, func_choices_t *out,
		     struct error *err);

#endif
