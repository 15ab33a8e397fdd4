// SPDX-License-Identifier: GPL-2.0-only
#include "btf/names.h"

void names_init(struct names *names, const struct btf_index *index)
{
	*names = (struct names){ .index = index, .first_own = btf_end_str(index->base) };
}

void names_free(struct names *names)
{
	vec_free(&names->text);
	idtab_free(&names->table);
}

uint32_t name_id(struct names *names, const char *str, size_t len)
{
	uint32_t hash, id, pos;

	if (!len)
		return 0;
	hash = hash_bytes(str, len);
	id = btf_index_str(names->index, str, len, hash);
	if (id)
		return id;
	for (id = idtab_first(&names->table, hash, &pos); id;
	     id = idtab_next(&names->table, hash, &pos)) {
		const char *have = names->text.at + (id - names->first_own);

		if (!strncmp(have, str, len) && !have[len])
			return id;
	}
	if (len >= UINT32_MAX / 2 - names->text.nr || !vec_room(&names->text, len + 1))
		return UINT32_MAX;
	id = names->first_own + names->text.nr;
	if (id < names->first_own || !idtab_add(&names->table, hash, id))
		return UINT32_MAX;
	memcpy(names->text.at + names->text.nr, str, len);
	names->text.at[names->text.nr + len] = '\0';
	names->text.nr += (uint32_t)len + 1;
	return id;
}

const char *name_str(const struct names *names, uint32_t id)
{
	if (id < names->first_own)
		return btf_str(names->index->base, id);
	return names->text.at + (id - names->first_own);
}
