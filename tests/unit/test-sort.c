// SPDX-License-Identifier: GPL-2.0-only
/* The order of names that new kernels bisect in. */
#include "test.h"

#include "btf-fixture.h"
#include "btf/fields.h"
#include "btf/sort.h"

static void opens(struct btf *btf, const struct buffer *bytes, const struct btf *base)
{
	struct error err = ERROR_INIT;

	if (btf_open(btf, buffer_bytes(bytes), base, &err))
		fail_msg("%s", err.text);
}

static bool base_is_sorted(const uint32_t *words, size_t nr)
{
	struct buffer bytes = fixture_base(words, nr, false);
	struct btf btf;
	bool sorted;

	opens(&btf, &bytes, NULL);
	sorted = btf_sorted(&btf);
	btf_close(&btf);
	buffer_free(&bytes);
	return sorted;
}

static void sorted_is_nameless_first_then_by_name(void **state)
{
	(void)state;
	assert_true(base_is_sorted(WORDS(PTR(0), FWD(S(bar), 0), FWD(S(foo), 0), FWD(S(foo), 1))));
	assert_true(base_is_sorted(WORDS(FWD(S(bar), 0))));
	assert_false(base_is_sorted(WORDS(FWD(S(foo), 0), FWD(S(bar), 0))));
	assert_false(base_is_sorted(WORDS(FWD(S(bar), 0), PTR(1))));
	/* Capitals and dots as strcmp() has them; all kinds count. */
	assert_true(base_is_sorted(WORDS(FWD(S(bool_), 0), FWD(S(foo), 0), FWD(S(dotted), 0))));
	assert_false(base_is_sorted(WORDS(PTR(0), VAR(S(foo), 1, 0), FUNC(S(bar), 0, 1))));
	/* Without a name there is nothing to find: the kernel takes that for not sorted. */
	assert_false(base_is_sorted(WORDS(PTR(0), PTR(0))));
	assert_false(base_is_sorted((const uint32_t[]){ 0 }, 0));
}

/* The same words, but for strings, which are the same by content. */
static void same_types(const struct btf *a, const struct btf *b)
{
	assert_int_equal(a->nr, b->nr);
	for (uint32_t id = a->start_id; id < btf_end_id(a); id++) {
		const struct btf_type *t = btf_type(a, id);
		const uint32_t *x = (const uint32_t *)t, *y = (const uint32_t *)btf_type(b, id);
		uint32_t next_str = btf_next_str(t, 0), nr = btf_words(t);

		assert_string_equal(btf_str(a, x[0]), btf_str(b, y[0]));
		assert_int_equal(x[1], y[1]);
		for (uint32_t i = 2; i < nr; i++) {
			if (i != next_str) {
				assert_int_equal(x[i], y[i]);
				continue;
			}
			assert_string_equal(btf_str(a, x[i]), btf_str(b, y[i]));
			next_str = btf_next_str(t, i);
		}
	}
}

/* What @words over the small base are when sorted. */
static void sorts(const uint32_t *words, size_t nr, const uint32_t *want, size_t nr_want, bool big)
{
	struct buffer base_bytes = fixture_small_base(big), bytes = fixture_split(words, nr, big);
	struct buffer want_bytes = fixture_split(want, nr_want, big), out, again;
	struct error err = ERROR_INIT;
	struct btf base, btf, sorted, wanted;

	opens(&base, &base_bytes, NULL);
	opens(&btf, &bytes, &base);
	if (btf_sort(&btf, &out, &err))
		fail_msg("%s", err.text);
	opens(&sorted, &out, &base);
	opens(&wanted, &want_bytes, &base);
	same_types(&sorted, &wanted);
	btf_close(&wanted);
	assert_true(btf_sorted(&sorted));
	if (btf_sort(&sorted, &again, &err))
		fail_msg("%s", err.text);
	assert_int_equal(out.size, again.size);
	assert_memory_equal(out.data, again.data, out.size);
	btf_close(&sorted);
	btf_close(&btf);
	btf_close(&base);
	buffer_free(&again);
	buffer_free(&out);
	buffer_free(&want_bytes);
	buffer_free(&bytes);
	buffer_free(&base_bytes);
}

/* Own ids start at 6; those of the base stay what they are. */
static void ids_follow_their_types(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		sorts(WORDS(FUNC(OWN(own), 0, 7), PROTO(2, 8), PARAM(S(a), 2), PARAM(S(b), 9),
			    PTR(10), ARRAY(10, 1, 3), STRUCT(S(baz), 2, 12), MEMBER(S(c), 8, 0),
			    MEMBER(S(d), 1, 64), DECL_TAG(S(bar), 6, -1)),
		      WORDS(PROTO(2, 7), PARAM(S(a), 2), PARAM(S(b), 8), PTR(10), ARRAY(10, 1, 3),
			    DECL_TAG(S(bar), 11, -1), STRUCT(S(baz), 2, 12), MEMBER(S(c), 7, 0),
			    MEMBER(S(d), 1, 64), FUNC(OWN(own), 0, 6)),
		      big);
		sorts(WORDS(VAR(S(foo), 1, 0), VAR(S(bar), 2, 0), DATASEC(S(baz), 2, 8),
			    SECINFO(6, 0, 4), SECINFO(7, 4, 4)),
		      WORDS(VAR(S(bar), 2, 0), DATASEC(S(baz), 2, 8), SECINFO(8, 0, 4),
			    SECINFO(6, 4, 4), VAR(S(foo), 1, 0)),
		      big);
	}
}

static void types_of_one_name_come_by_kind(void **state)
{
	(void)state;
	sorts(WORDS(FWD(S(foo), 1), PTR(6), REF(CONST, 9), TYPEDEF(S(foo), 7), FUNC(S(foo), 0, 3)),
	      WORDS(PTR(9), REF(CONST, 10), FUNC(S(foo), 0, 3), FWD(S(foo), 1), TYPEDEF(S(foo), 6)),
	      false);
}

static void functions_of_one_name_keep_their_order(void **state)
{
	(void)state;
	for (uint32_t first = 0; first < 2; first++)
		sorts(WORDS(FUNC(S(foo), first, 3), FUNC(S(foo), !first, 3), FWD(S(bar), 0)),
		      WORDS(FWD(S(bar), 0), FUNC(S(foo), first, 3), FUNC(S(foo), !first, 3)),
		      false);
}

/* The bytes that @words over the small base are when sorted. */
static struct buffer sorted_bytes(const uint32_t *words, size_t nr)
{
	struct buffer base_bytes = fixture_small_base(false), out;
	struct buffer bytes = fixture_split(words, nr, false);
	struct error err = ERROR_INIT;
	struct btf base, btf;

	opens(&base, &base_bytes, NULL);
	opens(&btf, &bytes, &base);
	if (btf_sort(&btf, &out, &err))
		fail_msg("%s", err.text);
	btf_close(&btf);
	btf_close(&base);
	buffer_free(&bytes);
	buffer_free(&base_bytes);
	return out;
}

static void sort_alike(const uint32_t *words, const uint32_t *other, size_t nr)
{
	struct buffer a = sorted_bytes(words, nr), b = sorted_bytes(other, nr);

	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.data, b.data, a.size);
	buffer_free(&a);
	buffer_free(&b);
}

#define SORT_ALIKE(one, other)                                                               \
	do {                                                                                 \
		_Static_assert(sizeof((uint32_t[]){ one }) == sizeof((uint32_t[]){ other }), \
			       "the same types");                                            \
		sort_alike((uint32_t[]){ one }, (uint32_t[]){ other },                       \
			   sizeof((uint32_t[]){ one }) / sizeof(uint32_t));                  \
	} while (0)
#define TYPES(...) __VA_ARGS__

/* Wherever they stood: by what is in them, or by what they lead to. */
static void types_of_one_name_come_by_content(void **state)
{
	(void)state;
	SORT_ALIKE(TYPES(STRUCT(S(foo), 0, 4), STRUCT(S(foo), 0, 8)),
		   TYPES(STRUCT(S(foo), 0, 8), STRUCT(S(foo), 0, 4)));
	SORT_ALIKE(TYPES(TYPEDEF(S(foo), 1), TYPEDEF(S(foo), 2)),
		   TYPES(TYPEDEF(S(foo), 2), TYPEDEF(S(foo), 1)));
	SORT_ALIKE(TYPES(STRUCT(S(foo), 1, 4), MEMBER(S(a), 1, 0), STRUCT(S(foo), 1, 4),
			 MEMBER(S(b), 1, 0)),
		   TYPES(STRUCT(S(foo), 1, 4), MEMBER(S(b), 1, 0), STRUCT(S(foo), 1, 4),
			 MEMBER(S(a), 1, 0)));
	/* bar leads to foo, and to nothing else that differs. */
	SORT_ALIKE(TYPES(PTR(8), PTR(9), STRUCT(S(foo), 0, 4), STRUCT(S(foo), 0, 8),
			 STRUCT(S(bar), 1, 8), MEMBER(S(a), 6, 0), STRUCT(S(bar), 1, 8),
			 MEMBER(S(a), 7, 0)),
		   TYPES(PTR(9), PTR(8), STRUCT(S(foo), 0, 8), STRUCT(S(foo), 0, 4),
			 STRUCT(S(bar), 1, 8), MEMBER(S(a), 7, 0), STRUCT(S(bar), 1, 8),
			 MEMBER(S(a), 6, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorted_is_nameless_first_then_by_name),
		cmocka_unit_test(ids_follow_their_types),
		cmocka_unit_test(types_of_one_name_come_by_kind),
		cmocka_unit_test(functions_of_one_name_keep_their_order),
		cmocka_unit_test(types_of_one_name_come_by_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
