/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cli_case.h - a command line from its words to its output, without a process
 */
#ifndef TESTS_CLI_CASE_H
#define TESTS_CLI_CASE_H

#include "capture.h"
#include "command.h"

struct cli_case {
	struct capture out;
	struct capture err;
	struct inspect_error error;
	struct options options;
	int result; /* of the command: 0, 1 or a negative error */
};

#define AUTO_CLI AUTO(cli_case_done) struct cli_case

/*
 * Runs the words behind the program's name @program, as main() does. What was written lies in
 * out.text and err.text. NULL ends the words.
 */
void cli_case_run(struct cli_case *c, const char *program, struct inspect *inspect,
		  const char *const *words);
void cli_case_done(struct cli_case *c);

#define CLI_RUN(c, inspect, ...)                                                                   \
	cli_case_run(c, "bpflens", inspect, (const char *[]){ __VA_ARGS__, NULL })

#endif
