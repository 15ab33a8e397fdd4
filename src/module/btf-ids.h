/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The section .BTF_ids: type ids that a module's code reads (kernel: include/linux/btf_ids.h,
 * tools/bpf/resolve_btfids/main.c).
 *
 * What the compiler leaves ("fresh"): a zero for each id, marked by a symbol
 * __BTF_ID__<kind>__<name>__<digits>; kind is func, struct, union or typedef, and the name may hold
 * "__" itself. A set has a header in front of its ids, marked by __BTF_ID__set__<name> (u32 count)
 * or __BTF_ID__set8__<name> (u32 count, u32 flags, and behind each id its u32 of flags); the count
 * is 0 as well, and the size of that symbol tells how many ids there are. All else are lists
 * (BTF_ID_LIST), in which single words may be 0 for good and unmarked (BTF_ID_UNUSED).
 *
 * What is there once it was resolved: ids and counts, each set sorted by id, flags together with
 * their id. So a symbol in a set no longer says whose id it marks, and the name of an id comes from
 * the BTF that it was resolved with. Id 0 is what a name left behind that this BTF did not have.
 *
 * The symbols survive strip -g, not strip --strip-unneeded. Without them:
 * - The section of a module without BTF has never been resolved, and never can be: nothing says
 *   what the zeros stand for.
 * - Else each word must be 0, or an id, or belong to a set: a count, and as many ids in ascending
 *   order (the flags of a set8 0 or BTF_SET8_KFUNCS, its ids functions). The section is taken
 *   apart into such pieces; symbols and pointers (relocations) that lead into it lead to the start
 *   of a piece. If there is not exactly one way to do so, it is refused. A 0 stays 0.
 *
 * Reading is in two steps, for only the second may need the old BTF: btf_ids_read(), then, where
 * btf_ids_need_old() says so, btf_ids_recover(). Writing is btf_ids_resolve().
 */
#ifndef MODBTF_MODULE_BTF_IDS_H
#define MODBTF_MODULE_BTF_IDS_H

#include "btf/view.h"
#include "module/module.h"
#include "util/strlist.h"
#include "util/vec.h"

#define IDS_SECTION ".BTF_ids"

#define IDS_SET8_KFUNCS (1u << 0) /* BTF_SET8_KFUNCS in include/linux/btf_ids.h */

/* KF_* in include/linux/btf.h */
#define KFUNC_FASTCALL (1u << 12)
#define KFUNC_IMPLICIT_ARGS (1u << 16)

#define IDS_NO_SET UINT32_MAX

/* One id. */
struct ids_entry {
	char *name;	    /* NULL: not known (yet) */
	enum btf_kind kind; /* FUNC, STRUCT, UNION, TYPEDEF */
	uint32_t offset;    /* of the id, bytes in the section */
	uint32_t set;	    /* index in sets, IDS_NO_SET in a list */
	uint32_t id;	    /* what stands there */
	uint32_t flags;	    /* that follow it, in a set8 */
	/*
	 * Several ids of this set8 are 0 and have different flags: which of them is whose is not
	 * known. Does not matter while these names cannot be resolved anyway.
	 */
	bool unclear;
};

struct ids_set {
	char *name;	 /* "" without symbols */
	uint32_t offset; /* of the header, bytes in the section */
	uint32_t first;	 /* its ids are entries from here on */
	uint32_t nr;
	uint32_t count; /* of ids, as the section says it: nr, or 0 in a fresh one */
	bool pairs;	/* a set8 */
	uint32_t flags; /* of the set8 itself */
};

enum ids_state {
	IDS_NONE = 0,	  /* there is no such section, or nothing in it */
	IDS_FRESH = 1,	  /* all ids are 0, names are known by symbols */
	IDS_RESOLVED = 2, /* names of ids in sets are in doubt until btf_ids_recover() */
	IDS_UNMARKED = 3, /* no symbols: no entries and no sets until btf_ids_recover() */
	IDS_NAMED = 4,	  /* resolved, and each id has its name back */
};

struct btf_ids {
	const struct module *mod;
	struct bytes data; /* the section */
	uint32_t section;  /* its index */
	enum ids_state state;
	VEC(struct ids_entry) entries; /* by offset */
	VEC(struct ids_set) sets;      /* by offset */
};

/*
 * Reads the section of @mod, which must outlive @ids; a module without one gives IDS_NONE. Returns
 * 0; -EINVAL: symbols of an unknown form, outside of the section or on top of each other, a set with
 * a size that is none or with unmarked ids, a set whose count is not what its symbol's size says
 * (also where only other ids have been resolved); -EOPNOTSUPP: an unknown kind; -ENOMEM; with @err,
 * which names symbol and offset. @ids is released with btf_ids_free() in either case.
 */
int btf_ids_read(struct btf_ids *ids, const struct module *mod, struct error *err);

/* The same for one who wants to look at what is wrong: the counts of sets may be anything. */
int btf_ids_open(struct btf_ids *ids, const struct module *mod, struct error *err);
void btf_ids_free(struct btf_ids *ids);

/*
 * Does it take the BTF that the ids were resolved with to go on? No for a fresh section; no where
 * symbols tell all that matters: the ids of a list stay where they were, and within a set it only
 * matters who has which flags.
 */
bool btf_ids_need_old(const struct btf_ids *ids);

/*
 * Gives ids their names back through @old: the module's own BTF over the base that it was made on.
 * A proof that it is the right one: the names that come out of a set are those that its symbols say,
 * apart from the ones that were left at 0. Does nothing for a fresh section.
 *
 * Returns 0; -EINVAL: an id that does not exist in @old, is of another kind or has no name; names
 * other than the symbols'; an id that is 0 although @old has the name (half resolved); without
 * symbols, no way to read the section; -ENOTUNIQ (several ways to read it), -EFBIG (it is over
 * 4 MiB); -ENOMEM; with @err. @old is not needed afterwards.
 */
int btf_ids_recover(struct btf_ids *ids, const struct btf *old, struct error *err);

/*
 * Makes the section for @btf, in @out (the caller's to free): ids by name (btf_lookup()), counts,
 * each set sorted by id and flags behind their ids. Names that @btf lacks get id 0, which in a set
 * comes first, as the kernel's bisection wants it; for each, @missing (may be NULL) gets a line that
 * names it. All that no symbol marks stays as it is.
 *
 * Any other id than 0 in a kfunc set may be looked up; with a 0 in it the kernel refuses to register
 * the set (btf_check_kfunc_protos()).
 *
 * Returns 0; -EINVAL: btf_ids_recover() was needed and did not run, or a name in doubt
 * (ids_entry.unclear) is in @btf; -ENOMEM; with @err.
 */
int btf_ids_resolve(const struct btf_ids *ids, const struct btf *btf, struct buffer *out,
		    struct strlist *missing, struct error *err);

/* A kfunc that the module offers: a function in a set8 with the flag BTF_SET8_KFUNCS. */
struct kfunc {
	char *name;
	uint32_t flags; /* KF_* */
	bool certain;	/* the flags are its own; false while names are in doubt */
};

struct kfuncs {
	struct kfunc *at;
	uint32_t nr, room;
};

/*
 * The kfuncs of @ids, in the order of the section, one that is in several sets as often. Returns 0
 * or -ENOMEM; @kfuncs is released with kfuncs_free().
 */
int btf_ids_kfuncs(const struct btf_ids *ids, struct kfuncs *kfuncs, struct error *err);
void kfuncs_free(struct kfuncs *kfuncs);

#endif
