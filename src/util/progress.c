// SPDX-License-Identifier: GPL-2.0-only
#include "util/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Columns of the bar itself. */
#define MOST_BAR 30
#define LEAST_BAR 8

#define INTERVAL_MS 50

void progress_init(struct progress *p, FILE *out)
{
	const char *terminal = getenv("TERM");

	*p = (struct progress){ .out = isatty(fileno(out)) && terminal && *terminal &&
						       strcmp(terminal, "dumb") ?
					       out :
					       NULL };
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static size_t width_of(FILE *out)
{
	struct winsize size;

	/* A terminal that does not know its width, as over a serial line. */
	if (ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col;
}

/* As much of the name as there is room for, nothing in it that a terminal would obey. */
static void add_name(char *text, size_t room, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t at = strlen(text);

	if (room <= at + 1 || !*path)
		return;
	text[at++] = ' ';
	for (path = slash ? slash + 1 : path; *path && at < room; path++)
		text[at++] = *path >= 0x20 && *path < 0x7f ? *path : '?';
	text[at] = '\0';
}

void progress_format(char *text, size_t size, size_t width, size_t done, size_t total,
		     const char *path)
{
	char figures[64];
	size_t room, len, bar, full;

	*text = '\0';
	/* The last column stays free: some terminals go on to the next line with it. */
	room = width && width <= size ? width - 1 : size - 1;
	len = (size_t)snprintf(figures, sizeof(figures), "%zu/%zu", done, total);
	if (len > room)
		return;
	if (room < len + LEAST_BAR + 3) {
		memcpy(text, figures, len + 1);
		return;
	}
	bar = room / 2 < MOST_BAR ? room / 2 : MOST_BAR;
	if (bar + len + 3 > room)
		bar = room - len - 3;
	full = total ? (size_t)((double)(done < total ? done : total) / (double)total *
				(double)bar) :
		       bar;
	text[0] = '[';
	memset(text + 1, '#', full);
	memset(text + 1 + full, '.', bar - full);
	snprintf(text + 1 + bar, size - 1 - bar, "] %s", figures);
	add_name(text, room, path);
}

void progress_show(struct progress *p, size_t done, size_t total, const char *path)
{
	char text[256];
	int64_t now;

	if (!p->out)
		return;
	now = now_ms();
	if (p->shown && now < p->next_ms)
		return;
	progress_format(text, sizeof(text), width_of(p->out), done, total, path);
	/* CSI K erases the rest of the line (ECMA-48). */
	fprintf(p->out, "\r%s\033[K", text);
	fflush(p->out);
	p->shown = true;
	p->next_ms = now + INTERVAL_MS;
}

void progress_clear(struct progress *p)
{
	if (!p->shown)
		return;
	fputs("\r\033[K", p->out);
	fflush(p->out);
	p->shown = false;
}
