// SPDX-License-Identifier: GPL-2.0-only
/* Digests, and the note that holds them. */
#include "test.h"

#include <elf.h>

#include "module/module.h"
#include "module/note.h"
#include "modules.h"
#include "scratch.h"

static void digests_are_xxh3(void **state)
{
	static const struct {
		const char *text;
		const char *hex;
	} cases[] = {
		/* as xxh128sum prints them */
		{ "", "99aa06d3014798d86001c324468d497f" },
		{ "hello", "b5e9c1ad071b3e7fc779cfaa5e523818" },
		{ "The quick brown fox jumps over the lazy dog",
		  "ddd650205ca3e7fa24a1cc2e3a8a7651" },
	};
	char hex[2 * DIGEST_SIZE + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].text);
		struct digest whole =
			digest_bytes((struct bytes){ (const uint8_t *)cases[i].text, len });

		digest_hex(&whole, hex);
		assert_string_equal(hex, cases[i].hex);
		/* however it is cut */
		for (size_t cut = 0; cut <= len; cut++) {
			struct digest_state s;
			struct digest d;

			digest_init(&s);
			digest_update(&s, cases[i].text, cut);
			digest_update(&s, cases[i].text + cut, len - cut);
			d = digest_final(&s);
			assert_true(digest_equal(&whole, &d));
		}
	}
}

/* The algorithm goes other ways for long inputs, and for those that come in parts. */
static void long_digests_are_xxh3(void **state)
{
	char text[700], hex[2 * DIGEST_SIZE + 1];
	struct digest whole;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = "modbtf "[i % 7];
	whole = digest_bytes((struct bytes){ (const uint8_t *)text, sizeof(text) });
	digest_hex(&whole, hex);
	assert_string_equal(hex, "1acfa4fb6882d6c8dfb7370cd175dd39");
	for (size_t part = 1; part < sizeof(text); part++) {
		struct digest_state s;
		struct digest d;

		digest_init(&s);
		for (size_t at = 0; at < sizeof(text); at += part)
			digest_update(&s, text + at,
				      part < sizeof(text) - at ? part : sizeof(text) - at);
		d = digest_final(&s);
		assert_true(digest_equal(&whole, &d));
	}
}

static void notes_survive_a_round_trip(void **state)
{
	struct note in = { .source = NOTE_SOURCE_DWARF, .mode = NOTE_MODE_DISTILLED }, out;
	struct error err = ERROR_INIT;
	uint8_t bytes[NOTE_SIZE];

	(void)state;
	in.base = digest_bytes(BYTES("base"));
	in.content = digest_bytes(BYTES("content"));
	for (int big = 0; big < 2; big++) {
		struct bytes section = { bytes, sizeof(bytes) };

		note_write(&in, big, bytes);
		assert_int_equal(note_parse(section, big, &out, &err), 0);
		assert_int_equal(out.source, in.source);
		assert_int_equal(out.mode, in.mode);
		assert_true(digest_equal(&out.base, &in.base));
		assert_true(digest_equal(&out.content, &in.content));
		assert_int_equal(note_parse(section, !big, &out, &err), -EINVAL);
		for (size_t size = 0; size < sizeof(bytes); size++) {
			struct buffer cut = scratch_copy((struct bytes){ bytes, size });

			assert_int_equal(note_parse(buffer_bytes(&cut), big, &out, &err), -EINVAL);
			buffer_free(&cut);
		}
		bytes[big ? 23 : 20] = 99;
		assert_int_equal(note_parse(section, big, &out, &err), -EOPNOTSUPP);
	}
}

static void other_tools_read_the_note(void **state)
{
	struct note note = { .source = NOTE_SOURCE_DWARF, .mode = NOTE_MODE_PLAIN }, out;
	struct module_change change = { NOTE_SECTION, SHT_NOTE, NOTE_ALIGN, false, { NULL, 0 } };
	struct error err = ERROR_INIT;
	uint8_t bytes[NOTE_SIZE];
	struct buffer elf;
	struct module mod;

	(void)state;
	open_fixture(&mod, "be32.ko");
	assert_int_equal(note_read(&mod, &out, &err), -ENOENT);
	note_write(&note, mod.big_endian, bytes);
	change.data = (struct bytes){ bytes, sizeof(bytes) };
	elf = rewritten(&mod, &change, 1);
	module_close(&mod);
	scratch_write("note.ko", buffer_bytes(&elf));
	assert_non_null(strstr(scratch_output("readelf -nW note.ko"), "modbtf "));
	open_fixture(&mod, "note.ko");
	assert_int_equal(note_read(&mod, &out, &err), 0);
	assert_int_equal(out.mode, NOTE_MODE_PLAIN);
	module_close(&mod);
	buffer_free(&elf);
}

static struct digest content_of(struct bytes elf)
{
	struct module mod;
	struct digest d;

	open_bytes(&mod, elf);
	d = note_content_digest(&mod, ours);
	module_close(&mod);
	return d;
}

static void the_content_digest_is_about_the_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_FIXTURES; i++) {
		struct buffer elf = scratch_read(fixtures[i]), added, bare;
		struct digest a, b, c;
		struct module mod;

		added = rewritten_bytes(buffer_bytes(&elf), add_all, 3);
		bare = rewritten_bytes(buffer_bytes(&added), remove_all, 3);
		a = content_of(buffer_bytes(&elf));
		b = content_of(buffer_bytes(&added));
		c = content_of(buffer_bytes(&bare));
		assert_true(digest_equal(&a, &b));
		assert_true(digest_equal(&a, &c));

		/* one bit in any other section makes a difference, but in debug info, symbols, relocations */
		open_bytes(&mod, buffer_bytes(&added));
		for (uint32_t k = 1; k < mod.nr_sections; k++) {
			const struct module_section *s = &mod.sections[k];

			if (!s->data.size || k == mod.name_table)
				continue;
			added.data[s->offset] ^= 1;
			b = note_content_digest(&mod, ours);
			assert_int_equal(digest_equal(&a, &b),
					 is_ours(s->name) || strstr(s->name, ".debug_") ||
						 s->type == SHT_SYMTAB || s->type == SHT_STRTAB ||
						 s->type == SHT_RELA || s->type == SHT_REL);
			added.data[s->offset] ^= 1;
		}
		module_close(&mod);
		buffer_free(&elf);
		buffer_free(&added);
		buffer_free(&bare);
	}
}

static struct digest content_of_file(const char *name)
{
	struct buffer elf = scratch_read(name);
	struct digest d = content_of(buffer_bytes(&elf));

	buffer_free(&elf);
	return d;
}

/* Sections are told by name: it is the same module when others come and go between them. */
static void debug_info_may_come_and_go(void **state)
{
	static const char *const names[] = { ".debug_x", ".zdebug_x", ".rela.debug_x",
					     ".rel.debug_x" };
	struct digest plain, other;
	struct module mod;
	uint32_t symtab;

	(void)state;
	scratch_run("objcopy middle.ko plain.ko");
	plain = content_of_file("plain.ko");
	open_fixture(&mod, "plain.ko");
	symtab = module_find_section(&mod, ".symtab");
	module_close(&mod);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		scratch_run("objcopy --add-section %s=blob middle.ko more.ko", names[i]);
		open_fixture(&mod, "more.ko");
		assert_int_equal(module_find_section(&mod, ".symtab"), symtab + 1);
		module_close(&mod);
		other = content_of_file("more.ko");
		assert_true(digest_equal(&plain, &other));
	}
	scratch_run("objcopy --add-section .debug=blob middle.ko more.ko");
	other = content_of_file("more.ko");
	assert_false(digest_equal(&plain, &other));
	/* and one that only goes by another name */
	scratch_run("objcopy --rename-section .comment=.remark middle.ko more.ko");
	other = content_of_file("more.ko");
	assert_false(digest_equal(&plain, &other));
}

/* The note knows what it was written about, and nothing else. */
static void it_knows_what_it_is_about(void **state)
{
	static const uint8_t btf[] = { 1, 2, 3, 4 }, base[] = { 5, 6 }, ids[] = { 7, 8, 9 };
	struct module_section sections[] = {
		{ .name = "" },
		{ .name = ".BTF", .type = SHT_PROGBITS, .data = { btf, sizeof(btf) } },
		{ .name = ".BTF.base", .type = SHT_PROGBITS, .data = { base, sizeof(base) } },
		{ .name = ".BTF_ids", .type = SHT_PROGBITS, .data = { ids, sizeof(ids) } },
	};
	const struct module mod = { .sections = sections, .nr_sections = 4 };
	struct note note = { .btf = note_btf_digest((struct bytes){ btf, sizeof(btf) },
						    (struct bytes){ base, sizeof(base) }),
			     .ids = digest_bytes((struct bytes){ ids, sizeof(ids) }) };

	(void)state;
	assert_true(note_knows_btf(&note, &mod));
	assert_true(note_knows_ids(&note, &mod));
	sections[3].data.size--;
	assert_false(note_knows_ids(&note, &mod));
	assert_true(note_knows_btf(&note, &mod));
	sections[1].data.size--;
	assert_false(note_knows_btf(&note, &mod));
	/* Bytes that only change sides are other bytes. */
	sections[1].data = (struct bytes){ btf, sizeof(btf) };
	sections[2].data = (struct bytes){ NULL, 0 };
	assert_false(note_knows_btf(&note, &mod));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_knows_what_it_is_about),
		cmocka_unit_test(digests_are_xxh3),
		cmocka_unit_test(long_digests_are_xxh3),
		cmocka_unit_test(notes_survive_a_round_trip),
		cmocka_unit_test(other_tools_read_the_note),
		cmocka_unit_test(the_content_digest_is_about_the_others),
		cmocka_unit_test(debug_info_may_come_and_go),
	};

	return cmocka_run_group_tests(tests, modules_make, scratch_remove);
}
