/* SPDX-License-Identifier: GPL-2.0-only */
/* The base with a digest, wherever it can still be had. */
#ifndef MODBTF_BASE_SEARCH_H
#define MODBTF_BASE_SEARCH_H

#include "base/base.h"
#include "util/digest.h"
#include "util/strlist.h"
#include "util/vec.h"

/* A base that was opened, and was not the one. */
struct base_seen {
	struct digest digest;
	uint32_t kernel;
};

/*
 * What searches under one root have found out: an image is not unpacked again for the next digest.
 * Zeroed at first.
 */
struct base_search {
	struct strlist kernels; /* releases, once they have been listed */
	bool listed;
	VEC(bool) done; /* for each of them: all that it has was seen */
	VEC(struct base_seen) seen;
};

void base_search_free(struct base_search *search);

/*
 * Finds and opens the base with @digest: in the base store under @root, then among all that the
 * kernels installed there have (base_find_installed()), first those whose release is most like
 * @like. @running: as in base_find(). Entries of the store that are no good add a line "PATH: why"
 * to @notes (may be NULL).
 *
 * Returns 0; -ENOENT where none has it (@err tells why the store's does not serve); -ENOMEM; with
 * @err.
 */
int base_find_digest(struct base *base, const struct digest *digest, const char *like,
		     const char *root, const char *running, struct base_search *search,
		     const struct btf_opener *opener, struct strlist *notes, struct error *err);

#endif
