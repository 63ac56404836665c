/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * stream.c - bytes that come in pieces, as lines
 */
#include "records/stream.h"

#include <string.h>

static void put_line(struct stream *stream, const char *line, size_t size)
{
	if (sink_error(stream->sink))
		return;
	stream->line(stream->context, line, size);
	sink_flush(stream->sink);
}

/* What is held up to here is a line; its memory is kept for the next one. */
static void put_held(struct stream *stream)
{
	if (stream->held.size)
		put_line(stream, stream->held.bytes, stream->held.size);
	stream->held.size = 0;
}

static void hold(struct stream *stream, const char *bytes, size_t size)
{
	if (stream->held.size + size > STREAM_PIECE)
		put_held(stream);
	buf_add(&stream->held, bytes, size);
}

void stream_feed(struct stream *stream, const char *bytes, size_t size)
{
	const char *end = bytes + size;

	while (bytes < end) {
		const char *found = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t n = found ? (size_t)(found - bytes) + 1 : (size_t)(end - bytes);

		if (found && !stream->held.size) {
			put_line(stream, bytes, n);
		} else {
			hold(stream, bytes, n);
			if (found)
				put_held(stream);
		}
		bytes += n;
	}
}

void stream_end(struct stream *stream)
{
	put_held(stream);
}

void stream_done(struct stream *stream)
{
	buf_done(&stream->held);
}

void stream_put_plain(struct out *out, const char *text, size_t size)
{
	if (!out->is_tty) {
		out_bytes(out, text, size);
		return;
	}
	for (size_t at = 0; at < size;) {
		size_t n = at;

		while (n < size && text[n] != '\n' && text[n] != '\t')
			n++;
		out_safe(out, text + at, n - at);
		if (n < size)
			out_char(out, text[n++]);
		at = n;
	}
}
