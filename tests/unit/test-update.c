// SPDX-License-Identifier: GPL-2.0-only
/* What is done with an installed module, and for which kernel: from what is known of it, nothing else. */
#include "test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "regen/known-base.h"
#include "regen/update-decide.h"
#include "scratch.h"
#include "util/progress.h"

/* A module with BTF of today, stripped, on a kernel that relocates. */
static const struct update_facts usual = {
	.kernel = KERNEL_READY, .base_section = true, .distilled = true, .age = AGE_CURRENT
};

static void decides(struct update_facts facts, enum update_action action, enum update_reason reason)
{
	struct update_decision d = update_decide(&facts);

	if (d.action != action || d.reason != reason)
		fail_msg("'%s', reason %d, instead of '%s', reason %d",
			 update_action_name(d.action), (int)d.reason, update_action_name(action),
			 (int)reason);
}

static void what_is_current_is_left_alone(void **state)
{
	struct update_facts f = usual;

	(void)state;
	decides(f, UPDATE_CURRENT, REASON_CURRENT);
	f.debug_info = true;
	decides(f, UPDATE_CURRENT, REASON_CURRENT);
	f.named = true;
	f.named_source = true;
	decides(f, UPDATE_CURRENT, REASON_CURRENT);
}

static void each_age_has_its_reason(void **state)
{
	static const struct {
		enum age age;
		enum update_reason reason;
	} ages[] = {
		{ AGE_NO_NOTE, REASON_NO_NOTE },
		{ AGE_STRANGE_NOTE, REASON_STRANGE_NOTE },
		{ AGE_OTHER_BASE, REASON_OTHER_BASE },
		{ AGE_OTHER_MODE, REASON_BASE_SECTION },
		{ AGE_OTHER_CONTENT, REASON_OTHER_CONTENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		struct update_facts f = usual;

		f.age = ages[i].age;
		decides(f, UPDATE_REBASE, ages[i].reason);
		f.debug_info = true;
		decides(f, UPDATE_GENERATE, ages[i].reason);
		assert_true(update_reason_text(ages[i].reason)[0]);
	}
}

static void without_btf_debug_info_is_looked_for(void **state)
{
	struct update_facts f = usual;

	(void)state;
	f.age = AGE_NO_BTF;
	f.base_section = false;
	decides(f, UPDATE_GENERATE, REASON_NO_BTF);
	f.debug_info = true;
	decides(f, UPDATE_GENERATE, REASON_NO_BTF);
}

static void a_base_section_that_shall_go_is_told(void **state)
{
	struct update_facts f = usual;

	(void)state;
	f.age = AGE_OTHER_MODE;
	f.distilled = false;
	decides(f, UPDATE_REBASE, REASON_NO_BASE_SECTION);
}

/* Only where nothing tells what plain BTF was made on, and there is nothing better to read. */
static void btf_of_others_is_made_anew_if_it_fits_for_sure(void **state)
{
	struct update_facts f = usual;

	(void)state;
	f.age = AGE_NO_NOTE;
	f.base_section = false;
	assert_true(update_asks_fit(&f));
	decides(f, UPDATE_REBASE, REASON_NO_NOTE);
	f.fit = FIT_SURE;
	decides(f, UPDATE_REBASE, REASON_NO_NOTE);
	f.fit = FIT_LUCK;
	decides(f, UPDATE_SKIP, REASON_FITS);
	f.named_source = true;
	assert_false(update_asks_fit(&f));
	decides(f, UPDATE_REBASE, REASON_NO_NOTE);
	f.named_source = false;
	f.base_section = true;
	assert_false(update_asks_fit(&f));
	decides(f, UPDATE_REBASE, REASON_NO_NOTE);
	f.base_section = false;
	f.debug_info = true;
	assert_false(update_asks_fit(&f));
	decides(f, UPDATE_GENERATE, REASON_NO_NOTE);
	f.debug_info = false;
	f.age = AGE_OTHER_BASE;
	assert_false(update_asks_fit(&f));
	decides(f, UPDATE_REBASE, REASON_OTHER_BASE);
}

static void kernels_decide_for_their_modules(void **state)
{
	struct update_facts f = usual;

	(void)state;
	f.age = AGE_NO_BTF;
	f.kernel = KERNEL_WITHOUT_BTF;
	decides(f, UPDATE_SKIP, REASON_KERNEL_WITHOUT_BTF);
	f.kernel = KERNEL_GONE;
	decides(f, UPDATE_SKIP, REASON_KERNEL_GONE);
	f.named = true; /* then it was asked for */
	decides(f, UPDATE_FAIL, REASON_KERNEL_GONE);
	f.named = false;
	f.kernel = KERNEL_FAILED;
	decides(f, UPDATE_FAIL, REASON_KERNEL_FAILED);
	/* It is none of that kernel's. */
	f.other_kernel = true;
	decides(f, UPDATE_SKIP, REASON_OTHER_KERNEL);
}

/* ---- which kernel ---- */

static struct kernel old = { .release = (char *)"6.1" }, middle = { .release = (char *)"6.12" },
		     newest = { .release = (char *)"7.0" };

static bool has_base(void *ctx, struct kernel *kernel)
{
	struct kernel *const *without = ctx;

	for (; *without; without++)
		if (*without == kernel)
			return false;
	return true;
}

static void the_target_is_where_a_module_belongs(void **state)
{
	struct kernel *users[] = { &old, &middle, &newest };
	struct kernel *all[] = { NULL }, *no_old[] = { &old, NULL },
		      *no_newest[] = { &old, &newest, NULL };
	struct kernel *none[] = { &old, &middle, &newest, NULL };

	(void)state;
#define TARGET(wanted, home, built, nr, stray, without) \
	update_target(wanted, home, built, users, nr, stray, has_base, without)
	assert_ptr_equal(TARGET(&newest, &old, &middle, 3, false, all), &newest);
	assert_ptr_equal(TARGET(&newest, &old, &middle, 3, false, none), &newest);
	assert_ptr_equal(TARGET(NULL, &old, &old, 3, false, all), &old);
	assert_ptr_equal(TARGET(NULL, &old, &middle, 3, false, all), &old);
	assert_ptr_equal(TARGET(NULL, &old, &middle, 1, true, all), &middle);
	assert_ptr_equal(TARGET(NULL, NULL, &middle, 3, false, all), &middle);
	assert_ptr_equal(TARGET(NULL, &middle, NULL, 3, true, all), &middle);
	/* The kernel that it was built for is not installed. */
	assert_ptr_equal(TARGET(NULL, &old, &old, 3, false, no_old), &newest);
	assert_ptr_equal(TARGET(NULL, &old, &middle, 3, false, no_old), &middle);
	assert_ptr_equal(TARGET(NULL, &old, &old, 3, false, no_newest), &middle);
	assert_ptr_equal(TARGET(NULL, &old, &old, 1, false, no_old), &old);
	assert_ptr_equal(TARGET(NULL, NULL, NULL, 2, false, all), &middle);
	assert_ptr_equal(TARGET(NULL, NULL, NULL, 2, false, none), &middle);
	assert_null(TARGET(NULL, NULL, NULL, 0, false, all));
#undef TARGET
}

/* ---- what is known of bases ---- */

static void make_file(const char *name, const char *text)
{
	scratch_write(name, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

static bool recalls(const char *release, const char *name, struct known_base *known)
{
	struct file_stamp stamp;

	return file_stamp_take(&stamp, scratch_path(name)) &&
	       known_base_recall(known, release, scratch_path(name), &stamp);
}

static void a_base_is_known_as_long_as_its_file_is_the_same(void **state)
{
	struct known_base known = { .relocates = true }, got = { .relocates = false };
	struct file_stamp stamp;

	(void)state;
	known.digest = digest_bytes((struct bytes){ (const uint8_t *)"base", 4 });
	scratch_run("mkdir cache && chmod 755 cache");
	setenv("MODBTF_INDEX_CACHE", scratch_path("cache"), 1);
	make_file("vmlinuz", "one");
	assert_true(file_stamp_take(&stamp, scratch_path("vmlinuz")));
	/* It was made just now: a change in the same instant would not show. */
	assert_false(stamp.settled);
	known_base_keep(&known, "6.1", scratch_path("vmlinuz"), &stamp);
	assert_false(recalls("6.1", "vmlinuz", &got));

	stamp.settled = true;
	known_base_keep(&known, "6.1", scratch_path("vmlinuz"), &stamp);
	assert_true(recalls("6.1", "vmlinuz", &got));
	assert_true(digest_equal(&got.digest, &known.digest));
	assert_true(got.relocates);
	assert_false(recalls("6.2", "vmlinuz", &got));

	/* Another file with the same size and times of content. */
	scratch_run("cp -p vmlinuz other && printf two > other && touch -r vmlinuz other && "
		    "mv other vmlinuz");
	assert_false(recalls("6.1", "vmlinuz", &got));
	/* It changed while it was read. */
	known_base_keep(&known, "6.1", scratch_path("vmlinuz"), &stamp);
	assert_false(recalls("6.1", "vmlinuz", &got));
}

static void what_is_kept_of_bases_is_not_trusted_blindly(void **state)
{
	struct known_base known = { .relocates = true }, got;
	struct file_stamp stamp;

	(void)state;
	scratch_run("rm -rf cache && mkdir cache && chmod 755 cache");
	setenv("MODBTF_INDEX_CACHE", scratch_path("cache"), 1);
	make_file("vmlinuz", "one");
	assert_true(file_stamp_take(&stamp, scratch_path("vmlinuz")));
	stamp.settled = true;
	known_base_keep(&known, "6.1", scratch_path("vmlinuz"), &stamp);
	assert_true(recalls("6.1", "vmlinuz", &got));
	scratch_run("chmod g+w cache/*");
	assert_false(recalls("6.1", "vmlinuz", &got));
	scratch_run("chmod g-w cache/* && chmod o+w cache");
	assert_false(recalls("6.1", "vmlinuz", &got));
	scratch_run("chmod o-w cache");
	assert_true(recalls("6.1", "vmlinuz", &got));
	/* One byte of the digest is another. */
	scratch_run("printf X | dd of=$(echo cache/*) bs=1 seek=70 conv=notrunc status=none");
	assert_false(recalls("6.1", "vmlinuz", &got));
	scratch_run("truncate -s 50 cache/*");
	assert_false(recalls("6.1", "vmlinuz", &got));
	setenv("MODBTF_INDEX_CACHE", "", 1);
	known_base_keep(&known, "6.1", scratch_path("vmlinuz"), &stamp);
	assert_false(recalls("6.1", "vmlinuz", &got));
	assert_false(file_stamp_take(&stamp, scratch_path("none")));
	assert_false(file_stamp_take(&stamp, scratch_path("cache")));
}

/* ---- the progress bar ---- */

static void bar_is(size_t width, size_t done, size_t total, const char *path, const char *want)
{
	char text[256];

	progress_format(text, sizeof(text), width, done, total, path);
	assert_string_equal(text, want);
}

static void a_bar_is_never_as_wide_as_the_terminal(void **state)
{
	char text[64];

	(void)state;
	bar_is(80, 45, 100, "/lib/foo.ko", "[#############.................] 45/100 foo.ko");
	bar_is(80, 0, 3, "a", "[..............................] 0/3 a");
	bar_is(80, 3, 3, "a", "[##############################] 3/3 a");
	bar_is(80, 0, 0, "", "[##############################] 0/0");
	bar_is(30, 45, 100, "/lib/foo.ko", "[######........] 45/100 foo.k");
	bar_is(20, 45, 100, "/lib/foo.ko", "[####.....] 45/100");
	bar_is(17, 45, 100, "/lib/foo.ko", "45/100");
	bar_is(6, 45, 100, "/lib/foo.ko", "");
	bar_is(1, 45, 100, "/lib/foo.ko", "");
	bar_is(60, 1, 2, "/lib/\033[2Jx\xc3\xa4.ko",
	       "[##############...............] 1/2 ?[2Jx??.ko");
	for (size_t size = 1; size < sizeof(text); size++)
		for (size_t width = 0; width < 200; width++) {
			progress_format(text, size, width, 7, 9, "/a/rather-long-name.ko.zst");
			assert_true(strlen(text) < size);
			assert_true(!width || strlen(text) < width);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_current_is_left_alone),
		cmocka_unit_test(each_age_has_its_reason),
		cmocka_unit_test(without_btf_debug_info_is_looked_for),
		cmocka_unit_test(a_base_section_that_shall_go_is_told),
		cmocka_unit_test(btf_of_others_is_made_anew_if_it_fits_for_sure),
		cmocka_unit_test(kernels_decide_for_their_modules),
		cmocka_unit_test(the_target_is_where_a_module_belongs),
		cmocka_unit_test(a_base_is_known_as_long_as_its_file_is_the_same),
		cmocka_unit_test(what_is_kept_of_bases_is_not_trusted_blindly),
		cmocka_unit_test(a_bar_is_never_as_wide_as_the_terminal),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
