/* SPDX-License-Identifier: GPL-2.0-only */
/* What a file has besides its content: owner, mode, extended attributes. */
#ifndef MODBTF_IO_METADATA_H
#define MODBTF_IO_METADATA_H

#include <stdbool.h>
#include <sys/stat.h>

/*
 * Gives @to the owner, the extended attributes (ACL, SELinux label) and the mode of @from, as far
 * as the process may set them. @st: what fstat() says of @from; of the mode no set-id bits stay
 * where the owner cannot. security.ima and security.evm are about the old content and stay behind.
 * Returns 0 or a negative errno.
 */
int metadata_copy(int from, const struct stat *st, int to);

/* Has the file security.ima or security.evm, which a file with new content will lack? */
bool metadata_about_content(int fd);

#endif
