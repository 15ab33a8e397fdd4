// SPDX-License-Identifier: GPL-2.0-only
#include "regen/diff.h"

#include "module/kfunc-flags.h"

/* The flags of one kfunc on one side: one word, or one for each set that has others. */
struct flags {
	const struct side_kfunc *at;
	uint32_t nr;
};

static struct flags flags_at(const side_kfuncs_t *list, uint32_t i)
{
	struct flags f = { list->at + i, 0 };

	while (i + f.nr < list->nr && !strcmp(f.at[f.nr].name, f.at[0].name))
		f.nr++;
	return f;
}

static bool all_known(const struct flags *f)
{
	for (uint32_t i = 0; i < f->nr; i++)
		if (!f->at[i].has_flags)
			return false;
	return f->nr;
}

static bool same_flags(const struct flags *old, const struct flags *new)
{
	/* What is not known is not different. */
	if (!all_known(old) || !all_known(new))
		return true;
	if (old->nr != new->nr)
		return false;
	for (uint32_t i = 0; i < old->nr; i++)
		if (old->at[i].flags != new->at[i].flags)
			return false;
	return true;
}

/* NULL where there are none to tell of, and when out of memory. */
static char *flags_text(const struct flags *f, bool *nomem)
{
	struct strbuf text = { .text = NULL };
	char *taken;

	if (!all_known(f))
		return NULL;
	for (uint32_t i = 0; i < f->nr; i++) {
		if (i)
			strbuf_puts(&text, ", ");
		kfunc_flags_text(f->at[i].flags, &text);
	}
	taken = strbuf_take(&text);
	*nomem = *nomem || !taken;
	return taken;
}

static bool report_kfunc(struct file_diff *diff, const struct flags *old, const struct flags *new)
{
	struct kfunc_difference d = { .name = old->nr ? old->at->name : new->at->name };
	bool nomem = false;

	if (old->nr && new->nr) {
		if (same_flags(old, new))
			return true;
		d.change = DIFF_CHANGED;
	} else {
		d.change = old->nr ? DIFF_LOST : DIFF_GAINED;
	}
	d.old_flags = flags_text(old, &nomem);
	d.new_flags = flags_text(new, &nomem);
	if (nomem || !vec_push(&diff->kfuncs, d)) {
		free(d.old_flags);
		free(d.new_flags);
		return false;
	}
	diff->kfunc_counts[d.change]++;
	return true;
}

static int compare_kfuncs(struct file_diff *diff, struct error *err)
{
	const side_kfuncs_t *olds = &diff->sides[0].list, *news = &diff->sides[1].list;

	for (uint32_t i = 0, j = 0; i < olds->nr || j < news->nr;) {
		struct flags old = { NULL, 0 }, new = { NULL, 0 };
		int cmp = i == olds->nr ? 1 :
			  j == news->nr ? -1 :
					  strcmp(olds->at[i].name, news->at[j].name);

		if (cmp <= 0)
			old = flags_at(olds, i);
		if (cmp >= 0)
			new = flags_at(news, j);
		i += old.nr;
		j += new.nr;
		if (!report_kfunc(diff, &old, &new))
			return error_nomem(err);
	}
	return 0;
}

static const char *sort_name(const struct opened_side *side)
{
	return side->is_module ? "a module" : "a kernel";
}

int file_diff(struct file_diff *diff, const char *const paths[2], struct bases *const bases[2],
	      struct error *err)
{
	int ret;

	*diff = (struct file_diff){ 0 };
	ret = side_open(&diff->sides[0], paths[0], bases[0], "--old-base", err);
	if (!ret)
		ret = side_open(&diff->sides[1], paths[1], bases[1], "--base", err);
	if (ret)
		return ret;
	if (diff->sides[0].is_module != diff->sides[1].is_module) {
		error_set(err, -EINVAL,
			  "is %s, and %s is %s: name two modules, or the BTF of two kernels",
			  sort_name(&diff->sides[1]), paths[0], sort_name(&diff->sides[0]));
		return error_in_file(err, paths[1]);
	}
	ret = btf_diff(&diff->btf, &diff->sides[0].diff, &diff->sides[1].diff, err);
	return ret ? ret : compare_kfuncs(diff, err);
}

void file_diff_free(struct file_diff *diff)
{
	for (uint32_t i = 0; i < diff->kfuncs.nr; i++) {
		free(diff->kfuncs.at[i].old_flags);
		free(diff->kfuncs.at[i].new_flags);
	}
	vec_free(&diff->kfuncs);
	btf_diff_free(&diff->btf);
	side_close(&diff->sides[0]);
	side_close(&diff->sides[1]);
}

uint32_t file_diff_total(const struct file_diff *diff)
{
	uint32_t total = diff->btf.found.nr;

	return total + diff->kfuncs.nr;
}
