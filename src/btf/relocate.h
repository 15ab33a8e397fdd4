/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Relocation: a module's split BTF, made over the distilled base in its .BTF.base, is moved onto the
 * base of the kernel that loads it. The rules are those of kernels from 6.11 on, to the letter,
 * oddities included: tools/lib/bpf/btf_relocate.c (which the kernel compiles), btf_relocate() and
 * what it calls. Each type of the distilled base must find one base type, and not more:
 *
 *	INT		an INT of that name, size and encoding (signed, char, bool)
 *	FLOAT		a FLOAT of that name and size
 *	ENUM		an ENUM or ENUM64 of that name and size
 *	STRUCT, UNION	anything of that name, where the base has one struct or union so called;
 *			else, one of that size as well. INTs, FLOATs and ENUMs count only if their size
 *			is that. If a member of the split part has it in it by value, the size must be
 *			that in any case, up to the first base type (by id) that fits; behind that one
 *			the name will do again, to make it ambiguous
 *	FWD		a FWD of that name and kind_flag; a STRUCT of that name, unless it has kind_flag
 *			(bitfields); a UNION of that name if it has it. The latter two only where the
 *			base has one struct or union so called, or their size is 0
 */
#ifndef MODBTF_BTF_RELOCATE_H
#define MODBTF_BTF_RELOCATE_H

#include "btf/index.h"

/*
 * The base that one relocates to, and what relocation looks at while it does: each thread has its
 * own.
 */
struct relocate_base {
	const struct btf_index *index;
	words_t found; /* of the name at hand: base type ids, ascending, with what is known of them */
	bool failed;   /* out of memory: nothing that was said holds */
};

/* @index: of a base (no split BTF); it must outlive @base. */
void relocate_base_init(struct relocate_base *base, const struct btf_index *index);
void relocate_base_free(struct relocate_base *base);

/* A type as it stands, or would stand, in a distilled base. */
struct distilled_type {
	enum btf_kind kind;
	const char *name;
	uint32_t size;	   /* bytes; 0 for FWD */
	uint32_t encoding; /* INT: BTF_INT_ENCODING() */
	bool kflag;
	bool embedded; /* by value in a struct or union of the split part */
};

/*
 * How many types of the base relocation would take for @type; one is right. The first two are put
 * in @ids, 0 where there are fewer.
 */
uint32_t relocate_candidates(struct relocate_base *base, const struct distilled_type *type,
			     uint32_t ids[2]);

/* Why relocation fails. */
enum relocate_fault {
	RELOCATE_KIND,	    /* a kind that no distilled base may have */
	RELOCATE_ANONYMOUS, /* no name */
	RELOCATE_MISSING, /* the base has nothing of that name and kind; ids[0]: a type of the name */
	RELOCATE_SIZE,	  /* the base has it in another size: ids[0] */
	RELOCATE_AMBIGUOUS, /* the base has several that fit: ids[0], ids[1] */
	RELOCATE_NAME, /* a string of the distilled base that is no type's name: split type @id */
	RELOCATE_LOOP, /* split type @id has a member that contains itself, no kernel comes back */
};

struct relocate_finding {
	enum relocate_fault fault;
	uint32_t id;	 /* of the distilled base, but where it says split type */
	uint32_t ids[2]; /* types of the base */
};

struct relocation {
	uint32_t *ids;	   /* of each id of the distilled base: the base's type, 0 if none fits */
	uint32_t nr;	   /* ids of the distilled base, void included */
	uint8_t *embedded; /* of each id of the distilled base: must its size agree? */
	VEC(struct relocate_finding) findings; /* by id; the kernel relocates if there are none */
};

/*
 * Looks for the base's type for each type of the distilled base @split->base. @split is sound as
 * far as btf_open() says so. Returns 0 whatever is found, or -ENOMEM; @r is released with
 * relocation_free().
 */
int btf_relocate_match(const struct btf *split, struct relocate_base *base, struct relocation *r,
		       struct error *err);
void relocation_free(struct relocation *r);

/* A finding as an error: names the type and says what the base has. Returns -EINVAL. */
int relocate_error(const struct btf *split, const struct btf *base, const struct relocation *r,
		   const struct relocate_finding *finding, struct error *err);

/*
 * Writes @split relocated onto @base, byte for byte as the kernel has it in memory and in
 * /sys/kernel/btf: own ids go up by what the base has more than the distilled one, strings keep
 * their order. @r: what btf_relocate_match() found, without findings. Returns 0 and the bytes in
 * @out (the caller's to free); -EINVAL: @r has findings (the first one), or a type refers to one
 * that does not exist; -ENOMEM, -E2BIG.
 */
int btf_relocate(const struct btf *split, const struct btf *base, const struct relocation *r,
		 struct buffer *out, struct error *err);

#endif
