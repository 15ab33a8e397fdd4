/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running a program to its end. No shell, and nothing of ours but the environment reaches it: its
 * standard input is /dev/null, it has no terminal, no signal is blocked, no other file is open.
 */
#ifndef MODBTF_IO_RUN_H
#define MODBTF_IO_RUN_H

#include "util/error.h"

/*
 * Runs the program at argv[0] (a path; PATH is not searched) with the arguments @argv, ended by
 * NULL, in the directory that @dir is open on (AT_FDCWD: the present one), from where argv[0]
 * counts if it is relative, and waits for it. It is killed, with what it has started, after
 * @seconds, and when a signal that is to end this process (SIGINT, SIGTERM, SIGHUP, SIGQUIT) waits
 * blocked in this thread; and if this thread ends.
 *
 * May be called by several threads at a time. Only the child of this call is waited for.
 *
 * Returns 0 if it ended with exit code 0; with @err, whose text has the first of what it printed:
 * -ECANCELED (another exit code, or killed), -ETIMEDOUT, -EINTR (such a signal waits), or the errno
 * for which it could not be started. @secret: a word to be left out of that text; NULL for none.
 */
int run_program(const char *const argv[], int dir, unsigned int seconds, const char *secret,
		struct error *err);

#endif
