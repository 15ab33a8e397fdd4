/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals that come from outside and end the program. */
#ifndef MODBTF_UTIL_SIGNALS_H
#define MODBTF_UTIL_SIGNALS_H

#include <signal.h>

/*
 * Fills @set with all signals that end a process which does nothing about them and that can be put
 * off: those that ask for an end (SIGINT, SIGTERM, ...), limits and timers (SIGXCPU, SIGALRM, ...).
 * Not those by which a fault of the program itself shows (SIGSEGV, SIGBUS, SIGABRT, ...), nor those
 * that stop it.
 */
void signals_that_end(sigset_t *set);

#endif
