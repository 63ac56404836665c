/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cell.h - a typed value in a column
 */
#ifndef VALUE_CELL_H
#define VALUE_CELL_H

#include "base/buf.h"
#include "value/walk.h"

/* What writing takes. Zeroed, it is ready. */
struct value_cell {
	struct buf text;
	struct out *out; /* made when the first is needed */
};

void value_cell_done(struct value_cell *cell);

/*
 * Puts the value as walk_put() does. A cell has one line: in columns, records and lists are JSON there.
 */
void value_cell_put(struct value_cell *cell, struct sink *sink, const char *key,
		    const struct walk *walk, const struct inspect_bytes *bytes);

#endif
