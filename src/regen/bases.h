/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bases of one run: each is opened, checked and indexed once, and shared by all modules and
 * threads.
 */
#ifndef MODBTF_REGEN_BASES_H
#define MODBTF_REGEN_BASES_H

#include <pthread.h>

#include "base/base.h"
#include "btf/rules.h"
#include "util/digest.h"
#include "util/strlist.h"

/* A base ready for use; read-only. */
struct target {
	char *release; /* that was asked for; "" for the base that --base names */
	struct base base;
	struct btf_index index;
	struct btf_rules rules; /* what its kernel takes */
	struct digest digest;	/* of the BTF's bytes */
	struct strlist notes;	/* candidates that were passed over */
	struct target *next;
};

struct bases {
	const char *path;    /* --base; NULL: look for it by release */
	const char *root;    /* --root, "/" by default */
	const char *running; /* release of the running kernel; NULL leaves sysfs out */
	pthread_mutex_t lock;
	struct target *targets;
};

void bases_init(struct bases *bases, const char *path, const char *root, const char *running);
void bases_free(struct bases *bases);

/*
 * The base of kernel @release (or the one base that --base names). It stays the property of @bases.
 * Returns 0, or what base_open(), base_find(), btf_index_build() return, with @err.
 */
int bases_get(struct bases *bases, const char *release, const struct target **target,
	      struct error *err);

#endif
