// SPDX-License-Identifier: GPL-2.0-only
#include "util/strlist.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int strlist_add(struct strlist *list, const char *fmt, ...)
{
	va_list ap;
	char *line;
	int len;

	if (!list)
		return 0;
	if (list->nr == list->room) {
		size_t room = list->room ? list->room * 2 : 8;
		char **items = reallocarray(list->items, room, sizeof(*items));

		if (!items)
			return -ENOMEM;
		list->items = items;
		list->room = room;
	}
	va_start(ap, fmt);
	len = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -ENOMEM;
	list->items[list->nr++] = line;
	return 0;
}

void strlist_free(struct strlist *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strlist){ 0 };
}
