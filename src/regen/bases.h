/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bases of one run: each is opened, checked and indexed once, and shared by all modules and
 * threads.
 */
#ifndef MODBTF_REGEN_BASES_H
#define MODBTF_REGEN_BASES_H

#include <pthread.h>

#include "base/base.h"
#include "base/search.h"
#include "btf/caps.h"
#include "regen/index-cache.h"
#include "regen/jobs.h"
#include "util/strlist.h"

struct indexing;

/* A base; read-only. */
struct target {
	struct bases *bases;   /* that it is one of */
	char *release;	       /* that was asked for; "" for the base that --base names; or */
	struct digest *wanted; /* the digest that was asked for, NULL: it was the release */
	struct base base;
	struct btf_index index;
	struct btf_caps caps;	   /* what the kernel understands */
	struct digest digest;	   /* of the BTF's bytes */
	struct kept_index kept;	   /* where the index came from, if it was not made */
	struct indexing *indexing; /* the work on it, if it is */
	struct strlist notes;	   /* candidates that were passed over */
	bool keep;		   /* an index that had to be made */
	int ret;		   /* of opening it; what follows if that failed */
	struct error err;
	struct target *next;
};

struct bases {
	const char *path;    /* --base; NULL: look for it by release */
	const char *root;    /* --root, "/" by default */
	const char *running; /* release of the running kernel; NULL leaves sysfs out */
	struct jobs *jobs;   /* that give one for making an index meanwhile; NULL: any time */
	bool keep;	     /* keep indices for other runs; true by default */
	unsigned int flags;  /* of base_find_as(); 0 by default */
	pthread_mutex_t lock;
	struct target *targets;
	struct base_search search;
};

void bases_init(struct bases *bases, const char *path, const char *root, const char *running);
void bases_free(struct bases *bases);

/*
 * The base of kernel @release (or the one base that --base names), ready for use. It stays the
 * property of @bases. Returns 0, or what base_open(), base_find(), btf_index_build() return, with
 * @err.
 */
int bases_get(struct bases *bases, const char *release, const struct target **target,
	      struct error *err);

/*
 * The base with @digest, ready for use: one that is open already, or else what base_find_digest()
 * finds under the root, whatever --base names; @like is as there. Its notes are of that search.
 * Returns 0, or what base_find_digest() and btf_index_build() return, with @err.
 */
int bases_get_digest(struct bases *bases, const struct digest *digest, const char *like,
		     const struct target **target, struct error *err);

/*
 * As bases_get() while work on it goes on in the background: the strings of its index can be looked up,
 * its classes, caps and the digest are there after target_wait(), whose returns are those of
 * btf_index_types().
 */
int bases_begin(struct bases *bases, const char *release, const struct target **target,
		struct error *err);
int target_wait(const struct target *target, struct error *err);

/*
 * Have all bases that are open stayed what they were while they were read? Returns 0, or what
 * file_map_check() does, with @err (file named).
 */
int bases_check(struct bases *bases, struct error *err);

/*
 * Gives back the memory of pages that were only looked at in opening the base. What is needed comes
 * back when it is touched.
 */
void target_drop_pages(const struct target *target);

#endif
