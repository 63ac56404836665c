/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * show.c - "show", the same for every kind of object
 */
#include "show.h"

#include "base/error.h"
#include "value/print.h"

int show_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct show_args *show = args;

	unsigned without = show->no_owners ? INSPECT_WANT_OWNERS | INSPECT_WANT_OWNER_DETAILS : 0;

	/* A column that is asked for is read without -f too. */
	if (!cli->options.wants_pins && !sink_is_columns(cli->sink))
		without |= INSPECT_WANT_PINS;
	int r = print_objects(cli->inspect, cli->sink, &show->ref, without, err);
	const char *note = sink_is_text(cli->sink) ? inspect_owners_note(cli->inspect) : NULL;

	out_if(cli->err, note, "note: %s\n", note);
	return r;
}
