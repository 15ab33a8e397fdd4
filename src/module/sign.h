/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signing a module by running a program as kbuild and DKMS run it: the kernel's scripts/sign-file,
 * Ubuntu's kmodsign, or one that takes the same four arguments (hash, key, certificate, module).
 * Keys are its business; nothing is signed or verified here.
 */
#ifndef MODBTF_MODULE_SIGN_H
#define MODBTF_MODULE_SIGN_H

#include "io/piece.h"

/* Which program is to sign, and by what. Strings are its own. */
struct sign_plan {
	char *program;	      /* path */
	char *key;	      /* path, or a PKCS#11 URI */
	char *cert;	      /* path */
	char *hash;	      /* "sha256", one of pkcs7_hash_known() */
	unsigned int seconds; /* that it may take; 0: a time that no program should need */
};

void sign_plan_free(struct sign_plan *plan);

/*
 * Signs the ELF image that the @nr pieces make up, and that the file @target in @dir is to become. It
 * is written to a file of mode 0600 in a private directory in @dir (io/workdir.h), which the program
 * signs in place, running there with the path ./module; key and certificate it gets by absolute
 * paths. The passphrase of a key reaches it in the environment (KBUILD_SIGN_PIN) and no other way, and
 * is left out of messages.
 *
 * What the program leaves is looked at before it is taken: the image as it was, one well-formed
 * PKCS#7 signature behind it (mod_check_sig() in kernel/module_signature.c), by the hash of the
 * plan, of the certificate of the plan.
 *
 * Returns 0 with the trailer that is to stand behind the image in @trailer, which belongs to the
 * caller; or a negative errno with @err: what run_program() returns, -EBADMSG (it signed something
 * else, or not so), -ENOSPC, -ENOMEM, ...
 */
int sign_image(const struct sign_plan *plan, const struct piece *pieces, size_t nr, const char *dir,
	       const char *target, struct buffer *trailer, struct error *err);

#endif
