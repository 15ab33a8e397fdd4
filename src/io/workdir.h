/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A private directory, beside a file that is being replaced, for what another program is to work on.
 * It is removed with all that is in it. What a killed process has left behind, whoever replaces the
 * same file next removes (io/temp-name.h); as long as its process lives it is locked. Who owns the
 * directory around it can rename it at any time: so it is used by its descriptor only.
 */
#ifndef MODBTF_IO_WORKDIR_H
#define MODBTF_IO_WORKDIR_H

#include <signal.h>

#include "util/error.h"

/* What is to be worked on should be called this; no ".ko", for depmod walks everything. */
#define WORKDIR_FILE "module"

struct workdir {
	char *path; /* absolute if its parent was given so; for messages, it may have been renamed */
	const char *name; /* last part of path */
	int parent;	  /* the directory that holds it */
	int fd;		  /* locked as long as it is in use */
	sigset_t before;
};

/*
 * Makes a directory, for its owner alone, in the directory @parent, for what the file @target in there
 * shall become. No signal ends the program (signals_hold()) until
 * workdir_remove(). Returns 0, or a negative errno with @err, and nothing is held.
 */
int workdir_make(struct workdir *w, const char *parent, const char *target, struct error *err);

/* Removes the files in it, and it, unless something else is in its place by now. */
void workdir_remove(struct workdir *w);

/*
 * Removes what a process has left in the directory @parent that was killed while it worked on @target.
 * Best effort, as staged_clean().
 */
void workdir_clean(int parent, const char *target);

#endif
