/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel module file as a value: container (compression, signature) around an ELF relocatable
 * object. Opening reads, nothing here writes to disk.
 */
#ifndef MODBTF_MODULE_MODULE_H
#define MODBTF_MODULE_MODULE_H

#include "io/codec.h"
#include "io/file.h"
#include "util/bytes.h"
#include "util/error.h"

struct module_section {
	const char *name; /* points into the image */
	uint32_t type;	  /* SHT_* */
	uint64_t flags;	  /* SHF_* */
	uint64_t offset;  /* bytes in module->elf */
	uint64_t size;
	uint64_t addr;
	uint64_t align;
	uint64_t entsize;
	uint32_t link; /* section index, extended numbering resolved by ELF itself */
	uint32_t info;
	struct bytes data; /* as stored (compressed if SHF_COMPRESSED); empty for SHT_NOBITS */
};

struct module {
	char *path; /* as given */
	struct file_map file;
	enum codec codec;    /* of the container */
	struct buffer image; /* unpacked container; empty when the file was not compressed */
	struct bytes elf;    /* the ELF object: container content without the signature */
	struct bytes
		signature; /* all bytes behind the ELF that make up the signature trailer; empty if unsigned */

	bool is64;
	bool big_endian;
	uint16_t machine;		 /* EM_* */
	struct module_section *sections; /* index = ELF section index, [0] is the null section */
	uint32_t nr_sections;

	/* identity, from libkmod; "" where the module does not say */
	char *name; /* as the kernel knows it: '-' turned into '_' */
	char *vermagic;
	char *release; /* first word of vermagic */
	char *signer;
	char *sig_hash; /* "sha256", ... */
};

/*
 * Opens the module at @path: maps it, unpacks it by magic (not by suffix), peels the signature (struct module_signature,
 * kernel include/linux/module_signature.h), reads section headers through libelf (extended numbering included) and the
 * identity through libkmod. Everything is checked: ET_REL, sections inside the file, names inside the string table.
 * Returns 0, or a negative errno with @err filled in; on failure nothing is held.
 */
int module_open(struct module *mod, const char *path, struct error *err);
void module_close(struct module *mod);

/* Index of the first section called @name, 0 if there is none. */
uint32_t module_find_section(const struct module *mod, const char *name);

/*
 * The content of section @index, unpacked if it is SHF_COMPRESSED (zlib, zstd).
 * @data borrows from the module or from @store; @store (zeroed by the caller) owns what had to be unpacked and
 * is released with buffer_free().
 */
int module_section_data(const struct module *mod, uint32_t index, struct bytes *data,
			struct buffer *store, struct error *err);

/* One section's new content: replaced where it stands, added at the end where new. */
struct module_change {
	const char *name;
	uint32_t type;	/* SHT_PROGBITS, SHT_NOTE */
	uint32_t align; /* bytes, a power of two */
	bool remove; /* drop it: the last section really, else it becomes an empty SHT_NULL entry */
	struct bytes data;
};

/*
 * Builds the ELF image with @changes made (DESIGN 7.3): no section is renumbered, sections that are not named keep
 * their bytes, their header fields other than sh_offset, and their order in the file; the section name table grows
 * only by names that it lacks; the layout is canonical, so that the result depends neither on what the changed sections held
 * before nor on how often this ran. Adding, removing and adding again gives the same bytes.
 * The result is the bare ELF: not signed, not compressed. @out belongs to the caller.
 * Returns 0, -EINVAL, -ENOMEM, -EOVERFLOW with @err.
 */
int module_rewrite(const struct module *mod, const struct module_change *changes, size_t nr,
		   struct buffer *out, struct error *err);

#endif
