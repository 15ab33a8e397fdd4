/* SPDX-License-Identifier: GPL-2.0-only */
/* Is a module's BTF what would be written today? Its note tells, without work. */
#ifndef MODBTF_REGEN_AGE_H
#define MODBTF_REGEN_AGE_H

#include "module/module.h"
#include "util/digest.h"

enum age {
	AGE_CURRENT,
	AGE_NO_BTF,
	AGE_NO_NOTE,	   /* another tool's BTF */
	AGE_STRANGE_NOTE,  /* damaged, or of another version of modbtf */
	AGE_ALTERED,	   /* its BTF or its .BTF_ids were changed by another program */
	AGE_OTHER_BASE,	   /* made on another base */
	AGE_OTHER_MODE,	   /* has a .BTF.base and should not, or the other way round */
	AGE_OTHER_CONTENT, /* the module was changed since */
};

/*
 * How old the BTF of @mod is, that shall be of the base with digest @base, and over a .BTF.base if
 * @distilled. The first of the reasons, in the order above.
 */
enum age age_of(const struct module *mod, const struct digest *base, bool distilled);

#endif
