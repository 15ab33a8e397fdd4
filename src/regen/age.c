// SPDX-License-Identifier: GPL-2.0-only
#include "regen/age.h"

#include "module/note.h"
#include "regen/regen.h"

static bool has(const struct module *mod, const char *name)
{
	uint32_t index = module_find_section(mod, name);

	return index && mod->sections[index].size;
}

enum age age_of(const struct module *mod, const struct digest *base, bool distilled)
{
	const uint32_t mode = distilled ? NOTE_MODE_DISTILLED : NOTE_MODE_PLAIN;
	struct digest content;
	struct note note;
	int ret;

	if (!has(mod, ".BTF"))
		return AGE_NO_BTF;
	ret = note_read(mod, &note, NULL);
	if (ret)
		return ret == -ENOENT ? AGE_NO_NOTE : AGE_STRANGE_NOTE;
	if (!note_knows_btf(&note, mod) || !note_knows_ids(&note, mod))
		return AGE_ALTERED;
	if (!digest_equal(&note.base, base))
		return AGE_OTHER_BASE;
	if (note.mode != mode || has(mod, ".BTF.base") != distilled)
		return AGE_OTHER_MODE;
	content = note_content_digest(mod, regen_sections);
	return digest_equal(&note.content, &content) ? AGE_CURRENT : AGE_OTHER_CONTENT;
}
