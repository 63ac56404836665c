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

#endif
