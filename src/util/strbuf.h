/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A growing string. A zeroed one is empty. Running out of memory is remembered, not reported by
 * each call: what is written afterwards is lost, and strbuf_take() says so.
 */
#ifndef MODBTF_UTIL_STRBUF_H
#define MODBTF_UTIL_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *text; /* terminated; NULL while nothing has been written */
	size_t len;
	size_t room;
	bool nomem;
};

void strbuf_puts(struct strbuf *buf, const char *text);
void strbuf_putc(struct strbuf *buf, char c);
void strbuf_printf(struct strbuf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Takes back spaces from its end. */
void strbuf_trim(struct strbuf *buf);

/* The string, which is the caller's to free; @buf is empty then. NULL when out of memory. */
char *strbuf_take(struct strbuf *buf);
void strbuf_free(struct strbuf *buf);

#endif
