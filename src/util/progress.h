/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A progress bar in the last line of a terminal:
 *
 *	[#########...........]  45/100 foo.ko
 *
 * Other output goes between progress_clear() and the next progress_show().
 */
#ifndef MODBTF_UTIL_PROGRESS_H
#define MODBTF_UTIL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	FILE *out;	 /* borrowed; NULL: nothing is shown */
	bool shown;	 /* the bar stands in the line */
	int64_t next_ms; /* it is not drawn again before that */
};

/* @out: shown there if it is a terminal that can go back in a line, else nowhere. */
void progress_init(struct progress *p, FILE *out);

/* Draws the bar: @done of @total, and the file at @path. No more often than the eye can follow. */
void progress_show(struct progress *p, size_t done, size_t total, const char *path);

/* Takes the bar off the line, if there is one. */
void progress_clear(struct progress *p);

/*
 * The text of a bar that is less than @width columns wide, in @text of @size bytes. The name is the
 * last part of @path, in plain ASCII, cut off where the room ends; where there is none for a bar, only
 * the figures are left, and nothing where these have none.
 */
void progress_format(char *text, size_t size, size_t width, size_t done, size_t total,
		     const char *path);

#endif
