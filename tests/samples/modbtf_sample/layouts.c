// SPDX-License-Identifier: GPL-2.0-only
/*
 * Layouts: bit fields, anonymous members, arrays, qualifiers, enums. Each variable is used, for a
 * type that nothing uses is not in the debug info.
 */

#include <linux/kernel.h>
#include <linux/string.h>

#include "modbtf_sample.h"

/* Packed bit fields cross the units of their types, named and unnamed ones. */
struct modbtf_sample_straddle {
	u32 a:20;
	u32 b:20;
	u32:17;
	u64 c:40;
	u8 d:7;
	u16 e:9;
	u32:0;
	s8 f:3;
} __packed;

struct modbtf_sample_nested {
	struct {
		union {
			u64 whole;
			struct {
				u64 first:7;
				u64:13;
				u64 second:44;
			};
			struct {
				enum modbtf_sample_kind mode:12;
				enum {
					MODBTF_SAMPLE_ANON_A = 3,
					MODBTF_SAMPLE_ANON_B,
				} anon:4;
				bool flag:1;
			} parts;
		};
	};
	union {
		void *pointer;
		unsigned long number;
	} u[2];
};

struct modbtf_sample_arrays {
	u8 grid[3][4][5];
	const char *const names[2];
	int (*row)[7];
	modbtf_sample_handler_t handlers[2];
	struct modbtf_sample_arrays *next[1];
	struct {
	} empty;
	u32 none[0];
	u32 count;
	struct modbtf_sample_event flexible[];
};

struct modbtf_sample_qualified {
	volatile u32 reg;
	const volatile u32 *const volatile port;
	modbtf_sample_const_id_t id;
	char *restrict text;
	void *const *volatile *deep;
	unsigned __int128 huge;
	long long __aligned(64) apart;
	enum modbtf_sample_mask mask;
	enum modbtf_sample_wide wide;
	enum modbtf_sample_level level;
	enum modbtf_sample_tiny tiny;
};

/* The same name in homonyms.c, with other members: both stay. */
struct modbtf_sample_local {
	int layouts;
};

static struct modbtf_sample_straddle straddle;
static struct modbtf_sample_nested nested;
static struct modbtf_sample_qualified qualified;
static struct modbtf_sample_arrays arrays = { .names = { "one", "two" } };

static noinline __noclone size_t copy_text(char *restrict to, const char *restrict from,
					   size_t room)
{
	return strscpy(to, from, room);
}

static noinline __noclone int sum_grid(const u8 (*grid)[4][5], struct modbtf_sample_local *local)
{
	unsigned int i, j, k;
	int sum = local->layouts;

	for (i = 0; i < 3; i++)
		for (j = 0; j < 4; j++)
			for (k = 0; k < 5; k++)
				sum += grid[i][j][k];
	return sum;
}

int modbtf_sample_layouts(void)
{
	struct modbtf_sample_local local = { .layouts = 1 };
	char text[8];

	straddle.c = copy_text(text, arrays.names[1], sizeof(text));
	nested.second = straddle.b;
	qualified.mask = MODBTF_SAMPLE_HIGH;
	qualified.wide = MODBTF_SAMPLE_DEEP;
	qualified.level = MODBTF_SAMPLE_BELOW;
	return sum_grid(arrays.grid, &local) + (int)nested.parts.anon + (int)qualified.reg;
}
