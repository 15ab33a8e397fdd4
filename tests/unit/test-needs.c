// SPDX-License-Identifier: GPL-2.0-only
/* Which bases installed modules need: those that notes of plain split BTF name. */
#include "test.h"

#include <elf.h>
#include <stdio.h>

#include "module/note.h"
#include "modules.h"
#include "regen/needs.h"
#include "scratch.h"

#define K "6.1.0-9-amd64"

static int make_root(void **state)
{
	(void)state;
	scratch_run("mkdir -p root/lib/modules/" K "/kernel root/lib/modules/" K "/updates/dkms "
		    "root/lib/modules/7.0/extra");
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	scratch_run("rm -rf root");
	return 0;
}

/* A module at @name whose note says that its BTF was made on the base with @digest. */
static void make_module(const char *name, struct digest digest, enum note_mode mode)
{
	const struct note note = { .source = NOTE_SOURCE_DWARF, .mode = mode, .base = digest };
	uint8_t bytes[NOTE_SIZE];
	const struct module_change change = {
		NOTE_SECTION, SHT_NOTE, NOTE_ALIGN, false, { bytes, NOTE_SIZE }
	};
	struct module mod;
	struct buffer out;

	note_write(&note, false, bytes);
	open_fixture(&mod, "fix-ture.ko");
	out = rewritten(&mod, &change, 1);
	module_close(&mod);
	scratch_write(name, buffer_bytes(&out));
	buffer_free(&out);
}

static struct needs read_needs(void)
{
	struct error err = ERROR_INIT;
	struct needs needs;

	if (needs_read(&needs, scratch_path("root/"), &err))
		fail_msg("%s: %s", err.file, err.text);
	return needs;
}

static void plain_modules_need_their_base(void **state)
{
	const struct digest one = digest_bytes(BYTES("one")), other = digest_bytes(BYTES("other"));
	const struct digest third = digest_bytes(BYTES("third"));
	struct needs needs;

	(void)state;
	make_module("root/lib/modules/" K "/updates/dkms/a.ko", one, NOTE_MODE_PLAIN);
	make_module("root/lib/modules/" K "/updates/b.ko", one, NOTE_MODE_PLAIN);
	scratch_run("zstd -q --rm root/lib/modules/" K "/updates/b.ko");
	make_module("root/lib/modules/7.0/extra/c.ko", other, NOTE_MODE_PLAIN);
	/* one that came with the kernel has a note if it was named to update */
	make_module("root/lib/modules/" K "/kernel/e.ko", third, NOTE_MODE_PLAIN);
	/* these do not: one brings its base along, one has no note */
	make_module("root/lib/modules/7.0/extra/d.ko", digest_bytes(BYTES("4th")),
		    NOTE_MODE_DISTILLED);
	scratch_run("cp fix-ture.ko root/lib/modules/7.0/f.ko");
	needs = read_needs();
	assert_int_equal(needs_count(&needs, &one), 2);
	assert_int_equal(needs_count(&needs, &other), 1);
	assert_int_equal(needs_count(&needs, &third), 1);
	assert_int_equal(needs.at.nr, 3);
	assert_int_equal(needs.unknown.nr, 0);
	needs_free(&needs);
}

static void links_count_once_and_stay_in_the_root(void **state)
{
	const struct digest one = digest_bytes(BYTES("one")), other = digest_bytes(BYTES("other"));
	struct needs needs;

	(void)state;
	make_module("root/lib/modules/7.0/extra/a.ko", one, NOTE_MODE_PLAIN);
	scratch_run("mkdir -p root/lib/modules/" K "/weak-updates root/opt && "
		    "ln -s /lib/modules/7.0/extra/a.ko root/lib/modules/" K "/weak-updates/ && "
		    "ln root/lib/modules/7.0/extra/a.ko root/lib/modules/7.0/extra/hard.ko");
	/* behind a link it may lie anywhere */
	make_module("root/opt/b.ko", other, NOTE_MODE_PLAIN);
	scratch_run("ln -s /opt/b.ko root/lib/modules/" K "/updates/b.ko && "
		    "ln -s /opt/c.ko root/lib/modules/" K "/updates/c.ko");
	needs = read_needs();
	assert_int_equal(needs_count(&needs, &one), 1);
	assert_int_equal(needs_count(&needs, &other), 1);
	assert_int_equal(needs.unknown.nr, 0);
	needs_free(&needs);
}

static void what_cannot_be_read_is_told(void **state)
{
	struct needs needs;

	(void)state;
	scratch_run("head -c 1000 fix-ture.ko >root/lib/modules/7.0/extra/cut.ko && "
		    "ln -s loop.ko root/lib/modules/7.0/extra/loop.ko");
	needs = read_needs();
	assert_int_equal(needs.unknown.nr, 2);
	assert_non_null(strstr(needs.unknown.items[0], "cut.ko: "));
	assert_non_null(strstr(needs.unknown.items[1], "loop.ko: "));
	needs_free(&needs);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(plain_modules_need_their_base),
		CASE(links_count_once_and_stay_in_the_root),
		CASE(what_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, modules_make, scratch_remove);
}
