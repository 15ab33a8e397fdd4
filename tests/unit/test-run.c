// SPDX-License-Identifier: GPL-2.0-only
/* Running a program, and private directories. */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/run.h"
#include "io/temp-name.h"
#include "io/workdir.h"
#include "scratch.h"

static int sh(const char *script, unsigned int seconds, const char *secret, struct error *err)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };

	*err = (struct error){ 0 };
	return run_program(argv, AT_FDCWD, seconds, secret, err);
}

static void exit_codes_and_words_are_told(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(sh("exit 0", 10, NULL, &err), 0);
	assert_int_equal(sh("echo fine; echo fine >&2", 10, NULL, &err), 0);
	assert_int_equal(sh("echo one; echo ' two\t' >&2; exit 5", 10, NULL, &err), -ECANCELED);
	assert_string_equal(err.text, "/bin/sh failed with exit code 5: one two");
	assert_int_equal(sh("kill -9 $$", 10, NULL, &err), -ECANCELED);
	assert_string_equal(err.text, "/bin/sh was killed by signal 9");
}

static void what_cannot_be_started_has_an_errno(void **state)
{
	const char *const none[] = { "/does/not/exist", NULL };
	const char *const directory[] = { "/tmp", NULL };
	struct error err;

	(void)state;
	assert_int_equal(run_program(none, AT_FDCWD, 10, NULL, &err), -ENOENT);
	assert_int_equal(run_program(directory, AT_FDCWD, 10, NULL, &err), -EACCES);
}

/* Whatever has become of its path. */
static void it_runs_in_the_open_directory(void **state)
{
	const char *const argv[] = { "/bin/sh", "-c", "echo here >file", NULL };
	struct error err = ERROR_INIT;
	int dir;

	(void)state;
	scratch_run("mkdir place");
	dir = open(scratch_path("place"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	scratch_run("mv place moved && mkdir place");
	assert_int_equal(run_program(argv, dir, 10, NULL, &err), 0);
	assert_string_equal(scratch_output("cat moved/file; ls place"), "here\n");
	close(dir);
	dir = open(scratch_path("moved/file"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(run_program(argv, dir, 10, NULL, &err), -ENOTDIR);
	close(dir);
}

static void much_output_is_read_and_cut(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(sh("head -c 3000000 /dev/zero | tr '\\0' x; exit 1", 60, NULL, &err),
			 -ECANCELED);
	assert_in_range(strlen(err.text), 600, sizeof(err.text) - 1);
}

static void secrets_are_masked(void **state)
{
	struct error err;

	(void)state;
	sh("echo a geheim b geheimgeheim; exit 1", 10, "geheim", &err);
	assert_string_equal(err.text, "/bin/sh failed with exit code 1: a XXXXXX b XXXXXXXXXXXX");
	/* Where the text is cut, too. */
	sh("head -c 597 /dev/zero | tr '\\0' x; echo geheim; exit 1", 10, "geheim", &err);
	assert_null(strstr(err.text, "g"));
	sh("echo nothing; exit 1", 10, "", &err);
	assert_non_null(strstr(err.text, "nothing"));
}

static void who_takes_too_long_is_killed_with_children(void **state)
{
	struct error err;
	long pid;

	(void)state;
	assert_int_equal(sh("trap '' TERM; sleep 60 & echo $!; wait", 1, NULL, &err), -ETIMEDOUT);
	pid = strtol(strstr(err.text, "killed: ") + 8, NULL, 10);
	assert_in_range(pid, 2, INT32_MAX);
	for (int i = 0; i < 200 && !kill((pid_t)pid, 0); i++) {
		char stat[64];

		/* A zombie, until whoever is init here looks after it. */
		snprintf(stat, sizeof(stat), "grep -q 'State:.Z' /proc/%ld/status", pid);
		if (!system(stat))
			return;
		usleep(10000);
	}
	assert_int_equal(kill((pid_t)pid, 0), -1);
}

/* Its end is not waited for where something that it left behind holds the output open. */
static void what_stays_behind_does_not_hold_us_up(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(sh("setsid sleep 3 & exit 0", 2, NULL, &err), 0);
}

static void a_waiting_signal_ends_it(void **state)
{
	sigset_t set, before;
	struct error err;
	int sig;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	raise(SIGTERM);
	assert_int_equal(sh("sleep 60", 60, NULL, &err), -EINTR);
	assert_int_equal(sigwait(&set, &sig), 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void *run_many(void *failed)
{
	for (int i = 0; i < 20; i++) {
		struct error err;
		char script[64];

		snprintf(script, sizeof(script), "echo %d; exit %d", i, i);
		if (sh(script, 60, NULL, &err) != (i ? -ECANCELED : 0) ||
		    (i && strtol(strstr(err.text, "code ") + 5, NULL, 10) != i))
			*(int *)failed = 1;
	}
	return NULL;
}

static void threads_do_not_mix_up_their_children(void **state)
{
	pthread_t threads[4];
	int failed = 0;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_many, &failed), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(failed, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void no_descriptors_are_lost(void **state)
{
	struct error err;
	int before = dup(0), after;

	(void)state;
	close(before);
	for (int i = 0; i < 5; i++) {
		const char *const none[] = { "/does/not/exist", NULL };

		sh("echo x; exit 1", 10, NULL, &err);
		run_program(none, AT_FDCWD, 10, NULL, &err);
	}
	after = dup(0);
	close(after);
	assert_int_equal(before, after);
}

static void directories_are_private_and_removed_with_content(void **state)
{
	struct error err = ERROR_INIT;
	struct workdir w;
	struct stat st;
	sigset_t mask;

	(void)state;
	scratch_run("mkdir parent");
	assert_int_equal(workdir_make(&w, scratch_path("parent"), "foo.ko", &err), 0);
	assert_int_equal(stat(w.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	assert_true(sigismember(&mask, SIGTERM));
	scratch_run("cd %s && touch a .b", w.path);
	workdir_remove(&w);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	assert_false(sigismember(&mask, SIGTERM));
	scratch_run("rmdir parent");
	assert_int_equal(workdir_make(&w, scratch_path("parent"), "foo.ko", &err), -ENOENT);
	assert_string_equal(err.file, ""); /* that is the module */
	assert_non_null(strstr(err.text, scratch_path("parent")));
}

/* What others put into its place is not touched. */
static void only_the_own_directory_is_removed(void **state)
{
	struct error err = ERROR_INIT;
	struct workdir w;

	(void)state;
	scratch_run("mkdir around");
	assert_int_equal(workdir_make(&w, scratch_path("around"), "foo.ko", &err), 0);
	scratch_run("touch %s/mine && mv %s around/moved && mkdir %s", w.path, w.path, w.path);
	workdir_remove(&w);
	assert_string_equal(scratch_output("ls -A around/moved"), "");
	assert_string_equal(scratch_output("ls -A around | wc -l"), "2\n");
}

static void what_is_left_is_removed_and_nothing_else(void **state)
{
	struct error err = ERROR_INIT;
	struct workdir mine, other;
	char name[TEMP_NAME_SIZE];
	int parent;

	(void)state;
	temp_name(".modbtf-sign-", "foo.ko", name);
	scratch_run("mkdir -p -m 700 stale/%s && touch stale/%s/module", name, name);
	parent = open(scratch_path("stale"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(parent >= 0);
	workdir_clean(parent, "bar.ko");
	scratch_run("test -f stale/%s/module", name);
	workdir_clean(parent, "foo.ko");
	assert_string_equal(scratch_output("ls -A stale"), "");

	/* Left again: it makes way. One that is in use does not. */
	scratch_run("mkdir -m 700 stale/%s && touch stale/%s/module", name, name);
	assert_int_equal(workdir_make(&mine, scratch_path("stale"), "foo.ko", &err), 0);
	assert_string_equal(mine.name, name);
	scratch_run("test ! -e stale/%s/module", name);
	assert_int_equal(workdir_make(&other, scratch_path("stale"), "foo.ko", &err), 0);
	assert_string_not_equal(other.name, name);
	workdir_clean(parent, "foo.ko");
	scratch_run("test -d stale/%s && test -d stale/%s", mine.name, other.name);
	workdir_remove(&mine);
	workdir_remove(&other);
	assert_string_equal(scratch_output("ls -A stale"), "");

	/* What others can write to is not to be trusted, and what is no directory is not ours. */
	scratch_run("mkdir stale/%s && chmod 777 stale/%s", name, name);
	workdir_clean(parent, "foo.ko");
	assert_int_equal(workdir_make(&mine, scratch_path("stale"), "foo.ko", &err), 0);
	scratch_run("rmdir stale/%s && touch stale/%s", name, name);
	workdir_clean(parent, "foo.ko");
	scratch_run("test -f stale/%s && test -d %s", name, mine.path);
	workdir_remove(&mine);
	close(parent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_codes_and_words_are_told),
		cmocka_unit_test(what_cannot_be_started_has_an_errno),
		cmocka_unit_test(it_runs_in_the_open_directory),
		cmocka_unit_test(much_output_is_read_and_cut),
		cmocka_unit_test(secrets_are_masked),
		cmocka_unit_test(who_takes_too_long_is_killed_with_children),
		cmocka_unit_test(what_stays_behind_does_not_hold_us_up),
		cmocka_unit_test(a_waiting_signal_ends_it),
		cmocka_unit_test(threads_do_not_mix_up_their_children),
		cmocka_unit_test(no_descriptors_are_lost),
		cmocka_unit_test(directories_are_private_and_removed_with_content),
		cmocka_unit_test(only_the_own_directory_is_removed),
		cmocka_unit_test(what_is_left_is_removed_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
