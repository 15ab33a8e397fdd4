// SPDX-License-Identifier: GPL-2.0-only
/*
 * A declaration is written from the inside out: what stands before the name, the name, what stands
 * behind it.
 */
#include "btf/declare.h"

#include <stdio.h>

#define DEPTH_MAX 64
#define LENGTH_MAX 4000 /* characters; then the line ends */
#define SIZE_MAX_TOLD ((uint64_t)1 << 40)

#define QUAL_CONST 1
#define QUAL_VOLATILE 2
#define QUAL_RESTRICT 4

struct declarer {
	const struct btf *btf;
	struct strbuf *out;
	enum declare_style style;
	size_t end; /* no more behind this place */
	bool cut;
};

static enum btf_kind kind_of(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf_type(btf, id);

	return t ? btf_kind(t) : BTF_KIND_UNKN;
}

static void put(struct declarer *d, const char *text)
{
	if (d->cut)
		return;
	if (d->out->len >= d->end) {
		d->cut = true;
		text = "...";
	}
	strbuf_puts(d->out, text);
}

static void declare(struct declarer *d, uint32_t id, const char *name, int depth);

static void put_members(struct declarer *d, const struct btf_type *t, int depth)
{
	const struct btf_member *m = btf_extra(t);

	put(d, " {");
	for (uint32_t i = 0; i < btf_vlen(t) && !d->cut; i++) {
		const uint32_t bits = btf_member_bitfield_size(t, i);
		char width[16];

		if (i)
			put(d, " ");
		declare(d, m[i].type, btf_str(d->btf, m[i].name_off), depth + 1);
		snprintf(width, sizeof(width), ":%u", bits);
		if (bits)
			put(d, width);
		put(d, ";");
	}
	put(d, "}");
}

int64_t btf_enumerator_value(const struct btf_type *t, uint32_t i, bool *negative)
{
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);
	bool is_signed = btf_kflag(t);
	int64_t v;

	if (btf_kind(t) == BTF_KIND_ENUM64) {
		v = (int64_t)((uint64_t)e64[i].val_hi32 << 32 | e64[i].val_lo32);
	} else {
		/* Without kind_flag, values of small enums that do not fit were negative once. */
		is_signed = is_signed || (t->size < 4 && (uint32_t)e[i].val >> t->size * 8);
		v = is_signed ? (int64_t)e[i].val : (int64_t)(uint32_t)e[i].val;
	}
	*negative = is_signed && v < 0;
	return v;
}

const char *btf_enumerator_name(const struct btf *btf, const struct btf_type *t, uint32_t i)
{
	const struct btf_enum64 *e64 = btf_extra(t);
	const struct btf_enum *e = btf_extra(t);

	return btf_str(btf, btf_kind(t) == BTF_KIND_ENUM64 ? e64[i].name_off : e[i].name_off);
}

static void put_enumerators(struct declarer *d, const struct btf_type *t)
{
	put(d, " {");
	for (uint32_t i = 0; i < btf_vlen(t) && !d->cut; i++) {
		char value[32];
		bool negative;
		const int64_t v = btf_enumerator_value(t, i, &negative);

		if (i)
			put(d, ", ");
		put(d, btf_enumerator_name(d->btf, t, i));
		if (negative)
			snprintf(value, sizeof(value), " = %lld", (long long)v);
		else
			snprintf(value, sizeof(value), " = %llu", (unsigned long long)v);
		put(d, value);
	}
	put(d, "}");
}

/* "struct foo", or what stands for the members of one without a name. */
static void put_tagged(struct declarer *d, const char *word, const struct btf_type *t, int depth)
{
	const enum btf_kind kind = btf_kind(t);

	put(d, word);
	if (t->name_off) {
		put(d, " ");
		put(d, btf_name(d->btf, t));
	} else if (d->style == DECLARE_ELIDED) {
		put(d, " {...}");
	} else if (kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64) {
		put_enumerators(d, t);
	} else if (kind != BTF_KIND_FWD) {
		put_members(d, t, depth);
	}
}

static void put_specifier(struct declarer *d, uint32_t id, int depth)
{
	const struct btf_type *t = btf_type(d->btf, id);

	switch (kind_of(d->btf, id)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPEDEF:
		put(d, btf_name(d->btf, t));
		break;
	case BTF_KIND_STRUCT:
		put_tagged(d, "struct", t, depth);
		break;
	case BTF_KIND_UNION:
		put_tagged(d, "union", t, depth);
		break;
	case BTF_KIND_FWD:
		put_tagged(d, btf_kflag(t) ? "union" : "struct", t, depth);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		put_tagged(d, "enum", t, depth);
		break;
	default:
		put(d, "void");
	}
}

static void put_qualifiers(struct declarer *d, unsigned int quals)
{
	if (quals & QUAL_CONST)
		put(d, "const ");
	if (quals & QUAL_VOLATILE)
		put(d, "volatile ");
	if (quals & QUAL_RESTRICT)
		put(d, "restrict ");
}

/* Tags as the kernel's sources write them: __rcu, __user. */
static void put_tag(struct declarer *d, const struct btf_type *t)
{
	put(d, btf_kflag(t) ? "__attribute__((" : "__");
	put(d, btf_name(d->btf, t));
	put(d, btf_kflag(t) ? ")) " : " ");
}

/* Does a "*" before @id need brackets, for what stands behind the name binds closer? */
static bool binds_closer(const struct btf *btf, uint32_t id)
{
	for (int i = 0; i < DEPTH_MAX; i++) {
		const enum btf_kind kind = kind_of(btf, id);

		if (kind == BTF_KIND_TYPEDEF || !btf_kind_is_modifier(kind))
			return kind == BTF_KIND_ARRAY || kind == BTF_KIND_FUNC_PROTO;
		id = btf_type(btf, id)->type;
	}
	return false;
}

static void put_before(struct declarer *d, uint32_t id, unsigned int quals, int depth)
{
	const struct btf_type *t = btf_type(d->btf, id);

	if (depth > DEPTH_MAX) {
		put(d, "... ");
		return;
	}
	switch (kind_of(d->btf, id)) {
	case BTF_KIND_CONST:
		put_before(d, t->type, quals | QUAL_CONST, depth + 1);
		break;
	case BTF_KIND_VOLATILE:
		put_before(d, t->type, quals | QUAL_VOLATILE, depth + 1);
		break;
	case BTF_KIND_RESTRICT:
		put_before(d, t->type, quals | QUAL_RESTRICT, depth + 1);
		break;
	case BTF_KIND_TYPE_TAG:
		put_before(d, t->type, quals, depth + 1);
		put_tag(d, t);
		break;
	case BTF_KIND_PTR:
		put_before(d, t->type, 0, depth + 1);
		put(d, binds_closer(d->btf, t->type) ? "(*" : "*");
		put_qualifiers(d, quals);
		break;
	case BTF_KIND_ARRAY:
		put_before(d, ((const struct btf_array *)btf_extra(t))->type, quals, depth + 1);
		break;
	case BTF_KIND_FUNC_PROTO:
		put_before(d, t->type, 0, depth + 1);
		break;
	default:
		put_qualifiers(d, quals);
		put_specifier(d, id, depth + 1);
		put(d, " ");
	}
}

static void put_parameters(struct declarer *d, const struct btf_type *t, int depth)
{
	const struct btf_param *param = btf_extra(t);

	put(d, "(");
	if (!btf_vlen(t))
		put(d, "void");
	for (uint32_t i = 0; i < btf_vlen(t) && !d->cut; i++) {
		if (i)
			put(d, ", ");
		if (param[i].type)
			declare(d, param[i].type, btf_str(d->btf, param[i].name_off), depth + 1);
		else
			put(d, "...");
	}
	put(d, ")");
}

static void put_behind(struct declarer *d, uint32_t id, int depth)
{
	const struct btf_type *t = btf_type(d->btf, id);
	const struct btf_array *a;
	char dimension[16];

	if (depth > DEPTH_MAX)
		return;
	switch (kind_of(d->btf, id)) {
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		put_behind(d, t->type, depth + 1);
		break;
	case BTF_KIND_PTR:
		if (binds_closer(d->btf, t->type))
			put(d, ")");
		put_behind(d, t->type, depth + 1);
		break;
	case BTF_KIND_ARRAY:
		a = btf_extra(t);
		snprintf(dimension, sizeof(dimension), "[%u]", a->nelems);
		put(d, dimension);
		put_behind(d, a->type, depth + 1);
		break;
	case BTF_KIND_FUNC_PROTO:
		put_parameters(d, t, depth);
		put_behind(d, t->type, depth + 1);
		break;
	default:
		break;
	}
}

static void declare(struct declarer *d, uint32_t id, const char *name, int depth)
{
	put_before(d, id, 0, depth);
	if (*name)
		put(d, name);
	else
		strbuf_trim(d->out);
	put_behind(d, id, depth);
}

void btf_declare(const struct btf *btf, uint32_t id, const char *name, enum declare_style style,
		 struct strbuf *out)
{
	struct declarer d = { .btf = btf, .out = out, .style = style, .end = out->len + LENGTH_MAX };

	declare(&d, id, name, 0);
}

static void declare_int(const struct btf *btf, const struct btf_type *t, struct strbuf *out)
{
	const uint32_t word = *(const uint32_t *)btf_extra(t), bits = BTF_INT_BITS(word);

	strbuf_puts(out, btf_name(btf, t));
	strbuf_puts(out, BTF_INT_ENCODING(word) & BTF_INT_BOOL	 ? ", bool" :
			 BTF_INT_ENCODING(word) & BTF_INT_SIGNED ? ", signed" :
								   ", unsigned");
	if (BTF_INT_ENCODING(word) & BTF_INT_CHAR)
		strbuf_puts(out, ", char");
	if (bits != (uint64_t)t->size * 8 || BTF_INT_OFFSET(word))
		strbuf_printf(out, ", %u bits at %u", bits, BTF_INT_OFFSET(word));
}

/* An enum without a name is called by its first value. */
static void declare_unnamed(const struct btf *btf, const struct btf_type *t, struct strbuf *out)
{
	const enum btf_kind kind = btf_kind(t);

	if (kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION) {
		strbuf_puts(out, kind == BTF_KIND_UNION ? "union {...}" : "struct {...}");
		return;
	}
	strbuf_puts(out, "enum {");
	if (btf_vlen(t))
		strbuf_puts(out, btf_enumerator_name(btf, t, 0));
	strbuf_puts(out, btf_vlen(t) > 1 ? ", ...}" : "}");
}

void btf_declare_type(const struct btf *btf, uint32_t id, struct strbuf *out)
{
	const struct btf_type *t = btf_type(btf, id);
	const enum btf_kind kind = kind_of(btf, id);

	if (kind == BTF_KIND_TYPEDEF) {
		strbuf_puts(out, "typedef ");
		btf_declare(btf, t->type, btf_name(btf, t),
			    btf_unnamed_in(btf, t->type) ? DECLARE_ELIDED : DECLARE_WHOLE, out);
	} else if (kind == BTF_KIND_FUNC || kind == BTF_KIND_VAR) {
		btf_declare(btf, t->type, btf_name(btf, t), DECLARE_WHOLE, out);
	} else if (kind == BTF_KIND_INT) {
		declare_int(btf, t, out);
	} else if (t && !t->name_off &&
		   (kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION || kind == BTF_KIND_ENUM ||
		    kind == BTF_KIND_ENUM64)) {
		declare_unnamed(btf, t, out);
	} else {
		btf_declare(btf, id, "", DECLARE_WHOLE, out);
	}
}

uint64_t btf_size_of(const struct btf *btf, uint32_t id)
{
	uint64_t times = 1;

	for (int i = 0; i < DEPTH_MAX; i++) {
		const struct btf_type *t = btf_type(btf, id);
		const struct btf_array *a;
		uint64_t size;

		switch (kind_of(btf, id)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = t->type;
			continue;
		case BTF_KIND_ARRAY:
			a = btf_extra(t);
			times *= a->nelems;
			if (times > SIZE_MAX_TOLD)
				return 0;
			id = a->type;
			continue;
		case BTF_KIND_PTR:
			size = btf->pointer_size;
			break;
		case BTF_KIND_INT:
		case BTF_KIND_FLOAT:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
			size = t->size;
			break;
		default:
			return 0;
		}
		return size && times > SIZE_MAX_TOLD / size ? 0 : size * times;
	}
	return 0;
}

uint32_t btf_unnamed_in(const struct btf *btf, uint32_t id)
{
	for (int i = 0; i < DEPTH_MAX; i++) {
		const struct btf_type *t = btf_type(btf, id);

		switch (kind_of(btf, id)) {
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = t->type;
			break;
		case BTF_KIND_ARRAY:
			id = ((const struct btf_array *)btf_extra(t))->type;
			break;
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
			return t->name_off ? 0 : id;
		default:
			return 0;
		}
	}
	return 0;
}
