/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * detach.h - end what links do: one, or all of a program
 */
#ifndef CMD_DETACH_H
#define CMD_DETACH_H

#include "command.h"

/* @is_dry_run: shows the links that would be detached, and leaves them. */
int detach_links(struct cli *cli, const struct inspect_ref *links, bool is_dry_run,
		 struct inspect_error *err);

#endif
