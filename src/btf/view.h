/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A checked, read-only view of BTF bytes.
 *
 * Opening a view walks the type section once and checks what reading needs: header, section bounds,
 * known kinds, that each type and what follows it lie inside, that the string section ends in NUL
 * and that every name offset lies in the strings of this view or of its base. After that each
 * accessor is safe for any id. It does not check what types mean (see verify.h).
 *
 * Type ids: 0 is void; own types are numbered from btf->start_id (1 without a base, else the base's
 * btf_end_id()). String offsets below btf->start_str belong to the base.
 * Foreign byte order is turned round once, into memory that the view owns, so that readers see
 * native values; btf->big_endian tells what the file had. Bytes that are not aligned are copied
 * likewise.
 *
 * A view borrows the bytes and the base that it is given; both must outlive it. Views are immutable
 * after opening and may be shared between threads.
 */
#ifndef MODBTF_BTF_VIEW_H
#define MODBTF_BTF_VIEW_H

#include "btf/format.h"
#include "util/bytes.h"
#include "util/error.h"

struct btf {
	const struct btf *base;	  /* NULL for a base */
	struct bytes raw;	  /* the whole BTF as given */
	struct btf_header header; /* native values; the fields that every kernel knows */
	uint32_t layout_off;	  /* layout section of kernels from 7.2 on, as other sections */
	uint32_t layout_len;	  /* 0: there is none */
	struct bytes types;	  /* type section, native byte order */
	struct bytes strs;	  /* string section */
	const uint32_t *offsets;  /* of own type i in types, bytes; i counts from 0 */
	uint32_t *own_offsets;	  /* the same, if they are the view's to free */
	uint32_t nr;		  /* own types, void not counted */
	uint32_t start_id;
	uint32_t start_str;
	/*
	 * Bytes of a pointer on the machine that this is for, 4 or 8. BTF does not say it; the size
	 * of the base's INTs that are named as C's long does. 8 if there are none or they disagree.
	 */
	uint32_t pointer_size;
	bool big_endian;
	uint32_t *copy; /* native, aligned copy of the type section, NULL if none was needed */
};

/*
 * Opens @raw. @base: NULL, or the view that ids and offsets below ours belong to.
 * Returns 0, -EINVAL (malformed: text names section, offset, type id), -ENOMEM; on failure nothing
 * is held. A zeroed struct btf and one whose opening failed may be closed.
 */
int btf_open(struct btf *btf, struct bytes raw, const struct btf *base, struct error *err);
void btf_close(struct btf *btf);

/*
 * Opens the base @raw, which btf_open() has opened before, by what it found out then: @offsets of
 * @nr types (borrowed), @pointer_size. Returns 0, or -EINVAL where that cannot be true.
 */
int btf_open_known(struct btf *btf, struct bytes raw, const uint32_t *offsets, uint32_t nr,
		   uint32_t pointer_size, struct error *err);

/* One past the last valid type id, = the start_id of a view over this one. */
static inline uint32_t btf_end_id(const struct btf *btf)
{
	return btf->start_id + btf->nr;
}

/* Where the string offsets of a view over this one start. */
static inline uint32_t btf_end_str(const struct btf *btf)
{
	return btf->start_str + (uint32_t)btf->strs.size;
}

/* The type @id, own or the base's; NULL for void and for ids beyond the end. */
static inline const struct btf_type *btf_type(const struct btf *btf, uint32_t id)
{
	while (btf->base && id < btf->start_id)
		btf = btf->base;
	if (id < btf->start_id || id - btf->start_id >= btf->nr)
		return NULL;
	return (const struct btf_type *)(btf->types.data + btf->offsets[id - btf->start_id]);
}

/* The string at @off; "" for offsets that open() did not vouch for. Never NULL. */
static inline const char *btf_str(const struct btf *btf, uint32_t off)
{
	while (btf->base && off < btf->start_str)
		btf = btf->base;
	/* A base that is not at hand has a size alone. */
	if (off < btf->start_str || off - btf->start_str >= btf->strs.size || !btf->strs.data)
		return "";
	return (const char *)btf->strs.data + (off - btf->start_str);
}

static inline const char *btf_name(const struct btf *btf, const struct btf_type *t)
{
	return btf_str(btf, t->name_off);
}

/* What follows @t; the number of entries is btf_vlen(t), 1 for INT, ARRAY, VAR and DECL_TAG. */
static inline const void *btf_extra(const struct btf_type *t)
{
	return t + 1;
}

/* Bytes that follow a struct btf_type of @kind with @vlen entries; -1 for unknown kinds. */
int btf_extra_size(enum btf_kind kind, uint32_t vlen);

/* "INT", "STRUCT", ... static string; "UNKN" for what is none. */
const char *btf_kind_name(enum btf_kind kind);

/* Is it one of CONST, VOLATILE, RESTRICT, TYPEDEF, TYPE_TAG? (kernel: btf_type_is_modifier) */
bool btf_kind_is_modifier(enum btf_kind kind);

/* Bit offset and bitfield size (0: not a bitfield) of member @i of the STRUCT or UNION @t. */
static inline uint32_t btf_member_bit_offset(const struct btf_type *t, uint32_t i)
{
	const struct btf_member *m = btf_extra(t);

	return btf_kflag(t) ? BTF_MEMBER_BIT_OFFSET(m[i].offset) : m[i].offset;
}

static inline uint32_t btf_member_bitfield_size(const struct btf_type *t, uint32_t i)
{
	const struct btf_member *m = btf_extra(t);

	return btf_kflag(t) ? BTF_MEMBER_BITFIELD_SIZE(m[i].offset) : 0;
}

/*
 * Finds the first type (lowest id) of @kind named @name among own types, then in the base. Linear.
 * Returns its id, 0 if there is none.
 */
uint32_t btf_find(const struct btf *btf, const char *name, enum btf_kind kind);

#endif
