// SPDX-License-Identifier: GPL-2.0-only
/*
 * Distilling: any split BTF that can be opened, over any such base, is refused with a text, or
 * distilled into BTF that is sound, relocates onto the same base, and sorts.
 *
 * The input is two type sections over the fixtures' strings: length of the base's in words (two
 * bytes, little endian), the base's, the split one's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/btf-fixture.h"
#include "btf/distill.h"
#include "btf/sort.h"
#include "btf/verify.h"

static void check_error(const struct error *err, int ret)
{
	if (ret >= 0 || err->code != ret || !err->text[0])
		abort();
}

static void check_sorted(const struct btf *split)
{
	struct error err = ERROR_INIT;
	struct buffer bytes;
	struct btf sorted;

	if (btf_sort(split, &bytes, &err) ||
	    btf_open(&sorted, buffer_bytes(&bytes), split->base, &err))
		abort();
	if (sorted.nr != split->nr || sorted.types.size != split->types.size)
		abort();
	for (uint32_t id = sorted.start_id; id + 1 < btf_end_id(&sorted); id++)
		if (strcmp(btf_name(&sorted, btf_type(&sorted, id)),
			   btf_name(&sorted, btf_type(&sorted, id + 1))) > 0)
			abort();
	btf_close(&sorted);
	buffer_free(&bytes);
}

/* What btf_distill() hands out it has verified; here it is read by itself. */
static void check_distilled(const struct distilled *d)
{
	struct error err = ERROR_INIT;
	struct btf base, split;

	if (btf_open(&base, buffer_bytes(&d->base), NULL, &err) || btf_verify(&base, &err) ||
	    btf_open(&split, buffer_bytes(&d->split), &base, &err))
		abort();
	check_sorted(&split);
	btf_close(&split);
	btf_close(&base);
}

static void try(const struct btf *base, const struct btf *split)
{
	struct error err = ERROR_INIT;
	struct relocate_base names;
	struct btf_index index;
	struct distilled d;
	int ret;

	if (btf_index_build(&index, base, &err))
		return;
	relocate_base_init(&names, &index);
	ret = btf_distill(split, &names, false, &d, &err);
	if (ret) {
		check_error(&err, ret);
	} else {
		check_distilled(&d);
		distilled_free(&d);
	}
	relocate_base_free(&names);
	btf_index_free(&index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer base_bytes, bytes;
	struct btf base, split;
	uint32_t *words;
	size_t nr, nr_base;

	if (size < 2)
		return 0;
	nr = (size - 2) / sizeof(*words);
	nr_base = load_u16(data, false) < nr ? load_u16(data, false) : nr;
	words = malloc(size + sizeof(*words));
	if (!words)
		return 0;
	memcpy(words, data + 2, size - 2);
	base_bytes = fixture_base(words, nr_base, false);
	bytes = fixture_split(words + nr_base, nr - nr_base, false);
	if (!btf_open(&base, buffer_bytes(&base_bytes), NULL, NULL)) {
		if (!btf_open(&split, buffer_bytes(&bytes), &base, NULL)) {
			try(&base, &split);
			btf_close(&split);
		}
		btf_close(&base);
	}
	buffer_free(&bytes);
	buffer_free(&base_bytes);
	free(words);
	return 0;
}
