// SPDX-License-Identifier: GPL-2.0-only
/* Content in pieces is written whole and compared right, whichever way the kernel lets it go. */
#include "test.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/piece.h"
#include "scratch.h"

/* Two ranges of "source" that are copied, and one that is too small for that, in another order. */
static const struct {
	const char *text;
	size_t from, size;
} content[] = {
	{ "the start, ", 0, 0 }, { NULL, 20000000, 300001 }, { "the middle", 0, 0 },
	{ NULL, 17, 1000 },	 { NULL, 3, 19000000 },	     { ", the end", 0, 0 },
};

#define NR (sizeof(content) / sizeof(content[0]))

static struct bytes text(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static int make_source(void **state)
{
	struct buffer b = { malloc(21 << 20), 21 << 20 };
	uint64_t seed = 5;

	if (scratch_make(state) || !b.data)
		return -1;
	for (size_t i = 0; i + 8 <= b.size; i += 8) {
		uint64_t n = scratch_random(&seed);

		memcpy(b.data + i, &n, 8);
	}
	scratch_write("source", buffer_bytes(&b));
	buffer_free(&b);
	return 0;
}

static void open_source(struct file_map *source, struct piece pieces[NR])
{
	struct error err = ERROR_INIT;

	if (file_map_open(source, scratch_path("source"), &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < NR; i++)
		pieces[i] = content[i].text ?
				    (struct piece){ .data = text(content[i].text) } :
				    (struct piece){ bytes_slice(source->bytes, content[i].from,
								content[i].size),
						    source };
}

/* The same, put together here. */
static struct buffer expected(void)
{
	struct buffer source = scratch_read("source"), b = { NULL, 0 };

	b.data = malloc(source.size);
	assert_non_null(b.data);
	for (size_t i = 0; i < NR; i++) {
		struct bytes part = content[i].text ? text(content[i].text) :
						      bytes_slice(buffer_bytes(&source),
								  content[i].from, content[i].size);

		memcpy(b.data + b.size, part.data, part.size);
		b.size += part.size;
	}
	buffer_free(&source);
	return b;
}

static void assert_file(const char *name, const struct buffer *want)
{
	struct buffer b = scratch_read(name);

	assert_int_equal(b.size, want->size);
	assert_memory_equal(b.data, want->data, b.size);
	buffer_free(&b);
}

static int create(const char *name)
{
	int fd = open(scratch_path(name), O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void pieces_are_written_in_order(void **state)
{
	struct buffer want = expected(), flat;
	struct error err = ERROR_INIT;
	struct piece pieces[NR];
	struct file_map source;
	int fd = create("out");

	(void)state;
	open_source(&source, pieces);
	assert_int_equal(pieces_size(pieces, NR), want.size);
	assert_int_equal(pieces_write(fd, pieces, NR), 0);
	assert_file("out", &want);
	assert_int_equal(pieces_flatten(pieces, NR, &flat, &err), 0);
	assert_int_equal(flat.size, want.size);
	assert_memory_equal(flat.data, want.data, flat.size);
	buffer_free(&flat);
	file_map_close(&source);
	close(fd);
	buffer_free(&want);
}

/* More than go by one system call, empty ones among them; and none at all. */
static void there_may_be_many(void **state)
{
	struct piece pieces[1000] = { 0 };
	struct error err = ERROR_INIT;
	struct buffer b;
	int fd = create("out");

	(void)state;
	assert_int_equal(pieces_write(fd, NULL, 0), 0);
	assert_true(pieces_held(fd, NULL, 0));
	for (size_t i = 0; i < 1000; i++)
		if (i % 7)
			pieces[i].data = text(i % 2 ? "odd" : "even!");
	assert_int_equal(pieces_write(fd, pieces, 1000), 0);
	assert_int_equal(pieces_flatten(pieces, 1000, &b, &err), 0);
	assert_int_equal(b.size, pieces_size(pieces, 1000));
	assert_file("out", &b);
	assert_true(pieces_held(fd, pieces, 1000));
	buffer_free(&b);
	assert_int_equal(pieces_flatten(NULL, 0, &b, &err), 0);
	assert_int_equal(b.size, 0);
	buffer_free(&b);
	close(fd);
}

/* A pipe takes a few pages at a time, and no ranges of files. */
static void a_pipe_gets_it_all(void **state)
{
	struct buffer want = expected();
	struct piece pieces[NR];
	struct file_map source;
	int fds[2], status;
	pid_t pid;

	(void)state;
	open_source(&source, pieces);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		close(fds[0]);
		_exit(pieces_write(fds[1], pieces, NR) ? 101 : 0);
	}
	close(fds[1]);
	for (size_t at = 0;;) {
		uint8_t buf[40000];
		ssize_t n = read(fds[0], buf, sizeof(buf));

		assert_true(n >= 0 && (size_t)n <= want.size - at);
		if (!n) {
			assert_int_equal(at, want.size);
			break;
		}
		assert_memory_equal(buf, want.data + at, (size_t)n);
		at += (size_t)n;
	}
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	file_map_close(&source);
	buffer_free(&want);
}

static void a_byte_that_differs_is_found(void **state)
{
	struct buffer want = expected();
	struct piece pieces[NR];
	struct file_map source;
	int fd = create("out");

	(void)state;
	open_source(&source, pieces);
	assert_int_equal(pieces_write(fd, pieces, NR), 0);
	assert_true(pieces_held(fd, pieces, NR));
	for (size_t at = 0; at < want.size; at += (want.size - 1) / 20) {
		uint8_t odd = want.data[at] ^ 1;

		assert_int_equal(pwrite(fd, &odd, 1, (off_t)at), 1);
		assert_false(pieces_held(fd, pieces, NR));
		assert_int_equal(pwrite(fd, &want.data[at], 1, (off_t)at), 1);
	}
	assert_true(pieces_held(fd, pieces, NR));
	/* one that ends too early */
	assert_int_equal(ftruncate(fd, (off_t)want.size - 1), 0);
	assert_false(pieces_held(fd, pieces, NR));
	file_map_close(&source);
	close(fd);
	buffer_free(&want);
}

/* ---- faults ---- */

/* From here on the system call @nr fails with @code (0: does nothing), in this process. */
static int deny(long nr, int code)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)code),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(filter[0]), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

/* pieces_write() to "out" without a system call; its return value, negated. */
static int write_without(long nr, int code, const struct piece *pieces, size_t nr_pieces)
{
	int fd = create("out"), status;
	pid_t pid = fork();

	if (!pid) {
		if (deny(nr, code))
			_exit(200);
		_exit(-pieces_write(fd, pieces, nr_pieces));
	}
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void there_is_another_way_to_copy(void **state)
{
	static const int codes[] = { EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EPERM, EBADF, 0 };
	struct buffer want = expected();
	struct piece pieces[NR];
	struct file_map source;

	(void)state;
	open_source(&source, pieces);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_int_equal(write_without(SYS_copy_file_range, codes[i], pieces, NR), 0);
		assert_file("out", &want);
	}
	file_map_close(&source);
	buffer_free(&want);
}

static void what_cannot_be_written_is_an_error(void **state)
{
	static const int codes[] = { ENOSPC, EIO, EDQUOT, EFBIG };
	struct piece pieces[NR];
	struct file_map source;

	(void)state;
	open_source(&source, pieces);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_int_equal(write_without(SYS_copy_file_range, codes[i], pieces, NR),
				 codes[i]);
		assert_int_equal(write_without(SYS_writev, codes[i], pieces, NR), codes[i]);
	}
	assert_int_equal(write_without(SYS_writev, 0, pieces, NR), EIO);
	file_map_close(&source);
}

/* A large range is written without being read: it works even if nothing in memory can be written. */
static void large_ranges_do_not_pass_through_memory(void **state)
{
	struct piece pieces[NR];
	struct file_map source;

	(void)state;
	open_source(&source, pieces);
	assert_int_equal(write_without(SYS_writev, EIO, &pieces[1], 1), 0);
	assert_int_equal(write_without(SYS_writev, EIO, &pieces[4], 1), 0);
	file_map_close(&source);
}

/* Where the range stands already is not read either: there a look at the file's bytes would fail. */
static void a_file_is_not_compared_with_itself(void **state)
{
	struct piece pieces[2];
	struct error err = ERROR_INIT;
	struct file_map map;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(file_map_open(&map, scratch_path("source"), &err), 0);
	pieces[0] = (struct piece){ bytes_slice(map.bytes, 0, 5000000), &map };
	pieces[1] =
		(struct piece){ bytes_slice(map.bytes, 5000000, map.bytes.size - 5000000), &map };
	pid = fork();
	if (!pid) {
		int fd = open(scratch_path("source"), O_RDONLY);

		if (deny(SYS_pread64, EIO) || !pieces_held(fd, pieces, 2))
			_exit(101);
		/* at another place it is, and that fails here */
		pieces[1].data.data -= 4096;
		_exit(pieces_held(fd, pieces, 2) ? 102 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	file_map_close(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_written_in_order),
		cmocka_unit_test(there_may_be_many),
		cmocka_unit_test(a_pipe_gets_it_all),
		cmocka_unit_test(a_byte_that_differs_is_found),
		cmocka_unit_test(there_is_another_way_to_copy),
		cmocka_unit_test(what_cannot_be_written_is_an_error),
		cmocka_unit_test(large_ranges_do_not_pass_through_memory),
		cmocka_unit_test(a_file_is_not_compared_with_itself),
	};

	return cmocka_run_group_tests(tests, make_source, scratch_remove);
}
