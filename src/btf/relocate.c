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

void relocate_base_init(struct relocate_base *base, const struct btf_index *index)
{
	*base = (struct relocate_base){ .index = index };
}

void relocate_base_free(struct relocate_base *base)
{
	vec_free(&base->found);
	*base = (struct relocate_base){ 0 };
}

/* With an id in base->found: its name is that of several STRUCTs or UNIONs. */
#define SEVERAL 0x80000000u

static bool push(struct relocate_base *base, uint32_t id)
{
	if (!vec_push(&base->found, id))
		base->failed = true;
	return !base->failed;
}

/* Types whose name stands at the offset @name: what it is in the index by name, and the numbers. */
static void gather_at(struct relocate_base *base, uint32_t name)
{
	static const uint32_t shapes[] = { SHAPE_NAMED_STRUCT, SHAPE_NAMED_UNION,
					   SHAPE_NAMED_ENUM };
	const struct btf_index *index = base->index;
	uint32_t first = base->found.nr, composites = 0;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		const uint32_t words[] = { shapes[i], name };
		uint32_t id = btf_index_class(index, words, 2);

		for (; id && push(base, id); id = index->same[id])
			composites += is_composite(btf_kind(btf_type(index->base, id)));
	}
	for (uint32_t i = 0; i < index->nr_numbers && !base->failed; i++)
		if (btf_type(index->base, index->numbers[i])->name_off == name)
			push(base, index->numbers[i]);
	for (uint32_t i = first; i < base->found.nr && composites > 1; i++)
		if (is_composite(btf_kind(btf_type(index->base, base->found.at[i]))))
			base->found.at[i] |= SEVERAL;
}

static int compare_found(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a & ~SEVERAL, y = *(const uint32_t *)b & ~SEVERAL;

	return x < y ? -1 : x > y;
}

/*
 * All types of the base that are called @name and that relocation looks at, into base->found, as
 * the kernel goes through them. A base may have one name at several places.
 */
static void gather(struct relocate_base *base, const char *name)
{
	const size_t len = strlen(name);
	const uint32_t hash = hash_bytes(name, len);
	uint32_t pos, off;

	base->found.nr = 0;
	for (off = btf_index_str_first(base->index, name, len, hash, &pos); off;
	     off = btf_index_str_next(base->index, name, len, hash, &pos))
		gather_at(base, off);
	if (base->found.nr > 1)
		qsort(base->found.at, base->found.nr, sizeof(*base->found.at), compare_found);
}

/* ---- matching (kernel: btf_relocate_map_distilled_base) ---- */

/* FWDs have no size; for the kernel theirs is the word that is 0 in them. */
static uint32_t size_of(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_FWD ? t->type : t->size;
}

/* Must the size agree before the base's type is looked at any further? */
static bool needs_size(const struct btf_type *t, bool several)
{
	return is_composite(btf_kind(t)) ? several : btf_kind(t) != BTF_KIND_FWD;
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
static bool fits(const struct distilled_type *d, const struct btf_type *t, bool several, bool found)
{
	const bool embedded = is_composite(d->kind) && d->embedded && !found;

	if (!kind_fits(d, t))
		return false;
	return (!embedded && !needs_size(t, several)) || d->size == size_of(t);
}

uint32_t relocate_candidates(struct relocate_base *base, const struct distilled_type *type,
			     uint32_t ids[2])
{
	uint32_t nr = 0;

	ids[0] = ids[1] = 0;
	gather(base, type->name);
	for (uint32_t i = 0; i < base->found.nr; i++) {
		uint32_t id = base->found.at[i] & ~SEVERAL;

		if (!fits(type, btf_type(base->index->base, id), base->found.at[i] & SEVERAL, nr))
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
	struct relocate_base *base;
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

/* There is no type that fits, of those in base->found. Is there one that only its size keeps from it? */
static struct relocate_finding unmatched(const struct work *w, uint32_t id,
					 const struct distilled_type *d)
{
	const words_t *found = &w->base->found;
	struct relocate_finding f = { RELOCATE_MISSING, id, { 0 } };

	if (found->nr)
		f.ids[0] = found->at[0] & ~SEVERAL;
	for (uint32_t i = 0; i < found->nr; i++) {
		const struct btf_type *t = btf_type(w->base->index->base, found->at[i] & ~SEVERAL);

		/* A STRUCT fits whatever it is compared with; only its like is worth naming. */
		if (!kind_fits(d, t) || (is_composite(d->kind) && btf_kind(t) != d->kind))
			continue;
		f.fault = RELOCATE_SIZE;
		f.ids[0] = found->at[i] & ~SEVERAL;
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

int btf_relocate_match(const struct btf *split, struct relocate_base *base, struct relocation *r,
		       struct error *err)
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
	if (!w.failed && !base->failed)
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
