/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.h - what keeps programs attached, to a sink
 */
#ifndef ATTACH_PRINT_H
#define ATTACH_PRINT_H

#include "records/print.h"

extern const struct schema attachment_schema;

/* Puts a record for each; text for people only where it is held, since else there is nothing to do about it. */
int print_attachments(struct sink *sink, const struct inspect_attachments *attachments,
		      struct inspect_error *err);

struct print_register {
	const struct inspect_load_spec *spec;
	const char *link_dir; /* where links are pinned; NULL: there may be none */
	bool no_mount;
	struct out *told; /* bpftool's lines about what was registered go there; NULL: nowhere */
	const struct inspect_note *note;
};

/*
 * Loads an object and registers its struct_ops maps, all of them or none. Forms other than text get a record for each.
 * Returns 0 or a negative error: then nothing is registered, pinned or mounted.
 */
int print_struct_ops_register(struct inspect *inspect, struct sink *sink,
			      const struct print_register *how, struct inspect_error *err);

extern const struct schema iter_line_schema;

/*
 * Runs an iterator once and prints what it writes: as it is, but on a terminal what that would act on; as a list of lines
 * in bpftool's JSON; as a record a line in the other forms. Returns 0, also where @until (or NULL) ended it, or a
 * negative error.
 */
int print_iter(struct sink *sink, int fd, const struct inspect_until *until,
	       struct inspect_error *err);

#endif
