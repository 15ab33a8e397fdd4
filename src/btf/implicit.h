/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kfuncs with arguments that the verifier supplies (KF_IMPLICIT_ARGS). Kernels from 7.0 on want two
 * functions of each in the BTF: NAME with the parameters that a BPF program passes, and NAME_impl
 * with all of them (tools/bpf/resolve_btfids/main.c, process_kfunc_with_implicit_args()).
 */
#ifndef MODBTF_BTF_IMPLICIT_H
#define MODBTF_BTF_IMPLICIT_H

#include "btf/functions.h"

#define IMPLICIT_SUFFIX "_impl"

/*
 * Is the type @id of @btf one that the verifier supplies: a pointer to struct bpf_prog_aux or
 * btf_struct_meta, through any qualifiers and typedefs? (is_kf_implicit_arg() there.)
 */
bool implicit_param(const struct btf *btf, uint32_t id);

/*
 * Splits the function @choice, if it has such a parameter: its prototype ends before the first of
 * them, and choice->full becomes the one that it had. Where @choices has a NAME_impl of its own, the
 * source declares both, and choice->full stays 0. Comes after choose_functions(). Returns 0 or
 * -ENOMEM.
 */
int split_implicit(struct intern *in, const struct settled *s, const struct func_symbol *symbols,
		   const func_choices_t *choices, struct func_choice *choice, struct error *err);

#endif
