// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever happens while a file is replaced, its path holds the whole old or the whole new content,
 * and nothing else is left in the directory.
 */
#include "test.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "io/replace.h"
#include "io/staged.h"
#include "scratch.h"

#define OLD "the old content"
#define NEW "the new content, which is longer"

static struct bytes text(const char *s)
{
	return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

/* A directory with one file in it. */
static void start_with(const char *content)
{
	scratch_run("chmod -R u+w dir 2>/dev/null; rm -rf dir; mkdir dir");
	scratch_write("dir/file", text(content));
}

static void assert_holds(const char *name, const char *content)
{
	struct buffer b = scratch_read(name);

	assert_int_equal(b.size, strlen(content));
	assert_memory_equal(b.data, content, b.size);
	buffer_free(&b);
}

/* The directory holds "file" and nothing else. */
static void assert_alone(void)
{
	assert_string_equal(scratch_output("ls -A dir"), "file\n");
}

static int commit(struct replacement *r, struct bytes content, bool *changed, struct error *err)
{
	const struct piece piece = { .data = content };

	return replace_commit(r, &piece, 1, changed, err);
}

/* The whole of it, in one. */
static int replace(const char *path, const char *content, bool *changed, struct error *err)
{
	struct replacement r;
	int ret = replace_begin(&r, path, err);

	if (ret < 0)
		return ret;
	ret = commit(&r, text(content), changed, err);
	replace_end(&r);
	return ret;
}

static void replace_well(const char *name, const char *content)
{
	struct error err = ERROR_INIT;
	bool changed = false;

	if (replace(scratch_path(name), content, &changed, &err))
		fail_msg("%s: %s", err.file, err.text);
	assert_true(changed);
}

/* ---- what is kept ---- */

static void the_file_holds_the_new_content(void **state)
{
	(void)state;
	start_with(OLD);
	replace_well("dir/file", NEW);
	assert_holds("dir/file", NEW);
	assert_alone();
	replace_well("dir/file", "");
	assert_holds("dir/file", "");
	replace_well("dir/file", OLD);
	assert_holds("dir/file", OLD);
	assert_alone();
}

static void a_large_file_is_written_whole(void **state)
{
	struct buffer big = { malloc(10 << 20), 10 << 20 }, b;
	struct error err = ERROR_INIT;
	struct replacement r;
	uint64_t seed = 1;
	bool changed;

	(void)state;
	for (size_t i = 0; i < big.size; i++)
		big.data[i] = (uint8_t)scratch_random(&seed);
	start_with(OLD);
	assert_int_equal(replace_begin(&r, scratch_path("dir/file"), &err), 0);
	assert_int_equal(commit(&r, buffer_bytes(&big), &changed, &err), 0);
	replace_end(&r);
	b = scratch_read("dir/file");
	assert_int_equal(b.size, big.size);
	assert_memory_equal(b.data, big.data, b.size);
	buffer_free(&b);
	buffer_free(&big);
}

static void mode_owner_and_attributes_stay(void **state)
{
	static const mode_t modes[] = { 0644, 0600, 0755, 0440, 0664 };
	const char *path;
	char value[16] = "";
	struct stat st;
	bool xattrs;

	(void)state;
	start_with(OLD);
	path = scratch_path("dir/file");
	xattrs = setxattr(path, "user.modbtf", "kept", 4, 0) == 0;
	/* about the content, so not to be kept; needs privilege to set */
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12, 34), 0);
		setxattr(path, "security.ima", "\1hash", 5, 0);
	}
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		replace_well("dir/file", i % 2 ? OLD : NEW);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, modes[i]);
		if (geteuid() == 0) {
			assert_int_equal(st.st_uid, 12);
			assert_int_equal(st.st_gid, 34);
		}
	}
	if (xattrs) {
		assert_int_equal(getxattr(path, "user.modbtf", value, sizeof(value)), 4);
		assert_string_equal(value, "kept");
	}
	assert_int_equal(getxattr(path, "security.ima", value, sizeof(value)), -1);
	assert_alone();
}

static void the_same_content_is_not_written(void **state)
{
	struct timespec times[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };
	struct error err = ERROR_INIT;
	struct stat before, after;
	bool changed = true;
	const char *path;

	(void)state;
	start_with(OLD);
	path = scratch_path("dir/file");
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(replace(path, OLD, &changed, &err), 0);
	assert_false(changed);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
	assert_int_equal(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);

	/* not even an empty one, nor one of the same size that differs at its end */
	start_with("");
	assert_int_equal(replace(path, "", &changed, &err), 0);
	assert_false(changed);
	start_with("abcd");
	assert_int_equal(replace(path, "abcx", &changed, &err), 0);
	assert_true(changed);
	assert_holds("dir/file", "abcx");
}

static void symlinks_stay_and_their_target_is_replaced(void **state)
{
	struct stat st;

	(void)state;
	start_with(OLD);
	scratch_run("rm -rf links; mkdir links; ln -s ../dir/file links/one; ln -s one links/two");
	replace_well("links/two", NEW);
	assert_holds("dir/file", NEW);
	assert_int_equal(lstat(scratch_path("links/two"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_string_equal(scratch_output("ls -A links"), "one\ntwo\n");
	assert_alone();
}

static void hard_links_are_reported(void **state)
{
	struct error err = ERROR_INIT;
	struct replacement r;
	bool changed;

	(void)state;
	start_with(OLD);
	scratch_run("rm -f other; ln dir/file other");
	assert_int_equal(replace_begin(&r, scratch_path("dir/file"), &err), 0);
	assert_int_equal(r.st.st_nlink, 2);
	assert_int_equal(commit(&r, text(NEW), &changed, &err), 0);
	replace_end(&r);
	assert_holds("dir/file", NEW);
	assert_holds("other", OLD);
}

/* A file that is made of its own parts, as a module is that gets new sections. */
static void a_file_may_be_made_of_itself(void **state)
{
	struct piece pieces[3];
	struct error err = ERROR_INIT;
	struct replacement r;
	struct file_map map;
	struct buffer b, source;
	bool changed;

	(void)state;
	scratch_run("head -c 21000000 /dev/urandom >source");
	source = scratch_read("source");
	scratch_run("chmod -R u+w dir 2>/dev/null; rm -rf dir; mkdir dir; cp source dir/file");
	for (int round = 0; round < 3; round++) {
		assert_int_equal(replace_begin(&r, scratch_path("dir/file"), &err), 0);
		assert_int_equal(file_map_open(&map, scratch_path("dir/file"), &err), 0);
		/* its first ten million bytes, something new, and the last million */
		pieces[0] = (struct piece){ bytes_slice(map.bytes, 0, 10000000), &map };
		pieces[1] = (struct piece){ .data = text(round < 2 ? "new" : "odd") };
		pieces[2] =
			(struct piece){ bytes_slice(map.bytes, map.bytes.size - 1000000, 1000000),
					&map };
		assert_int_equal(replace_commit(&r, pieces, 3, &changed, &err), 0);
		/* the second time they stand where they stood, and nothing is to be done */
		assert_int_equal(changed, round != 1);
		file_map_close(&map);
		replace_end(&r);
		b = scratch_read("dir/file");
		assert_int_equal(b.size, 11000003);
		assert_memory_equal(b.data, source.data, 10000000);
		assert_memory_equal(b.data + 10000000, round < 2 ? "new" : "odd", 3);
		assert_memory_equal(b.data + 10000003, source.data + source.size - 1000000,
				    1000000);
		buffer_free(&b);
		assert_alone();
	}
	buffer_free(&source);
}

/* ---- new files ---- */

static void a_new_file_obeys_the_umask(void **state)
{
	static const mode_t masks[] = { 022, 077, 002 };
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		mode_t before;

		scratch_run("rm -rf dir; mkdir dir");
		before = umask(masks[i]);
		replace_well("dir/file", NEW);
		umask(before);
		assert_holds("dir/file", NEW);
		assert_int_equal(stat(scratch_path("dir/file"), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0666 & ~masks[i]);
		assert_alone();
	}
}

static void a_path_may_be_relative(void **state)
{
	char before[4096];

	(void)state;
	start_with(OLD);
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(scratch_path("dir")), 0);
	for (int i = 0; i < 2; i++) {
		struct error err = ERROR_INIT;
		bool changed = false;

		unlink("file");
		assert_int_equal(replace(i ? "./file" : "file", NEW, &changed, &err), 0);
		assert_true(changed);
	}
	assert_int_equal(chdir(before), 0);
	assert_holds("dir/file", NEW);
	assert_alone();
}

static void pipes_and_devices_are_written_to(void **state)
{
	struct error err = ERROR_INIT;
	bool changed = false;
	struct stat st;

	(void)state;
	assert_int_equal(replace("/dev/null", NEW, &changed, &err), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));

	scratch_run("rm -f fifo got; mkfifo fifo; cat fifo >got & :");
	assert_int_equal(replace(scratch_path("fifo"), NEW, &changed, &err), 0);
	for (int i = 0; i < 200; i++) {
		struct buffer b = scratch_read("got");
		bool done = b.size == strlen(NEW);

		buffer_free(&b);
		if (done)
			break;
		usleep(20000);
	}
	assert_holds("got", NEW);
	assert_int_equal(stat(scratch_path("fifo"), &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
}

static void what_cannot_be_replaced_is_refused(void **state)
{
	static const struct {
		const char *name;
		int code;
	} cases[] = {
		{ "dir", -EISDIR },	    { "none/file", -ENOENT },	 { "dangling", -ENOENT },
		{ "dir/file/x", -ENOTDIR }, { "dir/missing/", -ENOENT }, { "loop", -ELOOP },
	};
	struct error err = ERROR_INIT;
	bool changed;

	(void)state;
	start_with(OLD);
	scratch_run("ln -sf nothing dangling; ln -sf loop loop");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path = scratch_path(cases[i].name);

		assert_int_equal(replace(path, NEW, &changed, &err), cases[i].code);
		assert_string_equal(err.file, path);
		assert_true(err.text[0]);
	}
	assert_alone();
	assert_holds("dir/file", OLD);
}

/* ---- one writer at a time ---- */

static void a_file_that_changed_meanwhile_is_left_alone(void **state)
{
	struct error err = ERROR_INIT;
	struct replacement r;
	bool changed;

	(void)state;
	for (int i = 0; i < 4; i++) {
		start_with(OLD);
		assert_int_equal(replace_begin(&r, scratch_path("dir/file"), &err), 0);
		if (i == 3) /* its time was set back */
			scratch_run("cp -p dir/file dir/back; sleep 0.01; "
				    "echo 'else, 15 chars' >dir/file; "
				    "touch -r dir/back dir/file; rm dir/back");
		else if (i == 0)
			scratch_run("echo else >dir/else && mv dir/else dir/file");
		else if (i == 1) /* the same file, the same size */
			scratch_run("sleep 0.01; echo 'else, 15 chars' >dir/file");
		else
			scratch_run("echo else >dir/else && rm dir/file && ln dir/else dir/file "
				    "&& rm dir/else");
		assert_int_equal(commit(&r, text(NEW), &changed, &err), -EBUSY);
		assert_false(changed);
		replace_end(&r);
		assert_holds("dir/file", i % 2 ? "else, 15 chars\n" : "else\n");
		assert_alone();
	}
	/* one that is gone does not come back */
	start_with(OLD);
	assert_int_equal(replace_begin(&r, scratch_path("dir/file"), &err), 0);
	scratch_run("rm dir/file");
	assert_int_equal(commit(&r, text(NEW), &changed, &err), -EBUSY);
	replace_end(&r);
	assert_string_equal(scratch_output("ls -A dir"), "");
	scratch_run("echo >dir/file");
	/* nor one that came to be */
	scratch_run("rm dir/file");
	assert_int_equal(replace_begin(&r, scratch_path("dir/file"), &err), 0);
	scratch_run("echo else >dir/file");
	assert_int_equal(commit(&r, text(NEW), &changed, &err), -EBUSY);
	replace_end(&r);
	assert_holds("dir/file", "else\n");
	assert_alone();
}

/* Each of several processes adds one to a number in the file; none is lost. */
static void writers_take_turns(void **state)
{
	const int workers = 4, rounds = 25;
	struct buffer b;
	pid_t pids[4];

	(void)state;
	start_with("0");
	for (int w = 0; w < workers; w++) {
		pids[w] = fork();
		if (pids[w])
			continue;
		for (int i = 0; i < rounds; i++) {
			struct error err = ERROR_INIT;
			struct replacement r;
			char number[32] = "";
			bool changed;
			int fd;

			if (replace_begin(&r, scratch_path("dir/file"), &err))
				_exit(1);
			fd = open(scratch_path("dir/file"), O_RDONLY);
			if (read(fd, number, sizeof(number) - 1) < 1)
				_exit(2);
			close(fd);
			snprintf(number, sizeof(number), "%d", atoi(number) + 1);
			if (commit(&r, text(number), &changed, &err))
				_exit(3);
			replace_end(&r);
		}
		_exit(0);
	}
	for (int w = 0; w < workers; w++) {
		int status;

		assert_int_equal(waitpid(pids[w], &status, 0), pids[w]);
		assert_int_equal(status, 0);
	}
	b = scratch_read("dir/file");
	assert_int_equal(b.size, 3);
	assert_memory_equal(b.data, "100", 3);
	buffer_free(&b);
	assert_alone();
}

static void a_lock_that_is_never_released_is_an_error(void **state)
{
	struct error err = ERROR_INIT;
	time_t begin;
	bool changed;
	int fd;

	(void)state;
	start_with(OLD);
	fd = open(scratch_path("dir/file"), O_RDONLY);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	begin = time(NULL);
	assert_int_equal(replace(scratch_path("dir/file"), NEW, &changed, &err), -EBUSY);
	assert_true(time(NULL) - begin >= 9);
	assert_non_null(strstr(err.text, "locked"));
	close(fd);
	assert_holds("dir/file", OLD);
}

/* ---- faults ---- */

/* What a child process is to do without. */
struct fault {
	const char *what;
	long nr;	   /* system call, 0: none */
	int code;	   /* its errno */
	bool unnamed;	   /* files without a name (O_TMPFILE) can be had */
	int want;	   /* what replace_commit() returns then */
	const char *words; /* in the message */
};

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define FAIL(code) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (code))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))

/* From here on the system call @nr fails with @code, in this process. */
static int deny(long nr, int code)
{
	struct sock_filter filter[] = {
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1),
		FAIL((uint32_t)code),
		ALLOW,
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(filter[0]), filter };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

/* From here on openat() with O_TMPFILE fails as on a file system that has no such thing. */
static int deny_unnamed(void)
{
	struct sock_filter filter[] = {
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
		/* the low half of the third argument; both halves stand in the machine's order */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[2]) +
				 (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_TMPFILE & ~O_DIRECTORY, 0, 1),
		FAIL(EOPNOTSUPP),
		ALLOW,
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(filter[0]), filter };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

/* Runs in a child of its own: exit code 0 if all is as it should be, else the line at fault. */
static void replace_with_fault(const struct fault *f)
{
	struct error err = ERROR_INIT;
	struct replacement r;
	bool changed = true;
	int ret;

	if (replace_begin(&r, scratch_path("dir/file"), &err))
		_exit(101);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		_exit(102);
	if (!f->unnamed && deny_unnamed())
		_exit(103);
	if (f->nr && deny(f->nr, f->code))
		_exit(104);
	ret = commit(&r, text(NEW), &changed, &err);
	if (ret != f->want)
		_exit(105);
	if (changed != !ret)
		_exit(106);
	if (ret && (err.code != ret || strcmp(err.file, scratch_path("dir/file"))))
		_exit(107);
	if (ret && (!strstr(err.text, f->words) || !strstr(err.text, strerror(-ret))))
		_exit(108);
	_exit(0);
}

static void every_system_call_may_fail(void **state)
{
	static const struct fault faults[] = {
		{ "nothing", 0, 0, true, 0, "" },
		{ "nothing, named", 0, 0, false, 0, "" },
		{ "writev EIO", SYS_writev, EIO, true, -EIO, "disk errors" },
		{ "writev ENOSPC", SYS_writev, ENOSPC, true, -ENOSPC, "free some space" },
		{ "writev EDQUOT", SYS_writev, EDQUOT, true, -EDQUOT, "free some space" },
		{ "writev ENOSPC, named", SYS_writev, ENOSPC, false, -ENOSPC, "unchanged" },
		{ "fsync EIO", SYS_fsync, EIO, true, -EIO, "unchanged" },
		{ "fsync EIO, named", SYS_fsync, EIO, false, -EIO, "unchanged" },
		{ "fchmod EIO", SYS_fchmod, EIO, true, -EIO, "mode" },
		{ "fchmod EROFS, named", SYS_fchmod, EROFS, false, -EROFS, "writable" },
		{ "fchmod EPERM", SYS_fchmod, EPERM, true, 0, "" },
		{ "flistxattr EIO", SYS_flistxattr, EIO, true, -EIO, "attributes" },
		{ "flistxattr EOPNOTSUPP", SYS_flistxattr, EOPNOTSUPP, true, 0, "" },
		{ "linkat ENOENT", SYS_linkat, ENOENT, true, 0, "" },
		{ "getrandom ENOSYS", SYS_getrandom, ENOSYS, true, 0, "" },
		{ "fallocate EOPNOTSUPP", SYS_fallocate, EOPNOTSUPP, true, 0, "" },
		{ "fsync EINVAL", SYS_fsync, EINVAL, true, -EINVAL, "unchanged" },
		{ "fremovexattr EIO", SYS_fremovexattr, EIO, true, -EIO, "attributes" },
		{ "no exchange", SYS_renameat2, EINVAL, true, 0, "" },
		{ "no exchange, named", SYS_renameat2, ENOSYS, false, 0, "" },
		{ "writev nothing", SYS_writev, 0, true, -EIO, "unchanged" },
		{ "pread64 EIO", SYS_pread64, EIO, true, 0, "" },
		{ "flock, later", SYS_flock, EIO, true, 0, "" },
		{ "renameat2 EROFS", SYS_renameat2, EROFS, true, -EROFS, "make the file system" },
		{ "renameat2 EACCES, named", SYS_renameat2, EACCES, false, -EACCES, "may write" },
		{ "openat EACCES", SYS_openat, EACCES, true, -EACCES, "run as a user" },
		{ "openat EROFS", SYS_openat, EROFS, true, -EROFS, "make the file system" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		int status;
		pid_t pid;

		start_with(OLD);
		pid = fork();
		if (!pid)
			replace_with_fault(&faults[i]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status)
			fail_msg("%s: status 0x%x", faults[i].what, status);
		assert_alone();
		assert_holds("dir/file", faults[i].want ? OLD : NEW);
	}
}

/* Killed while the new file has a name: the next run removes it. */
static void what_a_killed_process_left_is_removed(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct sock_filter filter[] = {
			LOAD(nr),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i == 1 ? SYS_unlinkat : SYS_renameat2,
				 0, 1),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
			ALLOW,
		};
		struct sock_fprog prog = { sizeof(filter) / sizeof(filter[0]), filter };
		struct error err = ERROR_INIT;
		bool changed;
		int status;
		pid_t pid;

		start_with(OLD);
		pid = fork();
		if (!pid) {
			if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || (i == 2 && deny_unnamed()) ||
			    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
				_exit(101);
			_exit(replace(scratch_path("dir/file"), NEW, &changed, &err) ? 102 : 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_holds("dir/file", i == 1 ? NEW : OLD);
		assert_int_equal(atoi(scratch_output("ls -A dir | wc -l")), 2);
		if (i == 1) { /* without looking at the file itself */
			replace_clean(scratch_path("dir/file"));
			assert_alone();
		}
		/* also where there is nothing to write any more */
		assert_int_equal(replace(scratch_path("dir/file"), NEW, &changed, &err), 0);
		assert_int_equal(changed, i != 1);
		assert_holds("dir/file", NEW);
		assert_alone();
	}
}

/* What is locked belongs to someone who lives. It is in nobody's way. */
static void what_a_living_process_has_stays(void **state)
{
	char name[128];
	int fd;

	(void)state;
	start_with(OLD);
	for (int i = 0; i < 2; i++) {
		struct staged s;

		assert_int_equal(staged_create(&s, AT_FDCWD, "file", 0600, true), 0);
		snprintf(name, sizeof(name), "%s", s.name);
		staged_discard(&s);
	}
	scratch_run("echo theirs >dir/%s", name);
	fd = openat(AT_FDCWD, scratch_path("dir"), O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	{
		int theirs = openat(fd, name, O_RDONLY);

		assert_int_equal(flock(theirs, LOCK_EX), 0);
		replace_well("dir/file", NEW);
		assert_int_equal(faccessat(fd, name, F_OK, 0), 0);
		close(theirs);
	}
	close(fd);
	replace_well("dir/file", OLD);
	assert_alone();
}

/* The directory's default ACL is for files that are new; this one has had none. */
static void no_acl_comes_from_the_directory(void **state)
{
	/* user::rwx, user 12:rwx, group::r-x, mask::rwx, other::--- in linux/posix_acl_xattr.h */
	static const uint8_t acl[] = {
		2, 0,  0,   0,	 1,   0,   7,  0, 255, 255, 255, 255, 2,   0,	7,
		0, 12, 0,   0,	 0,   4,   0,  5, 0,   255, 255, 255, 255, 16,	0,
		7, 0,  255, 255, 255, 255, 32, 0, 0,   0,   255, 255, 255, 255,
	};
	char value[64];

	(void)state;
	start_with(OLD);
	scratch_run("chmod 640 dir/file");
	if (setxattr(scratch_path("dir"), "system.posix_acl_default", acl, sizeof(acl), 0))
		skip();
	replace_well("dir/file", NEW);
	assert_int_equal(getxattr(scratch_path("dir/file"), "system.posix_acl_access", value,
				  sizeof(value)),
			 -1);
	/* but one that it has stays */
	assert_int_equal(setxattr(scratch_path("dir/file"), "system.posix_acl_access", acl,
				  sizeof(acl), 0),
			 0);
	replace_well("dir/file", OLD);
	assert_int_equal(getxattr(scratch_path("dir/file"), "system.posix_acl_access", value,
				  sizeof(value)),
			 sizeof(acl));
	assert_alone();
}

/* Files that only save work: nobody waits for them, and everybody may read them. */
static void a_cache_is_replaced_without_fuss(void **state)
{
	struct error err = ERROR_INIT;
	struct replacement r;
	mode_t mask;
	struct stat st;
	bool changed;
	int dir, fd;

	(void)state;
	start_with(OLD);
	scratch_run("chmod 666 dir/file; ln -s file dir/link");
	dir = open(scratch_path("dir"), O_RDONLY | O_DIRECTORY);
	mask = umask(077);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(replace_begin_cache(&r, dir, i ? "fresh" : "file", &err), 0);
		assert_int_equal(commit(&r, text(NEW), &changed, &err), 0);
		assert_true(changed);
		replace_end(&r);
	}
	umask(mask);
	assert_holds("dir/file", NEW);
	assert_holds("dir/fresh", NEW);
	assert_int_equal(stat(scratch_path("dir/file"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(stat(scratch_path("dir/fresh"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(replace_begin_cache(&r, dir, "link", &err), -ELOOP);
	fd = open(scratch_path("dir/file"), O_RDONLY);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(replace_begin_cache(&r, dir, "file", &err), -EBUSY);
	close(fd);
	close(dir);
	scratch_run("rm dir/link dir/fresh");
	assert_alone();
}

/* The program of another owner must not become one of ours with its set-id bits. */
static void set_id_bits_go_with_the_owner(void **state)
{
	const char *path;
	struct stat st;
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	start_with(OLD);
	path = scratch_path("dir/file");
	assert_int_equal(chown(path, 12, 34), 0);
	assert_int_equal(chmod(path, 06755), 0);
	replace_well("dir/file", NEW);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 12);
	assert_int_equal(st.st_mode & 07777, 06755);

	pid = fork();
	if (!pid) {
		struct error err = ERROR_INIT;
		bool changed;

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || deny(SYS_fchown, EPERM))
			_exit(101);
		_exit(replace(path, OLD, &changed, &err) ? 102 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_holds("dir/file", OLD);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_alone();
}

/* SIGXFSZ does not end the process, and does not come later either. */
static void the_file_size_limit_is_an_error(void **state)
{
	(void)state;
	for (int named = 0; named < 2; named++) {
		int status;
		pid_t pid;

		start_with(OLD);
		pid = fork();
		if (!pid) {
			const struct rlimit limit = { 20, 20 };
			struct error err = ERROR_INIT;
			bool changed;

			if (named && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || deny_unnamed()))
				_exit(101);
			setrlimit(RLIMIT_FSIZE, &limit);
			if (replace(scratch_path("dir/file"), NEW, &changed, &err) != -EFBIG)
				_exit(102);
			_exit(strstr(err.text, "ulimit") ? 0 : 103);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_holds("dir/file", OLD);
		assert_alone();
	}
}

/* A directory that cannot be written, for a user who has no privilege. */
static void a_read_only_directory_is_an_error(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	start_with(OLD);
	scratch_run("chmod 755 . && chmod 555 dir && chmod 644 dir/file");
	pid = fork();
	if (!pid) {
		struct error err = ERROR_INIT;
		bool changed;

		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(101);
		if (replace(scratch_path("dir/file"), NEW, &changed, &err) != -EACCES)
			_exit(102);
		_exit(strstr(err.text, "run as a user") ? 0 : 103);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_holds("dir/file", OLD);
	assert_alone();
}

/* A real file system that is full, and one that is read-only, where mounting is allowed. */
static void full_and_read_only_file_systems_are_errors(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	scratch_run("rm -rf dir; mkdir dir");
	pid = fork();
	if (!pid) {
		static char large[300000];
		struct error err = ERROR_INIT;
		const char *dir = scratch_path("dir"), *path = scratch_path("dir/file");
		struct stat st;
		bool changed;

		memset(large, 'x', sizeof(large) - 1);
		if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("tmpfs", dir, "tmpfs", 0, "size=64k"))
			_exit(77);
		scratch_write("dir/file", text(OLD));
		if (replace(path, large, &changed, &err) != -ENOSPC)
			_exit(101);
		if (!strstr(err.text, "free some space") || stat(path, &st) ||
		    (size_t)st.st_size != strlen(OLD))
			_exit(102);
		/* it would fit if nothing were left behind */
		if (replace(path, NEW, &changed, &err))
			_exit(103);
		if (mount("none", dir, NULL, MS_REMOUNT | MS_RDONLY, NULL))
			_exit(77);
		if (replace(path, OLD, &changed, &err) != -EROFS)
			_exit(104);
		_exit(strstr(err.text, "writable") ? 0 : 105);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* Killed at any moment, by a signal that asks and by one that does not. */
static void signals_leave_a_whole_file(void **state)
{
	static const struct {
		int signal;
		bool unnamed;
	} cases[] = { { SIGTERM, true }, { SIGINT, false }, { SIGHUP, false }, { SIGKILL, true } };
	uint64_t seed = 3;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start_with(OLD);
		for (int n = 0; n < 25; n++) {
			struct buffer b;
			int status;
			pid_t pid = fork();

			if (!pid) {
				struct error err = ERROR_INIT;
				bool changed;

				if (!cases[i].unnamed &&
				    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || deny_unnamed()))
					_exit(101);
				for (int k = n;; k++)
					if (replace(scratch_path("dir/file"), k % 2 ? OLD : NEW,
						    &changed, &err))
						_exit(102);
			}
			usleep((useconds_t)(scratch_random(&seed) % 20000));
			kill(pid, cases[i].signal);
			assert_int_equal(waitpid(pid, &status, 0), pid);
			assert_true(WIFSIGNALED(status));
			assert_int_equal(WTERMSIG(status), cases[i].signal);
			b = scratch_read("dir/file");
			if (b.size == strlen(OLD))
				assert_memory_equal(b.data, OLD, b.size);
			else
				assert_int_equal(b.size, strlen(NEW));
			buffer_free(&b);
			/* What SIGKILL has left goes with the next run, see above. */
			if (cases[i].signal != SIGKILL)
				assert_alone();
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_holds_the_new_content),
		cmocka_unit_test(a_large_file_is_written_whole),
		cmocka_unit_test(mode_owner_and_attributes_stay),
		cmocka_unit_test(the_same_content_is_not_written),
		cmocka_unit_test(symlinks_stay_and_their_target_is_replaced),
		cmocka_unit_test(hard_links_are_reported),
		cmocka_unit_test(a_file_may_be_made_of_itself),
		cmocka_unit_test(a_new_file_obeys_the_umask),
		cmocka_unit_test(a_path_may_be_relative),
		cmocka_unit_test(pipes_and_devices_are_written_to),
		cmocka_unit_test(what_cannot_be_replaced_is_refused),
		cmocka_unit_test(a_file_that_changed_meanwhile_is_left_alone),
		cmocka_unit_test(writers_take_turns),
		cmocka_unit_test(a_lock_that_is_never_released_is_an_error),
		cmocka_unit_test(every_system_call_may_fail),
		cmocka_unit_test(what_a_killed_process_left_is_removed),
		cmocka_unit_test(what_a_living_process_has_stays),
		cmocka_unit_test(no_acl_comes_from_the_directory),
		cmocka_unit_test(a_cache_is_replaced_without_fuss),
		cmocka_unit_test(set_id_bits_go_with_the_owner),
		cmocka_unit_test(the_file_size_limit_is_an_error),
		cmocka_unit_test(a_read_only_directory_is_an_error),
		cmocka_unit_test(full_and_read_only_file_systems_are_errors),
		cmocka_unit_test(signals_leave_a_whole_file),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
