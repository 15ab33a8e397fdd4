// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each rule of the kernel: a tiny BTF that keeps it or breaks it, and what is said of it. Without
 * words the BTF is accepted.
 */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "btf/verify.h"

struct rule {
	const uint32_t *words;
	size_t nr;
	const char *fault;
};

static const struct rule integers[] = {
	{ WORDS(INT), NULL },
	{ WORDS(INT_(S(spaced), 4, 0, 0, 32)), NULL },
	{ WORDS(INT_(0, 1, BTF_INT_BOOL, 0, 8)), NULL },
	{ WORDS(INT_(S(int128), 16, BTF_INT_SIGNED, 0, 128)), NULL },
	{ WORDS(INT_(S(int_), 4, BTF_INT_CHAR, 3, 5)), NULL },
	{ WORDS(TYPE(S(int_), INT, 1, 0, 4), 32), "type 1 INT 'int': vlen is 1, not 0" },
	{ WORDS(TYPE(S(int_), INT, 0, 1, 4), 32), "kind_flag is set" },
	{ WORDS(TYPE(S(int_), INT, 0, 0, 4), 0x10000020), "reserved bits are set (0x10000020)" },
	{ WORDS(TYPE(S(int_), INT, 0, 0, 4), 0x80000020), "reserved bits" },
	{ WORDS(INT_(S(int_), 16, 0, 1, 128)), "129 bits, more than 128" },
	{ WORDS(INT_(S(int_), 32, 0, 0, 255)), "255 bits, more than 128" },
	{ WORDS(INT_(S(int_), 3, 0, 0, 25)), "25 bits do not fit in 3 bytes" },
	{ WORDS(INT_(S(int_), 4, 0, 1, 32)), "33 bits do not fit in 4 bytes" },
	{ WORDS(INT_(S(int_), 4, BTF_INT_SIGNED | BTF_INT_CHAR, 0, 32)), "encoding 3" },
	{ WORDS(INT_(S(int_), 4, 8, 0, 32)), "encoding 8" },
};

static const struct rule floats[] = {
	{ WORDS(FLOAT(S(double_), 8)), NULL },
	{ WORDS(FLOAT(S(double_), 2)), NULL },
	{ WORDS(FLOAT(S(spaced), 12)), NULL },
	{ WORDS(FLOAT(S(double_), 16)), NULL },
	{ WORDS(FLOAT(S(double_), 3)), "3 bytes are no float's size" },
	{ WORDS(FLOAT(S(double_), 0)), "0 bytes are no float's size" },
	{ WORDS(TYPE(S(double_), FLOAT, 1, 0, 8)), "vlen is 1" },
	{ WORDS(TYPE(S(double_), FLOAT, 0, 1, 8)), "kind_flag" },
	{ WORDS(FLOAT(S(double_), 8), STRUCT(0, 1, 16), MEMBER(S(a), 1, 64)), NULL },
	{ WORDS(FLOAT(S(double_), 8), STRUCT(0, 1, 16), MEMBER(S(a), 1, 4)),
	  "member 0 'a': bit offset 4 is not a byte's" },
	{ WORDS(FLOAT(S(double_), 16), STRUCT(0, 1, 24), MEMBER(S(a), 1, 64)), NULL },
	{ WORDS(FLOAT(S(double_), 8), STRUCT(0, 1, 8), MEMBER(S(a), 1, 64)),
	  "ends at byte 16 of 8" },
	{ WORDS(FLOAT(S(double_), 8), BITS_STRUCT(0, 1, 8), BITS_MEMBER(S(a), 1, 0, 3)),
	  "a bitfield of FLOAT" },
};

static const struct rule references[] = {
	{ WORDS(PTR(0)), NULL },
	{ WORDS(PTR(2), REF(CONST, 0)), NULL },
	{ WORDS(PTR(2), FWD(S(foo), 0)), NULL },
	{ WORDS(PTR(2), PROTO(0, 0)), NULL },
	{ WORDS(TYPEDEF(S(foo), 0)), NULL },
	{ WORDS(TYPEDEF(S(dotted), 0)), NULL },
	{ WORDS(TYPEDEF(S(len512), 0)), NULL },
	{ WORDS(REF(CONST, 2), REF(VOLATILE, 3), REF(RESTRICT, 4), PTR(0)), NULL },
	{ WORDS(TYPE(0, PTR, 1, 0, 0)), "vlen is 1" },
	{ WORDS(TYPE(0, CONST, 0, 1, 0)), "kind_flag is set" },
	{ WORDS(TYPE(S(foo), PTR, 0, 0, 0)), "type 1 PTR 'foo': has a name" },
	{ WORDS(TYPE(S(foo), CONST, 0, 0, 0)), "has a name" },
	{ WORDS(TYPE(S(foo), VOLATILE, 0, 0, 0)), "has a name" },
	{ WORDS(TYPE(S(foo), RESTRICT, 0, 0, 0)), "has a name" },
	{ WORDS(TYPEDEF(0, 0)), "has no name" },
	{ WORDS(TYPEDEF(S(digit), 0)), "no identifier" },
	{ WORDS(TYPEDEF(S(spaced), 0)), "no identifier" },
	{ WORDS(TYPEDEF(S(minus), 0)), "no identifier" },
	{ WORDS(TYPEDEF(S(accent), 0)), "type 1 TYPEDEF '\?\?': its name is no identifier" },
	{ WORDS(TYPEDEF(S(control), 0)), "type 1 TYPEDEF 'a?b': its name is no identifier" },
	{ WORDS(TYPEDEF(S(foo) + 3, 0)), "no identifier" },
	{ WORDS(TYPEDEF(S(len513), 0)), "no identifier" },
	{ WORDS(PTR(2)), "type 1 PTR '': refers to type 2, which does not exist" },
	{ WORDS(PTR(0x200000)), "does not exist" },
	{ WORDS(PTR(UINT32_MAX)), "does not exist" },
	{ WORDS(REF(CONST, 7)), "does not exist" },
	{ WORDS(INT, VAR(S(foo), 1, 0), PTR(2)), "refers to type 2, a VAR" },
	{ WORDS(INT, VAR(S(foo), 1, 0), REF(CONST, 2)), "refers to type 2, a VAR" },
	{ WORDS(INT, VAR(S(foo), 1, 0), DATASEC(S(foo), 1, 4), SECINFO(2, 0, 4), PTR(3)),
	  "refers to type 3, a DATASEC" },
	{ WORDS(STRUCT(S(foo), 0, 0), DECL_TAG(S(bar), 1, -1), PTR(2)),
	  "refers to type 2, a DECL_TAG" },
	{ WORDS(PROTO(0, 0), FUNC(S(foo), 0, 1), PTR(2)), "refers to type 2, a FUNC" },
	{ WORDS(PROTO(0, 0), FUNC(S(foo), 0, 1), REF(CONST, 2)), "refers to type 2, a FUNC" },
};

static const struct rule loops[] = {
	{ WORDS(PTR(1)), "type 1 PTR '': contains itself" },
	{ WORDS(REF(CONST, 1)), "contains itself" },
	{ WORDS(REF(CONST, 2), REF(VOLATILE, 1)), "contains itself" },
	{ WORDS(PTR(2), PTR(3), PTR(1)), "contains itself" },
	{ WORDS(REF(CONST, 2), PTR(3), REF(CONST, 4), PTR(1)), "contains itself" },
	{ WORDS(TYPEDEF(S(foo), 2), PTR(1)), "contains itself" },
	{ WORDS(STRUCT(S(foo), 1, 0), MEMBER(S(a), 1, 0)), "STRUCT 'foo': contains itself" },
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 2, 0), UNION(S(bar), 1, 8), MEMBER(S(a), 1, 0)),
	  "contains itself" },
	{ WORDS(INT, ARRAY(2, 1, 1)), "contains itself" },
	{ WORDS(INT, STRUCT(S(foo), 1, 8), MEMBER(S(a), 3, 0), ARRAY(2, 1, 1)), "contains itself" },
	/* A pointer ends it. */
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 2, 0), PTR(1)), NULL },
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 2, 0), TYPEDEF(S(bar), 3), PTR(1)), NULL },
	/* A loop of pointers behind a member's modifier, which ends at the first of them. */
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 2, 0), REF(CONST, 3), PTR(4), REF(CONST, 3)),
	  "contains itself" },
};

static const struct rule forwards[] = {
	{ WORDS(FWD(S(foo), 0)), NULL },
	{ WORDS(FWD(S(foo), 1)), NULL },
	{ WORDS(FWD(0, 0)), "has no name" },
	{ WORDS(FWD(S(spaced), 0)), "no identifier" },
	{ WORDS(TYPE(S(foo), FWD, 1, 0, 0)), "vlen is 1" },
	{ WORDS(INT, TYPE(S(foo), FWD, 0, 0, 1)), "refers to type 1" },
};

static const struct rule arrays[] = {
	{ WORDS(INT, ARRAY(1, 1, 4)), NULL },
	{ WORDS(INT, ARRAY(1, 1, 0)), NULL },
	{ WORDS(INT, TYPEDEF(S(foo), 1), ARRAY(2, 2, 4)), NULL },
	{ WORDS(INT, ARRAY(3, 1, 4), ARRAY(1, 1, 4)), NULL },
	{ WORDS(INT, ARRAY(1, 1, 0x3fffffff)), NULL },
	{ WORDS(INT, TYPE(S(foo), ARRAY, 0, 0, 0), 1, 1, 4), "has a name" },
	{ WORDS(INT, TYPE(0, ARRAY, 1, 0, 0), 1, 1, 4), "vlen is 1" },
	{ WORDS(INT, TYPE(0, ARRAY, 0, 1, 0), 1, 1, 4), "kind_flag" },
	{ WORDS(INT, TYPE(0, ARRAY, 0, 0, 4), 1, 1, 4), "size is 4, not 0" },
	{ WORDS(INT, ARRAY(0, 1, 4)), "elements are void" },
	{ WORDS(INT, ARRAY(1, 0, 4)), "index is void" },
	{ WORDS(INT, ARRAY(9, 1, 4)), "its elements, of type 9, have no size" },
	{ WORDS(INT, ARRAY(1, 9, 4)), "its index, type 9, is no integer" },
	{ WORDS(INT, ARRAY(1, 3, 4), PTR(0)), "its index, type 3, is no integer" },
	{ WORDS(INT, ARRAY(1, 3, 4), INT_(S(foo), 4, 0, 0, 5)),
	  "its index, type 3, is no integer" },
	{ WORDS(INT, ARRAY(1, 3, 4), INT_(S(foo), 4, 0, 8, 8)), "is no integer" },
	{ WORDS(INT, ARRAY(3, 1, 4), INT_(S(foo), 4, 0, 0, 5)), "of type 3, are bitfields" },
	{ WORDS(INT, ARRAY(3, 1, 4), FWD(S(foo), 0)), "of type 3, have no size" },
	{ WORDS(INT, ARRAY(3, 1, 4), REF(CONST, 0)), "of type 3, have no size" },
	{ WORDS(INT, ARRAY(3, 1, 4), PROTO(0, 0)), "of type 3, have no size" },
	{ WORDS(INT, ARRAY(3, 1, 4), VAR(S(foo), 1, 0)), "of type 3, have no size" },
	{ WORDS(INT, ARRAY(1, 1, 0x40000000)), "1073741824 elements of 4 bytes are over 4 GiB" },
	{ WORDS(INT, ARRAY(3, 1, 0x10000), ARRAY(1, 1, 0x10000)), "over 4 GiB" },
};

static const struct rule structs[] = {
	{ WORDS(STRUCT(0, 0, 0)), NULL },
	{ WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(0, 1, 0)), NULL },
	{ WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(dotted), 1, 0)), NULL },
	{ WORDS(INT, STRUCT(S(foo), 2, 8), MEMBER(S(a), 1, 0), MEMBER(S(b), 1, 0)), NULL },
	{ WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(a), 3, 32), ARRAY(1, 1, 0)), NULL },
	{ WORDS(INT, STRUCT(S(spaced), 1, 4), MEMBER(S(a), 1, 0)),
	  "type 2 STRUCT 'a b': its name is no identifier" },
	{ WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(digit), 1, 0)),
	  "type 2 STRUCT 'foo' member 0 '1a': its name is no identifier" },
	{ WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(a), 0, 0)), "member 0 'a': is void" },
	{ WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(a), 9, 0)), "its type 9 has no size" },
	{ WORDS(INT, UNION(S(foo), 1, 8), MEMBER(S(a), 1, 8)), "bit offset 8 in a union" },
	{ WORDS(INT, STRUCT(S(foo), 2, 8), MEMBER(S(a), 1, 32), MEMBER(S(b), 1, 0)),
	  "member 1 'b': bit offset 0 lies before the last one's, 32" },
	{ WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(a), 1, 40)),
	  "bit offset 40 lies outside of 4 bytes" },
	{ WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(a), 1, UINT32_MAX)), "outside of 4 bytes" },
	{ WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(a), 1, 8)), "ends at byte 5 of 4" },
	{ WORDS(INT, STRUCT(S(foo), 1, 7), MEMBER(S(a), 3, 0), PTR(0)), "ends at byte 8 of 7" },
	{ WORDS(INT, STRUCT(S(foo), 1, 9), MEMBER(S(a), 3, 4), PTR(0)),
	  "bit offset 4 is not a byte's" },
	{ WORDS(INT, STRUCT(S(foo), 1, 7), MEMBER(S(a), 3, 0), ARRAY(1, 1, 2)),
	  "ends at byte 8 of 7" },
	{ WORDS(INT, STRUCT(S(foo), 1, 7), MEMBER(S(a), 3, 0), STRUCT(S(bar), 0, 8)),
	  "ends at byte 8 of 7" },
	{ WORDS(INT, STRUCT(S(foo), 1, 1), MEMBER(S(a), 3, 0), ENUM(S(bar), 0, 4)),
	  "ends at byte 4 of 1" },
	{ WORDS(INT, STRUCT(S(foo), 1, 8), MEMBER(S(a), 3, 4), ENUM(S(bar), 0, 4)),
	  "bit offset 4 is not a byte's" },
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 2, 0), FWD(S(bar), 0)),
	  "its type 2 has no size" },
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 2, 0), PROTO(0, 0)), "its type 2 has no size" },
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 2, 0), REF(CONST, 0)),
	  "its type 2 has no size" },
	{ WORDS(INT, STRUCT(S(foo), 1, 8), MEMBER(S(a), 3, 0), VAR(S(a), 1, 0)), "has no size" },
};

static const struct rule bitfields[] = {
	/* As they were written before kind_flag. */
	{ WORDS(INT_(S(int_), 4, 0, 0, 5), STRUCT(0, 1, 1), MEMBER(S(a), 1, 3)), NULL },
	{ WORDS(INT_(S(int_), 4, 0, 3, 5), STRUCT(0, 1, 1), MEMBER(S(a), 1, 0)), NULL },
	{ WORDS(INT_(S(int_), 4, 0, 0, 5), STRUCT(0, 1, 1), MEMBER(S(a), 1, 4)),
	  "ends at byte 2 of 1" },
	{ WORDS(INT_(S(int128), 16, 0, 0, 128), STRUCT(0, 1, 32), MEMBER(S(a), 1, 1)),
	  "needs more than 128 bits" },
	/* With it. */
	{ WORDS(INT, BITS_STRUCT(0, 2, 1), BITS_MEMBER(S(a), 1, 0, 3), BITS_MEMBER(S(b), 1, 3, 5)),
	  NULL },
	{ WORDS(INT, TYPEDEF(S(foo), 1), BITS_STRUCT(0, 1, 1), BITS_MEMBER(S(a), 2, 0, 3)), NULL },
	{ WORDS(INT, BITS_STRUCT(0, 1, 4), BITS_MEMBER(S(a), 1, 0, 0)), NULL },
	{ WORDS(INT, BITS_STRUCT(0, 1, 8), BITS_MEMBER(S(a), 1, 0, 33)),
	  "33 bits of an integer of 32" },
	{ WORDS(INT, BITS_STRUCT(0, 1, 1), BITS_MEMBER(S(a), 1, 5, 4)), "ends at byte 2 of 1" },
	{ WORDS(INT, BITS_STRUCT(0, 1, 8), BITS_MEMBER(S(a), 1, 5, 0)),
	  "bit offset 5 is not a byte's" },
	{ WORDS(INT_(S(int_), 4, 0, 0, 5), BITS_STRUCT(0, 1, 4), BITS_MEMBER(S(a), 1, 0, 3)),
	  "its type 1 is a bitfield itself" },
	{ WORDS(INT_(S(int128), 16, 0, 0, 128), BITS_STRUCT(0, 1, 32),
		BITS_MEMBER(S(a), 1, 1, 128)),
	  "needs more than 128 bits" },
	{ WORDS(PTR(0), BITS_STRUCT(0, 1, 8), BITS_MEMBER(S(a), 1, 0, 3)), "a bitfield of PTR" },
	{ WORDS(STRUCT(0, 0, 4), BITS_STRUCT(0, 1, 8), BITS_MEMBER(S(a), 1, 0, 3)),
	  "a bitfield of STRUCT" },
	{ WORDS(INT, ARRAY(1, 1, 2), BITS_STRUCT(0, 1, 8), BITS_MEMBER(S(a), 2, 0, 3)),
	  "a bitfield of ARRAY" },
	{ WORDS(ENUM(0, 0, 4), BITS_STRUCT(0, 1, 4), BITS_MEMBER(S(a), 1, 3, 2)), NULL },
	{ WORDS(ENUM(0, 0, 4), BITS_STRUCT(0, 1, 5), BITS_MEMBER(S(a), 1, 0, 33)),
	  "33 bits of an enum of 4 bytes" },
	{ WORDS(ENUM(0, 0, 4), BITS_STRUCT(0, 1, 1), BITS_MEMBER(S(a), 1, 7, 2)),
	  "ends at byte 2 of 1" },
	{ WORDS(ENUM64(0, 0, 8), BITS_STRUCT(0, 1, 7), BITS_MEMBER(S(a), 1, 0, 0)),
	  "ends at byte 8 of 7" },
	{ WORDS(INT, TYPE(S(foo), UNION, 1, 1, 4), BITS_MEMBER(S(a), 1, 1, 3)),
	  "bit offset 1 in a union" },
};

static const struct rule enums[] = {
	{ WORDS(ENUM(0, 0, 4)), NULL },
	{ WORDS(ENUM(S(foo), 2, 1), VALUE(S(a), 1), VALUE(S(b), 2)), NULL },
	{ WORDS(TYPE(S(foo), ENUM, 1, 1, 8), VALUE(S(a), -1)), NULL },
	{ WORDS(ENUM64(S(foo), 1, 8), VALUE64(S(a), 1, 2)), NULL },
	{ WORDS(ENUM(S(foo), 0, 3)), "3 bytes are no enum's size" },
	{ WORDS(ENUM(S(foo), 0, 0)), "0 bytes are no enum's size" },
	{ WORDS(ENUM(S(foo), 0, 16)), "16 bytes are no enum's size" },
	{ WORDS(ENUM64(S(foo), 0, 12)), "12 bytes are no enum's size" },
	{ WORDS(ENUM(S(spaced), 0, 4)), "no identifier" },
	{ WORDS(ENUM64(S(spaced), 0, 8)), "no identifier" },
	{ WORDS(ENUM(S(foo), 2, 4), VALUE(S(a), 1), VALUE(0, 2)), "value 1 '': has no name" },
	{ WORDS(ENUM(S(foo), 1, 4), VALUE(S(digit), 1)),
	  "value 0 '1a': its name is no identifier" },
	{ WORDS(ENUM64(S(foo), 1, 8), VALUE64(0, 1, 0)), "value 0 '': has no name" },
	{ WORDS(ENUM64(S(foo), 2, 8), VALUE64(S(a), 1, 0), VALUE64(S(minus), 1, 0)),
	  "value 1 'a-b': its name is no identifier" },
};

static const struct rule functions[] = {
	{ WORDS(PROTO(0, 0), FUNC(S(foo), BTF_FUNC_GLOBAL, 1)), NULL },
	{ WORDS(INT, PROTO(2, 1), PARAM(S(a), 1), PARAM(S(b), 1), FUNC(S(dotted), 0, 2)), NULL },
	{ WORDS(INT, PROTO(2, 1), PARAM(0, 1), PARAM(0, 1)), NULL },
	{ WORDS(INT, PROTO(2, 1), PARAM(S(a), 1), PARAM(0, 0), FUNC(S(foo), 0, 2)), NULL },
	{ WORDS(PROTO(1, 0), PARAM(0, 0)), NULL },
	{ WORDS(TYPE(S(foo), FUNC_PROTO, 0, 0, 0)), "has a name" },
	{ WORDS(TYPE(0, FUNC_PROTO, 0, 1, 0)), "kind_flag" },
	{ WORDS(PROTO(0, 7)), "returns type 7, which has no size" },
	{ WORDS(PROTO(0, 2), PROTO(0, 0)), "returns type 2, which has no size" },
	{ WORDS(PROTO(0, 2), PROTO(0, 0), FUNC(S(foo), 0, 1), PROTO(0, 3)), "has no size" },
	{ WORDS(PROTO(0, 1)), "returns type 1, which has no size" },
	{ WORDS(INT, VAR(S(a), 1, 0), PROTO(0, 2)), "returns type 2, which has no size" },
	{ WORDS(INT, PROTO(2, 0), PARAM(S(a), 0), PARAM(S(b), 1)), "argument 0 'a': is void" },
	{ WORDS(INT, PROTO(2, 0), PARAM(S(a), 1), PARAM(S(b), 0)),
	  "argument 1 'b': is void, and has a name" },
	{ WORDS(INT, PROTO(1, 0), PARAM(S(digit), 1)),
	  "argument 0 '1a': its name is no identifier" },
	{ WORDS(PROTO(1, 0), PARAM(S(a), 7)), "argument 0 'a': its type 7 has no size" },
	{ WORDS(PROTO(1, 0), PARAM(S(a), 2), REF(CONST, 0)), "its type 2 has no size" },
	{ WORDS(PROTO(1, 0), PARAM(S(a), 2), PROTO(0, 0)), "its type 2 has no size" },
	{ WORDS(INT, VAR(S(a), 1, 0), PROTO(1, 0), PARAM(S(a), 2)), "its type 2 has no size" },
	{ WORDS(PROTO(0, 0), FUNC(0, 0, 1)), "has no name" },
	{ WORDS(PROTO(0, 0), FUNC(S(spaced), 0, 1)), "no identifier" },
	{ WORDS(PROTO(0, 0), FUNC(S(foo), BTF_FUNC_EXTERN, 1)), "linkage 2" },
	{ WORDS(PROTO(0, 0), TYPE(S(foo), FUNC, 0, 1, 1)), "kind_flag" },
	{ WORDS(INT, FUNC(S(foo), 0, 1)), "refers to type 1, which is no FUNC_PROTO" },
	{ WORDS(INT, FUNC(S(foo), 0, 0)), "refers to type 0, which is no FUNC_PROTO" },
};

/* Where the kernel would be narrower if it looked, which for modules it does not: see resolve.c. */
static const struct rule wider[] = {
	{ WORDS(PROTO(0, 2), REF(CONST, 0)), NULL },
	{ WORDS(PROTO(1, 2), PARAM(0, 3), FWD(S(foo), 0), REF(CONST, 2)), NULL },
	{ WORDS(INT, PROTO(1, 0), PARAM(0, 1), FUNC(S(foo), 0, 2)), NULL },
	{ WORDS(FLOAT(S(double_), 8), STRUCT(0, 1, 9), MEMBER(S(a), 1, 8)), NULL },
	{ WORDS(ENUM(0, 0, 1), BITS_STRUCT(0, 1, 1), BITS_MEMBER(S(a), 1, 0, 0)), NULL },
	{ WORDS(ENUM64(0, 0, 8), BITS_STRUCT(0, 1, 8), BITS_MEMBER(S(a), 1, 0, 41)), NULL },
};

static const struct rule variables[] = {
	{ WORDS(INT, VAR(S(foo), 1, 0)), NULL },
	{ WORDS(INT, VAR(S(foo), 1, 1), DATASEC(S(dotted), 1, 8), SECINFO(2, 4, 4)), NULL },
	{ WORDS(INT, VAR(S(foo), 1, 1), DATASEC(S(spaced), 1, 8), SECINFO(2, 4, 4)), NULL },
	{ WORDS(DATASEC(S(foo), 0, 8)), NULL },
	{ WORDS(INT, VAR(0, 1, 0)), "has no name" },
	{ WORDS(INT, VAR(S(digit), 1, 0)), "no identifier" },
	{ WORDS(INT, VAR(S(foo), 0, 0)), "is void" },
	{ WORDS(INT, VAR(S(foo), 1, BTF_VAR_GLOBAL_EXTERN)), "linkage 2" },
	{ WORDS(INT, TYPE(S(foo), VAR, 1, 0, 1), 0), "vlen is 1" },
	{ WORDS(INT, TYPE(S(foo), VAR, 0, 1, 1), 0), "kind_flag" },
	{ WORDS(INT, VAR(S(foo), 9, 0)), "refers to type 9, which does not exist" },
	{ WORDS(INT, VAR(S(foo), 2, 0)), "refers to type 2, a VAR" },
	{ WORDS(FWD(S(bar), 0), VAR(S(foo), 1, 0)), "its type 1 has no size" },
	{ WORDS(REF(CONST, 0), VAR(S(foo), 1, 0)), "its type 1 has no size" },
	{ WORDS(INT, VAR(S(foo), 1, 0), DATASEC(S(a), 1, 0), SECINFO(2, 0, 4)), "size is 0" },
	{ WORDS(INT, VAR(S(foo), 1, 0), TYPE(S(a), DATASEC, 1, 1, 4), SECINFO(2, 0, 4)),
	  "kind_flag" },
	{ WORDS(DATASEC(0, 0, 8)), "has no name" },
	{ WORDS(DATASEC(S(control), 0, 8)), "its name is no section's" },
	{ WORDS(DATASEC(S(len513), 0, 8)), "its name is no section's" },
	{ WORDS(DATASEC(S(a), 1, 8), SECINFO(0, 0, 4)), "variable 0 '': is void" },
	{ WORDS(INT, DATASEC(S(a), 1, 8), SECINFO(1, 0, 4)), "variable 0 'int': type 1 is no VAR" },
	{ WORDS(INT, DATASEC(S(a), 1, 8), SECINFO(9, 0, 4)), "type 9 is no VAR" },
	{ WORDS(INT, VAR(S(foo), 1, 0), DATASEC(S(a), 2, 8), SECINFO(2, 0, 4), SECINFO(2, 3, 4)),
	  "variable 1 'foo': offset 3 lies before the last one's end, 4" },
	{ WORDS(INT, VAR(S(foo), 1, 0), DATASEC(S(a), 1, 8), SECINFO(2, 8, 4)), "lie outside" },
	{ WORDS(INT, VAR(S(foo), 1, 0), DATASEC(S(a), 1, 8), SECINFO(2, 0, 0)), "size is 0" },
	{ WORDS(INT, VAR(S(foo), 1, 0), DATASEC(S(a), 1, 8), SECINFO(2, 0, 9)),
	  "9 bytes at 0 lie outside of the section's 8 bytes" },
	{ WORDS(INT, VAR(S(foo), 1, 0), DATASEC(S(a), 1, UINT32_MAX),
		SECINFO(2, UINT32_MAX - 1, UINT32_MAX)),
	  "lie outside" },
	{ WORDS(INT, VAR(S(foo), 1, 0), DATASEC(S(a), 1, 8), SECINFO(2, 0, 3)),
	  "3 bytes for a type of 4" },
};

static const struct rule tags[] = {
	{ WORDS(INT, STRUCT(S(foo), 1, 4), MEMBER(S(a), 1, 0), DECL_TAG(S(spaced), 2, 0)), NULL },
	{ WORDS(INT, PROTO(1, 0), PARAM(S(a), 1), FUNC(S(foo), 0, 2), DECL_TAG(S(a), 3, 0)), NULL },
	{ WORDS(INT, VAR(S(a), 1, 0), DECL_TAG(S(a), 2, -1)), NULL },
	{ WORDS(INT, TYPEDEF(S(a), 1), DECL_TAG(S(a), 2, -1)), NULL },
	{ WORDS(INT, STRUCT(S(foo), 0, 4), TYPE(S(a), DECL_TAG, 0, 1, 2), UINT32_MAX), NULL },
	{ WORDS(STRUCT(S(foo), 0, 4), DECL_TAG(0, 1, -1)), "has no name" },
	{ WORDS(STRUCT(S(foo), 0, 4), DECL_TAG(S(foo) + 3, 1, -1)), "has no name" },
	{ WORDS(STRUCT(S(foo), 0, 4), TYPE(S(a), DECL_TAG, 1, 0, 1), UINT32_MAX), "vlen is 1" },
	{ WORDS(STRUCT(S(foo), 0, 4), DECL_TAG(S(a), 1, -2)), "component -2" },
	{ WORDS(STRUCT(S(foo), 0, 4), DECL_TAG(S(a), 1, 0)), "type 1 has no component 0" },
	{ WORDS(INT, PROTO(1, 0), PARAM(S(a), 1), FUNC(S(foo), 0, 2), DECL_TAG(S(a), 3, 1)),
	  "type 3 has no component 1" },
	{ WORDS(INT, VAR(S(a), 1, 0), DECL_TAG(S(a), 2, 0)), "has no component 0" },
	{ WORDS(INT, TYPEDEF(S(a), 1), DECL_TAG(S(a), 2, 0)), "has no component 0" },
	{ WORDS(INT, DECL_TAG(S(a), 1, -1)), "refers to type 1, which cannot be tagged" },
	{ WORDS(INT, DECL_TAG(S(a), 9, -1)), "refers to type 9, which cannot be tagged" },
	{ WORDS(PTR(2), TYPE_TAG(S(spaced), 3), REF(CONST, 0)), NULL },
	{ WORDS(INT, PTR(3), TYPE(S(a), TYPE_TAG, 0, 1, 1)), NULL },
	{ WORDS(TYPE_TAG(0, 0)), "has no name" },
	{ WORDS(TYPE_TAG(S(foo) + 3, 0)), "has no name" },
	{ WORDS(TYPE(S(a), TYPE_TAG, 1, 0, 0)), "vlen is 1" },
	{ WORDS(REF(CONST, 2), TYPE_TAG(S(a), 0)), "TYPE_TAG 2 stands behind a modifier" },
	{ WORDS(TYPE_TAG(S(a), 2), REF(CONST, 3), TYPE_TAG(S(a), 0)), "stands behind a modifier" },
	{ WORDS(TYPE_TAG(S(a), 0), TYPEDEF(S(foo), 1)), "stands behind a modifier" },
};

static const struct rule of_split[] = {
	{ WORDS(STRUCT(OWN(own), 1, 4), MEMBER(S(b), 1, 0)), NULL },
	{ WORDS(PTR(2), TYPEDEF(OWN(mine), SMALL_BASE_END)), NULL },
	{ WORDS(FUNC(OWN(own), 1, 5)), NULL },
	{ WORDS(STRUCT(OWN(own), 1, 8), MEMBER(S(a), SMALL_BASE_END + 1, 0), ARRAY(4, 1, 2)),
	  NULL },
	{ WORDS(TYPEDEF(OWN(nothing), 1)), "type 6 TYPEDEF '': its name is no identifier" },
	{ WORDS(TYPE(OWN(nothing), PTR, 0, 0, 0)), "has a name" },
	{ WORDS(PTR(SMALL_BASE_END + 1)), "refers to type 7, which does not exist" },
	{ WORDS(STRUCT(OWN(own), 1, 3), MEMBER(S(a), 4, 0)), "ends at byte 4 of 3" },
	{ WORDS(STRUCT(OWN(own), 1, 3), MEMBER(S(a), 2, 0)), "ends at byte 4 of 3" },
	{ WORDS(STRUCT(OWN(own), 1, 3), MEMBER(S(a), 5, 0)), "its type 5 has no size" },
	{ WORDS(FUNC(OWN(own), 1, 1)), "is no FUNC_PROTO" },
	/* What only a base may have, for its kernel is known to take it. */
	{ WORDS(VAR(OWN(own), 1, 0), DATASEC(S(spaced), 1, 4), SECINFO(SMALL_BASE_END, 0, 4)),
	  "its name is no section's" },
	{ WORDS(TYPE(S(a), TYPE_TAG, 0, 1, 1)), "knows no attributes" },
	{ WORDS(TYPE(S(a), DECL_TAG, 0, 1, 2), UINT32_MAX), "knows no attributes" },
	{ WORDS(FUNC(OWN(own), 0x10000, 5)), "reserved bits are set" },
};

#define RULES(table)                                          \
	{                                                     \
#table, table, sizeof(table) / sizeof(*table) \
	}

static const struct {
	const char *name;
	const struct rule *rules;
	size_t nr;
} groups[] = {
	RULES(integers), RULES(floats),	   RULES(references), RULES(loops), RULES(forwards),
	RULES(arrays),	 RULES(structs),   RULES(bitfields),  RULES(enums), RULES(functions),
	RULES(wider),	 RULES(variables), RULES(tags),
};

/* @where: for the message of a failure */
static void expect(struct buffer *b, const struct btf *base, const char *fault, const char *where,
		   size_t which)
{
	struct error err = ERROR_INIT;
	struct btf btf;
	int ret;

	if (btf_open(&btf, buffer_bytes(b), base, &err))
		fail_msg("%s %zu does not open: %s", where, which, err.text);
	ret = btf_verify(&btf, &err);
	if (!fault && ret)
		fail_msg("%s %zu is refused: %s", where, which, err.text);
	if (fault && !ret)
		fail_msg("%s %zu is accepted, not refused with '%s'", where, which, fault);
	if (fault && !strstr(err.text, fault))
		fail_msg("%s %zu: '%s' does not say '%s'", where, which, err.text, fault);
	assert_int_equal(ret, fault ? -EINVAL : 0);
	assert_int_equal(ret, err.code);
	btf_close(&btf);
	buffer_free(b);
}

static void rules_hold_in_either_byte_order(void **state)
{
	(void)state;
	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++) {
		for (size_t i = 0; i < groups[g].nr; i++) {
			const struct rule *r = &groups[g].rules[i];

			for (int big = 0; big < 2; big++) {
				struct buffer b = fixture_base(r->words, r->nr, big);

				expect(&b, NULL, r->fault, groups[g].name, i);
			}
		}
	}
}

static void rules_hold_over_a_base(void **state)
{
	struct buffer base_bytes = fixture_small_base(false);
	struct btf base;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	assert_int_equal(btf_verify(&base, NULL), 0);
	for (size_t i = 0; i < sizeof(of_split) / sizeof(*of_split); i++) {
		struct buffer b = fixture_split(of_split[i].words, of_split[i].nr, false);

		expect(&b, &base, of_split[i].fault, "of_split", i);
	}
	btf_close(&base);
	buffer_free(&base_bytes);
}

static void a_base_with_attributes_allows_them(void **state)
{
	const uint32_t base_words[] = { INT, TYPE(S(a), TYPE_TAG, 0, 1, 1) };
	const uint32_t own[] = { TYPE(S(b), TYPE_TAG, 0, 1, 1), TYPE(S(c), TYPE_TAG, 0, 1, 1) };
	struct buffer base_bytes = fixture_base(base_words, 7, false);
	struct buffer b = fixture_split(own, 6, false);
	struct btf base;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	expect(&b, &base, NULL, "attributes", 0);
	btf_close(&base);
	buffer_free(&base_bytes);
}

static void a_distilled_base_does_not_forbid_attributes(void **state)
{
	const uint32_t base_words[] = { INT, STRUCT(S(foo), 0, 4) };
	const uint32_t own[] = { TYPE(S(b), TYPE_TAG, 0, 1, 1) };
	struct buffer base_bytes = fixture_base(base_words, 7, false);
	struct buffer b = fixture_split(own, 3, false);
	struct btf base;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	expect(&b, &base, NULL, "attributes", 0);
	btf_close(&base);
	buffer_free(&base_bytes);
}

/* A pointer takes 4 bytes where C's long does. */
static void pointers_are_as_large_as_long(void **state)
{
	const uint32_t words[] = {
		INT_(S(long_), 4, 1, 0, 32),
		PTR(0),
		STRUCT(S(foo), 1, 4),
		MEMBER(S(a), 2, 0),
	};
	struct buffer b = fixture_base(words, sizeof(words) / sizeof(*words), false);

	(void)state;
	expect(&b, NULL, NULL, "pointers", 0);
}

/* @depth structs, each but the last holding the next. */
static struct buffer nested(uint32_t depth)
{
	uint32_t *words = malloc(depth * 6 * sizeof(*words));
	struct buffer b;
	uint32_t nr = 0;

	for (uint32_t i = 1; i <= depth; i++) {
		const uint32_t holds[] = { STRUCT(0, 1, 4), MEMBER(S(a), i + 1, 0) };
		const uint32_t last[] = { STRUCT(0, 0, 4) };

		memcpy(words + nr, i < depth ? holds : last,
		       i < depth ? sizeof(holds) : sizeof(last));
		nr += i < depth ? 6 : 3;
	}
	b = fixture_base(words, nr, false);
	free(words);
	return b;
}

static void types_nest_32_deep(void **state)
{
	struct buffer deep = nested(32), deeper = nested(33);

	(void)state;
	expect(&deep, NULL, NULL, "depth", 32);
	expect(&deeper, NULL, "nested more than 32 types deep", "depth", 33);
}

/* A chain is followed to the first modifier that is known already, so the order decides. */
static void modifiers_chain_32_long(void **state)
{
	uint32_t words[3 * 33];
	struct buffer b;

	(void)state;
	for (uint32_t i = 0; i < 33; i++)
		memcpy(words + 3 * i, (uint32_t[]){ REF(CONST, i) }, 12);
	b = fixture_base(words, 3 * 33, false);
	expect(&b, NULL, NULL, "chain", 33);
	for (uint32_t i = 0; i < 33; i++)
		memcpy(words + 3 * i, (uint32_t[]){ REF(CONST, (i + 2) % 34) }, 12);
	b = fixture_base(words, 3 * 33, false);
	expect(&b, NULL, "more than 32", "chain", 33);
}

/*
 * Header of @hdr_len bytes, zero beyond what is known, then types at @type_off, strings, @rest
 * bytes.
 */
static struct buffer laid_out(uint32_t hdr_len, uint32_t type_off, uint32_t str_off, uint32_t rest)
{
	const struct fixture_strings s = fixture_strings();
	const uint32_t words[] = { INT_(S(int_), 4, 0, 0, 32) };
	const uint32_t body = (type_off > str_off ? type_off + (uint32_t)sizeof(words) :
						    str_off + (uint32_t)sizeof(s));
	struct buffer b = { calloc(1, hdr_len + body + rest), hdr_len + body + rest };
	const uint32_t header[] = { hdr_len, type_off, sizeof(words), str_off, sizeof(s) };

	store_u32(b.data, 0x0001eb9f, false);
	for (size_t i = 0; i < 5; i++)
		store_u32(b.data + 4 + 4 * i, header[i], false);
	for (size_t i = 0; i < 4; i++)
		store_u32(b.data + hdr_len + type_off + 4 * i, words[i], false);
	memcpy(b.data + hdr_len + str_off, &s, sizeof(s));
	return b;
}

static void sections_cover_everything_once(void **state)
{
	const uint32_t strings = sizeof(struct fixture_strings);
	struct buffer b;

	(void)state;
	b = laid_out(24, 0, 16, 0);
	expect(&b, NULL, NULL, "plain", 0);
	b = laid_out(64, 0, 16, 0);
	expect(&b, NULL, NULL, "long header of zeros", 0);
	b = laid_out(64, 0, 16, 0);
	b.data[63] = 1;
	expect(&b, NULL, "unknown field at byte 63", "long header", 0);
	b = laid_out(24, 4, 20, 0);
	expect(&b, NULL, "a gap", "gap in front", 0);
	b = laid_out(24, 0, 20, 0);
	expect(&b, NULL, "a gap", "gap between", 0);
	b = laid_out(24, 0, 16, 4);
	expect(&b, NULL, "sections end at", "rest behind", 0);
	b = laid_out(24, (strings + 3) / 4 * 4, 0, 0);
	expect(&b, NULL, strings % 4 ? "a gap" : "not at the end", "strings first", 0);
	b = laid_out(24, 2, 18, 0);
	expect(&b, NULL, "not aligned to 4", "unaligned", 0);
	b = laid_out(24, 0, 16, 0);
	b.data[3] = 1;
	expect(&b, NULL, "unknown flags 0x1", "flags", 0);
	/* Names begin at the last type's last byte, which is 0. */
	b = laid_out(24, 0, 16, 0);
	store_u32(b.data + 16, 15, false);
	store_u32(b.data + 20, strings + 1, false);
	expect(&b, NULL, "overlaps", "overlap", 0);
}

static void limits_are_the_kernels(void **state)
{
	struct buffer b = fixture_base(NULL, 0, false);
	const size_t strings_len = BTF_MAX_NAME_OFFSET + 2;
	char *strings = calloc(1, strings_len);
	const uint32_t words[] = { INT_(0, 4, 0, 0, 32) };
	uint32_t *pointers;

	(void)state;
	expect(&b, NULL, "no types", "empty", 0);
	b = fixture_wrap(words, sizeof(words), strings, strings_len - 1, false);
	expect(&b, NULL, NULL, "strings", 0);
	b = fixture_wrap(words, sizeof(words), strings, strings_len, false);
	expect(&b, NULL, "above the limit", "strings", 1);
	free(strings);

	pointers = malloc((size_t)BTF_MAX_TYPE * 12);
	for (uint32_t i = 0; i < BTF_MAX_TYPE; i++)
		memcpy(pointers + 3 * (size_t)i, (uint32_t[]){ PTR(0) }, 12);
	b = fixture_base(pointers, 3 * (size_t)(BTF_MAX_TYPE - 1), false);
	expect(&b, NULL, NULL, "types", 0);
	b = fixture_base(pointers, 3 * (size_t)BTF_MAX_TYPE, false);
	expect(&b, NULL, "more than", "types", 1);
	free(pointers);
}

static void a_layout_section_needs_one_in_the_base(void **state)
{
	const uint32_t words[] = { PTR(0) };
	struct buffer base_bytes = fixture_small_base(false);
	struct buffer b = fixture_split(words, 3, false), longer;
	struct btf base;

	(void)state;
	assert_int_equal(btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL), 0);
	longer = (struct buffer){ calloc(1, b.size + 12), b.size + 12 };
	memcpy(longer.data, b.data, BTF_HEADER_LEN);
	memcpy(longer.data + 32, b.data + BTF_HEADER_LEN, b.size - BTF_HEADER_LEN);
	store_u32(longer.data + 4, 32, false);
	store_u32(longer.data + 24, (uint32_t)b.size - BTF_HEADER_LEN, false);
	store_u32(longer.data + 28, 4, false);
	buffer_free(&b);
	base.layout_len = 4;
	b = (struct buffer){ malloc(longer.size), longer.size };
	memcpy(b.data, longer.data, longer.size);
	expect(&b, &base, NULL, "layout", 0);
	base.layout_len = 0;
	expect(&longer, &base, "base's kernel does not know", "layout", 1);
	btf_close(&base);
	buffer_free(&base_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_hold_in_either_byte_order),
		cmocka_unit_test(rules_hold_over_a_base),
		cmocka_unit_test(a_base_with_attributes_allows_them),
		cmocka_unit_test(a_distilled_base_does_not_forbid_attributes),
		cmocka_unit_test(pointers_are_as_large_as_long),
		cmocka_unit_test(types_nest_32_deep),
		cmocka_unit_test(modifiers_chain_32_long),
		cmocka_unit_test(sections_cover_everything_once),
		cmocka_unit_test(limits_are_the_kernels),
		cmocka_unit_test(a_layout_section_needs_one_in_the_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
