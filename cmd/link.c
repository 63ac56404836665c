/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link.c - commands on links
 */
#include "command.h"

#include "detach.h"
#include "pin.h"
#include "records/print.h"
#include "show.h"

static const struct param show_params[] = {
	ARG_OPTIONAL(struct show_args, ref, INSPECT_LINK, "only this link"),
	WORD_FLAG(struct show_args, no_owners, "no-owners",
		  "do not look for the processes that hold them"),
};

static const struct param pin_params[] = {
	ARG(struct pin_args, ref, INSPECT_LINK, "the link"),
	ARG_PATH(struct pin_args, path, "FILE", "the new path, in a BPF file system"),
};

struct detach_args {
	struct inspect_ref ref;
	bool dry_run;
};

static int detach_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct detach_args *given = args;

	return detach_links(cli, &given->ref, given->dry_run, err);
}

static const struct param detach_params[] = {
	ARG(struct detach_args, ref, INSPECT_LINK, "the link"),
	WORD_FLAG(struct detach_args, dry_run, "dry-run",
		  "detach nothing, and show what would be detached"),
};

const struct command link_commands[LINK_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show links",
		PARAMS(struct show_args, show_params),
		.emits = { &link_schema },
		.run = show_run,
	},
	HELP_COMMAND,
	{
		.verb = "pin",
		.summary = "pin a link",
		PARAMS(struct pin_args, pin_params),
		.run = pin_run,
	},
	{
		.verb = "detach",
		.summary = "detach a link",
		PARAMS(struct detach_args, detach_params),
		.emits = { &link_schema },
		.run = detach_run,
	},
	UNPIN_COMMAND(link, "remove a pin of a link"),
};
