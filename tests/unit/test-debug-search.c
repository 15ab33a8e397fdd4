// SPDX-License-Identifier: GPL-2.0-only
/* Where debug info is looked for, in which order, and what is made of what is found. */
#include "test.h"

#include <stdio.h>

#include "regen/debug-search.h"
#include "scratch.h"

static struct module mod; /* root/lib/modules/1.0/extra/sub/foo-bar.ko, stripped */
static char id[64];	  /* its build id as a path: xx/yyyy */

#define HOME "root/lib/modules/1.0/extra/sub/"
#define DEBUG "root/usr/lib/debug/"

static int make(void **state)
{
	static const char foo[] =
		"static const char n[] __attribute__((section(\".modinfo\"), used)) = \"name=foo_bar\";\n"
		"int called(int x) { return x + NUMBER; }\n";
	struct error err = ERROR_INIT;

	if (scratch_make(state))
		return -1;
	scratch_write("foo.c", (struct bytes){ (const uint8_t *)foo, sizeof(foo) - 1 });
	for (int i = 1; i < 3; i++) {
		scratch_run("gcc -g -O2 -DNUMBER=%d -c foo.c -o foo%d.o", i, i);
		scratch_run("ld -r --build-id=sha1 foo%d.o -o foo%d.ko", i, i);
	}
	scratch_run("mkdir -p " HOME);
	scratch_run("strip -g foo1.ko -o " HOME "foo-bar.ko");
	scratch_run("objcopy --only-keep-debug foo1.ko foo.debug");
	scratch_run("head -c 1000 foo1.ko >damaged");
	snprintf(id, sizeof(id), "%s",
		 scratch_output("readelf -n foo1.ko | sed -n 's,.*Build ID: \\(..\\),\\1/,p'"));
	id[strcspn(id, "\n")] = '\0';
	return module_open(&mod, scratch_path(HOME "foo-bar.ko"), &err);
}

static int clean(void **state)
{
	module_close(&mod);
	return scratch_remove(state);
}

/* As it was after make(). */
static void tidy(void)
{
	scratch_run("find " HOME " -mindepth 1 ! -name foo-bar.ko -delete; rm -rf root/usr given");
	scratch_run("mkdir given");
}

/* cp FILE, with the directories that PATH takes. */
static void put(const char *file, const char *path)
{
	scratch_run("mkdir -p \"$(dirname '%s')\" && cp %s '%s'", path, file, path);
}

static struct strlist warnings;

/* What is found first, with what was named, under the scratch directory; "" for -ENODATA. */
static const char *found(const char *one, const char *other, struct error *err)
{
	const char *paths[] = { one ? scratch_path(one) : NULL,
				other ? scratch_path(other) : NULL };
	static char path[512];
	struct debug_places places;
	struct debug_search s;
	int ret;

	strlist_free(&warnings);
	*err = (struct error)ERROR_INIT;
	if (debug_places_init(&places, paths, !!one + !!other, err))
		return NULL;
	debug_search_init(&s, &mod, &places, scratch_path("root"), &warnings);
	ret = debug_search_next(&s, err);
	path[0] = '\0';
	if (!ret)
		snprintf(path, sizeof(path), "%s", s.file.path + strlen(scratch_path("")));
	debug_search_free(&s);
	debug_places_free(&places);
	return ret && ret != -ENODATA ? NULL : path;
}

static void assert_found(const char *one, const char *other, const char *path)
{
	struct error err;
	const char *is = found(one, other, &err);

	if (!is)
		fail_msg("not %s: %s: %s", path, err.file, err.text);
	assert_string_equal(is, path);
}

static void assert_error(const char *one, const char *other, const char *file, const char *why)
{
	struct error err;

	assert_null(found(one, other, &err));
	assert_non_null(strstr(err.file, file));
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void nothing_is_there(void **state)
{
	(void)state;
	tidy();
	assert_found(NULL, NULL, "");
	assert_found("given", NULL, "");
	assert_int_equal(warnings.nr, 0);
}

static void a_named_file_is_used(void **state)
{
	(void)state;
	tidy();
	put("foo1.ko", HOME "foo-bar.ko.debug");
	put("foo.debug", "given/whatever");
	assert_found("given/whatever", NULL, "given/whatever");
	put("foo2.ko", "given/other");
	assert_found("given/other", "given/whatever", "given/whatever");
	assert_int_equal(warnings.nr, 0);
}

/* Even where others would be found. */
static void a_named_file_that_is_not_of_the_module_is_an_error(void **state)
{
	(void)state;
	tidy();
	put("foo1.ko", HOME "foo-bar.ko.debug");
	put("foo2.ko", "given/foo-bar.ko");
	put("damaged", "given/damaged");
	put("foo.c", "given/foo.c");
	assert_error("given/foo-bar.ko", NULL, "given/foo-bar.ko", "another build");
	assert_error("given/damaged", "given/foo-bar.ko", "given/damaged", "outside of the file");
	assert_error("given/foo.c", NULL, "given/foo.c", "neither an ELF file");
	assert_error(HOME "foo-bar.ko", NULL, "foo-bar.ko", "has no debug info");
	assert_error("given/none", NULL, "given/none", "cannot be used");
}

static void a_build_id_spares_a_walk(void **state)
{
	char path[128];

	(void)state;
	tidy();
	put("foo1.ko", "given/foo-bar.ko");
	snprintf(path, sizeof(path), "given/.build-id/%s.debug", id);
	put("foo.debug", path);
	assert_found("given", NULL, path);
}

static void a_directory_is_searched_by_name(void **state)
{
	struct error err;

	(void)state;
	tidy();
	put("foo1.o", "given/x/foo_bar.o");
	assert_found("given", NULL, "given/x/foo_bar.o");
	put("foo1.ko", "given/y/foo_bar.ko");
	assert_found("given", NULL, "given/y/foo_bar.ko");
	put("foo.debug", "given/z/foo-bar.debug");
	assert_found("given", NULL, "given/z/foo-bar.debug");
	put("foo.debug", "given/a/foo-bar.ko-1-2.x86_64.debug");
	assert_found("given", NULL, "given/a/foo-bar.ko-1-2.x86_64.debug");
	put("foo.debug", "given/.foo-bar.debug");
	put("foo.debug", "given/0/foo-bar.debug.orig");
	put("foo.debug", "given/0/foo-bar2.debug");
	put("foo.debug", "given/0/foo-ba.debug");
	assert_found("given", NULL, "given/a/foo-bar.ko-1-2.x86_64.debug");
	put("foo2.ko", "given/0/foo-bar.debug");
	put("damaged", "given/1/foo-bar.debug");
	assert_string_equal(found("given", NULL, &err), "given/a/foo-bar.ko-1-2.x86_64.debug");
	assert_int_equal(warnings.nr, 2);
	assert_non_null(strstr(warnings.items[0], "given/0/foo-bar.debug: it is of another build"));
	assert_non_null(strstr(warnings.items[1], "given/1/foo-bar.debug: "));
}

static void packed_modules_are_found(void **state)
{
	(void)state;
	tidy();
	scratch_run("xz -c foo1.ko >given/foo-bar.ko.xz");
	assert_found("given", NULL, "given/foo-bar.ko.xz");
}

static void links_in_circles_end(void **state)
{
	(void)state;
	tidy();
	scratch_run(
		"mkdir given/a && ln -s .. given/a/up && ln -s foo-bar.debug given/foo-bar.debug");
	assert_found("given", NULL, "");
	scratch_run("ln -s ../foo.debug given/a/foo-bar.debug; ln -sfn nowhere given/foo-bar.o");
	scratch_run("ln -sfn ../../foo.debug given/a/foo-bar.debug; mkfifo given/foo-bar.ko");
	assert_found("given", NULL, "given/a/foo-bar.debug");
}

static void the_next_place_is_asked(void **state)
{
	(void)state;
	tidy();
	scratch_run("mkdir given/empty");
	put("foo.debug", "given/full/foo-bar.debug");
	assert_found("given/empty", "given/full", "given/full/foo-bar.debug");
	put("foo2.ko", "given/other.ko");
	assert_found("given/other.ko", "given/full", "given/full/foo-bar.debug");
	put("foo1.o", HOME "foo-bar.o");
	assert_found("given/empty", NULL, HOME "foo-bar.o");
}

static void what_lies_beside_is_found(void **state)
{
	struct error err;

	(void)state;
	tidy();
	put("foo1.o", HOME "foo-bar.o");
	assert_found(NULL, NULL, HOME "foo-bar.o");
	put("foo.debug", HOME "foo-bar.ko.debug");
	assert_found(NULL, NULL, HOME "foo-bar.ko.debug");
	put("foo2.ko", HOME "foo-bar.ko.debug");
	assert_string_equal(found(NULL, NULL, &err), HOME "foo-bar.o");
	assert_int_equal(warnings.nr, 1);
	/* Built without -g: nothing to tell of. */
	scratch_run("strip -g foo1.o -o " HOME "foo-bar.o; rm " HOME "foo-bar.ko.debug");
	assert_found(NULL, NULL, "");
	assert_int_equal(warnings.nr, 0);
}

static void what_is_installed_is_found(void **state)
{
	static const char *const places[] = {
		/* each before those above it */
		DEBUG "usr/lib/modules/1.0/extra/sub/foo-bar.debug",
		DEBUG "usr/lib/modules/1.0/extra/sub/foo-bar.ko",
		DEBUG "usr/lib/modules/1.0/extra/sub/foo-bar.ko.debug",
		DEBUG "lib/modules/1.0/extra/sub/foo-bar.debug",
		DEBUG "lib/modules/1.0/extra/sub/foo-bar.ko",
		DEBUG "lib/modules/1.0/extra/sub/foo-bar.ko.debug",
	};
	char path[128];

	(void)state;
	tidy();
	/* That is for another module of the name. */
	put("foo1.ko", DEBUG "lib/modules/1.0/kernel/foo-bar.ko");
	put("foo1.ko", DEBUG "lib/modules/1.1/extra/sub/foo-bar.ko");
	assert_found(NULL, NULL, "");
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		put("foo1.ko", places[i]);
		assert_found(NULL, NULL, places[i]);
	}
	/* An absolute link is one under the root. */
	snprintf(path, sizeof(path), DEBUG ".build-id/%s.debug", id);
	put("foo.c", path);
	scratch_run("ln -sf /usr/lib/debug/lib/modules/1.1/extra/sub/foo-bar.ko %s", path);
	assert_found(NULL, NULL, DEBUG "lib/modules/1.1/extra/sub/foo-bar.ko");
}

/* Each file is handed out once, and a file that cannot be read after all is told of. */
static void a_rejected_file_is_not_tried_again(void **state)
{
	struct error err = ERROR_INIT;
	struct debug_search s;

	(void)state;
	tidy();
	strlist_free(&warnings);
	put("foo.debug", HOME "foo-bar.ko.debug");
	put("foo1.o", HOME "foo-bar.o");
	scratch_run("mkdir -p " DEBUG "lib/modules/1.0/extra/sub; ln " HOME "foo-bar.o " DEBUG
		    "lib/modules/1.0/extra/sub/foo-bar.ko");
	debug_search_init(&s, &mod, NULL, scratch_path("root"), &warnings);
	assert_int_equal(debug_search_next(&s, &err), 0);
	assert_string_equal(s.file.path, scratch_path(HOME "foo-bar.ko.debug"));
	error_set(&err, -EINVAL, "unit is bad");
	assert_int_equal(debug_search_reject(&s, &err), -EINVAL);
	assert_true(s.again);
	assert_int_equal(debug_search_next(&s, &err), 0);
	assert_false(s.again);
	assert_string_equal(s.file.path, scratch_path(HOME "foo-bar.o"));
	assert_int_equal(debug_search_reject(&s, &err), -EINVAL);
	assert_int_equal(debug_search_next(&s, &err), -ENODATA);
	assert_int_equal(debug_search_next(&s, &err), -ENODATA);
	debug_search_free(&s);
	assert_int_equal(warnings.nr, 2);
	assert_non_null(strstr(warnings.items[0], "foo-bar.ko.debug: unit is bad"));
	strlist_free(&warnings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_there),
		cmocka_unit_test(a_named_file_is_used),
		cmocka_unit_test(a_named_file_that_is_not_of_the_module_is_an_error),
		cmocka_unit_test(a_build_id_spares_a_walk),
		cmocka_unit_test(a_directory_is_searched_by_name),
		cmocka_unit_test(packed_modules_are_found),
		cmocka_unit_test(links_in_circles_end),
		cmocka_unit_test(the_next_place_is_asked),
		cmocka_unit_test(what_lies_beside_is_found),
		cmocka_unit_test(what_is_installed_is_found),
		cmocka_unit_test(a_rejected_file_is_not_tried_again),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
