// SPDX-License-Identifier: GPL-2.0-only
/* Zstandard frames (RFC 8878), by libzstd. */
#include <zstd.h>
#include <zstd_errors.h>

#include "io/codec-ops.h"

#define FRAME_MAGIC 0xfd2fb528u
#define BLOCK_MAX ((size_t)128 << 10)

/* RFC 8878, 3.1.1.2.2 */
enum block_type { BLOCK_RAW, BLOCK_RLE, BLOCK_COMPRESSED, BLOCK_RESERVED };

/* What the block headers of one or several frames tell, without unpacking anything. */
struct extent {
	size_t used;	/* bytes of input */
	uint64_t least; /* bytes of output, at least and at most */
	uint64_t most;
};

/*
 * Size in bytes of the frame header (RFC 8878, 3.1.1.1) at @in, 0 if it is not all there.
 * @check: whether a checksum follows the last block.
 */
static size_t frame_header_size(struct bytes in, bool *check)
{
	static const uint8_t id_size[] = { 0, 1, 2, 4 };
	static const uint8_t content_size[] = { 0, 2, 4, 8 };
	size_t size = 5;
	uint8_t flags;

	if (in.size < size)
		return 0;
	flags = in.data[4];
	*check = flags & 4;
	size += id_size[flags & 3] + content_size[flags >> 6];
	if (flags & 0x20) /* single segment: no window byte, but always a content size */
		size += flags >> 6 ? 0 : 1;
	else
		size++;
	return size <= in.size ? size : 0;
}

/* Adds the frame at @in to @ext, by its block headers. */
static int frame_extent(struct bytes in, struct extent *ext, struct error *err)
{
	unsigned long long content = ZSTD_getFrameContentSize(in.data, in.size);
	uint64_t least = 0, most = 0;
	bool check = false, last = false;
	size_t pos = frame_header_size(in, &check);

	if (!pos || content == ZSTD_CONTENTSIZE_ERROR)
		return codec_cut_short("zstd", err);
	while (!last) {
		uint32_t head, size;
		size_t stored;

		if (!range_fits(pos, 3, in.size))
			return codec_cut_short("zstd", err);
		head = in.data[pos] | in.data[pos + 1] << 8 | (uint32_t)in.data[pos + 2] << 16;
		last = head & 1;
		size = head >> 3;
		stored = size;
		switch ((enum block_type)(head >> 1 & 3)) {
		case BLOCK_RLE:
			stored = 1;
			/* fall through */
		case BLOCK_RAW:
			least += size;
			most += size;
			break;
		case BLOCK_COMPRESSED:
			most += BLOCK_MAX;
			break;
		case BLOCK_RESERVED:
			return error_set(
				err, -EINVAL,
				"zstd data is damaged (reserved block type at frame offset "
				"0x%zx): get a clean copy of the file",
				pos);
		}
		pos += 3;
		if (!range_fits(pos, stored, in.size))
			return codec_cut_short("zstd", err);
		pos += stored;
	}
	if (check && !range_fits(pos, 4, in.size))
		return codec_cut_short("zstd", err);
	pos += check ? 4 : 0;

	if (content != ZSTD_CONTENTSIZE_UNKNOWN) {
		if (content < least || content > most)
			return error_set(
				err, -EINVAL,
				"zstd data is damaged (it claims %llu bytes of content and "
				"cannot hold that): get a clean copy of the file",
				content);
		least = most = content;
	}
	ext->used += pos;
	ext->least += least;
	ext->most += most;
	return 0;
}

/*
 * All frames from the start of @in on that stand without a gap. A skippable one ends them: what is in
 * it is no content, and would be lost.
 */
static int frames_extent(struct bytes in, struct extent *ext, struct error *err)
{
	*ext = (struct extent){ 0 };
	while (in.size - ext->used >= 8) {
		struct bytes rest = bytes_slice(in, ext->used, in.size - ext->used);
		uint32_t magic = load_u32(rest.data, false);
		int ret;

		if (magic != FRAME_MAGIC)
			break;
		ret = frame_extent(rest, ext, err);
		if (ret < 0)
			return ret;
	}
	return ext->used ? 0 : codec_cut_short("zstd", err);
}

/*
 * Kernel images are frames without a content size. Their block headers give a bound, and memory
 * that is allocated but never touched costs nothing; so everything is unpacked by one call straight
 * to its place, where streaming would copy each block out of a window.
 */
static int zstd_decompress(struct bytes in, struct codec_output *out, size_t *used,
			   struct error *err)
{
	struct extent ext;
	ZSTD_DCtx *ctx;
	size_t n;
	int ret;

	ret = frames_extent(in, &ext, err);
	if (ret < 0)
		return ret;
	if (ext.least > out->limit)
		return codec_output_too_large(out, err);
	ret = codec_output_reserve(out, ext.most ? ext.most : 1, err);
	if (ret < 0)
		return ret;
	ctx = ZSTD_createDCtx();
	if (!ctx)
		return error_nomem(err);
	n = ZSTD_decompressDCtx(ctx, out->data, out->room, in.data, ext.used);
	ZSTD_freeDCtx(ctx);
	if (ZSTD_isError(n)) {
		switch (ZSTD_getErrorCode(n)) {
		case ZSTD_error_dstSize_tooSmall:
			if (ext.most > out->limit)
				return codec_output_too_large(out, err);
			break;
		case ZSTD_error_memory_allocation:
			return error_nomem(err);
		default:
			break;
		}
		return error_set(err, -EINVAL,
				 "zstd data is damaged (%s): get a clean copy of the file",
				 ZSTD_getErrorName(n));
	}
	out->size = n;
	*used = ext.used;
	return 0;
}

/*
 * One call to ZSTD_compress2() writes one frame with its content size. Level 3 as the kernel's
 * modules_install has it; its window is 2 MiB at most, and the kernel takes 8 MiB.
 */
static int zstd_compress(struct bytes in, unsigned int threads, struct buffer *out,
			 struct error *err)
{
	size_t room = ZSTD_compressBound(in.size), n;
	ZSTD_CCtx *ctx;

	if (ZSTD_isError(room))
		return error_set(err, -EFBIG, "is too large for zstd");
	ctx = ZSTD_createCCtx();
	if (!ctx)
		return error_nomem(err);
	out->data = malloc(room);
	if (!out->data) {
		ZSTD_freeCCtx(ctx);
		return error_nomem(err);
	}
	ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, 3);
	ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
	/*
	 * With one worker, and any number of them, the output is that of pieces; without one it is
	 * another. A libzstd without threads refuses both, and goes without.
	 */
	if (in.size >= 2 * CODEC_PIECE) {
		ZSTD_CCtx_setParameter(ctx, ZSTD_c_nbWorkers, (int)threads);
		ZSTD_CCtx_setParameter(ctx, ZSTD_c_jobSize, (int)CODEC_PIECE);
	}
	n = ZSTD_compress2(ctx, out->data, room, in.data, in.size);
	ZSTD_freeCCtx(ctx);
	if (ZSTD_isError(n) && ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation) {
		buffer_free(out);
		return error_set(
			err, -ENOMEM,
			"zstd has no memory, or may start no thread (ulimit -u, TasksMax)");
	}
	if (ZSTD_isError(n)) {
		buffer_free(out);
		return error_set(err, -EIO, "zstd could not pack the data (%s)",
				 ZSTD_getErrorName(n));
	}
	out->size = n;
	return 0;
}

const struct codec_ops codec_zstd_ops = {
	.decompress = zstd_decompress,
	.compress = zstd_compress,
};
