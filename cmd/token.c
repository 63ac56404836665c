/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * token.c - commands on BPF tokens
 */
#include "command.h"

#include "records/print.h"

static int token_show(struct cli *cli, const void *args, struct inspect_error *err)
{
	(void)args;
	return print_tokens(cli->inspect, cli->sink, err);
}

const struct command token_commands[TOKEN_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show what mounts of BPF file systems delegate",
		.emits = { &token_schema },
		.run = token_show,
	},
	HELP_COMMAND,
};
