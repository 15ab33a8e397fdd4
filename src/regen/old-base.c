// SPDX-License-Identifier: GPL-2.0-only
#include "regen/old-base.h"

#include "btf/verify.h"
#include "module/note.h"

static int check_note(const struct module *mod, const struct target *on, struct error *err)
{
	char made[2 * DIGEST_SIZE + 1], given[2 * DIGEST_SIZE + 1];
	struct note note;
	int ret;

	ret = note_read(mod, &note, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	if (!note_knows_btf(&note, mod))
		return 0; /* it is about other BTF */
	if (note.mode == NOTE_MODE_PLAIN && digest_equal(&note.base, &on->digest))
		return 0;
	digest_hex(&note.base, made);
	digest_hex(&on->digest, given);
	return error_set(err, -EINVAL,
			 "its BTF was not made on %s (digest %s, but the module has %s): name with "
			 "--old-base the base that it was made on",
			 on->base.path, given, made);
}

static int find_named(const struct target *target, struct bases *old_bases,
		      const struct target **on, struct error *err)
{
	if (old_bases != target->bases)
		return bases_get(old_bases, "", on, err);
	*on = target;
	return target_wait(target, err);
}

/* The base that the note tells. */
static int find_by_note(const struct module *mod, const struct target *target,
			const struct target **on, struct error *err)
{
	struct note note;
	int ret;

	ret = note_read(mod, &note, err);
	if (ret == -ENOENT ||
	    (!ret && (note.mode != NOTE_MODE_PLAIN || !note_knows_btf(&note, mod))))
		return error_set(err, -EINVAL,
				 "its BTF can only be read with the base that it was made on, and "
				 "no note tells which: name that with --old-base, or the file with "
				 "its debug info with --debug");
	if (!ret)
		ret = target_wait(target, err); /* for its digest */
	if (ret)
		return ret;
	*on = target;
	if (digest_equal(&note.base, &target->digest))
		return 0;
	ret = bases_get_digest(target->bases, &note.base, mod->release, on, err);
	if (ret == -ENOENT)
		error_set(err, ret,
			  "%s: name the base that its BTF was made on with --old-base, or the file "
			  "with its debug info with --debug",
			  (*on)->err.text);
	return ret;
}

int old_base_open(const struct module *mod, const struct target *target, struct bases *old_bases,
		  const struct target **on, struct btf *btf, struct error *err)
{
	uint32_t index = module_find_section(mod, ".BTF");
	int ret;

	if (!old_bases) {
		ret = find_by_note(mod, target, on, err);
	} else {
		ret = find_named(target, old_bases, on, err);
		if (!ret)
			ret = check_note(mod, *on, err);
	}
	if (ret)
		return ret;
	ret = btf_open(btf, mod->sections[index].data, &(*on)->base.btf, err);
	if (!ret) {
		ret = btf_verify(btf, err);
		if (ret)
			btf_close(btf);
	}
	if (ret == -EINVAL)
		error_prefix(err,
			     "its BTF does not fit %s (name with --old-base the base that it was "
			     "made on)",
			     (*on)->base.path);
	return ret;
}
