// SPDX-License-Identifier: GPL-2.0-only
#include "btf/settle.h"

struct work {
	struct intern *in;
	struct settled *s;
	words_t words;
	bool failed;
};

/*
 * Names first: each takes its definition. Two definitions of one name have been told apart before
 * (variants.h); a name that still has several only declares.
 */
static void settle_names(struct work *w)
{
	struct own *own = &w->in->own;
	uint32_t *to = w->s->to.at;

	for (uint32_t n = 1; n < w->s->nr; n++) {
		const uint32_t *words = own_words(own, n);
		uint32_t base_id;

		if (!shape_is_named(words[0]))
			continue;
		to[n] = OWN_REF | n;
		if (words[1] >= w->in->names->first_own || words[2])
			continue;
		/* The base only declares this name, or the module would not refer to its own. */
		base_id = btf_index_class(w->in->index, words, 2);
		if (base_id && btf_vlen(btf_type(w->in->index->base, base_id)) == 0)
			to[n] = base_id;
	}
	for (uint32_t n = 1; n < w->s->nr; n++) {
		const uint32_t *words = own_words(own, n);

		if (shape_is_def(words[0]) && ref_is_own(words[3]) && !own->records.at[n].dropped)
			to[words[3] & ~OWN_REF] = OWN_REF | n;
	}
}

/*
 * The base's type that these words, which refer to nothing but the base, describe; 0 if there is
 * none, and then they are as they were.
 */
static uint32_t find_in_base(struct work *w, uint32_t *words, uint32_t nr)
{
	const struct btf_index *index = w->in->index;
	uint32_t found;
	words_t saved = { 0 };

	if (!vec_room(&saved, nr)) {
		w->failed = true;
		return 0;
	}
	memcpy(saved.at, words, nr * sizeof(*words));
	for (uint32_t pos = own_next_ref(words, nr, 0); pos; pos = own_next_ref(words, nr, pos))
		words[pos] = index->rep[words[pos]];
	found = btf_index_class(index, words, nr);
	memcpy(words, saved.at, nr * sizeof(*words));
	vec_free(&saved);
	return found;
}

static uint32_t settle_record(struct work *w, uint32_t ref)
{
	struct own *own = &w->in->own;
	uint32_t n = ref & ~OWN_REF, nr, start, base_id;
	bool changed = false, all_base = true;
	uint32_t *words;

	if (!ref_is_own(ref) || n >= w->s->nr)
		return ref;
	if (w->s->to.at[n])
		return w->s->to.at[n];
	nr = own_nr_words(own, ref);
	if (shape_is_def(own_words(own, ref)[0]))
		return w->s->to.at[n] = ref;

	start = w->words.nr;
	if (!vec_room(&w->words, nr)) {
		w->failed = true;
		return ref;
	}
	memcpy(w->words.at + start, own_words(own, ref), nr * sizeof(uint32_t));
	w->words.nr += nr;
	for (uint32_t pos = own_next_ref(w->words.at + start, nr, 0); pos;
	     pos = own_next_ref(w->words.at + start, nr, pos)) {
		uint32_t old = w->words.at[start + pos], new = settle_record(w, old);

		/* A name that became its definition is no change: both are the same own type. */
		if (ref_is_own(old) && !ref_is_own(new))
			changed = true;
		else if (ref_is_own(old) && !shape_is_named(own_words(own, old)[0]) && old != new)
			changed = true;
		else
			new = old;
		all_base = all_base && !ref_is_own(new);
		w->words.at[start + pos] = new;
	}
	w->words.nr = start;
	words = w->words.at + start;
	if (!changed)
		return w->s->to.at[n] = ref;
	base_id = all_base ? find_in_base(w, words, nr) : 0;
	if (base_id)
		return w->s->to.at[n] = base_id;
	ref = own_ref(own, words, nr);
	if (!ref) {
		w->failed = true;
		return OWN_REF | n;
	}
	own->records.at[ref & ~OWN_REF].root |= own->records.at[n].root;
	return w->s->to.at[n] = ref;
}

/*
 * What changes becomes a new record, behind all others. What definitions lead to comes first, in
 * their order: so it would come as well if the types were read from what is written now
 * (regraph.h), where it stands behind the definitions.
 */
static void settle_definitions(struct work *w)
{
	const struct own *own = &w->in->own;

	for (uint32_t n = 1; n < w->s->nr && !w->failed; n++) {
		uint32_t nr = own->records.at[n].nr;

		if (own->records.at[n].dropped || !shape_is_def(own_words(own, n)[0]))
			continue;
		/* Settling may move the words. */
		for (uint32_t pos = own_next_ref(own_words(own, n), nr, 0); pos;
		     pos = own_next_ref(own_words(own, n), nr, pos))
			settle_record(w, own_words(own, n)[pos]);
	}
}

int settle(struct intern *in, struct settled *s, struct error *err)
{
	struct work w = { .in = in, .s = s };

	*s = (struct settled){ .nr = in->own.records.nr };
	if (!vec_room(&s->to, s->nr))
		return error_nomem(err);
	memset(s->to.at, 0, s->nr * sizeof(uint32_t));
	s->to.nr = s->nr;
	settle_names(&w);
	settle_definitions(&w);
	for (uint32_t n = 1; n < s->nr && !w.failed; n++)
		if (!in->own.records.at[n].dropped)
			settle_record(&w, OWN_REF | n);
	vec_free(&w.words);
	if (w.failed) {
		settled_free(s);
		return error_nomem(err);
	}
	return 0;
}

void settled_free(struct settled *s)
{
	vec_free(&s->to);
	*s = (struct settled){ 0 };
}
