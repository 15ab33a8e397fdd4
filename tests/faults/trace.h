/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a program under ptrace(2) and does something to it at one of its system calls.
 *
 * A call is named by thread (0 is the first, the others in the order of their making), by its
 * number, and by how many of that number the thread has made before. Calls of the dynamic loader do
 * not count. So a name means the same call in every run, whatever other threads do.
 */
#ifndef MODBTF_TESTS_FAULTS_TRACE_H
#define MODBTF_TESTS_FAULTS_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call {
	unsigned int thread;
	long nr; /* SYS_* */
	unsigned int before;
	uint64_t args[6]; /* at its entry */
};

enum action {
	ACTION_NONE,
	ACTION_FAIL,	    /* it is not done, and returns -code */
	ACTION_FAIL_AFTER,  /* it is done, and returns -code */
	ACTION_SHORT,	    /* it is asked for half of the bytes */
	ACTION_SIGNAL,	    /* the process gets the signal at the entry */
	ACTION_SIGNAL_EXIT, /* at the exit */
	ACTION_CALL,	    /* hook() is called at the entry, while the program stands still */
};

struct plan {
	struct call at;
	enum action action;
	int code; /* errno, or the signal */
	void (*hook)(void *ctx);
	void *ctx;
	/* for the whole run: the file system cannot */
	bool no_tmpfile;  /* make files without a name (O_TMPFILE) */
	bool no_exchange; /* exchange files (renameat2) */
};

struct outcome {
	int status; /* of waitpid() */
	bool hit;   /* the call was made */
	bool hung;  /* it did not end, and was killed */
	struct call *calls;
	size_t nr_calls;
};

/*
 * Runs @argv, with stdout to /dev/null and stderr to the file @err. Ends the test program if
 * tracing is not possible. @out->calls: all that were made, to be freed.
 */
void trace_run(char *const argv[], const char *err, const struct plan *plan, struct outcome *out);

/* May this process trace, on this machine? */
bool trace_possible(void);

/* Name of a system call, or its number (in static memory). */
const char *trace_name(long nr);

#endif
