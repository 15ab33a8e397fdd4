/* SPDX-License-Identifier: GPL-2.0-only */
/* A list of strings that it owns, in the order of their adding. */
#ifndef MODBTF_UTIL_STRLIST_H
#define MODBTF_UTIL_STRLIST_H

#include <stddef.h>

struct strlist {
	char **items;
	size_t nr;
	size_t room;
};

/* Adds a formatted line. Returns 0 or -ENOMEM. @list may be NULL (then nothing is kept). */
int strlist_add(struct strlist *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strlist_free(struct strlist *list);

#endif
