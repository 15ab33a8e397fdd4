// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the symbols of .BTF_ids for itself, and only as far as checking needs it.
 */
#include "regen/check-work.h"

#include <elf.h>

#define IDS_SECTION ".BTF_ids"
#define PREFIX "__BTF_ID__"

/* A symbol of .BTF_ids: of one id, or of a set of them. */
struct mark {
	enum btf_kind kind; /* what the id shall be; BTF_KIND_UNKN: a set */
	const char *name;   /* without prefix and suffix; not NUL-terminated */
	size_t len;
	uint64_t offset;	/* bytes in the section */
	uint64_t size;		/* of sets */
	uint32_t header, entry; /* bytes, of sets */
};

typedef VEC(struct mark) marks_t;

struct ids {
	struct check *c;
	const struct btf *btf;
	struct bytes data;
	bool big;
	uint32_t nr_zero, nr_ids;
};

static const struct {
	const char *prefix;
	enum btf_kind kind;
	uint32_t header, entry;
} forms[] = {
	{ PREFIX "func__", BTF_KIND_FUNC, 0, 4 },   { PREFIX "struct__", BTF_KIND_STRUCT, 0, 4 },
	{ PREFIX "union__", BTF_KIND_UNION, 0, 4 }, { PREFIX "typedef__", BTF_KIND_TYPEDEF, 0, 4 },
	{ PREFIX "set__", BTF_KIND_UNKN, 4, 4 },  /* u32 cnt, ids */
	{ PREFIX "set8__", BTF_KIND_UNKN, 8, 8 }, /* u32 cnt, u32 flags, pairs of id and flags */
};

/* Fills in what the symbol's name says. False for names of no known form. */
static bool parse_name(struct mark *mark, const char *symbol)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const size_t len = strlen(forms[i].prefix);
		const char *end;

		if (strncmp(symbol, forms[i].prefix, len))
			continue;
		mark->kind = forms[i].kind;
		mark->header = forms[i].header;
		mark->entry = forms[i].entry;
		mark->name = symbol + len;
		mark->len = strlen(mark->name);
		if (mark->kind == BTF_KIND_UNKN)
			return true;
		/* __BTF_ID__func__NAME__123, with "__" in NAME perhaps */
		end = strrchr(mark->name, '_');
		if (!end || end - mark->name < 2 || end[-1] != '_')
			return false;
		mark->len = (size_t)(end - 1 - mark->name);
		return true;
	}
	return false;
}

static void read_marks(struct ids *ids, uint32_t section, const struct module_section *symtab,
		       struct bytes strtab, marks_t *out)
{
	const struct module *mod = ids->c->mod;
	const size_t size = mod->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

	for (size_t at = 0; size <= symtab->data.size && at <= symtab->data.size - size;
	     at += size) {
		const uint8_t *p = symtab->data.data + at;
		const uint32_t name = load_u32(p, ids->big);
		struct mark mark = { 0 };
		uint32_t shndx;

		if (mod->is64) {
			shndx = load_u16(p + offsetof(Elf64_Sym, st_shndx), ids->big);
			mark.offset = load_u64(p + offsetof(Elf64_Sym, st_value), ids->big);
			mark.size = load_u64(p + offsetof(Elf64_Sym, st_size), ids->big);
		} else {
			shndx = load_u16(p + offsetof(Elf32_Sym, st_shndx), ids->big);
			mark.offset = load_u32(p + offsetof(Elf32_Sym, st_value), ids->big);
			mark.size = load_u32(p + offsetof(Elf32_Sym, st_size), ids->big);
		}
		if (shndx != section || name >= strtab.size ||
		    !memchr(strtab.data + name, 0, strtab.size - name) ||
		    !parse_name(&mark, (const char *)strtab.data + name))
			continue;
		if (!vec_push(out, mark))
			ids->c->ret = error_nomem(ids->c->err);
	}
}

static void find_marks(struct ids *ids, uint32_t section, marks_t *out)
{
	const struct module *mod = ids->c->mod;

	for (uint32_t i = 1; i < mod->nr_sections; i++) {
		const struct module_section *s = &mod->sections[i];

		if (s->type == SHT_SYMTAB && s->link < mod->nr_sections)
			read_marks(ids, section, s, mod->sections[s->link].data, out);
	}
}

static uint32_t word_at(const struct ids *ids, uint64_t offset)
{
	return load_u32(ids->data.data + offset, ids->big);
}

static bool is_named(const struct btf *btf, const struct btf_type *t, const struct mark *mark)
{
	const char *name = btf_name(btf, t);

	return btf_kind(t) == mark->kind && strlen(name) == mark->len &&
	       !memcmp(name, mark->name, mark->len);
}

#define ids_fault(ids, id, ...) check_found((ids)->c, CHECK_IDS, (ids)->btf, id, __VA_ARGS__)

/* An id that stands alone or in a list. */
static void check_id(struct ids *ids, const struct mark *mark)
{
	const uint32_t id = word_at(ids, mark->offset);
	const struct btf_type *t = btf_type(ids->btf, id);

	ids->nr_ids++;
	ids->nr_zero += !id;
	if (!id)
		return;
	if (!t)
		ids_fault(ids, 0, IDS_SECTION ": '%.*s' is type %u, which does not exist",
			  (int)mark->len, mark->name, id);
	else if (!is_named(ids->btf, t, mark))
		ids_fault(ids, id, IDS_SECTION ": %s '%.*s' is type %u, which is %s '%s'",
			  btf_kind_name(mark->kind), (int)mark->len, mark->name, id,
			  btf_kind_name(btf_kind(t)), btf_name(ids->btf, t));
}

/* Kind and name of a member of a set, from symbols and from BTF. */
struct member {
	enum btf_kind kind;
	const char *name;
	size_t len;
	uint32_t id;
};

typedef VEC(struct member) members_t;

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	const size_t len = x->len < y->len ? x->len : y->len;
	int ret;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	ret = memcmp(x->name, y->name, len);
	return ret ? ret : x->len < y->len ? -1 : x->len > y->len;
}

/*
 * The ids of a set have been sorted, so positions do not tell which is which: the names that
 * symbols say must be those that ids lead to. Ids of 0 are names that could not be resolved.
 */
static void compare_names(struct ids *ids, const struct mark *set, members_t *want, members_t *have)
{
	uint32_t i = 0, j = 0;

	qsort(want->at, want->nr, sizeof(*want->at), compare_members);
	qsort(have->at, have->nr, sizeof(*have->at), compare_members);
	while (j < have->nr) {
		int cmp = i < want->nr ? compare_members(&want->at[i], &have->at[j]) : 1;

		i += cmp <= 0;
		j += cmp >= 0;
		if (cmp > 0)
			ids_fault(ids, have->at[j - 1].id,
				  IDS_SECTION ": set '%.*s' has type %u, %s '%s', which no symbol "
					      "names",
				  (int)set->len, set->name, have->at[j - 1].id,
				  btf_kind_name(have->at[j - 1].kind), have->at[j - 1].name);
	}
}

static void check_members(struct ids *ids, const struct mark *set, uint32_t nr,
			  const marks_t *marks)
{
	members_t want = { 0 }, have = { 0 };
	uint32_t last = 0;

	for (uint32_t i = 0; i < nr; i++) {
		const uint32_t id = word_at(ids, set->offset + set->header + i * set->entry);
		const struct btf_type *t = btf_type(ids->btf, id);

		ids->nr_ids++;
		ids->nr_zero += !id;
		if (id < last)
			ids_fault(ids, id, IDS_SECTION ": set '%.*s' is not sorted: %u behind %u",
				  (int)set->len, set->name, id, last);
		last = id;
		if (id && !t)
			ids_fault(ids, 0,
				  IDS_SECTION ": set '%.*s' has type %u, which does not exist",
				  (int)set->len, set->name, id);
		if (!id || !t)
			continue;
		if (!vec_push(&have, ((struct member){ btf_kind(t), btf_name(ids->btf, t),
						       strlen(btf_name(ids->btf, t)), id })))
			ids->c->ret = error_nomem(ids->c->err);
	}
	for (const struct mark *mark = set + 1;
	     mark < marks->at + marks->nr && mark->offset - set->offset < set->size; mark++) {
		if (mark->kind != BTF_KIND_UNKN &&
		    !vec_push(&want, ((struct member){ mark->kind, mark->name, mark->len, 0 })))
			ids->c->ret = error_nomem(ids->c->err);
	}
	if (have.nr && !ids->c->ret)
		compare_names(ids, set, &want, &have);
	vec_free(&want);
	vec_free(&have);
}

static void check_set(struct ids *ids, const struct mark *set, const marks_t *marks)
{
	uint64_t nr;

	if (set->size < set->header || !range_fits(set->offset, set->size, ids->data.size)) {
		ids_fault(ids, 0, IDS_SECTION ": set '%.*s' lies outside of the section",
			  (int)set->len, set->name);
		return;
	}
	nr = (set->size - set->header) / set->entry;
	if (!word_at(ids, set->offset) && nr)
		check_as(ids->c, CHECK_IDS, CHECK_FINDING, NULL, 0,
			 IDS_SECTION ": set '%.*s' is not resolved", (int)set->len, set->name);
	else if (word_at(ids, set->offset) != nr)
		ids_fault(ids, 0, IDS_SECTION ": set '%.*s' counts %u ids, its symbol %llu",
			  (int)set->len, set->name, word_at(ids, set->offset),
			  (unsigned long long)nr);
	check_members(ids, set, (uint32_t)nr, marks);
}

/* A set stands before what is in it. */
static int compare_marks(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (x->kind != BTF_KIND_UNKN) - (y->kind != BTF_KIND_UNKN);
}

static void check_marks(struct ids *ids, const marks_t *marks)
{
	uint64_t end = 0; /* of the last set */

	for (uint32_t i = 0; i < marks->nr && !ids->c->ret; i++) {
		const struct mark *mark = &marks->at[i];

		if (mark->kind != BTF_KIND_UNKN) {
			if (mark->offset < end)
				continue;
			if (range_fits(mark->offset, 4, ids->data.size))
				check_id(ids, mark);
			else
				ids_fault(ids, 0,
					  IDS_SECTION ": '%.*s' lies outside of the section",
					  (int)mark->len, mark->name);
			continue;
		}
		if (mark->offset < end) {
			ids_fault(ids, 0, IDS_SECTION ": set '%.*s' begins inside of another one",
				  (int)mark->len, mark->name);
			continue;
		}
		check_set(ids, mark, marks);
		if (range_fits(mark->offset, mark->size, ids->data.size))
			end = mark->offset + mark->size;
	}
}

void check_ids(struct check *c, const struct btf *btf)
{
	const uint32_t section = module_find_section(c->mod, IDS_SECTION);
	struct ids ids = { .c = c, .btf = btf, .big = c->mod->big_endian };
	marks_t marks = { 0 };

	if (!section)
		return;
	ids.data = c->mod->sections[section].data;
	find_marks(&ids, section, &marks);
	if (marks.nr)
		qsort(marks.at, marks.nr, sizeof(*marks.at), compare_marks);
	check_marks(&ids, &marks);
	if (ids.data.size && !marks.nr)
		check_as(c, CHECK_IDS, CHECK_INFO, NULL, 0,
			 IDS_SECTION ": no symbols tell what its ids shall be");
	else if (ids.nr_zero)
		check_as(c, CHECK_IDS, CHECK_FINDING, NULL, 0,
			 IDS_SECTION ": %u of %u ids are 0: not resolved", ids.nr_zero, ids.nr_ids);
	vec_free(&marks);
}
