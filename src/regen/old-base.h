/* SPDX-License-Identifier: GPL-2.0-only */
/* The base that a module's present BTF was made on, as --old-base names it. */
#ifndef MODBTF_REGEN_OLD_BASE_H
#define MODBTF_REGEN_OLD_BASE_H

#include "module/module.h"
#include "regen/bases.h"

/*
 * Opens the plain split BTF of @mod (without .BTF.base) over the base out of @old_bases, which is
 * @on then, and verifies it. BTF of any base may fit by luck, and then it names the wrong types: if
 * the module's note tells what its BTF was made on, that counts. Returns 0; -EINVAL: it was made on
 * another base, or is damaged; what bases_get() and note_read() return; with @err. On success @btf
 * is closed with btf_close().
 */
int old_base_open(const struct module *mod, struct bases *old_bases, const struct target **on,
		  struct btf *btf, struct error *err);

#endif
