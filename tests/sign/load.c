// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs in the guest: has the kernel load one module, and unpack it if it is compressed. Prints "ok", or why not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULE_INIT_COMPRESSED_FILE 4

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	int packed = fd >= 0 && strcmp(argv[1] + strlen(argv[1]) - 3, ".ko");

	if (fd < 0 || syscall(SYS_finit_module, fd, "", packed ? MODULE_INIT_COMPRESSED_FILE : 0))
		puts(strerror(errno));
	else
		puts("ok");
	return 0;
}
