// SPDX-License-Identifier: GPL-2.0-only
/* Where the sets of a resolved section are, when no symbols say it. */
#include <elf.h>

#include "module/btf-ids-work.h"
#include "module/symtab.h"

#define MAX_WORDS ((uint32_t)1 << 20)

/* What a word may begin. */
enum piece_kind {
	PIECE_WORD = 1 << 0, /* an id of a list, or 0 */
	PIECE_SET = 1 << 1,
	PIECE_SET8 = 1 << 2,
};

struct word {
	uint32_t value;
	uint32_t ids;	/* how many ids stand from here on, each behind the other, ascending */
	uint32_t funcs; /* the same with a word of flags between, functions only */
	uint32_t start; /* the next word, this one included, that something leads to */
	uint8_t ways;	/* of taking the section apart from here on: 0, 1, 2 for more */
	uint8_t pieces; /* enum piece_kind: with which of them it can be done */
	bool led_to;	/* by a symbol or a pointer */
	bool pointed;	/* by a pointer in data */
};

struct layout {
	struct btf_ids *ids;
	const struct btf *old;
	struct word *words; /* and one past the end */
	uint32_t nr;
};

/* ---- what leads into the section ---- */

static void lead_to(struct layout *l, uint64_t offset, bool pointer)
{
	struct word *w;

	if (offset % 4 || offset / 4 >= l->nr)
		return;
	w = &l->words[offset / 4];
	w->led_to = true;
	w->pointed = w->pointed || pointer;
}

/* The relocation that a pointer in data has, by machine (psABIs); 0: not known. */
static uint32_t pointer_relocation(const struct module *mod)
{
	switch (mod->machine) {
	case EM_X86_64:
		return R_X86_64_64;
	case EM_AARCH64:
		return R_AARCH64_ABS64;
	case EM_PPC64:
		return R_PPC64_ADDR64;
	case EM_S390:
		return mod->is64 ? R_390_64 : R_390_32;
	case EM_RISCV:
		return mod->is64 ? R_RISCV_64 : R_RISCV_32;
	case EM_ARM:
		return R_ARM_ABS32;
	case EM_386:
		return R_386_32;
	case EM_PPC:
		return R_PPC_ADDR32;
	case EM_MIPS:
		return mod->is64 ? 0 : R_MIPS_32; /* in 64 bits its r_info is of another form */
	case 258:				  /* EM_LOONGARCH */
		return 2;			  /* R_LARCH_64 */
	default:
		return 0;
	}
}

struct relocation {
	uint64_t offset; /* in the section that is relocated */
	uint32_t type;
	uint32_t symbol;
	uint64_t addend;
};

static void read_relocation(const struct module *mod, const uint8_t *p, bool rela,
			    struct relocation *r)
{
	bool big = mod->big_endian;

	if (mod->is64) {
		uint64_t info = load_u64(p + offsetof(Elf64_Rela, r_info), big);

		r->offset = load_u64(p, big);
		r->type = (uint32_t)ELF64_R_TYPE(info);
		r->symbol = (uint32_t)ELF64_R_SYM(info);
		r->addend = rela ? load_u64(p + offsetof(Elf64_Rela, r_addend), big) : 0;
	} else {
		uint32_t info = load_u32(p + offsetof(Elf32_Rela, r_info), big);

		r->offset = load_u32(p, big);
		r->type = ELF32_R_TYPE(info);
		r->symbol = ELF32_R_SYM(info);
		r->addend = rela ? load_u32(p + offsetof(Elf32_Rela, r_addend), big) : 0;
	}
}

/* With SHT_REL the addend stands where the pointer will. */
static uint64_t stored_addend(const struct module *mod, const struct module_section *target,
			      uint64_t offset)
{
	struct bytes word = bytes_slice(target->data, offset, mod->is64 ? 8 : 4);

	if (!word.data)
		return UINT64_MAX;
	return mod->is64 ? load_u64(word.data, mod->big_endian) :
			   load_u32(word.data, mod->big_endian);
}

static void follow_relocations(struct layout *l, const struct symtab *tab,
			       const struct module_section *s)
{
	const struct module *mod = l->ids->mod;
	const struct module_section *target = &mod->sections[s->info];
	uint32_t pointer = pointer_relocation(mod);
	bool rela = s->type == SHT_RELA;
	size_t size = mod->is64 ? (rela ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel)) :
				  (rela ? sizeof(Elf32_Rela) : sizeof(Elf32_Rel));
	struct relocation r;
	struct symbol sym;

	for (size_t at = 0; range_fits(at, size, s->data.size); at += size) {
		read_relocation(mod, s->data.data + at, rela, &r);
		if (r.type != pointer || r.symbol >= tab->nr)
			continue;
		symtab_get(tab, r.symbol, &sym);
		if (sym.section != l->ids->section)
			continue;
		if (!rela)
			r.addend = stored_addend(mod, target, r.offset);
		lead_to(l, sym.value + r.addend, true);
	}
}

static void find_leads(struct layout *l)
{
	const struct module *mod = l->ids->mod;
	struct symtab tab;
	struct symbol sym;

	symtab_find(&tab, mod);
	for (uint32_t i = 1; i < tab.nr; i++) {
		symtab_get(&tab, i, &sym);
		if (sym.section == l->ids->section && sym.type != STT_SECTION)
			lead_to(l, sym.value, false);
	}
	if (!pointer_relocation(mod))
		return;
	for (uint32_t i = 1; i < mod->nr_sections; i++) {
		const struct module_section *s = &mod->sections[i];

		if ((s->type == SHT_REL || s->type == SHT_RELA) && s->link == tab.index &&
		    mod->sections[s->info].flags & SHF_ALLOC)
			follow_relocations(l, &tab, s);
	}
}

/* ---- taking it apart, from the end on ---- */

/* Kind of the type that an id names; BTF_KIND_UNKN if no symbol could have asked for it. */
static enum btf_kind kind_of(const struct layout *l, uint32_t id)
{
	const struct btf_type *t = id ? btf_type(l->old, id) : NULL;

	return t && ids_kind(btf_kind(t)) && *btf_name(l->old, t) ? btf_kind(t) : BTF_KIND_UNKN;
}

static void measure_runs(struct layout *l)
{
	l->words[l->nr].start = l->nr;
	for (uint32_t i = l->nr; i-- > 0;) {
		struct word *w = &l->words[i];
		enum btf_kind kind = kind_of(l, w->value);

		w->start = w->led_to ? i : w[1].start;
		if (kind != BTF_KIND_UNKN)
			w->ids = w[1].ids && w[1].value >= w->value ? w[1].ids + 1 : 1;
		if (kind == BTF_KIND_FUNC && i + 1 < l->nr)
			w->funcs = i + 2 < l->nr && w[2].funcs && w[2].value >= w->value ?
					   w[2].funcs + 1 :
					   1;
	}
}

/* Words that the set at @i takes up if there is one; 0: none. */
static uint32_t set_words(const struct layout *l, uint32_t i)
{
	const struct word *w = &l->words[i];
	uint32_t nr = w->value;

	if (!nr || i + 1 >= l->nr || nr > w[1].ids || w[1].start < i + 1 + nr)
		return 0;
	return 1 + nr;
}

static uint32_t set8_words(const struct layout *l, uint32_t i)
{
	const struct word *w = &l->words[i];
	uint32_t nr = w->value;

	if (i + 1 >= l->nr || w[1].value > IDS_SET8_KFUNCS)
		return 0;
	/* One of zeros alone is the same as a list of zeros. */
	if (!nr)
		return w[1].value && w[1].start > i + 1 ? 2 : 0;
	if (i + 2 >= l->nr || nr > w[2].funcs || w[1].start < i + 2 + 2 * nr)
		return 0;
	return 2 + 2 * nr;
}

/*
 * Where a pointer leads to what looks like a set of kfuncs, it is one: struct btf_kfunc_id_set
 * points to it. For a list to look the same, its first id would have to be as large as there are
 * functions behind it, its second 0 or 1, and every other one a function.
 */
static bool surely_set8(const struct layout *l, uint32_t i)
{
	return l->words[i].pointed && l->words[i].value && set8_words(l, i);
}

static void count_way(struct layout *l, uint32_t i, uint32_t words, enum piece_kind piece)
{
	struct word *w = &l->words[i];

	if (!words || !l->words[i + words].ways)
		return;
	w->pieces |= piece;
	w->ways = w->ways + l->words[i + words].ways > 1 ? 2 : 1;
}

static void count_ways(struct layout *l)
{
	l->words[l->nr].ways = 1;
	for (uint32_t i = l->nr; i-- > 0;) {
		count_way(l, i, set8_words(l, i), PIECE_SET8);
		if (surely_set8(l, i))
			continue;
		count_way(l, i, set_words(l, i), PIECE_SET);
		if (!l->words[i].value || kind_of(l, l->words[i].value) != BTF_KIND_UNKN)
			count_way(l, i, 1, PIECE_WORD);
	}
}

/* ---- what came out ---- */

static int add_entry(struct layout *l, uint32_t i, uint32_t set, struct error *err)
{
	const struct btf_type *t = btf_type(l->old, l->words[i].value);
	struct ids_entry e = {
		.kind = btf_kind(t), .offset = 4 * i, .set = set, .id = l->words[i].value
	};

	if (set != IDS_NO_SET && l->ids->sets.at[set].pairs)
		e.flags = l->words[i + 1].value;
	e.name = strdup(btf_name(l->old, t));
	if (!e.name || !vec_push(&l->ids->entries, e)) {
		free(e.name);
		return error_nomem(err);
	}
	return 0;
}

static int add_set(struct layout *l, uint32_t i, bool pairs, struct error *err)
{
	struct ids_set set = { .name = strdup(""),
			       .offset = 4 * i,
			       .first = l->ids->entries.nr,
			       .nr = l->words[i].value,
			       .count = l->words[i].value,
			       .pairs = pairs,
			       .flags = pairs ? l->words[i + 1].value : 0 };
	uint32_t at = i + set_header(pairs) / 4;
	int ret = 0;

	if (!set.name || !vec_push(&l->ids->sets, set)) {
		free(set.name);
		return error_nomem(err);
	}
	for (uint32_t n = 0; n < set.nr && !ret; n++, at += set_stride(pairs) / 4)
		ret = add_entry(l, at, l->ids->sets.nr - 1, err);
	return ret;
}

/* There is one way: from each word that is reached, one piece. */
static int take_apart(struct layout *l, struct error *err)
{
	uint32_t i = 0;
	int ret = 0;

	while (i < l->nr && !ret) {
		const struct word *w = &l->words[i];

		if (w->pieces == PIECE_WORD) {
			ret = w->value ? add_entry(l, i, IDS_NO_SET, err) : 0;
			i++;
		} else {
			bool pairs = w->pieces == PIECE_SET8;

			ret = add_set(l, i, pairs, err);
			i += pairs ? set8_words(l, i) : set_words(l, i);
		}
	}
	return ret;
}

/* The word that no piece covers: the first that is reached and leads nowhere. */
static int refuse(const struct layout *l, struct error *err)
{
	if (l->words[0].ways)
		return error_set(err, -ENOTUNIQ,
				 IDS_SECTION
				 ": symbols were stripped, and without them it is not "
				 "certain where its sets begin: take the module as it was before "
				 "strip --strip-unneeded");
	return error_set(err, -EINVAL,
			 IDS_SECTION
			 ": symbols were stripped, and its words are no ids of the BTF "
			 "that is said to be theirs: name the right base with --old-base, or "
			 "take the module as it was before strip --strip-unneeded");
}

int ids_recover_layout(struct btf_ids *ids, const struct btf *old, struct error *err)
{
	struct layout l = { .ids = ids, .old = old, .nr = (uint32_t)(ids->data.size / 4) };
	int ret;

	if (ids->data.size % 4)
		return error_set(err, -EINVAL, IDS_SECTION " has an odd size of 0x%zx bytes",
				 ids->data.size);
	if (l.nr > MAX_WORDS)
		return error_set(err, -EFBIG,
				 IDS_SECTION " without symbols has 0x%zx bytes, and %u are the "
					     "most that is accepted",
				 ids->data.size, 4 * MAX_WORDS);
	l.words = calloc((size_t)l.nr + 1, sizeof(*l.words));
	if (!l.words)
		return error_nomem(err);
	for (uint32_t i = 0; i < l.nr; i++)
		l.words[i].value = ids_word(ids, 4 * i);
	find_leads(&l);
	measure_runs(&l);
	count_ways(&l);
	ret = l.words[0].ways == 1 ? take_apart(&l, err) : refuse(&l, err);
	free(l.words);
	return ret;
}
