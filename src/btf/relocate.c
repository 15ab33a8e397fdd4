// SPDX-License-Identifier: GPL-2.0-only
#include "btf/relocate.h"

#include <stdio.h>

#include "btf/build.h"
#include "btf/fields.h"

static bool is_composite(enum btf_kind kind)
{
	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

static bool is_enum(enum btf_kind kind)
{
	return kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64;
}

static uint32_t encoding_of(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_INT ? BTF_INT_ENCODING(*(const uint32_t *)btf_extra(t)) : 0;
}

/* ---- the base by names ---- */

static bool bit(const uint8_t *bits, uint32_t n)
{
	return bits[n / 8] >> n % 8 & 1;
}

static void set_bit(uint8_t *bits, uint32_t n)
{
	bits[n / 8] |= (uint8_t)(1 << n % 8);
}

static struct relocate_name *find_name(const struct relocate_base *base, const char *name,
				       uint32_t hash)
{
	uint32_t n, pos;

	for (n = idtab_first(&base->table, hash, &pos); n;
	     n = idtab_next(&base->table, hash, &pos)) {
		struct relocate_name *r = &base->names.at[n - 1];

		if (!strcmp(btf_name(base->btf, btf_type(base->btf, r->first)), name))
			return r;
	}
	return NULL;
}

static bool add_name(struct relocate_base *base, uint32_t id, const char *name)
{
	const uint32_t hash = hash_bytes(name, strlen(name));
	struct relocate_name *r = find_name(base, name, hash);

	if (r) {
		base->next[r->last] = id;
		r->last = id;
		return true;
	}
	return vec_push(&base->names, ((struct relocate_name){ id, id })) &&
	       idtab_add(&base->table, hash, base->names.nr);
}

/* Nameless types are skipped: there are none in a distilled base. */
static bool looked_at(const struct btf_type *t)
{
	const enum btf_kind kind = btf_kind(t);

	return t->name_off && (is_composite(kind) || is_enum(kind) || kind == BTF_KIND_FWD ||
			       kind == BTF_KIND_INT || kind == BTF_KIND_FLOAT);
}

int relocate_base_init(struct relocate_base *base, const struct btf *btf, struct error *err)
{
	uint8_t *once = calloc(1, btf_end_str(btf) / 8 + 1);

	*base = (struct relocate_base){ .btf = btf };
	base->next = calloc(btf_end_id(btf), sizeof(*base->next));
	base->several = calloc(1, btf_end_str(btf) / 8 + 1);
	if (!once || !base->next || !base->several)
		goto nomem;
	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
		const struct btf_type *t = btf_type(btf, id);

		if (!looked_at(t))
			continue;
		if (!add_name(base, id, btf_name(btf, t)))
			goto nomem;
		if (!is_composite(btf_kind(t)))
			continue;
		if (bit(once, t->name_off))
			set_bit(base->several, t->name_off);
		set_bit(once, t->name_off);
	}
	free(once);
	return 0;
nomem:
	free(once);
	relocate_base_free(base);
	return error_nomem(err);
}

void relocate_base_free(struct relocate_base *base)
{
	vec_free(&base->names);
	idtab_free(&base->table);
	free(base->next);
	free(base->several);
	*base = (struct relocate_base){ 0 };
}

/* ---- matching (kernel: btf_relocate_map_distilled_base) ---- */

/* FWDs have no size; for the kernel theirs is the word that is 0 in them. */
static uint32_t size_of(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_FWD ? t->type : t->size;
}

/* Must the size agree before the base's type is looked at any further? */
static bool needs_size(const struct relocate_base *base, const struct btf_type *t)
{
	if (is_composite(btf_kind(t)))
		return bit(base->several, t->name_off);
	return btf_kind(t) != BTF_KIND_FWD;
}

/* Which kind_flag is asked, and of which type, is the kernel's way. */
static bool fwd_fits(const struct distilled_type *d, const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_FWD:
		return d->kflag == btf_kflag(t);
	case BTF_KIND_STRUCT:
		return !btf_kflag(t);
	case BTF_KIND_UNION:
		return btf_kflag(t);
	default:
		return false;
	}
}

static bool kind_fits(const struct distilled_type *d, const struct btf_type *t)
{
	switch (d->kind) {
	case BTF_KIND_FWD:
		return fwd_fits(d, t);
	case BTF_KIND_INT:
		return btf_kind(t) == BTF_KIND_INT && d->encoding == encoding_of(t);
	case BTF_KIND_FLOAT:
		return btf_kind(t) == BTF_KIND_FLOAT;
	case BTF_KIND_ENUM:
		return is_enum(btf_kind(t));
	default:
		return is_composite(d->kind);
	}
}

/*
 * @found: has a type of a lower id been found to fit? The kernel notes it in the place where it had
 * noted that @d is embedded, and does not ask for the size any more.
 */
static bool fits(const struct relocate_base *base, const struct distilled_type *d,
		 const struct btf_type *t, bool found)
{
	const bool embedded = is_composite(d->kind) && d->embedded && !found;

	if (!kind_fits(d, t))
		return false;
	return (!embedded && !needs_size(base, t)) || d->size == size_of(t);
}

static uint32_t first_named(const struct relocate_base *base, const char *name)
{
	const struct relocate_name *r = find_name(base, name, hash_bytes(name, strlen(name)));

	return r ? r->first : 0;
}

uint32_t relocate_candidates(const struct relocate_base *base, const struct distilled_type *type,
			     uint32_t ids[2])
{
	uint32_t nr = 0;

	ids[0] = ids[1] = 0;
	for (uint32_t id = first_named(base, type->name); id; id = base->next[id]) {
		if (!fits(base, type, btf_type(base->btf, id), nr))
			continue;
		if (nr < 2)
			ids[nr] = id;
		nr++;
	}
	return nr;
}

/* ---- a whole distilled base ---- */

struct work {
	const struct btf *split;
	const struct btf *distilled;
	const struct relocate_base *base;
	struct relocation *r;
	uint32_t *memo; /* of btf_embedded() */
	bool failed;	/* out of memory */
};

static void report(struct work *w, struct relocate_finding finding)
{
	if (!vec_push(&w->r->findings, finding))
		w->failed = true;
}

/* kernel: btf_mark_embedded_composite_type_ids */
static void mark_embedded(struct work *w)
{
	for (uint32_t id = w->split->start_id; id < btf_end_id(w->split); id++) {
		const struct btf_type *t = btf_type(w->split, id);

		if (!is_composite(btf_kind(t)))
			continue;
		for (uint32_t at = btf_next_id(t, 0); at; at = btf_next_id(t, at)) {
			const uint32_t in =
				btf_embedded(w->split, w->memo, ((const uint32_t *)t)[at]);

			if (in == EMBEDS_LOOP) {
				report(w, (struct relocate_finding){ RELOCATE_LOOP, id, { 0 } });
				break;
			}
			if (in < w->r->nr)
				w->r->embedded[in] = true;
		}
	}
}

/* There is no type that fits. Is there one that only its size keeps from it? */
static struct relocate_finding unmatched(const struct work *w, uint32_t id,
					 const struct distilled_type *d)
{
	struct relocate_finding f = { RELOCATE_MISSING, id, { first_named(w->base, d->name) } };

	for (uint32_t i = f.ids[0]; i; i = w->base->next[i]) {
		const struct btf_type *t = btf_type(w->base->btf, i);

		/* A STRUCT fits whatever it is compared with; only its like is worth naming. */
		if (!kind_fits(d, t) || (is_composite(d->kind) && btf_kind(t) != d->kind))
			continue;
		f.fault = RELOCATE_SIZE;
		f.ids[0] = i;
		break;
	}
	return f;
}

/* kernel: btf_relocate_validate_distilled_base */
static bool valid(struct work *w, uint32_t id, const struct btf_type *t)
{
	struct relocate_finding f = { RELOCATE_KIND, id, { 0 } };

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_FWD:
		if (t->name_off)
			return true;
		f.fault = RELOCATE_ANONYMOUS;
		break;
	default:
		break;
	}
	report(w, f);
	return false;
}

static void match(struct work *w, uint32_t id)
{
	const struct btf_type *t = btf_type(w->distilled, id);
	struct relocate_finding f = { RELOCATE_AMBIGUOUS, id, { 0 } };
	struct distilled_type d;

	if (!valid(w, id, t))
		return;
	d = (struct distilled_type){ .kind = btf_kind(t),
				     .name = btf_name(w->distilled, t),
				     .size = size_of(t),
				     .encoding = encoding_of(t),
				     .kflag = btf_kflag(t),
				     .embedded = w->r->embedded[id] };
	switch (relocate_candidates(w->base, &d, f.ids)) {
	case 0:
		report(w, unmatched(w, id, &d));
		break;
	case 1:
		w->r->ids[id] = f.ids[0];
		break;
	default:
		report(w, f);
		break;
	}
}

/* Is @off a string of the distilled base that is no type's name? @names: bits of those that are */
static bool stray(const struct work *w, const uint8_t *names, uint32_t off)
{
	return off && off < w->split->start_str && !bit(names, off);
}

/* kernel: btf_relocate_rewrite_strs. Only names of types lead from one string section to the other. */
static void check_strings(struct work *w, const uint8_t *names)
{
	for (uint32_t id = w->split->start_id; id < btf_end_id(w->split); id++) {
		const struct btf_type *t = btf_type(w->split, id);
		bool bad = stray(w, names, t->name_off);

		for (uint32_t at = btf_next_str(t, 0); at && !bad; at = btf_next_str(t, at))
			bad = stray(w, names, ((const uint32_t *)t)[at]);
		if (bad)
			report(w, (struct relocate_finding){ RELOCATE_NAME, id, { 0 } });
	}
}

int btf_relocate_match(const struct btf *split, const struct relocate_base *base,
		       struct relocation *r, struct error *err)
{
	struct work w = { .split = split, .distilled = split->base, .base = base, .r = r };
	uint8_t *names = calloc(1, split->start_str / 8 + 1);

	*r = (struct relocation){ .nr = split->start_id };
	r->ids = calloc(r->nr, sizeof(*r->ids));
	r->embedded = calloc(r->nr, sizeof(*r->embedded));
	w.memo = calloc(btf_end_id(split), sizeof(*w.memo));
	w.failed = !names || !r->ids || !r->embedded || !w.memo;
	if (!w.failed) {
		mark_embedded(&w);
		for (uint32_t id = 1; id < r->nr; id++) {
			match(&w, id);
			set_bit(names, btf_type(w.distilled, id)->name_off);
		}
		check_strings(&w, names);
	}
	free(names);
	free(w.memo);
	if (!w.failed)
		return 0;
	relocation_free(r);
	return error_nomem(err);
}

void relocation_free(struct relocation *r)
{
	free(r->ids);
	free(r->embedded);
	vec_free(&r->findings);
	*r = (struct relocation){ 0 };
}

/* ---- findings as text ---- */

static const char *encoding_name(const struct btf_type *t)
{
	switch (encoding_of(t)) {
	case 0:
		return ", unsigned";
	case BTF_INT_SIGNED:
		return ", signed";
	case BTF_INT_CHAR:
		return ", char";
	case BTF_INT_BOOL:
		return ", bool";
	default:
		return "";
	}
}

/* "STRUCT 'foo' of 16 bytes", with nothing in it that a terminal would obey */
static const char *describe(const struct btf *btf, uint32_t id, char *to, size_t room)
{
	const struct btf_type *t = btf_type(btf, id);
	int n = snprintf(to, room, "%s '%.64s'", btf_kind_name(btf_kind(t)), btf_name(btf, t));

	for (char *p = to; *p; p++)
		if (*p < 0x20 || *p >= 0x7f)
			*p = '?';
	if (n > 0 && (size_t)n < room && btf_kind(t) != BTF_KIND_FWD)
		snprintf(to + n, room - (size_t)n, " of %u bytes%s", t->size,
			 btf_kind(t) == BTF_KIND_INT ? encoding_name(t) : "");
	return to;
}

int relocate_error(const struct btf *split, const struct btf *base, const struct relocation *r,
		   const struct relocate_finding *f, struct error *err)
{
	const struct btf_type *t = btf_type(split, f->id);
	const char *kind = btf_kind_name(btf_kind(t));
	char type[128], other[128];

	switch (f->fault) {
	case RELOCATE_KIND:
		return error_set(err, -EINVAL, ".BTF.base: type %u is %s, which it may not hold",
				 f->id, kind);
	case RELOCATE_ANONYMOUS:
		return error_set(err, -EINVAL, ".BTF.base: type %u, %s, has no name", f->id, kind);
	case RELOCATE_NAME:
		return error_set(err, -EINVAL,
				 ".BTF: type %u has a name that stands in .BTF.base without being "
				 "a type's there",
				 f->id);
	case RELOCATE_LOOP:
		return error_set(err, -EINVAL, ".BTF: type %u has a member that contains itself",
				 f->id);
	default:
		break;
	}
	describe(split, f->id, type, sizeof(type));
	if (f->fault == RELOCATE_AMBIGUOUS)
		return error_set(err, -EINVAL,
				 ".BTF.base: type %u %s: the kernel has several that fit (%u %s, "
				 "%u) and takes none",
				 f->id, type, f->ids[0],
				 describe(base, f->ids[0], other, sizeof(other)), f->ids[1]);
	if (!f->ids[0])
		return error_set(err, -EINVAL, ".BTF.base: type %u %s: the kernel has none", f->id,
				 type);
	return error_set(err, -EINVAL, ".BTF.base: type %u %s%s: the kernel has %u %s", f->id, type,
			 r->embedded[f->id] ? ", which the module embeds" : "", f->ids[0],
			 describe(base, f->ids[0], other, sizeof(other)));
}

/* ---- the relocated BTF ---- */

/* @names: offset in the base of each name of a distilled type, by its offset there */
static int rewrite(const struct btf *split, const struct btf *base, const struct relocation *r,
		   const uint32_t *names, uint32_t *words, struct error *err)
{
	const uint32_t id_shift = btf_end_id(base) - split->start_id;
	const uint32_t str_shift = btf_end_str(base) - split->start_str;

	for (uint32_t id = split->start_id; id < btf_end_id(split); id++) {
		const struct btf_type *t = btf_type(split, id);
		const uint32_t nr = btf_words(t);

		memcpy(words, t, nr * sizeof(*words));
		for (uint32_t at = btf_next_id(t, 0); at; at = btf_next_id(t, at)) {
			if (words[at] >= btf_end_id(split))
				return error_set(err, -EINVAL,
						 ".BTF: type %u refers to type %u, which does not "
						 "exist",
						 id, words[at]);
			words[at] = words[at] < r->nr ? r->ids[words[at]] : words[at] + id_shift;
		}
		for (uint32_t at = btf_next_str(t, 0); at; at = btf_next_str(t, at))
			words[at] = words[at] < split->start_str ? names[words[at]] :
								   words[at] + str_shift;
		words[0] = words[0] < split->start_str ? names[words[0]] : words[0] + str_shift;
		words += nr;
	}
	return 0;
}

int btf_relocate(const struct btf *split, const struct btf *base, const struct relocation *r,
		 struct buffer *out, struct error *err)
{
	const size_t nr = split->types.size / sizeof(uint32_t);
	uint32_t *words, *names;
	int ret;

	if (r->findings.nr)
		return relocate_error(split, base, r, &r->findings.at[0], err);
	words = malloc(split->types.size + sizeof(*words));
	names = calloc((size_t)split->start_str + 1, sizeof(*names));
	if (words && names) {
		for (uint32_t id = 1; id < r->nr; id++)
			names[btf_type(split, id)->name_off] = btf_type(base, r->ids[id])->name_off;
		ret = rewrite(split, base, r, names, words, err);
		if (!ret)
			ret = btf_pack(words, nr, split->strs, split->big_endian, out, err);
	} else {
		ret = error_nomem(err);
	}
	free(words);
	free(names);
	return ret;
}
