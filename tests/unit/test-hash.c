// SPDX-License-Identifier: GPL-2.0-only
/* The table of ids and the growing array. */
#include "test.h"

#include "util/hash.h"
#include "util/vec.h"

static bool holds_id(const struct idtab *tab, uint32_t hash, uint32_t id)
{
	uint32_t pos, found = 0;

	for (uint32_t n = idtab_first(tab, hash, &pos); n; n = idtab_next(tab, hash, &pos))
		found += n == id;
	assert_in_range(found, 0, 1);
	return found;
}

static void an_empty_table_holds_nothing(void **state)
{
	struct idtab tab = { 0 };
	uint32_t pos;

	(void)state;
	assert_int_equal(idtab_first(&tab, 0, &pos), 0);
	assert_int_equal(idtab_first(&tab, UINT32_MAX, &pos), 0);
	idtab_clear(&tab);
	idtab_free(&tab);
}

static void ids_are_found_under_their_hash_only(void **state)
{
	struct idtab tab = { 0 };

	(void)state;
	for (uint32_t id = 1; id <= 10000; id++)
		assert_true(idtab_add(&tab, hash_u64(id), id));
	for (uint32_t id = 1; id <= 10000; id++) {
		assert_true(holds_id(&tab, hash_u64(id), id));
		assert_false(holds_id(&tab, hash_u64(id) ^ 1, id));
	}
	assert_int_equal(tab.used, 10000);
	assert_true((uint64_t)tab.used * 2 <= (uint64_t)tab.mask + 1);
	idtab_free(&tab);
}

static void ids_that_share_a_hash_are_all_found(void **state)
{
	struct idtab tab = { 0 };
	uint32_t pos, nr = 0;

	(void)state;
	/* The last slot: what follows goes on at the first. */
	for (uint32_t id = 1; id <= 100; id++)
		assert_true(idtab_add(&tab, UINT32_MAX, id));
	assert_true(idtab_add(&tab, 0, 1000));
	for (uint32_t n = idtab_first(&tab, UINT32_MAX, &pos); n;
	     n = idtab_next(&tab, UINT32_MAX, &pos))
		nr++;
	assert_int_equal(nr, 100);
	assert_true(holds_id(&tab, 0, 1000));
	idtab_free(&tab);
}

static void reserving_keeps_what_is_there(void **state)
{
	struct idtab tab = { 0 };
	uint32_t mask;

	(void)state;
	for (uint32_t id = 1; id <= 20; id++)
		assert_true(idtab_add(&tab, hash_u64(id), id));
	assert_true(idtab_reserve(&tab, 5000));
	mask = tab.mask;
	assert_true(mask >= 9999);
	assert_true(idtab_reserve(&tab, 10));
	assert_int_equal(tab.mask, mask);
	for (uint32_t id = 21; id <= 5000; id++)
		assert_true(idtab_add(&tab, hash_u64(id), id));
	assert_int_equal(tab.mask, mask);
	for (uint32_t id = 1; id <= 5000; id++)
		assert_true(holds_id(&tab, hash_u64(id), id));
	idtab_free(&tab);
}

static void too_many_ids_are_refused(void **state)
{
	struct idtab tab = { 0 };

	(void)state;
	assert_false(idtab_reserve(&tab, UINT32_MAX));
	assert_null(tab.slots);
}

static void a_cleared_table_is_empty(void **state)
{
	struct idtab tab = { 0 };

	(void)state;
	assert_true(idtab_add(&tab, 7, 1));
	idtab_clear(&tab);
	assert_false(holds_id(&tab, 7, 1));
	assert_int_equal(tab.used, 0);
	assert_true(idtab_add(&tab, 7, 2));
	assert_true(holds_id(&tab, 7, 2));
	idtab_free(&tab);
}

/* What scan_node() does: finds the id of @hash, or puts @id there. */
static uint32_t only(struct idtab *tab, uint32_t hash, uint32_t id)
{
	struct idtab_slot *slot = idtab_only(tab, hash);

	assert_non_null(slot);
	if (!slot->id) {
		*slot = (struct idtab_slot){ hash, id };
		tab->used++;
	}
	assert_int_equal(slot->hash, hash);
	return slot->id;
}

static void one_id_under_each_hash(void **state)
{
	/* Neighbours, and others that would have the same slot: as the last one, and at the end. */
	static const uint32_t from[] = { 0, 64 * 1024, UINT32_MAX - 999 };
	struct idtab tab = { 0 };
	uint32_t nr = 0, mask;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		for (size_t j = 0; j < 3; j++) {
			nr++;
			assert_int_equal(only(&tab, from[j] + i, nr), nr);
			assert_int_equal(tab.used, nr);
			/* Never full, however much is added: a search has an end. */
			assert_true((uint64_t)tab.used * 2 <= (uint64_t)tab.mask + 1);
			/* The id that is there stays. */
			assert_int_equal(only(&tab, from[j] + i, nr + 1), nr);
			assert_int_equal(tab.used, nr);
		}
	for (uint32_t i = 0; i < 3000; i++)
		assert_int_equal(only(&tab, from[i % 3] + i / 3, UINT32_MAX), i + 1);
	/* The other ways to find an id find these. */
	for (uint32_t i = 0; i < 3000; i++)
		assert_true(holds_id(&tab, from[i % 3] + i / 3, i + 1));
	assert_true(idtab_add(&tab, 5000, 4000));
	assert_int_equal(only(&tab, 5000, 1), 4000);
	/* A slot that is looked at is not taken. */
	mask = tab.mask;
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(idtab_only(&tab, 2000)->id, 0);
	assert_int_equal(tab.mask, mask);
	idtab_free(&tab);
}

static void every_byte_and_the_length_count_in_a_hash(void **state)
{
	uint8_t data[40] = { 0 };

	(void)state;
	for (size_t len = 1; len <= sizeof(data); len++) {
		const uint32_t hash = hash_bytes(data, len);

		assert_int_not_equal(hash, hash_bytes(data, len - 1));
		for (size_t i = 0; i < len; i++) {
			data[i] = 1;
			assert_int_not_equal(hash, hash_bytes(data, len));
			data[i] = 0;
		}
		assert_int_equal(hash, hash_bytes(data, len));
	}
}

static void an_array_keeps_its_elements_while_it_grows(void **state)
{
	VEC(uint64_t) v = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 100000; i++)
		assert_true(vec_push(&v, i));
	assert_int_equal(v.nr, 100000);
	for (uint64_t i = 0; i < 100000; i++)
		assert_int_equal(v.at[i], i);
	assert_true(vec_room(&v, 1000));
	assert_true(v.room >= 101000);
	assert_int_equal(v.nr, 100000);
	vec_free(&v);
	assert_null(v.at);
	assert_int_equal(v.nr, 0);
}

/* What stands there stays when there is no room for more. */
static void an_array_that_is_too_long_is_refused(void **state)
{
	VEC(uint8_t) v = { 0 };

	(void)state;
	assert_true(vec_push(&v, 42));
	assert_false(vec_room(&v, (uint64_t)1 << 31));
	assert_false(vec_room(&v, (uint64_t)1 << 32));
	assert_false(vec_room(&v, UINT64_MAX - 1));
	assert_false(vec_room(&v, UINT64_MAX));
	assert_int_equal(v.nr, 1);
	assert_int_equal(v.at[0], 42);
	vec_free(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_holds_nothing),
		cmocka_unit_test(ids_are_found_under_their_hash_only),
		cmocka_unit_test(ids_that_share_a_hash_are_all_found),
		cmocka_unit_test(reserving_keeps_what_is_there),
		cmocka_unit_test(too_many_ids_are_refused),
		cmocka_unit_test(a_cleared_table_is_empty),
		cmocka_unit_test(one_id_under_each_hash),
		cmocka_unit_test(every_byte_and_the_length_count_in_a_hash),
		cmocka_unit_test(an_array_keeps_its_elements_while_it_grows),
		cmocka_unit_test(an_array_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
