// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw text as bpftool prints it, kind by kind, and C: its words, its order, and that a compiler
 * gives each struct the size and the offsets that BTF says.
 */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "btf/print.h"
#include "btf/verify.h"

typedef int (*printer)(const struct btf *btf, FILE *out, struct error *err);

/* The text, to be freed; fails the test if there is none. */
static char *printed(printer print, const struct btf *btf)
{
	struct error err = ERROR_INIT;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	if (print(btf, out, &err))
		fail_msg("%s", err.text);
	fclose(out);
	return text;
}

static void opens_sound(struct btf *btf, const struct buffer *b, const struct btf *base)
{
	struct error err = ERROR_INIT;

	if (btf_open(btf, buffer_bytes(b), base, &err) || btf_verify(btf, &err))
		fail_msg("%s", err.text);
}

static void prints(printer print, const uint32_t *words, size_t nr, const char *expected)
{
	for (int big = 0; big < 2; big++) {
		struct buffer b = fixture_base(words, nr, big);
		struct btf btf;
		char *text;

		opens_sound(&btf, &b, NULL);
		text = printed(print, &btf);
		assert_string_equal(text, expected);
		free(text);
		btf_close(&btf);
		buffer_free(&b);
	}
}

static const struct {
	const uint32_t *words;
	size_t nr;
	const char *text;
} raw[] = {
	{ WORDS(INT), "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n" },
	{ WORDS(INT_(0, 4, 0, 3, 5)),
	  "[1] INT '(anon)' size=4 bits_offset=3 nr_bits=5 encoding=(none)\n" },
	{ WORDS(INT_(S(char_), 1, BTF_INT_CHAR, 0, 8), INT_(S(bool_), 1, BTF_INT_BOOL, 0, 8)),
	  "[1] INT 'char' size=1 bits_offset=0 nr_bits=8 encoding=CHAR\n"
	  "[2] INT '_Bool' size=1 bits_offset=0 nr_bits=8 encoding=BOOL\n" },
	{ WORDS(INT_(S(control), 1, 0, 0, 8)),
	  "[1] INT 'a?b' size=1 bits_offset=0 nr_bits=8 encoding=(none)\n" },
	{ WORDS(PTR(0), REF(CONST, 0), REF(VOLATILE, 2), REF(RESTRICT, 1)),
	  "[1] PTR '(anon)' type_id=0\n[2] CONST '(anon)' type_id=0\n"
	  "[3] VOLATILE '(anon)' type_id=2\n[4] RESTRICT '(anon)' type_id=1\n" },
	{ WORDS(TYPEDEF(S(foo), 0), TYPE_TAG(S(bar), 0)),
	  "[1] TYPEDEF 'foo' type_id=0\n[2] TYPE_TAG 'bar' type_id=0\n" },
	{ WORDS(INT, ARRAY(1, 1, 7)),
	  "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n"
	  "[2] ARRAY '(anon)' type_id=1 index_type_id=1 nr_elems=7\n" },
	{ WORDS(PTR(0), STRUCT(S(foo), 2, 16), MEMBER(S(a), 1, 0), MEMBER(0, 1, 64)),
	  "[1] PTR '(anon)' type_id=0\n[2] STRUCT 'foo' size=16 vlen=2\n"
	  "\t'a' type_id=1 bits_offset=0\n\t'(anon)' type_id=1 bits_offset=64\n" },
	{ WORDS(ENUM(0, 0, 4), BITS_STRUCT(0, 2, 4), BITS_MEMBER(S(a), 1, 0, 3),
		BITS_MEMBER(S(b), 1, 3, 2)),
	  "[1] ENUM '(anon)' encoding=UNSIGNED size=4 vlen=0\n"
	  "[2] STRUCT '(anon)' size=4 vlen=2\n\t'a' type_id=1 bits_offset=0 bitfield_size=3\n"
	  "\t'b' type_id=1 bits_offset=3 bitfield_size=2\n" },
	{ WORDS(PTR(0), UNION(S(foo), 1, 8), MEMBER(S(a), 1, 0)),
	  "[1] PTR '(anon)' type_id=0\n[2] UNION 'foo' size=8 vlen=1\n"
	  "\t'a' type_id=1 bits_offset=0\n" },
	{ WORDS(ENUM(S(foo), 1, 4), VALUE(S(a), -1), TYPE(S(bar), ENUM, 1, 1, 1), VALUE(S(b), -1)),
	  "[1] ENUM 'foo' encoding=UNSIGNED size=4 vlen=1\n\t'a' val=4294967295\n"
	  "[2] ENUM 'bar' encoding=SIGNED size=1 vlen=1\n\t'b' val=-1\n" },
	{ WORDS(ENUM64(S(foo), 1, 8), VALUE64(S(a), 1, 2), TYPE(S(bar), ENUM64, 1, 1, 8),
		VALUE64(S(b), UINT32_MAX, UINT32_MAX)),
	  "[1] ENUM64 'foo' encoding=UNSIGNED size=8 vlen=1\n\t'a' val=8589934593ULL\n"
	  "[2] ENUM64 'bar' encoding=SIGNED size=8 vlen=1\n\t'b' val=-1LL\n" },
	{ WORDS(FWD(S(foo), 0), FWD(S(bar), 1)),
	  "[1] FWD 'foo' fwd_kind=struct\n[2] FWD 'bar' fwd_kind=union\n" },
	{ WORDS(PTR(0), PROTO(2, 1), PARAM(S(a), 1), PARAM(0, 0), FUNC(S(foo), 1, 2),
		FUNC(S(bar), 0, 2)),
	  "[1] PTR '(anon)' type_id=0\n[2] FUNC_PROTO '(anon)' ret_type_id=1 vlen=2\n"
	  "\t'a' type_id=1\n\t'(anon)' type_id=0\n[3] FUNC 'foo' type_id=2 linkage=global\n"
	  "[4] FUNC 'bar' type_id=2 linkage=static\n" },
	{ WORDS(PTR(0), VAR(S(foo), 1, 1), DATASEC(S(dotted), 1, 16), SECINFO(2, 8, 8)),
	  "[1] PTR '(anon)' type_id=0\n[2] VAR 'foo' type_id=1, linkage=global\n"
	  "[3] DATASEC 'foo.bar' size=16 vlen=1\n\ttype_id=2 offset=8 size=8 (VAR 'foo')\n" },
	{ WORDS(FLOAT(S(double_), 8)), "[1] FLOAT 'double' size=8\n" },
	{ WORDS(STRUCT(S(foo), 0, 0), DECL_TAG(S(bar), 1, -1)),
	  "[1] STRUCT 'foo' size=0 vlen=0\n[2] DECL_TAG 'bar' type_id=1 component_idx=-1\n" },
};

static void raw_is_bpftools(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(raw) / sizeof(*raw); i++)
		prints(btf_print_raw, raw[i].words, raw[i].nr, raw[i].text);
}

static const struct {
	const uint32_t *words;
	size_t nr;
	const char *text;
} in_c[] = {
	/* declarations */
	{ WORDS(INT, TYPEDEF(S(foo), 1)), "typedef int foo;\n\n" },
	{ WORDS(INT, REF(CONST, 1), PTR(2), REF(CONST, 3), TYPEDEF(S(foo), 4)),
	  "typedef const int *const foo;\n\n" },
	{ WORDS(INT, ARRAY(1, 1, 2), ARRAY(2, 1, 3), PTR(3), ARRAY(4, 1, 5), TYPEDEF(S(foo), 5)),
	  "typedef int (*foo[5])[3][2];\n\n" },
	{ WORDS(INT, PROTO(2, 1), PARAM(S(a), 1), PARAM(0, 0), PTR(2), TYPEDEF(S(foo), 3)),
	  "typedef int (*foo)(int a, ...);\n\n" },
	{ WORDS(PROTO(0, 0), PTR(1), PROTO(1, 2), PARAM(0, 2), TYPEDEF(S(foo), 3)),
	  "typedef void (*foo(void (*)(void)))(void);\n\n" },
	{ WORDS(PROTO(1, 0), PARAM(0, 0), TYPEDEF(S(foo), 1)), "typedef void foo();\n\n" },
	{ WORDS(INT, TYPE_TAG(S(bar), 1), PTR(2), REF(RESTRICT, 3), TYPEDEF(S(foo), 4)),
	  "typedef int *restrict foo;\n\n" },
	{ WORDS(INT, TYPEDEF(S(va_list_), 1)), "" },
	/* order */
	{ WORDS(STRUCT(S(foo), 1, 4), MEMBER(S(a), 2, 0), STRUCT(S(bar), 1, 4), MEMBER(S(b), 3, 0),
		INT),
	  "struct bar {\n\tint b;\n};\n\nstruct foo {\n\tstruct bar a;\n};\n\n" },
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 2, 0), PTR(3), STRUCT(S(bar), 1, 8),
		MEMBER(S(b), 4, 0), PTR(1)),
	  "struct bar;\n\nstruct foo {\n\tstruct bar *a;\n};\n\nstruct bar {\n\tstruct foo *b;\n};\n\n" },
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 2, 0), PTR(3), TYPEDEF(S(bar), 1)),
	  "struct foo;\n\ntypedef struct foo bar;\n\nstruct foo {\n\tbar *a;\n};\n\n" },
	{ WORDS(TYPEDEF(S(bar), 2), STRUCT(0, 1, 8), MEMBER(S(a), 3, 0), PTR(4), FWD(S(foo), 1)),
	  "union foo;\n\ntypedef struct {\n\tunion foo *a;\n} bar;\n\n" },
	/* what has no name */
	{ WORDS(INT, UNION(0, 1, 4), MEMBER(S(a), 1, 0), STRUCT(S(foo), 2, 8), MEMBER(0, 2, 0),
		MEMBER(S(b), 2, 32)),
	  "struct foo {\n\tunion {\n\t\tint a;\n\t};\n\tunion {\n\t\tint a;\n\t} b;\n};\n\n" },
	{ WORDS(INT, STRUCT(S(bar), 1, 4), MEMBER(S(a), 1, 0), STRUCT(S(foo), 1, 4),
		MEMBER(0, 2, 0)),
	  "struct bar {\n\tint a;\n};\n\nstruct foo {\n\tstruct {\n\t\tint a;\n\t};\n};\n\n" },
	/* enums */
	{ WORDS(ENUM(S(foo), 2, 4), VALUE(S(a), 0), VALUE(S(b), -1)),
	  "enum foo {\n\ta = 0,\n\tb = 4294967295,\n};\n\n" },
	{ WORDS(TYPE(S(foo), ENUM, 1, 1, 1), VALUE(S(a), -1)),
	  "enum foo {\n\ta = -1,\n} __attribute__((mode(QI)));\n\n" },
	{ WORDS(ENUM64(S(foo), 1, 8), VALUE64(S(a), 0, 1)),
	  "enum foo {\n\ta = 4294967296ULL,\n} __attribute__((mode(DI)));\n\n" },
	{ WORDS(ENUM(S(foo), 0, 4)), "enum foo;\n\n" },
	{ WORDS(ENUM(0, 1, 4), VALUE(S(a), 7)), "enum {\n\ta = 7,\n};\n\n" },
	/* two of one name */
	{ WORDS(STRUCT(S(foo), 0, 0), STRUCT(S(foo), 0, 0), UNION(S(foo), 0, 0),
		TYPEDEF(S(foo), 2)),
	  "struct foo {\n};\n\nstruct foo___2 {\n};\n\nunion foo___3 {\n};\n\n"
	  "typedef struct foo___2 foo;\n\n" },
	{ WORDS(ENUM(S(bar), 1, 4), VALUE(S(a), 0), ENUM(S(baz), 1, 4), VALUE(S(a), 0),
		TYPEDEF(S(a), 0)),
	  "enum bar {\n\ta = 0,\n};\n\nenum baz {\n\ta___2 = 0,\n};\n\ntypedef void a___3;\n\n" },
	{ WORDS(FWD(S(foo), 0), STRUCT(S(foo), 0, 0)), "struct foo;\n\nstruct foo {\n};\n\n" },
	{ WORDS(FWD(S(foo), 1), STRUCT(S(foo), 0, 0)), "union foo;\n\nstruct foo___2 {\n};\n\n" },
	/* names that C cannot have */
	{ WORDS(INT, STRUCT(S(dotted), 1, 4), MEMBER(S(dotted), 1, 0)),
	  "struct foo_bar {\n\tint foo_bar;\n};\n\n" },
};

static void c_reads_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(in_c) / sizeof(*in_c); i++)
		prints(btf_print_c, in_c[i].words, in_c[i].nr, in_c[i].text);
}

#define SHORT INT_(S(bar), 2, 0, 0, 16)

/* Asserts that the compiler checks: on struct foo, whose members are a, b, c, d. */
static const struct {
	const uint32_t *words;
	size_t nr;
	const char *asserts;
} layouts[] = {
	/* natural, and with the padding that it has by itself */
	{ WORDS(INT, CHAR, STRUCT(S(foo), 2, 8), MEMBER(S(a), 2, 0), MEMBER(S(b), 1, 32)),
	  "SIZE(8) AT(b, 4)" },
	/* a gap that an alignment left */
	{ WORDS(INT, CHAR, STRUCT(S(foo), 2, 64), MEMBER(S(a), 1, 0), MEMBER(S(b), 1, 128)),
	  "SIZE(64) AT(b, 16)" },
	{ WORDS(CHAR, STRUCT(S(foo), 2, 4096), MEMBER(S(a), 1, 0), MEMBER(S(b), 1, 8 * 2048)),
	  "SIZE(4096) AT(b, 2048)" },
	/* packed, by offset, by size, by what it contains */
	{ WORDS(INT, CHAR, STRUCT(S(foo), 2, 5), MEMBER(S(a), 2, 0), MEMBER(S(b), 1, 8)),
	  "SIZE(5) AT(b, 1)" },
	{ WORDS(INT, CHAR, STRUCT(S(foo), 2, 5), MEMBER(S(a), 1, 0), MEMBER(S(b), 2, 32)),
	  "SIZE(5) AT(b, 4)" },
	{ WORDS(INT, CHAR, STRUCT(S(bar), 1, 4), MEMBER(S(a), 1, 0), STRUCT(S(foo), 2, 6),
		MEMBER(S(a), 2, 0), MEMBER(S(b), 3, 16)),
	  "SIZE(6) AT(b, 2)" },
	/* arrays without elements, also before padding */
	{ WORDS(INT, CHAR, ARRAY(2, 1, 0), STRUCT(S(foo), 2, 4), MEMBER(S(a), 1, 0),
		MEMBER(S(b), 3, 32)),
	  "SIZE(4) AT(b, 4)" },
	{ WORDS(INT, CHAR, ARRAY(2, 1, 0), STRUCT(S(foo), 2, 16), MEMBER(S(a), 1, 0),
		MEMBER(S(b), 3, 32)),
	  "SIZE(16) AT(b, 4)" },
	/* unions */
	{ WORDS(INT, CHAR, UNION(S(foo), 2, 4), MEMBER(S(a), 2, 0), MEMBER(S(b), 1, 0)),
	  "SIZE(4)" },
	{ WORDS(INT, UNION(S(foo), 1, 64), MEMBER(S(a), 1, 0)), "SIZE(64)" },
	{ WORDS(INT, CHAR, ARRAY(2, 1, 5), UNION(S(foo), 2, 5), MEMBER(S(a), 1, 0),
		MEMBER(S(b), 3, 0)),
	  "SIZE(5)" },
	/* bytes without members */
	{ WORDS(STRUCT(S(foo), 0, 24)), "SIZE(24)" },
	{ WORDS(UNION(S(foo), 0, 3)), "SIZE(3)" },
	/* members that overlap */
	{ WORDS(INT, STRUCT(S(foo), 2, 8), MEMBER(S(a), 1, 0), MEMBER(S(b), 1, 16)), "SIZE(8)" },
	/* bitfields */
	{ WORDS(INT, BITS_STRUCT(S(foo), 3, 4), BITS_MEMBER(S(a), 1, 0, 3),
		BITS_MEMBER(S(b), 1, 3, 5), BITS_MEMBER(S(c), 1, 8, 24)),
	  "SIZE(4) BITS(a, 0, 3) BITS(b, 3, 5) BITS(c, 8, 24)" },
	{ WORDS(INT, CHAR, BITS_STRUCT(S(foo), 3, 12), BITS_MEMBER(S(a), 1, 0, 3),
		BITS_MEMBER(S(b), 1, 32, 30), BITS_MEMBER(S(c), 1, 64, 4)),
	  "SIZE(12) BITS(a, 0, 3) BITS(b, 32, 30) BITS(c, 64, 4)" },
	{ WORDS(INT, CHAR, BITS_STRUCT(S(foo), 3, 4), BITS_MEMBER(S(a), 2, 0, 0),
		BITS_MEMBER(S(b), 1, 9, 7), BITS_MEMBER(S(c), 2, 24, 0)),
	  "SIZE(4) BITS(b, 9, 7) AT(c, 3)" },
	{ WORDS(INT, CHAR, BITS_STRUCT(S(foo), 3, 5), BITS_MEMBER(S(a), 1, 0, 7),
		BITS_MEMBER(S(b), 1, 7, 30), BITS_MEMBER(S(c), 2, 37, 3)),
	  "SIZE(5) BITS(a, 0, 7) BITS(b, 7, 30) BITS(c, 37, 3)" },
	{ WORDS(INT, BITS_STRUCT(S(foo), 2, 4096), BITS_MEMBER(S(a), 1, 0, 3),
		BITS_MEMBER(S(b), 1, 16391, 30)),
	  "SIZE(4096) BITS(a, 0, 3) BITS(b, 16391, 30)" },
	{ WORDS(INT, LONG, BITS_STRUCT(S(foo), 2, 16), BITS_MEMBER(S(a), 2, 0, 40),
		BITS_MEMBER(S(b), 2, 64, 40)),
	  "SIZE(16) BITS(a, 0, 40) BITS(b, 64, 40)" },
	{ WORDS(INT_(S(int_), 4, 0, 0, 5), INT_(S(char_), 1, 0, 2, 3), STRUCT(S(foo), 2, 4),
		MEMBER(S(a), 1, 0), MEMBER(S(b), 2, 8)),
	  "SIZE(4) BITS(a, 0, 5) BITS(b, 10, 3)" },
	{ WORDS(INT, TYPE(S(foo), UNION, 2, 1, 4), BITS_MEMBER(S(a), 1, 0, 3),
		BITS_MEMBER(S(b), 1, 0, 9)),
	  "SIZE(4) BITS(a, 0, 3) BITS(b, 0, 9)" },
	/* enums of all sizes, large integers */
	{ WORDS(ENUM(S(bar), 1, 1), VALUE(S(spaced) + 2, 255), ENUM(S(baz), 1, 2), VALUE(S(b), 1),
		ENUM64(S(dotted), 1, 8), VALUE64(S(c), 0, 1), STRUCT(S(foo), 3, 16),
		MEMBER(S(a), 1, 0), MEMBER(S(b), 2, 16), MEMBER(S(c), 3, 64)),
	  "SIZE(16) AT(b, 2) AT(c, 8)" },
	{ WORDS(INT_(S(int128), 16, 1, 0, 128), CHAR, STRUCT(S(foo), 2, 32), MEMBER(S(a), 2, 0),
		MEMBER(S(b), 1, 128)),
	  "SIZE(32) AT(b, 16)" },
	{ WORDS(FLOAT(S(double_), 8), CHAR, STRUCT(S(foo), 2, 16), MEMBER(S(a), 2, 0),
		MEMBER(S(b), 1, 64)),
	  "SIZE(16) AT(b, 8)" },
};

/*
 * The bits of a bitfield are those that change when it is set. The machine that runs this counts
 * them as BTF does if it is little endian.
 */
static const char checks[] =
	"#define SIZE(n) if (sizeof(T) != (n)) return 1;\n"
	"#define AT(m, n) if (__builtin_offsetof(T, m) != (n)) return 2;\n"
	"#define BITS(m, at, nr) { \\\n"
	"	union { T t; unsigned char bytes[sizeof(T)]; } u = { .bytes = { 0 } }; \\\n"
	"	u.t.m = -1; \\\n"
	"	for (unsigned int i = 0; i < 8 * sizeof(T); i++) \\\n"
	"		if ((u.bytes[i / 8] >> i % 8 & 1) != (i >= (at) && i < (at) + (nr))) \\\n"
	"			return 3; }\n";

static void compile_and_run(const char *text, const char *asserts, bool is_union, size_t which)
{
	char dir[] = "/tmp/modbtf-print.XXXXXX", command[128];
	FILE *cc;
	int status;

	assert_non_null(mkdtemp(dir));
	snprintf(command, sizeof(command), "cc -std=gnu11 -w -x c -o %s/run - && %s/run", dir, dir);
	cc = popen(command, "w");
	assert_non_null(cc);
	fprintf(cc, "%s\ntypedef %s foo T;\n%sint main(void) { %s return 0; }\n", text,
		is_union ? "union" : "struct", checks, asserts);
	status = pclose(cc);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	if (system(command) || status)
		fail_msg("layout %zu: a compiler has it otherwise (%s, status %d):\n%s", which,
			 asserts, status >> 8, text);
}

static void compilers_lay_it_out_as_btf_says(void **state)
{
	(void)state;
	if (host_big_endian() || system("cc --version >/dev/null 2>&1"))
		skip();
	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		struct buffer b = fixture_base(layouts[i].words, layouts[i].nr, false);
		struct btf btf;
		char *text;

		opens_sound(&btf, &b, NULL);
		text = printed(btf_print_c, &btf);
		compile_and_run(text, layouts[i].asserts, !!strstr(text, "union foo {"), i);
		free(text);
		btf_close(&btf);
		buffer_free(&b);
	}
}

static void split_prints_what_it_needs_of_the_base(void **state)
{
	const uint32_t own[] = {
		STRUCT(OWN(own), 2, 16),
		MEMBER(S(a), 2, 0),
		MEMBER(S(b), SMALL_BASE_END + 1, 64),
		PTR(SMALL_BASE_END + 2),
		STRUCT(OWN(mine), 0, 0),
	};
	struct buffer base_bytes = fixture_small_base(false);
	struct buffer b = fixture_split(own, sizeof(own) / sizeof(*own), false);
	struct btf base, btf;
	char *text;

	(void)state;
	opens_sound(&base, &base_bytes, NULL);
	opens_sound(&btf, &b, &base);
	text = printed(btf_print_raw, &btf);
	assert_string_equal(text, "[6] STRUCT 'own' size=16 vlen=2\n\t'a' type_id=2 bits_offset=0\n"
				  "\t'b' type_id=7 bits_offset=64\n[7] PTR '(anon)' type_id=8\n"
				  "[8] STRUCT 'mine' size=0 vlen=0\n");
	free(text);
	text = printed(btf_print_c, &btf);
	assert_string_equal(text, "struct foo {\n\tint a;\n};\n\nstruct mine;\n\n"
				  "struct own {\n\tstruct foo a;\n"
				  "\tstruct mine *b;\n};\n\nstruct mine {\n};\n\n");
	free(text);
	btf_close(&btf);
	btf_close(&base);
	buffer_free(&b);
	buffer_free(&base_bytes);
}

static const struct {
	const uint32_t *words;
	size_t nr;
} endless[] = {
	/* A function that takes pointers to such functions; verification lets it pass. */
	{ WORDS(PROTO(1, 0), PARAM(S(a), 2), PTR(1), TYPEDEF(S(foo), 2)) },
	/* A typedef whose struct has no name to refer to. */
	{ WORDS(TYPEDEF(S(foo), 2), STRUCT(0, 1, 8), MEMBER(S(a), 3, 0), PTR(1)) },
	/* A struct without a name that points to itself. */
	{ WORDS(STRUCT(0, 1, 8), MEMBER(S(a), 2, 0), PTR(1), TYPEDEF(S(foo), 1)) },
};

static void c_of_what_has_no_end_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(endless) / sizeof(*endless); i++) {
		struct buffer b = fixture_base(endless[i].words, endless[i].nr, false);
		struct error err = ERROR_INIT;
		struct btf btf;
		FILE *out = fopen("/dev/null", "w");

		opens_sound(&btf, &b, NULL);
		assert_int_equal(btf_print_c(&btf, out, &err), -EINVAL);
		assert_non_null(strstr(err.text, "type "));
		fclose(out);
		btf_close(&btf);
		buffer_free(&b);
	}
}

/* Each struct holds the next one twice, none has a name: 2^30 would have to be written. */
static void c_does_not_explode(void **state)
{
	uint32_t words[29 * 9 + 3 + 3], nr = 0;
	struct error err = ERROR_INIT;
	struct buffer b;
	struct btf btf;
	FILE *out = fopen("/dev/null", "w");

	(void)state;
	for (uint32_t i = 1; i < 30; i++) {
		const uint32_t two[] = { UNION(0, 2, 0), MEMBER(S(a), i + 1, 0),
					 MEMBER(S(b), i + 1, 0) };

		memcpy(words + nr, two, sizeof(two));
		nr += 9;
	}
	memcpy(words + nr, (uint32_t[]){ STRUCT(0, 0, 0), TYPEDEF(S(foo), 1) }, 24);
	b = fixture_base(words, nr + 6, false);
	opens_sound(&btf, &b, NULL);
	assert_int_equal(btf_print_c(&btf, out, &err), -EINVAL);
	fclose(out);
	btf_close(&btf);
	buffer_free(&b);
}

static void a_full_disk_is_an_error(void **state)
{
	struct buffer b = fixture_small_base(false);
	const printer printers[] = { btf_print_raw, btf_print_c };
	struct btf btf;

	(void)state;
	opens_sound(&btf, &b, NULL);
	for (size_t i = 0; i < 2; i++) {
		struct error err = ERROR_INIT;
		FILE *full = fopen("/dev/full", "w");

		assert_non_null(full);
		assert_int_equal(printers[i](&btf, full, &err), -EIO);
		assert_int_equal(err.code, -EIO);
		fclose(full);
	}
	btf_close(&btf);
	buffer_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_is_bpftools),
		cmocka_unit_test(c_reads_as_written),
		cmocka_unit_test(compilers_lay_it_out_as_btf_says),
		cmocka_unit_test(split_prints_what_it_needs_of_the_base),
		cmocka_unit_test(c_of_what_has_no_end_is_refused),
		cmocka_unit_test(c_does_not_explode),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
