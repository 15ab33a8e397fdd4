/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Would the kernel take a module's BTF, and is it current? Everything that is found is data; a
 * module that cannot even be opened is a finding, not an error.
 */
#ifndef MODBTF_REGEN_CHECK_H
#define MODBTF_REGEN_CHECK_H

#include "btf/copies.h"
#include "btf/layout.h"
#include "module/module.h"
#include "regen/bases.h"

/* What a finding is about. Names for output: check_class_name(). */
enum check_class {
	CHECK_CONTAINER,  /* the file: compression, ELF, identity */
	CHECK_MISSING,	  /* no .BTF */
	CHECK_BASE,	  /* no base to judge by */
	CHECK_HEADER,	  /* header, strings, how the sections lie */
	CHECK_METADATA,	  /* a type by itself */
	CHECK_CHAIN,	  /* a chain of modifiers */
	CHECK_NAMES,	  /* names that begin inside of strings: made on another base */
	CHECK_RELOCATION, /* .BTF.base against the target's base */
	CHECK_REFERENCE,  /* what references lead to; the kernel does not look */
	CHECK_IDS,	  /* .BTF_ids */
	CHECK_COPY,	  /* own types that equal the base's */
	CHECK_DUPLICATE,  /* own types that equal own types */
	CHECK_DRIFT,	  /* own layouts of the base's types */
	CHECK_HOMONYM,	  /* own types that only share a name with the base's */
	CHECK_RELEASE,	  /* base and module are of different kernels */
	CHECK_NOTE,	  /* the note's digests */
	CHECK_NR,
};

enum check_severity {
	CHECK_INFO,    /* as it may be */
	CHECK_FINDING, /* should not be, and does no harm to loading */
	CHECK_FAULT,   /* the kernel would refuse it, or is told what is not true */
};

struct check_finding {
	enum check_class class;
	enum check_severity severity;
	uint32_t id; /* type id, 0: of none in particular */
	char *name;  /* of the type; "" if it has none */
	char *text;
	struct check_drift *drift; /* CHECK_DRIFT, of the first few; else NULL */
};

/* Both layouts of a type that drifted. */
struct check_drift {
	struct layout base, module;
	layout_rows_t rows; /* layout_compare(): the base's is the old one */
};

/* Is the BTF what modbtf would write today? */
enum check_age {
	CHECK_UNKNOWN, /* nothing tells: no note */
	CHECK_CURRENT, /* base and content are those that it was made from */
	CHECK_STALE,   /* made on another base, or the module was changed since */
};

struct check_report {
	char *release; /* of the kernel that it was judged for; NULL if there was no base */
	char *base;    /* path, likewise */
	enum check_age age;
	size_t btf_size;   /* bytes of .BTF */
	uint32_t nr_types; /* own types */
	uint32_t counts[CHECK_NR];
	uint32_t faults;
	VEC(struct check_finding) findings; /* the first of each class */
	double open_ms;			    /* reading and unpacking the file */
	double check_ms;		    /* all else, opening the base left out */
};

struct check_options {
	const char *release; /* target kernel; NULL: the one that the module's vermagic names */
	bool details;	     /* keep each finding; else only faults, and the others are counted */
};

/*
 * Judges the module at @path against its base out of @bases. Returns 0, or -ENOMEM with @err.
 * @report is released with check_report_free() in either case.
 */
int check_module(const char *path, struct bases *bases, const struct check_options *options,
		 struct check_report *report, struct error *err);
void check_report_free(struct check_report *report);

/* "metadata", "copy", ...; "fault", ...; "current", ...: static strings. */
const char *check_class_name(enum check_class class);
const char *check_severity_name(enum check_severity severity);
const char *check_age_name(enum check_age age);

#endif
