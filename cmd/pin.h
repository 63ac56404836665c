/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pin.h - "pin" and "unpin", the same for programs, maps and links
 */
#ifndef CMD_PIN_H
#define CMD_PIN_H

#include "command.h"

struct pin_args {
	struct inspect_ref ref;
	const char *path;
};

struct unpin_args {
	const char *path;
	bool dry_run;
};

int pin_run(struct cli *cli, const void *args, struct inspect_error *err);

/* Of one kind each. */
int unpin_prog_run(struct cli *cli, const void *args, struct inspect_error *err);
int unpin_map_run(struct cli *cli, const void *args, struct inspect_error *err);
int unpin_link_run(struct cli *cli, const void *args, struct inspect_error *err);

#define UNPIN_PARAMS 2
extern const struct param unpin_params[UNPIN_PARAMS];

/* A noun's entry. */
#define UNPIN_COMMAND(kind, text)                                                                  \
	{                                                                                          \
		.verb = "unpin", .summary = (text), .params = unpin_params,                        \
		.n_params = UNPIN_PARAMS, .args_size = sizeof(struct unpin_args),                  \
		.emits = { &unpinned_schema }, .run = unpin_##kind##_run                           \
	}

#endif
