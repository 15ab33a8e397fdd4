// SPDX-License-Identifier: GPL-2.0-only
/* An index as bytes, and the directory that keeps them: the same index comes back, or none. */
#include "test.h"

#include <stdio.h>
#include <unistd.h>

#include "btf-fixture.h"
#include "regen/bases.h"
#include "scratch.h"

/* A base of structs, pointers to them and prototypes, large enough to be kept. */
#define ROUNDS 4000

static struct buffer made_base(bool big)
{
	const uint32_t first[] = { INT, LONG };
	const uint32_t round[] = {
		STRUCT(S(foo), 2, 8), MEMBER(S(a), 1, 0), MEMBER(S(b), 1, 32), PTR(3),
		PROTO(1, 1),	      PARAM(S(a), 4),
	};
	size_t per = sizeof(round) / sizeof(*round), nr = sizeof(first) / sizeof(*first);
	uint32_t *words = malloc(sizeof(first) + ROUNDS * sizeof(round));
	struct buffer base;

	assert_non_null(words);
	memcpy(words, first, sizeof(first));
	for (uint32_t i = 0; i < ROUNDS; i++, nr += per) {
		memcpy(words + nr, round, sizeof(round));
		words[nr + 10] += i % 1000 * 3; /* what the pointer refers to */
	}
	base = fixture_base(words, nr, big);
	free(words);
	return base;
}

struct made {
	struct buffer raw, packed;
	struct btf btf;
	struct btf_index index;
	struct digest digest;
	struct btf_caps caps;
};

static void make(struct made *m)
{
	struct error err = ERROR_INIT;

	m->raw = made_base(host_big_endian());
	m->digest = digest_bytes(buffer_bytes(&m->raw));
	if (btf_open(&m->btf, buffer_bytes(&m->raw), NULL, &err) ||
	    btf_index_build(&m->index, &m->btf, &err) ||
	    (btf_caps_read(&m->caps, &m->index), false) ||
	    index_pack(&m->index, &m->caps, &m->digest, &m->packed, &err))
		fail_msg("%s", err.text);
}

static void made_free(struct made *m)
{
	btf_index_free(&m->index);
	btf_close(&m->btf);
	buffer_free(&m->packed);
	buffer_free(&m->raw);
}

static void assert_same_index(const struct btf_index *a, const struct btf_index *b)
{
	uint32_t end = btf_end_id(a->base);
	const char name[] = "spaced";

	assert_int_equal(end, btf_end_id(b->base));
	assert_int_equal(a->base->pointer_size, b->base->pointer_size);
	assert_int_equal(a->nested_arrays, b->nested_arrays);
	assert_int_equal(a->array_index, b->array_index);
	for (uint32_t id = 1; id < end; id++) {
		uint32_t pointer[] = { BTF_KIND_PTR, 0, a->rep[id] };
		uint32_t proto[] = { BTF_KIND_FUNC_PROTO, a->rep[1], S(a), a->rep[id] };
		uint32_t named[] = { SHAPE_NAMED_STRUCT, btf_type(a->base, id)->name_off };

		assert_int_equal(btf_type(a->base, id)->info, btf_type(b->base, id)->info);
		assert_int_equal(a->rep[id], b->rep[id]);
		assert_int_equal(a->same[id], b->same[id]);
		assert_int_equal(btf_index_class(a, pointer, 3), btf_index_class(b, pointer, 3));
		assert_int_equal(btf_index_class(a, proto, 4), btf_index_class(b, proto, 4));
		assert_int_equal(btf_index_class(a, named, 2), btf_index_class(b, named, 2));
	}
	for (size_t len = 1; len < sizeof(name); len++)
		assert_int_equal(btf_index_str(a, name, len, hash_bytes(name, len)),
				 btf_index_str(b, name, len, hash_bytes(name, len)));
}

static void what_was_packed_comes_back(void **state)
{
	struct made m = { 0 };
	struct btf_index index;
	struct btf_caps caps;
	struct btf btf;

	(void)state;
	make(&m);
	assert_true(index_unpack(buffer_bytes(&m.packed), &m.digest, buffer_bytes(&m.raw), &btf,
				 &index, &caps));
	assert_same_index(&m.index, &index);
	assert_memory_equal(&caps, &m.caps, sizeof(caps));
	btf_index_free(&index);
	btf_close(&btf);
	made_free(&m);
}

static bool unpacks(const struct made *m, struct bytes packed, const struct digest *digest)
{
	struct buffer exact = scratch_copy(packed);
	struct btf_index index;
	struct btf_caps caps;
	struct btf btf;
	bool ok = index_unpack(buffer_bytes(&exact), digest, buffer_bytes(&m->raw), &btf, &index,
			       &caps);

	if (ok) {
		btf_index_free(&index);
		btf_close(&btf);
	}
	buffer_free(&exact);
	return ok;
}

static void what_is_damaged_does_not(void **state)
{
	struct digest other = { { 1 } };
	struct made m = { 0 };
	uint64_t seed = 1;

	(void)state;
	make(&m);
	assert_true(unpacks(&m, buffer_bytes(&m.packed), &m.digest));
	assert_false(unpacks(&m, buffer_bytes(&m.packed), &other));
	for (size_t size = 0; size < 200; size++)
		assert_false(unpacks(&m, (struct bytes){ m.packed.data, size }, &m.digest));
	assert_false(unpacks(&m, (struct bytes){ m.packed.data, m.packed.size - 1 }, &m.digest));
	assert_false(unpacks(&m, (struct bytes){ m.packed.data, m.packed.size - 4 }, &m.digest));
	for (size_t i = 0; i < 300; i++) {
		/* Each byte of the head, and some behind it. */
		size_t at = i < 80 ? i : scratch_random(&seed) % m.packed.size;

		m.packed.data[at] ^= (uint8_t)(1 << i % 8);
		assert_false(unpacks(&m, buffer_bytes(&m.packed), &m.digest));
		m.packed.data[at] ^= (uint8_t)(1 << i % 8);
	}
	assert_true(unpacks(&m, buffer_bytes(&m.packed), &m.digest));
	made_free(&m);
}

static void a_foreign_base_is_not_packed(void **state)
{
	struct buffer raw = made_base(!host_big_endian()), packed = { NULL, 0 };
	struct digest digest = digest_bytes(buffer_bytes(&raw));
	struct btf_index index;
	struct btf_caps caps;
	struct btf btf;

	(void)state;
	assert_int_equal(btf_open(&btf, buffer_bytes(&raw), NULL, NULL), 0);
	assert_int_equal(btf_index_build(&index, &btf, NULL), 0);
	btf_caps_read(&caps, &index);
	assert_int_equal(index_pack(&index, &caps, &digest, &packed, NULL), -EOPNOTSUPP);
	assert_null(packed.data);
	btf_index_free(&index);
	btf_close(&btf);
	buffer_free(&raw);
}

/* ---- the directory ---- */

/* Does one run with the base; was the index kept by an earlier one? */
static bool run_with(const char *base, bool keep)
{
	struct error err = ERROR_INIT;
	const struct target *target;
	struct bases bases;
	struct made m = { 0 };
	bool kept;

	make(&m);
	bases_init(&bases, scratch_path(base), "/", NULL);
	bases.keep = keep;
	if (bases_get(&bases, "", &target, &err))
		fail_msg("%s", err.text);
	kept = target->index.borrowed;
	assert_true(digest_equal(&target->digest, &m.digest));
	assert_same_index(&m.index, &target->index);
	target_drop_pages(target);
	assert_same_index(&m.index, &target->index);
	bases_free(&bases);
	made_free(&m);
	return kept;
}

static void put_base(void)
{
	struct buffer raw = made_base(host_big_endian());

	scratch_write("base.btf", buffer_bytes(&raw));
	buffer_free(&raw);
	scratch_run("rm -rf cache");
	setenv("MODBTF_INDEX_CACHE", scratch_path("cache/modbtf"), 1);
}

static void the_second_run_takes_what_the_first_has_kept(void **state)
{
	(void)state;
	put_base();
	assert_false(run_with("base.btf", false));
	assert_false(run_with("base.btf", true));
	assert_true(run_with("base.btf", true));
	assert_true(run_with("base.btf", false));
	assert_string_equal(scratch_output("ls -A cache/modbtf | sed 's/[0-9a-f]\\{32\\}/X/'"),
			    "X.index\n");
	setenv("MODBTF_INDEX_CACHE", "", 1);
	assert_false(run_with("base.btf", true));
}

static void what_is_no_good_is_made_anew(void **state)
{
	(void)state;
	put_base();
	assert_false(run_with("base.btf", true));
	scratch_run("truncate -s -1 cache/modbtf/*.index");
	assert_false(run_with("base.btf", true));
	assert_true(run_with("base.btf", true));
	scratch_run("printf x | dd of=$(echo cache/modbtf/*.index) bs=1 seek=5000 conv=notrunc "
		    "status=none");
	assert_false(run_with("base.btf", true));
	assert_true(run_with("base.btf", true));
	scratch_run(": > $(echo cache/modbtf/*.index)");
	assert_false(run_with("base.btf", true));
	assert_true(run_with("base.btf", true));
}

static void what_others_can_write_is_not_trusted(void **state)
{
	(void)state;
	put_base();
	assert_false(run_with("base.btf", true));
	scratch_run("chmod g+w cache/modbtf/*.index");
	assert_false(run_with("base.btf", false));
	scratch_run("chmod 644 cache/modbtf/*.index; chmod o+w cache/modbtf");
	assert_false(run_with("base.btf", false));
	scratch_run("chmod 755 cache/modbtf");
	assert_true(run_with("base.btf", false));
	if (geteuid() != 0)
		return; /* only root can give files away */
	scratch_run("rm -rf cache");
	assert_false(run_with("base.btf", true));
	scratch_run("chown 1234 cache/modbtf/*.index");
	assert_false(run_with("base.btf", false));
}

static void a_symlink_is_not_followed(void **state)
{
	(void)state;
	put_base();
	assert_false(run_with("base.btf", true));
	scratch_run("cd cache/modbtf; f=$(echo *.index); mv $f real; ln -s real $f");
	assert_false(run_with("base.btf", false));
}

static void the_oldest_go(void **state)
{
	(void)state;
	put_base();
	scratch_run("mkdir -p cache/modbtf; cd cache/modbtf; for i in 0 1 2 3 4 5 6 7 8 9; do "
		    "touch -d 2020-01-0$((i %% 9 + 1)) "
		    "0000000000000000000000000000000$i.index; done; touch other");
	assert_false(run_with("base.btf", true));
	assert_string_equal(scratch_output("cd cache/modbtf; ls | grep -c index; ls other"),
			    "8\nother\n");
	assert_true(run_with("base.btf", true));
}

static void no_directory_is_no_failure(void **state)
{
	(void)state;
	put_base();
	scratch_run("touch file");
	setenv("MODBTF_INDEX_CACHE", scratch_path("file/cache"), 1);
	assert_false(run_with("base.btf", true));
	setenv("MODBTF_INDEX_CACHE", "/proc/none", 1);
	assert_false(run_with("base.btf", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_back),
		cmocka_unit_test(what_is_damaged_does_not),
		cmocka_unit_test(a_foreign_base_is_not_packed),
		cmocka_unit_test(the_second_run_takes_what_the_first_has_kept),
		cmocka_unit_test(what_is_no_good_is_made_anew),
		cmocka_unit_test(what_others_can_write_is_not_trusted),
		cmocka_unit_test(a_symlink_is_not_followed),
		cmocka_unit_test(the_oldest_go),
		cmocka_unit_test(no_directory_is_no_failure),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
