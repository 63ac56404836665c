/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cell.c - a typed value in a column
 */
#include "value/cell.h"

#include <errno.h>
#include <stdlib.h>

void value_cell_done(struct value_cell *cell)
{
	buf_done(&cell->text);
	free(cell->out);
	*cell = (struct value_cell){ 0 };
}

static void put_json(struct value_cell *cell, struct sink *sink, const char *key,
		     const struct walk *walk, const struct inspect_bytes *bytes)
{
	struct sink json;

	cell->out = cell->out ? cell->out : malloc(sizeof(*cell->out));
	if (!cell->out) {
		sink->error = sink->error ? sink->error : -ENOMEM;
		return;
	}
	cell->text.size = 0;
	out_init_memory(cell->out, &cell->text);
	sink_init(&json, cell->out, SINK_STRICT, false, NULL);
	json.is_inline = true;
	walk_put(walk, &json, NULL, bytes->bytes, bytes->size);
	if (sink_finish(&json) < 0)
		sink->error = sink->error ? sink->error : json.out->error;
	sink_done(&json);
	/* Its last byte is the new line behind the document. */
	sink_text(sink, key, cell->text.bytes, cell->text.size ? cell->text.size - 1 : 0);
}

void value_cell_put(struct value_cell *cell, struct sink *sink, const char *key,
		    const struct walk *walk, const struct inspect_bytes *bytes)
{
	if (sink_is_columns(sink) && !walk_is_scalar(walk))
		put_json(cell, sink, key, walk, bytes);
	else
		walk_put(walk, sink, key, bytes->bytes, bytes->size);
}
