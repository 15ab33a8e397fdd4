/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files and directories that --debug names, one list for all modules of a run. A directory is
 * walked once, when the first module has to be looked for in it.
 */
#ifndef MODBTF_REGEN_DEBUG_PLACES_H
#define MODBTF_REGEN_DEBUG_PLACES_H

#include <pthread.h>
#include <stdbool.h>

#include "util/error.h"
#include "util/vec.h"

/* A file in a directory, by the name of the module that it seems to be of. */
struct debug_entry {
	char *module; /* '-' turned into '_' */
	char *path;
	int rank; /* the lower is tried first */
};

typedef VEC(struct debug_entry) debug_entries_t;

struct debug_place {
	const char *path; /* as given */
	bool is_directory;
	bool listed;
	debug_entries_t entries; /* sorted by module, rank and path */
};

struct debug_places {
	struct debug_place *at;
	size_t nr;
	pthread_mutex_t lock;
};

/*
 * Takes @paths, which stay the caller's and must outlive @places. Returns 0, -ENOMEM, or what stat()
 * failed with, with @err; then nothing is held. @nr may be 0.
 */
int debug_places_init(struct debug_places *places, const char *const *paths, size_t nr,
		      struct error *err);
void debug_places_free(struct debug_places *places);

/*
 * The files below directory @place of @places that can be of module @name: NAME.ko.debug, NAME.debug
 * (also NAME.ko-VERSION.debug of RPM packages), then NAME.ko in any packing, then NAME.o. They stay
 * the property of @places. Symlinks to directories are not followed, those to files are. Directories
 * in it that cannot be read are left out. Returns 0, -ENOMEM, or what opening the directory failed
 * with, with @err. Threads may call it at the same time.
 */
int debug_places_find(struct debug_places *places, struct debug_place *place, const char *name,
		      const struct debug_entry **first, size_t *nr, struct error *err);

#endif
