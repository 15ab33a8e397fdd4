// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a module: container, signature, ELF, sections, identity, note, and rewriting, whose
 * result must open again and be the same when it is rewritten once more.
 */
#include <elf.h>
#include <stdlib.h>

#include "module/module.h"
#include "module/note.h"

/* So that a bomb costs milliseconds. */
#define LIMIT ((size_t)4 << 20)

static const char *const ours[] = { ".BTF", ".BTF.base", NOTE_SECTION, NULL };

static const struct module_change changes[] = {
	{ ".BTF", SHT_PROGBITS, 8, false, { (const uint8_t *)"some types", 10 } },
	{ ".BTF.base", SHT_PROGBITS, 4, true, { NULL, 0 } },
	{ NOTE_SECTION, SHT_NOTE, 4, false, { (const uint8_t *)"a note", 6 } },
};

static struct module open_again(struct bytes b)
{
	struct error err = ERROR_INIT;
	struct module mod;

	if (module_open_memory(&mod, b, "again", LIMIT, &err))
		abort();
	return mod;
}

static bool rewritten(const struct module *mod, struct buffer *out)
{
	struct error err = ERROR_INIT;
	struct module_image image;

	if (module_rewrite(mod, changes, 3, &image, &err))
		return false;
	if (module_image_flatten(&image, out, &err) || out->size != image.size)
		abort();
	module_image_free(&image);
	return true;
}

static void rewrite(const struct module *mod)
{
	struct digest before = note_content_digest(mod, ours), after;
	struct buffer one, two;
	struct module again;

	if (!rewritten(mod, &one))
		return;
	again = open_again(buffer_bytes(&one));
	after = note_content_digest(&again, ours);
	if (!digest_equal(&before, &after))
		abort();
	if (!rewritten(&again, &two))
		abort();
	if (one.size != two.size || memcmp(one.data, two.data, one.size) != 0)
		abort();
	module_close(&again);
	buffer_free(&one);
	buffer_free(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct module mod;
	struct note note;

	if (module_open_memory(&mod, (struct bytes){ data, size }, "fuzz.ko", LIMIT, &err))
		return 0;
	for (uint32_t i = 0; i < mod.nr_sections && i < 1000; i++) {
		struct buffer store = { 0 };
		struct bytes content;

		/* A section may claim more than the module has; what matters is that it is checked. */
		if (mod.sections[i].size <= size)
			module_section_data(&mod, i, &content, &store, &err);
		buffer_free(&store);
	}
	note_read(&mod, &note, &err);
	rewrite(&mod);
	module_close(&mod);
	return 0;
}
