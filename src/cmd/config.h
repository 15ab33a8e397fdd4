/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration file, modbtf.conf(5): lines "key = value". */
#ifndef MODBTF_CMD_CONFIG_H
#define MODBTF_CMD_CONFIG_H

#include <stddef.h>

#include "util/bytes.h"
#include "util/error.h"

struct config_entry {
	char *key; /* '-' where the file has '_', as options have it */
	char *value;
	unsigned int line;
};

struct config {
	char *path; /* NULL: there is none */
	struct config_entry *entries;
	size_t nr;
};

/*
 * Reads the configuration in the file @path. Whether the keys mean anything is for the caller to
 * say. Returns 0, or with @err (file named) -EINVAL for a line that is no "key = value", -ENOMEM, or
 * what file_map_open() returns. Released with config_free() in either case.
 */
int config_read(struct config *config, const char *path, struct error *err);

/* The same for a text that is in memory. */
int config_parse(struct config *config, struct bytes text, const char *path, struct error *err);
void config_free(struct config *config);

#endif
