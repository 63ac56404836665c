/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * attach.h - "prog attach"
 */
#ifndef CMD_ATTACH_H
#define CMD_ATTACH_H

#include "command.h"

struct attach_args {
	struct inspect_ref prog;
	struct inspect_words words;
};

#define ATTACH_PARAMS 2
extern const struct param attach_params[ATTACH_PARAMS];

int attach_run(struct cli *cli, const void *args, struct inspect_error *err);

#endif
