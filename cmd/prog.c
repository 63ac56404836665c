/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * prog.c - commands on programs
 */
#include "command.h"

#include "pin.h"
#include "records/print.h"
#include "show.h"

static const struct param show_params[] = {
	ARG_OPTIONAL(struct show_args, ref, INSPECT_PROG, "only these programs"),
	WORD_FLAG(struct show_args, no_owners, "no-owners",
		  "do not look for the processes that hold them"),
};

static const struct param pin_params[] = {
	ARG(struct pin_args, ref, INSPECT_PROG, "the program; a name or a tag must fit one alone"),
	ARG_PATH(struct pin_args, path, "FILE", "the new path, in a BPF file system"),
};

const struct command prog_commands[PROG_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show programs",
		PARAMS(struct show_args, show_params),
		.emits = { &prog_schema },
		.run = show_run,
	},
	HELP_COMMAND,
	NOT_BUILT("dump", "print the instructions of a program"),
	{
		.verb = "pin",
		.summary = "pin a program",
		PARAMS(struct pin_args, pin_params),
		.run = pin_run,
	},
	NOT_BUILT("load", "load a program and pin it"),
	NOT_BUILT("loadall", "load all programs of an object file and pin them"),
	NOT_BUILT("attach", "attach a program"),
	NOT_BUILT("detach", "detach a program"),
	NOT_BUILT("tracelog", "print what programs write to the trace log"),
	NOT_BUILT("run", "run a program on given data"),
	NOT_BUILT("profile", "count events while a program runs"),
};
