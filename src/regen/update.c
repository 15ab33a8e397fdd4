// SPDX-License-Identifier: GPL-2.0-only
#include "regen/update.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/rootpath.h"
#include "io/replace.h"
#include "regen/check.h"
#include "regen/order.h"
#include "regen/parallel.h"
#include "regen/update-find.h"

struct update {
	const struct update_options *options;
	struct bases *bases;
	struct kernel_set kernels;
	struct candidates found;
	struct kernel *wanted; /* by -k, for files that are named */
	struct strlist said;   /* kernels of which the reason has been told */
	update_report_fn *report;
	void *ctx;
	struct update_counts *counts;
};

/* One module at work. */
struct job {
	struct update *update;
	const struct candidate *candidate;
	struct update_item *item;
	struct kernel *built; /* which its vermagic names; NULL: none */
	struct kernel *target;
	struct regen_options regen;
	struct update_facts facts;
	bool is_signed;
	struct strlist warnings; /* that are not of the work itself */
};

static bool has_base(void *ctx, struct kernel *kernel)
{
	return kernel_set_has_base(ctx, kernel);
}

static bool has(const struct module *mod, const char *name)
{
	uint32_t index = module_find_section(mod, name);

	return index && mod->sections[index].size;
}

static void give_reason(struct update_item *item, enum update_reason reason)
{
	item->reason = reason;
	snprintf(item->words, sizeof(item->words), "%s", update_reason_text(reason));
}

/* ---- which kernel ---- */

static int choose_target(struct job *job, const struct module *mod, struct error *err)
{
	const struct candidate *c = job->candidate;
	struct update *u = job->update;
	bool stray;
	int ret;

	if (*mod->release) {
		ret = kernel_set_get(&u->kernels, mod->release, &job->built, err);
		if (ret)
			return ret;
	}
	stray = c->home && job->built && c->home != job->built && !c->weak;
	job->facts.named = c->named;
	job->facts.other_kernel = stray && !c->named;
	job->target = update_target(u->wanted, c->home, job->built, c->users.at, c->users.nr,
				    stray && c->named, has_base, &u->kernels);
	if (!job->target && u->bases->path)
		return kernel_set_get(&u->kernels, "", &job->target, err);
	if (!job->target)
		return error_set(err, -EINVAL,
				 "the module does not say which kernel it is for (no vermagic): "
				 "name it with -k");
	return 0;
}

/*
 * A .BTF.base is the only way to be right for several kernels, if all of them relocate. Where one
 * cannot, it has the wrong BTF with and without.
 */
static int choose_base_section(struct job *job, struct error *err)
{
	const struct candidate *c = job->candidate;
	struct update *u = job->update;
	const char *unable = NULL;
	size_t others = 0;
	int ret;

	if (job->regen.base_section == BASE_SECTION_NEVER || u->bases->path)
		return 0;
	for (uint32_t i = 0; i < c->users.nr; i++) {
		struct kernel *k = c->users.at[i];

		if (!kernel_set_has_base(&u->kernels, k))
			continue;
		ret = kernel_set_ask(&u->kernels, k, err);
		if (ret)
			return ret;
		others += k != job->target;
		if (k->state == KERNEL_READY && !k->base.relocates)
			unable = k->release;
	}
	if (!others)
		return 0;
	if (job->target->state == KERNEL_READY && !job->target->base.relocates)
		unable = job->target->release;
	if (!unable)
		job->regen.base_section = BASE_SECTION_ALWAYS;
	else if (strlist_add(&job->warnings,
			     "several kernels use it, and %s cannot relocate BTF: its BTF is right "
			     "for %s only",
			     unable, job->target->release))
		return error_nomem(err);
	return 0;
}

/* ---- what is known ---- */

static int gather(struct job *job, const struct module *mod, struct error *err)
{
	struct update_facts *f = &job->facts;
	int ret;

	ret = choose_target(job, mod, err);
	if (ret)
		return ret;
	job->item->release = job->target->release;
	job->item->directory = job->target->directory;
	if (f->other_kernel)
		return 0;
	ret = kernel_set_ask(&job->update->kernels, job->target, err);
	if (!ret)
		ret = choose_base_section(job, err);
	if (ret)
		return ret;
	f->kernel = job->target->state;
	f->debug_info = has(mod, ".debug_info");
	f->base_section = has(mod, ".BTF.base");
	f->named_source = job->regen.old_bases || (job->regen.debug && job->regen.debug->nr);
	f->distilled = base_section_wanted(job->regen.base_section, mod->in_tree,
					   job->target->base.relocates);
	job->is_signed = mod->signature.size > 0;
	if (f->kernel == KERNEL_READY)
		f->age = age_of(mod, &job->target->base.digest, f->distilled);
	return 0;
}

/* Would the kernel take the BTF as it is, and find in it what is there? */
static int find_fit(struct job *job, enum update_fit *fit, struct error *err)
{
	const struct check_options options = { .release = job->target->release };
	struct check_report report;
	int ret;

	ret = check_module(job->candidate->name, job->update->bases, &options, &report, err);
	if (ret || report.faults || report.age == CHECK_STALE)
		*fit = FIT_NOT;
	else if (report.counts[CHECK_NAMES] || report.counts[CHECK_REFERENCE] ||
		 report.counts[CHECK_RELEASE])
		*fit = FIT_LUCK;
	else
		*fit = FIT_SURE;
	check_report_free(&report);
	return ret;
}

static int look(struct job *job, struct error *err)
{
	struct module mod;
	int ret;

	ret = module_open(&mod, job->candidate->name, err);
	if (ret)
		return ret;
	ret = gather(job, &mod, err);
	module_close(&mod);
	if (!ret && update_asks_fit(&job->facts))
		ret = find_fit(job, &job->facts.fit, err);
	return ret;
}

/* ---- what is done ---- */

static bool is_work(enum update_action action)
{
	return action == UPDATE_GENERATE || action == UPDATE_REBASE;
}

/* What it was made from shows only now: debug info may lie beside the module. */
static void take_result(struct job *job)
{
	struct update_item *item = job->item;
	const struct regen_report *r = &item->report;

	item->done = true;
	if (r->current || (!r->changed && !job->regen.dry_run)) {
		item->action = UPDATE_CURRENT;
		give_reason(item, r->current ? REASON_CURRENT : REASON_SAME);
	} else if (r->generated.source == NOTE_SOURCE_DWARF ||
		   r->generated.source == NOTE_SOURCE_DEBUG_FILE) {
		item->action = UPDATE_GENERATE;
	} else {
		item->action = UPDATE_REBASE;
	}
}

/*
 * Plain BTF that was made elsewhere, or when the store was not writable, may be current without its
 * base in the store.
 */
static int keep_base(struct job *job, struct error *err)
{
	struct store *store = job->regen.store;
	struct error why = ERROR_INIT;
	int ret;

	if (!store || job->regen.dry_run || job->facts.distilled)
		return 0;
	ret = kernel_set_keep_base(&job->update->kernels, job->target, store, &why);
	if (ret == -ENOMEM ||
	    (ret &&
	     strlist_add(&job->warnings, "its base cannot be kept for later updates (%s: %s)",
			 why.file, why.text)))
		return error_nomem(err);
	return 0;
}

static int work_on(struct job *job, struct error *err)
{
	const bool of_target = update_asks_fit(&job->facts) && job->facts.fit == FIT_SURE;
	const char *path = job->candidate->name;
	enum update_fit fit = FIT_NOT;
	int ret;

	job->regen.release = job->target->release;
	job->regen.out = NULL;
	if (of_target)
		job->regen.old_bases = job->update->bases;
	ret = regen_module(path, job->update->bases, &job->regen, &job->item->report, err);
	if (ret == -EBUSY) { /* another program was faster: what it left may be what we want */
		regen_report_free(&job->item->report);
		ret = regen_module(path, job->update->bases, &job->regen, &job->item->report, err);
	}
	if (!ret) {
		take_result(job);
		return 0;
	}
	/* No key, but none is needed: .BTF.base is what the kernel fits to its own types. */
	if (ret == -ENOKEY && job->is_signed && job->facts.base_section && job->facts.distilled &&
	    !find_fit(job, &fit, NULL) && fit != FIT_NOT) {
		job->item->action = UPDATE_SKIP;
		give_reason(job->item, REASON_SIGNED_FITS);
		return 0;
	}
	if (ret == -ENOKEY && job->is_signed && of_target) {
		job->item->action = UPDATE_SKIP;
		give_reason(job->item, REASON_SIGNED_OTHER);
		return 0;
	}
	/* What never had any is nobody's mistake, unless it was asked for. */
	if (ret == -ENODATA && job->facts.age == AGE_NO_BTF && !job->candidate->named) {
		job->item->action = UPDATE_SKIP;
		give_reason(job->item, REASON_NO_SOURCE);
		return 0;
	}
	return ret;
}

static int handle(struct job *job, struct error *err)
{
	struct update_item *item = job->item;
	struct update_decision d;
	int ret;

	if (job->candidate->trouble) {
		item->action = UPDATE_SKIP;
		item->reason = REASON_TROUBLE;
		snprintf(item->words, sizeof(item->words), "%s", job->candidate->trouble);
		return 0;
	}
	ret = look(job, err);
	if (ret)
		return ret;
	d = update_decide(&job->facts);
	item->action = d.action;
	give_reason(item, d.reason);
	item->of_kernel = !job->facts.other_kernel && job->facts.kernel != KERNEL_READY;
	if (d.reason == REASON_OTHER_KERNEL)
		snprintf(item->words, sizeof(item->words), "built for kernel %.80s, not for %.80s",
			 job->built->release, job->target->release);
	if (d.action == UPDATE_FAIL) {
		*err = job->target->err;
		return job->target->ret;
	}
	if (is_work(d.action))
		return work_on(job, err);
	if (d.action == UPDATE_CURRENT && !job->regen.dry_run)
		replace_clean(job->candidate->name);
	return d.action == UPDATE_CURRENT ? keep_base(job, err) : 0;
}

static int hand_over_warnings(struct job *job, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < job->warnings.nr && !ret; i++)
		if (strlist_add(&job->item->report.warnings, "%s", job->warnings.items[i]))
			ret = error_nomem(err);
	strlist_free(&job->warnings);
	return ret;
}

static const char *path_of(const void *ctx, size_t i)
{
	const struct update *u = ctx;

	return u->found.at.at[i].name;
}

static uint64_t memory_of(void *ctx, size_t i)
{
	return jobs_memory_of(path_of(ctx, i));
}

static void *work(void *ctx, size_t i)
{
	struct update *u = ctx;
	struct update_item *item = calloc(1, sizeof(*item));
	struct job job = { .update = u,
			   .candidate = &u->found.at.at[i],
			   .item = item,
			   .regen = u->options->regen };

	if (!item)
		return NULL;
	item->path = job.candidate->name;
	item->ret = handle(&job, &item->err);
	if (hand_over_warnings(&job, &item->err))
		item->ret = -ENOMEM;
	if (!item->ret)
		return item;
	if (!item->of_kernel) {
		error_in_file(&item->err, item->path);
		give_reason(item, REASON_ERROR);
	}
	item->action = UPDATE_FAIL;
	return item;
}

/* ---- what is told ---- */

static void count(struct update_counts *counts, const struct update_item *item)
{
	size_t *const of[] = {
		[UPDATE_CURRENT] = &counts->current, [UPDATE_GENERATE] = &counts->generated,
		[UPDATE_REBASE] = &counts->rebased,  [UPDATE_SKIP] = &counts->skipped,
		[UPDATE_FAIL] = &counts->failed,
	};

	counts->modules++;
	++*of[item->action];
	counts->changed += item->report.changed;
}

/* Is this the first time that the item's kernel is the reason? When out of memory, it is told again. */
static bool is_first(struct update *u, const struct update_item *item)
{
	for (size_t i = 0; i < u->said.nr; i++)
		if (!strcmp(u->said.items[i], item->release))
			return false;
	strlist_add(&u->said, "%s", item->release);
	return true;
}

static void report(void *ctx, size_t i, void *result)
{
	struct update_item *item = result;
	struct update *u = ctx;

	item->first = item->of_kernel && is_first(u, item);
	count(u->counts, item);
	u->report(u->ctx, item, i + 1, u->found.at.nr);
	regen_report_free(&item->report);
	free(item);
}

static int run(struct update *u, struct error *err)
{
	const struct update_options *o = u->options;
	struct parallel all = { .memory = memory_of, .work = work, .done = report, .ctx = u };
	int ret = root_check(u->bases->root, err);
	size_t *order;

	if (!ret && o->nr_paths && o->nr_releases)
		ret = kernel_set_get(&u->kernels, o->releases[0], &u->wanted, err);
	if (!ret)
		ret = candidates_find(&u->kernels, o->releases, o->nr_releases, o->paths,
				      o->nr_paths, &u->found, err);
	if (ret)
		return ret;
	all.nr = u->found.at.nr;
	all.order = order = order_by_size(path_of, u, all.nr, o->regen.jobs->most);
	ret = parallel_run(&all, o->regen.jobs, err);
	free(order);
	return ret;
}

int update_run(const struct update_options *options, struct bases *bases,
	       update_report_fn *report_fn, void *ctx, struct update_counts *counts,
	       struct error *err)
{
	struct update u = { .options = options,
			    .bases = bases,
			    .report = report_fn,
			    .ctx = ctx,
			    .counts = counts };
	int ret;

	*counts = (struct update_counts){ 0 };
	kernel_set_init(&u.kernels, bases);
	ret = run(&u, err);
	candidates_free(&u.found);
	strlist_free(&u.said);
	kernel_set_free(&u.kernels);
	return ret;
}
