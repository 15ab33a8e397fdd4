/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The signature that stands behind the ELF of a signed module: signature bytes, a struct
 * module_signature (kernel include/linux/module_signature.h), and a fixed line of text.
 */
#ifndef MODBTF_MODULE_SIGNATURE_H
#define MODBTF_MODULE_SIGNATURE_H

#include "util/bytes.h"
#include "util/error.h"

/*
 * Divides @image into what was signed (@elf) and the trailer (@signature, empty if there is none).
 * A module that was signed twice has two trailers; all of them go to @signature.
 * Returns 0, signed or not; -EINVAL for a trailer that the kernel would refuse (mod_check_sig() in
 * kernel/module_signature.c), -EOPNOTSUPP for one that is not PKCS#7.
 */
int signature_peel(struct bytes image, struct bytes *elf, struct bytes *signature,
		   struct error *err);

/* Bytes of a trailer that are not the PKCS#7 message. */
#define SIGNATURE_OVERHEAD 40

/*
 * The PKCS#7 message of a trailer that signature_peel() has peeled; of several, that of the last,
 * which the kernel looks at. Empty if there is none.
 */
struct bytes signature_message(struct bytes signature);

#endif
