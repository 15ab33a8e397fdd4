// SPDX-License-Identifier: GPL-2.0-only
/*
 * DIEs of types into nodes. Which DIE becomes what: DWARF 5 chapter 5 on one side, what pahole
 * makes of it for the kernel's own BTF on the other.
 */
#include "dwarf/scan.h"

/* Deepest nesting of DIEs that is followed. */
#define MAX_DEPTH 128

/* INT encoding for base types that BTF cannot describe, as pahole names it. */
static const char fake_int[] = "__SANITIZED_FAKE_INT__";

uint32_t scan_new_node(struct scan *s, uint64_t offset, struct idtab_slot *slot)
{
	uint32_t n = graph_add(s->graph, (struct graph_node){ 0 });

	if (!n || !vec_push(&s->offsets, offset))
		return 0;
	*slot = (struct idtab_slot){ (uint32_t)offset, n };
	s->nodes.used++;
	return n;
}

uint32_t scan_made_node(struct scan *s, struct graph_node node)
{
	uint32_t n = graph_add(s->graph, node);

	return n && vec_push(&s->offsets, 0) ? n : 0;
}

int scan_type(struct scan *s, const struct die *die, uint32_t *node)
{
	uint64_t offset;
	int ret;

	*node = 0;
	ret = die_ref(&s->r, die, SLOT_TYPE, &offset);
	if (ret || !offset)
		return ret;
	*node = scan_node(s, offset);
	return *node ? 0 : error_nomem(s->r.err);
}

/* Gives the node of the DIE at @offset its content. */
static int define(struct scan *s, uint64_t offset, struct graph_node node)
{
	uint32_t n = scan_node(s, offset);

	if (!n)
		return error_nomem(s->r.err);
	s->graph->nodes.at[n] = node;
	s->aliases += node.kind == KIND_ALIAS;
	return 0;
}

static int scan_base_type(struct scan *s, const struct die *die)
{
	uint64_t size = 0, encoding = 0;
	struct graph_node node = { .kind = BTF_KIND_INT };
	uint32_t bits = 0;
	int ret;

	die_number(die, SLOT_BYTE_SIZE, &size);
	die_number(die, SLOT_ENCODING, &encoding);
	ret = die_name(&s->r, die, SLOT_NAME, &node.name);
	if (ret)
		return ret;
	switch (encoding) {
	case DW_ATE_float:
		node.kind = BTF_KIND_FLOAT;
		if (size != 2 && size != 4 && size != 8 && size != 12 && size != 16)
			node.kind = KIND_ALIAS;
		break;
	case DW_ATE_complex_float:
	case DW_ATE_imaginary_float: /* BTF has none; void says "unknown" */
		node.kind = KIND_ALIAS;
		break;
	case DW_ATE_signed:
	case DW_ATE_signed_char:
		bits = BTF_INT_SIGNED << 24;
		break;
	case DW_ATE_boolean:
		bits = BTF_INT_BOOL << 24;
		break;
	default:
		break;
	}
	if (node.kind == KIND_ALIAS) {
		size = 0;
	} else if (!node.name ||
		   (node.kind == BTF_KIND_INT && (!size || size > 16 || (size & (size - 1))))) {
		node.name = name_id(s->d->names, fake_int, sizeof(fake_int) - 1);
		if (node.name == UINT32_MAX)
			return error_nomem(s->r.err);
		size = node.kind == BTF_KIND_INT ? 4 : size;
	}
	node.size = (uint32_t)size;
	if (node.kind == BTF_KIND_INT)
		node.nr = bits | node.size * 8;
	ret = define(s, die->offset, node);
	return ret ? ret : skip_children(&s->r, die);
}

static int scan_pointer(struct scan *s, const struct die *die)
{
	struct graph_node node = { .kind = BTF_KIND_PTR };
	words_t texts = { 0 };
	int ret;

	ret = scan_type(s, die, &node.type);
	if (!ret && (die->children || die_has(die, SLOT_ANNOTATION)))
		ret = scan_annotations(s, die, "btf_type_tag", &texts);
	/* The last annotation is the outermost: pointer -> last -> ... -> first -> pointee. */
	for (uint32_t i = 0; i < texts.nr && !ret; i++) {
		struct graph_node tag = { .kind = BTF_KIND_TYPE_TAG,
					  .name = texts.at[i],
					  .type = node.type };

		node.type = scan_made_node(s, tag);
		if (!node.type)
			ret = error_nomem(s->r.err);
	}
	vec_free(&texts);
	return ret ? ret : define(s, die->offset, node);
}

static int scan_modifier(struct scan *s, const struct die *die, uint8_t kind)
{
	struct graph_node node = { .kind = kind };
	int ret;

	ret = scan_type(s, die, &node.type);
	if (!ret && kind == BTF_KIND_TYPEDEF)
		ret = die_pending_name(&s->r, die, SLOT_NAME, &node.name);
	if (!ret && kind == BTF_KIND_TYPEDEF && !node.name)
		node.kind = KIND_ALIAS; /* a name is all that a typedef adds */
	if (!ret)
		ret = define(s, die->offset, node);
	if (!ret && kind == BTF_KIND_TYPEDEF && die->children)
		return scan_decl_tags(s, die, true, scan_node(s, die->offset), UINT32_MAX);
	return ret ? ret : skip_children(&s->r, die);
}

/* Elements of one dimension; 0 where it is not known (flexible arrays, variable length). */
static uint32_t dimension(const struct die *subrange)
{
	uint64_t n;

	if (die_has(subrange, SLOT_UPPER_BOUND))
		return die_number(subrange, SLOT_UPPER_BOUND, &n) ? (uint32_t)(n + 1) : 0;
	return die_number(subrange, SLOT_COUNT, &n) ? (uint32_t)n : 0;
}

static int scan_plain_subranges(struct scan *s, words_t *dims)
{
	struct plain_run run = begin_run(&s->r, DW_TAG_subrange_type);
	struct plain_die die;

	while (read_next_plain(&s->r, &run, &die))
		if (!vec_push(dims, die.has_number ? die.number + 1u : 0))
			return error_nomem(s->r.err);
	end_run(&s->r, &run);
	return 0;
}

static int scan_array(struct scan *s, const struct die *die)
{
	words_t dims = { 0 };
	struct die child;
	uint32_t elem, nr;
	int ret;

	ret = scan_type(s, die, &elem);
	if (!ret && die->children)
		ret = scan_plain_subranges(s, &dims);
	while (!ret && die->children && !read_null(&s->r)) {
		ret = read_die(&s->r, &child);
		if (ret || !child.tag)
			break;
		if (child.tag == DW_TAG_subrange_type && !vec_push(&dims, dimension(&child)))
			ret = error_nomem(s->r.err);
		if (!ret)
			ret = skip_children(&s->r, &child);
	}
	/* int m[2][3]: 2 of 3 of int, the first subrange outermost. */
	for (uint32_t i = dims.nr; i > 1 && !ret; i--) {
		struct graph_node inner = { .kind = BTF_KIND_ARRAY,
					    .flags = GRAPH_PART,
					    .type = elem,
					    .nr = dims.at[i - 1] };

		elem = scan_made_node(s, inner);
		if (!elem)
			ret = error_nomem(s->r.err);
	}
	nr = dims.nr ? dims.at[0] : 1;
	vec_free(&dims);
	if (ret)
		return ret;
	return define(s, die->offset,
		      (struct graph_node){ .kind = BTF_KIND_ARRAY, .type = elem, .nr = nr });
}

/*
 * DW_AT_data_member_location in bytes: a constant, or an expression that adds one (DWARF 5 section
 * 5.7.6).
 */
static int member_location(struct scan *s, const struct die *die, uint64_t *bytes)
{
	const struct value *value = &die->at[SLOT_MEMBER_LOCATION];
	const uint8_t *p, *end;

	*bytes = 0;
	if (!die_has(die, SLOT_MEMBER_LOCATION) || die_number(die, SLOT_MEMBER_LOCATION, bytes))
		return 0;
	if (form_is_block(value->form)) {
		p = s->r.start + value->v;
		end = p + value->len;
		if (p < end && (*p == DW_OP_plus_uconst || *p == DW_OP_constu)) {
			p++;
			if (read_uleb(&p, end, bytes))
				return 0;
		}
	}
	return reader_damaged(&s->r, "a member's location that is no constant");
}

/* Where a member is. Bits are counted as DW_AT_data_bit_offset does it, which is as BTF does it. */
static int member_place(struct scan *s, const struct die *die, struct graph_member *m)
{
	uint64_t bytes, bit_size = 0, bit, storage = 0;
	int ret;

	if (die_number(die, SLOT_BIT_SIZE, &bit_size) && bit_size > 255)
		return reader_damaged(&s->r, "a bit-field of over 255 bits");
	m->bit_size = (uint32_t)bit_size;
	if (die_has(die, SLOT_DATA_BIT_OFFSET)) {
		if (!die_number(die, SLOT_DATA_BIT_OFFSET, &bit))
			return reader_damaged(&s->r, "a bit offset that is no constant");
	} else {
		ret = member_location(s, die, &bytes);
		if (ret)
			return ret;
		bit = bytes * 8;
		if (die_has(die, SLOT_BIT_OFFSET)) {
			uint64_t from_top;

			/*
			 * DWARF 2 and 3: counted from the most significant bit of the storage unit.
			 */
			if (!die_number(die, SLOT_BIT_OFFSET, &from_top))
				return reader_damaged(&s->r, "a bit offset that is no constant");
			die_number(die, SLOT_BYTE_SIZE, &storage);
			if (s->d->in.big_endian) {
				bit += from_top;
			} else {
				bit += storage * 8 - from_top - bit_size;
				if (!storage)
					m->bit_size |= BIT_OFFSET_PENDING;
			}
		}
	}
	m->bit_offset = (uint32_t)bit;
	if (m->bit_size & BIT_OFFSET_PENDING)
		s->pending++;
	else if (bit > (m->bit_size ? 0xffffff : UINT32_MAX))
		return reader_damaged(&s->r, "a member too far from the start of its struct");
	return 0;
}

struct aggregate {
	uint32_t node;	  /* of the struct */
	uint32_t ordinal; /* of the next member */
	bool unplain;	  /* some members are not plain: bit-fields, or far away */
};

static int scan_member(struct scan *s, const struct die *die, struct aggregate *agg)
{
	struct graph_member m = { 0 };
	int ret;

	agg->unplain = true;
	ret = die_pending_name(&s->r, die, SLOT_NAME, &m.name);
	if (!ret)
		ret = scan_type(s, die, &m.type);
	if (!ret)
		ret = member_place(s, die, &m);
	if (!ret && !vec_push(&s->members, m))
		ret = error_nomem(s->r.err);
	if (!ret && (die->children || die_has(die, SLOT_ANNOTATION)))
		ret = scan_decl_tags(s, die, true, agg->node, agg->ordinal);
	agg->ordinal++;
	return ret;
}

/* The members that follow, as long as they are plain: most are. */
static int scan_plain_members(struct scan *s, struct aggregate *agg)
{
	struct plain_run run = begin_run(&s->r, DW_TAG_member);
	struct plain_die die;

	while (read_next_plain(&s->r, &run, &die)) {
		struct graph_member m = { .name = die.name, .bit_offset = die.number * 8u };

		if (die.type)
			m.type = scan_node(s, die.type);
		if ((die.type && !m.type) || !vec_push(&s->members, m))
			return error_nomem(s->r.err);
		agg->ordinal++;
	}
	end_run(&s->r, &run);
	return 0;
}

static int scan_struct_children(struct scan *s, struct aggregate *agg)
{
	struct die child;
	uint32_t text;
	int ret;

	for (;;) {
		ret = scan_plain_members(s, agg);
		if (ret || read_null(&s->r))
			return ret;
		ret = read_die(&s->r, &child);
		if (ret || !child.tag)
			return ret;
		if (child.tag == DW_TAG_member) {
			ret = scan_member(s, &child, agg);
		} else if (child.tag == DW_TAG_LLVM_annotation) {
			ret = scan_annotation(s, &child, "btf_decl_tag", &text);
			if (!ret && text)
				ret = scan_decl_tag(s, agg->node, text, UINT32_MAX);
			if (!ret)
				ret = skip_children(&s->r, &child);
		} else {
			ret = scan_die(s, &child);
		}
		if (ret)
			return ret;
	}
}

/* A struct with bit-fields has 24 bits for each offset, also those of its other members. */
static bool offsets_fit(const struct graph_member *m, uint32_t nr)
{
	bool bits = false, far = false;

	for (uint32_t i = 0; i < nr; i++) {
		bits = bits || m[i].bit_size || m[i].bit_offset % 8;
		far = far || (m[i].bit_offset > 0xffffff && !(m[i].bit_size & BIT_OFFSET_PENDING));
	}
	return !bits || !far;
}

/* Gives @node the members from @mark on, which leave the stack. */
static int take_members(struct scan *s, uint32_t mark, struct graph_node *node)
{
	node->first = s->graph->members.nr;
	node->nr = s->members.nr - mark;
	if (!vec_room(&s->graph->members, node->nr))
		return error_nomem(s->r.err);
	if (node->nr)
		memcpy(s->graph->members.at + node->first, s->members.at + mark,
		       node->nr * sizeof(*s->members.at));
	s->graph->members.nr += node->nr;
	s->members.nr = mark;
	return 0;
}

/* The same for a struct, of which not all can be described. */
static int take_struct_members(struct scan *s, const struct aggregate *agg, uint32_t mark,
			       struct graph_node *node)
{
	const uint32_t nr = s->members.nr - mark;

	if (nr > BTF_MAX_VLEN)
		return reader_damaged(&s->r, "a struct of more members than BTF can count");
	if (agg->unplain && !offsets_fit(s->members.at + mark, nr))
		return reader_damaged(&s->r, "a struct with bit-fields and members beyond 2 MiB, "
					     "which BTF cannot describe");
	return take_members(s, mark, node);
}

static bool flag_set(const struct die *die, enum slot slot)
{
	uint64_t set;

	return die_number(die, slot, &set) && set;
}

/* A skeleton left behind where the definition moved to a type unit (DWARF 5 section 3.1.4). */
static int scan_moved(struct scan *s, const struct die *die)
{
	struct graph_node node = { .kind = KIND_ALIAS };
	uint64_t offset;
	int ret;

	ret = die_ref(&s->r, die, SLOT_SIGNATURE, &offset);
	if (ret)
		return ret;
	node.type = scan_node(s, offset);
	if (!node.type)
		return error_nomem(s->r.err);
	ret = define(s, die->offset, node);
	return ret ? ret : skip_children(&s->r, die);
}

static int scan_struct(struct scan *s, const struct die *die)
{
	bool is_union = die->tag == DW_TAG_union_type;
	struct graph_node node = { .kind = is_union ? BTF_KIND_UNION : BTF_KIND_STRUCT };
	struct aggregate agg = { .node = scan_node(s, die->offset) };
	uint32_t mark = s->members.nr;
	uint64_t size = 0;
	int ret;

	if (!agg.node)
		return error_nomem(s->r.err);
	if (die_has(die, SLOT_SIGNATURE))
		return scan_moved(s, die);
	ret = die_pending_name(&s->r, die, SLOT_NAME, &node.name);
	if (ret)
		return ret;
	if (flag_set(die, SLOT_DECLARATION) && node.name) {
		node.kind = BTF_KIND_FWD;
		node.flags = is_union ? GRAPH_UNION : 0;
		ret = define(s, die->offset, node);
		return ret ? ret : skip_children(&s->r, die);
	}
	die_number(die, SLOT_BYTE_SIZE, &size);
	if (size > UINT32_MAX)
		return reader_damaged(&s->r, "a struct of 4 GiB or more");
	node.size = (uint32_t)size;
	if (die->children)
		ret = scan_struct_children(s, &agg);
	if (!ret && die_has(die, SLOT_ANNOTATION))
		ret = scan_decl_tags(s, die, false, agg.node, UINT32_MAX);
	if (ret)
		return ret;
	ret = take_struct_members(s, &agg, mark, &node);
	return ret ? ret : define(s, die->offset, node);
}

static int scan_enumerator(struct scan *s, const struct die *die, bool *negative)
{
	struct graph_value v = { 0 };
	int ret;

	ret = die_pending_name(&s->r, die, SLOT_NAME, &v.name);
	if (ret)
		return ret;
	if (!die_number(die, SLOT_CONST_VALUE, &v.value))
		return reader_damaged(&s->r, "an enumerator without value");
	*negative = *negative || (int64_t)v.value < 0;
	if (!vec_push(&s->graph->values, v))
		return error_nomem(s->r.err);
	return skip_children(&s->r, die);
}

static int scan_plain_enumerators(struct scan *s)
{
	struct plain_run run = begin_run(&s->r, DW_TAG_enumerator);
	struct plain_die die;

	while (read_next_plain(&s->r, &run, &die)) {
		struct graph_value v = { .name = die.name, .value = die.number };

		if (!die.has_number) {
			end_run(&s->r, &run); /* this is the place to be told */
			return reader_damaged(&s->r, "an enumerator without value");
		}
		if (!vec_push(&s->graph->values, v))
			return error_nomem(s->r.err);
	}
	end_run(&s->r, &run);
	return 0;
}

static int scan_enum(struct scan *s, const struct die *die)
{
	struct graph_node node = { .kind = BTF_KIND_ENUM, .first = s->graph->values.nr };
	bool negative = false;
	uint64_t size = 4;
	struct die child;
	int ret;

	if (die_has(die, SLOT_SIGNATURE))
		return scan_moved(s, die);
	ret = die_pending_name(&s->r, die, SLOT_NAME, &node.name);
	if (ret)
		return ret;
	die_number(die, SLOT_BYTE_SIZE, &size);
	if (flag_set(die, SLOT_DECLARATION) && node.name) {
		node.kind = BTF_KIND_FWD;
		node.flags = GRAPH_ENUM;
		ret = define(s, die->offset, node);
		return ret ? ret : skip_children(&s->r, die);
	}
	while (die->children) {
		ret = scan_plain_enumerators(s);
		if (ret)
			return ret;
		if (read_null(&s->r))
			break;
		ret = read_die(&s->r, &child);
		if (ret)
			return ret;
		if (!child.tag)
			break;
		ret = child.tag == DW_TAG_enumerator ? scan_enumerator(s, &child, &negative) :
						       skip_children(&s->r, &child);
		if (ret)
			return ret;
	}
	node.nr = s->graph->values.nr - node.first;
	if (node.nr > BTF_MAX_VLEN || size > 8)
		return reader_damaged(&s->r, "an enum that BTF cannot hold");
	node.size = (uint32_t)size;
	if (size > 4) {
		node.kind = BTF_KIND_ENUM64;
		/* Whether it is signed, its underlying type says; looked up when all is read. */
		ret = scan_type(s, die, &node.type);
		if (ret)
			return ret;
	} else if (negative) {
		node.flags = GRAPH_SIGNED;
	}
	return define(s, die->offset, node);
}

static int scan_plain_parameters(struct scan *s)
{
	struct plain_run run = begin_run(&s->r, DW_TAG_formal_parameter);
	struct plain_die die;

	while (read_next_plain(&s->r, &run, &die)) {
		struct graph_member m = { .name = die.name };

		if (die.type)
			m.type = scan_node(s, die.type);
		if ((die.type && !m.type) || !vec_push(&s->members, m))
			return error_nomem(s->r.err);
	}
	end_run(&s->r, &run);
	return 0;
}

/* The parameters, and what else is among them, of the subroutine type at @offset. */
static int scan_subroutine_children(struct scan *s, uint64_t offset, struct graph_node *node)
{
	const uint32_t mark = s->members.nr;
	bool variadic = false;
	struct die child;
	int ret;

	for (;;) {
		struct graph_member m = { 0 };

		ret = scan_plain_parameters(s);
		if (ret)
			return ret;
		if (read_null(&s->r))
			break;
		ret = read_die(&s->r, &child);
		if (ret)
			return ret;
		if (!child.tag)
			break;
		if (child.tag == DW_TAG_formal_parameter) {
			ret = die_pending_name(&s->r, &child, SLOT_NAME, &m.name);
			if (!ret)
				ret = scan_type(s, &child, &m.type);
			if (!ret && !vec_push(&s->members, m))
				ret = error_nomem(s->r.err);
			if (!ret)
				ret = skip_children(&s->r, &child);
		} else if (child.tag == DW_TAG_unspecified_parameters) {
			variadic = true;
			ret = skip_children(&s->r, &child);
		} else {
			ret = scan_die(s, &child);
		}
		if (ret)
			return ret;
	}
	if (variadic && !vec_push(&s->members, ((struct graph_member){ 0 })))
		return error_nomem(s->r.err);
	ret = take_members(s, mark, node);
	return ret ? ret : define(s, offset, *node);
}

static int scan_subroutine(struct scan *s, const struct die *die)
{
	struct graph_node node = { .kind = BTF_KIND_FUNC_PROTO, .first = s->graph->members.nr };
	int ret;

	ret = scan_type(s, die, &node.type);
	if (ret)
		return ret;
	return die->children ? scan_subroutine_children(s, die->offset, &node) :
			       define(s, die->offset, node);
}

static int scan_known(struct scan *s, const struct die *die)
{
	switch (die->tag) {
	case DW_TAG_base_type:
		return scan_base_type(s, die);
	case DW_TAG_pointer_type:
		return scan_pointer(s, die);
	case DW_TAG_const_type:
		return scan_modifier(s, die, BTF_KIND_CONST);
	case DW_TAG_volatile_type:
		return scan_modifier(s, die, BTF_KIND_VOLATILE);
	case DW_TAG_restrict_type:
		return scan_modifier(s, die, BTF_KIND_RESTRICT);
	case DW_TAG_typedef:
		return scan_modifier(s, die, BTF_KIND_TYPEDEF);
	case DW_TAG_atomic_type: /* BTF has no such qualifier */
		return scan_modifier(s, die, KIND_ALIAS);
	case DW_TAG_array_type:
		return scan_array(s, die);
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_class_type:
		return scan_struct(s, die);
	case DW_TAG_enumeration_type:
		return scan_enum(s, die);
	case DW_TAG_subroutine_type:
		return scan_subroutine(s, die);
	case DW_TAG_subprogram:
		return scan_subprogram(s, die);
	case DW_TAG_variable:
		return scan_variable(s, die);
	default:
		return skip_children(&s->r, die);
	}
}

int scan_die(struct scan *s, const struct die *die)
{
	int ret;

	if (s->depth >= MAX_DEPTH)
		return reader_damaged(&s->r, "DIEs nested too deeply");
	s->depth++;
	ret = scan_known(s, die);
	s->depth--;
	return ret;
}

static int scan_plain_struct(struct scan *s, uint64_t offset, struct graph_node node,
			     const struct plain_die *die)
{
	struct aggregate agg = { .node = scan_node(s, offset) };
	const uint32_t mark = s->members.nr;
	int ret;

	if (!agg.node)
		return error_nomem(s->r.err);
	node.size = die->number;
	ret = scan_struct_children(s, &agg);
	if (!ret)
		ret = take_struct_members(s, &agg, mark, &node);
	if (!ret)
		s->graph->nodes.at[agg.node] = node;
	return ret;
}

/* A type that comes to one word. */
static int scan_plain_word(struct scan *s, uint64_t offset, struct graph_node node)
{
	uint32_t n = scan_node(s, offset);

	if (!n)
		return error_nomem(s->r.err);
	s->graph->nodes.at[n] = node;
	return 0;
}

/* BTF_KIND_UNKN for those that are not read here. */
static enum btf_kind plain_kind(const struct abbrev *abbrev)
{
	switch (abbrev->tag) {
	case DW_TAG_pointer_type:
		return BTF_KIND_PTR;
	case DW_TAG_const_type:
		return BTF_KIND_CONST;
	case DW_TAG_typedef:
		/* Without name it is none; one whose name is empty is found out by reading it. */
		return abbrev->plain.name == PLAIN_NONE ? BTF_KIND_UNKN : BTF_KIND_TYPEDEF;
	case DW_TAG_structure_type:
		return abbrev->children ? BTF_KIND_STRUCT : BTF_KIND_UNKN;
	case DW_TAG_union_type:
		return abbrev->children ? BTF_KIND_UNION : BTF_KIND_UNKN;
	case DW_TAG_subroutine_type:
		return abbrev->children ? BTF_KIND_FUNC_PROTO : BTF_KIND_UNKN;
	default:
		return BTF_KIND_UNKN;
	}
}

/* The types that follow, as long as they are plain. */
static int scan_plain_types(struct scan *s)
{
	const struct abbrev *abbrev;
	const uint8_t *p;
	int ret = 0;

	while (!ret && (p = s->r.p, abbrev = plain_abbrev(&s->r, &p))) {
		uint64_t offset = reader_offset(&s->r);
		struct graph_node node = { .kind = plain_kind(abbrev) };
		struct plain_die die;

		if (node.kind == BTF_KIND_UNKN || !read_plain(&s->r, &abbrev->plain, &p, &die))
			return 0;
		s->r.p = p;
		node.name = die.name;
		if (die.type) {
			node.type = scan_node(s, die.type);
			if (!node.type)
				return error_nomem(s->r.err);
		}
		s->depth++;
		if (node.kind == BTF_KIND_STRUCT || node.kind == BTF_KIND_UNION)
			ret = scan_plain_struct(s, offset, node, &die);
		else if (node.kind == BTF_KIND_FUNC_PROTO)
			ret = scan_subroutine_children(s, offset, &node);
		else
			ret = scan_plain_word(s, offset, node);
		s->depth--;
	}
	return ret;
}

int scan_siblings(struct scan *s)
{
	struct die die;
	int ret;

	while (s->r.p < s->r.end) {
		ret = scan_plain_types(s);
		if (ret || s->r.p >= s->r.end || read_null(&s->r))
			return ret;
		ret = read_die(&s->r, &die);
		if (ret || !die.tag)
			return ret;
		ret = scan_die(s, &die);
		if (ret)
			return ret;
	}
	return 0;
}
