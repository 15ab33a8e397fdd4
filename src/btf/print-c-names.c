// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "btf/print-c.h"

uint32_t c_names_take(struct c_names *names, const char *name, char tag, bool incomplete)
{
	const uint32_t hash = hash_bytes(name, strlen(name));
	struct c_name_use *use;
	uint32_t place, pos;

	for (place = idtab_first(&names->tab, hash, &pos); place;
	     place = idtab_next(&names->tab, hash, &pos)) {
		use = &names->uses.at[place - 1];
		if (strcmp(use->name, name) != 0)
			continue;
		if (tag && use->tag == tag && (use->incomplete || incomplete)) {
			use->incomplete &= incomplete;
			return 1;
		}
		return ++use->nr;
	}
	if (!vec_push(&names->uses, ((struct c_name_use){ name, 1, tag, incomplete })) ||
	    !idtab_add(&names->tab, hash, names->uses.nr))
		return 0;
	return 1;
}

void c_names_free(struct c_names *names)
{
	idtab_free(&names->tab);
	vec_free(&names->uses);
}

static bool in_identifier(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_';
}

void c_name_format(char to[C_NAME_ROOM], const char *name, uint32_t nr)
{
	size_t len = 0;

	for (; name[len] && len < C_NAME_ROOM - 16; len++)
		to[len] = in_identifier(name[len]) ? name[len] : '_';
	to[len] = '\0';
	if (nr > 1)
		snprintf(to + len, C_NAME_ROOM - len, "___%u", nr);
}
