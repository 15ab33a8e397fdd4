// SPDX-License-Identifier: GPL-2.0-only
#include "dwarf/die.h"

int reader_damaged(const struct reader *r, const char *what)
{
	return error_set(r->err, -EINVAL, "debug info at 0x%llx (unit at 0x%llx): %s",
			 (unsigned long long)reader_offset(r), (unsigned long long)r->unit->offset,
			 what);
}

struct unit *unit_at(struct dwarf *d, uint64_t offset)
{
	uint32_t low = 0, high = d->units.nr;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		struct unit *unit = &d->units.at[mid];

		if (offset < unit->dies)
			high = mid;
		else if (offset >= unit->end)
			low = mid + 1;
		else
			return unit;
	}
	return NULL;
}

static int use_abbrevs(struct reader *r)
{
	struct dwarf *d = r->d;
	struct unit *unit = r->unit;
	int ret;

	if (d->have_abbrevs && d->abbrevs.offset == unit->abbrev_offset &&
	    d->abbrevs.address_size == unit->address_size)
		return 0;
	if (d->have_abbrevs)
		abbrev_free(&d->abbrevs);
	d->have_abbrevs = false;
	ret = abbrev_compile(&d->abbrevs, d->in.abbrev.data, unit->abbrev_offset,
			     unit->address_size, r->err);
	d->have_abbrevs = !ret;
	return ret;
}

static int open_unit_die(struct reader *r)
{
	struct unit *unit = r->unit;
	struct die die;
	const char *producer;
	int ret;

	unit->opened = true;
	r->p = r->start + (unit->dies - r->info->start);
	ret = read_die(r, &die);
	if (ret)
		return ret;
	unit->language = die_has(&die, SLOT_LANGUAGE) ? (uint16_t)die.at[SLOT_LANGUAGE].v : 0;
	/*
	 * Without the attribute: behind the header of the one contribution (DWARF 5 section 7.26).
	 */
	unit->str_offsets_base =
		die_has(&die, SLOT_STR_OFFSETS_BASE) ? die.at[SLOT_STR_OFFSETS_BASE].v : 8;
	unit->addr_base = die_has(&die, SLOT_ADDR_BASE) ? die.at[SLOT_ADDR_BASE].v : 8;
	unit->loclists_base = die_has(&die, SLOT_LOCLISTS_BASE) ? die.at[SLOT_LOCLISTS_BASE].v : 12;
	ret = die_string(r, &die, SLOT_PRODUCER, &producer);
	if (ret)
		return ret;
	unit->clang = strstr(producer, "clang version") != NULL;
	return 0;
}

int reader_open(struct reader *r, struct dwarf *d, struct unit *unit, uint64_t at,
		struct error *err)
{
	struct info *info = &d->infos.at[unit->info];
	int ret;

	*r = (struct reader){ .d = d, .unit = unit, .info = info, .err = err };
	r->start = info->section->data.data;
	r->end = r->start + (unit->end - info->start);
	r->p = r->start + (at - info->start);
	ret = use_abbrevs(r);
	if (ret)
		return ret;
	if (!unit->opened) {
		ret = open_unit_die(r);
		r->p = r->start + (at - info->start);
	}
	return ret;
}

static inline bool has_bytes(const struct reader *r, uint64_t n)
{
	return (uint64_t)(r->end - r->p) >= n;
}

static inline uint64_t load_sized(const struct reader *r, unsigned int size)
{
	bool big = r->d->in.big_endian;

	switch (size) {
	case 1:
		return r->p[0];
	case 2:
		return load_u16(r->p, big);
	case 3:
		return big ? (uint64_t)r->p[0] << 16 | load_u16(r->p + 1, big) :
			     (uint64_t)r->p[2] << 16 | load_u16(r->p, big);
	case 4:
		return load_u32(r->p, big);
	default:
		return load_u64(r->p, big);
	}
}

static int read_fixed(struct reader *r, unsigned int size, struct value *value)
{
	if (!has_bytes(r, size))
		return reader_damaged(r, "an attribute runs past the end of its unit");
	value->v = load_sized(r, size);
	r->p += size;
	return 0;
}

static inline int read_relocated(struct reader *r, unsigned int size, struct value *value)
{
	struct reloc_value reloc;
	int ret;

	if (!has_bytes(r, size))
		return reader_damaged(r, "an attribute runs past the end of its unit");
	if (size != 4 || !reloc_next(&r->info->reloc, (uint64_t)(r->p - r->start), &reloc)) {
		ret = reloc_apply(&r->info->reloc, (uint64_t)(r->p - r->start), size,
				  load_sized(r, size), &reloc, r->err);
		if (ret)
			return ret;
	}
	value->v = reloc.value;
	value->section = reloc.section;
	r->p += size;
	return 0;
}

static int read_block(struct reader *r, uint64_t len, struct value *value)
{
	if (!has_bytes(r, len) || len > UINT32_MAX)
		return reader_damaged(r, "a block runs past the end of its unit");
	value->v = (uint64_t)(r->p - r->start);
	value->len = (uint32_t)len;
	r->p += len;
	return 0;
}

static int read_sized_block(struct reader *r, unsigned int size, struct value *value)
{
	int ret = read_fixed(r, size, value);

	return ret ? ret : read_block(r, value->v, value);
}

static int read_value(struct reader *r, uint64_t form, unsigned int depth, struct value *value)
{
	const uint8_t *nul;
	uint64_t len;

	value->form = (uint16_t)form;
	switch (form) {
	case DW_FORM_addr:
		return read_relocated(r, r->unit->address_size, value);
	case DW_FORM_strp:
	case DW_FORM_line_strp:
	case DW_FORM_sec_offset:
	case DW_FORM_ref_addr:
		return read_relocated(r, 4, value);
	case DW_FORM_flag_present:
		value->v = 1;
		return 0;
	case DW_FORM_data1:
	case DW_FORM_flag:
	case DW_FORM_ref1:
	case DW_FORM_strx1:
	case DW_FORM_addrx1:
		return read_fixed(r, 1, value);
	case DW_FORM_data2:
	case DW_FORM_ref2:
	case DW_FORM_strx2:
	case DW_FORM_addrx2:
		return read_fixed(r, 2, value);
	case DW_FORM_strx3:
	case DW_FORM_addrx3:
		return read_fixed(r, 3, value);
	case DW_FORM_data4:
	case DW_FORM_ref4:
	case DW_FORM_strx4:
	case DW_FORM_addrx4:
	case DW_FORM_strp_sup:
	case DW_FORM_ref_sup4:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		return read_fixed(r, 4, value);
	case DW_FORM_data8:
	case DW_FORM_ref8:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup8:
		return read_fixed(r, 8, value);
	case DW_FORM_data16:
		return read_block(r, 16, value);
	case DW_FORM_udata:
	case DW_FORM_ref_udata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_loclistx:
	case DW_FORM_rnglistx:
		if (!read_uleb(&r->p, r->end, &value->v))
			return reader_damaged(r, "an overlong number");
		return 0;
	case DW_FORM_sdata:
		if (!read_sleb(&r->p, r->end, (int64_t *)&value->v))
			return reader_damaged(r, "an overlong number");
		return 0;
	case DW_FORM_string:
		nul = memchr(r->p, 0, (size_t)(r->end - r->p));
		if (!nul)
			return reader_damaged(r, "a string without end");
		return read_block(r, (uint64_t)(nul - r->p) + 1, value);
	case DW_FORM_block1:
		return read_sized_block(r, 1, value);
	case DW_FORM_block2:
		return read_sized_block(r, 2, value);
	case DW_FORM_block4:
		return read_sized_block(r, 4, value);
	case DW_FORM_block:
	case DW_FORM_exprloc:
		if (!read_uleb(&r->p, r->end, &len))
			return reader_damaged(r, "an overlong number");
		return read_block(r, len, value);
	case DW_FORM_indirect:
		if (!read_uleb(&r->p, r->end, &form) || depth || form == DW_FORM_implicit_const)
			return reader_damaged(r, "an indirect form that leads nowhere");
		return read_value(r, form, depth + 1, value);
	default:
		return error_set(r->err, -EOPNOTSUPP,
				 "debug info at 0x%llx: form 0x%llx is not known: this debug info "
				 "cannot be read",
				 (unsigned long long)reader_offset(r), (unsigned long long)form);
	}
}

/* A value that is asked for, of any form. */
static int fetch(struct reader *r, uint16_t form, struct value *value)
{
	/* Before DWARF 4 also an offset in another section has this form. */
	if (form == DW_FORM_data4 && r->unit->version < 4) {
		value->form = form;
		return read_relocated(r, 4, value);
	}
	return read_value(r, form, 0, value);
}

/* A value of @size bytes, which the form says. */
static inline int fetch_fixed(struct reader *r, const struct abbrev_op *op, unsigned int size,
			      struct value *value)
{
	value->form = op->arg;
	return read_fixed(r, size, value);
}

static int run_program(struct reader *r, const struct abbrev *abbrev, struct die *die)
{
	const struct abbrev_op *op = r->d->abbrevs.ops.at + abbrev->ops;
	struct value ignored;
	uint32_t have = 0;
	int ret;

	for (;; op++) {
		switch (op->code) {
		case OP_SKIP:
			if (!has_bytes(r, op->arg))
				return reader_damaged(r, "a DIE runs past the end of its unit");
			r->p += op->arg;
			continue;
		case OP_SKIP_FORM:
			ret = read_value(r, op->arg, 0, &ignored);
			if (ret)
				return ret;
			continue;
		case OP_FETCH_1:
			ret = fetch_fixed(r, op, 1, &die->at[op->slot]);
			break;
		case OP_FETCH_2:
			ret = fetch_fixed(r, op, 2, &die->at[op->slot]);
			break;
		case OP_FETCH_4:
			ret = fetch_fixed(r, op, 4, &die->at[op->slot]);
			break;
		case OP_FETCH_STRP:
			die->at[op->slot].form = op->arg;
			ret = read_relocated(r, 4, &die->at[op->slot]);
			break;
		case OP_FETCH:
			ret = fetch(r, op->arg, &die->at[op->slot]);
			break;
		case OP_CONST:
			die->at[op->slot].v = (uint64_t)r->d->abbrevs.consts.at[op->arg];
			die->at[op->slot].form = DW_FORM_implicit_const;
			ret = 0;
			break;
		default:
			die->have = have;
			return 0;
		}
		if (ret)
			return ret;
		have |= 1u << op->slot;
	}
}

int read_die(struct reader *r, struct die *die)
{
	const struct abbrev_table *table = &r->d->abbrevs;
	uint64_t code;

	die->offset = reader_offset(r);
	die->have = 0;
	if (r->p < r->end && *r->p < 0x80)
		code = *r->p++;
	else if (!read_uleb(&r->p, r->end, &code))
		return reader_damaged(r, "the unit ends in the middle of a DIE");
	if (!code) {
		die->tag = 0;
		die->children = false;
		return 0;
	}
	if (code >= table->abbrevs.nr || !table->abbrevs.at[code].known)
		return reader_damaged(r, "a DIE uses an abbreviation that was not declared");
	die->tag = table->abbrevs.at[code].tag;
	die->children = table->abbrevs.at[code].children;
	if (!die->tag)
		die->tag = UINT16_MAX; /* a tag beyond all that are known; not the null entry */
	return run_program(r, &table->abbrevs.at[code], die);
}

int skip_children(struct reader *r, const struct die *die)
{
	unsigned int depth = 1;
	struct die child;
	uint64_t next;
	int ret;

	if (!die->children)
		return 0;
	if (die_has(die, SLOT_SIBLING)) {
		ret = die_ref(r, die, SLOT_SIBLING, &next);
		if (ret)
			return ret;
		if (next <= die->offset || next < reader_offset(r) || next > r->unit->end)
			return reader_damaged(r, "DW_AT_sibling leads back or out of the unit");
		r->p = r->start + (next - r->info->start);
		return 0;
	}
	while (depth) {
		/* Clang writes a null entry as last byte of a unit, but does not have to. */
		if (r->p == r->end)
			return 0;
		ret = read_die(r, &child);
		if (ret)
			return ret;
		if (!child.tag) {
			depth--;
		} else if (child.children && die_has(&child, SLOT_SIBLING)) {
			ret = skip_children(r, &child);
			if (ret)
				return ret;
		} else if (child.children) {
			depth++;
		}
	}
	return 0;
}

bool form_is_block(uint16_t form)
{
	switch (form) {
	case DW_FORM_block:
	case DW_FORM_block1:
	case DW_FORM_block2:
	case DW_FORM_block4:
	case DW_FORM_exprloc:
		return true;
	default:
		return false;
	}
}

/* Strings that stand at @offset of @section. */
static int section_string(struct reader *r, struct bytes section, const char *section_name,
			  uint64_t offset, const char **str)
{
	if (offset >= section.size || !memchr(section.data + offset, 0, section.size - offset))
		return error_set(r->err, -EINVAL,
				 "debug info at 0x%llx: string at 0x%llx of %s, which has 0x%zx "
				 "bytes",
				 (unsigned long long)reader_offset(r), (unsigned long long)offset,
				 section_name, section.size);
	*str = (const char *)section.data + offset;
	return 0;
}

/* The offset in .debug_str of string number @index of the unit (DWARF 5 section 7.26). */
static int indexed_string(struct reader *r, uint64_t index, uint64_t *offset)
{
	struct bytes table = r->d->in.str_offsets.data, entry = { NULL, 0 };
	struct reloc_value value;
	uint64_t at;
	int ret;

	if (index < table.size / 4) {
		at = r->unit->str_offsets_base + 4 * index;
		entry = bytes_slice(table, at, 4);
	}
	if (!entry.data)
		return reader_damaged(r, "a string index beyond .debug_str_offsets");
	ret = reloc_apply(&r->d->str_offsets, at, 4, load_u32(entry.data, r->d->in.big_endian),
			  &value, r->err);
	*offset = value.value;
	return ret;
}

static bool form_is_strx(uint16_t form)
{
	return form == DW_FORM_strx || (form >= DW_FORM_strx1 && form <= DW_FORM_strx4);
}

int die_string(struct reader *r, const struct die *die, enum slot slot, const char **str)
{
	const struct value *value = &die->at[slot];
	uint64_t offset = value->v;
	int ret;

	*str = "";
	if (!die_has(die, slot))
		return 0;
	if (form_is_strx(value->form)) {
		ret = indexed_string(r, value->v, &offset);
		if (ret)
			return ret;
		return section_string(r, r->d->in.str.data, ".debug_str", offset, str);
	}
	switch (value->form) {
	case DW_FORM_strp:
		return section_string(r, r->d->in.str.data, ".debug_str", offset, str);
	case DW_FORM_line_strp:
		return section_string(r, r->d->in.line_str.data, ".debug_line_str", offset, str);
	case DW_FORM_string:
		*str = (const char *)r->start + offset;
		return 0;
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_strp_alt:
		return error_set(r->err, -EOPNOTSUPP,
				 "debug info at 0x%llx: a name stands in a supplementary file (dwz "
				 "-m): run modbtf before dwz",
				 (unsigned long long)reader_offset(r));
	default:
		return reader_damaged(r, "a name that is no string");
	}
}

static int take_name(struct reader *r, const char *str, size_t len, uint32_t *name)
{
	if (len > NAME_LONGEST)
		return error_set(r->err, -EINVAL, "debug info at 0x%llx: a name of %zu characters",
				 (unsigned long long)reader_offset(r), len);
	*name = name_id(r->d->names, str, len);
	return *name == UINT32_MAX ? error_nomem(r->err) : 0;
}

bool read_plain_string(struct reader *r, const uint8_t **p, uint32_t *name)
{
	const size_t room = (size_t)(r->end - *p), len = strnlen((const char *)*p, room);

	if (!len || len == room || len > NAME_LONGEST)
		return false;
	*name = name_id(r->d->names, (const char *)*p, len);
	*p += len + 1;
	return *name != UINT32_MAX;
}

/*
 * A name out of .debug_str. `ld -r` does not merge that section: each unit has strings of its own,
 * and refers to most of them once, so there is nothing to gain from remembering offsets.
 */
static int str_name(struct reader *r, uint64_t offset, uint32_t *name)
{
	struct bytes strings = r->d->in.str.data;
	const char *str;
	size_t len;

	if (offset >= strings.size)
		return section_string(r, strings, ".debug_str", offset, &str);
	str = (const char *)strings.data + offset;
	len = strnlen(str, strings.size - offset);
	if (len == strings.size - offset)
		return reader_damaged(r, "a string that runs past .debug_str");
	return take_name(r, str, len, name);
}

int die_name(struct reader *r, const struct die *die, enum slot slot, uint32_t *name)
{
	const struct value *value = &die->at[slot];
	uint64_t offset;
	const char *str;
	int ret;

	*name = 0;
	if (!die_has(die, slot))
		return 0;
	if (value->form == DW_FORM_strp)
		return str_name(r, value->v, name);
	if (form_is_strx(value->form)) {
		ret = indexed_string(r, value->v, &offset);
		return ret ? ret : str_name(r, offset, name);
	}
	ret = die_string(r, die, slot, &str);
	if (ret)
		return ret;
	return take_name(r, str, strlen(str), name);
}

int die_pending_name_of(struct reader *r, const struct die *die, enum slot slot, uint32_t *name)
{
	const struct value *value = &die->at[slot];
	uint64_t offset = value->v;
	int ret;

	if (!die_has(die, slot) || (value->form != DW_FORM_strp && !form_is_strx(value->form)))
		return die_name(r, die, slot, name);
	if (value->form != DW_FORM_strp) {
		ret = indexed_string(r, value->v, &offset);
		if (ret)
			return ret;
	}
	if (offset >= NAME_PENDING || offset >= r->d->in.str.data.size)
		return str_name(r, offset, name);
	*name = NAME_PENDING | (uint32_t)offset;
	return 0;
}

static int type_unit_die(struct reader *r, uint64_t signature, uint64_t *offset)
{
	struct dwarf *d = r->d;
	uint32_t hash = hash_u64(signature), n, pos;

	for (n = idtab_first(&d->signatures, hash, &pos); n;
	     n = idtab_next(&d->signatures, hash, &pos)) {
		if (d->units.at[n - 1].signature == signature) {
			*offset = d->units.at[n - 1].type_offset;
			return 0;
		}
	}
	return reader_damaged(r, "a reference to a type unit that is not there");
}

int die_ref_of(struct reader *r, const struct die *die, enum slot slot, uint64_t *offset)
{
	const struct value *value = &die->at[slot];

	*offset = 0;
	if (!die_has(die, slot))
		return 0;
	switch (value->form) {
	case DW_FORM_ref1:
	case DW_FORM_ref2:
	case DW_FORM_ref4:
	case DW_FORM_ref8:
	case DW_FORM_ref_udata:
		if (value->v >= r->unit->end - r->unit->offset)
			return slot == SLOT_SIBLING && value->v == r->unit->end - r->unit->offset ?
				       (*offset = r->unit->end, 0) :
				       reader_damaged(r, "a reference out of its unit");
		*offset = r->unit->offset + value->v;
		return 0;
	case DW_FORM_ref_addr:
		/*
		 * Into .debug_info as a whole; where COMDAT groups make several, into the unit's
		 * own.
		 */
		if (value->v >= r->info->section->data.size)
			return reader_damaged(r, "a reference out of .debug_info");
		*offset = r->info->start + value->v;
		return 0;
	case DW_FORM_ref_sig8:
		return type_unit_die(r, value->v, offset);
	case DW_FORM_ref_sup4:
	case DW_FORM_ref_sup8:
	case DW_FORM_GNU_ref_alt:
		return error_set(r->err, -EOPNOTSUPP,
				 "debug info at 0x%llx: a type stands in a supplementary file (dwz "
				 "-m): run modbtf before dwz",
				 (unsigned long long)reader_offset(r));
	default:
		return reader_damaged(r, "a reference of a form that is none");
	}
}
