// SPDX-License-Identifier: GPL-2.0-only
#include "io/sigbus.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Modules and bases that are open at one time, at the most. */
#define MOST 512

/* A slot is free while its @end is 0, and being filled in while that is 1. */
struct range {
	_Atomic uintptr_t start;
	_Atomic uintptr_t end;
	atomic_bool seen;
};

static struct range ranges[MOST];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct sigaction before;
static uintptr_t page_size;

static struct range *find(uintptr_t at)
{
	for (size_t i = 0; i < MOST; i++) {
		uintptr_t end = atomic_load(&ranges[i].end);

		if (end > 1 && at < end && at >= atomic_load(&ranges[i].start))
			return &ranges[i];
	}
	return NULL;
}

/* Puts zeros in the place of the file, from the page at fault to the end. */
static void on_sigbus(int signal, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr & ~(page_size - 1);
	struct range *range = info->si_code == BUS_ADRERR ? find(at) : NULL;
	int code = errno;

	(void)signal;
	(void)context;
	if (range) {
		atomic_store(&range->seen, true);
		if (mmap((void *)at, atomic_load(&range->end) - at, PROT_READ,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
			errno = code;
			return;
		}
	}
	/* The access is done once more, and then it is whoever was in charge before who is called. */
	sigaction(SIGBUS, &before, NULL);
}

static void install(void)
{
	struct sigaction action = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO };

	sigemptyset(&action.sa_mask);
	page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
	sigaction(SIGBUS, &action, &before);
}

int sigbus_watch(const void *at, size_t size)
{
	pthread_once(&once, install);
	for (int i = 0; i < MOST; i++) {
		uintptr_t free = 0;

		if (atomic_load_explicit(&ranges[i].end, memory_order_relaxed) ||
		    !atomic_compare_exchange_strong(&ranges[i].end, &free, 1))
			continue;
		atomic_store(&ranges[i].seen, false);
		atomic_store(&ranges[i].start, (uintptr_t)at);
		/* The mapping ends with a page. */
		atomic_store(&ranges[i].end,
			     ((uintptr_t)at + size + page_size - 1) & ~(page_size - 1));
		return i;
	}
	return -1;
}

bool sigbus_seen(int watch)
{
	return watch >= 0 && atomic_load(&ranges[watch].seen);
}

void sigbus_unwatch(int watch)
{
	if (watch >= 0)
		atomic_store(&ranges[watch].end, 0);
}
