/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An index as bytes that can be kept and mapped, so that a base that was indexed once need not be
 * walked through again. The form is that of this program on this machine and no other's: whatever
 * does not fit is not taken, and is made anew.
 */
#ifndef MODBTF_BTF_INDEX_FILE_H
#define MODBTF_BTF_INDEX_FILE_H

#include "btf/caps.h"
#include "util/digest.h"

/*
 * @index, complete, and with it the places of the types of its base and its @caps, as @out (the caller's to
 * free). @base: digest of the base's bytes. Returns 0; -EOPNOTSUPP for a base that cannot be used as
 * it lies in its file (foreign byte order, unaligned); -ENOMEM.
 */
int index_pack(const struct btf_index *index, const struct btf_caps *caps,
	       const struct digest *base, struct buffer *out, struct error *err);

/*
 * Opens the base @raw (with digest @base) as btf_open() does, and its index, by what index_pack()
 * made of them. Both borrow from @packed and @raw; btf_close() and btf_index_free() may be called.
 * False if @packed is not whole, not of this base, or of another version of this program: then
 * nothing is held.
 *
 * Its digest guards against damage, not against forgery: whoever hands in @packed has seen to it
 * that only those could write it who may decide about what this process does.
 */
bool index_unpack(struct bytes packed, const struct digest *base, struct bytes raw, struct btf *btf,
		  struct btf_index *index, struct btf_caps *caps);

#endif
