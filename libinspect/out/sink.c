/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * sink.c - what all forms of output share: nesting, the last bracket, errors
 */
#include "out/sink.h"

#include <errno.h>

void sink_init(struct sink *sink, struct out *out, enum sink_form form, bool is_pretty,
	       const char *asked)
{
	*sink = (struct sink){
		.out = out, .form = form, .is_pretty = is_pretty, .is_empty = true, .asked = asked
	};
	switch (form) {
	case SINK_PLAIN:
		sink_plain_init(sink);
		break;
	case SINK_JSON:
	case SINK_STRICT:
	case SINK_LINES:
		sink_json_init(sink);
		break;
	case SINK_TABLE:
	case SINK_TSV:
		sink_columns_init(sink);
		break;
	}
}

void sink_done(struct sink *sink)
{
	sink_columns_done(sink);
}

static void sink_open(struct sink *sink, const char *key, char bracket)
{
	if (sink->depth == SINK_DEPTH) {
		sink->error = sink->error ? sink->error : -E2BIG;
		return;
	}
	sink->ops->open(sink, key, bracket);
	sink->open[sink->depth++] = bracket;
	sink->is_empty = true;
}

void sink_open_list(struct sink *sink, const char *key)
{
	sink_open(sink, key, '[');
}

void sink_open_record(struct sink *sink, const char *key)
{
	sink_open(sink, key, '{');
}

static void close_now(struct sink *sink)
{
	sink->depth--;
	sink->ops->close(sink);
	sink->is_empty = false;
}

void sink_close(struct sink *sink)
{
	if (sink->depth > 1)
		close_now(sink);
	if (sink->out->is_tty && sink->depth <= 1)
		out_flush(sink->out);
}

void sink_fail(struct sink *sink, const char *message, const char *hint)
{
	bool is_member = sink->depth && sink->open[sink->depth - 1] == '{';

	if (!is_member)
		sink_open_record(sink, NULL);
	sink_string(sink, "error", message);
	if (hint && hint[0])
		sink_string(sink, "hint", hint);
	if (!is_member)
		sink_close(sink);
}

int sink_finish(struct sink *sink)
{
	while (sink->depth)
		close_now(sink);
	sink->ops->finish(sink);
	out_flush(sink->out);
	return sink_error(sink);
}
