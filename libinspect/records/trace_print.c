/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * trace_print.c - the kernel's trace, and what a program writes to its own streams
 *
 * Neither can be waited for. The trace pipe can be polled, but that tells of it only when the kernel's buffer is half
 * full (Linux 6.1), where reading would have given a line; streams cannot be polled at all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/trace_pipe.h"
#include "out/wait.h"
#include "records/one.h"
#include "records/print.h"
#include "records/stream.h"
#include "records/trace_line.h"

#define STREAM_STDOUT 1
#define STREAM_STDERR 2

static void put_text(struct sink *sink, const char *key, const void *member)
{
	const struct trace_text *text = member;

	sink_text(sink, key, text->at, text->size);
}

#define L struct trace_line
#define TEXT(bit, member, text)                                                                    \
	FIELD_AS(FIELD_OWN, bit, L, member, #member, text, .own = put_text, .shape = "text")

static const struct field trace_fields[] = {
	TEXT(TRACE_LINE_HAS_PARTS, task, "name of the task"),
	FIELD_IF(TRACE_LINE_HAS_PARTS, L, pid, "pid", "its number, as a thread"),
	FIELD_IF(TRACE_LINE_HAS_TGID, L, tgid, "tgid", "its process, if that is traced"),
	FIELD_IF(TRACE_LINE_HAS_CPU, L, cpu, "cpu", "the CPU"),
	TEXT(TRACE_LINE_HAS_FLAGS, flags, "state of the CPU, in the letters of the trace"),
	TEXT(TRACE_LINE_HAS_PARTS, timestamp,
	     "when, by the clock of the trace: mostly seconds since boot"),
	TEXT(TRACE_LINE_HAS_FUNCTION, function, "the function or event that wrote it"),
	TEXT(TRACE_LINE_HAS_TEXT, text,
	     "what was written; all of the line where it has another form"),
	FIELD_IF(TRACE_LINE_HAS_LOST, L, lost, "lost", "so many events were lost on this CPU"),
};

const struct schema trace_schema = {
	.name = "trace",
	.fields = trace_fields,
	.n = sizeof(trace_fields) / sizeof(*trace_fields),
	.columns = "task,pid,cpu,timestamp,text,lost",
	.have_at = offsetof(struct trace_line, have),
	.failed_at = -1,
	.id_at = -1,
};

struct stream_line {
	unsigned prog_id;
	const char *stream;
	struct trace_text text;
};

#undef L
#define L struct stream_line

static const struct field stream_fields[] = {
	FIELD(L, prog_id, "prog_id", "the program", .column = "prog"),
	FIELD(L, stream, "stream", "stdout or stderr"),
	TEXT(0, text, "a line of what it wrote"),
};

const struct schema stream_schema = {
	.name = "stream",
	.fields = stream_fields,
	.n = sizeof(stream_fields) / sizeof(*stream_fields),
	.columns = "prog_id,stream,text",
	.have_at = -1,
	.failed_at = -1,
	.id_at = -1,
};

/* What comes is read in pieces, and goes out as text or in lines. */
struct log {
	struct sink *sink;
	struct printer printer;
	struct stream stream;
	struct out *plain;
	struct stream_line line; /* of a program's stream: what all lines share */
};

static size_t without_new_line(const char *line, size_t size)
{
	return size && line[size - 1] == '\n' ? size - 1 : size;
}

/* bpftool's JSON has the line as it is. */
static void print_trace_line(void *context, const char *text, size_t size)
{
	struct log *log = context;
	struct trace_line line;
	size_t visible = without_new_line(text, size);

	if (sink_is_compatible(log->sink)) {
		sink_text(log->sink, NULL, text, size);
		return;
	}
	if (!visible)
		return; /* a text that ends its line itself is followed by an empty one */
	trace_line_parse(text, visible, &line);
	print_record(&log->printer, &line);
}

static void print_stream_line(void *context, const char *text, size_t size)
{
	struct log *log = context;

	if (sink_is_compatible(log->sink)) {
		sink_text(log->sink, NULL, text, size);
		return;
	}
	log->line.text = (struct trace_text){ text, without_new_line(text, size) };
	print_record(&log->printer, &log->line);
}

static int log_begin(struct log *log, const struct schema *schema, struct inspect_error *err)
{
	int r = print_init(&log->printer, log->sink, schema, err);

	if (r < 0)
		return r;
	log->stream.sink = log->sink;
	log->stream.context = log;
	if (log->sink->form != SINK_PLAIN)
		print_open(&log->printer, false);
	return 0;
}

/* 0 or a negative error; nobody is to wait for more of what cannot be shown. */
static int log_feed(struct log *log, const char *bytes, size_t size, struct inspect_error *err)
{
	if (log->sink->form == SINK_PLAIN) {
		stream_put_plain(log->plain, bytes, size);
		out_flush(log->plain);
	} else {
		stream_feed(&log->stream, bytes, size);
	}
	if (buf_failed(&log->stream.held))
		return inspect_fail(err, ENOMEM, "a line: keep it");
	return 0;
}

static void log_end(struct log *log)
{
	if (log->sink->form != SINK_PLAIN) {
		stream_end(&log->stream);
		print_close(&log->printer, false);
	}
	stream_done(&log->stream);
}

static bool log_is_over(const struct log *log, const struct inspect_until *until)
{
	return sink_error(log->sink) || (log->plain && log->plain->error) || wait_is_over(until);
}

/* Reads until the end: 0 or a negative error. */
static int follow_pipe(struct log *log, int fd, const struct inspect_until *until,
		       struct inspect_error *err)
{
	autofree char *piece = malloc(STREAM_PIECE);
	int r = piece ? 0 : inspect_fail(err, ENOMEM, "trace pipe: room for lines");

	while (!r && !log_is_over(log, until)) {
		ssize_t n = read(fd, piece, STREAM_PIECE);

		if (n == 0)
			break;
		if (n > 0)
			r = log_feed(log, piece, (size_t)n, err);
		else if (errno == EAGAIN)
			wait_for(-1, 0, until, STREAM_TICK_MS);
		else if (errno != EINTR)
			r = inspect_fail(err, errno, "trace pipe: read");
	}
	return r;
}

int print_trace(struct inspect *inspect, struct sink *sink, bool no_mount,
		const struct inspect_until *until, const struct inspect_note *note,
		struct inspect_error *err)
{
	struct log log = { .sink = sink, .plain = sink->out };

	ERROR_NEEDED(err);
	autoclose int fd = trace_pipe_open(&inspect->sys, no_mount, note, err);
	if (fd < 0)
		return fd;
	log.stream.line = print_trace_line;
	int r = log_begin(&log, &trace_schema, err);
	if (!r)
		r = follow_pipe(&log, fd, until, err);
	log_end(&log);
	return r;
}

static int fail_stream(const struct inspect_prog *prog, const char *stream, int code,
		       struct inspect_error *err)
{
	if (code == EINVAL) {
		inspect_fail(err, EOPNOTSUPP, "prog %u: read its %s", prog->id, stream);
		return inspect_hint(err, "this kernel gives programs no streams: Linux 6.17 does");
	}
	return inspect_fail(err, code, "prog %u: read its %s", prog->id, stream);
}

/* Reads until it is empty, or until the end. */
static int take_stream(struct log *log, const struct inspect *inspect,
		       const struct inspect_prog *prog, const struct print_stream *how,
		       struct inspect_error *err)
{
	unsigned which = how->is_error ? STREAM_STDERR : STREAM_STDOUT;
	autofree char *piece = malloc(STREAM_PIECE);
	int r = piece ? 0 : inspect_fail(err, ENOMEM, "room for lines");

	while (!r && !log_is_over(log, how->until)) {
		int n = sys_stream_read(&inspect->sys, prog->fd, which, piece, STREAM_PIECE);

		if (n < 0)
			return fail_stream(prog, log->line.stream, -n, err);
		if (n > 0)
			r = log_feed(log, piece, (size_t)n, err);
		else if (how->goes_on)
			wait_for(-1, 0, how->until, STREAM_TICK_MS);
		else
			break;
	}
	return r;
}

int print_stream(struct inspect *inspect, struct sink *sink, const struct print_stream *how,
		 struct inspect_error *err)
{
	AUTO(inspect_prog_done) struct inspect_prog prog = { .fd = -1 };
	struct log log = { .sink = sink, .plain = how->plain };

	ERROR_NEEDED(err);
	int r = one_open(inspect, how->prog, &prog, err);
	if (r < 0)
		return r;
	log.line.prog_id = prog.id;
	log.line.stream = how->is_error ? "stderr" : "stdout";
	log.stream.line = print_stream_line;
	r = log_begin(&log, &stream_schema, err);
	if (!r)
		r = take_stream(&log, inspect, &prog, how, err);
	log_end(&log);
	return r;
}
