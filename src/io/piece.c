// SPDX-License-Identifier: GPL-2.0-only
#include "io/piece.h"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* From this size on, a range of a file is worth a system call of its own. */
#define COPY_FROM ((size_t)128 << 10)

/* Most bytes that one copy_file_range() is asked for. */
#define COPY_MOST ((size_t)1 << 30)

/* Pages of a mapped file that were touched are released after as many bytes. */
#define DROP_AFTER ((size_t)8 << 20)

/* Pieces that go by one writev(); the system's limit is 1024. */
#define WRITE_MOST 64

uint64_t pieces_size(const struct piece *pieces, size_t nr)
{
	uint64_t size = 0;

	for (size_t i = 0; i < nr; i++)
		size += pieces[i].data.size;
	return size;
}

/* ---- writing ---- */

/* Takes @n bytes off the start of @iov. Returns the first of the rest. */
static struct iovec *advance(struct iovec *iov, struct iovec *end, size_t n)
{
	while (iov < end && n >= iov->iov_len)
		n -= iov++->iov_len;
	if (iov < end) {
		iov->iov_base = (uint8_t *)iov->iov_base + n;
		iov->iov_len -= n;
	}
	return iov;
}

/* @iov is used up. Returns 0 or a negative errno. */
static int write_vector(int fd, struct iovec *iov, struct iovec *end)
{
	for (iov = advance(iov, end, 0); iov < end;) {
		ssize_t n = writev(fd, iov, (int)(end - iov));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		iov = advance(iov, end, (size_t)n);
	}
	return 0;
}

/* Writes @rest of a mapped file by way of memory, but not all of it at a time. */
static int write_range(int fd, const struct file_map *file, struct bytes rest)
{
	int code = 0;

	while (rest.size && !code) {
		size_t step = rest.size < DROP_AFTER ? rest.size : DROP_AFTER;
		struct iovec iov = { (void *)rest.data, step };

		code = write_vector(fd, &iov, &iov + 1);
		file_map_drop(file);
		rest.data += step;
		rest.size -= step;
	}
	return code;
}

/* Is this a failure that no other way of writing would escape? */
static bool is_final(int code)
{
	return code == ENOSPC || code == EDQUOT || code == EFBIG || code == EIO;
}

/*
 * All other failures, and copying nothing (which older kernels did for want of an error), mean that
 * these two files cannot be copied this way: of two file systems, a pipe, no such call.
 */
static int copy_range(int fd, const struct piece *piece)
{
	loff_t from = piece->data.data - piece->file->bytes.data;
	struct bytes rest = piece->data;

	while (rest.size) {
		ssize_t n = copy_file_range(piece->file->fd, &from, fd, NULL,
					    rest.size < COPY_MOST ? rest.size : COPY_MOST, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && is_final(errno))
			return -errno;
		if (n <= 0)
			return write_range(fd, piece->file, rest);
		rest.data += n;
		rest.size -= (size_t)n;
	}
	return 0;
}

static bool is_large_range(const struct piece *piece)
{
	return piece->file && piece->data.size >= COPY_FROM;
}

int pieces_write(int fd, const struct piece *pieces, size_t nr)
{
	struct iovec iov[WRITE_MOST];
	int code = 0;
	size_t i = 0;

	while (i < nr && !code) {
		size_t n = 0;

		if (is_large_range(&pieces[i])) {
			code = copy_range(fd, &pieces[i++]);
			continue;
		}
		for (; i < nr && n < WRITE_MOST && !is_large_range(&pieces[i]); i++)
			iov[n++] =
				(struct iovec){ (void *)pieces[i].data.data, pieces[i].data.size };
		code = write_vector(fd, iov, iov + n);
	}
	return code;
}

/* Bytes at the start of a piece that belongs at @at and that are there already. */
static size_t there_already(const struct piece *piece, uint64_t at, const struct file_map *file,
			    uint64_t same)
{
	if (piece->file != file || at >= same ||
	    (uint64_t)(piece->data.data - file->bytes.data) != at)
		return 0;
	return same - at < piece->data.size ? (size_t)(same - at) : piece->data.size;
}

int pieces_complete(int fd, const struct piece *pieces, size_t nr, const struct file_map *file,
		    uint64_t same)
{
	uint64_t at = 0;
	int code = 0;

	for (size_t i = 0; i < nr && !code; at += pieces[i++].data.size) {
		size_t skip = there_already(&pieces[i], at, file, same);
		struct piece rest = pieces[i];

		rest.data.data += skip;
		rest.data.size -= skip;
		if (skip && lseek(fd, (off_t)skip, SEEK_CUR) < 0)
			code = -errno;
		else if (rest.data.size)
			code = pieces_write(fd, &rest, 1);
	}
	if (!code && same > at && ftruncate(fd, (off_t)at) < 0)
		code = -errno;
	return code;
}

/* ---- comparing ---- */

static bool same_bytes(int fd, uint64_t at, const struct piece *piece)
{
	struct bytes rest = piece->data;
	size_t touched = 0;
	uint8_t buf[65536];

	while (rest.size) {
		size_t want = rest.size < sizeof(buf) ? rest.size : sizeof(buf);
		ssize_t n = pread(fd, buf, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || memcmp(buf, rest.data, (size_t)n) != 0)
			return false;
		at += (size_t)n;
		rest.data += n;
		rest.size -= (size_t)n;
		touched += (size_t)n;
		if (piece->file && touched >= DROP_AFTER) {
			file_map_drop(piece->file);
			touched = 0;
		}
	}
	return true;
}

/* Is the piece the very range of @fd that begins at @at? */
static bool is_that_range(int fd, uint64_t at, const struct piece *piece)
{
	struct stat a, b;

	return (uint64_t)(piece->data.data - piece->file->bytes.data) == at && !fstat(fd, &a) &&
	       !fstat(piece->file->fd, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool pieces_held(int fd, const struct piece *pieces, size_t nr)
{
	/* What is in memory is what was made anew: it is small, and differs if anything does. */
	for (int ranges = 0; ranges < 2; ranges++) {
		uint64_t at = 0;

		for (size_t i = 0; i < nr; at += pieces[i++].data.size) {
			if (!pieces[i].file != !ranges)
				continue;
			if (pieces[i].file && is_that_range(fd, at, &pieces[i]))
				continue;
			if (!same_bytes(fd, at, &pieces[i]))
				return false;
		}
	}
	return true;
}

int pieces_flatten(const struct piece *pieces, size_t nr, struct buffer *out, struct error *err)
{
	uint64_t size = pieces_size(pieces, nr);
	uint8_t *p;

	*out = (struct buffer){ 0 };
	if (size > SIZE_MAX)
		return error_nomem(err);
	p = malloc(size ? (size_t)size : 1);
	if (!p)
		return error_nomem(err);
	*out = (struct buffer){ p, (size_t)size };
	for (size_t i = 0; i < nr; i++) {
		if (pieces[i].data.size)
			memcpy(p, pieces[i].data.data, pieces[i].data.size);
		p += pieces[i].data.size;
	}
	return 0;
}
