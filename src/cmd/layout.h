/* SPDX-License-Identifier: GPL-2.0-only */
/* Layouts of types (btf/layout.h) as they are printed. */
#ifndef MODBTF_CMD_LAYOUT_H
#define MODBTF_CMD_LAYOUT_H

#include "btf/layout.h"
#include "util/json.h"

/* Text out of a file: nothing in it that a terminal would obey. Returns the columns it takes. */
int print_safe(const char *text);

/*
 * The rows that differ, and one beside each: "    @ 8   u32 a", "  - @ 12  u32 b". With @all each
 * row; else of many that moved by the same, the first and the last.
 */
void print_layout_diff(const struct layout *old, const struct layout *new,
		       const layout_rows_t *rows, bool all);

/* Both whole layouts in two columns; between them "<", ">" or "|" where they differ. */
void print_layouts_beside(const struct layout *old, const struct layout *new,
			  const layout_rows_t *rows);

/* The layout as an object: size, and "members" or "values". */
void json_layout(struct json *json, const char *key, const struct layout *layout);

/* The rows that differ, as an array "members" or "values". */
void json_layout_diff(struct json *json, const struct layout *old, const struct layout *new,
		      const layout_rows_t *rows);

#endif
