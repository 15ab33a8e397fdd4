// SPDX-License-Identifier: GPL-2.0-only
#include "module/module.h"

#include <gelf.h>

#include "module/identity.h"
#include "module/signature.h"

/* elf.h of older systems lacks it. */
#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

/* Unpacks the container and peels the signature: sets codec, image, elf, signature. */
static int open_container(struct module *mod, struct bytes content, size_t limit, struct error *err)
{
	struct bytes image = content;
	int ret;

	mod->codec = codec_detect(content);
	if (mod->codec != CODEC_NONE) {
		ret = codec_decompress(mod->codec, content, limit, 0, &mod->image, NULL, err);
		if (ret < 0)
			return ret;
		image = buffer_bytes(&mod->image);
	}
	return signature_peel(image, &mod->elf, &mod->signature, err);
}

/* What the ELF header says; the rest of it is of no interest here. */
static int read_ehdr(struct module *mod, const GElf_Ehdr *ehdr, struct error *err)
{
	uint8_t class = ehdr->e_ident[EI_CLASS], data = ehdr->e_ident[EI_DATA];

	if ((class != ELFCLASS32 && class != ELFCLASS64) ||
	    (data != ELFDATA2LSB && data != ELFDATA2MSB))
		return error_set(err, -EINVAL,
				 "ELF header has class %u, byte order %u: this is no module", class,
				 data);
	mod->is64 = class == ELFCLASS64;
	mod->big_endian = data == ELFDATA2MSB;
	mod->machine = ehdr->e_machine;
	if (ehdr->e_type != ET_REL)
		return error_set(err, -EINVAL,
				 "is not a kernel module but another ELF file (e_type %u, not "
				 "ET_REL): name a .ko file",
				 ehdr->e_type);
	if (ehdr->e_shentsize != (mod->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr)))
		return error_set(err, -EINVAL,
				 "section headers claim a size of %u bytes: get a clean copy of "
				 "the file",
				 ehdr->e_shentsize);
	return 0;
}

/* Finds the table of section headers; sets nr_sections. */
static int find_headers(struct module *mod, Elf *elf, const GElf_Ehdr *ehdr, struct error *err)
{
	size_t nr;

	if (elf_getshdrnum(elf, &nr) < 0 || !nr || nr > UINT32_MAX ||
	    !range_fits(ehdr->e_shoff, (uint64_t)nr * ehdr->e_shentsize, mod->elf.size))
		return error_set(err, -EINVAL,
				 "section headers at offset 0x%llx are missing or lie outside of "
				 "the file (%zu bytes): get a complete copy of the file",
				 (unsigned long long)ehdr->e_shoff, mod->elf.size);
	mod->nr_sections = (uint32_t)nr;
	mod->sections = calloc(nr, sizeof(*mod->sections));
	return mod->sections ? 0 : error_nomem(err);
}

static int read_section(struct module *mod, uint32_t index, const GElf_Shdr *shdr,
			struct error *err)
{
	struct module_section *s = &mod->sections[index];

	*s = (struct module_section){
		.name = "",
		.type = shdr->sh_type,
		.flags = shdr->sh_flags,
		.offset = shdr->sh_offset,
		.size = shdr->sh_size,
		.addr = shdr->sh_addr,
		.align = shdr->sh_addralign,
		.entsize = shdr->sh_entsize,
		.link = shdr->sh_link,
		.info = shdr->sh_info,
	};
	if (s->type == SHT_NULL)
		return 0;
	if (s->link >= mod->nr_sections)
		return error_set(err, -EINVAL, "section %u is linked to section %u of %u", index,
				 s->link, mod->nr_sections);
	if ((s->type == SHT_REL || s->type == SHT_RELA) && s->info >= mod->nr_sections)
		return error_set(err, -EINVAL, "section %u relocates section %u of %u", index,
				 s->info, mod->nr_sections);
	if (s->type == SHT_NOBITS)
		return 0;
	if (!range_fits(s->offset, s->size, mod->elf.size))
		return error_set(err, -EINVAL,
				 "section %u (0x%llx bytes at offset 0x%llx) lies outside of the "
				 "file (0x%zx bytes): get a complete copy of the file",
				 index, (unsigned long long)s->size, (unsigned long long)s->offset,
				 mod->elf.size);
	s->data = bytes_slice(mod->elf, s->offset, s->size);
	return 0;
}

static int read_headers(struct module *mod, Elf *elf, struct error *err)
{
	for (uint32_t i = 0; i < mod->nr_sections; i++) {
		GElf_Shdr shdr;
		int ret;

		if (!gelf_getshdr(elf_getscn(elf, i), &shdr))
			return error_set(err, -EINVAL, "section header %u cannot be read: %s", i,
					 elf_errmsg(-1));
		ret = read_section(mod, i, &shdr, err);
		if (ret < 0)
			return ret;
		mod->sections[i].name_offset = shdr.sh_name;
	}
	return 0;
}

static int read_names(struct module *mod, Elf *elf, struct error *err)
{
	const struct module_section *table;
	size_t index;

	if (elf_getshdrstrndx(elf, &index) < 0 || !index || index >= mod->nr_sections)
		return error_set(err, -EINVAL, "has no section name table: this is no module");
	mod->name_table = (uint32_t)index;
	table = &mod->sections[index];
	if (table->type != SHT_STRTAB || table->flags & SHF_COMPRESSED || !table->data.size ||
	    table->data.data[table->data.size - 1])
		return error_set(err, -EINVAL,
				 "section %zu, the section name table, is no string table", index);
	for (uint32_t i = 1; i < mod->nr_sections; i++) {
		struct module_section *s = &mod->sections[i];

		if (s->name_offset < table->data.size) {
			s->name = (const char *)table->data.data + s->name_offset;
			continue;
		}
		/* The fields of an entry that is not in use mean nothing. */
		if (s->type == SHT_NULL)
			continue;
		return error_set(err, -EINVAL,
				 "section %u has its name at 0x%x, outside of the section name "
				 "table (0x%zx bytes)",
				 i, s->name_offset, table->data.size);
	}
	return 0;
}

static int read_elf(struct module *mod, struct error *err)
{
	GElf_Ehdr ehdr;
	Elf *elf;
	int ret;

	if (mod->elf.size < SELFMAG || memcmp(mod->elf.data, ELFMAG, SELFMAG))
		return error_set(err, -EINVAL,
				 "is neither an ELF file nor a compressed one: name a .ko file");
	elf_version(EV_CURRENT);
	/* libelf only reads here, though its parameter is not const. */
	elf = elf_memory((char *)mod->elf.data, mod->elf.size);
	if (!elf || !gelf_getehdr(elf, &ehdr)) {
		ret = error_set(err, -EINVAL, "ELF header cannot be read: %s", elf_errmsg(-1));
		elf_end(elf);
		return ret;
	}
	ret = read_ehdr(mod, &ehdr, err);
	if (!ret)
		ret = find_headers(mod, elf, &ehdr, err);
	if (!ret)
		ret = read_headers(mod, elf, err);
	if (!ret)
		ret = read_names(mod, elf, err);
	elf_end(elf);
	return ret;
}

int module_open_memory(struct module *mod, struct bytes content, const char *path, size_t limit,
		       struct error *err)
{
	int ret;

	*mod = (struct module){ .path = strdup(path) };
	if (!mod->path)
		return error_nomem(err);
	ret = open_container(mod, content, limit, err);
	if (!ret)
		ret = read_elf(mod, err);
	if (!ret)
		ret = identity_read(mod, err);
	if (ret < 0) {
		error_in_file(err, path);
		module_close(mod);
	}
	return ret;
}

int module_open(struct module *mod, const char *path, struct error *err)
{
	struct file_map file;
	int ret;

	*mod = (struct module){ 0 };
	ret = file_map_open(&file, path, err);
	if (ret < 0)
		return ret;
	ret = module_open_memory(mod, file.bytes, path, MODULE_LIMIT, err);
	if (ret < 0)
		file_map_close(&file);
	else
		mod->file = file;
	return ret;
}

void module_drop_pages(const struct module *mod)
{
	file_map_drop(&mod->file);
}

void module_close(struct module *mod)
{
	free(mod->path);
	free(mod->sections);
	free(mod->name);
	free(mod->vermagic);
	free(mod->release);
	free(mod->signer);
	free(mod->sig_hash);
	buffer_free(&mod->image);
	file_map_close(&mod->file);
	*mod = (struct module){ 0 };
}

uint32_t module_find_section(const struct module *mod, const char *name)
{
	for (uint32_t i = 1; i < mod->nr_sections; i++)
		if (mod->sections[i].type != SHT_NULL && !strcmp(mod->sections[i].name, name))
			return i;
	return 0;
}

/* Takes the compression header off the section's content. */
static int read_chdr(const struct module *mod, const struct module_section *s, uint32_t *type,
		     uint64_t *size, struct bytes *packed, struct error *err)
{
	size_t header = mod->is64 ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr);
	bool big = mod->big_endian;

	if (s->data.size < header)
		return error_set(err, -EINVAL,
				 "section %s is too short (%zu bytes) for a compressed one",
				 s->name, s->data.size);
	*type = load_u32(s->data.data, big);
	*size = mod->is64 ? load_u64(s->data.data + offsetof(Elf64_Chdr, ch_size), big) :
			    load_u32(s->data.data + offsetof(Elf32_Chdr, ch_size), big);
	*packed = bytes_slice(s->data, header, s->data.size - header);
	return 0;
}

int module_section_data(const struct module *mod, uint32_t index, struct bytes *data,
			struct buffer *store, struct error *err)
{
	const struct module_section *s = &mod->sections[index];
	struct bytes packed;
	enum codec codec;
	uint32_t type = 0;
	uint64_t size = 0;
	int ret;

	if (!(s->flags & SHF_COMPRESSED) || s->type == SHT_NOBITS) {
		*data = s->data;
		return 0;
	}
	ret = read_chdr(mod, s, &type, &size, &packed, err);
	if (ret < 0)
		return ret;
	if (type == ELFCOMPRESS_ZLIB)
		codec = CODEC_ZLIB;
	else if (type == ELFCOMPRESS_ZSTD)
		codec = CODEC_ZSTD;
	else
		return error_set(err, -EOPNOTSUPP,
				 "section %s is compressed in an unknown way (%u): unpack it with "
				 "objcopy --decompress-debug-sections",
				 s->name, type);
	if (size > CODEC_LIMIT)
		return error_set(err, -EFBIG,
				 "section %s claims to unpack to %llu bytes, and %zu are the most "
				 "that is accepted",
				 s->name, (unsigned long long)size, CODEC_LIMIT);
	ret = codec_decompress(codec, packed, size, size, store, NULL, err);
	if (ret < 0) {
		error_prefix(err, "section %s", s->name);
		return ret;
	}
	if (store->size != size) {
		ret = error_set(err, -EINVAL,
				"section %s unpacks to %zu bytes, not to the %llu that it claims",
				s->name, store->size, (unsigned long long)size);
		buffer_free(store);
		return ret;
	}
	*data = buffer_bytes(store);
	return 0;
}
