// SPDX-License-Identifier: GPL-2.0-only
#include "regen/inspect.h"

#include "btf/verify.h"

static struct bytes section_bytes(const struct module *mod, const char *name)
{
	uint32_t index = module_find_section(mod, name);

	return index ? mod->sections[index].data : (struct bytes){ NULL, 0 };
}

/*
 * Counting needs no base, only one that every name may lie in: a stand-in, whose strings are never
 * looked at.
 */
static int count_kinds(struct inspection *in, struct error *err)
{
	struct btf stand_in = { .start_id = 1,
				.strs = { NULL, BTF_MAX_NAME_OFFSET },
				.big_endian = in->mod.big_endian };
	struct bytes raw = section_bytes(&in->mod, ".BTF");
	struct btf btf;
	int ret;

	if (!raw.size)
		return 0;
	ret = btf_open(&btf, raw, &stand_in, err);
	if (ret)
		return error_prefix(err, ".BTF");
	in->nr_types = btf.nr;
	for (uint32_t id = btf.start_id; id < btf_end_id(&btf); id++)
		in->kinds[btf_kind(btf_type(&btf, id))]++;
	btf_close(&btf);
	return 0;
}

static int read_note(struct inspection *in, struct error *err)
{
	int ret = note_read(&in->mod, &in->note, err);

	in->has_note = !ret;
	return ret == -ENOENT || ret == -EOPNOTSUPP ? 0 : ret;
}

static int read_kfuncs(struct inspection *in, struct error *err)
{
	struct btf_ids ids;
	int ret = btf_ids_read(&ids, &in->mod, err);

	if (!ret)
		ret = btf_ids_kfuncs(&ids, &in->kfuncs, err);
	btf_ids_free(&ids);
	return ret;
}

int inspect_module(struct inspection *in, const char *path, struct error *err)
{
	int ret;

	*in = (struct inspection){ 0 };
	ret = module_open(&in->mod, path, err);
	if (ret)
		return ret;
	in->btf_size = section_bytes(&in->mod, ".BTF").size;
	in->base_size = section_bytes(&in->mod, ".BTF.base").size;
	in->ids_size = section_bytes(&in->mod, ".BTF_ids").size;
	in->debug_size = section_bytes(&in->mod, ".debug_info").size;
	ret = count_kinds(in, err);
	if (!ret)
		ret = read_note(in, err);
	if (!ret)
		ret = read_kfuncs(in, err);
	if (ret) {
		inspection_free(in);
		return error_in_file(err, path);
	}
	return 0;
}

void inspection_free(struct inspection *in)
{
	kfuncs_free(&in->kfuncs);
	module_close(&in->mod);
}

int inspect_btf(const struct inspection *in, struct bases *bases, const char *release,
		struct inspection_btf *btf, struct error *err)
{
	struct bytes raw = section_bytes(&in->mod, ".BTF");
	struct bytes distilled = section_bytes(&in->mod, ".BTF.base");
	const struct btf *base = &btf->distilled;
	const struct target *target;
	int ret;

	*btf = (struct inspection_btf){ 0 };
	if (!raw.size)
		return error_set(err, -ENODATA, "no .BTF in it: 'modbtf generate' would write it");
	if (distilled.size) {
		ret = btf_open(&btf->distilled, distilled, NULL, err);
		if (ret)
			return error_prefix(err, ".BTF.base");
		/* It need not have a type by which the view could tell. */
		btf->distilled.pointer_size = in->mod.is64 ? 8 : 4;
	} else {
		ret = bases_get(bases, release ? release : in->mod.release, &target, err);
		if (ret)
			return ret;
		base = &target->base.btf;
	}
	ret = btf_open(&btf->split, raw, base, err);
	if (ret) {
		btf_close(&btf->distilled);
		return error_prefix(err, ".BTF does not fit its base");
	}
	return 0;
}

void inspect_btf_close(struct inspection_btf *btf)
{
	btf_close(&btf->split);
	btf_close(&btf->distilled);
}

static bool all_certain(const struct kfuncs *kfuncs)
{
	for (uint32_t i = 0; i < kfuncs->nr; i++)
		if (!kfuncs->at[i].certain)
			return false;
	return kfuncs->nr;
}

/* Returns 0, with @kfuncs, or why they cannot be told. */
static int recover_kfuncs(const struct inspection *in, const struct btf *btf, struct kfuncs *kfuncs,
			  struct error *err)
{
	struct btf_ids ids;
	int ret;

	ret = btf_verify(btf, err);
	if (ret)
		return ret;
	ret = btf_ids_read(&ids, &in->mod, err);
	if (!ret)
		ret = btf_ids_recover(&ids, btf, err);
	if (!ret)
		ret = btf_ids_kfuncs(&ids, kfuncs, err);
	btf_ids_free(&ids);
	return ret;
}

int inspect_kfuncs(struct inspection *in, struct bases *bases, const char *release,
		   struct error *err)
{
	struct inspection_btf btf;
	struct kfuncs kfuncs;
	int ret;

	/* Without symbols nothing but a base that the module brings along is sure to be the right one. */
	if (!in->ids_size || !in->btf_size || all_certain(&in->kfuncs) ||
	    (!in->kfuncs.nr && !in->base_size))
		return 0;
	ret = inspect_btf(in, bases, release, &btf, err);
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	ret = recover_kfuncs(in, &btf.split, &kfuncs, err);
	inspect_btf_close(&btf);
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	kfuncs_free(&in->kfuncs);
	in->kfuncs = kfuncs;
	return 0;
}
