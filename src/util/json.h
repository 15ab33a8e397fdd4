/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON lines (RFC 8259): one object a line, written to a stream as it is told.
 *
 *	struct json json;
 *
 *	json_begin(&json, stdout);
 *	json_string(&json, "file", path);
 *	json_open_array(&json, "kfuncs");
 *	json_string(&json, NULL, "bpf_ct_release");
 *	json_close_array(&json);
 *	err = json_end(&json);
 *
 * prints {"file":"foo.ko","kfuncs":["bpf_ct_release"]} and a newline. The writer sets commas and
 * escapes; that opens and closes pair up, that keys are given in objects (and NULL in arrays) is
 * the caller's part. It buffers nothing: threads that share a stream write their lines one after
 * the other.
 */
#ifndef MODBTF_UTIL_JSON_H
#define MODBTF_UTIL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;  /* borrowed */
	bool comma; /* the next key or value follows another one */
};

/* Starts a line with the object that is the whole of it. */
void json_begin(struct json *json, FILE *out);

/* Ends object and line. Returns 0, or -EIO when the stream has had an error (ferror()) by then. */
int json_end(struct json *json);

/* A member of an object; an element of an array where @key is NULL. */
void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key);
void json_close_array(struct json *json);

/*
 * @value: any bytes up to a NUL; NULL is written as null. What is not UTF-8 (file names may not be)
 * is replaced by U+FFFD, one for each wrong byte, so that a line is always valid JSON.
 */
void json_string(struct json *json, const char *key, const char *value);

void json_int(struct json *json, const char *key, int64_t value);
void json_uint(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);

#endif
