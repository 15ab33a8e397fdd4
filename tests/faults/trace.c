// SPDX-License-Identifier: GPL-2.0-only
#include "trace.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* <linux/ptrace.h> and <sys/ptrace.h> do not go together. */
#ifndef PTRACE_GET_SYSCALL_INFO
#define PTRACE_GET_SYSCALL_INFO 0x420e
#endif

struct syscall_info {
	uint8_t op; /* 1: entry, 2: exit */
	uint8_t pad[3];
	uint32_t arch;
	uint64_t instruction_pointer;
	uint64_t stack_pointer;
	uint64_t nr;
	uint64_t args[6];
};

#define MOST_THREADS 64
#define TOO_LONG 60 /* seconds */

struct thread {
	pid_t tid;
	bool skip_exit;	   /* ... of a call that was not done: it returns @result */
	bool change_exit;  /* of a call that was done: it returns @result */
	bool signal_exit;  /* the signal comes now */
	bool restore_args; /* the program relies on its registers */
	uint64_t args[6];
	uint64_t restore; /* address of a length that is to be restored, 0: none */
	uint64_t length;
	int64_t result;
};

struct tracer {
	const struct plan *plan;
	struct outcome *out;
	pid_t pid;
	struct thread threads[MOST_THREADS];
	unsigned int nr_threads;
	uint64_t loader_start, loader_end;
	size_t room;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* ---- registers ---- */

#if defined(__x86_64__)

#define KNOWN_MACHINE true
#define RESULT_IS_ARG false

static void get(pid_t tid, struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_GETREGS, tid, NULL, regs))
		die("PTRACE_GETREGS");
}

static void set(pid_t tid, struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_SETREGS, tid, NULL, regs))
		die("PTRACE_SETREGS");
}

static void set_nr(pid_t tid, long nr)
{
	struct user_regs_struct regs;

	get(tid, &regs);
	regs.orig_rax = (unsigned long long)nr;
	set(tid, &regs);
}

static void set_arg(pid_t tid, int i, uint64_t value)
{
	struct user_regs_struct regs;
	unsigned long long *const args[] = { &regs.rdi, &regs.rsi, &regs.rdx,
					     &regs.r10, &regs.r8,  &regs.r9 };

	get(tid, &regs);
	*args[i] = value;
	set(tid, &regs);
}

static void set_result(pid_t tid, int64_t value)
{
	struct user_regs_struct regs;

	get(tid, &regs);
	regs.rax = (unsigned long long)value;
	set(tid, &regs);
}

#elif defined(__aarch64__)

#define KNOWN_MACHINE true
#define RESULT_IS_ARG true /* x0 */

#ifndef NT_ARM_SYSTEM_CALL
#define NT_ARM_SYSTEM_CALL 0x404
#endif

static void set_x(pid_t tid, int i, uint64_t value)
{
	struct user_regs_struct regs;
	struct iovec iov = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov))
		die("PTRACE_GETREGSET");
	regs.regs[i] = value;
	if (ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &iov))
		die("PTRACE_SETREGSET");
}

static void set_nr(pid_t tid, long nr)
{
	int value = (int)nr;
	struct iovec iov = { &value, sizeof(value) };

	if (ptrace(PTRACE_SETREGSET, tid, NT_ARM_SYSTEM_CALL, &iov))
		die("PTRACE_SETREGSET");
}

static void set_arg(pid_t tid, int i, uint64_t value)
{
	set_x(tid, i, value);
}

static void set_result(pid_t tid, int64_t value)
{
	set_x(tid, 0, (uint64_t)value);
}

#else

#define KNOWN_MACHINE false
#define RESULT_IS_ARG false

static void set_nr(pid_t tid, long nr)
{
	(void)tid, (void)nr;
}

static void set_arg(pid_t tid, int i, uint64_t value)
{
	(void)tid, (void)i, (void)value;
}

static void set_result(pid_t tid, int64_t value)
{
	(void)tid, (void)value;
}

#endif

/* ---- one call ---- */

static void change_arg(struct thread *t, const struct call *c, int i, uint64_t value)
{
	memcpy(t->args, c->args, sizeof(t->args));
	t->restore_args = true;
	set_arg(t->tid, i, value);
}

static uint64_t peek(pid_t tid, uint64_t at)
{
	errno = 0;
	return (uint64_t)ptrace(PTRACE_PEEKDATA, tid, (void *)at, NULL);
}

static void poke(pid_t tid, uint64_t at, uint64_t value)
{
	ptrace(PTRACE_POKEDATA, tid, (void *)at, (void *)value);
}

/* Half of what it asks for. */
static void shorten(struct thread *t, const struct call *c)
{
	switch (c->nr) {
	case SYS_copy_file_range:
		change_arg(t, c, 4, (c->args[4] + 1) / 2);
		break;
	case SYS_writev: /* half of the first piece alone; its length is put right at the exit */
		t->restore = c->args[1] + 8;
		t->length = peek(t->tid, t->restore);
		poke(t->tid, t->restore, (t->length + 1) / 2);
		change_arg(t, c, 2, 1);
		break;
	default:
		change_arg(t, c, 2, (c->args[2] + 1) / 2);
	}
}

static void leave_out(struct thread *t, int64_t result)
{
	set_nr(t->tid, -1);
	t->skip_exit = true;
	t->result = result;
}

static void act(struct tracer *tr, struct thread *t, const struct call *c)
{
	const struct plan *plan = tr->plan;

	tr->out->hit = true;
	switch (plan->action) {
	case ACTION_FAIL:
		/* This one has no errno: it returns the old end of the heap. */
		if (c->nr == SYS_brk)
			change_arg(t, c, 0, 0);
		else
			leave_out(t, -plan->code);
		break;
	case ACTION_FAIL_AFTER:
		t->change_exit = true;
		t->result = -plan->code;
		break;
	case ACTION_SHORT:
		shorten(t, c);
		break;
	case ACTION_SIGNAL:
		kill(tr->pid, plan->code);
		break;
	case ACTION_SIGNAL_EXIT:
		t->signal_exit = true;
		break;
	case ACTION_CALL:
		plan->hook(plan->ctx);
		break;
	case ACTION_NONE:
		break;
	}
}

static struct call *record(struct tracer *tr, unsigned int thread, const struct syscall_info *info)
{
	struct outcome *out = tr->out;
	struct call *c;

	if (out->nr_calls == tr->room) {
		tr->room = tr->room ? tr->room * 2 : 256;
		out->calls = realloc(out->calls, tr->room * sizeof(*out->calls));
		if (!out->calls)
			die("realloc");
	}
	c = &out->calls[out->nr_calls];
	*c = (struct call){ .thread = thread, .nr = (long)info->nr };
	memcpy(c->args, info->args, sizeof(c->args));
	for (size_t i = 0; i < out->nr_calls; i++)
		c->before += out->calls[i].thread == thread && out->calls[i].nr == c->nr;
	out->nr_calls++;
	return c;
}

static bool unnamed(const struct call *c)
{
	return c->nr == SYS_openat && (c->args[2] & O_TMPFILE) == O_TMPFILE;
}

static void entry(struct tracer *tr, struct thread *t, const struct syscall_info *info)
{
	const struct plan *plan = tr->plan;
	const struct call *c;

	if (info->instruction_pointer >= tr->loader_start &&
	    info->instruction_pointer < tr->loader_end)
		return;
	c = record(tr, (unsigned int)(t - tr->threads), info);
	if (plan->no_tmpfile && unnamed(c))
		leave_out(t, -EOPNOTSUPP);
	else if (plan->no_exchange && c->nr == SYS_renameat2)
		leave_out(t, -EINVAL);
	else if (plan->action != ACTION_NONE && !tr->out->hit && c->thread == plan->at.thread &&
		 c->nr == plan->at.nr && c->before == plan->at.before)
		act(tr, t, c);
}

static void leave(struct tracer *tr, struct thread *t)
{
	for (int i = RESULT_IS_ARG ? 1 : 0; t->restore_args && i < 6; i++)
		set_arg(t->tid, i, t->args[i]);
	t->restore_args = false;
	if (t->skip_exit || t->change_exit)
		set_result(t->tid, t->result);
	if (t->restore)
		poke(t->tid, t->restore, t->length);
	if (t->signal_exit)
		kill(tr->pid, tr->plan->code);
	t->skip_exit = t->change_exit = t->signal_exit = false;
	t->restore = 0;
}

/* ---- one run ---- */

static struct thread *find_thread(struct tracer *tr, pid_t tid)
{
	for (unsigned int i = 0; i < tr->nr_threads; i++)
		if (tr->threads[i].tid == tid)
			return &tr->threads[i];
	if (tr->nr_threads == MOST_THREADS) {
		fputs("too many threads\n", stderr);
		exit(2);
	}
	tr->threads[tr->nr_threads] = (struct thread){ .tid = tid };
	return &tr->threads[tr->nr_threads++];
}

/* Right after execve() the loader is mapped, and next to nothing else. */
static void find_loader(struct tracer *tr)
{
	char path[64], line[512];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)tr->pid);
	f = fopen(path, "r");
	if (!f)
		die(path);
	while (fgets(line, sizeof(line), f)) {
		unsigned long long start, end;

		if (!strstr(line, "/ld-") && !strstr(line, "/ld.so"))
			continue;
		if (sscanf(line, "%llx-%llx", &start, &end) != 2)
			continue;
		if (!tr->loader_start)
			tr->loader_start = start;
		tr->loader_end = end;
	}
	fclose(f);
}

static void start(struct tracer *tr, char *const argv[], const char *err)
{
	int status;

	tr->pid = fork();
	if (tr->pid < 0)
		die("fork");
	if (!tr->pid) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		int said = open(err, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		dup2(null, 0);
		dup2(null, 1);
		dup2(said, 2);
		personality(ADDR_NO_RANDOMIZE);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(126);
		raise(SIGSTOP);
		execv(argv[0], argv);
		_exit(127);
	}
	if (waitpid(tr->pid, &status, 0) != tr->pid || !WIFSTOPPED(status)) {
		fputs("the program cannot be traced\n", stderr);
		exit(2);
	}
	if (ptrace(PTRACE_SETOPTIONS, tr->pid, NULL,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
			   PTRACE_O_EXITKILL))
		die("PTRACE_SETOPTIONS");
	find_thread(tr, tr->pid);
	ptrace(PTRACE_SYSCALL, tr->pid, NULL, NULL);
}

/* Returns the signal that the thread is to get. */
static int stopped(struct tracer *tr, pid_t tid, int status)
{
	struct thread *t = find_thread(tr, tid);
	struct syscall_info info = { 0 };
	int sig = WSTOPSIG(status);

	if (sig == (SIGTRAP | 0x80)) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info), &info) < 0)
			return 0; /* killed meanwhile */
		if (info.op == 1 && tr->loader_end)
			entry(tr, t, &info);
		else if (info.op == 2)
			leave(tr, t);
		return 0;
	}
	if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
		find_loader(tr);
	if (status >> 16 || sig == SIGTRAP || sig == SIGSTOP)
		return 0; /* an event, or a thread that begins */
	return sig;
}

static void on_alarm(int signal)
{
	(void)signal;
}

void trace_run(char *const argv[], const char *err, const struct plan *plan, struct outcome *out)
{
	struct tracer tr = { .plan = plan, .out = out };

	*out = (struct outcome){ 0 };
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_alarm }, NULL);
	start(&tr, argv, err);
	alarm(TOO_LONG);
	for (;;) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);

		if (tid < 0 && errno == EINTR) {
			out->hung = true;
			kill(tr.pid, SIGKILL);
			continue;
		}
		if (tid < 0)
			die("waitpid");
		if (WIFSTOPPED(status)) {
			int sig = stopped(&tr, tid, status);

			ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(long)sig);
		} else if (tid == tr.pid) {
			alarm(0);
			out->status = status;
			return;
		}
	}
}

bool trace_possible(void)
{
	char *const argv[] = { (char *)"/bin/true", NULL };
	struct plan plan = { .action = ACTION_NONE };
	struct outcome out;
	int status;
	pid_t pid = fork();

	if (!pid) {
		trace_run(argv, "/dev/null", &plan, &out);
		_exit(out.status || !out.nr_calls ? 1 : 0);
	}
	return KNOWN_MACHINE && waitpid(pid, &status, 0) == pid && !status;
}

const char *trace_name(long nr)
{
#define NAME(x)             \
	{                   \
		SYS_##x, #x \
	}
	static const struct {
		long nr;
		const char *name;
	} names[] = {
		NAME(openat),	    NAME(close),      NAME(read),	    NAME(pread64),
		NAME(write),	    NAME(writev),     NAME(fallocate),	    NAME(copy_file_range),
		NAME(fsync),	    NAME(fchmod),     NAME(fchown),	    NAME(flistxattr),
		NAME(fgetxattr),    NAME(fsetxattr),  NAME(fremovexattr),   NAME(linkat),
		NAME(renameat),	    NAME(renameat2),  NAME(unlinkat),	    NAME(flock),
		NAME(mmap),	    NAME(munmap),     NAME(mremap),	    NAME(mprotect),
		NAME(madvise),	    NAME(brk),	      NAME(fstat),	    NAME(newfstatat),
		NAME(getcwd),	    NAME(readlinkat), NAME(getdents64),	    NAME(clone),
		NAME(rt_sigaction), NAME(faccessat),  NAME(rt_sigprocmask), NAME(futex),
		NAME(fcntl),	    NAME(mkdirat),    NAME(exit_group),	    NAME(getrandom),
		NAME(pipe2),	    NAME(ppoll),      NAME(wait4),	    NAME(fchmodat),
#ifdef SYS_readlink
		NAME(readlink),	    NAME(mkdir),      NAME(chmod),	    NAME(poll),
#endif
#ifdef SYS_clone3
		NAME(clone3),
#endif
#ifdef SYS_faccessat2
		NAME(faccessat2),
#endif
	};
#undef NAME
	static char text[32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].nr == nr)
			return names[i].name;
	snprintf(text, sizeof(text), "call %ld", nr);
	return text;
}
