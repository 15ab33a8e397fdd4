/* SPDX-License-Identifier: GPL-2.0-only */
/* The base that a module's present BTF was made on, as --old-base, the note or the fit tells. */
#ifndef MODBTF_REGEN_OLD_BASE_H
#define MODBTF_REGEN_OLD_BASE_H

#include "module/module.h"
#include "regen/bases.h"

/*
 * Opens the plain split BTF of @mod (without .BTF.base) over the base that it was made on, which is
 * @on then, and verifies it. BTF of any base may fit by luck, and then it names the wrong types: if
 * the module's note tells what its BTF was made on, that counts.
 *
 * @old_bases: gives the base; those that @target is of: it was made on @target itself. NULL where none
 * is named. Then it is the one that the note tells: @target, or another that can still be found
 * (bases_get_digest()).
 *
 * Returns 0; -EINVAL: it was made on another base, or is damaged, or nothing tells which base it
 * was; -ENOENT: that base is nowhere; what bases_get() and note_read() return; with @err. On success
 * @btf is closed with btf_close().
 */
int old_base_open(const struct module *mod, const struct target *target, struct bases *old_bases,
		  const struct target **on, struct btf *btf, struct error *err);

#endif
