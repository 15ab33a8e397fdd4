// SPDX-License-Identifier: GPL-2.0-only
#include "btf/build.h"

void build_init(struct btf_builder *b, const struct names *names)
{
	*b = (struct btf_builder){ .names = names, .start_id = btf_end_id(names->index->base) };
}

void build_free(struct btf_builder *b)
{
	vec_free(&b->types);
	vec_free(&b->strs);
	vec_free(&b->str_ids);
	idtab_free(&b->str_at);
	*b = (struct btf_builder){ 0 };
}

uint32_t build_str(struct btf_builder *b, uint32_t name)
{
	uint32_t hash, n, pos, at;
	const char *str;
	size_t len;

	if (name < b->names->first_own)
		return name;
	hash = hash_u64(name);
	for (n = idtab_first(&b->str_at, hash, &pos); n; n = idtab_next(&b->str_at, hash, &pos))
		if (b->str_ids.at[2 * (n - 1)] == name)
			return b->names->first_own + b->str_ids.at[2 * (n - 1) + 1];
	str = name_str(b->names, name);
	len = strlen(str) + 1;
	at = b->strs.nr;
	if (!vec_room(&b->strs, len) || !vec_push(&b->str_ids, name) ||
	    !vec_push(&b->str_ids, at) || !idtab_add(&b->str_at, hash, b->str_ids.nr / 2)) {
		b->failed = true;
		return 0;
	}
	memcpy(b->strs.at + at, str, len);
	b->strs.nr += (uint32_t)len;
	return b->names->first_own + at;
}

void build_word(struct btf_builder *b, uint32_t word)
{
	if (!vec_push(&b->types, word))
		b->failed = true;
}

uint32_t build_type(struct btf_builder *b, uint32_t name, uint32_t info, uint32_t size_or_type)
{
	build_word(b, build_str(b, name));
	build_word(b, info);
	build_word(b, size_or_type);
	return b->start_id + b->nr++;
}

int btf_pack(const uint32_t *words, size_t nr, struct bytes strs, bool big, struct buffer *out,
	     struct error *err)
{
	const size_t type_len = nr * sizeof(uint32_t);
	uint8_t *p;

	if (nr > UINT32_MAX / sizeof(uint32_t))
		return error_set(err, -E2BIG, "%zu words of types are more than BTF can address",
				 nr);
	if (strs.size > UINT32_MAX)
		return error_set(err, -E2BIG, "%zu bytes of strings are more than BTF can address",
				 strs.size);
	out->size = BTF_HEADER_LEN + type_len + strs.size;
	out->data = malloc(out->size);
	if (!out->data) {
		out->size = 0;
		return error_nomem(err);
	}
	p = out->data;
	store_u16(p, BTF_MAGIC, big);
	p[2] = BTF_VERSION;
	p[3] = 0;
	store_u32(p + 4, BTF_HEADER_LEN, big);
	store_u32(p + 8, 0, big);
	store_u32(p + 12, (uint32_t)type_len, big);
	store_u32(p + 16, (uint32_t)type_len, big);
	store_u32(p + 20, (uint32_t)strs.size, big);
	p += BTF_HEADER_LEN;
	for (size_t i = 0; i < nr; i++, p += sizeof(uint32_t))
		store_u32(p, words[i], big);
	if (strs.size)
		memcpy(p, strs.data, strs.size);
	return 0;
}

int build_finish(struct btf_builder *b, bool big, struct buffer *out, struct error *err)
{
	if (b->failed)
		return error_nomem(err);
	if ((uint64_t)b->start_id + b->nr > BTF_MAX_TYPE)
		return error_set(err, -E2BIG,
				 "%u own types over %u of the base are more than BTF can number",
				 b->nr, b->start_id);
	if ((uint64_t)b->names->first_own + b->strs.nr > BTF_MAX_NAME_OFFSET)
		return error_set(err, -E2BIG, "%u bytes of strings are more than BTF can address",
				 b->strs.nr);
	return btf_pack(b->types.at, b->types.nr,
			(struct bytes){ (const uint8_t *)b->strs.at, b->strs.nr }, big, out, err);
}
