/* SPDX-License-Identifier: GPL-2.0-only */
/* What a codec gives to codec.c, and the growing output that they share. Private to src/io. */
#ifndef MODBTF_IO_CODEC_OPS_H
#define MODBTF_IO_CODEC_OPS_H

#include "io/codec.h"

/*
 * Output that grows. Memory comes from malloc() and is never cleared: large blocks are fresh pages
 * of the kernel's, and growing them moves page tables, not bytes.
 * room is at most limit + 1, so that one byte too many is seen as such.
 */
struct codec_output {
	uint8_t *data;
	size_t size; /* bytes that hold output */
	size_t room; /* bytes allocated */
	size_t limit;
	size_t hint; /* expected size, 0 if unknown */
};

/*
 * Makes room for @room bytes in all, cut off at limit + 1.
 * Returns 0, -EFBIG if the output already exceeds the limit, -ENOMEM.
 */
int codec_output_reserve(struct codec_output *out, size_t room, struct error *err);

/* Makes room for at least one more byte; doubles, or starts from the hint or @guess bytes. */
int codec_output_grow(struct codec_output *out, size_t guess, struct error *err);

/* The error of output over the limit; returns -EFBIG. */
int codec_output_too_large(const struct codec_output *out, struct error *err);

/* The error of a stream that ends too early; returns -EINVAL. */
int codec_cut_short(const char *what, struct error *err);

struct codec_ops {
	/*
	 * Unpacks the stream at the start of @in and those of its kind that follow at once, into
	 * @out.
	 * @used: number of input bytes that belong to them.
	 */
	int (*decompress)(struct bytes in, struct codec_output *out, size_t *used,
			  struct error *err);
	/* NULL for a codec that is only read. @threads: no more than codec_most_threads(). */
	int (*compress)(struct bytes in, unsigned int threads, struct buffer *out,
			struct error *err);
};

extern const struct codec_ops codec_gzip_ops;
extern const struct codec_ops codec_zlib_ops;
extern const struct codec_ops codec_xz_ops;
extern const struct codec_ops codec_lzma_ops;
extern const struct codec_ops codec_zstd_ops;

#endif
