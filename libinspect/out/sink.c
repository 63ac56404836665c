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

static void no_u64(struct sink *sink, const char *key, uint64_t value)
{
	(void)sink;
	(void)key;
	(void)value;
}

static void no_s64(struct sink *sink, const char *key, int64_t value)
{
	(void)sink;
	(void)key;
	(void)value;
}

static void no_bool(struct sink *sink, const char *key, bool value)
{
	(void)sink;
	(void)key;
	(void)value;
}

static void no_text(struct sink *sink, const char *key, const char *text, size_t size)
{
	(void)sink;
	(void)key;
	(void)text;
	(void)size;
}

static void no_bytes(struct sink *sink, const char *key, const void *bytes, size_t size)
{
	no_text(sink, key, bytes, size);
}

static void no_absent(struct sink *sink, const char *key)
{
	(void)sink;
	(void)key;
}

static const struct sink_ops no_ops = {
	.u64 = no_u64,
	.s64 = no_s64,
	.boolean = no_bool,
	.number = no_text,
	.text = no_text,
	.bytes = no_bytes,
	.absent = no_absent,
};

/* What is nested too deep is left out, up to the close that belongs to it. */
static void rest(struct sink *sink)
{
	sink->error = sink->error ? sink->error : -E2BIG;
	if (!sink->too_deep++) {
		sink->resting = sink->ops;
		sink->ops = &no_ops;
	}
}

/* True while the sink still rests. */
static bool wake(struct sink *sink)
{
	if (!sink->too_deep)
		return false;
	if (!--sink->too_deep)
		sink->ops = sink->resting;
	return true;
}

void sink_begin_document(struct sink *sink)
{
	if (sink->form != SINK_PLAIN || sink->depth)
		return;
	sink_json_init(sink);
	sink->is_document = true;
	sink->is_pretty = true;
	sink->is_empty = true;
}

static void end_document(struct sink *sink)
{
	out_char(sink->out, '\n');
	sink_plain_init(sink);
	sink->is_document = false;
	sink->is_pretty = false;
}

static void sink_open(struct sink *sink, const char *key, char bracket)
{
	if (sink->depth == SINK_DEPTH) {
		rest(sink);
		return;
	}
	if (sink->part_key && sink->depth == sink->base) {
		key = sink->part_key;
		sink->part_key = NULL;
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
	if (sink->is_document && !sink->depth)
		end_document(sink);
}

void sink_close(struct sink *sink)
{
	if (wake(sink))
		return;
	if (sink->depth > sink->base + 1 || (sink->depth && sink->is_document))
		close_now(sink);
	if (sink->out->is_tty && sink->depth <= 1)
		out_flush(sink->out);
}

void sink_fail(struct sink *sink, const char *message, const char *hint)
{
	while (wake(sink))
		; /* the error stands where there is room */
	bool is_member = sink->depth > sink->base && sink->open[sink->depth - 1] == '{';

	if (!is_member)
		sink_open_record(sink, NULL);
	sink_string(sink, "error", message);
	if (hint && hint[0])
		sink_string(sink, "hint", hint);
	if (!is_member)
		sink_close(sink);
}

unsigned sink_begin_part(struct sink *sink, const char *key)
{
	unsigned before = sink->base;

	sink->base = sink->depth;
	sink->part_key = key;
	return before;
}

void sink_end_part(struct sink *sink, unsigned before)
{
	while (wake(sink))
		;
	while (sink->depth > sink->base)
		close_now(sink);
	if (sink->part_key)
		sink_absent(sink, sink->part_key);
	sink->part_key = NULL;
	sink->base = before;
}

void sink_flush(struct sink *sink)
{
	if (sink->ops->flush)
		sink->ops->flush(sink);
	out_flush(sink->out);
}

int sink_finish(struct sink *sink)
{
	while (wake(sink))
		;
	while (sink->depth)
		close_now(sink);
	sink->ops->finish(sink);
	out_flush(sink->out);
	return sink_error(sink);
}
