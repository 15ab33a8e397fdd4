/* SPDX-License-Identifier: GPL-2.0-only */
/* Printing what others have named: a file may be called anything. */
#ifndef MODBTF_CMD_SAY_H
#define MODBTF_CMD_SAY_H

#include <stdio.h>

/*
 * Prints one line. Control characters in it are shown as \n, \t or \xNN, but for the newline that
 * ends it: so nothing in a path makes a second line, or is obeyed by a terminal. What is not ASCII
 * stays, except the control characters of ISO 8859 in UTF-8 (U+0080 to U+009F).
 */
void say(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
