/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pin.c - commands on pins, and "pin" and "unpin", the same for programs, maps and links
 */
#include "pin.h"

#include "base/error.h"
#include "records/print.h"
#include "show.h"

int pin_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct pin_args *given = args;
	const struct inspect_note note = { show_note, cli };

	int r = inspect_pin(cli->inspect, &given->ref, given->path, cli->options.no_mount, &note,
			    err);
	return show_note_name(cli, &given->ref, r);
}

/* What else holds objects may be known in part alone. */
static int unpin(struct cli *cli, const struct inspect_unpin *how, struct inspect_error *err)
{
	int r = print_unpin(cli->inspect, cli->sink, how, err);
	const char *note = inspect_owners_note(cli->inspect);

	if (note)
		show_note_text(cli, note);
	return r;
}

static int unpin_one(struct cli *cli, const struct unpin_args *given, enum inspect_kind kind,
		     struct inspect_error *err)
{
	const struct inspect_unpin how = {
		.paths = { &given->path, 1 },
		.has_kind = true,
		.kind = kind,
		.is_dry_run = given->dry_run,
	};

	return unpin(cli, &how, err);
}

int unpin_prog_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	return unpin_one(cli, args, INSPECT_PROG, err);
}

int unpin_map_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	return unpin_one(cli, args, INSPECT_MAP, err);
}

int unpin_link_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	return unpin_one(cli, args, INSPECT_LINK, err);
}

const struct param unpin_params[UNPIN_PARAMS] = {
	ARG_PATH(struct unpin_args, path, "FILE", "where it is pinned"),
	WORD_FLAG(struct unpin_args, dry_run, "dry-run", "only tell what would be done"),
};

struct list_args {
	const char *directory;
};

static int list_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct list_args *given = args;

	return print_pins(cli->inspect, cli->sink, given->directory, err);
}

static const struct param list_params[] = {
	ARG_PATH_OPTIONAL(struct list_args, directory, "DIR", "only what is there or below"),
};

struct remove_args {
	struct inspect_words paths;
	bool recursive;
	bool dry_run;
};

static int remove_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct remove_args *given = args;
	const struct inspect_unpin how = {
		.paths = given->paths,
		.recursive = given->recursive,
		.is_dry_run = given->dry_run,
	};

	return unpin(cli, &how, err);
}

static const struct param remove_params[] = {
	ARG_PATHS(struct remove_args, paths, "PATH...", "pins and directories"),
	WORD_FLAG(struct remove_args, recursive, "recursive",
		  "directories with all that is in them"),
	WORD_FLAG(struct remove_args, dry_run, "dry-run", "only tell what would be done"),
};

const struct command pin_commands[PIN_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show what is pinned",
		PARAMS(struct list_args, list_params),
		.emits = { &pin_schema },
		.run = list_run,
	},
	HELP_COMMAND,
	{
		.verb = "remove",
		.summary = "remove pins and directories of them",
		PARAMS(struct remove_args, remove_params),
		.emits = { &unpinned_schema },
		.run = remove_run,
	},
};
