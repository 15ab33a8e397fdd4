/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the reader: the symbol table, as the authority on which functions and variables exist.
 */
#ifndef MODBTF_DWARF_SYMBOLS_H
#define MODBTF_DWARF_SYMBOLS_H

#include "dwarf/die.h"

/*
 * Gathers the function symbols into d->funcs: by name up to the first '.', parts that are no
 * functions of their own (.cold, .part) left out. Returns 0, -EINVAL, -ENOMEM.
 */
int read_symbols(struct dwarf *d, struct error *err);

/* Ordinal in d->funcs of the function with this name id, UINT32_MAX if there is none. */
uint32_t find_function(const struct dwarf *d, uint32_t name);

/* Is there an object symbol of this name at offset 0 of ELF section @section? */
bool has_object_at_start(const struct dwarf *d, const char *name, uint32_t section);

#endif
