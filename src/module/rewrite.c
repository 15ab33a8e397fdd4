// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>

#include "module/module.h"
#include "util/vec.h"

/* Most bytes that alignment may add to a module; a hostile one could ask for any number. */
#define PADDING_LIMIT ((uint64_t)64 << 20)

/* Where the fields that are written stand in either class. */
struct elf_fields {
	uint8_t ehdr_size, shdr_size,
		word; /* word: bytes of an address, and the headers' alignment */
	uint8_t e_phnum, e_shoff, e_shnum;
	uint8_t sh_offset, sh_size;
};

#define FIELDS(bits)                                                                          \
	{                                                                                     \
		.ehdr_size = sizeof(Elf##bits##_Ehdr), .shdr_size = sizeof(Elf##bits##_Shdr), \
		.word = (bits) / 8, .e_phnum = offsetof(Elf##bits##_Ehdr, e_phnum),           \
		.e_shoff = offsetof(Elf##bits##_Ehdr, e_shoff),                               \
		.e_shnum = offsetof(Elf##bits##_Ehdr, e_shnum),                               \
		.sh_offset = offsetof(Elf##bits##_Shdr, sh_offset),                           \
		.sh_size = offsetof(Elf##bits##_Shdr, sh_size),                               \
	}

static const struct elf_fields fields32 = FIELDS(32);
static const struct elf_fields fields64 = FIELDS(64);

/* A range of the old file, to be put into order. */
struct item {
	uint64_t offset, size;
	uint32_t index; /* section, 0 for the section headers */
};

/* A section of the new file. */
struct slot {
	uint64_t offset;
	const struct module_change *change; /* NULL: as it was */
};

struct rewrite {
	const struct module *mod;
	const struct elf_fields *f;
	const struct module_change *changes;
	size_t nr_changes;
	struct slot *slots; /* index = section */
	uint32_t nr;	    /* sections in the new file */
	struct item *items; /* in file order */
	size_t nr_items;
	struct buffer names;	/* added to the section name table */
	uint32_t *name_offsets; /* of each change */
	uint64_t prefix;	/* bytes at the start that stay as they are */
	uint64_t end;		/* end of the unchanged sections' content */
	uint64_t shoff;
	uint64_t total;
};

static uint64_t load_word(const struct rewrite *rw, const uint8_t *p)
{
	return rw->mod->is64 ? load_u64(p, rw->mod->big_endian) : load_u32(p, rw->mod->big_endian);
}

static void store_word(const struct rewrite *rw, uint8_t *p, uint64_t v)
{
	if (rw->mod->is64)
		store_u64(p, v, rw->mod->big_endian);
	else
		store_u32(p, (uint32_t)v, rw->mod->big_endian);
}

static uint64_t align_up(uint64_t v, uint64_t align)
{
	return align > 1 ? (v + align - 1) & ~(align - 1) : v;
}

static bool aligned_well(uint64_t align)
{
	return !(align & (align - 1)) && align <= PADDING_LIMIT;
}

/* Is only the content of the section new? */
static bool keeps_header(const struct module_change *c)
{
	return !c->remove && c->type == SHT_NULL;
}

/* The alignment of section @index with the change @c. */
static uint64_t align_of(const struct module *mod, uint32_t index, const struct module_change *c)
{
	return keeps_header(c) ? mod->sections[index].align : c->align;
}

static int check_change(const struct rewrite *rw, size_t nth, struct error *err)
{
	const struct module_change *c = &rw->changes[nth];
	const struct module *mod = rw->mod;
	uint32_t index = module_find_section(mod, c->name);
	uint32_t there = 0;

	if (keeps_header(c) && (!index || mod->sections[index].type == SHT_NOBITS))
		return error_set(err, -EINVAL, "there is no section %s to write to", c->name);
	if (c->name[0] != '.' || !c->name[1] || !aligned_well(align_of(mod, index, c)))
		return error_set(err, -EINVAL, "cannot write a section %s of alignment %llu",
				 c->name, (unsigned long long)align_of(mod, index, c));
	for (size_t i = 0; i < nth; i++)
		if (!strcmp(rw->changes[i].name, c->name))
			return error_set(err, -EINVAL, "section %s is to be written twice",
					 c->name);
	for (uint32_t i = 1; i < mod->nr_sections; i++)
		if (mod->sections[i].type != SHT_NULL && !strcmp(mod->sections[i].name, c->name))
			there++;
	if (there > 1)
		return error_set(err, -EINVAL,
				 "has %u sections called %s, and none may have more than one: "
				 "remove them with objcopy --remove-section %s",
				 there, c->name, c->name);
	return 0;
}

/* ---- which entry is whose ---- */

/* Is section @i the entry that an earlier removal of @c has left? */
static bool is_leftover(const struct module *mod, uint32_t i, const struct module_change *c)
{
	const struct module_section *s = &mod->sections[i];

	/* The name is the tail of the section's own, so one byte before it stands the dot. */
	return s->type == SHT_NULL && !s->size && s->name_offset && !strcmp(s->name, c->name + 1) &&
	       s->name[-1] == c->name[0];
}

/* The entry that @c has already, in use or left over; 0 if none. */
static uint32_t find_entry(const struct module *mod, const struct module_change *c)
{
	uint32_t index = module_find_section(mod, c->name);

	for (uint32_t i = 1; !index && i < mod->nr_sections; i++)
		if (is_leftover(mod, i, c))
			index = i;
	return index;
}

/* Does a symbol of table @symtab stand in a section from @from on? */
static bool symbol_refers(const struct module *mod, uint32_t symtab, uint32_t from)
{
	const struct bytes syms = mod->sections[symtab].data;
	size_t size = mod->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	size_t at = mod->is64 ? offsetof(Elf64_Sym, st_shndx) : offsetof(Elf32_Sym, st_shndx);

	for (size_t pos = 0; range_fits(pos, size, syms.size); pos += size) {
		uint16_t shndx = load_u16(syms.data + pos + at, mod->big_endian);

		if (shndx >= from && shndx < SHN_LORESERVE)
			return true;
	}
	return false;
}

/* Does a word of @s, from its @first on, name a section from @from on? */
static bool word_refers(const struct module *mod, const struct module_section *s, size_t first,
			uint32_t from)
{
	for (size_t pos = first * 4; range_fits(pos, 4, s->data.size); pos += 4)
		if (load_u32(s->data.data + pos, mod->big_endian) >= from)
			return true;
	return false;
}

/* Does anything refer to a section from @from on? */
static bool is_referred(const struct module *mod, uint32_t from)
{
	for (uint32_t i = 1; i < mod->nr_sections; i++) {
		const struct module_section *s = &mod->sections[i];

		if (s->type == SHT_NULL)
			continue;
		if (s->link >= from)
			return true;
		switch (s->type) {
		case SHT_SYMTAB:
			if (symbol_refers(mod, i, from))
				return true;
			break;
		case SHT_SYMTAB_SHNDX:
			if (word_refers(mod, s, 0, from))
				return true;
			break;
		case SHT_GROUP: /* one word of flags, then the members */
			if (word_refers(mod, s, 1, from))
				return true;
			break;
		default:
			if ((s->type == SHT_REL || s->type == SHT_RELA ||
			     s->flags & SHF_INFO_LINK) &&
			    s->info >= from)
				return true;
		}
	}
	return false;
}

/* Drops entries of removed sections from the end of the table. */
static void drop_last(struct rewrite *rw)
{
	uint32_t nr = rw->nr;

	while (nr > 1 && rw->slots[nr - 1].change && rw->slots[nr - 1].change->remove)
		nr--;
	/* Rarely more than one entry, so looking again for each costs nothing. */
	while (nr < rw->nr && is_referred(rw->mod, nr))
		nr++;
	rw->nr = nr;
}

static int assign_slots(struct rewrite *rw, struct error *err)
{
	const struct module *mod = rw->mod;
	size_t nth;

	rw->nr = mod->nr_sections;
	rw->slots = calloc((size_t)rw->nr + rw->nr_changes, sizeof(*rw->slots));
	if (!rw->slots)
		return error_nomem(err);
	for (nth = 0; nth < rw->nr_changes; nth++) {
		const struct module_change *c = &rw->changes[nth];
		uint32_t index = find_entry(mod, c);
		int ret = check_change(rw, nth, err);

		if (ret < 0)
			return ret;
		if (index == mod->name_table)
			return error_set(err, -EINVAL,
					 "section %s is the section name table: this is no module",
					 c->name);
		if (index)
			rw->slots[index].change = c;
	}
	drop_last(rw);
	/* What was dropped is not to be seen again; what is new comes behind. */
	for (nth = rw->nr; nth < mod->nr_sections; nth++)
		rw->slots[nth].change = NULL;
	for (nth = 0; nth < rw->nr_changes; nth++) {
		const struct module_change *c = &rw->changes[nth];

		if (!c->remove && !find_entry(mod, c))
			rw->slots[rw->nr++].change = c;
	}
	return 0;
}

/* ---- names ---- */

/* Offset of @name in the section name table, the end of a longer name included; -1 if not there. */
static int64_t find_name(struct bytes table, const char *name)
{
	const uint8_t *p = NULL;

	if (table.size)
		p = memmem(table.data, table.size, name, strlen(name) + 1);
	return p ? p - table.data : -1;
}

/*
 * The offset is looked up even for a section that has one, so that it does not depend on whether
 * the section was there before.
 */
static int assign_names(struct rewrite *rw, struct error *err)
{
	struct bytes table = rw->mod->sections[rw->mod->name_table].data;

	rw->name_offsets = calloc(rw->nr_changes + 1, sizeof(*rw->name_offsets));
	if (!rw->name_offsets)
		return error_nomem(err);
	for (size_t i = 0; i < rw->nr_changes; i++) {
		const char *name = rw->changes[i].name;
		size_t len = strlen(name) + 1;
		int64_t at = find_name(table, name);
		uint8_t *data;

		if (at < 0) {
			at = find_name(buffer_bytes(&rw->names), name);
			at += at < 0 ? 0 : (int64_t)table.size;
		}
		if (at < 0 && rw->changes[i].remove)
			continue;
		if (at < 0) {
			at = (int64_t)(table.size + rw->names.size);
			data = realloc(rw->names.data, rw->names.size + len);
			if (!data)
				return error_nomem(err);
			memcpy(data + rw->names.size, name, len);
			rw->names.data = data;
			rw->names.size += len;
		}
		if (at > UINT32_MAX)
			return error_set(err, -EOVERFLOW, "section name table exceeds 4 GiB");
		rw->name_offsets[i] = (uint32_t)at;
	}
	return 0;
}

/* ---- layout ---- */

/* By place; what is empty stands before what is not, so that moving together keeps the order. */
static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	if (!x->size != !y->size)
		return !x->size ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static const char *item_name(const struct rewrite *rw, const struct item *item)
{
	return item->index ? rw->mod->sections[item->index].name : "(section headers)";
}

/* What stands behind all else, at @end: zeros are padding, of other bytes nobody knows whose they are. */
static int check_rest(const struct rewrite *rw, uint64_t end, struct error *err)
{
	const struct bytes elf = rw->mod->elf;

	for (uint64_t i = end; i < elf.size; i++)
		if (elf.data[i])
			return error_set(
				err, -EINVAL,
				"%llu bytes at offset 0x%llx, behind the last section, are "
				"no part of the module and no signature that the kernel "
				"would see: cut them off, or get a clean copy of the file",
				(unsigned long long)(elf.size - end), (unsigned long long)end);
	return 0;
}

/* Puts everything that has a place in the old file into order, and sees that nothing overlaps. */
static int collect_items(struct rewrite *rw, struct error *err)
{
	const struct module *mod = rw->mod;
	uint64_t end = rw->f->ehdr_size;

	rw->items = calloc(mod->nr_sections, sizeof(*rw->items));
	if (!rw->items)
		return error_nomem(err);
	rw->items[rw->nr_items++] = (struct item){
		.offset = load_word(rw, mod->elf.data + rw->f->e_shoff),
		.size = (uint64_t)mod->nr_sections * rw->f->shdr_size,
	};
	for (uint32_t i = 1; i < mod->nr_sections; i++) {
		const struct module_section *s = &mod->sections[i];

		/* The offset of SHT_NOBITS means nothing and stays what it is. */
		if (s->type != SHT_NULL && s->type != SHT_NOBITS)
			rw->items[rw->nr_items++] = (struct item){ s->offset, s->size, i };
	}
	qsort(rw->items, rw->nr_items, sizeof(*rw->items), compare_items);
	for (size_t i = 0; i < rw->nr_items; i++) {
		const struct item *item = &rw->items[i];

		if (!item->size)
			continue;
		if (item->offset < end)
			return error_set(
				err, -EINVAL,
				"%s at offset 0x%llx overlaps what stands before it: get a "
				"clean copy of the file",
				item_name(rw, item), (unsigned long long)item->offset);
		end = item->offset + item->size;
	}
	return check_rest(rw, end, err);
}

/* The size in bytes that an unchanged section takes in the new file. */
static uint64_t new_size(const struct rewrite *rw, const struct item *item)
{
	return item->size + (item->index == rw->mod->name_table ? rw->names.size : 0);
}

/* Gives all sections that are not changed their offsets. */
static int place_unchanged(struct rewrite *rw, struct error *err)
{
	uint64_t pos = rw->f->ehdr_size;
	bool moving = false;

	rw->prefix = pos;
	for (size_t i = 0; i < rw->nr_items; i++) {
		const struct item *item = &rw->items[i];
		uint64_t align = rw->mod->sections[item->index].align;
		struct slot *slot = &rw->slots[item->index];

		if (!item->index || slot->change || item->index >= rw->nr) {
			moving = true;
			continue;
		}
		slot->offset = item->offset;
		if (moving && item->size && !aligned_well(align))
			return error_set(err, -EINVAL,
					 "section %s has alignment 0x%llx: get a clean copy of the "
					 "file",
					 item_name(rw, item), (unsigned long long)align);
		if (moving)
			slot->offset = item->size ? align_up(pos, align) : pos;
		else if (item->offset + item->size > rw->prefix)
			rw->prefix = item->offset + item->size;
		if (slot->offset + new_size(rw, item) > pos)
			pos = slot->offset + new_size(rw, item);
		moving |= new_size(rw, item) != item->size;
	}
	rw->end = pos;
	return 0;
}

static int place_changed(struct rewrite *rw, struct error *err)
{
	uint64_t pos = rw->end, wanted = rw->mod->elf.size + rw->names.size;

	for (uint32_t i = 1; i < rw->nr; i++) {
		const struct module_change *c = rw->slots[i].change;

		if (!c || c->remove)
			continue;
		rw->slots[i].offset = align_up(pos, align_of(rw->mod, i, c));
		pos = rw->slots[i].offset + c->data.size;
		wanted += c->data.size;
	}
	rw->shoff = align_up(pos, rw->f->word);
	rw->total = rw->shoff + (uint64_t)rw->nr * rw->f->shdr_size;
	wanted += rw->nr_changes * rw->f->shdr_size;
	if (rw->total > wanted + PADDING_LIMIT)
		return error_set(
			err, -EOVERFLOW,
			"sections ask for %llu bytes of alignment: get a clean copy of the "
			"file",
			(unsigned long long)(rw->total - wanted));
	if (rw->total > SIZE_MAX || (!rw->mod->is64 && rw->total > UINT32_MAX))
		return error_set(err, -EOVERFLOW, "would exceed what a 32-bit ELF can hold");
	return 0;
}

/* ---- output ---- */

/*
 * The image while it is put together. Its memory holds, in this order: the ELF header, what is
 * added to the section names, and the tail: all from rw->end on.
 */
struct output {
	VEC(struct piece) pieces;
	uint64_t pos;		  /* end of the pieces in the new file */
	const uint8_t *range_end; /* end of the last piece if it is a range of the old file */
	uint8_t *memory, *tail;
};

static const uint8_t zeros[4096];

static int add_piece(struct output *out, struct bytes b, const struct file_map *file,
		     struct error *err)
{
	out->pos += b.size;
	out->range_end = NULL;
	return !b.size || vec_push(&out->pieces, ((struct piece){ b, file })) ? 0 :
										error_nomem(err);
}

static int add_padding(struct output *out, uint64_t size, struct error *err)
{
	int ret = 0;

	while (size && !ret) {
		size_t step = size < sizeof(zeros) ? size : sizeof(zeros);

		ret = add_piece(out, (struct bytes){ zeros, step }, NULL, err);
		size -= step;
	}
	return ret;
}

/* The file that the module's bytes are mapped from; NULL where they are in memory. */
static const struct file_map *file_of(const struct module *mod)
{
	return mod->file.mapped && !mod->image.data ? &mod->file : NULL;
}

static bool is_zero(const uint8_t *p, size_t size)
{
	return size <= sizeof(zeros) && !memcmp(p, zeros, size);
}

/*
 * Appends the range @b of the old file at @offset of the new one, with zeros before it. Where just
 * that stood before it already, the last piece is made longer.
 */
static int add_range(const struct rewrite *rw, struct output *out, uint64_t offset, struct bytes b,
		     struct error *err)
{
	uint64_t gap = offset - out->pos;
	int ret = 0;

	if (!b.size)
		return 0;
	if (out->range_end && out->range_end <= b.data &&
	    (uint64_t)(b.data - out->range_end) == gap && is_zero(out->range_end, gap)) {
		out->pieces.at[out->pieces.nr - 1].data.size += gap + b.size;
		out->pos += gap + b.size;
	} else {
		ret = add_padding(out, gap, err);
		if (!ret)
			ret = add_piece(out, b, file_of(rw->mod), err);
	}
	out->range_end = b.data + b.size;
	return ret;
}

/* Everything before rw->end. */
static int add_unchanged(const struct rewrite *rw, struct output *out, struct error *err)
{
	const struct module *mod = rw->mod;
	size_t ehdr_size = rw->f->ehdr_size;
	int ret;

	ret = add_piece(out, (struct bytes){ out->memory, ehdr_size }, NULL, err);
	if (!ret)
		ret = add_range(rw, out, ehdr_size,
				bytes_slice(mod->elf, ehdr_size, rw->prefix - ehdr_size), err);
	for (size_t i = 0; i < rw->nr_items && !ret; i++) {
		const struct item *item = &rw->items[i];
		const struct slot *slot = &rw->slots[item->index];

		if (!item->index || slot->change || item->index >= rw->nr)
			continue;
		if (slot->offset >= rw->prefix)
			ret = add_range(rw, out, slot->offset, mod->sections[item->index].data,
					err);
		if (!ret && item->index == mod->name_table)
			ret = add_piece(out,
					(struct bytes){ out->memory + ehdr_size, rw->names.size },
					NULL, err);
	}
	return ret;
}

/* @old: the header that the section has, if it is there. */
static void emit_new_header(const struct rewrite *rw, uint8_t *p, const uint8_t *old,
			    const struct slot *slot)
{
	const struct module_change *c = slot->change;
	uint32_t name = rw->name_offsets[c - rw->changes];
	bool big = rw->mod->big_endian;

	if (keeps_header(c)) {
		memcpy(p, old, rw->f->shdr_size);
		store_word(rw, p + rw->f->sh_offset, slot->offset);
		store_word(rw, p + rw->f->sh_size, c->data.size);
		return;
	}
	memset(p, 0, rw->f->shdr_size);
	/*
	 * sh_name and sh_type stand alike in both classes; sh_addralign is the word before the
	 * last.
	 */
	if (c->remove) {
		store_u32(p, name + 1, big);
		return;
	}
	store_u32(p, name, big);
	store_u32(p + 4, c->type, big);
	store_word(rw, p + rw->f->sh_offset, slot->offset);
	store_word(rw, p + rw->f->sh_size, c->data.size);
	store_word(rw, p + rw->f->shdr_size - 2 * rw->f->word, c->align);
}

static void emit_headers(const struct rewrite *rw, const struct output *out)
{
	const struct module *mod = rw->mod;
	const struct elf_fields *f = rw->f;
	const uint8_t *old = mod->elf.data + load_word(rw, mod->elf.data + f->e_shoff);
	uint8_t *ehdr = out->memory, *headers = out->tail + (rw->shoff - rw->end);

	for (uint32_t i = 0; i < rw->nr; i++) {
		const struct slot *slot = &rw->slots[i];
		uint8_t *p = headers + (size_t)i * f->shdr_size;

		if (slot->change) {
			emit_new_header(rw, p, old + (size_t)i * f->shdr_size, slot);
			continue;
		}
		memcpy(p, old + (size_t)i * f->shdr_size, f->shdr_size);
		if (mod->sections[i].type != SHT_NULL && mod->sections[i].type != SHT_NOBITS)
			store_word(rw, p + f->sh_offset, slot->offset);
		if (i && i == mod->name_table)
			store_word(rw, p + f->sh_size, mod->sections[i].size + rw->names.size);
	}

	/* gABI, "ELF header": from SHN_LORESERVE on the count is in sh_size of entry 0. */
	memcpy(ehdr, mod->elf.data, f->ehdr_size);
	store_word(rw, ehdr + f->e_shoff, rw->shoff);
	if (rw->nr >= SHN_LORESERVE)
		store_word(rw, headers + f->sh_size, rw->nr);
	else if (!load_u16(mod->elf.data + f->e_shnum, mod->big_endian))
		store_word(rw, headers + f->sh_size, 0);
	store_u16(ehdr + f->e_shnum, rw->nr >= SHN_LORESERVE ? 0 : (uint16_t)rw->nr,
		  mod->big_endian);
}

static void emit_tail(const struct rewrite *rw, const struct output *out)
{
	for (uint32_t i = 1; i < rw->nr; i++) {
		const struct slot *slot = &rw->slots[i];

		if (slot->change && !slot->change->remove && slot->change->data.size)
			memcpy(out->tail + (slot->offset - rw->end), slot->change->data.data,
			       slot->change->data.size);
	}
	emit_headers(rw, out);
}

static int put_together(const struct rewrite *rw, struct module_image *image, struct error *err)
{
	size_t tail = (size_t)(rw->total - rw->end), before = rw->f->ehdr_size + rw->names.size;
	struct output out = { 0 };
	int ret;

	/* Cleared, for padding is zero. */
	out.memory = calloc(1, before + tail);
	if (!out.memory)
		return error_nomem(err);
	out.tail = out.memory + before;
	if (rw->names.size)
		memcpy(out.memory + rw->f->ehdr_size, rw->names.data, rw->names.size);
	emit_tail(rw, &out);
	ret = add_unchanged(rw, &out, err);
	/* Empty sections may have asked for alignment at the end. */
	if (!ret)
		ret = add_padding(&out, rw->end - out.pos, err);
	if (!ret)
		ret = add_piece(&out, (struct bytes){ out.tail, tail }, NULL, err);
	if (ret) {
		vec_free(&out.pieces);
		free(out.memory);
		return ret;
	}
	*image = (struct module_image){ out.pieces.at, out.pieces.nr, rw->total, out.memory };
	return 0;
}

void module_image_free(struct module_image *image)
{
	free(image->pieces);
	free(image->memory);
	*image = (struct module_image){ 0 };
}

int module_image_flatten(const struct module_image *image, struct buffer *out, struct error *err)
{
	return pieces_flatten(image->pieces, image->nr, out, err);
}

static int plan(struct rewrite *rw, struct error *err)
{
	int ret;

	if (load_u16(rw->mod->elf.data + rw->f->e_phnum, rw->mod->big_endian))
		return error_set(err, -EINVAL, "has program headers: this is no module");
	ret = assign_slots(rw, err);
	if (!ret)
		ret = assign_names(rw, err);
	if (!ret)
		ret = collect_items(rw, err);
	if (!ret)
		ret = place_unchanged(rw, err);
	if (!ret)
		ret = place_changed(rw, err);
	return ret;
}

int module_rewrite(const struct module *mod, const struct module_change *changes, size_t nr,
		   struct module_image *image, struct error *err)
{
	struct rewrite rw = {
		.mod = mod,
		.f = mod->is64 ? &fields64 : &fields32,
		.changes = changes,
		.nr_changes = nr,
	};
	int ret;

	*image = (struct module_image){ 0 };
	ret = plan(&rw, err);
	if (!ret)
		ret = put_together(&rw, image, err);
	free(rw.slots);
	free(rw.items);
	buffer_free(&rw.names);
	free(rw.name_offsets);
	return ret;
}
