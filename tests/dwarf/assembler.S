/* SPDX-License-Identifier: GPL-2.0-only */
/* The assembler describes a function as well, but does not know its parameters. */
	.text
	.globl	assembler_function
	.type	assembler_function, @function
assembler_function:
	nop
	.size	assembler_function, . - assembler_function
