// SPDX-License-Identifier: GPL-2.0-only
#include "regen/shard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool parse_number(const char **p, char end, uint32_t *number)
{
	char *behind;
	unsigned long n;

	if (**p < '0' || **p > '9')
		return false;
	errno = 0;
	n = strtoul(*p, &behind, 10);
	if (errno || *behind != end || n < 1 || n > SHARD_MAX)
		return false;
	*number = (uint32_t)n;
	*p = behind + (end != '\0');
	return true;
}

bool shard_parse(const char *text, struct shard *shard)
{
	return parse_number(&text, '/', &shard->index) &&
	       parse_number(&text, '\0', &shard->count) && shard->index <= shard->count;
}

struct file {
	const char *path;
	uint64_t size;
	size_t at;	/* in paths */
	uint32_t shard; /* from 0 */
};

/* Largest first; no two files are the same. */
static int compare_files(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return order ? order : x->at < y->at ? -1 : 1;
}

static int compare_places(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* Each file goes to the part that has the least so far, the largest files first. */
static void deal(struct file *files, size_t nr, uint64_t *sums, uint32_t count)
{
	for (size_t i = 0; i < nr; i++) {
		uint32_t least = 0;

		for (uint32_t s = 1; s < count; s++)
			if (sums[s] < sums[least])
				least = s;
		files[i].shard = least;
		/* What a file costs besides its bytes, so that empty ones are spread as well. */
		sums[least] += files[i].size + 4096;
	}
}

size_t shard_select(const struct shard *shard, const char **paths, size_t nr)
{
	struct file *files = calloc(nr ? nr : 1, sizeof(*files));
	uint64_t *sums = calloc(shard->count, sizeof(*sums));
	size_t mine = 0;

	if (!files || !sums) {
		free(files);
		free(sums);
		return SIZE_MAX;
	}
	for (size_t i = 0; i < nr; i++) {
		struct stat st;

		files[i] = (struct file){ .path = paths[i], .at = i };
		if (!stat(paths[i], &st) && S_ISREG(st.st_mode))
			files[i].size = (uint64_t)st.st_size;
	}
	qsort(files, nr, sizeof(*files), compare_files);
	deal(files, nr, sums, shard->count);
	qsort(files, nr, sizeof(*files), compare_places);
	for (size_t i = 0; i < nr; i++)
		if (files[i].shard == shard->index - 1)
			paths[mine++] = files[i].path;
	free(files);
	free(sums);
	return mine;
}
