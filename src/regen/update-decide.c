// SPDX-License-Identifier: GPL-2.0-only
#include "regen/update-decide.h"

bool update_asks_fit(const struct update_facts *f)
{
	return f->kernel == KERNEL_READY && !f->other_kernel && f->age == AGE_NO_NOTE &&
	       !f->debug_info && !f->base_section && !f->named_source;
}

static enum update_reason reason_of_age(const struct update_facts *f)
{
	switch (f->age) {
	case AGE_CURRENT:
		return REASON_CURRENT;
	case AGE_NO_BTF:
		return REASON_NO_BTF;
	case AGE_NO_NOTE:
		return REASON_NO_NOTE;
	case AGE_STRANGE_NOTE:
		return REASON_STRANGE_NOTE;
	case AGE_ALTERED:
		return REASON_ALTERED;
	case AGE_OTHER_BASE:
		return REASON_OTHER_BASE;
	case AGE_OTHER_MODE:
		return f->distilled ? REASON_BASE_SECTION : REASON_NO_BASE_SECTION;
	default:
		return REASON_OTHER_CONTENT;
	}
}

struct update_decision update_decide(const struct update_facts *f)
{
	struct update_decision d = { UPDATE_SKIP, REASON_OTHER_KERNEL };

	if (f->other_kernel)
		return d;
	switch (f->kernel) {
	case KERNEL_GONE:
		d.reason = REASON_KERNEL_GONE;
		d.action = f->named ? UPDATE_FAIL : UPDATE_SKIP;
		return d;
	case KERNEL_WITHOUT_BTF:
		d.reason = REASON_KERNEL_WITHOUT_BTF;
		return d;
	case KERNEL_FAILED:
		return (struct update_decision){ UPDATE_FAIL, REASON_KERNEL_FAILED };
	case KERNEL_READY:
		break;
	}
	d.reason = reason_of_age(f);
	if (update_asks_fit(f) && f->fit == FIT_LUCK)
		d.reason = REASON_FITS;
	else if (f->age == AGE_CURRENT)
		d.action = UPDATE_CURRENT;
	else
		/* What has neither may have debug info beside it, or else the work will say what is missing. */
		d.action = f->debug_info || f->age == AGE_NO_BTF ? UPDATE_GENERATE : UPDATE_REBASE;
	return d;
}

const char *update_action_name(enum update_action action)
{
	static const char *const names[] = {
		[UPDATE_CURRENT] = "current", [UPDATE_GENERATE] = "generate",
		[UPDATE_REBASE] = "rebase",   [UPDATE_SKIP] = "skip",
		[UPDATE_FAIL] = "fail",
	};

	return names[action];
}

const char *update_reason_text(enum update_reason reason)
{
	static const char *const texts[] = {
		[REASON_CURRENT] = "made of this module on this base",
		[REASON_NO_BTF] = "it has no BTF",
		[REASON_NO_NOTE] = "its BTF was made by another program",
		[REASON_STRANGE_NOTE] = "its note is of another version of modbtf, or damaged",
		[REASON_ALTERED] = "its BTF was changed by another program since it was made",
		[REASON_OTHER_BASE] = "its BTF was made on another base",
		[REASON_BASE_SECTION] = "it is to have a .BTF.base",
		[REASON_NO_BASE_SECTION] = "it is to have no .BTF.base",
		[REASON_OTHER_CONTENT] = "the module was changed since its BTF was made",
		[REASON_FITS] =
			("its BTF was made by another program, and the kernel takes it, though it "
			 "may be of another base; there is nothing to make another from"),
		[REASON_SIGNED_FITS] = "it is signed, and the kernel relocates its BTF as it is",
		[REASON_SIGNED_OTHER] = "it is signed, and its BTF, made by another program, fits",
		[REASON_NO_SOURCE] =
			"it has no BTF, and no debug info is found: name that with --debug",
		[REASON_SAME] = "its BTF came out as it was",
		[REASON_KERNEL_GONE] = "no kernel is installed there",
		[REASON_KERNEL_WITHOUT_BTF] = "the kernel has no BTF",
		[REASON_KERNEL_FAILED] = "the kernel's base cannot be had",
		[REASON_ERROR] = "failed",
		[REASON_OTHER_KERNEL] = "",
		[REASON_TROUBLE] = "",
	};

	return texts[reason];
}

struct kernel *update_target(struct kernel *wanted, struct kernel *home, struct kernel *built,
			     struct kernel *const *users, size_t nr, bool stray,
			     bool (*has_base)(void *ctx, struct kernel *kernel), void *ctx)
{
	struct kernel *first;

	if (wanted)
		return wanted;
	first = (home && !stray) || !built ? home : built;
	if (first && has_base(ctx, first))
		return first;
	if (first != built && built && has_base(ctx, built))
		return built;
	for (size_t i = nr; i--;)
		if (has_base(ctx, users[i]))
			return users[i];
	return first || !nr ? first : users[nr - 1];
}
