// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <stdio.h>

#include "btf/implicit.h"
#include "btf/verify.h"
#include "graph-fixture.h"

#define must(ok)                             \
	do {                                 \
		if (!(ok))                   \
			fail_msg("%s", #ok); \
	} while (0)

static uint32_t id_of(struct play *play, const char *name)
{
	uint32_t id = name_id(&play->names, name, strlen(name));

	must(id != UINT32_MAX);
	return id;
}

int play_base_bytes(struct play *play, struct buffer base_bytes)
{
	int ret;

	*play = (struct play){ .base_bytes = base_bytes, .caps = { .kinds = UINT32_MAX } };
	ret = btf_open(&play->base, buffer_bytes(&base_bytes), NULL, &play->err);
	if (ret)
		return ret;
	ret = btf_index_build(&play->index, &play->base, &play->err);
	if (ret)
		return ret;
	names_init(&play->names, &play->index);
	return intern_init(&play->in, &play->index, &play->names, &play->err);
}

int play_base(struct play *play, const char *base, struct variation how)
{
	struct text text;
	int ret;

	text_read(&text, base);
	ret = play_base_bytes(play, text_base(&text, how.big_endian));
	text_free(&text);
	if (!ret && how.roomy_tables) {
		must(idtab_reserve(&play->index.named, 10000));
		must(idtab_reserve(&play->names.table, 1000));
		must(idtab_reserve(&play->in.own.table, 20000));
		must(idtab_reserve(&play->in.defs, 5000));
	}
	return ret;
}

int play_graph(struct play *play)
{
	int ret = graph_adapt(&play->graph, &play->caps, &play->err);

	if (!ret)
		ret = graph_check(&play->graph, &play->err);
	return ret ? ret : intern_graph(&play->in, &play->graph, &play->err);
}

uint32_t play_func_symbol(struct play *play, const char *name)
{
	struct func_symbol symbol = { .name = id_of(play, name) };

	for (uint32_t i = 0; i < play->symbols.nr; i++)
		if (play->symbols.at[i].name == symbol.name)
			return i;
	must(vec_push(&play->symbols, symbol));
	return play->symbols.nr - 1;
}

static uint32_t section_index(struct play *play, const char *name)
{
	const uint32_t id = id_of(play, name);

	for (uint32_t i = 0; i < play->sections.nr; i++)
		if (play->sections.at[i] == id)
			return i;
	must(vec_push(&play->sections, id));
	return play->sections.nr - 1;
}

static int play_unit(struct play *play, const char *unit, struct variation how)
{
	struct text text;

	text_read(&text, unit);
	text_graph(&text, &play->names, &play->graph);
	if (how.pending_names)
		text_names_pending(&text, &play->graph, &play->strings);
	for (uint32_t i = 0; i < text.funcs.nr; i++) {
		const struct text_func *f = &text.funcs.at[i];
		struct graph_func func = { play_func_symbol(play, f->name), f->proto, f->flags };

		must(vec_push(&play->graph.funcs, func));
	}
	for (uint32_t i = 0; i < text.vars.nr; i++) {
		const struct text_var *v = &text.vars.at[i];
		struct var_symbol symbol = { id_of(play, v->name), section_index(play, v->section),
					     v->offset, v->size };
		struct graph_var var = { play->vars.nr, v->type, v->linkage };

		must(vec_push(&play->vars, symbol));
		must(vec_push(&play->graph.vars, var));
	}
	text_free(&text);
	return play_graph(play);
}

static int play_implicit(struct play *play)
{
	struct btf_caps caps;
	uint32_t symbol;

	if (!play->implicit)
		return 0;
	btf_caps_read(&caps, &play->index);
	if (!caps.implicit_args)
		return 0;
	symbol = play_func_symbol(play, play->implicit);
	for (uint32_t i = 0; i < play->funcs.nr; i++)
		if (play->funcs.at[i].symbol == symbol)
			return split_implicit(&play->in, &play->settled, play->symbols.at,
					      &play->funcs, &play->funcs.at[i], &play->err);
	return 0;
}

int play_end(struct play *play, bool big_endian)
{
	struct emit_input input = { .in = &play->in,
				    .settled = &play->settled,
				    .symbols = play->symbols.at,
				    .funcs = &play->funcs,
				    .tags = play->tags.at,
				    .nr_tags = play->tags.nr,
				    .vars = play->vars.at,
				    .nr_vars = play->vars.nr,
				    .sections = play->sections.at,
				    .nr_sections = play->sections.nr,
				    .big_endian = big_endian };
	int ret;

	ret = split_variants(&play->in, &play->err);
	if (!ret)
		ret = settle(&play->in, &play->settled, &play->err);
	if (!ret)
		ret = choose_functions(&play->in, &play->settled, play->symbols.at,
				       play->symbols.nr, &play->funcs, &play->err);
	if (!ret)
		ret = play_implicit(play);
	if (!ret)
		ret = emit_split(&input, &play->bytes, &play->err);
	if (!ret)
		ret = btf_open(&play->btf, buffer_bytes(&play->bytes), &play->base, &play->err);
	return ret ? ret : btf_verify(&play->btf, &play->err);
}

void play_free(struct play *play)
{
	btf_close(&play->btf);
	buffer_free(&play->bytes);
	vec_free(&play->symbols);
	vec_free(&play->vars);
	vec_free(&play->tags);
	vec_free(&play->sections);
	vec_free(&play->strings);
	vec_free(&play->funcs);
	graph_free(&play->graph);
	settled_free(&play->settled);
	intern_free(&play->in);
	names_free(&play->names);
	btf_index_free(&play->index);
	btf_close(&play->base);
	buffer_free(&play->base_bytes);
}

int play_scene(struct play *play, const struct scene *scene, struct variation how)
{
	int ret = play_base(play, scene->base, how);

	play->implicit = scene->implicit;
	if (!ret && scene->by_base)
		btf_caps_read(&play->caps, &play->index);
	for (uint32_t i = 0; i < SCENE_UNITS && scene->units[i] && !ret; i++)
		ret = play_unit(play, scene->units[i], how);
	if (ret)
		return ret;
	if (scene->ambiguous)
		play->symbols.at[play_func_symbol(play, scene->ambiguous)].ambiguous = true;
	if (scene->kfunc) {
		struct func_tag tag = { play_func_symbol(play, scene->kfunc),
					id_of(play, "bpf_kfunc") };

		must(vec_push(&play->tags, tag));
	}
	return play_end(play, how.big_endian);
}

/* ---- what a test says of a scene ---- */

static void succeeds(struct play *play, const struct scene *scene, struct variation how)
{
	if (play_scene(play, scene, how))
		fail_msg("%s", play->err.text);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print_items(const char *what, char **items, uint32_t nr)
{
	print_message("%s:\n", what);
	for (uint32_t i = 0; i < nr; i++)
		print_message("  %s\n", items[i]);
}

static void same_items(char **have, uint32_t nr_have, char **want, uint32_t nr_want)
{
	bool same = nr_have == nr_want;

	for (uint32_t i = 0; i < nr_have && same; i++)
		same = !strcmp(have[i], want[i]);
	if (same)
		return;
	print_items("wanted", want, nr_want);
	print_items("have", have, nr_have);
	fail_msg("the module holds other types");
}

static void check_items(const struct play *play, char **want, uint32_t nr_want, bool in_order)
{
	char **have;
	uint32_t nr = render(&play->btf, &have);
	char *sorted[64];

	must(nr_want <= sizeof(sorted) / sizeof(*sorted));
	memcpy(sorted, want, nr_want * sizeof(*sorted));
	if (!in_order) {
		qsort(have, nr, sizeof(*have), compare_strings);
		qsort(sorted, nr_want, sizeof(*sorted), compare_strings);
	}
	same_items(have, nr, sorted, nr_want);
	render_free(have, nr);
	no_equal_types(&play->btf);
}

static void same_bytes(const struct play *play, const struct scene *scene, struct variation how)
{
	struct play again;

	succeeds(&again, scene, how);
	assert_int_equal(again.bytes.size, play->bytes.size);
	assert_memory_equal(again.bytes.data, play->bytes.data, play->bytes.size);
	play_free(&again);
}

static void check_scene(const struct scene *scene, char **want, uint32_t nr_want, bool in_order)
{
	struct play play, big;

	succeeds(&play, scene, (struct variation){ 0 });
	check_items(&play, want, nr_want, in_order);
	same_bytes(&play, scene, (struct variation){ .roomy_tables = true });
	same_bytes(&play, scene, (struct variation){ .pending_names = true });
	play_free(&play);
	succeeds(&big, scene, (struct variation){ .big_endian = true });
	assert_true(big.btf.big_endian);
	check_items(&big, want, nr_want, in_order);
	play_free(&big);
}

static uint32_t list(char **to, va_list ap)
{
	uint32_t nr = 0;

	while ((to[nr] = va_arg(ap, char *)))
		must(++nr < 64);
	return nr;
}

void holds(const struct scene *scene, ...)
{
	char *want[64];
	uint32_t nr;
	va_list ap;

	va_start(ap, scene);
	nr = list(want, ap);
	va_end(ap);
	check_scene(scene, want, nr, false);
}

void holds_in_order(const struct scene *scene, ...)
{
	char *want[64];
	uint32_t nr;
	va_list ap;

	va_start(ap, scene);
	nr = list(want, ap);
	va_end(ap);
	check_scene(scene, want, nr, true);
}

void drifts(const struct scene *scene, ...)
{
	char *want[64], *have[64], names[64][64];
	uint32_t nr_want;
	struct play play;
	va_list ap;

	va_start(ap, scene);
	nr_want = list(want, ap);
	va_end(ap);
	succeeds(&play, scene, (struct variation){ 0 });
	must(play.in.drifts.nr <= 64);
	for (uint32_t i = 0; i < play.in.drifts.nr; i++) {
		const struct btf_type *t = btf_type(&play.base, play.in.drifts.at[i].base_id);
		const char *kind = btf_kind(t) == BTF_KIND_STRUCT ? "struct" :
				   btf_kind(t) == BTF_KIND_UNION  ? "union" :
								    "enum";

		snprintf(names[i], sizeof(names[i]), "%s %s", kind, btf_name(&play.base, t));
		have[i] = names[i];
	}
	same_items(have, play.in.drifts.nr, want, nr_want);
	play_free(&play);
}

void refuses(const struct scene *scene, const char *words)
{
	struct play play;

	assert_int_equal(play_scene(&play, scene, (struct variation){ 0 }), -EINVAL);
	if (!strstr(play.err.text, words))
		fail_msg("'%s' does not say '%s'", play.err.text, words);
	play_free(&play);
}
