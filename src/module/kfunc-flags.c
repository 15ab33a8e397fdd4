// SPDX-License-Identifier: GPL-2.0-only
#include "module/kfunc-flags.h"

/* By bit. KF_KPTR_GET and KF_TRUSTED_ARGS are gone from newer kernels. */
static const char *const names[] = {
	"KF_ACQUIRE",	    "KF_RELEASE",	"KF_RET_NULL",	   "KF_KPTR_GET",
	"KF_TRUSTED_ARGS",  "KF_SLEEPABLE",	"KF_DESTRUCTIVE",  "KF_RCU",
	"KF_ITER_NEW",	    "KF_ITER_NEXT",	"KF_ITER_DESTROY", "KF_RCU_PROTECTED",
	"KF_FASTCALL",	    "KF_ARENA_RET",	"KF_ARENA_ARG1",   "KF_ARENA_ARG2",
	"KF_IMPLICIT_ARGS", "KF_SPINLOCK_SAFE", "KF_PERFMON",
};

#define NR_NAMES (sizeof(names) / sizeof(*names))

const char *kfunc_flag_name(unsigned int bit)
{
	return bit < NR_NAMES ? names[bit] : NULL;
}

void kfunc_flags_text(uint32_t flags, struct strbuf *out)
{
	const uint32_t unknown = flags >> NR_NAMES << NR_NAMES;
	const char *separator = "";

	if (!flags)
		strbuf_puts(out, "no flags");
	for (unsigned int bit = 0; bit < NR_NAMES; bit++) {
		if (!(flags & 1u << bit))
			continue;
		strbuf_printf(out, "%s%s", separator, names[bit]);
		separator = " | ";
	}
	if (unknown)
		strbuf_printf(out, "%s0x%x", separator, unknown);
}
