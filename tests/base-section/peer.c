// SPDX-License-Identifier: GPL-2.0-only
/*
 * libbpf's distilling and relocation, to compare with:
 *
 *	peer distill BASE DIR...	from plain to peer-base and peer-split
 *	peer relocate BASE DIR...	from base and split to peer-relocated
 *
 * All files are raw BTF; BASE is - for target in each directory. Where libbpf refuses, the result is
 * not there, and why stands on stdout. Files that cannot be read are a failure.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct btf *open_btf(const char *dir, const char *name, struct btf *base)
{
	char path[4096];
	struct btf *btf;

	snprintf(path, sizeof(path), "%s%s%s", dir, *dir ? "/" : "", name);
	btf = base ? btf__parse_split(path, base) : btf__parse_raw(path);
	if (!btf) {
		perror(path);
		exit(1);
	}
	return btf;
}

static void write_btf(const struct btf *btf, const char *dir, const char *name)
{
	char path[4096];
	__u32 size;
	const void *data = btf__raw_data(btf, &size);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!data || !f || fwrite(data, 1, size, f) != size || fclose(f)) {
		perror(path);
		exit(1);
	}
}

static void distill(struct btf *base, const char *dir)
{
	struct btf *split = open_btf(dir, "plain", base);
	struct btf *new_base, *new_split;

	if (btf__distill_base(split, &new_base, &new_split)) {
		printf("%s: cannot be distilled\n", dir);
	} else {
		write_btf(new_base, dir, "peer-base");
		write_btf(new_split, dir, "peer-split");
		btf__free(new_split);
		btf__free(new_base);
	}
	btf__free(split);
}

static void relocate(struct btf *base, const char *dir)
{
	struct btf *distilled = open_btf(dir, "base", NULL);
	struct btf *split = open_btf(dir, "split", distilled);

	if (btf__relocate(split, base))
		printf("%s: cannot be relocated\n", dir);
	else
		write_btf(split, dir, "peer-relocated");
	btf__free(split);
	btf__free(distilled);
}

int main(int argc, char **argv)
{
	void (*work)(struct btf * base, const char *dir);
	struct btf *base = NULL;

	if (argc > 2 && !strcmp(argv[1], "distill")) {
		work = distill;
	} else if (argc > 2 && !strcmp(argv[1], "relocate")) {
		work = relocate;
	} else {
		fprintf(stderr, "usage: peer distill|relocate BASE DIR...\n");
		return 2;
	}
	if (strcmp(argv[2], "-"))
		base = open_btf("", argv[2], NULL);
	for (int i = 3; i < argc; i++) {
		struct btf *target = base ? base : open_btf(argv[i], "target", NULL);

		work(target, argv[i]);
		if (!base)
			btf__free(target);
	}
	btf__free(base);
	return 0;
}
