// SPDX-License-Identifier: GPL-2.0-only
/*
 * libbpf's distilling and relocation, to compare with:
 *
 *	peer distill BASE SPLIT OUT-BASE OUT-SPLIT
 *	peer relocate BASE DISTILLED-BASE SPLIT OUT
 *
 * All files are raw BTF. Prints what libbpf says and fails if it does.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct btf *open_btf(const char *path, struct btf *base)
{
	struct btf *btf = base ? btf__parse_split(path, base) : btf__parse_raw(path);

	if (!btf) {
		perror(path);
		exit(1);
	}
	return btf;
}

static int write_btf(const struct btf *btf, const char *path)
{
	__u32 size;
	const void *data = btf__raw_data(btf, &size);
	FILE *f = fopen(path, "w");

	if (!data || !f || fwrite(data, 1, size, f) != size || fclose(f)) {
		perror(path);
		return 1;
	}
	return 0;
}

static int distill(char **argv)
{
	struct btf *base = open_btf(argv[0], NULL), *split = open_btf(argv[1], base);
	struct btf *new_base, *new_split;
	int ret;

	if (btf__distill_base(split, &new_base, &new_split)) {
		perror("btf__distill_base");
		return 1;
	}
	ret = write_btf(new_base, argv[2]) || write_btf(new_split, argv[3]);
	btf__free(new_split);
	btf__free(new_base);
	btf__free(split);
	btf__free(base);
	return ret;
}

static int relocate(char **argv)
{
	struct btf *base = open_btf(argv[0], NULL), *distilled = open_btf(argv[1], NULL);
	struct btf *split = open_btf(argv[2], distilled);
	int ret;

	if (btf__relocate(split, base)) {
		perror("btf__relocate");
		return 1;
	}
	ret = write_btf(split, argv[3]);
	btf__free(split);
	btf__free(distilled);
	btf__free(base);
	return ret;
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "distill"))
		return distill(argv + 2);
	if (argc == 6 && !strcmp(argv[1], "relocate"))
		return relocate(argv + 2);
	fprintf(stderr, "usage: peer distill|relocate FILE...\n");
	return 2;
}
