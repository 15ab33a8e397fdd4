// SPDX-License-Identifier: GPL-2.0-only
/* BTF has 24 bits for the offset of a member where a struct has bit-fields. */
#define MODULE
#include "module.h"

struct huge {
	int bits:3;
	unsigned char room[4 << 20];
	int beyond;
} huge;
