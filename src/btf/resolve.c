// SPDX-License-Identifier: GPL-2.0-only
/*
 * References from type to type, followed depth first as kernel/bpf/btf.c does it: whatever is not
 * a sink is put on a stack and looked at before what refers to it. A type that is met again while
 * it is still on the stack contains itself. What is a sink depends on the walk's mode: below a
 * pointer structs are, below a struct pointers are, for a loop through both is legal C.
 *
 * The kernel's stack holds 32 types. So does ours, and types are taken in the same order, for
 * whether it overflows depends on the order.
 *
 * The kernel applies these rules to what programs load, not to modules, and some of them forbid
 * what C allows and pahole writes for modules that do load. These, and no others, are wider here:
 *  - a function may return const void, and pass or return a struct that is only declared;
 *  - an argument of a function's definition may lack a name (C23, and gcc before it);
 *  - a float need not be aligned, for the struct may be packed;
 *  - an enum need not be as large as an int where a struct has kind_flag.
 */
#include "btf/resolve.h"

#define STACK_DEPTH 32	 /* kernel: MAX_RESOLVE_DEPTH */
#define CHAIN_LENGTH 32	 /* kernel: chain_limit in btf_check_type_tags */
#define BITFIELD_MAX 128 /* kernel: BITS_PER_U128 */

enum state { UNSEEN, ON_STACK, DONE };
enum mode { MODE_OPEN, MODE_POINTER, MODE_CONTAINER };

struct frame {
	uint32_t id;
	uint32_t next; /* the entry to go on with */
};

struct walk {
	const struct btf *btf;
	struct error *err;
	uint8_t *states; /* of own types */
	uint8_t *kinds;	 /* likewise; the types themselves lie too far apart */
	/* Of own types that are DONE: what a modifier or VAR ends in; bytes of an ARRAY. */
	uint32_t *results;
	enum mode mode;
	uint32_t depth;
	struct frame stack[STACK_DEPTH];
};

#define PUSHED 1 /* something else has to be looked at first */

/* BTF_KIND_UNKN for void and for what does not exist. */
static enum btf_kind kind_of(const struct walk *w, uint32_t id)
{
	const uint32_t own = id - w->btf->start_id;
	const struct btf_type *t;

	if (own < w->btf->nr)
		return w->kinds[own];
	t = btf_type(w->btf, id);
	return t ? btf_kind(t) : BTF_KIND_UNKN;
}

static bool is_struct(enum btf_kind kind)
{
	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

/* kernel: btf_type_is_resolve_source_only */
static bool only_refers(enum btf_kind kind)
{
	return kind == BTF_KIND_VAR || kind == BTF_KIND_DATASEC || kind == BTF_KIND_DECL_TAG;
}

/* kernel: btf_type_needs_resolve */
static bool refers(enum btf_kind kind)
{
	return btf_kind_is_modifier(kind) || only_refers(kind) || is_struct(kind) ||
	       kind == BTF_KIND_PTR || kind == BTF_KIND_ARRAY || kind == BTF_KIND_FUNC;
}

/* kernel: env_type_is_resolve_sink */
static bool is_sink(const struct walk *w, enum btf_kind kind)
{
	switch (w->mode) {
	case MODE_POINTER:
		return !btf_kind_is_modifier(kind) && kind != BTF_KIND_PTR;
	case MODE_CONTAINER:
		return !btf_kind_is_modifier(kind) && kind != BTF_KIND_ARRAY && !is_struct(kind);
	case MODE_OPEN:
		break;
	}
	return !refers(kind);
}

static bool is_own(const struct walk *w, uint32_t id)
{
	return id >= w->btf->start_id;
}

static bool is_done(const struct walk *w, uint32_t id)
{
	return !is_own(w, id) || w->states[id - w->btf->start_id] == DONE;
}

/* Void counts as a type. */
static bool exists(const struct walk *w, uint32_t id)
{
	return !id || btf_type(w->btf, id);
}

/*
 * The type behind modifiers; 0 for void. Modifiers of the base are followed here and now: the base
 * has been verified, but if it was not, the chain still ends.
 */
static uint32_t strip_modifiers(const struct walk *w, uint32_t id)
{
	for (int i = 0; i < CHAIN_LENGTH; i++) {
		if (!btf_kind_is_modifier(kind_of(w, id)))
			return id;
		id = is_own(w, id) ? w->results[id - w->btf->start_id] : btf_type(w->btf, id)->type;
	}
	return 0;
}

/*
 * Bytes of the type @id, which is DONE or a sink. False if it has no size: void, FWD, FUNC,
 * FUNC_PROTO, what only refers, and base types too deep or too large (kernel: btf_type_id_size).
 */
static bool size_of(const struct walk *w, uint32_t id, uint32_t *size)
{
	uint64_t nelems = 1;

	for (int i = 0; i < CHAIN_LENGTH; i++) {
		const struct btf_type *t;
		const struct btf_array *a;
		uint64_t bytes;

		id = strip_modifiers(w, id);
		t = btf_type(w->btf, id);
		if (!t)
			return false;
		a = btf_extra(t);
		switch (btf_kind(t)) {
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
			bytes = t->size;
			break;
		case BTF_KIND_PTR:
			bytes = w->btf->pointer_size;
			break;
		case BTF_KIND_ARRAY:
			if (!is_own(w, id)) {
				nelems *= a->nelems;
				if (nelems > UINT32_MAX)
					return false;
				id = a->type;
				continue;
			}
			bytes = w->results[id - w->btf->start_id];
			break;
		default:
			return false;
		}
		if (nelems && bytes > UINT32_MAX / nelems)
			return false;
		*size = (uint32_t)(nelems * bytes);
		return true;
	}
	return false;
}

/* kernel: btf_type_int_is_regular */
static bool is_regular_int(const struct btf_type *t)
{
	const uint32_t v = *(const uint32_t *)btf_extra(t);
	const uint32_t bits = BTF_INT_BITS(v);

	return !BTF_INT_OFFSET(v) &&
	       (bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128);
}

/* The type of member @i of the struct or union @t. */
static uint32_t member_type(const struct btf_type *t, uint32_t i)
{
	return ((const struct btf_member *)btf_extra(t))[i].type;
}

#define fault(w, id, ...) btf_type_fault((w)->btf, id, (w)->err, __VA_ARGS__)
#define entry_fault(w, id, i, ...) btf_entry_fault((w)->btf, id, i, (w)->err, __VA_ARGS__)

static int wrong_target(const struct walk *w, uint32_t id, uint32_t target)
{
	if (!exists(w, target))
		return fault(w, id, "refers to type %u, which does not exist", target);
	return fault(w, id, "refers to type %u, a %s", target, btf_kind_name(kind_of(w, target)));
}

/* kernel: env_stack_push */
static int push(struct walk *w, uint32_t id)
{
	const enum btf_kind kind = kind_of(w, id);
	uint8_t *state = &w->states[id - w->btf->start_id];

	if (w->depth == STACK_DEPTH)
		return fault(w, id, "nested more than %d types deep", STACK_DEPTH);
	if (*state != UNSEEN)
		return fault(w, id, "contains itself");
	*state = ON_STACK;
	w->stack[w->depth++] = (struct frame){ .id = id };
	if (w->mode == MODE_OPEN) {
		if (kind == BTF_KIND_PTR)
			w->mode = MODE_POINTER;
		else if (is_struct(kind) || kind == BTF_KIND_ARRAY)
			w->mode = MODE_CONTAINER;
	}
	return PUSHED;
}

static int done(struct walk *w, uint32_t result)
{
	const uint32_t own = w->stack[--w->depth].id - w->btf->start_id;

	w->results[own] = result;
	w->states[own] = DONE;
	return 0;
}

/* Looks at @id first, unless that has been done or need not be. Returns 0 or PUSHED or an error. */
static int need(struct walk *w, uint32_t id)
{
	if (is_sink(w, kind_of(w, id)) || is_done(w, id))
		return 0;
	return push(w, id);
}

/*
 * A modifier that was looked at below a struct may end in a pointer that has been left alone. A
 * pointer or variable that leads to it must go on from there, or a loop of pointers stays unseen.
 */
static int need_pointer_behind(struct walk *w, uint32_t id)
{
	const uint32_t end = strip_modifiers(w, id);

	if (end == id || kind_of(w, end) != BTF_KIND_PTR)
		return 0;
	return need(w, end);
}

/*
 * PTR and modifiers may end in void, FWD or FUNC_PROTO besides what has a size (kernel:
 * btf_modifier_resolve, btf_ptr_resolve; these take a FUNC if an earlier id led there: we do not).
 */
static int visit_modifier(struct walk *w, uint32_t id, const struct btf_type *t)
{
	const bool is_ptr = btf_kind(t) == BTF_KIND_PTR;
	uint32_t end, size;
	int ret;

	if (!exists(w, t->type) || only_refers(kind_of(w, t->type)))
		return wrong_target(w, id, t->type);
	ret = need(w, t->type);
	if (!ret && is_ptr)
		ret = need_pointer_behind(w, t->type);
	if (ret)
		return ret;
	end = strip_modifiers(w, t->type);
	if (end && !size_of(w, end, &size) && kind_of(w, end) != BTF_KIND_FWD &&
	    kind_of(w, end) != BTF_KIND_FUNC_PROTO)
		return wrong_target(w, id, end);
	return done(w, end);
}

/* kernel: btf_var_resolve */
static int visit_var(struct walk *w, uint32_t id, const struct btf_type *t)
{
	uint32_t size;
	int ret;

	if (!exists(w, t->type) || only_refers(kind_of(w, t->type)))
		return wrong_target(w, id, t->type);
	ret = need(w, t->type);
	if (!ret)
		ret = need_pointer_behind(w, t->type);
	if (ret)
		return ret;
	if (!size_of(w, t->type, &size))
		return fault(w, id, "its type %u has no size", t->type);
	return done(w, strip_modifiers(w, t->type));
}

/* An entry, element or index: something that can have a size, as far as one sees from its kind. */
static bool can_have_size(const struct walk *w, uint32_t id)
{
	switch (kind_of(w, id)) {
	case BTF_KIND_UNKN: /* void, or no type */
	case BTF_KIND_FWD:
	case BTF_KIND_FUNC:
	case BTF_KIND_FUNC_PROTO:
	case BTF_KIND_VAR:
	case BTF_KIND_DATASEC:
	case BTF_KIND_DECL_TAG:
		return false;
	default:
		return true;
	}
}

/* kernel: btf_array_resolve */
static int visit_array(struct walk *w, uint32_t id, const struct btf_type *t)
{
	const struct btf_array *a = btf_extra(t);
	const struct btf_type *index, *elem;
	uint32_t size;
	int ret;

	if (!can_have_size(w, a->index_type))
		return fault(w, id, "its index, type %u, is no integer", a->index_type);
	ret = need(w, a->index_type);
	if (ret)
		return ret;
	index = btf_type(w->btf, strip_modifiers(w, a->index_type));
	if (!index || btf_kind(index) != BTF_KIND_INT || !is_regular_int(index))
		return fault(w, id, "its index, type %u, is no integer", a->index_type);

	if (!can_have_size(w, a->type))
		return fault(w, id, "its elements, of type %u, have no size", a->type);
	ret = need(w, a->type);
	if (ret)
		return ret;
	if (!size_of(w, a->type, &size))
		return fault(w, id, "its elements, of type %u, have no size", a->type);
	elem = btf_type(w->btf, strip_modifiers(w, a->type));
	if (btf_kind(elem) == BTF_KIND_INT && !is_regular_int(elem))
		return fault(w, id, "its elements, of type %u, are bitfields", a->type);
	if (a->nelems && size > UINT32_MAX / a->nelems)
		return fault(w, id, "%u elements of %u bytes are over 4 GiB", a->nelems, size);
	return done(w, a->nelems * size);
}

/* The part of a struct that a member takes. */
struct extent {
	uint64_t first_bit;
	uint64_t bits;
	bool bitfield; /* need not begin with a byte */
};

/* kernel: btf_int_check_member, btf_int_check_kflag_member */
static int int_extent(const struct walk *w, uint32_t id, uint32_t i, const struct btf_type *type,
		      struct extent *e)
{
	const struct btf_type *t = btf_type(w->btf, id);
	const uint32_t v = *(const uint32_t *)btf_extra(type);
	const uint32_t bitfield = btf_member_bitfield_size(t, i);

	e->bits = BTF_INT_BITS(v);
	if (!btf_kflag(t)) {
		/* The old way to write a bitfield: an INT of its own, with offset and odd bits. */
		e->bitfield = true;
		e->first_bit += BTF_INT_OFFSET(v);
	} else {
		if (!is_regular_int(type))
			return entry_fault(w, id, i, "its type %u is a bitfield itself",
					   member_type(t, i));
		if (bitfield > e->bits)
			return entry_fault(w, id, i, "%u bits of an integer of %u", bitfield,
					   (uint32_t)e->bits);
		e->bitfield = bitfield;
		e->bits = bitfield ? bitfield : e->bits;
	}
	if (e->bits + e->first_bit % 8 > BITFIELD_MAX)
		return entry_fault(w, id, i, "needs more than %d bits", BITFIELD_MAX);
	return 0;
}

/*
 * kernel: btf_enum_check_member, btf_enum_check_kflag_member. In a struct with kind_flag the
 * latter takes each enum for an int. Its own size counts here: a struct may end in an enum of one
 * byte, and a bitfield of a larger enum may have more bits.
 */
static int enum_extent(const struct walk *w, uint32_t id, uint32_t i, const struct btf_type *type,
		       struct extent *e)
{
	const uint32_t bitfield = btf_member_bitfield_size(btf_type(w->btf, id), i);

	if (bitfield > 32 && bitfield > type->size * 8)
		return entry_fault(w, id, i, "%u bits of an enum of %u bytes", bitfield,
				   type->size);
	e->bitfield = bitfield;
	e->bits = bitfield ? bitfield : (uint64_t)type->size * 8;
	return 0;
}

/*
 * A member whose type is DONE or a sink (kernel: *_check_member, btf_generic_check_kflag_member).
 */
static int check_member(const struct walk *w, uint32_t id, const struct btf_type *t, uint32_t i)
{
	const uint32_t type_id = member_type(t, i);
	const struct btf_type *type = btf_type(w->btf, strip_modifiers(w, type_id));
	struct extent e = { .first_bit = btf_member_bit_offset(t, i) };
	uint64_t end;
	uint32_t size;
	int ret = 0;

	if (!type || !size_of(w, type_id, &size))
		return entry_fault(w, id, i, "its type %u has no size", type_id);
	e.bits = (uint64_t)size * 8;
	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		ret = int_extent(w, id, i, type, &e);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		ret = enum_extent(w, id, i, type, &e);
		break;
	default:
		break;
	}
	if (ret)
		return ret;
	if (!e.bitfield && btf_member_bitfield_size(t, i))
		return entry_fault(w, id, i, "a bitfield of %s", btf_kind_name(btf_kind(type)));
	if (!e.bitfield && e.first_bit % 8)
		return entry_fault(w, id, i, "bit offset %u is not a byte's",
				   (uint32_t)e.first_bit);
	end = (e.first_bit + e.bits + 7) / 8;
	if (end > t->size)
		return entry_fault(w, id, i, "ends at byte %llu of %u", (unsigned long long)end,
				   t->size);
	return 0;
}

/* kernel: btf_struct_resolve */
static int visit_struct(struct walk *w, uint32_t id, const struct btf_type *t)
{
	struct frame *top = &w->stack[w->depth - 1];

	for (; top->next < btf_vlen(t); top->next++) {
		const uint32_t type_id = member_type(t, top->next);
		int ret;

		if (!can_have_size(w, type_id))
			return entry_fault(w, id, top->next, "its type %u has no size", type_id);
		ret = need(w, type_id);
		if (!ret)
			ret = check_member(w, id, t, top->next);
		if (ret)
			return ret;
	}
	return done(w, 0);
}

/* kernel: btf_datasec_resolve */
static int visit_datasec(struct walk *w, uint32_t id, const struct btf_type *t)
{
	const struct btf_var_secinfo *v = btf_extra(t);
	struct frame *top = &w->stack[w->depth - 1];

	w->mode = MODE_OPEN;
	for (; top->next < btf_vlen(t); top->next++) {
		const uint32_t i = top->next;
		uint32_t size;
		int ret;

		if (kind_of(w, v[i].type) != BTF_KIND_VAR)
			return entry_fault(w, id, i, "type %u is no VAR", v[i].type);
		ret = need(w, v[i].type);
		if (ret)
			return ret;
		if (!size_of(w, btf_type(w->btf, v[i].type)->type, &size))
			return entry_fault(w, id, i, "has no size");
		if (v[i].size < size)
			return entry_fault(w, id, i, "%u bytes for a type of %u", v[i].size, size);
	}
	return done(w, 0);
}

/* kernel: btf_func_check */
static int visit_func(struct walk *w, uint32_t id, const struct btf_type *t)
{
	if (kind_of(w, t->type) != BTF_KIND_FUNC_PROTO)
		return fault(w, id, "refers to type %u, which is no FUNC_PROTO", t->type);
	return done(w, t->type);
}

/* kernel: btf_decl_tag_resolve */
static int visit_decl_tag(struct walk *w, uint32_t id, const struct btf_type *t)
{
	const enum btf_kind kind = kind_of(w, t->type);
	const int32_t component = *(const int32_t *)btf_extra(t);
	const struct btf_type *target;
	int ret;

	if (kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR && kind != BTF_KIND_TYPEDEF &&
	    !is_struct(kind))
		return fault(w, id, "refers to type %u, which cannot be tagged", t->type);
	ret = need(w, t->type);
	if (ret)
		return ret;
	if (component == -1)
		return done(w, t->type);

	target = btf_type(w->btf, t->type);
	if (kind == BTF_KIND_FUNC)
		target = btf_type(w->btf, target->type);
	if (kind == BTF_KIND_VAR || kind == BTF_KIND_TYPEDEF || !target ||
	    (uint32_t)component >= btf_vlen(target))
		return fault(w, id, "type %u has no component %d", t->type, component);
	return done(w, t->type);
}

static int visit(struct walk *w, uint32_t id)
{
	const struct btf_type *t = btf_type(w->btf, id);

	switch (btf_kind(t)) {
	case BTF_KIND_ARRAY:
		return visit_array(w, id, t);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return visit_struct(w, id, t);
	case BTF_KIND_FUNC:
		return visit_func(w, id, t);
	case BTF_KIND_VAR:
		return visit_var(w, id, t);
	case BTF_KIND_DATASEC:
		return visit_datasec(w, id, t);
	case BTF_KIND_DECL_TAG:
		return visit_decl_tag(w, id, t);
	default:
		return visit_modifier(w, id, t);
	}
}

/* kernel: btf_resolve */
static int resolve(struct walk *w, uint32_t id)
{
	int ret;

	if (!refers(kind_of(w, id)) || is_done(w, id))
		return 0;
	w->mode = MODE_OPEN;
	ret = push(w, id);
	while (ret >= 0 && w->depth)
		ret = visit(w, w->stack[w->depth - 1].id);
	return ret < 0 ? ret : 0;
}

/*
 * Looks at what is passed or returned. @passable: it has a size, or is a struct that may have one.
 */
static int resolve_passed(struct walk *w, uint32_t id, bool *passable)
{
	uint32_t size;
	int ret;

	*passable = false;
	if (!exists(w, id) || only_refers(kind_of(w, id)))
		return 0;
	ret = resolve(w, id);
	*passable = !ret &&
		    (size_of(w, id, &size) || kind_of(w, strip_modifiers(w, id)) == BTF_KIND_FWD);
	return ret;
}

/* kernel: btf_func_proto_check */
static int check_func_proto(struct walk *w, uint32_t id, const struct btf_type *t)
{
	const struct btf_param *p = btf_extra(t);
	uint32_t nr = btf_vlen(t);
	bool passable;
	int ret;

	ret = resolve_passed(w, t->type, &passable);
	if (ret)
		return ret;
	if (!passable && (!exists(w, t->type) || strip_modifiers(w, t->type)))
		return fault(w, id, "returns type %u, which has no size", t->type);
	if (nr && !p[nr - 1].type) { /* variadic */
		nr--;
		if (p[nr].name_off)
			return entry_fault(w, id, nr, "is void, and has a name");
	}
	for (uint32_t i = 0; i < nr; i++) {
		if (!p[i].type)
			return entry_fault(w, id, i, "is void");
		if (p[i].name_off && !btf_is_identifier(w->btf, p[i].name_off))
			return entry_fault(w, id, i, "its name is no identifier");
		ret = resolve_passed(w, p[i].type, &passable);
		if (ret)
			return ret;
		if (!passable)
			return entry_fault(w, id, i, "its type %u has no size", p[i].type);
	}
	return 0;
}

/* What is on the stack when a fault is found is void from then on. */
static void unwind(struct walk *w)
{
	while (w->depth)
		done(w, 0);
}

/* The type @id, and whatever it takes to know that. */
static int check_references(struct walk *w, uint32_t id)
{
	int ret = resolve(w, id);

	if (!ret && kind_of(w, id) == BTF_KIND_FUNC_PROTO)
		ret = check_func_proto(w, id, btf_type(w->btf, id));
	return ret;
}

int btf_check_references(const struct btf *btf, const struct btf_sink *sink)
{
	struct walk w = {
		.btf = btf,
		.err = sink->err,
		.states = calloc((size_t)btf->nr + 1, sizeof(*w.states)),
		.kinds = malloc((size_t)btf->nr + 1),
		.results = calloc((size_t)btf->nr + 1, sizeof(*w.results)),
	};
	int ret = 0;

	if (!w.states || !w.kinds || !w.results)
		ret = error_nomem(sink->err);
	for (uint32_t i = 0; !ret && i < btf->nr; i++)
		w.kinds[i] = btf_kind(btf_type(btf, btf->start_id + i));
	for (uint32_t id = btf->start_id; !ret && id < btf_end_id(btf); id++) {
		if (!check_references(&w, id))
			continue;
		unwind(&w);
		ret = btf_sink_fault(sink, BTF_RULE_REFERENCE, id);
	}
	free(w.states);
	free(w.kinds);
	free(w.results);
	return ret;
}

/*
 * A chain of modifiers is short, ends at a type that exists, and type tags stand first in it. It
 * ends at a modifier that has been checked before, as in the kernel: what follows there is known to
 * be sound.
 */
static int check_chain(const struct btf *btf, uint32_t id, uint32_t checked, bool tags_anywhere,
		       struct error *err)
{
	const struct btf_type *t = btf_type(btf, id);
	bool qualified = false;
	uint32_t at = id;

	for (int left = CHAIN_LENGTH; t && btf_kind_is_modifier(btf_kind(t)); left--) {
		if (!left)
			return btf_type_fault(btf, id, err, "a chain of over %d modifiers",
					      CHAIN_LENGTH);
		if (btf_kind(t) != BTF_KIND_TYPE_TAG)
			qualified = !tags_anywhere;
		else if (qualified)
			return btf_type_fault(btf, id, err, "TYPE_TAG %u stands behind a modifier",
					      at);
		if (at <= checked)
			break;
		at = t->type;
		t = btf_type(btf, at);
	}
	if (!t && at)
		return btf_type_fault(btf, id, err, "refers to type %u, which does not exist", at);
	return 0;
}

int btf_check_chains(const struct btf *btf, bool tags_anywhere, const struct btf_sink *sink)
{
	uint32_t checked = btf->start_id - 1;
	int ret = 0;

	for (uint32_t id = btf->start_id; !ret && id < btf_end_id(btf); id++) {
		if (!btf_kind_is_modifier(btf_kind(btf_type(btf, id))))
			continue;
		if (check_chain(btf, id, checked, tags_anywhere, sink->err))
			ret = btf_sink_fault(sink, BTF_RULE_CHAIN, id);
		checked = id;
	}
	return ret;
}
