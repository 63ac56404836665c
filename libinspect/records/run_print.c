/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * run_print.c - run a program on what files have, and show what came of it
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "out/file.h"
#include "records/inspect.h"
#include "records/print.h"

#define INPUT_MAX (1u << 20) /* more than any kernel takes */
#define PIECE 4096

static void put_numbers(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_bytes *bytes = member;

	sink_byte_numbers(sink, key, bytes->bytes, bytes->size);
}

static void run_plain(struct out *out, const void *record)
{
	const struct inspect_run *run = record;

	if (run->have & INSPECT_RUN_HAS_DATA)
		out_hex_dump(out, run->data_out.bytes, run->data_out.size);
	if (run->have & INSPECT_RUN_HAS_CONTEXT)
		out_hex_dump(out, run->context_out.bytes, run->context_out.size);
	out_fmt(out, "Return value: %u, duration%s: %uns\n", run->retval,
		run->repeat > 1 ? " (average)" : "", run->duration_ns);
}

#define R struct inspect_run

static const struct field run_fields[] = {
	FIELD_AS(FIELD_OWN, INSPECT_RUN_HAS_DATA, R, data_out, "data_out",
		 "the data as the program left it", .own = put_numbers, .shape = "hex"),
	FIELD_AS(FIELD_OWN, INSPECT_RUN_HAS_CONTEXT, R, context_out, "ctx_out",
		 "the context as the program left it", .own = put_numbers, .shape = "hex"),
	FIELD(R, retval, "retval", "what the program returned"),
	FIELD(R, duration_ns, "duration", "how long a run took, on average, nanoseconds"),
	FIELD(R, prog_id, "prog_id", "the program", .flags = FIELD_STRICT, .column = "prog"),
};

const struct schema run_schema = {
	.name = "run",
	.fields = run_fields,
	.n = sizeof(run_fields) / sizeof(*run_fields),
	.columns = "prog_id,retval,duration",
	.plain = run_plain,
	.have_at = offsetof(struct inspect_run, have),
	.failed_at = -1,
	.id_at = -1,
};

static bool is_stream(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

static int read_input(int fd, const char *name, struct buf *bytes, struct inspect_error *err)
{
	ssize_t n;

	do {
		char *to = buf_reserve(bytes, PIECE);
		if (!to)
			return inspect_fail(err, ENOMEM, "%s: read", name);
		n = read(fd, to, PIECE);
		if (n < 0 && errno != EINTR)
			return inspect_fail(err, errno, "%s: read", name);
		if (n > 0)
			bytes->size += (size_t)n;
		if (bytes->size > INPUT_MAX)
			return inspect_fail(err, E2BIG, "%s: read", name);
	} while (n);
	return 0;
}

static int read_given(const char *path, struct buf *bytes, struct inspect_error *err)
{
	if (!path)
		return 0;
	if (is_stream(path))
		return read_input(STDIN_FILENO, "standard input", bytes, err);
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return inspect_fail(err, errno, "%s: open", path);
	return read_input(fd, path, bytes, err);
}

/* A directory that cannot take a file is better found before the program runs. */
static int check_output(const char *path, struct inspect_error *err)
{
	if (!path || is_stream(path))
		return 0;
	AUTO(buf_done) struct buf directory = { 0 };
	const char *slash = strrchr(path, '/');

	if (access(path, F_OK) == 0)
		return access(path, W_OK) ? inspect_fail(err, errno, "%s: write", path) : 0;
	buf_add(&directory, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
	buf_add_char(&directory, '\0');
	if (buf_failed(&directory))
		return inspect_fail(err, ENOMEM, "%s", path);
	if (access(directory.bytes, W_OK | X_OK))
		return inspect_fail(err, errno, "%s: write", path);
	return 0;
}

static int write_output(const char *path, const struct inspect_bytes *bytes,
			struct inspect_error *err)
{
	if (!path || is_stream(path))
		return 0;
	return file_replace(path, bytes->bytes, bytes->size, err);
}

static int print(struct sink *sink, const struct inspect_run *run, struct inspect_error *err)
{
	struct printer printer;

	int r = print_init(&printer, sink, &run_schema, err);
	if (r < 0)
		return r;
	print_open(&printer, true);
	print_record(&printer, run);
	print_close(&printer, true);
	return 0;
}

/* What goes to a file or nowhere is not shown. */
static void hide_files(const struct print_run *how, struct inspect_run *run)
{
	if (!is_stream(how->data_out))
		run->have &= ~(unsigned)INSPECT_RUN_HAS_DATA;
	if (!is_stream(how->ctx_out))
		run->have &= ~(unsigned)INSPECT_RUN_HAS_CONTEXT;
}

static int check_paths(const struct print_run *how, struct inspect_error *err)
{
	if (is_stream(how->data_in) && is_stream(how->ctx_in))
		return inspect_fail(err, INSPECT_EUSAGE,
				    "cannot use standard input for both data_in and ctx_in");
	int r = check_output(how->data_out, err);
	return r < 0 ? r : check_output(how->ctx_out, err);
}

static struct inspect_bytes bytes_of(const struct buf *buf, const char *path)
{
	struct inspect_bytes none = { 0 };

	if (!path || !buf->size)
		return none;
	return (struct inspect_bytes){ (const unsigned char *)buf->bytes, buf->size };
}

int print_run(struct inspect *inspect, struct sink *sink, const struct print_run *how,
	      struct inspect_error *err)
{
	AUTO(inspect_run_done) struct inspect_run run = how->run;
	AUTO(buf_done) struct buf data = { 0 };
	AUTO(buf_done) struct buf context = { 0 };

	int r = check_paths(how, err);
	if (!r)
		r = read_given(how->data_in, &data, err);
	if (!r)
		r = read_given(how->ctx_in, &context, err);
	if (r < 0)
		return r;
	run.data = bytes_of(&data, how->data_in);
	run.context = bytes_of(&context, how->ctx_in);
	run.wants_data = how->data_out || run.data_room;
	run.wants_context = how->ctx_out || run.context_room;
	r = inspect_prog_run(inspect, how->prog, &run, err);
	if (r < 0)
		return r;
	r = write_output(how->data_out, &run.data_out, err);
	if (!r)
		r = write_output(how->ctx_out, &run.context_out, err);
	hide_files(how, &run);
	/* The program ran, whatever became of its output. */
	int printed = print(sink, &run, r < 0 ? NULL : err);
	return r < 0 ? r : printed;
}
