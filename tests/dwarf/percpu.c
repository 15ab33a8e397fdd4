// SPDX-License-Identifier: GPL-2.0-only
/* Variables: those of .data..percpu have BTF, no other ones. */
#define MODULE
#include "module.h"

struct counters {
	unsigned long long events;
	int last[2];
};

/* The linker would put them in this order; the compiler shall not choose another. */
static percpu int at_start __attribute__((used)) = 1;
percpu struct counters counters = { 1, { 2, 3 } };
percpu short matrix[3][5] = { { 1 } };
percpu const unsigned char *pointer = 0;
static percpu _Bool flag __attribute__((used)) = 1;
percpu struct {
	int inner;
} unnamed = { 1 };
percpu int no_elements[0];
percpu struct {
} empty;
percpu __attribute__((weak)) int weak = 1;

__attribute__((section(".data..percpu..shared_aligned"))) int elsewhere = 1;
int plain = 1;
extern percpu int declared;
static percpu int __UNIQUE_ID_variable __attribute__((used)) = 1;

keep int *percpu_function(void)
{
	static percpu int local __attribute__((used)) = 1;

	return plain ? &local : &declared;
}
