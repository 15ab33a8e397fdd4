// SPDX-License-Identifier: GPL-2.0-only
/* A file that changes while it is mapped does not end the program, and the change is seen. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/file.h"
#include "io/sigbus.h"
#include "scratch.h"

#define SIZE 100000

static void open_large(struct file_map *map)
{
	struct error err = ERROR_INIT;

	scratch_run("rm -f file; head -c %d /dev/zero | tr '\\0' x >file; touch -d 2001-01-01 file",
		    SIZE);
	assert_int_equal(file_map_open(map, scratch_path("file"), &err), 0);
	assert_int_equal(map->bytes.size, SIZE);
	assert_true(map->mapped);
	assert_int_equal(file_map_check(map, &err), 0);
}

static void truncate_it(void)
{
	struct error err = ERROR_INIT;
	struct file_map map;

	for (int i = 0; i < 3; i++) {
		open_large(&map);
		assert_int_equal(map.bytes.data[50000], 'x');
		assert_int_equal(truncate(scratch_path("file"), 10), 0);
		assert_int_equal(map.bytes.data[50000], 0);
		assert_int_equal(map.bytes.data[SIZE - 1], 0);
		assert_int_equal(map.bytes.data[9], 'x');
		assert_int_equal(file_map_check(&map, &err), -EBUSY);
		assert_non_null(strstr(err.text, "run again"));
		file_map_close(&map);
	}
}

/* As a disk does that fails: the file is what it was, but its bytes cannot be had. */
static void make_it_fail(void)
{
	struct timespec times[2] = { { 0 }, { 0 } };
	struct error err = ERROR_INIT;
	struct file_map map;
	struct stat st;

	open_large(&map);
	assert_int_equal(stat(scratch_path("file"), &st), 0);
	assert_int_equal(truncate(scratch_path("file"), 10), 0);
	assert_int_equal(map.bytes.data[SIZE - 1], 0);
	assert_int_equal(truncate(scratch_path("file"), SIZE), 0);
	times[0] = times[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, scratch_path("file"), times, 0), 0);
	assert_int_equal(file_map_check(&map, &err), -EIO);
	file_map_close(&map);
	open_large(&map);
	file_map_close(&map);
}

/* In one test: for each further one cmocka has a handler of its own. */
static void bytes_that_are_gone_are_zeros(void **state)
{
	(void)state;
	truncate_it();
	make_it_fail();
	truncate_it();
}

static void writing_is_seen(void **state)
{
	struct error err = ERROR_INIT;
	struct file_map map;

	(void)state;
	open_large(&map);
	scratch_run("printf y | dd of=file conv=notrunc status=none");
	assert_int_equal(file_map_check(&map, &err), -EBUSY);
	file_map_close(&map);
	/* another file in its place is none of our business */
	open_large(&map);
	scratch_run("cp file other; echo >>other; mv other file");
	assert_int_equal(file_map_check(&map, &err), 0);
	assert_int_equal(map.bytes.data[SIZE - 1], 'x');
	file_map_close(&map);
}

/* A fault elsewhere is what it was. */
static void other_faults_end_the_program(void **state)
{
	struct file_map map;
	int status;
	pid_t pid;

	(void)state;
	open_large(&map);
	pid = fork();
	if (!pid) {
		int fd = open(scratch_path("file"), O_RDONLY);
		const char *p = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);

		/* cmocka and sanitizers have much to say about it */
		close(1);
		close(2);
		if (p == MAP_FAILED || truncate(scratch_path("file"), 0))
			_exit(101);
		_exit(p[SIZE - 1] ? 102 : 103);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) < 101);
	file_map_close(&map);
}

/* More than can be watched: they are mapped all the same. */
static void ranges_may_be_many(void **state)
{
	enum { NR = 1000 };
	static int watch[NR];
	int watched = 0;

	(void)state;
	for (int i = 0; i < NR; i++) {
		watch[i] = sigbus_watch(&watch, sizeof(watch));
		watched += watch[i] >= 0;
		assert_false(sigbus_seen(watch[i]));
	}
	assert_true(watched > 100 && watched < NR);
	for (int i = 0; i < NR; i++)
		sigbus_unwatch(watch[i]);
	watch[0] = sigbus_watch(&watch, sizeof(watch));
	assert_true(watch[0] >= 0);
	sigbus_unwatch(watch[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_that_are_gone_are_zeros),
		cmocka_unit_test(writing_is_seen),
		cmocka_unit_test(other_faults_end_the_program),
		cmocka_unit_test(ranges_may_be_many),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
