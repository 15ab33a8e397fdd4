// SPDX-License-Identifier: GPL-2.0-only
#include "btf/variants.h"

/* A record as one unit has it. */
struct instance {
	uint32_t record;
	uint32_t class;
};

/* Where the class of an instance is looked up: its record, and what it refers to. */
struct signature {
	uint32_t record;
	uint64_t hash;
};

struct split {
	struct intern *in;
	struct own *own;
	uint32_t nr_records; /* before splitting */
	bool *affected;	     /* records that lead to a name with several definitions */
	uint32_t *def;	     /* of names: their only definition, or SEVERAL */
	VEC(struct instance) instances;
	VEC(uint32_t) from; /* of each unit: its first instance */
	uint32_t *first_def; /* of names: the instance + 1 that is the first definition in the order of units */

	/* of the unit at work */
	uint32_t *instance_of; /* of records: their instance + 1 */
	uint32_t *defined;     /* of names: the definition that this unit has, 0: none */

	VEC(struct signature) signatures; /* by class */
	struct idtab classes;		  /* class + 1 by signature */
	words_t refs;			  /* of classes: the record made for it */
	uint32_t *only_class; /* of names: the class that defines it, SEVERAL, or 0: none */
};

#define SEVERAL UINT32_MAX

static const uint32_t *words_of(const struct split *s, uint32_t record)
{
	return s->own->pool.at + s->own->records.at[record].at;
}

/* Walks what a record refers to; the name of a definition is no reference of it. */
static uint32_t next_ref(const uint32_t *words, uint32_t nr, uint32_t pos)
{
	pos = own_next_ref(words, nr, pos);
	if (pos && shape_is_def(words[0]) && pos == 3)
		pos = own_next_ref(words, nr, pos);
	return pos;
}

/* The record of an own ref that is affected, 0 for any other ref. */
static uint32_t affected_record(const struct split *s, uint32_t ref)
{
	uint32_t n = ref & ~OWN_REF;

	return ref_is_own(ref) && s->affected[n] ? n : 0;
}

static bool find_definitions(struct split *s)
{
	bool several = false;

	for (uint32_t n = 1; n < s->nr_records; n++) {
		const uint32_t *words = words_of(s, n);
		uint32_t name;

		if (!shape_is_def(words[0]) || !ref_is_own(words[3]))
			continue;
		name = words[3] & ~OWN_REF;
		if (s->def[name]) {
			s->def[name] = SEVERAL;
			s->affected[name] = several = true;
		} else {
			s->def[name] = n;
		}
	}
	return several;
}

/* What leads to an affected record is affected; a name leads to its definition. */
static void spread(struct split *s)
{
	bool more = true;

	while (more) {
		more = false;
		for (uint32_t n = 1; n < s->nr_records; n++) {
			const uint32_t *words = words_of(s, n);
			uint32_t nr = s->own->records.at[n].nr, name;

			for (uint32_t pos = next_ref(words, nr, 0); pos && !s->affected[n];
			     pos = next_ref(words, nr, pos))
				if (affected_record(s, words[pos]))
					s->affected[n] = more = true;
			if (!shape_is_def(words[0]) || !ref_is_own(words[3]))
				continue;
			name = words[3] & ~OWN_REF;
			if (s->def[name] == SEVERAL && !s->affected[n])
				s->affected[n] = more = true;
			if (s->affected[n] && !s->affected[name])
				s->affected[name] = more = true;
		}
	}
}

/* The last instance is of record @n: is it the first to define its name? */
static void note_first_def(struct split *s, uint32_t n)
{
	const uint32_t *words = words_of(s, n);

	if (shape_is_def(words[0]) && ref_is_own(words[3]) && !s->first_def[words[3] & ~OWN_REF])
		s->first_def[words[3] & ~OWN_REF] = s->instances.nr;
}

static bool list_instances(struct split *s)
{
	const struct intern *in = s->in;

	for (uint32_t u = 0; u < in->touched_from.nr; u++) {
		uint32_t end = u + 1 < in->touched_from.nr ? in->touched_from.at[u + 1] :
							     in->touched.nr;

		if (!vec_push(&s->from, s->instances.nr))
			return false;
		for (uint32_t i = in->touched_from.at[u]; i < end; i++) {
			uint32_t n = in->touched.at[i];

			if (!s->affected[n])
				continue;
			if (!vec_push(&s->instances, ((struct instance){ .record = n })))
				return false;
			note_first_def(s, n);
		}
	}
	return vec_push(&s->from, s->instances.nr);
}

/* Makes instance_of and defined those of unit @u, or empties them again. */
static void use_unit(struct split *s, uint32_t u, bool use)
{
	for (uint32_t i = s->from.at[u]; i < s->from.at[u + 1]; i++) {
		uint32_t n = s->instances.at[i].record;
		const uint32_t *words = words_of(s, n);

		s->instance_of[n] = use ? i + 1 : 0;
		if (shape_is_def(words[0]) && ref_is_own(words[3]))
			s->defined[words[3] & ~OWN_REF] = use ? n : 0;
	}
}

static uint32_t class_of_record(const struct split *s, uint32_t n)
{
	return s->instance_of[n] ? s->instances.at[s->instance_of[n] - 1].class + 1 : 0;
}

static uint64_t hash_instance(const struct split *s, uint32_t n)
{
	const uint32_t *words = words_of(s, n);
	uint32_t nr = s->own->records.at[n].nr;
	uint64_t h = n;

	if (shape_is_named(words[0])) {
		/* A unit that only declares the name goes with the first that defines it. */
		uint32_t def = s->defined[n] ? s->instance_of[s->defined[n]] : s->first_def[n];

		return hash_mix(h, s->instances.at[def - 1].class);
	}
	for (uint32_t pos = next_ref(words, nr, 0); pos; pos = next_ref(words, nr, pos)) {
		uint32_t child = affected_record(s, words[pos]);

		if (child)
			h = hash_mix(h, class_of_record(s, child));
	}
	return h;
}

/* The class of what has this signature, a new one if need be. */
static bool class_of_signature(struct split *s, uint32_t record, uint64_t hash, uint32_t *class)
{
	uint32_t key = hash_u64(hash ^ record), n, pos;

	for (n = idtab_first(&s->classes, key, &pos); n; n = idtab_next(&s->classes, key, &pos)) {
		const struct signature *sig = &s->signatures.at[n - 1];

		if (sig->record == record && sig->hash == hash) {
			*class = n - 1;
			return true;
		}
	}
	*class = s->signatures.nr;
	return vec_push(&s->signatures, ((struct signature){ record, hash })) &&
	       idtab_add(&s->classes, key, s->signatures.nr);
}

/* One round: new classes from the old ones of what is referred to. */
static bool refine_once(struct split *s, uint32_t *next)
{
	s->signatures.nr = 0;
	idtab_clear(&s->classes);
	for (uint32_t u = 0; u + 1 < s->from.nr; u++) {
		use_unit(s, u, true);
		for (uint32_t i = s->from.at[u]; i < s->from.at[u + 1]; i++) {
			uint32_t n = s->instances.at[i].record;

			if (!class_of_signature(s, n, hash_instance(s, n), &next[i]))
				return false;
		}
		use_unit(s, u, false);
	}
	for (uint32_t i = 0; i < s->instances.nr; i++)
		s->instances.at[i].class = next[i];
	return true;
}

static bool refine(struct split *s)
{
	uint32_t *next = calloc(s->instances.nr + 1, sizeof(*next));
	uint32_t before;
	bool ok = next;

	/* At first each record is a class. */
	for (uint32_t i = 0; i < s->instances.nr; i++)
		s->instances.at[i].class = s->instances.at[i].record;
	do {
		before = s->signatures.nr;
		ok = ok && refine_once(s, next);
	} while (ok && s->signatures.nr > before);
	free(next);
	return ok;
}

static bool make_names(struct split *s)
{
	for (uint32_t class = 0; class < s->signatures.nr; class ++) {
		uint32_t n = s->signatures.at[class].record, words[3];

		if (!vec_push(&s->refs, 0))
			return false;
		if (!shape_is_named(words_of(s, n)[0]))
			continue;
		memcpy(words, words_of(s, n), sizeof(words));
		s->refs.at[class] = own_new(s->own, words, 3);
		if (!s->refs.at[class])
			return false;
		s->own->records.at[s->refs.at[class] & ~OWN_REF].root = s->own->records.at[n].root;
	}
	return true;
}

/* The record that takes the place of record @n in the unit at work; made, with all it refers to, if need be. 0: failed. */
static uint32_t make_record(struct split *s, uint32_t n)
{
	uint32_t class = class_of_record(s, n) - 1, nr = s->own->records.at[n].nr, ref;
	words_t words = { 0 };

	if (class == UINT32_MAX)
		return OWN_REF | n;
	if (s->refs.at[class])
		return s->refs.at[class];
	if (!vec_room(&words, nr))
		return 0;
	memcpy(words.at, words_of(s, n), nr * sizeof(uint32_t));
	for (uint32_t pos = own_next_ref(words.at, nr, 0); pos;
	     pos = own_next_ref(words.at, nr, pos)) {
		uint32_t child = affected_record(s, words.at[pos]);

		if (child)
			words.at[pos] = make_record(s, child);
		if (child && !words.at[pos])
			break;
	}
	ref = own_new(s->own, words.at, nr);
	vec_free(&words);
	if (ref)
		s->own->records.at[ref & ~OWN_REF].root = s->own->records.at[n].root;
	return s->refs.at[class] = ref;
}

static bool redirect(struct split *s, uint32_t *ref)
{
	uint32_t n = affected_record(s, *ref);

	if (n)
		*ref = make_record(s, n);
	return *ref || !n;
}

static bool make_unit(struct split *s, uint32_t u, uint32_t *func, uint32_t *var)
{
	struct intern *in = s->in;
	bool ok = true;

	use_unit(s, u, true);
	for (uint32_t i = s->from.at[u]; i < s->from.at[u + 1] && ok; i++)
		ok = make_record(s, s->instances.at[i].record);
	for (; *func < in->funcs.nr && in->funcs.at[*func].unit == u && ok; (*func)++)
		ok = redirect(s, &in->funcs.at[*func].proto);
	for (; *var < in->vars.nr && in->vars.at[*var].unit == u && ok; (*var)++)
		ok = redirect(s, &in->vars.at[*var].type);
	use_unit(s, u, false);
	return ok;
}

static bool make_records(struct split *s)
{
	uint32_t func = 0, var = 0;

	if (!make_names(s))
		return false;
	for (uint32_t u = 0; u + 1 < s->from.nr; u++)
		if (!make_unit(s, u, &func, &var))
			return false;
	for (uint32_t n = 1; n < s->nr_records; n++)
		s->own->records.at[n].dropped = s->affected[n];
	return true;
}

int split_variants(struct intern *in, struct error *err)
{
	struct split s = { .in = in, .own = &in->own, .nr_records = in->own.records.nr };
	bool ok;

	s.affected = calloc(s.nr_records, sizeof(*s.affected));
	s.def = calloc(s.nr_records, sizeof(*s.def));
	s.instance_of = calloc(s.nr_records, sizeof(*s.instance_of));
	s.defined = calloc(s.nr_records, sizeof(*s.defined));
	s.first_def = calloc(s.nr_records, sizeof(*s.first_def));
	ok = s.affected && s.def && s.instance_of && s.defined && s.first_def;
	if (ok && find_definitions(&s)) {
		spread(&s);
		ok = list_instances(&s) && refine(&s) && make_records(&s);
	}
	free(s.affected);
	free(s.def);
	free(s.instance_of);
	free(s.defined);
	free(s.first_def);
	vec_free(&s.instances);
	vec_free(&s.from);
	vec_free(&s.signatures);
	vec_free(&s.refs);
	idtab_free(&s.classes);
	return ok ? 0 : error_nomem(err);
}
