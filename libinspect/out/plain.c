/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * plain.c - events as lines of key and value
 *
 * For what has no layout of its own. Members of a record stand on lines of their own, elements of a
 * list of scalars behind each other, records in a list one step further in.
 */
#include "base/buf.h"
#include "base/num.h"
#include "out/sink.h"

static void plain_indent(struct sink *sink)
{
	unsigned steps = 0;

	for (unsigned i = 0; i < sink->depth; i++)
		steps += sink->open[i] == '{';
	for (unsigned i = 1; i < steps; i++)
		out_char(sink->out, '\t');
}

/* What stands in front of a scalar. */
static void plain_begin(struct sink *sink, const char *key)
{
	if (key) {
		plain_indent(sink);
		out_fmt(sink->out, "%s: ", key);
	} else if (!sink->is_empty) {
		out_literal(sink->out, ", ");
	}
	sink->is_empty = false;
}

/* What stands behind a scalar: members end their line. */
static void plain_end(struct sink *sink)
{
	if (!sink->depth || sink->open[sink->depth - 1] == '{')
		out_char(sink->out, '\n');
}

static void plain_open(struct sink *sink, const char *key, char bracket)
{
	if (key) {
		plain_indent(sink);
		out_fmt(sink->out, bracket == '[' ? "%s: " : "%s:\n", key);
	} else if (bracket == '{' && sink->depth) {
		/* A record in a list: an empty line between records at the top, a new line else. */
		if (!sink->is_empty || sink->depth > 1)
			out_char(sink->out, '\n');
	}
}

static void plain_close(struct sink *sink)
{
	if (sink->open[sink->depth] == '[' && sink->depth)
		out_char(sink->out, '\n');
}

static void plain_u64(struct sink *sink, const char *key, uint64_t value)
{
	plain_begin(sink, key);
	out_advance(sink->out, num_format_u64(out_reserve(sink->out, NUM_ROOM), value));
	plain_end(sink);
}

static void plain_s64(struct sink *sink, const char *key, int64_t value)
{
	plain_begin(sink, key);
	out_advance(sink->out, num_format_s64(out_reserve(sink->out, NUM_ROOM), value));
	plain_end(sink);
}

static void plain_text(struct sink *sink, const char *key, const char *text, size_t size)
{
	plain_begin(sink, key);
	out_safe(sink->out, text, size);
	plain_end(sink);
}

static void plain_bool(struct sink *sink, const char *key, bool value)
{
	plain_text(sink, key, value ? "yes" : "no", value ? 3 : 2);
}

static void plain_bytes(struct sink *sink, const char *key, const void *bytes, size_t size)
{
	plain_begin(sink, key);
	out_hex_rows(sink->out, bytes, size);
	plain_end(sink);
}

static void plain_number(struct sink *sink, const char *key, const char *digits, size_t size)
{
	plain_begin(sink, key);
	out_bytes(sink->out, digits, size);
	plain_end(sink);
}

static void plain_absent(struct sink *sink, const char *key)
{
	plain_text(sink, key, "-", 1);
}

static void plain_finish(struct sink *sink)
{
	(void)sink;
}

static const struct sink_ops plain_ops = {
	.open = plain_open,
	.close = plain_close,
	.u64 = plain_u64,
	.s64 = plain_s64,
	.boolean = plain_bool,
	.number = plain_number,
	.text = plain_text,
	.bytes = plain_bytes,
	.absent = plain_absent,
	.finish = plain_finish,
};

void sink_plain_init(struct sink *sink)
{
	sink->ops = &plain_ops;
}
