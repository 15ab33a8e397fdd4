// SPDX-License-Identifier: GPL-2.0-only
/* The base store: what is put there is found again, and nothing else is. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/kernels.h"
#include "base/search.h"
#include "base/store.h"
#include "btf-fixture.h"
#include "scratch.h"

#define K "6.1.0-9-amd64"

/* One test's root, and the bases that it has to do with. */
struct tree {
	char root[256];
	struct buffer raw[3];
	struct digest digest[3];
	struct strlist notes;
	struct error err;
};

static int make_tree(void **state)
{
	const uint32_t one[] = { INT }, other[] = { INT, CHAR };
	struct tree *t = calloc(1, sizeof(*t));

	if (!t)
		return -1;
	snprintf(t->root, sizeof(t->root), "%s", scratch_path("root"));
	t->raw[0] = fixture_small_base(false);
	t->raw[1] = fixture_base(one, sizeof(one) / sizeof(*one), false);
	t->raw[2] = fixture_base(other, sizeof(other) / sizeof(*other), false);
	for (int i = 0; i < 3; i++)
		t->digest[i] = digest_bytes(buffer_bytes(&t->raw[i]));
	*state = t;
	return mkdir(t->root, 0755);
}

static int remove_tree(void **state)
{
	struct tree *t = *state;

	for (int i = 0; i < 3; i++)
		buffer_free(&t->raw[i]);
	strlist_free(&t->notes);
	free(t);
	scratch_run("rm -rf root");
	return 0;
}

/* The file of base @i, as a path below the scratch directory; in static memory. */
static const char *entry_path(const struct tree *t, int i, const char *release)
{
	static char paths[4][512];
	static unsigned int next;
	char *path = paths[next++ % 4], hex[2 * DIGEST_SIZE + 1];

	digest_hex(&t->digest[i], hex);
	snprintf(path, sizeof(paths[0]), "root/" STORE_DIR "/%s%s%s.btf.zst", hex,
		 *release ? "." : "", release);
	return path;
}

static int try_put(struct tree *t, int i, const char *release)
{
	struct store store;
	int ret;

	store_init(&store, t->root);
	ret = store_put(&store, &t->digest[i], release, buffer_bytes(&t->raw[i]), &t->err);
	store_close(&store);
	return ret;
}

static void put(struct tree *t, int i, const char *release)
{
	if (try_put(t, i, release))
		fail_msg("%s: %s", t->err.file, t->err.text);
}

/* It was put so many seconds ago. */
static void made_ago(const struct tree *t, int i, const char *release, int seconds)
{
	scratch_run("touch -d '%d seconds ago' %s", seconds, entry_path(t, i, release));
}

static bool is_base(const struct tree *t, int i, const struct base *base)
{
	return base->btf.raw.size == t->raw[i].size &&
	       !memcmp(base->btf.raw.data, t->raw[i].data, t->raw[i].size);
}

/* Is base @i in the store, and as it was put? */
static bool finds(struct tree *t, int i)
{
	struct base base;
	bool same;

	strlist_free(&t->notes);
	if (store_find(&base, t->root, &t->digest[i], NULL, &t->notes, &t->err)) {
		assert_int_equal(t->err.code, -ENOENT);
		return false;
	}
	same = is_base(t, i, &base) && base.btf.nr > 0;
	base_close(&base);
	return same;
}

/* Which base is that of @release, -1 if there is none. */
static int of_release(struct tree *t, const char *release)
{
	struct base base;
	int found = -1;

	strlist_free(&t->notes);
	if (base_find(&base, release, t->root, NULL, NULL, &t->notes, &t->err))
		return -1;
	for (int i = 0; i < 3; i++)
		if (is_base(t, i, &base))
			found = i;
	assert_string_equal(base.image.release, release);
	base_close(&base);
	return found;
}

static void what_is_put_is_found(void **state)
{
	struct tree *t = *state;

	assert_false(finds(t, 0));
	put(t, 0, K);
	put(t, 1, "");
	assert_true(finds(t, 0));
	assert_true(finds(t, 1));
	assert_false(finds(t, 2));
	assert_int_equal(t->notes.nr, 0);
	scratch_run("test -f %s && test -f %s", entry_path(t, 0, K), entry_path(t, 1, ""));
}

/* Also one that another version of zstd has packed. */
static void a_good_entry_is_left_alone(void **state)
{
	struct tree *t = *state;
	struct buffer before, after;

	put(t, 0, K);
	scratch_run("zstd -qdc %s | zstd -q -19 -c >repacked && mv repacked %s",
		    entry_path(t, 0, K), entry_path(t, 0, K));
	before = scratch_read(entry_path(t, 0, K));
	put(t, 0, K);
	after = scratch_read(entry_path(t, 0, K));
	assert_int_equal(after.size, before.size);
	assert_memory_equal(after.data, before.data, before.size);
	assert_true(finds(t, 0));
	buffer_free(&before);
	buffer_free(&after);
}

static void a_base_is_looked_at_once_a_run(void **state)
{
	struct tree *t = *state;
	struct store store;

	store_init(&store, t->root);
	assert_int_equal(store_put(&store, &t->digest[0], K, buffer_bytes(&t->raw[0]), &t->err), 0);
	scratch_run("rm %s", entry_path(t, 0, K));
	assert_int_equal(store_put(&store, &t->digest[0], K, buffer_bytes(&t->raw[0]), &t->err), 0);
	assert_false(finds(t, 0));
	/* another one is another matter */
	assert_int_equal(store_put(&store, &t->digest[1], K, buffer_bytes(&t->raw[1]), &t->err), 0);
	assert_true(finds(t, 1));
	store_close(&store);
}

/* The entry of base 0 is no good: it is not found, this is said, and putting it again mends it. */
static void is_damaged(struct tree *t)
{
	struct store_entries entries;

	assert_false(finds(t, 0));
	assert_int_equal(t->notes.nr, 1);
	assert_non_null(strstr(t->notes.items[0], entry_path(t, 0, K) + strlen("root/")));
	assert_non_null(strstr(t->notes.items[0], "modbtf base --prune"));
	assert_int_equal(of_release(t, K), -1);
	assert_int_equal(store_list(t->root, &entries, &t->err), 0);
	assert_int_equal(entries.nr, 1);
	assert_false(store_entry_check(&entries.at[0], &t->err));
	assert_int_equal(t->err.code, -EINVAL);
	store_entries_free(&entries);
	put(t, 0, K);
	assert_true(finds(t, 0));
	assert_int_equal(t->notes.nr, 0);
}

static void damaged_entries_are_not_used(void **state)
{
	struct tree *t = *state;
	struct buffer whole;

	put(t, 0, K);
	whole = scratch_read(entry_path(t, 0, K));
	for (size_t i = 0; i < whole.size; i++) {
		whole.data[i] ^= 0x41;
		scratch_write(entry_path(t, 0, K), buffer_bytes(&whole));
		whole.data[i] ^= 0x41;
		/* not all of a frame's header counts: what comes out has to be right */
		if (!finds(t, 0))
			is_damaged(t);
	}
	for (size_t size = 0; size < whole.size; size++) {
		scratch_write(entry_path(t, 0, K), (struct bytes){ whole.data, size });
		is_damaged(t);
	}
	buffer_free(&whole);
}

static void entries_of_another_name_are_not_used(void **state)
{
	struct tree *t = *state;

	put(t, 1, K);
	scratch_run("mv %s %s", entry_path(t, 1, K), entry_path(t, 0, K));
	assert_false(finds(t, 1));
	is_damaged(t);
}

static void two_releases_may_share_a_base(void **state)
{
	struct tree *t = *state;

	put(t, 0, "6.1.0-8-amd64");
	put(t, 0, "6.1.0-9-amd64");
	assert_int_equal(of_release(t, "6.1.0-8-amd64"), 0);
	assert_int_equal(of_release(t, "6.1.0-9-amd64"), 0);
	/* one of the two serves as well as the other */
	scratch_write(entry_path(t, 0, "6.1.0-8-amd64"), (struct bytes){ NULL, 0 });
	assert_true(finds(t, 0));
}

static void the_latest_of_a_release_is_taken(void **state)
{
	struct tree *t = *state;

	put(t, 0, K);
	put(t, 1, K);
	put(t, 2, K "-other");
	made_ago(t, 0, K, 10);
	made_ago(t, 1, K, 20);
	assert_int_equal(of_release(t, K), 0);
	assert_int_equal(t->notes.nr, 1);
	assert_non_null(strstr(t->notes.items[0], "older"));
	made_ago(t, 1, K, 5);
	assert_int_equal(of_release(t, K), 1);
	/* unless it is no good */
	scratch_write(entry_path(t, 1, K), (struct bytes){ NULL, 0 });
	assert_int_equal(of_release(t, K), 0);
	assert_int_equal(t->notes.nr, 1);
	assert_int_equal(of_release(t, "6.1.0-9"), -1);
}

static void an_installed_kernel_comes_before_the_store(void **state)
{
	struct tree *t = *state;
	struct base base;

	put(t, 0, K);
	assert_int_equal(of_release(t, K), 0);
	scratch_run("mkdir -p root/lib/modules/" K);
	scratch_write("root/lib/modules/" K "/vmlinux", buffer_bytes(&t->raw[1]));
	assert_int_equal(base_find(&base, K, t->root, NULL, NULL, NULL, &t->err), 0);
	assert_true(is_base(t, 1, &base));
	assert_false(base.stored);
	base_close(&base);
	/* what is there and no good is another build, of which the store knows nothing */
	scratch_write("root/lib/modules/" K "/vmlinux", (struct bytes){ NULL, 0 });
	assert_int_equal(of_release(t, K), -1);
	assert_int_equal(t->err.code, -ENOENT);
	assert_int_equal(t->notes.nr, 1);
	scratch_run("rm root/lib/modules/" K "/vmlinux");
	assert_int_equal(base_find(&base, K, t->root, NULL, NULL, NULL, &t->err), 0);
	assert_true(is_base(t, 0, &base) && base.stored);
	base_close(&base);
	assert_int_equal(base_find_as(&base, K, t->root, NULL, BASE_NO_STORE, NULL, NULL, &t->err),
			 -ENOENT);
}

static void only_entries_are_listed(void **state)
{
	static const char *const others[] = {
		"0123456789abcdef0123456789abcde.6.1.btf.zst",
		"0123456789abcdef0123456789abcdef6.1.btf.zst",
		"0123456789ABCDEF0123456789ABCDEF.6.1.btf.zst",
		"0123456789abcdef0123456789abcdef..btf.zst",
		"0123456789abcdef0123456789abcdef.6..1.btf.zst",
		"0123456789abcdef0123456789abcdef.6.1.btf",
		"0123456789abcdef0123456789abcdef.btf.zst.old",
		"btf.zst",
		"README",
	};
	struct tree *t = *state;
	struct store_entries entries;
	struct strlist stale = { 0 };

	assert_int_equal(store_list(t->root, &entries, &t->err), 0);
	assert_int_equal(entries.nr, 0);
	assert_int_equal(store_list_stale(t->root, &stale, &t->err), 0);
	put(t, 0, "6.1.0-10-amd64");
	put(t, 1, "6.1.0-9-amd64");
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		scratch_run("cp %s root/" STORE_DIR "/%s", entry_path(t, 1, "6.1.0-9-amd64"),
			    others[i]);
	scratch_run("cd root/" STORE_DIR " && mkdir $(printf %%032d 1).btf.zst && "
		    "ln -s README $(printf %%032d 2).btf.zst && touch .modbtf-0123");
	assert_int_equal(store_list(t->root, &entries, &t->err), 0);
	assert_int_equal(entries.nr, 2);
	assert_string_equal(entries.at[0].release, "6.1.0-9-amd64");
	assert_string_equal(entries.at[1].release, "6.1.0-10-amd64");
	assert_true(digest_equal(&entries.at[1].digest, &t->digest[0]));
	assert_true(store_entry_check(&entries.at[0], &t->err));
	store_entries_free(&entries);
	assert_int_equal(store_list_stale(t->root, &stale, &t->err), 0);
	assert_int_equal(stale.nr, 1);
	assert_non_null(strstr(stale.items[0], "/.modbtf-0123"));
	strlist_free(&stale);
}

static int mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(scratch_path(name), &st), 0);
	return st.st_mode & 07777;
}

static void everybody_may_read_it_whatever_the_umask(void **state)
{
	struct tree *t = *state;
	mode_t before = umask(077);

	put(t, 0, K);
	umask(before);
	assert_int_equal(mode_of("root/var/lib"), 0755);
	assert_int_equal(mode_of("root/" STORE_DIR), 0755);
	assert_int_equal(mode_of(entry_path(t, 0, K)), 0644);
	assert_int_equal(mode_of("root/" STORE_DIR "/.lock"), 0600);
}

static void links_do_not_lead_out_of_the_root(void **state)
{
	struct tree *t = *state;

	scratch_run("mkdir root/data && ln -s /data root/var");
	put(t, 0, K);
	assert_true(finds(t, 0));
	scratch_run("test -d root/data/lib/modbtf/bases");
}

static void failures_name_the_place(void **state)
{
	struct tree *t = *state;

	scratch_run("touch root/var");
	assert_int_not_equal(try_put(t, 0, K), 0);
	assert_false(finds(t, 0));
	scratch_run("rm root/var && mkdir -p root/" STORE_DIR "/.lock");
	assert_int_equal(try_put(t, 0, K), -EISDIR);
	assert_non_null(strstr(t->err.file, STORE_DIR));
}

static void who_removes_is_alone(void **state)
{
	struct store one, two, alone;
	struct tree *t = *state;

	store_init(&one, t->root);
	store_init(&two, t->root);
	store_init(&alone, t->root);
	one.patience_ms = two.patience_ms = alone.patience_ms = 40;
	assert_int_equal(store_lock_out(&alone, &t->err), -ENOENT);
	assert_int_equal(store_put(&one, &t->digest[0], K, buffer_bytes(&t->raw[0]), &t->err), 0);
	assert_int_equal(store_put(&two, &t->digest[1], K, buffer_bytes(&t->raw[1]), &t->err), 0);
	store_close(&two);
	/* until the module is written that the base was put for */
	assert_int_equal(store_lock_out(&alone, &t->err), -EBUSY);
	store_close(&one);
	store_close(&alone);
	store_init(&alone, t->root);
	assert_int_equal(store_lock_out(&alone, &t->err), 0);
	store_init(&two, t->root);
	two.patience_ms = 40;
	assert_int_equal(store_put(&two, &t->digest[2], K, buffer_bytes(&t->raw[2]), &t->err),
			 -EBUSY);
	assert_non_null(strstr(t->err.text, "in use"));
	store_close(&two);
	store_close(&alone);
	put(t, 2, K);
}

static void kernels_are_those_with_modules_or_an_image(void **state)
{
	struct tree *t = *state;
	struct strlist kernels = { 0 };

	assert_int_equal(kernels_list(t->root, &kernels, &t->err), 0);
	assert_int_equal(kernels.nr, 0);
	scratch_run(
		"cd root && mkdir -p lib/modules/6.1.10 lib/modules/6.1.9 usr/lib/modules/6.1.9 "
		"usr/lib/modules/7.0 lib/modules/.hidden boot && "
		"touch boot/vmlinuz-6.1.8 boot/vmlinuz-7.0 boot/vmlinuz boot/config-5.0");
	assert_int_equal(kernels_list(t->root, &kernels, &t->err), 0);
	assert_int_equal(kernels.nr, 4);
	assert_string_equal(kernels.items[0], "6.1.8");
	assert_string_equal(kernels.items[1], "6.1.9");
	assert_string_equal(kernels.items[2], "6.1.10");
	assert_string_equal(kernels.items[3], "7.0");
	strlist_free(&kernels);
}

/* An opener that counts what it is asked to open. */
static int count_opened(void *ctx, struct btf *btf, struct bytes raw, struct error *err)
{
	++*(int *)ctx;
	return btf_open(btf, raw, NULL, err);
}

/* Where base @i is found, relative to the root; NULL if it is not. */
static const char *found_at(struct tree *t, int i, const char *like, struct base_search *search)
{
	static char path[512];
	struct base base;
	int opened = 0;
	const struct btf_opener opener = { count_opened, &opened };

	strlist_free(&t->notes);
	if (base_find_digest(&base, &t->digest[i], like, t->root, NULL, search, &opener, &t->notes,
			     &t->err)) {
		assert_int_equal(t->err.code, -ENOENT);
		return NULL;
	}
	assert_int_equal(opened, 1);
	assert_true(is_base(t, i, &base));
	snprintf(path, sizeof(path), "%s", base.path + strlen(t->root) + 1);
	base_close(&base);
	return path;
}

static void a_digest_is_looked_for_everywhere(void **state)
{
	struct base_search search = { 0 };
	struct tree *t = *state;
	uint32_t nr;

	assert_null(found_at(t, 0, K, &search));
	base_search_free(&search);
	scratch_run("mkdir -p root/lib/modules/6.1.0-8-amd64/build root/lib/modules/7.0");
	scratch_write("root/lib/modules/6.1.0-8-amd64/vmlinux", buffer_bytes(&t->raw[1]));
	scratch_write("root/lib/modules/6.1.0-8-amd64/build/vmlinux", buffer_bytes(&t->raw[0]));
	scratch_write("root/lib/modules/7.0/vmlinux", buffer_bytes(&t->raw[0]));
	/* the kernel that is most like it first, and each of its files */
	assert_string_equal(found_at(t, 0, K, &search), "lib/modules/6.1.0-8-amd64/build/vmlinux");
	assert_int_equal(search.seen.nr, 1);
	assert_string_equal(found_at(t, 0, "7.0", &search), "lib/modules/7.0/vmlinux");
	/* nothing is opened twice to find out that it is another one */
	assert_null(found_at(t, 2, K, &search));
	assert_non_null(strstr(t->err.text, "neither in the base store"));
	nr = search.seen.nr;
	assert_null(found_at(t, 2, K, &search));
	assert_int_equal(search.seen.nr, nr);
	/* but what was passed over for another one is remembered */
	assert_string_equal(found_at(t, 1, K, &search), "lib/modules/6.1.0-8-amd64/vmlinux");
	base_search_free(&search);
}

static void the_store_comes_before_the_kernels(void **state)
{
	struct base_search search = { 0 };
	struct tree *t = *state;

	put(t, 0, "6.1.0-7-amd64");
	scratch_run("mkdir -p root/lib/modules/7.0");
	scratch_write("root/lib/modules/7.0/vmlinux", buffer_bytes(&t->raw[0]));
	assert_non_null(strstr(found_at(t, 0, K, &search), STORE_DIR));
	/* what is no good there is said, whether there is another or not */
	scratch_write(entry_path(t, 0, "6.1.0-7-amd64"), (struct bytes){ NULL, 0 });
	assert_string_equal(found_at(t, 0, K, &search), "lib/modules/7.0/vmlinux");
	assert_int_equal(t->notes.nr, 1);
	scratch_run("rm root/lib/modules/7.0/vmlinux");
	base_search_free(&search);
	assert_null(found_at(t, 0, K, &search));
	assert_int_equal(t->notes.nr, 1);
	assert_non_null(strstr(t->err.text, "modbtf base --prune"));
	base_search_free(&search);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_put_is_found),
		CASE(a_good_entry_is_left_alone),
		CASE(a_base_is_looked_at_once_a_run),
		CASE(damaged_entries_are_not_used),
		CASE(entries_of_another_name_are_not_used),
		CASE(two_releases_may_share_a_base),
		CASE(the_latest_of_a_release_is_taken),
		CASE(an_installed_kernel_comes_before_the_store),
		CASE(only_entries_are_listed),
		CASE(everybody_may_read_it_whatever_the_umask),
		CASE(links_do_not_lead_out_of_the_root),
		CASE(failures_name_the_place),
		CASE(who_removes_is_alone),
		CASE(kernels_are_those_with_modules_or_an_image),
		CASE(a_digest_is_looked_for_everywhere),
		CASE(the_store_comes_before_the_kernels),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
