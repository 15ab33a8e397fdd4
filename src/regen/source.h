/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a module's types are read from (DESIGN 7.4): its debug info, or that in a file beside it
 * (source-dwarf.c), or the BTF that it has already (source-btf.c).
 */
#ifndef MODBTF_REGEN_SOURCE_H
#define MODBTF_REGEN_SOURCE_H

#include "btf/emit.h"
#include "btf/names.h"
#include "dwarf/dwarf.h"
#include "module/note.h"
#include "regen/bases.h"
#include "regen/debug-search.h"
#include "regen/jobs.h"

struct source_reader; /* of each source its own */

/* An open source. What is not a function is filled in by reading, and lives as long as it is open. */
struct source {
	enum note_source kind;
	const struct target *on; /* the base that its BTF was made on, NULL for other sources */
	const struct func_symbol *symbols; /* what functions of the graph count in */
	uint32_t nr_symbols;
	const struct var_symbol *vars;
	uint32_t nr_vars;
	const uint32_t *sections; /* as in struct emit_input */
	const uint32_t *section_sizes;
	uint32_t nr_sections;
	uint32_t nr_units;
	struct dwarf_skipped skipped;
	const char *file; /* that the types are in, where it is not the module; else NULL */
	bool damaged;	  /* reading failed because of what the source holds */

	struct jobs *jobs; /* threads that may help reading; NULL: none */
	struct source_reader *reader;
	/* Interns all that the source has. Returns 0, or a negative errno with @err. */
	int (*read)(struct source *source, struct intern *in, struct error *err);
	/* Chooses the functions that shall be written, as choose_functions() does. */
	int (*choose)(const struct source *source, const struct intern *in,
		      const struct settled *settled, func_choices_t *out, struct error *err);
	void (*close)(struct source *source);
};

/*
 * Open the debug info or the BTF of @mod; on failure nothing is held. @mod, @target (whose
 * index need not be complete yet: bases_begin()), @names (of it) and bases must outlive the source.
 *
 * Return 0; -ENODATA: the module has no such thing; -EINVAL: it is damaged, or its BTF was made on
 * another base than the one out of @old_bases; -ENOENT: that base is nowhere; -ENOMEM; what
 * bases_get() returns; with @err.
 *
 * @mod of source_open_dwarf() need not be the module that is worked on, but may be a file with its
 * debug info. Then that file's symbol table counts: see source-dwarf.c.
 *
 * @old_bases: gives the base that the module's BTF was made on; NULL where none is named: then it is
 * looked for (regen/old-base.h). A module with .BTF.base needs none.
 */
int source_open_dwarf(struct source *source, const struct module *mod, const struct target *target,
		      struct names *names, struct error *err);
int source_open_btf(struct source *source, const struct module *mod, const struct target *target,
		    struct bases *old_bases, struct names *names, struct error *err);

/*
 * Adds to a source that has just been opened by source_open_dwarf() a file whose types are read behind
 * its own; it must have no functions. Returns 0, -EINVAL, or what source_open_dwarf() returns, with
 * @err; the source may be closed only then.
 */
int source_add_dwarf(struct source *source, const struct module *mod, struct names *names,
		     struct error *err);

/*
 * The first of these that the module has. @debug: the search for its debug info in other files, which
 * goes on where it was when reading such a file has failed and everything is done anew; NULL: not to
 * be looked for. Also returns what debug_search_next() does; a file that turns out to be damaged has
 * been rejected then (debug->again).
 */
int source_open(struct source *source, const struct module *mod, const struct target *target,
		struct bases *old_bases, struct debug_search *debug, struct names *names,
		struct error *err);

static inline void source_close(struct source *source)
{
	if (source->close)
		source->close(source);
}

#endif
