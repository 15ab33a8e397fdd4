// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a signature, a certificate, DKMS's configuration and ours. */
#include <stdlib.h>

#include "cmd/config.h"
#include "module/pkcs7.h"
#include "module/signature.h"
#include "regen/dkms-conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	struct certificate certificate;
	struct pkcs7_signer signer;
	struct dkms_conf dkms;
	struct config config;

	if (pkcs7_read(in, &signer, NULL))
		pkcs7_read(signature_message(in), &signer, NULL);
	if (!certificate_read(in, &certificate, NULL)) {
		pkcs7_signed_with(&signer, &certificate);
		certificate_free(&certificate);
	}
	if (dkms_conf_init(&dkms, "6.1.0-1-amd64") || dkms_conf_parse(&dkms, in, "fuzz"))
		abort();
	/* Known, or known not to be; never both. */
	for (int i = 0; i < DKMS_NR; i++)
		if (dkms.values[i].text && dkms.values[i].place)
			abort();
	dkms_conf_free(&dkms);
	config_parse(&config, in, "fuzz", NULL);
	config_free(&config);
	return 0;
}
