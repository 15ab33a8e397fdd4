// SPDX-License-Identifier: GPL-2.0-only
/*
 * A type is printed after what it needs, which is looked for depth first: whole definitions of what
 * it contains, declarations of what it points to. What has no name of its own is written out where
 * it is used.
 */
#include "btf/print-c.h"
#include "btf/print.h"

#define DEPTH_MAX 1000 /* pointers to functions that take pointers to functions ... */

/* What has been done about a type. */
#define DECLARED 1  /* struct foo; is printed */
#define PRINTED 2   /* its definition or typedef is */
#define COMPLETED 4 /* and so are the definitions that it needs to have a size */
#define BUSY 8	    /* it is being looked at */
#define SEEN 16	    /* so has been what it refers to (of types without a name) */

/* Qualifiers on their way to the place where they are written. */
#define QUAL_CONST 1
#define QUAL_VOLATILE 2
#define QUAL_RESTRICT 4

struct printer {
	const struct btf *btf;
	FILE *out;
	struct error *err;
	int ret;	   /* the first failure; nothing more is done then */
	uint8_t *done;	   /* by id, own and base */
	uint32_t *numbers; /* of names, by id; 0 while there is none */
	struct c_layouts layouts;
	struct c_names tags, identifiers;
	uint64_t budget; /* parts of types that may still be printed */
	uint32_t pads;
};

static int fail(struct printer *p, uint32_t id, const char *why)
{
	const struct btf_type *t = btf_type(p->btf, id);

	if (!p->ret)
		p->ret = error_set(p->err, -EINVAL, "type %u %s '%.64s': %s", id,
				   t ? btf_kind_name(btf_kind(t)) : "void",
				   t ? btf_name(p->btf, t) : "", why);
	return p->ret;
}

static enum btf_kind kind_of(const struct printer *p, uint32_t id)
{
	const struct btf_type *t = btf_type(p->btf, id);

	return t ? btf_kind(t) : BTF_KIND_UNKN;
}

static bool has_name(const struct printer *p, const struct btf_type *t)
{
	return *btf_name(p->btf, t);
}

/* The name that the struct, union, enum or typedef @id has in C. */
static void print_name_of(struct printer *p, uint32_t id)
{
	const struct btf_type *t = btf_type(p->btf, id);
	const enum btf_kind kind = btf_kind(t);
	char name[C_NAME_ROOM];
	bool incomplete = false;
	char tag = 's';

	if (!p->numbers[id]) {
		if (kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64) {
			tag = 'e';
			incomplete = !btf_vlen(t);
		} else if (kind == BTF_KIND_UNION) {
			tag = 'u';
		} else if (kind == BTF_KIND_FWD) {
			tag = btf_kflag(t) ? 'u' : 's';
			incomplete = true;
		}
		p->numbers[id] =
			kind == BTF_KIND_TYPEDEF ?
				c_names_take(&p->identifiers, btf_name(p->btf, t), 0, false) :
				c_names_take(&p->tags, btf_name(p->btf, t), tag, incomplete);
		if (!p->numbers[id] && !p->ret)
			p->ret = error_nomem(p->err);
	}
	c_name_format(name, btf_name(p->btf, t), p->numbers[id]);
	fputs(name, p->out);
}

static void print_member_name(struct printer *p, uint32_t name_off)
{
	char name[C_NAME_ROOM];

	c_name_format(name, btf_str(p->btf, name_off), 1);
	fputs(name, p->out);
}

static void indent(struct printer *p, int level)
{
	while (level-- > 0)
		putc('\t', p->out);
}

static void print_qualifiers(struct printer *p, unsigned int quals)
{
	if (quals & QUAL_CONST)
		fputs("const ", p->out);
	if (quals & QUAL_VOLATILE)
		fputs("volatile ", p->out);
	if (quals & QUAL_RESTRICT)
		fputs("restrict ", p->out);
}

static void print_declaration(struct printer *p, uint32_t id, uint32_t name_off, int level,
			      int depth);
static void print_body(struct printer *p, uint32_t id, int level, int depth);

static const char *enum_attribute(const struct btf_type *t)
{
	switch (t->size) {
	case 1:
		return " __attribute__((mode(QI)))";
	case 2:
		return " __attribute__((mode(HI)))";
	case 8:
		return " __attribute__((mode(DI)))";
	default:
		return "";
	}
}

/* The value of enumerator @i as C writes it. */
static void print_value(struct printer *p, const struct btf_type *t, uint32_t i)
{
	const struct btf_enum *e = btf_extra(t);
	const struct btf_enum64 *e64 = btf_extra(t);
	uint64_t v;

	if (btf_kind(t) == BTF_KIND_ENUM64) {
		v = (uint64_t)e64[i].val_hi32 << 32 | e64[i].val_lo32;
		/* The lowest number is no literal in C. */
		if (btf_kflag(t) && (int64_t)v == INT64_MIN)
			fputs("-9223372036854775807LL - 1", p->out);
		else if (btf_kflag(t))
			fprintf(p->out, "%lldLL", (long long)v);
		else
			fprintf(p->out, "%lluULL", (unsigned long long)v);
		return;
	}
	/* Without kind_flag, values of small enums that do not fit were negative once. */
	if (btf_kflag(t) || (t->size < 4 && (uint32_t)e[i].val >> t->size * 8))
		fprintf(p->out, "%d", e[i].val);
	else
		fprintf(p->out, "%u", (uint32_t)e[i].val);
}

static void print_enum_body(struct printer *p, const struct btf_type *t, int level)
{
	const uint32_t *name_off = btf_extra(t);
	const uint32_t words = btf_kind(t) == BTF_KIND_ENUM64 ? 3 : 2;
	char name[C_NAME_ROOM];

	fputs("{\n", p->out);
	for (uint32_t i = 0; i < btf_vlen(t); i++, name_off += words) {
		const char *value = btf_str(p->btf, *name_off);
		const uint32_t nr = c_names_take(&p->identifiers, value, 0, false);

		if (!nr && !p->ret)
			p->ret = error_nomem(p->err);
		c_name_format(name, value, nr);
		indent(p, level + 1);
		fprintf(p->out, "%s = ", name);
		print_value(p, t, i);
		fputs(",\n", p->out);
	}
	indent(p, level);
	fprintf(p->out, "}%s", enum_attribute(t));
}

static void print_padding(struct printer *p, uint64_t from, uint64_t to, struct c_layout layout,
			  int level)
{
	while (from < to) {
		uint32_t unit;
		const uint64_t bits = c_padding(from, to, layout.align, layout.form, &unit);

		indent(p, level);
		if (unit)
			fprintf(p->out, "%s: %u;\n",
				unit == 64 ? "long long" :
				unit == 32 ? "int" :
				unit == 16 ? "short" :
					     "char",
				(uint32_t)bits);
		else
			fprintf(p->out, "unsigned char ___padding%u[%llu];\n", ++p->pads,
				(unsigned long long)(bits / 8));
		from += bits;
	}
}

/* Strips what stands between a member without a name and the struct that it lets shine through. */
static uint32_t unqualified(const struct printer *p, uint32_t id)
{
	for (int i = 0; i < DEPTH_MAX && btf_kind_is_modifier(kind_of(p, id)); i++)
		id = btf_type(p->btf, id)->type;
	return id;
}

static void print_member(struct printer *p, const struct btf_type *t, uint32_t i,
			 const struct c_member *m, int level, int depth)
{
	const struct btf_member *member = (const struct btf_member *)btf_extra(t) + i;
	const uint32_t inner = unqualified(p, member->type);
	const enum btf_kind kind = kind_of(p, inner);

	indent(p, level);
	if (member->name_off && *btf_str(p->btf, member->name_off)) {
		print_declaration(p, member->type, member->name_off, level, depth);
	} else if (kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION) {
		/* Also if the struct has a name: C lets only those without one shine through. */
		fputs(kind == BTF_KIND_UNION ? "union " : "struct ", p->out);
		print_body(p, inner, level, depth);
	} else {
		print_declaration(p, member->type, 0, level, depth);
		if (!m->bitfield)
			fprintf(p->out, " ___anonymous%u", i);
	}
	if (m->bitfield)
		fprintf(p->out, ": %u", (uint32_t)m->bits);
	fputs(";\n", p->out);
}

/* From "{" to "}" and attributes, of a STRUCT or UNION. */
static void print_body(struct printer *p, uint32_t id, int level, int depth)
{
	const struct btf_type *t = btf_type(p->btf, id);
	const struct c_layout layout = c_layout(&p->layouts, id, 0);
	const bool is_union = btf_kind(t) == BTF_KIND_UNION;
	uint64_t end = 0, size = (uint64_t)t->size * 8;

	if (depth > DEPTH_MAX) {
		fail(p, id, "nested too deep");
		return;
	}
	fputs("{\n", p->out);
	if (layout.form == C_OPAQUE) {
		indent(p, level + 1);
		fprintf(p->out, "unsigned char ___bytes[%u];\n", t->size);
	}
	for (uint32_t i = 0; i < btf_vlen(t) && layout.form != C_OPAQUE && !p->ret; i++) {
		const struct c_member m = c_member(&p->layouts, t, i, layout.form, 0);

		if (!is_union && !c_follows(&m, end, layout.form))
			print_padding(p, end, m.offset, layout, level + 1);
		print_member(p, t, i, &m, level + 1, depth + 1);
		end = m.offset + m.bits;
	}
	if (!is_union && layout.form != C_OPAQUE) {
		const struct c_member rest = { .align = (uint64_t)layout.align * 8,
					       .offset = size };

		if (!c_follows(&rest, end, layout.form))
			print_padding(p, end, size, layout, level + 1);
	}
	indent(p, level);
	putc('}', p->out);
	if (layout.form == C_PACKED)
		fputs(" __attribute__((packed))", p->out);
	if (layout.over_align)
		fprintf(p->out, " __attribute__((aligned(%u)))", layout.align);
}

/* The innermost part of a declaration: what no pointer, array or function is around any more. */
static void print_specifier(struct printer *p, uint32_t id, int level, int depth)
{
	const struct btf_type *t = btf_type(p->btf, id);
	const enum btf_kind kind = kind_of(p, id);

	switch (kind) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
		fputs(btf_name(p->btf, t), p->out);
		return;
	case BTF_KIND_TYPEDEF:
		print_name_of(p, id);
		return;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		fputs(kind == BTF_KIND_UNION ? "union " : "struct ", p->out);
		if (has_name(p, t))
			print_name_of(p, id);
		else
			print_body(p, id, level, depth + 1);
		return;
	case BTF_KIND_FWD:
		fputs(btf_kflag(t) ? "union " : "struct ", p->out);
		print_name_of(p, id);
		return;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		if (!has_name(p, t) && !btf_vlen(t)) {
			fputs("unsigned int", p->out); /* C has no such enum */
			return;
		}
		fputs("enum ", p->out);
		if (has_name(p, t))
			print_name_of(p, id);
		else
			print_enum_body(p, t, level);
		return;
	default:
		fputs("void", p->out);
	}
}

/* Does a "*" before @id need brackets, for what stands behind the name binds closer? */
static bool binds_closer(const struct printer *p, uint32_t id)
{
	for (int i = 0; i < DEPTH_MAX; i++) {
		const enum btf_kind kind = kind_of(p, id);

		if (kind == BTF_KIND_TYPEDEF || !btf_kind_is_modifier(kind))
			return kind == BTF_KIND_ARRAY || kind == BTF_KIND_FUNC_PROTO;
		id = btf_type(p->btf, id)->type;
	}
	return false;
}

/* What stands before the name. */
static void print_before(struct printer *p, uint32_t id, unsigned int quals, int level, int depth)
{
	const struct btf_type *t = btf_type(p->btf, id);

	if (p->ret)
		return;
	if (depth > DEPTH_MAX || !p->budget) {
		fail(p, id, "written out, it has no end");
		return;
	}
	p->budget--;
	switch (kind_of(p, id)) {
	case BTF_KIND_CONST:
		print_before(p, t->type, quals | QUAL_CONST, level, depth + 1);
		break;
	case BTF_KIND_VOLATILE:
		print_before(p, t->type, quals | QUAL_VOLATILE, level, depth + 1);
		break;
	case BTF_KIND_RESTRICT:
		print_before(p, t->type, quals | QUAL_RESTRICT, level, depth + 1);
		break;
	case BTF_KIND_TYPE_TAG:
		print_before(p, t->type, quals, level, depth + 1);
		break;
	case BTF_KIND_PTR:
		print_before(p, t->type, 0, level, depth + 1);
		fputs(binds_closer(p, t->type) ? "(*" : "*", p->out);
		print_qualifiers(p, quals);
		break;
	case BTF_KIND_ARRAY:
		print_before(p, ((const struct btf_array *)btf_extra(t))->type, quals, level,
			     depth + 1);
		break;
	case BTF_KIND_FUNC_PROTO:
		print_before(p, t->type, 0, level, depth + 1);
		break;
	default:
		print_qualifiers(p, quals);
		print_specifier(p, id, level, depth + 1);
		putc(' ', p->out);
	}
}

static void print_parameters(struct printer *p, const struct btf_type *t, int level, int depth)
{
	const struct btf_param *param = btf_extra(t);
	const uint32_t nr = btf_vlen(t);

	putc('(', p->out);
	if (!nr)
		fputs("void", p->out);
	for (uint32_t i = 0; i < nr && !p->ret; i++) {
		if (i)
			fputs(", ", p->out);
		if (param[i].type)
			print_declaration(p, param[i].type, param[i].name_off, level, depth + 1);
		else if (i)
			fputs("...", p->out);
		/* Nothing but "...": a function without a prototype, (). */
	}
	putc(')', p->out);
}

/* What stands behind the name. */
static void print_behind(struct printer *p, uint32_t id, int level, int depth)
{
	const struct btf_type *t = btf_type(p->btf, id);
	const struct btf_array *a;

	if (p->ret)
		return;
	switch (kind_of(p, id)) {
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		print_behind(p, t->type, level, depth + 1);
		break;
	case BTF_KIND_PTR:
		if (binds_closer(p, t->type))
			putc(')', p->out);
		print_behind(p, t->type, level, depth + 1);
		break;
	case BTF_KIND_ARRAY:
		a = btf_extra(t);
		fprintf(p->out, "[%u]", a->nelems);
		print_behind(p, a->type, level, depth + 1);
		break;
	case BTF_KIND_FUNC_PROTO:
		print_parameters(p, t, level, depth + 1);
		print_behind(p, t->type, level, depth + 1);
		break;
	default:
		break;
	}
}

/* Something of type @id, named by @name_off (0: without a name), without the ";". */
static void print_declaration(struct printer *p, uint32_t id, uint32_t name_off, int level,
			      int depth)
{
	print_before(p, id, 0, level, depth);
	print_member_name(p, name_off);
	print_behind(p, id, level, depth);
}

static void declare(struct printer *p, uint32_t id)
{
	if (p->done[id] & (DECLARED | PRINTED))
		return;
	p->done[id] |= DECLARED;
	print_specifier(p, id, 0, 0);
	fputs(";\n\n", p->out);
}

static void print_definition(struct printer *p, uint32_t id)
{
	const struct btf_type *t = btf_type(p->btf, id);
	const enum btf_kind kind = btf_kind(t);

	p->done[id] |= PRINTED;
	if (kind == BTF_KIND_TYPEDEF) {
		/* The compiler has this one. */
		if (strcmp(btf_name(p->btf, t), "__builtin_va_list") == 0)
			return;
		fputs("typedef ", p->out);
		print_before(p, t->type, 0, 0, 0);
		print_name_of(p, id);
		print_behind(p, t->type, 0, 0);
	} else {
		print_specifier(p, id, 0, 0);
		if (has_name(p, t) && (kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION)) {
			putc(' ', p->out);
			print_body(p, id, 0, 0);
		} else if (has_name(p, t) && btf_vlen(t)) {
			putc(' ', p->out);
			print_enum_body(p, t, 0);
		}
	}
	fputs(";\n\n", p->out);
}

static void prepare(struct printer *p, uint32_t id, bool whole, int depth);

static void prepare_members(struct printer *p, const struct btf_type *t, int depth)
{
	const struct btf_member *m = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t) && !p->ret; i++)
		prepare(p, m[i].type, true, depth);
}

static void prepare_struct(struct printer *p, uint32_t id, const struct btf_type *t, bool whole,
			   int depth)
{
	const bool named = has_name(p, t);

	if (named && !whole) {
		declare(p, id);
		return;
	}
	if (p->done[id] & (PRINTED | SEEN))
		return;
	if (p->done[id] & BUSY) {
		fail(p, id, "contains itself");
		return;
	}
	p->done[id] |= BUSY;
	prepare_members(p, t, depth);
	p->done[id] &= (uint8_t)~BUSY;
	if (named && !p->ret)
		print_definition(p, id);
	else
		p->done[id] |= SEEN;
}

/*
 * A typedef of a struct may stand before the struct's definition, and often must, for the struct
 * refers to it.
 */
static void prepare_typedef(struct printer *p, uint32_t id, const struct btf_type *t, bool whole,
			    int depth)
{
	if (!(p->done[id] & PRINTED)) {
		if (p->done[id] & BUSY) {
			fail(p, id, "contains itself");
			return;
		}
		p->done[id] |= BUSY;
		prepare(p, t->type, false, depth);
		p->done[id] &= (uint8_t)~BUSY;
		if (!p->ret)
			print_definition(p, id);
	}
	if (whole && !(p->done[id] & COMPLETED)) {
		p->done[id] |= COMPLETED;
		prepare(p, t->type, true, depth);
	}
}

static void prepare_proto(struct printer *p, uint32_t id, const struct btf_type *t, int depth)
{
	const struct btf_param *param = btf_extra(t);

	if (p->done[id] & SEEN)
		return;
	p->done[id] |= SEEN;
	prepare(p, t->type, false, depth);
	for (uint32_t i = 0; i < btf_vlen(t) && !p->ret; i++)
		prepare(p, param[i].type, false, depth);
}

/* Prints what has to stand before @id can be used: by value if @whole, else through a pointer. */
static void prepare(struct printer *p, uint32_t id, bool whole, int depth)
{
	const struct btf_type *t = btf_type(p->btf, id);

	if (!t || p->ret)
		return;
	if (++depth > DEPTH_MAX) {
		fail(p, id, "refers to types too deep");
		return;
	}
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		prepare_struct(p, id, t, whole, depth);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		if (has_name(p, t) && !(p->done[id] & PRINTED))
			print_definition(p, id);
		break;
	case BTF_KIND_FWD:
		declare(p, id);
		break;
	case BTF_KIND_TYPEDEF:
		prepare_typedef(p, id, t, whole, depth);
		break;
	case BTF_KIND_PTR:
		if (!(p->done[id] & SEEN)) {
			p->done[id] |= SEEN;
			prepare(p, t->type, false, depth);
		}
		break;
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		prepare(p, t->type, whole, depth);
		break;
	case BTF_KIND_ARRAY:
		/* Elements must be whole, even of an array that is only pointed to. */
		prepare(p, ((const struct btf_array *)btf_extra(t))->type, true, depth);
		break;
	case BTF_KIND_FUNC_PROTO:
		prepare_proto(p, id, t, depth);
		break;
	default:
		break;
	}
}

/* Marks as SEEN the anonymous enums that are written out where they are used. */
static void find_used_enums(struct printer *p)
{
	const struct btf *btf = p->btf;

	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
		const struct btf_type *t = btf_type(btf, id);
		const enum btf_kind kind = btf_kind(t);
		const struct btf_member *m = btf_extra(t);
		uint32_t used = 0;

		if (btf_kind_is_modifier(kind) || kind == BTF_KIND_PTR)
			used = t->type;
		else if (kind == BTF_KIND_ARRAY)
			used = ((const struct btf_array *)btf_extra(t))->type;
		if (used < btf_end_id(btf))
			p->done[used] |= SEEN;
		if (kind != BTF_KIND_STRUCT && kind != BTF_KIND_UNION)
			continue;
		for (uint32_t i = 0; i < btf_vlen(t); i++)
			if (m[i].type < btf_end_id(btf))
				p->done[m[i].type] |= SEEN;
	}
	/* Of all others the mark means something else. */
	for (uint32_t id = 0; id < btf_end_id(btf); id++)
		if (kind_of(p, id) != BTF_KIND_ENUM && kind_of(p, id) != BTF_KIND_ENUM64)
			p->done[id] = 0;
}

static void print_own(struct printer *p, uint32_t id)
{
	const struct btf_type *t = btf_type(p->btf, id);
	const bool named = has_name(p, t);

	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		if (named)
			prepare(p, id, true, 0);
		break;
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
		prepare(p, id, false, 0);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		if (named)
			prepare(p, id, true, 0);
		else if (!(p->done[id] & SEEN) && btf_vlen(t))
			print_definition(p, id);
		break;
	default:
		break;
	}
}

int btf_print_c(const struct btf *btf, FILE *out, struct error *err)
{
	const size_t nr = btf_end_id(btf);
	struct printer p = {
		.btf = btf,
		.out = out,
		.err = err,
		.done = calloc(nr, sizeof(*p.done)),
		.numbers = calloc(nr, sizeof(*p.numbers)),
		.layouts = { .btf = btf, .known = calloc(nr, sizeof(*p.layouts.known)) },
		.budget = 1000000 + 16 * (uint64_t)btf->raw.size,
	};

	if (!p.done || !p.numbers || !p.layouts.known) {
		p.ret = error_nomem(err);
	} else {
		find_used_enums(&p);
		for (uint32_t id = btf->start_id; id < btf_end_id(btf) && !p.ret; id++)
			print_own(&p, id);
	}
	if (!p.ret && (fflush(out) || ferror(out)))
		p.ret = error_set(err, -EIO, "the types could not be written");
	c_names_free(&p.tags);
	c_names_free(&p.identifiers);
	free(p.done);
	free(p.numbers);
	free(p.layouts.known);
	return p.ret;
}
