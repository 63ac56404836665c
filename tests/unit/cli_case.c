/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cli_case.c - a command line from its words to its output, without a process
 */
#include "cli_case.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parse.h"
#include "report.h"

#define WORDS_MAX 32

void cli_case_run(struct cli_case *c, const char *program, struct inspect *inspect,
		  const char *const *words)
{
	char *argv[WORDS_MAX + 1] = { (char *)(uintptr_t)program };
	int argc = 1, first = 1;
	struct cli cli = {
		.inspect = inspect,
		.out = capture_out(&c->out),
		.err = capture_out(&c->err),
		.sink = &c->out.sink,
		.program = program,
		.is_bpftool = strcmp(program, "bpftool") == 0,
	};

	for (; words[argc - 1]; argc++) {
		assert_true(argc < WORDS_MAX);
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	}
	c->error = (struct inspect_error){ 0 };
	optind = 0; /* begins anew */
	c->result = parse_options(&cli, argc, argv, &first, &c->error);
	sink_init(&c->out.sink, cli.out, cli.options.form, cli.options.is_pretty,
		  cli.options.columns);
	if (!c->result && cli.options.wants_help)
		c->result = help_show(&cli, NULL);
	else if (!c->result)
		c->result = command_run(&cli, (const char *const *)argv + first,
					(size_t)(argc - first), &c->error);
	if (c->result < 0)
		report(&cli, &c->error);
	c->options = cli.options;
	capture_end(&c->out);
	capture_end(&c->err);
}

void cli_case_done(struct cli_case *c)
{
	capture_done(&c->out);
	capture_done(&c->err);
}
