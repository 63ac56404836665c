/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * mark.h - the records by which a saved probe can be told: what it is, and that all of it is there
 *
 * The first says the format, the last how many answers stand between them. Lines can be lost at a line's end, and
 * what is left is sound JSON: without the last record nobody could tell.
 */
#ifndef PROBE_MARK_H
#define PROBE_MARK_H

#include "probe/print.h"

#define MARK_FORMAT 1 /* what is written, and the newest that is read */

#define MARK_FORMAT_NAME "format"
#define MARK_DEV_NAME "dev"
#define MARK_UNPRIVILEGED_NAME "unprivileged"
#define MARK_END_NAME "end"

/* Only the strict forms have them, and only where everything was asked for. */
bool mark_is_wanted(const struct sink *sink, const struct inspect_probe *asked);

/* The records in front of the answers, and the one behind them. */
void mark_begin(struct printer *printer, const struct inspect_probe *asked);
void mark_end(struct printer *printer, size_t n_answers);

#endif
