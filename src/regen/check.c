// SPDX-License-Identifier: GPL-2.0-only
#include "regen/check-work.h"

#include <stdio.h>
#include <time.h>

#include "btf/strings.h"
#include "btf/verify.h"
#include "module/note.h"
#include "regen/regen.h"

/* Findings of one class that are kept; hostile input has millions. */
#define MAX_KEPT 1000

/* If one of so many names is out of place, the BTF was made on another base. */
#define MANY_MISPLACED 10

static const struct {
	const char *name;
	enum check_severity severity;
} classes[CHECK_NR] = {
	[CHECK_CONTAINER] = { "container", CHECK_FAULT },
	[CHECK_MISSING] = { "missing", CHECK_INFO },
	[CHECK_BASE] = { "base", CHECK_FAULT },
	[CHECK_HEADER] = { "header", CHECK_FAULT },
	[CHECK_METADATA] = { "metadata", CHECK_FAULT },
	[CHECK_CHAIN] = { "chain", CHECK_FAULT },
	[CHECK_NAMES] = { "names", CHECK_FINDING },
	[CHECK_RELOCATION] = { "relocation", CHECK_FAULT },
	[CHECK_REFERENCE] = { "reference", CHECK_FINDING },
	[CHECK_IDS] = { "ids", CHECK_FAULT },
	[CHECK_COPY] = { "copy", CHECK_FINDING },
	[CHECK_DUPLICATE] = { "duplicate", CHECK_FINDING },
	[CHECK_DRIFT] = { "drift", CHECK_INFO },
	[CHECK_HOMONYM] = { "homonym", CHECK_INFO },
	[CHECK_RELEASE] = { "release", CHECK_FINDING },
	[CHECK_NOTE] = { "note", CHECK_FINDING },
};

const char *check_class_name(enum check_class class)
{
	return classes[class].name;
}

const char *check_severity_name(enum check_severity severity)
{
	static const char *const names[] = {
		[CHECK_INFO] = "info",
		[CHECK_FINDING] = "finding",
		[CHECK_FAULT] = "fault",
	};

	return names[severity];
}

const char *check_age_name(enum check_age age)
{
	static const char *const names[] = {
		[CHECK_UNKNOWN] = "unknown",
		[CHECK_CURRENT] = "current",
		[CHECK_STALE] = "stale",
	};

	return names[age];
}

static void keep(struct check *c, struct check_finding *finding, const struct btf *btf,
		 const char *fmt, va_list ap)
{
	const struct btf_type *t = btf ? btf_type(btf, finding->id) : NULL;

	finding->name = strdup(t ? btf_name(btf, t) : "");
	if (vasprintf(&finding->text, fmt, ap) < 0)
		finding->text = NULL;
	if (finding->name && finding->text && vec_push(&c->report->findings, *finding))
		return;
	free(finding->name);
	free(finding->text);
	c->ret = error_nomem(c->err);
}

static void __attribute__((format(printf, 6, 0)))
add(struct check *c, enum check_class class, enum check_severity severity, const struct btf *btf,
    uint32_t id, const char *fmt, va_list ap)
{
	struct check_finding finding = { .class = class, .severity = severity, .id = id };
	struct check_report *r = c->report;

	r->counts[class]++;
	r->faults += severity == CHECK_FAULT;
	if ((c->options->details || severity == CHECK_FAULT) && r->counts[class] <= MAX_KEPT)
		keep(c, &finding, btf, fmt, ap);
}

void check_found(struct check *c, enum check_class class, const struct btf *btf, uint32_t id,
		 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(c, class, classes[class].severity, btf, id, fmt, ap);
	va_end(ap);
}

void check_as(struct check *c, enum check_class class, enum check_severity severity,
	      const struct btf *btf, uint32_t id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(c, class, severity, btf, id, fmt, ap);
	va_end(ap);
}

static struct bytes section_bytes(const struct module *mod, const char *name)
{
	uint32_t index = module_find_section(mod, name);

	return index ? mod->sections[index].data : (struct bytes){ NULL, 0 };
}

/* A view that is being verified, and how to call it. */
struct verified {
	struct check *c;
	const struct btf *btf;
	const char *section;
};

static int rule_broken(void *ctx, const struct btf_fault *fault)
{
	static const enum check_class classes_of[] = {
		[BTF_RULE_HEADER] = CHECK_HEADER,
		[BTF_RULE_METADATA] = CHECK_METADATA,
		[BTF_RULE_CHAIN] = CHECK_CHAIN,
		[BTF_RULE_REFERENCE] = CHECK_REFERENCE,
	};
	struct verified *v = ctx;

	check_found(v->c, classes_of[fault->rule], v->btf, fault->id, "%s%s%s", v->section,
		    *v->section ? ": " : "", fault->text);
	return v->c->ret;
}

/* @section: how to call it in messages, "" for .BTF itself. */
static void verify(struct check *c, const struct btf *btf, const char *section)
{
	struct verified v = { .c = c, .btf = btf, .section = section };
	int ret = btf_verify_each(btf, &c->target->caps, rule_broken, &v, c->err);

	if (ret && !c->ret)
		c->ret = ret;
}

static void check_names(struct check *c, const struct btf *btf)
{
	struct btf_misplaced misplaced;

	btf_find_misplaced(btf, &misplaced);
	if (!misplaced.nr)
		return;
	/* One may be a slip. Over another base nearly all of those are that are not own strings. */
	if (misplaced.nr > misplaced.nr_names / MANY_MISPLACED)
		c->report->age = CHECK_STALE;
	check_found(c, CHECK_NAMES, btf, misplaced.first,
		    "%u of %u names begin inside of strings%s", misplaced.nr, misplaced.nr_names,
		    c->report->age == CHECK_STALE ? ": made on another base" : "");
}

void check_related(struct check *c, const struct btf *btf, const struct btf_related *r)
{
	const struct btf_type *t = btf_type(btf, r->id);
	const char *kind = btf_kind_name(btf_kind(t)), *name = btf_name(btf, t);

	switch (r->relation) {
	case BTF_COPY:
		check_found(c, CHECK_COPY, btf, r->id, "type %u %s '%s' is the base's type %u",
			    r->id, kind, name, r->other);
		break;
	case BTF_DUPLICATE:
		check_found(c, CHECK_DUPLICATE, btf, r->id, "type %u %s '%s' is the same as %u",
			    r->id, kind, name, r->other);
		break;
	case BTF_DRIFT:
		check_found(c, CHECK_DRIFT, btf, r->id,
			    "type %u %s '%s' differs from the base's type %u", r->id, kind, name,
			    r->other);
		check_drift(c, btf, r->id, r->other);
		break;
	case BTF_HOMONYM:
		check_found(c, CHECK_HOMONYM, btf, r->id,
			    "type %u %s '%s' has only its name from the base's type %u", r->id,
			    kind, name, r->other);
		break;
	}
}

static void check_all_related(struct check *c, const struct btf *btf)
{
	btf_related_t related = { 0 };
	int ret;

	ret = btf_find_related(btf, &c->target->index, &related, c->err);
	for (uint32_t i = 0; i < related.nr && !c->ret; i++)
		check_related(c, btf, &related.at[i]);
	vec_free(&related);
	if (ret && !c->ret)
		c->ret = ret;
}

/* Opening refuses what reading needs, and the kernel refuses that as well. */
static int open_section(struct check *c, struct btf *btf, const char *name, const struct btf *base)
{
	struct error err = ERROR_INIT;
	int ret = btf_open(btf, section_bytes(c->mod, name), base, &err);

	if (ret == -ENOMEM)
		c->ret = error_nomem(c->err);
	else if (ret)
		check_found(c, CHECK_HEADER, NULL, 0, "%s: %s", name, err.text);
	return ret;
}

/* The module's BTF over the base that it is for. */
static void check_plain(struct check *c)
{
	struct btf btf;

	if (open_section(c, &btf, ".BTF", &c->target->base.btf))
		return;
	c->report->nr_types = btf.nr;
	verify(c, &btf, "");
	check_names(c, &btf);
	/* What is not the kernel's cannot be compared with it. */
	if (!c->report->faults && !c->ret)
		check_all_related(c, &btf);
	if (!c->report->faults && !c->ret)
		check_ids(c, &btf);
	btf_close(&btf);
}

/* The module's BTF over the .BTF.base that it brings along. */
static void check_distilled(struct check *c)
{
	struct btf distilled, btf;

	if (open_section(c, &distilled, ".BTF.base", NULL))
		return;
	verify(c, &distilled, ".BTF.base");
	if (!open_section(c, &btf, ".BTF", &distilled)) {
		c->report->nr_types = btf.nr;
		verify(c, &btf, "");
		check_names(c, &btf);
		if (!c->report->faults && !c->ret)
			check_relocation(c, &btf);
		if (!c->report->faults && !c->ret)
			check_ids(c, &btf);
		btf_close(&btf);
	}
	btf_close(&distilled);
}

/* Does the target's kernel read the module's .BTF.base? If not, it takes .BTF for one over its own. */
static bool is_distilled(const struct check *c)
{
	return c->target->caps.relocates && section_bytes(c->mod, ".BTF.base").size;
}

/*
 * Plain split BTF is good for the kernel that the module was built for. That it was made anew for
 * another one only a note can tell.
 */
static void check_releases(struct check *c)
{
	const char *stated = c->target->base.image.release, *wanted = c->options->release;
	const char *own = c->mod->release;
	const uint32_t before = c->report->counts[CHECK_RELEASE];

	if (wanted && *own && strcmp(wanted, own))
		check_found(c, CHECK_RELEASE, NULL, 0, "the module is for kernel %s, not for %s",
			    own, wanted);
	else if (*stated && *own && strcmp(stated, own))
		check_found(c, CHECK_RELEASE, NULL, 0,
			    "the module is for kernel %s, the base is of %s", own, stated);
	if (c->report->counts[CHECK_RELEASE] > before && c->report->age == CHECK_UNKNOWN &&
	    !is_distilled(c))
		c->report->age = CHECK_STALE;
}

static void stale(struct check *c, const char *why)
{
	c->report->age = CHECK_STALE;
	check_found(c, CHECK_NOTE, NULL, 0, "%s", why);
}

static void check_note(struct check *c)
{
	struct error err = ERROR_INIT;
	struct digest content;
	struct note note;
	int ret = note_read(c->mod, &note, &err);

	if (ret == -ENOENT)
		return;
	if (ret) {
		check_found(c, CHECK_NOTE, NULL, 0, "%s", err.text);
		return;
	}
	if (!note_knows_btf(&note, c->mod))
		return stale(c, "its BTF was changed by another program since modbtf made it");
	if (!note_knows_ids(&note, c->mod))
		return stale(
			c,
			"its .BTF_ids was changed by another program since modbtf made it: flags "
			"may be other functions'");
	content = note_content_digest(c->mod, regen_sections);
	/* A distilled base is relocated: that it was made of another base is what it is for. */
	if (!is_distilled(c) && !digest_equal(&note.base, &c->target->digest))
		stale(c, "the note says that it was made on another base");
	else if (!digest_equal(&note.content, &content))
		stale(c, "the note says that the module was changed since");
	else
		c->report->age = CHECK_CURRENT;
}

static bool set_target(struct check *c, struct bases *bases)
{
	const char *release = c->options->release ? c->options->release : c->mod->release;
	struct error err = ERROR_INIT;
	int ret;

	if (!*release && !bases->path) {
		check_found(c, CHECK_BASE, NULL, 0,
			    "the module does not say which kernel it is for (no vermagic): name it "
			    "with -k, or the base with -b");
		return false;
	}
	ret = bases_get(bases, release, &c->target, &err);
	if (ret == -ENOMEM) {
		c->ret = error_nomem(c->err);
		return false;
	}
	if (ret) {
		check_found(c, CHECK_BASE, NULL, 0, "%s%s%s", err.file, *err.file ? ": " : "",
			    err.text);
		return false;
	}
	if (c->target->base.stored)
		check_found(
			c, CHECK_RELEASE, NULL, 0,
			"kernel %s is not installed: its base is what the base store kept of it",
			release);
	c->report->release = strdup(release);
	c->report->base = strdup(c->target->base.path);
	if (!c->report->release || !c->report->base)
		c->ret = error_nomem(c->err);
	return !c->ret;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void check_opened(struct check *c, struct bases *bases)
{
	double start;

	c->report->btf_size = section_bytes(c->mod, ".BTF").size;
	if (!c->report->btf_size) {
		check_found(c, CHECK_MISSING, NULL, 0, "no .BTF in it");
		return;
	}
	if (!set_target(c, bases))
		return;
	start = now_ms();
	check_note(c);
	check_releases(c);
	if (is_distilled(c))
		check_distilled(c);
	else
		check_plain(c);
	c->report->check_ms = now_ms() - start;
}

int check_module(const char *path, struct bases *bases, const struct check_options *options,
		 struct check_report *report, struct error *err)
{
	struct check c = { .options = options, .report = report, .err = err };
	struct error why = ERROR_INIT;
	double start = now_ms();
	struct module mod;
	int ret;

	*report = (struct check_report){ 0 };
	ret = module_open(&mod, path, &why);
	report->open_ms = now_ms() - start;
	if (ret == -ENOMEM)
		return error_nomem(err);
	if (ret) {
		check_found(&c, CHECK_CONTAINER, NULL, 0, "%s", why.text);
		return c.ret;
	}
	c.mod = &mod;
	check_opened(&c, bases);
	/* What was found in a file that others were writing to means nothing. */
	if (!c.ret)
		c.ret = file_map_check(&mod.file, err);
	if (c.ret)
		error_in_file(err, path);
	else
		c.ret = bases_check(bases, err);
	module_close(&mod);
	return c.ret;
}

void check_report_free(struct check_report *report)
{
	for (uint32_t i = 0; i < report->findings.nr; i++) {
		free(report->findings.at[i].name);
		free(report->findings.at[i].text);
		check_drift_free(report->findings.at[i].drift);
	}
	vec_free(&report->findings);
	free(report->release);
	free(report->base);
	*report = (struct check_report){ 0 };
}
