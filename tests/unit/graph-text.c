// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <ctype.h>

#include "btf-fixture.h"
#include "btf/functions.h"
#include "graph-text.h"

/* A reference to a name that is not defined yet: PENDING + its place in pending. */
#define PENDING 0x40000000u

struct pending {
	uint8_t kind;
	char name[32];
	uint32_t which;
};

struct reader {
	const char *p;
	struct text *text;
	VEC(struct pending) pending;
};

#define must(ok)                             \
	do {                                 \
		if (!(ok))                   \
			fail_msg("%s", #ok); \
	} while (0)

static void __attribute__((noreturn)) wrong(const struct reader *r, const char *what)
{
	fail_msg("text: %s expected at '%.40s'", what, r->p);
	abort();
}

static void skip_space(struct reader *r)
{
	while (isspace((unsigned char)*r->p))
		r->p++;
}

static bool at(struct reader *r, const char *s)
{
	skip_space(r);
	return !strncmp(r->p, s, strlen(s));
}

static bool accept(struct reader *r, const char *s)
{
	if (!at(r, s))
		return false;
	r->p += strlen(s);
	return true;
}

static void expect(struct reader *r, const char *s)
{
	if (!accept(r, s))
		wrong(r, s);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool accept_word(struct reader *r, const char *s)
{
	if (!at(r, s) || is_word(r->p[strlen(s)]))
		return false;
	r->p += strlen(s);
	return true;
}

/* Reads a name into @to, "" if there is none. @more: characters that it may hold besides. */
static void read_name(struct reader *r, char *to, const char *more)
{
	size_t len = 0;

	skip_space(r);
	while (is_word(r->p[len]) || (r->p[len] && strchr(more, r->p[len])))
		len++;
	if (len > 31)
		wrong(r, "a shorter name");
	memcpy(to, r->p, len);
	to[len] = '\0';
	r->p += len;
}

static int64_t read_number(struct reader *r)
{
	char *end;
	int64_t n;

	skip_space(r);
	n = (int64_t)strtoll(r->p, &end, 0);
	if (end == r->p)
		wrong(r, "a number");
	r->p = end;
	return n;
}

static uint32_t add(struct reader *r, struct text_type type)
{
	must(vec_push(&r->text->types, type));
	return r->text->types.nr - 1;
}

/* ENUM and ENUM64 are one kind of name, so are FWD and what it declares. */
static uint8_t name_kind(const struct text_type *t)
{
	if (t->kind == BTF_KIND_FWD)
		return t->flags & GRAPH_ENUM  ? BTF_KIND_ENUM :
		       t->flags & GRAPH_UNION ? BTF_KIND_UNION :
						BTF_KIND_STRUCT;
	return t->kind == BTF_KIND_ENUM64 ? BTF_KIND_ENUM : t->kind;
}

/* The definition number @which of a name, 0 if the text has none. */
static uint32_t find(const struct text *text, uint8_t kind, const char *name, uint32_t which)
{
	for (uint32_t id = 1; id < text->types.nr; id++) {
		const struct text_type *t = &text->types.at[id];

		if (t->kind != BTF_KIND_FWD && name_kind(t) == kind && !strcmp(t->name, name) &&
		    !--which)
			return id;
	}
	return 0;
}

static uint32_t declare(struct reader *r, uint8_t kind, const char *name)
{
	struct text_type fwd = { .kind = BTF_KIND_FWD };

	fwd.flags = kind == BTF_KIND_UNION ? GRAPH_UNION : kind == BTF_KIND_ENUM ? GRAPH_ENUM : 0;
	memcpy(fwd.name, name, strlen(name) + 1);
	for (uint32_t id = 1; id < r->text->types.nr; id++)
		if (r->text->types.at[id].kind == BTF_KIND_FWD &&
		    name_kind(&r->text->types.at[id]) == kind &&
		    !strcmp(r->text->types.at[id].name, name))
			return id;
	return add(r, fwd);
}

static uint32_t refer(struct reader *r, uint8_t kind, const char *name)
{
	struct pending p = { .kind = kind, .which = 1 };
	uint32_t id;

	memcpy(p.name, name, strlen(name) + 1);
	if (accept(r, "#")) {
		p.which = (uint32_t)read_number(r);
		if (!p.which)
			return declare(r, kind, name);
	}
	id = find(r->text, kind, name, p.which);
	if (id)
		return id;
	must(vec_push(&r->pending, p));
	return PENDING + r->pending.nr - 1;
}

static void resolve(struct reader *r, uint32_t *ref)
{
	const struct pending *p;
	uint32_t id;

	if (*ref < PENDING)
		return;
	p = &r->pending.at[*ref - PENDING];
	id = find(r->text, p->kind, p->name, p->which);
	if (!id && (p->which > 1 || p->kind == BTF_KIND_TYPEDEF))
		fail_msg("text: %s is not defined", p->name);
	*ref = id ? id : declare(r, p->kind, p->name);
}

static uint32_t size_of(const struct text *text, uint32_t id)
{
	const struct text_type *t;

	if (!id || id >= PENDING)
		return 0;
	t = &text->types.at[id];
	switch (t->kind) {
	case BTF_KIND_PTR:
		return 8;
	case BTF_KIND_ARRAY:
		return t->nr * size_of(text, t->type);
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return size_of(text, t->type);
	default:
		return t->size;
	}
}

static uint32_t align_of(const struct text *text, uint32_t id)
{
	const struct text_type *t = &text->types.at[id < PENDING ? id : 0];
	uint32_t align = 1;

	switch (t->kind) {
	case BTF_KIND_UNKN:
		return 1;
	case BTF_KIND_ARRAY:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return align_of(text, t->type);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (uint32_t i = 0; i < t->nr; i++) {
			uint32_t a = align_of(text, text->entries.at[t->first + i].type);

			align = a > align ? a : align;
		}
		return align;
	default:
		return size_of(text, id) ? size_of(text, id) : 1;
	}
}

static uint32_t read_type(struct reader *r);

static uint32_t round_up(uint32_t n, uint32_t to)
{
	return (n + to - 1) / to * to;
}

/* Reads "int a:3@8;" and places it at *@bit, which it moves on. */
static struct text_entry read_member(struct reader *r, bool is_union, uint32_t *bit)
{
	struct text_entry m = { .type = read_type(r) };
	uint32_t size, align;

	read_name(r, m.name, "");
	size = size_of(r->text, m.type) * 8;
	align = align_of(r->text, m.type) * 8;
	if (accept(r, ":"))
		m.bit_size = (uint32_t)read_number(r);
	if (!m.bit_size)
		m.bit_offset = round_up(*bit, align);
	else if (*bit / align == (*bit + m.bit_size - 1) / align)
		m.bit_offset = *bit;
	else
		m.bit_offset = round_up(*bit, align);
	if (accept(r, "@"))
		m.bit_offset = (uint32_t)read_number(r);
	*bit = is_union ? 0 : m.bit_offset + (m.bit_size ? m.bit_size : size);
	return m;
}

static uint32_t read_struct(struct reader *r, uint8_t kind)
{
	struct text_type t = { .kind = kind };
	VEC(struct text_entry) members = { 0 };
	uint32_t bit = 0, bytes = 0, align = 1;
	bool sized;

	read_name(r, t.name, "");
	sized = accept(r, "<");
	if (sized) {
		t.size = (uint32_t)read_number(r);
		expect(r, ">");
	}
	if (!accept(r, "{"))
		return refer(r, kind, t.name);
	while (!accept(r, "}")) {
		struct text_entry m = read_member(r, kind == BTF_KIND_UNION, &bit);
		uint32_t a = align_of(r->text, m.type);
		uint32_t end = m.bit_size ? m.bit_offset + m.bit_size :
					    m.bit_offset + size_of(r->text, m.type) * 8;

		expect(r, ";");
		must(vec_push(&members, m));
		align = a > align ? a : align;
		bytes = (end + 7) / 8 > bytes ? (end + 7) / 8 : bytes;
	}
	if (!sized)
		t.size = round_up(bytes, align);
	t.first = r->text->entries.nr;
	t.nr = members.nr;
	for (uint32_t i = 0; i < members.nr; i++)
		must(vec_push(&r->text->entries, members.at[i]));
	vec_free(&members);
	return add(r, t);
}

static uint32_t read_enum(struct reader *r, uint8_t kind)
{
	struct text_type t = { .kind = kind, .size = kind == BTF_KIND_ENUM64 ? 8 : 4 };

	read_name(r, t.name, "");
	if (!accept(r, "{"))
		return refer(r, BTF_KIND_ENUM, t.name);
	t.first = r->text->entries.nr;
	for (; !accept(r, "}"); t.nr++) {
		struct text_entry e = { 0 };

		read_name(r, e.name, "");
		expect(r, "=");
		e.value = (uint64_t)read_number(r);
		if ((int64_t)e.value < 0)
			t.flags |= GRAPH_SIGNED;
		accept(r, ",");
		must(vec_push(&r->text->entries, e));
	}
	return add(r, t);
}

static uint32_t read_proto(struct reader *r, uint8_t flags)
{
	struct text_type t = { .kind = BTF_KIND_FUNC_PROTO, .flags = flags };
	VEC(struct text_entry) params = { 0 };

	expect(r, "(");
	while (!accept(r, ")")) {
		struct text_entry p = { 0 };

		if (!accept(r, "...")) {
			p.type = read_type(r);
			read_name(r, p.name, "");
		}
		accept(r, ",");
		must(vec_push(&params, p));
	}
	t.type = read_type(r);
	t.first = r->text->entries.nr;
	t.nr = params.nr;
	for (uint32_t i = 0; i < params.nr; i++)
		must(vec_push(&r->text->entries, params.at[i]));
	vec_free(&params);
	return add(r, t);
}

/* The integer @name, which the text may have already. */
static uint32_t builtin(struct reader *r, const char *name)
{
	static const struct {
		const char *word;
		struct text_type type; /* nr: encoding */
	} types[] = {
		{ "int", { BTF_KIND_INT, 0, "int", 4, 0, 0, 1 << 24 | 32 } },
		{ "uint", { BTF_KIND_INT, 0, "unsigned int", 4, 0, 0, 32 } },
		{ "long", { BTF_KIND_INT, 0, "long int", 8, 0, 0, 1 << 24 | 64 } },
		{ "ulong", { BTF_KIND_INT, 0, "long unsigned int", 8, 0, 0, 64 } },
		{ "char", { BTF_KIND_INT, 0, "char", 1, 0, 0, 1 << 24 | 8 } },
		{ "bool", { BTF_KIND_INT, 0, "_Bool", 1, 0, 0, 4 << 24 | 8 } },
		{ "double", { BTF_KIND_FLOAT, 0, "double", 8, 0, 0, 0 } },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		uint32_t id;

		if (strcmp(types[i].word, name) != 0)
			continue;
		id = find(r->text, types[i].type.kind, types[i].type.name, 1);
		return id ? id : add(r, types[i].type);
	}
	return 0;
}

static uint32_t read_wrapped(struct reader *r, uint8_t kind, const char *name, uint32_t nr)
{
	struct text_type t = { .kind = kind, .nr = nr };

	memcpy(t.name, name, strlen(name) + 1);
	t.type = read_type(r);
	return add(r, t);
}

static uint32_t read_type(struct reader *r)
{
	char name[32] = "";
	uint32_t nr;

	if (accept(r, "*"))
		return read_wrapped(r, BTF_KIND_PTR, "", 0);
	if (accept_word(r, "const"))
		return read_wrapped(r, BTF_KIND_CONST, "", 0);
	if (accept_word(r, "volatile"))
		return read_wrapped(r, BTF_KIND_VOLATILE, "", 0);
	if (accept_word(r, "restrict"))
		return read_wrapped(r, BTF_KIND_RESTRICT, "", 0);
	if (accept(r, "@")) {
		read_name(r, name, "");
		return read_wrapped(r, BTF_KIND_TYPE_TAG, name, 0);
	}
	if (accept(r, "[")) {
		nr = (uint32_t)read_number(r);
		expect(r, "]");
		return read_wrapped(r, BTF_KIND_ARRAY, "", nr);
	}
	if (accept_word(r, "struct"))
		return read_struct(r, BTF_KIND_STRUCT);
	if (accept_word(r, "union"))
		return read_struct(r, BTF_KIND_UNION);
	if (accept_word(r, "enum"))
		return read_enum(r, BTF_KIND_ENUM);
	if (accept_word(r, "enum64"))
		return read_enum(r, BTF_KIND_ENUM64);
	if (accept_word(r, "func"))
		return read_proto(r, 0);
	if (accept_word(r, "void"))
		return 0;
	read_name(r, name, "");
	if (!*name)
		wrong(r, "a type");
	nr = builtin(r, name);
	return nr ? nr : refer(r, BTF_KIND_TYPEDEF, name);
}

static uint32_t read_flag(struct reader *r)
{
	if (accept_word(r, "reg"))
		return FUNC_UNEXPECTED_REG;
	if (accept_word(r, "uncertain"))
		return FUNC_UNCERTAIN_LOC;
	if (accept_word(r, "reordered"))
		return FUNC_REORDERED;
	if (accept_word(r, "optimized"))
		return FUNC_OPTIMIZED;
	wrong(r, "a flag");
}

static uint32_t read_component(struct reader *r)
{
	return accept(r, ".") ? (uint32_t)read_number(r) : UINT32_MAX;
}

static void read_func(struct reader *r)
{
	struct text_func f = { 0 };

	read_name(r, f.name, "");
	f.proto = read_proto(r, GRAPH_PART);
	while (!at(r, ";") && *r->p) {
		struct text_func_tag tag = { .func = r->text->funcs.nr };

		if (accept(r, "!")) {
			f.flags |= read_flag(r);
			continue;
		}
		expect(r, "~");
		read_name(r, tag.name, "");
		tag.component = read_component(r);
		must(vec_push(&r->text->func_tags, tag));
	}
	must(vec_push(&r->text->funcs, f));
}

static void read_var(struct reader *r)
{
	struct text_var v = { .linkage = BTF_VAR_GLOBAL_ALLOCATED };

	read_name(r, v.name, "");
	v.type = read_type(r);
	v.size = size_of(r->text, v.type);
	read_name(r, v.section, ".");
	expect(r, ":");
	v.offset = (uint32_t)read_number(r);
	if (accept_word(r, "static"))
		v.linkage = BTF_VAR_STATIC;
	must(vec_push(&r->text->vars, v));
}

static void read_item(struct reader *r)
{
	char name[32];
	uint32_t id;

	if (accept_word(r, "fn")) {
		read_func(r);
	} else if (accept_word(r, "var")) {
		read_var(r);
	} else if (accept_word(r, "typedef")) {
		read_name(r, name, "");
		read_wrapped(r, BTF_KIND_TYPEDEF, name, 0);
	} else if (accept_word(r, "tag")) {
		read_name(r, name, "");
		id = read_wrapped(r, BTF_KIND_DECL_TAG, name, 0);
		r->text->types.at[id].nr = read_component(r);
	} else {
		read_type(r);
	}
}

void text_read(struct text *text, const char *from)
{
	struct reader r = { .p = from, .text = text };
	uint32_t nr;

	*text = (struct text){ 0 };
	add(&r, (struct text_type){ 0 });
	for (skip_space(&r); *r.p; skip_space(&r)) {
		if (accept(&r, ";"))
			continue;
		read_item(&r);
		if (!accept(&r, ";") && *r.p)
			wrong(&r, ";");
	}
	/* Resolving appends declarations, which refer to nothing, and moves the array. */
	nr = text->types.nr;
	for (uint32_t id = 1; id < nr; id++) {
		uint32_t ref = text->types.at[id].type;

		resolve(&r, &ref);
		text->types.at[id].type = ref;
	}
	for (uint32_t i = 0; i < text->entries.nr; i++)
		resolve(&r, &text->entries.at[i].type);
	for (uint32_t i = 0; i < text->vars.nr; i++)
		resolve(&r, &text->vars.at[i].type);
	vec_free(&r.pending);
}

void text_free(struct text *text)
{
	vec_free(&text->types);
	vec_free(&text->entries);
	vec_free(&text->funcs);
	vec_free(&text->func_tags);
	vec_free(&text->vars);
}

/* ---- as a base ---- */

static uint32_t base_str(text_strings_t *strs, const char *name)
{
	const size_t len = strlen(name) + 1;
	uint32_t off;

	for (off = 0; off < strs->nr; off += (uint32_t)strlen(strs->at + off) + 1)
		if (!strcmp(strs->at + off, name))
			return off;
	must(vec_room(strs, len));
	memcpy(strs->at + off, name, len);
	strs->nr += (uint32_t)len;
	return off;
}

static void put(words_t *w, uint32_t word)
{
	must(vec_push(w, word));
}

static bool has_bitfields(const struct text *text, const struct text_type *t)
{
	for (uint32_t i = 0; i < t->nr; i++)
		if (text->entries.at[t->first + i].bit_size)
			return true;
	return false;
}

static void put_entries(const struct text *text, const struct text_type *t, words_t *w,
			text_strings_t *strs)
{
	const bool kflag = has_bitfields(text, t);

	for (uint32_t i = 0; i < t->nr; i++) {
		const struct text_entry *e = &text->entries.at[t->first + i];

		put(w, base_str(strs, e->name));
		switch (t->kind) {
		case BTF_KIND_ENUM64:
			put(w, (uint32_t)e->value);
			put(w, (uint32_t)(e->value >> 32));
			break;
		case BTF_KIND_ENUM:
			put(w, (uint32_t)e->value);
			break;
		case BTF_KIND_FUNC_PROTO:
			put(w, e->type);
			break;
		default:
			put(w, e->type);
			put(w, kflag ? e->bit_size << 24 | e->bit_offset : e->bit_offset);
			break;
		}
	}
}

static void put_type(struct text *text, const struct text_type *t, words_t *w, text_strings_t *strs)
{
	uint32_t kflag = 0, vlen = 0, last = t->type;

	put(w, base_str(strs, t->name));
	switch (t->kind) {
	case BTF_KIND_FWD:
		/* BTF declares enums as enums without values. */
		if (t->flags & GRAPH_ENUM) {
			put(w, INFO(BTF_KIND_ENUM, 0, 0));
			put(w, 4);
			return;
		}
		kflag = t->flags & GRAPH_UNION ? 1 : 0;
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		kflag = t->kind < BTF_KIND_ENUM ? has_bitfields(text, t) : t->flags & GRAPH_SIGNED;
		kflag = kflag ? 1 : 0;
		vlen = t->nr;
		last = t->size;
		break;
	case BTF_KIND_FUNC_PROTO:
		vlen = t->nr;
		break;
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
		last = t->size;
		break;
	case BTF_KIND_ARRAY:
		last = 0;
		break;
	default:
		break;
	}
	put(w, INFO(t->kind, vlen, kflag));
	put(w, last);
	if (t->kind == BTF_KIND_INT || t->kind == BTF_KIND_DECL_TAG) {
		put(w, t->nr);
	} else if (t->kind == BTF_KIND_ARRAY) {
		put(w, t->type);
		put(w, find(text, BTF_KIND_INT, "__ARRAY_SIZE_TYPE__", 1));
		put(w, t->nr);
	} else {
		put_entries(text, t, w, strs);
	}
}

/* A base with arrays has a type for their index, behind all others. */
static void add_array_index(struct text *text)
{
	const struct text_type index = { BTF_KIND_INT, 0, "__ARRAY_SIZE_TYPE__", 4, 0, 0, 32 };

	for (uint32_t id = 1; id < text->types.nr; id++) {
		if (text->types.at[id].kind != BTF_KIND_ARRAY)
			continue;
		must(vec_push(&text->types, index));
		return;
	}
}

struct buffer text_base(const struct text *text, bool big)
{
	struct text with_index = *text;
	text_strings_t strs = { 0 };
	words_t w = { 0 };
	struct buffer b;

	with_index.types.at = NULL;
	with_index.types.room = 0;
	must(vec_grow((void **)&with_index.types.at, &with_index.types.room, 0, text->types.nr + 1,
		      sizeof(*text->types.at)));
	memcpy(with_index.types.at, text->types.at, text->types.nr * sizeof(*text->types.at));
	add_array_index(&with_index);
	must(vec_push(&strs, '\0'));
	for (uint32_t id = 1; id < with_index.types.nr; id++)
		put_type(&with_index, &with_index.types.at[id], &w, &strs);
	/* Functions are there for their names and tags only: a module's is never the base's. */
	for (uint32_t i = 0; i < text->funcs.nr; i++) {
		put(&w, base_str(&strs, text->funcs.at[i].name));
		put(&w, INFO(BTF_KIND_FUNC, 0, 0));
		put(&w, text->funcs.at[i].proto);
	}
	for (uint32_t i = 0; i < text->func_tags.nr; i++) {
		put(&w, base_str(&strs, text->func_tags.at[i].name));
		put(&w, INFO(BTF_KIND_DECL_TAG, 0, 0));
		put(&w, with_index.types.nr + text->func_tags.at[i].func);
		put(&w, text->func_tags.at[i].component);
	}
	b = fixture_wrap(w.at, w.nr * sizeof(uint32_t), strs.at, strs.nr, big);
	vec_free(&w);
	vec_free(&strs);
	vec_free(&with_index.types);
	return b;
}

/* ---- as a graph ---- */

static uint32_t id_of(struct names *names, const char *name)
{
	uint32_t id = name_id(names, name, strlen(name));

	must(id != UINT32_MAX);
	return id;
}

void text_graph(const struct text *text, struct names *names, struct graph *graph)
{
	must(graph_reset(graph));
	for (uint32_t id = 1; id < text->types.nr; id++) {
		const struct text_type *t = &text->types.at[id];
		const bool values = t->kind == BTF_KIND_ENUM || t->kind == BTF_KIND_ENUM64;
		struct graph_node node = {
			.kind = t->kind,
			.flags = t->flags,
			.name = id_of(names, t->name),
			.size = t->size,
			.type = t->type,
			.first = values ? graph->values.nr : graph->members.nr,
			.nr = t->nr,
		};

		for (uint32_t i = t->first; values && i < t->first + t->nr; i++) {
			const struct text_entry *e = &text->entries.at[i];
			struct graph_value v = { id_of(names, e->name), e->value };

			must(vec_push(&graph->values, v));
		}
		if (t->kind == BTF_KIND_STRUCT || t->kind == BTF_KIND_UNION ||
		    t->kind == BTF_KIND_FUNC_PROTO) {
			for (uint32_t i = t->first; i < t->first + t->nr; i++) {
				const struct text_entry *e = &text->entries.at[i];
				struct graph_member m = { id_of(names, e->name), e->type,
							  e->bit_offset, e->bit_size };

				must(vec_push(&graph->members, m));
			}
		} else if (!values) {
			node.first = 0;
		}
		assert_int_equal(graph_add(graph, node), id);
	}
	for (uint32_t i = 0; i < text->func_tags.nr; i++) {
		const struct text_func_tag *t = &text->func_tags.at[i];
		struct graph_func_tag tag = { t->func, id_of(names, t->name), t->component, false };

		must(vec_push(&graph->func_tags, tag));
	}
}

static uint32_t pending(text_strings_t *strings, const char *name)
{
	const size_t len = strlen(name) + 1;
	const uint32_t offset = strings->nr;

	must(vec_room(strings, len));
	memcpy(strings->at + offset, name, len);
	strings->nr += (uint32_t)len;
	return NAME_PENDING | offset;
}

void text_names_pending(const struct text *text, struct graph *graph, text_strings_t *strings)
{
	uint32_t member = 0, value = 0;

	strings->nr = 0;
	for (uint32_t id = 1; id < text->types.nr; id++) {
		const struct text_type *t = &text->types.at[id];
		const bool values = t->kind == BTF_KIND_ENUM || t->kind == BTF_KIND_ENUM64;

		if (!values && t->kind != BTF_KIND_STRUCT && t->kind != BTF_KIND_UNION &&
		    t->kind != BTF_KIND_FUNC_PROTO)
			continue;
		for (uint32_t i = t->first; i < t->first + t->nr; i++) {
			const uint32_t name = pending(strings, text->entries.at[i].name);

			if (values)
				graph->values.at[value++].name = name;
			else
				graph->members.at[member++].name = name;
		}
	}
	graph->strings = (struct bytes){ (const uint8_t *)strings->at, strings->nr };
}
