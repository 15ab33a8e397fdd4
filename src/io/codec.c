// SPDX-License-Identifier: GPL-2.0-only
#include "io/codec.h"

#include <sys/mman.h>

#include "io/codec-ops.h"

/* From this size on, huge pages are worth asking for. */
#define HUGE_FROM ((size_t)4 << 20)

static const struct {
	const char *name;
	const struct codec_ops *ops; /* NULL where we can only name it */
} codecs[] = {
	[CODEC_NONE] = { "none", NULL },
	[CODEC_GZIP] = { "gzip", &codec_gzip_ops },
	[CODEC_XZ] = { "xz", &codec_xz_ops },
	[CODEC_ZSTD] = { "zstd", &codec_zstd_ops },
	[CODEC_LZMA] = { "lzma", &codec_lzma_ops },
	[CODEC_ZLIB] = { "zlib", &codec_zlib_ops },
	[CODEC_LZ4] = { "lz4", NULL },
	[CODEC_BZIP2] = { "bzip2", NULL },
	[CODEC_LZO] = { "lzo", NULL },
};

#define NR_CODECS (sizeof(codecs) / sizeof(codecs[0]))

const char *codec_name(enum codec codec)
{
	return (size_t)codec < NR_CODECS ? codecs[codec].name : "unknown";
}

/*
 * The legacy format has no magic, so ask for what its header can hold in practice (liblzma's
 * doc/lzma-file-format.txt): the default lc/lp/pb, a dictionary of 2^n or 2^n + 2^(n-1) bytes, and
 * a size that is unknown or below 256 GiB.
 */
static bool looks_like_lzma(struct bytes in)
{
	uint32_t dict;
	uint64_t size;

	if (in.size < 13 || in.data[0] != 0x5d)
		return false;
	dict = load_u32(in.data + 1, false);
	size = load_u64(in.data + 5, false);
	if (dict < 4096)
		return false;
	dict &= dict - 1;
	if (dict & (dict - 1))
		return false;
	return size == UINT64_MAX || size < (uint64_t)1 << 38;
}

enum codec codec_detect(struct bytes in)
{
	static const struct {
		enum codec codec;
		uint8_t len;
		const char *magic;
	} magics[] = {
		{ CODEC_GZIP, 3, "\x1f\x8b\x08" },
		{ CODEC_XZ, 6,
		  "\xfd"
		  "7zXZ" },
		{ CODEC_ZSTD, 4, "\x28\xb5\x2f\xfd" },
		{ CODEC_LZ4, 4, "\x02\x21\x4c\x18" }, /* legacy frame, as in kernel images */
		{ CODEC_LZ4, 4, "\x04\x22\x4d\x18" },
		{ CODEC_BZIP2, 3, "BZh" },
		{ CODEC_LZO, 4, "\x89LZO" },
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (in.size >= magics[i].len && !memcmp(in.data, magics[i].magic, magics[i].len))
			return magics[i].codec;
	return looks_like_lzma(in) ? CODEC_LZMA : CODEC_NONE;
}

int codec_output_too_large(const struct codec_output *out, struct error *err)
{
	return error_set(err, -EFBIG,
			 "unpacks to more than %zu bytes, the most that is accepted: "
			 "do not use this file",
			 out->limit);
}

int codec_cut_short(const char *what, struct error *err)
{
	return error_set(err, -EINVAL, "%s data ends too early: get a complete copy of the file",
			 what);
}

/*
 * Writing 60 MB for the first time is 15,000 page faults, which take as long as unpacking zstd
 * does; with huge pages it is 30. malloc() places blocks of this size in a mapping of their own.
 */
static void ask_for_huge_pages(uint8_t *data, size_t size)
{
	const uintptr_t page = 4096;
	uintptr_t start = ((uintptr_t)data + page - 1) & ~(page - 1);

	/*
	 * Advice: on a machine of larger pages or without huge ones it fails, and nothing is lost.
	 */
	if (size >= HUGE_FROM)
		madvise((void *)start, (size - page) & ~(page - 1), MADV_HUGEPAGE);
}

int codec_output_reserve(struct codec_output *out, size_t room, struct error *err)
{
	uint8_t *data;

	if (out->size > out->limit)
		return codec_output_too_large(out, err);
	if (room > out->limit + 1)
		room = out->limit + 1;
	if (room <= out->room)
		return 0;
	data = realloc(out->data, room);
	if (!data)
		return error_nomem(err);
	out->data = data;
	out->room = room;
	ask_for_huge_pages(data, room);
	return 0;
}

int codec_output_grow(struct codec_output *out, size_t guess, struct error *err)
{
	size_t room;

	if (out->room)
		room = out->room > SIZE_MAX / 2 ? SIZE_MAX : out->room * 2;
	else if (out->hint && !codec_output_reserve(out, out->hint + 1, NULL))
		/*
		 * One byte more than expected: the decoder meets the end without asking for more.
		 */
		return 0;
	else
		room = guess;
	return codec_output_reserve(out, room < 4096 ? 4096 : room, err);
}

/* Gives back what was allocated in excess, where it is worth a call. */
static void output_trim(struct codec_output *out)
{
	uint8_t *data;

	if (out->room - out->size < 65536)
		return;
	data = realloc(out->data, out->size ? out->size : 1);
	if (data)
		out->data = data;
}

static int check_rest(const char *name, struct bytes in, size_t used, struct error *err)
{
	for (size_t i = used; i < in.size; i++)
		if (in.data[i])
			return error_set(err, -EINVAL,
					 "%zu bytes behind the %s data, at offset 0x%zx, are no "
					 "part of it: get a clean copy of the file",
					 in.size - used, name, used);
	return 0;
}

int codec_decompress(enum codec codec, struct bytes in, size_t limit, size_t hint,
		     struct buffer *out, size_t *consumed, struct error *err)
{
	const char *name = codec_name(codec);
	struct codec_output output = { 0 };
	size_t used = 0;
	int ret;

	*out = (struct buffer){ 0 };
	if (codec == CODEC_NONE)
		return error_set(err, -EOPNOTSUPP, "is not compressed in any known way");
	if ((size_t)codec >= NR_CODECS || !codecs[codec].ops)
		return error_set(err, -EOPNOTSUPP,
				 "is compressed with %s, which is not supported: unpack it first",
				 name);
	output.limit = limit < SIZE_MAX ? limit : SIZE_MAX - 1;
	output.hint = hint < output.limit ? hint : output.limit;

	ret = codecs[codec].ops->decompress(in, &output, &used, err);
	if (!ret && output.size > output.limit)
		ret = codec_output_too_large(&output, err);
	if (!ret && !consumed)
		ret = check_rest(name, in, used, err);
	if (ret < 0) {
		free(output.data);
		return ret;
	}
	output_trim(&output);
	*out = (struct buffer){ output.data, output.size };
	if (consumed)
		*consumed = used;
	return 0;
}

unsigned int codec_most_threads(enum codec codec, size_t size)
{
	const size_t pieces = size / CODEC_PIECE, most = 256;

	if ((codec != CODEC_XZ && codec != CODEC_ZSTD) || pieces < 2)
		return 1;
	return (unsigned int)(pieces < most ? pieces : most);
}

int codec_compress(enum codec codec, struct bytes in, unsigned int threads, struct buffer *out,
		   struct error *err)
{
	const unsigned int most = codec_most_threads(codec, in.size);

	*out = (struct buffer){ 0 };
	if ((size_t)codec >= NR_CODECS || !codecs[codec].ops || !codecs[codec].ops->compress)
		return error_set(err, -EOPNOTSUPP,
				 "cannot compress with %s: choose gzip, xz or zstd",
				 codec_name(codec));
	return codecs[codec].ops->compress(in, threads < most ? threads : most, out, err);
}
