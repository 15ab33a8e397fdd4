// SPDX-License-Identifier: GPL-2.0-only
/*
 * From subprograms to functions: prototypes, and whether a tracer would find the parameters where
 * the ABI puts them. The choice is pahole's (1.32), so that a module gets the functions that the
 * kernel's own build would give it.
 */
#include <elf.h>

#include "btf/functions.h"
#include "dwarf/scan.h"
#include "dwarf/symbols.h"

/* Integer argument registers, in DWARF numbering, where these are known. */
struct abi {
	uint16_t machine;
	uint8_t nr;
	int8_t regs[8];
};

static const struct abi abis[] = {
	{ EM_X86_64, 6, { 5, 4, 1, 2, 8, 9, -1, -1 } },
	{ EM_AARCH64, 8, { 0, 1, 2, 3, 4, 5, 6, 7 } },
	{ EM_ARM, 8, { 0, 1, 2, 3, 4, 5, 6, 7 } },
	{ EM_S390, 5, { 2, 3, 4, 5, 6, -1, -1, -1 } },
	{ EM_PPC64, 8, { -1, -1, -1, -1, -1, -1, -1, -1 } },
	{ EM_RISCV, 8, { -1, -1, -1, -1, -1, -1, -1, -1 } },
};

static const struct abi no_abi;

static const struct abi *find_abi(uint16_t machine)
{
	for (size_t i = 0; i < sizeof(abis) / sizeof(*abis); i++)
		if (abis[i].machine == machine)
			return &abis[i];
	return &no_abi;
}

static int expected_reg(const struct abi *abi, unsigned int index)
{
	return index < abi->nr ? abi->regs[index] : -1;
}

/*
 * The subprogram whose DIE is at @offset, NULL if it is not among those kept. They come in no fixed
 * order.
 */
static const struct subprogram *find_subprogram(const struct scan *s, uint64_t offset)
{
	uint32_t hash = hash_u64(offset), n, pos;

	for (n = idtab_first(&s->by_die, hash, &pos); n; n = idtab_next(&s->by_die, hash, &pos))
		if (s->subprograms.at[n - 1].die == offset)
			return &s->subprograms.at[n - 1];
	return NULL;
}

/* The parameter whose DIE is at @die: they stand in the order in which they were read. */
static const struct param *find_param(const struct scan *s, const struct subprogram *sub,
				      uint64_t die, uint32_t *ordinal)
{
	const struct param *params = s->params.at + sub->first;
	uint32_t low = 0, high = sub->nr;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (params[mid].die < die)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == sub->nr || params[low].die != die)
		return NULL;
	*ordinal = low;
	return &params[low];
}

/* A subprogram with its origin's words filled in where it has none of its own. */
struct signature {
	const struct subprogram *sub;
	uint32_t symbol;
	uint32_t type;
	uint32_t flags;
	uint32_t first; /* parameters in graph->members */
};

static uint32_t strip(const struct scan *s, uint32_t node, bool qualifiers_only)
{
	for (unsigned int hops = 0; node && hops < 64; hops++) {
		switch (s->graph->nodes.at[node].kind) {
		case BTF_KIND_TYPEDEF:
			if (qualifiers_only)
				return node;
			break;
		case BTF_KIND_CONST:
		case KIND_ALIAS:
			break;
		default:
			return node;
		}
		node = s->graph->nodes.at[node].type;
	}
	return node;
}

static bool is_struct(const struct scan *s, uint32_t node)
{
	return node && s->graph->nodes.at[node].kind == BTF_KIND_STRUCT;
}

/*
 * Alignment that a type has by its nature; 1 where that is not known. @budget: how many types may
 * still be looked at; structs that hold each other twice would make it 2^depth.
 */
static uint64_t natural_alignment(const struct scan *s, uint32_t node, unsigned int depth,
				  unsigned int *budget)
{
	const struct graph_node *n = &s->graph->nodes.at[node];
	uint64_t align = 1, a;

	if (!node || depth > 32 || !*budget)
		return 1;
	--*budget;
	switch (n->kind) {
	case BTF_KIND_PTR:
		return s->r.unit->address_size;
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return n->size ? n->size : 1;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 0; i < n->nr; i++) {
			a = natural_alignment(s, s->graph->members.at[n->first + i].type, depth + 1,
					      budget);
			align = a > align ? a : align;
		}
		return align;
	case BTF_KIND_ARRAY:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case KIND_ALIAS:
		return natural_alignment(s, n->type, depth + 1, budget);
	default:
		return 1;
	}
}

/* Is it a struct that can only be laid out like that when packed? Holes speak against it. */
static bool is_packed(const struct scan *s, uint32_t node)
{
	const struct graph_node *n = &s->graph->nodes.at[node];
	uint64_t end = 0, greatest = 1;
	unsigned int budget = 10000;
	bool misaligned = false;

	for (uint32_t i = 0; i < n->nr; i++) {
		const struct graph_member *m = &s->graph->members.at[n->first + i];
		uint64_t align = natural_alignment(s, m->type, 0, &budget);
		uint64_t bits = m->bit_size ? m->bit_size : scan_size(s, m->type) * 8;

		if (m->bit_offset > end)
			return false;
		end = m->bit_offset + bits > end ? m->bit_offset + bits : end;
		misaligned = misaligned || m->bit_offset / 8 % align;
		greatest = align > greatest ? align : greatest;
	}
	if (n->size * 8ull > end)
		return false;
	return misaligned || n->size % greatest;
}

static uint32_t nr_slots(const struct scan *s, uint64_t size)
{
	uint64_t word = s->r.unit->address_size;

	if (size <= word || s->d->in.machine == EM_S390)
		return 1;
	return (uint32_t)((size + word - 1) / word);
}

static bool in_memory(const struct scan *s, uint64_t size)
{
	uint64_t word = s->r.unit->address_size;

	return size > (s->d->in.machine == EM_S390 ? word : 2 * word);
}

static int param_reg(const struct scan *s, const struct param *p, uint64_t size)
{
	bool one = size <= s->r.unit->address_size || s->d->in.machine == EM_S390;

	return one ? p->location.reg : p->location.piece_reg;
}

/*
 * Code by gcc, or by clang where it says that it changed the signature: each parameter in its
 * place, in order.
 */
static uint32_t check_in_order(const struct scan *s, const struct signature *sig, bool changed)
{
	const struct abi *abi = find_abi(s->d->in.machine);
	uint32_t flags = 0, index = 0;

	for (uint32_t i = 0; i < sig->sub->nr; i++) {
		const struct param *p = &s->params.at[sig->sub->first + i];
		uint64_t size = scan_size(s, s->graph->members.at[sig->first + i].type);
		int reg = param_reg(s, p, size);

		if (p->has_location && index >= abi->nr)
			continue;
		if (!p->has_location || reg < 0)
			flags |= changed ? FUNC_OPTIMIZED : 0;
		else if (expected_reg(abi, index) >= 0 && expected_reg(abi, index) != reg)
			flags |= FUNC_UNEXPECTED_REG;
		index += in_memory(s, size) ? 1 : nr_slots(s, size);
	}
	return flags;
}

static uint32_t check_clang(const struct scan *s, const struct signature *sig)
{
	const struct abi *abi = find_abi(s->d->in.machine);
	uint32_t index = 0;

	for (uint32_t i = 0; i < sig->sub->nr && index < abi->nr; i++) {
		const struct param *p = &s->params.at[sig->sub->first + i];
		uint64_t size = scan_size(s, s->graph->members.at[sig->first + i].type);
		uint32_t slots = nr_slots(s, size);
		int reg = param_reg(s, p, size);
		bool fits = reg < 0;

		if (in_memory(s, size))
			continue;
		for (uint32_t k = 0; k < slots && !fits; k++)
			fits = expected_reg(abi, index + k) < 0 ||
			       expected_reg(abi, index + k) == reg;
		if (!fits)
			return FUNC_UNEXPECTED_REG;
		index += slots;
	}
	return 0;
}

static uint32_t check_registers(const struct scan *s, const struct signature *sig)
{
	const struct subprogram *origin = find_subprogram(s, sig->sub->origin);
	bool changed = sig->sub->nocall || (origin && origin->nocall);
	bool concrete = false;
	uint32_t flags;

	for (uint32_t i = 0; i < sig->sub->nr; i++) {
		const struct param *p = &s->params.at[sig->sub->first + i];

		/* A struct by value travels by rules of its own. */
		if (is_struct(s, strip(s, s->graph->members.at[sig->first + i].type, false)))
			return 0;
		concrete = concrete || p->has_location || p->const_value;
	}
	if (!concrete)
		return 0; /* the abstract instance of an inlined function */
	changed = changed && s->r.unit->clang;
	flags = s->r.unit->clang && !changed ? check_clang(s, sig) :
					       check_in_order(s, sig, changed);
	return flags;
}

/* Beyond the registers, a packed struct's place on the stack cannot be told. */
static uint32_t check_stack(const struct scan *s, const struct signature *sig)
{
	const struct abi *abi = find_abi(s->d->in.machine);

	for (uint32_t i = abi->nr; i < sig->sub->nr; i++) {
		uint32_t type = s->graph->members.at[sig->first + i].type;

		if (is_struct(s, type) && s->graph->nodes.at[type].name && is_packed(s, type))
			return FUNC_UNCERTAIN_LOC;
	}
	return 0;
}

/*
 * Appends the parameters to the graph. False in @named if one has no name: not a function that one
 * can trace.
 */
static int add_params(struct scan *s, struct signature *sig, bool *named, struct error *err)
{
	const struct subprogram *sub = sig->sub, *origin = find_subprogram(s, sub->origin);

	sig->first = s->graph->members.nr;
	*named = true;
	for (uint32_t i = 0; i < sub->nr; i++) {
		const struct param *p = &s->params.at[sub->first + i], *from = p;
		uint32_t ordinal = i;

		if (p->origin && origin) {
			const struct param *op = find_param(s, origin, p->origin, &ordinal);

			if (op && !p->has_type)
				from = op;
		}
		if (ordinal != i)
			sig->flags |= FUNC_REORDERED;
		*named = *named && from->name;
		if (!vec_push(&s->graph->members,
			      ((struct graph_member){ .name = from->name, .type = from->type })))
			return error_nomem(err);
	}
	if (sub->variadic && !vec_push(&s->graph->members, ((struct graph_member){ 0 })))
		return error_nomem(err);
	return 0;
}

static int add_tags(struct scan *s, const struct subprogram *sub, struct error *err)
{
	for (uint32_t i = 0; i < sub->nr_tags; i++) {
		const struct annotation *a = &s->tags.at[sub->first_tag + i];
		struct graph_func_tag tag = { s->graph->funcs.nr, a->name, a->component, false };

		if (!vec_push(&s->graph->func_tags, tag))
			return error_nomem(err);
	}
	return 0;
}

/* Name and return type, those of the abstract instance or the declaration where it has none. */
static bool complete(const struct scan *s, struct signature *sig)
{
	const struct subprogram *sub = sig->sub, *from;
	uint32_t name = sub->name;

	from = find_subprogram(s, sub->origin);
	sig->type = sub->has_type || !from ? sub->type : from->type;
	if (!from)
		from = find_subprogram(s, sub->specification);
	if (!name && from)
		name = from->name;
	sig->symbol = name ? find_function(s->d, name) : UINT32_MAX;
	return sig->symbol != UINT32_MAX;
}

static int scan_prototype(struct scan *s, const struct subprogram *sub, struct error *err)
{
	struct signature sig = { .sub = sub };
	struct graph_node proto = { .kind = BTF_KIND_FUNC_PROTO, .flags = GRAPH_PART };
	struct graph_func func;
	bool named;
	int ret;

	if (!complete(s, &sig))
		return 0;
	ret = add_params(s, &sig, &named, err);
	if (ret)
		return ret;
	if (!named || sub->nr >= BTF_MAX_VLEN) {
		s->graph->members.nr = sig.first;
		return 0;
	}
	sig.flags |= check_registers(s, &sig) | check_stack(s, &sig);
	proto.type = sig.type;
	proto.first = sig.first;
	proto.nr = s->graph->members.nr - sig.first;
	func = (struct graph_func){ sig.symbol, scan_made_node(s, proto), sig.flags };
	ret = add_tags(s, sub, err);
	if (ret)
		return ret;
	return func.proto && vec_push(&s->graph->funcs, func) ? 0 : error_nomem(err);
}

int scan_prototypes(struct scan *s)
{
	struct error *err = s->r.err;
	int ret = 0;

	idtab_clear(&s->by_die);
	for (uint32_t i = 0; i < s->subprograms.nr; i++)
		if (!idtab_add(&s->by_die, hash_u64(s->subprograms.at[i].die), i + 1))
			return error_nomem(err);
	for (uint32_t i = 0; i < s->subprograms.nr && !ret; i++)
		ret = scan_prototype(s, &s->subprograms.at[i], err);
	return ret;
}
