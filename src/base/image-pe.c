// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel images that are PE files and say where the kernel in them is:
 * - EFI zboot (drivers/firmware/efi/libstub/zboot-header.S): arm64, riscv and loongarch vmlinuz.
 * - The unified kernel image (UKI): a boot stub with the kernel in section .linux
 *   (uapi-group.org, Unified Kernel Image specification).
 * PE is little endian throughout.
 */
#include "base/layer.h"

/* zboot header */
#define ZBOOT_MAGIC 4
#define ZBOOT_PAYLOAD_OFFSET 8
#define ZBOOT_PAYLOAD_SIZE 12
#define ZBOOT_CODEC_NAME 24
#define ZBOOT_END 56

/* PE: offsets from the file's start, from the PE signature, from a section header */
#define DOS_PE_OFFSET 0x3c
#define PE_NR_SECTIONS 6
#define PE_OPTIONAL_SIZE 20
#define PE_OPTIONAL 24
#define SECTION_VIRTUAL_SIZE 8
#define SECTION_RAW_SIZE 16
#define SECTION_RAW_OFFSET 20
#define SECTION_HEADER_SIZE 40
#define SECTION_NAME_SIZE 8

static bool zboot_probe(struct bytes in)
{
	return in.size >= ZBOOT_END && memcmp(in.data, "MZ", 2) == 0 &&
	       memcmp(in.data + ZBOOT_MAGIC, "zimg", 4) == 0;
}

static int zboot_open(struct layer *layer, struct bytes in, struct error *err)
{
	uint32_t offset = load_u32(in.data + ZBOOT_PAYLOAD_OFFSET, false);
	uint32_t size = load_u32(in.data + ZBOOT_PAYLOAD_SIZE, false);
	struct bytes payload = bytes_slice(in, offset, size);
	int ret;

	if (!payload.data)
		return error_set(err, -EINVAL,
				 "truncated: payload of %u bytes at offset %#x, but there are %zu "
				 "bytes",
				 size, offset, in.size);
	ret = layer_payload(layer, payload, err);
	if (ret)
		return ret;
	if (layer->codec == CODEC_NONE)
		return error_set(err, -EOPNOTSUPP,
				 "cannot unpack: its payload is said to be '%.31s': give vmlinux "
				 "or raw BTF (/sys/kernel/btf/vmlinux where it runs)",
				 (const char *)in.data + ZBOOT_CODEC_NAME);
	/*
	 * The unpacked size stands behind the payload, within its size only if the format has it
	 * itself (gzip).
	 */
	if (layer->codec == CODEC_GZIP && size >= 4)
		layer->hint = load_u32(payload.data + size - 4, false);
	else if (range_fits((uint64_t)offset + size, 4, in.size))
		layer->hint = load_u32(in.data + offset + size, false);
	return 0;
}

/* Is there a PE header? Then *@pe is its offset. */
static bool pe_header(struct bytes in, uint32_t *pe)
{
	if (in.size < DOS_PE_OFFSET + 4 || memcmp(in.data, "MZ", 2) != 0)
		return false;
	*pe = load_u32(in.data + DOS_PE_OFFSET, false);
	return range_fits(*pe, PE_OPTIONAL, in.size) && memcmp(in.data + *pe, "PE\0\0", 4) == 0;
}

/*
 * Content of the first section named @name. Returns -ENODATA where there is none, -EINVAL where
 * it lies outside of the file.
 */
static int pe_section(struct bytes in, uint32_t pe, const char *name, struct bytes *content)
{
	char padded[SECTION_NAME_SIZE + 1] = "";
	uint16_t nr = load_u16(in.data + pe + PE_NR_SECTIONS, false);
	uint16_t optional = load_u16(in.data + pe + PE_OPTIONAL_SIZE, false);
	struct bytes table = bytes_slice(in, (uint64_t)pe + PE_OPTIONAL + optional,
					 (uint64_t)nr * SECTION_HEADER_SIZE);

	if (!table.data)
		return -EINVAL;
	memcpy(padded, name, strlen(name));
	for (; nr; nr--, table.data += SECTION_HEADER_SIZE) {
		uint32_t memory = load_u32(table.data + SECTION_VIRTUAL_SIZE, false);
		uint32_t size = load_u32(table.data + SECTION_RAW_SIZE, false);
		uint32_t offset = load_u32(table.data + SECTION_RAW_OFFSET, false);

		if (memcmp(table.data, padded, SECTION_NAME_SIZE) != 0)
			continue;
		/* The raw size is rounded up to the file alignment, the virtual one is exact. */
		if (memory && memory < size)
			size = memory;
		*content = bytes_slice(in, offset, size);
		return content->data ? 0 : -EINVAL;
	}
	return -ENODATA;
}

static bool uki_probe(struct bytes in)
{
	struct bytes kernel;
	uint32_t pe;

	return pe_header(in, &pe) && pe_section(in, pe, ".linux", &kernel) != -ENODATA;
}

static int uki_open(struct layer *layer, struct bytes in, struct error *err)
{
	struct bytes kernel, uname;
	uint32_t pe;

	if (!pe_header(in, &pe) || pe_section(in, pe, ".linux", &kernel) != 0)
		return error_set(err, -EINVAL,
				 "truncated: the section table or section .linux ends beyond the "
				 "%zu bytes of the file",
				 in.size);
	if (pe_section(in, pe, ".uname", &uname) == 0) {
		/* Its text may fill the section without a NUL. */
		char text[RELEASE_SIZE] = "";

		memcpy(text, uname.data,
		       uname.size < sizeof(text) - 1 ? uname.size : sizeof(text) - 1);
		release_take(layer->release, (struct bytes){ (uint8_t *)text, sizeof(text) });
	}
	return layer_payload(layer, kernel, err);
}

/* The kernel's own EFI stub, of an architecture that no other format knows. */
static bool efi_probe(struct bytes in)
{
	uint32_t pe;

	return pe_header(in, &pe);
}

static int efi_open(struct layer *layer, struct bytes in, struct error *err)
{
	(void)err;
	layer->kind = LAYER_OPAQUE;
	layer->inner = in;
	return 0;
}

const struct layer_format layer_zboot = { "zboot", zboot_probe, zboot_open };
const struct layer_format layer_uki = { "UKI", uki_probe, uki_open };
const struct layer_format layer_efi = { "EFI image", efi_probe, efi_open };
