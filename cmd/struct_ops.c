/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops.c - commands on the kernel's operations that programs carry out
 */
#include "command.h"

#include "attach/print.h"
#include "show.h"
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

struct register_args {
	const char *file;
	const char *link_dir;
};

static int struct_ops_register(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct register_args *given = args;
	const struct inspect_note note = { show_note_text, cli };
	const struct inspect_load_spec spec = {
		.file = given->file,
		.attaches_maps = true,
		.is_lenient = cli->options.is_lenient,
		.log_level = cli->options.is_debug ? INSPECT_LOG_ALL : 0,
	};
	const struct print_register how = {
		.spec = &spec,
		.link_dir = given->link_dir,
		.no_mount = cli->options.no_mount,
		.told = sink_is_text(cli->sink) ? cli->err : NULL,
		.note = &note,
	};

	return print_struct_ops_register(cli->inspect, cli->sink, &how, err);
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

static const struct param register_params[] = {
	ARG_PATH(struct register_args, file, "OBJ", "the object file that a compiler made"),
	ARG_PATH_OPTIONAL(struct register_args, link_dir, "LINK_DIR",
			  "where to pin links, each by the name of its map; needed where there are "
			  "such"),
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
	{
		.verb = "register",
		.summary = "register the struct_ops of an object file, all or none",
		PARAMS(struct register_args, register_params),
		.emits = { &struct_ops_schema },
		.run = struct_ops_register,
	},
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
