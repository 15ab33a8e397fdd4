/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of btf-ids share. */
#ifndef MODBTF_MODULE_BTF_IDS_WORK_H
#define MODBTF_MODULE_BTF_IDS_WORK_H

#include "module/btf-ids.h"

/* "FUNC 'foo'" and "at offset 0x10 of .BTF_ids" in messages. */
#define IDS_PLACE "at offset 0x%x of " IDS_SECTION

/* Bytes before the first id of a set, and from one id to the next. */
static inline uint32_t set_header(bool pairs)
{
	return pairs ? 8 : 4;
}

static inline uint32_t set_stride(bool pairs)
{
	return pairs ? 8 : 4;
}

static inline uint32_t ids_word(const struct btf_ids *ids, uint32_t offset)
{
	return load_u32(ids->data.data + offset, ids->mod->big_endian);
}

/* Can a symbol of .BTF_ids ask for a type of this kind? */
static inline bool ids_kind(enum btf_kind kind)
{
	return kind == BTF_KIND_FUNC || kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION ||
	       kind == BTF_KIND_TYPEDEF;
}

/* Takes a section without symbols apart (btf-ids-layout.c); for btf_ids_recover(). */
int ids_recover_layout(struct btf_ids *ids, const struct btf *old, struct error *err);

#endif
