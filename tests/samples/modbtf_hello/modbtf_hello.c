// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest module that still has a type and functions of its own.
 */

#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

/* 64 bits, as some enums of kernels have. */
enum modbtf_hello_mark {
	MODBTF_HELLO_MARK = 1ULL << 40,
};

struct modbtf_hello_greeting {
	const char *word;
	unsigned int times;
	enum modbtf_hello_mark mark;
};

static struct modbtf_hello_greeting greeting = { .word = "hello", .times = 1 };

static noinline void modbtf_hello_say(const struct modbtf_hello_greeting *what)
{
	unsigned int i;

	for (i = 0; i < READ_ONCE(what->times); i++)
		pr_info("modbtf_hello: %s\n", what->word);
}

static int __init modbtf_hello_init(void)
{
	modbtf_hello_say(&greeting);
	return 0;
}

static void __exit modbtf_hello_exit(void)
{
}

module_init(modbtf_hello_init);
module_exit(modbtf_hello_exit);
MODULE_DESCRIPTION("The smallest sample for BTF generation");
MODULE_LICENSE("GPL");
