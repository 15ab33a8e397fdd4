// SPDX-License-Identifier: GPL-2.0-only
#include "btf/implicit.h"

#include <stdio.h>

/* Longer chains of qualifiers are not made by any compiler. */
#define MAX_CHAIN 64

static bool is_implicit_name(const char *name)
{
	return !strcmp(name, "bpf_prog_aux") || !strcmp(name, "btf_struct_meta");
}

static const struct btf_type *skip_modifiers(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf_type(btf, id);

	for (unsigned int i = 0; i < MAX_CHAIN && t && btf_kind_is_modifier(btf_kind(t)); i++)
		t = btf_type(btf, t->type);
	return t;
}

bool implicit_param(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = skip_modifiers(btf, id);

	if (!t || btf_kind(t) != BTF_KIND_PTR)
		return false;
	t = skip_modifiers(btf, t->type);
	return t && (btf_kind(t) == BTF_KIND_STRUCT || btf_kind(t) == BTF_KIND_FWD) &&
	       is_implicit_name(btf_name(btf, t));
}

struct implicit {
	struct intern *in;
	const struct settled *s;
};

/* What a qualifier, typedef or pointer refers to. Own refs are followed to the base's types. */
static bool step(const struct implicit *im, uint32_t *ref, bool pointer)
{
	const uint32_t *w = own_words(&im->in->own, *ref);
	bool is_pointer = w[0] == BTF_KIND_PTR;

	if (w[0] >= BTF_KIND_NR || (!is_pointer && !btf_kind_is_modifier((enum btf_kind)w[0])) ||
	    is_pointer != pointer)
		return false;
	*ref = settled_ref(im->s, w[2]);
	return true;
}

static uint32_t skip_own_modifiers(const struct implicit *im, uint32_t ref)
{
	for (unsigned int i = 0; i < MAX_CHAIN && ref_is_own(ref) && step(im, &ref, false); i++)
		;
	return ref;
}

/* implicit_param() for a ref. */
static bool implicit_ref(const struct implicit *im, uint32_t ref)
{
	const struct btf *base = im->in->index->base;
	const struct btf_type *t;
	const uint32_t *w;

	ref = skip_own_modifiers(im, settled_ref(im->s, ref));
	if (!ref_is_own(ref))
		return implicit_param(base, ref);
	if (!step(im, &ref, true))
		return false;
	ref = skip_own_modifiers(im, ref);
	if (!ref_is_own(ref)) {
		t = skip_modifiers(base, ref);
		return t && (btf_kind(t) == BTF_KIND_STRUCT || btf_kind(t) == BTF_KIND_FWD) &&
		       is_implicit_name(btf_name(base, t));
	}
	w = own_words(&im->in->own, ref);
	return (w[0] == SHAPE_NAMED_STRUCT || w[0] == SHAPE_DEF_STRUCT) &&
	       is_implicit_name(name_str(im->in->names, w[1]));
}

/* The words of a prototype (btf/own.h) with settled refs, the base's alike. */
static bool proto_words(const struct implicit *im, uint32_t ref, words_t *out)
{
	const struct btf *base = im->in->index->base;

	if (ref_is_own(ref)) {
		uint32_t nr = own_nr_words(&im->in->own, ref);

		if (!vec_room(out, nr))
			return false;
		memcpy(out->at, own_words(&im->in->own, ref), nr * sizeof(*out->at));
		out->nr = nr;
	} else {
		const struct btf_type *t = btf_type(base, ref);
		const struct btf_param *p = btf_extra(t);

		if (!vec_room(out, 2 + 2 * (uint64_t)btf_vlen(t)))
			return false;
		out->at[out->nr++] = BTF_KIND_FUNC_PROTO;
		out->at[out->nr++] = t->type;
		for (uint32_t i = 0; i < btf_vlen(t); i++) {
			out->at[out->nr++] = p[i].name_off;
			out->at[out->nr++] = p[i].type;
		}
	}
	for (uint32_t i = 1; i < out->nr; i += 2)
		out->at[i] = settled_ref(im->s, out->at[i]);
	return true;
}

/* The base's prototype of these words, else an own one; 0 when out of memory. */
static uint32_t proto_ref(const struct implicit *im, const words_t *words)
{
	const struct btf_index *index = im->in->index;
	words_t classes = { 0 };
	uint32_t found = 0;
	bool all_base = true;

	if (!vec_room(&classes, words->nr))
		return 0;
	memcpy(classes.at, words->at, words->nr * sizeof(*words->at));
	for (uint32_t i = 1; i < words->nr; i += 2) {
		all_base = all_base && !ref_is_own(words->at[i]);
		if (all_base)
			classes.at[i] = words->at[i] ? index->rep[words->at[i]] : 0;
	}
	if (all_base)
		found = btf_index_class(index, classes.at, words->nr);
	vec_free(&classes);
	return found ? found : own_ref(&im->in->own, words->at, words->nr);
}

/* Is NAME_impl among the choices? 1, 0, or -ENOMEM. */
static int has_impl(const struct implicit *im, const struct func_symbol *symbols,
		    const func_choices_t *choices, uint32_t symbol)
{
	const char *name = name_str(im->in->names, symbols[symbol].name);
	uint32_t wanted;
	char *impl;

	if (asprintf(&impl, "%s" IMPLICIT_SUFFIX, name) < 0)
		return -ENOMEM;
	wanted = name_id(im->in->names, impl, strlen(impl));
	free(impl);
	if (wanted == UINT32_MAX)
		return -ENOMEM;
	for (uint32_t i = 0; i < choices->nr; i++)
		if (symbols[choices->at[i].symbol].name == wanted)
			return 1;
	return 0;
}

int split_implicit(struct intern *in, const struct settled *s, const struct func_symbol *symbols,
		   const func_choices_t *choices, struct func_choice *choice, struct error *err)
{
	struct implicit im = { in, s };
	words_t words = { 0 };
	uint32_t public = 1;
	int there = 0;

	if (!proto_words(&im, settled_ref(s, choice->proto), &words))
	public = 0;
	for (uint32_t i = 2; i + 1 < words.nr && public; i += 2) {
		if (!implicit_ref(&im, words.at[i + 1]))
			continue;
		words.nr = i;
		public = proto_ref(&im, &words);
		there = has_impl(&im, symbols, choices, choice->symbol);
		if (!there)
			choice->full = choice->proto;
		choice->proto = public;
		break;
	}
	vec_free(&words);
	return public && there >= 0 ? 0 : error_nomem(err);
}
