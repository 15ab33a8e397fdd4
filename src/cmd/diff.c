// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/layout.h"
#include "regen/diff.h"

static const char *const changes[DIFF_NR_CHANGES] = {
	[DIFF_GAINED] = "gained",
	[DIFF_LOST] = "lost",
	[DIFF_CHANGED] = "changed",
};

static const char marks[DIFF_NR_CHANGES] = {
	[DIFF_GAINED] = '+',
	[DIFF_LOST] = '-',
	[DIFF_CHANGED] = '!',
};

/* Both sides of a difference as they are printed; what there is none of is NULL or empty. */
struct told {
	char *text[2];
	struct layout layout[2]; /* of types */
	layout_rows_t rows;	 /* of types that changed */
};

static void told_free(struct told *told)
{
	for (int i = 0; i < 2; i++) {
		free(told->text[i]);
		layout_free(&told->layout[i]);
	}
	vec_free(&told->rows);
}

static int tell(const struct difference *d, struct told *told, struct error *err)
{
	int ret = 0;

	*told = (struct told){ 0 };
	for (int i = 0; i < 2 && !ret; i++) {
		struct strbuf text = { .text = NULL };

		if (!d->view[i])
			continue;
		difference_text(d, i, &text);
		told->text[i] = strbuf_take(&text);
		if (!told->text[i])
			ret = error_nomem(err);
		else if (d->sort == DIFF_TYPE)
			ret = layout_read(&told->layout[i], d->view[i], d->id[i], err);
	}
	if (!ret && d->sort == DIFF_TYPE && d->change == DIFF_CHANGED)
		ret = layout_compare(&told->layout[0], &told->layout[1], &told->rows, err);
	return ret;
}

/* ---- text ---- */

static void print_size(const struct layout *layout)
{
	if (layout->has_size)
		printf("   size %llu", (unsigned long long)layout->size);
}

static bool all_same(const layout_rows_t *rows)
{
	for (uint32_t i = 0; i < rows->nr; i++)
		if (rows->at[i].change != LAYOUT_SAME)
			return false;
	return true;
}

static void print_changed_type(const struct told *told, bool verbose)
{
	const struct layout *old = &told->layout[0], *new = &told->layout[1];
	const bool sized = old->has_size && new->has_size;
	const bool retitled = strcmp(told->text[0], told->text[1]) != 0;

	if (retitled) {
		print_size(old);
		printf("\n  -> ");
		print_safe(told->text[1]);
		print_size(new);
	} else if (sized && old->size != new->size) {
		printf("   size %llu -> %llu", (unsigned long long)old->size,
		       (unsigned long long)new->size);
	} else {
		print_size(new);
		if (told->rows.nr && all_same(&told->rows))
			printf("   in another order");
	}
	putchar('\n');
	print_layout_diff(old, new, &told->rows, verbose);
}

static void print_side(const struct difference *d, const struct told *told, int which)
{
	const char *section = difference_section(d, which);

	print_safe(told->text[which]);
	if (*section) {
		printf("   (");
		print_safe(section);
		putchar(')');
	}
}

static void print_difference(const struct difference *d, const struct told *told, bool verbose)
{
	const int which = d->change == DIFF_GAINED;

	printf("%c ", marks[d->change]);
	print_side(d, told, which);
	if (d->sort == DIFF_TYPE && d->change == DIFF_CHANGED) {
		print_changed_type(told, verbose);
		return;
	}
	if (d->change == DIFF_CHANGED) {
		printf("\n  -> ");
		print_side(d, told, 1);
	} else if (d->sort == DIFF_TYPE) {
		print_size(&told->layout[which]);
	}
	putchar('\n');
}

static void print_kfuncs(const struct file_diff *diff)
{
	if (diff->kfuncs.nr)
		puts("kfuncs:");
	for (uint32_t i = 0; i < diff->kfuncs.nr; i++) {
		const struct kfunc_difference *d = &diff->kfuncs.at[i];
		const char *flags = d->old_flags ? d->old_flags : d->new_flags;

		printf("%c ", marks[d->change]);
		print_safe(d->name);
		if (d->change == DIFF_CHANGED)
			printf("   %s -> %s", d->old_flags, d->new_flags);
		else if (flags)
			printf("   %s", flags);
		putchar('\n');
	}
}

static void count(const char **separator, const char *what, const uint32_t counts[DIFF_NR_CHANGES])
{
	if (!counts[DIFF_GAINED] && !counts[DIFF_LOST] && !counts[DIFF_CHANGED])
		return;
	printf("%s%s", *separator, what);
	for (int i = 0; i < DIFF_NR_CHANGES; i++)
		if (counts[i])
			printf(" %c%u", marks[i], counts[i]);
	*separator = ", ";
}

static void print_summary(const struct file_diff *diff, bool verbose)
{
	const uint32_t total = file_diff_total(diff), *compared = diff->btf.compared;
	const char *separator = "";

	if (!total) {
		if (verbose)
			printf("no difference: %u functions, %u kfuncs, %u variables, %u types\n",
			       compared[DIFF_FUNCTION], diff->sides[1].list.nr,
			       compared[DIFF_VARIABLE], compared[DIFF_TYPE]);
		return;
	}
	printf("%u difference%s: ", total, total == 1 ? "" : "s");
	count(&separator, "functions", diff->btf.counts[DIFF_FUNCTION]);
	count(&separator, "kfuncs", diff->kfunc_counts);
	count(&separator, "variables", diff->btf.counts[DIFF_VARIABLE]);
	count(&separator, "types", diff->btf.counts[DIFF_TYPE]);
	putchar('\n');
}

static int print_sort(const struct file_diff *diff, enum diff_sort sort, const char *title,
		      bool verbose, struct error *err)
{
	bool first = true;

	for (uint32_t i = 0; i < diff->btf.found.nr; i++) {
		const struct difference *d = &diff->btf.found.at[i];
		struct told told;
		int ret;

		if (d->sort != sort)
			continue;
		ret = tell(d, &told, err);
		if (!ret && first)
			puts(title);
		first = false;
		if (!ret)
			print_difference(d, &told, verbose);
		told_free(&told);
		if (ret)
			return ret;
	}
	return 0;
}

static int print_text(const struct file_diff *diff, bool verbose, struct error *err)
{
	int ret;

	ret = print_sort(diff, DIFF_FUNCTION, "functions:", verbose, err);
	if (!ret)
		print_kfuncs(diff);
	if (!ret)
		ret = print_sort(diff, DIFF_VARIABLE, "variables:", verbose, err);
	if (!ret)
		ret = print_sort(diff, DIFF_TYPE, "types:", verbose, err);
	if (!ret)
		print_summary(diff, verbose);
	return ret;
}

/* ---- JSON ---- */

static const char *kind_name(const struct difference *d)
{
	switch (d->kind) {
	case BTF_KIND_FUNC:
		return "function";
	case BTF_KIND_VAR:
		return "variable";
	case BTF_KIND_STRUCT:
		return "struct";
	case BTF_KIND_UNION:
		return "union";
	case BTF_KIND_ENUM:
		return "enum";
	case BTF_KIND_TYPEDEF:
		return "typedef";
	case BTF_KIND_FLOAT:
		return "float";
	default:
		return "int";
	}
}

static void json_difference(const struct difference *d, const struct told *told)
{
	static const char *const keys[2] = { "old", "new" };
	static const char *const sizes[2] = { "old_size", "new_size" };
	static const char *const sections[2] = { "old_section", "new_section" };
	struct json json;

	json_begin(&json, stdout);
	json_string(&json, "kind", kind_name(d));
	json_string(&json, "name", d->name);
	json_string(&json, "change", changes[d->change]);
	for (int i = 0; i < 2; i++)
		if (told->text[i])
			json_string(&json, keys[i], told->text[i]);
	for (int i = 0; i < 2; i++)
		if (told->text[i] && told->layout[i].has_size)
			json_uint(&json, sizes[i], told->layout[i].size);
	for (int i = 0; i < 2; i++)
		if (*difference_section(d, i))
			json_string(&json, sections[i], difference_section(d, i));
	if (told->rows.nr)
		json_layout_diff(&json, &told->layout[0], &told->layout[1], &told->rows);
	json_end(&json);
}

static void json_kfunc(const struct kfunc_difference *d)
{
	struct json json;

	json_begin(&json, stdout);
	json_string(&json, "kind", "kfunc");
	json_string(&json, "name", d->name);
	json_string(&json, "change", changes[d->change]);
	if (d->old_flags)
		json_string(&json, "old", d->old_flags);
	if (d->new_flags)
		json_string(&json, "new", d->new_flags);
	json_end(&json);
}

static void json_counts(struct json *json, const char *key, const uint32_t counts[DIFF_NR_CHANGES])
{
	json_open_object(json, key);
	for (int i = 0; i < DIFF_NR_CHANGES; i++)
		json_uint(json, changes[i], counts[i]);
	json_close_object(json);
}

static int json_sort(const struct file_diff *diff, enum diff_sort sort, struct error *err)
{
	for (uint32_t i = 0; i < diff->btf.found.nr; i++) {
		const struct difference *d = &diff->btf.found.at[i];
		struct told told;
		int ret;

		if (d->sort != sort)
			continue;
		ret = tell(d, &told, err);
		if (!ret)
			json_difference(d, &told);
		told_free(&told);
		if (ret)
			return ret;
	}
	return 0;
}

static int print_json(const struct file_diff *diff, struct error *err)
{
	struct json json;
	int ret;

	ret = json_sort(diff, DIFF_FUNCTION, err);
	for (uint32_t i = 0; i < diff->kfuncs.nr && !ret; i++)
		json_kfunc(&diff->kfuncs.at[i]);
	if (!ret)
		ret = json_sort(diff, DIFF_VARIABLE, err);
	if (!ret)
		ret = json_sort(diff, DIFF_TYPE, err);
	if (ret)
		return ret;
	json_begin(&json, stdout);
	json_string(&json, "kind", "summary");
	json_bool(&json, "equal", !file_diff_total(diff));
	json_counts(&json, "functions", diff->btf.counts[DIFF_FUNCTION]);
	json_counts(&json, "kfuncs", diff->kfunc_counts);
	json_counts(&json, "variables", diff->btf.counts[DIFF_VARIABLE]);
	json_counts(&json, "types", diff->btf.counts[DIFF_TYPE]);
	json_end(&json);
	return 0;
}

/* ---- the command ---- */

static int print(const struct options *options, const struct file_diff *diff, struct error *err)
{
	if (options->quiet)
		return 0;
	return options->json ? print_json(diff, err) : print_text(diff, options->verbose, err);
}

static int run(const struct options *options)
{
	const char *const paths[2] = { options->files[0], options->files[1] };
	struct bases bases, old_bases;
	struct bases *const of[2] = { options->old_base ? &old_bases : &bases, &bases };
	struct error err = ERROR_INIT;
	struct file_diff diff;
	int ret;

	bases_init(&bases, options->base, options->root, running_release());
	bases_init(&old_bases, options->old_base, options->root, running_release());
	bases.keep = old_bases.keep = false; /* nothing is written */
	ret = file_diff(&diff, paths, of, &err);
	if (!ret)
		ret = print(options, &diff, &err);
	if (ret)
		complain(&err);
	else
		ret = file_diff_total(&diff) ? EXIT_DIFFERENT : EXIT_WELL;
	file_diff_free(&diff);
	bases_free(&old_bases);
	bases_free(&bases);
	return ret < 0 ? EXIT_TROUBLE : ret;
}

const struct command cmd_diff = {
	.name = "diff",
	.arguments = "[OPTION]... OLD NEW",
	.summary = "Show which functions, kfuncs and types two modules, or two kernels, differ in",
	.options = OPT_BASE | OPT_OLD_BASE | OPT_ROOT | OPT_JSON,
	.min_files = 2,
	.max_files = 2,
	.failure = EXIT_TROUBLE,
	.run = run,
};
