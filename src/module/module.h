/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel module file as a value: container (compression, signature) around an ELF relocatable
 * object. Opening reads, nothing here writes to disk.
 */
#ifndef MODBTF_MODULE_MODULE_H
#define MODBTF_MODULE_MODULE_H

#include "io/codec.h"
#include "io/piece.h"

struct module_section {
	const char *name;     /* points into the image */
	uint32_t name_offset; /* bytes in the section name table */
	uint32_t type;	      /* SHT_* */
	uint64_t flags;	      /* SHF_* */
	uint64_t offset;      /* bytes in module->elf */
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
	uint32_t name_table; /* index of the section that holds the section names */

	/* identity (module/identity.h); "" where the module does not say */
	char *name; /* as the kernel knows it: '-' turned into '_' */
	char *vermagic;
	char *release; /* first word of vermagic */
	bool in_tree;  /* built with the kernel, not for it (modinfo intree) */
	char *signer;
	char *sig_hash; /* "sha256", ... */
};

/* No module that is packed may unpack to more than this. */
#define MODULE_LIMIT ((size_t)1 << 30)

/*
 * Opens the module at @path: maps it, unpacks it by magic (not by suffix), peels the signature
 * (struct module_signature, kernel include/linux/module_signature.h), reads section headers through
 * libelf (extended numbering included) and the identity. Everything is checked: ET_REL, sections
 * inside the file, names inside the string table, links to sections that exist. Returns 0, or a
 * negative errno with @err filled in (err->file set); on failure nothing is held.
 */
int module_open(struct module *mod, const char *path, struct error *err);

/*
 * The same for a module that is in memory already; @content stays the caller's and must outlive
 * @mod.
 * @path: the name to call it by.
 * @limit: most bytes that it may unpack to.
 */
int module_open_memory(struct module *mod, struct bytes content, const char *path, size_t limit,
		       struct error *err);

/*
 * Gives back the memory that holds pages of the mapped file, for one who has read a large part of
 * it (file_map_drop()). Nothing that was borrowed from @mod changes. Does nothing for a module that
 * was packed.
 */
void module_drop_pages(const struct module *mod);

/* Releases what @mod holds. A zeroed struct module may be closed. */
void module_close(struct module *mod);

/* Index of the first section called @name, 0 if there is none. */
uint32_t module_find_section(const struct module *mod, const char *name);

/*
 * The content of section @index, unpacked if it is SHF_COMPRESSED (zlib, zstd).
 * @data borrows from the module or from @store; @store (zeroed by the caller) owns what had to be
 * unpacked and is released with buffer_free().
 */
int module_section_data(const struct module *mod, uint32_t index, struct bytes *data,
			struct buffer *store, struct error *err);

/* What one section shall be: its content, or that it shall not be there. */
struct module_change {
	const char *name; /* starts with a dot */
	/*
	 * SHT_PROGBITS, SHT_NOTE. SHT_NULL: it is there, and only its content is new; its type,
	 * flags, alignment and links stay what they are, as it must be where the kernel loads it.
	 */
	uint32_t type;
	uint32_t align; /* bytes, a power of two */
	bool remove;	/* it shall not be there; nothing is done if it is not */
	struct bytes data;
};

/*
 * A new image of a module: what did not change are ranges of the module's own bytes, as few and as
 * large as can be, so it borrows from the module, which must outlive it.
 */
struct module_image {
	struct piece *pieces;
	size_t nr;
	uint64_t size;	 /* bytes of all pieces */
	uint8_t *memory; /* what is new */
};

/*
 * Builds the ELF image with @changes made (DESIGN 7.3).
 *
 * - No section is renumbered. A section that is there keeps its index; a new one is added behind
 *   the last, in the order of @changes. One that is removed is dropped if it is the last and
 *   nothing refers to it, else its entry becomes an empty SHT_NULL called like it without the dot,
 *   which neither kernel nor tools take for the section; adding the section again takes that entry.
 * - The content of changed sections stands behind that of all others, in the order of the indices,
 *   and the section headers last. So the result does not depend on where a changed section stood or
 *   what it held.
 * - Sections that are not named keep their bytes, their order in the file, and their header fields
 *   except sh_offset; up to the first gap that a changed section leaves, they keep their place as
 *   well. From there on they are moved together, as their alignment allows.
 * - The section name table grows only by names that it lacks, at its end. It never shrinks.
 *
 * Hence: running twice with the same changes gives the same bytes, and so does removing all of them
 * and adding them again in the same order.
 *
 * The result is the bare ELF: not signed, not compressed. What stands between sections, and zeros
 * behind the last, are padding; other bytes there are an error, for it is not known whose they are, nor
 * where they may stand.
 *
 * @image borrows from @mod, not from @changes, and is released with module_image_free(). Returns 0;
 * -EINVAL: two sections of a name in @changes, one of SHT_NULL that is not there, sections overlap
 * each other or the headers, an alignment is no power of two, program headers, bytes behind the last
 * section; -EOVERFLOW: over 4 GiB in a 32-bit ELF, or padding out of all proportion; -ENOMEM; with
 * @err.
 */
int module_rewrite(const struct module *mod, const struct module_change *changes, size_t nr,
		   struct module_image *image, struct error *err);
void module_image_free(struct module_image *image);

/* The image in one. @out belongs to the caller. Returns 0, or -ENOMEM with @err. */
int module_image_flatten(const struct module_image *image, struct buffer *out, struct error *err);

#endif
