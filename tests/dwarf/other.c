// SPDX-License-Identifier: GPL-2.0-only
/* To become a unit of another language: run changes what its debug info says. */
#include "module.h"

struct other_struct {
	int other_member;
};

keep int other_function(struct other_struct *s)
{
	return s->other_member;
}

#ifdef MORE
/* Else it would stand at the same place in its section as the first of its name does in another one. */
keep int more(struct other_struct *s)
{
	return other_function(s) + 1;
}
#endif
