// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module is opened from any container and says who it is; what is no module, or a damaged one, is an
 * error that says what and where.
 */
#include "test.h"

#include <elf.h>
#include <stdio.h>

#include "module/module.h"
#include "module/note.h"
#include "modules.h"
#include "scratch.h"

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
			assert_int_equal(codec_compress(cases[i].codec, buffer_bytes(&out), 1,
							&packed, &err),
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

/* ---- hostile files ---- */

/* Opens, reads everything, rewrites; whatever comes of it, it must not crash. */
static bool survives(struct bytes b)
{
	struct error err = ERROR_INIT;
	struct module_image image;
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
	if (module_rewrite(&mod, add_all, 3, &image, &err) == 0)
		assert_true(image.size > 0);
	module_image_free(&image);
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
		cmocka_unit_test(truncated_modules_are_errors),
		cmocka_unit_test(wild_fields_are_errors),
		cmocka_unit_test(mutated_modules_do_no_harm),
		cmocka_unit_test(other_files_are_no_modules),
		cmocka_unit_test(an_odd_identity_is_an_error),
	};

	return cmocka_run_group_tests(tests, modules_make, scratch_remove);
}
