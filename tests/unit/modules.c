// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <elf.h>

#include "module/note.h"
#include "modules.h"
#include "scratch.h"

const char *const ours[] = { ".BTF", ".BTF.base", NOTE_SECTION, NULL };

const char btf_text[46] = "what stands in .BTF, 45 bytes with its NUL...";
const char base_text[25] = "what stands in .BTF.base";
const char note_text[49] = "0123456789abcdef0123456789abcdef0123456789abcdef";

const struct module_change add_all[3] = {
	{ ".BTF", SHT_PROGBITS, 1, false, { (const uint8_t *)btf_text, sizeof(btf_text) } },
	{ ".BTF.base", SHT_PROGBITS, 8, false, { (const uint8_t *)base_text, sizeof(base_text) } },
	{ NOTE_SECTION, SHT_NOTE, 4, false, { (const uint8_t *)note_text, sizeof(note_text) } },
};

const struct module_change remove_all[3] = {
	{ .name = ".BTF", .align = 1, .remove = true },
	{ .name = ".BTF.base", .align = 1, .remove = true },
	{ .name = NOTE_SECTION, .align = 1, .remove = true },
};

static const char source[] =
	"#define INFO(tag, text) static const char tag[] "
	"__attribute__((section(\".modinfo\"), used, aligned(1))) = #tag \"=\" text\n"
	"INFO(license, \"GPL\");\n"
	"INFO(name, \"fix_ture\");\n"
	"INFO(vermagic, \"6.1.0-test SMP mod_unload \");\n"
	"static int counter = 3;\n"
	"int table[100];\n"
	"extern int other(const char *);\n"
	"int first(int x) { return other(\"a string\") + counter++ + table[x]; }\n"
	"__attribute__((section(\".init.text\"))) int init_module(void) { return first(1); }\n";

/* The objects that the tests open: made once. */
int modules_make(void **state)
{
	if (scratch_make(state))
		return -1;
	scratch_write("fix-ture.c", (struct bytes){ (const uint8_t *)source, sizeof(source) - 1 });
	scratch_run("gcc -g -O2 -c fix-ture.c -o fix-ture.ko");
	scratch_run("gcc -g -gz=zlib -O2 -c fix-ture.c -o packed.ko");
	/* as kbuild adds it: in the middle, before the symbol table */
	scratch_run("head -c 1000 fix-ture.c >blob");
	scratch_run("objcopy --add-section .BTF=blob fix-ture.ko middle.ko");
	scratch_run("objcopy -I binary -O elf32-big --add-section .modinfo=blob blob be32.ko");
	scratch_run("objcopy -I binary -O elf64-big --add-section .modinfo=blob blob be64.ko");
	scratch_run("objcopy -I binary -O elf32-little --add-section .BTF=blob blob le32.ko");
	return 0;
}

const char *const fixtures[NR_FIXTURES] = { "fix-ture.ko", "packed.ko", "middle.ko",
					    "be32.ko",	   "be64.ko",	"le32.ko" };

void open_fixture(struct module *mod, const char *name)
{
	struct error err = ERROR_INIT;

	if (module_open(mod, scratch_path(name), &err))
		fail_msg("%s: %s", name, err.text);
}

void open_bytes(struct module *mod, struct bytes b)
{
	struct error err = ERROR_INIT;

	if (module_open_memory(mod, b, "memory", MODULE_LIMIT, &err))
		fail_msg("%s", err.text);
}

struct buffer rewritten(const struct module *mod, const struct module_change *changes, size_t nr)
{
	struct error err = ERROR_INIT;
	struct module_image image;
	struct buffer out;

	if (module_rewrite(mod, changes, nr, &image, &err) ||
	    module_image_flatten(&image, &out, &err))
		fail_msg("%s: %s", mod->path, err.text);
	assert_int_equal(out.size, image.size);
	module_image_free(&image);
	return out;
}

struct buffer rewritten_bytes(struct bytes elf, const struct module_change *changes, size_t nr)
{
	struct module mod;
	struct buffer out;

	open_bytes(&mod, elf);
	out = rewritten(&mod, changes, nr);
	module_close(&mod);
	return out;
}

bool is_ours(const char *name)
{
	for (size_t i = 0; ours[i]; i++)
		if (!strcmp(name, ours[i]))
			return true;
	return false;
}

uint8_t *header_of(struct buffer *elf, const char *name)
{
	struct module mod;
	uint32_t index;

	open_bytes(&mod, buffer_bytes(elf));
	index = strcmp(name, "names") ? module_find_section(&mod, name) : mod.name_table;
	module_close(&mod);
	assert_int_not_equal(index, 0);
	return elf->data + load_u64(elf->data + offsetof(Elf64_Ehdr, e_shoff), false) +
	       index * sizeof(Elf64_Shdr);
}
