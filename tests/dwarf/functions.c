// SPDX-License-Identifier: GPL-2.0-only
/* Functions: which ones have BTF, and with which prototype. */
#define MODULE
#include "module.h"

struct pair {
	int a, b;
};

struct large {
	unsigned long long words[5];
};

struct in_block;
int sink, undefined_function(int a), knr();
void consume(const void *what);

keep int many(int a, int b, int c, int d, int e, int f, int g, int h)
{
	return a + b + c + d + e + f + g + h;
}

keep int by_value(struct pair pair, int more)
{
	return pair.a + pair.b + more;
}

keep int large_by_value(struct large large, int more)
{
	return (int)large.words[4] + more;
}

keep struct pair returns_pair(int a)
{
	return (struct pair){ a, undefined_function(a) };
}

keep int variadic(const signed char *format, ...)
{
	return *format;
}

keep void nothing(void)
{
	sink++;
}

keep void unprototyped()
{
	sink--;
}

keep int knr(a, b, c)
int a;
short b;
signed char *c;
{
	return a + b + *c;
}

keep __attribute__((noreturn)) void never_returns(int a)
{
	for (;;)
		sink += a;
}

keep void qualified(int *restrict to, const int *restrict from, volatile int *shared, void *any)
{
	*to = *from + *shared;
	consume(any);
}

keep int callback(int (*call)(struct pair *pair, ...), void (*done)(void))
{
	done();
	return call(0);
}

static keep int static_function(int (*rows)[4], enum { ONE, TWO } which)
{
	return rows[1][which];
}

static inline __attribute__((always_inline)) int always_inlined(int a)
{
	return undefined_function(a) + 1;
}

keep int calls_inlined(int a)
{
	return always_inlined(a) + always_inlined(sink);
}

/* The optimiser may take a parameter out of these, or pass what it points to. */
static __attribute__((noinline)) int loses_last(int a, int b)
{
	consume(&a);
	return a + b + sink;
}

static __attribute__((noinline)) int loses_middle(int a, int b, int c)
{
	consume(&a);
	return a * 3 + b + c * sink;
}

static __attribute__((noinline)) int by_reference(const struct pair *pair, int b)
{
	return undefined_function(pair->a) + b;
}

keep int calls_reduced(int a, const struct pair *pair)
{
	return loses_last(a, 5) + loses_last(sink, 5) + loses_middle(a, 7, sink) +
	       loses_middle(sink, 7, a) + by_reference(pair, a) + by_reference(pair, 3);
}

/* Types that are found in function bodies only. */
keep int has_local_types(int a)
{
	struct of_body {
		int in_body;
	} local = { a };
	typedef struct of_body of_body_t;
	of_body_t copy = local;

	consume(&copy);
	return copy.in_body;
}

__attribute__((weak)) int weak_function(unsigned char a)
{
	return a;
}

keep int aliased(short a)
{
	return a + sink;
}

int alias(short a) __attribute__((alias("aliased")));
