// SPDX-License-Identifier: GPL-2.0-only
#include "btf/view.h"

/* What follows a struct btf_type: bytes whatever vlen says, and bytes for each of vlen entries. */
static const struct {
	const char *name;
	bool known;
	uint8_t fixed;
	uint8_t entry;
	bool entry_named; /* the first word of an entry is a name offset */
} kinds[BTF_KIND_NR] = {
	[BTF_KIND_UNKN] = { "UNKN", false, 0, 0, false },
	[BTF_KIND_INT] = { "INT", true, sizeof(uint32_t), 0, false },
	[BTF_KIND_PTR] = { "PTR", true, 0, 0, false },
	[BTF_KIND_ARRAY] = { "ARRAY", true, sizeof(struct btf_array), 0, false },
	[BTF_KIND_STRUCT] = { "STRUCT", true, 0, sizeof(struct btf_member), true },
	[BTF_KIND_UNION] = { "UNION", true, 0, sizeof(struct btf_member), true },
	[BTF_KIND_ENUM] = { "ENUM", true, 0, sizeof(struct btf_enum), true },
	[BTF_KIND_FWD] = { "FWD", true, 0, 0, false },
	[BTF_KIND_TYPEDEF] = { "TYPEDEF", true, 0, 0, false },
	[BTF_KIND_VOLATILE] = { "VOLATILE", true, 0, 0, false },
	[BTF_KIND_CONST] = { "CONST", true, 0, 0, false },
	[BTF_KIND_RESTRICT] = { "RESTRICT", true, 0, 0, false },
	[BTF_KIND_FUNC] = { "FUNC", true, 0, 0, false },
	[BTF_KIND_FUNC_PROTO] = { "FUNC_PROTO", true, 0, sizeof(struct btf_param), true },
	[BTF_KIND_VAR] = { "VAR", true, sizeof(uint32_t), 0, false },
	[BTF_KIND_DATASEC] = { "DATASEC", true, 0, sizeof(struct btf_var_secinfo), false },
	[BTF_KIND_FLOAT] = { "FLOAT", true, 0, 0, false },
	[BTF_KIND_DECL_TAG] = { "DECL_TAG", true, sizeof(uint32_t), 0, false },
	[BTF_KIND_TYPE_TAG] = { "TYPE_TAG", true, 0, 0, false },
	[BTF_KIND_ENUM64] = { "ENUM64", true, 0, sizeof(struct btf_enum64), true },
};

int btf_extra_size(enum btf_kind kind, uint32_t vlen)
{
	if ((unsigned int)kind >= BTF_KIND_NR || !kinds[kind].known || vlen > 0xffffff)
		return -1;
	return (int)(kinds[kind].fixed + kinds[kind].entry * vlen);
}

const char *btf_kind_name(enum btf_kind kind)
{
	return (unsigned int)kind < BTF_KIND_NR ? kinds[kind].name : "UNKN";
}

bool btf_kind_is_modifier(enum btf_kind kind)
{
	return kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE || kind == BTF_KIND_RESTRICT ||
	       kind == BTF_KIND_TYPEDEF || kind == BTF_KIND_TYPE_TAG;
}

uint32_t btf_find(const struct btf *btf, const char *name, enum btf_kind kind)
{
	for (; btf; btf = btf->base) {
		for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
			const struct btf_type *t = btf_type(btf, id);

			if (btf_kind(t) == kind && strcmp(btf_name(btf, t), name) == 0)
				return id;
		}
	}
	return 0;
}

/* Bytes of an INT if C's long is what it is named as, else 0. */
static uint32_t long_size(const struct btf *btf, const struct btf_type *t)
{
	static const char *const longs[] = { "long int", "long unsigned int", "unsigned long",
					     "long" };

	for (size_t i = 0; i < sizeof(longs) / sizeof(*longs); i++)
		if (strcmp(btf_name(btf, t), longs[i]) == 0)
			return t->size;
	return 0;
}

/* The words at @at are named entries of @words words each: does a name lie outside? */
static bool entry_name_outside(const uint8_t *at, uint32_t nr, uint32_t words, uint32_t end_str)
{
	const uint32_t *w = (const uint32_t *)at;
	uint32_t max = 0;

	for (uint32_t i = 0; i < nr; i++, w += words)
		max = *w > max ? *w : max;
	return nr && max >= end_str;
}

/*
 * Fills in btf->offsets and btf->nr. Every type takes at least a struct btf_type, which bounds
 * their number before they are counted; the pages that turn out unused are never touched.
 */
static int index_types(struct btf *btf, struct error *err)
{
	const uint8_t *data = btf->types.data;
	const size_t size = btf->types.size;
	const uint32_t end_str = btf_end_str(btf);
	const uint32_t room = UINT32_MAX - btf->start_id;
	uint32_t *offsets, *shrunk;
	uint32_t nr = 0, long_sizes = 0;

	if (!size)
		return 0;
	offsets = malloc((size / sizeof(struct btf_type) + 1) * sizeof(*offsets));
	if (!offsets)
		return error_nomem(err);
	btf->own_offsets = offsets;

	for (size_t off = 0; off < size;) {
		const struct btf_type *t = (const struct btf_type *)(data + off);
		const size_t left = size - off;
		uint32_t id = btf->start_id + nr;
		size_t extra;
		unsigned int k;

		if (nr == room)
			return error_set(err, -EINVAL, "type section: more types than ids");
		if (left < sizeof(*t))
			return error_set(err, -EINVAL,
					 "type %u at byte %zu of the type section: cut off", id,
					 off);
		k = btf_kind(t);
		if (k >= BTF_KIND_NR || !kinds[k].known)
			return error_set(err, -EINVAL,
					 "type %u at byte %zu of the type section: unknown kind %u",
					 id, off, k);
		extra = kinds[k].fixed + (size_t)kinds[k].entry * btf_vlen(t);
		if (extra > left - sizeof(*t))
			return error_set(err, -EINVAL,
					 "type %u at byte %zu of the type section: %s of %zu "
					 "bytes, only %zu left",
					 id, off, kinds[k].name, sizeof(*t) + extra, left);
		if (t->name_off >= end_str ||
		    (kinds[k].entry_named &&
		     entry_name_outside(data + off + sizeof(*t), btf_vlen(t),
					kinds[k].entry / sizeof(uint32_t), end_str)))
			return error_set(err, -EINVAL,
					 "type %u at byte %zu of the type section: %s with a name "
					 "outside of the strings",
					 id, off, kinds[k].name);
		if (k == BTF_KIND_INT)
			long_sizes |= long_size(btf, t);
		offsets[nr++] = (uint32_t)off;
		off += sizeof(*t) + extra;
	}

	btf->nr = nr;
	if (!btf->base)
		btf->pointer_size = long_sizes == 4 ? 4 : 8;
	shrunk = realloc(offsets, nr * sizeof(*offsets));
	if (shrunk)
		btf->own_offsets = shrunk;
	btf->offsets = btf->own_offsets;
	return 0;
}

/*
 * The type section is nothing but 32-bit words, whatever the kinds in it, so it can be turned round
 * without being understood. An odd rest stays as it is: it is refused as a type that is cut off.
 */
static int copy_types(struct btf *btf, bool swap, struct error *err)
{
	struct bytes from = btf->types;
	uint32_t *to = calloc(from.size / sizeof(*to) + 1, sizeof(*to));

	if (!to)
		return error_nomem(err);
	btf->copy = to;
	btf->types.data = (const uint8_t *)to;
	memcpy(to, from.data, from.size);
	if (swap)
		for (size_t i = 0; i < from.size / sizeof(*to); i++)
			to[i] = __builtin_bswap32(to[i]);
	return 0;
}

static int open_header(struct btf *btf, struct error *err)
{
	const uint8_t *p = btf->raw.data;
	struct btf_header *h = &btf->header;
	bool big;

	if (btf->raw.size < BTF_HEADER_LEN)
		return error_set(err, -EINVAL, "BTF header: %zu bytes are too few, it takes %d",
				 btf->raw.size, BTF_HEADER_LEN);
	if (load_u16(p, false) == BTF_MAGIC)
		big = false;
	else if (load_u16(p, true) == BTF_MAGIC)
		big = true;
	else
		return error_set(err, -EINVAL, "BTF header: no BTF magic (0x%02x 0x%02x)", p[0],
				 p[1]);
	btf->big_endian = big;
	h->magic = BTF_MAGIC;
	h->version = p[2];
	h->flags = p[3];
	h->hdr_len = load_u32(p + 4, big);
	h->type_off = load_u32(p + 8, big);
	h->type_len = load_u32(p + 12, big);
	h->str_off = load_u32(p + 16, big);
	h->str_len = load_u32(p + 20, big);
	if (h->hdr_len >= BTF_HEADER_LEN + 8 && btf->raw.size >= BTF_HEADER_LEN + 8) {
		btf->layout_off = load_u32(p + 24, big);
		btf->layout_len = load_u32(p + 28, big);
	}
	if (h->version != BTF_VERSION)
		return error_set(err, -EINVAL, "BTF header: unknown version %u", h->version);
	if (h->hdr_len < BTF_HEADER_LEN || h->hdr_len > btf->raw.size)
		return error_set(err, -EINVAL, "BTF header: impossible length %u (of %zu bytes)",
				 h->hdr_len, btf->raw.size);
	if (btf->base && btf->base->big_endian != big)
		return error_set(err, -EINVAL,
				 "BTF header: %s endian, but its base is not: wrong base",
				 big ? "big" : "little");
	return 0;
}

static int open_sections(struct btf *btf, struct error *err)
{
	const struct btf_header *h = &btf->header;
	const uint64_t body = btf->raw.size - h->hdr_len;

	if (!range_fits(h->type_off, h->type_len, body))
		return error_set(err, -EINVAL,
				 "BTF header: type section (%u bytes at %u) outside of the %zu "
				 "bytes there are",
				 h->type_len, h->type_off, btf->raw.size);
	if (!range_fits(h->str_off, h->str_len, body))
		return error_set(err, -EINVAL,
				 "BTF header: string section (%u bytes at %u) outside of the %zu "
				 "bytes there are",
				 h->str_len, h->str_off, btf->raw.size);
	btf->types = bytes_slice(btf->raw, (uint64_t)h->hdr_len + h->type_off, h->type_len);
	btf->strs = bytes_slice(btf->raw, (uint64_t)h->hdr_len + h->str_off, h->str_len);

	/* Offset 0 is the empty name of each type without one: a base must have it. */
	if (!btf->base && (!h->str_len || btf->strs.data[0]))
		return error_set(err, -EINVAL,
				 "string section: does not begin with an empty string");
	if (h->str_len && btf->strs.data[h->str_len - 1])
		return error_set(err, -EINVAL, "string section: does not end in a NUL byte");
	if (h->str_len > UINT32_MAX - btf->start_str)
		return error_set(err, -EINVAL,
				 "string section: %u bytes over a base of %u are too many",
				 h->str_len, btf->start_str);
	return 0;
}

/* The header and where the sections are. */
static int open_outside(struct btf *btf, struct error *err)
{
	int ret = open_header(btf, err);

	return ret ? ret : open_sections(btf, err);
}

int btf_open_known(struct btf *btf, struct bytes raw, const uint32_t *offsets, uint32_t nr,
		   uint32_t pointer_size, struct error *err)
{
	int ret;

	*btf = (struct btf){ .raw = raw, .start_id = 1, .pointer_size = pointer_size };
	ret = open_outside(btf, err);
	if (!ret && (btf->big_endian != host_big_endian() ||
		     (uintptr_t)btf->types.data % _Alignof(struct btf_type) ||
		     nr > btf->types.size / sizeof(struct btf_type)))
		ret = error_set(err, -EINVAL, "types are not where they are said to be");
	if (ret) {
		btf_close(btf);
		return ret;
	}
	btf->offsets = offsets;
	btf->nr = nr;
	return 0;
}

int btf_open(struct btf *btf, struct bytes raw, const struct btf *base, struct error *err)
{
	bool foreign, unaligned;
	int ret;

	*btf = (struct btf){
		.base = base,
		.raw = raw,
		.start_id = base ? btf_end_id(base) : 1,
		.start_str = base ? btf_end_str(base) : 0,
		.pointer_size = base ? base->pointer_size : 8,
	};
	ret = open_outside(btf, err);
	if (ret)
		goto fail;
	foreign = btf->big_endian != host_big_endian();
	unaligned = (uintptr_t)btf->types.data % _Alignof(struct btf_type);
	if (btf->types.size && (foreign || unaligned)) {
		ret = copy_types(btf, foreign, err);
		if (ret)
			goto fail;
	}
	ret = index_types(btf, err);
	if (ret)
		goto fail;
	return 0;
fail:
	btf_close(btf);
	return ret;
}

void btf_close(struct btf *btf)
{
	free(btf->own_offsets);
	free(btf->copy);
	*btf = (struct btf){ .start_id = 1 };
}
