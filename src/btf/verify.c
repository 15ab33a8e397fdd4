// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "btf/resolve.h"

/* Bits of a type's info that no kernel before 7.2 knows: there vlen has 24 bits. */
#define OLD_RESERVED_INFO 0x60ff0000u

/* kernel: BTF_INT_MASK, BITS_PER_U128, KSYM_NAME_LEN (6.1 on) */
#define INT_KNOWN_BITS 0x0fffffffu
#define INT_MAX_BITS 128
#define NAME_MAX_LEN 512

/* The header that knows of a layout section. */
#define NEW_HEADER_LEN (BTF_HEADER_LEN + 2 * sizeof(uint32_t))

/* A name for a message: cut, and nothing in it that a terminal would obey. */
static void printable(char *to, size_t room, const char *from)
{
	size_t i;

	for (i = 0; i + 1 < room && from[i]; i++)
		to[i] = from[i] >= 0x20 && from[i] < 0x7f ? from[i] : '?';
	to[i] = '\0';
}

int btf_type_fault(const struct btf *btf, uint32_t id, struct error *err, const char *fmt, ...)
{
	const struct btf_type *t = btf_type(btf, id);
	char text[256], name[65];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printable(name, sizeof(name), btf_name(btf, t));
	return error_set(err, -EINVAL, "type %u %s '%s': %s", id, btf_kind_name(btf_kind(t)), name,
			 text);
}

int btf_entry_fault(const struct btf *btf, uint32_t id, uint32_t entry, struct error *err,
		    const char *fmt, ...)
{
	const struct btf_type *t = btf_type(btf, id);
	const uint8_t *extra = btf_extra(t);
	const char *what = "member";
	char text[256], name[65], entry_name[65];
	uint32_t word;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* The first word is the entry's name, or a DATASEC's variable. */
	memcpy(&word, extra + (size_t)btf_extra_size(btf_kind(t), entry), sizeof(word));
	switch (btf_kind(t)) {
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		what = "value";
		break;
	case BTF_KIND_FUNC_PROTO:
		what = "argument";
		break;
	case BTF_KIND_DATASEC:
		what = "variable";
		word = btf_type(btf, word) ? btf_type(btf, word)->name_off : 0;
		break;
	default:
		break;
	}
	printable(name, sizeof(name), btf_name(btf, t));
	printable(entry_name, sizeof(entry_name), btf_str(btf, word));
	return error_set(err, -EINVAL, "type %u %s '%s' %s %u '%s': %s", id,
			 btf_kind_name(btf_kind(t)), name, what, entry, entry_name, text);
}

int btf_sink_fault(const struct btf_sink *sink, enum btf_rule rule, uint32_t id)
{
	struct btf_fault fault = { .rule = rule, .id = id };

	if (!sink->found)
		return -EINVAL;
	fault.text = sink->err->text;
	return sink->found(sink->ctx, &fault);
}

/* Characters of an identifier; those of Latin-1 are halves of characters in UTF-8. */
#define NAME_FIRST 1
#define NAME_REST 2
#define NAME_LATIN1 4

static const uint8_t name_chars[256] = {
	['0' ... '9'] = NAME_REST,
	['A' ... 'Z'] = NAME_FIRST | NAME_REST,
	['a' ... 'z'] = NAME_FIRST | NAME_REST,
	['_'] = NAME_FIRST | NAME_REST,
	['.'] = NAME_FIRST | NAME_REST,
	[0xc0 ... 0xd6] = NAME_LATIN1, /* kernel: lib/ctype.c */
	[0xd8 ... 0xf6] = NAME_LATIN1,
	[0xf8 ... 0xff] = NAME_LATIN1,
};

/* kernel: btf_name_valid_identifier */
static bool identifier(const struct btf *btf, uint32_t off, const struct btf_caps *caps)
{
	const uint8_t *s = (const uint8_t *)btf_str(btf, off);
	const uint8_t latin1 = caps->latin1 ? NAME_LATIN1 : 0;
	size_t len = 1;

	if (!(name_chars[s[0]] & (NAME_FIRST | latin1)))
		return false;
	while (len <= caps->name_len && name_chars[s[len]] & (NAME_REST | latin1))
		len++;
	return len <= caps->name_len && !s[len];
}

/* kernel: btf_name_valid_section */
static bool section_name(const struct btf *btf, uint32_t off, const struct btf_caps *caps)
{
	const uint8_t *s = (const uint8_t *)btf_str(btf, off);
	size_t len = 0;

	if (!caps->section_names)
		return identifier(btf, off, caps);
	while (len <= caps->name_len &&
	       ((s[len] >= ' ' && s[len] <= '~') || (caps->latin1 && s[len] >= 0xa0)))
		len++;
	return len && len <= caps->name_len && !s[len];
}

/* The type that is being looked at. */
struct check {
	const struct btf *btf;
	const struct btf_caps *caps;
	uint32_t id;
	bool ask_base; /* whether it has attributes; then so may we */
	struct error *err;
};

#define fault(c, ...) btf_type_fault((c)->btf, (c)->id, (c)->err, __VA_ARGS__)
#define entry_fault(c, i, ...) btf_entry_fault((c)->btf, (c)->id, i, (c)->err, __VA_ARGS__)

/* The kinds whose vlen and kind_flag say nothing must have them zero. */
static int check_no_vlen(struct check *c, const struct btf_type *t)
{
	if (btf_vlen(t))
		return fault(c, "vlen is %u, not 0", btf_vlen(t));
	return 0;
}

static int check_no_kflag(struct check *c, const struct btf_type *t)
{
	if (btf_kflag(t))
		return fault(c, "kind_flag is set");
	return 0;
}

static int check_nameless(struct check *c, const struct btf_type *t)
{
	if (t->name_off)
		return fault(c, "has a name");
	return 0;
}

/* @required: may it be without a name? */
static int check_identifier(struct check *c, const struct btf_type *t, bool required)
{
	if (!t->name_off && required)
		return fault(c, "has no name");
	if (t->name_off && !identifier(c->btf, t->name_off, c->caps))
		return fault(c, "its name is no identifier");
	return 0;
}

/* kernel: btf_int_check_meta. An INT's name may be anything ("long unsigned int"). */
static int check_int(struct check *c, const struct btf_type *t)
{
	const uint32_t v = *(const uint32_t *)btf_extra(t);
	const uint32_t bits = BTF_INT_BITS(v) + BTF_INT_OFFSET(v);
	const uint32_t encoding = BTF_INT_ENCODING(v);

	if (check_no_vlen(c, t) || check_no_kflag(c, t))
		return -EINVAL;
	if (v & ~INT_KNOWN_BITS)
		return fault(c, "reserved bits are set (0x%x)", v);
	if (bits > INT_MAX_BITS)
		return fault(c, "%u bits, more than %u", bits, INT_MAX_BITS);
	if ((bits + 7) / 8 > t->size)
		return fault(c, "%u bits do not fit in %u bytes", bits, t->size);
	if (encoding & (encoding - 1) || encoding > BTF_INT_BOOL)
		return fault(c, "unknown encoding %u", encoding);
	return 0;
}

/*
 * Attributes are tags with kind_flag. A base has some if its kernel knows them (6.15 and later). A
 * distilled base, which has no pointers either, says nothing of its kernel.
 */
static bool base_has_attributes(const struct btf *btf)
{
	bool distilled = true;

	for (btf = btf->base; btf; btf = btf->base) {
		for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
			const struct btf_type *t = btf_type(btf, id);

			distilled = distilled && btf_kind(t) != BTF_KIND_PTR;
			if (btf_kflag(t) &&
			    (btf_kind(t) == BTF_KIND_DECL_TAG || btf_kind(t) == BTF_KIND_TYPE_TAG))
				return true;
		}
	}
	return distilled;
}

static int check_tag_kflag(struct check *c, const struct btf_type *t)
{
	if (!btf_kflag(t) || c->caps->attributes ||
	    (c->ask_base && (!c->btf->base || base_has_attributes(c->btf))))
		return 0;
	return fault(c, "kind_flag is set, and the base's kernel knows no attributes");
}

/* kernel: BTF_TYPE_ID_VALID. Lower ids that do not exist are none of its metadata's business. */
static int check_id(struct check *c, uint32_t id)
{
	if (id > BTF_MAX_TYPE)
		return fault(c, "refers to type %u, which does not exist", id);
	return 0;
}

static int check_entry_id(struct check *c, uint32_t i, uint32_t id)
{
	if (!id)
		return entry_fault(c, i, "is void");
	if (id > BTF_MAX_TYPE)
		return entry_fault(c, i, "its type %u does not exist", id);
	return 0;
}

/* kernel: btf_ref_type_check_meta */
static int check_reference(struct check *c, const struct btf_type *t)
{
	const enum btf_kind kind = btf_kind(t);
	int ret = check_no_vlen(c, t);

	if (!ret)
		ret = kind == BTF_KIND_TYPE_TAG ? check_tag_kflag(c, t) : check_no_kflag(c, t);
	if (!ret)
		ret = check_id(c, t->type);
	if (ret)
		return ret;
	if (kind == BTF_KIND_TYPEDEF)
		return check_identifier(c, t, true);
	if (kind != BTF_KIND_TYPE_TAG)
		return check_nameless(c, t);
	if (!*btf_name(c->btf, t))
		return fault(c, "has no name");
	return 0;
}

/* kernel: btf_fwd_check_meta; kind_flag tells a union from a struct */
static int check_fwd(struct check *c, const struct btf_type *t)
{
	if (check_no_vlen(c, t))
		return -EINVAL;
	if (t->type)
		return fault(c, "refers to type %u", t->type);
	return check_identifier(c, t, true);
}

/* kernel: btf_array_check_meta */
static int check_array(struct check *c, const struct btf_type *t)
{
	const struct btf_array *a = btf_extra(t);

	if (check_nameless(c, t) || check_no_vlen(c, t) || check_no_kflag(c, t))
		return -EINVAL;
	if (t->size)
		return fault(c, "size is %u, not 0", t->size);
	if (!a->type)
		return fault(c, "elements are void");
	if (!a->index_type)
		return fault(c, "index is void");
	return check_id(c, a->type > a->index_type ? a->type : a->index_type);
}

/* kernel: btf_struct_check_meta; for unions too */
static int check_struct(struct check *c, const struct btf_type *t)
{
	const struct btf_member *m = btf_extra(t);
	const bool is_union = btf_kind(t) == BTF_KIND_UNION;
	uint32_t last = 0;

	if (check_identifier(c, t, false))
		return -EINVAL;
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const uint32_t offset = btf_member_bit_offset(t, i);

		if (m[i].name_off && !identifier(c->btf, m[i].name_off, c->caps))
			return entry_fault(c, i, "its name is no identifier");
		if (check_entry_id(c, i, m[i].type))
			return -EINVAL;
		if (is_union && offset)
			return entry_fault(c, i, "bit offset %u in a union", offset);
		if (offset < last)
			return entry_fault(c, i, "bit offset %u lies before the last one's, %u",
					   offset, last);
		/* An array without elements may begin where the struct ends. */
		if (((uint64_t)offset + 7) / 8 > t->size)
			return entry_fault(c, i, "bit offset %u lies outside of %u bytes", offset,
					   t->size);
		last = offset;
	}
	return 0;
}

/* kernel: btf_enum_check_meta, btf_enum64_check_meta; @words: words of an entry */
static int check_enum(struct check *c, const struct btf_type *t, uint32_t words)
{
	const uint32_t *name_off = btf_extra(t);

	if (t->size != 1 && t->size != 2 && t->size != 4 && t->size != 8)
		return fault(c, "%u bytes are no enum's size", t->size);
	/* Signed enums and ENUM64 came together. */
	if (btf_kflag(t) && !(c->caps->kinds >> BTF_KIND_ENUM64 & 1))
		return fault(c, "kind_flag is set, and the base's kernel knows no signed enums");
	if (check_identifier(c, t, false))
		return -EINVAL;
	for (uint32_t i = 0; i < btf_vlen(t); i++, name_off += words) {
		if (!*name_off)
			return entry_fault(c, i, "has no name");
		if (!identifier(c->btf, *name_off, c->caps))
			return entry_fault(c, i, "its name is no identifier");
	}
	return 0;
}

/* kernel: btf_func_proto_check_meta. Arguments: btf_func_proto_check, in resolve.c. */
static int check_func_proto(struct check *c, const struct btf_type *t)
{
	if (check_nameless(c, t) || check_no_kflag(c, t))
		return -EINVAL;
	return 0;
}

/* kernel: btf_func_check_meta; vlen is the linkage */
static int check_func(struct check *c, const struct btf_type *t)
{
	if (check_identifier(c, t, true))
		return -EINVAL;
	if (btf_vlen(t) > BTF_FUNC_GLOBAL)
		return fault(c, "linkage %u is neither static nor global", btf_vlen(t));
	return check_no_kflag(c, t);
}

/* kernel: btf_var_check_meta */
static int check_var(struct check *c, const struct btf_type *t)
{
	const uint32_t linkage = *(const uint32_t *)btf_extra(t);

	if (check_no_vlen(c, t) || check_no_kflag(c, t) || check_identifier(c, t, true))
		return -EINVAL;
	if (!t->type)
		return fault(c, "is void");
	if (check_id(c, t->type))
		return -EINVAL;
	if (linkage > BTF_VAR_GLOBAL_ALLOCATED)
		return fault(c, "linkage %u is neither static nor global", linkage);
	return 0;
}

/* kernel: btf_datasec_check_meta */
static int check_datasec(struct check *c, const struct btf_type *t)
{
	const struct btf_var_secinfo *v = btf_extra(t);
	uint64_t end = 0;

	if (!t->size)
		return fault(c, "size is 0");
	if (check_no_kflag(c, t))
		return -EINVAL;
	if (!t->name_off)
		return fault(c, "has no name");
	if (!section_name(c->btf, t->name_off, c->caps))
		return fault(c, "its name is no section's");
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		if (check_entry_id(c, i, v[i].type))
			return -EINVAL;
		if (v[i].offset < end)
			return entry_fault(c, i, "offset %u lies before the last one's end, %llu",
					   v[i].offset, (unsigned long long)end);
		if (!v[i].size)
			return entry_fault(c, i, "size is 0");
		if (!range_fits(v[i].offset, v[i].size, t->size))
			return entry_fault(c, i,
					   "%u bytes at %u lie outside of the section's %u bytes",
					   v[i].size, v[i].offset, t->size);
		end = (uint64_t)v[i].offset + v[i].size;
	}
	return 0;
}

/* kernel: btf_float_check_meta. As with an INT, the name may be anything. */
static int check_float(struct check *c, const struct btf_type *t)
{
	if (check_no_vlen(c, t) || check_no_kflag(c, t))
		return -EINVAL;
	if (t->size != 2 && t->size != 4 && t->size != 8 && t->size != 12 && t->size != 16)
		return fault(c, "%u bytes are no float's size", t->size);
	return 0;
}

/* kernel: btf_decl_tag_check_meta */
static int check_decl_tag(struct check *c, const struct btf_type *t)
{
	const int32_t component = *(const int32_t *)btf_extra(t);

	if (!*btf_name(c->btf, t))
		return fault(c, "has no name");
	if (check_no_vlen(c, t) || check_tag_kflag(c, t))
		return -EINVAL;
	if (component < -1)
		return fault(c, "component %d", component);
	return 0;
}

/* What can be said of a type without looking at another (kernel: btf_check_meta). */
static int check_type(struct check *c, const struct btf_type *t)
{
	if (!c->caps->wide_info && t->info & OLD_RESERVED_INFO)
		return fault(c, "reserved bits are set (info 0x%08x)", t->info);
	if (!(c->caps->kinds >> btf_kind(t) & 1))
		return fault(c, "the base's kernel does not know this kind");
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return check_int(c, t);
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return check_reference(c, t);
	case BTF_KIND_ARRAY:
		return check_array(c, t);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return check_struct(c, t);
	case BTF_KIND_ENUM:
		return check_enum(c, t, sizeof(struct btf_enum) / 4);
	case BTF_KIND_ENUM64:
		return check_enum(c, t, sizeof(struct btf_enum64) / 4);
	case BTF_KIND_FWD:
		return check_fwd(c, t);
	case BTF_KIND_FUNC:
		return check_func(c, t);
	case BTF_KIND_FUNC_PROTO:
		return check_func_proto(c, t);
	case BTF_KIND_VAR:
		return check_var(c, t);
	case BTF_KIND_DATASEC:
		return check_datasec(c, t);
	case BTF_KIND_FLOAT:
		return check_float(c, t);
	case BTF_KIND_DECL_TAG:
		return check_decl_tag(c, t);
	case BTF_KIND_UNKN:
	case BTF_KIND_NR:
		break;
	}
	return fault(c, "unknown kind");
}

/* kernel: btf_parse_hdr. Zeros behind the fields that a kernel knows are legal. */
static int check_header(const struct btf *btf, const struct btf_caps *caps, struct error *err)
{
	const struct btf_header *h = &btf->header;

	if (h->flags)
		return error_set(err, -EINVAL, "BTF header: unknown flags 0x%x", h->flags);
	if (caps->header_len < NEW_HEADER_LEN && (btf->layout_off || btf->layout_len))
		return error_set(err, -EINVAL,
				 "BTF header: has a layout section, which the base's kernel does "
				 "not know");
	for (uint32_t i = caps->header_len; i < h->hdr_len; i++)
		if (btf->raw.data[i])
			return error_set(err, -EINVAL, "BTF header: unknown field at byte %u", i);
	return 0;
}

/* kernel: btf_check_sec_info. The sections cover all that follows the header, each byte once. */
static int check_sections(const struct btf *btf, const struct btf_caps *caps, struct error *err)
{
	const struct btf_header *h = &btf->header;
	const size_t body = btf->raw.size - h->hdr_len;
	struct {
		const char *name;
		uint32_t off, len;
	} s[] = {
		{ "type", h->type_off, h->type_len },
		{ "string", h->str_off, h->str_len },
		{ "layout", btf->layout_off, btf->layout_len },
	};
	const size_t nr = btf->layout_len ? 3 : 2;
	uint64_t end = 0;

	for (size_t done = 0; done < nr; done++) {
		size_t next = done;

		for (size_t i = done + 1; i < nr; i++)
			if (s[i].off < s[next].off ||
			    (s[i].off == s[next].off && s[i].len < s[next].len))
				next = i;
		if (s[next].off != end)
			return error_set(err, -EINVAL,
					 "BTF header: %s section at %u: %s, which ends at %llu",
					 s[next].name, s[next].off,
					 s[next].off > end ? "a gap behind what comes before it" :
							     "overlaps what comes before it",
					 (unsigned long long)end);
		end += s[next].len;
		s[next] = s[done];
	}
	if (end != body)
		return error_set(err, -EINVAL, "BTF header: sections end at %llu, the data at %zu",
				 (unsigned long long)end, body);
	/* kernel: btf_parse_str_sec; from 7.2 on the string section need not be last. */
	if ((caps->header_len < NEW_HEADER_LEN || h->hdr_len < NEW_HEADER_LEN) &&
	    (uint64_t)h->str_off + h->str_len != body)
		return error_set(err, -EINVAL, "BTF header: string section is not at the end");
	return 0;
}

/* kernel: btf_parse_type_sec, for what programs load only */
static int check_alignment(const struct btf *btf, struct error *err)
{
	if (btf->header.type_off % sizeof(uint32_t))
		return error_set(err, -EINVAL, "BTF header: type section at %u is not aligned to 4",
				 btf->header.type_off);
	return 0;
}

/* kernel: BTF_MAX_NAME_OFFSET, BTF_MAX_TYPE (btf_add_type, which counts void) */
static int check_limits(const struct btf *btf, struct error *err)
{
	if (!btf->base && !btf->nr)
		return error_set(err, -EINVAL, "type section: no types");
	if (btf_end_id(btf) > BTF_MAX_TYPE)
		return error_set(err, -EINVAL, "type section: %u types, more than %u",
				 btf_end_id(btf), BTF_MAX_TYPE);
	if (btf_end_str(btf) > BTF_MAX_NAME_OFFSET + 1)
		return error_set(err, -EINVAL, "string section: ends at %u, above the limit, %u",
				 btf_end_str(btf), BTF_MAX_NAME_OFFSET + 1);
	return 0;
}

/* The strictest rules of all kernels; a base may use what its own kernel knows. */
static const struct btf_caps for_modules = {
	.header_len = BTF_HEADER_LEN,
	.name_len = NAME_MAX_LEN,
	.kinds = UINT32_MAX,
};

/* Kernels that know a layout section have one in the base, if what built them had one to give. */
static const struct btf_caps for_layout = {
	.header_len = NEW_HEADER_LEN,
	.name_len = NAME_MAX_LEN,
	.kinds = UINT32_MAX,
};

static const struct btf_caps for_bases = {
	.header_len = NEW_HEADER_LEN,
	.name_len = NAME_MAX_LEN,
	.kinds = UINT32_MAX,
	.wide_info = true,
	.section_names = true,
};

bool btf_is_identifier(const struct btf *btf, uint32_t off)
{
	return identifier(btf, off, &for_modules);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The strictest of all, and not more than this kernel has. */
static struct btf_caps strictest(const struct btf *btf, const struct btf_caps *target)
{
	struct btf_caps caps = for_bases;

	if (btf->base)
		caps = btf->base->layout_len ? for_layout : for_modules;
	if (target) {
		caps.header_len = smaller(caps.header_len, target->header_len);
		caps.name_len = smaller(caps.name_len, target->name_len);
		caps.kinds &= target->kinds;
	}
	return caps;
}

int btf_verify_for(const struct btf *btf, const struct btf_caps *target, struct error *err)
{
	const struct btf_caps caps = strictest(btf, target);
	const struct btf_sink sink = { .err = err };
	struct check c = { .btf = btf, .caps = &caps, .ask_base = true, .err = err };
	int ret;

	ret = check_header(btf, c.caps, err);
	if (!ret)
		ret = check_alignment(btf, err);
	if (!ret)
		ret = check_sections(btf, c.caps, err);
	if (!ret)
		ret = check_limits(btf, err);
	for (c.id = btf->start_id; !ret && c.id < btf_end_id(btf); c.id++)
		ret = check_type(&c, btf_type(btf, c.id));
	if (!ret)
		ret = btf_check_references(btf, &sink);
	if (!ret)
		ret = btf_check_chains(btf, c.caps->tags_anywhere, &sink);
	return ret;
}

int btf_verify(const struct btf *btf, struct error *err)
{
	return btf_verify_for(btf, NULL, err);
}

int btf_verify_each(const struct btf *btf, const struct btf_caps *caps, btf_fault_fn *found,
		    void *ctx, struct error *err)
{
	struct error text = ERROR_INIT;
	const struct btf_sink sink = { .found = found, .ctx = ctx, .err = &text };
	struct check c = { .btf = btf, .caps = caps, .err = &text };
	int ret = 0;

	if (check_header(btf, caps, &text) || check_sections(btf, caps, &text) ||
	    check_limits(btf, &text))
		ret = btf_sink_fault(&sink, BTF_RULE_HEADER, 0);
	else if (check_alignment(btf, &text))
		ret = btf_sink_fault(&sink, BTF_RULE_REFERENCE, 0);
	for (c.id = btf->start_id; !ret && c.id < btf_end_id(btf); c.id++)
		if (check_type(&c, btf_type(btf, c.id)))
			ret = btf_sink_fault(&sink, BTF_RULE_METADATA, c.id);
	if (!ret)
		ret = btf_check_chains(btf, caps->tags_anywhere, &sink);
	if (!ret)
		ret = btf_check_references(btf, &sink);
	if (ret == -ENOMEM)
		error_nomem(err);
	return ret;
}
