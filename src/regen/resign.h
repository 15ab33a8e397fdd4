/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of the signature of a module that gets new BTF. */
#ifndef MODBTF_REGEN_RESIGN_H
#define MODBTF_REGEN_RESIGN_H

#include "io/replace.h"
#include "regen/regen.h"

struct new_signature {
	struct bytes trailer; /* that is to stand behind the image; empty: none */
	bool kept;	      /* it is the old one, for the image has not changed */
	struct buffer store;  /* owns it, if it is new */
};

/*
 * The signature for the new @image of @mod. A signed module keeps its signature if the image is the
 * old one, loses it if the options say so, and else is signed anew; an unsigned one is signed if the
 * options ask for that. @r is what the image is to be written to, and is not looked at where the
 * options say dry_run: then all is found that signing takes, but nothing is signed. Sets
 * dropped_signature and signed_by of @report.
 *
 * Returns 0 with @signature, whose store the caller releases; or with @err what sign_plan_find() and
 * sign_image() return.
 */
int signature_make(const struct module *mod, const struct module_image *image,
		   const struct regen_options *options, const struct replacement *r,
		   struct regen_report *report, struct new_signature *signature, struct error *err);

#endif
