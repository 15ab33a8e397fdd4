// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images.h"

static char dir[64];

int images_make(void **state)
{
	char command[256];

	(void)state;
	strcpy(dir, "/tmp/modbtf-images-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(command, sizeof(command), "tests/lib/make-images.sh %s", dir);
	return system(command) ? -1 : 0;
}

int images_remove(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) ? -1 : 0;
}

const char *images_path(const char *name)
{
	static char paths[4][256];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

struct buffer images_read(const char *path)
{
	struct buffer content = { NULL, 0 };
	struct stat st;
	FILE *f = fopen(path, "rb");

	if (!f || fstat(fileno(f), &st) != 0)
		fail_msg("%s: not readable", path);
	content.size = (size_t)st.st_size;
	content.data = malloc(content.size ? content.size : 1);
	assert_non_null(content.data);
	assert_int_equal(fread(content.data, 1, content.size, f), content.size);
	fclose(f);
	return content;
}

void images_write(const char *path, struct bytes content)
{
	char partial[512];
	FILE *f;

	snprintf(partial, sizeof(partial), "%s", path);
	for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(partial, 0755);
		*slash = '/';
	}
	f = fopen(path, "wb");
	if (!f)
		fail_msg("%s: not writable", path);
	if (content.size)
		assert_int_equal(fwrite(content.data, 1, content.size, f), content.size);
	assert_int_equal(fclose(f), 0);
}
