// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each finding: a module that has it, and nothing else. Modules are compiled here, their BTF is made
 * of words, over one small base.
 */
#include "test.h"

#include <elf.h>
#include <stdio.h>

#include "btf-fixture.h"
#include "module/note.h"
#include "modules.h"
#include "regen/check.h"
#include "regen/regen.h"
#include "scratch.h"

/*
 * Own types begin at SMALL_BASE_END: 6. The base has 1 int, 2 struct foo { int a; }, 3 *foo,
 * 4 const int, 5 a prototype, and nothing that tells of a kernel that knows .BTF.base.
 */
struct fixture {
	struct bases bases;
	struct check_options options;
	struct check_report report;
	struct error err;
};

static void write_base(void)
{
	struct buffer base = fixture_small_base(false);

	scratch_write("base", buffer_bytes(&base));
	buffer_free(&base);
}

static void judge_over(struct fixture *f, const char *module, const char *base)
{
	bases_init(&f->bases, base ? scratch_path(base) : NULL, scratch_path("."), NULL);
	if (check_module(scratch_path(module), &f->bases, &f->options, &f->report, &f->err))
		fail_msg("%s", f->err.text);
}

static void done(struct fixture *f)
{
	check_report_free(&f->report);
	bases_free(&f->bases);
}

/* Writes NAME.ko, the module @from with this .BTF. */
static void make_module(const char *name, const char *from, struct bytes btf)
{
	scratch_write("btf", btf);
	scratch_run("objcopy --add-section .BTF=btf %s %s", from, name);
}

static void make_split(const char *name, const char *from, const uint32_t *words, size_t nr)
{
	struct buffer btf = fixture_split(words, nr, false);

	make_module(name, from, buffer_bytes(&btf));
	buffer_free(&btf);
}

/* Fails unless @class was found @nr times, and nothing else was. */
static void expect(const struct check_report *r, enum check_class class, uint32_t nr)
{
	for (int i = 0; i < CHECK_NR; i++) {
		const uint32_t want = i == (int)class ? nr : 0;

		if (r->counts[i] != want)
			fail_msg("%s: found %u times, not %u: %s", check_class_name(i),
				 r->counts[i], want, r->findings.nr ? r->findings.at[0].text : "");
	}
}

/* The same of one kept finding, which has to say @text and be as severe as that. */
static void expect_one(const struct check_report *r, enum check_class class,
		       enum check_severity severity, const char *text)
{
	expect(r, class, 1);
	assert_int_equal(r->findings.nr, 1);
	assert_int_equal(r->findings.at[0].class, class);
	assert_int_equal(r->findings.at[0].severity, severity);
	assert_int_equal(r->faults, severity == CHECK_FAULT);
	if (!strstr(r->findings.at[0].text, text))
		fail_msg("'%s' does not say '%s'", r->findings.at[0].text, text);
}

static void a_file_that_is_no_module(void **state)
{
	struct fixture f = { .options.details = true };

	(void)state;
	judge_over(&f, "fix-ture.c", "base");
	expect_one(&f.report, CHECK_CONTAINER, CHECK_FAULT, "");
	done(&f);
}

static void a_module_without_btf_needs_no_base(void **state)
{
	struct fixture f = { .options.details = true };

	(void)state;
	judge_over(&f, "fix-ture.ko", "no such file");
	expect_one(&f.report, CHECK_MISSING, CHECK_INFO, "no .BTF");
	done(&f);
}

static void a_base_that_is_not_to_be_had(void **state)
{
	const uint32_t words[] = { STRUCT(OWN(own), 0, 0) };
	struct fixture f = { .options.details = true };

	(void)state;
	make_split("own.ko", "fix-ture.ko", words, 3);
	judge_over(&f, "own.ko", NULL);
	expect_one(&f.report, CHECK_BASE, CHECK_FAULT, "6.1.0-test");
	assert_null(f.report.base);
	done(&f);
}

static void sound_btf_has_no_finding(void **state)
{
	const uint32_t words[] = { STRUCT(OWN(own), 1, 8), MEMBER(S(a), 3, 0), PTR(6),
				   FUNC(OWN(mine), 0, 5) };
	struct fixture f = { .options.details = true };

	(void)state;
	make_split("sound.ko", "fix-ture.ko", words, sizeof(words) / 4);
	judge_over(&f, "sound.ko", "base");
	expect(&f.report, CHECK_NR, 0);
	assert_int_equal(f.report.nr_types, 3);
	assert_int_equal(f.report.age, CHECK_UNKNOWN);
	done(&f);
}

struct finding {
	const uint32_t *words;
	size_t nr;
	enum check_class class;
	enum check_severity severity;
	const char *text;
	uint32_t id;
};

static const struct finding findings[] = {
	{ WORDS(FLOAT(OWN(own), 8)), CHECK_METADATA, CHECK_FAULT,
	  "type 6 FLOAT 'own': the base's kernel does not know this kind", 6 },
	{ WORDS(PTR(3), TYPE(0, STRUCT, 0, 0, 0), TYPE(0, PTR, 1, 0, 0)), CHECK_METADATA,
	  CHECK_FAULT, "type 8 PTR '': vlen is 1", 8 },
	{ WORDS(STRUCT(OWN(own), 1, 4), MEMBER(S(a), 1, 8)), CHECK_REFERENCE, CHECK_FINDING,
	  "type 6 STRUCT 'own' member 0 'a': ends at byte 5 of 4", 6 },
	{ WORDS(FUNC(OWN(own), 0, 1)), CHECK_REFERENCE, CHECK_FINDING, "no FUNC_PROTO", 6 },
	{ WORDS(STRUCT(OWN(own) + 1, 0, 0)), CHECK_NAMES, CHECK_FINDING,
	  "1 of 1 names begin inside of strings: made on another base", 6 },
	{ WORDS(REF(CONST, 1)), CHECK_COPY, CHECK_FINDING, "type 6 CONST '' is the base's type 4",
	  6 },
	{ WORDS(REF(VOLATILE, 1), REF(VOLATILE, 1)), CHECK_DUPLICATE, CHECK_FINDING,
	  "type 7 VOLATILE '' is the same as 6", 7 },
	{ WORDS(STRUCT(S(foo), 1, 8), MEMBER(S(a), 3, 0)), CHECK_DRIFT, CHECK_INFO,
	  "type 6 STRUCT 'foo' differs from the base's type 2", 6 },
	{ WORDS(STRUCT(S(foo), 1, 4), MEMBER(S(b), 1, 0)), CHECK_HOMONYM, CHECK_INFO,
	  "type 6 STRUCT 'foo' has only its name", 6 },
};

static void what_is_found_names_the_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(findings) / sizeof(*findings); i++) {
		const struct finding *want = &findings[i];
		struct fixture f = { .options.details = true };

		make_split("found.ko", "fix-ture.ko", want->words, want->nr);
		judge_over(&f, "found.ko", "base");
		expect_one(&f.report, want->class, want->severity, want->text);
		assert_int_equal(f.report.findings.at[0].id, want->id);
		assert_int_equal(f.report.age,
				 want->class == CHECK_NAMES ? CHECK_STALE : CHECK_UNKNOWN);
		done(&f);
		/* Without details faults are kept, and the others counted. */
		f = (struct fixture){ 0 };
		judge_over(&f, "found.ko", "base");
		assert_int_equal(f.report.counts[want->class], 1);
		assert_int_equal(f.report.findings.nr, want->severity == CHECK_FAULT);
		done(&f);
	}
}

static void a_header_or_a_chain_at_fault(void **state)
{
	const uint32_t words[] = { REF(CONST, 99) };
	struct fixture f = { .options.details = true };
	struct buffer btf;

	(void)state;
	make_module("rubbish.ko", "fix-ture.ko", BYTES("this is no BTF, but long enough for one"));
	judge_over(&f, "rubbish.ko", "base");
	expect_one(&f.report, CHECK_HEADER, CHECK_FAULT, ".BTF: BTF header: no BTF magic");
	done(&f);

	f = (struct fixture){ .options.details = true };
	btf = fixture_split((const uint32_t[]){ STRUCT(OWN(own), 0, 0) }, 3, false);
	btf.data[3] = 1;
	make_module("flags.ko", "fix-ture.ko", buffer_bytes(&btf));
	buffer_free(&btf);
	judge_over(&f, "flags.ko", "base");
	expect_one(&f.report, CHECK_HEADER, CHECK_FAULT, "unknown flags 0x1");
	done(&f);

	f = (struct fixture){ .options.details = true };
	make_split("chain.ko", "fix-ture.ko", words, 3);
	judge_over(&f, "chain.ko", "base");
	assert_int_equal(f.report.counts[CHECK_CHAIN], 1);
	assert_int_equal(f.report.counts[CHECK_REFERENCE], 1);
	assert_int_equal(f.report.faults, 1);
	done(&f);
}

static void a_module_for_another_kernel(void **state)
{
	struct fixture f = { .options = { .details = true, .release = "6.2.0-test" } };

	(void)state;
	judge_over(&f, "sound.ko", "base");
	expect_one(&f.report, CHECK_RELEASE, CHECK_FINDING, "6.1.0-test, not for 6.2.0-test");
	assert_int_equal(f.report.age, CHECK_STALE);
	done(&f);
}

/* A kernel that does not know .BTF.base takes .BTF for one over its own. */
static void a_distilled_base_counts_where_it_is_known(void **state)
{
	struct fixture f = { .options.details = true };

	(void)state;
	scratch_run("objcopy --add-section .BTF.base=fix-ture.c sound.ko distilled.ko");
	judge_over(&f, "distilled.ko", "base");
	expect(&f.report, CHECK_NR, 0);
	done(&f);
}

static void a_distilled_base_is_verified_like_any(void **state)
{
	static const char strings[] = "\0btf_relocate\0int\0long int";
	const uint32_t words[] = { INT_(14, 4, BTF_INT_SIGNED, 0, 32), PROTO(0, 0), FUNC(1, 0, 2) };
	const uint32_t sized[] = { FLOAT(14, 3) };
	struct buffer base = fixture_wrap(words, sizeof(words), strings, sizeof(strings), false);
	struct buffer odd = fixture_wrap(sized, sizeof(sized), strings, sizeof(strings), false);
	struct fixture f = { .options.details = true };

	(void)state;
	scratch_write("relocating", buffer_bytes(&base));
	judge_over(&f, "distilled.ko", "relocating");
	expect_one(&f.report, CHECK_HEADER, CHECK_FAULT, ".BTF.base: BTF header: no BTF magic");
	done(&f);

	f = (struct fixture){ .options.details = true };
	scratch_write("odd", buffer_bytes(&odd));
	make_module("empty.ko", "fix-ture.ko", buffer_bytes(&odd));
	scratch_run("objcopy --add-section .BTF.base=odd empty.ko odd.ko");
	judge_over(&f, "odd.ko", "relocating");
	assert_true(f.report.counts[CHECK_METADATA] >= 1);
	assert_non_null(strstr(f.report.findings.at[0].text,
			       ".BTF.base: type 1 FLOAT 'int': the base's kernel"));
	done(&f);
	buffer_free(&base);
	buffer_free(&odd);
}

/*
 * Base and distilled base have the same strings; the base is 1 int, 2 a prototype, 3 btf_relocate(),
 * 4 struct foo { int a; }, 5 *foo, 6 and 7 two namesakes. The distilled one has one type, and int
 * as type 2; own types begin at 3.
 */
static const char relocating[] = "\0btf_relocate\0int\0foo\0a\0two";
static const char relocated[] = "foo\0a\0own\0two";

enum { INT_NAME = 14, FOO = 18, A_NAME = 22, TWO_NAME = 24 };
enum {
	OWN_FOO = sizeof(relocating),
	OWN_A = OWN_FOO + 4,
	OWN_OWN = OWN_A + 2,
	OWN_TWO = OWN_OWN + 4
};

#define RELOCATING_INT INT_(INT_NAME, 4, BTF_INT_SIGNED, 0, 32)

static const struct relocation_case {
	uint32_t distilled[3];
	const uint32_t *words;
	size_t nr;
	enum check_class class;
	enum check_severity severity;
	const char *text; /* NULL: nothing is found */
} relocation_cases[] = {
	{ { STRUCT(FOO, 0, 4) }, WORDS(STRUCT(OWN_OWN, 1, 4), MEMBER(OWN_A, 1, 0)), .text = NULL },
	{ { STRUCT(FOO, 0, 8) },
	  WORDS(STRUCT(OWN_OWN, 1, 8), MEMBER(OWN_A, 1, 0)),
	  CHECK_RELOCATION,
	  CHECK_FAULT,
	  "type 1 STRUCT 'foo' of 8 bytes, which the module embeds: the kernel has 4" },
	{ { STRUCT(FOO, 0, 8) }, WORDS(PTR(1)), .text = NULL }, /* and a pointer must be its own */
	{ { STRUCT(TWO_NAME, 0, 4) }, WORDS(PTR(1)), CHECK_RELOCATION, CHECK_FAULT, "several" },
	{ { STRUCT(A_NAME, 0, 4) }, WORDS(PTR(1)), CHECK_RELOCATION, CHECK_FAULT, "has none" },
	{ { STRUCT(FOO, 0, 4) },
	  WORDS(STRUCT(OWN_FOO, 1, 4), MEMBER(OWN_A, 2, 0)),
	  CHECK_COPY,
	  CHECK_FINDING,
	  "type 8 STRUCT 'foo' is the base's type 4" },
	/* no copy: a .BTF.base could not name it */
	{ { STRUCT(FOO, 0, 4) }, WORDS(STRUCT(OWN_TWO, 1, 4), MEMBER(OWN_A, 2, 0)), .text = NULL },
	{ { STRUCT(FOO, 0, 4) },
	  WORDS(STRUCT(OWN_FOO, 1, 8), MEMBER(OWN_A, 2, 32)),
	  CHECK_DRIFT,
	  CHECK_INFO,
	  "type 8 STRUCT 'foo' differs from the base's type 4" },
	{ { STRUCT(FOO, 0, 4) },
	  WORDS(STRUCT(OWN_FOO, 1, 4), MEMBER(OWN_OWN, 2, 0)),
	  CHECK_HOMONYM,
	  CHECK_INFO,
	  "type 8 STRUCT 'foo'" },
	{ { STRUCT(FOO, 0, 4) },
	  WORDS(STRUCT(OWN_OWN, 1, 4), MEMBER(OWN_A, 2, 0), STRUCT(OWN_OWN, 1, 4),
		MEMBER(OWN_A, 2, 0)),
	  CHECK_DUPLICATE,
	  CHECK_FINDING,
	  "type 9 STRUCT 'own' is the same as 8" },
};

static void make_distilled(const struct relocation_case *t)
{
	const uint32_t distilled[] = { t->distilled[0], t->distilled[1], t->distilled[2],
				       RELOCATING_INT };
	struct buffer base =
		fixture_wrap(distilled, sizeof(distilled), relocating, sizeof(relocating), false);
	struct buffer split =
		fixture_wrap(t->words, 4 * t->nr, relocated, sizeof(relocated), false);

	make_module("relocated.ko", "fix-ture.ko", buffer_bytes(&split));
	scratch_write("distilled", buffer_bytes(&base));
	scratch_run("objcopy --add-section .BTF.base=distilled relocated.ko");
	buffer_free(&base);
	buffer_free(&split);
}

static void a_distilled_base_is_relocated_to_the_targets(void **state)
{
	const uint32_t words[] = { RELOCATING_INT,	   PROTO(0, 0),
				   FUNC(1, 0, 2),	   STRUCT(FOO, 1, 4),
				   MEMBER(A_NAME, 1, 0),   PTR(4),
				   STRUCT(TWO_NAME, 1, 4), MEMBER(A_NAME, 1, 0),
				   STRUCT(TWO_NAME, 1, 4), MEMBER(FOO, 1, 0) };
	struct buffer base =
		fixture_wrap(words, sizeof(words), relocating, sizeof(relocating), false);

	(void)state;
	scratch_write("relocating", buffer_bytes(&base));
	buffer_free(&base);
	for (size_t i = 0; i < sizeof(relocation_cases) / sizeof(*relocation_cases); i++) {
		const struct relocation_case *t = &relocation_cases[i];
		struct fixture f = { .options.details = true };

		make_distilled(t);
		judge_over(&f, "relocated.ko", "relocating");
		if (t->text)
			expect_one(&f.report, t->class, t->severity, t->text);
		else
			expect(&f.report, CHECK_NR, 0);
		done(&f);
	}
}

/* A module with .BTF_ids: @ids are what its symbols mark. */
static void make_ids(const char *name, const char *ids, const char *options)
{
	/* 6 struct own, 7 func mine, 8 func foo, 9 typedef own */
	const uint32_t words[] = { STRUCT(OWN(own), 1, 8), MEMBER(S(a), 3, 0),
				   FUNC(OWN(mine), 0, 5), FUNC(S(foo), 0, 5),
				   TYPEDEF(OWN(own), 3) };

	scratch_write("ids.S", (struct bytes){ (const uint8_t *)ids, strlen(ids) });
	scratch_run("gcc -c ids.S -o ids.o && ld -r fix-ture.ko ids.o -o ids.ko && strip -g %s "
		    "ids.ko",
		    options);
	make_split(name, "ids.ko", words, sizeof(words) / 4);
}

#define ONE(kind, name, id) "__BTF_ID__" kind "__" name "__1:\n.long " id "\n"
#define SET8(ids) "__BTF_ID__set8__all:\n" ids ".size __BTF_ID__set8__all, .-__BTF_ID__set8__all\n"
#define SET(ids) "__BTF_ID__set__all:\n" ids ".size __BTF_ID__set__all, .-__BTF_ID__set__all\n"
#define IDS ".section .BTF_ids, \"a\"\n"
#define TWO(first, second)                                             \
	".long 2, 1\n__BTF_ID__func__mine__2: .long " first ", 0x11\n" \
	"__BTF_ID__func__foo__3: .long " second ", 0x22\n"

static const struct {
	const char *ids;
	enum check_severity severity;
	const char *text; /* NULL: nothing is found */
} ids_cases[] = {
	{ IDS ONE("struct", "own", "6") ONE("func", "mine", "7") ONE("typedef", "own", "9"), 0,
	  NULL },
	{ IDS ONE("struct", "foo", "2"), 0, NULL }, /* the base's */
	{ IDS SET8(TWO("7", "8")), 0, NULL },
	{ IDS SET8(".long 2, 1\n__BTF_ID__func__foo__2: .long 7, 1\n"
		   "__BTF_ID__func__mine__3: .long 8, 2\n"),
	  0, NULL }, /* sorted: positions tell nothing */
	{ IDS SET(".long 2\n__BTF_ID__func__mine__2: .long 7\n__BTF_ID__func__foo__3: .long 8\n"),
	  0, NULL },
	{ IDS ONE("struct", "own", "10"), CHECK_FAULT, "'own' is type 10, which does not exist" },
	{ IDS ONE("struct", "own", "9"), CHECK_FAULT, "'own' is type 9, which is TYPEDEF 'own'" },
	{ IDS ONE("func", "mine", "8"), CHECK_FAULT, "FUNC 'mine' is type 8, which is FUNC 'foo'" },
	{ IDS ONE("func", "mine", "0"), CHECK_FINDING, "1 of 1 ids are 0" },
	{ IDS SET8(TWO("8", "7")), CHECK_FAULT, "set 'all' is not sorted: 7 behind 8" },
	{ IDS SET8(TWO("6", "7")), CHECK_FAULT, "has type 6, STRUCT 'own', which no symbol" },
	{ IDS SET8(TWO("7", "7")), CHECK_FAULT, "has type 7, FUNC 'mine', which no symbol" },
	{ IDS SET8(TWO("7", "77")), CHECK_FAULT, "has type 77, which does not exist" },
	{ IDS SET8(".long 3, 1\n__BTF_ID__func__mine__2: .long 7, 1\n"
		   "__BTF_ID__func__foo__3: .long 8, 2\n"),
	  CHECK_FAULT, "counts 3 ids, its symbol 2" },
	{ IDS "__BTF_ID__set8__all: .long 1, 1\n__BTF_ID__func__mine__2: .long 7, 1\n"
	      ".size __BTF_ID__set8__all, 64\n",
	  CHECK_FAULT, "__BTF_ID__set8__all at offset 0x0 lies outside" },
	{ IDS SET8(TWO("7", "8")) ".set __BTF_ID__set8__b, __BTF_ID__set8__all + 8\n"
				  ".size __BTF_ID__set8__b, 16\n",
	  CHECK_FAULT, "no symbol marks the id at offset 0x10" },
	{ IDS SET8(TWO("7", "8")) ".set __BTF_ID__func__foo__4, __BTF_ID__set8__all\n", CHECK_FAULT,
	  "overlaps what is marked before it" },
	{ IDS ONE("variable", "own", "6"), CHECK_INFO, "of an unknown kind" },
	{ IDS SET8(TWO("0", "7")), CHECK_FINDING, "1 of 2 ids are 0" },
};

static void ids_are_what_their_symbols_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ids_cases) / sizeof(*ids_cases); i++) {
		struct fixture f = { .options.details = true };

		make_ids("with-ids.ko", ids_cases[i].ids, "");
		judge_over(&f, "with-ids.ko", "base");
		if (ids_cases[i].text)
			expect_one(&f.report, CHECK_IDS, ids_cases[i].severity, ids_cases[i].text);
		else
			expect(&f.report, CHECK_NR, 0);
		done(&f);
	}
}

static const struct {
	const char *ids;
	int severity;
	const char *text;
} stripped[] = {
	{ IDS SET8(TWO("7", "8")), 0, NULL },
	{ IDS SET8(TWO("8", "7")), CHECK_FAULT, "its words are no ids of this BTF" },
	{ IDS ONE("func", "mine", "77"), CHECK_FAULT, "its words are no ids of this BTF" },
	/* a set of one function, or a list of a struct and a function */
	{ IDS SET(".long 2\n__BTF_ID__func__mine__2: .long 7\n__BTF_ID__func__foo__3: .long 8\n"),
	  CHECK_INFO, "no symbols tell" },
	{ IDS ONE("func", "mine", "0"), CHECK_INFO, "no symbols tell" },
};

static void ids_without_symbols_are_judged_as_far_as_can_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stripped) / sizeof(*stripped); i++) {
		struct fixture f = { .options.details = true };

		make_ids("stripped.ko", stripped[i].ids, "--strip-unneeded");
		judge_over(&f, "stripped.ko", "base");
		if (stripped[i].text)
			expect_one(&f.report, CHECK_IDS, (enum check_severity)stripped[i].severity,
				   stripped[i].text);
		else
			expect(&f.report, CHECK_NR, 0);
		done(&f);
	}
}

static void ids_that_nobody_resolved_are_told_of(void **state)
{
	struct fixture f = { .options.details = true };

	(void)state;
	make_ids("fresh.ko",
		 IDS SET8(".long 0, 1\n__BTF_ID__func__mine__2: .long 0, 0x11\n"
			  "__BTF_ID__func__foo__3: .long 0, 0x22\n"),
		 "");
	judge_over(&f, "fresh.ko", "base");
	assert_int_equal(f.report.faults, 0);
	assert_int_equal(f.report.counts[CHECK_IDS], 2);
	assert_non_null(strstr(f.report.findings.at[0].text, "set 'all' is not resolved"));
	done(&f);
}

static struct bytes content_of(const struct module *mod, const char *section)
{
	uint32_t index = module_find_section(mod, section);

	return index ? mod->sections[index].data : (struct bytes){ NULL, 0 };
}

/* What a note can be true of. */
enum { OF_CONTENT = 1, OF_BTF = 2, OF_IDS = 4, OF_ALL = 7 };

/* sound.ko with a note that says so of these digests, as NAME. */
static void add_note(const char *name, struct digest base, int truth)
{
	struct note note = { .source = NOTE_SOURCE_DWARF, .mode = NOTE_MODE_PLAIN, .base = base };
	uint8_t bytes[NOTE_SIZE];
	struct module_change change = { .name = NOTE_SECTION,
					.type = SHT_NOTE,
					.align = NOTE_ALIGN,
					.data = { bytes, NOTE_SIZE } };
	struct module mod;
	struct buffer out;

	open_fixture(&mod, "sound.ko");
	if (truth & OF_BTF)
		note.btf = note_btf_digest(content_of(&mod, ".BTF"), content_of(&mod, ".BTF.base"));
	note.ids = digest_bytes(truth & OF_IDS ? content_of(&mod, ".BTF_ids") : BYTES("other ids"));
	if (truth & OF_CONTENT)
		note.content = note_content_digest(&mod, regen_sections);
	note_write(&note, false, bytes);
	out = rewritten(&mod, &change, 1);
	scratch_write(name, buffer_bytes(&out));
	buffer_free(&out);
	module_close(&mod);
}

static void the_note_tells_the_age(void **state)
{
	struct buffer base = fixture_small_base(false);
	const struct digest of_base = digest_bytes(buffer_bytes(&base));
	struct fixture f = { .options.details = true };

	(void)state;
	buffer_free(&base);
	add_note("current.ko", of_base, OF_ALL);
	judge_over(&f, "current.ko", "base");
	expect(&f.report, CHECK_NR, 0);
	assert_int_equal(f.report.age, CHECK_CURRENT);
	done(&f);

	f = (struct fixture){ .options.details = true };
	add_note("moved.ko", digest_bytes(BYTES("another base")), OF_ALL);
	judge_over(&f, "moved.ko", "base");
	expect_one(&f.report, CHECK_NOTE, CHECK_FINDING, "made on another base");
	assert_int_equal(f.report.age, CHECK_STALE);
	done(&f);

	f = (struct fixture){ .options.details = true };
	add_note("changed.ko", of_base, OF_ALL & ~OF_CONTENT);
	judge_over(&f, "changed.ko", "base");
	expect_one(&f.report, CHECK_NOTE, CHECK_FINDING, "the module was changed since");
	assert_int_equal(f.report.age, CHECK_STALE);
	done(&f);

	f = (struct fixture){ .options.details = true };
	add_note("altered.ko", of_base, OF_ALL & ~OF_BTF);
	judge_over(&f, "altered.ko", "base");
	expect_one(&f.report, CHECK_NOTE, CHECK_FINDING, "its BTF was changed by another program");
	assert_int_equal(f.report.age, CHECK_STALE);
	done(&f);

	f = (struct fixture){ .options.details = true };
	add_note("ids.ko", of_base, OF_ALL & ~OF_IDS);
	judge_over(&f, "ids.ko", "base");
	expect_one(&f.report, CHECK_NOTE, CHECK_FINDING, "its .BTF_ids was changed by another");
	assert_int_equal(f.report.age, CHECK_STALE);
	done(&f);

	/* One that was made anew for another kernel is current there. */
	f = (struct fixture){ .options = { .details = true, .release = "6.2.0-test" } };
	judge_over(&f, "current.ko", "base");
	expect_one(&f.report, CHECK_RELEASE, CHECK_FINDING, "");
	assert_int_equal(f.report.age, CHECK_CURRENT);
	done(&f);
}

static int make(void **state)
{
	if (modules_make(state))
		return -1;
	write_base();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_no_module),
		cmocka_unit_test(a_module_without_btf_needs_no_base),
		cmocka_unit_test(a_base_that_is_not_to_be_had),
		cmocka_unit_test(sound_btf_has_no_finding),
		cmocka_unit_test(what_is_found_names_the_type),
		cmocka_unit_test(a_header_or_a_chain_at_fault),
		cmocka_unit_test(a_module_for_another_kernel),
		cmocka_unit_test(a_distilled_base_counts_where_it_is_known),
		cmocka_unit_test(a_distilled_base_is_verified_like_any),
		cmocka_unit_test(a_distilled_base_is_relocated_to_the_targets),
		cmocka_unit_test(ids_are_what_their_symbols_say),
		cmocka_unit_test(ids_without_symbols_are_judged_as_far_as_can_be),
		cmocka_unit_test(ids_that_nobody_resolved_are_told_of),
		cmocka_unit_test(the_note_tells_the_age),
	};

	return cmocka_run_group_tests(tests, make, scratch_remove);
}
