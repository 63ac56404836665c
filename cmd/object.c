/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object.c - commands on compiled objects, which are read and not loaded
 */
#include "command.h"

#include <string.h>

#include "base/error.h"
#include "code/print.h"

struct show_args {
	const char *file;
};

static int object_show(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct show_args *show = args;

	return print_object(cli->sink, show->file, err);
}

static const struct param show_params[] = {
	ARG_PATH(struct show_args, file, "FILE", "the object file that a compiler made"),
};

const struct command object_commands[OBJECT_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show what is in an object file, without loading it",
		PARAMS(struct show_args, show_params),
		.emits = { &object_schema },
		.run = object_show,
	},
	HELP_COMMAND,
};
