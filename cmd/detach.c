/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * detach.c - end what links do: one, or all of a program
 */
#include "detach.h"

#include "show.h"

int detach_links(struct cli *cli, const struct inspect_ref *links, bool is_dry_run,
		 struct inspect_error *err)
{
	const struct inspect_note note = { show_note, cli };
	const struct show_args show = { .ref = *links };

	int r = inspect_link_detach(cli->inspect, links, is_dry_run, &note, err);
	if (r < 0 || !is_dry_run)
		return r;
	return show_run(cli, &show, err);
}
