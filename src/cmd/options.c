// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/rootpath.h"
#include "cmd/cmd.h"
#include "cmd/say.h"
#include "module/pkcs7.h"

#define CONFIG_FILE "/etc/modbtf.conf"

/* Options that have no letter, not even for us. */
enum {
	OPTION_SIGN = 2,
	OPTION_SIGN_KEY,
	OPTION_SIGN_CERT,
	OPTION_SIGN_HASH,
	OPTION_SIGN_FILE,
	OPTION_CONFIG,
	OPTION_SHARD,
	OPTION_MEMLIMIT,
};

/* One option: how it is written, and what it says in the help. */
static const struct {
	uint32_t flag; /* 0: every command takes it */
	struct option option;
	const char *help;
} table[] = {
	{ OPT_BASE,
	  { "base", required_argument, NULL, 'b' },
	  "-b, --base=BASE       BTF of the kernel: raw BTF, an ELF file or a kernel image" },
	{ OPT_OLD_BASE,
	  { "old-base", required_argument, NULL, 'B' },
	  "    --old-base=BASE   the base that the module's present BTF was made on" },
	{ OPT_DEBUG,
	  { "debug", required_argument, NULL, 'G' },
	  "    --debug=PATH      a file with the debug info of a stripped module, or a directory\n"
	  "                        with such files (may be given several times)" },
	{ OPT_RELEASE,
	  { "kernel", required_argument, NULL, 'k' },
	  "-k, --kernel=RELEASE  the kernel it is for" },
	{ OPT_RELEASES,
	  { "kernel", required_argument, NULL, 'k' },
	  "-k, --kernel=RELEASE  a kernel (default: all); may be given several times" },
	{ OPT_OUT,
	  { "output", required_argument, NULL, 'o' },
	  "-o, --output=OUT      write to this file (generate: or into this directory)" },
	{ OPT_ROOT,
	  { "root", required_argument, NULL, 'R' },
	  "    --root=DIR        look for kernels under DIR" },
	{ OPT_JOBS,
	  { "jobs", required_argument, NULL, 'j' },
	  "-j, --jobs=N          use N threads (default: one a processor; those of make's jobserver)" },
	{ OPT_JOBS,
	  { "memlimit", required_argument, NULL, OPTION_MEMLIMIT },
	  "    --memlimit=SIZE   begin no further module where that would take more memory: bytes, or\n"
	  "                        with K, M, G, or % of what there is (default: 50%)" },
	{ OPT_SHARD,
	  { "shard", required_argument, NULL, OPTION_SHARD },
	  "    --shard=I/N       of the modules named take only part I of N, even by size; each of\n"
	  "                        N machines takes another one (with -o DIR)" },
	{ OPT_DRY_RUN,
	  { "dry-run", no_argument, NULL, 'n' },
	  "-n, --dry-run         do all but write" },
	{ OPT_BASE_SECTION,
	  { "base-section", required_argument, NULL, 'C' },
	  "    --base-section=auto|always|never\n"
	  "                        write .BTF.base, by which the kernel fits the BTF to its own at\n"
	  "                        load (auto: for modules from outside the kernel tree, where the\n"
	  "                        kernel can)" },
	{ OPT_SIGN,
	  { "sign-key", required_argument, NULL, OPTION_SIGN_KEY },
	  "    --sign-key=KEY    sign modules with this key, a file or a PKCS#11 URI; its\n"
	  "                        passphrase is taken from KBUILD_SIGN_PIN in the environment" },
	{ OPT_SIGN,
	  { "sign-cert", required_argument, NULL, OPTION_SIGN_CERT },
	  "    --sign-cert=CERT  the certificate that belongs to the key" },
	{ OPT_SIGN,
	  { "sign-hash", required_argument, NULL, OPTION_SIGN_HASH },
	  "    --sign-hash=HASH  sign by this hash (default: the old signature's, or the kernel's)" },
	{ OPT_SIGN,
	  { "sign-file", required_argument, NULL, OPTION_SIGN_FILE },
	  "    --sign-file=PROGRAM\n"
	  "                        sign with this program (default: the kernel's sign-file, or\n"
	  "                        kmodsign)" },
	{ OPT_SIGN,
	  { "sign", optional_argument, NULL, OPTION_SIGN },
	  "    --sign[=auto|always]\n"
	  "                        sign modules that are not signed as well (auto, the default: only\n"
	  "                        those that are)" },
	{ OPT_UNSIGNED,
	  { "unsigned", no_argument, NULL, 'U' },
	  "    --unsigned        write signed modules without their signature" },
	{ OPT_CONFIG,
	  { "config", required_argument, NULL, OPTION_CONFIG },
	  "    --config=FILE     read this file, not " CONFIG_FILE },
	{ OPT_FORCE,
	  { "force", no_argument, NULL, 'F' },
	  "    --force           take a base of another release than the module's" },
	{ OPT_STRICT,
	  { "strict", no_argument, NULL, 'S' },
	  "    --strict          fail where a name in .BTF_ids is not found" },
	{ OPT_DUMP,
	  { "dump", required_argument, NULL, 'D' },
	  "    --dump=raw|c      print the types, one a line or as C" },
	{ OPT_STORE,
	  { "list", no_argument, NULL, 'L' },
	  "    --list            list the bases that are kept for modules that were made on them" },
	{ OPT_STORE,
	  { "prune", no_argument, NULL, 'P' },
	  "    --prune           remove those of them that no installed module needs" },
	{ OPT_JSON,
	  { "json", no_argument, NULL, 'J' },
	  "    --json            one JSON object a line" },
	{ 0, { "quiet", no_argument, NULL, 'q' }, "-q, --quiet           print errors only" },
	{ 0, { "verbose", no_argument, NULL, 'v' }, "-v, --verbose         say more" },
	{ 0, { "help", no_argument, NULL, 'h' }, "-h, --help            print this" },
};

#define NR_OPTIONS (sizeof(table) / sizeof(*table))

static bool takes(const struct command *command, size_t i)
{
	return !table[i].flag || command->options & table[i].flag;
}

void print_usage(const struct command *command)
{
	printf("Usage: modbtf %s %s\n%s.\n\n", command->name, command->arguments, command->summary);
	for (size_t i = 0; i < NR_OPTIONS; i++)
		if (takes(command, i))
			printf("  %s\n", table[i].help);
}

static int wrong(const struct command *command)
{
	fprintf(stderr, "Try 'modbtf %s --help'.\n", command->name);
	return EXIT_USAGE;
}

static unsigned int nr_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) < 1)
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

static bool parse_jobs(const char *text, unsigned int *jobs)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || *end || end == text || n < 1 || n > 4096)
		return false;
	*jobs = (unsigned int)n;
	return true;
}

static bool parse_memory(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	unsigned long long n;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || !n)
		return false;
	if (!strcmp(end, "%")) {
		*bytes = n > 100 ? 0 : jobs_memory() / 100 * n;
		return *bytes != 0;
	}
	unit = *end ? strchr(units, *end) : NULL;
	if (unit && n <= UINT64_MAX >> 10 * (unit - units + 1))
		n <<= 10 * (unit - units + 1);
	else if (*end)
		return false;
	*bytes = n;
	return !*end || !end[1];
}

static bool is_one_of(const char *arg, const char *a, const char *b, const char *c)
{
	return !strcmp(arg, a) || !strcmp(arg, b) || (c && !strcmp(arg, c));
}

/* Takes one option about signing. False if @arg is none of its arguments. */
static bool take_sign(int option, const char *arg, struct options *options)
{
	switch (option) {
	case OPTION_SIGN_KEY:
		options->sign_key = arg;
		return *arg != '\0';
	case OPTION_SIGN_CERT:
		options->sign_cert = arg;
		return *arg != '\0';
	case OPTION_SIGN_FILE:
		options->sign_file = arg;
		return *arg != '\0';
	case OPTION_SIGN_HASH:
		options->sign_hash = arg;
		return pkcs7_hash_known(arg);
	default:
		options->sign = arg ? arg : "always";
		return is_one_of(options->sign, "auto", "always", NULL);
	}
}

static bool take_release(const char *arg, struct options *options)
{
	const char **more = reallocarray(options->releases, options->nr_releases + 1,
					 sizeof(*options->releases));

	if (!more)
		return false;
	more[options->nr_releases++] = arg;
	options->releases = more;
	options->release = arg;
	return true;
}

/* Takes one option. False if @arg is none of its arguments. */
static bool take(int option, const char *arg, struct options *options)
{
	switch (option) {
	case 'b':
		options->base = arg;
		return true;
	case 'B':
		options->old_base = arg;
		return true;
	case 'G':
		if (options->nr_debug == MAX_DEBUG)
			return false;
		options->debug[options->nr_debug++] = optarg;
		return true;
	case 'S':
		options->strict = true;
		return true;
	case 'k':
		return take_release(arg, options);
	case 'o':
		options->out = arg;
		return true;
	case 'R':
		options->root = arg;
		return true;
	case 'j':
		return parse_jobs(arg, &options->jobs);
	case 'n':
		options->dry_run = true;
		return true;
	case 'U':
		options->allow_unsigned = true;
		return true;
	case 'F':
		options->force = true;
		return true;
	case 'D':
		options->dump = arg;
		return is_one_of(arg, "raw", "c", NULL);
	case 'C':
		options->base_section = arg;
		return is_one_of(arg, "auto", "always", "never");
	case OPTION_SIGN_KEY:
	case OPTION_SIGN_CERT:
	case OPTION_SIGN_FILE:
	case OPTION_SIGN_HASH:
	case OPTION_SIGN:
		return take_sign(option, arg, options);
	case OPTION_CONFIG:
		options->config = arg;
		return true;
	case OPTION_MEMLIMIT:
		return parse_memory(arg, &options->memory);
	case OPTION_SHARD:
		return shard_parse(arg, &options->shard);
	case 'L':
		options->list = true;
		return true;
	case 'P':
		options->prune = true;
		return true;
	case 'J':
		options->json = true;
		return true;
	case 'q':
		options->quiet = true;
		return true;
	default:
		options->verbose = true;
		return true;
	}
}

static int check_files(const struct command *command, const struct options *options)
{
	if (options->nr_files < command->min_files) {
		say(stderr, "modbtf: %s: name %s\n", command->name,
		    command->min_files == 2 ? "two files" : "a module");
		return wrong(command);
	}
	if (command->max_files >= 0 && options->nr_files > command->max_files) {
		say(stderr, "modbtf: %s: takes no argument such as '%s'\n", command->name,
		    options->files[command->max_files]);
		return wrong(command);
	}
	return -1;
}

/* ---- the configuration file ---- */

/* Options that the file may have. */
static const struct {
	const char *name;
	bool is_path; /* in the file of a root, it is one below that */
} in_config[] = {
	{ "base-section", false }, { "jobs", false },	  { "memlimit", false },
	{ "sign", false },	   { "sign-key", true },  { "sign-cert", true },
	{ "sign-hash", false },	   { "sign-file", true },
};

#define NR_IN_CONFIG (sizeof(in_config) / sizeof(*in_config))

/* What a path in ROOT/etc/modbtf.conf means. */
static int move_under_root(struct config_entry *entry, const char *root)
{
	char *real;
	int ret;

	if (entry->value[0] != '/')
		return 0;
	ret = rootpath_resolve(&real, root, entry->value);
	if (ret && asprintf(&real, "%s%s", root, entry->value) < 0)
		return -ENOMEM;
	free(entry->value);
	entry->value = real;
	return 0;
}

/* Takes one line of the file. @given: the options of the command line, which count for more. */
static int take_entry(const struct command *command, struct config_entry *entry, const bool *given,
		      bool in_root, struct options *options, struct error *err)
{
	size_t n = 0, i = 0;

	/* What is there for scripts, those of kernel updates and those of DKMS. */
	if (is_one_of(entry->key, "hooks", "dkms", NULL))
		return 0;
	while (n < NR_IN_CONFIG && strcmp(in_config[n].name, entry->key) != 0)
		n++;
	if (n == NR_IN_CONFIG) {
		say(stderr, "modbtf: %s: warning: line %u: there is no '%s' (see modbtf.conf(5))\n",
		    options->conf.path, entry->line, entry->key);
		return 0;
	}
	while (strcmp(table[i].option.name, entry->key) != 0)
		i++;
	if (!takes(command, i) || given[table[i].option.val])
		return 0;
	if (in_root && in_config[n].is_path && move_under_root(entry, options->root))
		return error_nomem(err);
	if (take(table[i].option.val, entry->value, options))
		return 0;
	return error_set(err, -EINVAL, "line %u: '%s' is nothing that %s takes", entry->line,
			 entry->value, entry->key);
}

/* The usual file, where it is under the root; NULL where it is not. */
static char *find_config(const struct options *options)
{
	char *path;

	return rootpath_resolve(&path, options->root, CONFIG_FILE) ? NULL : path;
}

static int read_config(const struct command *command, const bool *given, struct options *options)
{
	bool in_root = !options->config && strcmp(options->root, "/") != 0;
	char *path = options->config ? strdup(options->config) : find_config(options);
	struct error err = ERROR_INIT;
	int ret = 0;

	if (path && *path)
		ret = config_read(&options->conf, path, &err);
	for (size_t i = 0; i < options->conf.nr && !ret; i++) {
		ret = take_entry(command, &options->conf.entries[i], given, in_root, options, &err);
		if (ret)
			error_in_file(&err, path);
	}
	free(path);
	if (!ret)
		return -1;
	complain(&err);
	return EXIT_FAULT;
}

void free_options(struct options *options)
{
	config_free(&options->conf);
	free(options->releases);
}

void init_jobs(struct jobs *jobs, const struct options *options)
{
	jobs_init(jobs, options->jobs ? options->jobs : nr_processors(),
		  options->memory ? options->memory : jobs_memory() / 2);
	if (!options->jobs)
		jobs_join_make(jobs, getenv("MAKEFLAGS"));
}

struct sign_options sign_options(const struct options *options)
{
	const char *seconds = getenv("MODBTF_SIGN_TIMEOUT");

	return (struct sign_options){ .program = options->sign_file,
				      .key = options->sign_key,
				      .cert = options->sign_cert,
				      .hash = options->sign_hash,
				      .root = options->root,
				      .seconds = seconds ?
							 (unsigned int)strtoul(seconds, NULL, 10) :
							 0,
				      .always = !strcmp(options->sign, "always") };
}

int parse_options(const struct command *command, int argc, char **argv, struct options *options)
{
	struct option longs[NR_OPTIONS + 1] = { 0 };
	char shorts[3 * NR_OPTIONS + 1] = "", *p = shorts;
	static char name[64];
	bool given[128] = { false };
	size_t nr = 0;
	int c;

	snprintf(name, sizeof(name), "modbtf: %s", command->name);
	argv[0] = name; /* what getopt_long() begins its messages with */
	*options = (struct options){ .root = "/", .base_section = "auto", .sign = "auto" };
	for (size_t i = 0; i < NR_OPTIONS; i++) {
		if (!takes(command, i))
			continue;
		longs[nr++] = table[i].option;
		if (table[i].option.val >= 'a') {
			*p++ = (char)table[i].option.val;
			if (table[i].option.has_arg)
				*p++ = ':';
		}
	}
	*p = '\0';
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 'h') {
			print_usage(command);
			return EXIT_WELL;
		}
		if (c == '?')
			return wrong(command);
		if (!take(c, optarg, options)) {
			say(stderr, "modbtf: %s: '%s' is nothing that this option takes\n",
			    command->name, optarg);
			return wrong(command);
		}
		given[c] = true;
	}
	options->files = argv + optind;
	options->nr_files = argc - optind;
	c = check_files(command, options);
	if (c >= 0)
		return c;
	/* What is kept from run to run is this system's, and an image that is being built wants none. */
	if (strcmp(options->root, "/"))
		setenv("MODBTF_INDEX_CACHE", "", 0);
	if (!(command->options & OPT_CONFIG))
		return c;
	return read_config(command, given, options);
}

enum base_section chosen_base_section(const struct options *options)
{
	if (!strcmp(options->base_section, "always"))
		return BASE_SECTION_ALWAYS;
	return strcmp(options->base_section, "never") ? BASE_SECTION_AUTO : BASE_SECTION_NEVER;
}

bool keeps_base(const struct options *options)
{
	return !options->base && !options->out && !options->dry_run &&
	       (geteuid() == 0 || strcmp(options->root, "/"));
}

void complain(const struct error *err)
{
	if (err->file[0])
		say(stderr, "modbtf: %s: %s\n", err->file, err->text);
	else
		say(stderr, "modbtf: %s\n", err->text);
}

void print_warnings(const char *file, const struct strlist *warnings)
{
	for (size_t i = 0; i < warnings->nr; i++)
		say(stderr, "modbtf: %s: warning: %s\n", file, warnings->items[i]);
}

const char *running_release(void)
{
	static struct utsname name;

	return uname(&name) ? "" : name.release;
}
