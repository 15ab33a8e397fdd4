// SPDX-License-Identifier: GPL-2.0-only
/*
 * ELF, either class and byte order: vmlinux, on disk or out of a bzImage. libelf reads the headers;
 * contents are taken where they lie in the input, so that nothing is copied.
 */
#include "base/layer.h"

#include <elf.h>
#include <gelf.h>
#include <libelf.h>

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

/* The sections that matter, by name. */
enum wanted {
	WANTED_BTF,
	WANTED_RODATA,	/* has the banner with the release */
	WANTED_PAYLOAD, /* powerpc zImage (arch/powerpc/boot/wrapper): the packed vmlinux */
	WANTED_MODULE,	/* only modules have it */
	WANTED_NR
};

static const char *const wanted_names[WANTED_NR] = {
	".BTF",
	".rodata",
	".kernel:vmlinux.strip",
	".gnu.linkonce.this_module",
};

struct sections {
	bool found[WANTED_NR];
	GElf_Shdr header[WANTED_NR];
};

static bool elf_probe(struct bytes in)
{
	return in.size >= EI_NIDENT && memcmp(in.data, ELFMAG, SELFMAG) == 0;
}

static int find_sections(Elf *elf, struct sections *sections, struct error *err)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return error_set(err, -EINVAL, "no table of section names: %s", elf_errmsg(-1));
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name;

		if (!gelf_getshdr(scn, &header))
			return error_set(err, -EINVAL, "section %zu: %s", elf_ndxscn(scn),
					 elf_errmsg(-1));
		name = elf_strptr(elf, names, header.sh_name);
		if (!name)
			return error_set(err, -EINVAL, "section %zu has no name: %s",
					 elf_ndxscn(scn), elf_errmsg(-1));
		for (int i = 0; i < WANTED_NR; i++)
			if (!sections->found[i] && strcmp(name, wanted_names[i]) == 0) {
				sections->found[i] = true;
				sections->header[i] = header;
			}
	}
	return 0;
}

/* The bytes of a section that has any in the file, as they stand there. */
static int section_content(struct bytes *content, const struct sections *sections,
			   enum wanted wanted, struct bytes in, struct error *err)
{
	const GElf_Shdr *header = &sections->header[wanted];

	*content = bytes_slice(in, header->sh_offset, header->sh_size);
	if (content->data)
		return 0;
	return error_set(err, -EINVAL,
			 "truncated: section %s of %llu bytes at offset %#llx, but there are %zu "
			 "bytes",
			 wanted_names[wanted], (unsigned long long)header->sh_size,
			 (unsigned long long)header->sh_offset, in.size);
}

/* Takes an SHF_COMPRESSED section's header (ELF gABI, "Section Compression") off @layer->inner. */
static int open_compressed(struct layer *layer, int class, bool big, struct error *err)
{
	const size_t len = class == ELFCLASS64 ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr);
	struct bytes in = layer->inner;
	uint64_t size;
	uint32_t type;

	if (in.size < len)
		return error_set(err, -EINVAL, "section .BTF: too short for a compressed section");
	type = load_u32(in.data, big);
	if (class == ELFCLASS64)
		size = load_u64(in.data + offsetof(Elf64_Chdr, ch_size), big);
	else
		size = load_u32(in.data + offsetof(Elf32_Chdr, ch_size), big);
	if (type == ELFCOMPRESS_ZLIB)
		layer->codec = CODEC_ZLIB;
	else if (type == ELFCOMPRESS_ZSTD)
		layer->codec = CODEC_ZSTD;
	else
		return error_set(err, -EOPNOTSUPP, "section .BTF: unknown compression type %u",
				 type);
	layer->inner = bytes_slice(in, len, in.size - len);
	layer->hint = size <= SIZE_MAX ? (size_t)size : 0;
	return 0;
}

static int open_btf_section(struct layer *layer, struct bytes in, const struct sections *sections,
			    int class, bool big, struct error *err)
{
	const GElf_Shdr *header = &sections->header[WANTED_BTF];
	struct bytes rodata;
	int ret;

	if (header->sh_type == SHT_NOBITS)
		return error_set(err, -ENODATA,
				 "section .BTF is empty, as it only has the debug info of a "
				 "kernel: use vmlinux or vmlinuz itself");
	ret = section_content(&layer->inner, sections, WANTED_BTF, in, err);
	if (ret)
		return ret;
	if (!layer->inner.size)
		return error_set(err, -ENODATA, "section .BTF is empty");
	layer->kind = LAYER_BTF;
	if (sections->found[WANTED_RODATA] &&
	    sections->header[WANTED_RODATA].sh_type != SHT_NOBITS) {
		rodata = bytes_slice(in, sections->header[WANTED_RODATA].sh_offset,
				     sections->header[WANTED_RODATA].sh_size);
		release_search(layer->release, rodata);
	}
	if (header->sh_flags & SHF_COMPRESSED)
		return open_compressed(layer, class, big, err);
	return 0;
}

static int open_elf(struct layer *layer, struct bytes in, Elf *elf, struct error *err)
{
	struct sections sections = { .found = { false } };
	struct bytes payload;
	GElf_Ehdr header;
	int ret;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return error_set(err, -EINVAL, "damaged header: %s", elf_errmsg(-1));
	if (!header.e_shoff) {
		/* Section headers stripped off. */
		layer->kind = LAYER_OPAQUE;
		layer->inner = in;
		return 0;
	}
	if (header.e_shoff >= in.size)
		return error_set(err, -EINVAL,
				 "truncated: section headers at offset %#llx, but there are %zu "
				 "bytes",
				 (unsigned long long)header.e_shoff, in.size);
	ret = find_sections(elf, &sections, err);
	if (ret)
		return ret;
	if (sections.found[WANTED_MODULE])
		return error_set(err, -EINVAL,
				 "it is a kernel module: the base is the kernel's vmlinux, vmlinuz "
				 "or raw BTF");
	if (sections.found[WANTED_BTF])
		return open_btf_section(layer, in, &sections, header.e_ident[EI_CLASS],
					header.e_ident[EI_DATA] == ELFDATA2MSB, err);
	if (!sections.found[WANTED_PAYLOAD])
		return error_set(err, -ENODATA,
				 "no section .BTF: the kernel was built without "
				 "CONFIG_DEBUG_INFO_BTF, or the section was stripped off");
	ret = section_content(&payload, &sections, WANTED_PAYLOAD, in, err);
	return ret ? ret : layer_payload(layer, payload, err);
}

static int elf_open(struct layer *layer, struct bytes in, struct error *err)
{
	Elf *elf;
	int ret;

	elf_version(EV_CURRENT);
	/* Not written to: libelf takes no const, but only elf_update() and elf_flag*() write. */
	elf = elf_memory((char *)(uintptr_t)in.data, in.size);
	if (!elf)
		return error_set(err, -EINVAL, "not readable: %s", elf_errmsg(-1));
	ret = open_elf(layer, in, elf, err);
	elf_end(elf);
	return ret;
}

const struct layer_format layer_elf = { "ELF", elf_probe, elf_open };
