/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The note that tells what a module's BTF was made from: section .note.modbtf (SHT_NOTE, not
 * allocated), one note of name "modbtf", type 1, in the module's byte order. Its descriptor:
 *
 *	offset	size
 *	0	4	version of this format, 2
 *	4	4	source (enum note_source)
 *	8	4	mode (enum note_mode)
 *	12	4	0
 *	16	16	digest of the base that was used
 *	32	16	digest of the module's other content (note_content_digest())
 *	48	16	digest of .BTF and .BTF.base (note_btf_digest())
 *	64	16	digest of .BTF_ids (digest_bytes() of it)
 *
 * Later versions may append fields. By the digests "is this BTF current?" is answered without work,
 * and what another program has made of it since is known.
 */
#ifndef MODBTF_MODULE_NOTE_H
#define MODBTF_MODULE_NOTE_H

#include "module/module.h"
#include "util/digest.h"

#define NOTE_SECTION ".note.modbtf"
#define NOTE_ALIGN 4
#define NOTE_SIZE 100 /* bytes of the whole section */

/* Where the types were read from (DESIGN 7.4). The numbers are part of the format. */
enum note_source {
	NOTE_SOURCE_DWARF = 1,	    /* in the module */
	NOTE_SOURCE_DEBUG_FILE = 2, /* DWARF beside the module */
	NOTE_SOURCE_DISTILLED = 3,  /* its own BTF and .BTF.base */
	NOTE_SOURCE_OLD_BASE = 4,   /* its own BTF and the base that it was made on */
};

enum note_mode {
	NOTE_MODE_PLAIN = 1,	 /* ids follow the base's: good for that base only */
	NOTE_MODE_DISTILLED = 2, /* ids follow .BTF.base, which the kernel relocates */
};

/* "debug info", "BTF over .BTF.base", ...; "unknown" for what only a later version knows. Static. */
const char *note_source_name(uint32_t source);

struct note {
	uint32_t source; /* enum note_source, or a number that a later version knows */
	uint32_t mode;	 /* enum note_mode, likewise */
	struct digest base;
	struct digest content;
	struct digest btf;
	struct digest ids;
};

/* Writes the section's content in byte order @big to @out. */
void note_write(const struct note *note, bool big, uint8_t out[NOTE_SIZE]);

/*
 * Reads the note of a section's content. Returns 0; -EINVAL if @section is no such note,
 * -EOPNOTSUPP if it is of an unknown version; with @err.
 */
int note_parse(struct bytes section, bool big, struct note *note, struct error *err);

/* The same of @mod's section; -ENOENT if it has none. */
int note_read(const struct module *mod, struct note *note, struct error *err);

/* The digest of the content of .BTF and .BTF.base, which is empty where there is none. */
struct digest note_btf_digest(struct bytes btf, struct bytes base);

/*
 * Are .BTF and .BTF.base of @mod, or its .BTF_ids, what they were when @note was written? If not, the
 * note says nothing about them.
 */
bool note_knows_btf(const struct note *note, const struct module *mod);
bool note_knows_ids(const struct note *note, const struct module *mod);

/*
 * The digest of what a module is to the kernel and to modbtf: everything in @mod but the sections
 * @left_out, debug info (.debug_*, .zdebug_*), and symbols, relocations and string tables, which
 * strip and objcopy renumber when they take debug info out: ELF header, section headers, names and
 * content, without places in the file and section numbers. It is the same before and after
 * module_rewrite() changes sections that are all in @left_out, after `strip -g`, and for the same
 * module in any compression, signed or not.
 *
 * A change of what is left out alone is seen by the build id, which the linker makes of all of it.
 *
 * @left_out: names, ended by NULL; always the same list, or the digests cannot be compared.
 */
struct digest note_content_digest(const struct module *mod, const char *const *left_out);

#endif
