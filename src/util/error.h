/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors are values. A function that can fail takes a struct error last and returns 0 or a negative
 * errno; on failure it has filled the error in once, where the cause is known. Only src/cmd prints.
 *
 * The text reads "what is wrong: what to do" and names the place (section, offset, type id); the
 * file is put before it by whoever knows it, with error_in_file().
 */
#ifndef MODBTF_UTIL_ERROR_H
#define MODBTF_UTIL_ERROR_H

#include <errno.h>
#include <stdarg.h>

struct error {
	int code;	 /* negative errno, 0 while nothing is wrong */
	char file[1024]; /* the file at fault, "" while unknown */
	char text[1024];
};

#define ERROR_INIT        \
	{                 \
		.code = 0 \
	}

/*
 * Records an error and returns @code, so that a caller can write `return error_set(...)`.
 * @code: negative errno. @err may be NULL. An earlier content is overwritten.
 */
int error_set(struct error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));

/* The same, ending in ": " and the text of -@code, for a failed system call. */
int error_errno(struct error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));

/* The error of a failed allocation; returns -ENOMEM. */
int error_nomem(struct error *err) __attribute__((cold));

/* Puts words and ": " before the text that is there ("unit at 0x4c: ..."); returns err->code. */
int error_prefix(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), cold));

/* Names the file at fault, unless a place further down has named one already; returns err->code. */
int error_in_file(struct error *err, const char *path) __attribute__((cold));

#endif
