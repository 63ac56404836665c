/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pin.c - "pin", the same for programs and maps
 */
#include "pin.h"

#include "show.h"

int pin_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct pin_args *given = args;
	const struct inspect_note note = { show_note, cli };

	int r = inspect_pin(cli->inspect, &given->ref, given->path, cli->options.no_mount, &note,
			    err);
	return show_note_name(cli, &given->ref, r);
}
