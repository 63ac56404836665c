/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * version.c - who we are, and what is compiled in
 *
 * Under the name bpftool we are the version of it that we stand in for: scripts compare it.
 */
#include "command.h"

#include "records/print.h"

#define BPFTOOL_VERSION "7.8.0"

struct feature {
	const char *word;
	bool (*is_on)(void);
};

static bool is_never(void)
{
	return false;
}

/* bpftool's words, in its order. */
static const struct feature features[] = {
	{ "libbfd", inspect_has_disassembler },
	{ "llvm", is_never },
	{ "crypto", is_never },
	{ "skeletons", is_never },
	{ "bootstrap", is_never },
};

#define N_FEATURES (sizeof(features) / sizeof(*features))

static void version_plain(const struct cli *cli, const char *version)
{
	bool is_first = true;

	out_fmt(cli->out, "%s v%s\nusing libbpf v%s\nfeatures:", cli->program, version,
		inspect_libbpf_version());
	for (size_t i = 0; i < N_FEATURES; i++) {
		if (!features[i].is_on())
			continue;
		out_fmt(cli->out, is_first ? " %s" : ", %s", features[i].word);
		is_first = false;
	}
	out_fmt(cli->out, "\n");
}

struct versions {
	const char *version;
	const char *libbpf_version;
	const struct feature *features;
};

static void put_features(struct sink *sink, const char *key, const void *member)
{
	(void)member;
	sink_open_record(sink, key);
	for (size_t i = 0; i < N_FEATURES; i++)
		sink_bool(sink, features[i].word, features[i].is_on());
	sink_close(sink);
}

#define V struct versions

static const struct field version_fields[] = {
	FIELD(V, version, "version", "the version"),
	FIELD(V, libbpf_version, "libbpf_version", "libbpf's version"),
	FIELD_AS(FIELD_OWN, 0, V, features, "features", "what is compiled in", .own = put_features,
		 .shape = "{libbfd:bool,llvm:bool,crypto:bool,skeletons:bool,bootstrap:bool}"),
};

static const struct schema version_schema = {
	.name = "version",
	.fields = version_fields,
	.n = sizeof(version_fields) / sizeof(*version_fields),
	.columns = "version,libbpf_version",
	.have_at = -1,
	.failed_at = -1,
};

static int version_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct versions versions = {
		.version = cli->is_bpftool ? BPFTOOL_VERSION : BPFLENS_VERSION,
		.libbpf_version = inspect_libbpf_version(),
	};
	struct printer printer;

	(void)args;
	if (cli->sink->form == SINK_PLAIN) {
		version_plain(cli, versions.version);
		return 0;
	}
	int r = print_init(&printer, cli->sink, &version_schema, err);
	if (r < 0)
		return r;
	print_open(&printer, true);
	print_record(&printer, &versions);
	print_close(&printer, true);
	return 0;
}

const struct command version_commands[VERSION_COMMANDS] = {
	{
		.verb = "version",
		.summary = "show versions and what is compiled in",
		.emits = { &version_schema },
		.run = version_run,
	},
};
