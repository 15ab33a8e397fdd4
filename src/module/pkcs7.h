/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a PKCS#7 signature (RFC 5652, SignedData) and a certificate (RFC 5280) say of the signer:
 * enough to tell whose signature it is and by which hash. Nothing is verified here.
 *
 * Only DER is read, as OpenSSL writes it; all of it borrows from the input.
 */
#ifndef MODBTF_MODULE_PKCS7_H
#define MODBTF_MODULE_PKCS7_H

#include "util/bytes.h"
#include "util/error.h"

struct pkcs7_signer {
	const char *hash;    /* as sign-file calls it, "sha256"; NULL: none that is known */
	struct bytes issuer; /* with serial, names the certificate; empty if key_id does */
	struct bytes serial;
	struct bytes key_id; /* subject key identifier */
	struct bytes value;  /* of the signature itself */
};

/* What a certificate is named by. */
struct certificate {
	struct bytes issuer;
	struct bytes serial;
	struct bytes der;    /* all of it */
	struct buffer store; /* of one that was in PEM */
};

/* The first signer of the signature @der. Returns 0, or -EINVAL with @err and @signer zeroed. */
int pkcs7_read(struct bytes der, struct pkcs7_signer *signer, struct error *err);

/*
 * The certificate in @file: DER, or the first one in PEM. It borrows from @file and is released
 * with certificate_free(). Returns 0, -EINVAL (no certificate), -ENOMEM, with @err.
 */
int certificate_read(struct bytes file, struct certificate *certificate, struct error *err);
void certificate_free(struct certificate *certificate);

/* Does @signer name this certificate? */
bool pkcs7_signed_with(const struct pkcs7_signer *signer, const struct certificate *certificate);

/*
 * Is @name a hash that the kernel signs modules with (kernel/module/Kconfig, MODULE_SIG_HASH), old
 * and new?
 */
bool pkcs7_hash_known(const char *name);

#endif
