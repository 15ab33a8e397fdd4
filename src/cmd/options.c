// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd/cmd.h"

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
	{ OPT_RELEASE,
	  { "kernel", required_argument, NULL, 'k' },
	  "-k, --kernel=RELEASE  the kernel it is for" },
	{ OPT_RELEASES,
	  { "kernel", required_argument, NULL, 'k' },
	  "-k, --kernel=RELEASE  a kernel (default: all); may be given several times" },
	{ OPT_OUT,
	  { "output", required_argument, NULL, 'o' },
	  "-o, --output=OUT      write to this file" },
	{ OPT_ROOT,
	  { "root", required_argument, NULL, 'R' },
	  "    --root=DIR        look for kernels under DIR" },
	{ OPT_JOBS,
	  { "jobs", required_argument, NULL, 'j' },
	  "-j, --jobs=N          work on N modules at a time (default: one a processor)" },
	{ OPT_DRY_RUN,
	  { "dry-run", no_argument, NULL, 'n' },
	  "-n, --dry-run         do all but write" },
	{ OPT_BASE_SECTION,
	  { "base-section", required_argument, NULL, 'C' },
	  "    --base-section=auto|always|never\n"
	  "                        write .BTF.base, by which the kernel fits the BTF to its own at\n"
	  "                        load (auto: for modules from outside the kernel tree, where the\n"
	  "                        kernel can)" },
	{ OPT_UNSIGNED,
	  { "unsigned", no_argument, NULL, 'U' },
	  "    --unsigned        write signed modules without their signature" },
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

static bool take_release(struct options *options)
{
	const char **more = reallocarray(options->releases, options->nr_releases + 1,
					 sizeof(*options->releases));

	if (!more)
		return false;
	more[options->nr_releases++] = optarg;
	options->releases = more;
	options->release = optarg;
	return true;
}

/* Takes one option. False if its argument is none. */
static bool take(int option, struct options *options)
{
	switch (option) {
	case 'b':
		options->base = optarg;
		return true;
	case 'B':
		options->old_base = optarg;
		return true;
	case 'S':
		options->strict = true;
		return true;
	case 'k':
		return take_release(options);
	case 'o':
		options->out = optarg;
		return true;
	case 'R':
		options->root = optarg;
		return true;
	case 'j':
		return parse_jobs(optarg, &options->jobs);
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
		options->dump = optarg;
		return !strcmp(optarg, "raw") || !strcmp(optarg, "c");
	case 'C':
		options->base_section = optarg;
		return !strcmp(optarg, "auto") || !strcmp(optarg, "always") ||
		       !strcmp(optarg, "never");
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
		fprintf(stderr, "modbtf: %s: name a module\n", command->name);
		return wrong(command);
	}
	if (command->max_files >= 0 && options->nr_files > command->max_files) {
		fprintf(stderr, "modbtf: %s: takes no argument such as '%s'\n", command->name,
			options->files[command->max_files]);
		return wrong(command);
	}
	return -1;
}

int parse_options(const struct command *command, int argc, char **argv, struct options *options)
{
	struct option longs[NR_OPTIONS + 1] = { 0 };
	char shorts[3 * NR_OPTIONS + 1] = "", *p = shorts;
	static char name[64];
	size_t nr = 0;
	int c;

	snprintf(name, sizeof(name), "modbtf: %s", command->name);
	argv[0] = name; /* what getopt_long() begins its messages with */
	*options = (struct options){ .root = "/", .jobs = nr_processors(), .base_section = "auto" };
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
		if (!take(c, options)) {
			fprintf(stderr, "modbtf: %s: '%s' is nothing that this option takes\n",
				command->name, optarg);
			return wrong(command);
		}
	}
	options->files = argv + optind;
	options->nr_files = argc - optind;
	return check_files(command, options);
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
		fprintf(stderr, "modbtf: %s: %s\n", err->file, err->text);
	else
		fprintf(stderr, "modbtf: %s\n", err->text);
}

void print_warnings(const char *file, const struct strlist *warnings)
{
	for (size_t i = 0; i < warnings->nr; i++)
		fprintf(stderr, "modbtf: %s: warning: %s\n", file, warnings->items[i]);
}

const char *running_release(void)
{
	static struct utsname name;

	return uname(&name) ? "" : name.release;
}
