// SPDX-License-Identifier: GPL-2.0-only
#include "io/metadata.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACL "system.posix_acl_access"
#define IMA "security.ima"
#define EVM "security.evm"

/*
 * Is this a failure to set an attribute that the process just has no right to, or nothing to do
 * with?
 */
static bool may_not(int code)
{
	return code == EPERM || code == EACCES || code == EOPNOTSUPP || code == ENODATA ||
	       code == EINVAL;
}

/* Copies one extended attribute. Returns 0 or a negative errno. */
static int copy_xattr(int from, int to, const char *name)
{
	ssize_t size = fgetxattr(from, name, NULL, 0);
	uint8_t *value;
	int code = 0;

	if (size < 0)
		return may_not(errno) ? 0 : -errno;
	value = malloc((size_t)size + 1);
	if (!value)
		return -ENOMEM;
	size = fgetxattr(from, name, value, (size_t)size);
	if (size < 0 || fsetxattr(to, name, value, (size_t)size, 0) < 0)
		code = may_not(errno) ? 0 : -errno;
	free(value);
	return code;
}

/* Copies those that are called in @names. *@acl: one of them is an ACL. */
static int copy_named(int from, int to, const char *names, size_t size, bool *acl)
{
	int code = 0;

	for (size_t at = 0; !code && at < size; at += strlen(names + at) + 1) {
		const char *name = names + at;

		*acl = *acl || !strcmp(name, ACL);
		/* A hash or signature of the old content: the kernel would refuse the new one. */
		if (strcmp(name, IMA) && strcmp(name, EVM))
			code = copy_xattr(from, to, name);
	}
	return code;
}

static int copy_xattrs(int from, int to)
{
	ssize_t size = flistxattr(from, NULL, 0);
	bool acl = false;
	char *names;
	int code;

	if (size < 0 && !may_not(errno))
		return -errno;
	if (size > 0) {
		names = calloc(1, (size_t)size + 1);
		if (!names)
			return -ENOMEM;
		size = flistxattr(from, names, (size_t)size);
		if (size < 0)
			code = may_not(errno) ? 0 : -errno;
		else
			code = copy_named(from, to, names, (size_t)size, &acl);
		free(names);
		if (code < 0)
			return code;
	}
	/* One that the new file has got from its directory would let others in. */
	if (!acl && fremovexattr(to, ACL) < 0 && !may_not(errno))
		return -errno;
	return 0;
}

int metadata_copy(int from, const struct stat *st, int to)
{
	mode_t mode = st->st_mode & 07777;
	struct stat now;
	int code;

	if (fstat(to, &now) < 0)
		return -errno;
	if (now.st_uid != st->st_uid || now.st_gid != st->st_gid) {
		if (fchown(to, st->st_uid, st->st_gid) < 0) {
			if (!may_not(errno))
				return -errno;
			/* The group alone may be allowed. Whatever comes of it, no set-id bits. */
			if (fchown(to, (uid_t)-1, st->st_gid) < 0 && !may_not(errno))
				return -errno;
			mode &= 0777;
		}
	}
	code = copy_xattrs(from, to);
	if (code < 0)
		return code;
	return fchmod(to, mode) < 0 && !may_not(errno) ? -errno : 0;
}

bool metadata_about_content(int fd)
{
	return fgetxattr(fd, IMA, NULL, 0) >= 0 || fgetxattr(fd, EVM, NULL, 0) >= 0;
}
