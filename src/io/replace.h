/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replacing a file as a whole: at every instant, crash and power loss included, the path holds the
 * whole old content or the whole new one.
 *
 * The order is: replace_begin() (resolves symlinks, takes the lock), then read the file, make the
 * new content, replace_commit(), replace_end(). Reading after the lock is what makes two programs
 * that change one file do so one after the other.
 *
 * The new content goes to an unnamed file (O_TMPFILE) in the same directory, which vanishes with
 * the process whatever ends it, and gets a name only for a few system calls: it is linked, changes
 * places with the old file, which is looked at once more and removed. Where the file system has no
 * unnamed files, it is named from the start. As long as it has one, no signal ends the program
 * (signals_hold()). What SIGKILL leaves under that name (.modbtf-...), or of signing (io/workdir.h),
 * the next replace_begin() of the same file removes, or replace_clean().
 *
 * A file that another program changes after replace_begin(), by renaming or in place, is seen up to
 * the last moment and stays as that program left it. (Where files cannot be exchanged, as on NFS, a
 * moment remains between the last look and the renaming. Nobody can see a writer that has opened
 * the old file before, and writes to it after it was replaced.)
 */
#ifndef MODBTF_IO_REPLACE_H
#define MODBTF_IO_REPLACE_H

#include <sys/stat.h>

#include "io/ahead.h"
#include "io/piece.h"

struct replacement {
	char *path;   /* as given */
	char *target; /* behind all symlinks */
	char *name;   /* last part of target */
	int dir;      /* the directory that holds it */
	int old;      /* the present file, locked; -1 if there is none */
	bool stream;  /* a pipe or device, which is written to, never replaced */
	bool cache;   /* of replace_begin_cache() */
	/* of the present file; st_nlink > 1: other names will keep the old content */
	struct stat st;
	struct ahead ahead; /* of replace_ahead() */
	int ahead_fd;	    /* an unnamed file; -1 if there is none */
};

/*
 * Gets ready to replace the file at @path, or to create it. Symlinks are followed: what they lead
 * to is replaced, they stay. Waits up to 10 seconds for another process that is replacing the same
 * file. Returns 0, or a negative errno with @err (err->file set): -EBUSY locked by another process,
 * -EISDIR, -ENOENT no such directory, -EACCES, ... On failure nothing is held.
 */
int replace_begin(struct replacement *r, const char *path, struct error *err);

/*
 * The same for the file @name, a single name, in the directory @dir, which stays the caller's. The
 * file only saves work: nobody waits for its lock (-EBUSY at once), nothing is synced to disk, it
 * gets mode 0644 and nothing of the old file's, and symlinks are not followed.
 */
int replace_begin_cache(struct replacement *r, int dir, const char *name, struct error *err);

/*
 * Removes what a killed process has left beside the file at @path, for one who finds that there is
 * nothing to replace. Best effort.
 */
void replace_clean(const char *path);

/*
 * Tells that the first @size bytes of the new content will be, nearly all, those of @file, which
 * stays open until replace_commit() or replace_end(): they are copied meanwhile. A hint, which costs
 * the copy if it does not come true; it is not taken for small files, nor where the directory's
 * file system has no unnamed files.
 */
void replace_ahead(struct replacement *r, const struct file_map *file, uint64_t size);

/*
 * Makes the @nr pieces the content of the file, durably. Owner, mode and extended attributes (ACL,
 * SELinux label) of the old file are kept as far as the process may set them; security.ima and
 * security.evm are not, being about the old content. A file that is new gets mode 0666 less the
 * umask. Room on disk is reserved first, where the file system can. *changed: false if the file holds them already; then nothing is written and its times
 * stay. Returns 0, or a negative errno with @err (err->file set); then the old file is intact and
 * no temporary is left, unless the message says that the file was replaced. -EBUSY: the file
 * changed after replace_begin().
 */
int replace_commit(struct replacement *r, const struct piece *pieces, size_t nr, bool *changed,
		   struct error *err);

/* Releases the lock and all else. */
void replace_end(struct replacement *r);

#endif
