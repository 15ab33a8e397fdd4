// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module before and (with -DNEW) after a change to each thing that BTF tells of. tests/diff/run
 * knows what differs.
 */

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/skbuff.h>

#ifdef NEW
#define OLD_NEW(old, new) new
#else
#define OLD_NEW(old, new) old
#endif

/* A member comes, one gets another type, one goes; the others move, or stay. */
struct diff_entry {
	struct list_head link;
	u32 mark;
#ifdef NEW
	u64 stamp;
#endif
	OLD_NEW(u16, u32) port;
	u8 family:3;
	u8 zone : OLD_NEW(3, 4);
	union {
		u32 v4;
		OLD_NEW(u64, u32) key;
		struct {
			u16 low;
			u16 high;
		};
	};
#ifndef NEW
	void *spare;
#endif
	char name[OLD_NEW(8, 16)];
};

/* It holds one that changed, and one that did not. */
struct diff_table {
	struct diff_entry first;
	struct list_head all;
};

/* Refers to both by pointers only: it does not change. */
struct diff_same {
	struct diff_entry *entry;
	struct diff_table *table;
	int (*fn)(struct diff_entry *entry);
};

enum diff_verdict {
	DIFF_DROP,
#ifdef NEW
	DIFF_QUEUE,
#endif
	DIFF_ACCEPT,
	DIFF_LAST = OLD_NEW(10, 11),
};

typedef OLD_NEW(u32, u64) diff_id_t;

#ifdef NEW
struct diff_gained {
	int x;
};
#else
union diff_lost {
	int x;
	char c;
};
#endif

/* The kernel's, in kernel/events/uprobes.c, has no "extra", and a long vaddr. */
struct map_info {
	struct map_info *next;
	struct mm_struct *mm;
	u32 vaddr;
	u32 extra;
};

static struct map_info map;

static DEFINE_PER_CPU(OLD_NEW(int, long), diff_depth);
static DEFINE_PER_CPU(OLD_NEW(u32, diff_id_t), OLD_NEW(diff_var_lost, diff_var_gained));
static DEFINE_PER_CPU(struct diff_entry, diff_last);

static noinline int diff_stays(struct diff_same *same, enum diff_verdict verdict)
{
	return same->fn(same->entry) + verdict;
}

#ifdef NEW
static noinline int diff_params(struct sk_buff *skb, bool last)
{
	return READ_ONCE(skb->len) + last;
}
#else
static noinline int diff_params(struct sk_buff *skb)
{
	return READ_ONCE(skb->len);
}
#endif

static noinline OLD_NEW(int, long) diff_result(diff_id_t id)
{
	return READ_ONCE(id);
}

static noinline void OLD_NEW(diff_fn_lost, diff_fn_gained)(const char *const *names)
{
	pr_info("%s\n", names[0]);
}

__bpf_kfunc_start_defs();

__bpf_kfunc int bpf_diff_flags(struct sk_buff *skb)
{
	return skb->len;
}

__bpf_kfunc int bpf_diff_same(int a)
{
	return a;
}

__bpf_kfunc int OLD_NEW(bpf_diff_lost, bpf_diff_gained)(int a)
{
	return a;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(diff_kfunc_ids)
BTF_ID_FLAGS(func, bpf_diff_same, KF_SLEEPABLE)
#ifdef NEW
BTF_ID_FLAGS(func, bpf_diff_flags, KF_TRUSTED_ARGS | KF_RCU)
BTF_ID_FLAGS(func, bpf_diff_gained)
#else
BTF_ID_FLAGS(func, bpf_diff_flags, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_diff_lost, KF_DESTRUCTIVE)
#endif
BTF_KFUNCS_END(diff_kfunc_ids)

static const struct btf_kfunc_id_set diff_kfuncs = {
	.owner = THIS_MODULE,
	.set = &diff_kfunc_ids,
};

static int diff_entry_fn(struct diff_entry *entry)
{
	return entry->port;
}

static struct diff_table diff_table;
static struct diff_same diff_same = { .table = &diff_table, .fn = diff_entry_fn };

static int __init diff_init(void)
{
#ifdef NEW
	struct diff_gained other = { .x = diff_result(3) };
#else
	union diff_lost other = { .x = diff_result(3) };
#endif
	static const char *const names[] = { "diff" };
	struct diff_entry *entry = this_cpu_ptr(&diff_last);
	struct sk_buff *skb = alloc_skb(other.x, GFP_KERNEL);

	map.vaddr = map.extra = other.x;
	diff_same.entry = &diff_table.first;
	this_cpu_inc(diff_depth);
	this_cpu_write(OLD_NEW(diff_var_lost, diff_var_gained), entry->mark);
	OLD_NEW(diff_fn_lost, diff_fn_gained)(names);
	pr_info("%d\n", diff_stays(&diff_same, DIFF_LAST));
	if (skb)
#ifdef NEW
		pr_info("%d\n", diff_params(skb, names[0][1]));
#else
		pr_info("%d\n", diff_params(skb));
#endif
	kfree_skb(skb);
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_TRACING, &diff_kfuncs);
}

static void __exit diff_exit(void)
{
}

module_init(diff_init);
module_exit(diff_exit);
MODULE_DESCRIPTION("What a change does to BTF");
MODULE_LICENSE("GPL");
