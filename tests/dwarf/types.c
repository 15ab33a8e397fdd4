// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types in every form that C has for them. Nothing here depends on the size of pointers or the byte order, so what
 * comes out is the same for all machines, compilers and versions of DWARF: types.expect.
 */
#define MODULE
#include "module.h"

enum small { SMALL_ZERO, SMALL_ONE, SMALL_SEVEN = 7 };
enum negative { NEGATIVE = -5, POSITIVE = 3 };
enum highest { HIGHEST = 0xffffffffu };
enum wide { WIDE = 0x100000000ull, NARROW = 1 };
enum wide_negative { WIDE_NEGATIVE = -0x100000000ll, NARROW_POSITIVE = 1 };
enum { LOOSE_A = 10, LOOSE_B } loose;

struct point {
	int x, y;
};

struct bits {
	int a:3;
	int b:5;
	unsigned int c:24;
	unsigned long long d:40;
	unsigned char e:1;
	_Bool f:1;
	enum small g:2;
	int:0;
	int h:7;
	unsigned char whole;
	unsigned short:3;
	unsigned short after_hole:13;
};

struct packed_bits {
	unsigned char first;
	unsigned int straddles:31;
	unsigned int last:2;
	unsigned short plain;
} __attribute__((packed));

typedef unsigned int word;
typedef const word guarded_word;
typedef volatile word shared_word;

struct typedef_bits {
	word low:4;
	guarded_word high:12;
	enum negative sign:4;
};

union both {
	unsigned int a:4;
	unsigned int b:12;
	unsigned int whole;
};

struct anonymous {
	int kind;
	union {
		struct {
			short x, y;
		};
		unsigned char raw[4];
	};
	struct {
		int inner;
	} named;
};

typedef int quad[4];

struct arrays {
	int nothing[0];
	unsigned char one[3];
	short two[2][3];
	short three[2][3][4];
	quad quads[2];
	struct point points[2][2];
	enum small map[SMALL_SEVEN];
	int flexible[];
};

struct flexible_rows {
	int nr;
	short rows[][4];
};

struct empty {
};

struct holds_empty {
	struct empty none;
	int one;
};

struct aligned {
	unsigned char first;
	int second __attribute__((aligned(32)));
};

struct numbers {
	float f;
	double d;
	_Atomic int atomic;
	_Bool flag;
};

/* Pointers and what is behind them. */
struct opaque;
union opaque_union;
struct recursive {
	union {
		struct recursive *next;
		unsigned long long room;
	};
};

typedef int (*handler_t)(void *arg, const struct point *where, ...);
typedef void (*unprototyped_t)();
typedef void (*noreturn_t)(int) __attribute__((noreturn));
typedef handler_t (*returns_handler_t)(handler_t, int (*)[3]);
typedef signed char *const *volatile *deep_t;
typedef int *restrict restricted_t;
typedef _Atomic unsigned int atomic_t;
typedef volatile struct point volatile_point_t;
typedef const quad const_quad_t;
typedef int vector_t __attribute__((vector_size(16)));

struct of_base *of_base;
struct opaque *opaque;
union opaque_union *opaque_union;
enum small small;
enum negative negative;
enum highest highest;
enum wide wide;
enum wide_negative wide_negative;
struct bits bits;
struct packed_bits packed_bits;
struct typedef_bits typedef_bits;
union both both;
struct anonymous anonymous;
struct arrays arrays;
struct flexible_rows flexible_rows;
struct holds_empty holds_empty;
struct aligned aligned;
struct numbers numbers;
struct recursive recursive;
handler_t handler;
unprototyped_t unprototyped_pointer;
noreturn_t noreturn;
returns_handler_t returns_handler;
deep_t deep;
restricted_t restricted;
shared_word shared;
atomic_t atomic;
volatile_point_t volatile_point;
const_quad_t *const_quad;
vector_t vector;
const void *const_void;
_Complex float complex_number;
