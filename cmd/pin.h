/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pin.h - "pin", the same for programs and maps
 */
#ifndef CMD_PIN_H
#define CMD_PIN_H

#include "command.h"

struct pin_args {
	struct inspect_ref ref;
	const char *path;
};

int pin_run(struct cli *cli, const void *args, struct inspect_error *err);

#endif
