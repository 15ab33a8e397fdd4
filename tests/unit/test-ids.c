// SPDX-License-Identifier: GPL-2.0-only
/* .BTF_ids: ids by name, fresh and resolved, with symbols and without. */
#include "test.h"

#include "btf-fixture.h"
#include "btf/lookup.h"
#include "ids-fixture.h"

/* A module's BTF over its base. */
struct world {
	struct buffer base_bytes, split_bytes;
	struct btf base, btf;
};

/* The base ends with id 5, of which 2 is struct foo. */
#define ONE                                                                           \
	WORDS(FUNC(S(a), 1, 5), FUNC(S(b), 1, 5), FUNC(S(c), 1, 5), FUNC(S(d), 1, 5), \
	      STRUCT(OWN(own), 0, 4), TYPEDEF(OWN(mine), 1), UNION(S(baz), 0, 4))
enum { ONE_A = 6, ONE_B, ONE_C, ONE_D, ONE_OWN, ONE_MINE, ONE_BAZ };

/* The same in another order. */
#define TWO                                                                                   \
	WORDS(TYPEDEF(OWN(mine), 1), UNION(S(baz), 0, 4), FUNC(S(d), 1, 5), FUNC(S(c), 1, 5), \
	      FUNC(S(b), 1, 5), FUNC(S(a), 1, 5), STRUCT(OWN(own), 0, 4))
enum { TWO_MINE = 6, TWO_BAZ, TWO_D, TWO_C, TWO_B, TWO_A, TWO_OWN };

/* The same without functions b and d. */
#define LESS                                                                                     \
	WORDS(FUNC(S(a), 1, 5), FUNC(S(c), 1, 5), STRUCT(OWN(own), 0, 4), TYPEDEF(OWN(mine), 1), \
	      UNION(S(baz), 0, 4))
enum { LESS_A = 6, LESS_C, LESS_OWN, LESS_MINE, LESS_BAZ };

static void open_over(struct world *w, struct buffer base, const uint32_t *words, size_t nr,
		      bool big)
{
	struct error err = ERROR_INIT;

	w->base_bytes = base;
	w->split_bytes = fixture_split(words, nr, big);
	if (btf_open(&w->base, buffer_bytes(&w->base_bytes), NULL, &err) ||
	    btf_open(&w->btf, buffer_bytes(&w->split_bytes), &w->base, &err))
		fail_msg("%s", err.text);
}

static void open_world(struct world *w, const uint32_t *words, size_t nr, bool big)
{
	open_over(w, fixture_small_base(big), words, nr, big);
}

static void close_world(struct world *w)
{
	btf_close(&w->btf);
	btf_close(&w->base);
	buffer_free(&w->split_bytes);
	buffer_free(&w->base_bytes);
}

/* All machines that the rules have to hold for. */
static const struct {
	bool is64, big;
} machines[] = { { true, false }, { true, true }, { false, false }, { false, true } };

#define NR_MACHINES (sizeof(machines) / sizeof(*machines))

static void lay_out_for(struct ids_fixture *f, const char *text, size_t machine)
{
	ids_lay_out(f, text);
	f->is64 = machines[machine].is64;
	f->big = machines[machine].big;
}

/* Resolves the module for @to; its ids were resolved with @from, if that is given. */
static int try_resolve(struct ids_fixture *f, const struct btf *from, const struct btf *to,
		       struct strlist *missing, struct error *err)
{
	struct buffer out = { 0 };
	struct btf_ids ids;
	int ret;

	ids_build(f);
	ret = btf_ids_read(&ids, &f->mod, err);
	if (!ret && from)
		ret = btf_ids_recover(&ids, from, err);
	if (!ret)
		ret = btf_ids_resolve(&ids, to, &out, missing, err);
	btf_ids_free(&ids);
	ids_release(f);
	if (!ret)
		ids_set_words(f, buffer_bytes(&out));
	buffer_free(&out);
	return ret;
}

static void resolve(struct ids_fixture *f, const struct btf *from, const struct btf *to)
{
	struct error err = ERROR_INIT;

	if (try_resolve(f, from, to, NULL, &err))
		fail_msg("%s", err.text);
}

/* What it says has to name each of the words, up to NULL. */
static void refuses(struct ids_fixture *f, const struct btf *from, const struct btf *to, int code,
		    ...)
{
	struct error err = ERROR_INIT;
	const char *word;
	va_list ap;

	assert_int_equal(try_resolve(f, from, to, NULL, &err), code);
	va_start(ap, code);
	while ((word = va_arg(ap, const char *)))
		if (!strstr(err.text, word))
			fail_msg("'%s' does not say '%s'", err.text, word);
	va_end(ap);
}

static void has_words(const struct ids_fixture *f, const uint32_t *words, size_t nr)
{
	assert_int_equal(f->nr_words, nr);
	for (size_t i = 0; i < nr; i++)
		if (f->words[i] != words[i])
			fail_msg("word %zu is %u, not %u", i, f->words[i], words[i]);
}

static void strip(struct ids_fixture *f)
{
	f->nr_symbols = 0;
}

#define KFUNCS "set8:kf:1 func:c:4 func:a:1 func:d:8 func:b:2 end"

/* ---- fresh ---- */

static void a_fresh_set_is_sorted_by_id_with_its_flags(void **state)
{
	struct ids_fixture f;
	struct world two;

	(void)state;
	for (size_t m = 0; m < NR_MACHINES; m++) {
		open_world(&two, TWO, machines[m].big);
		lay_out_for(&f, KFUNCS " set:plain func:a struct:own func:d end", m);
		resolve(&f, NULL, &two.btf);
		has_words(&f, WORDS(4, 1, TWO_D, 8, TWO_C, 4, TWO_B, 2, TWO_A, 1, 3, TWO_D, TWO_A,
				    TWO_OWN));
		close_world(&two);
	}
}

static void a_list_keeps_its_order_and_its_gaps(void **state)
{
	struct ids_fixture f;
	struct world two;

	(void)state;
	for (size_t m = 0; m < NR_MACHINES; m++) {
		open_world(&two, TWO, machines[m].big);
		lay_out_for(&f, "struct:own unused func:a union:baz typedef:mine struct:foo", m);
		resolve(&f, NULL, &two.btf);
		has_words(&f, WORDS(TWO_OWN, 0, TWO_A, TWO_BAZ, TWO_MINE, 2));
		close_world(&two);
	}
}

static void empty_sets_stay_empty(void **state)
{
	struct ids_fixture f;
	struct world one;

	(void)state;
	open_world(&one, ONE, false);
	ids_lay_out(&f, "set:none end set8:neither:1 end func:a");
	resolve(&f, NULL, &one.btf);
	has_words(&f, WORDS(0, 0, 1, ONE_A));
	close_world(&one);
}

static void names_may_hold_underscores(void **state)
{
	struct error err = ERROR_INIT;
	struct ids_fixture f;
	struct btf_ids ids;

	(void)state;
	ids_lay_out(&f, "func:__bpf_trace__x__2 struct:nf_conn___init typedef:_ set8:__k__1:1 end");
	ids_build(&f);
	assert_int_equal(btf_ids_read(&ids, &f.mod, &err), 0);
	assert_string_equal(ids.entries.at[0].name, "__bpf_trace__x__2");
	assert_string_equal(ids.entries.at[1].name, "nf_conn___init");
	assert_string_equal(ids.entries.at[2].name, "_");
	assert_string_equal(ids.sets.at[0].name, "__k__1");
	assert_int_equal(ids.state, IDS_FRESH);
	btf_ids_free(&ids);
	ids_release(&f);
}

static void a_module_without_the_section_has_no_ids(void **state)
{
	struct error err = ERROR_INIT;
	struct buffer out;
	struct ids_fixture f;
	struct btf_ids ids;

	(void)state;
	ids_lay_out(&f, "func:a");
	f.nr_words = f.nr_symbols = 0;
	ids_build(&f);
	assert_int_equal(btf_ids_read(&ids, &f.mod, &err), 0);
	assert_int_equal(ids.state, IDS_NONE);
	assert_false(btf_ids_need_old(&ids));
	assert_int_equal(btf_ids_resolve(&ids, NULL, &out, NULL, &err), 0);
	assert_int_equal(out.size, 0);
	btf_ids_free(&ids);
	ids_release(&f);
}

/* ---- lookup ---- */

static void a_function_of_the_module_goes_before_one_of_the_kernel(void **state)
{
	const uint32_t base[] = { INT, PROTO(0, 0), FUNC(S(a), 1, 2), FUNC(S(b), 1, 2) };
	struct ids_fixture f;
	struct world w;

	(void)state;
	open_over(&w, fixture_base(base, sizeof(base) / sizeof(*base), false),
		  WORDS(FUNC(S(c), 1, 2), FUNC(S(a), 1, 2), FUNC(S(a), 1, 2)), false);
	ids_lay_out(&f, "func:a func:b func:c");
	resolve(&f, NULL, &w.btf);
	has_words(&f, WORDS(6, 4, 5));
	close_world(&w);
}

/* DESIGN 7.1: drift is the base's, a homonym the module's. */
static void a_struct_is_the_kernels_unless_it_only_shares_the_name(void **state)
{
	const uint32_t base[] = {
		INT,
		STRUCT(S(foo), 2, 8),
		MEMBER(S(a), 1, 0),
		MEMBER(S(b), 1, 32),
		STRUCT(S(bar), 1, 4),
		MEMBER(S(a), 1, 0),
		UNION(S(baz), 1, 4),
		MEMBER(0, 2, 0),
	};
	struct ids_fixture f;
	struct world w;

	(void)state;
	open_over(&w, fixture_base(base, sizeof(base) / sizeof(*base), false),
		  WORDS(STRUCT(S(foo), 2, 8), MEMBER(S(b), 1, 0), MEMBER(S(c), 1, 32),
			STRUCT(S(bar), 1, 4), MEMBER(S(d), 1, 0), UNION(S(baz), 2, 4),
			MEMBER(S(a), 1, 0), MEMBER(S(b), 1, 0)),
		  false);
	ids_lay_out(&f, "struct:foo struct:bar union:baz");
	resolve(&f, NULL, &w.btf);
	has_words(&f, WORDS(2, 6, 4));
	close_world(&w);
}

static void kinds_are_not_mixed_up(void **state)
{
	struct strlist missing = { 0 };
	struct error err = ERROR_INIT;
	struct ids_fixture f;
	struct world one;

	(void)state;
	open_world(&one, ONE, false);
	ids_lay_out(&f, "struct:baz union:own func:mine typedef:a union:foo");
	assert_int_equal(try_resolve(&f, NULL, &one.btf, &missing, &err), 0);
	has_words(&f, WORDS(0, 0, 0, 0, 0));
	assert_int_equal(missing.nr, 5);
	strlist_free(&missing);
	close_world(&one);
}

static void one_pass_finds_what_is_asked_for_more_than_once(void **state)
{
	struct btf_wanted wanted[] = { { "a", BTF_KIND_FUNC, 9 },
				       { "foo", BTF_KIND_STRUCT, 9 },
				       { "a", BTF_KIND_FUNC, 9 },
				       { "none", BTF_KIND_FUNC, 9 },
				       { "none", BTF_KIND_FUNC, 9 } };
	struct error err = ERROR_INIT;
	struct world one;

	(void)state;
	open_world(&one, ONE, false);
	assert_int_equal(btf_lookup(&one.btf, wanted, 5, &err), 0);
	assert_int_equal(wanted[0].id, ONE_A);
	assert_int_equal(wanted[1].id, 2);
	assert_int_equal(wanted[2].id, ONE_A);
	assert_int_equal(wanted[3].id, 0);
	assert_int_equal(wanted[4].id, 0);
	assert_int_equal(btf_lookup(&one.btf, wanted, 0, &err), 0);
	close_world(&one);
}

/* ---- resolved ---- */

static void flags_stay_with_their_function_however_often(void **state)
{
	struct ids_fixture f, first;
	struct world one, two;

	(void)state;
	for (size_t m = 0; m < NR_MACHINES; m++) {
		open_world(&one, ONE, machines[m].big);
		open_world(&two, TWO, machines[m].big);
		lay_out_for(&f, KFUNCS " struct:own unused set:p func:b func:c end", m);
		resolve(&f, NULL, &one.btf);
		has_words(&f, WORDS(4, 1, ONE_A, 1, ONE_B, 2, ONE_C, 4, ONE_D, 8, ONE_OWN, 0, 2,
				    ONE_B, ONE_C));
		first = f;
		for (int i = 0; i < 10; i++) {
			resolve(&f, &one.btf, &one.btf);
			has_words(&f, first.words, first.nr_words);
		}
		for (int i = 0; i < 3; i++) {
			resolve(&f, &one.btf, &two.btf);
			has_words(&f, WORDS(4, 1, TWO_D, 8, TWO_C, 4, TWO_B, 2, TWO_A, 1, TWO_OWN,
					    0, 2, TWO_C, TWO_B));
			resolve(&f, &two.btf, &one.btf);
			has_words(&f, first.words, first.nr_words);
		}
		close_world(&one);
		close_world(&two);
	}
}

static void one_function_may_be_in_a_set_twice(void **state)
{
	struct ids_fixture f;
	struct world one, two;

	(void)state;
	open_world(&one, ONE, false);
	open_world(&two, TWO, false);
	ids_lay_out(&f, "set8:kf:1 func:b:9 func:a:3 func:a:1 end");
	resolve(&f, NULL, &one.btf);
	has_words(&f, WORDS(3, 1, ONE_A, 1, ONE_A, 3, ONE_B, 9));
	resolve(&f, &one.btf, &two.btf);
	has_words(&f, WORDS(3, 1, TWO_B, 9, TWO_A, 1, TWO_A, 3));
	close_world(&one);
	close_world(&two);
}

static bool needs_old(const char *text, const struct btf *btf)
{
	struct error err = ERROR_INIT;
	struct ids_fixture f;
	struct btf_ids ids;
	bool needs;

	ids_lay_out(&f, text);
	if (btf)
		resolve(&f, NULL, btf);
	ids_build(&f);
	assert_int_equal(btf_ids_read(&ids, &f.mod, &err), 0);
	needs = btf_ids_need_old(&ids);
	btf_ids_free(&ids);
	ids_release(&f);
	return needs;
}

static void the_old_btf_is_only_needed_where_flags_differ(void **state)
{
	struct ids_fixture f;
	struct world one, two;

	(void)state;
	open_world(&one, ONE, false);
	open_world(&two, TWO, false);
	assert_false(needs_old(KFUNCS, NULL));
	assert_true(needs_old(KFUNCS, &one.btf));
	assert_false(needs_old("set8:kf:1 func:a:5 func:b:5 end set8:k:1 func:a:7 end", &one.btf));
	assert_false(needs_old("set:s func:a struct:own end func:b", &one.btf));
	/* and without it, all is as it should be there */
	ids_lay_out(&f, "set8:kf:1 func:a:5 func:b:5 end func:c");
	resolve(&f, NULL, &one.btf);
	resolve(&f, NULL, &two.btf);
	has_words(&f, WORDS(2, 1, TWO_B, 5, TWO_A, 5, TWO_C));
	ids_lay_out(&f, KFUNCS);
	resolve(&f, NULL, &one.btf);
	refuses(&f, NULL, &two.btf, -EINVAL, "--old-base", NULL);
	close_world(&one);
	close_world(&two);
}

/* ---- names that are not found ---- */

static void what_is_missing_becomes_zero_and_is_named(void **state)
{
	struct strlist missing = { 0 };
	struct error err = ERROR_INIT;
	struct ids_fixture f;
	struct world less;

	(void)state;
	open_world(&less, LESS, false);
	ids_lay_out(&f, KFUNCS " func:b");
	assert_int_equal(try_resolve(&f, NULL, &less.btf, &missing, &err), 0);
	/* in front, where bisection passes them by */
	has_words(&f, WORDS(4, 1, 0, 2, 0, 8, LESS_A, 1, LESS_C, 4, 0));
	assert_int_equal(missing.nr, 3);
	assert_non_null(strstr(missing.items[0], "set kf: there is no FUNC 'd'"));
	assert_non_null(strstr(missing.items[1], "set kf: there is no FUNC 'b'"));
	assert_non_null(strstr(missing.items[2], "no FUNC 'b' in the BTF, its id at offset 0x28"));
	strlist_free(&missing);
	close_world(&less);
}

static void a_single_missing_name_is_known_by_elimination(void **state)
{
	struct ids_fixture f;
	struct world less, two;

	(void)state;
	open_world(&less, LESS, false);
	open_world(&two, TWO, false);
	ids_lay_out(&f, "set8:kf:1 func:c:4 func:b:2 func:a:1 end func:d");
	resolve(&f, NULL, &less.btf);
	has_words(&f, WORDS(3, 1, 0, 2, LESS_A, 1, LESS_C, 4, 0));
	resolve(&f, &less.btf, &less.btf);
	has_words(&f, WORDS(3, 1, 0, 2, LESS_A, 1, LESS_C, 4, 0));
	resolve(&f, &less.btf, &two.btf);
	has_words(&f, WORDS(3, 1, TWO_C, 4, TWO_B, 2, TWO_A, 1, TWO_D));
	close_world(&less);
	close_world(&two);
}

static void several_are_in_doubt_only_if_their_flags_differ(void **state)
{
	struct ids_fixture f;
	struct world less, two;

	(void)state;
	open_world(&less, LESS, false);
	open_world(&two, TWO, false);
	ids_lay_out(&f, KFUNCS);
	resolve(&f, NULL, &less.btf);
	/* It does not matter while they stay missing, */
	resolve(&f, &less.btf, &less.btf);
	has_words(&f, WORDS(4, 1, 0, 2, 0, 8, LESS_A, 1, LESS_C, 4));
	refuses(&f, &less.btf, &two.btf, -EINVAL, "set kf", "flags", NULL);
	/* nor if they are all the same. */
	ids_lay_out(&f, "set8:kf:1 func:c:4 func:a:1 func:d:8 func:b:8 end");
	resolve(&f, NULL, &less.btf);
	resolve(&f, &less.btf, &two.btf);
	has_words(&f, WORDS(4, 1, TWO_D, 8, TWO_C, 4, TWO_B, 8, TWO_A, 1));
	close_world(&less);
	close_world(&two);
}

/* ---- a BTF that is not the one ---- */

static void ids_that_cannot_be_named_are_refused(void **state)
{
	struct ids_fixture f;
	struct world one, two;

	(void)state;
	open_world(&one, ONE, false);
	open_world(&two, TWO, false);
	ids_lay_out(&f, KFUNCS);
	resolve(&f, NULL, &one.btf);
	f.words[8] = 13;
	refuses(&f, &one.btf, &two.btf, -EINVAL, "id 13 at offset 0x20", "beyond", NULL);
	f.words[8] = 3; /* a pointer */
	refuses(&f, &one.btf, &two.btf, -EINVAL, "id 3 at offset 0x20", "PTR", NULL);
	f.words[8] = ONE_OWN;
	refuses(&f, &one.btf, &two.btf, -EINVAL, "STRUCT 'own'", "set kf", NULL);
	f.words[8] = ONE_C; /* twice, though the symbols say it once */
	refuses(&f, &one.btf, &two.btf, -EINVAL, "FUNC 'c'", "set kf", NULL);
	close_world(&one);
	close_world(&two);
}

static void the_wrong_base_is_seen(void **state)
{
	struct ids_fixture f;
	struct world one, two;

	(void)state;
	open_world(&one, ONE, false);
	open_world(&two, TWO, false);
	ids_lay_out(&f, KFUNCS);
	resolve(&f, NULL, &one.btf);
	refuses(&f, &two.btf, &two.btf, -EINVAL, "--old-base", NULL);
	ids_lay_out(&f, "func:a struct:own");
	resolve(&f, NULL, &one.btf);
	refuses(&f, &two.btf, &two.btf, -EINVAL, "id 6 at offset 0x0", "'mine'", "FUNC 'a'", NULL);
	close_world(&one);
	/* the right name alone is not enough */
	open_world(&one, WORDS(UNION(OWN(own), 0, 4)), false);
	ids_lay_out(&f, "struct:own");
	f.words[0] = 6;
	refuses(&f, &one.btf, &two.btf, -EINVAL, "UNION 'own'", "STRUCT 'own'", NULL);
	close_world(&one);
	close_world(&two);
}

static void half_resolved_sections_are_refused(void **state)
{
	struct ids_fixture f;
	struct world one;

	(void)state;
	open_world(&one, ONE, false);
	ids_lay_out(&f, KFUNCS " func:b struct:own");
	resolve(&f, NULL, &one.btf);
	f.words[10] = 0; /* func b of the list */
	refuses(&f, &one.btf, &one.btf, -EINVAL, "FUNC 'b' has id 0", "0x28", NULL);
	ids_lay_out(&f, KFUNCS);
	resolve(&f, NULL, &one.btf);
	f.words[4] = 0; /* func b of the set */
	refuses(&f, &one.btf, &one.btf, -EINVAL, "FUNC 'b' has id 0", NULL);
	/* ids, but no counts: something resolved single symbols */
	ids_lay_out(&f, KFUNCS);
	f.words[2] = ONE_A;
	refuses(&f, &one.btf, &one.btf, -EINVAL, "set kf at offset 0x0", "0 ids", "says 4", NULL);
	ids_lay_out(&f, KFUNCS " func:b");
	f.words[10] = ONE_B;
	refuses(&f, &one.btf, &one.btf, -EINVAL, "set kf", NULL);
	close_world(&one);
}

static void counts_have_to_be_what_symbols_say(void **state)
{
	struct ids_fixture f;
	struct world one;

	(void)state;
	open_world(&one, ONE, false);
	ids_lay_out(&f, "set:s func:a func:b end func:c");
	resolve(&f, NULL, &one.btf);
	f.words[0] = 3;
	refuses(&f, &one.btf, &one.btf, -EINVAL, "set s", "3 ids", "says 2", NULL);
	f.words[0] = UINT32_MAX;
	refuses(&f, &one.btf, &one.btf, -EINVAL, "set s", NULL);
	close_world(&one);
}

/* ---- symbols that are none ---- */

static void symbols_are_checked(void **state)
{
	static const struct {
		const char *text;
		uint32_t symbol;
		const char *name; /* NULL: as it was */
		uint64_t value, size;
		int code;
		const char *says;
	} cases[] = {
		{ "func:a", 0, "__BTF_ID__enum__a__1", 0, 4, -EOPNOTSUPP, "unknown kind" },
		{ "func:a", 0, "__BTF_ID__func__a", 0, 4, -EINVAL, "names nothing" },
		{ "func:a", 0, "__BTF_ID__func__a_1", 0, 4, -EINVAL, "names nothing" },
		{ "func:a", 0, "__BTF_ID__func__a__", 0, 4, -EINVAL, "names nothing" },
		{ "func:a", 0, "__BTF_ID__func____1", 0, 4, -EINVAL, "names nothing" },
		{ "func:a", 0, "__BTF_ID__func__", 0, 4, -EINVAL, "names nothing" },
		{ "func:a", 0, "__BTF_ID__", 0, 4, -EOPNOTSUPP, "unknown kind" },
		{ "set:s end", 0, "__BTF_ID__set__", 0, 4, -EINVAL, "names nothing" },
		{ "func:a", 0, NULL, 4, 4, -EINVAL, "outside" },
		{ "func:a", 0, NULL, 1, 4, -EINVAL, "outside" },
		{ "func:a", 0, NULL, UINT64_MAX, 4, -EINVAL, "outside" },
		{ "func:a func:b", 1, NULL, 0, 4, -EINVAL, "overlaps" },
		{ "func:a func:b", 1, NULL, 3, 4, -EINVAL, "overlaps" },
		{ "set:s func:a end", 0, NULL, 0, 0, -EINVAL, "size" },
		{ "set:s func:a end", 0, NULL, 0, 6, -EINVAL, "size" },
		{ "set:s func:a end", 0, NULL, 0, 12, -EINVAL, "outside" },
		{ "set:s func:a end", 0, NULL, 0, UINT64_MAX - 3, -EINVAL, "outside" },
		{ "set:s func:a func:b end", 1, NULL, 12, 4, -EINVAL, "no symbol marks" },
		{ "set:s func:a func:b end", 2, NULL, 4, 4, -EINVAL, "no symbol marks" },
		{ "set8:s:1 func:a:1 end", 0, NULL, 0, 12, -EINVAL, "size" },
		{ "set8:s:1 func:a:1 end", 0, NULL, 0, 4, -EINVAL, "size" },
		{ "set8:s:1 func:a:1 end", 1, NULL, 12, 4, -EINVAL, "no symbol marks" },
		{ "set8:s:1 func:a:1 end set:t func:b end", 2, NULL, 8, 8, -EINVAL, "overlaps" },
		{ "set8:s:1 func:a:1 end set:t end", 2, NULL, 12, 4, -EINVAL, "overlaps" },
	};
	struct ids_fixture f;
	struct world one;

	(void)state;
	open_world(&one, ONE, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ids_symbol *s;

		ids_lay_out(&f, cases[i].text);
		s = &f.symbols[cases[i].symbol];
		if (cases[i].name)
			strcpy(s->name, cases[i].name);
		s->value = cases[i].value;
		s->size = cases[i].size;
		refuses(&f, NULL, &one.btf, cases[i].code, cases[i].says,
			cases[i].name ? cases[i].name : "__BTF_ID__", NULL);
	}
	close_world(&one);
}

/* ---- without symbols ---- */

static void without_symbols_the_layout_is_recovered(void **state)
{
	static const char *const texts[] = {
		"struct:own struct:foo pointer " KFUNCS,
		KFUNCS " set8:other:0 func:b:0x10 func:a:0x20 end",
		"set:s func:a func:c func:d end unused typedef:mine func:b",
		"func:a func:b unused unused struct:own",
		"union:baz set8:none:1 end set:s func:d end",
		"set8:one:1 func:b:0 end set8:two:0 func:a:3 func:d:0 end",
	};
	struct ids_fixture f, expected;
	struct world one, two;

	(void)state;
	for (size_t m = 0; m < NR_MACHINES; m++) {
		open_world(&one, ONE, machines[m].big);
		open_world(&two, TWO, machines[m].big);
		for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
			lay_out_for(&expected, texts[i], m);
			resolve(&expected, NULL, &two.btf);
			lay_out_for(&f, texts[i], m);
			resolve(&f, NULL, &one.btf);
			strip(&f);
			resolve(&f, &one.btf, &two.btf);
			has_words(&f, expected.words, expected.nr_words);
		}
		close_world(&one);
		close_world(&two);
	}
}

/* In a distilled base small numbers are ids as well: function a is 1, struct foo 2, b 3. */
static void open_small_ids(struct world *w, bool big)
{
	const uint32_t base[] = { FUNC(S(a), 1, 5), STRUCT(S(foo), 0, 4), FUNC(S(b), 1, 5),
				  FUNC(S(c), 1, 5), PROTO(0, 0),	  FUNC(S(d), 1, 5) };

	open_over(w, fixture_base(base, sizeof(base) / sizeof(*base), big),
		  WORDS(TYPEDEF(OWN(mine), 2)), big);
}

static void what_can_be_read_in_two_ways_is_refused(void **state)
{
	struct ids_fixture f;
	struct world small, two;

	(void)state;
	open_small_ids(&small, false);
	open_world(&two, TWO, false);
	/* 2, 1, 3: is it a set of two, or a list of three? */
	ids_lay_out(&f, "set:s func:a func:b end");
	resolve(&f, NULL, &small.btf);
	has_words(&f, WORDS(2, 1, 3));
	strip(&f);
	refuses(&f, &small.btf, &two.btf, -ENOTUNIQ, "not certain", NULL);
	close_world(&small);
	close_world(&two);
}

static void a_pointer_tells_where_a_set_of_kfuncs_is(void **state)
{
	struct ids_fixture f;
	struct world small, two;

	(void)state;
	for (size_t m = 0; m < NR_MACHINES; m++) {
		open_small_ids(&small, machines[m].big);
		open_world(&two, TWO, machines[m].big);
		lay_out_for(&f, "struct:foo set8:kf:1 func:d:3 func:a:1 end", m);
		resolve(&f, NULL, &small.btf);
		has_words(&f, WORDS(2, 2, 1, 1, 1, 6, 3));
		strip(&f);
		refuses(&f, &small.btf, &two.btf, -ENOTUNIQ, "not certain", NULL);
		f.pointers[f.nr_pointers++] = 4;
		resolve(&f, &small.btf, &two.btf);
		has_words(&f, WORDS(2, 2, 1, TWO_D, 3, TWO_A, 1));
		close_world(&small);
		close_world(&two);
	}
}

static void nothing_leads_into_the_middle_of_a_set(void **state)
{
	struct ids_fixture f;
	struct world one;

	(void)state;
	open_world(&one, ONE, false);
	ids_lay_out(&f, KFUNCS);
	resolve(&f, NULL, &one.btf);
	strip(&f);
	f.pointers[f.nr_pointers++] = 16;
	refuses(&f, &one.btf, &one.btf, -EINVAL, "symbols were stripped", NULL);
	f.pointers[0] = 400; /* nor does it matter what leads elsewhere */
	resolve(&f, &one.btf, &one.btf);
	ids_lay_out(&f, "set:s func:a func:b func:c end");
	resolve(&f, NULL, &one.btf);
	strip(&f);
	resolve(&f, &one.btf, &one.btf);
	f.pointers[f.nr_pointers++] = 8;
	refuses(&f, &one.btf, &one.btf, -EINVAL, "symbols were stripped", NULL);
	close_world(&one);
}

/* 3 is a pointer in the base, so the count can be no id. */
static void what_is_not_sorted_is_no_set(void **state)
{
	struct ids_fixture f;
	struct world one;

	(void)state;
	open_world(&one, ONE, false);
	ids_lay_out(&f, "set:s func:a func:b func:c end");
	resolve(&f, NULL, &one.btf);
	strip(&f);
	f.words[2] = ONE_A;
	f.words[1] = ONE_B;
	refuses(&f, &one.btf, &one.btf, -EINVAL, "symbols were stripped", NULL);
	ids_lay_out(&f, "set8:s:1 func:a:0 func:b:0 func:c:0 end");
	resolve(&f, NULL, &one.btf);
	strip(&f);
	f.words[4] = ONE_A;
	f.words[2] = ONE_B;
	refuses(&f, &one.btf, &one.btf, -EINVAL, "symbols were stripped", NULL);
	close_world(&one);
}

static void without_symbols_the_wrong_base_is_refused(void **state)
{
	struct ids_fixture f;
	struct world one, two;

	(void)state;
	open_world(&one, ONE, false);
	open_world(&two, TWO, false);
	ids_lay_out(&f, KFUNCS);
	resolve(&f, NULL, &one.btf);
	strip(&f);
	refuses(&f, &two.btf, &two.btf, -EINVAL, "--old-base", NULL);
	/* a name that was missing leaves a set that cannot be told from anything else */
	f.words[2] = 0;
	refuses(&f, &one.btf, &two.btf, -EINVAL, "symbols were stripped", NULL);
	close_world(&one);
	close_world(&two);
}

static void a_stripped_section_that_was_never_resolved_stays_unread(void **state)
{
	struct error err = ERROR_INIT;
	struct ids_fixture f;
	struct btf_ids ids;

	(void)state;
	ids_lay_out(&f, KFUNCS);
	strip(&f);
	ids_build(&f);
	assert_int_equal(btf_ids_read(&ids, &f.mod, &err), 0);
	assert_int_equal(ids.state, IDS_UNMARKED);
	assert_true(btf_ids_need_old(&ids));
	btf_ids_free(&ids);
	ids_release(&f);
}

/* ---- kfuncs ---- */

static void kfuncs_are_those_of_sets_with_the_flag(void **state)
{
	struct error err = ERROR_INIT;
	struct kfuncs kfuncs;
	struct ids_fixture f;
	struct btf_ids ids;
	struct world one;

	(void)state;
	open_world(&one, ONE, false);
	ids_lay_out(&f, "func:a set8:no:0 func:c:9 end set8:kf:1 func:b:4 func:a:2 end "
			"set:s func:d end set8:same:3 func:d:5 func:c:5 end");
	for (int pass = 0; pass < 3; pass++) {
		ids_build(&f);
		assert_int_equal(btf_ids_read(&ids, &f.mod, &err), 0);
		if (pass == 2)
			assert_int_equal(btf_ids_recover(&ids, &one.btf, &err), 0);
		assert_int_equal(btf_ids_kfuncs(&ids, &kfuncs, &err), 0);
		assert_int_equal(kfuncs.nr, 4);
		/* resolved: whose flags are whose is not known before the second step */
		assert_int_equal(kfuncs.at[0].certain, pass != 1);
		assert_true(kfuncs.at[2].certain);
		assert_int_equal(kfuncs.at[2].flags, 5);
		for (uint32_t i = 0; i < 2 && pass != 1; i++)
			assert_int_equal(kfuncs.at[i].flags, *kfuncs.at[i].name == 'b' ? 4 : 2);
		kfuncs_free(&kfuncs);
		btf_ids_free(&ids);
		ids_release(&f);
		if (!pass)
			resolve(&f, NULL, &one.btf);
	}
	close_world(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fresh_set_is_sorted_by_id_with_its_flags),
		cmocka_unit_test(a_list_keeps_its_order_and_its_gaps),
		cmocka_unit_test(empty_sets_stay_empty),
		cmocka_unit_test(names_may_hold_underscores),
		cmocka_unit_test(a_module_without_the_section_has_no_ids),
		cmocka_unit_test(a_function_of_the_module_goes_before_one_of_the_kernel),
		cmocka_unit_test(a_struct_is_the_kernels_unless_it_only_shares_the_name),
		cmocka_unit_test(kinds_are_not_mixed_up),
		cmocka_unit_test(one_pass_finds_what_is_asked_for_more_than_once),
		cmocka_unit_test(flags_stay_with_their_function_however_often),
		cmocka_unit_test(one_function_may_be_in_a_set_twice),
		cmocka_unit_test(the_old_btf_is_only_needed_where_flags_differ),
		cmocka_unit_test(what_is_missing_becomes_zero_and_is_named),
		cmocka_unit_test(a_single_missing_name_is_known_by_elimination),
		cmocka_unit_test(several_are_in_doubt_only_if_their_flags_differ),
		cmocka_unit_test(ids_that_cannot_be_named_are_refused),
		cmocka_unit_test(the_wrong_base_is_seen),
		cmocka_unit_test(half_resolved_sections_are_refused),
		cmocka_unit_test(counts_have_to_be_what_symbols_say),
		cmocka_unit_test(symbols_are_checked),
		cmocka_unit_test(without_symbols_the_layout_is_recovered),
		cmocka_unit_test(what_can_be_read_in_two_ways_is_refused),
		cmocka_unit_test(a_pointer_tells_where_a_set_of_kfuncs_is),
		cmocka_unit_test(nothing_leads_into_the_middle_of_a_set),
		cmocka_unit_test(what_is_not_sorted_is_no_set),
		cmocka_unit_test(without_symbols_the_wrong_base_is_refused),
		cmocka_unit_test(a_stripped_section_that_was_never_resolved_stays_unread),
		cmocka_unit_test(kfuncs_are_those_of_sets_with_the_flag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
