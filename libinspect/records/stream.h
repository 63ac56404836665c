/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * stream.h - bytes that come in pieces, as lines
 */
#ifndef RECORDS_STREAM_H
#define RECORDS_STREAM_H

#include "base/buf.h"
#include "out/sink.h"

#define STREAM_PIECE 65536 /* bytes that are read at a time; a line that is longer comes in parts */

#define STREAM_TICK_MS 50 /* how often to look where nothing can be waited for */

/* Lines are collected in @held until their new line comes. Zeroed but for the functions. */
struct stream {
	struct buf held;
	void (*line)(void *context, const char *line,
		     size_t size); /* with its new line, if it has one */
	void *context;
	struct sink *sink; /* flushed behind each line */
};

/* Bytes have come; or none will any more: then what is held is a line. */
void stream_feed(struct stream *stream, const char *bytes, size_t size);
void stream_end(struct stream *stream);
void stream_done(struct stream *stream);

/* Text as it is, and on a terminal made safe but for new lines and tabs. */
void stream_put_plain(struct out *out, const char *text, size_t size);

#endif
