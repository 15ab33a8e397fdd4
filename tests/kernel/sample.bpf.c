// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traces modbtf_sample_observe() of the sample module and copies what it sees into a map. Each
 * program stands for one thing that the module's BTF has to be right for; loader.c loads one of
 * them at a time.
 *
 * The structs name only the fields that are wanted, in another order and at other offsets than the
 * module has them: the true offsets come from the module's BTF, when libbpf relocates the program.
 * Nothing is read with bpf_probe_read(): the verifier lets a load through only if, by the module's
 * BTF, the argument points to that struct and a field stands at that offset.
 */
/* The others build on it. */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "seen.h"

#define relocated __attribute__((preserve_access_index))

/* A type of the kernel: the module's BTF names it by its id in the base. */
struct list_head {
	__u64 elsewhere;
	struct list_head *next;
} relocated;

typedef struct {
	__s16 y;
	__s16 x;
} relocated modbtf_sample_point_t;

/* In the module low, high and delta are in an anonymous struct of an anonymous union. */
struct modbtf_sample_event___wanted {
	__u64 elsewhere[3];
	struct list_head link;
	__u32 span:24;
	__u32 kind:3;
	__u32 urgent:1;
	__u16 high;
	__u16 low;
	__s32 delta:5;
	char name[16];
	__s64 value;
	__u32 id;
	modbtf_sample_point_t at;
} relocated;

struct modbtf_sample_counter___wanted {
	struct modbtf_sample_event___wanted last;
} relocated;

/* Weak, for only the program that uses one shall fail without it. */
extern const struct modbtf_sample_counter___wanted modbtf_sample_counter __ksym __weak;
extern __u64 bpf_modbtf_sample_mix(__u32 a, __u64 b__k) __ksym __weak;
/* Defined, for libbpf takes a declaration for another type than the kernel's. */
struct modbtf_sample_session {
	int users;
} relocated;

struct task_struct {
	int pid;
} relocated;

extern struct modbtf_sample_session *bpf_modbtf_sample_acquire(int user) __ksym __weak;
extern void bpf_modbtf_sample_release(struct modbtf_sample_session *session) __ksym __weak;
/* Without the argument that the verifier adds (KF_IMPLICIT_ARGS). */
extern __u32 bpf_modbtf_sample_caller(__u32 a) __ksym __weak;
extern int bpf_modbtf_sample_sleep(struct task_struct *task) __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct seen);
} seen_map SEC(".maps");

static struct seen *seen_begin(int weight)
{
	__u32 key = 0;
	struct seen *seen = bpf_map_lookup_elem(&seen_map, &key);

	if (seen) {
		seen->calls++;
		seen->weight = weight;
	}
	return seen;
}

/* A struct argument, with bitfields, anonymous members, arrays, and a type of the kernel. */
SEC("fentry")
int BPF_PROG(fields, struct modbtf_sample_event___wanted *event, int weight)
{
	struct seen *seen = seen_begin(weight);
	struct list_head *next;

	if (!seen)
		return 0;
	seen->id = event->id;
	seen->value = event->value;
	seen->low = event->low;
	seen->high = event->high;
	seen->letter = event->name[7];
	seen->kind = BPF_CORE_READ_BITFIELD(event, kind);
	seen->urgent = BPF_CORE_READ_BITFIELD(event, urgent);
	seen->span = BPF_CORE_READ_BITFIELD(event, span);
	seen->delta = BPF_CORE_READ_BITFIELD(event, delta);
	seen->x = event->at.x;
	seen->y = event->at.y;
	next = event->link.next;
	seen->own_link = next == &event->link;
	seen->far_link = next->next == next;
	return 0;
}

/* A per-CPU variable: VAR and DATASEC. */
SEC("fentry")
int BPF_PROG(percpu, struct modbtf_sample_event___wanted *event, int weight)
{
	const struct modbtf_sample_counter___wanted *counter;
	struct seen *seen = seen_begin(weight);

	if (!seen)
		return 0;
	counter = bpf_this_cpu_ptr(&modbtf_sample_counter);
	seen->last_value = counter->last.value;
	return 0;
}

/* A kfunc of the module: its prototype, and the ids in .BTF_ids. */
SEC("fentry")
int BPF_PROG(kfunc, struct modbtf_sample_event___wanted *event, int weight)
{
	struct seen *seen = seen_begin(weight);

	if (!seen)
		return 0;
	seen->mixed = bpf_modbtf_sample_mix(event->id, 0x500000000);
	return 0;
}

/* One with an argument of the verifier's, by which it knows who calls. */
SEC("fentry")
int BPF_PROG(caller, struct modbtf_sample_event___wanted *event, int weight)
{
	struct seen *seen = seen_begin(weight);

	if (!seen)
		return 0;
	seen->called = bpf_modbtf_sample_caller(event->id);
	return 0;
}

/*
 * The flags of kfuncs, each of which another function has. What is taken from one with KF_ACQUIRE
 * and given to one with KF_RELEASE is taken by the verifier, ...
 */
SEC("fentry")
int BPF_PROG(borrow, struct modbtf_sample_event___wanted *event, int weight)
{
	struct seen *seen = seen_begin(weight);
	struct modbtf_sample_session *session;

	if (!seen)
		return 0;
	session = bpf_modbtf_sample_acquire(weight);
	if (session) {
		seen->lent++;
		bpf_modbtf_sample_release(session);
	}
	return 0;
}

/* ... not so what is never given back, */
SEC("fentry")
int BPF_PROG(leak, struct modbtf_sample_event___wanted *event, int weight)
{
	struct seen *seen = seen_begin(weight);

	if (seen && bpf_modbtf_sample_acquire(weight))
		seen->lent++;
	return 0;
}

/* or may be NULL (KF_RET_NULL), */
SEC("fentry")
int BPF_PROG(unchecked, struct modbtf_sample_event___wanted *event, int weight)
{
	struct seen *seen = seen_begin(weight);

	if (seen)
		bpf_modbtf_sample_release(bpf_modbtf_sample_acquire(weight));
	return 0;
}

/* or a function that may sleep (KF_SLEEPABLE), from a program that must not. */
SEC("fentry")
int BPF_PROG(doze, struct modbtf_sample_event___wanted *event, int weight)
{
	struct seen *seen = seen_begin(weight);

	if (seen)
		seen->lent = bpf_modbtf_sample_sleep(bpf_get_current_task_btf());
	return 0;
}

char _license[] SEC("license") = "GPL";
