/* SPDX-License-Identifier: GPL-2.0-only */
/* Small modules, made by compiler and objcopy, and what the tests of src/module do with them. */
#ifndef MODBTF_TESTS_UNIT_MODULES_H
#define MODBTF_TESTS_UNIT_MODULES_H

#include "module/module.h"

/* The sections that are ours, ended by NULL. */
extern const char *const ours[];
bool is_ours(const char *name);

/*
 * Changes that add all of ours, or remove them. The contents are of odd sizes, so that alignment has
 * work to do.
 */
extern const struct module_change add_all[3];
extern const struct module_change remove_all[3];
extern const char btf_text[46], base_text[25], note_text[49];

#define BYTES(text) ((struct bytes){ (const uint8_t *)(text), sizeof(text) })

/* Group setup for cmocka: a scratch directory (scratch.h) with the fixtures in it. */
int modules_make(void **state);

/*
 * fix-ture.ko, as gcc compiles it; packed.ko, with compressed debug sections; middle.ko, with a .BTF
 * where kbuild puts it; be32.ko, be64.ko, le32.ko, of other classes and byte orders.
 */
#define NR_FIXTURES 6
extern const char *const fixtures[NR_FIXTURES];

/* These fail the test where the function that they call does. */
void open_fixture(struct module *mod, const char *name);
void open_bytes(struct module *mod, struct bytes b);
struct buffer rewritten(const struct module *mod, const struct module_change *changes, size_t nr);
struct buffer rewritten_bytes(struct bytes elf, const struct module_change *changes, size_t nr);

/* The header of section @name in a little endian ELF64 image; "names" is the name table's. */
uint8_t *header_of(struct buffer *elf, const char *name);

#endif
