/* SPDX-License-Identifier: GPL-2.0-only */
/* What a module says of itself: its name, the kernel it is for, who signed it. */
#ifndef MODBTF_MODULE_IDENTITY_H
#define MODBTF_MODULE_IDENTITY_H

#include "module/module.h"

/*
 * Fills in name, vermagic, release, in_tree, signer and sig_hash of @mod, whose sections are read already.
 *
 * All but the last two are read from .modinfo as the kernel reads them (get_modinfo() in
 * kernel/module/main.c), from the image that is in memory; libkmod would open and unpack the file a
 * second time. The signature's content is libkmod's business, and it is asked only about modules
 * that have one: see identity.c for how. A signature that it cannot read leaves signer and sig_hash
 * empty.
 * Returns 0, -EINVAL (a name or vermagic that no module can have), -ENOMEM with @err.
 */
int identity_read(struct module *mod, struct error *err);

#endif
