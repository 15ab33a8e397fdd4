/* SPDX-License-Identifier: GPL-2.0-only */
/* What makes an object file a module, as far as modbtf looks. No other header: compilers for other machines have none. */
#ifdef MODULE
__attribute__((section(".modinfo"), used)) static const char vermagic[] = "vermagic=6.12.0 SMP";
#endif

#ifndef keep
#define keep __attribute__((noinline, used))
#endif
#define percpu __attribute__((section(".data..percpu")))
