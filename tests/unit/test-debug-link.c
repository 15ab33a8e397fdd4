// SPDX-License-Identifier: GPL-2.0-only
/* By what a file with debug info is known to be of a module, and by what not. */
#include "test.h"

#include <elf.h>
#include <stdio.h>

#include "module/debug-link.h"
#include "module/symtab.h"
#include "scratch.h"

/* foo.o of two files, foo.mod.o, and foo.ko of both, as kbuild makes them. */
static const char foo[] =
	"int table[4];\n"
	"static int here[3];\n"
	"__attribute__((section(\".data..percpu\"))) int first;\n"
	"__attribute__((section(\".data..percpu\"))) int count;\n"
	"static __attribute__((noinline)) int twice(int x) { return x + here[x] + CODE; }\n"
	"int called(int x) { return twice(x) + table[x]; }\n"
	"__attribute__((cold)) int seldom(int x) { return x * 3; }\n"
	"__attribute__((section(\".init.text\"))) int init_module(void) { return called(count); }\n";
static const char bar[] =
	"static __attribute__((noinline)) int twice(int x) { return x * 77777; }\n"
	"int more(int x) { return twice(x) + 1; }\n";
static const char mod[] =
	"static const char name[] __attribute__((section(\".modinfo\"), used)) = \"name=foo\";\n"
	"int __this_module[10];\n"
	"static const int ____versions[5] __attribute__((used)) = { 1 };\n";

static void write_text(const char *name, const char *text)
{
	scratch_write(name, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

static int make(void **state)
{
	if (scratch_make(state))
		return -1;
	write_text("foo.c", foo);
	write_text("bar.c", bar);
	write_text("foo.mod.c", mod);
	write_text("merge.lds", "SECTIONS { .text 0 : { *(.text.[0-9a-zA-Z_]* .text) } }\n");
	scratch_run("gcc -g -O2 -fno-toplevel-reorder -DCODE=1 -c foo.c -o foo-1.o");
	scratch_run("gcc -g -O2 -c bar.c -o bar-1.o");
	scratch_run("gcc -g -O2 -c foo.mod.c -o foo.mod.o");
	scratch_run("ld -r foo-1.o bar-1.o -o foo.o");
	scratch_run("ld -r --build-id=sha1 foo.o foo.mod.o -o foo.ko");
	scratch_run("ld -r foo.o foo.mod.o -o plain.ko");
	scratch_run("ld -r -T merge.lds foo.o foo.mod.o -o merged.ko");
	return 0;
}

static void open_module(struct module *m, const char *name)
{
	struct error err = ERROR_INIT;

	if (module_open(m, scratch_path(name), &err))
		fail_msg("%s: %s", name, err.text);
}

static int check_with(int (*check)(const struct module *, const struct module *, struct error *),
		      const char *name, const char *debug, struct error *err)
{
	struct module a, b;
	int ret;

	*err = (struct error)ERROR_INIT;
	open_module(&a, name);
	open_module(&b, debug);
	ret = check(&a, &b, err);
	module_close(&a);
	module_close(&b);
	return ret;
}

static void assert_belongs(const char *name, const char *debug)
{
	struct error err;

	if (check_with(module_check_debug, name, debug, &err))
		fail_msg("%s of %s: %s", debug, name, err.text);
}

static void assert_refused(const char *name, const char *debug, const char *why)
{
	struct error err;

	assert_int_equal(check_with(module_check_debug, name, debug, &err), -EINVAL);
	if (!strstr(err.text, why))
		fail_msg("%s of %s: '%s' does not say '%s'", debug, name, err.text, why);
}

static void the_build_id_is_that_of_readelf(void **state)
{
	char text[2 * BUILD_ID_LIMIT + 1] = "";
	struct module m;
	struct bytes id;

	(void)state;
	open_module(&m, "foo.ko");
	id = module_build_id(&m);
	assert_int_equal(id.size, 20);
	for (size_t i = 0; i < id.size; i++)
		snprintf(text + 2 * i, 3, "%02x", id.data[i]);
	assert_non_null(strstr(scratch_output("readelf -n foo.ko"), text));
	module_close(&m);
	open_module(&m, "foo.o");
	assert_int_equal(module_build_id(&m).size, 0);
	module_close(&m);
}

/* A note before it, the id, and what claims to be one. */
static struct bytes id_of(struct bytes notes)
{
	struct module_section sections[2] = {
		{ .name = "" }, { .name = ".note.gnu.build-id", .type = SHT_NOTE, .data = notes }
	};
	struct module m = { .sections = sections, .nr_sections = 2 };

	return module_build_id(&m);
}

static void notes_are_checked(void **state)
{
	static const uint8_t notes[] = {
		6, 0, 0, 0, 5, 0, 0, 0, 3, 0, 0, 0, 'L', 'i', 'n', 'u', 'x', 0, 0, 0,
		1, 2, 3, 4, 5, 0, 0, 0, /* owner and content padded */
		4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0,	7,   8, 9, 0
	};
	struct bytes id = id_of((struct bytes){ notes, sizeof(notes) });
	uint8_t changed[sizeof(notes)];

	(void)state;
	assert_int_equal(id.size, 3);
	assert_int_equal(id.data[0], 7);
	for (size_t size = 0; size < sizeof(notes) - 1; size++) {
		struct buffer cut = scratch_copy((struct bytes){ notes, size });

		assert_int_equal(id_of(buffer_bytes(&cut)).size, 0);
		buffer_free(&cut);
	}
	for (size_t at = 28; at < 40; at += 4) {
		memcpy(changed, notes, sizeof(notes));
		memset(changed + at, 0xff, 4);
		assert_int_equal(id_of((struct bytes){ changed, sizeof(changed) }).size, 0);
	}
	memcpy(changed, notes, sizeof(notes));
	changed[32] = 1; /* too short to be the name of a file */
	assert_int_equal(id_of((struct bytes){ changed, sizeof(changed) }).size, 0);
}

static void the_debug_link_is_a_file_name(void **state)
{
	static const char *const bad[] = { "", "/etc/passwd", "a/b" };
	struct module_section sections[2] = { { .name = "" },
					      { .name = ".gnu_debuglink", .type = SHT_PROGBITS } };
	struct module fake = { .sections = sections, .nr_sections = 2 }, m;

	(void)state;
	scratch_run("objcopy --only-keep-debug foo.ko foo.ko.debug");
	scratch_run("objcopy --strip-debug --add-gnu-debuglink=foo.ko.debug foo.ko linked.ko");
	open_module(&m, "linked.ko");
	assert_string_equal(module_debug_link(&m), "foo.ko.debug");
	module_close(&m);
	open_module(&m, "foo.ko");
	assert_null(module_debug_link(&m));
	module_close(&m);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sections[1].data = (struct bytes){ (const uint8_t *)bad[i], strlen(bad[i]) + 1 };
		assert_null(module_debug_link(&fake));
	}
	sections[1].data = (struct bytes){ (const uint8_t *)"open", 4 };
	assert_null(module_debug_link(&fake));
}

static void debug_info_is_seen(void **state)
{
	struct module m;

	(void)state;
	scratch_run("strip -g foo.ko -o stripped.ko");
	open_module(&m, "foo.o");
	assert_true(module_has_debug(&m));
	module_close(&m);
	open_module(&m, "stripped.ko");
	assert_false(module_has_debug(&m));
	module_close(&m);
}

static void equal_build_ids_are_enough(void **state)
{
	(void)state;
	scratch_run("strip -g foo.ko -o other-name.ko");
	scratch_run("objcopy --only-keep-debug foo.ko any.debug");
	assert_belongs("other-name.ko", "any.debug");
	assert_belongs("other-name.ko", "foo.ko");
}

static void unequal_build_ids_are_another_build(void **state)
{
	(void)state;
	scratch_run("ld -r --build-id=0x1234 foo.o foo.mod.o -o id.ko");
	assert_refused("foo.ko", "id.ko", "build id is 1234, and the module's ");
}

static void the_object_that_it_was_linked_from_belongs(void **state)
{
	static const char *const strips[] = { "-g", "--strip-unneeded" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		scratch_run("strip %s foo.ko -o stripped.ko", strips[i]);
		assert_belongs("stripped.ko", "foo.o");
		/* also where nobody has a build id, and debug info has no code with it */
		scratch_run("strip %s plain.ko -o stripped.ko", strips[i]);
		assert_belongs("stripped.ko", "foo.o");
		assert_belongs("stripped.ko", "plain.ko");
		scratch_run("objcopy --only-keep-debug plain.ko foo.debug");
		assert_belongs("stripped.ko", "foo.debug");
		/* Kernels from 6.17 on make one section of all .text.* */
		scratch_run("strip %s merged.ko -o stripped.ko", strips[i]);
		assert_belongs("stripped.ko", "foo.o");
	}
}

static void an_object_of_another_name_does_not(void **state)
{
	(void)state;
	scratch_run("cp foo.o food.o; cp foo.o fo.o");
	assert_refused("foo.ko", "food.o", "its name, and that is food where the module is foo");
	assert_refused("foo.ko", "fo.o", "its name");
}

/* foo.o after foo.c or bar.c was changed by a command of sed. */
static void make_other(const char *file, const char *sed)
{
	scratch_run(
		"mkdir -p other; for i in foo bar; do cp $i.c other/$i.c; done; sed -i '%s' other/%s",
		sed, file);
	scratch_run("! cmp -s %s other/%s", file, file);
	scratch_run(
		"for i in foo bar; do gcc -g -O2 -fno-toplevel-reorder -DCODE=1 -c other/$i.c "
		"-o other/$i-1.o || exit; done; ld -r other/foo-1.o other/bar-1.o -o other/foo.o");
}

static void an_object_of_another_build_does_not(void **state)
{
	static const struct {
		const char *file, *sed, *why;
	} cases[] = {
		{ "foo.c", "s/x \\* 3/x * 5/", "function seldom is not what" }, /* only the code */
		{ "foo.c", "s/CODE/70000/", "function twice is not what" },	/* a local one */
		{ "bar.c", "s/77777/77778/", "function twice is not what" },	/* one of two */
		{ "foo.c", "s/table\\[4\\]/table[5]/", "variable table is not what" },
		{ "foo.c", "s/here\\[3\\]/here[5]/", "variable here is not what" },
		{ "foo.c", "s/int first/int first, second/", "variable count is not what" },
		{ "bar.c", "s/more/less/", "lacks function more" },
		{ "bar.c", "$aint added(void) { return 1; }", "has function added" },
		{ "foo.c", "s/((cold))/((section(\".init.text\")))/", "function seldom is not" },
	};

	(void)state;
	make_other("foo.c", "$a/* no change */");
	scratch_run("strip -g foo.ko -o stripped.ko");
	assert_belongs("stripped.ko", "other/foo.o");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_other(cases[i].file, cases[i].sed);
		assert_refused("stripped.ko", "other/foo.o", cases[i].why);
	}
}

static void one_for_another_machine_does_not(void **state)
{
	(void)state;
	scratch_run("objcopy -O elf64-big -I binary foo.c foreign.ko");
	assert_refused("foo.ko", "foreign.ko", "another machine");
}

static void a_module_without_functions_proves_nothing(void **state)
{
	(void)state;
	scratch_run("mkdir -p data; echo 'int table[4];' >data/foo.c");
	scratch_run("cd data; gcc -g -c foo.c -o foo.o; ld -r foo.o ../foo.mod.o -o foo.ko");
	assert_refused("data/foo.ko", "data/foo.o", "no function by which it could be told");
}

/* Time shall not grow with the square of their number. */
static void symbols_of_one_name_are_survived(void **state)
{
	struct buffer objects[2];
	struct module m[2];
	struct error err = ERROR_INIT;

	(void)state;
	for (int i = 0; i < 2; i++) {
		/* The one that fits is the last that is looked at. */
		scratch_run("mkdir -p many; seq 40000 | awk '{ size = $1 == 2 ? 1 : %d; "
			    "print \".type f\" $1 \",@function; .size f\" $1 \",\" size \"; f\" $1 "
			    "\": nop\" }' >many/foo.s; gcc -c many/foo.s -o many/foo.o",
			    i + 1);
		objects[i] = scratch_read("many/foo.o");
		if (module_open_memory(&m[i], buffer_bytes(&objects[i]), "foo.ko", MODULE_LIMIT,
				       &err))
			fail_msg("%s", err.text);
		for (uint32_t s = 1; s < m[i].nr_sections; s++) {
			uint8_t *entry = objects[i].data + m[i].sections[s].offset;

			if (m[i].sections[s].type != SHT_SYMTAB)
				continue;
			for (uint64_t n = 1; n < m[i].sections[s].size / sizeof(Elf64_Sym); n++)
				if (ELF64_ST_TYPE(entry[n * sizeof(Elf64_Sym) + 4]) == STT_FUNC)
					store_u32(entry + n * sizeof(Elf64_Sym), 1,
						  m[i].big_endian);
		}
	}
	assert_int_equal(module_check_debug(&m[0], &m[1], &err), -EINVAL);
	assert_string_equal(err.text, "its symbols are mostly of one name");
	for (int i = 0; i < 2; i++) {
		module_close(&m[i]);
		buffer_free(&objects[i]);
	}
}

static void what_kbuild_adds_belongs_if_it_fits(void **state)
{
	struct error err;

	(void)state;
	scratch_run("strip -g foo.ko -o stripped.ko");
	assert_int_equal(check_with(module_check_debug_part, "stripped.ko", "foo.mod.o", &err), 0);
	scratch_run("sed 's/versions.5/versions[6/' foo.mod.c >later.c; gcc -g -O2 -c later.c");
	assert_int_equal(check_with(module_check_debug_part, "stripped.ko", "later.o", &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "____versions"));
	assert_int_equal(check_with(module_check_debug_part, "stripped.ko", "bar-1.o", &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "functions"));
	scratch_run("echo 'int a __attribute__((section(\".data..percpu\")));' >percpu.c; "
		    "gcc -g -c percpu.c");
	assert_int_equal(check_with(module_check_debug_part, "stripped.ko", "percpu.o", &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "per-CPU"));
}

static uint8_t type_of(const struct module *m, const char *name)
{
	struct symtab tab;
	struct symbol sym;

	symtab_find(&tab, m);
	for (uint32_t i = 1; i < tab.nr; i++)
		if (symtab_get(&tab, i, &sym) && !strcmp(sym.name, name))
			return sym.type;
	fail_msg("no symbol %s", name);
	return 0;
}

static void functions_that_linking_throws_away_are_none(void **state)
{
	struct buffer store = { 0 };
	struct error err = ERROR_INIT;
	struct module m, debug;

	(void)state;
	make_other("bar.c",
		   "$a__attribute__((section(\".discard.text\"))) int gone(void) { return 1; }");
	write_text("discard.lds", "SECTIONS { /DISCARD/ : { *(.discard.*) } "
				  ".text 0 : { *(.text.[0-9a-zA-Z_]* .text) } }\n");
	scratch_run("cd other; ld -r -T ../discard.lds foo.o ../foo.mod.o -o foo.ko; ! nm foo.ko | "
		    "grep gone");
	assert_belongs("other/foo.ko", "other/foo.o");
	open_module(&m, "other/foo.ko");
	open_module(&debug, "other/foo.o");
	assert_int_equal(type_of(&debug, "gone"), STT_FUNC);
	assert_int_equal(module_hide_discarded(&m, &debug, &store, &err), 0);
	assert_int_equal(type_of(&debug, "gone"), STT_NOTYPE);
	/* .text.unlikely became part of .text */
	assert_int_equal(type_of(&debug, "seldom"), STT_FUNC);
	assert_int_equal(type_of(&debug, "more"), STT_FUNC);
	module_close(&debug);
	buffer_free(&store);
	/* Nothing to change, nothing copied. */
	open_module(&debug, "foo.o");
	assert_int_equal(module_hide_discarded(&m, &debug, &store, &err), 0);
	assert_null(store.data);
	module_close(&debug);
	module_close(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_build_id_is_that_of_readelf),
		cmocka_unit_test(notes_are_checked),
		cmocka_unit_test(the_debug_link_is_a_file_name),
		cmocka_unit_test(debug_info_is_seen),
		cmocka_unit_test(equal_build_ids_are_enough),
		cmocka_unit_test(unequal_build_ids_are_another_build),
		cmocka_unit_test(the_object_that_it_was_linked_from_belongs),
		cmocka_unit_test(an_object_of_another_name_does_not),
		cmocka_unit_test(an_object_of_another_build_does_not),
		cmocka_unit_test(one_for_another_machine_does_not),
		cmocka_unit_test(a_module_without_functions_proves_nothing),
		cmocka_unit_test(symbols_of_one_name_are_survived),
		cmocka_unit_test(what_kbuild_adds_belongs_if_it_fits),
		cmocka_unit_test(functions_that_linking_throws_away_are_none),
	};

	return cmocka_run_group_tests(tests, make, scratch_remove);
}
