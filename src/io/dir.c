// SPDX-License-Identifier: GPL-2.0-only
#include "io/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

DIR *dir_open(int at, const char *path)
{
	int fd = TEMP_FAILURE_RETRY(openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int code = errno;

	if (!dir && fd >= 0)
		close(fd);
	errno = code;
	return dir;
}
