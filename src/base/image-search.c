// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding what no header points to: BTF in the memory image of a kernel, and the payload of a
 * decompressor that only knows at link time where it is.
 */
#include "base/layer.h"
#include "btf/verify.h"

/*
 * More headers that hold than any kernel has BPF programs inside. The largest are kept, and the
 * bytes that are looked at in proving are bounded, so that an image of nothing but headers is as
 * quick to refuse as any other.
 */
#define MAX_CANDIDATES 64
#define MAX_WORK_FACTOR 4

struct candidate {
	size_t off;
	size_t size;
};

struct candidates {
	size_t nr;
	struct candidate items[MAX_CANDIDATES]; /* largest first, then by offset */
};

/* Keeps the candidate if it is among the largest; the list stays sorted. */
static void keep_candidate(struct candidates *list, size_t off, size_t size)
{
	size_t i = list->nr;

	if (i == MAX_CANDIDATES && list->items[i - 1].size >= size)
		return;
	if (i == MAX_CANDIDATES)
		i--;
	else
		list->nr++;
	for (; i && list->items[i - 1].size < size; i--)
		list->items[i] = list->items[i - 1];
	list->items[i] = (struct candidate){ off, size };
}

/*
 * Bytes of the BTF that would start with @in, by what its header says; 0 if that cannot be. The
 * order of sections is the only one that linkers of BTF write and the kernel takes.
 */
static size_t plausible_size(struct bytes in, bool big)
{
	uint32_t hdr_len, type_off, type_len, str_off, str_len;
	uint64_t strs;

	if (in.size < BTF_HEADER_LEN)
		return 0;
	hdr_len = load_u32(in.data + offsetof(struct btf_header, hdr_len), big);
	type_off = load_u32(in.data + offsetof(struct btf_header, type_off), big);
	type_len = load_u32(in.data + offsetof(struct btf_header, type_len), big);
	str_off = load_u32(in.data + offsetof(struct btf_header, str_off), big);
	str_len = load_u32(in.data + offsetof(struct btf_header, str_len), big);
	if (hdr_len < BTF_HEADER_LEN || hdr_len % 4 || type_off % 4 || type_len % 4 || !type_len)
		return 0;
	/* A base has strings, the first of them empty, the last of them ended. */
	strs = (uint64_t)hdr_len + str_off;
	if (str_len < 2 || str_off < (uint64_t)type_off + type_len ||
	    !range_fits(strs, str_len, in.size) || in.data[strs] || in.data[strs + str_len - 1])
		return 0;
	return (size_t)(strs + str_len);
}

static void find_candidates(struct candidates *list, struct bytes in, bool big)
{
	const uint8_t magic[2][4] = { { 0x9f, 0xeb, BTF_VERSION, 0 },
				      { 0xeb, 0x9f, BTF_VERSION, 0 } };
	size_t off = 0;

	while (off < in.size) {
		struct bytes rest = { in.data + off, in.size - off };
		const uint8_t *hit = memmem(rest.data, rest.size, magic[big], sizeof(magic[big]));
		size_t size;

		if (!hit)
			return;
		off = (size_t)(hit - in.data);
		size = plausible_size((struct bytes){ hit, in.size - off }, big);
		if (size)
			keep_candidate(list, off, size);
		off += sizeof(magic[big]);
	}
}

/*
 * Is it the BTF of a BPF program? Kernels carry some (kernel/bpf/preload, drivers/hid/bpf), and
 * they pass for a base by all other signs. Each of them has a section "license".
 */
static bool is_bpf_program(const struct btf *btf)
{
	return btf_find(btf, "license", BTF_KIND_DATASEC) != 0;
}

/* Would the kernel accept @in as its base? Returns 0, -ENODATA if not, -ENOMEM with @err. */
static int prove_base(struct bytes in, struct error *err)
{
	struct error why = ERROR_INIT;
	struct btf btf;
	int ret;

	ret = btf_open(&btf, in, NULL, &why);
	if (!ret) {
		ret = btf_verify(&btf, &why);
		if (!ret && is_bpf_program(&btf))
			ret = -ENODATA;
		btf_close(&btf);
	}
	if (ret == -ENOMEM)
		return error_nomem(err);
	return ret ? -ENODATA : 0;
}

int layer_search_btf(struct bytes *btf, struct bytes in, struct error *err)
{
	uint64_t work = 0, max_work = (uint64_t)in.size * MAX_WORK_FACTOR;
	struct candidates list = { .nr = 0 };

	find_candidates(&list, in, false);
	find_candidates(&list, in, true);
	for (size_t i = 0; i < list.nr; i++) {
		const struct candidate *c = &list.items[i];
		struct bytes part = bytes_slice(in, c->off, c->size);
		int ret;

		work += c->size;
		if (work > max_work)
			break;
		ret = prove_base(part, err);
		if (ret == -ENODATA)
			continue;
		if (!ret)
			*btf = part;
		return ret;
	}
	return error_set(err, -ENODATA,
			 "no BTF in it: the kernel was built without CONFIG_DEBUG_INFO_BTF, or the "
			 "file is truncated");
}

/*
 * A stream that goes on for this long is no accident: random bytes behind a magic fail within the
 * first block.
 */
#define PROBE_SIZE ((size_t)64 << 10)
#define MAX_PROBES 64

/* Does a stream that can be unpacked start here? */
static bool probe_stream(struct bytes in)
{
	enum codec codec = codec_detect(in);
	struct buffer out = { NULL, 0 };
	size_t consumed;
	int ret;

	if (codec == CODEC_NONE || codec >= CODEC_LZ4)
		return false;
	ret = codec_decompress(codec, in, PROBE_SIZE, 0, &out, &consumed, NULL);
	buffer_free(&out);
	/* What ends before is too short for a kernel. */
	return ret == -EFBIG;
}

struct bytes layer_search_payload(struct bytes in)
{
	int probes = 0;

	/* The magics of gzip, xz, lzma and zstd; codec_detect() knows the rest of them. */
	for (size_t off = 0; off + 6 < in.size && probes < MAX_PROBES; off++) {
		const uint8_t *p = in.data + off;
		struct bytes rest = { p, in.size - off };

		if (!(p[0] == 0x1f && p[1] == 0x8b && p[2] == 8) &&
		    !(p[0] == 0xfd && p[1] == '7') && !(p[0] == 0x5d && !p[1] && !p[2]) &&
		    !(p[0] == 0x28 && p[1] == 0xb5))
			continue;
		if (codec_detect(rest) == CODEC_NONE)
			continue;
		probes++;
		if (probe_stream(rest))
			return rest;
	}
	return (struct bytes){ NULL, 0 };
}
