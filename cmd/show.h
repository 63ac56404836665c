/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * show.h - "show", the same for every kind of object
 */
#ifndef CMD_SHOW_H
#define CMD_SHOW_H

#include "command.h"

struct show_args {
	struct inspect_ref ref;
	bool no_owners;
};

int show_run(struct cli *cli, const void *args, struct inspect_error *err);

#endif
