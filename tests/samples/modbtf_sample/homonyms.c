// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types that share nothing but their name with a type of the kernel, or of another file. Pointers
 * to them must not become pointers to the kernel's.
 */

#include <linux/kernel.h>

#include "modbtf_sample.h"

/* The kernel's is in kernel/events/uprobes.c, built into every kernel. */
struct map_info {
	int columns;
	int rows;
	struct map_info *overlay;
};

/* drivers/char/virtio_console.c, built in or not. */
struct port {
	char colour;
	u16 depth;
};

/* drivers/acpi/cppc_acpi.c and others. */
struct quirk_entry {
	const char *vendor;
	struct port *harbour;
	int (*apply)(struct map_info *map, struct port *port);
};

struct modbtf_sample_local {
	char homonyms[3];
	struct quirk_entry *quirk;
};

static noinline __noclone int modbtf_sample_scale(struct map_info *map, long value)
{
	return map->columns * (int)value;
}

static noinline int modbtf_sample_twice(int value)
{
	return READ_ONCE(value) + READ_ONCE(value);
}

static noinline int modbtf_sample_apply(struct map_info *map, struct port *port)
{
	return modbtf_sample_scale(map, port->depth) + modbtf_sample_twice(map->rows);
}

static struct map_info map = { .columns = 80, .rows = 25 };
static struct port port = { .depth = 9 };
static struct quirk_entry quirk = {
	.vendor = "sample",
	.harbour = &port,
	.apply = modbtf_sample_apply,
};

static noinline __noclone int apply_local(struct modbtf_sample_local *local)
{
	return local->quirk->apply(&map, local->quirk->harbour) + local->homonyms[1];
}

int modbtf_sample_homonyms(void)
{
	struct modbtf_sample_local local = { .quirk = &quirk };

	return apply_local(&local);
}
