/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A new file before it takes its place in the directory.
 *
 * It has no name (O_TMPFILE) while it is filled, where the file system can do that, and vanishes
 * with the process. The name that it gets for the moment of the exchange is made of the name of its
 * target, so whoever replaces that target next finds what a killed process has left; and as long as
 * its process lives the file is locked, so that nobody takes it for left.
 */
#ifndef MODBTF_IO_STAGED_H
#define MODBTF_IO_STAGED_H

#include <stdbool.h>
#include <sys/types.h>

#include "io/temp-name.h"

struct staged {
	int dir;	    /* not its own */
	const char *target; /* name of the file that it is to become, not its own */
	int fd;
	char name[TEMP_NAME_SIZE]; /* "" while it has none */
};

/*
 * Creates an empty file in @dir, open for reading and writing, with @mode less the umask.
 * @named: with a name from the start. Both strings and @dir stay the caller's. Returns 0 or a
 * negative errno (with !@named also where there are no unnamed files); then nothing is held.
 */
int staged_create(struct staged *s, int dir, const char *target, mode_t mode, bool named);

/*
 * Gives the unnamed file its passing name. Returns 0 or a negative errno: -ENOENT where files
 * cannot be linked by descriptor (no privilege, no /proc).
 */
int staged_name(struct staged *s);

/* The same, but with the name @name: -EEXIST if there is such a file. s->name stays empty. */
int staged_name_as(const struct staged *s, const char *name);

/* Removes what has the passing name, the file or what it has changed places with. */
void staged_unname(struct staged *s);

/* The same, and closes the file. */
void staged_discard(struct staged *s);

/*
 * Removes what a process has left in @dir that was killed while it was replacing @target. Best
 * effort: what cannot be removed is left.
 */
void staged_clean(int dir, const char *target);

#endif
