/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mapped file that another program truncates, or a disk that fails, shows as SIGBUS wherever the
 * bytes are touched. In a range that is watched the program goes on instead, with zeros from that
 * page on, and whoever watches asks afterwards whether that happened.
 *
 * The handler of a signal is the process's, so the table of ranges is as well: the one place with
 * global state. A fault anywhere else does what it did before.
 */
#ifndef MODBTF_IO_SIGBUS_H
#define MODBTF_IO_SIGBUS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Watches the @size bytes of a private mapping at @at, which begins at a page. Returns a number for
 * the functions below, or -1 if that is not possible (too many at a time); then all is as it was
 * without.
 */
int sigbus_watch(const void *at, size_t size);

/* Have bytes of the range been replaced by zeros? False for -1. */
bool sigbus_seen(int watch);

/* To be called before the range is unmapped. */
void sigbus_unwatch(int watch);

#endif
