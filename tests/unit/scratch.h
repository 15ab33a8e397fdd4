/* SPDX-License-Identifier: GPL-2.0-only */
/* A temporary directory for one test program, files in it, and the tools that make them. */
#ifndef MODBTF_TESTS_UNIT_SCRATCH_H
#define MODBTF_TESTS_UNIT_SCRATCH_H

#include <stdbool.h>

#include "util/bytes.h"

/* Group setup and teardown for cmocka. */
int scratch_make(void **state);
int scratch_remove(void **state);

/* Path of the file @name in the directory (in static memory, for up to eight at once). */
const char *scratch_path(const char *name);

/* Runs a shell command in the directory; the test fails if the command does. */
void scratch_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same; what it prints on stdout, in static memory until the next call. */
const char *scratch_output(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Is the program @name installed? */
bool scratch_has(const char *name);

/* Content of a file in the directory, in memory of exactly its size, to be freed. */
struct buffer scratch_read(const char *name);
void scratch_write(const char *name, struct bytes content);

/* A copy in memory of exactly its size, so that a sanitizer sees one byte too many read. */
struct buffer scratch_copy(struct bytes content);

/* The next of a fixed sequence of pseudo-random numbers; *@seed is any number. */
uint64_t scratch_random(uint64_t *seed);

#endif
