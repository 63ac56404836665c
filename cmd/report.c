/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * report.c - an error to where its form has a place for it
 */
#include "report.h"

#include "base/error.h"

static void report_plain(struct out *err, const struct inspect_error *error, const char *message)
{
	if (err->has_colour)
		out_literal(err, "\033[1;31mError:\033[0m");
	else
		out_literal(err, "Error:");
	out_fmt(err, " %s\n", message);
	out_if(err, error->hint[0], "  hint: %s\n", error->hint);
}

void report(struct cli *cli, const struct inspect_error *error)
{
	char message[1024];
	struct sink sink;

	error_format(error, message, sizeof(message));
	switch (cli->options.form) {
	case SINK_JSON:
		sink_fail(cli->sink, message, error->hint);
		break;
	case SINK_STRICT:
	case SINK_LINES:
		sink_init(&sink, cli->err, SINK_LINES, false, NULL);
		sink_fail(&sink, message, error->hint);
		sink_finish(&sink);
		sink_done(&sink);
		break;
	case SINK_PLAIN:
	case SINK_TABLE:
	case SINK_TSV:
		report_plain(cli->err, error, message);
		break;
	}
}
