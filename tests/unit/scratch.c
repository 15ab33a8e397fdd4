// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <stdio.h>
#include <sys/stat.h>

#include "scratch.h"

static char dir[64];

int scratch_make(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/modbtf-unit-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

int scratch_remove(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) ? -1 : 0;
}

const char *scratch_path(const char *name)
{
	static char paths[8][256];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

/* The command, to be run in the directory, with what it says on stderr kept for a failure. */
static void in_dir(char *command, size_t size, const char *fmt, va_list ap)
{
	int n = snprintf(command, size, "cd %s && exec 2>stderr; ", dir);

	vsnprintf(command + n, size - (size_t)n, fmt, ap);
}

static void show_stderr(const char *command)
{
	struct buffer text = scratch_read("stderr");

	fail_msg("%s: %.*s", command, (int)text.size, text.data);
}

void scratch_run(const char *fmt, ...)
{
	char command[1024];
	va_list ap;

	va_start(ap, fmt);
	in_dir(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command) != 0)
		show_stderr(command);
}

const char *scratch_output(const char *fmt, ...)
{
	static char text[16384];
	char command[1024];
	va_list ap;
	size_t len;
	FILE *f;

	va_start(ap, fmt);
	in_dir(command, sizeof(command), fmt, ap);
	va_end(ap);
	f = popen(command, "r");
	assert_non_null(f);
	len = fread(text, 1, sizeof(text) - 1, f);
	text[len] = '\0';
	if (pclose(f) != 0)
		show_stderr(command);
	return text;
}

bool scratch_has(const char *name)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", name);
	return system(command) == 0;
}

struct buffer scratch_read(const char *name)
{
	struct buffer content = { NULL, 0 };
	FILE *f = fopen(scratch_path(name), "rb");
	struct stat st;

	if (!f || fstat(fileno(f), &st) != 0)
		fail_msg("%s: not readable", name);
	content.size = (size_t)st.st_size;
	content.data = malloc(content.size ? content.size : 1);
	assert_non_null(content.data);
	assert_int_equal(fread(content.data, 1, content.size, f), content.size);
	fclose(f);
	return content;
}

void scratch_write(const char *name, struct bytes content)
{
	FILE *f = fopen(scratch_path(name), "wb");

	assert_non_null(f);
	if (content.size)
		assert_int_equal(fwrite(content.data, 1, content.size, f), content.size);
	assert_int_equal(fclose(f), 0);
}

struct buffer scratch_copy(struct bytes content)
{
	struct buffer copy = { malloc(content.size), content.size };

	if (content.size) {
		assert_non_null(copy.data);
		memcpy(copy.data, content.data, content.size);
	}
	return copy;
}

uint64_t scratch_random(uint64_t *seed)
{
	/* splitmix64 */
	uint64_t z = *seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}
