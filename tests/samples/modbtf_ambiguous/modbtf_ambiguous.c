// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pointers to structs of which the kernel has several, of one name and one size: partition tables
 * and core dumps for two sorts of programs are private to the files that define them. Relocation
 * cannot tell them apart, and refuses a module that leaves it to that.
 */

#include <linux/init.h>
#include <linux/module.h>

struct d_partition;
struct elf_note_info;

struct modbtf_ambiguous_sight {
	struct d_partition *partition;
	struct elf_note_info *note;
};

static struct modbtf_ambiguous_sight sight;

static noinline bool modbtf_ambiguous_see(const struct modbtf_ambiguous_sight *what)
{
	return READ_ONCE(what->partition) || READ_ONCE(what->note);
}

static int __init modbtf_ambiguous_init(void)
{
	return modbtf_ambiguous_see(&sight) ? -EINVAL : 0;
}

static void __exit modbtf_ambiguous_exit(void)
{
}

module_init(modbtf_ambiguous_init);
module_exit(modbtf_ambiguous_exit);
MODULE_DESCRIPTION("Types that relocation cannot tell by name, for BTF generation");
MODULE_LICENSE("GPL");
