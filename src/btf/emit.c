// SPDX-License-Identifier: GPL-2.0-only
#include "btf/emit.h"

#include <stdio.h>

#include "btf/build.h"
#include "btf/implicit.h"

struct emit {
	const struct emit_input *input;
	const struct own *own;
	struct btf_builder b;
	uint32_t *ids;	      /* of each record: 0 not wanted, WANTED, later its type id */
	words_t queue;	      /* wanted records whose references have not been looked at */
	uint32_t array_index; /* type id for index_type; 0: ours follows all records */
	bool own_index;
	bool failed; /* out of memory */
	struct error *err;
	int ret; /* -E2BIG when the format has no room for something */
};

#define WANTED UINT32_MAX

static void want(struct emit *e, uint32_t ref)
{
	ref = settled_ref(e->input->settled, ref);
	if (!ref_is_own(ref) || e->ids[ref & ~OWN_REF])
		return;
	e->ids[ref & ~OWN_REF] = WANTED;
	if (!vec_push(&e->queue, ref & ~OWN_REF))
		e->failed = true;
}

/* Everything that roots, functions and variables lead to. */
static void want_all(struct emit *e)
{
	const struct intern *in = e->input->in;

	for (uint32_t n = 1; n < e->own->records.nr; n++)
		if (e->own->records.at[n].root && !e->own->records.at[n].dropped)
			want(e, OWN_REF | n);
	for (uint32_t i = 0; i < e->input->funcs->nr; i++) {
		want(e, e->input->funcs->at[i].proto);
		want(e, e->input->funcs->at[i].full);
	}
	for (uint32_t i = 0; i < in->vars.nr; i++)
		want(e, in->vars.at[i].type);
	while (e->queue.nr && !e->failed) {
		uint32_t n = e->queue.at[--e->queue.nr], nr = e->own->records.at[n].nr;
		const uint32_t *words = own_words(e->own, n);
		/* A definition refers to its name, but is not reached through it. */
		uint32_t pos = own_next_ref(words, nr, 0);

		if (shape_is_def(words[0]))
			pos = own_next_ref(words, nr, pos);
		for (; pos; pos = own_next_ref(words, nr, pos))
			want(e, words[pos]);
		if (words[0] == BTF_KIND_ARRAY && !e->array_index)
			e->own_index = true;
	}
}

static void number(struct emit *e)
{
	uint32_t id = e->b.start_id;

	for (uint32_t n = 1; n < e->own->records.nr; n++)
		if (e->ids[n])
			e->ids[n] = id++;
	if (e->own_index)
		e->array_index = id;
}

static uint32_t id_of(const struct emit *e, uint32_t ref)
{
	ref = settled_ref(e->input->settled, ref);
	return ref_is_own(ref) ? e->ids[ref & ~OWN_REF] : ref;
}

static uint32_t too_big(struct emit *e, enum btf_kind kind, uint32_t name, const char *what)
{
	if (!e->ret)
		e->ret = error_set(e->err, -E2BIG, "%s '%s' has %s than BTF can express",
				   btf_kind_name(kind), name_str(e->input->in->names, name), what);
	return btf_info(kind, 0, 0);
}

/* btf_info(), if that many entries can be told. */
static uint32_t info(struct emit *e, enum btf_kind kind, uint32_t name, uint32_t nr, bool kflag)
{
	return nr > BTF_MAX_VLEN ? too_big(e, kind, name, "more entries") :
				   btf_info(kind, nr, kflag);
}

static void emit_members(struct emit *e, enum btf_kind kind, uint32_t name, uint32_t size,
			 const uint32_t *m, uint32_t nr)
{
	bool kflag = false;

	for (uint32_t i = 0; i < nr; i++)
		kflag = kflag || m[4 * i + 3] || m[4 * i + 2] % 8;
	build_type(&e->b, name, info(e, kind, name, nr, kflag), size);
	for (uint32_t i = 0; i < nr; i++, m += 4) {
		if (kflag && (m[2] > BTF_MEMBER_BIT_OFFSET(UINT32_MAX) ||
			      m[3] > BTF_MEMBER_BITFIELD_SIZE(UINT32_MAX)))
			too_big(e, kind, name, "bitfields and larger members");
		build_word(&e->b, build_str(&e->b, m[0]));
		build_word(&e->b, id_of(e, m[1]));
		build_word(&e->b, kflag ? m[3] << 24 | m[2] : m[2]);
	}
}

static void emit_values(struct emit *e, enum btf_kind kind, uint32_t name, uint32_t size,
			const uint32_t *v, uint32_t nr)
{
	build_type(&e->b, name, info(e, kind, name, nr, size & OWN_SIGNED), size & ~OWN_SIGNED);
	for (uint32_t i = 0; i < nr; i++, v += 3) {
		build_word(&e->b, build_str(&e->b, v[0]));
		build_word(&e->b, v[1]);
		if (kind == BTF_KIND_ENUM64)
			build_word(&e->b, v[2]);
	}
}

static void emit_record(struct emit *e, uint32_t n)
{
	const uint32_t *w = own_words(e->own, n);
	uint32_t nr = e->own->records.at[n].nr;
	struct btf_builder *b = &e->b;

	switch (w[0]) {
	case BTF_KIND_INT:
		build_type(b, w[1], btf_info(BTF_KIND_INT, 0, 0), w[2]);
		build_word(b, w[3]);
		break;
	case BTF_KIND_FLOAT:
		build_type(b, w[1], btf_info(BTF_KIND_FLOAT, 0, 0), w[2]);
		break;
	case BTF_KIND_ARRAY:
		build_type(b, 0, btf_info(BTF_KIND_ARRAY, 0, 0), 0);
		build_word(b, id_of(e, w[1]));
		build_word(b, e->array_index);
		build_word(b, w[2]);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		emit_members(e, (enum btf_kind)w[0], 0, w[1], w + 2, (nr - 2) / 4);
		break;
	case SHAPE_DEF_STRUCT:
		emit_members(e, BTF_KIND_STRUCT, w[1], w[2], w + 4, (nr - 4) / 4);
		break;
	case SHAPE_DEF_UNION:
		emit_members(e, BTF_KIND_UNION, w[1], w[2], w + 4, (nr - 4) / 4);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		emit_values(e, (enum btf_kind)w[0], 0, w[1], w + 2, (nr - 2) / 3);
		break;
	case SHAPE_DEF_ENUM:
		emit_values(e, BTF_KIND_ENUM, w[1], w[2], w + 4, (nr - 4) / 3);
		break;
	case SHAPE_DEF_ENUM64:
		emit_values(e, BTF_KIND_ENUM64, w[1], w[2], w + 4, (nr - 4) / 3);
		break;
	case SHAPE_NAMED_STRUCT:
	case SHAPE_NAMED_UNION:
		build_type(b, w[1], btf_info(BTF_KIND_FWD, 0, w[0] == SHAPE_NAMED_UNION), 0);
		break;
	case SHAPE_NAMED_ENUM: /* BTF has no FWD for enums: one without values says the same */
		build_type(b, w[1], btf_info(BTF_KIND_ENUM, 0, 0), 4);
		break;
	case BTF_KIND_FUNC_PROTO:
		build_type(b, 0, info(e, BTF_KIND_FUNC_PROTO, 0, (nr - 2) / 2, false),
			   id_of(e, w[1]));
		for (uint32_t i = 2; i + 1 < nr; i += 2) {
			build_word(b, build_str(b, w[i]));
			build_word(b, id_of(e, w[i + 1]));
		}
		break;
	case BTF_KIND_DECL_TAG:
	case SHAPE_DECL_ATTRIBUTE:
		build_type(b, w[1], btf_info(BTF_KIND_DECL_TAG, 0, w[0] == SHAPE_DECL_ATTRIBUTE),
			   id_of(e, w[2]));
		build_word(b, w[3]);
		break;
	case SHAPE_TYPE_ATTRIBUTE:
		build_type(b, w[1], btf_info(BTF_KIND_TYPE_TAG, 0, 1), id_of(e, w[2]));
		break;
	default:
		build_type(b, w[1], btf_info((enum btf_kind)w[0], 0, 0), id_of(e, w[2]));
		break;
	}
}

/* A tag of the function @key: an appearance, or a symbol. */
struct keyed_tag {
	uint32_t key;
	uint32_t order;
	uint32_t name;
	uint32_t component;
	bool attribute;
};

typedef VEC(struct keyed_tag) keyed_tags_t;

static int compare_tags(const void *a, const void *b)
{
	const struct keyed_tag *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void sort_tags(keyed_tags_t *tags)
{
	if (tags->nr)
		qsort(tags->at, tags->nr, sizeof(*tags->at), compare_tags);
}

/* @found: tags of debug info, by appearance. @added: those of the input, by symbol. */
static bool list_tags(const struct emit_input *input, keyed_tags_t *found, keyed_tags_t *added)
{
	const struct intern *in = input->in;

	for (uint32_t i = 0; i < in->func_tags.nr; i++) {
		const struct graph_func_tag *t = &in->func_tags.at[i];

		if (!vec_push(found, ((struct keyed_tag){ t->func, i, t->name, t->component,
							  t->attribute })))
			return false;
	}
	for (uint32_t i = 0; i < input->nr_tags; i++) {
		const struct func_tag *t = &input->tags[i];

		if (!vec_push(added,
			      ((struct keyed_tag){ t->symbol, i, t->name, UINT32_MAX, false })))
			return false;
	}
	sort_tags(found);
	sort_tags(added);
	return true;
}

/* The first tag of the function @key, tags->nr if it has none. */
static uint32_t first_tag(const keyed_tags_t *tags, uint32_t key)
{
	uint32_t low = 0, high = tags->nr;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (tags->at[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low < tags->nr && tags->at[low].key == key ? low : tags->nr;
}

static bool has_tag(const keyed_tags_t *tags, uint32_t key, const struct keyed_tag *tag)
{
	for (uint32_t i = first_tag(tags, key); i < tags->nr && tags->at[i].key == key; i++)
		if (tags->at[i].name == tag->name && tags->at[i].component == tag->component &&
		    tags->at[i].attribute == tag->attribute)
			return true;
	return false;
}

static void emit_tag(struct emit *e, const struct keyed_tag *tag, uint32_t target)
{
	build_type(&e->b, tag->name, btf_info(BTF_KIND_DECL_TAG, 0, tag->attribute), target);
	build_word(&e->b, tag->component);
}

/*
 * All tags of the function @f, from wherever, on type @id. @but: name of tags to be left out, 0:
 * none.
 */
static void emit_tags(struct emit *e, const struct func_choice *f, const keyed_tags_t *found,
		      const keyed_tags_t *added, uint32_t but, uint32_t id)
{
	for (uint32_t t = first_tag(found, f->first); t < found->nr && found->at[t].key == f->first;
	     t++)
		if (!but || found->at[t].name != but)
			emit_tag(e, &found->at[t], id);
	for (uint32_t t = first_tag(added, f->symbol);
	     t < added->nr && added->at[t].key == f->symbol; t++)
		if ((!but || added->at[t].name != but) && !has_tag(found, f->first, &added->at[t]))
			emit_tag(e, &added->at[t], id);
}

static uint32_t emit_func(struct emit *e, uint32_t name, uint32_t linkage, uint32_t proto)
{
	return build_type(&e->b, name, btf_info(BTF_KIND_FUNC, linkage, 0), id_of(e, proto));
}

/* The name id of NAME_impl. */
static uint32_t impl_name(struct emit *e, uint32_t name)
{
	uint32_t id = UINT32_MAX;
	char *text;

	if (asprintf(&text, "%s" IMPLICIT_SUFFIX, name_str(e->input->in->names, name)) >= 0) {
		id = name_id(e->input->in->names, text, strlen(text));
		free(text);
	}
	if (id != UINT32_MAX)
		return id;
	e->failed = true;
	return 0;
}

/* NAME_impl has all tags of NAME but the one that makes it a kfunc. */
static void emit_impl(struct emit *e, const struct func_choice *f, const keyed_tags_t *found,
		      const keyed_tags_t *added)
{
	uint32_t kfunc = name_id(e->input->in->names, TAG_KFUNC, strlen(TAG_KFUNC));
	const struct func_symbol *symbol = &e->input->symbols[f->symbol];
	uint32_t id = emit_func(e, impl_name(e, symbol->name), symbol->linkage, f->full);

	if (kfunc == UINT32_MAX)
		e->failed = true;
	emit_tags(e, f, found, added, kfunc, id);
}

static void emit_functions(struct emit *e)
{
	const struct emit_input *input = e->input;
	keyed_tags_t found = { 0 }, added = { 0 };

	if (!list_tags(input, &found, &added))
		e->failed = true;
	for (uint32_t i = 0; i < input->funcs->nr && !e->failed; i++) {
		const struct func_choice *f = &input->funcs->at[i];
		const struct func_symbol *symbol = &input->symbols[f->symbol];
		uint32_t id = emit_func(e, symbol->name, symbol->linkage, f->proto);

		emit_tags(e, f, &found, &added, 0, id);
		if (f->full)
			emit_impl(e, f, &found, &added);
	}
	vec_free(&found);
	vec_free(&added);
}

struct placed_var {
	uint32_t id;
	const struct var_symbol *symbol;
};

static int compare_places(const void *a, const void *b)
{
	const struct placed_var *x = a, *y = b;

	if (x->symbol->section != y->symbol->section)
		return x->symbol->section < y->symbol->section ? -1 : 1;
	if (x->symbol->offset != y->symbol->offset)
		return x->symbol->offset < y->symbol->offset ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static void emit_datasec(struct emit *e, const struct placed_var *vars, uint32_t nr)
{
	const struct var_symbol *last = vars[nr - 1].symbol;
	const uint32_t name = e->input->sections[last->section];
	const uint32_t *sizes = e->input->section_sizes;

	build_type(&e->b, name, info(e, BTF_KIND_DATASEC, name, nr, false),
		   sizes ? sizes[last->section] : last->offset + last->size);
	for (uint32_t i = 0; i < nr; i++) {
		build_word(&e->b, vars[i].id);
		build_word(&e->b, vars[i].symbol->offset);
		build_word(&e->b, vars[i].symbol->size);
	}
}

static void emit_variables(struct emit *e)
{
	const struct intern *in = e->input->in;
	struct placed_var *placed;

	if (!in->vars.nr)
		return;
	placed = calloc(in->vars.nr, sizeof(*placed));
	if (!placed) {
		e->failed = true;
		return;
	}
	for (uint32_t i = 0; i < in->vars.nr; i++) {
		const struct interned_var *v = &in->vars.at[i];

		placed[i].symbol = &e->input->vars[v->symbol];
		placed[i].id = build_type(&e->b, placed[i].symbol->name,
					  btf_info(BTF_KIND_VAR, 0, 0), id_of(e, v->type));
		build_word(&e->b, v->linkage);
	}
	qsort(placed, in->vars.nr, sizeof(*placed), compare_places);
	for (uint32_t from = 0, i = 1; i <= in->vars.nr; i++) {
		if (i < in->vars.nr && placed[i].symbol->section == placed[from].symbol->section)
			continue;
		if (placed[from].symbol->section != UINT32_MAX)
			emit_datasec(e, placed + from, i - from);
		from = i;
	}
	free(placed);
}

/* The index type of arrays where the base has no array to take it from. */
static void emit_array_index(struct emit *e)
{
	uint32_t name = name_id(e->input->in->names, "__ARRAY_SIZE_TYPE__", 19);

	if (name == UINT32_MAX)
		e->failed = true;
	build_type(&e->b, name, btf_info(BTF_KIND_INT, 0, 0), 4);
	build_word(&e->b, 32);
}

int emit_split(const struct emit_input *input, struct buffer *out, struct error *err)
{
	struct emit e = { .input = input,
			  .own = &input->in->own,
			  .array_index = input->in->index->array_index,
			  .err = err };
	int ret;

	build_init(&e.b, input->in->names);
	e.ids = calloc(e.own->records.nr, sizeof(*e.ids));
	if (e.ids) {
		want_all(&e);
		number(&e);
		for (uint32_t n = 1; n < e.own->records.nr; n++)
			if (e.ids[n])
				emit_record(&e, n);
		if (e.own_index)
			emit_array_index(&e);
		emit_functions(&e);
		emit_variables(&e);
	}
	ret = !e.ids || e.failed ? error_nomem(err) : e.ret;
	if (!ret)
		ret = build_finish(&e.b, input->big_endian, out, err);
	build_free(&e.b);
	vec_free(&e.queue);
	free(e.ids);
	return ret;
}
