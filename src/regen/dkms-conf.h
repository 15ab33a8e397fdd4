/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What DKMS's framework.conf says about signing. DKMS sources the file with bash; here nothing is
 * run: an assignment of a plain value is understood, and of anything else it is known that it is
 * not.
 */
#ifndef MODBTF_REGEN_DKMS_CONF_H
#define MODBTF_REGEN_DKMS_CONF_H

#include "util/bytes.h"
#include "util/error.h"

enum dkms_variable {
	DKMS_SIGN_FILE,	  /* sign_file */
	DKMS_KEY,	  /* mok_signing_key */
	DKMS_CERTIFICATE, /* mok_certificate */
	/* that values may refer to */
	DKMS_KERNELVER,
	DKMS_TREE,
	DKMS_SOURCE_TREE,
	DKMS_INSTALL_TREE,
	DKMS_NR
};

struct dkms_value {
	char *text;  /* NULL: not set, or not known */
	char *place; /* "FILE:LINE" that sets it, or may, in a way that takes a shell; else NULL */
};

struct dkms_conf {
	struct dkms_value values[DKMS_NR];
};

/*
 * Reads etc/dkms/framework.conf and etc/dkms/framework.conf.d/NAME.conf (in the order of names)
 * under @root, as DKMS 3 does for kernel @release, but for the one that modbtf-dkms(8) makes. Files
 * that are not there or not readable say nothing. Returns 0, or -ENOMEM with @err. Released with
 * dkms_conf_free() in either case.
 */
int dkms_conf_read(struct dkms_conf *conf, const char *root, const char *release,
		   struct error *err);

/*
 * The parts of it: values before any file, and one file's @text, called @path in places. Return 0
 * or -ENOMEM.
 */
int dkms_conf_init(struct dkms_conf *conf, const char *release);
int dkms_conf_parse(struct dkms_conf *conf, struct bytes text, const char *path);
void dkms_conf_free(struct dkms_conf *conf);

#endif
