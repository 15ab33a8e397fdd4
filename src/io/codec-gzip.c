// SPDX-License-Identifier: GPL-2.0-only
/* gzip members (RFC 1952) and bare zlib streams (RFC 1950), by zlib. */
#include <limits.h>
#include <zlib.h>

#include "io/codec-ops.h"

/* zlib counts in unsigned int; larger ranges go piecewise. */
#define PIECE ((size_t)1 << 30)

/* Deflate packs 1032:1 at best, so no output is larger than that, whatever a header says. */
#define MAX_RATIO 1032

static uInt piece(size_t n)
{
	return (uInt)(n < PIECE ? n : PIECE);
}

/* Unpacks one stream at in->data; moves @in behind it. */
static int inflate_one(z_stream *z, const char *what, struct bytes *in, struct codec_output *out,
		       struct error *err)
{
	size_t guess = in->size < SIZE_MAX / 4 ? in->size * 4 : in->size;
	int code = Z_OK, ret;

	do {
		size_t avail_in = piece(in->size), avail_out;

		if (out->size == out->room) {
			ret = codec_output_grow(out, guess, err);
			if (ret < 0)
				return ret;
		}
		avail_out = piece(out->room - out->size);
		z->next_in = (Bytef *)in->data;
		z->avail_in = (uInt)avail_in;
		z->next_out = out->data + out->size;
		z->avail_out = (uInt)avail_out;
		code = inflate(z, Z_NO_FLUSH);
		in->data += avail_in - z->avail_in;
		in->size -= avail_in - z->avail_in;
		out->size += avail_out - z->avail_out;
		if (code == Z_BUF_ERROR || (code == Z_OK && !in->size && z->avail_out))
			return codec_cut_short(what, err);
	} while (code == Z_OK);

	if (code == Z_STREAM_END)
		return 0;
	if (code == Z_MEM_ERROR)
		return error_nomem(err);
	return error_set(err, -EINVAL, "%s data is damaged (%s): get a clean copy of the file",
			 what, z->msg ? z->msg : "preset dictionary");
}

static int inflate_all(struct bytes in, int window_bits, bool members, const char *what,
		       struct codec_output *out, size_t *used, struct error *err)
{
	struct bytes rest = in;
	z_stream z = { 0 };
	int ret;

	if (out->hint / MAX_RATIO > in.size)
		out->hint = 0;
	if (inflateInit2(&z, window_bits) != Z_OK)
		return error_nomem(err);
	do {
		ret = inflate_one(&z, what, &rest, out, err);
	} while (!ret && members && codec_detect(rest) == CODEC_GZIP && inflateReset(&z) == Z_OK);
	inflateEnd(&z);
	*used = in.size - rest.size;
	return ret;
}

static int gzip_decompress(struct bytes in, struct codec_output *out, size_t *used,
			   struct error *err)
{
	/* The last four bytes are the size, if one member fills the file: believe what is usual. */
	if (!out->hint && in.size >= 18) {
		uint32_t size = load_u32(in.data + in.size - 4, false);

		if (size / 16 <= in.size)
			out->hint = size;
	}
	return inflate_all(in, 15 + 16, true, "gzip", out, used, err);
}

static int zlib_decompress(struct bytes in, struct codec_output *out, size_t *used,
			   struct error *err)
{
	return inflate_all(in, 15, false, "zlib", out, used, err);
}

/*
 * Level 6 as the kernel's modules_install has it. deflateInit2() without deflateSetHeader() writes
 * mtime 0 and no optional field, which is what module_gzip_header_len() in
 * kernel/module/decompress.c understands.
 */
static int gzip_compress(struct bytes in, unsigned int threads, struct buffer *out,
			 struct error *err)
{
	z_stream z = { 0 };
	size_t room, left = in.size;
	int code;

	(void)threads; /* deflate has no pieces that another thread could begin with */
	if (in.size > ULONG_MAX - 65536)
		return error_set(err, -EFBIG, "is too large for gzip");
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return error_nomem(err);
	room = deflateBound(&z, in.size);
	out->data = malloc(room);
	if (!out->data) {
		deflateEnd(&z);
		return error_nomem(err);
	}
	z.next_in = (Bytef *)in.data;
	do {
		size_t avail_in = piece(left), avail_out = piece(room - out->size);

		z.next_out = out->data + out->size;
		z.avail_in = (uInt)avail_in;
		z.avail_out = (uInt)avail_out;
		code = deflate(&z, avail_in == left ? Z_FINISH : Z_NO_FLUSH);
		left -= avail_in - z.avail_in;
		out->size += avail_out - z.avail_out;
	} while (code == Z_OK && out->size < room);
	deflateEnd(&z);
	if (code != Z_STREAM_END) {
		buffer_free(out);
		return error_set(err, -EIO, "gzip could not pack the data");
	}
	return 0;
}

const struct codec_ops codec_gzip_ops = {
	.decompress = gzip_decompress,
	.compress = gzip_compress,
};

const struct codec_ops codec_zlib_ops = {
	.decompress = zlib_decompress,
};
