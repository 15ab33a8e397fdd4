/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit that is not C: its debug info has no prototypes, so BTF must not name its function.
 */

#include <linux/linkage.h>
#include <asm/linkage.h>

SYM_FUNC_START(modbtf_sample_assembly)
#if defined(__x86_64__)
	leaq	1(%rdi), %rax
	RET
#elif defined(__aarch64__)
	add	x0, x0, #1
	ret
#elif defined(__s390x__)
	aghi	%r2, 1
	br	%r14
#else
#error "modbtf_sample_assembly: say it for this architecture"
#endif
SYM_FUNC_END(modbtf_sample_assembly)
