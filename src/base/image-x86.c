// SPDX-License-Identifier: GPL-2.0-only
/*
 * x86 bzImage: Documentation/arch/x86/boot.rst. A real-mode part of setup_sects + 1 sectors, whose
 * header tells where in the protected-mode part the packed vmlinux is. Everything is little endian.
 */
#include "base/layer.h"

#define SECTOR 512
#define SETUP_SECTS 0x1f1
#define BOOT_FLAG 0x1fe /* 0xaa55 */
#define HEADER_MAGIC 0x202
#define HEADER_VERSION 0x206
#define KERNEL_VERSION 0x20e /* of a string, minus 0x200 */
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END 0x250

static bool bzimage_probe(struct bytes in)
{
	return in.size >= HEADER_END && load_u16(in.data + BOOT_FLAG, false) == 0xaa55 &&
	       memcmp(in.data + HEADER_MAGIC, "HdrS", 4) == 0;
}

static int bzimage_open(struct layer *layer, struct bytes in, struct error *err)
{
	uint16_t version = load_u16(in.data + HEADER_VERSION, false);
	uint16_t text = load_u16(in.data + KERNEL_VERSION, false);
	uint64_t sects = in.data[SETUP_SECTS] ? in.data[SETUP_SECTS] : 4;
	uint64_t offset = (sects + 1) * SECTOR + load_u32(in.data + PAYLOAD_OFFSET, false);
	uint32_t length = load_u32(in.data + PAYLOAD_LENGTH, false);
	struct bytes payload = bytes_slice(in, offset, length);
	int ret;

	if (version < 0x208)
		return error_set(err, -EOPNOTSUPP,
				 "boot protocol %u.%02u does not tell where the kernel is: use its "
				 "vmlinux",
				 version >> 8, version & 0xff);
	if (!payload.data)
		return error_set(err, -EINVAL,
				 "truncated: payload of %u bytes at offset %#llx, but there are "
				 "%zu bytes",
				 length, (unsigned long long)offset, in.size);
	if (text && text + 0x200u < in.size)
		release_take(layer->release,
			     bytes_slice(in, text + 0x200u, in.size - (text + 0x200u)));
	ret = layer_payload(layer, payload, err);
	if (ret)
		return ret;
	if (layer->codec == CODEC_NONE && (length < 4 || memcmp(payload.data, "\177ELF", 4) != 0))
		return error_set(err, -EINVAL,
				 "the payload at offset %#llx is neither packed in a known way nor "
				 "an ELF file",
				 (unsigned long long)offset);
	/* gzip ends in the unpacked size; to all others the kernel's build appends it. */
	if (length >= 4)
		layer->hint = load_u32(payload.data + length - 4, false);
	return 0;
}

const struct layer_format layer_bzimage = { "bzImage", bzimage_probe, bzimage_open };
