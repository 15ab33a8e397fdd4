/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The base store: bases that plain split BTF was made on are kept, so that a module without debug
 * information can be moved to another base when its kernel is gone.
 *
 * It is the directory STORE_DIR under the root, with a file for each base and release,
 *
 *	DIGEST.RELEASE.btf.zst		(DIGEST.btf.zst where the release is not known)
 *
 * the raw BTF in one zstd frame. The name tells all that is known of an entry, and its content is
 * checked against the digest in it whenever it is read: one that is damaged or goes by a wrong name
 * is never used. Two releases may share a digest, and one may have had several.
 *
 * Writers hold a shared lock on it (struct store) until the modules that need what they put are
 * written; who removes entries holds it alone.
 */
#ifndef MODBTF_BASE_STORE_H
#define MODBTF_BASE_STORE_H

#include <pthread.h>
#include <time.h>

#include "base/base.h"
#include "util/digest.h"
#include "util/strlist.h"
#include "util/vec.h"

#define STORE_DIR "var/lib/modbtf/bases"

struct store_entry {
	struct digest digest;
	char release[RELEASE_SIZE]; /* "" where it is not known */
	char *path;
	const char *root;     /* that store_list() was given; NULL or "/" */
	uint64_t size;	      /* bytes of the file */
	struct timespec when; /* it was put there */
};

struct store_entries {
	struct store_entry *at;
	uint32_t nr, room;
};

/*
 * The entries of the store under @root, by release; what else is there is left out. No content is
 * looked at. Returns 0, also where there is no store; -ENOMEM, or what reading the directory failed
 * with, with @err. @entries is released with store_entries_free() in either case.
 */
int store_list(const char *root, struct store_entries *entries, struct error *err);
void store_entries_free(struct store_entries *entries);

/*
 * Opens the base that @entry holds. Returns 0; -EINVAL: its content is damaged, or another than its
 * name says; others as base_open(); with @err (file named).
 */
int store_entry_open(struct base *base, const struct store_entry *entry,
		     const struct btf_opener *opener, struct error *err);

/* Is the content of @entry what its name says? False with @err if it is not, or not readable. */
bool store_entry_check(const struct store_entry *entry, struct error *err);

/*
 * Opens the base with @digest, or the one of @release that was put last, out of the store under
 * @root. Entries that are no good add a line "PATH: why" to @notes (may be NULL), and so do, for a
 * release, older bases.
 * Return 0; -ENOENT: there is none; -ENOMEM; what store_list() returns; with @err.
 */
int store_find(struct base *base, const char *root, const struct digest *digest,
	       const struct btf_opener *opener, struct strlist *notes, struct error *err);
int store_find_release(struct base *base, const char *root, const char *release,
		       const struct btf_opener *opener, struct strlist *notes, struct error *err);

/*
 * Is there a good entry for @digest under @root? Returns true also where the store cannot be listed:
 * putting would fail as well.
 */
bool store_has(const char *root, const struct digest *digest);

/* The store of one run that writes to it; shared by threads. */
struct store {
	const char *root;
	pthread_mutex_t mutex;
	char *directory;	  /* NULL until it is there */
	int lock;		  /* -1: not held */
	unsigned int patience_ms; /* how long to wait for it */
	struct strlist done;
};

void store_init(struct store *store, const char *root);
/* Releases the lock. */
void store_close(struct store *store);

/*
 * Sees to it that the base @raw with @digest is in the store as one of @release ("": not known), and
 * makes the store if need be. A good entry stays as it is, a damaged one is replaced. Each base is
 * looked at once; what follows is 0, whatever came of that. The caller writes the module that needs
 * it afterwards, and closes @store behind that.
 *
 * Returns 0; -EBUSY: entries are being removed; -ENOMEM; what making the directory, or writing the
 * file (io/replace.h) failed with; with @err (file named).
 */
int store_put(struct store *store, const struct digest *digest, const char *release,
	      struct bytes raw, struct error *err);

/*
 * Locks out all who put, for one who removes. Returns 0; -ENOENT: there is no store; -EBUSY: somebody
 * is putting; another errno; with @err.
 */
int store_lock_out(struct store *store, struct error *err);

/* Adds the paths of temporaries that a killed writer left, to be looked at under store_lock_out(). */
int store_list_stale(const char *root, struct strlist *paths, struct error *err);

#endif
