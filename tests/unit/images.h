/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel images of tests/lib/make-images.sh, in a temporary directory of their own. */
#ifndef MODBTF_TESTS_UNIT_IMAGES_H
#define MODBTF_TESTS_UNIT_IMAGES_H

#include "util/bytes.h"

#define IMAGES_RELEASE "6.1.0-test"

/* Group setup and teardown for cmocka. Tests run from the top of the source tree. */
int images_make(void **state);
int images_remove(void **state);

/* Path of the image @name (in static memory, for up to four at once). */
const char *images_path(const char *name);

/* Content of a file, in memory of exactly its size, to be freed. The test fails if there is none. */
struct buffer images_read(const char *path);

/* Writes @content to @path, making the directories that lead there. */
void images_write(const char *path, struct bytes content);

#endif
