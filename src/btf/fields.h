/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a type holds type ids and string offsets, whatever its kind: for passes that copy types and
 * give them new ones. A type is seen as words of 32 bits, struct btf_type first.
 */
#ifndef MODBTF_BTF_FIELDS_H
#define MODBTF_BTF_FIELDS_H

#include "btf/view.h"

/* Words of @t, a type of an open view, with all that follows it. */
uint32_t btf_words(const struct btf_type *t);

/*
 * Walk the words of @t that are type ids, or string offsets (its own name left out): index of the
 * next one after word @at (0 to start), 0 at the end. Ids and offsets may be 0.
 */
uint32_t btf_next_id(const struct btf_type *t, uint32_t at);
uint32_t btf_next_str(const struct btf_type *t, uint32_t at);

/* What btf_embedded() gives besides an id. */
#define EMBEDS_NONE UINT32_MAX	     /* no struct or union */
#define EMBEDS_LOOP (UINT32_MAX - 1) /* modifiers or arrays that come back to themselves */

/*
 * The STRUCT or UNION that a member or variable of type @id has in it by value: modifiers and arrays
 * are followed, through @btf and its base (kernel: btf_mark_embedded_composite_type_ids).
 * @memo: zeroed before the first call, btf_end_id(btf) words.
 */
uint32_t btf_embedded(const struct btf *btf, uint32_t *memo, uint32_t id);

#endif
