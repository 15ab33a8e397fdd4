// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_control(unsigned char ch, unsigned char next)
{
	return ch < 0x20 || ch == 0x7f || (ch == 0xc2 && next >= 0x80 && next <= 0x9f);
}

void say(FILE *out, const char *fmt, ...)
{
	char *text;
	size_t len;
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (ret < 0) {
		fputs("(no memory for what was to be said here)\n", out);
		return;
	}
	len = (size_t)ret;
	flockfile(out);
	for (size_t i = 0; i < len; i++) {
		unsigned char ch = (unsigned char)text[i];

		if ((ch == '\n' && i + 1 == len) || !is_control(ch, (unsigned char)text[i + 1]))
			putc(ch, out);
		else if (ch == '\n' || ch == '\t')
			fputs(ch == '\n' ? "\\n" : "\\t", out);
		else if (ch == 0xc2) /* with the byte behind it */
			fprintf(out, "\\xc2\\x%02x", (unsigned char)text[++i]);
		else
			fprintf(out, "\\x%02x", ch);
	}
	funlockfile(out);
	free(text);
}
