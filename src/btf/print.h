/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BTF as text: raw, line for line as `bpftool btf dump ... format raw` prints it, and as C that a
 * compiler takes. Only the view's own types are printed (C: and nothing of the base).
 */
#ifndef MODBTF_BTF_PRINT_H
#define MODBTF_BTF_PRINT_H

#include <stdio.h>

#include "btf/view.h"

/* Both return 0, -EIO when @out could not be written, -ENOMEM, -EINVAL (C: a loop by value), with @err. */
int btf_print_raw(const struct btf *btf, FILE *out, struct error *err);
int btf_print_c(const struct btf *btf, FILE *out, struct error *err);

#endif
