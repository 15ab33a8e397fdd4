// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module is opened from any container; sections are replaced, added and removed without touching
 * another byte, and the result does not depend on how one got there.
 */
#include "test.h"

#include <elf.h>
#include <stdio.h>

#include "module/module.h"
#include "module/note.h"
#include "scratch.h"

#define NAMES_OF_OURS ".BTF", ".BTF.base", NOTE_SECTION

static const char *const ours[] = { NAMES_OF_OURS, NULL };

/* What the sections are given in most tests: of odd sizes, so that alignment has work to do. */
static const char btf_text[] = "what stands in .BTF, 45 bytes with its NUL...";
static const char base_text[] = "what stands in .BTF.base";
static const char note_text[] = "0123456789abcdef0123456789abcdef0123456789abcdef";

#define BYTES(text) ((struct bytes){ (const uint8_t *)(text), sizeof(text) })

static const struct module_change add_all[] = {
	{ ".BTF", SHT_PROGBITS, 1, false, { (const uint8_t *)btf_text, sizeof(btf_text) } },
	{ ".BTF.base", SHT_PROGBITS, 8, false, { (const uint8_t *)base_text, sizeof(base_text) } },
	{ NOTE_SECTION, SHT_NOTE, 4, false, { (const uint8_t *)note_text, sizeof(note_text) } },
};

static const struct module_change remove_all[] = {
	{ .name = ".BTF", .align = 1, .remove = true },
	{ .name = ".BTF.base", .align = 1, .remove = true },
	{ .name = NOTE_SECTION, .align = 1, .remove = true },
};

/* ---- fixtures ---- */

static const char source[] =
	"#define INFO(tag, text) static const char tag[] "
	"__attribute__((section(\".modinfo\"), used, aligned(1))) = #tag \"=\" text\n"
	"INFO(license, \"GPL\");\n"
	"INFO(name, \"fix_ture\");\n"
	"INFO(vermagic, \"6.1.0-test SMP mod_unload \");\n"
	"static int counter = 3;\n"
	"int table[100];\n"
	"extern int other(const char *);\n"
	"int first(int x) { return other(\"a string\") + counter++ + table[x]; }\n"
	"__attribute__((section(\".init.text\"))) int init_module(void) { return first(1); }\n";

/* The objects that the tests open: made once. */
static int make_fixtures(void **state)
{
	if (scratch_make(state))
		return -1;
	scratch_write("fix-ture.c", (struct bytes){ (const uint8_t *)source, sizeof(source) - 1 });
	scratch_run("gcc -g -O2 -c fix-ture.c -o fix-ture.ko");
	scratch_run("gcc -g -gz=zlib -O2 -c fix-ture.c -o packed.ko");
	/* as kbuild adds it: in the middle, before the symbol table */
	scratch_run("head -c 1000 fix-ture.c >blob");
	scratch_run("objcopy --add-section .BTF=blob fix-ture.ko middle.ko");
	scratch_run("objcopy -I binary -O elf32-big --add-section .modinfo=blob blob be32.ko");
	scratch_run("objcopy -I binary -O elf64-big --add-section .modinfo=blob blob be64.ko");
	scratch_run("objcopy -I binary -O elf32-little --add-section .BTF=blob blob le32.ko");
	return 0;
}

static const char *const fixtures[] = { "fix-ture.ko", "packed.ko", "middle.ko",
					"be32.ko",     "be64.ko",   "le32.ko" };

#define NR_FIXTURES (sizeof(fixtures) / sizeof(fixtures[0]))

static void open_fixture(struct module *mod, const char *name)
{
	struct error err = ERROR_INIT;

	if (module_open(mod, scratch_path(name), &err))
		fail_msg("%s: %s", name, err.text);
}

static void open_bytes(struct module *mod, struct bytes b)
{
	struct error err = ERROR_INIT;

	if (module_open_memory(mod, b, "memory", MODULE_LIMIT, &err))
		fail_msg("%s", err.text);
}

static struct buffer rewritten(const struct module *mod, const struct module_change *changes,
			       size_t nr)
{
	struct error err = ERROR_INIT;
	struct buffer out;

	if (module_rewrite(mod, changes, nr, &out, &err))
		fail_msg("%s: %s", mod->path, err.text);
	return out;
}

static struct buffer rewritten_bytes(struct bytes elf, const struct module_change *changes,
				     size_t nr)
{
	struct module mod;
	struct buffer out;

	open_bytes(&mod, elf);
	out = rewritten(&mod, changes, nr);
	module_close(&mod);
	return out;
}

static void assert_same_bytes(const struct buffer *a, const struct buffer *b)
{
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->data, b->data, a->size);
}

static bool is_ours(const char *name)
{
	for (size_t i = 0; ours[i]; i++)
		if (!strcmp(name, ours[i]))
			return true;
	return false;
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
		if (b->type != SHT_NOBITS && b->size && b->align > 1)
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

/* ---- opening ---- */

static void a_module_says_who_it_is(void **state)
{
	struct module mod;

	(void)state;
	open_fixture(&mod, "fix-ture.ko");
	assert_string_equal(mod.name, "fix_ture");
	assert_string_equal(mod.vermagic, "6.1.0-test SMP mod_unload ");
	assert_string_equal(mod.release, "6.1.0-test");
	assert_string_equal(mod.signer, "");
	assert_string_equal(mod.sig_hash, "");
	assert_int_equal(mod.codec, CODEC_NONE);
	assert_int_equal(mod.signature.size, 0);
	assert_true(mod.is64);
	assert_int_equal(mod.machine, EM_X86_64);
	assert_int_not_equal(module_find_section(&mod, ".modinfo"), 0);
	assert_int_equal(module_find_section(&mod, ".modinf"), 0);
	assert_int_equal(module_find_section(&mod, ""), 0);
	module_close(&mod);

	/* without .modinfo the file gives the name */
	scratch_run("grep -v INFO fix-ture.c | gcc -x c -c - -o no-info.ko");
	open_fixture(&mod, "no-info.ko");
	assert_string_equal(mod.name, "no_info");
	assert_string_equal(mod.vermagic, "");
	assert_string_equal(mod.release, "");
	module_close(&mod);
}

static void every_container_holds_the_same_module(void **state)
{
	static const struct {
		const char *suffix;
		const char *command;
		enum codec codec;
	} cases[] = {
		{ "gz", "gzip -nc", CODEC_GZIP },
		{ "xz", "xz -c", CODEC_XZ },
		{ "zst", "zstd -cq", CODEC_ZSTD },
		{ "txt", "zstd -cq", CODEC_ZSTD }, /* the magic tells, not the suffix */
	};
	struct module plain, mod;

	(void)state;
	open_fixture(&plain, "fix-ture.ko");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[64];

		snprintf(name, sizeof(name), "pack.ko.%s", cases[i].suffix);
		scratch_run("%s fix-ture.ko >%s", cases[i].command, name);
		open_fixture(&mod, name);
		assert_int_equal(mod.codec, cases[i].codec);
		assert_int_equal(mod.elf.size, plain.elf.size);
		assert_memory_equal(mod.elf.data, plain.elf.data, plain.elf.size);
		assert_string_equal(mod.name, "fix_ture");
		module_close(&mod);
	}
	module_close(&plain);
}

/* modinfo is kmod's reader, and stands for what loads modules. */
static void kmod_reads_what_we_write(void **state)
{
	static const struct {
		enum codec codec;
		const char *name;
		const char *feature; /* as `modinfo -V` shows it: Debian's cannot read gzip */
	} cases[] = {
		{ CODEC_NONE, "kmod.ko", "" },
		{ CODEC_GZIP, "kmod.ko.gz", "+ZLIB" },
		{ CODEC_XZ, "kmod.ko.xz", "+XZ" },
		{ CODEC_ZSTD, "kmod.ko.zst", "+ZSTD" },
	};
	const char *modinfo = "PATH=$PATH:/sbin:/usr/sbin modinfo";
	char features[256];
	struct error err = ERROR_INIT;
	struct module mod;
	struct buffer out;

	(void)state;
	open_fixture(&mod, "middle.ko");
	out = rewritten(&mod, add_all, 3);
	module_close(&mod);
	snprintf(features, sizeof(features), "%s", scratch_output("%s -V", modinfo));
	scratch_write(cases[0].name, buffer_bytes(&out));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer packed;

		if (!strstr(features, cases[i].feature))
			continue;
		if (cases[i].codec != CODEC_NONE) {
			assert_int_equal(codec_compress(cases[i].codec, buffer_bytes(&out), &packed,
							&err),
					 0);
			scratch_write(cases[i].name, buffer_bytes(&packed));
			buffer_free(&packed);
		}
		assert_string_equal(scratch_output("%s -F vermagic ./%s", modinfo, cases[i].name),
				    "6.1.0-test SMP mod_unload \n");
	}
	buffer_free(&out);
}

static void byte_orders_and_classes_are_told_apart(void **state)
{
	static const struct {
		const char *name;
		bool is64, big;
	} cases[] = {
		{ "fix-ture.ko", true, false },
		{ "be32.ko", false, true },
		{ "be64.ko", true, true },
		{ "le32.ko", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct module mod;
		uint32_t index;

		open_fixture(&mod, cases[i].name);
		assert_int_equal(mod.is64, cases[i].is64);
		assert_int_equal(mod.big_endian, cases[i].big);
		index = module_find_section(&mod, ".symtab");
		assert_int_not_equal(index, 0);
		assert_string_equal(mod.sections[mod.sections[index].link].name, ".strtab");
		module_close(&mod);
	}
}

static void compressed_sections_are_unpacked(void **state)
{
	struct error err = ERROR_INIT;
	struct module plain, packed, bad;
	struct buffer store = { 0 }, copy;
	struct bytes data;
	uint32_t index = 0, at;

	(void)state;
	scratch_run("objcopy --decompress-debug-sections packed.ko plain.ko");
	open_fixture(&plain, "plain.ko");
	open_fixture(&packed, "packed.ko");
	while (index < packed.nr_sections && !(packed.sections[index].flags & SHF_COMPRESSED))
		index++;
	assert_true(index < packed.nr_sections);
	at = module_find_section(&plain, packed.sections[index].name);
	assert_int_equal(module_section_data(&packed, index, &data, &store, &err), 0);
	assert_int_equal(data.size, plain.sections[at].size);
	assert_memory_equal(data.data, plain.sections[at].data.data, data.size);
	buffer_free(&store);

	/* a header that claims other sizes, or another algorithm */
	for (int i = 0; i < 4; i++) {
		static const uint64_t sizes[] = { 0, 17, 100000, 1ull << 50 };
		uint8_t *chdr;

		copy = scratch_copy(packed.elf);
		chdr = copy.data + packed.sections[index].offset;
		store_u64(chdr + offsetof(Elf64_Chdr, ch_size), sizes[i], false);
		open_bytes(&bad, buffer_bytes(&copy));
		assert_true(module_section_data(&bad, index, &data, &store, &err) < 0);
		assert_non_null(strstr(err.text, packed.sections[index].name));
		assert_null(store.data);
		store_u32(chdr, 77, false);
		assert_int_equal(module_section_data(&bad, index, &data, &store, &err),
				 -EOPNOTSUPP);
		module_close(&bad);
		buffer_free(&copy);
	}
	module_close(&plain);
	module_close(&packed);
}

/* ---- signatures ---- */

/* What scripts/sign-file appends. */
static struct buffer signed_module(struct bytes elf, struct bytes pkcs7)
{
	static const char line[] = "~Module signature appended~\n";
	struct buffer b = { malloc(elf.size + pkcs7.size + 40), elf.size + pkcs7.size + 40 };
	uint8_t *info = b.data + elf.size + pkcs7.size;

	memcpy(b.data, elf.data, elf.size);
	memcpy(b.data + elf.size, pkcs7.data, pkcs7.size);
	memset(info, 0, 12);
	info[2] = 2; /* PKEY_ID_PKCS7 */
	store_u32(info + 8, (uint32_t)pkcs7.size, true);
	memcpy(info + 12, line, 28);
	return b;
}

static void signatures_are_peeled(void **state)
{
	struct buffer elf = scratch_read("fix-ture.ko"), once, twice;
	struct bytes pkcs7 = { (const uint8_t *)"no real PKCS#7, but 30 bytes..", 30 };
	struct module mod;

	(void)state;
	once = signed_module(buffer_bytes(&elf), pkcs7);
	open_bytes(&mod, buffer_bytes(&once));
	assert_int_equal(mod.elf.size, elf.size);
	assert_int_equal(mod.signature.size, 70);
	assert_memory_equal(mod.signature.data, pkcs7.data, 30);
	assert_string_equal(mod.signer, "");
	module_close(&mod);

	twice = signed_module(buffer_bytes(&once), pkcs7);
	open_bytes(&mod, buffer_bytes(&twice));
	assert_int_equal(mod.elf.size, elf.size);
	assert_int_equal(mod.signature.size, 140);
	module_close(&mod);
	buffer_free(&once);
	buffer_free(&twice);
	buffer_free(&elf);
}

static void the_signer_is_named(void **state)
{
	struct buffer elf, pkcs7, whole;
	struct module mod;

	(void)state;
	if (!scratch_has("openssl"))
		skip();
	scratch_run("openssl req -new -x509 -newkey rsa:2048 -nodes -days 1 -subj '/CN=The Signer' "
		    "-keyout key.pem -out cert.pem");
	/* what sign-file does: CMS_NOCERTS | CMS_BINARY | CMS_NOSMIMECAP | CMS_NOATTR, detached */
	scratch_run("openssl cms -sign -binary -nocerts -noattr -nosmimecap -md sha512 "
		    "-signer cert.pem -inkey key.pem -in fix-ture.ko -outform DER -out sig.der");
	elf = scratch_read("fix-ture.ko");
	pkcs7 = scratch_read("sig.der");
	whole = signed_module(buffer_bytes(&elf), buffer_bytes(&pkcs7));
	open_bytes(&mod, buffer_bytes(&whole));
	assert_string_equal(mod.signer, "The Signer");
	assert_string_equal(mod.sig_hash, "sha512");
	assert_string_equal(mod.name, "fix_ture");
	module_close(&mod);

	/* the same through a file, packed */
	scratch_write("signed.ko", buffer_bytes(&whole));
	scratch_run("xz -k signed.ko");
	open_fixture(&mod, "signed.ko.xz");
	assert_string_equal(mod.signer, "The Signer");
	assert_int_equal(mod.elf.size, elf.size);
	module_close(&mod);
	buffer_free(&elf);
	buffer_free(&pkcs7);
	buffer_free(&whole);
}

static void bad_signatures_are_refused(void **state)
{
	struct buffer elf = scratch_read("fix-ture.ko"), whole, copy;
	struct bytes pkcs7 = { (const uint8_t *)"0123456789", 10 };
	struct error err = ERROR_INIT;
	struct module mod;
	size_t info;

	(void)state;
	whole = signed_module(buffer_bytes(&elf), pkcs7);
	info = elf.size + 10;
	for (size_t field = 0; field < 8; field++) {
		copy = scratch_copy(buffer_bytes(&whole));
		copy.data[info + field] = 9;
		assert_int_equal(module_open_memory(&mod, buffer_bytes(&copy), "bad.ko",
						    MODULE_LIMIT, &err),
				 field == 2 ? -EOPNOTSUPP : -EINVAL);
		assert_string_equal(err.file, "bad.ko");
		assert_non_null(strstr(err.text, "signature"));
		buffer_free(&copy);
	}
	copy = scratch_copy(buffer_bytes(&whole));
	store_u32(copy.data + info + 8, UINT32_MAX, true);
	assert_int_equal(module_open_memory(&mod, buffer_bytes(&copy), "bad.ko", MODULE_LIMIT,
					    &err),
			 -EINVAL);
	store_u32(copy.data + info + 8, (uint32_t)info, true);
	assert_int_equal(module_open_memory(&mod, buffer_bytes(&copy), "bad.ko", MODULE_LIMIT,
					    &err),
			 -EINVAL);
	buffer_free(&copy);
	/* nothing but the line */
	copy = scratch_copy((struct bytes){ whole.data + whole.size - 28, 28 });
	assert_int_equal(module_open_memory(&mod, buffer_bytes(&copy), "bad.ko", MODULE_LIMIT,
					    &err),
			 -EINVAL);
	buffer_free(&copy);
	buffer_free(&whole);
	buffer_free(&elf);
}

/* ---- rewriting ---- */

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
	memcpy(b.data + 64 + room, elf.data + 64, elf.size - 64);
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

/* The header of section @name in a little endian ELF64 image. */
static uint8_t *header_of(struct buffer *elf, const char *name)
{
	struct module mod;
	uint32_t index;

	open_bytes(&mod, buffer_bytes(elf));
	index = strcmp(name, "names") ? module_find_section(&mod, name) : mod.name_table;
	module_close(&mod);
	assert_int_not_equal(index, 0);
	return elf->data + load_u64(elf->data + offsetof(Elf64_Ehdr, e_shoff), false) +
	       index * sizeof(Elf64_Shdr);
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

static void what_cannot_be_rewritten_is_refused(void **state)
{
	static const struct module_change twice[] = {
		{ ".BTF", SHT_PROGBITS, 1, false, { NULL, 0 } },
		{ ".BTF", SHT_PROGBITS, 1, false, { NULL, 0 } },
	};
	static const struct module_change odd = { ".BTF", SHT_PROGBITS, 3, false, { NULL, 0 } };
	struct buffer elf = scratch_read("middle.ko"), out, copy;
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
		assert_null(out.data);
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

/* ---- hostile files ---- */

/* Opens, reads everything, rewrites; whatever comes of it, it must not crash. */
static bool survives(struct bytes b)
{
	struct error err = ERROR_INIT;
	struct buffer out = { 0 };
	struct module mod;
	uint64_t sum = 0;

	if (module_open_memory(&mod, b, "hostile", 1 << 20, &err) < 0) {
		assert_string_equal(err.file, "hostile");
		assert_true(err.text[0]);
		return false;
	}
	for (uint32_t i = 0; i < mod.nr_sections; i++) {
		struct buffer store = { 0 };
		struct bytes data;

		sum += strlen(mod.sections[i].name);
		if (module_section_data(&mod, i, &data, &store, &err) == 0)
			for (size_t k = 0; k < data.size; k++)
				sum += data.data[k];
		buffer_free(&store);
	}
	note_content_digest(&mod, ours);
	if (module_rewrite(&mod, add_all, 3, &out, &err) == 0)
		assert_true(out.size > 0);
	buffer_free(&out);
	module_close(&mod);
	return sum != 1;
}

static void truncated_modules_are_errors(void **state)
{
	struct buffer elf = scratch_read("fix-ture.ko");

	(void)state;
	for (size_t size = 0; size < elf.size; size += size < 200 ? 1 : 61) {
		struct buffer cut = scratch_copy((struct bytes){ elf.data, size });

		assert_false(survives(buffer_bytes(&cut)));
		buffer_free(&cut);
	}
	assert_true(survives(buffer_bytes(&elf)));
	buffer_free(&elf);
}

/* Fields that point to nowhere are errors that say which section it is. */
static void wild_fields_are_errors(void **state)
{
	static const struct {
		const char *section;
		size_t field;
		uint64_t value;
		size_t size;
		const char *words;
	} cases[] = {
#define CASE(section, field, value, words) \
	{ section, offsetof(Elf64_Shdr, field), value, sizeof(((Elf64_Shdr *)0)->field), words }
		CASE(".comment", sh_offset, 1 << 30, "outside of the file"),
		CASE(".comment", sh_size, 1 << 30, "outside of the file"),
		CASE(".comment", sh_size, UINT64_MAX, "outside of the file"),
		CASE(".comment", sh_name, 1 << 30, "section name"),
		CASE(".comment", sh_link, 1000, "linked to section 1000"),
		CASE(".rela.text", sh_info, 1000, "relocates section 1000"),
		CASE("names", sh_type, SHT_PROGBITS, "no string table"),
		CASE("names", sh_size, 0, "no string table"),
		CASE("names", sh_flags, SHF_COMPRESSED, "no string table"),
	};
	struct error err = ERROR_INIT;
	struct module mod;
	struct buffer elf;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *field;

		elf = scratch_read("fix-ture.ko");
		field = header_of(&elf, cases[i].section) + cases[i].field;
		if (cases[i].size == 8)
			store_u64(field, cases[i].value, false);
		else
			store_u32(field, (uint32_t)cases[i].value, false);
		assert_int_equal(module_open_memory(&mod, buffer_bytes(&elf), "wild.ko",
						    MODULE_LIMIT, &err),
				 -EINVAL);
		if (!strstr(err.text, cases[i].words))
			fail_msg("%s: %s", cases[i].words, err.text);
		buffer_free(&elf);
	}

	/* the last name without its end */
	elf = scratch_read("fix-ture.ko");
	open_bytes(&mod, buffer_bytes(&elf));
	elf.data[mod.sections[mod.name_table].offset + mod.sections[mod.name_table].size - 1] = 'x';
	module_close(&mod);
	assert_int_equal(module_open_memory(&mod, buffer_bytes(&elf), "wild.ko", MODULE_LIMIT,
					    &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "no string table"));
	buffer_free(&elf);
}

static void mutated_modules_do_no_harm(void **state)
{
	static const char *const names[] = { "middle.ko", "be32.ko", "packed.ko" };
	uint64_t seed = 20240229;
	unsigned int opened = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buffer elf = scratch_read(names[i]);
		struct module mod;
		uint64_t headers;

		open_bytes(&mod, buffer_bytes(&elf));
		headers = mod.is64 ? load_u64(elf.data + 40, mod.big_endian) :
				     load_u32(elf.data + 32, mod.big_endian);
		module_close(&mod);
		for (int n = 0; n < 2000; n++) {
			struct buffer bad = scratch_copy(buffer_bytes(&elf));

			/* mostly in the headers, where it hurts */
			for (uint64_t k = 1 + scratch_random(&seed) % 4; k; k--) {
				uint64_t where = scratch_random(&seed);
				size_t at = where % 8 == 0 ?
						    (where >> 8) % 64 :
					    where % 8 < 7 ?
						    headers + (where >> 8) % (bad.size - headers) :
						    (where >> 8) % bad.size;
				static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xff };

				bad.data[at % bad.size] = where >> 60 & 1 ?
								  edges[(where >> 40) % 5] :
								  (uint8_t)(where >> 32);
			}
			opened += survives(buffer_bytes(&bad));
			buffer_free(&bad);
		}
		buffer_free(&elf);
	}
	/* Else all of them fell at the first check, and little was tested. */
	assert_true(opened > 500);
}

static void other_files_are_no_modules(void **state)
{
	static const char *const words[] = { "ET_REL", "ELF", "ELF", "no module" };
	static const char *const names[] = { "prog", "fix-ture.c", "zero", "class.ko" };
	struct buffer elf = scratch_read("fix-ture.ko");
	struct error err = ERROR_INIT;
	struct module mod;

	(void)state;
	elf.data[EI_CLASS] = 7;
	scratch_write("class.ko", buffer_bytes(&elf));
	buffer_free(&elf);
	scratch_run("echo 'int main(void) { return 0; }' | gcc -x c - -o prog; : >zero");
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(module_open(&mod, scratch_path(names[i]), &err), -EINVAL);
		assert_string_equal(err.file, scratch_path(names[i]));
		if (i < 3 && !strstr(err.text, words[i]))
			fail_msg("%s: %s", names[i], err.text);
	}
	assert_int_equal(module_open(&mod, scratch_path("none.ko"), &err), -ENOENT);
	module_close(&mod);
}

static void an_odd_identity_is_an_error(void **state)
{
	static const char *const infos[] = {
		"name=../../etc/passwd",
		"name=x\x1b[2J",
		"vermagic=6.1\n SMP",
		"vermagic=../../6.1 SMP",
	};
	struct error err = ERROR_INIT;
	struct module mod;

	(void)state;
	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		scratch_write("info",
			      (struct bytes){ (const uint8_t *)infos[i], strlen(infos[i]) + 1 });
		scratch_run("objcopy --update-section .modinfo=info fix-ture.ko odd.ko");
		assert_int_equal(module_open(&mod, scratch_path("odd.ko"), &err), -EINVAL);
		assert_non_null(strstr(err.text, ".modinfo"));
	}
	/* a last string without its NUL, and a tag that only begins like the one wanted */
	scratch_write("info", (struct bytes){ (const uint8_t *)"names=no\0name=a-b", 17 });
	scratch_run("objcopy --update-section .modinfo=info fix-ture.ko odd.ko");
	open_fixture(&mod, "odd.ko");
	assert_string_equal(mod.name, "a_b");
	module_close(&mod);
}

/* ---- note and digests ---- */

static void digests_are_murmur3(void **state)
{
	static const struct {
		const char *text;
		const char *hex;
	} cases[] = {
		/* of the algorithm's reference implementation, seed 0 */
		{ "", "00000000000000000000000000000000" },
		{ "hello", "029bbd41b3a7d8cb191dae486a901e5b" },
		{ "The quick brown fox jumps over the lazy dog",
		  "6c1b07bc7bbc4be347939ac4a93c437a" },
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
		bytes[big ? 23 : 20] = 2;
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

		/* one bit in any other section makes a difference */
		open_bytes(&mod, buffer_bytes(&added));
		for (uint32_t k = 1; k < mod.nr_sections; k++) {
			const struct module_section *s = &mod.sections[k];

			if (!s->data.size || k == mod.name_table)
				continue;
			added.data[s->offset] ^= 1;
			b = note_content_digest(&mod, ours);
			assert_int_equal(digest_equal(&a, &b), is_ours(s->name));
			added.data[s->offset] ^= 1;
		}
		module_close(&mod);
		buffer_free(&elf);
		buffer_free(&added);
		buffer_free(&bare);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_says_who_it_is),
		cmocka_unit_test(every_container_holds_the_same_module),
		cmocka_unit_test(kmod_reads_what_we_write),
		cmocka_unit_test(byte_orders_and_classes_are_told_apart),
		cmocka_unit_test(compressed_sections_are_unpacked),
		cmocka_unit_test(signatures_are_peeled),
		cmocka_unit_test(the_signer_is_named),
		cmocka_unit_test(bad_signatures_are_refused),
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
		cmocka_unit_test(what_cannot_be_rewritten_is_refused),
		cmocka_unit_test(truncated_modules_are_errors),
		cmocka_unit_test(wild_fields_are_errors),
		cmocka_unit_test(mutated_modules_do_no_harm),
		cmocka_unit_test(other_files_are_no_modules),
		cmocka_unit_test(an_odd_identity_is_an_error),
		cmocka_unit_test(digests_are_murmur3),
		cmocka_unit_test(notes_survive_a_round_trip),
		cmocka_unit_test(other_tools_read_the_note),
		cmocka_unit_test(the_content_digest_is_about_the_others),
	};

	return cmocka_run_group_tests(tests, make_fixtures, scratch_remove);
}
