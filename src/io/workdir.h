/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A private directory for files that another program is to work on. It is removed with all that is
 * in it; what a killed process has left behind, the next one in the same place removes.
 */
#ifndef MODBTF_IO_WORKDIR_H
#define MODBTF_IO_WORKDIR_H

#include <signal.h>

#include "util/error.h"

struct workdir {
	char *path; /* absolute if its parent was given so */
	int fd;	    /* locked as long as it is in use */
	sigset_t before;
};

/*
 * Makes a directory, for its owner alone, in the directory @parent. SIGINT, SIGTERM, SIGHUP,
 * SIGQUIT and SIGXFSZ are blocked in the calling thread until workdir_remove(). Returns 0, or a
 * negative errno with @err, and nothing is held.
 */
int workdir_make(struct workdir *w, const char *parent, struct error *err);

/* Removes it and the files in it. */
void workdir_remove(struct workdir *w);

#endif
