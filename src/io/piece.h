/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The content of a file as a list of pieces, in order. A piece that is a range of a mapped file is
 * copied by the kernel, so that a large file that is changed in a few places is never in memory.
 */
#ifndef MODBTF_IO_PIECE_H
#define MODBTF_IO_PIECE_H

#include "io/file.h"

struct piece {
	struct bytes data;
	const struct file_map *file; /* mapped, and @data lies in its bytes; NULL: memory */
};

/* Bytes of all pieces. */
uint64_t pieces_size(const struct piece *pieces, size_t nr);

/*
 * Writes the pieces to @fd, from where it stands. Large ranges of files go by copy_file_range(2)
 * where both files allow it. Returns 0 or a negative errno.
 */
int pieces_write(int fd, const struct piece *pieces, size_t nr);

/*
 * The same for the regular file @fd, which stands at its start and whose first @same bytes are
 * those of @file already: what of them would be written again is left out. Afterwards it holds the
 * pieces and no more.
 */
int pieces_complete(int fd, const struct piece *pieces, size_t nr, const struct file_map *file,
		    uint64_t same);

/*
 * Does the regular file @fd, of pieces_size() bytes, hold the pieces? What can be told cheaply
 * comes first; ranges of @fd itself that stand where they stood are not read at all. False also
 * when that cannot be found out.
 */
bool pieces_held(int fd, const struct piece *pieces, size_t nr);

/*
 * The pieces in one. @out belongs to the caller. Returns 0, or -ENOMEM with @err.
 */
int pieces_flatten(const struct piece *pieces, size_t nr, struct buffer *out, struct error *err);

#endif
