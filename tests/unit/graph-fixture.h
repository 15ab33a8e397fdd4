/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenes: a base and the units of a module, both as text (graph-text.h), and the split BTF that
 * becomes of them, as text again:
 *
 *	holds(SCENE("struct foo { int a; }", "*struct foo"), "+*struct foo", NULL);
 *
 * A "+" before a type says that it is an own type of the module; without it, it is the base's. Where
 * a name has several definitions (of the base's, or of ours) #1, #2 tell which; #0 is a declaration.
 */
#ifndef MODBTF_TESTS_UNIT_GRAPH_FIXTURE_H
#define MODBTF_TESTS_UNIT_GRAPH_FIXTURE_H

#include "btf/adapt.h"
#include "btf/emit.h"
#include "btf/variants.h"
#include "graph-text.h"

#define SCENE_UNITS 8

struct scene {
	const char *base;
	const char *units[SCENE_UNITS]; /* up to the first NULL */
	const char *ambiguous;		/* the symbol of that name is */
	const char *kfunc;		/* the function of that name gets a tag "bpf_kfunc" */
	/* The kernel knows no kind that its base does not show (btf/caps.h); else it knows all. */
	bool by_base;
	const char *implicit; /* the function of that name has implicit arguments, if it knows them */
};

#define SCENE(text, ...) (&(const struct scene){ .base = (text), .units = { __VA_ARGS__ } })

/* What must not change the bytes that come out, and the byte order. */
struct variation {
	bool big_endian;
	bool roomy_tables;
	bool pending_names; /* of members and values, as the DWARF reader leaves them */
};

/* A scene while it is played, stage after stage. */
struct play {
	struct buffer base_bytes;
	struct btf base;
	struct btf_index index;
	struct btf_caps caps; /* all, unless they are changed after play_base() */
	struct names names;
	struct intern in;
	struct settled settled;
	func_choices_t funcs;
	VEC(struct func_symbol) symbols;
	VEC(struct var_symbol) vars;
	VEC(struct func_tag) tags;
	words_t sections;
	const char *implicit;
	struct graph graph;
	text_strings_t strings; /* of the graph, where names are pending */
	struct buffer bytes;	/* the split BTF */
	struct btf btf;
	struct error err;
};

/* Opens and indexes the base. All of these return 0, or the error that is in play->err. */
int play_base(struct play *play, const char *base, struct variation how);
int play_base_bytes(struct play *play, struct buffer base_bytes);

/* Checks and interns play->graph as the next unit. */
int play_graph(struct play *play);

/* Adds the function or variable symbol of that name unless there is one; returns its index. */
uint32_t play_func_symbol(struct play *play, const char *name);

/* From split_variants() to btf_verify(). */
int play_end(struct play *play, bool big_endian);
void play_free(struct play *play);

/* All of it. */
int play_scene(struct play *play, const struct scene *scene, struct variation how);

/*
 * The scene's split BTF holds the types that follow, in any order, up to a NULL, and no others. It
 * is the same bytes when made again with other table sizes and with pending names, says the same in big endian, passes
 * btf_verify(), and no type in it equals another one or one of the base.
 */
void holds(const struct scene *scene, ...) __attribute__((sentinel));

/* The same, the types in this very order. */
void holds_in_order(const struct scene *scene, ...) __attribute__((sentinel));

/* The scene reports drift of these types of the base ("struct foo"), up to a NULL, in order. */
void drifts(const struct scene *scene, ...) __attribute__((sentinel));

/* The scene fails with -EINVAL and a text that says @words. */
void refuses(const struct scene *scene, const char *words);

/* The own types of @btf as text, each allocated, in the order of ids; their number. */
uint32_t render(const struct btf *btf, char ***items);
void render_free(char **items, uint32_t nr);

/* Fails the test if an own type of @btf equals another own one, or one of its base. */
void no_equal_types(const struct btf *btf);

#endif
