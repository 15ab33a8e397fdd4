/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types that several files of the sample share. Each stands for something that BTF has to get
 * right; the module does nothing of use.
 */
#ifndef MODBTF_SAMPLE_H
#define MODBTF_SAMPLE_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/* Values over 32 bits, unsigned and signed: ENUM64. */
enum modbtf_sample_mask {
	MODBTF_SAMPLE_LOW = 1,
	MODBTF_SAMPLE_HIGH = 1ULL << 40,
	MODBTF_SAMPLE_TOP = 1ULL << 63,
};

enum modbtf_sample_wide {
	MODBTF_SAMPLE_DEEP = -(1LL << 40),
	MODBTF_SAMPLE_TALL = 1LL << 40,
};

enum modbtf_sample_level {
	MODBTF_SAMPLE_BELOW = -5,
	MODBTF_SAMPLE_GROUND,
	MODBTF_SAMPLE_ABOVE = 0x7fffffff,
};

enum modbtf_sample_unsigned {
	MODBTF_SAMPLE_NONE,
	MODBTF_SAMPLE_ALL = 0xffffffff,
};

enum modbtf_sample_kind {
	MODBTF_SAMPLE_PLAIN,
	MODBTF_SAMPLE_FANCY = 4000,
};

enum modbtf_sample_tiny {
	MODBTF_SAMPLE_TINY_A,
	MODBTF_SAMPLE_TINY_B,
} __packed;

/* A chain of typedefs, and a typedef of an anonymous struct. */
typedef u32 modbtf_sample_raw_t;
typedef modbtf_sample_raw_t modbtf_sample_id_t;
typedef const modbtf_sample_id_t modbtf_sample_const_id_t;
typedef struct {
	s16 x, y;
} modbtf_sample_point_t;

struct modbtf_sample_event;
struct modbtf_sample_opaque; /* never defined anywhere */

typedef int (*modbtf_sample_handler_t)(struct modbtf_sample_event *ev, int weight);

struct modbtf_sample_ops {
	modbtf_sample_handler_t handle;
	void (*note)(const char *fmt, ...);
	int (*(*choose)(enum modbtf_sample_level level))(void);
	struct modbtf_sample_opaque *opaque;
};

/* What a tracer reads by name: keep these members, tests know them. */
struct modbtf_sample_event {
	modbtf_sample_id_t id;
	u32 kind:3;
	u32 urgent:1;
	u32:4;
	u32 span:24;
	s64 value;
	union {
		struct {
			u16 low;
			u16 high;
			bool valid:1;
			enum modbtf_sample_tiny tiny:2;
			signed int delta:5;
		};
		u32 both;
	};
	char name[16];
	const struct modbtf_sample_ops *ops;
	struct list_head link;
	modbtf_sample_point_t at;
};

struct modbtf_sample_counter {
	u64 events;
	u64 weight;
	struct modbtf_sample_event last;
};

DECLARE_PER_CPU(struct modbtf_sample_counter, modbtf_sample_counter);

/* 16 bytes go in two registers, more on the stack. */
struct modbtf_sample_pair {
	u64 first;
	u64 second;
};

struct modbtf_sample_large {
	u64 words[5];
};

struct modbtf_sample_session {
	struct mutex lock;
	struct work_struct work;
	struct modbtf_sample_session *parent;
	int users;
};

/* A good target for fentry: not inlined, exported, called with what was written to "weight". */
int modbtf_sample_observe(struct modbtf_sample_event *ev, int weight);

int modbtf_sample_functions(struct modbtf_sample_event *ev, int weight);
int modbtf_sample_many(int a, long b, char c, short d, void *e, u64 f, int g,
		       struct modbtf_sample_event *h);
u64 modbtf_sample_by_value(struct modbtf_sample_pair pair, int weight);
u64 modbtf_sample_by_stack(int weight, struct modbtf_sample_large large, int more);
struct modbtf_sample_pair modbtf_sample_returns(u64 first);
enum modbtf_sample_mask modbtf_sample_mask(enum modbtf_sample_level level);
modbtf_sample_handler_t modbtf_sample_choose(int (*first)(void), modbtf_sample_handler_t second);
int modbtf_sample_weak(modbtf_sample_point_t at);
int modbtf_sample_layouts(void);
int modbtf_sample_homonyms(void);
int modbtf_sample_register_kfuncs(void);
unsigned long modbtf_sample_assembly(unsigned long value);
void modbtf_sample_note(struct modbtf_sample_event *ev, const char *fmt, ...) __printf(2, 3);

#endif /* MODBTF_SAMPLE_H */
