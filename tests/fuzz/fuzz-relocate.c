// SPDX-License-Identifier: GPL-2.0-only
/*
 * Relocation: whatever can be opened is matched, each finding has a text, and what has none is
 * relocated, or refused with a text.
 *
 * The input is three type sections over the fixtures' strings: length of the base's and of the
 * distilled base's in words (two bytes each, little endian), then these and the split one's.
 */
#include <stdlib.h>

#include "../unit/btf-fixture.h"
#include "btf/relocate.h"

static void try(const struct btf *base, const struct btf *split)
{
	struct error err = ERROR_INIT;
	struct relocate_base names;
	struct btf_index index;
	struct relocation r;
	struct buffer out;
	struct btf btf;
	int ret;

	if (btf_index_build(&index, base, &err))
		return;
	relocate_base_init(&names, &index);
	if (btf_relocate_match(split, &names, &r, &err))
		abort();
	for (uint32_t i = 0; i < r.findings.nr; i++)
		if (relocate_error(split, base, &r, &r.findings.at[i], &err) != -EINVAL ||
		    !err.text[0])
			abort();
	for (uint32_t id = 1; id < r.nr && !r.findings.nr; id++)
		if (!btf_type(base, r.ids[id]))
			abort();
	ret = btf_relocate(split, base, &r, &out, &err);
	if (ret) {
		if (err.code != ret || !err.text[0])
			abort();
	} else {
		if (r.findings.nr || btf_open(&btf, buffer_bytes(&out), base, &err) ||
		    btf.nr != split->nr)
			abort();
		btf_close(&btf);
		buffer_free(&out);
	}
	relocation_free(&r);
	relocate_base_free(&names);
	btf_index_free(&index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer bytes[3];
	struct btf btf[3];
	uint32_t *words;
	size_t nr, len[2];

	if (size < 4)
		return 0;
	nr = (size - 4) / sizeof(*words);
	words = malloc(size + sizeof(*words));
	if (!words)
		return 0;
	memcpy(words, data + 4, size - 4);
	len[0] = load_u16(data, false) < nr ? load_u16(data, false) : nr;
	len[1] = load_u16(data + 2, false) < nr - len[0] ? load_u16(data + 2, false) : nr - len[0];
	bytes[0] = fixture_base(words, len[0], false);
	bytes[1] = fixture_base(words + len[0], len[1], false);
	bytes[2] = fixture_split(words + len[0] + len[1], nr - len[0] - len[1], false);
	if (!btf_open(&btf[0], buffer_bytes(&bytes[0]), NULL, NULL)) {
		if (!btf_open(&btf[1], buffer_bytes(&bytes[1]), NULL, NULL)) {
			if (!btf_open(&btf[2], buffer_bytes(&bytes[2]), &btf[1], NULL)) {
				try(&btf[0], &btf[2]);
				btf_close(&btf[2]);
			}
			btf_close(&btf[1]);
		}
		btf_close(&btf[0]);
	}
	for (int i = 0; i < 3; i++)
		buffer_free(&bytes[i]);
	free(words);
	return 0;
}
