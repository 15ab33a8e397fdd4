// SPDX-License-Identifier: GPL-2.0-only
#include "io/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sigbus.h"

/* A file that cannot be mapped is in sysfs or procfs; none of those is larger than this. */
#define READ_LIMIT ((size_t)1 << 30)

/* Reads @fd to its end; @hint is the size that the file claims, which procfs leaves at 0. */
static int read_all(struct file_map *map, int fd, size_t hint, struct error *err)
{
	/* One byte more than expected, so that the end is seen without growing. */
	size_t room = (hint && hint < READ_LIMIT ? hint : 65536) + 1;
	size_t size = 0;
	uint8_t *data = malloc(room);

	if (!data)
		return error_nomem(err);
	for (;;) {
		ssize_t n;

		if (size == room) {
			uint8_t *more = room < READ_LIMIT ? realloc(data, room * 2) : NULL;

			if (!more) {
				free(data);
				return error_nomem(err);
			}
			data = more;
			room *= 2;
		}
		n = read(fd, data + size, room - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int code = -errno;

			free(data);
			return error_errno(err, code, "cannot read");
		}
		if (n == 0)
			break;
		size += (size_t)n;
	}
	map->bytes = (struct bytes){ data, size };
	return 0;
}

static int map_fd(struct file_map *map, int fd, struct error *err)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) < 0)
		return error_errno(err, -errno, "cannot examine");
	if (S_ISDIR(st.st_mode))
		return error_set(err, -EISDIR, "is a directory: name a file");
	if (!S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "is not a regular file: name a regular file");
	if ((uint64_t)st.st_size > SIZE_MAX / 2)
		return error_set(err, -EFBIG, "is too large to map");

	if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p != MAP_FAILED) {
			*map = (struct file_map){
				.bytes = { p, (size_t)st.st_size },
				.mapped = true,
				.fd = fd,
				.watch = sigbus_watch(p, (size_t)st.st_size),
				.written = st.st_mtim,
			};
			return 0;
		}
	}
	return read_all(map, fd, (size_t)st.st_size, err);
}

int file_map_fd(struct file_map *map, int fd, struct error *err)
{
	int ret;

	*map = (struct file_map){ 0 };
	ret = map_fd(map, fd, err);
	if (!ret && !map->mapped)
		close(fd);
	return ret;
}

int file_map_open(struct file_map *map, const char *path, struct error *err)
{
	int fd, ret;

	*map = (struct file_map){ 0 };
	/* O_NONBLOCK: opening a FIFO that nobody writes to must not hang. */
	fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
	if (fd < 0) {
		error_errno(err, ret = -errno, "cannot open");
		error_in_file(err, path);
		return ret;
	}
	ret = file_map_fd(map, fd, err);
	if (ret < 0) {
		error_in_file(err, path);
		close(fd);
	}
	return ret;
}

int file_map_check(const struct file_map *map, struct error *err)
{
	struct stat st;

	if (!map->mapped)
		return 0;
	if (fstat(map->fd, &st) < 0)
		return error_errno(err, -errno, "cannot examine");
	if ((uint64_t)st.st_size != map->bytes.size || st.st_mtim.tv_sec != map->written.tv_sec ||
	    st.st_mtim.tv_nsec != map->written.tv_nsec)
		return error_set(err, -EBUSY,
				 "was changed by another program while it was read: run again");
	if (sigbus_seen(map->watch))
		return error_set(err, -EIO,
				 "cannot be read: look for disk errors in the kernel's log");
	return 0;
}

void file_map_drop(const struct file_map *map)
{
	/*
	 * The pages are the file's and were never written to, so nothing is lost, whatever comes of
	 * it.
	 */
	if (map->mapped)
		madvise((void *)map->bytes.data, map->bytes.size, MADV_DONTNEED);
}

void file_map_close(struct file_map *map)
{
	if (map->mapped) {
		sigbus_unwatch(map->watch);
		munmap((void *)map->bytes.data, map->bytes.size);
		close(map->fd);
	} else {
		free((void *)map->bytes.data);
	}
	*map = (struct file_map){ 0 };
}
