/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs of sample.bpf.c hand to loader.c, in element 0 of their map. */
#ifndef MODBTF_TESTS_KERNEL_SEEN_H
#define MODBTF_TESTS_KERNEL_SEEN_H

#include <linux/types.h>

struct seen {
	__s64 calls;
	__s64 weight;
	__s64 id;
	__s64 kind;
	__s64 urgent;
	__s64 span;
	__s64 value;
	__s64 low;
	__s64 high;
	__s64 delta;
	__s64 letter;
	__s64 x;
	__s64 y;
	__s64 own_link;	  /* 1 if the list head points to itself, as an empty one does */
	__s64 far_link;	  /* 1 if the one that it points to does as well */
	__s64 last_value; /* of the event before, as the per-CPU counter has it */
	__s64 mixed;
	__s64 called; /* what went in, if it was this program that called */
	__s64 lent;   /* how often the kfunc gave something */
};

#endif
