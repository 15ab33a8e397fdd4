/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Variants: two units of a module may define one name differently. The two definitions stay two
 * own types, and so does everything that refers to different ones of them (DESIGN 7.1).
 *
 * Interning names the types that a unit refers to by name alone. Where a name turns out to have
 * several definitions, each unit's records that lead to it are told apart by what they lead to in
 * that unit: as long as two records of one form differ in a class of what they refer to, they are
 * in different classes themselves (partition refinement). Each class becomes a record of its own.
 */
#ifndef MODBTF_BTF_VARIANTS_H
#define MODBTF_BTF_VARIANTS_H

#include "btf/intern.h"

/*
 * Splits the records of @in as needed and directs functions and variables to those of their unit;
 * call it when all units are interned, before settle(). A unit that only declares such a name goes
 * with the first unit that defines it. Returns 0 or -ENOMEM.
 */
int split_variants(struct intern *in, struct error *err);

#endif
