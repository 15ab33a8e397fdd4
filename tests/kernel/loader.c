// SPDX-License-Identifier: GPL-2.0-only
/*
 * loader OBJECT PROGRAM MODULE FUNCTION TRIGGER: attaches one program of sample.bpf.c to a function
 * of a module, writes a number to the file TRIGGER, by which the module calls the function, and
 * compares what the program saw with what the sample module is known to pass. It does so twice, for
 * the per-CPU variable tells of the call before.
 *
 * Prints "target NAME", the BTF in which the kernel found the function, and "FIELD GOT WANT" for
 * each field. Exits with 0 if all is as it should be. A static program: it runs on any kernel.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "seen.h"

#define TRIGGER_TEXT "1234"
#define TRIGGER_VALUE 1234

/* What weight_set() in the sample's main.c fills in. */
struct expectation {
	const char *program;
	const char *field;
	size_t offset; /* in struct seen */
	__s64 want;
};

#define FIELD(name) #name, offsetof(struct seen, name)

static const struct expectation expectations[] = {
	{ "fields", FIELD(id), 42 },
	{ "fields", FIELD(kind), 5 },
	{ "fields", FIELD(urgent), 1 },
	{ "fields", FIELD(span), 0x123456 },
	{ "fields", FIELD(value), -1234567890123 },
	{ "fields", FIELD(low), 7 },
	{ "fields", FIELD(high), 9 },
	{ "fields", FIELD(delta), -3 },
	{ "fields", FIELD(letter), 'd' },
	{ "fields", FIELD(x), -1 },
	{ "fields", FIELD(y), 2 },
	{ "fields", FIELD(own_link), 1 },
	{ "fields", FIELD(far_link), 1 },
	{ "percpu", FIELD(last_value), -1234567890123 },
	{ "kfunc", FIELD(mixed), 42 ^ 0x500000000 },
	{ "caller", FIELD(called), 42 },
	{ "borrow", FIELD(lent), 2 },
};

static int complain(const char *what, int error)
{
	printf("cannot %s: %s\n", what, strerror(error < 0 ? -error : error));
	return -1;
}

static int trigger(const char *path)
{
	int fd = open(path, O_WRONLY);
	ssize_t written;

	if (fd < 0)
		return complain("open the trigger", errno);
	written = write(fd, TRIGGER_TEXT, strlen(TRIGGER_TEXT));
	close(fd);
	return written < 0 ? complain("write the trigger", errno) : 0;
}

/* The name of the BTF object, a module or vmlinux, that the kernel found the function in. */
static int target_name(const struct bpf_link *link, char *name, size_t size)
{
	struct bpf_link_info link_info = { 0 };
	struct bpf_btf_info btf_info = { 0 };
	__u32 len = sizeof(link_info);
	int fd, error;

	error = bpf_obj_get_info_by_fd(bpf_link__fd(link), &link_info, &len);
	if (error)
		return complain("ask for the link", error);
	fd = bpf_btf_get_fd_by_id(link_info.tracing.target_obj_id);
	if (fd < 0)
		return complain("open the BTF of the function", fd);
	btf_info.name = (__u64)(unsigned long)name;
	btf_info.name_len = size;
	len = sizeof(btf_info);
	error = bpf_obj_get_info_by_fd(fd, &btf_info, &len);
	close(fd);
	return error ? complain("ask for the BTF", error) : 0;
}

static int compare(const char *field, __s64 got, __s64 want)
{
	printf("%s %lld %lld%s\n", field, (long long)got, (long long)want,
	       got == want ? "" : " differ");
	return got == want ? 0 : -1;
}

static int compare_all(const struct seen *seen, const char *program)
{
	const struct expectation *e;
	int result = 0;
	__s64 got;

	result |= compare("calls", seen->calls, 2);
	result |= compare("weight", seen->weight, TRIGGER_VALUE);
	for (e = expectations; e < expectations + sizeof(expectations) / sizeof(*e); e++) {
		if (strcmp(e->program, program) != 0)
			continue;
		memcpy(&got, (const char *)seen + e->offset, sizeof(got));
		result |= compare(e->field, got, e->want);
	}
	return result;
}

/* Leaves PROGRAM alone in the object, and loads it for the function. */
static struct bpf_program *load(struct bpf_object *object, const char *name, const char *function)
{
	struct bpf_program *program = NULL, *wanted = NULL;
	int error;

	while ((program = bpf_object__next_program(object, program))) {
		if (strcmp(bpf_program__name(program), name) == 0)
			wanted = program;
		else
			bpf_program__set_autoload(program, false);
	}
	if (!wanted) {
		complain("find the program", ENOENT);
		return NULL;
	}
	error = bpf_program__set_attach_target(wanted, 0, function);
	if (error) {
		complain("find the function in any BTF", error);
		return NULL;
	}
	error = bpf_object__load(object);
	if (error) {
		complain("load the program", error);
		return NULL;
	}
	return wanted;
}

/* Attached to what it should be, called, and told what was expected? */
static int judge(struct bpf_object *object, const struct bpf_link *link, const char *program,
		 const char *module, const char *path)
{
	struct seen seen = { 0 };
	char target[64] = "";
	__u32 key = 0;
	int map;

	if (target_name(link, target, sizeof(target)))
		return -1;
	printf("target %s\n", target);
	if (strcmp(target, module) != 0)
		return -1;
	if (trigger(path) || trigger(path))
		return -1;
	map = bpf_object__find_map_fd_by_name(object, "seen_map");
	if (bpf_map_lookup_elem(map, &key, &seen))
		return complain("read the map", errno);
	return compare_all(&seen, program);
}

int main(int argc, char **argv)
{
	struct bpf_program *program;
	struct bpf_object *object;
	struct bpf_link *link;
	int result;

	if (argc != 6) {
		fprintf(stderr, "usage: loader OBJECT PROGRAM MODULE FUNCTION TRIGGER\n");
		return 2;
	}
	object = bpf_object__open_file(argv[1], NULL);
	if (!object) {
		complain("open the object", errno);
		return 1;
	}
	program = load(object, argv[2], argv[4]);
	if (!program)
		return 1;
	link = bpf_program__attach(program);
	if (!link) {
		complain("attach the program", errno);
		return 1;
	}
	result = judge(object, link, argv[2], argv[3], argv[5]);
	bpf_link__destroy(link);
	bpf_object__close(object);
	return result ? 1 : 0;
}
