// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU variables: those that stand directly below the unit's DIE and have an address in the
 * section .data..percpu.
 */
#include "dwarf/scan.h"
#include "dwarf/symbols.h"

#define PERCPU_SECTION ".data..percpu"

/* Names that the kernel's macros make up; pahole leaves them out as well. */
static const char *const ignored_prefixes[] = {
	"__UNIQUE_ID",
	"__tpstrtab_",
	"__exitcall_",
	"__gendwarfksyms_ptr_",
	"__func_stack_frame_non_standard_",
};

/* .debug_addr entry @index of the unit (DWARF 5 section 7.27). */
static int indexed_address(struct scan *s, uint64_t index, struct reloc_value *value)
{
	unsigned int size = s->r.unit->address_size;
	struct bytes table = s->d->in.addr.data, entry = { NULL, 0 };
	uint64_t at = 0;

	if (index < table.size / size) {
		at = s->r.unit->addr_base + index * size;
		entry = bytes_slice(table, at, size);
	}
	if (!entry.data)
		return reader_damaged(&s->r, "an address index beyond .debug_addr");
	return reloc_apply(&s->d->addr, at, size,
			   size == 8 ? load_u64(entry.data, s->d->in.big_endian) :
				       load_u32(entry.data, s->d->in.big_endian),
			   value, s->r.err);
}

/*
 * The address in a location that is nothing but an address (clang adds a constant for variables
 * that it merged). Section 0: there is none.
 */
static int read_address(struct scan *s, const struct die *die, struct reloc_value *value)
{
	const struct value *loc = &die->at[SLOT_LOCATION];
	unsigned int size = s->r.unit->address_size;
	const uint8_t *p, *end;
	uint64_t index, offset;
	int ret;

	*value = (struct reloc_value){ 0 };
	if (!die_has(die, SLOT_LOCATION) || !form_is_block(loc->form) || !loc->len)
		return 0;
	p = s->r.start + loc->v;
	end = p + loc->len;
	switch (*p++) {
	case DW_OP_addr:
		if (end - p < size)
			return reader_damaged(&s->r, "an address that is cut off");
		ret = reloc_apply(&s->r.info->reloc, (uint64_t)(p - s->r.start), size,
				  size == 8 ? load_u64(p, s->d->in.big_endian) :
					      load_u32(p, s->d->in.big_endian),
				  value, s->r.err);
		p += size;
		break;
	case DW_OP_addrx:
	case DW_OP_GNU_addr_index:
		if (!read_uleb(&p, end, &index))
			return reader_damaged(&s->r, "an overlong number");
		ret = indexed_address(s, index, value);
		break;
	default:
		return 0;
	}
	if (!ret && p < end && *p == DW_OP_plus_uconst) {
		p++;
		if (read_uleb(&p, end, &offset) && p == end)
			value->value += offset;
	}
	return ret;
}

static bool is_percpu(const struct dwarf *d, const struct reloc_value *address)
{
	return address->section && address->section < d->in.nr_sections &&
	       !strcmp(d->in.sections[address->section].name, PERCPU_SECTION) &&
	       address->value < d->in.sections[address->section].size;
}

/* A C identifier as BTF takes it for variables, of at most 127 characters. */
static bool usable_name(const char *name)
{
	if (!*name || strlen(name) > 127 || (*name >= '0' && *name <= '9'))
		return false;
	for (size_t i = 0; i < sizeof(ignored_prefixes) / sizeof(*ignored_prefixes); i++)
		if (!strncmp(name, ignored_prefixes[i], strlen(ignored_prefixes[i])))
			return false;
	for (; *name; name++)
		if (!(*name >= 'a' && *name <= 'z') && !(*name >= 'A' && *name <= 'Z') &&
		    !(*name >= '0' && *name <= '9') && *name != '_' && *name != '.')
			return false;
	return true;
}

/* The declaration that a definition out of line refers to has its name and type. */
static int read_specification(struct scan *s, const struct die *die, struct die *from)
{
	const uint8_t *saved = s->r.p;
	uint64_t offset;
	int ret;

	ret = die_ref(&s->r, die, SLOT_SPECIFICATION, &offset);
	if (ret)
		return ret;
	if (offset < s->r.unit->dies || offset >= s->r.unit->end)
		return reader_damaged(&s->r, "a variable declared in another unit");
	s->r.p = s->r.start + (offset - s->r.info->start);
	ret = read_die(&s->r, from);
	if (!ret && from->tag != DW_TAG_variable && from->tag != DW_TAG_member)
		ret = reader_damaged(&s->r, "DW_AT_specification leads to no variable");
	s->r.p = saved;
	return ret;
}

int scan_variable(struct scan *s, const struct die *die)
{
	struct variable var = { 0 };
	struct reloc_value address;
	struct die from = *die;
	const char *name;
	int ret;

	if (s->depth != 1 || die_has(die, SLOT_ARTIFICIAL) ||
	    (die_has(die, SLOT_DECLARATION) && !die_has(die, SLOT_SPECIFICATION)))
		return skip_children(&s->r, die);
	ret = read_address(s, die, &address);
	if (ret)
		return ret;
	if (!is_percpu(s->d, &address))
		return skip_children(&s->r, die);
	if (die_has(die, SLOT_SPECIFICATION))
		ret = read_specification(s, die, &from);
	if (!ret)
		ret = die_name(&s->r, &from, SLOT_NAME, &var.name);
	if (!ret)
		ret = scan_type(s, &from, &var.type);
	if (ret)
		return ret;
	var.section = address.section;
	var.offset = address.value;
	var.external = die_has(&from, SLOT_EXTERNAL);
	name = name_str(s->d->names, var.name);
	/* Variables of sections that the linker threw away are all at 0. */
	if (usable_name(name) && (var.offset || has_object_at_start(s->d, name, var.section)) &&
	    !vec_push(&s->variables, var))
		return error_nomem(s->r.err);
	return skip_children(&s->r, die);
}

static int var_section(struct dwarf *d, uint32_t elf_section, uint32_t *index, struct error *err)
{
	const char *name = d->in.sections[elf_section].name;
	uint32_t id;

	for (*index = 0; *index < d->var_elf_sections.nr; (*index)++)
		if (d->var_elf_sections.at[*index] == elf_section)
			return 0;
	id = name_id(d->names, name, strlen(name));
	if (id == UINT32_MAX || !vec_push(&d->var_sections, id) ||
	    !vec_push(&d->var_elf_sections, elf_section))
		return error_nomem(err);
	return 0;
}

int scan_variables(struct scan *s)
{
	for (uint32_t i = 0; i < s->variables.nr; i++) {
		const struct variable *v = &s->variables.at[i];
		struct dwarf_var out = { .name = v->name,
					 .elf_section = v->section,
					 .offset = (uint32_t)v->offset };
		struct graph_var var = { .symbol = s->out->vars.nr, .type = v->type };
		const struct graph_node *type = &s->graph->nodes.at[v->type];
		uint64_t size = v->type ? scan_size(s, v->type) : 0;

		if ((type->kind == BTF_KIND_STRUCT || type->kind == BTF_KIND_UNION) && !type->nr &&
		    size == 1)
			size = 0;
		if (!size || size > UINT32_MAX || v->offset > UINT32_MAX - size)
			continue;
		out.size = (uint32_t)size;
		var.linkage = v->external ? BTF_VAR_GLOBAL_ALLOCATED : BTF_VAR_STATIC;
		if (!vec_push(&s->out->vars, out) || !vec_push(&s->graph->vars, var))
			return error_nomem(s->r.err);
	}
	return 0;
}

int collect_variables(struct dwarf *d, struct dwarf_unit *unit, struct error *err)
{
	const uint32_t before = d->vars.nr;
	int ret;

	for (uint32_t i = 0; i < unit->vars.nr; i++) {
		const struct dwarf_var *v = &unit->vars.at[i];
		struct var_symbol symbol = { .name = v->name,
					     .offset = v->offset,
					     .size = v->size };

		ret = var_section(d, v->elf_section, &symbol.section, err);
		if (ret)
			return ret;
		if (!vec_push(&d->vars, symbol))
			return error_nomem(err);
	}
	for (uint32_t i = 0; i < unit->graph.vars.nr; i++)
		unit->graph.vars.at[i].symbol += before;
	return 0;
}
