// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

static const struct command *const commands[] = {
	&cmd_generate, &cmd_update, &cmd_check, &cmd_show, &cmd_diff, &cmd_base,
};

#define NR_COMMANDS (sizeof(commands) / sizeof(*commands))

static void usage(FILE *out)
{
	fputs("Usage: modbtf COMMAND [OPTION]... [FILE]...\n"
	      "Split BTF for kernel modules that are built outside the kernel tree.\n\n",
	      out);
	for (size_t i = 0; i < NR_COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n'modbtf COMMAND --help' tells the options of a command, 'modbtf --version' the "
	      "version.\n",
	      out);
}

int main(int argc, char **argv)
{
	struct options options;
	int ret;

	/* Programs that we run are waited for, which whoever started us may have switched off. */
	signal(SIGCHLD, SIG_DFL);
	/* A write over the file size limit fails, and is reported like any other. */
	signal(SIGXFSZ, SIG_IGN);
	/* A message is written whole: others of this make or rpmbuild write there too. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_WELL;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("modbtf " MODBTF_VERSION);
		return EXIT_WELL;
	}
	for (size_t i = 0; i < NR_COMMANDS; i++) {
		if (strcmp(argv[1], commands[i]->name))
			continue;
		ret = parse_options(commands[i], argc - 1, argv + 1, &options);
		if (ret < 0)
			ret = commands[i]->run(&options);
		free_options(&options);
		if (fflush(stdout) || ferror(stdout)) {
			fprintf(stderr, "modbtf: cannot write to standard output\n");
			return commands[i]->failure ? commands[i]->failure : EXIT_FAULT;
		}
		return ret;
	}
	fprintf(stderr, "modbtf: '%s' is no command; 'modbtf --help' lists them\n", argv[1]);
	return EXIT_USAGE;
}
