// SPDX-License-Identifier: GPL-2.0-only
#include "util/signals.h"

#include <stddef.h>

void signals_that_end(sigset_t *set)
{
	static const int others[] = { SIGSEGV, SIGBUS,	SIGFPE,	  SIGILL,  SIGTRAP, SIGABRT,
				      SIGSYS,  SIGKILL, SIGSTOP,  SIGTSTP, SIGTTIN, SIGTTOU,
				      SIGCONT, SIGCHLD, SIGWINCH, SIGURG };

	sigfillset(set);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		sigdelset(set, others[i]);
}
