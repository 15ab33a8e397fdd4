/* SPDX-License-Identifier: GPL-2.0-only */
/* Which bases the installed modules need of the base store (base/store.h). */
#ifndef MODBTF_REGEN_NEEDS_H
#define MODBTF_REGEN_NEEDS_H

#include "util/digest.h"
#include "util/error.h"
#include "util/strlist.h"
#include "util/vec.h"

struct need {
	struct digest digest;
	uint32_t nr; /* modules whose plain split BTF was made on it, by their notes */
};

struct needs {
	VEC(struct need) at;
	struct strlist unknown; /* "PATH: why": modules that could not be read */
};

/*
 * Looks through the modules of all kernels that are installed under @root, also those that came with
 * them: these may have been named to update. What has several names is counted once; links to nothing
 * are passed over. Returns 0; -ENOMEM, or what listing them failed with, with @err. @needs is
 * released with needs_free() in either case.
 */
int needs_read(struct needs *needs, const char *root, struct error *err);
void needs_free(struct needs *needs);

/* How many modules need the base with @digest, as far as is known. */
uint32_t needs_count(const struct needs *needs, const struct digest *digest);

#endif
