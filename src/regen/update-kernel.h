/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernels of one update: is there a base for each, which one, and what does it understand? */
#ifndef MODBTF_REGEN_UPDATE_KERNEL_H
#define MODBTF_REGEN_UPDATE_KERNEL_H

#include <pthread.h>

#include "base/store.h"
#include "regen/bases.h"
#include "regen/known-base.h"

enum kernel_state {
	KERNEL_READY,	    /* its base is known */
	KERNEL_GONE,	    /* nothing of it is left but a directory with modules from elsewhere */
	KERNEL_WITHOUT_BTF, /* it is there, and has no BTF */
	KERNEL_FAILED,	    /* its base cannot be had: see ret and err */
};

struct kernel {
	char *release;
	char *directory; /* of its modules, a path without symlinks; NULL: it has none */
	/* What follows is filled in by kernel_set_ask(). */
	enum kernel_state state;
	struct known_base base;
	int ret;
	struct error err;

	/* private */
	pthread_mutex_t lock;
	bool asked, placed, has_base, kept;
	struct kernel *next;
};

struct kernel_set {
	struct bases *bases; /* borrowed; with a path, that is the base of all kernels */
	pthread_mutex_t lock;
	struct kernel *first;
};

void kernel_set_init(struct kernel_set *kernels, struct bases *bases);
void kernel_set_free(struct kernel_set *kernels);

/*
 * The kernel @release, which need not be there. It stays the property of @kernels. Returns 0; -ENOMEM,
 * or what looking for its directory failed with, with @err.
 */
int kernel_set_get(struct kernel_set *kernels, const char *release, struct kernel **kernel,
		   struct error *err);

/* Is there a file that may be its base? Nothing is opened. */
bool kernel_set_has_base(struct kernel_set *kernels, struct kernel *kernel);

/*
 * Finds out what its base is, once: out of what is known of that file, else by opening it. Returns 0,
 * whatever has become of it (kernel->state), or -ENOMEM with @err. Any thread may ask.
 */
int kernel_set_ask(struct kernel_set *kernels, struct kernel *kernel, struct error *err);

/*
 * Sees to it, once, that the base of a kernel that is ready is in @store, for a module that needs it
 * later. It is opened only if it is not there. Returns 0; what opening it or store_put() failed with,
 * with @err (file named); 0 behind that.
 */
int kernel_set_keep_base(struct kernel_set *kernels, struct kernel *kernel, struct store *store,
			 struct error *err);

#endif
