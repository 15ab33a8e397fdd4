/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compression codecs, one file each (codec-gzip.c, codec-xz.c, codec-zstd.c), behind one table.
 *
 * What is written is what both kmod and the kernel's own decompressors read: zstd as one frame with
 * content size and a window of at most 8 MiB; xz as one stream of LZMA2, dictionary 1 MiB, CRC32,
 * no BCJ filter, large files in several blocks; gzip as one member with mtime 0 and no optional header field. What is read is
 * wider: any window up to 128 MiB, any xz check, several gzip members.
 */
#ifndef MODBTF_IO_CODEC_H
#define MODBTF_IO_CODEC_H

#include "util/bytes.h"
#include "util/error.h"

enum codec {
	CODEC_NONE,
	CODEC_GZIP,
	CODEC_XZ,
	CODEC_ZSTD,
	/* Read only. */
	CODEC_LZMA, /* legacy .lzma ("alone"), as in some kernel images */
	CODEC_ZLIB, /* bare zlib stream, as in SHF_COMPRESSED sections; never detected */
	/*
	 * Known by magic, so that a message can name them; not readable with the linked libraries.
	 */
	CODEC_LZ4,
	CODEC_BZIP2,
	CODEC_LZO,
};

/* No file that we are given may unpack to more than this, unless a caller knows better. */
#define CODEC_LIMIT ((size_t)4 << 30)

/* "zstd", "xz", ... as the user knows it; "none" for CODEC_NONE. Static string. */
const char *codec_name(enum codec codec);

/* Which codec the first bytes of @in tell; CODEC_NONE where no magic is known. */
enum codec codec_detect(struct bytes in);

/*
 * Unpacks @in into a new buffer.
 * @limit: most bytes of output; -EFBIG and a message that names the limit when there would be more.
 * @hint: expected size of the output in bytes, 0 if unknown (a wrong hint is harmless).
 * @consumed: if not NULL, set to the number of input bytes used; bytes behind the compressed stream
 * are
 *	then legal (kernel images have them). If NULL, trailing bytes are an error, but zero padding is not.
 * Returns 0, or -EINVAL (damaged), -EFBIG, -ENOMEM, -EOPNOTSUPP (codec not readable) with @err.
 * @out belongs to the caller.
 */
int codec_decompress(enum codec codec, struct bytes in, size_t limit, size_t hint,
		     struct buffer *out, size_t *consumed, struct error *err);

/*
 * From this size on, zstd and xz pack in pieces of so many bytes, several at a time if there are
 * threads for it, at least one more than the calling one. How many there are makes no difference to the output.
 */
#define CODEC_PIECE ((size_t)8 << 20)

/* Threads, the calling one included, that can work on packing @size bytes: at least 1. */
unsigned int codec_most_threads(enum codec codec, size_t size);

/*
 * Packs @in in the form described above, reproducibly (same bytes each time), by up to @threads threads.
 * @codec: CODEC_GZIP, CODEC_XZ or CODEC_ZSTD.
 * Returns 0, or a negative errno with @err. @out belongs to the caller.
 */
int codec_compress(enum codec codec, struct bytes in, unsigned int threads, struct buffer *out,
		   struct error *err);

#endif
