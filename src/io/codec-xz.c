// SPDX-License-Identifier: GPL-2.0-only
/* xz streams and the legacy .lzma format, by liblzma. */
#include <lzma.h>

#include "io/codec-ops.h"

/* Most memory that liblzma may take: a dictionary of 128 MiB and its tables. */
#define MEMORY_LIMIT ((uint64_t)160 << 20)

static int decode_error(lzma_ret code, const char *what, struct error *err)
{
	switch (code) {
	case LZMA_MEM_ERROR:
		return error_nomem(err);
	case LZMA_MEMLIMIT_ERROR:
		return error_set(err, -EFBIG,
				 "%s data asks for a dictionary of over 128 MiB: "
				 "pack it anew with a smaller one",
				 what);
	case LZMA_OPTIONS_ERROR:
		return error_set(err, -EOPNOTSUPP,
				 "%s data uses an option that liblzma lacks: unpack it first",
				 what);
	case LZMA_BUF_ERROR:
		return codec_cut_short(what, err);
	default:
		return error_set(err, -EINVAL, "%s data is damaged: get a clean copy of the file",
				 what);
	}
}

/* Runs a decoder that is set up to the end of its stream; moves @in behind it. */
static int decode(lzma_stream *s, const char *what, struct bytes *in, struct codec_output *out,
		  struct error *err)
{
	size_t guess = in->size < SIZE_MAX / 6 ? in->size * 6 : in->size;
	lzma_ret code;
	int ret;

	s->next_in = in->data;
	s->avail_in = in->size;
	do {
		if (out->size == out->room) {
			ret = codec_output_grow(out, guess, err);
			if (ret < 0)
				return ret;
		}
		s->next_out = out->data + out->size;
		s->avail_out = out->room - out->size;
		/* LZMA_FINISH: there is no more input, so a lack of it is an error at once. */
		code = lzma_code(s, LZMA_FINISH);
		out->size = out->room - s->avail_out;
	} while (code == LZMA_OK);

	in->data = s->next_in;
	in->size = s->avail_in;
	return code == LZMA_STREAM_END ? 0 : decode_error(code, what, err);
}

/* Steps over the zero padding that may stand between two streams, a multiple of 4 bytes. */
static bool next_stream(struct bytes *rest)
{
	struct bytes after = *rest;

	while (after.size >= 4 && !load_u32(after.data, false)) {
		after.data += 4;
		after.size -= 4;
	}
	if (codec_detect(after) != CODEC_XZ)
		return false;
	*rest = after;
	return true;
}

static int xz_decompress(struct bytes in, struct codec_output *out, size_t *used, struct error *err)
{
	lzma_stream s = LZMA_STREAM_INIT;
	struct bytes rest = in;
	lzma_ret code;
	int ret;

	do {
		/* Initialising a used stream again releases or reuses what it holds. */
		code = lzma_stream_decoder(&s, MEMORY_LIMIT, 0);
		ret = code == LZMA_OK ? decode(&s, "xz", &rest, out, err) :
					decode_error(code, "xz", err);
	} while (!ret && next_stream(&rest));
	lzma_end(&s);
	*used = in.size - rest.size;
	return ret;
}

static int lzma_decompress(struct bytes in, struct codec_output *out, size_t *used,
			   struct error *err)
{
	lzma_stream s = LZMA_STREAM_INIT;
	struct bytes rest = in;
	lzma_ret code = lzma_alone_decoder(&s, MEMORY_LIMIT);
	int ret;

	ret = code == LZMA_OK ? decode(&s, "lzma", &rest, out, err) :
				decode_error(code, "lzma", err);
	lzma_end(&s);
	*used = in.size - rest.size;
	return ret;
}

static int encode_error(lzma_ret code, struct error *err)
{
	if (code == LZMA_MEM_ERROR)
		return error_nomem(err);
	return error_set(err, -EIO, "xz could not pack the data (liblzma error %d)", (int)code);
}

static lzma_ret encode_in_pieces(const lzma_filter *filters, struct bytes in, unsigned int threads,
				 struct buffer *out, size_t room)
{
	const lzma_mt mt = { .threads = threads,
			     .block_size = CODEC_PIECE,
			     .filters = filters,
			     .check = LZMA_CHECK_CRC32 };
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret code = lzma_stream_encoder_mt(&s, &mt);

	s.next_in = in.data;
	s.avail_in = in.size;
	s.next_out = out->data;
	s.avail_out = room;
	while (code == LZMA_OK)
		code = lzma_code(&s, LZMA_FINISH);
	out->size = room - s.avail_out;
	lzma_end(&s);
	return code == LZMA_STREAM_END ? LZMA_OK : code;
}

/* Most that @size bytes can come to, 0 if that is too much: each piece has a header and an index entry. */
static size_t packed_bound(size_t size)
{
	size_t bound = lzma_stream_buffer_bound(size), more = size / CODEC_PIECE * 256;

	return bound && bound <= SIZE_MAX - more ? bound + more : 0;
}

/* `xz --check=crc32 --lzma2=dict=1MiB`, as the kernel's scripts/Makefile.modinst has it. */
static int xz_compress(struct bytes in, unsigned int threads, struct buffer *out, struct error *err)
{
	lzma_options_lzma options;
	lzma_filter filters[] = {
		{ .id = LZMA_FILTER_LZMA2, .options = &options },
		{ .id = LZMA_VLI_UNKNOWN },
	};
	size_t room = packed_bound(in.size);
	lzma_ret code;

	if (!room)
		return error_set(err, -EFBIG, "is too large for xz");
	if (lzma_lzma_preset(&options, LZMA_PRESET_DEFAULT))
		return error_set(err, -EIO, "liblzma has no default preset");
	options.dict_size = 1 << 20;
	out->data = malloc(room);
	if (!out->data)
		return error_nomem(err);
	if (in.size >= 2 * CODEC_PIECE)
		code = encode_in_pieces(filters, in, threads, out, room);
	else
		code = lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, in.data, in.size,
						 out->data, &out->size, room);
	if (code == LZMA_OK)
		return 0;
	buffer_free(out);
	if (code == LZMA_MEM_ERROR && in.size >= 2 * CODEC_PIECE)
		return error_set(err, -ENOMEM,
				 "xz has no memory, or may start no thread (ulimit -u, TasksMax)");
	return encode_error(code, err);
}

const struct codec_ops codec_xz_ops = {
	.decompress = xz_decompress,
	.compress = xz_compress,
};

const struct codec_ops codec_lzma_ops = {
	.decompress = lzma_decompress,
};
