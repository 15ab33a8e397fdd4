// SPDX-License-Identifier: GPL-2.0-only
#include "btf/variants.h"

#include "btf/refine.h"

struct split {
	struct intern *in;
	struct own *own;
	uint32_t nr_records; /* before splitting */
	bool *affected;	     /* records that lead to a name with several definitions */
	bool *apart;	     /* of these: to one whose definitions turn out to be different */
	uint32_t *group;     /* of names: the first record of that name, whatever its color */
	uint32_t *def;	     /* of groups: their only definition, or SEVERAL */
	uint32_t *form; /* of affected records: the first that differs only in affected references */
	words_t instances; /* records as one unit has them, unit after unit */
	words_t classes;   /* of instances */
	uint32_t nr_classes;
	VEC(uint32_t) from; /* of each unit: its first instance */
	uint32_t *first_def; /* of groups: the instance + 1 that is the first definition in the order of units */

	/* of the unit at work */
	uint32_t *instance_of; /* of records: their instance + 1 */
	uint32_t *defined;     /* of names: the definition that this unit has, 0: none */

	words_t refs;	 /* of classes: the record made for it */
	VEC(bool) roots; /* of classes: is one of its records a root? */
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

/* The group that the definition @n defines, 0 if it is no definition of an own name. */
static uint32_t defined_group(const struct split *s, uint32_t n)
{
	const uint32_t *words = words_of(s, n);

	return shape_is_def(words[0]) && ref_is_own(words[3]) ? s->group[words[3] & ~OWN_REF] : 0;
}

/*
 * A name has several records where a unit defines it several times: these have colors. Other units,
 * which have one definition of it or none, may mean the same types, so all of them are looked at
 * together.
 */
static bool group_names(struct split *s)
{
	struct idtab groups = { 0 };
	bool ok = true;

	for (uint32_t n = 1; n < s->nr_records && ok; n++) {
		const uint32_t *words = words_of(s, n);
		uint32_t hash, other, pos;

		if (!shape_is_named(words[0]))
			continue;
		hash = hash_u64((uint64_t)words[0] << 32 | words[1]);
		for (other = idtab_first(&groups, hash, &pos); other;
		     other = idtab_next(&groups, hash, &pos))
			if (!memcmp(words_of(s, other), words, 2 * sizeof(*words)))
				break;
		s->group[n] = other ? other : n;
		ok = other || idtab_add(&groups, hash, n);
	}
	idtab_free(&groups);
	return ok;
}

static bool find_definitions(struct split *s)
{
	bool several = false;

	for (uint32_t n = 1; n < s->nr_records; n++) {
		uint32_t group = defined_group(s, n);

		if (!group)
			continue;
		several = several || s->def[group];
		s->def[group] = s->def[group] ? SEVERAL : n;
	}
	/* One that has a color is not what a mere declaration refers to; it has to be brought there. */
	for (uint32_t n = 1; n < s->nr_records; n++) {
		uint32_t group = s->group[n];

		if (!group || group == n || !s->def[group])
			continue;
		s->def[group] = SEVERAL;
		several = true;
	}
	return several;
}

/*
 * Which records are affected as soon as another one is: those of record n are at[from[n]] up to
 * from[n + 1].
 */
struct dependents {
	uint32_t *from;
	uint32_t *at;
};

/* Notes that @n depends on the record of @ref: counts it, or once there is room enters it. */
static void depend(struct dependents *d, uint32_t n, uint32_t ref)
{
	if (!ref_is_own(ref))
		return;
	if (d->at)
		d->at[--d->from[ref & ~OWN_REF]] = n;
	else
		d->from[ref & ~OWN_REF]++;
}

/* What refers to a record depends on it; a name on its definition. */
static void walk_dependents(const struct split *s, struct dependents *d)
{
	for (uint32_t n = 1; n < s->nr_records; n++) {
		const uint32_t *words = words_of(s, n);
		uint32_t nr = s->own->records.at[n].nr;

		for (uint32_t pos = next_ref(words, nr, 0); pos; pos = next_ref(words, nr, pos))
			depend(d, n, words[pos]);
		if (shape_is_def(words[0]) && ref_is_own(words[3]))
			depend(d, words[3] & ~OWN_REF, OWN_REF | n);
	}
}
static bool list_dependents(const struct split *s, struct dependents *d)
{
	d->from = calloc((size_t)s->nr_records + 1, sizeof(*d->from));
	if (!d->from)
		return false;
	walk_dependents(s, d);
	for (uint32_t n = 1; n < s->nr_records; n++)
		d->from[n] += d->from[n - 1];
	d->from[s->nr_records] = d->from[s->nr_records - 1];
	d->at = malloc(((size_t)d->from[s->nr_records] + 1) * sizeof(*d->at));
	if (!d->at)
		return false;
	/* Each list is filled from its end to its start. */
	walk_dependents(s, d);
	return true;
}

static bool reach(bool *reached, words_t *queue, uint32_t n)
{
	if (reached[n])
		return true;
	reached[n] = true;
	return vec_push(queue, n);
}

/* Marks the names with several definitions, and all that leads to them. */
static bool spread(const struct split *s, bool *reached)
{
	struct dependents d = { 0 };
	words_t queue = { 0 };
	bool ok = list_dependents(s, &d);

	for (uint32_t n = 1; n < s->nr_records && ok; n++) {
		uint32_t group = s->group[n] ? s->group[n] : defined_group(s, n);

		if (group && s->def[group] == SEVERAL)
			ok = reach(reached, &queue, n);
	}
	while (queue.nr && ok) {
		uint32_t n = queue.at[--queue.nr];

		for (uint32_t i = d.from[n]; i < d.from[n + 1] && ok; i++)
			ok = reach(reached, &queue, d.at[i]);
	}
	vec_free(&queue);
	free(d.from);
	free(d.at);
	return ok;
}

/*
 * Two records have one form if they differ at most in the affected ones that they refer to, and
 * names in their colors. What has no form of its own is told apart by refining, or is the same.
 */
static bool find_forms(struct split *s)
{
	struct own forms;
	bool ok = own_init(&forms);
	words_t first = { 0 }, words = { 0 };

	ok = ok && vec_push(&first, 0);
	for (uint32_t n = 1; n < s->nr_records && ok; n++) {
		uint32_t nr = s->own->records.at[n].nr, form;

		if (!s->affected[n])
			continue;
		ok = vec_room(&words, (uint64_t)nr + 1);
		if (!ok)
			break;
		memcpy(words.at, words_of(s, n), nr * sizeof(uint32_t));
		if (shape_is_named(words.at[0]))
			words.at[2] = 0;
		for (uint32_t pos = own_next_ref(words.at, nr, 0); pos;
		     pos = own_next_ref(words.at, nr, pos))
			if (affected_record(s, words.at[pos]))
				words.at[pos] = OWN_REF;
		form = own_ref(&forms, words.at, nr) & ~OWN_REF;
		ok = form && (form < first.nr || vec_push(&first, n));
		if (ok)
			s->form[n] = first.at[form];
	}
	own_free(&forms);
	vec_free(&first);
	vec_free(&words);
	return ok;
}

/* The last instance is of record @n: is it the first to define its name? */
static void note_first_def(struct split *s, uint32_t n)
{
	uint32_t group = defined_group(s, n);

	if (group && !s->first_def[group])
		s->first_def[group] = s->instances.nr;
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
			if (!vec_push(&s->instances, n))
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
		uint32_t n = s->instances.at[i];
		const uint32_t *words = words_of(s, n);

		s->instance_of[n] = use ? i + 1 : 0;
		if (shape_is_def(words[0]) && ref_is_own(words[3]))
			s->defined[words[3] & ~OWN_REF] = use ? n : 0;
	}
}

/* Appends the instances that instance @i refers to. */
static bool append_targets(const struct split *s, uint32_t i, words_t *to)
{
	uint32_t n = s->instances.at[i], nr = s->own->records.at[n].nr;
	const uint32_t *words = words_of(s, n);

	if (shape_is_named(words[0])) {
		/* A unit that only declares the name goes with the first that defines it. */
		uint32_t def = s->defined[n] ? s->instance_of[s->defined[n]] :
					       s->first_def[s->group[n]];

		return !def || vec_push(to, def - 1);
	}
	for (uint32_t pos = next_ref(words, nr, 0); pos; pos = next_ref(words, nr, pos)) {
		uint32_t child = affected_record(s, words[pos]);

		if (child && s->instance_of[child] && !vec_push(to, s->instance_of[child] - 1))
			return false;
	}
	return true;
}

/* Instances that are the same get one class: they have one form, and refer to the same. */
static bool find_classes(struct split *s)
{
	struct refine_graph graph = { .nr = s->instances.nr };
	words_t from = { 0 }, to = { 0 };
	bool ok = vec_push(&from, 0);

	for (uint32_t u = 0; u + 1 < s->from.nr; u++) {
		use_unit(s, u, true);
		for (uint32_t i = s->from.at[u]; i < s->from.at[u + 1] && ok; i++)
			ok = append_targets(s, i, &to) && vec_push(&from, to.nr) &&
			     vec_push(&s->classes, s->form[s->instances.at[i]]);
		use_unit(s, u, false);
	}
	graph.from = from.at;
	graph.to = to.at;
	ok = ok && refine(&graph, s->classes.at, &s->nr_classes);
	vec_free(&from);
	vec_free(&to);
	return ok;
}

/*
 * Which records lead to names that have several definitions indeed, now that those that are the
 * same are known.
 */
static bool find_apart(struct split *s)
{
	uint32_t *only; /* of groups: the class + 1 of their definitions, or SEVERAL */

	only = calloc(s->nr_records, sizeof(*only));
	if (!only)
		return false;
	for (uint32_t i = 0; i < s->instances.nr; i++) {
		uint32_t group = defined_group(s, s->instances.at[i]);

		if (group && only[group] && only[group] != s->classes.at[i] + 1)
			only[group] = SEVERAL;
		else if (group)
			only[group] = s->classes.at[i] + 1;
	}
	for (uint32_t group = 1; group < s->nr_records; group++)
		if (only[group] != SEVERAL)
			s->def[group] = 0;
	free(only);
	return spread(s, s->apart);
}

/* A new record for @class. Returns its ref, 0 when out of memory. */
static uint32_t make_class(struct split *s, uint32_t class, const uint32_t *words, uint32_t nr)
{
	uint32_t ref = own_new(s->own, words, nr);

	if (ref)
		s->own->records.at[ref & ~OWN_REF].root = s->roots.at[class];
	return s->refs.at[class] = ref;
}

/* Names come before all that refers to them, and to what they refer to in a circle. */
static bool make_names(struct split *s)
{
	for (uint32_t class = 0; class < s->nr_classes; class ++)
		if (!vec_push(&s->refs, 0) || !vec_push(&s->roots, false))
			return false;
	for (uint32_t i = 0; i < s->instances.nr; i++) {
		uint32_t n = s->instances.at[i];

		if (s->own->records.at[n].root)
			s->roots.at[s->classes.at[i]] = true;
	}
	for (uint32_t i = 0; i < s->instances.nr; i++) {
		uint32_t class = s->classes.at[i], words[3];

		if (s->refs.at[class] || !shape_is_named(words_of(s, s->instances.at[i])[0]))
			continue;
		memcpy(words, words_of(s, s->instances.at[i]), sizeof(words));
		if (!make_class(s, class, words, 3))
			return false;
	}
	return true;
}

/*
 * The record that takes the place of record @n in the unit at work; made, with all it refers to, if
 * need be. 0: failed.
 */
static uint32_t make_record(struct split *s, uint32_t n)
{
	uint32_t nr = s->own->records.at[n].nr, class, ref;
	words_t words = { 0 };

	if (!s->instance_of[n])
		return OWN_REF | n;
	class = s->classes.at[s->instance_of[n] - 1];
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
		if (child && !words.at[pos]) {
			vec_free(&words);
			return 0;
		}
	}
	ref = make_class(s, class, words.at, nr);
	vec_free(&words);
	return ref;
}

static bool redirect(struct split *s, uint32_t *ref)
{
	uint32_t n = affected_record(s, *ref);

	if (n)
		*ref = make_record(s, n);
	return *ref || !n;
}

static bool make_unit(struct split *s, uint32_t u, bool apart)
{
	bool ok = true;

	use_unit(s, u, true);
	for (uint32_t i = s->from.at[u]; i < s->from.at[u + 1] && ok; i++)
		if (s->apart[s->instances.at[i]] == apart)
			ok = make_record(s, s->instances.at[i]);
	use_unit(s, u, false);
	return ok;
}

static bool redirect_unit(struct split *s, uint32_t u, uint32_t *func, uint32_t *var)
{
	struct intern *in = s->in;
	bool ok = true;

	use_unit(s, u, true);
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
	/*
	 * Those that have turned out to be one come first: there they stand as well when they come
	 * back as one (regraph.h).
	 */
	for (uint32_t u = 0; u + 1 < s->from.nr; u++)
		if (!make_unit(s, u, false))
			return false;
	for (uint32_t u = 0; u + 1 < s->from.nr; u++)
		if (!make_unit(s, u, true))
			return false;
	for (uint32_t u = 0; u + 1 < s->from.nr; u++)
		if (!redirect_unit(s, u, &func, &var))
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
	s.apart = calloc(s.nr_records, sizeof(*s.apart));
	s.group = calloc(s.nr_records, sizeof(*s.group));
	s.def = calloc(s.nr_records, sizeof(*s.def));
	s.form = calloc(s.nr_records, sizeof(*s.form));
	s.instance_of = calloc(s.nr_records, sizeof(*s.instance_of));
	s.defined = calloc(s.nr_records, sizeof(*s.defined));
	s.first_def = calloc(s.nr_records, sizeof(*s.first_def));
	ok = s.affected && s.apart && s.group && s.def && s.form && s.instance_of && s.defined &&
	     s.first_def && group_names(&s);
	if (ok && find_definitions(&s))
		ok = spread(&s, s.affected) && find_forms(&s) && list_instances(&s) &&
		     find_classes(&s) && find_apart(&s) && make_records(&s);
	free(s.affected);
	free(s.apart);
	free(s.group);
	free(s.def);
	free(s.form);
	free(s.instance_of);
	free(s.defined);
	free(s.first_def);
	vec_free(&s.instances);
	vec_free(&s.from);
	vec_free(&s.classes);
	vec_free(&s.refs);
	vec_free(&s.roots);
	return ok ? 0 : error_nomem(err);
}
