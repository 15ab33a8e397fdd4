// SPDX-License-Identifier: GPL-2.0-only
/*
 * index-time BASE RUNS: what the index of a base (raw BTF) costs. Prints the number of types, then medians of wall-clock time
 * in milliseconds: to open the base (all its types are looked at); to index it in one thread; in two, as modbtf does; and to
 * take all that from bytes that were kept, with the digest of the base by which those are known.
 */
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "btf/index-file.h"
#include "btf/index.h"
#include "io/file.h"

enum { OPEN, INDEX, TWO_THREADS, MAPPED, NR_TIMES };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void *index_strings(void *index)
{
	struct error error = { 0 };

	if (btf_index_strings(index, &error))
		errx(1, "the strings of the base cannot be indexed");
	return NULL;
}

static void index_by_two(const struct btf *btf)
{
	struct btf_index index;
	struct error error = { 0 };
	pthread_t thread;

	btf_index_init(&index, btf);
	if (pthread_create(&thread, NULL, index_strings, &index))
		errx(1, "no second thread");
	if (btf_index_types(&index, &error))
		errx(1, "the base cannot be indexed");
	pthread_join(thread, NULL);
	btf_index_free(&index);
}

/* One run. @packed: of the run before, if its size is not 0; then of this one. */
static void once(struct bytes raw, struct buffer *packed, double times[NR_TIMES])
{
	struct btf_index index;
	struct btf_caps caps;
	struct digest digest;
	struct error error = { 0 };
	struct btf btf;
	double start = now(), opened;

	if (btf_open(&btf, raw, NULL, &error))
		errx(1, "the base is no good");
	opened = now();
	if (btf_index_build(&index, &btf, &error))
		errx(1, "the base cannot be indexed");
	btf_caps_read(&caps, &index);
	times[OPEN] = opened - start;
	times[INDEX] = now() - opened;
	if (!packed->size) {
		digest = digest_bytes(raw);
		if (index_pack(&index, &caps, &digest, packed, &error))
			errx(1, "the index cannot be packed");
	}
	btf_index_free(&index);
	start = now();
	index_by_two(&btf);
	times[TWO_THREADS] = now() - start;
	btf_close(&btf);

	start = now();
	digest = digest_bytes(raw);
	if (!index_unpack(buffer_bytes(packed), &digest, raw, &btf, &index, &caps))
		errx(1, "the index that was kept is no good");
	times[MAPPED] = now() - start;
	btf_index_free(&index);
	btf_close(&btf);
}

int main(int argc, char **argv)
{
	int runs = argc == 3 ? atoi(argv[2]) : 0;
	struct buffer packed = { NULL, 0 };
	struct error error = { 0 };
	struct file_map file;
	struct btf btf;
	double *times[NR_TIMES];

	if (runs < 1)
		errx(2, "usage: index-time BASE RUNS");
	if (file_map_open(&file, argv[1], &error) || btf_open(&btf, file.bytes, NULL, &error))
		errx(1, "%s: no raw BTF of a kernel", argv[1]);
	printf("%u", btf.nr);
	btf_close(&btf);
	for (int t = 0; t < NR_TIMES; t++) {
		times[t] = calloc((size_t)runs, sizeof(double));
		if (!times[t])
			err(1, "times");
	}
	for (int run = 0; run < runs; run++) {
		double one[NR_TIMES];

		once(file.bytes, &packed, one);
		for (int t = 0; t < NR_TIMES; t++)
			times[t][run] = one[t];
	}
	for (int t = 0; t < NR_TIMES; t++) {
		qsort(times[t], (size_t)runs, sizeof(double), compare);
		printf("\t%.3f", times[t][runs / 2]);
		free(times[t]);
	}
	printf("\n");
	buffer_free(&packed);
	file_map_close(&file);
	return 0;
}
