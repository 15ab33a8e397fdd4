// SPDX-License-Identifier: GPL-2.0-only
#include "util/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for @more characters and the NUL. */
static bool grow(struct strbuf *buf, size_t more)
{
	size_t room = buf->room ? buf->room : 64;
	char *text;

	if (buf->nomem)
		return false;
	if (more < buf->room - buf->len)
		return true;
	while (room - buf->len <= more)
		room *= 2;
	text = realloc(buf->text, room);
	if (!text) {
		buf->nomem = true;
		return false;
	}
	buf->text = text;
	buf->room = room;
	return true;
}

static void add(struct strbuf *buf, const char *text, size_t len)
{
	if (!grow(buf, len))
		return;
	memcpy(buf->text + buf->len, text, len);
	buf->len += len;
	buf->text[buf->len] = '\0';
}

void strbuf_puts(struct strbuf *buf, const char *text)
{
	add(buf, text, strlen(text));
}

void strbuf_putc(struct strbuf *buf, char c)
{
	add(buf, &c, 1);
}

void strbuf_printf(struct strbuf *buf, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0 || !grow(buf, (size_t)len))
		return;
	va_start(ap, fmt);
	vsnprintf(buf->text + buf->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)len;
}

void strbuf_trim(struct strbuf *buf)
{
	while (buf->len && buf->text[buf->len - 1] == ' ')
		buf->text[--buf->len] = '\0';
}

char *strbuf_take(struct strbuf *buf)
{
	char *text;

	if (!buf->text)
		strbuf_puts(buf, "");
	text = buf->text;
	if (buf->nomem) {
		free(text);
		text = NULL;
	}
	*buf = (struct strbuf){ .text = NULL };
	return text;
}

void strbuf_free(struct strbuf *buf)
{
	free(buf->text);
	*buf = (struct strbuf){ .text = NULL };
}
