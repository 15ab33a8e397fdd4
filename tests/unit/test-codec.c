// SPDX-License-Identifier: GPL-2.0-only
/*
 * What we pack, the tools unpack, and it has the form that kmod and the kernel read. What the tools
 * pack, we unpack. Anything else is an error with a message.
 */
#include "test.h"

#include <stdio.h>
#include <unistd.h>

#include "io/codec.h"
#include "io/file.h"
#include "scratch.h"

static const struct {
	enum codec codec;
	const char *suffix;
	const char *unpack; /* the tool, to stdout */
} written[] = {
	{ CODEC_GZIP, "gz", "gzip -dc" },
	{ CODEC_XZ, "xz", "xz -dc" },
	{ CODEC_ZSTD, "zst", "zstd -dcq" },
};

#define NR_WRITTEN (sizeof(written) / sizeof(written[0]))

/* Bytes that compress about as well as a module does. */
static struct buffer sample(size_t size)
{
	struct buffer b = { malloc(size ? size : 1), size };
	uint64_t seed = size;

	assert_non_null(b.data);
	for (size_t i = 0; i < size; i++)
		b.data[i] = i % 3 ? (uint8_t)(i / 64) : (uint8_t)scratch_random(&seed);
	return b;
}

static struct buffer pack(enum codec codec, struct bytes in)
{
	struct error err = ERROR_INIT;
	struct buffer out;

	if (codec_compress(codec, in, 1, &out, &err))
		fail_msg("%s: %s", codec_name(codec), err.text);
	return out;
}

static void assert_unpacks_to(enum codec codec, struct bytes in, size_t hint, struct bytes want)
{
	struct error err = ERROR_INIT;
	struct buffer out;

	if (codec_decompress(codec, in, CODEC_LIMIT, hint, &out, NULL, &err))
		fail_msg("%s: %s", codec_name(codec), err.text);
	assert_int_equal(out.size, want.size);
	if (want.size)
		assert_memory_equal(out.data, want.data, want.size);
	buffer_free(&out);
}

/* Unpacking fails with @code, says why, and leaves nothing to be freed. */
static void assert_fails(enum codec codec, struct bytes in, size_t limit, int code,
			 const char *words)
{
	struct error err = ERROR_INIT;
	struct buffer out;

	assert_int_equal(codec_decompress(codec, in, limit, 0, &out, NULL, &err), code);
	assert_int_equal(err.code, code);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in: %s", words, err.text);
	assert_null(out.data);
}

static void round_trips_keep_every_byte(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 100000, 2 << 20 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buffer in = sample(sizes[i]);

		for (size_t c = 0; c < NR_WRITTEN; c++) {
			struct buffer packed = pack(written[c].codec, buffer_bytes(&in));

			assert_int_equal(codec_detect(buffer_bytes(&packed)), written[c].codec);
			assert_unpacks_to(written[c].codec, buffer_bytes(&packed), 0,
					  buffer_bytes(&in));
			buffer_free(&packed);
		}
		buffer_free(&in);
	}
}

static void tools_unpack_what_we_pack(void **state)
{
	struct buffer in = sample(300000);

	(void)state;
	scratch_write("plain", buffer_bytes(&in));
	for (size_t c = 0; c < NR_WRITTEN; c++) {
		struct buffer packed = pack(written[c].codec, buffer_bytes(&in));
		char name[32];

		snprintf(name, sizeof(name), "ours.%s", written[c].suffix);
		scratch_write(name, buffer_bytes(&packed));
		scratch_run("%s %s | cmp - plain", written[c].unpack, name);
		buffer_free(&packed);
	}
	buffer_free(&in);
}

static void what_we_pack_is_what_the_kernel_reads(void **state)
{
	struct buffer in = sample(3 << 20), packed;
	const char *text;

	(void)state;
	packed = pack(CODEC_GZIP, buffer_bytes(&in));
	assert_int_equal(packed.data[3], 0);		       /* no optional field */
	assert_int_equal(load_u32(packed.data + 4, false), 0); /* mtime */
	buffer_free(&packed);

	packed = pack(CODEC_XZ, buffer_bytes(&in));
	scratch_write("form.xz", buffer_bytes(&packed));
	text = scratch_output("xz -lvv --robot form.xz");
	/* one stream of one block, CRC32 (xz's own manual has the columns) */
	assert_non_null(strstr(text, "file\t1\t1\t"));
	assert_non_null(strstr(text, "\tCRC32\t"));
	assert_non_null(strstr(text, "--lzma2=dict=1MiB"));
	assert_null(strstr(text, "--x86"));
	buffer_free(&packed);

	packed = pack(CODEC_ZSTD, buffer_bytes(&in));
	scratch_write("form.zst", buffer_bytes(&packed));
	text = scratch_output("zstd -lv form.zst");
	assert_non_null(strstr(text, "Frames: 1\n"));
	assert_non_null(strstr(text, "Decompressed Size: 3.00 MiB (3145728 B)"));
	assert_non_null(strstr(text, "Window Size: 2.00 MiB (2097152 B)"));
	buffer_free(&packed);
	buffer_free(&in);
}

static void packing_twice_gives_the_same_bytes(void **state)
{
	struct buffer in = sample(200000);

	(void)state;
	for (size_t c = 0; c < NR_WRITTEN; c++) {
		struct buffer a = pack(written[c].codec, buffer_bytes(&in));
		struct buffer b = pack(written[c].codec, buffer_bytes(&in));

		assert_int_equal(a.size, b.size);
		assert_memory_equal(a.data, b.data, a.size);
		buffer_free(&a);
		buffer_free(&b);
	}
	buffer_free(&in);
}

/* In pieces, by however many threads; still one stream or frame that everybody reads. */
static void large_files_are_packed_by_threads(void **state)
{
	static const unsigned int threads[] = { 2, 3, 100 };
	const size_t size = 2 * CODEC_PIECE + 12345;
	struct buffer in = { calloc(1, size), size };
	uint64_t seed = 1;
	const char *text;

	(void)state;
	assert_non_null(in.data);
	for (size_t i = 0; i < size; i += 1 + scratch_random(&seed) % 20000)
		in.data[i] = (uint8_t)seed;
	assert_int_equal(codec_most_threads(CODEC_XZ, size), 2);
	assert_int_equal(codec_most_threads(CODEC_ZSTD, CODEC_PIECE), 1);
	assert_int_equal(codec_most_threads(CODEC_GZIP, size), 1);
	scratch_write("large", buffer_bytes(&in));
	for (size_t c = 0; c < NR_WRITTEN; c++) {
		struct buffer one = pack(written[c].codec, buffer_bytes(&in));
		char name[32];

		assert_unpacks_to(written[c].codec, buffer_bytes(&one), 0, buffer_bytes(&in));
		for (size_t i = 0; i < sizeof(threads) / sizeof(*threads); i++) {
			struct buffer more;

			assert_int_equal(codec_compress(written[c].codec, buffer_bytes(&in),
							threads[i], &more, NULL),
					 0);
			assert_int_equal(more.size, one.size);
			assert_memory_equal(more.data, one.data, one.size);
			buffer_free(&more);
		}
		snprintf(name, sizeof(name), "large.%s", written[c].suffix);
		scratch_write(name, buffer_bytes(&one));
		scratch_run("%s %s | cmp - large", written[c].unpack, name);
		buffer_free(&one);
	}
	text = scratch_output("xz -lvv --robot large.xz");
	assert_non_null(strstr(text, "file\t1\t3\t"));
	assert_non_null(strstr(text, "\tCRC32\t"));
	text = scratch_output("zstd -lv large.zst");
	assert_non_null(strstr(text, "Frames: 1\n"));
	assert_non_null(strstr(text, "Window Size: 2.00 MiB"));
	buffer_free(&in);
}

static void we_unpack_what_tools_pack(void **state)
{
	static const struct {
		enum codec codec;
		const char *command; /* "plain", twice "half", to stdout */
	} cases[] = {
		{ CODEC_GZIP, "gzip -nc plain" },
		{ CODEC_GZIP, "gzip -Nc plain" }, /* with a file name */
		{ CODEC_GZIP, "gzip -1 <plain" },
		{ CODEC_GZIP, "(gzip -c half; gzip -c half)" }, /* two members */
		{ CODEC_GZIP, "(gzip -c plain; head -c 1000 /dev/zero)" },
		{ CODEC_XZ, "xz -c plain" }, /* CRC64, as DKMS 3.0 has it */
		{ CODEC_XZ, "xz -c --check=none plain" },
		{ CODEC_XZ, "xz -c --check=crc32 plain" },
		{ CODEC_XZ, "xz -c --check=sha256 plain" },
		{ CODEC_XZ, "xz -c -9e plain" },
		{ CODEC_XZ, "xz -c --check=crc32 --x86 --lzma2=dict=32MiB plain" },
		{ CODEC_XZ, "(xz -c half; xz -c half)" },
		{ CODEC_XZ, "(xz -c half; head -c 8 /dev/zero; xz -c half; head -c 4 /dev/zero)" },
		{ CODEC_XZ, "xz -c --block-size=65536 plain" },
		{ CODEC_LZMA, "xz -c --format=lzma plain" },
		{ CODEC_LZMA, "xz -c --format=lzma --lzma1=dict=3MiB plain" },
		{ CODEC_ZSTD, "zstd -cq plain" },
		{ CODEC_ZSTD, "zstd -cq --ultra -20 plain" }, /* as DKMS 3.0 has it */
		{ CODEC_ZSTD, "zstd -cq --long=27 plain" },
		{ CODEC_ZSTD, "zstd -cq --no-check plain" },
		{ CODEC_ZSTD, "zstd -cq <plain" }, /* no content size */
		{ CODEC_ZSTD, "zstd -cq --ultra -22 <plain" },
		{ CODEC_ZSTD, "(zstd -cq half; zstd -cq <half)" },
		{ CODEC_ZSTD, "(zstd -cq half; zstd -cq half; head -c 9 /dev/zero)" },
	};
	struct buffer half = sample(150000), plain = { malloc(300000), 300000 };

	(void)state;
	memcpy(plain.data, half.data, half.size);
	memcpy(plain.data + half.size, half.data, half.size);
	scratch_write("half", buffer_bytes(&half));
	scratch_write("plain", buffer_bytes(&plain));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer packed;

		scratch_run("%s >packed", cases[i].command);
		packed = scratch_read("packed");
		assert_int_equal(codec_detect(buffer_bytes(&packed)), cases[i].codec);
		assert_unpacks_to(cases[i].codec, buffer_bytes(&packed), 0, buffer_bytes(&plain));
		buffer_free(&packed);
	}
	buffer_free(&half);
	buffer_free(&plain);
}

static void bare_zlib_streams_are_read(void **state)
{
	/* zlib.compress(b"modbtf") */
	static const uint8_t packed[] = { 0x78, 0x9c, 0xcb, 0xcd, 0x4f, 0x49, 0x2a,
					  0x49, 0x03, 0x00, 0x08, 0xc3, 0x02, 0x7d };
	struct bytes in = { packed, sizeof(packed) };
	struct buffer out = { 0 };
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(codec_detect(in), CODEC_NONE);
	if (codec_decompress(CODEC_ZLIB, in, 6, 6, &out, NULL, &err))
		fail_msg("%s", err.text);
	assert_int_equal(out.size, 6);
	assert_memory_equal(out.data, "modbtf", 6);
	buffer_free(&out);
	assert_fails(CODEC_ZLIB, in, 5, -EFBIG, "more than 5 bytes");
}

static void bytes_behind_the_stream_are_an_error_unless_asked_for(void **state)
{
	struct buffer in = sample(50000);

	(void)state;
	for (size_t c = 0; c < NR_WRITTEN; c++) {
		struct buffer packed = pack(written[c].codec, buffer_bytes(&in)), out;
		struct error err = ERROR_INIT;
		size_t size = packed.size, used = 0;
		char words[64];

		packed.data = realloc(packed.data, size + 100);
		packed.size = size + 100;
		memset(packed.data + size, 0, 100);
		assert_unpacks_to(written[c].codec, buffer_bytes(&packed), 0, buffer_bytes(&in));

		packed.data[size + 99] = 'x';
		snprintf(words, sizeof(words), "at offset 0x%zx", size);
		assert_fails(written[c].codec, buffer_bytes(&packed), CODEC_LIMIT, -EINVAL, words);

		assert_int_equal(codec_decompress(written[c].codec, buffer_bytes(&packed),
						  CODEC_LIMIT, 0, &out, &used, &err),
				 0);
		assert_int_equal(used, size);
		assert_memory_equal(out.data, in.data, in.size);
		buffer_free(&out);
		buffer_free(&packed);
	}
	buffer_free(&in);
}

/* What a zstd frame is that decoders pass over would be lost. */
static void a_skippable_frame_is_an_error(void **state)
{
	struct buffer in = sample(600), packed;
	char words[64];

	(void)state;
	scratch_write("plain", buffer_bytes(&in));
	scratch_run("zstd -cq plain >packed");
	packed = scratch_read("packed");
	snprintf(words, sizeof(words), "at offset 0x%zx", packed.size);
	buffer_free(&packed);
	scratch_run(
		"(cat packed; printf '\\120\\052\\115\\030\\005\\0\\0\\0abcde'; cat packed) >more");
	packed = scratch_read("more");
	assert_fails(CODEC_ZSTD, buffer_bytes(&packed), CODEC_LIMIT, -EINVAL, words);
	buffer_free(&packed);
	buffer_free(&in);
}

static void every_truncation_is_an_error(void **state)
{
	static const struct {
		enum codec codec;
		const char *command;
	} cases[] = {
		{ CODEC_GZIP, "gzip -Nc plain" },
		{ CODEC_XZ, "xz -c plain" },
		{ CODEC_LZMA, "xz -c --format=lzma plain" },
		{ CODEC_ZSTD, "zstd -cq plain" },
		{ CODEC_ZSTD, "zstd -cq --no-check <plain" },
	};
	struct buffer in = sample(600);

	(void)state;
	scratch_write("plain", buffer_bytes(&in));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer packed;

		scratch_run("%s >packed", cases[i].command);
		packed = scratch_read("packed");
		for (size_t size = 0; size < packed.size; size++) {
			struct buffer cut = scratch_copy((struct bytes){ packed.data, size });

			assert_fails(cases[i].codec, buffer_bytes(&cut), CODEC_LIMIT, -EINVAL,
				     "get a c");
			buffer_free(&cut);
		}
		buffer_free(&packed);
	}
	buffer_free(&in);
}

/* A header's free fields may change; the content may not, where there is a checksum. */
static void no_damaged_bit_changes_the_content(void **state)
{
	struct buffer in = sample(300);

	(void)state;
	for (size_t c = 0; c < NR_WRITTEN; c++) {
		struct buffer packed = pack(written[c].codec, buffer_bytes(&in));

		for (size_t bit = 0; bit < packed.size * 8; bit++) {
			struct buffer bad = scratch_copy(buffer_bytes(&packed)), out;
			struct error err = ERROR_INIT;

			bad.data[bit / 8] ^= 1 << bit % 8;
			if (codec_decompress(written[c].codec, buffer_bytes(&bad), 1 << 20, 0, &out,
					     NULL, &err) == 0) {
				/* zstd: without the checksum flag its four bytes would be left over */
				assert_int_equal(out.size, in.size);
				assert_memory_equal(out.data, in.data, in.size);
			} else {
				assert_true(err.text[0]);
			}
			buffer_free(&out);
			buffer_free(&bad);
		}
		buffer_free(&packed);
	}
	buffer_free(&in);
}

static void bombs_stop_at_the_limit(void **state)
{
	static const struct {
		enum codec codec;
		const char *command;
	} cases[] = {
		{ CODEC_GZIP, "gzip -c" },
		{ CODEC_XZ, "xz -0c" },
		{ CODEC_LZMA, "xz -0c --format=lzma" },
		{ CODEC_ZSTD, "zstd -cq" },
		{ CODEC_ZSTD, "zstd -cq --stream-size=67108864" }, /* with a content size */
	};
	const size_t size = 64 << 20;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = ERROR_INIT;
		struct buffer packed, out;

		scratch_run("head -c %zu /dev/zero | %s >bomb", size, cases[i].command);
		packed = scratch_read("bomb");
		assert_true(packed.size < size / 500);
		assert_fails(cases[i].codec, buffer_bytes(&packed), 1000000, -EFBIG,
			     "more than 1000000 bytes");
		assert_fails(cases[i].codec, buffer_bytes(&packed), size - 1, -EFBIG,
			     "more than 67108863 bytes");
		assert_int_equal(codec_decompress(cases[i].codec, buffer_bytes(&packed), size, 0,
						  &out, NULL, &err),
				 0);
		assert_int_equal(out.size, size);
		buffer_free(&out);
		buffer_free(&packed);
	}
}

/* Claims of sizes that nothing backs are refused before memory is asked for. */
static void claims_are_checked_first(void **state)
{
	static const uint8_t size_claim[] = {
		0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x70, /* content size of 8 bytes, window */
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, /* 2^60 */
		0x01, 0x00, 0x00,				/* last block, raw, empty */
	};
	/* RLE blocks of 128 KiB each, 4 bytes a block */
	static const uint8_t head[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x70 };
	const size_t blocks = 100000;
	struct buffer bomb = { malloc(sizeof(head) + blocks * 4), sizeof(head) + blocks * 4 };
	struct buffer packed;

	(void)state;
	assert_fails(CODEC_ZSTD, (struct bytes){ size_claim, sizeof(size_claim) }, CODEC_LIMIT,
		     -EINVAL, "claims 1152921504606846976 bytes");

	memcpy(bomb.data, head, sizeof(head));
	for (size_t i = 0; i < blocks; i++)
		store_u32(bomb.data + sizeof(head) + 4 * i,
			  (uint32_t)(i + 1 == blocks) | 1 << 1 | (128 << 10) << 3, false);
	assert_fails(CODEC_ZSTD, buffer_bytes(&bomb), CODEC_LIMIT, -EFBIG, "4294967296 bytes");
	buffer_free(&bomb);

	/* a dictionary of 1.5 GiB, in the header of a few bytes of lzma */
	scratch_run("echo modbtf | xz -c --format=lzma >packed");
	packed = scratch_read("packed");
	store_u32(packed.data + 1, 0x60000000, false);
	assert_fails(CODEC_LZMA, buffer_bytes(&packed), CODEC_LIMIT, -EFBIG, "dictionary");
	buffer_free(&packed);
}

static void a_wrong_hint_does_no_harm(void **state)
{
	static const size_t hints[] = { 1,     4096,	49999,		 50000,
					50001, 1000000, (size_t)1 << 31, SIZE_MAX };
	struct buffer in = sample(50000);

	(void)state;
	for (size_t c = 0; c < NR_WRITTEN; c++) {
		struct buffer packed = pack(written[c].codec, buffer_bytes(&in));

		for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
			assert_unpacks_to(written[c].codec, buffer_bytes(&packed), hints[i],
					  buffer_bytes(&in));
		buffer_free(&packed);
	}
	buffer_free(&in);
}

static void other_codecs_are_named(void **state)
{
	static const struct {
		enum codec codec;
		const char *name;
		const char *magic;
	} cases[] = {
		{ CODEC_LZ4, "lz4", "\x02\x21\x4c\x18----" },
		{ CODEC_LZ4, "lz4", "\x04\x22\x4d\x18----" },
		{ CODEC_BZIP2, "bzip2", "BZh91AY&" },
		{ CODEC_LZO, "lzo", "\x89LZO\x00\x0d\x0a\x1a" },
	};
	struct bytes text = { (const uint8_t *)"just text", 9 };
	struct error err = ERROR_INIT;
	struct buffer out;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes in = { (const uint8_t *)cases[i].magic, 8 };

		assert_int_equal(codec_detect(in), cases[i].codec);
		assert_string_equal(codec_name(cases[i].codec), cases[i].name);
		assert_fails(cases[i].codec, in, CODEC_LIMIT, -EOPNOTSUPP, cases[i].name);
	}
	assert_int_equal(codec_detect(text), CODEC_NONE);
	assert_int_equal(codec_detect((struct bytes){ NULL, 0 }), CODEC_NONE);
	assert_fails(CODEC_NONE, text, CODEC_LIMIT, -EOPNOTSUPP, "not compressed");
	assert_fails((enum codec)99, text, CODEC_LIMIT, -EOPNOTSUPP, "unknown");
	assert_int_equal(codec_compress(CODEC_LZMA, text, 1, &out, &err), -EOPNOTSUPP);
	assert_int_equal(codec_compress(CODEC_NONE, text, 1, &out, &err), -EOPNOTSUPP);
}

/* ---- files as bytes ---- */

static void files_are_mapped(void **state)
{
	struct error err = ERROR_INIT;
	struct file_map map;

	(void)state;
	scratch_write("file", (struct bytes){ (const uint8_t *)"content", 7 });
	assert_int_equal(file_map_open(&map, scratch_path("file"), &err), 0);
	assert_true(map.mapped);
	assert_int_equal(map.bytes.size, 7);
	assert_memory_equal(map.bytes.data, "content", 7);
	file_map_close(&map);
	assert_null(map.bytes.data);
	file_map_close(&map);

	scratch_write("empty", (struct bytes){ NULL, 0 });
	assert_int_equal(file_map_open(&map, scratch_path("empty"), &err), 0);
	assert_int_equal(map.bytes.size, 0);
	file_map_close(&map);

	/* says that its size is 0 */
	assert_int_equal(file_map_open(&map, "/proc/self/status", &err), 0);
	assert_false(map.mapped);
	assert_true(map.bytes.size > 5);
	assert_memory_equal(map.bytes.data, "Name:", 5);
	file_map_close(&map);
}

/* Bytes of files that are in this process's memory. */
static size_t resident(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*u %*u %lu", &pages), 1);
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void dropped_pages_come_back(void **state)
{
	struct file_map map = { 0 };
	struct error err = ERROR_INIT;
	struct buffer b = { malloc(16 << 20), 16 << 20 };
	uint64_t seed = 1;
	size_t before;

	(void)state;
	for (size_t i = 0; i < b.size; i++)
		b.data[i] = (uint8_t)scratch_random(&seed);
	scratch_write("file", buffer_bytes(&b));
	file_map_drop(&map); /* nothing to do */
	assert_int_equal(file_map_open(&map, scratch_path("file"), &err), 0);
	for (int i = 0; i < 2; i++) {
		assert_memory_equal(map.bytes.data, b.data, b.size);
		before = resident();
		file_map_drop(&map);
		assert_true(resident() + (15 << 20) < before);
	}
	file_map_close(&map);
	buffer_free(&b);

	/* what is not mapped would be lost */
	assert_int_equal(file_map_open(&map, "/proc/self/status", &err), 0);
	file_map_drop(&map);
	assert_memory_equal(map.bytes.data, "Name:", 5);
	file_map_close(&map);
}

static void what_is_no_file_is_refused(void **state)
{
	static const struct {
		const char *name;
		int code;
	} cases[] = {
		{ "fifo", -EINVAL },	 { "dir", -EISDIR },	 { "none", -ENOENT },
		{ "dangling", -ENOENT }, { "dir/x/y", -ENOENT },
	};
	struct error err = ERROR_INIT;
	struct file_map map;

	(void)state;
	scratch_run("mkfifo fifo; mkdir dir; ln -s nothing dangling");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path = scratch_path(cases[i].name);

		assert_int_equal(file_map_open(&map, path, &err), cases[i].code);
		assert_string_equal(err.file, path);
		assert_true(err.text[0]);
	}
	assert_int_equal(file_map_open(&map, "/dev/zero", &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips_keep_every_byte),
		cmocka_unit_test(tools_unpack_what_we_pack),
		cmocka_unit_test(what_we_pack_is_what_the_kernel_reads),
		cmocka_unit_test(packing_twice_gives_the_same_bytes),
		cmocka_unit_test(large_files_are_packed_by_threads),
		cmocka_unit_test(we_unpack_what_tools_pack),
		cmocka_unit_test(bare_zlib_streams_are_read),
		cmocka_unit_test(bytes_behind_the_stream_are_an_error_unless_asked_for),
		cmocka_unit_test(a_skippable_frame_is_an_error),
		cmocka_unit_test(every_truncation_is_an_error),
		cmocka_unit_test(no_damaged_bit_changes_the_content),
		cmocka_unit_test(bombs_stop_at_the_limit),
		cmocka_unit_test(claims_are_checked_first),
		cmocka_unit_test(a_wrong_hint_does_no_harm),
		cmocka_unit_test(other_codecs_are_named),
		cmocka_unit_test(files_are_mapped),
		cmocka_unit_test(dropped_pages_come_back),
		cmocka_unit_test(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
