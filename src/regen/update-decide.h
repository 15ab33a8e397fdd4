/* SPDX-License-Identifier: GPL-2.0-only */
/* What is to be done with an installed module: from what is known of it to an action and a reason. */
#ifndef MODBTF_REGEN_UPDATE_DECIDE_H
#define MODBTF_REGEN_UPDATE_DECIDE_H

#include <stdbool.h>

#include "regen/age.h"
#include "regen/update-kernel.h"

enum update_action {
	UPDATE_CURRENT,	 /* nothing: its BTF is what would be written */
	UPDATE_GENERATE, /* BTF out of debug info */
	UPDATE_REBASE,	 /* BTF out of the BTF that it has */
	UPDATE_SKIP,	 /* nothing, for a reason that is no failure */
	UPDATE_FAIL,	 /* nothing: the base that it needs cannot be had */
};

enum update_reason {
	REASON_CURRENT,
	REASON_NO_BTF,
	REASON_NO_NOTE,
	REASON_STRANGE_NOTE,
	REASON_ALTERED, /* AGE_ALTERED */
	REASON_OTHER_BASE,
	REASON_BASE_SECTION,	/* shall have a .BTF.base from now on */
	REASON_NO_BASE_SECTION, /* shall have none any more */
	REASON_OTHER_CONTENT,
	REASON_FITS, /* another tool's BTF, which may fit by luck, and nothing to make one from */
	REASON_NO_SOURCE,    /* there is nothing to make its BTF from */
	REASON_SIGNED_FITS,  /* cannot be signed again, and the kernel relocates what it has */
	REASON_SIGNED_OTHER, /* likewise, and another tool's BTF in it fits */
	REASON_SAME,	     /* it was made again, and came out as it was */
	REASON_OTHER_KERNEL, /* built for another kernel than the one it is installed for */
	REASON_KERNEL_GONE,
	REASON_KERNEL_WITHOUT_BTF,
	REASON_KERNEL_FAILED,
	REASON_TROUBLE, /* a link that leads nowhere, ...: in words */
	REASON_ERROR,	/* the work on it failed */
};

/* How plain BTF that nothing tells the origin of looks over the kernel's base. */
enum update_fit {
	FIT_NOT,  /* the kernel would refuse it, or it was made on another base */
	FIT_LUCK, /* the kernel takes it, and there is something odd about it */
	FIT_SURE, /* all names and references are where they may be: it was made on this base */
};

/* What is known of a module and its target kernel. */
struct update_facts {
	enum kernel_state kernel;
	bool named;	   /* by the user: what it was built for is their business */
	bool other_kernel; /* it was built for another kernel, and nothing says that it is to be so */
	bool debug_info;   /* in the module */
	bool named_source; /* the base of its present BTF, or debug info beside it, is named */
	bool base_section; /* it has a .BTF.base */
	bool distilled;	   /* it shall have one */
	enum age age;
	enum update_fit fit; /* counts only if update_asks_fit() */
};

struct update_decision {
	enum update_action action;
	enum update_reason reason;
};

/*
 * Does the decision depend on whether the BTF fits? It is the one thing that takes work to find out.
 * Plain BTF without a note can have been made on any base. Where it fits for sure it is made anew over
 * this one: after that a note tells, and it can be moved when the kernel is updated.
 */
bool update_asks_fit(const struct update_facts *facts);

struct update_decision update_decide(const struct update_facts *facts);

/* "current", "generate", "rebase", "skip", "fail". Static. */
const char *update_action_name(enum update_action action);

/* The reason in words, as far as it needs no names; "" for those that do. Static. */
const char *update_reason_text(enum update_reason reason);

/*
 * For which kernel shall a module have its BTF? In this order:
 *
 * - @wanted, which the user names (NULL: none);
 * - @home, in whose directory the file lies (NULL: none), unless it is a stray there (@stray): built
 *   for another one, and nothing says that it is to be so;
 * - @built, which its vermagic names (NULL: it names none);
 * - of the @nr kernels in @users, under which it is linked (oldest first), the newest that has a base.
 *
 * A kernel without a base gives way to the next that has one: a package may lay its modules into the
 * directory of a kernel that was never installed, and weak-modules link them from there. Returns
 * NULL if there is nothing to go by; a kernel without a base if no other has one.
 */
struct kernel *update_target(struct kernel *wanted, struct kernel *home, struct kernel *built,
			     struct kernel *const *users, size_t nr, bool stray,
			     bool (*has_base)(void *ctx, struct kernel *kernel), void *ctx);

#endif
