/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * batch.c - many commands from a file
 *
 * Each line is a command without options; those of the command line hold for all. In JSON there is
 * one document for the whole, with a part for each command, whatever fails.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "command.h"
#include "records/print.h"
#include "report.h"
#include "words.h"

#define NESTING 16 /* batches in batches; a file that names itself ends there */

struct batch_args {
	const char *path;
	bool keep_going;
};

struct batch {
	struct cli *cli;
	FILE *file;
	const char *name; /* of the file, for messages */
	bool keep_going;
	bool is_document; /* one for all commands */
	unsigned line;	  /* the last that was read */
	unsigned begin;	  /* the first of the command */
	unsigned n_done;
	int result; /* of the first command that failed */
};

static void close_file(FILE **file)
{
	if (*file && *file != stdin)
		fclose(*file);
}

static int fail_line(const struct batch *batch, struct inspect_error *err)
{
	return inspect_context(err, "%s: line %u", batch->name, batch->begin);
}

/* Adds a line to what there is, with its new line. 1, 0 at the end, or a negative error. */
static int read_line(struct batch *batch, struct buf *command, struct inspect_error *err)
{
	size_t before = command->size;
	int c;

	while ((c = getc_unlocked(batch->file)) != EOF) {
		buf_add_char(command, (char)c);
		if (c == '\n')
			break;
		if (c == '\0')
			return inspect_fail(err, INSPECT_EUSAGE, "line %u: a NUL byte",
					    batch->line + 1);
		if (command->size - before >= WORDS_LINE) {
			inspect_fail(err, E2BIG, "line %u", batch->line + 1);
			return inspect_hint(err, "a line may have %d bytes", WORDS_LINE - 1);
		}
	}
	if (ferror(batch->file))
		return inspect_fail(err, errno, "read");
	if (buf_failed(command)) /* which has nothing in it then, as at the end */
		return inspect_fail(err, ENOMEM, "line %u", batch->line + 1);
	batch->line += command->size > before;
	return command->size > before;
}

/* A command with its continuations, ended by NUL. 1, 0 at the end, or a negative error. */
static int read_command(struct batch *batch, struct buf *command, struct inspect_error *err)
{
	bool goes_on = false;

	command->size = 0;
	batch->begin = batch->line + 1;
	do {
		int r = read_line(batch, command, err);

		if (r == 0 && goes_on)
			return inspect_fail(err, INSPECT_EUSAGE,
					    "line %u: the line that it goes on with is missing",
					    batch->begin);
		if (r <= 0)
			return r;
		buf_add_char(command, '\0');
		if (buf_failed(command))
			return inspect_fail(err, ENOMEM, "line %u", batch->line);
		words_drop_comment(command->bytes);
		goes_on = words_go_on(command->bytes);
		command->size = strlen(command->bytes) + !goes_on;
		if (command->size > WORDS_LINE)
			return inspect_fail(err, E2BIG, "line %u: the command", batch->begin);
	} while (goes_on);
	return 1;
}

enum {
	BATCH_COMMAND,
	BATCH_OUTPUT,
	BATCH_LINE,
};

/* What stands for a command in a document; its parts are put as they come. */
static const struct field batch_fields[] = {
	[BATCH_COMMAND] = { .key = "command",
			    .help = "the words of the command",
			    .kind = FIELD_OWN,
			    .shape = "[text]" },
	[BATCH_OUTPUT] = { .key = "output",
			   .help = "the document that the command alone would print",
			   .kind = FIELD_OWN,
			   .shape = "any" },
	[BATCH_LINE] = { .key = "line", .help = "the line on which it begins", .kind = FIELD_U32 },
};

static const struct schema batch_schema = {
	.name = "batch",
	.fields = batch_fields,
	.n = sizeof(batch_fields) / sizeof(*batch_fields),
	.have_at = -1,
	.failed_at = -1,
};

static void put_words(struct sink *sink, const char *const *words, size_t n)
{
	sink_open_list(sink, batch_fields[BATCH_COMMAND].key);
	for (size_t i = 0; i < n; i++)
		sink_string(sink, NULL, words[i]);
	sink_close(sink);
}

/* Runs a command where its output is a part of the document. */
static int run_in_document(struct batch *batch, const char *const *words, size_t n,
			   struct inspect_error *err)
{
	struct sink *sink = batch->cli->sink;

	sink_open_record(sink, NULL);
	put_words(sink, words, n);
	unsigned before = sink_begin_part(sink, batch_fields[BATCH_OUTPUT].key);
	int r = command_run(batch->cli, words, n, err);
	if (r < 0) {
		if (!sink_is_compatible(sink))
			fail_line(batch, err); /* elsewhere the line is beside the message */
		report(batch->cli, err);
	}
	sink_end_part(sink, before);
	sink_u64(sink, batch_fields[BATCH_LINE].key, batch->begin);
	sink_close(sink);
	return r;
}

/* Runs a command where its output stands for itself. */
static int run_alone(struct batch *batch, const char *const *words, size_t n,
		     struct inspect_error *err)
{
	struct cli *cli = batch->cli;
	struct sink *outer = cli->sink, sink;

	sink_init(&sink, cli->out, cli->options.form, cli->options.is_pretty, cli->options.columns);
	cli->sink = &sink;
	int r = command_run(cli, words, n, err);
	int written = sink_finish(&sink);
	sink_done(&sink);
	cli->sink = outer;
	if (!r && written && !cli->out->error)
		r = inspect_fail(err, -written, "write the output");
	if (r < 0) {
		fail_line(batch, err);
		report(cli, err);
	}
	out_flush(cli->err);
	return r;
}

static void note_result(struct batch *batch, int result)
{
	batch->n_done++;
	if (result && !batch->result)
		batch->result = result;
}

/* What is no command, with the next one in its place where that was asked for: 0 or the error. */
static int skip_command(struct batch *batch, struct inspect_error *err)
{
	int r = inspect_context(err, "line %u", batch->begin);

	if (!batch->keep_going)
		return r;
	inspect_context(err, "%s", batch->name);
	report(batch->cli, err);
	note_result(batch, r);
	return 0;
}

/* Runs all commands. 0, or a negative error of the file's own. */
static int run_commands(struct batch *batch, struct inspect_error *err)
{
	AUTO(buf_done) struct buf command = { 0 };
	autofree const char **words = calloc(WORDS_COUNT, sizeof(*words));
	int r = words ? 0 : inspect_fail(err, ENOMEM, "room for words");

	while (!r && (r = read_command(batch, &command, err)) > 0) {
		int n = words_split(command.bytes, words, err);

		r = n < 0 ? skip_command(batch, err) : 0;
		if (n > 0 && batch->is_document)
			note_result(batch, run_in_document(batch, words, (size_t)n, err));
		else if (n > 0)
			note_result(batch, run_alone(batch, words, (size_t)n, err));
		if (sink_error(batch->cli->sink) || batch->cli->stop.is_wanted ||
		    (batch->result && !batch->keep_going))
			break;
	}
	return r < 0 ? inspect_context(err, "%s", batch->name) : 0;
}

static FILE *open_file(const char *path)
{
	return strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
}

static int run_file(struct batch *batch, struct inspect_error *err)
{
	struct cli *cli = batch->cli;

	if (batch->is_document)
		sink_open_list(cli->sink, NULL);
	inspect_keep_open(cli->inspect, true);
	int r = run_commands(batch, err);
	inspect_keep_open(cli->inspect, false);
	if (batch->is_document)
		sink_close(cli->sink);
	if (r < 0)
		return r;
	if (cli->options.form == SINK_PLAIN && !batch->result)
		out_fmt(cli->out, "processed %u commands\n", batch->n_done);
	if (batch->result < 0)
		cli->told = batch->result;
	return batch->result ? 1 : 0;
}

static int batch_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct batch_args *how = args;
	struct batch batch = {
		.cli = cli,
		.name = strcmp(how->path, "-") == 0 ? "standard input" : how->path,
		.keep_going = how->keep_going,
		.is_document = cli->options.form == SINK_JSON || cli->options.form == SINK_STRICT,
	};

	if (cli->n_batches == NESTING) {
		inspect_fail(err, INSPECT_EUSAGE, "%s: batches are nested more than %d deep",
			     batch.name, NESTING);
		return inspect_hint(err, "does the file name itself?");
	}
	AUTO(close_file) FILE *file = open_file(how->path);
	if (!file)
		return inspect_fail(err, errno, "%s: open", batch.name);
	batch.file = file;
	cli->n_batches++;
	int r = run_file(&batch, err);
	cli->n_batches--;
	return r;
}

static const struct param params[] = {
	ARG_PATH(struct batch_args, path, "FILE", "a line each; - is standard input"),
	WORD_FLAG(struct batch_args, keep_going, "keep-going", "go on after a command that fails"),
};

const struct command batch_commands[BATCH_COMMANDS] = {
	{
		.verb = "file",
		.summary = "carry out the commands in a file",
		PARAMS(struct batch_args, params),
		.emits = { &batch_schema },
		.run = batch_run,
	},
	HELP_COMMAND,
};
