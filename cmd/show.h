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

/* Tell what stands beside the output: always, or only where the output is text for people. */
void show_note(void *context, const char *text);
void show_note_text(void *context, const char *text);

/*
 * Where @result is none of a failure and the output is text: tells when a map's name is longer than
 * what the kernel keeps of one. Returns @result.
 */
int show_note_name(struct cli *cli, const struct inspect_ref *ref, int result);

int show_run(struct cli *cli, const void *args, struct inspect_error *err);

#endif
