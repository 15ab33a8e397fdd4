// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs in the guest: loads modules one after the other, looks whether the kernel took their BTF, and
 * unloads them. All are one module, NAME, with different BTF.
 *
 *	load NAME DIR	prints the number (the file's name up to the dot) of each whose BTF was taken
 *
 * Exit code 1 if one could not be read or unloaded: then nothing can be said of those behind it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_module(const struct dirent *entry)
{
	return strstr(entry->d_name, ".ko") != NULL;
}

/* Returns 0, or -1 if the guest is not as it was before. */
static int try(const char *name, const char *dir, const char *file)
{
	char path[4096], btf[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	snprintf(btf, sizeof(btf), "/sys/kernel/btf/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		perror(path);
		return -1;
	}
	if (syscall(SYS_finit_module, fd, "", 0)) {
		/* Kernels that refuse the module for its BTF say so in this way. */
		if (errno != EINVAL && errno != EOPNOTSUPP && errno != E2BIG && errno != ELOOP &&
		    errno != 524)
			printf("! %s: %s\n", file, strerror(errno));
		close(fd);
		return 0;
	}
	close(fd);
	if (!access(btf, F_OK))
		printf("%.*s\n", (int)strcspn(file, "."), file);
	if (syscall(SYS_delete_module, name, O_NONBLOCK)) {
		perror(name);
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct dirent **files;
	int nr, ret = 0;

	if (argc != 3)
		return 2;
	nr = scandir(argv[2], &files, is_module, alphasort);
	for (int i = 0; i < nr && !ret; i++)
		ret = try(argv[1], argv[2], files[i]->d_name);
	fflush(stdout);
	return nr <= 0 || ret;
}
