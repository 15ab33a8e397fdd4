/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small BTF made in a test. A fixture is a list of words, written with the macros below, so that
 * the types stand in the test as they stand in the file:
 *
 *	WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(a), 1, 0))
 *
 * is type 1, an int, and type 2, struct foo { int a; }. Names are offsets into one string section
 * that all fixtures share.
 */
#ifndef MODBTF_TESTS_UNIT_BTF_FIXTURE_H
#define MODBTF_TESTS_UNIT_BTF_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "btf/view.h"

/* The strings of a base, and those that a split view has besides. */
struct fixture_strings {
	char empty[1];
	char foo[4];
	char bar[4];
	char baz[4];
	char a[2];
	char b[2];
	char c[2];
	char d[2];
	char dotted[8];
	char digit[3];
	char spaced[4];
	char minus[4];
	char accent[3];
	char control[4];
	char int_[4];
	char long_[9];
	char char_[5];
	char bool_[6];
	char double_[7];
	char int128[9];
	char va_list_[18];
	char len512[513];
	char len513[514];
};

struct fixture_own_strings {
	char own[4];
	char nothing[1];
	char mine[5];
};

#define S(string) ((uint32_t)offsetof(struct fixture_strings, string))
#define OWN(string)                                 \
	((uint32_t)sizeof(struct fixture_strings) + \
	 (uint32_t)offsetof(struct fixture_own_strings, string))

#define INFO(kind, vlen, kflag) ((uint32_t)(kflag) << 31 | (uint32_t)(kind) << 24 | (vlen))
#define TYPE(name, kind, vlen, kflag, size) (name), INFO(BTF_KIND_##kind, vlen, kflag), (size)

#define INT_(name, size, encoding, offset, bits) \
	TYPE(name, INT, 0, 0, size), (uint32_t)(encoding) << 24 | (offset) << 16 | (bits)
#define INT INT_(S(int_), 4, BTF_INT_SIGNED, 0, 32)
#define LONG INT_(S(long_), 8, BTF_INT_SIGNED, 0, 64)
#define CHAR INT_(S(char_), 1, 0, 0, 8)
#define REF(kind, type) TYPE(0, kind, 0, 0, type)
#define PTR(type) REF(PTR, type)
#define TYPEDEF(name, type) TYPE(name, TYPEDEF, 0, 0, type)
#define TYPE_TAG(name, type) TYPE(name, TYPE_TAG, 0, 0, type)
#define FWD(name, kflag) TYPE(name, FWD, 0, kflag, 0)
#define ARRAY(type, index, nr) TYPE(0, ARRAY, 0, 0, 0), (type), (index), (nr)
#define STRUCT(name, vlen, size) TYPE(name, STRUCT, vlen, 0, size)
#define BITS_STRUCT(name, vlen, size) TYPE(name, STRUCT, vlen, 1, size)
#define UNION(name, vlen, size) TYPE(name, UNION, vlen, 0, size)
#define MEMBER(name, type, bit) (name), (type), (bit)
#define BITS_MEMBER(name, type, bit, bits) (name), (type), (uint32_t)(bits) << 24 | (bit)
#define ENUM(name, vlen, size) TYPE(name, ENUM, vlen, 0, size)
#define VALUE(name, value) (name), (uint32_t)(value)
#define ENUM64(name, vlen, size) TYPE(name, ENUM64, vlen, 0, size)
#define VALUE64(name, low, high) (name), (low), (high)
#define PROTO(vlen, ret) TYPE(0, FUNC_PROTO, vlen, 0, ret)
#define PARAM(name, type) (name), (type)
#define FUNC(name, linkage, type) TYPE(name, FUNC, linkage, 0, type)
#define VAR(name, type, linkage) TYPE(name, VAR, 0, 0, type), (linkage)
#define DATASEC(name, vlen, size) TYPE(name, DATASEC, vlen, 0, size)
#define SECINFO(var, offset, size) (var), (offset), (size)
#define FLOAT(name, size) TYPE(name, FLOAT, 0, 0, size)
#define DECL_TAG(name, type, component) TYPE(name, DECL_TAG, 0, 0, type), (uint32_t)(component)

/* Two initialisers: the words, and how many. */
#define WORDS(...)                         \
	(const uint32_t[]){ __VA_ARGS__ }, \
		sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t)

static inline struct fixture_strings fixture_strings(void)
{
	struct fixture_strings s = {
		.foo = "foo",
		.bar = "bar",
		.baz = "baz",
		.a = "a",
		.b = "b",
		.c = "c",
		.d = "d",
		.dotted = "foo.bar",
		.digit = "1a",
		.spaced = "a b",
		.minus = "a-b",
		.accent = "\xc3\xa9",
		.control = "a\nb",
		.int_ = "int",
		.long_ = "long int",
		.char_ = "char",
		.bool_ = "_Bool",
		.double_ = "double",
		.int128 = "__int128",
		.va_list_ = "__builtin_va_list",
	};

	memset(s.len512, 'x', sizeof(s.len512) - 1);
	memset(s.len513, 'x', sizeof(s.len513) - 1);
	return s;
}

/* Types between header and strings, in the byte order @big. The caller frees data. */
static inline struct buffer fixture_wrap(const void *types, size_t types_len, const void *strings,
					 size_t strings_len, bool big)
{
	const uint32_t header[] = {
		BTF_HEADER_LEN, 0, (uint32_t)types_len, (uint32_t)types_len, (uint32_t)strings_len,
	};
	struct buffer b = { .size = BTF_HEADER_LEN + types_len + strings_len };

	b.data = malloc(b.size);
	if (!b.data)
		abort();
	store_u16(b.data, BTF_MAGIC, big);
	b.data[2] = BTF_VERSION;
	b.data[3] = 0;
	for (size_t i = 0; i < 5; i++)
		store_u32(b.data + 4 + 4 * i, header[i], big);
	if (types_len)
		memcpy(b.data + BTF_HEADER_LEN, types, types_len);
	for (size_t i = 0; i + 4 <= types_len; i += 4)
		store_u32(b.data + BTF_HEADER_LEN + i,
			  load_u32(b.data + BTF_HEADER_LEN + i, host_big_endian()), big);
	memcpy(b.data + BTF_HEADER_LEN + types_len, strings, strings_len);
	return b;
}

static inline struct buffer fixture_base(const uint32_t *words, size_t nr, bool big)
{
	const struct fixture_strings s = fixture_strings();

	return fixture_wrap(words, nr * sizeof(*words), &s, sizeof(s), big);
}

static inline struct buffer fixture_split(const uint32_t *words, size_t nr, bool big)
{
	const struct fixture_own_strings s = { .own = "own", .mine = "mine" };

	return fixture_wrap(words, nr * sizeof(*words), &s, sizeof(s), big);
}

/*
 * The base below split fixtures. Types: 1 int, 2 struct foo, 3 pointer to it, 4 const int, 5
 * proto.
 */
static inline struct buffer fixture_small_base(bool big)
{
	const uint32_t words[] = {
		INT,	       STRUCT(S(foo), 1, 4), MEMBER(S(a), 1, 0), PTR(2),
		REF(CONST, 1), PROTO(1, 0),	     PARAM(S(a), 3),
	};

	return fixture_base(words, sizeof(words) / sizeof(*words), big);
}

#define SMALL_BASE_END 6

#endif
