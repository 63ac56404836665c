/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link.c - commands on links
 */
#include "command.h"

const struct command link_commands[LINK_COMMANDS] = {
	{ .verb = "show", .alias = "list", .summary = "show links" },
	HELP_COMMAND,
	NOT_BUILT("pin", "pin a link"),
	NOT_BUILT("detach", "detach a link"),
};
