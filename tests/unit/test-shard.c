// SPDX-License-Identifier: GPL-2.0-only
/* Parts of a job: each file in exactly one, even by size, whatever the order. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "regen/shard.h"
#include "scratch.h"

#define NR 40

struct fixture {
	char *paths[NR];
	uint64_t sizes[NR];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || scratch_make(NULL))
		return -1;
	for (unsigned int i = 0; i < NR; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%u.ko", i * 7 % NR);
		f->sizes[i] = i % 10 == 9 ? 0 : (uint64_t)i * i * 1000;
		f->paths[i] = strdup(scratch_path(name));
		scratch_run("truncate -s %llu %s", (unsigned long long)f->sizes[i], name);
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < NR; i++)
		free(f->paths[i]);
	free(f);
	return scratch_remove(NULL);
}

/* The shard of each file, told by its place in @order. */
static void select_all(const struct fixture *f, uint32_t count, const unsigned int *order,
		       uint32_t *shard_of)
{
	memset(shard_of, 0, NR * sizeof(*shard_of));
	for (uint32_t index = 1; index <= count; index++) {
		const struct shard shard = { index, count };
		const char *paths[NR];
		size_t nr, at = 0;

		for (unsigned int i = 0; i < NR; i++)
			paths[i] = f->paths[order[i]];
		nr = shard_select(&shard, paths, NR);
		assert_in_range(nr, 0, NR);
		/* Their order stays. */
		for (unsigned int i = 0; i < NR && at < nr; i++) {
			if (paths[at] != f->paths[order[i]])
				continue;
			assert_int_equal(shard_of[order[i]], 0);
			shard_of[order[i]] = index;
			at++;
		}
		assert_int_equal(at, nr);
	}
	for (unsigned int i = 0; i < NR; i++)
		assert_in_range(shard_of[i], 1, count);
}

static void each_file_is_in_one_whatever_the_order(void **state)
{
	static const uint32_t counts[] = { 1, 2, 3, 7, 39, 40, 41, 1000 };
	struct fixture *f = *state;
	unsigned int forward[NR], backward[NR];
	uint32_t a[NR], b[NR];

	for (unsigned int i = 0; i < NR; i++) {
		forward[i] = i;
		backward[i] = NR - 1 - i;
	}
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		select_all(f, counts[i], forward, a);
		select_all(f, counts[i], backward, b);
		assert_memory_equal(a, b, sizeof(a));
	}
}

/* No part has more than another one but for one file, and empty files are spread as well. */
static void parts_are_even(void **state)
{
	struct fixture *f = *state;
	uint64_t sums[4] = { 0 }, largest = 0, most = 0, least = UINT64_MAX;
	uint32_t shard_of[NR];
	unsigned int order[NR], numbers[4] = { 0 };

	for (unsigned int i = 0; i < NR; i++)
		order[i] = i;
	select_all(f, 4, order, shard_of);
	for (unsigned int i = 0; i < NR; i++) {
		sums[shard_of[i] - 1] += f->sizes[i] + 4096;
		numbers[shard_of[i] - 1]++;
		largest = f->sizes[i] > largest ? f->sizes[i] : largest;
	}
	for (unsigned int s = 0; s < 4; s++) {
		most = sums[s] > most ? sums[s] : most;
		least = sums[s] < least ? sums[s] : least;
		assert_in_range(numbers[s], 5, 15);
	}
	assert_true(most - least <= largest / 4);
}

static void what_is_no_shard(void **state)
{
	static const char *const wrong[] = { "",       "1",    "/",	"1/",
					     "/2",     "0/2",  "3/2",	"-1/2",
					     "1/2x",   "1 /2", "1/ 2",	"+1/2",
					     "1/0",    "1//2", "1/2/3", "99999999999999999999/2",
					     "1/65537" };
	struct shard shard;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(shard_parse(wrong[i], &shard));
	assert_true(shard_parse("2/65536", &shard));
	assert_int_equal(shard.index, 2);
	assert_int_equal(shard.count, 65536);
	assert_true(shard_parse("1/1", &shard));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_file_is_in_one_whatever_the_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(parts_are_even, setup, teardown),
		cmocka_unit_test(what_is_no_shard),
	};

	return cmocka_run_group_tests_name("shard", tests, NULL, NULL);
}
