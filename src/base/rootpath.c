// SPDX-License-Identifier: GPL-2.0-only
#include "base/rootpath.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"

#define MAX_LINKS 40

struct walk {
	char done[2 * PATH_MAX]; /* resolved so far, root included, no trailing '/' */
	size_t root_len;	 /* done never gets shorter */
	char todo[2 * PATH_MAX]; /* still to be walked */
	int links;
};

/* Takes the next component off todo. Returns its length, 0 at the end. */
static size_t next_component(struct walk *w, char name[NAME_MAX + 1], int *err)
{
	size_t slashes = strspn(w->todo, "/");
	size_t len = strcspn(w->todo + slashes, "/");
	size_t taken = slashes + len;

	*err = len > NAME_MAX ? -ENAMETOOLONG : 0;
	if (*err)
		return 0;
	memcpy(name, w->todo + slashes, len);
	name[len] = '\0';
	memmove(w->todo, w->todo + taken, strlen(w->todo + taken) + 1);
	return len;
}

static void step_up(struct walk *w)
{
	size_t len = strlen(w->done);

	while (len > w->root_len && w->done[--len] != '/')
		;
	w->done[len] = '\0';
}

/* done is a symlink of the directory that ends at @parent: puts its target before todo. */
static int follow_link(struct walk *w, size_t parent)
{
	char target[2 * PATH_MAX];
	size_t rest = strlen(w->todo);
	ssize_t len;

	if (++w->links > MAX_LINKS)
		return -ELOOP;
	len = readlink(w->done, target, PATH_MAX);
	if (len < 0)
		return -errno;
	if (len >= PATH_MAX || (size_t)len + rest >= sizeof(target))
		return -ENAMETOOLONG;
	if (!len)
		return -ENOENT;
	memcpy(target + len, w->todo, rest + 1);
	memcpy(w->todo, target, (size_t)len + rest + 1);
	w->done[target[0] == '/' ? w->root_len : parent] = '\0';
	return 0;
}

static int walk_component(struct walk *w, const char *name)
{
	size_t parent = strlen(w->done);
	struct stat st;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		step_up(w);
		return 0;
	}
	if (parent + 1 + strlen(name) >= PATH_MAX)
		return -ENAMETOOLONG;
	w->done[parent] = '/';
	strcpy(w->done + parent + 1, name);
	if (lstat(w->done, &st) != 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return follow_link(w, parent);
	if (w->todo[0] && !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	return 0;
}

int rootpath_resolve(char **real, const char *root, const char *path)
{
	char name[NAME_MAX + 1];
	struct walk w = { .links = 0 };
	int ret;

	w.root_len = strlen(root);
	if (w.root_len >= PATH_MAX || strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(w.done, root);
	strcpy(w.todo, path);
	while (w.root_len && w.done[w.root_len - 1] == '/')
		w.done[--w.root_len] = '\0';
	while (next_component(&w, name, &ret)) {
		ret = walk_component(&w, name);
		if (ret)
			return ret;
	}
	if (ret)
		return ret;
	*real = strdup(w.done[0] ? w.done : "/");
	return *real ? 0 : -ENOMEM;
}

int root_check(const char *root, struct error *err)
{
	struct stat st;
	int code = 0;

	if (stat(root, &st) != 0)
		code = -errno;
	else if (!S_ISDIR(st.st_mode))
		code = -ENOTDIR;
	if (!code)
		return 0;
	error_errno(err, code, "not usable as root");
	return error_in_file(err, root);
}
