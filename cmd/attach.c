/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * attach.c - "prog attach"
 *
 * Without a pin, what was made ends with this process: the record goes out at once, so that whoever started it knows
 * what it holds, and then it waits to be stopped.
 */
#include "attach.h"

#include "attach/print.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "show.h"
#include "stop.h"

static bool is_held(const struct inspect_attachments *made)
{
	for (unsigned i = 0; i < made->n; i++)
		if (made->attachments[i].is_held)
			return true;
	return false;
}

static int run(struct cli *cli, const struct attach_args *given, struct inspect_error *err)
{
	AUTO(inspect_attachments_done) struct inspect_attachments made = { 0 };
	const struct inspect_note note = { show_note, cli };
	const struct inspect_attach how = {
		.prog = given->prog,
		.words = given->words,
		.no_mount = cli->options.no_mount,
	};

	int r = inspect_attach(cli->inspect, &how, &note, &made, err);
	if (!r)
		r = print_attachments(cli->sink, &made, err);
	if (r < 0 || !is_held(&made))
		return r;
	sink_flush(cli->sink);
	return stop_hold(cli, err);
}

int attach_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	int r = stop_begin(cli, err);

	return r < 0 ? r : stop_end(cli, run(cli, args, err));
}

const struct param attach_params[ATTACH_PARAMS] = {
	ARG(struct attach_args, prog, INSPECT_PROG,
	    "the program; a name or a tag must fit one alone"),
	ARG_HOOK(struct attach_args, words, "HOOK [TARGET]... [WORD [VALUE]]...",
		 "where, and how; bpflens-prog(8) lists the hooks"),
};
