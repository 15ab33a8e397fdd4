/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The modules of one update. weak-modules (RHEL, SUSE) and others link one file under several
 * kernels: each file is one module here, whatever its names.
 */
#ifndef MODBTF_REGEN_UPDATE_FIND_H
#define MODBTF_REGEN_UPDATE_FIND_H

#include "regen/update-kernel.h"
#include "util/strlist.h"
#include "util/vec.h"

/* A module that has been found. */
struct candidate {
	char *path; /* of the file itself, behind all links; or of the link that is no good */
	char *name; /* how to open it, and to call it: the path, or the name that it was given */
	struct kernel *home; /* in whose directory the file lies; NULL: in none */
	bool weak;  /* by a link, or by its place, it is for kernels that it was not built for */
	bool named; /* by the caller */
	VEC(struct kernel *)
	users;	       /* under which it was found, the home among them, oldest first */
	char *trouble; /* why it cannot be touched; NULL: nothing speaks against it */
};

struct candidates {
	VEC(struct candidate) at; /* sorted by path */
};

/*
 * Finds the modules from outside the kernel tree that are installed under the root of @kernels, and
 * those at @paths, which are taken wherever they are.
 *
 * Without @paths: those that are found under one of @releases, or under any kernel if @nr_releases is
 * 0. With them, only they. What other kernels link is known in each case.
 *
 * Returns 0; -ENOENT: no modules directory for one of @releases; -ENOMEM, or what reading a directory
 * failed with; with @err. @found is released with candidates_free() in either case.
 */
int candidates_find(struct kernel_set *kernels, const char *const *releases, size_t nr_releases,
		    const char *const *paths, size_t nr_paths, struct candidates *found,
		    struct error *err);
void candidates_free(struct candidates *found);

#endif
