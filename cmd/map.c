/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map.c - commands on maps
 */
#include "command.h"

#include "base/error.h"
#include "report.h"
#include "show.h"
#include "value/print.h"

struct dump_args {
	struct inspect_ref map;
	unsigned long long limit;
	bool count;
	bool typed;
};

static void note(void *context, const char *text)
{
	const struct cli *cli = context;

	out_fmt(cli->err, "note: %s\n", text);
}

static void fail(void *context, const struct inspect_error *error)
{
	report(context, error);
}

static int map_dump(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct dump_args *dump = args;
	const struct print_elems how = {
		.limit = dump->limit,
		.count_only = dump->count,
		.is_typed = dump->typed,
		.note = note,
		.fail = fail,
		.context = cli,
	};

	if (dump->count && dump->limit)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "map dump: 'limit' and 'count' exclude each other");
	return print_elems(cli->inspect, cli->sink, &dump->map, &how, err);
}

static const struct param show_params[] = {
	ARG_OPTIONAL(struct show_args, ref, INSPECT_MAP, "only these maps"),
	WORD_FLAG(struct show_args, no_owners, "no-owners",
		  "do not look for the processes that hold them"),
};

static const struct param dump_params[] = {
	ARG(struct dump_args, map, INSPECT_MAP,
	    "the map to read; of one name there may be several"),
	WORD_COUNT(struct dump_args, limit, "limit", "stop after COUNT elements"),
	WORD_FLAG(struct dump_args, count, "count", "print only how many elements there are"),
	WORD_FLAG(struct dump_args, typed, "typed",
		  "show a map without BTF by the types that a program has for it"),
};

const struct command map_commands[MAP_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show maps",
		PARAMS(struct show_args, show_params),
		.run = show_run,
	},
	HELP_COMMAND,
	{
		.verb = "dump",
		.summary = "print the elements of a map",
		PARAMS(struct dump_args, dump_params),
		.run = map_dump,
	},
	NOT_BUILT("update", "add or change an element"),
	NOT_BUILT("lookup", "print one element"),
	NOT_BUILT("getnext", "print the key after a key"),
	NOT_BUILT("delete", "delete an element"),
	NOT_BUILT("pin", "pin a map"),
	NOT_BUILT("event_pipe", "print the events that come through a map"),
	NOT_BUILT("create", "create a map and pin it"),
	NOT_BUILT("peek", "print the next element of a queue or a stack"),
	NOT_BUILT("push", "add an element to a stack"),
	NOT_BUILT("enqueue", "add an element to a queue"),
	NOT_BUILT("pop", "print and remove the next element of a stack"),
	NOT_BUILT("dequeue", "print and remove the next element of a queue"),
	NOT_BUILT("freeze", "make a map read-only for user space"),
};
