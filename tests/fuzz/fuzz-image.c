// SPDX-License-Identifier: GPL-2.0-only
/*
 * The unpacker of kernel images: any bytes are an error or lead to bytes that lie inside of what was
 * given or unpacked, and that the BTF view opens or refuses. Corpus: tests/lib/make-images.sh.
 */
#include <stdlib.h>

#include "base/image.h"
#include "btf/view.h"

/* The corpus unpacks to a tenth of that. */
#define LIMIT ((size_t)1 << 20)

static int inside(struct bytes part, struct bytes whole)
{
	return part.data >= whole.data && part.size <= whole.size &&
	       (size_t)(part.data - whole.data) <= whole.size - part.size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	struct error err = ERROR_INIT;
	struct image image;
	struct btf btf;

	if (image_open(&image, in, LIMIT, &err)) {
		if (err.code >= 0 || !err.text[0])
			abort();
		return 0;
	}
	if (!inside(image.btf, in) && !inside(image.btf, buffer_bytes(&image.unpacked)))
		abort();
	if (image.unpacked.size > LIMIT)
		abort();
	if (!btf_open(&btf, image.btf, NULL, &err))
		btf_close(&btf);
	image_close(&image);
	return 0;
}
