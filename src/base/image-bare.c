// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images that are the kernel's memory with a boot header in front, or a decompressor whose header
 * does not tell where its payload is.
 */
#include "base/layer.h"

static bool magic_at(struct bytes in, size_t off, const void *magic, size_t len)
{
	return range_fits(off, len, in.size) && memcmp(in.data + off, magic, len) == 0;
}

static int opaque_open(struct layer *layer, struct bytes in, struct error *err)
{
	(void)err;
	layer->kind = LAYER_OPAQUE;
	layer->inner = in;
	return 0;
}

static int payload_open(struct layer *layer, struct bytes in, struct error *err)
{
	struct bytes payload = layer_search_payload(in);

	/* Either kind may be built without packing. */
	if (!payload.size)
		return opaque_open(layer, in, err);
	return layer_payload(layer, payload, err);
}

/* Documentation/arch/arm64/booting.rst */
static bool arm64_probe(struct bytes in)
{
	return magic_at(in, 56, "ARM\x64", 4);
}

/* Documentation/arch/riscv/boot-image-header.rst: magic, which is going, and magic2 */
static bool riscv_probe(struct bytes in)
{
	return magic_at(in, 56, "RSC\x05", 4) || magic_at(in, 48, "RISCV\0\0\0", 8);
}

/* arch/arm/boot/compressed/head.S, in either byte order */
static bool arm_zimage_probe(struct bytes in)
{
	return magic_at(in, 36, "\x18\x28\x6f\x01", 4) || magic_at(in, 36, "\x01\x6f\x28\x18", 4);
}

/* arch/s390/boot/head.S */
static bool s390_probe(struct bytes in)
{
	return magic_at(in, 0x10008, "S390EP", 6);
}

const struct layer_format layer_arm64 = { "arm64 Image", arm64_probe, opaque_open };
const struct layer_format layer_riscv = { "riscv Image", riscv_probe, opaque_open };
const struct layer_format layer_arm_zimage = { "arm zImage", arm_zimage_probe, payload_open };
const struct layer_format layer_s390 = { "s390 bzImage", s390_probe, payload_open };
