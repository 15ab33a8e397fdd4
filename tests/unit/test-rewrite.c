// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sections are replaced, added and removed without touching another byte, and the result does not
 * depend on how one got there.
 */
#include "test.h"

#include <elf.h>
#include <stdio.h>

#include "module/module.h"
#include "module/note.h"
#include "modules.h"
#include "scratch.h"

static void assert_same_bytes(const struct buffer *a, const struct buffer *b)
{
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->data, b->data, a->size);
}

/* Every section of @before that is not ours is in @after, at its index, with all that it had. */
static void assert_others_unchanged(const struct module *before, const struct module *after)
{
	for (uint32_t i = 1; i < before->nr_sections; i++) {
		const struct module_section *a = &before->sections[i], *b = &after->sections[i];

		if (is_ours(a->name) || a->type == SHT_NULL)
			continue;
		assert_true(i < after->nr_sections);
		assert_string_equal(a->name, b->name);
		assert_int_equal(a->type, b->type);
		assert_int_equal(a->flags, b->flags);
		assert_int_equal(a->addr, b->addr);
		assert_int_equal(a->align, b->align);
		assert_int_equal(a->entsize, b->entsize);
		assert_int_equal(a->link, b->link);
		assert_int_equal(a->info, b->info);
		/* What is moved is aligned; what is not stays where it was, aligned or not. */
		if (b->offset != a->offset && b->size && b->align > 1)
			assert_int_equal(b->offset % b->align, 0);
		if (i == before->name_table)
			assert_true(b->size >= a->size);
		else
			assert_int_equal(a->size, b->size);
		if (a->data.size)
			assert_memory_equal(a->data.data, b->data.data, a->data.size);
	}
}

static void assert_section(const struct module *mod, const char *name, const char *text,
			   size_t size)
{
	uint32_t index = module_find_section(mod, name);

	assert_int_not_equal(index, 0);
	assert_int_equal(mod->sections[index].data.size, size);
	assert_memory_equal(mod->sections[index].data.data, text, size);
	assert_int_equal(mod->sections[index].flags, 0);
}

static void sections_are_added_and_nothing_else_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_FIXTURES; i++) {
		struct module before, after;
		struct buffer out;

		open_fixture(&before, fixtures[i]);
		out = rewritten(&before, add_all, 3);
		open_bytes(&after, buffer_bytes(&out));
		assert_others_unchanged(&before, &after);
		assert_section(&after, ".BTF", btf_text, sizeof(btf_text));
		assert_section(&after, ".BTF.base", base_text, sizeof(base_text));
		assert_section(&after, NOTE_SECTION, note_text, sizeof(note_text));
		if (module_find_section(&before, ".BTF"))
			assert_int_equal(module_find_section(&before, ".BTF"),
					 module_find_section(&after, ".BTF"));
		module_close(&before);
		module_close(&after);
		/* other readers agree that it is well formed */
		scratch_write("after.ko", buffer_bytes(&out));
		assert_null(strstr(scratch_output("readelf -SsrgW after.ko 2>&1 >/dev/null; true"),
				   "arning"));
		buffer_free(&out);
	}
}

static void running_again_gives_the_same_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_FIXTURES; i++) {
		struct buffer one, two, bare, three;
		struct module mod;

		open_fixture(&mod, fixtures[i]);
		one = rewritten(&mod, add_all, 3);
		module_close(&mod);
		two = rewritten_bytes(buffer_bytes(&one), add_all, 3);
		assert_same_bytes(&one, &two);

		/* and so does removing all and adding it again */
		bare = rewritten_bytes(buffer_bytes(&one), remove_all, 3);
		assert_true(bare.size < one.size);
		three = rewritten_bytes(buffer_bytes(&bare), add_all, 3);
		assert_same_bytes(&one, &three);
		buffer_free(&one);
		buffer_free(&two);
		buffer_free(&bare);
		buffer_free(&three);
	}
}

/* What a section held, how long it was, and what else was there makes no difference. */
static void the_past_leaves_no_trace(void **state)
{
	char longer[5000] = "something long", shorter[] = "s";
	struct module_change other[] = {
		{ ".BTF", SHT_PROGBITS, 8, false, BYTES(longer) },
		{ ".BTF.base", SHT_PROGBITS, 4, false, BYTES(shorter) },
		{ NOTE_SECTION, SHT_NOTE, 4, false, BYTES(shorter) },
	};

	(void)state;
	for (size_t i = 0; i < NR_FIXTURES; i++) {
		struct buffer direct, detour, out;
		struct module mod;

		open_fixture(&mod, fixtures[i]);
		direct = rewritten(&mod, add_all, 3);
		detour = rewritten(&mod, other, 3);
		module_close(&mod);
		out = rewritten_bytes(buffer_bytes(&detour), add_all, 3);
		assert_same_bytes(&direct, &out);
		buffer_free(&out);
		buffer_free(&detour);
		buffer_free(&direct);
	}
}

static void removed_sections_leave_indices_alone(void **state)
{
	struct module before, after;
	struct buffer out;
	uint32_t index;

	(void)state;
	open_fixture(&before, "middle.ko");
	index = module_find_section(&before, ".BTF");
	assert_true(index && index < before.nr_sections - 1);
	out = rewritten(&before, remove_all, 3);
	open_bytes(&after, buffer_bytes(&out));
	assert_int_equal(after.nr_sections, before.nr_sections);
	assert_others_unchanged(&before, &after);
	assert_int_equal(module_find_section(&after, ".BTF"), 0);
	assert_int_equal(after.sections[index].type, SHT_NULL);
	assert_int_equal(after.sections[index].size, 0);
	/* The kernel looks for .BTF.base by name alone, whatever the type: it must not find this. */
	assert_string_equal(after.sections[index].name, "BTF");
	module_close(&after);
	module_close(&before);

	/* strip and objcopy live with the entry */
	scratch_write("removed.ko", buffer_bytes(&out));
	scratch_run("strip -g -o stripped.ko removed.ko && objcopy removed.ko copied.ko");
	buffer_free(&out);
}

static void the_last_section_is_dropped_unless_referred_to(void **state)
{
	struct module plain, mod;
	struct buffer added, out;
	uint32_t nr, at;

	(void)state;
	open_fixture(&plain, "fix-ture.ko");
	nr = plain.nr_sections;
	added = rewritten(&plain, add_all, 3);
	module_close(&plain);
	out = rewritten_bytes(buffer_bytes(&added), remove_all, 3);
	open_bytes(&mod, buffer_bytes(&out));
	assert_int_equal(mod.nr_sections, nr);
	module_close(&mod);
	buffer_free(&out);

	/* the middle one of the three stays as an empty entry, until the one behind it goes */
	out = rewritten_bytes(buffer_bytes(&added), &remove_all[1], 1);
	open_bytes(&mod, buffer_bytes(&out));
	assert_int_equal(mod.nr_sections, nr + 3);
	assert_int_equal(mod.sections[nr + 1].type, SHT_NULL);
	module_close(&mod);
	{
		struct buffer less = rewritten_bytes(buffer_bytes(&out), &remove_all[1], 2);

		open_bytes(&mod, buffer_bytes(&less));
		assert_int_equal(mod.nr_sections, nr + 1);
		module_close(&mod);
		buffer_free(&less);
	}
	buffer_free(&out);

	/* a symbol that stands in the last section keeps its entry */
	open_bytes(&mod, buffer_bytes(&added));
	at = module_find_section(&mod, ".symtab");
	store_u16(added.data + mod.sections[at].offset + sizeof(Elf64_Sym) +
			  offsetof(Elf64_Sym, st_shndx),
		  (uint16_t)(nr + 2), false);
	module_close(&mod);
	out = rewritten_bytes(buffer_bytes(&added), remove_all, 3);
	open_bytes(&mod, buffer_bytes(&out));
	assert_int_equal(mod.nr_sections, nr + 3);
	assert_int_equal(mod.sections[nr + 2].type, SHT_NULL);
	module_close(&mod);
	buffer_free(&out);
	buffer_free(&added);
}

/* A change of some sections leaves our others alone too. */
static void only_what_is_named_is_changed(void **state)
{
	struct module_change one = { ".BTF", SHT_PROGBITS, 1, false, BYTES("new") };
	struct module mod;
	struct buffer added, out, again;

	(void)state;
	open_fixture(&mod, "middle.ko");
	added = rewritten(&mod, add_all, 3);
	module_close(&mod);
	out = rewritten_bytes(buffer_bytes(&added), &one, 1);
	open_bytes(&mod, buffer_bytes(&out));
	assert_section(&mod, ".BTF", "new", 4);
	assert_section(&mod, ".BTF.base", base_text, sizeof(base_text));
	assert_section(&mod, NOTE_SECTION, note_text, sizeof(note_text));
	module_close(&mod);
	again = rewritten_bytes(buffer_bytes(&out), &one, 1);
	assert_same_bytes(&out, &again);
	buffer_free(&added);
	buffer_free(&out);
	buffer_free(&again);
}

/* Puts the section headers right behind the ELF header, as some linkers of old did. */
static struct buffer headers_first(struct bytes elf)
{
	uint64_t shoff = load_u64(elf.data + offsetof(Elf64_Ehdr, e_shoff), false);
	uint16_t nr = load_u16(elf.data + offsetof(Elf64_Ehdr, e_shnum), false);
	size_t table = nr * sizeof(Elf64_Shdr), room = (table + 4095) / 4096 * 4096;
	struct buffer b = { calloc(1, elf.size + room), elf.size + room };

	memcpy(b.data, elf.data, sizeof(Elf64_Ehdr));
	memcpy(b.data + 64, elf.data + shoff, table);
	memcpy(b.data + 64 + room, elf.data + 64, shoff - 64); /* they were the last */
	store_u64(b.data + offsetof(Elf64_Ehdr, e_shoff), 64, false);
	for (uint16_t i = 1; i < nr; i++) {
		uint8_t *off =
			b.data + 64 + i * sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, sh_offset);

		store_u64(off, load_u64(off, false) + room, false);
	}
	return b;
}

static void headers_may_stand_anywhere(void **state)
{
	struct buffer elf = scratch_read("middle.ko"), first, one, two;
	struct module before, after;

	(void)state;
	first = headers_first(buffer_bytes(&elf));
	open_bytes(&before, buffer_bytes(&first));
	one = rewritten(&before, add_all, 3);
	open_bytes(&after, buffer_bytes(&one));
	assert_others_unchanged(&before, &after);
	assert_section(&after, ".BTF", btf_text, sizeof(btf_text));
	two = rewritten_bytes(buffer_bytes(&one), add_all, 3);
	assert_same_bytes(&one, &two);
	module_close(&before);
	module_close(&after);
	buffer_free(&elf);
	buffer_free(&first);
	buffer_free(&one);
	buffer_free(&two);
}

/* LLVM's assembler keeps section and symbol names in one table. */
static void names_may_be_shared_with_symbols(void **state)
{
	struct module before, after;
	struct buffer out;
	uint32_t at;

	(void)state;
	if (!scratch_has("clang"))
		skip();
	scratch_run("clang -g -O2 -c fix-ture.c -o shared.ko");
	open_fixture(&before, "shared.ko");
	at = module_find_section(&before, ".symtab");
	assert_int_equal(before.sections[at].link, before.name_table);
	out = rewritten(&before, add_all, 3);
	open_bytes(&after, buffer_bytes(&out));
	assert_others_unchanged(&before, &after);
	assert_section(&after, NOTE_SECTION, note_text, sizeof(note_text));
	module_close(&before);
	module_close(&after);
	scratch_write("after.ko", buffer_bytes(&out));
	scratch_run(
		"nm after.ko | sed 's/^.* //' | sort >a; nm shared.ko | sed 's/^.* //' | sort >b; "
		"cmp a b");
	buffer_free(&out);
}

/*
 * fix-ture.ko with its symbols between the section names and the section headers, @gap bytes behind
 * the former. Their old place is a gap, filled with what nobody may rely on.
 */
static struct buffer symbols_last(size_t gap)
{
	struct buffer elf = scratch_read("fix-ture.ko"), b;
	uint64_t shoff = load_u64(elf.data + offsetof(Elf64_Ehdr, e_shoff), false);
	size_t table = elf.size - shoff, to = (shoff + gap) / 8 * 8, from, size;
	uint8_t *shdr = header_of(&elf, ".symtab");

	from = load_u64(shdr + offsetof(Elf64_Shdr, sh_offset), false);
	size = load_u64(shdr + offsetof(Elf64_Shdr, sh_size), false);
	store_u64(shdr + offsetof(Elf64_Shdr, sh_offset), to, false);
	b = (struct buffer){ calloc(1, to + size + table), to + size + table };
	memcpy(b.data, elf.data, shoff);
	memcpy(b.data + to, elf.data + from, size);
	memset(b.data + from, 0xa5, size);
	memcpy(b.data + to + size, elf.data + shoff, table);
	store_u64(b.data + offsetof(Elf64_Ehdr, e_shoff), to + size, false);
	buffer_free(&elf);
	return b;
}

/* What stands behind the name table makes way when it grows; a gap before it stays as it is. */
static void the_name_table_may_stand_in_the_middle(void **state)
{
	static const size_t gaps[] = { 0, 16, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
		struct buffer elf = symbols_last(gaps[i]), one, two, bare;
		struct module before, after;
		uint64_t names;

		open_bytes(&before, buffer_bytes(&elf));
		names = before.sections[before.name_table].offset;
		one = rewritten(&before, add_all, 3);
		assert_memory_equal(one.data + 64, elf.data + 64, names - 64);
		open_bytes(&after, buffer_bytes(&one));
		assert_others_unchanged(&before, &after);
		assert_section(&after, ".BTF", btf_text, sizeof(btf_text));
		bare = rewritten(&after, remove_all, 3);
		module_close(&before);
		module_close(&after);
		two = rewritten_bytes(buffer_bytes(&one), add_all, 3);
		assert_same_bytes(&one, &two);
		buffer_free(&two);
		two = rewritten_bytes(buffer_bytes(&bare), add_all, 3);
		assert_same_bytes(&one, &two);
		buffer_free(&one);
		buffer_free(&two);
		buffer_free(&bare);
		buffer_free(&elf);
	}
}

/* A name that is the end of another takes no room of its own. */
static void names_may_share_their_ends(void **state)
{
	static const struct module_change changes[] = {
		{ ".very.new", SHT_PROGBITS, 1, false, BYTES("a") },
		{ ".new", SHT_PROGBITS, 1, false, BYTES("b") },
		{ ".also", SHT_PROGBITS, 1, false, BYTES("c") },
	};
	struct module before, after;
	struct buffer out;

	(void)state;
	open_fixture(&before, "fix-ture.ko");
	out = rewritten(&before, changes, 3);
	open_bytes(&after, buffer_bytes(&out));
	assert_section(&after, ".very.new", "a", 2);
	assert_section(&after, ".new", "b", 2);
	assert_section(&after, ".also", "c", 2);
	assert_int_equal(after.sections[after.name_table].size,
			 before.sections[before.name_table].size + sizeof(".very.new") +
				 sizeof(".also"));
	module_close(&before);
	module_close(&after);
	buffer_free(&out);
}

/* An object of @nr more sections than the usual ones, each with a symbol in it. */
static void many_sections(const char *name, unsigned int nr)
{
	scratch_run(
		"i=0; while [ $i -lt %u ]; do "
		"echo \".section .text.f$i,\\\"ax\\\"; f$i: nop\"; i=$((i + 1)); done >many.s && "
		"as many.s -o %s",
		nr, name);
}

static void over_65280_sections_are_handled(void **state)
{
	struct module before, after;
	struct buffer one, two, bare;

	(void)state;
	many_sections("many.ko", 70000);
	open_fixture(&before, "many.ko");
	assert_true(before.nr_sections > 70000);
	assert_int_equal(load_u16(before.elf.data + offsetof(Elf64_Ehdr, e_shnum), false), 0);
	one = rewritten(&before, add_all, 3);
	open_bytes(&after, buffer_bytes(&one));
	assert_int_equal(after.nr_sections, before.nr_sections + 3);
	assert_others_unchanged(&before, &after);
	assert_section(&after, ".BTF", btf_text, sizeof(btf_text));
	two = rewritten_bytes(buffer_bytes(&one), add_all, 3);
	assert_same_bytes(&one, &two);
	bare = rewritten(&after, remove_all, 3);
	module_close(&after);
	open_bytes(&after, buffer_bytes(&bare));
	assert_int_equal(after.nr_sections, before.nr_sections);
	module_close(&before);
	module_close(&after);
	buffer_free(&one);
	buffer_free(&two);
	buffer_free(&bare);
}

/* The section that is one too many for e_shnum, and back again. */
static void the_count_moves_to_section_0_and_back(void **state)
{
	const uint32_t most = SHN_LORESERVE - 1;
	struct module mod;
	struct buffer one, two, bare;
	uint32_t usual;

	(void)state;
	many_sections("few.ko", 1);
	open_fixture(&mod, "few.ko");
	usual = mod.nr_sections - 1;
	module_close(&mod);
	many_sections("border.ko", most - usual);
	open_fixture(&mod, "border.ko");
	assert_int_equal(mod.nr_sections, most);
	assert_int_equal(load_u16(mod.elf.data + offsetof(Elf64_Ehdr, e_shnum), false), most);

	one = rewritten(&mod, add_all, 1);
	module_close(&mod);
	assert_int_equal(load_u16(one.data + offsetof(Elf64_Ehdr, e_shnum), false), 0);
	open_bytes(&mod, buffer_bytes(&one));
	assert_int_equal(mod.nr_sections, most + 1);
	assert_section(&mod, ".BTF", btf_text, sizeof(btf_text));
	bare = rewritten(&mod, remove_all, 1);
	module_close(&mod);
	assert_int_equal(load_u16(bare.data + offsetof(Elf64_Ehdr, e_shnum), false), most);
	open_bytes(&mod, buffer_bytes(&bare));
	assert_int_equal(mod.nr_sections, most);
	assert_int_equal(mod.sections[0].size, 0);
	module_close(&mod);
	two = rewritten_bytes(buffer_bytes(&bare), add_all, 1);
	assert_same_bytes(&one, &two);
	buffer_free(&one);
	buffer_free(&two);
	buffer_free(&bare);
}

/* Nothing that is large is copied: what stays are ranges of the mapped file, and not many. */
static void what_stays_are_few_ranges_of_the_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_FIXTURES; i++) {
		struct error err = ERROR_INIT;
		struct module_image image;
		uint64_t size = 0, made = 0, headers;
		struct module mod;

		open_fixture(&mod, fixtures[i]);
		headers = (mod.nr_sections + 3) * (mod.is64 ? 64 : 40) + 64;
		assert_int_equal(module_rewrite(&mod, add_all, 3, &image, &err), 0);
		assert_true(image.nr <= 8);
		for (size_t k = 0; k < image.nr; k++) {
			const struct piece *p = &image.pieces[k];

			assert_true(p->data.size > 0);
			size += p->data.size;
			if (!p->file) {
				made += p->data.size;
				continue;
			}
			assert_ptr_equal(p->file, &mod.file);
			assert_true(range_fits((uint64_t)(p->data.data - mod.file.bytes.data),
					       p->data.size, mod.file.bytes.size));
		}
		assert_int_equal(size, image.size);
		/* the sections that are ours, the headers, some names and padding */
		assert_true(made < headers + sizeof(btf_text) + sizeof(base_text) +
					   sizeof(note_text) + 200);
		module_image_free(&image);
		module_close(&mod);
	}
	/* of an image in memory there is no file to copy from */
	{
		struct buffer elf = scratch_read("fix-ture.ko");
		struct error err = ERROR_INIT;
		struct module_image image;
		struct module mod;

		open_bytes(&mod, buffer_bytes(&elf));
		assert_int_equal(module_rewrite(&mod, add_all, 3, &image, &err), 0);
		for (size_t k = 0; k < image.nr; k++)
			assert_null(image.pieces[k].file);
		module_image_free(&image);
		module_close(&mod);
		buffer_free(&elf);
	}
}

/* The changes may go; a dropped page comes back. */
static void an_image_outlives_what_it_was_made_from(void **state)
{
	struct buffer content = scratch_copy(BYTES(btf_text)), expected, out;
	struct module_change change = {
		".BTF", SHT_PROGBITS, 1, false, { content.data, content.size }
	};
	struct error err = ERROR_INIT;
	struct module_image image;
	struct module mod;

	(void)state;
	open_fixture(&mod, "fix-ture.ko");
	expected = rewritten(&mod, &change, 1);
	assert_int_equal(module_rewrite(&mod, &change, 1, &image, &err), 0);
	memset(content.data, 0, content.size);
	buffer_free(&content);
	module_drop_pages(&mod);
	assert_int_equal(module_image_flatten(&image, &out, &err), 0);
	assert_same_bytes(&expected, &out);
	module_image_free(&image);
	module_image_free(&image);
	module_close(&mod);
	buffer_free(&expected);
	buffer_free(&out);
}

/* As with a section that the kernel loads: what it is does not change. */
static void the_content_alone_may_change(void **state)
{
	const struct module_change other = { .name = ".modinfo",
					     .align = 512, /* not asked for */
					     .data = BYTES("another=content") };
	const struct module_change none = { .name = ".none", .data = BYTES("x") };
	struct error err = ERROR_INIT;
	struct module before, after;
	struct module_image image;
	struct buffer out, again;
	uint32_t index;

	(void)state;
	open_fixture(&before, "fix-ture.ko");
	index = module_find_section(&before, ".modinfo");
	out = rewritten(&before, &other, 1);
	open_bytes(&after, buffer_bytes(&out));
	assert_int_equal(module_find_section(&after, ".modinfo"), index);
	assert_int_equal(after.nr_sections, before.nr_sections);
	for (uint32_t i = 1; i < before.nr_sections; i++) {
		const struct module_section *x = &before.sections[i], *y = &after.sections[i];

		assert_string_equal(x->name, y->name);
		assert_int_equal(x->type, y->type);
		assert_int_equal(x->flags, y->flags);
		assert_int_equal(x->align, y->align);
		assert_int_equal(x->entsize, y->entsize);
		assert_int_equal(x->link, y->link);
		assert_int_equal(x->info, y->info);
		if (i == index)
			continue;
		assert_int_equal(x->data.size, y->data.size);
		if (x->data.size)
			assert_memory_equal(x->data.data, y->data.data, x->data.size);
	}
	assert_true(after.sections[index].flags & SHF_ALLOC);
	assert_int_equal(after.sections[index].data.size, 16);
	assert_memory_equal(after.sections[index].data.data, "another=content", 16);
	module_close(&after);
	again = rewritten_bytes(buffer_bytes(&out), &other, 1);
	assert_same_bytes(&out, &again);
	assert_int_equal(module_rewrite(&before, &none, 1, &image, &err), -EINVAL);
	assert_non_null(strstr(err.text, ".none"));
	module_close(&before);
	buffer_free(&out);
	buffer_free(&again);
}

static void what_cannot_be_rewritten_is_refused(void **state)
{
	static const struct module_change twice[] = {
		{ ".BTF", SHT_PROGBITS, 1, false, { NULL, 0 } },
		{ ".BTF", SHT_PROGBITS, 1, false, { NULL, 0 } },
	};
	static const struct module_change odd = { ".BTF", SHT_PROGBITS, 3, false, { NULL, 0 } };
	struct buffer elf = scratch_read("middle.ko"), copy;
	struct module_image out;
	struct error err = ERROR_INIT;
	struct module mod;
	uint64_t shoff = load_u64(elf.data + offsetof(Elf64_Ehdr, e_shoff), false);
	uint8_t *shdr;
	uint32_t text;

	(void)state;
	open_bytes(&mod, buffer_bytes(&elf));
	text = module_find_section(&mod, ".comment");
	assert_int_equal(module_rewrite(&mod, twice, 2, &out, &err), -EINVAL);
	assert_int_equal(module_rewrite(&mod, &odd, 1, &out, &err), -EINVAL);
	module_close(&mod);

	/* a section over the next one, over the ELF header, over the section headers */
	for (int i = 0; i < 3; i++) {
		copy = scratch_copy(buffer_bytes(&elf));
		shdr = copy.data + shoff + text * sizeof(Elf64_Shdr);
		if (i == 0)
			store_u64(shdr + offsetof(Elf64_Shdr, sh_size), 1000, false);
		else
			store_u64(shdr + offsetof(Elf64_Shdr, sh_offset), i == 1 ? 16 : shoff + 8,
				  false);
		open_bytes(&mod, buffer_bytes(&copy));
		assert_int_equal(module_rewrite(&mod, add_all, 3, &out, &err), -EINVAL);
		assert_non_null(strstr(err.text, "overlaps"));
		assert_null(out.pieces);
		module_close(&mod);
		buffer_free(&copy);
	}

	/* alignments that would make the file huge, or are none */
	for (int i = 0; i < 2; i++) {
		copy = scratch_copy(buffer_bytes(&elf));
		open_bytes(&mod, buffer_bytes(&copy));
		shdr = copy.data + shoff +
		       module_find_section(&mod, ".symtab") * sizeof(Elf64_Shdr);
		module_close(&mod);
		store_u64(shdr + offsetof(Elf64_Shdr, sh_addralign), i ? 1ull << 40 : 24, false);
		open_bytes(&mod, buffer_bytes(&copy));
		assert_int_equal(module_rewrite(&mod, add_all, 3, &out, &err), -EINVAL);
		assert_non_null(strstr(err.text, "alignment"));
		module_close(&mod);
		buffer_free(&copy);
	}

	/* two of one name: which one is meant? */
	copy = scratch_copy(buffer_bytes(&elf));
	store_u32(header_of(&copy, ".comment") + offsetof(Elf64_Shdr, sh_name),
		  load_u32(header_of(&copy, ".BTF") + offsetof(Elf64_Shdr, sh_name), false), false);
	open_bytes(&mod, buffer_bytes(&copy));
	assert_int_equal(module_rewrite(&mod, add_all, 3, &out, &err), -EINVAL);
	assert_non_null(strstr(err.text, "2 sections called .BTF"));
	module_close(&mod);
	buffer_free(&copy);

	/* each of them possible, all of them together out of proportion */
	copy = scratch_copy(buffer_bytes(&elf));
	store_u64(header_of(&copy, ".symtab") + offsetof(Elf64_Shdr, sh_addralign), 64 << 20,
		  false);
	store_u64(header_of(&copy, ".strtab") + offsetof(Elf64_Shdr, sh_addralign), 64 << 20,
		  false);
	open_bytes(&mod, buffer_bytes(&copy));
	assert_int_equal(module_rewrite(&mod, add_all, 3, &out, &err), -EOVERFLOW);
	module_close(&mod);
	buffer_free(&copy);
	buffer_free(&elf);
}

/* Behind the last section zeros are padding; whose other bytes are is not known. */
static void bytes_behind_the_sections_are_not_lost(void **state)
{
	struct buffer elf = scratch_read("middle.ko"), longer;
	struct module_image out;
	struct error err = ERROR_INIT;
	struct module mod;
	char words[64];

	(void)state;
	longer = (struct buffer){ calloc(1, elf.size + 5000), elf.size + 5000 };
	memcpy(longer.data, elf.data, elf.size);
	open_bytes(&mod, buffer_bytes(&longer));
	assert_int_equal(module_rewrite(&mod, add_all, 3, &out, &err), 0);
	module_image_free(&out);
	longer.data[elf.size + 4999] = 1;
	assert_int_equal(module_rewrite(&mod, add_all, 3, &out, &err), -EINVAL);
	snprintf(words, sizeof(words), "5000 bytes at offset 0x%zx", elf.size);
	assert_non_null(strstr(err.text, words));
	assert_null(out.pieces);
	module_close(&mod);
	buffer_free(&longer);
	buffer_free(&elf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_are_added_and_nothing_else_changes),
		cmocka_unit_test(running_again_gives_the_same_bytes),
		cmocka_unit_test(the_past_leaves_no_trace),
		cmocka_unit_test(removed_sections_leave_indices_alone),
		cmocka_unit_test(the_last_section_is_dropped_unless_referred_to),
		cmocka_unit_test(only_what_is_named_is_changed),
		cmocka_unit_test(headers_may_stand_anywhere),
		cmocka_unit_test(names_may_be_shared_with_symbols),
		cmocka_unit_test(the_name_table_may_stand_in_the_middle),
		cmocka_unit_test(names_may_share_their_ends),
		cmocka_unit_test(over_65280_sections_are_handled),
		cmocka_unit_test(the_count_moves_to_section_0_and_back),
		cmocka_unit_test(what_stays_are_few_ranges_of_the_file),
		cmocka_unit_test(an_image_outlives_what_it_was_made_from),
		cmocka_unit_test(the_content_alone_may_change),
		cmocka_unit_test(what_cannot_be_rewritten_is_refused),
		cmocka_unit_test(bytes_behind_the_sections_are_not_lost),
	};

	return cmocka_run_group_tests(tests, modules_make, scratch_remove);
}
