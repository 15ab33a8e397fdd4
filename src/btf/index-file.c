// SPDX-License-Identifier: GPL-2.0-only
#include "btf/index-file.h"

/* Of the form below, and of what the tables hold: whoever changes struct btf_index
 * or btf_caps counts it up. */
#define VERSION 3

struct head {
	char magic[8];
	uint32_t version;
	uint32_t hashes; /* see hash_sample() */
	struct digest base;
	struct digest content; /* of all that follows it */
	uint32_t nr_types;     /* own types of the base */
	uint32_t pointer_size;
	uint32_t strings_slots, shapes_slots, named_slots, named_used;
	uint32_t nested_arrays;
	uint32_t array_index;
	uint32_t nr_numbers;
	struct btf_caps caps;
};

static const char magic[8] = "modbtfix";

/* How much of @head the digest of the content does not cover. */
#define UNCOVERED (offsetof(struct head, content) + sizeof(struct digest))

/* Tables are found by hash: an index that was made with other functions would find nothing. */
static uint32_t hash_sample(void)
{
	char text[64];
	uint32_t h = 0;

	for (uint32_t i = 0; i < sizeof(text); i++) {
		text[i] = (char)i;
		h = hash_u64((uint64_t)h << 32 | hash_bytes(text, i));
	}
	return h;
}

struct array {
	const void *at;
	size_t size;
};

enum { OFFSETS, REP, SAME, PTR_TO, SHAPES, STRINGS, NUMBERS, NAMED, NR_ARRAYS };

/* The sizes of all arrays, in the order in which they follow the head. */
static void array_sizes(const struct head *head, size_t sizes[NR_ARRAYS])
{
	size_t end = (size_t)head->nr_types + 1;

	sizes[OFFSETS] = (size_t)head->nr_types * sizeof(uint32_t);
	sizes[REP] = sizes[SAME] = sizes[PTR_TO] = end * sizeof(uint32_t);
	sizes[SHAPES] = (size_t)head->shapes_slots * sizeof(uint32_t);
	sizes[STRINGS] = (size_t)head->strings_slots * sizeof(uint32_t);
	sizes[NUMBERS] = (size_t)head->nr_numbers * sizeof(uint32_t);
	sizes[NAMED] = (size_t)head->named_slots * sizeof(struct idtab_slot);
}

int index_pack(const struct btf_index *index, const struct btf_caps *caps,
	       const struct digest *base, struct buffer *out, struct error *err)
{
	const struct btf *btf = index->base;
	struct head head = { .version = VERSION,
			     .hashes = hash_sample(),
			     .base = *base,
			     .nr_types = btf->nr,
			     .pointer_size = btf->pointer_size,
			     .strings_slots = index->strings_mask + 1,
			     .shapes_slots = index->shapes_mask + 1,
			     .named_slots = index->named.mask + 1,
			     .named_used = index->named.used,
			     .nested_arrays = index->nested_arrays,
			     .array_index = index->array_index,
			     .nr_numbers = index->nr_numbers,
			     .caps = *caps };
	const void *arrays[NR_ARRAYS] = {
		[OFFSETS] = btf->offsets,   [REP] = index->rep,		 [SAME] = index->same,
		[PTR_TO] = index->ptr_to,   [SHAPES] = index->shapes,	 [STRINGS] = index->strings,
		[NUMBERS] = index->numbers, [NAMED] = index->named.slots
	};
	size_t sizes[NR_ARRAYS], at = sizeof(head);
	struct digest content;

	if (btf->copy || btf->base || btf->big_endian != host_big_endian())
		return error_set(err, -EOPNOTSUPP,
				 "an index is kept for native, aligned bases only");
	memcpy(head.magic, magic, sizeof(magic));
	array_sizes(&head, sizes);
	out->size = sizeof(head);
	for (int i = 0; i < NR_ARRAYS; i++)
		out->size += sizes[i];
	out->data = malloc(out->size);
	if (!out->data)
		return error_nomem(err);
	memcpy(out->data, &head, sizeof(head));
	for (int i = 0; i < NR_ARRAYS; at += sizes[i++])
		if (sizes[i])
			memcpy(out->data + at, arrays[i], sizes[i]);
	content = digest_bytes((struct bytes){ out->data + UNCOVERED, out->size - UNCOVERED });
	memcpy(out->data + offsetof(struct head, content), &content, sizeof(content));
	return 0;
}

static bool is_power_of_2(uint32_t n)
{
	return n && !(n & (n - 1));
}

static bool head_fits(const struct head *head, const struct digest *base, struct bytes packed)
{
	size_t sizes[NR_ARRAYS], size = sizeof(*head);
	struct digest content;

	if (memcmp(head->magic, magic, sizeof(magic)) || head->version != VERSION ||
	    head->hashes != hash_sample() || !digest_equal(&head->base, base) ||
	    head->nr_types > BTF_MAX_TYPE || !is_power_of_2(head->strings_slots) ||
	    !is_power_of_2(head->shapes_slots) || !is_power_of_2(head->named_slots))
		return false;
	array_sizes(head, sizes);
	for (int i = 0; i < NR_ARRAYS; i++)
		size += sizes[i];
	if (size != packed.size)
		return false;
	content = digest_bytes((struct bytes){ packed.data + UNCOVERED, packed.size - UNCOVERED });
	return digest_equal(&head->content, &content);
}

bool index_unpack(struct bytes packed, const struct digest *base, struct bytes raw, struct btf *btf,
		  struct btf_index *index, struct btf_caps *caps)
{
	const uint8_t *arrays[NR_ARRAYS], *p = packed.data + sizeof(struct head);
	size_t sizes[NR_ARRAYS];
	struct head head;

	if (packed.size < sizeof(head) || (uintptr_t)packed.data % _Alignof(uint32_t))
		return false;
	memcpy(&head, packed.data, sizeof(head));
	if (!head_fits(&head, base, packed))
		return false;
	array_sizes(&head, sizes);
	for (int i = 0; i < NR_ARRAYS; p += sizes[i++])
		arrays[i] = p;
	if (btf_open_known(btf, raw, (const uint32_t *)arrays[OFFSETS], head.nr_types,
			   head.pointer_size, NULL))
		return false;
	btf_index_init(index, btf);
	/* Borrowed, and never written to: see btf_index.borrowed. */
	index->borrowed = true;
	index->strings = (uint32_t *)(uintptr_t)arrays[STRINGS];
	index->strings_mask = head.strings_slots - 1;
	index->named.slots = (struct idtab_slot *)(uintptr_t)arrays[NAMED];
	index->named.mask = head.named_slots - 1;
	index->named.used = head.named_used;
	index->rep = (uint32_t *)(uintptr_t)arrays[REP];
	index->same = (uint32_t *)(uintptr_t)arrays[SAME];
	index->ptr_to = (uint32_t *)(uintptr_t)arrays[PTR_TO];
	index->shapes = (uint32_t *)(uintptr_t)arrays[SHAPES];
	index->shapes_mask = head.shapes_slots - 1;
	index->numbers = (uint32_t *)(uintptr_t)arrays[NUMBERS];
	index->nr_numbers = head.nr_numbers;
	index->nested_arrays = head.nested_arrays;
	index->array_index = head.array_index;
	*caps = head.caps;
	return true;
}
