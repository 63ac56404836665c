/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf.c - commands on BTF
 */
#include "command.h"

#include <string.h>

#include "base/error.h"
#include "records/print.h"
#include "show.h"

struct dump_args {
	struct inspect_btf_spec types;
	const char *format;
	const char *guard;
	const char *name;
	bool is_unsorted;
	struct given_ids root_ids;
};

static int btf_dump(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct dump_args *given = args;
	const struct inspect_note note = { show_note_text, cli };
	struct inspect_btf_spec spec = given->types;
	bool is_c = given->format && strcmp(given->format, "c") == 0;
	const struct print_btf how = {
		.spec = &spec,
		.is_c = is_c,
		.is_unsorted = given->is_unsorted,
		.guard = given->guard,
		.name = given->name,
		.root_ids = given->root_ids.ids,
		.n_root_ids = given->root_ids.n,
		.note = &note,
	};

	if (given->format && !is_c && strcmp(given->format, "raw") != 0)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "unrecognized format specifier: '%s', possible values: raw, c",
				    given->format);
	spec.base = cli->options.base_btf;
	return print_btf(cli->inspect, cli->sink, &how, err);
}

static const struct param show_params[] = {
	ARG_OPTIONAL(struct show_args, ref, INSPECT_BTF, "only this one"),
	WORD_FLAG(struct show_args, no_owners, "no-owners",
		  "do not look for the processes that hold them"),
};

#define D struct dump_args

static const struct param dump_params[] = {
	ARG_TYPES(D, types, INSPECT_BTF_FILES,
		  "where the types are; of a map, those of its keys and values"),
	WORD_OF(D, format, "format", "FORMAT", "raw, or c for a C header; raw if left out",
		"raw c"),
	WORD_VALUE(PARAM_IDS, D, root_ids, "root_id", "ID",
		   "only this type; up to 16 may be named"),
	WORD_FLAG(D, is_unsorted, "unsorted", "the C header by type id, as the raw form is anyway"),
	WORD_VALUE(PARAM_TEXT, D, guard, "guard", "NAME",
		   "the C header's include guard; it can then be included beside others"),
	WORD_VALUE(PARAM_TEXT, D, name, "name", "GLOB",
		   "only types of such a name, and what they depend on"),
};

struct find_args {
	const char *name;
	struct inspect_words sources;
};

struct diff_args {
	struct inspect_btf_spec old;
	struct inspect_btf_spec new;
	const char *name;
	const char *old_base;
	const char *new_base;
	bool check;
};

static int btf_find(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct find_args *given = args;
	const struct inspect_note note = { show_note, cli };
	const struct inspect_btf_find find = {
		.name = given->name,
		.sources = given->sources,
		.base = cli->options.base_btf,
	};

	return print_btf_found(cli->inspect, cli->sink, &find, &note, err);
}

static int btf_diff(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct diff_args *given = args;
	const struct inspect_note note = { show_note, cli };
	struct inspect_btf_diff diff = {
		.old = given->old,
		.new = given->new,
		.name = given->name,
		.is_check = given->check,
	};

	diff.old.base = given->old_base ? given->old_base : cli->options.base_btf;
	diff.new.base = given->new_base ? given->new_base : cli->options.base_btf;
	return print_btf_differences(cli->inspect, cli->sink, &diff, &note, err);
}

static const struct param find_params[] = {
	ARG_TEXT(struct find_args, name, "NAME",
		 "a type, an enumerator, or TYPE.MEMBER; * and ? stand for any letters"),
	ARG_SOURCES(struct find_args, sources, "[SRC]...",
		    "where to look, in place of the kernel, its modules and what is loaded"),
};

static const struct param diff_params[] = {
	ARG_TYPES_AS(struct diff_args, old, "OLD", 1, "the old types, named as SRC"),
	ARG_TYPES_AS(struct diff_args, new, "NEW", 1, "the new types"),
	WORD_VALUE(PARAM_TEXT, struct diff_args, name, "name", "GLOB", "only types of such a name"),
	WORD_FLAG(struct diff_args, check, "check", "exit with 1 where something differs"),
	WORD_VALUE(PARAM_PATH, struct diff_args, old_base, "old-base", "FILE",
		   "base of the old, where they are split BTF"),
	WORD_VALUE(PARAM_PATH, struct diff_args, new_base, "new-base", "FILE", "base of the new"),
};

const struct command btf_commands[BTF_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show BTF objects",
		PARAMS(struct show_args, show_params),
		.emits = { &btf_schema },
		.run = show_run,
	},
	HELP_COMMAND,
	{
		.verb = "dump",
		.summary = "print types",
		PARAMS(D, dump_params),
		.emits = { &btf_type_schema },
		.run = btf_dump,
	},
	{
		.verb = "find",
		.summary = "say where a type is, and what it looks like",
		PARAMS(struct find_args, find_params),
		.emits = { &btf_found_schema },
		.run = btf_find,
	},
	{
		.verb = "diff",
		.summary = "say which types differ",
		PARAMS(struct diff_args, diff_params),
		.emits = { &btf_difference_schema },
		.run = btf_diff,
	},
};
