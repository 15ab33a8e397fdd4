// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <inttypes.h>
#include <stdio.h>

#include "graph-fixture.h"

struct render {
	const struct btf *btf;
	FILE *out;
};

static void ref(const struct render *r, uint32_t id);

static bool is_own(const struct btf *btf, uint32_t id)
{
	return id >= btf->start_id;
}

/* What a name names: FWD counts as what it declares, ENUM64 as ENUM. */
static enum btf_kind name_kind(const struct btf_type *t)
{
	if (btf_kind(t) == BTF_KIND_FWD)
		return btf_kflag(t) ? BTF_KIND_UNION : BTF_KIND_STRUCT;
	return btf_kind(t) == BTF_KIND_ENUM64 ? BTF_KIND_ENUM : btf_kind(t);
}

static bool is_declaration(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_FWD || (name_kind(t) == BTF_KIND_ENUM && !btf_vlen(t));
}

/* "#2" where there are several definitions of that name on this side, "#0" for a declaration. */
static void number(const struct render *r, uint32_t id)
{
	const struct btf_type *t = btf_type(r->btf, id);
	const bool own = is_own(r->btf, id);
	uint32_t nr = 0, mine = 0;

	if (is_declaration(t)) {
		fprintf(r->out, "#0");
		return;
	}
	for (uint32_t i = own ? r->btf->start_id : 1;
	     i < (own ? btf_end_id(r->btf) : r->btf->start_id); i++) {
		const struct btf_type *u = btf_type(r->btf, i);

		if (name_kind(u) != name_kind(t) || is_declaration(u) ||
		    strcmp(btf_name(r->btf, u), btf_name(r->btf, t)) != 0)
			continue;
		nr++;
		if (i == id)
			mine = nr;
	}
	if (nr > 1)
		fprintf(r->out, "#%u", mine);
}

static const char *keyword(const struct btf_type *t)
{
	switch (name_kind(t)) {
	case BTF_KIND_STRUCT:
		return "struct";
	case BTF_KIND_UNION:
		return "union";
	case BTF_KIND_ENUM:
		return btf_kind(t) == BTF_KIND_ENUM64 ? "enum64" : "enum";
	default:
		return "?";
	}
}

/* Offsets are shown where bitfields or gaps make them worth it: of bitfields. */
static void members(const struct render *r, const struct btf_type *t)
{
	const struct btf_member *m = btf_extra(t);

	fprintf(r->out, "{ ");
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		ref(r, m[i].type);
		if (m[i].name_off)
			fprintf(r->out, " %s", btf_str(r->btf, m[i].name_off));
		if (btf_member_bitfield_size(t, i))
			fprintf(r->out, ":%u@%u", btf_member_bitfield_size(t, i),
				btf_member_bit_offset(t, i));
		fprintf(r->out, "; ");
	}
	fprintf(r->out, "}");
}

static void values(const struct render *r, const struct btf_type *t)
{
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);

	fprintf(r->out, "{ ");
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const bool wide = btf_kind(t) == BTF_KIND_ENUM64;
		int64_t value =
			wide ? (int64_t)((uint64_t)e64[i].val_hi32 << 32 | e64[i].val_lo32) :
			btf_kflag(t) ? e[i].val :
				       (int64_t)(uint32_t)e[i].val;

		fprintf(r->out, "%s%s=%" PRId64, i ? ", " : "",
			btf_str(r->btf, wide ? e64[i].name_off : e[i].name_off), value);
	}
	fprintf(r->out, " }");
}

static void proto(const struct render *r, const struct btf_type *t)
{
	const struct btf_param *p = btf_extra(t);

	fprintf(r->out, "func(");
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		fprintf(r->out, "%s", i ? ", " : "");
		if (!p[i].type && !p[i].name_off)
			fprintf(r->out, "...");
		else
			ref(r, p[i].type);
		if (p[i].name_off)
			fprintf(r->out, " %s", btf_str(r->btf, p[i].name_off));
	}
	fprintf(r->out, ") ");
	ref(r, t->type);
}

static void scalar(const struct render *r, const struct btf_type *t)
{
	static const char *const names[][2] = {
		{ "unsigned int", "uint" },
		{ "long int", "long" },
		{ "long unsigned int", "ulong" },
		{ "_Bool", "bool" },
	};
	const char *name = btf_name(r->btf, t);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i][0]))
			name = names[i][1];
	fprintf(r->out, "%s", name);
}

/* What a type without a name is. */
static void structure(const struct render *r, const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
		fprintf(r->out, "*");
		ref(r, t->type);
		break;
	case BTF_KIND_CONST:
		fprintf(r->out, "const ");
		ref(r, t->type);
		break;
	case BTF_KIND_VOLATILE:
		fprintf(r->out, "volatile ");
		ref(r, t->type);
		break;
	case BTF_KIND_RESTRICT:
		fprintf(r->out, "restrict ");
		ref(r, t->type);
		break;
	case BTF_KIND_TYPE_TAG:
		fprintf(r->out, "@%s ", btf_name(r->btf, t));
		ref(r, t->type);
		break;
	case BTF_KIND_ARRAY:
		fprintf(r->out, "[%u]", ((const struct btf_array *)btf_extra(t))->nelems);
		ref(r, ((const struct btf_array *)btf_extra(t))->type);
		break;
	case BTF_KIND_FUNC_PROTO:
		proto(r, t);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		fprintf(r->out, "%s ", keyword(t));
		members(r, t);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		fprintf(r->out, "%s ", keyword(t));
		values(r, t);
		break;
	default:
		fprintf(r->out, "%s", btf_kind_name(btf_kind(t)));
		break;
	}
}

static void ref(const struct render *r, uint32_t id)
{
	const struct btf_type *t = btf_type(r->btf, id);

	if (!id) {
		fprintf(r->out, "void");
		return;
	}
	if (!t) {
		fprintf(r->out, "no such type");
		return;
	}
	if (is_own(r->btf, id))
		fprintf(r->out, "+");
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
		scalar(r, t);
		break;
	case BTF_KIND_TYPEDEF:
		fprintf(r->out, "%s", btf_name(r->btf, t));
		number(r, id);
		break;
	case BTF_KIND_FUNC:
		fprintf(r->out, "fn %s", btf_name(r->btf, t));
		break;
	case BTF_KIND_VAR:
		fprintf(r->out, "var %s", btf_name(r->btf, t));
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FWD:
		if (t->name_off) {
			fprintf(r->out, "%s %s",
				name_kind(t) == BTF_KIND_ENUM ? "enum" : keyword(t),
				btf_name(r->btf, t));
			number(r, id);
			break;
		}
		structure(r, t);
		break;
	default:
		structure(r, t);
		break;
	}
}

static void datasec(const struct render *r, const struct btf_type *t)
{
	const struct btf_var_secinfo *v = btf_extra(t);

	fprintf(r->out, "section %s<%u> { ", btf_name(r->btf, t), t->size);
	for (uint32_t i = 0; i < btf_vlen(t); i++)
		fprintf(r->out, "%s@%u:%u; ", btf_name(r->btf, btf_type(r->btf, v[i].type)),
			v[i].offset, v[i].size);
	fprintf(r->out, "}");
}

/* The type @id as an item: what it is, not only its name. */
static void item(const struct render *r, uint32_t id)
{
	const struct btf_type *t = btf_type(r->btf, id);
	const uint32_t *word = btf_extra(t);

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
		scalar(r, t);
		fprintf(r->out, "<%u>", t->size);
		return;
	case BTF_KIND_TYPEDEF:
		fprintf(r->out, "typedef %s", btf_name(r->btf, t));
		number(r, id);
		fprintf(r->out, " ");
		ref(r, t->type);
		return;
	case BTF_KIND_FUNC:
		fprintf(r->out, "fn %s ", btf_name(r->btf, t));
		ref(r, t->type);
		return;
	case BTF_KIND_VAR:
		fprintf(r->out, "var %s ", btf_name(r->btf, t));
		ref(r, t->type);
		fprintf(r->out, "%s", *word == BTF_VAR_STATIC ? " static" : "");
		return;
	case BTF_KIND_DATASEC:
		datasec(r, t);
		return;
	case BTF_KIND_DECL_TAG:
		fprintf(r->out, "tag %s ", btf_name(r->btf, t));
		ref(r, t->type);
		if (*word != UINT32_MAX)
			fprintf(r->out, ".%u", *word);
		return;
	default:
		break;
	}
	if (!t->name_off || btf_kind(t) == BTF_KIND_TYPE_TAG) {
		structure(r, t);
		return;
	}
	fprintf(r->out, "%s %s", keyword(t), btf_name(r->btf, t));
	number(r, id);
	if (is_declaration(t))
		return;
	fprintf(r->out, " ");
	if (btf_kind(t) == BTF_KIND_STRUCT || btf_kind(t) == BTF_KIND_UNION)
		members(r, t);
	else
		values(r, t);
}

uint32_t render(const struct btf *btf, char ***items)
{
	*items = calloc((size_t)btf->nr + 1, sizeof(**items));
	assert_non_null(*items);
	for (uint32_t i = 0; i < btf->nr; i++) {
		struct render r = { .btf = btf };
		size_t size;

		r.out = open_memstream(&(*items)[i], &size);
		assert_non_null(r.out);
		item(&r, btf->start_id + i);
		assert_int_equal(fclose(r.out), 0);
	}
	return btf->nr;
}

void render_free(char **items, uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i++)
		free(items[i]);
	free(items);
}
