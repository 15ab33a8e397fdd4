// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory runs out at each allocation of one module: the program is regen_module() itself.
 *
 * usage: alloc BASE OLD_BASE FILE [FIRST [STEP [CACHE]]]
 *
 * Allocation k of all (malloc, calloc, realloc and what else the C library offers, mmap, and the
 * starting of a thread) fails, for k = 1, 2, 3, ... until one run has no failure: each of the first
 * FIRST (2000), then every STEP-th (7). An OLD_BASE of "-" is none. The files in the directory CACHE are removed before each run. The file has to stay what it is
 * and the error to be filled in; or, where the program can do without, the file has to be what it
 * is after a run without failure. In either case all memory, mappings and descriptors are given
 * back.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "regen/regen.h"

/* ---- the allocator ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nr, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *p);

static atomic_bool counting;	 /* only what the module's work asks for */
static atomic_ulong made;	 /* allocations so far */
static atomic_ulong failing = 0; /* the one that fails; 0: none */
static atomic_long live;	 /* blocks and mappings that were made and not given back */

/* Is this the one? */
static bool fails(void)
{
	return counting && ++made == failing;
}

static void *count(void *p)
{
	live += counting && p;
	return p;
}

void *malloc(size_t size)
{
	if (fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return count(__libc_malloc(size));
}

void *calloc(size_t nr, size_t size)
{
	if (fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return count(__libc_calloc(nr, size));
}

void *realloc(void *p, size_t size)
{
	void *q;

	if (fails()) {
		errno = ENOMEM;
		return NULL;
	}
	q = __libc_realloc(p, size);
	return p ? q : count(q);
}

void *reallocarray(void *p, size_t nr, size_t size)
{
	if (size && nr > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, nr * size);
}

void *memalign(size_t align, size_t size)
{
	if (fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return count(__libc_memalign(align, size));
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
	*p = memalign(align, size);
	return *p ? 0 : ENOMEM;
}

void free(void *p)
{
	live -= counting && p;
	__libc_free(p);
}

void *mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	static void *(*next)(void *, size_t, int, int, int, off_t);

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "mmap");
	if (fails()) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return next(at, size, prot, flags, fd, offset);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
	static int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
	return fails() ? EAGAIN : next(thread, attr, start, arg);
}

/* ---- what is held ---- */

static unsigned int descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned int nr = 0;

	while (readdir(d))
		nr++;
	closedir(d);
	return nr;
}

/* Mappings of files: those of memory come and go with the C library's arenas and stacks. */
static unsigned int mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned int nr = 0;
	char line[1024];

	while (fgets(line, sizeof(line), f))
		nr += strstr(line, " /") && !strstr(line, ".so");
	fclose(f);
	return nr;
}

/* ---- one run ---- */

struct job {
	const char *base, *old_base, *file, *cache;
	struct buffer old, new;
};

static struct buffer load(const char *path)
{
	struct buffer b = { 0 };
	struct stat st;
	FILE *f = fopen(path, "r");

	if (!f || fstat(fileno(f), &st)) {
		perror(path);
		exit(2);
	}
	b.size = (size_t)st.st_size;
	b.data = malloc(b.size + 1);
	if (!b.data || fread(b.data, 1, b.size, f) != b.size) {
		perror(path);
		exit(2);
	}
	fclose(f);
	return b;
}

static void store(const char *path, const struct buffer *b)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(b->data, 1, b->size, f) != b->size || fclose(f)) {
		perror(path);
		exit(2);
	}
}

static bool holds(const char *path, const struct buffer *want)
{
	struct buffer b = load(path);
	bool same = b.size == want->size && !memcmp(b.data, want->data, b.size);

	free(b.data);
	return same;
}

/* The whole of it, as `modbtf generate` does it: bases, module, release. */
static int run(const struct job *job, struct error *err)
{
	struct bases bases, old_bases;
	struct regen_options options = { .force = true };
	struct regen_report report;
	int ret;

	counting = true;
	bases_init(&bases, job->base, "/", NULL);
	bases_init(&old_bases, job->old_base, "/", NULL);
	options.old_bases = job->old_base ? &old_bases : NULL;
	ret = regen_module(job->file, &bases, &options, &report, err);
	regen_report_free(&report);
	bases_free(&old_bases);
	bases_free(&bases);
	counting = false;
	return ret;
}

static unsigned int faults;

static void complain(unsigned long k, const char *why, const struct error *err)
{
	printf("  allocation %lu: %s (%d %s: %s)\n", k, why, err->code, err->file, err->text);
	faults++;
}

static void empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
}

/* Returns whether there was such an allocation. */
static bool fail_at(const struct job *job, unsigned long k, unsigned int *refused)
{
	struct error err = ERROR_INIT;
	unsigned int fds = descriptors(), maps = mappings();
	int ret;

	store(job->file, &job->old);
	if (job->cache)
		empty(job->cache);
	made = 0;
	failing = k;
	live = 0;
	ret = run(job, &err);
	if (made < k)
		return false;
	*refused += ret != 0;
	if (ret && (err.code != ret || !err.text[0] || !err.file[0]))
		complain(k, "an error that says nothing", &err);
	if (!holds(job->file, ret ? &job->old : &job->new))
		complain(k, "the file is not what it should be", &err);
	if (live)
		complain(k, "memory is not given back", &err);
	if (descriptors() != fds)
		complain(k, "descriptors are not given back", &err);
	if (mappings() != maps)
		complain(k, "mappings are not given back", &err);
	return true;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	unsigned int refused = 0, tried = 0;
	unsigned long k = 1, first, step;
	struct job job;

	if (argc < 4)
		return 2;
	job = (struct job){ .base = argv[1],
			    .old_base = strcmp(argv[2], "-") ? argv[2] : NULL,
			    .file = argv[3],
			    .cache = argc > 6 ? argv[6] : NULL,
			    .old = load(argv[3]) };
	first = argc > 4 ? strtoul(argv[4], NULL, 0) : 2000;
	step = argc > 5 ? strtoul(argv[5], NULL, 0) : 7;
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Once to fill what is made once a process, and to see the result. */
	if (run(&job, &err)) {
		fprintf(stderr, "without any failure: %s: %s\n", err.file, err.text);
		return 2;
	}
	job.new = load(job.file);
	for (; fail_at(&job, k, &refused) && faults < 20; k += k < first ? 1 : step)
		tried++;
	printf("%lu allocations, %u made to fail (the first %lu, then every %lu%s), refused %u, "
	       "done without %u, wrong %u\n",
	       (unsigned long)made, tried, first, step, step == 1 ? "st" : "th", refused,
	       tried - refused, faults);
	return faults || !refused;
}
