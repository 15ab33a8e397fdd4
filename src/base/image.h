/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel image in any packing, opened down to the bytes of its BTF.
 *
 * An image is a stack of layers (a UKI holds a bzImage, which holds a zstd payload, which holds an
 * ELF file, which holds .BTF). Each format that can be a layer has a file of its own, image-*.c,
 * and stands in the table of image.c; they know nothing of each other. At most one unpacked layer
 * is held at a time.
 */
#ifndef MODBTF_BASE_IMAGE_H
#define MODBTF_BASE_IMAGE_H

#include "base/release.h"
#include "util/bytes.h"
#include "util/error.h"

/* No kernel unpacks to more; vmlinux with debug info is never packed. */
#define IMAGE_LIMIT ((size_t)1 << 30)

/* A UKI with a packed zboot image with a packed Image needs four. */
#define IMAGE_MAX_LAYERS 6

struct image {
	struct bytes btf;	    /* at any alignment; in the input or in @unpacked */
	struct buffer unpacked;	    /* the last layer that had to be unpacked, empty if none */
	char form[64];		    /* "raw BTF", "ELF", "UKI, bzImage (zstd), ELF": for messages */
	char release[RELEASE_SIZE]; /* as the image states it, "" if it does not */
};

/*
 * Finds the BTF in the kernel image @in, which must outlive @image.
 * @limit: most bytes that a layer may unpack to (IMAGE_LIMIT).
 *
 * Where no section header tells where the BTF is, it is searched for, and only taken if it passes
 * btf_verify(). Otherwise image->btf is unchecked: it has the BTF magic or came from a .BTF
 * section.
 *
 * Returns 0, or with @err and nothing held:
 * -ENODATA	a kernel without BTF
 * -EOPNOTSUPP	a packing that the linked libraries cannot unpack
 * -EINVAL	damaged, truncated, a module, or not a kernel image at all
 * -EFBIG	unpacks to more than @limit
 * -ELOOP	more than IMAGE_MAX_LAYERS layers
 * -ENOMEM
 */
int image_open(struct image *image, struct bytes in, size_t limit, struct error *err);
void image_close(struct image *image);

#endif
