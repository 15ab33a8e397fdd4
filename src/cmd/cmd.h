/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Subcommands. Each is one file, and one struct command in the table of main.c. Only this room
 * prints.
 */
#ifndef MODBTF_CMD_CMD_H
#define MODBTF_CMD_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/config.h"
#include "regen/base-section.h"
#include "regen/jobs.h"
#include "regen/shard.h"
#include "regen/sign-plan.h"
#include "util/error.h"
#include "util/strlist.h"

/* Exit codes. */
enum {
	EXIT_WELL = 0,
	EXIT_FAULT = 1, /* something failed */
	EXIT_USAGE = 2, /* called wrongly */
	/* of diff, as diff(1) has them */
	EXIT_DIFFERENT = 1,
	EXIT_TROUBLE = 2,
};

/* Options that a command takes. */
enum option_flag {
	OPT_BASE = 1 << 0,
	OPT_RELEASE = 1 << 1,
	OPT_OUT = 1 << 2,
	OPT_JOBS = 1 << 3,
	OPT_DRY_RUN = 1 << 4,
	OPT_JSON = 1 << 5,
	OPT_ROOT = 1 << 6,
	OPT_UNSIGNED = 1 << 7,
	OPT_FORCE = 1 << 8,
	OPT_DUMP = 1 << 9,
	OPT_OLD_BASE = 1 << 10,
	OPT_STRICT = 1 << 11,
	OPT_BASE_SECTION = 1 << 12,
	OPT_STORE = 1 << 13,  /* --list, --prune */
	OPT_SIGN = 1 << 14,   /* all about signing but --unsigned */
	OPT_CONFIG = 1 << 15, /* it has a value that the configuration file may give */
	OPT_DEBUG = 1 << 16,
	OPT_SHARD = 1 << 17,
	OPT_RELEASES = 1 << 24, /* -k, any number of times */
};

/* As often as an option can be given. */
#define MAX_DEBUG 64

struct options {
	const char *base;
	const char *old_base;
	const char *release;
	const char **releases; /* each -k, for commands that take several; free_options() */
	size_t nr_releases;
	const char *out;
	const char *root;
	const char *debug[MAX_DEBUG];
	unsigned int nr_debug;
	const char *dump;	  /* "raw" or "c" */
	const char *base_section; /* "auto", "always" or "never" */
	const char *sign;	  /* "auto" or "always" */
	const char *sign_file;
	const char *sign_key;
	const char *sign_cert;
	const char *sign_hash;
	const char *config; /* file of this name; NULL: the usual one; "": none */
	struct config conf; /* what is in it, to which other fields may point */
	unsigned int jobs;  /* 0: not said */
	uint64_t memory;    /* bytes, 0: not said */
	struct shard shard;
	bool list;
	bool prune;
	bool dry_run;
	bool json;
	bool allow_unsigned;
	bool force;
	bool strict;
	bool quiet;
	bool verbose;
	char *const *files;
	int nr_files;
};

struct command {
	const char *name;
	const char *arguments; /* of the usage line */
	const char *summary;
	uint32_t options; /* enum option_flag; -q, -v and -h are always taken */
	int min_files;
	int max_files; /* -1: any number */
	int failure;   /* exit code where something failed; 0: EXIT_FAULT */
	int (*run)(const struct options *options);
};

extern const struct command cmd_generate;
extern const struct command cmd_update;
extern const struct command cmd_check;
extern const struct command cmd_show;
extern const struct command cmd_diff;
extern const struct command cmd_base;

/* 'base --list' and 'base --prune': what is in the base store, and taking out what nobody needs. */
int list_store(const struct options *options);
int prune_store(const struct options *options);

/*
 * Parses the arguments behind the command's name (@argv[0] is the name itself). Returns -1 to go
 * on, or the exit code: help was asked for, or the call or the configuration file is wrong and this
 * has been said. What the file says counts where no option does.
 */
int parse_options(const struct command *command, int argc, char **argv, struct options *options);

/* Releases what parse_options() has read, whatever it returned. */
void free_options(struct options *options);

/* As many jobs as the options say; else one a processor, or those of the make that this runs under. */
void init_jobs(struct jobs *jobs, const struct options *options);

/* What the options say of signing. */
struct sign_options sign_options(const struct options *options);

/* Prints the usage of one command. */
void print_usage(const struct command *command);

/* What --base-section says. */
enum base_section chosen_base_section(const struct options *options);

/*
 * Is the base to be kept that modules are made on? Not for a build system, which names it, nor for who
 * could not write there anyway.
 */
bool keeps_base(const struct options *options);

/* "modbtf: FILE: what is wrong: what to do" on stderr. */
void complain(const struct error *err);

/* "modbtf: FILE: warning: what" on stderr, for each line. */
void print_warnings(const char *file, const struct strlist *warnings);

/* The release of the running kernel, as uname tells it. Static. */
const char *running_release(void);

#endif
