// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sample's way in: writing a number to /sys/module/modbtf_sample/parameters/weight calls
 * modbtf_sample_observe(). parameters/observed tells how often that happened, parameters/kfuncs
 * what the registration of the kfuncs returned (0, or -ENOENT where the kernel has no BTF of this
 * module).
 */

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "modbtf_sample.h"

DEFINE_PER_CPU(struct modbtf_sample_counter, modbtf_sample_counter);
static DEFINE_PER_CPU(int, modbtf_sample_depth);
static DEFINE_PER_CPU(u16[4], modbtf_sample_slots);

static unsigned long observed;
static int kfuncs;

noinline int modbtf_sample_observe(struct modbtf_sample_event *ev, int weight)
{
	struct modbtf_sample_counter *counter = get_cpu_ptr(&modbtf_sample_counter);

	counter->events++;
	counter->weight += weight;
	counter->last = *ev;
	this_cpu_inc(modbtf_sample_depth);
	this_cpu_write(modbtf_sample_slots[weight & 3], (u16)weight);
	put_cpu_ptr(&modbtf_sample_counter);
	observed++;
	return ev->id + weight;
}
EXPORT_SYMBOL_GPL(modbtf_sample_observe);

static int weight_set(const char *text, const struct kernel_param *param)
{
	struct modbtf_sample_event ev = {
		.id = 42,
		.kind = 5,
		.urgent = 1,
		.span = 0x123456,
		.value = -1234567890123LL,
		.low = 7,
		.high = 9,
		.delta = -3,
		.name = "observed",
		.at = { .x = -1, .y = 2 },
	};
	int weight, error;

	error = kstrtoint(text, 0, &weight);
	if (error)
		return error;
	INIT_LIST_HEAD(&ev.link);
	*(int *)param->arg =
		modbtf_sample_observe(&ev, weight) + modbtf_sample_functions(&ev, weight);
	return 0;
}

static int weight_get(char *buffer, const struct kernel_param *param)
{
	return sprintf(buffer, "%d\n", *(int *)param->arg);
}

static const struct kernel_param_ops weight_ops = {
	.set = weight_set,
	.get = weight_get,
};

static int weight_result;
module_param_cb(weight, &weight_ops, &weight_result, 0644);
module_param(observed, ulong, 0444);
module_param(kfuncs, int, 0444);

static int __init modbtf_sample_init(void)
{
	/* Loads without BTF too, so that a test can compare. */
	kfuncs = modbtf_sample_register_kfuncs();
	pr_info("modbtf_sample: kfuncs %d, layouts %d, homonyms %d, assembly %lu\n", kfuncs,
		modbtf_sample_layouts(), modbtf_sample_homonyms(), modbtf_sample_assembly(1));
	return 0;
}

static void __exit modbtf_sample_exit(void)
{
}

module_init(modbtf_sample_init);
module_exit(modbtf_sample_exit);
MODULE_DESCRIPTION("A sample of what BTF can describe");
MODULE_LICENSE("GPL");
