// SPDX-License-Identifier: GPL-2.0-only
#include "btf/regraph.h"

#include "btf/homonym.h"

/* How much of a type is needed; what is more includes what is less. */
enum need {
	REACHED = 1, /* a named one: its name */
	FULL,	     /* its definition, to compare with */
	INSIDE,	     /* that of something inside of a named type of the base that is embedded */
	EMBEDDED,    /* its definition, which the module's own memory has */
};

/* Stands with the need of representatives of the old base: the module defines that name as well. */
#define OWN_DEF 0x80
/* The same of a definition of the old base: the module defines that type as well (struct view). */
#define OWN_VIEW 0x40

#define NO_SECTION UINT32_MAX

/* A definition of the old base that the module has a definition of its own of. */
struct view {
	uint32_t id;
	uint32_t own;
};

struct regraph {
	const struct btf *btf;
	const struct btf_index *old;
	bool distilled;
	struct names *names;
	struct graph *graph;
	struct regraphed *out;
	struct error *err;
	uint32_t start;	 /* ids from here on are own */
	uint8_t *need;	 /* of each id */
	uint32_t *node;	 /* of each base id: its node, 0: it is not reached */
	words_t reached; /* base ids, in the order of their nodes, which follow the own ones */
	words_t queue;	 /* ids whose references have not been looked at for what is needed now */
	uint32_t *index; /* of each own FUNC and VAR: its number in @out */
	VEC(struct view) views;
	struct idtab view_of; /* index + 1 in views, by base id */
	bool nomem;
};

static bool is_own(const struct regraph *r, uint32_t id)
{
	return id >= r->start;
}

static bool is_enum(enum btf_kind kind)
{
	return kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64;
}

static enum need need_of(const struct regraph *r, uint32_t id)
{
	return (enum need)(r->need[id] & ~(OWN_DEF | OWN_VIEW));
}

static uint32_t node_of(const struct regraph *r, uint32_t id)
{
	return is_own(r, id) ? id - r->start + 1 : r->node[id];
}

static uint32_t name_of(struct regraph *r, uint32_t off)
{
	const char *str = btf_str(r->btf, off);
	uint32_t id = name_id(r->names, str, strlen(str));

	if (id != UINT32_MAX)
		return id;
	r->nomem = true;
	return 0;
}

/*
 * The module's own definition of what base type @id defines (note_views()), 0 if it has none. What of
 * the base embeds the one embeds the other in the module's memory.
 */
static uint32_t view_of(const struct regraph *r, uint32_t id)
{
	uint32_t hash = hash_u64(id), n, pos;

	if (!(r->need[id] & OWN_VIEW))
		return 0;
	for (n = idtab_first(&r->view_of, hash, &pos); n; n = idtab_next(&r->view_of, hash, &pos))
		if (r->views.at[n - 1].id == id)
			return r->views.at[n - 1].own;
	return 0;
}

static void require(struct regraph *r, uint32_t id, enum need need)
{
	if (!id || need_of(r, id) >= need || (need == INSIDE && view_of(r, id)))
		return;
	r->need[id] = (uint8_t)((r->need[id] & (OWN_DEF | OWN_VIEW)) | need);
	if (!is_own(r, id) && !r->node[id]) {
		r->node[id] = r->btf->nr + 1 + r->reached.nr;
		if (!vec_push(&r->reached, id))
			r->nomem = true;
	}
	if (!vec_push(&r->queue, id))
		r->nomem = true;
}

/* ---- what is needed ---- */

/* The offset that the string at @off, maybe an own one, has in the old base; 0 if it is not there. */
static uint32_t base_str(const struct regraph *r, uint32_t off)
{
	const char *str = btf_str(r->btf, off);
	size_t len = strlen(str);

	return off < btf_end_str(r->old->base) ?
		       off :
		       btf_index_str(r->old, str, len, hash_bytes(str, len));
}

/* Have @ours, the names in a definition of the module, and base type @id half of them in common? */
static bool is_akin(struct regraph *r, words_t *ours, words_t *theirs, uint32_t id)
{
	theirs->nr = 0;
	if (definition_names(r->old->base, btf_type(r->btf, id), theirs))
		return names_akin(ours, theirs);
	r->nomem = true;
	return false;
}

/*
 * The own definition @own is the module's view of base types that have its name, its size and much
 * of its content. The module was built where only that one was meant by the name; only references of
 * its own tell, by where they lead, which of the two it is.
 */
static void note_views(struct regraph *r, uint32_t own, uint32_t rep)
{
	const struct btf_type *t = btf_type(r->btf, own);
	words_t ours = { 0 }, theirs = { 0 };

	if (!definition_names(r->btf, t, &ours))
		r->nomem = true;
	for (uint32_t i = 0; i < ours.nr; i++)
		ours.at[i] = base_str(r, ours.at[i]);
	for (uint32_t id = rep; id && !r->nomem; id = r->old->same[id]) {
		if (r->need[id] & OWN_VIEW || !btf_is_definition(r->old->base, id) ||
		    btf_type(r->btf, id)->size != t->size || !is_akin(r, &ours, &theirs, id))
			continue;
		r->need[id] |= OWN_VIEW;
		if (!vec_push(&r->views, ((struct view){ id, own })) ||
		    !idtab_add(&r->view_of, hash_u64(id), r->views.nr))
			r->nomem = true;
	}
	vec_free(&ours);
	vec_free(&theirs);
}

/* Notes which names of the old base the module defines itself. */
static void note_own_defs(struct regraph *r)
{
	for (uint32_t id = r->start; id < btf_end_id(r->btf) && !r->nomem; id++) {
		const struct btf_type *t = btf_type(r->btf, id);
		uint32_t words[2] = { btf_named_shape(t), t->name_off }, rep;

		if (!words[0] || !*btf_name(r->btf, t) || !btf_is_definition(r->btf, id))
			continue;
		words[1] = base_str(r, words[1]);
		rep = words[1] ? btf_index_class(r->old, words, 2) : 0;
		if (!rep)
			continue;
		r->need[rep] |= OWN_DEF;
		note_views(r, id, rep);
	}
}

/* Is the name of base type @id not enough to know it by? */
static bool is_ambiguous(const struct regraph *r, uint32_t id)
{
	uint32_t rep = r->old->rep[id], nr = 0;

	if (r->need[rep] & OWN_DEF)
		return true;
	for (uint32_t other = rep; other && nr < 2; other = r->old->same[other]) {
		const struct btf_type *t = btf_type(r->btf, other);

		nr += btf_kind(t) != BTF_KIND_FWD && (!is_enum(btf_kind(t)) || btf_vlen(t));
	}
	return nr > 1;
}

/* Does struct, union or enum @id stand in the graph by its name alone? */
static bool by_name(const struct regraph *r, uint32_t id, const struct btf_type *t)
{
	if (!*btf_name(r->btf, t))
		return false;
	if (is_enum(btf_kind(t)) && !btf_vlen(t))
		return true;
	if (is_own(r, id))
		return false;
	return r->distilled || (need_of(r, id) < FULL && !is_ambiguous(r, id));
}

/* @need: of the members. */
static void require_members(struct regraph *r, const struct btf_type *t, enum need need)
{
	const struct btf_member *m = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++)
		require(r, m[i].type, need);
}

static void require_params(struct regraph *r, const struct btf_type *t)
{
	const struct btf_param *p = btf_extra(t);

	require(r, t->type, FULL);
	for (uint32_t i = 0; i < btf_vlen(t); i++)
		require(r, p[i].type, FULL);
}

/* How much of its members the definition @id of the base needs. */
static enum need part_need(const struct regraph *r, uint32_t id)
{
	enum need need = need_of(r, id);

	if (need == EMBEDDED && *btf_name(r->btf, btf_type(r->btf, id)))
		return INSIDE;
	return need > FULL ? need : FULL;
}

/* Requires what type @id refers to. */
static void look_at(struct regraph *r, uint32_t id)
{
	const struct btf_type *t = btf_type(r->btf, id);
	enum need need = need_of(r, id), full = need > FULL ? need : FULL;

	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
		require(r, t->type, REACHED);
		break;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		require(r, t->type, need);
		break;
	case BTF_KIND_ARRAY:
		require(r, ((const struct btf_array *)btf_extra(t))->type, full);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		if (is_own(r, id))
			require_members(r, t, EMBEDDED);
		else if (!by_name(r, id, t))
			require_members(r, t, part_need(r, id));
		break;
	case BTF_KIND_FUNC_PROTO:
		require_params(r, t);
		break;
	case BTF_KIND_FUNC:
	case BTF_KIND_DECL_TAG:
		require(r, t->type, FULL);
		break;
	case BTF_KIND_VAR:
		require(r, t->type, EMBEDDED);
		break;
	default: /* INT, FLOAT, ENUM, ENUM64, FWD; DATASEC, whose variables are own */
		break;
	}
}

static void look_at_all(struct regraph *r)
{
	if (!r->distilled)
		note_own_defs(r);
	for (uint32_t id = r->start; id < btf_end_id(r->btf); id++)
		require(r, id, REACHED);
	while (r->queue.nr && !r->nomem)
		look_at(r, r->queue.at[--r->queue.nr]);
}

/* ---- the nodes ---- */

/* The node of @part, which type @id has a member of, stands for, or is an array of. */
static uint32_t part_node(const struct regraph *r, uint32_t id, uint32_t part)
{
	enum btf_kind kind = btf_kind(btf_type(r->btf, id));
	bool defines = kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
	uint32_t own = 0;

	if (!is_own(r, id) && (defines ? part_need(r, id) : need_of(r, id)) == INSIDE)
		own = view_of(r, part);
	return node_of(r, own ? own : part);
}

/* The new base has to have exactly one definition of this name and size. */
static int check_stand_in(struct regraph *r, const struct btf_type *t)
{
	const struct btf_index *new = r->names->index;
	uint32_t words[2] = { btf_named_shape(t), name_of(r, t->name_off) }, nr = 0, rep;
	const char *kind = btf_kind(t) == BTF_KIND_STRUCT ? "struct" :
			   btf_kind(t) == BTF_KIND_UNION  ? "union" :
							    "enum";

	rep = btf_index_class(new, words, 2);
	for (uint32_t id = rep; id; id = new->same[id]) {
		const struct btf_type *other = btf_type(new->base, id);

		nr += btf_is_definition(new->base, id) && other->size == t->size;
	}
	if (nr == 1)
		return 0;
	return error_set(r->err, -EINVAL,
			 "the module embeds %s %s of %u bytes, and the kernel has %s of that size: "
			 "build the module anew for this kernel",
			 kind, btf_name(r->btf, t), t->size, nr ? "several" : "none");
}

static int fill_name(struct regraph *r, uint32_t id, const struct btf_type *t,
		     struct graph_node *node)
{
	node->kind = BTF_KIND_FWD;
	if (is_enum(btf_kind(t)))
		node->flags |= GRAPH_ENUM;
	else if (btf_named_shape(t) == SHAPE_NAMED_UNION)
		node->flags |= GRAPH_UNION;
	if (is_own(r, id) || !r->distilled || btf_kind(t) == BTF_KIND_FWD)
		return 0;
	node->flags |= GRAPH_SIZED;
	node->size = t->size;
	return need_of(r, id) >= FULL ? check_stand_in(r, t) : 0;
}

static void fill_members(struct regraph *r, uint32_t id, const struct btf_type *t,
			 struct graph_node *node)
{
	const struct btf_member *m = btf_extra(t);

	node->size = t->size;
	node->first = r->graph->members.nr;
	node->nr = btf_vlen(t);
	for (uint32_t i = 0; i < btf_vlen(t) && !r->nomem; i++) {
		struct graph_member member = { .name = name_of(r, m[i].name_off),
					       .type = part_node(r, id, m[i].type),
					       .bit_offset = btf_member_bit_offset(t, i),
					       .bit_size = btf_member_bitfield_size(t, i) };

		if (!vec_push(&r->graph->members, member))
			r->nomem = true;
	}
}

static void fill_params(struct regraph *r, const struct btf_type *t, struct graph_node *node)
{
	const struct btf_param *p = btf_extra(t);

	node->type = node_of(r, t->type);
	node->first = r->graph->members.nr;
	node->nr = btf_vlen(t);
	for (uint32_t i = 0; i < btf_vlen(t) && !r->nomem; i++) {
		struct graph_member param = { .name = name_of(r, p[i].name_off),
					      .type = node_of(r, p[i].type) };

		if (!vec_push(&r->graph->members, param))
			r->nomem = true;
	}
}

static void fill_values(struct regraph *r, const struct btf_type *t, struct graph_node *node)
{
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);
	bool is64 = btf_kind(t) == BTF_KIND_ENUM64;

	node->size = t->size;
	node->first = r->graph->values.nr;
	node->nr = btf_vlen(t);
	node->flags |= btf_kflag(t) ? GRAPH_SIGNED : 0;
	for (uint32_t i = 0; i < btf_vlen(t) && !r->nomem; i++) {
		struct graph_value value = { .name = name_of(r, is64 ? e64[i].name_off :
								       e[i].name_off) };

		if (is64)
			value.value = (uint64_t)e64[i].val_hi32 << 32 | e64[i].val_lo32;
		else
			value.value = btf_kflag(t) ? (uint64_t)(int64_t)e[i].val :
						     (uint32_t)e[i].val;
		if (!vec_push(&r->graph->values, value))
			r->nomem = true;
	}
}

/*
 * Where the new base writes arrays of several dimensions as one (struct btf_index), so do we. An
 * array that is only an element of another is then no type of its own right.
 */
static void fill_array(struct regraph *r, uint32_t id, const struct btf_type *t,
		       struct graph_node *node)
{
	const struct btf_array *a = btf_extra(t), *inner;

	node->nr = a->nelems;
	while (!r->names->index->nested_arrays) {
		const struct btf_type *element = btf_type(r->btf, a->type);

		if (!element || btf_kind(element) != BTF_KIND_ARRAY)
			break;
		inner = btf_extra(element);
		if (inner->nelems && node->nr > UINT32_MAX / inner->nelems)
			break;
		node->nr *= inner->nelems;
		r->graph->nodes.at[node_of(r, a->type)].flags |= GRAPH_BASE;
		a = inner;
	}
	node->type = part_node(r, id, a->type);
}

static int fill_decl_tag(struct regraph *r, const struct btf_type *t, struct graph_node *node)
{
	enum btf_kind target = btf_kind(btf_type(r->btf, t->type));
	uint32_t component = *(const uint32_t *)btf_extra(t);
	struct graph_func_tag tag = { .name = name_of(r, t->name_off),
				      .component = component,
				      .attribute = btf_kflag(t) };

	if (target == BTF_KIND_VAR || (target == BTF_KIND_FUNC && !is_own(r, t->type)))
		return error_set(r->err, -EOPNOTSUPP,
				 "the tag '%s' is on a %s: that cannot be kept",
				 btf_name(r->btf, t),
				 target == BTF_KIND_VAR ? "variable" : "function of the kernel");
	if (target == BTF_KIND_FUNC) {
		tag.func = r->index[t->type - r->start];
		if (!vec_push(&r->graph->func_tags, tag))
			r->nomem = true;
		return 0;
	}
	node->kind = BTF_KIND_DECL_TAG;
	node->name = tag.name;
	node->type = node_of(r, t->type);
	node->nr = component;
	node->flags |= btf_kflag(t) ? GRAPH_ATTRIBUTE : 0;
	return 0;
}

/*
 * What BTF of its own has to have arrays, where the base has none; nobody else's type. It is made
 * anew with the first array.
 */
static bool is_array_size(const struct regraph *r, const struct btf_type *t)
{
	return !strcmp(btf_name(r->btf, t), "__ARRAY_SIZE_TYPE__");
}

static int fill(struct regraph *r, uint32_t id)
{
	const struct btf_type *t = btf_type(r->btf, id);
	enum btf_kind kind = btf_kind(t);
	/* Filling in others does not move nodes. */
	struct graph_node *node = &r->graph->nodes.at[node_of(r, id)];
	bool named_def = (btf_named_shape(t) && *btf_name(r->btf, t)) && !by_name(r, id, t);

	if (kind == BTF_KIND_FUNC || kind == BTF_KIND_VAR || kind == BTF_KIND_DATASEC)
		return 0;
	if (kind == BTF_KIND_DECL_TAG)
		return fill_decl_tag(r, t, node);
	if (!is_own(r, id) && !(named_def && need_of(r, id) >= INSIDE))
		node->flags |= GRAPH_BASE;
	if (!named_def && need_of(r, id) == EMBEDDED)
		node->flags |= GRAPH_EMBEDDED;
	node->name = name_of(r, t->name_off);
	if (kind == BTF_KIND_FWD || (btf_named_shape(t) && by_name(r, id, t)))
		return fill_name(r, id, t, node);
	node->kind = (uint8_t)kind;
	switch (kind) {
	case BTF_KIND_INT:
		node->nr = *(const uint32_t *)btf_extra(t);
		node->size = t->size;
		node->flags |= is_array_size(r, t) ? GRAPH_BASE : 0;
		break;
	case BTF_KIND_FLOAT:
		node->size = t->size;
		break;
	case BTF_KIND_ARRAY:
		fill_array(r, id, t, node);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		fill_members(r, id, t, node);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		fill_values(r, t, node);
		break;
	case BTF_KIND_FUNC_PROTO:
		fill_params(r, t, node);
		break;
	case BTF_KIND_PTR:
		node->type = node_of(r, t->type);
		break;
	default:
		node->type = part_node(r, id, t->type);
		node->flags |= kind == BTF_KIND_TYPE_TAG && btf_kflag(t) ? GRAPH_ATTRIBUTE : 0;
		break;
	}
	return 0;
}

/* ---- functions and variables ---- */

static void add_func(struct regraph *r, uint32_t id, const struct btf_type *t)
{
	struct func_symbol symbol = { .name = name_of(r, t->name_off), .linkage = btf_vlen(t) };
	struct graph_func func = { .symbol = r->out->funcs.nr, .proto = node_of(r, t->type) };

	r->index[id - r->start] = r->out->funcs.nr;
	if (!vec_push(&r->out->funcs, symbol) || !vec_push(&r->graph->funcs, func))
		r->nomem = true;
}

static void add_var(struct regraph *r, uint32_t id, const struct btf_type *t)
{
	struct var_symbol symbol = { .name = name_of(r, t->name_off), .section = NO_SECTION };
	struct graph_var var = { .symbol = r->out->vars.nr,
				 .type = node_of(r, t->type),
				 .linkage = *(const uint32_t *)btf_extra(t) };

	r->index[id - r->start] = r->out->vars.nr;
	if (!vec_push(&r->out->vars, symbol) || !vec_push(&r->graph->vars, var))
		r->nomem = true;
}

static int add_section(struct regraph *r, const struct btf_type *t)
{
	const struct btf_var_secinfo *info = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *var = btf_type(r->btf, info[i].type);
		struct var_symbol *symbol;

		if (!is_own(r, info[i].type) || btf_kind(var) != BTF_KIND_VAR)
			return error_set(r->err, -EINVAL,
					 "section %s holds what is no variable of the module",
					 btf_name(r->btf, t));
		symbol = &r->out->vars.at[r->index[info[i].type - r->start]];
		if (symbol->section != NO_SECTION)
			return error_set(r->err, -EINVAL, "variable %s stands in two sections",
					 btf_name(r->btf, var));
		symbol->section = r->out->sections.nr;
		symbol->offset = info[i].offset;
		symbol->size = info[i].size;
	}
	if (!vec_push(&r->out->sections, name_of(r, t->name_off)) ||
	    !vec_push(&r->out->section_sizes, t->size))
		r->nomem = true;
	return 0;
}

static int add_symbols(struct regraph *r)
{
	int ret = 0;

	for (uint32_t id = r->start; id < btf_end_id(r->btf) && !r->nomem; id++) {
		const struct btf_type *t = btf_type(r->btf, id);

		if (btf_kind(t) == BTF_KIND_FUNC)
			add_func(r, id, t);
		else if (btf_kind(t) == BTF_KIND_VAR)
			add_var(r, id, t);
	}
	for (uint32_t id = r->start; id < btf_end_id(r->btf) && !r->nomem && !ret; id++) {
		const struct btf_type *t = btf_type(r->btf, id);

		if (btf_kind(t) == BTF_KIND_DATASEC)
			ret = add_section(r, t);
	}
	return ret;
}

static int make_graph(struct regraph *r)
{
	uint32_t nr;
	int ret;

	look_at_all(r);
	nr = r->btf->nr + r->reached.nr;
	if (r->nomem || !graph_reset(r->graph) || !vec_room(&r->graph->nodes, nr))
		return error_nomem(r->err);
	memset(r->graph->nodes.at + 1, 0, nr * sizeof(*r->graph->nodes.at));
	r->graph->nodes.nr += nr;
	r->graph->distinct = true;
	ret = add_symbols(r);
	for (uint32_t id = r->start; id < btf_end_id(r->btf) && !r->nomem && !ret; id++)
		ret = fill(r, id);
	for (uint32_t i = 0; i < r->reached.nr && !r->nomem && !ret; i++)
		ret = fill(r, r->reached.at[i]);
	return r->nomem ? error_nomem(r->err) : ret;
}

int btf_regraph(const struct btf *btf, const struct btf_index *old, bool distilled,
		struct names *names, struct graph *graph, struct regraphed *out, struct error *err)
{
	struct regraph r = { .btf = btf,
			     .old = old,
			     .distilled = distilled,
			     .names = names,
			     .graph = graph,
			     .out = out,
			     .err = err,
			     .start = btf->start_id };
	int ret;

	r.need = calloc(btf_end_id(btf), sizeof(*r.need));
	r.node = calloc(btf->start_id, sizeof(*r.node));
	r.index = calloc((size_t)btf->nr + 1, sizeof(*r.index));
	ret = r.need && r.node && r.index ? make_graph(&r) : error_nomem(err);
	free(r.need);
	free(r.node);
	free(r.index);
	vec_free(&r.reached);
	vec_free(&r.queue);
	vec_free(&r.views);
	idtab_free(&r.view_of);
	return ret;
}

void regraphed_free(struct regraphed *r)
{
	vec_free(&r->funcs);
	vec_free(&r->vars);
	vec_free(&r->sections);
	vec_free(&r->section_sizes);
}
