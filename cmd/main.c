/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * main.c - begin, carry out, report, end
 *
 * Whatever fails, the document on standard output is closed and complete, and the exit status says
 * that something is missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/num.h"
#include "command.h"
#include "complete.h"
#include "describe.h"
#include "parse.h"
#include "report.h"

enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_BPFTOOL = 255, /* every failure, under that name */
};

/*
 * A descriptor of the kernel's objects must not become standard input, output or error. What is
 * closed is opened for reading alone: writing to it goes on failing.
 */
static bool reserve_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return false;
	return true;
}

static void init_streams(struct cli *cli, struct out *out, struct out *err)
{
	const char *no_colour = getenv("NO_COLOR");
	bool may_colour = !no_colour || !*no_colour;

	out_init(out, STDOUT_FILENO);
	out_init(err, STDERR_FILENO);
	out->has_colour = out->is_tty && may_colour;
	err->has_colour = err->is_tty && may_colour;
	cli->out = out;
	cli->err = err;
}

/* Ends the document and writes it. */
static int finish(struct cli *cli)
{
	struct inspect_error error = { 0 };
	int r = sink_finish(cli->sink);

	if (r == -EPIPE)
		return r; /* who closed the pipe knows */
	if (r < 0) {
		inspect_fail(&error, -r, "write the output");
		cli->options.form = SINK_PLAIN; /* the document is lost */
		report(cli, &error);
	}
	return r;
}

static int run_words(struct cli *cli, const char *const *words, size_t n, struct inspect_error *err)
{
	static const char *const version[] = { "version" };
	uint64_t index;

	if (cli->options.wants_help)
		return help_show(cli, NULL);
	if (cli->options.wants_version)
		return command_run(cli, version, 1, err);
	if (n >= 2 && strcmp(words[0], "__complete") == 0 &&
	    !num_parse(words[1], NUM_DECIMAL, 4096, &index)) {
		complete(cli, words + 2, n - 2, index);
		return 0;
	}
	if (n == 1 && strcmp(words[0], "__describe") == 0) {
		describe(cli);
		return 0;
	}
	return command_run(cli, words, n, err);
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct inspect_error error = { 0 };
	struct sink sink;
	int first = argc;

	int r = parse_options(cli, argc, argv, &first, &error);
	sink_init(&sink, cli->out, cli->options.form, cli->options.is_pretty, cli->options.columns);
	cli->sink = &sink;
	if (!r)
		r = inspect_open(&cli->inspect, &error);
	if (!r)
		r = run_words(cli, (const char *const *)argv + first, (size_t)(argc - first),
			      &error);
	if (r < 0)
		report(cli, &error);

	int written = finish(cli);
	sink_done(&sink);
	inspect_close(cli->inspect);
	if (r == -INSPECT_EUSAGE || cli->told == -INSPECT_EUSAGE)
		return STATUS_USAGE;
	if (r < 0 || written)
		return STATUS_FAILED;
	return r; /* of some commands more than 1: see print.h of their room */
}

int main(int argc, char **argv)
{
	struct cli cli = { .program = "bpflens", .stop = STOP_NONE };
	/* Not on the heap: somebody has to be told when that has no room. */
	struct out out, err;
	const char *name = argc ? argv[0] : "";

	if (!reserve_descriptors())
		return STATUS_FAILED;
	if (strrchr(name, '/'))
		name = strrchr(name, '/') + 1;
	if (strcmp(name, "bpftool") == 0) {
		cli.program = "bpftool";
		cli.is_bpftool = true;
	}
	init_streams(&cli, &out, &err);

	int status = run(&cli, argc, argv);
	out_flush(&err);
	stop_done(&cli.stop);
	return cli.is_bpftool && status ? STATUS_BPFTOOL : status;
}
