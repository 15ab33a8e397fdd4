// SPDX-License-Identifier: GPL-2.0-only
#include "base/base.h"

static int open_content(struct base *base, const struct btf_opener *opener, struct error *err)
{
	int ret;

	ret = image_open(&base->image, base->file.bytes, IMAGE_LIMIT, err);
	if (ret)
		return ret;
	ret = opener ? opener->open(opener->ctx, &base->btf, base->image.btf, err) :
		       btf_open(&base->btf, base->image.btf, NULL, err);
	return ret ? error_prefix(err, "%s", base->image.form) : 0;
}

int base_open(struct base *base, const char *path, const struct btf_opener *opener,
	      struct error *err)
{
	int ret;

	memset(base, 0, sizeof(*base));
	base->path = strdup(path);
	if (!base->path)
		return error_nomem(err);
	ret = file_map_open(&base->file, path, err);
	if (!ret)
		ret = open_content(base, opener, err);
	if (ret) {
		base_close(base);
		error_in_file(err, path);
	}
	return ret;
}

void base_close(struct base *base)
{
	btf_close(&base->btf);
	image_close(&base->image);
	file_map_close(&base->file);
	free(base->path);
	memset(base, 0, sizeof(*base));
}
