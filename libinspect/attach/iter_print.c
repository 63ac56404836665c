/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * iter_print.c - what an iterator writes, to a sink
 *
 * Most iterators write lines of text; some write bytes for another program, which text output hands on.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "attach/print.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "out/wait.h"

#define CHUNK 65536
#define LINE_MOST ((size_t)1 << 20) /* a longer line becomes several */

struct iter_line {
	struct inspect_bytes text;
};

static void put_text(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_bytes *text = member;

	sink_text(sink, key, (const char *)text->bytes, text->size);
}

static const struct field iter_line_fields[] = {
	FIELD_AS(FIELD_OWN, 0, struct iter_line, text, "line", "a line that the iterator wrote",
		 .own = put_text, .shape = "text"),
};

const struct schema iter_line_schema = {
	.name = "iterator_line",
	.fields = iter_line_fields,
	.n = sizeof(iter_line_fields) / sizeof(*iter_line_fields),
	.columns = "line",
	.have_at = -1,
	.failed_at = -1,
};

struct iter_output {
	struct sink *sink;
	struct printer printer;
	struct buf rest; /* of a line whose end has not come yet */
};

static void put_line(struct iter_output *output, const char *text, size_t size)
{
	const struct iter_line line = { { (const unsigned char *)text, size } };

	if (sink_is_compatible(output->sink))
		sink_text(output->sink, NULL, text, size);
	else
		print_record(&output->printer, &line);
}

/* What a terminal would act on is made safe, but for ends of lines and tabs. */
static void put_safe(struct out *out, const char *text, size_t size)
{
	while (size) {
		size_t n = 0;

		while (n < size && text[n] != '\n' && text[n] != '\t')
			n++;
		out_safe(out, text, n);
		if (n < size)
			out_char(out, text[n++]);
		text += n;
		size -= n;
	}
}

static void put_lines(struct iter_output *output, const char *text, size_t size)
{
	struct buf *rest = &output->rest;

	for (const char *end; (end = memchr(text, '\n', size)); text = end + 1) {
		size_t n = (size_t)(end - text);

		if (rest->size) {
			buf_add(rest, text, n);
			put_line(output, rest->bytes, rest->size);
			rest->size = 0;
		} else {
			put_line(output, text, n);
		}
		size -= n + 1;
	}
	buf_add(rest, text, size);
	if (rest->size > LINE_MOST) {
		put_line(output, rest->bytes, rest->size);
		rest->size = 0;
	}
}

static void put_chunk(struct iter_output *output, const char *text, size_t size)
{
	struct sink *sink = output->sink;

	if (sink->form != SINK_PLAIN)
		put_lines(output, text, size);
	else if (sink->out->is_tty)
		put_safe(sink->out, text, size);
	else
		out_bytes(sink->out, text, size);
}

/* The kernel says EAGAIN where it went over a million objects without a word: there may be more. */
static int read_all(struct iter_output *output, int fd, const struct inspect_until *until,
		    struct inspect_error *err)
{
	AUTO(buf_done) struct buf chunk = { 0 };
	char *room = buf_reserve(&chunk, CHUNK);

	if (!room)
		return inspect_fail(err, ENOMEM, "run the iterator");
	while (!(until && wait_is_over(until)) && !sink_error(output->sink)) {
		ssize_t n = read(fd, room, CHUNK);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return inspect_fail(err, errno, "run the iterator");
		if (!n)
			break;
		if (n > 0)
			put_chunk(output, room, (size_t)n);
		if (buf_failed(&output->rest))
			return inspect_fail(err, ENOMEM, "run the iterator");
	}
	return 0;
}

int print_iter(struct sink *sink, int fd, const struct inspect_until *until,
	       struct inspect_error *err)
{
	struct iter_output output = { .sink = sink };

	ERROR_NEEDED(err);
	int r = print_init(&output.printer, sink, &iter_line_schema, err);
	if (r < 0)
		return r;
	if (sink_is_compatible(sink)) {
		sink_open_record(sink, NULL);
		sink_open_list(sink, "output");
	} else if (sink->form != SINK_PLAIN) {
		print_open(&output.printer, false);
	}
	r = read_all(&output, fd, until, err);
	if (output.rest.size)
		put_line(&output, output.rest.bytes, output.rest.size);
	if (sink->form != SINK_PLAIN)
		sink_close(sink);
	buf_done(&output.rest);
	return r;
}
