/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_cmdline.c - any words as a command line, on a kernel that permits nothing
 *
 * Words are parted by NUL. -B is left out: it opens whatever file it is given.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "command.h"
#include "complete.h"
#include "parse.h"
#include "records/inspect.h"
#include "report.h"

#define WORDS_MAX 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static long permit_nothing(int cmd, void *attr, unsigned size)
{
	(void)cmd;
	(void)attr;
	(void)size;
	errno = EPERM;
	return -1;
}

static int opens_a_file(const char *word)
{
	return word[0] == '-' && (strchr(word, 'B') || strncmp(word, "--b", 3) == 0);
}

/* What main() does with the words behind the options. */
static int run_words(struct cli *cli, const char *const *words, size_t n, struct inspect_error *err)
{
	uint64_t index;

	if (cli->options.wants_help)
		return help_show(cli, NULL);
	if (n >= 2 && strcmp(words[0], "__complete") == 0 &&
	    !num_parse(words[1], NUM_DECIMAL, 4096, &index)) {
		complete(cli, words + 2, n - 2, index);
		return 0;
	}
	return command_run(cli, words, n, err);
}

static void run_line(int argc, char **argv, const char *program)
{
	autoclose int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct inspect_error error = { 0 };
	struct out out, err;
	struct sink sink;
	struct cli cli = { .out = &out,
			   .err = &err,
			   .sink = &sink,
			   .program = program,
			   .is_bpftool = program[3] == 't' };
	int first = argc;

	must(inspect_open(&cli.inspect, NULL) == 0);
	cli.inspect->sys.bpf = permit_nothing;
	out_init(&out, fd);
	out_init(&err, fd);
	optind = 0; /* begins anew */
	int r = parse_options(&cli, argc, argv, &first, &error);
	must(first >= 0 && first <= argc);
	sink_init(&sink, &out, cli.options.form, cli.options.is_pretty, cli.options.columns);
	if (!r)
		r = run_words(&cli, (const char *const *)argv + first, (size_t)(argc - first),
			      &error);
	must(r <= 1);
	must(r >= 0 || (error.code == -r && error.what[0]));
	if (r < 0)
		report(&cli, &error);
	must(sink_finish(&sink) == 0);
	must(out_flush(&err) == 0);
	sink_done(&sink);
	inspect_close(cli.inspect);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const programs[] = { "bpflens", "bpftool" };

	for (size_t i = 0; i < 2; i++) {
		autofree char *text = malloc(size + 1), *name = strdup(programs[i]);
		char *argv[WORDS_MAX + 1] = { name };
		int argc = 1;

		must(text && name);
		if (size)
			memcpy(text, data, size);
		text[size] = '\0';
		for (char *at = text; argc < WORDS_MAX && at <= text + size; at += strlen(at) + 1) {
			if (opens_a_file(at))
				return 0;
			argv[argc++] = at;
		}
		run_line(argc, argv, programs[i]);
	}
	return 0;
}
