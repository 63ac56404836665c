/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf.c - commands on BTF
 */
#include "command.h"

const struct command btf_commands[BTF_COMMANDS] = {
	{ .verb = "show", .alias = "list", .summary = "show BTF objects" },
	HELP_COMMAND,
	NOT_BUILT("dump", "print types"),
	NOT_BUILT("find", "say where a type is, and what it looks like"),
	NOT_BUILT("diff", "say which types differ"),
};
