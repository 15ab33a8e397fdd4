// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/config.h"

#include <ctype.h>

#include "io/file.h"

/* Takes blanks off both ends. */
static struct bytes trim(struct bytes b)
{
	while (b.size && isspace(b.data[0]))
		b = bytes_slice(b, 1, b.size - 1);
	while (b.size && isspace(b.data[b.size - 1]))
		b.size--;
	return b;
}

/* Without its comment, which begins with a '#' at the start or behind a blank. */
static struct bytes uncomment(struct bytes line)
{
	for (size_t i = 0; i < line.size; i++)
		if (line.data[i] == '#' && (!i || isspace(line.data[i - 1])))
			return bytes_slice(line, 0, i);
	return line;
}

static struct bytes unquote(struct bytes b)
{
	bool quoted = b.size > 1 && b.data[0] == '"' && b.data[b.size - 1] == '"';

	return quoted ? bytes_slice(b, 1, b.size - 2) : b;
}

/* As options are spelt. Empty if it can be none. */
static char *take_key(struct bytes key)
{
	char *text = strndup(key.size ? (const char *)key.data : "", key.size);

	for (char *p = text; p && *p; p++) {
		if (*p == '_')
			*p = '-';
		else if (!islower((unsigned char)*p) && *p != '-')
			*text = *p = '\0';
	}
	return text;
}

static int take_line(struct config *config, struct bytes line, unsigned int nr, struct error *err)
{
	const uint8_t *equals;
	struct config_entry entry = { .line = nr };
	struct config_entry *more;
	struct bytes value;

	line = trim(uncomment(line));
	if (!line.size)
		return 0;
	equals = memchr(line.data, '=', line.size);
	if (!equals || memchr(line.data, '\0', line.size))
		return error_set(err, -EINVAL, "line %u is no 'key = value'", nr);
	more = reallocarray(config->entries, config->nr + 1, sizeof(*more));
	if (!more)
		return error_nomem(err);
	config->entries = more;
	value = bytes_slice(line, (size_t)(equals - line.data) + 1,
			    line.size - (size_t)(equals - line.data) - 1);
	value = unquote(trim(value));
	entry.key = take_key(trim(bytes_slice(line, 0, (size_t)(equals - line.data))));
	entry.value = strndup(value.size ? (const char *)value.data : "", value.size);
	config->entries[config->nr++] = entry;
	if (!entry.key || !entry.value)
		return error_nomem(err);
	if (!*entry.key || !*entry.value)
		return error_set(err, -EINVAL, "line %u has no %s: write 'key = value'", nr,
				 *entry.key ? "value" : "key");
	return 0;
}

int config_parse(struct config *config, struct bytes text, const char *path, struct error *err)
{
	int ret = 0;

	*config = (struct config){ .path = strdup(path) };
	if (!config->path)
		return error_nomem(err);
	for (unsigned int nr = 1; text.size && !ret; nr++) {
		const uint8_t *end = memchr(text.data, '\n', text.size);
		size_t len = end ? (size_t)(end - text.data) : text.size;

		ret = take_line(config, bytes_slice(text, 0, len), nr, err);
		len += end != NULL;
		text = bytes_slice(text, len, text.size - len);
	}
	return ret ? error_in_file(err, path) : 0;
}

int config_read(struct config *config, const char *path, struct error *err)
{
	struct file_map file;
	int ret;

	*config = (struct config){ 0 };
	ret = file_map_open(&file, path, err);
	if (ret)
		return ret;
	ret = config_parse(config, file.bytes, path, err);
	file_map_close(&file);
	return ret;
}

void config_free(struct config *config)
{
	for (size_t i = 0; i < config->nr; i++) {
		free(config->entries[i].key);
		free(config->entries[i].value);
	}
	free(config->entries);
	free(config->path);
	*config = (struct config){ 0 };
}
