// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions: every way to take parameters, and those that a tracer must not be offered because the
 * compiler changed how they take them.
 */

#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/stdarg.h>

#include "modbtf_sample.h"

/* Another function of this name, with another prototype, is in homonyms.c: BTF can name neither. */
static noinline int modbtf_sample_scale(int value)
{
	return value * 3 + (READ_ONCE(value) >> 4);
}

/* This one is the same in both files: it may be named. */
static noinline int modbtf_sample_twice(int value)
{
	return READ_ONCE(value) + READ_ONCE(value);
}

/* All callers pass the same factor: a clone without that parameter (.constprop). */
static noinline int multiply(const struct modbtf_sample_event *ev, int factor, int weight)
{
	int i, sum = 0;

	for (i = 0; i < factor; i++)
		sum += ev->id * weight + i;
	return sum;
}

/* Only one member is read: gcc passes that member instead of the pointer (.isra). */
static noinline int peek(struct modbtf_sample_event *ev, int weight)
{
	return ev->at.x + READ_ONCE(weight);
}

noinline int modbtf_sample_many(int a, long b, char c, short d, void *e, u64 f, int g,
				struct modbtf_sample_event *h)
{
	return a + b + c + d + !!e + f + g + h->id;
}

noinline u64 modbtf_sample_by_value(struct modbtf_sample_pair pair, int weight)
{
	return pair.first * weight + pair.second;
}

noinline u64 modbtf_sample_by_stack(int weight, struct modbtf_sample_large large, int more)
{
	return large.words[weight & 3] + more;
}

noinline struct modbtf_sample_pair modbtf_sample_returns(u64 first)
{
	return (struct modbtf_sample_pair){ .first = first, .second = ~first };
}

noinline void modbtf_sample_note(struct modbtf_sample_event *ev, const char *fmt, ...)
{
	va_list args;

	ev->value++;
	va_start(args, fmt);
	vprintk(fmt, args);
	va_end(args);
}

noinline enum modbtf_sample_mask modbtf_sample_mask(enum modbtf_sample_level level)
{
	return level < 0 ? MODBTF_SAMPLE_TOP : MODBTF_SAMPLE_LOW;
}

static noinline int forty_two(void)
{
	return 42;
}

/* Takes and returns a function. */
noinline modbtf_sample_handler_t modbtf_sample_choose(int (*first)(void),
						      modbtf_sample_handler_t second)
{
	return first() == 42 ? second : NULL;
}

__weak noinline int modbtf_sample_weak(modbtf_sample_point_t at)
{
	return at.x + at.y;
}

int modbtf_sample_functions(struct modbtf_sample_event *ev, int weight)
{
	struct modbtf_sample_pair pair = { .first = weight, .second = 1 };
	struct modbtf_sample_large large = { .words = { weight } };
	modbtf_sample_handler_t handler;
	int sum;

	sum = modbtf_sample_scale(weight) + modbtf_sample_twice(weight);
	sum += multiply(ev, 7, weight) + multiply(ev, 7, weight + 1);
	sum += peek(ev, weight) + peek(ev, weight + 1);
	sum += modbtf_sample_many(1, 2, 3, 4, ev, 6, weight, ev);
	sum += modbtf_sample_by_value(pair, weight);
	sum += modbtf_sample_by_stack(weight, large, 2);
	sum += modbtf_sample_returns(weight).second;
	sum += modbtf_sample_mask(weight) == MODBTF_SAMPLE_TOP;
	sum += modbtf_sample_weak(ev->at);
	handler = modbtf_sample_choose(forty_two, modbtf_sample_observe);
	if (weight == 1000)
		modbtf_sample_note(ev, "modbtf_sample: %d %p\n", sum, handler);
	return sum;
}
