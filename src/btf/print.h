/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BTF as text: raw, line for line as `bpftool btf dump ... format raw` prints it, and as C that a
 * compiler takes.
 *
 * Control characters in names come out as '?': what is printed may go to a terminal.
 */
#ifndef MODBTF_BTF_PRINT_H
#define MODBTF_BTF_PRINT_H

#include <stdio.h>

#include "btf/view.h"

/* Prints the view's own types. Returns 0, -EIO when @out could not be written, with @err. */
int btf_print_raw(const struct btf *btf, FILE *out, struct error *err);

/*
 * Prints the view's own types in an order in which C can define them, and before each what it needs
 * of the base. Several types of one name get suffixes: foo, foo___2.
 * @btf must have passed btf_verify().
 * Returns 0, -EIO, -ENOMEM, -EINVAL (a type contains itself), with @err.
 */
int btf_print_c(const struct btf *btf, FILE *out, struct error *err);

#endif
