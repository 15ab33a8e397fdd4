// SPDX-License-Identifier: GPL-2.0-only
#include "module/debug-link.h"

#include <elf.h>
#include <stdio.h>

#include "module/symtab.h"
#include "util/hash.h"

#define PERCPU_SECTION ".data..percpu"

static uint64_t padded(uint32_t size)
{
	return ((uint64_t)size + 3) & ~(uint64_t)3;
}

/* The build id among the notes of one section. */
static struct bytes find_build_id(struct bytes notes, bool big)
{
	const struct bytes none = { NULL, 0 };

	while (notes.size >= sizeof(Elf64_Nhdr)) {
		uint32_t owner = load_u32(notes.data, big), desc = load_u32(notes.data + 4, big);
		uint64_t at = sizeof(Elf64_Nhdr) + padded(owner);
		struct bytes id = bytes_slice(notes, at, desc);

		if (!id.data)
			return none;
		if (load_u32(notes.data + 8, big) == NT_GNU_BUILD_ID && owner == 4 &&
		    !memcmp(notes.data + sizeof(Elf64_Nhdr), "GNU", 4))
			return desc >= 2 && desc <= BUILD_ID_LIMIT ? id : none;
		at += padded(desc);
		if (at >= notes.size)
			return none;
		notes = bytes_slice(notes, at, notes.size - at);
	}
	return none;
}

struct bytes module_build_id(const struct module *mod)
{
	struct bytes id = { NULL, 0 };

	for (uint32_t i = 1; i < mod->nr_sections && !id.size; i++)
		if (mod->sections[i].type == SHT_NOTE && !(mod->sections[i].flags & SHF_COMPRESSED))
			id = find_build_id(mod->sections[i].data, mod->big_endian);
	return id;
}

const char *module_debug_link(const struct module *mod)
{
	uint32_t index = module_find_section(mod, ".gnu_debuglink");
	struct bytes link = index ? mod->sections[index].data : (struct bytes){ NULL, 0 };
	const char *name = (const char *)link.data;

	if (!link.size || !*name || !memchr(name, 0, link.size) || strchr(name, '/'))
		return NULL;
	return name;
}

bool module_has_debug(const struct module *mod)
{
	for (uint32_t i = 1; i < mod->nr_sections; i++)
		if (mod->sections[i].data.size && (!strcmp(mod->sections[i].name, ".debug_info") ||
						   !strcmp(mod->sections[i].name, ".debug_types")))
			return true;
	return false;
}

static void hex(struct bytes id, char text[2 * BUILD_ID_LIMIT + 1])
{
	text[0] = '\0';
	for (size_t i = 0; i < id.size; i++)
		sprintf(text + 2 * i, "%02x", id.data[i]);
}

static int check_build_ids(struct bytes mod, struct bytes debug, struct error *err)
{
	char ours[2 * BUILD_ID_LIMIT + 1], theirs[2 * BUILD_ID_LIMIT + 1];

	if (mod.size == debug.size && !memcmp(mod.data, debug.data, mod.size))
		return 0;
	hex(mod, ours);
	hex(debug, theirs);
	return error_set(err, -EINVAL,
			 "it is of another build: its build id is %s, and the module's %s", theirs,
			 ours);
}

/* What a file without a name in .modinfo is called by: foo.o, foo.debug. */
static size_t name_length(const char *name)
{
	static const char *const suffixes[] = { ".debug", ".o" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		size_t n = strlen(suffixes[i]);

		if (len > n && !memcmp(name + len - n, suffixes[i], n))
			len -= n;
	}
	return len;
}

static int check_names(const struct module *mod, const struct module *debug, struct error *err)
{
	size_t len = name_length(debug->name);

	if (strlen(mod->name) == len && !memcmp(mod->name, debug->name, len))
		return 0;
	return error_set(err, -EINVAL,
			 "without a build id it is told by its name, and that is %.*s where the "
			 "module is %s",
			 (int)len, debug->name, mod->name);
}

/* One comparison of two files by their symbols. */
struct comparison {
	const struct module *mod, *debug;
	struct symtab ours, theirs;
	struct idtab by_name; /* index in theirs of the first of a name, by hash of that */
	uint32_t *next;	      /* of each in theirs: another one of its name; 0: none */
	bool *met;	      /* of each first one: the module has the name as well */
	bool code;	      /* code can be compared */
	uint32_t functions;   /* that both have */
	uint64_t steps;
};

/*
 * Comparisons for each symbol: names that many local symbols share are legal, but time shall not grow
 * with the square of a table that is made up.
 */
#define MAX_STEPS 256

static int count_steps(struct comparison *c, uint64_t steps, struct error *err)
{
	c->steps += steps;
	if (c->steps / MAX_STEPS <= (uint64_t)c->ours.nr + c->theirs.nr + (1 << 16))
		return 0;
	return error_set(err, -EINVAL, "its symbols are mostly of one name");
}

static bool is_global(const struct symtab *tab, uint32_t i)
{
	return symtab_binding(tab, i) != STB_LOCAL;
}

static bool is_defined(const struct module *mod, const struct symbol *sym)
{
	return sym->section != SHN_UNDEF && sym->section < mod->nr_sections;
}

static const struct module_section *section_of(const struct module *mod, const struct symbol *sym)
{
	return &mod->sections[sym->section];
}

/* The bytes of a symbol, empty where the file does not have them. */
static struct bytes content(const struct module *mod, const struct symbol *sym)
{
	const struct module_section *s = section_of(mod, sym);

	if (!s->data.data || s->flags & SHF_COMPRESSED)
		return (struct bytes){ NULL, 0 };
	return bytes_slice(s->data, sym->value, sym->size);
}

static bool same_code(const struct comparison *c, const struct symbol *ours,
		      const struct symbol *theirs)
{
	struct bytes a = content(c->mod, ours), b = content(c->debug, theirs);

	return !c->code || !a.data || !b.data || !memcmp(a.data, b.data, a.size);
}

static bool fits(const struct comparison *c, const struct symbol *ours, const struct symbol *theirs)
{
	const char *section = section_of(c->mod, ours)->name;

	if (ours->type != theirs->type || ours->size != theirs->size ||
	    !module_takes_section(section, section_of(c->debug, theirs)->name))
		return false;
	if (ours->type == STT_FUNC)
		return same_code(c, ours, theirs);
	return strcmp(section, PERCPU_SECTION) != 0 || ours->value == theirs->value;
}

static bool is_compared(const struct module *mod, const struct symbol *sym)
{
	return is_defined(mod, sym) && (sym->type == STT_FUNC || sym->type == STT_OBJECT);
}

/* The first symbol in theirs of that name, 0 if there is none. */
static uint32_t find_first(const struct comparison *c, const char *name, uint32_t hash)
{
	uint32_t i, pos;
	struct symbol sym;

	for (i = idtab_first(&c->by_name, hash, &pos); i; i = idtab_next(&c->by_name, hash, &pos))
		if (symtab_get(&c->theirs, i, &sym) && !strcmp(sym.name, name))
			return i;
	return 0;
}

static int index_theirs(struct comparison *c, struct error *err)
{
	struct symbol sym;

	c->next = calloc(c->theirs.nr + 1, sizeof(*c->next));
	c->met = calloc(c->theirs.nr + 1, sizeof(*c->met));
	if (!c->next || !c->met)
		return error_nomem(err);
	for (uint32_t i = 1; i < c->theirs.nr; i++) {
		uint32_t hash, first;

		if (!symtab_get(&c->theirs, i, &sym) || !is_compared(c->debug, &sym))
			continue;
		hash = hash_bytes(sym.name, strlen(sym.name));
		first = find_first(c, sym.name, hash);
		if (!first && !idtab_add(&c->by_name, hash, i))
			return error_nomem(err);
		if (first) {
			c->next[i] = c->next[first];
			c->next[first] = i;
		}
	}
	return 0;
}

/*
 * Local symbols of a name may be several, from different files of the source: one of them is to fit.
 * Sets @found where there is any. Returns 0, -EINVAL.
 */
static int find_theirs(struct comparison *c, const struct symbol *ours, bool *found,
		       struct error *err)
{
	uint32_t i = find_first(c, ours->name, hash_bytes(ours->name, strlen(ours->name)));
	struct symbol sym;
	int ret = 0;

	*found = i;
	c->met[i] = true;
	for (; i && !ret; i = c->next[i]) {
		if (symtab_get(&c->theirs, i, &sym) && fits(c, ours, &sym))
			return 0;
		ret = count_steps(c, 1, err);
	}
	if (ret || !*found)
		return ret;
	return error_set(err, -EINVAL, "it is of another build: %s %s is not what the module has",
			 ours->type == STT_FUNC ? "function" : "variable", ours->name);
}

/* The linker itself adds these to a module: --save-restore-funcs of powerpc. */
static bool is_linkers(const struct module *mod, const char *name)
{
	return mod->machine == EM_PPC64 &&
	       (!strncmp(name, "_save", 5) || !strncmp(name, "_rest", 5));
}

static int check_ours(struct comparison *c, uint32_t i, struct error *err)
{
	struct symbol sym;
	bool found;
	int ret;

	if (!symtab_get(&c->ours, i, &sym) || !is_compared(c->mod, &sym))
		return 0;
	/* foo.mod.c has __UNIQUE_ID_name457 and the like, which others may have as well. */
	if (sym.type == STT_OBJECT && sym.name[0] == '_')
		return 0;
	ret = find_theirs(c, &sym, &found, err);
	if (ret || sym.type != STT_FUNC)
		return ret;
	c->functions += found;
	/* What foo.mod.c adds has no functions that others could call. */
	if (!found && is_global(&c->ours, i) && !is_linkers(c->mod, sym.name))
		return error_set(
			err, -EINVAL,
			"it is of another build: it lacks function %s, which the module has",
			sym.name);
	return 0;
}

/* Global functions in sections that the module has are in the module. */
static int check_theirs(struct comparison *c, uint32_t i, struct error *err)
{
	struct symbol sym;
	int ret;

	if (!is_global(&c->theirs, i) || !symtab_get(&c->theirs, i, &sym) ||
	    !is_defined(c->debug, &sym) || sym.type != STT_FUNC ||
	    c->met[find_first(c, sym.name, hash_bytes(sym.name, strlen(sym.name)))])
		return 0;
	ret = count_steps(c, c->mod->nr_sections, err);
	if (ret || !module_find_section(c->mod, section_of(c->debug, &sym)->name))
		return ret;
	return error_set(err, -EINVAL,
			 "it is of another build: it has function %s, which the module lacks",
			 sym.name);
}

static int compare_symbols(struct comparison *c, struct error *err)
{
	int ret = index_theirs(c, err);

	for (uint32_t i = 1; i < c->ours.nr && !ret; i++)
		ret = check_ours(c, i, err);
	if (ret)
		return ret;
	c->met[0] = false;
	for (uint32_t i = 1; i < c->theirs.nr && !ret; i++)
		ret = check_theirs(c, i, err);
	if (!ret && !c->functions)
		ret = error_set(err, -EINVAL,
				"it has no build id, and no function by which it could be told");
	return ret;
}

/* SHT_REL has addends in the code, which linking changes. */
static bool has_rel(const struct module *mod)
{
	for (uint32_t i = 1; i < mod->nr_sections; i++)
		if (mod->sections[i].type == SHT_REL)
			return true;
	return false;
}

static int check_machine(const struct module *mod, const struct module *debug, struct error *err)
{
	if (mod->is64 == debug->is64 && mod->big_endian == debug->big_endian &&
	    mod->machine == debug->machine)
		return 0;
	return error_set(err, -EINVAL, "it is for another machine than the module");
}

static void comparison_init(struct comparison *c, const struct module *mod,
			    const struct module *debug)
{
	*c = (struct comparison){ .mod = mod,
				  .debug = debug,
				  .code = !has_rel(mod) && !has_rel(debug) };
	symtab_find(&c->ours, mod);
	symtab_find(&c->theirs, debug);
}

static void comparison_free(struct comparison *c)
{
	idtab_free(&c->by_name);
	free(c->next);
	free(c->met);
}

int module_check_debug(const struct module *mod, const struct module *debug, struct error *err)
{
	struct bytes ours = module_build_id(mod), theirs = module_build_id(debug);
	struct comparison c;
	int ret;

	ret = check_machine(mod, debug, err);
	if (ret)
		return ret;
	if (ours.size && theirs.size)
		return check_build_ids(ours, theirs, err);
	ret = check_names(mod, debug, err);
	if (ret)
		return ret;
	comparison_init(&c, mod, debug);
	ret = compare_symbols(&c, err);
	comparison_free(&c);
	return ret;
}

/* Each variable of the part, here ours, among those of the module. */
static int compare_part(struct comparison *c, struct error *err)
{
	int ret = index_theirs(c, err);
	struct symbol sym;
	bool found;

	for (uint32_t i = 1; i < c->ours.nr && !ret; i++) {
		if (!symtab_get(&c->ours, i, &sym) || !is_compared(c->mod, &sym))
			continue;
		if (sym.type == STT_FUNC)
			return error_set(err, -EINVAL, "it has functions");
		ret = find_theirs(c, &sym, &found, err);
	}
	return ret;
}

int module_check_debug_part(const struct module *mod, const struct module *part, struct error *err)
{
	struct comparison c;
	int ret;

	ret = check_machine(mod, part, err);
	if (ret)
		return ret;
	if (module_find_section(part, PERCPU_SECTION))
		return error_set(err, -EINVAL, "it has per-CPU variables");
	comparison_init(&c, part, mod);
	ret = compare_part(&c, err);
	comparison_free(&c);
	return ret;
}
