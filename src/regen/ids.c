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

/* Is the present base the one, by the module's note? Without a note it may be. */
static int check_note(const struct module *mod, const struct target *target, bool *guessed,
		      struct error *err)
{
	struct note note;
	int ret = note_read(mod, &note, err);

	*guessed = ret == -ENOENT;
	if (*guessed || (!ret && digest_equal(&note.base, &target->digest)))
		return 0;
	return !ret || ret == -EOPNOTSUPP ? ask_for_base(err) : ret;
}

/* Over the .BTF.base that the module brings along, or the present base, which is a guess at worst. */
static int open_split(struct old_btf *old, const struct module *mod, const struct target *target,
		      struct bytes raw, struct error *err)
{
	struct bytes distilled = section_bytes(mod, ".BTF.base");
	const struct btf *base = &target->base.btf;
	int ret;

	if (distilled.size) {
		ret = btf_open(&old->distilled, distilled, NULL, err);
		if (ret)
			return error_prefix(err, ".BTF.base");
		base = &old->distilled;
	} else {
		ret = target_wait(target, err); /* for its digest */
		if (!ret)
			ret = check_note(mod, target, &old->guessed, err);
		if (ret)
			return ret;
	}
	ret = btf_open(&old->split, raw, base, err);
	if (!ret)
		ret = btf_verify(&old->split, err);
	if (ret && old->guessed)
		return ask_for_base(err);
	return ret ? error_prefix(err, ".BTF") : 0;
}

static int open_old(struct old_btf *old, const struct module *mod, const struct target *target,
		    const struct regen_options *options, struct error *err)
{
	struct bytes raw = section_bytes(mod, ".BTF");
	const struct target *on;

	if (!raw.size)
		return error_set(err, -EINVAL,
				 IDS_SECTION " is resolved, and the module has no .BTF that would "
					     "tell the names: start from the module as it was "
					     "linked");
	if (options->old_bases && !section_bytes(mod, ".BTF.base").size)
		return old_base_open(mod, options->old_bases, &on, &old->split, err);
	return open_split(old, mod, target, raw, err);
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
