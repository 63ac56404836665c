/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * parse.h - options, and words to a command's argument struct
 */
#ifndef CMD_PARSE_H
#define CMD_PARSE_H

#include "command.h"

struct option_help {
	char letter;
	const char *name;
	const char *value; /* what the option's argument is called, or NULL */
	const char *help;
	bool is_refused;
};

extern const struct option_help option_table[];
extern const size_t n_options;

/*
 * Takes the options out of a command line; what is left in argv from *first on are its words.
 * 0 or a negative error. Stops at -h.
 */
int parse_options(struct cli *cli, int argc, char **argv, int *first, struct inspect_error *err);

int parse_and_run(struct cli *cli, const struct noun *noun, const struct command *command,
		  const char *const *words, size_t n, struct inspect_error *err);

#endif
