/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a module's new signature is to come from: program, key, certificate and hash. */
#ifndef MODBTF_REGEN_SIGN_PLAN_H
#define MODBTF_REGEN_SIGN_PLAN_H

#include "module/module.h"
#include "module/sign.h"

/* What the user says of signing; strings are NULL where nothing was said. */
struct sign_options {
	const char *program; /* path, or a name to be looked for in PATH */
	const char *key;     /* path, or a PKCS#11 URI */
	const char *cert;    /* path */
	const char *hash;
	const char *root; /* where programs and keys that were not named are looked for; NULL: / */
	unsigned int seconds; /* as in struct sign_plan */
	bool always;	      /* unsigned modules are signed as well */
};

/*
 * Finds what is to sign @mod, a module for kernel @release. In this order:
 *
 * - program: that of the options; sign_file of DKMS's framework.conf (regen/dkms-conf.h); where DKMS
 *   and distributions have it for this kernel (the table is in sign-plan.c): linux-kbuild, the build
 *   directory, the headers, kmodsign in PATH.
 * - key and certificate: those of the options, where a key in PEM may bring its certificate along;
 *   mok_signing_key and mok_certificate of framework.conf; the pairs that DKMS, Ubuntu's shim and
 *   akmods make, if both can be read: the one that the present signature is of before others.
 * - hash: that of the options, of the present signature, of the kernel's configuration.
 *
 * Nothing is run. Returns 0 with @plan, to be released with sign_plan_free(); or with @err, which
 * names the option that would help: -ENOKEY (no key, no program, no hash), -EACCES and other errno
 * of what was named and cannot be used, -EINVAL (a configuration that only a shell understands, a PIN
 * in a URI), -ENOMEM.
 */
int sign_plan_find(struct sign_plan *plan, const struct module *mod, const char *release,
		   const struct sign_options *options, struct error *err);

#endif
