// SPDX-License-Identifier: GPL-2.0-only
/* What is copied ahead is never more than a head start: the file ends up as if nobody had. */
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

#include "io/replace.h"
#include "scratch.h"

#define SIZE ((size_t)13 << 20)

/* A directory with one file in it. */
static void start(void)
{
	struct buffer b = { malloc(SIZE), SIZE };
	uint64_t seed = 7;

	assert_non_null(b.data);
	for (size_t i = 0; i + 8 <= b.size; i += 8) {
		uint64_t n = scratch_random(&seed);

		memcpy(b.data + i, &n, 8);
	}
	scratch_run("rm -rf dir; mkdir dir");
	scratch_write("dir/file", buffer_bytes(&b));
	buffer_free(&b);
}

static int make_source(void **state)
{
	if (scratch_make(state))
		return -1;
	start();
	return 0;
}

static void open_source(struct file_map *source)
{
	struct error err = ERROR_INIT;

	if (file_map_open(source, scratch_path("dir/file"), &err))
		fail_msg("%s", err.text);
}

static int create(const char *name, int flags)
{
	int fd = open(scratch_path(name), O_CREAT | O_TRUNC | flags, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void assert_start(const char *name, struct bytes source, uint64_t size)
{
	struct buffer b = scratch_read(name);

	assert_true(b.size >= size);
	assert_memory_equal(b.data, source.data, size);
	buffer_free(&b);
}

static void it_copies_what_it_says(void **state)
{
	struct file_map source;
	struct ahead a;
	int fd = create("to", O_RDWR);

	(void)state;
	open_source(&source);
	ahead_begin(&a, &source, fd, SIZE - 3);
	assert_int_equal(ahead_end(&a, false), SIZE - 3);
	assert_int_equal(lseek(fd, 0, SEEK_END), SIZE - 3);
	assert_int_equal(ahead_end(&a, false), 0);
	assert_start("to", source.bytes, SIZE - 3);
	file_map_close(&source);
	close(fd);
}

static void it_can_be_stopped(void **state)
{
	struct file_map source;

	(void)state;
	open_source(&source);
	for (int i = 0; i < 20; i++) {
		int fd = create("to", O_RDWR);
		struct ahead a;
		uint64_t done;

		ahead_begin(&a, &source, fd, SIZE);
		usleep((useconds_t)i * 300);
		done = ahead_end(&a, true);
		assert_true(done <= SIZE);
		assert_start("to", source.bytes, done);
		close(fd);
	}
	file_map_close(&source);
}

static void what_cannot_be_written_is_not_there(void **state)
{
	int fd = create("to", O_RDONLY);
	struct file_map source;
	struct ahead a;

	(void)state;
	open_source(&source);
	ahead_begin(&a, &source, fd, SIZE);
	assert_int_equal(ahead_end(&a, false), 0);
	file_map_close(&source);
	close(fd);
}

/* A new head, a range in its old place, one that has moved, or none behind it. */
static size_t make_pieces(struct piece pieces[4], const struct file_map *source, size_t cut,
			  bool tail)
{
	static const uint8_t head[64] = "head", inserted[] = "inserted";

	pieces[0] = (struct piece){ .data = { head, sizeof(head) } };
	pieces[1] = (struct piece){ bytes_slice(source->bytes, 64, cut - 64), source };
	pieces[2] = (struct piece){ .data = { inserted, sizeof(inserted) } };
	pieces[3] =
		(struct piece){ bytes_slice(source->bytes, cut + 100, SIZE - cut - 100), source };
	return tail ? 4 : 3;
}

static void assert_holds(const char *name, const struct piece *pieces, size_t nr)
{
	struct buffer b = scratch_read(name), want;
	struct error err = ERROR_INIT;

	assert_int_equal(pieces_flatten(pieces, nr, &want, &err), 0);
	assert_int_equal(b.size, want.size);
	assert_memory_equal(b.data, want.data, b.size);
	buffer_free(&want);
	buffer_free(&b);
}

static void the_rest_is_written_over_it(void **state)
{
	static const size_t cuts[] = { 128, 5000000, SIZE - 200 };
	static const uint64_t sames[] = { 0, 63, 64, 100, 5000000, 5000001, SIZE };
	struct piece pieces[4];
	struct file_map source;

	(void)state;
	open_source(&source);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts) * 2; i++) {
		size_t nr = make_pieces(pieces, &source, cuts[i / 2], i % 2);

		for (size_t k = 0; k < sizeof(sames) / sizeof(*sames); k++) {
			int fd = create("to", O_RDWR);

			assert_true(write(fd, source.bytes.data, sames[k]) == (ssize_t)sames[k]);
			lseek(fd, 0, SEEK_SET);
			assert_int_equal(pieces_complete(fd, pieces, nr, &source, sames[k]), 0);
			assert_holds("to", pieces, nr);
			close(fd);
		}
	}
	file_map_close(&source);
}

/* @size: that is said to stay. */
static void replace_ahead_of(uint64_t size, bool tail)
{
	struct error err = ERROR_INIT;
	struct piece pieces[4];
	struct file_map source;
	struct replacement r;
	bool changed = false;
	size_t nr;

	start();
	open_source(&source);
	nr = make_pieces(pieces, &source, 6000000, tail);
	if (replace_begin(&r, scratch_path("dir/file"), &err))
		fail_msg("%s", err.text);
	replace_ahead(&r, &source, size);
	assert_true(size < 4 << 20 || r.ahead_fd >= 0);
	if (replace_commit(&r, pieces, nr, &changed, &err))
		fail_msg("%s", err.text);
	assert_true(changed);
	replace_end(&r);
	assert_holds("dir/file", pieces, nr);
	assert_string_equal(scratch_output("ls -A dir"), "file\n");
	file_map_close(&source);
}

static void a_replaced_file_is_the_same(void **state)
{
	(void)state;
	for (int tail = 0; tail < 2; tail++) {
		replace_ahead_of(100, tail);
		replace_ahead_of(6000000, tail);
		replace_ahead_of(SIZE, tail);
	}
}

static void without_a_commit_nothing_is_left(void **state)
{
	struct error err = ERROR_INIT;
	struct file_map source;
	struct replacement r;

	(void)state;
	open_source(&source);
	if (replace_begin(&r, scratch_path("dir/file"), &err))
		fail_msg("%s", err.text);
	replace_ahead(&r, &source, SIZE);
	replace_end(&r);
	assert_string_equal(scratch_output("ls -A dir"), "file\n");
	assert_start("dir/file", source.bytes, SIZE);
	file_map_close(&source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_copies_what_it_says),
		cmocka_unit_test(it_can_be_stopped),
		cmocka_unit_test(what_cannot_be_written_is_not_there),
		cmocka_unit_test(the_rest_is_written_over_it),
		cmocka_unit_test(without_a_commit_nothing_is_left),
		cmocka_unit_test(a_replaced_file_is_the_same),
	};

	return cmocka_run_group_tests_name("ahead", tests, make_source, scratch_remove);
}
