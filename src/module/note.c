// SPDX-License-Identifier: GPL-2.0-only
#include "module/note.h"

#include <elf.h>

#define NOTE_NAME "modbtf"
#define NOTE_TYPE 1
#define NOTE_VERSION 3

/* Offsets in the section: note header, name padded to 4, descriptor. */
enum {
	NOTE_AT_NAMESZ = 0,
	NOTE_AT_DESCSZ = 4,
	NOTE_AT_TYPE = 8,
	NOTE_AT_NAME = 12,
	NOTE_AT_VERSION = 20,
	NOTE_AT_SOURCE = 24,
	NOTE_AT_MODE = 28,
	NOTE_AT_BASE = 36,
	NOTE_AT_CONTENT = 52,
	NOTE_AT_BTF = 68,
	NOTE_AT_IDS = 84,
};

const char *note_source_name(uint32_t source)
{
	switch (source) {
	case NOTE_SOURCE_DWARF:
		return "debug info";
	case NOTE_SOURCE_DEBUG_FILE:
		return "debug file";
	case NOTE_SOURCE_DISTILLED:
		return "BTF over .BTF.base";
	case NOTE_SOURCE_OLD_BASE:
		return "BTF over --old-base";
	default:
		return "unknown";
	}
}

void note_write(const struct note *note, bool big, uint8_t out[NOTE_SIZE])
{
	memset(out, 0, NOTE_SIZE);
	store_u32(out + NOTE_AT_NAMESZ, sizeof(NOTE_NAME), big);
	store_u32(out + NOTE_AT_DESCSZ, NOTE_SIZE - NOTE_AT_VERSION, big);
	store_u32(out + NOTE_AT_TYPE, NOTE_TYPE, big);
	memcpy(out + NOTE_AT_NAME, NOTE_NAME, sizeof(NOTE_NAME));
	store_u32(out + NOTE_AT_VERSION, NOTE_VERSION, big);
	store_u32(out + NOTE_AT_SOURCE, note->source, big);
	store_u32(out + NOTE_AT_MODE, note->mode, big);
	memcpy(out + NOTE_AT_BASE, note->base.bytes, DIGEST_SIZE);
	memcpy(out + NOTE_AT_CONTENT, note->content.bytes, DIGEST_SIZE);
	memcpy(out + NOTE_AT_BTF, note->btf.bytes, DIGEST_SIZE);
	memcpy(out + NOTE_AT_IDS, note->ids.bytes, DIGEST_SIZE);
}

int note_parse(struct bytes section, bool big, struct note *note, struct error *err)
{
	const uint8_t *p = section.data;
	uint32_t version;

	if (section.size < NOTE_AT_SOURCE ||
	    load_u32(p + NOTE_AT_NAMESZ, big) != sizeof(NOTE_NAME) ||
	    memcmp(p + NOTE_AT_NAME, NOTE_NAME, sizeof(NOTE_NAME)) ||
	    load_u32(p + NOTE_AT_TYPE, big) != NOTE_TYPE ||
	    !range_fits(NOTE_AT_VERSION, load_u32(p + NOTE_AT_DESCSZ, big), section.size))
		return error_set(err, -EINVAL, "section " NOTE_SECTION " holds no note of modbtf");
	version = load_u32(p + NOTE_AT_VERSION, big);
	if (version != NOTE_VERSION)
		return error_set(err, -EOPNOTSUPP,
				 "section " NOTE_SECTION
				 " has version %u, and %u is known: use a newer modbtf",
				 version, NOTE_VERSION);
	if (load_u32(p + NOTE_AT_DESCSZ, big) < NOTE_SIZE - NOTE_AT_VERSION)
		return error_set(err, -EINVAL, "section " NOTE_SECTION " is cut short");
	note->source = load_u32(p + NOTE_AT_SOURCE, big);
	note->mode = load_u32(p + NOTE_AT_MODE, big);
	memcpy(note->base.bytes, p + NOTE_AT_BASE, DIGEST_SIZE);
	memcpy(note->content.bytes, p + NOTE_AT_CONTENT, DIGEST_SIZE);
	memcpy(note->btf.bytes, p + NOTE_AT_BTF, DIGEST_SIZE);
	memcpy(note->ids.bytes, p + NOTE_AT_IDS, DIGEST_SIZE);
	return 0;
}

int note_read(const struct module *mod, struct note *note, struct error *err)
{
	uint32_t index = module_find_section(mod, NOTE_SECTION);
	struct buffer store = { 0 };
	struct bytes data;
	int ret;

	if (!index)
		return error_set(err, -ENOENT, "has no section " NOTE_SECTION);
	ret = module_section_data(mod, index, &data, &store, err);
	if (!ret)
		ret = note_parse(data, mod->big_endian, note, err);
	buffer_free(&store);
	return ret;
}

struct digest note_btf_digest(struct bytes btf, struct bytes base)
{
	struct digest_state state;
	uint8_t size[8];

	store_u64(size, btf.size, false);
	digest_init(&state);
	digest_update(&state, size, sizeof(size));
	digest_update(&state, btf.data, btf.size);
	digest_update(&state, base.data, base.size);
	return digest_final(&state);
}

static struct bytes section_bytes(const struct module *mod, const char *name)
{
	uint32_t index = module_find_section(mod, name);

	return index ? mod->sections[index].data : (struct bytes){ NULL, 0 };
}

bool note_knows_btf(const struct note *note, const struct module *mod)
{
	struct digest digest =
		note_btf_digest(section_bytes(mod, ".BTF"), section_bytes(mod, ".BTF.base"));

	return digest_equal(&note->btf, &digest);
}

bool note_knows_ids(const struct note *note, const struct module *mod)
{
	struct digest digest = digest_bytes(section_bytes(mod, ".BTF_ids"));

	return digest_equal(&note->ids, &digest);
}

static bool begins_with(const char *name, const char *start)
{
	return !strncmp(name, start, strlen(start));
}

/* Debug info in any packing, and the relocations of it. */
static bool is_debug(const char *name)
{
	if (begins_with(name, ".rela."))
		name += strlen(".rela");
	else if (begins_with(name, ".rel."))
		name += strlen(".rel");
	return begins_with(name, ".debug_") || begins_with(name, ".zdebug_");
}

static bool is_left_out(const char *name, const char *const *left_out)
{
	for (; *left_out; left_out++)
		if (!strcmp(name, *left_out))
			return true;
	return is_debug(name);
}

/* Symbols, relocations and string tables: strip and objcopy renumber them. */
static bool is_renumbered(uint32_t type)
{
	return type == SHT_SYMTAB || type == SHT_SYMTAB_SHNDX || type == SHT_STRTAB ||
	       type == SHT_RELA || type == SHT_REL;
}

static bool is_counted(const struct module *mod, uint32_t index, const char *const *left_out)
{
	return index && index < mod->nr_sections && mod->sections[index].type != SHT_NULL &&
	       !is_renumbered(mod->sections[index].type) &&
	       !is_left_out(mod->sections[index].name, left_out);
}

/* A section is told by its name: its index changes when another section goes. */
static void digest_name(struct digest_state *state, const struct module *mod, uint32_t index,
			const char *const *left_out)
{
	const char *name = is_counted(mod, index, left_out) ? mod->sections[index].name : "";

	digest_update(state, name, strlen(name) + 1);
}

static bool info_is_section(const struct module_section *s)
{
	return s->type == SHT_REL || s->type == SHT_RELA || s->flags & SHF_INFO_LINK;
}

static void digest_section(struct digest_state *state, const struct module *mod, uint32_t index,
			   const char *const *left_out)
{
	const struct module_section *s = &mod->sections[index];
	uint8_t fields[44];

	store_u32(fields, s->type, false);
	store_u32(fields + 4, info_is_section(s) ? 0 : s->info, false);
	store_u64(fields + 8, s->flags, false);
	store_u64(fields + 16, s->addr, false);
	store_u64(fields + 24, s->size, false);
	store_u64(fields + 32, s->align, false);
	store_u32(fields + 40, (uint32_t)s->entsize, false);
	digest_update(state, fields, sizeof(fields));
	digest_name(state, mod, index, left_out);
	digest_name(state, mod, s->link, left_out);
	digest_name(state, mod, info_is_section(s) ? s->info : 0, left_out);
	digest_update(state, s->data.data, s->data.size);
}

struct digest note_content_digest(const struct module *mod, const char *const *left_out)
{
	struct digest_state state;
	const uint8_t *ehdr = mod->elf.data;

	digest_init(&state);
	/*
	 * e_ident to e_phoff, then e_flags: all that module_rewrite() leaves alone and that says
	 * something.
	 */
	if (mod->is64) {
		digest_update(&state, ehdr, offsetof(Elf64_Ehdr, e_shoff));
		digest_update(&state, ehdr + offsetof(Elf64_Ehdr, e_flags), 4);
	} else {
		digest_update(&state, ehdr, offsetof(Elf32_Ehdr, e_shoff));
		digest_update(&state, ehdr + offsetof(Elf32_Ehdr, e_flags), 4);
	}
	for (uint32_t i = 1; i < mod->nr_sections; i++)
		if (is_counted(mod, i, left_out))
			digest_section(&state, mod, i, left_out);
	return digest_final(&state);
}
