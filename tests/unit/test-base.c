// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each packing leads to the same BTF; what is damaged, truncated or not what it says is an error and
 * never more than that. The images are those of tests/lib/make-images.sh.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "images.h"
#include "io/codec.h"

/* More than any image here unpacks to. */
#define LIMIT ((size_t)4 << 20)

static const struct good {
	const char *name;
	const char *btf;
	const char *form;
	const char *release;
} good[] = {
	{ "base.btf", "base.btf", "raw BTF", "" },
	{ "base-be.btf", "base-be.btf", "raw BTF", "" },
	{ "vmlinux", "base.btf", "ELF", IMAGES_RELEASE },
	{ "vmlinux-be", "base-be.btf", "ELF", IMAGES_RELEASE },
	{ "vmlinux32", "base.btf", "ELF", IMAGES_RELEASE },
	{ "vmlinux32-be", "base-be.btf", "ELF", IMAGES_RELEASE },
	{ "vmlinux-zlib", "base.btf", "ELF (zlib)", IMAGES_RELEASE },
	{ "vmlinux-zstd", "base.btf", "ELF (zstd)", IMAGES_RELEASE },
	{ "vmlinux-noheaders", "base.btf", "ELF", IMAGES_RELEASE },
	{ "vmlinux.xz", "base.btf", "xz, ELF", IMAGES_RELEASE },
	{ "vmlinux.gz", "base.btf", "gzip, ELF", IMAGES_RELEASE },
	{ "bzImage.gzip", "base.btf", "bzImage (gzip), ELF", IMAGES_RELEASE },
	{ "bzImage.xz", "base.btf", "bzImage (xz), ELF", IMAGES_RELEASE },
	{ "bzImage.lzma", "base.btf", "bzImage (lzma), ELF", IMAGES_RELEASE },
	{ "bzImage.zstd", "base.btf", "bzImage (zstd), ELF", IMAGES_RELEASE },
	{ "bzImage.none", "base.btf", "bzImage, ELF", IMAGES_RELEASE },
	{ "Image", "base.btf", "arm64 Image", IMAGES_RELEASE },
	{ "Image-be", "base-be.btf", "arm64 Image", IMAGES_RELEASE },
	{ "Image.gz", "base.btf", "gzip, arm64 Image", IMAGES_RELEASE },
	{ "riscv.Image", "base.btf", "riscv Image", IMAGES_RELEASE },
	{ "zboot.gzip", "base.btf", "zboot (gzip), arm64 Image", IMAGES_RELEASE },
	{ "zboot.xz", "base.btf", "zboot (xz), arm64 Image", IMAGES_RELEASE },
	{ "zboot.zstd", "base.btf", "zboot (zstd), arm64 Image", IMAGES_RELEASE },
	{ "uki.efi", "base.btf", "UKI, bzImage (zstd), ELF", IMAGES_RELEASE },
	{ "uki-zboot.efi", "base.btf", "UKI, zboot (gzip), arm64 Image", IMAGES_RELEASE },
	{ "uki-gzip.efi", "base.btf", "UKI (gzip), arm64 Image", IMAGES_RELEASE },
	{ "efi.stub", "base.btf", "EFI image", IMAGES_RELEASE },
	{ "zImage.arm", "base.btf", "arm zImage (xz)", IMAGES_RELEASE },
	{ "zImage.ppc", "base.btf", "ELF (gzip), ELF", IMAGES_RELEASE },
	{ "bzImage.s390", "base-be.btf", "s390 bzImage (gzip)", IMAGES_RELEASE },
	{ "unknown.bin", "base.btf", "unknown image", IMAGES_RELEASE },
};

#define NR_GOOD (sizeof(good) / sizeof(good[0]))

static void each_packing_leads_to_the_base(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_GOOD; i++) {
		struct buffer want = images_read(images_path(good[i].btf));
		struct error err = ERROR_INIT;
		struct base base;

		if (base_open(&base, images_path(good[i].name), NULL, &err))
			fail_msg("%s: %s", good[i].name, err.text);
		assert_string_equal(base.image.form, good[i].form);
		assert_string_equal(base.image.release, good[i].release);
		assert_string_equal(base.path, images_path(good[i].name));
		if (base.image.btf.size != want.size ||
		    memcmp(base.image.btf.data, want.data, want.size) != 0)
			fail_msg("%s: other BTF of %zu bytes", good[i].name, base.image.btf.size);
		assert_int_equal(base.btf.nr, 7);
		assert_int_equal(base.btf.big_endian, strcmp(good[i].btf, "base-be.btf") == 0);
		base_close(&base);
		buffer_free(&want);
	}
}

static void what_is_no_base_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *name;
		int code;
		const char *words;
	} bad[] = {
		{ "vmlinux-nobtf", -ENODATA, "CONFIG_DEBUG_INFO_BTF" },
		{ "vmlinux-empty", -ENODATA, "section .BTF is empty" },
		{ "vmlinux-nobits", -ENODATA, "debug info" },
		{ "module.ko", -EINVAL, "kernel module" },
		{ "Image-nobtf", -ENODATA, "arm64 Image: no BTF" },
		{ "bzImage.lz4", -EOPNOTSUPP, "cannot unpack: it is packed with lz4" },
		{ "bzImage.bzip2", -EOPNOTSUPP, "packed with bzip2" },
		{ "bzImage.lzo", -EOPNOTSUPP, "packed with lzo" },
		{ "zboot.lz4", -EOPNOTSUPP, "packed with lz4" },
		{ "zboot.none", -EOPNOTSUPP, "said to be 'none'" },
		{ "nested.gz", -ELOOP, "inside each other" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error err = ERROR_INIT;
		struct base base;

		assert_int_equal(base_open(&base, images_path(bad[i].name), NULL, &err),
				 bad[i].code);
		assert_int_equal(err.code, bad[i].code);
		assert_string_equal(err.file, images_path(bad[i].name));
		if (!strstr(err.text, bad[i].words))
			fail_msg("%s: '%s' lacks '%s'", bad[i].name, err.text, bad[i].words);
		assert_null(base.path);
	}
}

static void what_is_no_image_is_refused(void **state)
{
	struct error err = ERROR_INIT;
	struct image image;
	struct base base;

	(void)state;
	assert_int_equal(image_open(&image, (struct bytes){ NULL, 0 }, LIMIT, &err), -EINVAL);
	assert_int_equal(image_open(&image, (struct bytes){ (const uint8_t *)"MZ", 2 }, LIMIT,
				    &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "vmlinux"));
	assert_int_equal(base_open(&base, images_path("nothing"), NULL, &err), -ENOENT);
	assert_int_equal(base_open(&base, "/dev/null", NULL, &err), -EINVAL);
	assert_int_equal(base_open(&base, "/", NULL, &err), -EISDIR);
}

static void unpacking_stops_at_the_limit(void **state)
{
	struct buffer bomb = images_read(images_path("bomb.gz"));
	struct buffer kernel = images_read(images_path("bzImage.zstd"));
	struct error err = ERROR_INIT;
	struct image image;

	(void)state;
	assert_int_equal(image_open(&image, buffer_bytes(&bomb), LIMIT, &err), -EFBIG);
	assert_non_null(strstr(err.text, "gzip: unpacks to more than 4194304 bytes"));
	assert_null(image.unpacked.data);
	assert_int_equal(image_open(&image, buffer_bytes(&kernel), 3000, &err), -EFBIG);
	assert_int_equal(image_open(&image, buffer_bytes(&kernel), LIMIT, &err), 0);
	image_close(&image);
	buffer_free(&bomb);
	buffer_free(&kernel);
}

/*
 * Opens @in; a crash, or a read that the sanitizer sees, is what this is about. Returns whether BTF was
 * found and can be read.
 */
static bool survives(struct bytes in, struct bytes *btf, struct buffer *copy)
{
	struct error err = ERROR_INIT;
	struct image image;
	struct btf view;
	bool readable;

	if (image_open(&image, in, LIMIT, &err)) {
		assert_true(err.code < 0 && err.text[0]);
		assert_null(image.unpacked.data);
		return false;
	}
	readable = btf_open(&view, image.btf, NULL, &err) == 0;
	if (readable) {
		btf_close(&view);
		copy->data = malloc(image.btf.size);
		copy->size = image.btf.size;
		assert_non_null(copy->data);
		memcpy(copy->data, image.btf.data, image.btf.size);
		*btf = buffer_bytes(copy);
	}
	image_close(&image);
	return readable;
}

static bool same(struct bytes a, const struct buffer *b)
{
	return a.size == b->size && memcmp(a.data, b->data, a.size) == 0;
}

/* What is left of an image has the whole base, or, where it was searched for, another whole one. */
static void a_truncated_image_never_gives_half_a_base(void **state)
{
	struct buffer small = images_read(images_path("small.btf"));

	(void)state;
	for (size_t i = 0; i < NR_GOOD; i++) {
		struct buffer want = images_read(images_path(good[i].btf));
		struct buffer whole = images_read(images_path(good[i].name));
		size_t opened = 0;

		for (size_t n = 0; n < whole.size; n += n < 600 || n + 300 > whole.size ? 1 : 499) {
			struct buffer copy = { NULL, 0 };
			struct bytes btf;
			/* Of this size to the byte, for the sanitizer. */
			uint8_t *part = malloc(n ? n : 1);

			assert_non_null(part);
			memcpy(part, whole.data, n);
			if (survives((struct bytes){ part, n }, &btf, &copy)) {
				opened++;
				if (!same(btf, &want) && !same(btf, &small))
					fail_msg("%s cut to %zu bytes gives other BTF",
						 good[i].name, n);
			}
			buffer_free(&copy);
			free(part);
		}
		/* Raw BTF and ELF files end with what they need. */
		if (strncmp(good[i].form, "raw", 3) == 0 || strcmp(good[i].name, "vmlinux") == 0)
			assert_int_equal(opened, 0);
		buffer_free(&whole);
		buffer_free(&want);
	}
	buffer_free(&small);
}

/* Bytes @from to @to, counted from the end if negative, hold offsets, sizes and counts. */
static const struct {
	const char *name;
	long from;
	long to;
} fields[] = {
	{ "vmlinux", 0, 64 },
	{ "vmlinux", -360, -1 },
	{ "vmlinux-be", 0, 64 },
	{ "vmlinux-be", -360, -1 },
	{ "vmlinux32", 0, 52 },
	{ "vmlinux32", -250, -1 },
	{ "vmlinux32-be", 0, 52 },
	{ "vmlinux-zlib", -360, -1 },
	{ "vmlinux-zstd", -560, -1 },
	{ "bzImage.xz", 0x1f0, 0x250 },
	{ "bzImage.zstd", 0x1f0, 0x250 },
	{ "zboot.xz", 0, 64 },
	{ "zboot.xz", 4080, 4200 },
	{ "uki.efi", 0, 64 },
	{ "uki.efi", 120, 520 },
	{ "Image", 1060, 1420 },
	{ "Image", 1500, 1800 },
	{ "zImage.ppc", 0, 52 },
	{ "zImage.ppc", -200, -1 },
	{ "base.btf", 0, 196 },
};

static void absurd_offsets_sizes_and_counts_are_survived(void **state)
{
	static const uint32_t absurd[] = { 0, 0x7fffffff, 0x80000000, 0xfffffff0 };

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct buffer image = images_read(images_path(fields[i].name));
		long end = (long)image.size;
		long from = fields[i].from < 0 ? end + fields[i].from : fields[i].from;
		long to = fields[i].to < 0 ? end + fields[i].to : fields[i].to;

		assert_true(from >= 0 && to <= end);
		for (long at = from; at + 4 <= to; at++) {
			uint8_t *field = image.data + at;
			uint8_t old[4];

			memcpy(old, field, 4);
			for (size_t k = 0; k < sizeof(absurd) / sizeof(absurd[0]); k++) {
				struct buffer copy = { NULL, 0 };
				struct bytes btf;

				store_u32(field, absurd[k], false);
				survives(buffer_bytes(&image), &btf, &copy);
				buffer_free(&copy);
			}
			memcpy(field, old, 4);
		}
		buffer_free(&image);
	}
}

/* An image of nothing but headers, each of which promises the whole rest. */
static void headers_without_btf_are_seen_through(void **state)
{
	const size_t size = 1 << 20;
	struct error err = ERROR_INIT;
	struct image image;
	uint8_t *data = calloc(1, size);

	(void)state;
	assert_non_null(data);
	for (size_t off = 64; off + 64 < size; off += 32) {
		uint8_t *p = data + off;
		uint32_t types = (uint32_t)(size - off - 24 - 32) & ~3u;

		store_u16(p, BTF_MAGIC, false);
		p[2] = BTF_VERSION;
		store_u32(p + 4, 24, false);
		store_u32(p + 12, types, false);
		store_u32(p + 16, types, false);
		store_u32(p + 20, 8, false);
		/* A type that is well-formed, if useless: a forward declaration. */
		store_u32(p + 28, btf_info(BTF_KIND_FWD, 0, 0), false);
	}
	assert_int_equal(image_open(&image, (struct bytes){ data, size }, LIMIT, &err), -EINVAL);
	free(data);
}

/* Puts @name at @off of @memory. */
static void embed(uint8_t *memory, size_t off, const char *name)
{
	struct buffer btf = images_read(images_path(name));

	memcpy(memory + off, btf.data, btf.size);
	buffer_free(&btf);
}

static void the_largest_base_is_taken_wherever_it_is(void **state)
{
	struct buffer base = images_read(images_path("base.btf"));
	struct error err = ERROR_INIT;
	struct image image;
	uint8_t memory[4096];

	(void)state;
	for (size_t shift = 0; shift < 8; shift++) {
		memset(memory, 0x90, sizeof(memory));
		memcpy(memory + 56, "ARM\x64", 4);
		embed(memory, shift & 1 ? 200 : 2000, "small.btf");
		embed(memory, 700 + shift, "base.btf");
		/* Larger than both, but of a BPF program. */
		embed(memory, 3000, "program.btf");
		assert_int_equal(image_open(&image, (struct bytes){ memory, sizeof(memory) }, LIMIT,
					    &err),
				 0);
		assert_ptr_equal(image.btf.data, memory + 700 + shift);
		assert_int_equal(image.btf.size, base.size);
		image_close(&image);
	}
	/* A base that does not verify is none: its pointer's target becomes type 99. */
	store_u32(memory + 707 + 24 + 16 + 36 + 8, 99, false);
	assert_int_equal(image_open(&image, (struct bytes){ memory, sizeof(memory) }, LIMIT, &err),
			 0);
	assert_ptr_equal(image.btf.data, memory + 200);
	image_close(&image);
	buffer_free(&base);
}

static struct bytes text(const char *s, size_t size)
{
	return (struct bytes){ (const uint8_t *)s, size };
}

static void a_release_is_taken_from_the_banner_only(void **state)
{
	static const char image[] = "Linux version %s\n\0Linux version is\0"
				    "Linux version 6.12.117+deb12-amd64 (a@b) (gcc) #1 SMP\n";
	char release[RELEASE_SIZE];

	(void)state;
	assert_true(release_search(release, text(image, sizeof(image))));
	assert_string_equal(release, "6.12.117+deb12-amd64");
	/* Its end is not in sight. */
	assert_false(release_search(release, text(image, 60)));
	assert_string_equal(release, "");
	assert_false(release_search(release, text(image, 0)));
	assert_true(release_take(release, text("6.1\n", 4)));
	assert_false(release_take(release, text("6.1", 3)));
	assert_false(release_take(release, text("6/1 ", 4)));
	assert_false(release_take(release, text(" ", 1)));
}

static void a_release_that_leads_elsewhere_is_not_valid(void **state)
{
	char much[2 * RELEASE_SIZE];

	(void)state;
	assert_true(release_valid("6.12.117+deb12-amd64"));
	assert_true(release_valid("5.14.0-503.el9.x86_64"));
	assert_true(release_valid("6.8~rc1-1_x"));
	assert_false(release_valid(""));
	assert_false(release_valid("."));
	assert_false(release_valid(".."));
	assert_false(release_valid("../6.1"));
	assert_false(release_valid("6.1/.."));
	assert_false(release_valid("6.1..2"));
	assert_false(release_valid("6.1/build"));
	assert_false(release_valid("6.*"));
	assert_false(release_valid("6.1\n"));
	memset(much, '6', sizeof(much));
	much[RELEASE_SIZE] = '\0';
	assert_false(release_valid(much));
	much[RELEASE_SIZE - 1] = '\0';
	assert_true(release_valid(much));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_packing_leads_to_the_base),
		cmocka_unit_test(what_is_no_base_is_refused_with_its_reason),
		cmocka_unit_test(what_is_no_image_is_refused),
		cmocka_unit_test(unpacking_stops_at_the_limit),
		cmocka_unit_test(a_truncated_image_never_gives_half_a_base),
		cmocka_unit_test(absurd_offsets_sizes_and_counts_are_survived),
		cmocka_unit_test(headers_without_btf_are_seen_through),
		cmocka_unit_test(the_largest_base_is_taken_wherever_it_is),
		cmocka_unit_test(a_release_is_taken_from_the_banner_only),
		cmocka_unit_test(a_release_that_leads_elsewhere_is_not_valid),
	};

	return cmocka_run_group_tests(tests, images_make, images_remove);
}
