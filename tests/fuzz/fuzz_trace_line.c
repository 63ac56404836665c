/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_trace_line.c - any bytes as lines of the trace pipe: all text that comes out lies in the line
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "records/trace_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static void check_text(const struct trace_text *text, const char *line, size_t size)
{
	if (!text->at)
		return;
	must(text->at >= line && text->at <= line + size);
	must(text->size <= (size_t)(line + size - text->at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trace_line out;
	char *line = malloc(size ? size : 1); /* its own, so that a byte too far is seen */

	must(line != NULL);
	memcpy(line, data, size);
	trace_line_parse(line, size, &out);
	must(out.have & (TRACE_LINE_HAS_TEXT | TRACE_LINE_HAS_LOST));
	check_text(&out.task, line, size);
	check_text(&out.flags, line, size);
	check_text(&out.timestamp, line, size);
	check_text(&out.function, line, size);
	check_text(&out.text, line, size);
	free(line);
	return 0;
}
