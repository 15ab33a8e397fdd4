// SPDX-License-Identifier: GPL-2.0-only
#include "btf/intern.h"

#include "btf/homonym.h"
#include "btf/intern-work.h"

/* Which ids go into the words of a node. */
enum mode { CANON, REF, VALUE };

static uint32_t def_of(struct work *w, uint32_t id);

static uint32_t fail_circle(struct work *w, uint32_t id)
{
	const struct graph_node *node = &w->in->graph->nodes.at[id];

	if (w->ret)
		return NONE;
	return fail(w, error_set(w->err, -EINVAL, "type '%s' contains itself: damaged debug info",
				 name_str(w->in->names, node->name)));
}

/*
 * The first definition in the class of @rep, of the size that @node asks for if there is one; 0 if
 * the base only declares the name.
 */
static uint32_t first_base_def(const struct btf_index *index, uint32_t rep,
			       const struct graph_node *node)
{
	uint32_t first = 0, fit = 0;

	for (uint32_t id = rep; id; id = index->same[id]) {
		if (!btf_is_definition(index->base, id))
			continue;
		if (!first || id < first)
			first = id;
		if (node->flags & GRAPH_SIZED && btf_type(index->base, id)->size == node->size &&
		    (!fit || id < fit))
			fit = id;
	}
	return fit ? fit : first;
}

/*
 * The node of the graph that defines the name that declaration @id declares, 0 if none or several
 * do, or if it is the base that defines it.
 */
static uint32_t graph_def(const struct intern *in, uint32_t id)
{
	uint32_t n = in->graph->nodes.at[id].flags & GRAPH_SIZED ? 0 : first_def(in, id);

	return n && !in->nodes[n].color ? n : 0;
}

/*
 * A definition of the base that looks like node @id from outside, 0 if there is none. If there is, the
 * node is no homonym.
 */
static uint32_t find_outline(struct work *w, uint32_t id, uint32_t class)
{
	const struct btf_index *index = w->in->index;

	for (uint32_t b = class; b; b = index->same[b])
		if (same_outline(index->base, btf_type(index->base, b), w->in->graph,
				 &w->in->graph->nodes.at[id]))
			return b;
	return 0;
}

/*
 * The class that a named node's name has in the base: NONE where the base does not know it, or
 * where the unit means another thing by it.
 */
static uint32_t class_of(struct work *w, uint32_t id)
{
	struct intern_node *state = &w->in->nodes[id];
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	uint32_t words[2] = { node_shape(node), node->name };
	uint32_t def;

	if (state->class != UNSET)
		return state->class;
	state->class = NONE;
	if (node->name >= w->in->names->first_own)
		return NONE;
	def = is_def(node) ? id : graph_def(w->in, id);
	if (def != id && def)
		return state->class = class_of(w, def);
	state->class = btf_index_class(w->in->index, words, 2);
	if (!state->class) {
		state->class = NONE;
		return NONE;
	}
	state->outline = def ? find_outline(w, id, state->class) : 0;
	if (def && !state->outline && settle_nested_names(w, id)) {
		int ret = homonym(w->in->index, state->class, w->in->graph, id);

		if (ret < 0)
			fail(w, error_nomem(w->err));
		if (ret)
			state->class = NONE;
	}
	return state->class;
}

static uint32_t child(struct work *w, uint32_t id, enum mode mode)
{
	return mode == CANON ? canon_of(w, id) : mode == REF ? ref_of(w, id) : value_of(w, id);
}

/*
 * Works out everything that the words of @id need, so that append_words() only copies. False if in
 * mode CANON something is not in the base.
 */
static bool settle_children(struct work *w, const struct graph_node *node, enum mode mode)
{
	const struct graph_member *m = w->in->graph->members.at + node->first;

	switch (node->kind) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return true;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 0; i < node->nr; i++)
			if (child(w, m[i].type, mode) == NONE)
				return false;
		return true;
	case BTF_KIND_FUNC_PROTO:
		for (uint32_t i = 0; i < node->nr; i++)
			if (child(w, m[i].type, mode) == NONE)
				return false;
		return child(w, node->type, mode) != NONE;
	default:
		return child(w, node->type, mode) != NONE;
	}
}

static bool append_members(struct work *w, const struct graph_node *node, enum mode mode)
{
	const struct graph_member *m = w->in->graph->members.at + node->first;
	words_t *out = &w->in->words;

	if (!vec_room(out, 4 * (uint64_t)node->nr))
		return false;
	for (uint32_t i = 0; i < node->nr; i++) {
		out->at[out->nr++] = m[i].name;
		out->at[out->nr++] = child(w, m[i].type, mode);
		out->at[out->nr++] = m[i].bit_offset;
		out->at[out->nr++] = m[i].bit_size;
	}
	return true;
}

static bool append_values(struct work *w, const struct graph_node *node, enum mode mode)
{
	const struct graph_value *v = w->in->graph->values.at + node->first;
	words_t *out = &w->in->words;
	bool high = mode != CANON || node->kind == BTF_KIND_ENUM64;

	if (!vec_room(out, 3 * (uint64_t)node->nr))
		return false;
	for (uint32_t i = 0; i < node->nr; i++) {
		out->at[out->nr++] = v[i].name;
		out->at[out->nr++] = (uint32_t)v[i].value;
		out->at[out->nr++] = high ? (uint32_t)(v[i].value >> 32) : 0;
	}
	return true;
}

static bool append_params(struct work *w, const struct graph_node *node, enum mode mode)
{
	const struct graph_member *m = w->in->graph->members.at + node->first;
	words_t *out = &w->in->words;

	if (!vec_room(out, 2 * (uint64_t)node->nr + 2))
		return false;
	out->at[out->nr++] = BTF_KIND_FUNC_PROTO;
	out->at[out->nr++] = child(w, node->type, mode);
	for (uint32_t i = 0; i < node->nr; i++) {
		out->at[out->nr++] = m[i].name;
		out->at[out->nr++] = child(w, m[i].type, mode);
	}
	return true;
}

static bool append4(words_t *out, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t nr)
{
	if (!vec_room(out, 4))
		return false;
	out->at[out->nr] = a;
	out->at[out->nr + 1] = b;
	out->at[out->nr + 2] = c;
	out->at[out->nr + 3] = d;
	out->nr += nr;
	return true;
}

/*
 * Appends the words of an unnamed node (btf/index.h, btf/own.h) to the scratch. Returns where they
 * start; UNSET if it failed, NONE if in mode CANON it is not in the base.
 */
static uint32_t append_words(struct work *w, uint32_t id, enum mode mode)
{
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	words_t *out = &w->in->words;
	uint32_t start, sign;
	bool ok;

	if (!settle_children(w, node, mode) || !settle_names(w, id))
		return NONE;
	start = out->nr;
	switch (node->kind) {
	case BTF_KIND_INT:
		ok = append4(out, node->kind, node->name, node->size, node->nr, 4);
		break;
	case BTF_KIND_FLOAT:
		ok = append4(out, node->kind, node->name, node->size, 0, 4);
		break;
	case BTF_KIND_ARRAY:
		ok = append4(out, node->kind, child(w, node->type, mode), node->nr, 0, 3);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		ok = append4(out, node->kind, node->size, 0, 0, 2) && append_members(w, node, mode);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		sign = mode != CANON && (node->flags & GRAPH_SIGNED) ? OWN_SIGNED : 0;
		ok = append4(out, node->kind, node->size | sign, 0, 0, 2) &&
		     append_values(w, node, mode);
		break;
	case BTF_KIND_FUNC_PROTO:
		ok = append_params(w, node, mode);
		break;
	default:
		ok = append4(out, node->flags & GRAPH_ATTRIBUTE ? SHAPE_TYPE_ATTRIBUTE : node->kind,
			     node->name, child(w, node->type, mode), 0, 3);
		break;
	}
	if (!ok) {
		fail(w, error_nomem(w->err));
		return UNSET;
	}
	return start;
}

/* Notes that the unit has this own record, and returns it. */
static uint32_t touch(struct work *w, uint32_t ref)
{
	struct intern *in = w->in;
	struct own_record *rec = &in->own.records.at[ref & ~OWN_REF];

	if (rec->stamp != in->touched_from.nr) {
		rec->stamp = in->touched_from.nr;
		if (!vec_push(&in->touched, ref & ~OWN_REF))
			return fail(w, error_nomem(w->err));
	}
	return ref;
}

/* The own record of the words from @start of the scratch on; takes them off. */
static uint32_t own_from(struct work *w, uint32_t start)
{
	struct intern *in = w->in;
	uint32_t ref;

	if (start == UNSET || start == NONE)
		return fail(w, -EINVAL);
	ref = own_ref(&in->own, in->words.at + start, in->words.nr - start);
	in->words.nr = start;
	return ref ? touch(w, ref) : fail(w, error_nomem(w->err));
}

static uint32_t own_node(struct work *w, uint32_t id, enum mode mode)
{
	return own_from(w, append_words(w, id, mode));
}

/* The record of a name, wherever the module refers to it. */
static uint32_t own_name(struct work *w, uint32_t id)
{
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	uint32_t start = w->in->words.nr;

	if (!append4(&w->in->words, node_shape(node), node->name, w->in->nodes[id].color, 0, 3))
		return fail(w, error_nomem(w->err));
	return own_from(w, start);
}

static uint32_t class_of_words(struct work *w, uint32_t start)
{
	uint32_t rep;

	if (start == UNSET || start == NONE)
		return NONE;
	rep = btf_index_class(w->in->index, w->in->words.at + start, w->in->words.nr - start);
	w->in->words.nr = start;
	return rep ? rep : NONE;
}

uint32_t find_canon(struct work *w, uint32_t id)
{
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	struct intern_node *state = &w->in->nodes[id];

	if (state->canon == NONE || w->ret)
		return NONE;
	if (node_shape(node))
		return state->canon = class_of(w, id);
	if (state->canon == BUSY || w->depth > MAX_DEPTH)
		return fail_circle(w, id);
	if (node->kind == BTF_KIND_DECL_TAG)
		return state->canon = NONE;
	state->canon = BUSY;
	w->depth++;
	state->canon = class_of_words(w, append_words(w, id, CANON));
	w->depth--;
	return state->canon;
}

/* The definition in the base that equals the named definition @id, or NONE. */
static uint32_t base_def_of(struct work *w, uint32_t id)
{
	const struct btf_index *index = w->in->index;
	struct intern_node *state = &w->in->nodes[id];
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	const struct graph_member *m = w->in->graph->members.at + node->first;
	uint32_t best = NONE;

	if (state->base_def != UNSET)
		return state->base_def;
	state->base_def = NONE;
	if (class_of(w, id) == NONE)
		return NONE;
	for (uint32_t base_id = state->class; base_id; base_id = index->same[base_id]) {
		const struct btf_type *t = btf_type(index->base, base_id);
		const struct btf_member *bm = btf_extra(t);
		uint32_t i;

		if (base_id != state->outline && !same_outline(index->base, t, w->in->graph, node))
			continue;
		if (node_shape(node) != SHAPE_NAMED_ENUM) {
			for (i = 0; i < node->nr; i++)
				if (!match(w, m[i].type, bm[i].type, 0) &&
				    index->rep[bm[i].type] != canon_of(w, m[i].type))
					break;
			if (i < node->nr)
				continue;
		}
		if (base_id < best)
			best = base_id;
	}
	return state->base_def = best;
}

static uint32_t ref_of_named(struct work *w, uint32_t id)
{
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	uint32_t class = class_of(w, id), def;

	if (!is_def(node)) {
		def = graph_def(w->in, id);
		if (def)
			return ref_of(w, def);
	}
	if (class != NONE) {
		if (is_def(node) && base_def_of(w, id) != NONE)
			return base_def_of(w, id);
		def = first_base_def(w->in->index, class, node);
		if (def)
			return def;
	}
	if (is_def(node) && node->flags & GRAPH_BASE && !vec_push(&w->in->lacking, id))
		return fail(w, error_nomem(w->err));
	return own_name(w, id);
}

/*
 * Does base type @base_id, of the class of node @id, also refer to the very types that the node
 * refers to?
 */
static bool exact(struct work *w, uint32_t id, uint32_t base_id)
{
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	const struct graph_member *m = w->in->graph->members.at + node->first;
	const struct btf_type *t = btf_type(w->in->index->base, base_id);
	const struct btf_member *bm = btf_extra(t);
	const struct btf_param *bp = btf_extra(t);

	switch (node->kind) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return true;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 0; i < node->nr; i++)
			if (bm[i].type != ref_of(w, m[i].type))
				return false;
		return true;
	case BTF_KIND_FUNC_PROTO:
		for (uint32_t i = 0; i < node->nr; i++)
			if (bp[i].type != ref_of(w, m[i].type))
				return false;
		return t->type == ref_of(w, node->type);
	case BTF_KIND_ARRAY:
		return ((const struct btf_array *)btf_extra(t))->type == ref_of(w, node->type);
	default:
		return t->type == ref_of(w, node->type);
	}
}

/*
 * Does an unnamed node, or one that it refers to, lead to an own type after all (a name that the
 * base only declares)?
 */
static bool refers_to_own(struct work *w, const struct graph_node *node)
{
	const struct graph_member *m = w->in->graph->members.at + node->first;

	switch (node->kind) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return false;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_FUNC_PROTO:
		for (uint32_t i = 0; i < node->nr; i++)
			if (ref_is_own(ref_of(w, m[i].type)))
				return true;
		return node->kind == BTF_KIND_FUNC_PROTO && ref_is_own(ref_of(w, node->type));
	default:
		return ref_is_own(ref_of(w, node->type));
	}
}

static uint32_t ref_of_unnamed(struct work *w, uint32_t id)
{
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	uint32_t rep = canon_of(w, id);

	if (rep == NONE || refers_to_own(w, node)) {
		/* Members are embedded, all other references are by name. */
		bool embeds = node->kind == BTF_KIND_STRUCT || node->kind == BTF_KIND_UNION;

		return own_node(w, id, embeds ? VALUE : REF);
	}
	for (uint32_t b = w->in->index->same[rep] ? rep : 0; b; b = w->in->index->same[b])
		if (exact(w, id, b))
			return b;
	return rep;
}

/* A tag is the base's if what it tags is, and carries the same tag there. */
static uint32_t ref_of_tag(struct work *w, uint32_t id)
{
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	bool attribute = node->flags & GRAPH_ATTRIBUTE;
	uint32_t words[4] = { attribute ? SHAPE_DECL_ATTRIBUTE : BTF_KIND_DECL_TAG, node->name,
			      value_of(w, node->type), node->nr };
	uint32_t start = w->in->words.nr, rep;

	rep = ref_is_own(words[2]) ? 0 : btf_index_class(w->in->index, words, 4);
	if (rep)
		return rep;
	if (!append4(&w->in->words, words[0], words[1], words[2], words[3], 4))
		return fail(w, error_nomem(w->err));
	return own_from(w, start);
}

uint32_t find_ref(struct work *w, uint32_t id)
{
	struct intern_node *state = &w->in->nodes[id];
	const struct graph_node *node = &w->in->graph->nodes.at[id];

	if (w->ret)
		return NONE;
	if (state->ref == BUSY || w->depth > MAX_DEPTH)
		return fail_circle(w, id);
	state->ref = BUSY;
	w->depth++;
	if (node_shape(node))
		state->ref = ref_of_named(w, id);
	else if (node->kind == BTF_KIND_DECL_TAG)
		state->ref = ref_of_tag(w, id);
	else
		state->ref = ref_of_unnamed(w, id);
	w->depth--;
	return state->ref;
}

static bool embeds_other(struct work *w, const struct graph_node *node)
{
	const struct graph_member *m = w->in->graph->members.at + node->first;

	switch (node->kind) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 0; i < node->nr; i++)
			if (value_of(w, m[i].type) != ref_of(w, m[i].type))
				return true;
		return false;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_ARRAY:
		return value_of(w, node->type) != ref_of(w, node->type);
	default:
		return false;
	}
}

/*
 * What embeds a type by value has the module's layout of it in memory: the exact definition, where
 * a reference would go to the base's type of that name.
 */
uint32_t find_value(struct work *w, uint32_t id)
{
	struct intern_node *state = &w->in->nodes[id];
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	uint32_t ref;

	if (w->ret)
		return NONE;
	if (state->value == BUSY || w->depth > MAX_DEPTH)
		return fail_circle(w, id);
	ref = ref_of(w, id);
	state->value = BUSY;
	w->depth++;
	if (is_def(node))
		state->value = ref_is_own(ref) ? ref : def_of(w, id);
	else if (embeds_other(w, node))
		state->value = own_node(w, id, VALUE);
	else
		state->value = ref;
	w->depth--;
	return state->value;
}

static uint32_t own_def(struct work *w, uint32_t id)
{
	const struct graph_node *node = &w->in->graph->nodes.at[id];
	struct intern *in = w->in;
	uint32_t name = ref_of(w, id), before, start, ref, code;
	uint32_t sign = node->flags & GRAPH_SIGNED ? OWN_SIGNED : 0;
	bool ok;

	code = node->kind == BTF_KIND_STRUCT ? SHAPE_DEF_STRUCT :
	       node->kind == BTF_KIND_UNION  ? SHAPE_DEF_UNION :
	       node->kind == BTF_KIND_ENUM   ? SHAPE_DEF_ENUM :
					       SHAPE_DEF_ENUM64;
	ref = defined_again(w, id, name, (uint32_t[]){ code, node->name, node->size | sign, name });
	if (ref && !w->ret)
		return touch(w, ref);
	if (!settle_children(w, node, VALUE) || !settle_names(w, id))
		return NONE;
	before = in->own.records.nr;
	start = in->words.nr;
	ok = append4(&in->words, code, node->name, node->size | sign, name, 4);
	if (code == SHAPE_DEF_STRUCT || code == SHAPE_DEF_UNION)
		ok = ok && append_members(w, node, VALUE);
	else
		ok = ok && append_values(w, node, VALUE);
	if (!ok)
		return fail(w, error_nomem(w->err));
	ref = own_from(w, start);
	if (ref != NONE && !ref_is_own(name) && in->own.records.nr > before &&
	    !vec_push(&in->drifts, ((struct drift){ name, ref })))
		return fail(w, error_nomem(w->err));
	if (ref != NONE && !note_definition(w, name, ref))
		return fail(w, error_nomem(w->err));
	return ref;
}

static uint32_t def_of(struct work *w, uint32_t id)
{
	struct intern_node *state = &w->in->nodes[id];

	if (state->def < BUSY)
		return state->def;
	if (w->ret)
		return NONE;
	if (state->def == BUSY || w->depth > MAX_DEPTH)
		return fail_circle(w, id);
	state->def = BUSY;
	w->depth++;
	state->def = base_def_of(w, id);
	if (state->def == NONE)
		state->def = own_def(w, id);
	w->depth--;
	return state->def;
}

static bool start_unit(struct intern *in, struct graph *graph)
{
	in->graph = graph;
	if (graph->nodes.nr > in->nodes_room) {
		free(in->nodes);
		in->nodes_room = graph->nodes.nr + graph->nodes.nr / 2;
		in->nodes = malloc(in->nodes_room * sizeof(*in->nodes));
		if (!in->nodes) {
			in->nodes_room = 0;
			return false;
		}
	}
	memset(in->nodes, 0xff, graph->nodes.nr * sizeof(*in->nodes));
	for (uint32_t i = 0; i < graph->nodes.nr; i++)
		in->nodes[i].color = 0;
	in->words.nr = 0;
	return vec_push(&in->touched_from, in->touched.nr);
}

/*
 * Arrays of several dimensions, in the way of bases that have them flat: one ARRAY of all elements.
 */
static void flatten_arrays(struct graph *graph)
{
	struct graph_node *nodes = graph->nodes.at;

	for (uint32_t id = 1; id < graph->nodes.nr; id++) {
		struct graph_node *outer = &nodes[id];

		if (outer->kind != BTF_KIND_ARRAY || outer->flags & GRAPH_PART)
			continue;
		while (nodes[outer->type].kind == BTF_KIND_ARRAY &&
		       nodes[outer->type].flags & GRAPH_PART) {
			outer->nr *= nodes[outer->type].nr;
			outer->type = nodes[outer->type].type;
		}
	}
}

static void mark_root(struct intern *in, uint32_t ref)
{
	if (ref_is_own(ref) && ref < BUSY)
		in->own.records.at[ref & ~OWN_REF].root = true;
}

int intern_graph(struct intern *in, struct graph *graph, struct error *err)
{
	struct work w = { .in = in, .err = err };
	uint32_t unit = in->touched_from.nr;

	if (!start_unit(in, graph))
		return error_nomem(err);
	if (!in->index->nested_arrays)
		flatten_arrays(graph);
	if (!note_defs(&w))
		return w.ret;
	for (uint32_t id = 1; id < graph->nodes.nr && !w.ret; id++) {
		const struct graph_node *node = &graph->nodes.at[id];

		if (node->kind == BTF_KIND_UNKN || node->flags & (GRAPH_PART | GRAPH_BASE))
			continue;
		if (node->flags & GRAPH_EMBEDDED)
			value_of(&w, id); /* it is there if what embeds it is */
		else
			mark_root(in, ref_of(&w, id));
		if (is_def(node))
			mark_root(in, def_of(&w, id));
	}
	for (uint32_t i = 0; i < graph->func_tags.nr; i++) {
		struct graph_func_tag tag = graph->func_tags.at[i];

		tag.func += in->funcs.nr;
		if (!vec_push(&in->func_tags, tag))
			return error_nomem(err);
	}
	for (uint32_t i = 0; i < graph->funcs.nr && !w.ret; i++) {
		const struct graph_func *f = &graph->funcs.at[i];
		struct interned_func func = { f->symbol, unit, ref_of(&w, f->proto), f->flags };

		if (!vec_push(&in->funcs, func))
			return error_nomem(err);
	}
	for (uint32_t i = 0; i < graph->vars.nr && !w.ret; i++) {
		const struct graph_var *v = &graph->vars.at[i];
		struct interned_var var = { v->symbol, unit, value_of(&w, v->type), v->linkage };

		if (!vec_push(&in->vars, var))
			return error_nomem(err);
	}
	/* What is referred to by them may be lacking as well. */
	while (in->lacking.nr && !w.ret)
		def_of(&w, in->lacking.at[--in->lacking.nr]);
	return w.ret;
}

int intern_init(struct intern *in, const struct btf_index *index, struct names *names,
		struct error *err)
{
	*in = (struct intern){ .index = index, .names = names };
	return own_init(&in->own) ? 0 : error_nomem(err);
}

void intern_free(struct intern *in)
{
	own_free(&in->own);
	vec_free(&in->funcs);
	vec_free(&in->func_tags);
	vec_free(&in->vars);
	vec_free(&in->drifts);
	vec_free(&in->touched);
	vec_free(&in->touched_from);
	vec_free(&in->last_def);
	vec_free(&in->words);
	vec_free(&in->lacking);
	idtab_free(&in->defs);
	free(in->nodes);
	*in = (struct intern){ 0 };
}
