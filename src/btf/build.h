/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A builder of split BTF bytes: types and strings are appended, then written out behind a header in
 * the byte order of the target.
 */
#ifndef MODBTF_BTF_BUILD_H
#define MODBTF_BTF_BUILD_H

#include "btf/names.h"

struct btf_builder {
	const struct names *names;
	uint32_t start_id; /* id of the first type: the base's btf_end_id() */
	uint32_t nr;	   /* types so far */
	words_t types;
	VEC(char) strs;
	struct idtab str_at; /* place in strs + 1 of own name ids, by id */
	words_t str_ids;     /* own name ids in the order of strs, with their places */
	bool failed;	     /* out of memory at some point; build_finish() says so */
};

/* @names must outlive the builder. */
void build_init(struct btf_builder *b, const struct names *names);
void build_free(struct btf_builder *b);

/*
 * The string offset of a name id: the base's, or one in our string section, which it enters if need
 * be.
 */
uint32_t build_str(struct btf_builder *b, uint32_t name);

/*
 * Appends a type and returns its id. @name: name id. @info: btf_info(). @size_or_type: the last
 * word of struct btf_type.
 */
uint32_t build_type(struct btf_builder *b, uint32_t name, uint32_t info, uint32_t size_or_type);

/* Appends one word of what follows the last type. */
void build_word(struct btf_builder *b, uint32_t word);

/*
 * Writes the BTF into @out (the caller's to free), in big endian order if @big. Returns 0, -ENOMEM,
 * or -E2BIG when the format's limits on ids or string offsets are exceeded.
 */
int build_finish(struct btf_builder *b, bool big, struct buffer *out, struct error *err);

/*
 * The BTF of a type section of @nr words (native values) and a string section, in big endian order
 * if @big, in @out (the caller's to free). Returns 0, -E2BIG, -ENOMEM.
 */
int btf_pack(const uint32_t *words, size_t nr, struct bytes strs, bool big, struct buffer *out,
	     struct error *err);

#endif
