/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BTF format, as Documentation/bpf/btf.rst and include/uapi/linux/btf.h describe it. Spelt out
 * here because kernel headers older than the target would lack the newer kinds.
 */
#ifndef MODBTF_BTF_FORMAT_H
#define MODBTF_BTF_FORMAT_H

#include <stdint.h>

#define BTF_MAGIC 0xeB9F
#define BTF_VERSION 1
#define BTF_HEADER_LEN 24 /* bytes of the header that every kernel knows */

/* kernel: BTF_MAX_TYPE, BTF_MAX_NAME_OFFSET, BTF_MAX_VLEN (6.x's; 7.2 allows 2^24 - 1) */
#define BTF_MAX_TYPE 0x000fffff
#define BTF_MAX_NAME_OFFSET 0x00ffffff
#define BTF_MAX_VLEN 0xffff

enum btf_kind {
	BTF_KIND_UNKN = 0,
	BTF_KIND_INT = 1,
	BTF_KIND_PTR = 2,
	BTF_KIND_ARRAY = 3,
	BTF_KIND_STRUCT = 4,
	BTF_KIND_UNION = 5,
	BTF_KIND_ENUM = 6,
	BTF_KIND_FWD = 7,
	BTF_KIND_TYPEDEF = 8,
	BTF_KIND_VOLATILE = 9,
	BTF_KIND_CONST = 10,
	BTF_KIND_RESTRICT = 11,
	BTF_KIND_FUNC = 12,
	BTF_KIND_FUNC_PROTO = 13,
	BTF_KIND_VAR = 14,
	BTF_KIND_DATASEC = 15,
	BTF_KIND_FLOAT = 16,
	BTF_KIND_DECL_TAG = 17,
	BTF_KIND_TYPE_TAG = 18,
	BTF_KIND_ENUM64 = 19,
	BTF_KIND_NR
};

struct btf_header {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t hdr_len;
	uint32_t type_off; /* this and the following: bytes from the header's end */
	uint32_t type_len;
	uint32_t str_off;
	uint32_t str_len;
};

struct btf_type {
	uint32_t name_off;
	/* Bits 0-15 vlen, 24-28 kind, 31 kind_flag; by 7.2 0-23 vlen and 24-30 kind, a superset. */
	uint32_t info;
	union {
		uint32_t size; /* INT, ENUM, ENUM64, STRUCT, UNION, DATASEC, FLOAT */
		uint32_t type; /* everything else that refers to a type */
	};
};

static inline uint32_t btf_info(enum btf_kind kind, uint32_t vlen, uint32_t kflag)
{
	return kflag << 31 | (uint32_t)kind << 24 | vlen;
}

static inline enum btf_kind btf_kind(const struct btf_type *t)
{
	return (enum btf_kind)(t->info >> 24 & 0x7f);
}

static inline uint32_t btf_vlen(const struct btf_type *t)
{
	return t->info & 0xffffff;
}

static inline uint32_t btf_kflag(const struct btf_type *t)
{
	return t->info >> 31;
}

/* What follows a struct btf_type, by kind. */

/* INT: one u32 */
#define BTF_INT_ENCODING(v) ((v) >> 24 & 0x0f)
#define BTF_INT_OFFSET(v) ((v) >> 16 & 0xff)
#define BTF_INT_BITS(v) ((v)&0xff)
#define BTF_INT_SIGNED 1
#define BTF_INT_CHAR 2
#define BTF_INT_BOOL 4

struct btf_array {
	uint32_t type;
	uint32_t index_type;
	uint32_t nelems;
};

/*
 * STRUCT and UNION: vlen of these. With kind_flag: offset bits 0-23 bit offset, 24-31 bitfield
 * size.
 */
struct btf_member {
	uint32_t name_off;
	uint32_t type;
	uint32_t offset;
};

#define BTF_MEMBER_BIT_OFFSET(v) ((v)&0xffffff)
#define BTF_MEMBER_BITFIELD_SIZE(v) ((v) >> 24)

/* ENUM: vlen of these; kind_flag set = signed values */
struct btf_enum {
	uint32_t name_off;
	int32_t val;
};

/* ENUM64 */
struct btf_enum64 {
	uint32_t name_off;
	uint32_t val_lo32;
	uint32_t val_hi32;
};

/* FUNC_PROTO: vlen of these; a last one of {0, 0} = variadic */
struct btf_param {
	uint32_t name_off;
	uint32_t type;
};

/* FUNC keeps its linkage in vlen, VAR in the u32 behind it. */
enum btf_func_linkage { BTF_FUNC_STATIC = 0, BTF_FUNC_GLOBAL = 1, BTF_FUNC_EXTERN = 2 };
enum btf_var_linkage {
	BTF_VAR_STATIC = 0,
	BTF_VAR_GLOBAL_ALLOCATED = 1,
	BTF_VAR_GLOBAL_EXTERN = 2
};

/* DATASEC: vlen of these */
struct btf_var_secinfo {
	uint32_t type;
	uint32_t offset;
	uint32_t size;
};

/* DECL_TAG: one i32, component_idx, -1 = the type itself */

#endif
