/* SPDX-License-Identifier: GPL-2.0-only */
/* One job in several parts that know nothing of each other: which files are whose. */
#ifndef MODBTF_REGEN_SHARD_H
#define MODBTF_REGEN_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shard {
	uint32_t index; /* from 1 */
	uint32_t count; /* 0: there is but one part */
};

/* The largest number of parts. */
#define SHARD_MAX 65536

/* Parses "INDEX/COUNT". False if it is no such thing. */
bool shard_parse(const char *text, struct shard *shard);

/*
 * Leaves in @paths (of @nr) those of the shard, in their order, and returns how many. Parts are
 * even by the sizes of the files, as the largest file allows; they depend on nothing but sizes and paths,
 * not on the order. Each file is in exactly one. A file that is not there counts as empty. Returns
 * SIZE_MAX when out of memory.
 */
size_t shard_select(const struct shard *shard, const char **paths, size_t nr);

#endif
