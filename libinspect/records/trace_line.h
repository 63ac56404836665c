/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * trace_line.h - a line of the trace pipe in its parts
 */
#ifndef RECORDS_TRACE_LINE_H
#define RECORDS_TRACE_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* What is known of a line; all text is in the line itself. */
enum trace_line_has {
	TRACE_LINE_HAS_PARTS = 1, /* it has the usual form */
	TRACE_LINE_HAS_TGID = 2,
	TRACE_LINE_HAS_FLAGS = 4,
	TRACE_LINE_HAS_FUNCTION = 8,
	TRACE_LINE_HAS_CPU = 16,
	TRACE_LINE_HAS_LOST = 32,
	TRACE_LINE_HAS_TEXT = 64, /* what was written; of a line that has another form, all of it */
};

struct trace_text {
	const char *at;
	size_t size;
};

struct trace_line {
	unsigned have;
	struct trace_text task;
	unsigned pid;
	unsigned tgid;
	unsigned cpu;
	struct trace_text flags;
	struct trace_text timestamp;
	struct trace_text function;
	struct trace_text text;
	unsigned long long lost; /* how many events the pipe could not hold */
};

/*
 * Takes a line apart, without its new line. Texts are parts of it. A name of a task may be any bytes, and a program's
 * text as well: neither can pass for another part.
 */
void trace_line_parse(const char *line, size_t size, struct trace_line *out);

#endif
