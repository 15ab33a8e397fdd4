// SPDX-License-Identifier: GPL-2.0-only
#include "btf/functions.h"

/*
 * Prototypes nest through function pointers. Deeper than this, or when one function takes comparing
 * more than so many, they count as different.
 */
#define MAX_NESTING 16
#define MAX_PROTOS 10000

/* A type seen alike whether it is the base's or an own record. */
struct type_view {
	enum btf_kind kind; /* FWD counts as what it declares, ENUM64 as ENUM */
	uint32_t name;
	uint32_t size;
	uint32_t encoding;
	uint32_t target; /* what it points to, qualifies, returns, has elements of */
	uint32_t nr;	 /* elements, parameters */
	const uint32_t *own_params;
	const struct btf_param *base_params;
};

static enum btf_kind plain_kind(enum btf_kind kind, bool kflag)
{
	if (kind == BTF_KIND_FWD)
		return kflag ? BTF_KIND_UNION : BTF_KIND_STRUCT;
	return kind == BTF_KIND_ENUM64 ? BTF_KIND_ENUM : kind;
}

static void view_base(const struct btf *base, uint32_t id, struct type_view *v)
{
	const struct btf_type *t = btf_type(base, id);

	*v = (struct type_view){ .kind = plain_kind(btf_kind(t), btf_kflag(t)),
				 .name = t->name_off,
				 .size = t->size,
				 .target = t->type,
				 .nr = btf_vlen(t) };
	if (btf_kind(t) == BTF_KIND_INT)
		v->encoding = *(const uint32_t *)btf_extra(t);
	if (btf_kind(t) == BTF_KIND_ARRAY) {
		v->target = ((const struct btf_array *)btf_extra(t))->type;
		v->nr = ((const struct btf_array *)btf_extra(t))->nelems;
	}
	v->base_params = btf_extra(t);
}

static void view_own(const struct own *own, uint32_t ref, struct type_view *v)
{
	const uint32_t *w = own_words(own, ref);

	*v = (struct type_view){ .kind = (enum btf_kind)w[0], .name = w[1] };
	switch (w[0]) {
	case SHAPE_NAMED_STRUCT:
	case SHAPE_DEF_STRUCT:
		v->kind = BTF_KIND_STRUCT;
		return;
	case SHAPE_NAMED_UNION:
	case SHAPE_DEF_UNION:
		v->kind = BTF_KIND_UNION;
		return;
	case SHAPE_NAMED_ENUM:
	case SHAPE_DEF_ENUM:
	case SHAPE_DEF_ENUM64:
		v->kind = BTF_KIND_ENUM;
		return;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		v->kind = plain_kind(v->kind, false);
		v->name = 0;
		return;
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
		v->size = w[2];
		v->encoding = w[3];
		return;
	case BTF_KIND_ARRAY:
		v->name = 0;
		v->target = w[1];
		v->nr = w[2];
		return;
	case BTF_KIND_FUNC_PROTO:
		v->name = 0;
		v->target = w[1];
		v->nr = (own_nr_words(own, ref) - 2) / 2;
		v->own_params = w + 2;
		return;
	case SHAPE_TYPE_ATTRIBUTE:
		v->kind = BTF_KIND_TYPE_TAG;
		v->target = w[2];
		return;
	default:
		v->target = w[2];
		return;
	}
}

struct match {
	const struct intern *in;
	const struct settled *s;
	unsigned int depth;
	unsigned int protos; /* compared for the function at hand */
};

static void view(const struct match *m, uint32_t ref, struct type_view *v)
{
	if (ref_is_own(ref))
		view_own(&m->in->own, ref, v);
	else
		view_base(m->in->index->base, ref, v);
}

static uint32_t param_type(const struct type_view *v, uint32_t i)
{
	return v->own_params ? v->own_params[2 * i + 1] : v->base_params[i].type;
}

static bool types_match(struct match *m, uint32_t a, uint32_t b);

static bool protos_match(struct match *m, const struct type_view *a, const struct type_view *b)
{
	bool same = a->nr == b->nr && m->depth < MAX_NESTING && m->protos++ < MAX_PROTOS;

	m->depth++;
	same = same && types_match(m, a->target, b->target);
	for (uint32_t i = 0; same && i < a->nr; i++)
		same = types_match(m, param_type(a, i), param_type(b, i));
	m->depth--;
	return same;
}

/*
 * Do two types pass for the same one in a prototype? As pahole sees it (types__match()): named
 * types by name alone, and a const on one side only makes no difference.
 */
static bool types_match(struct match *m, uint32_t a, uint32_t b)
{
	struct type_view va, vb;

	for (;;) {
		a = settled_ref(m->s, a);
		b = settled_ref(m->s, b);
		if (a == b)
			return true;
		if (!a || !b)
			return false;
		view(m, a, &va);
		view(m, b, &vb);
		if (va.kind != vb.kind) {
			if (va.kind == BTF_KIND_CONST)
				a = va.target;
			else if (vb.kind == BTF_KIND_CONST)
				b = vb.target;
			else
				return false;
			continue;
		}
		switch (va.kind) {
		case BTF_KIND_INT:
		case BTF_KIND_FLOAT:
			return va.name == vb.name && va.size == vb.size &&
			       va.encoding == vb.encoding;
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
			return va.name == vb.name;
		case BTF_KIND_FUNC_PROTO:
			return protos_match(m, &va, &vb);
		case BTF_KIND_ARRAY:
			if (va.nr != vb.nr)
				return false;
			break;
		case BTF_KIND_PTR:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			break;
		default:
			return false;
		}
		a = va.target;
		b = vb.target;
	}
}

struct by_name {
	const char *name;
	struct func_choice choice;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct by_name *)a)->name, ((const struct by_name *)b)->name);
}

static int sort_choices(const struct intern *in, const struct func_symbol *symbols,
			func_choices_t *out, struct error *err)
{
	struct by_name *sorted;

	if (!out->nr)
		return 0;
	sorted = calloc(out->nr, sizeof(*sorted));
	if (!sorted)
		return error_nomem(err);
	for (uint32_t i = 0; i < out->nr; i++) {
		sorted[i].choice = out->at[i];
		sorted[i].name = name_str(in->names, symbols[out->at[i].symbol].name);
	}
	qsort(sorted, out->nr, sizeof(*sorted), compare_names);
	for (uint32_t i = 0; i < out->nr; i++)
		out->at[i] = sorted[i].choice;
	free(sorted);
	return 0;
}

int choose_functions(const struct intern *in, const struct settled *s,
		     const struct func_symbol *symbols, uint32_t nr_symbols, func_choices_t *out,
		     struct error *err)
{
	enum { NOT_YET = 0, OUT = UINT32_MAX };
	struct match m = { .in = in, .s = s };
	uint32_t *first; /* of each symbol: its first appearance + 1, or one of the above */
	bool ok = true;

	first = calloc(nr_symbols ? nr_symbols : 1, sizeof(*first));
	if (!first)
		return error_nomem(err);
	for (uint32_t i = 0; i < nr_symbols; i++)
		first[i] = symbols[i].ambiguous ? OUT : NOT_YET;
	for (uint32_t i = 0; i < in->funcs.nr; i++) {
		const struct interned_func *f = &in->funcs.at[i];
		uint32_t *have = f->symbol < nr_symbols ? &first[f->symbol] : NULL;

		if (!have || *have == OUT)
			continue;
		m.protos = 0;
		if (f->flags & ~FUNC_OPTIMIZED)
			*have = OUT;
		else if (*have == NOT_YET)
			*have = f->flags & FUNC_OPTIMIZED ? OUT : i + 1;
		else if (!types_match(&m, in->funcs.at[*have - 1].proto, f->proto))
			*have = OUT;
	}
	for (uint32_t i = 0; i < nr_symbols && ok; i++) {
		struct func_choice choice = { .symbol = i };

		if (first[i] == NOT_YET || first[i] == OUT)
			continue;
		choice.first = first[i] - 1;
		choice.proto = settled_ref(s, in->funcs.at[choice.first].proto);
		ok = vec_push(out, choice);
	}
	free(first);
	return ok ? sort_choices(in, symbols, out, err) : error_nomem(err);
}
