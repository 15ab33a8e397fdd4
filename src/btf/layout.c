// SPDX-License-Identifier: GPL-2.0-only
#include "btf/layout.h"

#include <stdio.h>

#include "btf/declare.h"
#include "btf/homonym.h"

struct reader {
	struct layout *layout;
	struct meaning_view *view;
	bool nomem;
};

static bool holds_members(const struct btf_type *t)
{
	return t && (btf_kind(t) == BTF_KIND_STRUCT || btf_kind(t) == BTF_KIND_UNION);
}

static void add_line(struct reader *r, struct layout_line line, struct strbuf *text)
{
	line.text = strbuf_take(text);
	if (line.text && vec_push(&r->layout->lines, line))
		return;
	free(line.text);
	r->nomem = true;
}

/*
 * What an anonymous member is matched by: the first name in it. A name and what it stands for may
 * be told from each other by the sort.
 */
static uint64_t key_of_anonymous(struct reader *r, const struct btf_type *t, uint64_t scope)
{
	uint64_t key = hash_mix(scope, btf_kind(t));

	for (int i = 0; i < MAX_NESTING && holds_members(t) && btf_vlen(t); i++) {
		const struct btf_member *m = btf_extra(t);

		if (m->name_off)
			return hash_mix(key, (uint64_t)meaning_name(r->view, m->name_off) << 1);
		t = btf_type(r->view->btf, m->type);
	}
	return key;
}

static void read_members(struct reader *r, const struct btf_type *t, uint64_t start, uint64_t scope,
			 unsigned int depth);

static void read_member(struct reader *r, const struct btf_type *t, uint32_t i, uint64_t start,
			uint64_t scope, unsigned int depth)
{
	const struct btf_member *m = (const struct btf_member *)btf_extra(t) + i;
	const struct btf *btf = r->view->btf;
	const uint32_t name = meaning_name(r->view, m->name_off);
	const uint32_t inner_id = btf_unnamed_in(btf, m->type);
	const struct btf_type *inner = btf_type(btf, inner_id);
	struct layout_line line = {
		.offset = start + btf_member_bit_offset(t, i),
		.size = btf_size_of(btf, m->type),
		.class = meaning_class(r->view, m->type),
		.bits = (uint16_t)btf_member_bitfield_size(t, i),
		.depth = (uint16_t)depth,
		.key = hash_mix(scope, (uint64_t)name << 1 | 1),
	};
	const bool opened = holds_members(inner) && depth < MAX_NESTING;
	struct strbuf text = { .text = NULL };

	if (!name && inner)
		line.key = key_of_anonymous(r, inner, scope);
	btf_declare(btf, m->type, meaning_string(r->view->meaning, name),
		    opened ? DECLARE_ELIDED : DECLARE_WHOLE, &text);
	if (line.bits)
		strbuf_printf(&text, ":%u", line.bits);
	/* What is in it has lines of its own; here counts only that it is still such a thing. */
	if (opened && text.text)
		line.class = hash_bytes(text.text, text.len) | 1u << 31;
	add_line(r, line, &text);
	if (opened)
		read_members(r, inner, line.offset, name ? line.key : scope, depth + 1);
}

static void read_members(struct reader *r, const struct btf_type *t, uint64_t start, uint64_t scope,
			 unsigned int depth)
{
	for (uint32_t i = 0; i < btf_vlen(t) && !r->nomem; i++) {
		if (r->layout->lines.nr >= MAX_MEMBERS) {
			r->layout->truncated = true;
			return;
		}
		read_member(r, t, i, start, scope, depth);
	}
}

static void read_values(struct reader *r, const struct btf_type *t)
{
	const bool is64 = btf_kind(t) == BTF_KIND_ENUM64;
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);

	r->layout->values = true;
	for (uint32_t i = 0; i < btf_vlen(t) && !r->nomem; i++) {
		const uint32_t off = is64 ? e64[i].name_off : e[i].name_off;
		struct strbuf text = { .text = NULL };
		struct layout_line line = { .key = meaning_name(r->view, off) };

		line.offset = (uint64_t)btf_enumerator_value(t, i, &line.negative);
		strbuf_puts(&text, btf_str(r->view->btf, off));
		add_line(r, line, &text);
	}
}

int layout_read(struct layout *layout, struct meaning_view *view, uint32_t id, struct error *err)
{
	struct reader r = { .layout = layout, .view = view };
	const struct btf_type *t = btf_type(view->btf, id);
	struct strbuf title = { .text = NULL };

	*layout = (struct layout){ 0 };
	btf_declare_type(view->btf, id, &title);
	layout->title = strbuf_take(&title);
	if (!layout->title)
		return error_nomem(err);
	if (t && btf_kind(t) == BTF_KIND_TYPEDEF)
		t = btf_type(view->btf, btf_unnamed_in(view->btf, t->type));
	else if (t && (btf_kind(t) == BTF_KIND_INT || btf_kind(t) == BTF_KIND_FLOAT))
		layout->has_size = true;
	if (holds_members(t)) {
		layout->has_size = true;
		read_members(&r, t, 0, 0, 0);
	} else if (t && (btf_kind(t) == BTF_KIND_ENUM || btf_kind(t) == BTF_KIND_ENUM64)) {
		layout->has_size = true;
		read_values(&r, t);
	}
	if (layout->has_size)
		layout->size = btf_size_of(view->btf, id);
	return r.nomem || view->meaning->nomem ? error_nomem(err) : 0;
}

void layout_free(struct layout *layout)
{
	for (uint32_t i = 0; i < layout->lines.nr; i++)
		free(layout->lines.at[i].text);
	vec_free(&layout->lines);
	free(layout->title);
	*layout = (struct layout){ 0 };
}

/* ---- side by side ---- */

struct keyed {
	uint64_t key;
	uint32_t line;
};

static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static struct keyed *sort_keys(const struct layout *layout)
{
	struct keyed *keyed = malloc((layout->lines.nr + (size_t)1) * sizeof(*keyed));

	for (uint32_t i = 0; keyed && i < layout->lines.nr; i++)
		keyed[i] = (struct keyed){ layout->lines.at[i].key, i };
	if (keyed && layout->lines.nr)
		qsort(keyed, layout->lines.nr, sizeof(*keyed), compare_keyed);
	return keyed;
}

/* Which line of the other layout is this one? The first of a key goes with the first, and so on. */
static bool match_lines(const struct layout *old, const struct layout *new, uint32_t *of_old,
			uint32_t *of_new)
{
	struct keyed *o = sort_keys(old), *n = sort_keys(new);

	memset(of_old, 0xff, old->lines.nr * sizeof(*of_old));
	memset(of_new, 0xff, new->lines.nr * sizeof(*of_new));
	for (uint32_t i = 0, j = 0; o && n && i < old->lines.nr && j < new->lines.nr;) {
		if (o[i].key == n[j].key) {
			of_old[o[i].line] = n[j].line;
			of_new[n[j++].line] = o[i++].line;
		} else if (o[i].key < n[j].key) {
			i++;
		} else {
			j++;
		}
	}
	free(o);
	free(n);
	return o && n;
}

static enum layout_change change_of(const struct layout_line *old, const struct layout_line *new)
{
	if (old->class != new->class || old->bits != new->bits)
		return LAYOUT_RETYPED;
	return old->offset == new->offset && old->size == new->size ? LAYOUT_SAME : LAYOUT_MOVED;
}

static bool merge(const struct layout *old, const struct layout *new, const uint32_t *of_old,
		  const uint32_t *of_new, layout_rows_t *rows)
{
	uint32_t i = 0, j = 0;

	while (i < old->lines.nr || j < new->lines.nr) {
		struct layout_row row = { LAYOUT_LOST, i, LAYOUT_NO_LINE };

		if (i < old->lines.nr && of_old[i] == LAYOUT_NO_LINE) {
			i++;
		} else if (j < new->lines.nr && of_new[j] == LAYOUT_NO_LINE) {
			row = (struct layout_row){ LAYOUT_GAINED, LAYOUT_NO_LINE, j++ };
		} else if (i < old->lines.nr && (j == new->lines.nr || of_old[i] != j)) {
			i++; /* it comes where the new layout has it, or has come */
			continue;
		} else {
			row.old_line = of_new[j];
			row.new_line = j;
			row.change = change_of(&old->lines.at[of_new[j]], &new->lines.at[j]);
			i += i < old->lines.nr;
			j++;
		}
		if (!vec_push(rows, row))
			return false;
	}
	return true;
}

int layout_compare(const struct layout *old, const struct layout *new, layout_rows_t *rows,
		   struct error *err)
{
	uint32_t *of_old = malloc((old->lines.nr + (size_t)1) * sizeof(*of_old));
	uint32_t *of_new = malloc((new->lines.nr + (size_t)1) * sizeof(*of_new));
	bool done = of_old && of_new && match_lines(old, new, of_old, of_new) &&
		    merge(old, new, of_old, of_new, rows);

	free(of_old);
	free(of_new);
	return done ? 0 : error_nomem(err);
}

void layout_place(const struct layout *layout, const struct layout_line *line,
		  char text[LAYOUT_PLACE_ROOM])
{
	if (layout->values && line->negative)
		snprintf(text, LAYOUT_PLACE_ROOM, "%lld", (long long)line->offset);
	else if (layout->values || !(line->offset % 8))
		snprintf(text, LAYOUT_PLACE_ROOM, "%llu",
			 (unsigned long long)(layout->values ? line->offset : line->offset / 8));
	else
		snprintf(text, LAYOUT_PLACE_ROOM, "%llu:%u", (unsigned long long)(line->offset / 8),
			 (unsigned int)(line->offset % 8));
}
