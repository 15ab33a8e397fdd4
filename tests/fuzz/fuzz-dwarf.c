// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any debug info, from sections to verified split BTF against a small base: an error with a text, or BTF that opens.
 *
 * An input that starts like an ELF file is a module. Any other one is sections, so that the fuzzer
 * need not get past an ELF header: two bytes of flags and machine, then for each section its number (enum part), 16 bits of
 * length, low byte first, and that many bytes. tests/fuzz/dwarf-corpus.py writes such inputs.
 */
#include <elf.h>
#include <stdlib.h>

#include "../unit/btf-fixture.h"
#include "btf/emit.h"
#include "btf/settle.h"
#include "btf/variants.h"
#include "btf/verify.h"
#include "regen/generate.h"

/* So that a compressed section costs milliseconds. */
#define LIMIT ((size_t)4 << 20)

enum { BIG_ENDIAN_INPUT = 1, WIDE = 2, NESTED_ARRAYS = 4, SECOND_IS_TYPES = 8, REL = 16 };

enum part {
	INFO,
	INFO_RELA,
	TYPES,
	TYPES_RELA,
	ABBREV,
	STR,
	LINE_STR,
	STR_OFFSETS,
	STR_OFFSETS_RELA,
	ADDR,
	ADDR_RELA,
	LOC,
	LOC_RELA,
	LOCLISTS,
	LOCLISTS_RELA,
	SYMTAB,
	STRTAB,
	SHNDX,
	NR_PARTS
};

static const uint16_t machines[] = {
	EM_X86_64, EM_AARCH64, EM_S390, EM_ARM, EM_RISCV, EM_PPC64, 258 /* EM_LOONGARCH */, EM_386
};

static const struct dwarf_elf_section sections[] = {
	{ "", 0 },
	{ ".text", 4096 },
	{ ".data..percpu", 4096 },
	{ ".data", 4096 },
};

static struct target targets[2]; /* by byte order */

static void make_target(struct target *target, bool big)
{
	struct buffer raw = fixture_small_base(big);

	if (btf_open(&target->base.btf, buffer_bytes(&raw), NULL, NULL) ||
	    btf_verify(&target->base.btf, NULL) ||
	    btf_index_build(&target->index, &target->base.btf, NULL))
		abort();
	/* One kernel knows all kinds, the other one none of the later ones. */
	btf_caps_read(&target->caps, &target->index);
	target->caps.name_len = 512;
	if (big)
		target->caps.kinds = UINT32_MAX;
}

static void check_error(const struct error *err, int ret)
{
	if (ret >= 0 || err->code != ret || !err->text[0])
		abort();
}

static void check_btf(struct bytes raw, const struct target *target)
{
	struct error err = ERROR_INIT;
	struct btf btf;
	int ret;

	if (btf_open(&btf, raw, &target->base.btf, &err))
		abort();
	ret = btf_verify(&btf, &err);
	if (ret)
		check_error(&err, ret);
	btf_close(&btf);
}

struct sections {
	uint8_t flags;
	uint16_t machine;
	struct buffer parts[NR_PARTS];
};

/* Each section in memory of its own, so that a sanitizer sees its end. */
static void split_input(struct sections *in, const uint8_t *data, size_t size)
{
	in->flags = data[0];
	in->machine = machines[data[1] % (sizeof(machines) / sizeof(*machines))];
	data += 2;
	size -= 2;
	while (size > 3) {
		unsigned int part = data[0] % NR_PARTS;
		size_t len = load_u16(data + 1, false);

		data += 3;
		size -= 3;
		len = len < size ? len : size;
		free(in->parts[part].data);
		in->parts[part].data = malloc(len ? len : 1);
		in->parts[part].size = len;
		memcpy(in->parts[part].data, data, len);
		data += len;
		size -= len;
	}
}

static struct dwarf_section section(const struct sections *in, enum part part, enum part rela)
{
	return (struct dwarf_section){
		.data = buffer_bytes(&in->parts[part]),
		.rela = rela < NR_PARTS ? buffer_bytes(&in->parts[rela]) : (struct bytes){ 0 },
		.is_rel = in->flags & REL,
		.is_types = part == TYPES && in->flags & SECOND_IS_TYPES,
	};
}

struct work {
	const struct target *target;
	struct names names;
	struct dwarf *dwarf;
	struct intern intern;
	struct settled settled;
	func_choices_t funcs;
};

static int read_units(struct work *w, struct error *err)
{
	struct dwarf_unit unit = { 0 };
	int ret = 0;

	for (uint32_t i = 0; i < dwarf_nr_units(w->dwarf) && !ret; i++) {
		ret = dwarf_scan_unit(w->dwarf, i, &unit, err);
		if (!ret)
			ret = dwarf_collect(w->dwarf, w->dwarf, &unit, err);
		/* Damage is the reader's to find, not that of the check behind it. */
		if (!ret && graph_check(&unit.graph, err))
			abort();
		if (!ret && unit.graph.nodes.nr > 1)
			ret = intern_graph(&w->intern, &unit.graph, err);
	}
	dwarf_unit_free(&unit);
	return ret;
}

static int make_btf(struct work *w, const struct dwarf_input *input, struct buffer *out,
		    struct error *err)
{
	struct emit_input emit = { .in = &w->intern,
				   .settled = &w->settled,
				   .funcs = &w->funcs,
				   .big_endian = input->big_endian };
	uint32_t nr;
	int ret;

	ret = dwarf_open(&w->dwarf, input, &w->names, err);
	if (!ret)
		ret = intern_init(&w->intern, &w->target->index, &w->names, err);
	if (!ret)
		ret = read_units(w, err);
	if (!ret)
		ret = split_variants(&w->intern, err);
	if (!ret)
		ret = settle(&w->intern, &w->settled, err);
	if (ret)
		return ret;
	emit.symbols = dwarf_functions(w->dwarf, &nr);
	ret = choose_functions(&w->intern, &w->settled, emit.symbols, nr, &w->funcs, err);
	if (ret)
		return ret;
	emit.vars = dwarf_variables(w->dwarf, &emit.nr_vars);
	emit.sections = dwarf_var_sections(w->dwarf, &emit.nr_sections);
	return emit_split(&emit, out, err);
}

static void try_sections(const struct sections *in)
{
	const struct dwarf_section infos[] = { section(in, INFO, INFO_RELA),
					       section(in, TYPES, TYPES_RELA) };
	const struct dwarf_input input = {
		.is64 = in->flags & WIDE,
		.big_endian = in->flags & BIG_ENDIAN_INPUT,
		.machine = in->machine,
		.infos = infos,
		.nr_infos = infos[1].data.size ? 2 : 1,
		.abbrev = section(in, ABBREV, NR_PARTS),
		.str = section(in, STR, NR_PARTS),
		.line_str = section(in, LINE_STR, NR_PARTS),
		.str_offsets = section(in, STR_OFFSETS, STR_OFFSETS_RELA),
		.addr = section(in, ADDR, ADDR_RELA),
		.loc = section(in, LOC, LOC_RELA),
		.loclists = section(in, LOCLISTS, LOCLISTS_RELA),
		.symtab = buffer_bytes(&in->parts[SYMTAB]),
		.strtab = buffer_bytes(&in->parts[STRTAB]),
		.symtab_shndx = buffer_bytes(&in->parts[SHNDX]),
		.sections = sections,
		.nr_sections = sizeof(sections) / sizeof(*sections),
	};
	struct work w = { .target = &targets[input.big_endian] };
	struct error err = ERROR_INIT;
	struct buffer out = { 0 };
	int ret;

	targets[input.big_endian].index.nested_arrays = in->flags & NESTED_ARRAYS;
	names_init(&w.names, &w.target->index);
	ret = make_btf(&w, &input, &out, &err);
	if (ret)
		check_error(&err, ret);
	else
		check_btf(buffer_bytes(&out), w.target);
	buffer_free(&out);
	vec_free(&w.funcs);
	settled_free(&w.settled);
	intern_free(&w.intern);
	dwarf_close(w.dwarf);
	names_free(&w.names);
}

static const struct kfuncs no_kfuncs;

static void try_module(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct generated generated;
	struct module mod;
	int ret;

	if (module_open_memory(&mod, (struct bytes){ data, size }, "fuzz.ko", LIMIT, &err))
		return;
	ret = generate_btf(&mod, &targets[mod.big_endian], NULL, NULL, &no_kfuncs, NULL, &generated,
			   &err);
	if (ret) {
		check_error(&err, ret);
	} else {
		check_btf(buffer_bytes(&generated.btf), &targets[mod.big_endian]);
		generated_free(&generated);
	}
	module_close(&mod);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sections in = { 0 };

	if (!targets[0].base.btf.nr) {
		make_target(&targets[0], false);
		make_target(&targets[1], true);
	}
	if (size < 4)
		return 0;
	if (!memcmp(data,
		    "\x7f"
		    "ELF",
		    4)) {
		try_module(data, size);
		return 0;
	}
	split_input(&in, data, size);
	try_sections(&in);
	for (unsigned int i = 0; i < NR_PARTS; i++)
		buffer_free(&in.parts[i]);
	return 0;
}
