// SPDX-License-Identifier: GPL-2.0-only
#include "btf/print.h"

static void print_name(const struct btf *btf, uint32_t off, FILE *out)
{
	const char *name = off ? btf_str(btf, off) : "(anon)";

	putc('\'', out);
	for (; *name; name++)
		putc((unsigned char)*name < ' ' || *name == 0x7f ? '?' : *name, out);
	putc('\'', out);
}

static const char *encoding_name(uint32_t encoding)
{
	switch (encoding) {
	case 0:
		return "(none)";
	case BTF_INT_SIGNED:
		return "SIGNED";
	case BTF_INT_CHAR:
		return "CHAR";
	case BTF_INT_BOOL:
		return "BOOL";
	default:
		return "UNKN";
	}
}

/* FUNC and VAR number them alike. */
static const char *linkage_name(uint32_t linkage)
{
	static const char *const names[] = { "static", "global", "extern" };

	return linkage < 3 ? names[linkage] : "(unknown)";
}

static void print_members(const struct btf *btf, const struct btf_type *t, FILE *out)
{
	const struct btf_member *m = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const uint32_t bitfield = btf_member_bitfield_size(t, i);

		fputs("\n\t", out);
		print_name(btf, m[i].name_off, out);
		fprintf(out, " type_id=%u bits_offset=%u", m[i].type, btf_member_bit_offset(t, i));
		if (bitfield)
			fprintf(out, " bitfield_size=%u", bitfield);
	}
}

static void print_values(const struct btf *btf, const struct btf_type *t, FILE *out)
{
	const struct btf_enum *e = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		fputs("\n\t", out);
		print_name(btf, e[i].name_off, out);
		if (btf_kflag(t))
			fprintf(out, " val=%d", e[i].val);
		else
			fprintf(out, " val=%u", (uint32_t)e[i].val);
	}
}

static void print_values64(const struct btf *btf, const struct btf_type *t, FILE *out)
{
	const struct btf_enum64 *e = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const unsigned long long v = (uint64_t)e[i].val_hi32 << 32 | e[i].val_lo32;

		fputs("\n\t", out);
		print_name(btf, e[i].name_off, out);
		if (btf_kflag(t))
			fprintf(out, " val=%lldLL", (long long)v);
		else
			fprintf(out, " val=%lluULL", v);
	}
}

static void print_params(const struct btf *btf, const struct btf_type *t, FILE *out)
{
	const struct btf_param *p = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		fputs("\n\t", out);
		print_name(btf, p[i].name_off, out);
		fprintf(out, " type_id=%u", p[i].type);
	}
}

static void print_variables(const struct btf *btf, const struct btf_type *t, FILE *out)
{
	const struct btf_var_secinfo *v = btf_extra(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *var = btf_type(btf, v[i].type);

		fprintf(out, "\n\ttype_id=%u offset=%u size=%u", v[i].type, v[i].offset, v[i].size);
		if (!var)
			continue;
		fprintf(out, " (%s ", btf_kind_name(btf_kind(var)));
		print_name(btf, var->name_off, out);
		putc(')', out);
	}
}

static void print_type(const struct btf *btf, uint32_t id, FILE *out)
{
	const struct btf_type *t = btf_type(btf, id);
	const enum btf_kind kind = btf_kind(t);
	const struct btf_array *a = btf_extra(t);
	const uint32_t word = btf_extra_size(kind, 0) ? *(const uint32_t *)btf_extra(t) : 0;

	fprintf(out, "[%u] %s ", id, btf_kind_name(kind));
	print_name(btf, t->name_off, out);
	switch (kind) {
	case BTF_KIND_INT:
		fprintf(out, " size=%u bits_offset=%u nr_bits=%u encoding=%s", t->size,
			BTF_INT_OFFSET(word), BTF_INT_BITS(word),
			encoding_name(BTF_INT_ENCODING(word)));
		break;
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		fprintf(out, " type_id=%u", t->type);
		break;
	case BTF_KIND_ARRAY:
		fprintf(out, " type_id=%u index_type_id=%u nr_elems=%u", a->type, a->index_type,
			a->nelems);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		fprintf(out, " size=%u vlen=%u", t->size, btf_vlen(t));
		print_members(btf, t, out);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		fprintf(out, " encoding=%s size=%u vlen=%u", btf_kflag(t) ? "SIGNED" : "UNSIGNED",
			t->size, btf_vlen(t));
		(kind == BTF_KIND_ENUM ? print_values : print_values64)(btf, t, out);
		break;
	case BTF_KIND_FWD:
		fprintf(out, " fwd_kind=%s", btf_kflag(t) ? "union" : "struct");
		break;
	case BTF_KIND_FUNC:
		fprintf(out, " type_id=%u linkage=%s", t->type, linkage_name(btf_vlen(t)));
		break;
	case BTF_KIND_FUNC_PROTO:
		fprintf(out, " ret_type_id=%u vlen=%u", t->type, btf_vlen(t));
		print_params(btf, t, out);
		break;
	case BTF_KIND_VAR:
		fprintf(out, " type_id=%u, linkage=%s", t->type, linkage_name(word));
		break;
	case BTF_KIND_DATASEC:
		fprintf(out, " size=%u vlen=%u", t->size, btf_vlen(t));
		print_variables(btf, t, out);
		break;
	case BTF_KIND_FLOAT:
		fprintf(out, " size=%u", t->size);
		break;
	case BTF_KIND_DECL_TAG:
		fprintf(out, " type_id=%u component_idx=%d", t->type, (int32_t)word);
		break;
	case BTF_KIND_UNKN:
	case BTF_KIND_NR:
		break;
	}
	putc('\n', out);
}

int btf_print_raw(const struct btf *btf, FILE *out, struct error *err)
{
	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++)
		print_type(btf, id, out);
	if (fflush(out) || ferror(out))
		return error_set(err, -EIO, "the types could not be written");
	return 0;
}
