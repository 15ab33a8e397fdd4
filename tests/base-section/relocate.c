// SPDX-License-Identifier: GPL-2.0-only
/*
 *	relocate BASE DIR...
 *
 * Relocates split BTF with modbtf's own code, from base and split to relocated in each directory; all
 * files are raw BTF. BASE is - for target in each directory. Where it is refused, the result is not
 * there, and findings stand on stdout, a line each. Files that cannot be read are a failure.
 */
#include <stdio.h>

#include "btf/relocate.h"
#include "io/file.h"

struct input {
	struct file_map map;
	struct btf btf;
};

static void give_up(const struct error *err)
{
	fprintf(stderr, "%s\n", err->text);
	exit(1);
}

static void input_open(struct input *in, const char *dir, const char *name, const struct btf *base)
{
	struct error err = ERROR_INIT;
	char path[4096];

	snprintf(path, sizeof(path), "%s%s%s", dir, *dir ? "/" : "", name);
	if (file_map_open(&in->map, path, &err) || btf_open(&in->btf, in->map.bytes, base, &err))
		give_up(&err);
}

static void input_close(struct input *in)
{
	btf_close(&in->btf);
	file_map_close(&in->map);
}

static void write_file(const char *dir, const struct buffer *bytes)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/relocated", dir);
	f = fopen(path, "w");
	if (!f || fwrite(bytes->data, 1, bytes->size, f) != bytes->size || fclose(f)) {
		perror(path);
		exit(1);
	}
}

static void relocate(struct relocate_base *base, const char *dir)
{
	struct error err = ERROR_INIT;
	struct input distilled, split;
	struct relocation r;
	struct buffer bytes;

	input_open(&distilled, dir, "base", NULL);
	input_open(&split, dir, "split", &distilled.btf);
	if (btf_relocate_match(&split.btf, base, &r, &err))
		give_up(&err);
	for (uint32_t i = 0; i < r.findings.nr; i++) {
		relocate_error(&split.btf, base->index->base, &r, &r.findings.at[i], &err);
		printf("%s: %s\n", dir, err.text);
	}
	if (!r.findings.nr) {
		if (btf_relocate(&split.btf, base->index->base, &r, &bytes, &err))
			give_up(&err);
		write_file(dir, &bytes);
		buffer_free(&bytes);
	}
	relocation_free(&r);
	input_close(&split);
	input_close(&distilled);
}

static void with_base(const char *dir, const char *name, char **dirs, int nr)
{
	struct error err = ERROR_INIT;
	struct relocate_base base;
	struct btf_index index;
	struct input in;

	input_open(&in, dir, name, NULL);
	if (btf_index_build(&index, &in.btf, &err))
		give_up(&err);
	relocate_base_init(&base, &index);
	for (int i = 0; i < nr; i++)
		relocate(&base, dirs[i]);
	relocate_base_free(&base);
	btf_index_free(&index);
	input_close(&in);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: relocate BASE DIR...\n");
		return 2;
	}
	if (strcmp(argv[1], "-"))
		with_base("", argv[1], argv + 2, argc - 2);
	else
		for (int i = 2; i < argc; i++)
			with_base(argv[i], "target", argv + i, 1);
	return 0;
}
