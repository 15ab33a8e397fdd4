/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The base: the BTF of one kernel's vmlinux, wherever it is kept.
 */
#ifndef MODBTF_BASE_BASE_H
#define MODBTF_BASE_BASE_H

#include "base/image.h"
#include "btf/view.h"
#include "io/file.h"

struct strlist;

struct base {
	char *path;  /* where it was found */
	bool stored; /* base_find() took it out of the base store */
	struct file_map file;
	struct image image; /* borrows from file; has the form and the release that it states */
	struct btf btf;	    /* borrows from file or image */
};

/* Who opens the BTF that was found; NULL: btf_open(). */
struct btf_opener {
	int (*open)(void *ctx, struct btf *btf, struct bytes raw, struct error *err);
	void *ctx;
};

/*
 * Opens the base in @path: raw BTF, an ELF file with .BTF, or a kernel image of any packing (see
 * base/image.h). base->image.release is what the file itself says, "" for raw BTF.
 *
 * Returns 0, or with @err (file named) and nothing held: -ENODATA (a kernel without BTF), -EINVAL
 * (damaged, truncated, not a kernel), -EOPNOTSUPP (a packing that we cannot unpack), others as in
 * image_open() and file_map_open().
 */
int base_open(struct base *base, const char *path, const struct btf_opener *opener,
	      struct error *err);
void base_close(struct base *base);

/*
 * Finds and opens the base of kernel @release under @root ("/" or a directory): the running
 * kernel's own, then vmlinux, then vmlinuz, in the places that distributions have for them
 * (the tables are in locate.c), then the base store (base/store.h), but that only where no file of
 * that kernel is in any of these places. Below a @root other than "/" symlinks are followed as if it
 * were "/": an absolute one starts at @root, none leads out of it.
 *
 * What exists but is unusable (no BTF, truncated, of another release) is passed over; each adds a
 * line "PATH: why" to @notes, and the next serves. A file that states no release is taken by its
 * path.
 * @running: release of the running kernel, to take /sys/kernel/btf/vmlinux; NULL leaves that out.
 * @notes: may be NULL.
 *
 * Returns 0; -ENODATA where there are kernels, all of them without BTF; -ENOENT where nothing else
 * serves (@err tells what to do); -EINVAL if @release is none
 * (empty, has a '/' or ".."); -ENOTDIR or another errno if @root is no directory; -ENOMEM.
 */
int base_find(struct base *base, const char *release, const char *root, const char *running,
	      const struct btf_opener *opener, struct strlist *notes, struct error *err);

enum base_find_flags {
	/* For the kernel that is to boot: what boots, what comes with it, the running kernel, others. */
	BASE_PREFER_DISK = 1,
	BASE_NO_STORE = 2,
};

/* The same, with @flags of the above. */
int base_find_as(struct base *base, const char *release, const char *root, const char *running,
		 unsigned int flags, const struct btf_opener *opener, struct strlist *notes,
		 struct error *err);

/* The same without the base store. */
int base_find_installed(struct base *base, const char *release, const char *root,
			const char *running, const struct btf_opener *opener, struct strlist *notes,
			struct error *err);

/*
 * The file that base_find_as() tries first, which is not opened here: *@path, to be freed. Returns 0, or
 * what that does where there is none.
 */
int base_first(char **path, const char *release, const char *root, const char *running,
	       unsigned int flags, struct error *err);

#endif
