// SPDX-License-Identifier: GPL-2.0-only
#include "regen/diff-side.h"

#include <elf.h>

#include "btf/strings.h"
#include "btf/verify.h"
#include "module/note.h"

/* If one of so many names begins inside of another, the BTF was made on another base. */
#define MANY_MISPLACED 10

struct opener {
	struct opened_side *side;
	struct bases *bases;
	const char *option;
	struct error *err;
};

static struct bytes section_bytes(const struct module *mod, const char *name)
{
	uint32_t index = mod->sections ? module_find_section(mod, name) : 0;

	return index ? mod->sections[index].data : (struct bytes){ NULL, 0 };
}

/* ---- which sort of file it is ---- */

enum sort { SORT_MODULE, SORT_PACKED, SORT_RAW, SORT_KERNEL };

static enum sort sort_of(struct bytes b)
{
	if (codec_detect(b) != CODEC_NONE)
		return SORT_PACKED;
	if (b.size >= 2 &&
	    (load_u16(b.data, false) == BTF_MAGIC || load_u16(b.data, true) == BTF_MAGIC))
		return SORT_RAW;
	if (b.size > EI_NIDENT + 2 && !memcmp(b.data, ELFMAG, SELFMAG) &&
	    load_u16(b.data + EI_NIDENT, b.data[EI_DATA] == ELFDATA2MSB) == ET_REL)
		return SORT_MODULE;
	return SORT_KERNEL;
}

static bool called_module(const char *path)
{
	const char *name = strrchr(path, '/');

	return strstr(name ? name : path, ".ko");
}

/* ---- a module ---- */

/* Does its note say that it was made on another base? */
static int check_note(const struct opener *o, const struct target *on)
{
	char made[2 * DIGEST_SIZE + 1], given[2 * DIGEST_SIZE + 1];
	struct note note;
	int ret;

	ret = note_read(&o->side->mod, &note, o->err);
	if (ret)
		return ret == -ENOENT || ret == -EOPNOTSUPP ? 0 : ret;
	if (note.mode != NOTE_MODE_PLAIN || digest_equal(&note.base, &on->digest))
		return 0;
	digest_hex(&note.base, made);
	digest_hex(&on->digest, given);
	return error_set(o->err, -EINVAL,
			 "its BTF was not made on %s (digest %s, but the module has %s): name the "
			 "base that it was made on with %s",
			 on->base.path, given, made, o->option);
}

/* Verifies split BTF over its base; what fails has most likely been made on another one. */
static int check_split(const struct opener *o, const char *base)
{
	struct btf_misplaced misplaced;
	int ret = btf_verify(&o->side->split, o->err);

	if (!ret) {
		btf_find_misplaced(&o->side->split, &misplaced);
		if (misplaced.nr > misplaced.nr_names / MANY_MISPLACED)
			ret = error_set(o->err, -EINVAL,
					"%u of its %u names begin inside of strings", misplaced.nr,
					misplaced.nr_names);
	}
	return ret == -EINVAL ? error_prefix(o->err,
					     "its BTF does not fit %s (name the base that it was "
					     "made on with %s)",
					     base, o->option) :
				ret;
}

static int open_over(const struct opener *o, struct bytes raw, const struct target *on)
{
	int ret = btf_open(&o->side->split, raw, &on->base.btf, o->err);

	if (ret == -EINVAL)
		return error_prefix(o->err,
				    "its BTF does not fit %s (name the base that it was made on "
				    "with %s)",
				    on->base.path, o->option);
	return ret ? ret : check_split(o, on->base.path);
}

static int open_distilled(const struct opener *o, struct bytes raw, struct bytes distilled)
{
	struct opened_side *side = o->side;
	const struct target *on;
	int ret;

	ret = btf_open(&side->distilled, distilled, NULL, o->err);
	if (!ret)
		ret = btf_verify(&side->distilled, o->err);
	if (ret)
		return error_prefix(o->err, ".BTF.base");
	/* It need not have a type by which the view could tell. */
	side->distilled.pointer_size = side->mod.is64 ? 8 : 4;
	ret = btf_open(&side->split, raw, &side->distilled, o->err);
	if (!ret)
		ret = btf_verify(&side->split, o->err);
	if (ret)
		return error_prefix(o->err, ".BTF");
	side->diff = (struct diff_side){ &side->split, &side->distilled, true };
	if (!o->bases->path)
		return 0;
	/* What a .BTF.base cannot tell of the kernel's types, the kernel's own BTF can. */
	ret = bases_get(o->bases, "", &on, o->err);
	if (!ret)
		side->diff = (struct diff_side){ &side->split, &on->base.btf, false };
	return ret;
}

static int open_plain(const struct opener *o, struct bytes raw, const char *release)
{
	const struct target *on;
	int ret;

	if (!*release && !o->bases->path)
		return error_set(o->err, -EINVAL,
				 "nothing says which kernel it is for: name its base with %s",
				 o->option);
	ret = bases_get(o->bases, release, &on, o->err);
	if (!ret && o->side->mod.sections)
		ret = check_note(o, on);
	if (!ret)
		ret = open_over(o, raw, on);
	if (!ret)
		o->side->diff = (struct diff_side){ &o->side->split, &on->base.btf, false };
	return ret;
}

static int read_ids(const struct opener *o)
{
	struct opened_side *side = o->side;
	struct btf_ids ids;
	bool zero = true;
	int ret;

	ret = btf_ids_read(&ids, &side->mod, o->err);
	/* Never resolved, and no symbols that would say as what: there is nothing to read. */
	for (size_t i = 0; i < ids.data.size; i++)
		zero = zero && !ids.data.data[i];
	if (!ret && btf_ids_need_old(&ids) && !zero)
		ret = btf_ids_recover(&ids, &side->split, o->err);
	if (!ret)
		ret = btf_ids_kfuncs(&ids, &side->kfuncs, o->err);
	btf_ids_free(&ids);
	return ret;
}

static int open_module(const struct opener *o)
{
	const struct module *mod = &o->side->mod;
	struct bytes raw = section_bytes(mod, ".BTF"), distilled = section_bytes(mod, ".BTF.base");
	int ret;

	o->side->is_module = true;
	if (!raw.size)
		return error_set(o->err, -ENODATA,
				 "no .BTF in it: 'modbtf generate' would write it");
	ret = distilled.size ? open_distilled(o, raw, distilled) : open_plain(o, raw, mod->release);
	return ret ? ret : read_ids(o);
}

/* ---- a kernel ---- */

static int open_kernel(const struct opener *o, const char *path)
{
	int ret = base_open(&o->side->base, path, NULL, o->err);

	if (!ret)
		ret = btf_verify(&o->side->base.btf, o->err);
	o->side->diff = (struct diff_side){ &o->side->base.btf, NULL, false };
	return ret;
}

/* Raw BTF is a kernel's, or else that of a module that is loaded. */
static int open_raw(const struct opener *o, const char *path)
{
	int ret = open_kernel(o, path);

	if (ret != -EINVAL)
		return ret;
	if (!o->bases->path)
		return error_prefix(o->err,
				    "no BTF of a kernel (if it is a module's, name its base with "
				    "%s)",
				    o->option);
	base_close(&o->side->base);
	o->side->is_module = true;
	ret = file_map_open(&o->side->raw, path, o->err);
	return ret ? ret : open_plain(o, o->side->raw.bytes, "");
}

/* ---- kfuncs ---- */

static bool add_kfunc(struct opened_side *side, const char *name, uint32_t flags, bool has_flags)
{
	return vec_push(&side->list, ((struct side_kfunc){ name, flags, has_flags }));
}

/* Functions with the tag that encoders give to kfuncs. */
static bool add_tagged(struct opened_side *side)
{
	const struct btf *btf = side->diff.btf;

	for (uint32_t id = btf->start_id; id < btf_end_id(btf); id++) {
		const struct btf_type *t = btf_type(btf, id);
		const struct btf_type *func;

		if (btf_kind(t) != BTF_KIND_DECL_TAG || strcmp(btf_name(btf, t), "bpf_kfunc"))
			continue;
		func = btf_type(btf, t->type);
		if (func && btf_kind(func) == BTF_KIND_FUNC &&
		    !add_kfunc(side, btf_name(btf, func), 0, false))
			return false;
	}
	return true;
}

static int compare_kfuncs(const void *a, const void *b)
{
	const struct side_kfunc *x = a, *y = b;
	const int cmp = strcmp(x->name, y->name);

	return cmp ? cmp : x->flags < y->flags ? -1 : x->flags > y->flags;
}

static int list_kfuncs(struct opened_side *side, struct error *err)
{
	side_kfuncs_t *list = &side->list;
	uint32_t nr = 0;

	for (uint32_t i = 0; i < side->kfuncs.nr; i++) {
		const struct kfunc *k = &side->kfuncs.at[i];

		if (!add_kfunc(side, k->name, k->certain ? k->flags : 0, k->certain))
			return error_nomem(err);
	}
	if (!list->nr && !add_tagged(side))
		return error_nomem(err);
	if (list->nr)
		qsort(list->at, list->nr, sizeof(*list->at), compare_kfuncs);
	for (uint32_t i = 0; i < list->nr; i++)
		if (!nr || compare_kfuncs(&list->at[nr - 1], &list->at[i]))
			list->at[nr++] = list->at[i];
	list->nr = nr;
	return 0;
}

/* ---- all of it ---- */

/* A packed file may be a module, or the image of a kernel. */
static int open_packed(const struct opener *o, const char *path)
{
	int ret = module_open(&o->side->mod, path, o->err);

	if (!ret)
		return open_module(o);
	return ret == -ENOMEM || called_module(path) ? ret : open_kernel(o, path);
}

static int open_file(const struct opener *o, const char *path)
{
	struct file_map map;
	enum sort sort;
	int ret;

	ret = file_map_open(&map, path, o->err);
	if (ret)
		return ret;
	sort = sort_of(map.bytes);
	file_map_close(&map);
	switch (sort) {
	case SORT_MODULE:
		ret = module_open(&o->side->mod, path, o->err);
		return ret ? ret : open_module(o);
	case SORT_PACKED:
		return open_packed(o, path);
	case SORT_RAW:
		return open_raw(o, path);
	case SORT_KERNEL:
		break;
	}
	return open_kernel(o, path);
}

int side_open(struct opened_side *side, const char *path, struct bases *bases, const char *option,
	      struct error *err)
{
	const struct opener o = { side, bases, option, err };
	int ret;

	*side = (struct opened_side){ 0 };
	ret = open_file(&o, path);
	if (!ret)
		ret = list_kfuncs(side, err);
	return ret ? error_in_file(err, path) : 0;
}

void side_close(struct opened_side *side)
{
	vec_free(&side->list);
	kfuncs_free(&side->kfuncs);
	btf_close(&side->split);
	btf_close(&side->distilled);
	base_close(&side->base);
	file_map_close(&side->raw);
	module_close(&side->mod);
	*side = (struct opened_side){ 0 };
}
