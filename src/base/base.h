/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The base: the BTF of one kernel's vmlinux, wherever it is kept.
 */
#ifndef MODBTF_BASE_BASE_H
#define MODBTF_BASE_BASE_H

#include "btf/view.h"
#include "io/file.h"

struct base {
	char *path; /* where it was found */
	const char *
		form; /* "raw", "ELF", "bzImage (zstd)", "arm64 Image", "zboot (gzip)", "UKI, ...": for messages; static or inside form_text */
	char form_text[64];
	char release[128]; /* the kernel release that the file states about itself, "" if it does not say */
	struct file_map file;
	struct buffer image; /* what was unpacked on the way, empty if nothing was */
	struct btf btf;	     /* borrows from file or image */
};

/*
 * Opens the base in @path: raw BTF, an ELF with .BTF (vmlinux, vmlinux.debug), or a kernel image of any
 * packing (see base/image.h). Release is taken from "Linux version X" of the image where there is one.
 * Returns 0, -ENODATA (a kernel without BTF), -EINVAL, -EOPNOTSUPP (packing that we cannot unpack), ... with @err; on failure nothing is held.
 */
int base_open(struct base *base, const char *path, struct error *err);
void base_close(struct base *base);

/*
 * Finds and opens the base of kernel @release under @root ("/" or a directory), DESIGN 7.5 in that order. A candidate that
 * exists but is unusable (no .BTF, truncated, other release) is passed over; each one adds a line to @notes
 * ("PATH: why"; may be NULL), and the next in the order serves.
 * @running: release of the running kernel, or NULL to leave sysfs out.
 * Returns 0, -ENOENT (@err lists what was tried and what to do), other errnos as above.
 */
struct strlist;
int base_find(struct base *base, const char *release, const char *root, const char *running,
	      struct strlist *notes, struct error *err);

#endif
