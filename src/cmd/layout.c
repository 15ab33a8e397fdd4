// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/layout.h"

#include <stdio.h>
#include <string.h>

/* So many lines in a row that moved by the same are told one by one. */
#define MOVED_TOGETHER 4

/* Columns of the left one of two layouts: at least, and at most where its lines are longer. */
#define LEFT_MIN 24
#define LEFT_MAX 64

/* A place, or "16 -> 24". */
#define PLACES_ROOM (2 * LAYOUT_PLACE_ROOM + 4)

int print_safe(const char *text)
{
	int nr = 0;

	for (; *text; text++, nr++)
		putchar((unsigned char)*text >= 0x20 && *text != 0x7f ? *text : '?');
	return nr;
}

struct two {
	const struct layout *old, *new;
	const layout_rows_t *rows;
};

static const struct layout_line *old_line(const struct two *two, const struct layout_row *row)
{
	return row->old_line == LAYOUT_NO_LINE ? NULL : &two->old->lines.at[row->old_line];
}

static const struct layout_line *new_line(const struct two *two, const struct layout_row *row)
{
	return row->new_line == LAYOUT_NO_LINE ? NULL : &two->new->lines.at[row->new_line];
}

/* ---- one under the other ---- */

static void places_of(const struct two *two, const struct layout_row *row, char text[PLACES_ROOM])
{
	const struct layout_line *old = old_line(two, row), *new = new_line(two, row);
	char from[LAYOUT_PLACE_ROOM] = "", to[LAYOUT_PLACE_ROOM] = "";

	if (old)
		layout_place(two->old, old, from);
	if (new)
		layout_place(two->new, new, to);
	if (row->change == LAYOUT_MOVED && strcmp(from, to))
		snprintf(text, PLACES_ROOM, "%s -> %s", from, to);
	else
		snprintf(text, PLACES_ROOM, "%s", new ? to : from);
}

static void print_line(const struct layout *layout, const struct layout_line *line, char mark,
		       const char *place, int width)
{
	printf("  %c ", mark);
	if (layout->values) {
		print_safe(line->text);
		printf(" = %s", place);
		return;
	}
	printf("@ %-*s  %*s", width, place, 2 * line->depth, "");
	print_safe(line->text);
}

static void print_row(const struct two *two, const struct layout_row *row, int width)
{
	const struct layout_line *old = old_line(two, row), *new = new_line(two, row);
	char place[PLACES_ROOM];

	places_of(two, row, place);
	switch (row->change) {
	case LAYOUT_SAME:
		print_line(two->new, new, ' ', place, width);
		break;
	case LAYOUT_LOST:
		print_line(two->old, old, '-', place, width);
		break;
	case LAYOUT_GAINED:
		print_line(two->new, new, '+', place, width);
		break;
	case LAYOUT_MOVED:
		print_line(two->new, new, '!', place, width);
		if (old->size != new->size)
			printf("   size %llu -> %llu", (unsigned long long)old->size,
			       (unsigned long long)new->size);
		break;
	case LAYOUT_RETYPED:
		layout_place(two->old, old, place);
		print_line(two->old, old, '-', place, width);
		putchar('\n');
		layout_place(two->new, new, place);
		print_line(two->new, new, '+', place, width);
		break;
	}
	putchar('\n');
}

/* How many rows from @i on have moved by the same and did nothing else. */
static uint32_t moved_together(const struct two *two, uint32_t i)
{
	uint64_t by = 0;
	uint32_t nr = 0;

	for (; i + nr < two->rows->nr; nr++) {
		const struct layout_row *row = &two->rows->at[i + nr];
		const struct layout_line *old = old_line(two, row), *new = new_line(two, row);

		if (row->change != LAYOUT_MOVED || old->size != new->size ||
		    (nr && new->offset - old->offset != by))
			break;
		by = new->offset - old->offset;
	}
	return nr;
}

static void print_together(const struct two *two, uint32_t i, uint32_t nr, int width)
{
	const struct layout_row *row = &two->rows->at[i];
	const int64_t by = (int64_t)(new_line(two, row)->offset - old_line(two, row)->offset);

	printf("  ! %-*s  %u more by ", two->new->values ? 3 : width + 2, "...", nr);
	if (two->new->values || by % 8 == 0)
		printf("%+lld\n", (long long)(two->new->values ? by : by / 8));
	else
		printf("%+lld bits\n", (long long)by);
}

/* Is the row next to one that differs? */
static bool beside_change(const layout_rows_t *rows, uint32_t i)
{
	return (i && rows->at[i - 1].change != LAYOUT_SAME) ||
	       (i + 1 < rows->nr && rows->at[i + 1].change != LAYOUT_SAME);
}

static int place_width(const struct two *two)
{
	int width = 3;

	for (uint32_t i = 0; i < two->rows->nr; i++) {
		char place[PLACES_ROOM];
		int len;

		if (two->rows->at[i].change == LAYOUT_SAME && !beside_change(two->rows, i))
			continue;
		places_of(two, &two->rows->at[i], place);
		len = (int)strlen(place);
		width = len > width ? len : width;
	}
	return width;
}

void print_layout_diff(const struct layout *old, const struct layout *new,
		       const layout_rows_t *rows, bool all)
{
	const struct two two = { old, new, rows };
	const int width = place_width(&two);

	for (uint32_t i = 0; i < rows->nr; i++) {
		const uint32_t together = all ? 0 : moved_together(&two, i);

		if (!all && rows->at[i].change == LAYOUT_SAME && !beside_change(rows, i))
			continue;
		print_row(&two, &rows->at[i], width);
		if (together > MOVED_TOGETHER) {
			print_together(&two, i, together - 2, width);
			i += together - 1;
			print_row(&two, &rows->at[i], width);
		}
	}
}

/* ---- side by side ---- */

static int line_columns(const struct layout_line *line)
{
	return (int)strlen(line->text) + 2 * line->depth;
}

/* Prints one half of a row, and returns the columns that it took. */
static int print_half(const struct layout *layout, const struct layout_line *line)
{
	char place[LAYOUT_PLACE_ROOM];
	int nr;

	if (!line)
		return 0;
	layout_place(layout, line, place);
	if (layout->values) {
		nr = print_safe(line->text);
		return nr + printf(" = %s", place);
	}
	nr = printf("@ %-6s %5llu  %*s", place, (unsigned long long)line->size, 2 * line->depth,
		    "");
	return nr + print_safe(line->text);
}

static int left_width(const struct layout *layout)
{
	int width = LEFT_MIN, len = (int)strlen(layout->title) + 16;

	width = len > width && len <= LEFT_MAX ? len : width;

	for (uint32_t i = 0; i < layout->lines.nr; i++) {
		len = line_columns(&layout->lines.at[i]) + 16;
		width = len > width && len <= LEFT_MAX ? len : width;
	}
	return width;
}

static char mark_of(enum layout_change change)
{
	switch (change) {
	case LAYOUT_SAME:
		return ' ';
	case LAYOUT_LOST:
		return '<';
	case LAYOUT_GAINED:
		return '>';
	default:
		return '|';
	}
}

static int print_title(const struct layout *layout)
{
	int nr = print_safe(layout->title);

	return layout->has_size ? nr + printf(", size %llu", (unsigned long long)layout->size) : nr;
}

void print_layouts_beside(const struct layout *old, const struct layout *new,
			  const layout_rows_t *rows)
{
	const struct two two = { old, new, rows };
	const int width = left_width(old);
	int nr;

	nr = printf("        base: ") + print_title(old);
	printf("%*s   module: ", width + 8 > nr ? width + 8 - nr : 0, "");
	print_title(new);
	putchar('\n');
	for (uint32_t i = 0; i < rows->nr; i++) {
		const struct layout_row *row = &rows->at[i];
		const struct layout_line *right = new_line(&two, row);

		printf("        ");
		nr = print_half(old, old_line(&two, row));
		if (right || row->change == LAYOUT_LOST)
			printf("%*s %c", width > nr ? width - nr : 0, "", mark_of(row->change));
		if (right)
			putchar(' ');
		print_half(new, right);
		putchar('\n');
	}
}

/* ---- JSON ---- */

static void json_value(struct json *json, const char *key, const struct layout_line *line)
{
	if (line->negative)
		json_int(json, key, (int64_t)line->offset);
	else
		json_uint(json, key, line->offset);
}

static const char *lines_key(const struct layout *layout)
{
	return layout->values ? "values" : "members";
}

void json_layout(struct json *json, const char *key, const struct layout *layout)
{
	json_open_object(json, key);
	json_string(json, "type", layout->title);
	if (layout->has_size)
		json_uint(json, "size", layout->size);
	json_open_array(json, lines_key(layout));
	for (uint32_t i = 0; i < layout->lines.nr; i++) {
		const struct layout_line *line = &layout->lines.at[i];

		json_open_object(json, NULL);
		json_string(json, layout->values ? "name" : "member", line->text);
		json_value(json, layout->values ? "value" : "bit_offset", line);
		if (!layout->values) {
			json_uint(json, "size", line->size);
			json_uint(json, "depth", line->depth);
		}
		json_close_object(json);
	}
	json_close_array(json);
	json_close_object(json);
}

static const char *change_name(enum layout_change change, bool values)
{
	static const char *const names[] = {
		[LAYOUT_SAME] = "same",	  [LAYOUT_LOST] = "lost",	[LAYOUT_GAINED] = "gained",
		[LAYOUT_MOVED] = "moved", [LAYOUT_RETYPED] = "retyped",
	};

	return values && change == LAYOUT_MOVED ? "changed" : names[change];
}

static void json_line(struct json *json, const struct layout *layout,
		      const struct layout_line *line, bool is_new)
{
	json_string(json, is_new ? "new" : "old", line->text);
	if (layout->values) {
		json_value(json, is_new ? "new_value" : "old_value", line);
		return;
	}
	json_value(json, is_new ? "new_bit_offset" : "old_bit_offset", line);
	json_uint(json, is_new ? "new_size" : "old_size", line->size);
}

void json_layout_diff(struct json *json, const struct layout *old, const struct layout *new,
		      const layout_rows_t *rows)
{
	const struct two two = { old, new, rows };

	json_open_array(json, lines_key(new->lines.nr ? new : old));
	for (uint32_t i = 0; i < rows->nr; i++) {
		const struct layout_row *row = &rows->at[i];

		if (row->change == LAYOUT_SAME)
			continue;
		json_open_object(json, NULL);
		json_string(json, "change", change_name(row->change, new->values));
		if (old_line(&two, row))
			json_line(json, old, old_line(&two, row), false);
		if (new_line(&two, row))
			json_line(json, new, new_line(&two, row), true);
		json_close_object(json);
	}
	json_close_array(json);
}
