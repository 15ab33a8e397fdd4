// SPDX-License-Identifier: GPL-2.0-only
#include "util/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

/*
 * Length of the UTF-8 sequence at @s, 0 if it is none: Unicode, table 3-7, "Well-formed UTF-8 byte
 * sequences". The NUL that ends a string is no continuation byte, so this never reads past it.
 */
static size_t utf8_length(const unsigned char *s)
{
	unsigned char low = 0x80, high = 0xbf; /* what the second byte may be */
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0; /* below: overlong */
	else if (s[0] == 0xed)
		high = 0x9f; /* above: surrogates */
	else if (s[0] == 0xf0)
		low = 0x90; /* below: overlong */
	else if (s[0] == 0xf4)
		high = 0x8f; /* above: beyond U+10FFFF */
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	}
	return len;
}

static void write_quoted(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	putc('"', out);
	while (*s) {
		size_t len = utf8_length(s);

		if (len == 0) {
			fputs("\xef\xbf\xbd", out);
			len = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(out, "\\%c", *s);
		} else if (*s == '\n') {
			fputs("\\n", out);
		} else if (*s == '\t') {
			fputs("\\t", out);
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(out, "\\u%04x", *s);
		} else {
			fwrite(s, 1, len, out);
		}
		s += len;
	}
	putc('"', out);
}

/* What stands before any value: the comma after its elder, and its key. */
static void write_key(struct json *json, const char *key)
{
	if (json->comma)
		putc(',', json->out);
	json->comma = true;
	if (key) {
		write_quoted(json->out, key);
		putc(':', json->out);
	}
}

static void open_with(struct json *json, const char *key, char bracket)
{
	write_key(json, key);
	putc(bracket, json->out);
	json->comma = false;
}

static void close_with(struct json *json, char bracket)
{
	putc(bracket, json->out);
	json->comma = true;
}

void json_begin(struct json *json, FILE *out)
{
	*json = (struct json){ .out = out };
	open_with(json, NULL, '{');
}

int json_end(struct json *json)
{
	close_with(json, '}');
	putc('\n', json->out);
	return ferror(json->out) ? -EIO : 0;
}

void json_open_object(struct json *json, const char *key)
{
	open_with(json, key, '{');
}

void json_close_object(struct json *json)
{
	close_with(json, '}');
}

void json_open_array(struct json *json, const char *key)
{
	open_with(json, key, '[');
}

void json_close_array(struct json *json)
{
	close_with(json, ']');
}

void json_string(struct json *json, const char *key, const char *value)
{
	write_key(json, key);
	if (value)
		write_quoted(json->out, value);
	else
		fputs("null", json->out);
}

void json_int(struct json *json, const char *key, int64_t value)
{
	write_key(json, key);
	fprintf(json->out, "%" PRId64, value);
}

void json_uint(struct json *json, const char *key, uint64_t value)
{
	write_key(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	write_key(json, key);
	fputs(value ? "true" : "false", json->out);
}
