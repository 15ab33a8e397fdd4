// SPDX-License-Identifier: GPL-2.0-only
/*
 *	relocate BASE DISTILLED-BASE SPLIT OUT
 *
 * Relocates split BTF with our own code. All files are raw BTF. Prints each finding, a line each, and
 * fails if there are some.
 */
#include <stdio.h>

#include "btf/relocate.h"
#include "io/file.h"

static int complain(const struct error *err)
{
	printf("%s\n", err->text);
	return 1;
}

static int relocate(const struct btf *split, const struct btf *btf, const char *out)
{
	struct error err = ERROR_INIT;
	struct relocate_base base;
	struct relocation r;
	struct buffer bytes;
	FILE *f;

	if (relocate_base_init(&base, btf, &err) || btf_relocate_match(split, &base, &r, &err))
		return complain(&err);
	for (uint32_t i = 0; i < r.findings.nr; i++) {
		relocate_error(split, btf, &r, &r.findings.at[i], &err);
		complain(&err);
	}
	if (r.findings.nr)
		return 1;
	if (btf_relocate(split, btf, &r, &bytes, &err))
		return complain(&err);
	f = fopen(out, "w");
	if (!f || fwrite(bytes.data, 1, bytes.size, f) != bytes.size || fclose(f)) {
		perror(out);
		return 1;
	}
	buffer_free(&bytes);
	relocation_free(&r);
	relocate_base_free(&base);
	return 0;
}

int main(int argc, char **argv)
{
	struct file_map files[3];
	struct btf btf[3];
	struct error err = ERROR_INIT;
	int ret;

	if (argc != 5) {
		fprintf(stderr, "usage: relocate BASE DISTILLED-BASE SPLIT OUT\n");
		return 2;
	}
	for (int i = 0; i < 3; i++)
		if (file_map_open(&files[i], argv[1 + i], &err) ||
		    btf_open(&btf[i], files[i].bytes, i == 2 ? &btf[1] : NULL, &err))
			return complain(&err);
	ret = relocate(&btf[2], &btf[0], argv[4]);
	for (int i = 2; i >= 0; i--) {
		btf_close(&btf[i]);
		file_map_close(&files[i]);
	}
	return ret;
}
