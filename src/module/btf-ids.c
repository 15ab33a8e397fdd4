// SPDX-License-Identifier: GPL-2.0-only
#include "module/btf-ids.h"

#include <elf.h>

#include "module/btf-ids-work.h"
#include "module/symtab.h"

/* What a symbol marks. */
enum mark_kind {
	MARK_SET8,
	MARK_SET,
	MARK_FUNC,
	MARK_STRUCT,
	MARK_UNION,
	MARK_TYPEDEF,
};

static const struct {
	const char *word;
	enum btf_kind kind; /* BTF_KIND_UNKN: a set */
} mark_kinds[] = {
	[MARK_SET8] = { "set8__", BTF_KIND_UNKN },
	[MARK_SET] = { "set__", BTF_KIND_UNKN },
	[MARK_FUNC] = { "func__", BTF_KIND_FUNC },
	[MARK_STRUCT] = { "struct__", BTF_KIND_STRUCT },
	[MARK_UNION] = { "union__", BTF_KIND_UNION },
	[MARK_TYPEDEF] = { "typedef__", BTF_KIND_TYPEDEF },
};

#define NR_MARK_KINDS (sizeof(mark_kinds) / sizeof(*mark_kinds))

#define MARK_PREFIX "__BTF_ID__"

struct mark {
	const char *symbol;
	enum mark_kind kind;
	const char *name; /* in symbol, not terminated */
	size_t len;
	uint64_t offset; /* bytes in the section */
	uint64_t size;	 /* of the symbol */
};

typedef VEC(struct mark) marks_t;

static bool is_set(const struct mark *m)
{
	return m->kind == MARK_SET || m->kind == MARK_SET8;
}

/* ---- symbols ---- */

/*
 * __BTF_ID__func__NAME__123: the NAME, which may have "__" in it itself. Sets have no number, for
 * they are one of a kind in their source file.
 */
static bool parse_name(struct mark *m, const char *name)
{
	const char *end = strrchr(name, '_');

	m->name = name;
	if (is_set(m)) {
		m->len = strlen(name);
		return m->len > 0;
	}
	if (!end || !end[1] || end - name < 2 || end[-1] != '_')
		return false;
	m->len = (size_t)(end - 1 - name);
	return true;
}

static int parse_mark(struct mark *m, struct error *err)
{
	const char *rest = m->symbol + strlen(MARK_PREFIX);

	for (size_t i = 0; i < NR_MARK_KINDS; i++) {
		size_t len = strlen(mark_kinds[i].word);

		if (strncmp(rest, mark_kinds[i].word, len))
			continue;
		m->kind = (enum mark_kind)i;
		if (parse_name(m, rest + len))
			return 0;
		return error_set(err, -EINVAL, "symbol %s of " IDS_SECTION " names nothing",
				 m->symbol);
	}
	return error_set(err, -EOPNOTSUPP,
			 "symbol %s of " IDS_SECTION " is of an unknown kind: use a newer modbtf",
			 m->symbol);
}

static int read_marks(const struct btf_ids *ids, marks_t *marks, struct error *err)
{
	struct symtab tab;
	struct symbol sym;

	symtab_find(&tab, ids->mod);
	for (uint32_t i = 1; i < tab.nr; i++) {
		struct mark mark = { 0 };
		int ret;

		if (!symtab_get(&tab, i, &sym) || sym.section != ids->section ||
		    strncmp(sym.name, MARK_PREFIX, strlen(MARK_PREFIX)))
			continue;
		mark.symbol = sym.name;
		mark.offset = sym.value;
		mark.size = sym.size;
		ret = parse_mark(&mark, err);
		if (ret)
			return ret;
		if (!vec_push(marks, mark))
			return error_nomem(err);
	}
	return 0;
}

static int compare_marks(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return strcmp(x->symbol, y->symbol);
}

/* No id is marked, though there is room for some: symbols were stripped. */
static bool lack_ids(const marks_t *marks)
{
	bool room = !marks->nr;

	for (uint32_t i = 0; i < marks->nr; i++) {
		if (!is_set(&marks->at[i]))
			return false;
		room = room || marks->at[i].size > set_header(marks->at[i].kind == MARK_SET8);
	}
	return room;
}

/* ---- layout by symbols ---- */

static int add_entry(struct btf_ids *ids, const struct mark *m, uint32_t set, struct error *err)
{
	struct ids_entry entry = { .kind = mark_kinds[m->kind].kind,
				   .offset = (uint32_t)m->offset,
				   .set = set,
				   .id = ids_word(ids, (uint32_t)m->offset) };

	if (set != IDS_NO_SET && ids->sets.at[set].pairs)
		entry.flags = ids_word(ids, entry.offset + 4);
	entry.name = strndup(m->name, m->len);
	if (!entry.name || !vec_push(&ids->entries, entry)) {
		free(entry.name);
		return error_nomem(err);
	}
	return 0;
}

static int check_set(const struct btf_ids *ids, const struct mark *m, struct error *err)
{
	uint32_t stride = set_stride(m->kind == MARK_SET8);

	if (m->size < set_header(m->kind == MARK_SET8) || m->size % stride)
		return error_set(err, -EINVAL, "%s " IDS_PLACE " has a size of %llu bytes",
				 m->symbol, (uint32_t)m->offset, (unsigned long long)m->size);
	if (!range_fits(m->offset, m->size, ids->data.size))
		return error_set(err, -EINVAL,
				 "%s at offset 0x%llx lies outside of " IDS_SECTION
				 " (0x%zx bytes)",
				 m->symbol, (unsigned long long)m->offset, ids->data.size);
	return 0;
}

/* The set @marks->at[i] and the ids in it. Returns how many marks that were, or an error. */
static int64_t add_set(struct btf_ids *ids, const marks_t *marks, uint32_t i, struct error *err)
{
	const struct mark *m = &marks->at[i];
	bool pairs = m->kind == MARK_SET8;
	struct ids_set set = { .pairs = pairs, .first = ids->entries.nr };
	uint32_t header = set_header(pairs), stride = set_stride(pairs);
	int ret = check_set(ids, m, err);

	if (ret)
		return ret;
	set.offset = (uint32_t)m->offset;
	set.nr = (uint32_t)((m->size - header) / stride);
	set.count = ids_word(ids, set.offset);
	set.flags = pairs ? ids_word(ids, set.offset + 4) : 0;
	set.name = strndup(m->name, m->len);
	if (!set.name || !vec_push(&ids->sets, set)) {
		free(set.name);
		return error_nomem(err);
	}
	for (uint32_t n = 0; n < set.nr; n++) {
		uint64_t at = m->offset + header + (uint64_t)n * stride;
		const struct mark *id = i + 1 + n < marks->nr ? &marks->at[i + 1 + n] : NULL;

		if (!id || is_set(id) || id->offset != at)
			return error_set(err, -EINVAL,
					 "%s: no symbol marks the id " IDS_PLACE
					 ": do not strip single symbols",
					 m->symbol, (uint32_t)at);
		ret = add_entry(ids, id, ids->sets.nr - 1, err);
		if (ret)
			return ret;
	}
	return 1 + (int64_t)set.nr;
}

static int64_t add_marks(struct btf_ids *ids, const marks_t *marks, uint32_t i, struct error *err)
{
	const struct mark *m = &marks->at[i];
	int ret;

	if (is_set(m))
		return add_set(ids, marks, i, err);
	if (!range_fits(m->offset, 4, ids->data.size))
		return error_set(err, -EINVAL,
				 "%s at offset 0x%llx lies outside of " IDS_SECTION
				 " (0x%zx bytes)",
				 m->symbol, (unsigned long long)m->offset, ids->data.size);
	ret = add_entry(ids, m, IDS_NO_SET, err);
	return ret ? ret : 1;
}

static int lay_out(struct btf_ids *ids, const marks_t *marks, struct error *err)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < marks->nr;) {
		const struct mark *m = &marks->at[i];
		int64_t nr;

		if (m->offset < end)
			return error_set(err, -EINVAL,
					 "%s at offset 0x%llx of " IDS_SECTION
					 " overlaps what is marked before it",
					 m->symbol, (unsigned long long)m->offset);
		nr = add_marks(ids, marks, i, err);
		if (nr < 0)
			return (int)nr;
		end = m->offset + (is_set(m) ? m->size : 4);
		i += (uint32_t)nr;
	}
	return 0;
}

/* ---- fresh or resolved ---- */

static enum ids_state state_of(const struct btf_ids *ids)
{
	for (uint32_t i = 0; i < ids->entries.nr; i++)
		if (ids->entries.at[i].id)
			return IDS_RESOLVED;
	for (uint32_t i = 0; i < ids->sets.nr; i++)
		if (ids->sets.at[i].count)
			return IDS_RESOLVED;
	return IDS_FRESH;
}

static int check_counts(const struct btf_ids *ids, struct error *err)
{
	for (uint32_t i = 0; i < ids->sets.nr && ids->state == IDS_RESOLVED; i++) {
		const struct ids_set *set = &ids->sets.at[i];

		if (set->count != set->nr)
			return error_set(err, -EINVAL,
					 "set %s " IDS_PLACE " says that it has %u ids, and its "
					 "symbol says %u: start from the module as it was linked",
					 set->name, set->offset, set->count, set->nr);
	}
	return 0;
}

int btf_ids_open(struct btf_ids *ids, const struct module *mod, struct error *err)
{
	const struct module_section *s;
	marks_t marks = { 0 };
	int ret;

	*ids = (struct btf_ids){ .mod = mod, .section = module_find_section(mod, IDS_SECTION) };
	s = &mod->sections[ids->section];
	if (!ids->section || !s->size)
		return 0;
	if (s->type == SHT_NOBITS || s->flags & SHF_COMPRESSED || s->size > UINT32_MAX)
		return error_set(err, -EINVAL,
				 "section " IDS_SECTION " is not a plain one of up to 4 GiB");
	ids->data = s->data;
	ret = read_marks(ids, &marks, err);
	if (!ret && marks.nr)
		qsort(marks.at, marks.nr, sizeof(*marks.at), compare_marks);
	if (!ret && lack_ids(&marks)) {
		ids->state = IDS_UNMARKED;
	} else if (!ret) {
		ret = lay_out(ids, &marks, err);
		if (!ret)
			ids->state = state_of(ids);
	}
	vec_free(&marks);
	return ret;
}

int btf_ids_read(struct btf_ids *ids, const struct module *mod, struct error *err)
{
	int ret = btf_ids_open(ids, mod, err);

	return ret ? ret : check_counts(ids, err);
}

void btf_ids_free(struct btf_ids *ids)
{
	for (uint32_t i = 0; i < ids->entries.nr; i++)
		free(ids->entries.at[i].name);
	for (uint32_t i = 0; i < ids->sets.nr; i++)
		free(ids->sets.at[i].name);
	vec_free(&ids->entries);
	vec_free(&ids->sets);
	*ids = (struct btf_ids){ 0 };
}

/* Does it matter which id of the set is whose? */
static bool flags_differ(const struct btf_ids *ids, const struct ids_set *set)
{
	for (uint32_t i = 1; i < set->nr && set->pairs; i++)
		if (ids->entries.at[set->first + i].flags != ids->entries.at[set->first].flags)
			return true;
	return false;
}

bool btf_ids_need_old(const struct btf_ids *ids)
{
	if (ids->state == IDS_UNMARKED)
		return true;
	for (uint32_t i = 0; i < ids->sets.nr && ids->state == IDS_RESOLVED; i++)
		if (flags_differ(ids, &ids->sets.at[i]))
			return true;
	return false;
}

/* ---- kfuncs ---- */

static int add_kfunc(struct kfuncs *kfuncs, const struct ids_entry *entry, bool certain,
		     struct error *err)
{
	struct kfunc kfunc = { strdup(entry->name), entry->flags, certain && !entry->unclear };

	if (!kfunc.name || !vec_push(kfuncs, kfunc)) {
		free(kfunc.name);
		return error_nomem(err);
	}
	return 0;
}

int btf_ids_kfuncs(const struct btf_ids *ids, struct kfuncs *kfuncs, struct error *err)
{
	int ret = 0;

	*kfuncs = (struct kfuncs){ 0 };
	for (uint32_t i = 0; i < ids->sets.nr && !ret; i++) {
		const struct ids_set *set = &ids->sets.at[i];
		bool certain = ids->state != IDS_RESOLVED || !flags_differ(ids, set);

		if (!set->pairs || !(set->flags & IDS_SET8_KFUNCS))
			continue;
		for (uint32_t n = 0; n < set->nr && !ret; n++) {
			const struct ids_entry *entry = &ids->entries.at[set->first + n];

			if (entry->kind == BTF_KIND_FUNC && entry->name)
				ret = add_kfunc(kfuncs, entry, certain, err);
		}
	}
	if (ret)
		kfuncs_free(kfuncs);
	return ret;
}

void kfuncs_free(struct kfuncs *kfuncs)
{
	for (uint32_t i = 0; i < kfuncs->nr; i++)
		free(kfuncs->at[i].name);
	vec_free(kfuncs);
}
