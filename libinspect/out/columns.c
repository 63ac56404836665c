/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * columns.c - events as rows: an aligned table, or cells parted by tabs
 *
 * A record is a row, each of its values a cell; lists and records inside a cell are written on one
 * line. A table needs widths before its first line: the first rows wait until there are enough of
 * them to tell, those that come later make do with the widths found. Memory does not grow.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/text.h"
#include "out/sink.h"

#define COLUMNS_MAX 48
#define SAMPLE_ROWS 256
#define SAMPLE_BYTES 65536

struct column {
	const char *heading;
	size_t width;
	bool is_text; /* a cell that is no number was seen: aligned to the left */
};

struct columns {
	struct column column[COLUMNS_MAX];
	size_t n;
	size_t at;	   /* the column of the next cell */
	bool has_headings; /* they were put out */
	size_t n_rows;	   /* rows that wait */
	struct buf rows;   /* their cells: a size_t length and the text of each */
	struct buf cell;   /* the cell that is being written */
	bool is_number;	   /* it holds a single number */
	bool is_open;	   /* it is a list or a record, not closed yet */
};

static void put_padding(struct out *out, size_t n)
{
	while (n--)
		out_char(out, ' ');
}

static void put_table_cell(struct sink *sink, size_t i, const char *text, size_t size)
{
	const struct columns *columns = sink->columns;
	const struct column *column = &columns->column[i];
	size_t width = text_width(text, size);
	size_t padding = column->width > width ? column->width - width : 0;

	if (i)
		out_literal(sink->out, "  ");
	if (!column->is_text)
		put_padding(sink->out, padding);
	out_bytes(sink->out, text, size);
	if (column->is_text && i + 1 < columns->n)
		put_padding(sink->out, padding);
}

static void put_headings(struct sink *sink)
{
	struct columns *columns = sink->columns;

	columns->has_headings = true;
	if (sink->out->has_colour && sink->form == SINK_TABLE)
		out_literal(sink->out, "\033[1m");
	for (size_t i = 0; i < columns->n; i++) {
		const char *heading = columns->column[i].heading;

		if (sink->form == SINK_TSV)
			out_fmt(sink->out, "%s%c", heading, i + 1 < columns->n ? '\t' : '\n');
		else
			put_table_cell(sink, i, heading, strlen(heading));
	}
	if (sink->out->has_colour && sink->form == SINK_TABLE)
		out_literal(sink->out, "\033[0m");
	if (sink->form == SINK_TABLE)
		out_char(sink->out, '\n');
}

/* Writes the rows that waited. */
static void put_rows(struct sink *sink)
{
	struct columns *columns = sink->columns;
	const char *at = columns->rows.bytes;

	if (!columns->has_headings)
		put_headings(sink);
	if (columns->rows.failed)
		return; /* cells are missing; sink->error says so */
	for (size_t i = 0; i < columns->n_rows * columns->n; i++) {
		size_t size;

		memcpy(&size, at, sizeof(size));
		put_table_cell(sink, i % columns->n, at + sizeof(size), size);
		if (i % columns->n + 1 == columns->n)
			out_char(sink->out, '\n');
		at += sizeof(size) + size;
	}
	columns->rows.size = 0;
	columns->n_rows = 0;
}

static void end_cell(struct sink *sink)
{
	struct columns *columns = sink->columns;
	const struct buf *cell = &columns->cell;
	const char *text = cell->bytes ? cell->bytes : "";

	if (columns->at == columns->n)
		return;
	struct column *column = &columns->column[columns->at];

	if (sink->form == SINK_TSV) {
		out_bytes(sink->out, text, cell->size);
		out_char(sink->out, columns->at + 1 < columns->n ? '\t' : '\n');
	} else if (columns->has_headings) {
		put_table_cell(sink, columns->at, text, cell->size);
		if (columns->at + 1 == columns->n)
			out_char(sink->out, '\n');
	} else {
		size_t size = cell->size, width = text_width(text, size);

		if (width > column->width)
			column->width = width;
		column->is_text = column->is_text || !columns->is_number;
		buf_add(&columns->rows, &size, sizeof(size));
		buf_add(&columns->rows, text, size);
	}
	columns->at++;
	columns->cell.size = 0;
}

static void end_row(struct sink *sink)
{
	struct columns *columns = sink->columns;

	columns->at = 0;
	if (columns->rows.failed || columns->cell.failed)
		sink->error = -ENOMEM;
	if (sink->form == SINK_TSV || columns->has_headings)
		return;
	columns->n_rows++;
	if (columns->n_rows == SAMPLE_ROWS || columns->rows.size > SAMPLE_BYTES)
		put_rows(sink);
}

/* How deep in a row the sink stands: 0 outside of any, 1 among its cells, more inside a cell. */
static unsigned row_depth(const struct sink *sink)
{
	return sink->depth && sink->open[0] == '[' ? sink->depth - 1 : sink->depth;
}

/* Inside a cell: what parts a value from the one before it. */
static void cell_begin(struct sink *sink, bool is_number)
{
	struct columns *columns = sink->columns;

	if (row_depth(sink) > 1 && !sink->is_empty)
		buf_add_char(&columns->cell, sink->open[sink->depth - 1] == '{' ? ':' : ',');
	columns->is_number = is_number && row_depth(sink) == 1;
	sink->is_empty = false;
}

static void cell_end(struct sink *sink)
{
	if (row_depth(sink) == 1)
		end_cell(sink);
}

static void columns_open(struct sink *sink, const char *key, char bracket)
{
	(void)key;
	if (row_depth(sink) >= 1)
		cell_begin(sink, false);
	else if (bracket == '{')
		sink->columns->at = 0;
}

static void columns_close(struct sink *sink)
{
	if (sink->open[sink->depth] == '{' && row_depth(sink) == 0)
		end_row(sink);
	else
		cell_end(sink);
}

static void columns_number(struct sink *sink, const char *key, const char *digits, size_t n)
{
	(void)key;
	cell_begin(sink, true);
	buf_add(&sink->columns->cell, digits, n);
	cell_end(sink);
}

static void columns_u64(struct sink *sink, const char *key, uint64_t value)
{
	char digits[NUM_ROOM];

	columns_number(sink, key, digits, num_format_u64(digits, value));
}

static void columns_s64(struct sink *sink, const char *key, int64_t value)
{
	char digits[NUM_ROOM];

	columns_number(sink, key, digits, num_format_s64(digits, value));
}

static void columns_text(struct sink *sink, const char *key, const char *text, size_t size)
{
	(void)key;
	cell_begin(sink, false);
	text_add_safe(&sink->columns->cell, text, size);
	cell_end(sink);
}

static void columns_bool(struct sink *sink, const char *key, bool value)
{
	columns_text(sink, key, value ? "yes" : "no", value ? 3 : 2);
}

static void columns_bytes(struct sink *sink, const char *key, const void *bytes, size_t size)
{
	struct buf *cell = &sink->columns->cell;

	(void)key;
	cell_begin(sink, false);
	char *to = buf_reserve(cell, 2 * size);
	if (to) {
		num_format_hex_bytes(to, bytes, size);
		cell->size += 2 * size;
	}
	cell_end(sink);
}

static void columns_absent(struct sink *sink, const char *key)
{
	(void)key;
	cell_begin(sink, true);
	if (sink->form == SINK_TABLE)
		buf_add_char(&sink->columns->cell, '-');
	cell_end(sink);
}

static void columns_finish(struct sink *sink)
{
	if (sink->form == SINK_TABLE && sink->columns->n)
		put_rows(sink);
}

static const struct sink_ops columns_ops = {
	.open = columns_open,
	.close = columns_close,
	.u64 = columns_u64,
	.s64 = columns_s64,
	.boolean = columns_bool,
	.number = columns_number,
	.text = columns_text,
	.bytes = columns_bytes,
	.absent = columns_absent,
	.flush = columns_finish,
	.finish = columns_finish,
};

void sink_columns_init(struct sink *sink)
{
	static const struct columns none = { 0 };

	sink->ops = &columns_ops;
	sink->columns = malloc(sizeof(none));
	if (sink->columns) {
		*sink->columns = none;
	} else {
		sink_plain_init(sink);
		sink->error = -ENOMEM;
	}
}

void sink_columns_done(struct sink *sink)
{
	if (!sink->columns)
		return;
	buf_done(&sink->columns->rows);
	buf_done(&sink->columns->cell);
	free(sink->columns);
	sink->columns = NULL;
}

void sink_headings(struct sink *sink, const char *const *headings, size_t n)
{
	struct columns *columns = sink->columns;

	if (n > COLUMNS_MAX)
		n = COLUMNS_MAX;
	for (size_t i = 0; columns && i < n; i++) {
		columns->column[i].heading = headings[i];
		columns->column[i].width = strlen(headings[i]);
	}
	if (columns)
		columns->n = n;
	if (columns && sink->form == SINK_TSV)
		put_headings(sink);
}
