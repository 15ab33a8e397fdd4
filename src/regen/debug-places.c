// SPDX-License-Identifier: GPL-2.0-only
#include "regen/debug-places.h"

#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum rank { RANK_DEBUG, RANK_MODULE, RANK_OBJECT, RANK_NONE };

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && !strcmp(name + len - n, suffix);
}

/* What sort of file it is by its name, and how much of that is the module's. */
static enum rank rank_of(const char *name, size_t *len)
{
	static const char *const packings[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };
	const char *ko = strstr(name, ".ko");

	if (ends_with(name, ".debug")) {
		*len = ko && (ko[3] == '.' || ko[3] == '-') ? (size_t)(ko - name) :
							      strlen(name) - strlen(".debug");
		return RANK_DEBUG;
	}
	for (size_t i = 0; i < sizeof(packings) / sizeof(*packings); i++) {
		*len = strlen(name) - strlen(packings[i]);
		if (ends_with(name, packings[i]))
			return RANK_MODULE;
	}
	*len = strlen(name) - 2;
	return ends_with(name, ".o") ? RANK_OBJECT : RANK_NONE;
}

static int add_entry(struct debug_place *place, const char *name, const char *path)
{
	struct debug_entry entry;
	size_t len;

	/* Kbuild's .tmp_*.o, and the unfinished of others. */
	if (name[0] == '.')
		return 0;
	entry.rank = rank_of(name, &len);
	if (entry.rank == RANK_NONE)
		return 0;
	entry.module = strndup(name, len);
	entry.path = strdup(path);
	if (!entry.module || !entry.path || !vec_push(&place->entries, entry)) {
		free(entry.module);
		free(entry.path);
		return -ENOMEM;
	}
	for (char *p = entry.module; *p; p++)
		if (*p == '-')
			*p = '_';
	return 0;
}

static int compare_entries(const void *a, const void *b)
{
	const struct debug_entry *x = a, *y = b;
	int order = strcmp(x->module, y->module);

	if (!order)
		order = (x->rank > y->rank) - (x->rank < y->rank);
	return order ? order : strcmp(x->path, y->path);
}

static int walk(struct debug_place *place, struct error *err)
{
	char *const start[] = { (char *)place->path, NULL };
	FTSENT *entry;
	int ret = 0;
	FTS *fts;

	fts = fts_open(start, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	if (!fts)
		return error_errno(err, -errno, "cannot read it");
	while (!ret && (errno = 0, entry = fts_read(fts))) {
		switch (entry->fts_info) {
		case FTS_D:
			/* Files in it are called by their build id, and found by that. */
			if (!strcmp(entry->fts_name, ".build-id"))
				fts_set(fts, entry, FTS_SKIP);
			break;
		case FTS_DNR:
		case FTS_ERR:
			if (entry->fts_level == FTS_ROOTLEVEL)
				ret = error_errno(err, -entry->fts_errno, "cannot read it");
			break;
		case FTS_F:
		case FTS_SL:
		case FTS_NSOK:
			if (add_entry(place, entry->fts_name, entry->fts_path))
				ret = error_nomem(err);
			break;
		default:
			break;
		}
	}
	if (!ret && errno)
		ret = error_errno(err, -errno, "cannot read it");
	fts_close(fts);
	if (place->entries.nr)
		qsort(place->entries.at, place->entries.nr, sizeof(*place->entries.at),
		      compare_entries);
	return ret;
}

static void free_entries(struct debug_place *place)
{
	for (uint32_t i = 0; i < place->entries.nr; i++) {
		free(place->entries.at[i].module);
		free(place->entries.at[i].path);
	}
	vec_free(&place->entries);
}

int debug_places_init(struct debug_places *places, const char *const *paths, size_t nr,
		      struct error *err)
{
	*places = (struct debug_places){ .lock = PTHREAD_MUTEX_INITIALIZER };
	places->at = calloc(nr ? nr : 1, sizeof(*places->at));
	if (!places->at)
		return error_nomem(err);
	for (size_t i = 0; i < nr; i++) {
		struct stat st;

		if (stat(paths[i], &st)) {
			error_errno(err, -errno, "cannot be used for --debug");
			debug_places_free(places);
			return error_in_file(err, paths[i]);
		}
		places->at[i].path = paths[i];
		places->at[i].is_directory = S_ISDIR(st.st_mode);
		places->nr++;
	}
	return 0;
}

void debug_places_free(struct debug_places *places)
{
	for (size_t i = 0; i < places->nr; i++)
		free_entries(&places->at[i]);
	free(places->at);
	places->at = NULL;
	places->nr = 0;
}

static int list(struct debug_places *places, struct debug_place *place, struct error *err)
{
	int ret = 0;

	pthread_mutex_lock(&places->lock);
	if (!place->listed) {
		ret = walk(place, err);
		if (ret) {
			free_entries(place);
			error_in_file(err, place->path);
		}
		place->listed = !ret;
	}
	pthread_mutex_unlock(&places->lock);
	return ret;
}

int debug_places_find(struct debug_places *places, struct debug_place *place, const char *name,
		      const struct debug_entry **first, size_t *nr, struct error *err)
{
	const debug_entries_t *entries = &place->entries;
	uint32_t low = 0, high;
	int ret = list(places, place, err);

	*nr = 0;
	*first = NULL;
	if (ret || !entries->nr)
		return ret;
	for (high = entries->nr; low < high;) {
		uint32_t mid = low + (high - low) / 2;

		if (strcmp(entries->at[mid].module, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*first = entries->at + low;
	while (low + *nr < entries->nr && !strcmp(entries->at[low + *nr].module, name))
		++*nr;
	return 0;
}
