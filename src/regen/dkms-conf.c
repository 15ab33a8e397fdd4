// SPDX-License-Identifier: GPL-2.0-only
#include "regen/dkms-conf.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/rootpath.h"
#include "io/dir.h"
#include "io/file.h"
#include "util/strlist.h"
#include "util/vec.h"

/* A configuration is a page or two. */
#define FILE_MOST ((size_t)1 << 20)

#define PLACE "etc/dkms/framework.conf"

/* Of modbtf-dkms(8): it has modules signed by way of modbtf, which is no answer to who signs them. */
#define OURS "zz-modbtf.conf"

static const char *const names[DKMS_NR] = {
	[DKMS_SIGN_FILE] = "sign_file",
	[DKMS_KEY] = "mok_signing_key",
	[DKMS_CERTIFICATE] = "mok_certificate",
	[DKMS_KERNELVER] = "kernelver",
	[DKMS_TREE] = "dkms_tree",
	[DKMS_SOURCE_TREE] = "source_tree",
	[DKMS_INSTALL_TREE] = "install_tree",
};

/* How a command ends; what comes next may depend on it. */
enum end { END_OF_COMMAND, END_CONDITION, END_OF_FILE };

struct scan {
	struct dkms_conf *conf;
	const char *path;
	const char *p, *end;
	unsigned int line;
	VEC(char) word; /* the present word, quotes taken off, ended by NUL */
	bool plain;	/* nothing in it that a shell would have to work out */
	bool failed;	/* out of memory */
	bool lost;	/* from here on it takes a shell to tell what is what */
	int depth;	/* of compound commands */
	int parentheses;
};

static void put(struct scan *s, char c)
{
	if (!vec_push(&s->word, c))
		s->failed = true;
}

static void put_text(struct scan *s, const char *text)
{
	for (; *text; text++)
		put(s, *text);
}

/* The next character, '\0' at the end. */
static char look(const struct scan *s)
{
	return s->p < s->end ? *s->p : '\0';
}

static char get(struct scan *s)
{
	char c = look(s);

	if (s->p < s->end)
		s->p++;
	if (c == '\n')
		s->line++;
	if (!c)
		s->lost = true; /* a quote without its end, or a NUL */
	return c;
}

static int find_variable(const char *name, size_t len)
{
	for (int i = 0; i < DKMS_NR; i++)
		if (strlen(names[i]) == len && !memcmp(names[i], name, len))
			return i;
	return -1;
}

static size_t name_length(const char *p, const char *end)
{
	size_t n = 0;

	if (p < end && isdigit((unsigned char)*p))
		return 0;
	while (p + n < end && (isalnum((unsigned char)p[n]) || p[n] == '_'))
		n++;
	return n;
}

/* Steps over the rest of $(...) or `...`, whatever is in it. */
static void skip_command(struct scan *s, char open)
{
	const char close = open == '(' ? ')' : '`';
	int depth = 1;

	s->plain = false;
	while (depth && !s->lost) {
		char c = get(s);

		if (c == '\\')
			get(s);
		else if (c == close)
			depth--;
		else if (c == open)
			depth++;
	}
}

/* Behind a '$'. */
static void expand(struct scan *s)
{
	bool braces = look(s) == '{';
	const char *name = s->p + braces;
	size_t len = name_length(name, s->end);
	int variable = find_variable(name, len);

	if (look(s) == '(') {
		skip_command(s, get(s));
		return;
	}
	if (!len || (braces && (name + len >= s->end || name[len] != '}'))) {
		s->plain = false;
		return;
	}
	s->p = name + len + braces;
	if (variable < 0 || !s->conf->values[variable].text)
		s->plain = false;
	else
		put_text(s, s->conf->values[variable].text);
}

static void take_single_quotes(struct scan *s)
{
	char c;

	while ((c = get(s)) != '\'' && !s->lost)
		put(s, c);
}

static void take_double_quotes(struct scan *s)
{
	char c;

	while (!s->lost && (c = get(s)) != '"') {
		if (c == '\\' && look(s) && strchr("$`\"\\", look(s)))
			put(s, get(s));
		else if (c == '\\' && look(s) == '\n')
			get(s);
		else if (c == '$')
			expand(s);
		else if (c == '`')
			skip_command(s, c);
		else
			put(s, c);
	}
}

/* Parentheses and redirections: not part of a plain value, and no end of a command either. */
static void take_operator(struct scan *s, char c)
{
	s->plain = false;
	if (c == '(')
		s->parentheses++;
	else if (c == ')' && s->parentheses) /* not a pattern of case */
		s->parentheses--;
	else if (c == '<' && look(s) == '<')
		s->lost = true; /* text follows, up to a line that is named here */
	put(s, c);
}

static void skip_blanks(struct scan *s)
{
	for (;;) {
		if (look(s) == ' ' || look(s) == '\t' || look(s) == '\r')
			s->p++;
		else if (look(s) == '\\' && s->p + 1 < s->end && s->p[1] == '\n')
			get(s), get(s);
		else
			break;
	}
	if (look(s) == '#')
		while (s->p < s->end && *s->p != '\n')
			s->p++;
}

/* Takes a word into s->word. False if the command ends here. */
static bool take_word(struct scan *s)
{
	s->word.nr = 0;
	s->plain = true;
	skip_blanks(s);
	if (s->p >= s->end || strchr("\n;&|", *s->p))
		return false;
	while (s->p < s->end && !s->lost && !s->failed && (!*s->p || !strchr(" \t\n;&|", *s->p))) {
		char c = get(s);

		if (c == '\'')
			take_single_quotes(s);
		else if (c == '"')
			take_double_quotes(s);
		else if (c == '$')
			expand(s);
		else if (c == '`')
			skip_command(s, c);
		else if (c == '\\' && look(s) == '\n')
			get(s);
		else if (c == '\\')
			put(s, get(s));
		else if (c && strchr("()<>", c))
			take_operator(s, c);
		else if (c != '\r')
			put(s, c);
	}
	put(s, '\0');
	return !s->failed;
}

static enum end take_end(struct scan *s)
{
	char c;

	if (s->p >= s->end)
		return END_OF_FILE;
	c = get(s);
	if (c == '\n' || c == ';')
		return END_OF_COMMAND;
	if (look(s) == c) {
		get(s);
		return END_CONDITION;
	}
	s->lost = true; /* what is in a pipe or in the background sets nothing here */
	return END_OF_FILE;
}

static void set(struct scan *s, int variable, const char *text)
{
	struct dkms_value *value = &s->conf->values[variable];

	free(value->text);
	free(value->place);
	*value = (struct dkms_value){ 0 };
	if (text) {
		value->text = strdup(text);
		s->failed |= !value->text;
	} else if (asprintf(&value->place, "%s:%u", s->path, s->line) < 0) {
		value->place = NULL;
		s->failed = true;
	}
}

/* Nothing can be said of what the word may set: all (if @any), or those that it names. */
static void obscure(struct scan *s, bool any)
{
	for (int i = 0; i < DKMS_NR; i++)
		if (any || (s->word.nr && strstr(s->word.at, names[i])))
			set(s, i, NULL);
}

static bool is_one_of(const char *word, const char *const list[])
{
	for (size_t i = 0; list[i]; i++)
		if (!strcmp(word, list[i]))
			return true;
	return false;
}

/* Is the word an assignment? Then it is made, as far as it can be, and added to @assigned. */
static bool assign(struct scan *s, bool certain, uint32_t *assigned)
{
	const char *word = s->word.at, *end = word + s->word.nr;
	size_t len = name_length(word, end);
	int variable = find_variable(word, len);

	if (!len || (word[len] != '=' && (word[len] != '+' || word[len + 1] != '=')))
		return false;
	if (variable >= 0) {
		const char *text = word + len + 1;

		/* A tilde is the user's home. */
		if (word[len] == '+' || !s->plain || !certain || *text == '~')
			text = NULL;
		set(s, variable, text);
		*assigned |= 1U << variable;
	}
	return true;
}

/* One command. @last: how the one before it ended, which says whether it is run at all. */
static enum end take_command(struct scan *s, enum end last)
{
	static const char *const openers[] = { "if",	 "while", "until",    "for", "case",
					       "select", "{",	  "function", "[[",  NULL };
	static const char *const closers[] = { "fi", "done", "esac", "}", NULL };
	static const char *const between[] = { "then", "else", "elif", "do", "!", "time", NULL };
	static const char *const others[] = { "source", ".", "eval", NULL };
	static const char *const leaving[] = { "return", "exit", "exec", NULL };
	bool certain = last == END_OF_COMMAND, first = true, command = false;
	uint32_t assigned = 0;
	enum end end;

	while (!s->lost && !s->failed && take_word(s)) {
		const char *word = s->word.at;

		if (!strcmp(word, "{") || (first && strcmp(word, "[[") && is_one_of(word, openers)))
			s->depth++;
		else if (first && is_one_of(word, closers))
			s->depth -= s->depth > 0;
		else if (first && is_one_of(word, between))
			continue;
		else if (first && is_one_of(word, leaving))
			s->lost = true;
		else if (first && is_one_of(word, others))
			obscure(s, true);
		else if (first && !strcmp(word, "export"))
			continue;
		else if (!command &&
			 assign(s, certain && !s->depth && !s->parentheses && !s->lost, &assigned))
			continue;
		else
			command = true;
		if (command || s->depth)
			obscure(s, false);
		first = false;
	}
	/* Before a command they are for that alone. */
	for (int i = 0; i < DKMS_NR && command; i++)
		if (assigned & 1U << i)
			set(s, i, NULL);
	end = s->lost || s->failed ? END_OF_FILE : take_end(s);
	return first && end == END_OF_COMMAND ? last : end; /* an empty line ends nothing */
}

int dkms_conf_parse(struct dkms_conf *conf, struct bytes text, const char *path)
{
	struct scan s = { .conf = conf,
			  .path = path,
			  .p = (const char *)text.data,
			  .end = (const char *)text.data + text.size,
			  .line = 1 };
	enum end last = END_OF_COMMAND;

	while (last != END_OF_FILE)
		last = take_command(&s, last);
	/* What is not understood may set anything. */
	if (s.lost)
		for (int i = 0; i < DKMS_NR; i++)
			set(&s, i, NULL);
	vec_free(&s.word);
	return s.failed ? -ENOMEM : 0;
}

int dkms_conf_init(struct dkms_conf *conf, const char *release)
{
	const char *const defaults[DKMS_NR] = { [DKMS_KERNELVER] = release,
						[DKMS_TREE] = "/var/lib/dkms",
						[DKMS_SOURCE_TREE] = "/usr/src",
						[DKMS_INSTALL_TREE] = "/lib/modules" };

	*conf = (struct dkms_conf){ 0 };
	for (int i = 0; i < DKMS_NR; i++) {
		if (!defaults[i])
			continue;
		conf->values[i].text = strdup(defaults[i]);
		if (!conf->values[i].text)
			return -ENOMEM;
	}
	return 0;
}

static int read_file(struct dkms_conf *conf, const char *root, const char *path)
{
	struct file_map file;
	char *real;
	int ret = rootpath_resolve(&real, root, path);

	if (ret)
		return ret == -ENOMEM ? ret : 0;
	if (!file_map_open(&file, real, NULL)) {
		if (file.bytes.size <= FILE_MOST)
			ret = dkms_conf_parse(conf, file.bytes, real);
		file_map_close(&file);
	}
	free(real);
	return ret;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* NAME.conf in framework.conf.d, as a shell lists them. */
static int list_dropins(struct strlist *list, const char *root)
{
	struct dirent *entry;
	char *real;
	DIR *dir;
	int ret = rootpath_resolve(&real, root, PLACE ".d");

	if (ret)
		return ret == -ENOMEM ? ret : 0;
	dir = dir_open(AT_FDCWD, real);
	free(real);
	if (!dir)
		return 0;
	while (!ret && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (entry->d_name[0] != '.' && len > 5 &&
		    !strcmp(entry->d_name + len - 5, ".conf") && strcmp(entry->d_name, OURS) != 0)
			ret = strlist_add(list, PLACE ".d/%s", entry->d_name);
	}
	closedir(dir);
	if (list->nr)
		qsort(list->items, list->nr, sizeof(*list->items), compare);
	return ret;
}

int dkms_conf_read(struct dkms_conf *conf, const char *root, const char *release, struct error *err)
{
	struct strlist dropins = { 0 };
	int ret = dkms_conf_init(conf, release);

	if (!ret)
		ret = read_file(conf, root, PLACE);
	if (!ret)
		ret = list_dropins(&dropins, root);
	for (size_t i = 0; i < dropins.nr && !ret; i++)
		ret = read_file(conf, root, dropins.items[i]);
	strlist_free(&dropins);
	return ret ? error_nomem(err) : 0;
}

void dkms_conf_free(struct dkms_conf *conf)
{
	for (int i = 0; i < DKMS_NR; i++) {
		free(conf->values[i].text);
		free(conf->values[i].place);
	}
	*conf = (struct dkms_conf){ 0 };
}
