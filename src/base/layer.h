/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One layer of a kernel image: what image.c and the image-*.c files say to each other. Not for
 * use outside of them.
 */
#ifndef MODBTF_BASE_LAYER_H
#define MODBTF_BASE_LAYER_H

#include "base/release.h"
#include "io/codec.h"
#include "util/bytes.h"
#include "util/error.h"

enum layer_kind {
	LAYER_IMAGE,  /* inner is another image, packed with codec */
	LAYER_BTF,    /* inner is the BTF, packed with codec (SHF_COMPRESSED) */
	LAYER_OPAQUE, /* a bare memory image: the BTF in inner has to be searched for */
};

struct layer {
	enum layer_kind kind;
	struct bytes inner; /* borrowed from the layer's input */
	enum codec codec;
	size_t hint;		    /* size of inner unpacked, 0 if unknown; not to be trusted */
	char release[RELEASE_SIZE]; /* "" if this layer does not tell */
};

struct layer_format {
	const char *name; /* for messages */
	/* Is it this format? Looks at magics only. */
	bool (*probe)(struct bytes in);
	/*
	 * Reads the layer; @layer comes zeroed. Returns 0, or -EINVAL, -ENODATA, -EOPNOTSUPP,
	 * -ENOMEM with @err.
	 */
	int (*open)(struct layer *layer, struct bytes in, struct error *err);
};

extern const struct layer_format layer_elf;	/* image-elf.c */
extern const struct layer_format layer_bzimage; /* image-x86.c */
extern const struct layer_format layer_zboot;	/* image-pe.c */
extern const struct layer_format layer_uki;	/* image-pe.c */
extern const struct layer_format layer_efi;	/* image-pe.c */
extern const struct layer_format layer_arm64;	/* image-bare.c, and the following */
extern const struct layer_format layer_riscv;
extern const struct layer_format layer_arm_zimage;
extern const struct layer_format layer_s390;

/*
 * Sets up @layer as an image packed in @payload, by the magic that it starts with (none: as it
 * is). Bytes behind the compressed stream are legal. Returns 0, or -EOPNOTSUPP with @err.
 */
int layer_payload(struct layer *layer, struct bytes payload, struct error *err);

/*
 * image-search.c: finds the BTF of a base in @in by its header, in either byte order, and proves
 * it by btf_verify(). The largest that is proved is taken.
 * Returns 0 with @btf, a part of @in; -ENODATA, -ENOMEM with @err.
 */
int layer_search_btf(struct bytes *btf, struct bytes in, struct error *err);

/*
 * image-search.c: finds the first compressed stream in @in that can be unpacked, for formats whose
 * header does not tell where the payload is. Returns the bytes from there on, empty if none.
 */
struct bytes layer_search_payload(struct bytes in);

#endif
