// SPDX-License-Identifier: GPL-2.0-only
/* Partition refinement, beside the plainest way to do it. */
#include "test.h"

#include <string.h>

#include "btf/refine.h"

#define MAX_NODES 14
#define MAX_TARGETS 3

struct sample {
	uint32_t nr;
	uint32_t form[MAX_NODES];
	uint32_t nr_targets[MAX_NODES];
	uint32_t target[MAX_NODES][MAX_TARGETS];
};

static bool same(const struct sample *s, const uint32_t *class, uint32_t a, uint32_t b)
{
	if (class[a] != class[b] || s->nr_targets[a] != s->nr_targets[b])
		return false;
	for (uint32_t i = 0; i < s->nr_targets[a]; i++)
		if (class[s->target[a][i]] != class[s->target[b][i]])
			return false;
	return true;
}

/* Each node's class is the first node that is the same, until that changes no more. */
static void refine_plainly(const struct sample *s, uint32_t *class)
{
	uint32_t next[MAX_NODES];

	memcpy(class, s->form, sizeof(s->form));
	for (uint32_t round = 0; round <= s->nr + 1; round++) {
		for (uint32_t n = 0; n < s->nr; n++)
			for (next[n] = 0; !same(s, class, next[n], n);)
				next[n]++;
		memcpy(class, next, s->nr * sizeof(*next));
	}
}

static void check(const struct sample *s)
{
	uint32_t from[MAX_NODES + 1] = { 0 }, to[MAX_NODES * MAX_TARGETS], nr_to = 0, nr_classes;
	uint32_t class[MAX_NODES], want[MAX_NODES], most = 0;
	const struct refine_graph graph = { .nr = s->nr, .from = from, .to = to };

	for (uint32_t n = 0; n < s->nr; n++) {
		for (uint32_t i = 0; i < s->nr_targets[n]; i++)
			to[nr_to++] = s->target[n][i];
		from[n + 1] = nr_to;
	}
	memcpy(class, s->form, sizeof(class));
	assert_true(refine(&graph, class, &nr_classes));
	refine_plainly(s, want);
	for (uint32_t a = 0; a < s->nr; a++) {
		assert_true(class[a] < nr_classes);
		most = class[a] > most ? class[a] : most;
		for (uint32_t b = 0; b < a; b++)
			assert_int_equal(class[a] == class[b], want[a] == want[b]);
	}
	assert_true(!s->nr || nr_classes == most + 1);
}

/* What looks alike refers to as many others, as records do. */
static void classes_are_those_of_the_plain_way(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct sample s = { 0 };

#define RANDOM(n) ((seed = seed * 1664525u + 1013904223u) >> 16) % (n)
		s.nr = 1 + RANDOM(MAX_NODES);
		for (uint32_t n = 0; n < s.nr; n++) {
			s.form[n] = RANDOM(4);
			s.nr_targets[n] = s.form[n];
			for (uint32_t i = 0; i < s.nr_targets[n]; i++)
				s.target[n][i] = RANDOM(s.nr);
			s.form[n] += 1000;
		}
		check(&s);
	}
}

static void a_ring_is_one_class_until_one_is_different(void **state)
{
	struct sample s = { .nr = MAX_NODES };
	uint32_t class[MAX_NODES];

	(void)state;
	for (uint32_t n = 0; n < s.nr; n++) {
		s.nr_targets[n] = 1;
		s.target[n][0] = (n + 1) % s.nr;
	}
	check(&s);
	refine_plainly(&s, class);
	assert_int_equal(class[s.nr - 1], 0);
	s.form[3] = 7;
	check(&s);
	refine_plainly(&s, class);
	assert_int_equal(class[s.nr - 1], s.nr - 1);
}

static void nothing_has_no_classes(void **state)
{
	const uint32_t from[1] = { 0 };
	const struct refine_graph graph = { .from = from };
	uint32_t class = 0, nr = 9;

	(void)state;
	assert_true(refine(&graph, &class, &nr));
	assert_int_equal(nr, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_those_of_the_plain_way),
		cmocka_unit_test(a_ring_is_one_class_until_one_is_different),
		cmocka_unit_test(nothing_has_no_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
