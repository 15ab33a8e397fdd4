// SPDX-License-Identifier: GPL-2.0-only
/*
 * The base of a release is found in the order of the places, whatever stands in the way, and never
 * outside of the root.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/base.h"
#include "base/rootpath.h"
#include "images.h"
#include "util/strlist.h"

#define K IMAGES_RELEASE

struct tree {
	char root[256];
	struct base base;
	struct strlist notes;
	struct error err;
};

static int make_tree(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	if (!t)
		return -1;
	snprintf(t->root, sizeof(t->root), "%s", images_path("root"));
	*state = t;
	return mkdir(t->root, 0755);
}

static int remove_tree(void **state)
{
	struct tree *t = *state;
	char command[512];

	base_close(&t->base);
	strlist_free(&t->notes);
	snprintf(command, sizeof(command), "rm -rf %s", t->root);
	free(t);
	return system(command) ? -1 : 0;
}

/* The path of @rel in the tree, in static memory. */
static const char *in_tree(const struct tree *t, const char *rel)
{
	static char paths[2][1024];
	static unsigned int next;
	char *path = paths[next++ % 2];

	snprintf(path, sizeof(paths[0]), "%s/%s", t->root, rel);
	return path;
}

/* Puts the image @name at @rel. */
static void put(const struct tree *t, const char *rel, const char *name)
{
	struct buffer content = images_read(images_path(name));

	images_write(in_tree(t, rel), buffer_bytes(&content));
	buffer_free(&content);
}

static void make_dir(const struct tree *t, const char *rel)
{
	char below[512];

	snprintf(below, sizeof(below), "%s/file", rel);
	images_write(in_tree(t, below), (struct bytes){ NULL, 0 });
	assert_int_equal(unlink(in_tree(t, below)), 0);
}

static int find(struct tree *t, const char *release)
{
	base_close(&t->base);
	strlist_free(&t->notes);
	t->err = (struct error)ERROR_INIT;
	return base_find(&t->base, release, t->root, NULL, NULL, &t->notes, &t->err);
}

/* The base of K is found at @rel. */
static void finds(struct tree *t, const char *rel)
{
	if (find(t, K))
		fail_msg("%s: not found: %s", rel, t->err.text);
	assert_string_equal(t->base.path, in_tree(t, rel));
	assert_int_equal(t->base.btf.nr, 7);
}

/* Is there a note on the file @rel with these @words? */
static bool noted(const struct tree *t, const char *rel, const char *words)
{
	const char *path = in_tree(t, rel);

	for (size_t i = 0; i < t->notes.nr; i++)
		if (strncmp(t->notes.items[i], path, strlen(path)) == 0 &&
		    t->notes.items[i][strlen(path)] == ':' && strstr(t->notes.items[i], words))
			return true;
	return false;
}

/* Each serves when it is the first that there is, and gives way to those before it. */
static void places_are_asked_in_order(void **state)
{
	static const struct {
		const char *rel;
		const char *image;
	} places[] = {
		{ "lib/modules/" K "/vmlinux", "vmlinux" },
		{ "usr/lib/modules/" K "/vmlinux", "vmlinux" },
		{ "lib/modules/" K "/build/vmlinux", "vmlinux" },
		{ "usr/lib/debug/lib/modules/" K "/vmlinux", "vmlinux" },
		{ "usr/lib/debug/usr/lib/modules/" K "/vmlinux", "vmlinux" },
		{ "usr/lib/debug/boot/vmlinux-" K, "vmlinux" },
		{ "usr/lib/debug/vmlinux-" K, "vmlinux" },
		{ "boot/vmlinux-" K, "vmlinux" },
		{ "usr/lib/modules/" K "/vmlinux.xz", "vmlinux.xz" },
		{ "boot/vmlinux-" K ".gz", "vmlinux.gz" },
		{ "lib/modules/" K "/vmlinuz", "bzImage.zstd" },
		{ "usr/lib/modules/" K "/vmlinuz", "bzImage.xz" },
		{ "boot/vmlinuz-" K, "bzImage.gzip" },
		{ "lib/modules/" K "/Image", "Image" },
		{ "lib/modules/" K "/Image.gz", "Image.gz" },
		{ "boot/Image-" K, "Image" },
		{ "boot/image-" K, "bzImage.none" },
		{ "boot/0123456789abcdef/" K "/linux", "zboot.gzip" },
		{ "boot/efi/0123456789abcdef/" K "/linux", "bzImage.lzma" },
		{ "efi/debian/" K "/linux", "bzImage.zstd" },
		{ "boot/efi/EFI/Linux/0123-" K ".efi", "uki.efi" },
		{ "efi/EFI/Linux/0123-" K "+3-1.efi", "uki-zboot.efi" },
	};
	struct tree *t = *state;

	for (size_t i = sizeof(places) / sizeof(places[0]); i--;) {
		put(t, places[i].rel, places[i].image);
		finds(t, places[i].rel);
		assert_int_equal(t->notes.nr, 0);
	}
}

static void the_unusable_is_passed_over_with_a_note(void **state)
{
	struct tree *t = *state;
	struct buffer whole = images_read(images_path("vmlinux"));

	images_write(in_tree(t, "lib/modules/" K "/vmlinux"),
		     (struct bytes){ whole.data, whole.size / 2 });
	buffer_free(&whole);
	put(t, "lib/modules/" K "/build/vmlinux", "vmlinux-nobtf");
	put(t, "usr/lib/debug/boot/vmlinux-" K, "vmlinux-nobits");
	make_dir(t, "usr/lib/debug/vmlinux-" K);
	images_write(in_tree(t, "boot/vmlinux-" K), (struct bytes){ NULL, 0 });
	put(t, "lib/modules/" K "/vmlinuz", "bzImage.lz4");
	put(t, "boot/vmlinuz-" K, "bzImage.zstd");
	finds(t, "boot/vmlinuz-" K);
	assert_int_equal(t->notes.nr, 6);
	assert_true(noted(t, "lib/modules/" K "/vmlinux", "truncated"));
	assert_true(noted(t, "lib/modules/" K "/build/vmlinux", "CONFIG_DEBUG_INFO_BTF"));
	assert_true(noted(t, "usr/lib/debug/boot/vmlinux-" K, "debug info"));
	assert_true(noted(t, "usr/lib/debug/vmlinux-" K, "directory"));
	assert_true(noted(t, "boot/vmlinux-" K, "empty"));
	assert_true(noted(t, "lib/modules/" K "/vmlinuz", "lz4"));
}

static void a_fifo_does_not_hang_the_search(void **state)
{
	struct tree *t = *state;

	put(t, "boot/vmlinuz-" K, "bzImage.zstd");
	assert_int_equal(mkfifo(in_tree(t, "boot/vmlinux-" K), 0644), 0);
	finds(t, "boot/vmlinuz-" K);
	assert_true(noted(t, "boot/vmlinux-" K, "regular file"));
}

static void another_release_is_passed_over(void **state)
{
	struct tree *t = *state;

	/* The files state 6.1.0-test. */
	put(t, "boot/vmlinuz-6.2", "bzImage.zstd");
	put(t, "lib/modules/6.2/vmlinux", "vmlinux");
	assert_int_equal(find(t, "6.2"), -ENOENT);
	assert_int_equal(t->notes.nr, 2);
	assert_true(noted(t, "boot/vmlinuz-6.2", "it is of kernel " K));
	/* One that states none is what its path says. */
	put(t, "usr/lib/modules/6.2/vmlinux", "base.btf");
	assert_int_equal(find(t, "6.2"), 0);
	assert_string_equal(t->base.image.release, "");
}

static void where_nothing_serves_the_message_says_why(void **state)
{
	struct tree *t = *state;

	assert_int_equal(find(t, K), -ENOENT);
	assert_non_null(strstr(t->err.text, K));
	assert_non_null(strstr(t->err.text, t->root));
	assert_non_null(strstr(t->err.text, "--base"));
	put(t, "boot/vmlinuz-" K, "vmlinux-nobtf");
	assert_int_equal(find(t, K), -ENODATA);
	assert_non_null(strstr(t->err.text, "CONFIG_DEBUG_INFO_BTF"));
	assert_non_null(strstr(t->err.text, "boot/vmlinuz-" K));
	assert_null(t->base.path);
	/* One that cannot be read may have some. */
	put(t, "lib/modules/" K "/vmlinuz", "bzImage.lz4");
	assert_int_equal(find(t, K), -ENOENT);
}

static void the_first_place_is_told_without_a_look_into_it(void **state)
{
	struct tree *t = *state;
	char *path;

	assert_int_equal(base_first(&path, K, t->root, NULL, 0, &t->err), -ENOENT);
	assert_null(path);
	put(t, "boot/vmlinuz-" K, "bzImage.zstd");
	put(t, "lib/modules/" K "/vmlinuz", "bzImage.lz4");
	assert_int_equal(base_first(&path, K, t->root, NULL, 0, &t->err), 0);
	assert_string_equal(path, in_tree(t, "lib/modules/" K "/vmlinuz"));
	free(path);
}

static int find_booting(struct tree *t)
{
	base_close(&t->base);
	strlist_free(&t->notes);
	t->err = (struct error)ERROR_INIT;
	return base_find_as(&t->base, K, t->root, NULL, BASE_PREFER_DISK, NULL, &t->notes, &t->err);
}

/* A vmlinux beside it may be of a build before it. */
static void what_boots_comes_first_where_that_is_asked_for(void **state)
{
	static const char *const places[][2] = {
		{ "lib/modules/" K "/vmlinuz", "bzImage.zstd" },
		{ "boot/vmlinuz-" K, "bzImage.gzip" },
		{ "efi/debian/" K "/linux", "bzImage.zstd" },
		{ "boot/vmlinux-" K, "vmlinux" },
		{ "lib/modules/" K "/vmlinux.xz", "vmlinux.xz" },
		{ "lib/modules/" K "/vmlinux", "vmlinux" },
		{ "lib/modules/" K "/build/vmlinux", "vmlinux" },
		{ "usr/lib/debug/boot/vmlinux-" K, "vmlinux" },
	};
	struct tree *t = *state;
	char *path;

	for (size_t i = sizeof(places) / sizeof(places[0]); i--;) {
		put(t, places[i][0], places[i][1]);
		assert_int_equal(find_booting(t), 0);
		assert_string_equal(t->base.path, in_tree(t, places[i][0]));
		assert_int_equal(base_first(&path, K, t->root, NULL, BASE_PREFER_DISK, &t->err), 0);
		assert_string_equal(path, t->base.path);
		free(path);
	}
}

static void a_release_that_is_a_path_is_refused(void **state)
{
	static const char *const releases[] = {
		"", "..", "../" K, K "/build", "6.1..2", "/", "6.*"
	};
	struct tree *t = *state;

	put(t, "lib/modules/" K "/vmlinux", "vmlinux");
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++)
		assert_int_equal(find(t, releases[i]), -EINVAL);
}

static void a_root_has_to_be_a_directory(void **state)
{
	struct tree *t = *state;

	put(t, "file", "base.btf");
	assert_int_equal(base_find(&t->base, K, in_tree(t, "file"), NULL, NULL, NULL, &t->err),
			 -ENOTDIR);
	assert_string_equal(t->err.file, in_tree(t, "file"));
	assert_int_equal(base_find(&t->base, K, in_tree(t, "none"), NULL, NULL, NULL, &t->err),
			 -ENOENT);
	assert_int_equal(base_find(&t->base, K, "", NULL, NULL, NULL, &t->err), -ENOENT);
}

/* Makes @rel a symlink to @target. */
static void make_link(const struct tree *t, const char *target, const char *rel)
{
	assert_int_equal(symlink(target, in_tree(t, rel)), 0);
}

/* build is an absolute link as a rule: it means a directory of the root's, not of ours. */
static void absolute_links_stay_in_the_root(void **state)
{
	static const char file[] = "usr/src/linux-headers-" K "/vmlinux";
	static const char link[] = "lib/modules/" K "/vmlinux";
	struct tree *t = *state;

	put(t, file, "vmlinux");
	make_dir(t, "lib/modules/" K);
	make_link(t, "/usr/src/linux-headers-" K, "lib/modules/" K "/build");
	finds(t, file);

	/* This one is there for us, but not in the root. */
	assert_int_equal(unlink(in_tree(t, "lib/modules/" K "/build")), 0);
	make_link(t, images_path("vmlinux"), link);
	assert_int_equal(access(in_tree(t, link), R_OK), 0);
	assert_int_equal(find(t, K), -ENOENT);
	assert_int_equal(unlink(in_tree(t, link)), 0);
}

static void links_lead_no_higher_than_the_root(void **state)
{
	static const char file[] = "usr/src/linux-headers-" K "/vmlinux";
	static const char link[] = "lib/modules/" K "/vmlinux";
	struct tree *t = *state;
	char target[512];

	put(t, file, "vmlinux");
	make_dir(t, "lib/modules/" K);
	snprintf(target, sizeof(target), "../../../../../../../../../../%s", file);
	make_link(t, target, link);
	finds(t, file);
	assert_int_equal(unlink(in_tree(t, link)), 0);

	/* For us this is beside the root. */
	make_link(t, "../../../../vmlinux", link);
	assert_int_equal(access(in_tree(t, link), R_OK), 0);
	assert_int_equal(find(t, K), -ENOENT);
}

static void link_loops_end(void **state)
{
	struct tree *t = *state;

	make_dir(t, "lib/modules/" K);
	make_dir(t, "boot");
	make_link(t, "vmlinuz", "lib/modules/" K "/vmlinux");
	make_link(t, "vmlinux", "lib/modules/" K "/vmlinuz");
	make_link(t, "/lib/modules/" K "/build/build", "lib/modules/" K "/build");
	put(t, "boot/vmlinuz-" K, "bzImage.zstd");
	finds(t, "boot/vmlinuz-" K);
	assert_int_equal(t->notes.nr, 3);
	assert_true(noted(t, "lib/modules/" K "/vmlinux", "Too many levels"));
	assert_true(noted(t, "lib/modules/" K "/build/vmlinux", "Too many levels"));
}

/* With a merged /usr, and where vmlinuz is a link, a file has two names. It is tried once. */
static void a_file_with_two_names_is_tried_once(void **state)
{
	struct tree *t = *state;

	put(t, "usr/lib/modules/" K "/vmlinuz", "bzImage.lz4");
	make_dir(t, "boot");
	make_link(t, "usr/lib", "lib");
	make_link(t, "/lib/modules/" K "/vmlinuz", "boot/vmlinuz-" K);
	assert_int_equal(find(t, K), -ENOENT);
	assert_int_equal(t->notes.nr, 1);
}

static void the_running_kernel_tells_its_own_base(void **state)
{
	struct tree *t = *state;
	char *disk, *path;
	struct utsname uts;

	assert_int_equal(uname(&uts), 0);
	/* Not where a root is given: its kernel need not be the one that runs. */
	assert_int_equal(base_find(&t->base, uts.release, t->root, uts.release, NULL, NULL,
				   &t->err),
			 -ENOENT);
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		skip();
	assert_int_equal(base_find(&t->base, uts.release, "/", uts.release, NULL, NULL, &t->err),
			 0);
	assert_string_equal(t->base.path, "/sys/kernel/btf/vmlinux");
	assert_string_equal(t->base.image.form, "raw BTF");
	base_close(&t->base);
	/* Where the disk is asked first it has to be the only one there. */
	if (base_first(&disk, uts.release, "/", NULL, BASE_PREFER_DISK, NULL))
		disk = strdup("/sys/kernel/btf/vmlinux");
	assert_int_equal(
		base_first(&path, uts.release, "/", uts.release, BASE_PREFER_DISK, &t->err), 0);
	assert_string_equal(path, disk);
	free(path);
	free(disk);
	/* Another kernel's base it is not. */
	assert_int_equal(base_find(&t->base, K, "/", uts.release, NULL, NULL, &t->err), -ENOENT);
}

static void resolves(const struct tree *t, const char *path, const char *want)
{
	char *real = NULL;

	assert_int_equal(rootpath_resolve(&real, t->root, path), 0);
	assert_string_equal(real, want[0] ? in_tree(t, want) : t->root);
	free(real);
}

static void paths_resolve_as_in_a_chroot(void **state)
{
	struct tree *t = *state;
	char *real = NULL;
	char name[16];

	put(t, "a/b/file", "small.btf");
	make_link(t, "/a/b", "absolute");
	make_link(t, "b/../b/./file", "a/relative");
	make_link(t, "/", "top");
	resolves(t, "", "");
	resolves(t, "/", "");
	resolves(t, "..", "");
	resolves(t, "a/b/file", "a/b/file");
	resolves(t, "//a///b/file", "a/b/file");
	resolves(t, "absolute/file", "a/b/file");
	resolves(t, "absolute/../relative", "a/b/file");
	resolves(t, "top/top/top/a/../../../a", "a");
	assert_int_equal(rootpath_resolve(&real, t->root, "a/none"), -ENOENT);
	assert_int_equal(rootpath_resolve(&real, t->root, "a/b/file/x"), -ENOTDIR);
	assert_int_equal(rootpath_resolve(&real, t->root, "a/b/file/../file"), -ENOTDIR);
	/* As many links as the kernel follows, and one more. */
	make_link(t, "a/b/file", "l1");
	for (int i = 2; i <= 41; i++) {
		char target[16];

		snprintf(target, sizeof(target), "l%d", i - 1);
		snprintf(name, sizeof(name), "l%d", i);
		make_link(t, target, name);
	}
	resolves(t, "l40", "a/b/file");
	assert_int_equal(rootpath_resolve(&real, t->root, "l41"), -ELOOP);
	assert_null(real);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(places_are_asked_in_order),
		TEST(the_unusable_is_passed_over_with_a_note),
		TEST(a_fifo_does_not_hang_the_search),
		TEST(another_release_is_passed_over),
		TEST(where_nothing_serves_the_message_says_why),
		TEST(the_first_place_is_told_without_a_look_into_it),
		TEST(what_boots_comes_first_where_that_is_asked_for),
		TEST(a_release_that_is_a_path_is_refused),
		TEST(a_root_has_to_be_a_directory),
		TEST(absolute_links_stay_in_the_root),
		TEST(links_lead_no_higher_than_the_root),
		TEST(link_loops_end),
		TEST(a_file_with_two_names_is_tried_once),
		TEST(the_running_kernel_tells_its_own_base),
		TEST(paths_resolve_as_in_a_chroot),
	};

	return cmocka_run_group_tests(tests, images_make, images_remove);
}
