/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * version.c - who we are, and what is compiled in
 *
 * Under the name bpftool we are the version of it that we stand in for: scripts compare it.
 */
#include "command.h"

#define BPFTOOL_VERSION "7.8.0"

struct feature {
	const char *word;
	bool is_on;
};

/* bpftool's words, in its order. */
static const struct feature features[] = {
	{ "libbfd", false },	{ "llvm", false },	{ "crypto", false },
	{ "skeletons", false }, { "bootstrap", false },
};

#define N_FEATURES (sizeof(features) / sizeof(*features))

static void version_plain(const struct cli *cli, const char *version)
{
	bool is_first = true;

	out_fmt(cli->out, "%s v%s\nusing libbpf v%s\nfeatures:", cli->program, version,
		inspect_libbpf_version());
	for (size_t i = 0; i < N_FEATURES; i++) {
		if (!features[i].is_on)
			continue;
		out_fmt(cli->out, is_first ? " %s" : ", %s", features[i].word);
		is_first = false;
	}
	out_fmt(cli->out, "\n");
}

static int version_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const char *version = cli->is_bpftool ? BPFTOOL_VERSION : BPFLENS_VERSION;
	struct sink *sink = cli->sink;

	(void)args;
	(void)err;
	if (sink_is_text(sink)) {
		version_plain(cli, version);
		return 0;
	}
	sink_open_record(sink, NULL);
	sink_string(sink, "version", version);
	sink_string(sink, "libbpf_version", inspect_libbpf_version());
	sink_open_record(sink, "features");
	for (size_t i = 0; i < N_FEATURES; i++)
		sink_bool(sink, features[i].word, features[i].is_on);
	sink_close(sink);
	sink_close(sink);
	return 0;
}

const struct command version_commands[VERSION_COMMANDS] = {
	{ .verb = "version",
	  .summary = "show versions and what is compiled in",
	  .run = version_run },
};
