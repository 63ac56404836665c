/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * show.c - "show", the same for every kind of object
 */
#include "show.h"

#include <string.h>

#include "base/error.h"
#include "value/print.h"

void show_note(void *context, const char *text)
{
	const struct cli *cli = context;

	out_fmt(cli->err, "note: %s\n", text);
}

void show_note_text(void *context, const char *text)
{
	const struct cli *cli = context;

	if (sink_is_text(cli->sink))
		show_note(context, text);
}

int show_note_name(struct cli *cli, const struct inspect_ref *ref, int result)
{
	if (result >= 0 && sink_is_text(cli->sink) && ref->kind == INSPECT_MAP &&
	    ref->by == INSPECT_BY_NAME && strlen(ref->text) > INSPECT_MAP_NAME_BYTES)
		out_fmt(cli->err,
			"note: the kernel keeps %u bytes of a map's name, and these alone are "
			"compared\n",
			INSPECT_MAP_NAME_BYTES);
	return result;
}

int show_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct show_args *show = args;

	unsigned without = show->no_owners ? INSPECT_WANT_OWNERS | INSPECT_WANT_OWNER_DETAILS : 0;

	/* A column that is asked for is read without -f too. */
	if (!cli->options.wants_pins && !sink_is_columns(cli->sink))
		without |= INSPECT_WANT_PINS;
	int r = print_objects(cli->inspect, cli->sink, &show->ref, without, err);
	const char *notes[] = { inspect_owners_note(cli->inspect),
				inspect_symbols_note(cli->inspect) };

	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++)
		if (notes[i])
			show_note_text(cli, notes[i]);
	return show_note_name(cli, &show->ref, r);
}
