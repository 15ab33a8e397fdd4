// SPDX-License-Identifier: GPL-2.0-only
#include "base/image.h"

#include <stdio.h>

#include "base/layer.h"
#include "btf/format.h"

static bool raw_probe(struct bytes in)
{
	return in.size >= 3 && in.data[2] == BTF_VERSION &&
	       (load_u16(in.data, false) == BTF_MAGIC || load_u16(in.data, true) == BTF_MAGIC);
}

static int raw_open(struct layer *layer, struct bytes in, struct error *err)
{
	(void)err;
	layer->kind = LAYER_BTF;
	layer->inner = in;
	return 0;
}

static const struct layer_format layer_raw = { "raw BTF", raw_probe, raw_open };

/* vmlinux.xz, Image.gz: a file that is compressed as a whole. */
static bool packed_probe(struct bytes in)
{
	return codec_detect(in) != CODEC_NONE;
}

static const struct layer_format layer_packed = { "packed", packed_probe, layer_payload };

/*
 * In the order of asking: what any kernel may be besides, by its EFI stub, comes late.
 */
static const struct layer_format *const formats[] = {
	&layer_raw,	   &layer_elf,	  &layer_zboot, &layer_bzimage, &layer_arm64, &layer_riscv,
	&layer_arm_zimage, &layer_packed, &layer_s390,	&layer_uki,	&layer_efi,
};

static const struct layer_format *find_format(struct bytes in)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i]->probe(in))
			return formats[i];
	return NULL;
}

int layer_payload(struct layer *layer, struct bytes payload, struct error *err)
{
	layer->kind = LAYER_IMAGE;
	layer->inner = payload;
	layer->codec = codec_detect(payload);
	switch (layer->codec) {
	case CODEC_LZ4:
	case CODEC_BZIP2:
	case CODEC_LZO:
		return error_set(err, -EOPNOTSUPP,
				 "cannot unpack: it is packed with %s, for which there is no "
				 "library here: give the vmlinux that the kernel's "
				 "scripts/extract-vmlinux makes of it, or raw BTF "
				 "(/sys/kernel/btf/vmlinux where it runs)",
				 codec_name(layer->codec));
	default:
		return 0;
	}
}

/* Adds to the form what @format and @layer are: "UKI", then "UKI, bzImage (zstd)". */
static void note_form(struct image *image, const struct layer_format *format,
		      const struct layer *layer)
{
	size_t used = strlen(image->form);
	char *end = image->form + used;
	size_t room = sizeof(image->form) - used;
	const char *comma = used ? ", " : "";

	if (format == &layer_packed)
		snprintf(end, room, "%s%s", comma, codec_name(layer->codec));
	else if (layer->codec != CODEC_NONE)
		snprintf(end, room, "%s%s (%s)", comma, format->name, codec_name(layer->codec));
	else
		snprintf(end, room, "%s%s", comma, format->name);
}

/* Unpacks the layer's inner bytes; they may lie in image->unpacked, which is replaced. */
static int unpack_layer(struct image *image, struct layer *layer, size_t limit, struct error *err)
{
	struct buffer out = { NULL, 0 };
	size_t consumed;
	int ret;

	ret = codec_decompress(layer->codec, layer->inner, limit,
			       layer->hint <= limit ? layer->hint : 0, &out, &consumed, err);
	if (ret)
		return ret;
	buffer_free(&image->unpacked);
	image->unpacked = out;
	layer->inner = buffer_bytes(&out);
	layer->codec = CODEC_NONE;
	return 0;
}

/* Opens the layer that @in is. What is of no known format may still hold BTF. */
static int open_layer(struct image *image, struct layer *layer, struct bytes in, size_t limit,
		      struct error *err)
{
	const struct layer_format *format = find_format(in);
	int ret;

	memset(layer, 0, sizeof(*layer));
	if (!format) {
		layer->kind = LAYER_OPAQUE;
		layer->inner = in;
		return 0;
	}
	ret = format->open(layer, in, err);
	if (ret)
		return format == &layer_packed ? ret : error_prefix(err, "%s", format->name);
	note_form(image, format, layer);
	if (!image->release[0])
		memcpy(image->release, layer->release, sizeof(image->release));
	if (layer->codec == CODEC_NONE)
		return 0;
	ret = unpack_layer(image, layer, limit, err);
	return ret ? error_prefix(err, "%s", image->form) : 0;
}

/* Finds the BTF in @in, the memory of a kernel. */
static int open_opaque(struct image *image, struct bytes in, struct error *err)
{
	int ret;

	ret = layer_search_btf(&image->btf, in, err);
	if (ret == -ENODATA && !image->form[0])
		return error_set(err, -EINVAL,
				 "neither BTF, nor an ELF file, nor a kernel image that is known: "
				 "give vmlinux, vmlinuz or raw BTF");
	if (ret)
		return image->form[0] ? error_prefix(err, "%s", image->form) : ret;
	if (!image->form[0])
		snprintf(image->form, sizeof(image->form), "unknown image");
	if (!image->release[0])
		release_search(image->release, in);
	return 0;
}

static int open_layers(struct image *image, struct bytes in, size_t limit, struct error *err)
{
	struct layer layer;
	int ret;

	for (int i = 0; i < IMAGE_MAX_LAYERS; i++) {
		ret = open_layer(image, &layer, in, limit, err);
		if (ret)
			return ret;
		in = layer.inner;
		switch (layer.kind) {
		case LAYER_IMAGE:
			continue;
		case LAYER_BTF:
			image->btf = in;
			break;
		case LAYER_OPAQUE:
			ret = open_opaque(image, in, err);
			if (ret)
				return ret;
		}
		return 0;
	}
	return error_set(err, -ELOOP, "%s: more than %d images inside each other", image->form,
			 IMAGE_MAX_LAYERS);
}

/* Of the last layer only the BTF is needed, which is a tenth of it. */
static void keep_btf_only(struct image *image)
{
	struct buffer *b = &image->unpacked;
	uint8_t *smaller;

	if (!b->size || image->btf.size > b->size / 2 || !image->btf.size)
		return;
	memmove(b->data, image->btf.data, image->btf.size);
	image->btf.data = b->data;
	b->size = image->btf.size;
	smaller = realloc(b->data, b->size);
	if (smaller) {
		b->data = smaller;
		image->btf.data = smaller;
	}
}

int image_open(struct image *image, struct bytes in, size_t limit, struct error *err)
{
	int ret;

	memset(image, 0, sizeof(*image));
	if (!in.size)
		return error_set(err, -EINVAL, "the file is empty");
	ret = open_layers(image, in, limit, err);
	if (ret)
		image_close(image);
	else
		keep_btf_only(image);
	return ret;
}

void image_close(struct image *image)
{
	buffer_free(&image->unpacked);
	memset(image, 0, sizeof(*image));
}
