/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * feature.c - commands on what the kernel can do
 */
#include "command.h"

#include "base/cleanup.h"
#include "probe/print.h"
#include "show.h"
#include "stop.h"

struct probe_args {
	struct inspect_words words;
};

static const struct param probe_params[] = {
	ARG_WORDS_BY(
		struct probe_args, words, "WHAT", "[WHAT...]",
		"kernel, dev NAME, full, unprivileged, macros, prefix PREFIX; or: prog_type xdp",
		inspect_probe_complete),
};

static int feature_probe(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct probe_args *given = args;
	AUTO(print_probe_done) struct print_probe how = { 0 };
	const struct inspect_note note = { show_note_text, cli };

	int r = print_probe_words(&given->words, &how, err);
	if (!r)
		r = stop_begin(cli, err);
	if (r < 0)
		return r;
	stop_by_pipe(cli);
	how.probe.until = &cli->stop.until;
	return stop_end(cli, print_features(cli->inspect, cli->sink, &how, &note, err));
}

struct builtins_args {
	const char *list;
};

static const struct param builtins_params[] = {
	ARG_TEXT_OF(struct builtins_args, list, "GROUP",
		    "prog_types, map_types, attach_types, link_types, helpers, or kfuncs",
		    "prog_types map_types attach_types link_types helpers kfuncs"),
};

static int feature_builtins(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct builtins_args *given = args;

	return print_builtins(cli->inspect, cli->sink, given->list, err);
}

struct diff_args {
	const char *old;
	const char *new;
	const char *kind;
	const char *of;
};

/* Types of programs and of maps, as questions have them behind "for". */
static void complete_types(struct inspect *inspect, const struct inspect_words *words,
			   const char *typed, void (*offer)(void *context, const char *word),
			   void *context)
{
	static const char *const of_programs[] = { "helper", "bpf_loop", "for" };
	static const char *const of_maps[] = { "batch", "lookup_batch", "for" };
	const struct inspect_words before[] = { { of_programs, 3 }, { of_maps, 3 } };

	(void)words;
	for (size_t i = 0; i < 2; i++)
		inspect_probe_complete(inspect, &before[i], typed, offer, context);
}

static const struct param diff_params[] = {
	ARG_PATH(struct diff_args, old, "FILE", "a saved probe"),
	ARG_PATH_OPTIONAL(struct diff_args, new, "FILE",
			  "another one; the running kernel if left out"),
	WORD_OF(struct diff_args, kind, "kind", "KIND", "only things of this kind",
		PRINT_KIND_WORDS),
	WORD_BY(struct diff_args, of, "for", "TYPE",
		"only what is for this type of programs or maps", complete_types),
};

static int feature_diff(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct diff_args *given = args;
	const struct print_diff how = {
		.old = given->old,
		.new = given->new,
		.kind = given->kind,
		.of = given->of,
	};

	return print_feature_diff(cli->inspect, cli->sink, &how, err);
}

struct check_args {
	struct inspect_words objects;
	const char *btf;
	const char *against;
	bool tries;
	bool is_all;
};

#define C struct check_args

static const struct param check_params[] = {
	ARG_PATHS(C, objects, "FILE...", "object files that a compiler made"),
	WORD_VALUE(PARAM_PATH, C, btf, "btf", "FILE",
		   "hold them against another kernel: its types"),
	WORD_VALUE(PARAM_PATH, C, against, "against", "FILE", "the same: a saved probe of it"),
	WORD_FLAG(C, tries, "load", "load them for trial; nothing is left"),
	WORD_FLAG(C, is_all, "all", "also show what is there"),
};

static int feature_check(struct cli *cli, const void *args, struct inspect_error *err)
{
	const C *given = args;
	const struct print_check how = {
		.objects = &given->objects,
		.btf = given->btf,
		.saved = given->against,
		.tries = given->tries,
		.is_all = given->is_all,
		.people = cli->err,
	};

	return print_check(cli->inspect, cli->sink, &how, err);
}

const struct command feature_commands[FEATURE_COMMANDS] = {
	{
		.verb = "probe",
		.summary = "find out what this kernel can do",
		PARAMS(struct probe_args, probe_params),
		.emits = { &feature_schema },
		.run = feature_probe,
	},
	{
		.verb = "list_builtins",
		.summary = "list the names that are known",
		PARAMS(struct builtins_args, builtins_params),
		.emits = { &builtin_schema },
		.run = feature_builtins,
	},
	{
		.verb = "diff",
		.summary = "say in what two kernels differ, by their saved probes",
		PARAMS(struct diff_args, diff_params),
		.emits = { &feature_difference_schema },
		.run = feature_diff,
	},
	{
		.verb = "check",
		.summary = "say what object files need that this kernel, or another, lacks",
		PARAMS(C, check_params),
		.emits = { &feature_need_schema },
		.run = feature_check,
	},
	HELP_COMMAND,
};
