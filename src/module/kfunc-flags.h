/* SPDX-License-Identifier: GPL-2.0-only */
/* The flags of kfuncs by name (kernel: KF_* in include/linux/btf.h, which never gave a bit anew). */
#ifndef MODBTF_MODULE_KFUNC_FLAGS_H
#define MODBTF_MODULE_KFUNC_FLAGS_H

#include <stdint.h>

#include "util/strbuf.h"

/* Appends "KF_ACQUIRE | KF_RET_NULL", unknown bits as one hexadecimal number; "no flags" for 0. */
void kfunc_flags_text(uint32_t flags, struct strbuf *out);

/* The name of bit @bit, NULL if it is not known. Static string. */
const char *kfunc_flag_name(unsigned int bit);

#endif
