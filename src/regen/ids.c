// SPDX-License-Identifier: GPL-2.0-only
#include "regen/ids.h"

#include "btf/verify.h"
#include "module/note.h"
#include "regen/old-base.h"

/* The BTF that the ids were resolved with. */
struct old_btf {
	struct btf split;
	struct btf distilled; /* the base, where the module brings it along */
	bool guessed;	      /* the present base: nothing says so yet */
};

static struct bytes section_bytes(const struct module *mod, const char *name)
{
	uint32_t index = module_find_section(mod, name);

	return index ? mod->sections[index].data : (struct bytes){ NULL, 0 };
}

/* Every failure of a guess says the same: nobody asked for that base. */
static int ask_for_base(struct error *err)
{
	return error_set(err, -EINVAL,
			 IDS_SECTION
			 " is resolved, and not on the present base as far as can be told: name "
			 "the base that the module's present BTF was made on with --old-base, or "
			 "start from the module as it was linked");
}

/* Over the .BTF.base that the module brings along. */
static int open_distilled(struct old_btf *old, struct bytes raw, struct bytes distilled,
			  struct error *err)
{
	int ret;

	ret = btf_open(&old->distilled, distilled, NULL, err);
	if (ret)
		return error_prefix(err, ".BTF.base");
	ret = btf_open(&old->split, raw, &old->distilled, err);
	if (!ret)
		ret = btf_verify(&old->split, err);
	return ret ? error_prefix(err, ".BTF") : 0;
}

/* Over the present base, which may be the one. */
static int open_guess(struct old_btf *old, const struct target *target, struct bytes raw,
		      struct error *err)
{
	int ret;

	old->guessed = true;
	ret = btf_open(&old->split, raw, &target->base.btf, err);
	if (!ret)
		ret = btf_verify(&old->split, err);
	return ret ? ask_for_base(err) : 0;
}

static int open_old(struct old_btf *old, const struct module *mod, const struct target *target,
		    const struct regen_options *options, struct error *err)
{
	struct bytes raw = section_bytes(mod, ".BTF");
	struct bytes distilled = section_bytes(mod, ".BTF.base");
	const struct target *on;
	struct note note;

	if (!raw.size)
		return error_set(err, -EINVAL,
				 IDS_SECTION " is resolved, and the module has no .BTF that would "
					     "tell the names: start from the module as it was "
					     "linked");
	if (!options->force && !note_read(mod, &note, NULL) && !note_knows_ids(&note, mod))
		return error_set(err, -EINVAL,
				 IDS_SECTION
				 " was changed by another program since modbtf made it, "
				 "so that flags may be other functions': start from the "
				 "module as it was linked, or take it as it is with --force");
	if (distilled.size)
		return open_distilled(old, raw, distilled, err);
	if (!options->old_bases && note_read(mod, &note, NULL) == -ENOENT)
		return open_guess(old, target, raw, err);
	if (old_base_open(mod, target, options->old_bases, &on, &old->split, err))
		return error_prefix(err, IDS_SECTION " is resolved");
	return 0;
}

static int recover(struct btf_ids *ids, const struct target *target,
		   const struct regen_options *options, struct error *err)
{
	bool marked = ids->state == IDS_RESOLVED;
	struct old_btf old = { 0 };
	int ret;

	ret = open_old(&old, ids->mod, target, options, err);
	if (!ret && old.guessed && !marked)
		ret = ask_for_base(err); /* no symbols, no proof */
	else if (!ret)
		ret = btf_ids_recover(ids, &old.split, err);
	btf_close(&old.split);
	btf_close(&old.distilled);
	return ret;
}

/* Nobody can say what the section was to hold: no symbols, and no BTF that it was resolved with. */
static bool is_lost(const struct btf_ids *ids)
{
	bool zero = true;

	for (size_t i = 0; i < ids->data.size; i++)
		zero = zero && !ids->data.data[i];
	return ids->state == IDS_UNMARKED && (zero || !section_bytes(ids->mod, ".BTF").size);
}

int regen_ids_read(struct regen_ids *r, const struct module *mod, const struct target *target,
		   const struct regen_options *options, struct strlist *warnings, struct error *err)
{
	static const char lost[] = IDS_SECTION
		" has no symbols and was never resolved, so its ids stay 0: "
		"do not strip with --strip-unneeded before this step";
	int ret;

	*r = (struct regen_ids){ 0 };
	ret = btf_ids_read(&r->ids, mod, err);
	if (ret)
		return ret;
	if (is_lost(&r->ids)) {
		if (options->strict)
			return error_set(err, -ENOENT, "%s", lost);
		return strlist_add(warnings, "%s", lost) ? error_nomem(err) : 0;
	}
	if (btf_ids_need_old(&r->ids) || (options->old_bases && r->ids.state == IDS_RESOLVED))
		ret = recover(&r->ids, target, options, err);
	return ret ? ret : btf_ids_kfuncs(&r->ids, &r->kfuncs, err);
}

void regen_ids_free(struct regen_ids *r)
{
	kfuncs_free(&r->kfuncs);
	btf_ids_free(&r->ids);
}

static int resolve(const struct regen_ids *r, const struct btf *btf,
		   const struct regen_options *options, struct strlist *warnings,
		   struct buffer *out, struct error *err)
{
	struct strlist missing = { 0 };
	int ret;

	ret = btf_ids_resolve(&r->ids, btf, out, &missing, err);
	if (!ret && missing.nr && options->strict)
		ret = error_set(err, -ENOENT, "%s", missing.items[0]);
	for (size_t i = 0; i < missing.nr && !ret; i++)
		if (strlist_add(warnings, "%s", missing.items[i]))
			ret = error_nomem(err);
	strlist_free(&missing);
	if (ret)
		buffer_free(out);
	return ret;
}

int regen_ids_resolve(const struct regen_ids *r, struct bytes raw, const struct btf *base,
		      const struct regen_options *options, struct strlist *warnings,
		      struct buffer *out, struct error *err)
{
	struct btf btf;
	int ret;

	*out = (struct buffer){ 0 };
	if (r->ids.state == IDS_NONE || r->ids.state == IDS_UNMARKED)
		return 0;
	ret = btf_open(&btf, raw, base, err);
	if (ret)
		return ret;
	ret = resolve(r, &btf, options, warnings, out, err);
	btf_close(&btf);
	return ret;
}
