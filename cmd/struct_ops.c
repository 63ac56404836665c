/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops.c - commands on the kernel's operations that programs carry out
 */
#include "command.h"

#include "value/print.h"

struct map_args {
	struct inspect_ref map;
};

static int struct_ops_show(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct map_args *given = args;

	return print_struct_ops(cli->inspect, cli->sink, &given->map, err);
}

static int struct_ops_dump(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct map_args *given = args;

	return print_struct_ops_dump(cli->inspect, cli->sink, &given->map, err);
}

/* What was done is told where bpftool tells it: beside the output. */
static int struct_ops_unregister(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct map_args *given = args;
	struct inspect_struct_ops ops = { 0 };

	int r = inspect_struct_ops_unregister(cli->inspect, &given->map, &ops, err);
	if (!r && sink_is_text(cli->sink))
		out_fmt(cli->err, "Unregistered %s %s id %u\n", ops.type, ops.name, ops.id);
	inspect_struct_ops_done(&ops);
	return r;
}

static const struct param show_params[] = {
	ARG_OPTIONAL(struct map_args, map, INSPECT_MAP, "only these struct_ops maps"),
};

static const struct param unregister_params[] = {
	ARG(struct map_args, map, INSPECT_MAP, "the map; a name must fit one struct_ops map alone"),
};

const struct command struct_ops_commands[STRUCT_OPS_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show struct_ops maps",
		PARAMS(struct map_args, show_params),
		.emits = { &struct_ops_schema },
		.run = struct_ops_show,
	},
	NOT_BUILT("register", "register the struct_ops of an object file"),
	{
		.verb = "unregister",
		.summary = "end a registration that no link holds",
		PARAMS(struct map_args, unregister_params),
		.run = struct_ops_unregister,
	},
	{
		.verb = "dump",
		.summary = "print what is in struct_ops maps",
		PARAMS(struct map_args, show_params),
		.emits = { &struct_ops_dump_schema },
		.run = struct_ops_dump,
	},
	HELP_COMMAND,
};
