/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel release (uname -r) that a file states about itself, and what may pass for one.
 */
#ifndef MODBTF_BASE_RELEASE_H
#define MODBTF_BASE_RELEASE_H

#include <stdbool.h>

#include "util/bytes.h"

/* Room for any release and its NUL; the kernel's own limit is 64 (__NEW_UTS_LEN). */
#define RELEASE_SIZE 128

/*
 * May @release be made part of a path? Not if it is empty, too long, or has a '/', a ".." (no
 * kernel's has), a '*' or anything but printable ASCII.
 */
bool release_valid(const char *release);

/*
 * Takes the release that @text starts with, up to a space, newline or NUL, which has to be there.
 * Returns false and sets @release to "" if it is none (a release starts with a digit).
 */
bool release_take(char release[RELEASE_SIZE], struct bytes text);

/*
 * Searches @image for the kernel's banner, "Linux version X " (init/version-timestamp.c,
 * linux_banner), and takes X. Returns false and sets @release to "" if there is none.
 */
bool release_search(char release[RELEASE_SIZE], struct bytes image);

#endif
