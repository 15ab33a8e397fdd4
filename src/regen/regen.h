/* SPDX-License-Identifier: GPL-2.0-only */
/* One module from open to replace. */
#ifndef MODBTF_REGEN_REGEN_H
#define MODBTF_REGEN_REGEN_H

#include "base/store.h"
#include "regen/base-section.h"
#include "regen/bases.h"
#include "regen/generate.h"
#include "regen/jobs.h"
#include "regen/sign-plan.h"

/*
 * The sections that modbtf writes, ended by NULL: they are no part of the content that the note has
 * the digest of.
 */
extern const char *const regen_sections[];

struct regen_options {
	const char *release;	 /* target kernel; NULL: the one that the module's vermagic names */
	const char *out;	 /* where to write; NULL: in place */
	struct bases *old_bases; /* the base that present BTF was made on, see old-base.h; or NULL */
	struct debug_places *debug; /* files and directories with debug info; NULL: none named */
	struct jobs *jobs;	    /* threads that may help with one module; NULL: none */
	struct store *store; /* keeps the bases of plain split BTF written in place; or NULL */
	bool allow_unsigned; /* a signed module loses its signature */
	struct sign_options sign;
	bool force;   /* a base of another release than the target's is taken */
	bool strict;  /* a name in .BTF_ids that is not found is an error */
	bool dry_run; /* everything but writing */
	enum base_section base_section;
};

/* What was done with one module. Strings are its own. */
struct regen_report {
	char *release;	 /* target kernel */
	char *base;	 /* path of the base */
	char *base_form; /* what sort of file that is */
	enum codec codec;
	char *old_base; /* path of what its BTF was made on, NULL: that was not read */
	bool dropped_signature;
	bool current;	 /* signed, and its BTF is current: left alone, no more is told */
	char *signed_by; /* "sha256 by PROGRAM, certificate FILE": has a new signature; NULL: not */
	bool changed;	 /* the file's bytes are new */
	bool hard_links; /* other names keep the old content */
	bool appraised;	 /* it had an IMA or EVM attribute, which new content lacks */
	size_t btf_size; /* bytes of .BTF */
	struct distilled distilled; /* nr_base is 0 if the BTF is plain; its bytes are released */
	size_t base_size;	    /* bytes of .BTF.base, 0: there is none */
	struct generated generated; /* its btf is released already */
	struct strlist warnings;
	double ms; /* from open to replaced */
};

/*
 * Generates the BTF of the module at @path against its base out of @bases and writes the module. One
 * that is signed and that its note says to be current is left alone; one that would need a signature
 * for which there is no key is an error (-ENOKEY). A module that another program changes meanwhile is
 * done again, three times at the most.
 * Returns 0, or a negative errno with @err (file and place named); then the file is as it was.
 * @report is released with regen_report_free() in either case.
 */
int regen_module(const char *path, struct bases *bases, const struct regen_options *options,
		 struct regen_report *report, struct error *err);
void regen_report_free(struct regen_report *report);

#endif
