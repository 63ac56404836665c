/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * show.c - "show", the same for every kind of object
 */
#include "show.h"

#include "base/error.h"
#include "records/print.h"

int show_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct show_args *show = args;

	if (cli->options.wants_pins)
		return inspect_fail(err, CLI_ENOTBUILT, "-f: not built yet");
	return print_list(cli->inspect, cli->sink, &show->ref, err);
}
