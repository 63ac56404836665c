/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * iter.c - commands on iterators
 */
#include "command.h"

#include "attach/print.h"
#include "base/cleanup.h"
#include "show.h"
#include "stop.h"

struct iter_args {
	const char *file;
	const char *path; /* pin */
	struct inspect_ref map;
	const char *prog;
	struct given_number pid;
	struct given_number tid;
	const char *cgroup;
	const char *order;
};

static struct inspect_iter_spec spec_of(const struct cli *cli, const struct iter_args *given)
{
	return (struct inspect_iter_spec){
		.load = {
			.file = given->file,
			.is_lenient = cli->options.is_lenient,
			.log_level = cli->options.is_debug ? INSPECT_LOG_ALL : 0,
		},
		.prog = given->prog,
		.has_map = given->map.by != INSPECT_BY_ALL,
		.map = given->map,
		.pid = (unsigned)given->pid.value,
		.tid = (unsigned)given->tid.value,
		.cgroup = given->cgroup,
		.order = given->order,
	};
}

static int iter_pin(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct iter_args *given = args;
	const struct inspect_iter_spec spec = spec_of(cli, given);
	const struct inspect_note note = { show_note_text, cli };

	return inspect_iter_pin(cli->inspect, &spec, given->path, cli->options.no_mount, &note,
				err);
}

/* Signals wait only from where the object is loaded: that is done by another process, which must not inherit them. */
static int iter_show(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct inspect_iter_spec spec = spec_of(cli, args);
	const struct inspect_note note = { show_note_text, cli };
	autoclose int fd = -1;

	int r = inspect_iter_open(cli->inspect, &spec, &note, &fd, err);
	if (!r)
		r = stop_begin(cli, err);
	return r < 0 ? r : stop_end(cli, print_iter(cli->sink, fd, &cli->stop.until, err));
}

#define I struct iter_args

static const char *const orders[] = { "self_only",    "descendants_pre", "descendants_post",
				      "ancestors_up", "children",	 NULL };

#define ITER_WORDS                                                                                 \
	WORD_OBJECT(I, map, "map", INSPECT_MAP, "the map whose elements it walks over"),           \
		WORD_VALUE(PARAM_TEXT, I, prog, "program", "NAME",                                 \
			   "which one, where the object has several iterators"),                   \
		WORD_NUMBER(I, pid, "pid", 0x7fffffff, "tasks of this process alone"),             \
		WORD_NUMBER(I, tid, "tid", 0x7fffffff, "this task alone"),                         \
		WORD_VALUE(PARAM_PATH, I, cgroup, "cgroup", "DIR", "the cgroup to begin at"),      \
		WORD_CHOICE(I, order, "order", "ORDER",                                            \
			    "which cgroups from there, and in which order (see the page)", orders)

static const struct param pin_params[] = {
	ARG_PATH(I, file, "OBJ", "the object file that a compiler made"),
	ARG_PATH(I, path, "FILE", "the new path, in a BPF file system"),
	ITER_WORDS,
};

static const struct param show_params[] = {
	ARG_PATH(I, file, "OBJ|PIN", "the object file, or where the link of an iterator is pinned"),
	ITER_WORDS,
};

const struct command iter_commands[ITER_COMMANDS] = {
	HELP_COMMAND,
	{
		.verb = "pin",
		.summary = "load an iterator and pin its link",
		PARAMS(I, pin_params),
		.run = iter_pin,
	},
	{
		.verb = "show",
		.summary = "run an iterator once and print what it writes",
		PARAMS(I, show_params),
		.emits = { &iter_line_schema },
		.run = iter_show,
	},
};
