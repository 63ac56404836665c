/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * prog.c - commands on programs
 */
#include "command.h"

#include <stdint.h>
#include <string.h>

#include "attach.h"
#include "attach/print.h"
#include "base/error.h"
#include "code/print.h"
#include "detach.h"
#include "load.h"
#include "load/print.h"
#include "pin.h"
#include "records/print.h"
#include "report.h"
#include "show.h"
#include "watch/print.h"

struct dump_args {
	const char *form;
	struct inspect_ref prog;
	const char *file;
	bool opcodes;
	bool visual;
	bool linum;
	bool mermaid;
	bool names;
	const char *syntax;
};

static void fail(void *context, const struct inspect_error *error)
{
	report(context, error);
}

/* What bpftool says of words that do not go together, and what it could not know. */
static int check_words(const struct cli *cli, const struct dump_args *dump,
		       struct inspect_error *err)
{
	bool is_graph = dump->visual || dump->mermaid;

	if (dump->file && (dump->opcodes || is_graph || dump->linum))
		return inspect_fail(
			err, INSPECT_EUSAGE,
			"'file' is not compatible with 'opcodes', 'visual', or 'linum'");
	if (dump->file && (dump->names || dump->syntax))
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'file' is not compatible with 'names' or 'syntax'");
	if (dump->visual && dump->mermaid)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'visual' is not compatible with 'mermaid'");
	if (is_graph && cli->options.form != SINK_PLAIN)
		return inspect_fail(err, INSPECT_EUSAGE, "'%s' is not compatible with %s output",
				    dump->visual ? "visual" : "mermaid",
				    sink_is_columns(cli->sink) ? "table" : "JSON");
	return 0;
}

/* Words about translated instructions alone. */
static int check_jited_words(const struct dump_args *dump, struct inspect_error *err)
{
	const char *word = dump->visual	   ? "visual"
			   : dump->mermaid ? "mermaid"
			   : dump->names   ? "names"
			   : dump->syntax  ? "syntax"
					   : NULL;

	if (!word && dump->file && strcmp(dump->form, "both") == 0)
		word = "file";
	if (word)
		return inspect_fail(err, INSPECT_EUSAGE, "'%s' is not compatible with '%s'", word,
				    dump->form);
	return 0;
}

static int dump_jited(struct cli *cli, const struct dump_args *dump, const struct print_code *how,
		      struct inspect_error *err)
{
	int r = check_jited_words(dump, err);

	if (r < 0)
		return r;
	if (strcmp(dump->form, "both") == 0)
		return print_both(cli->inspect, cli->sink, &dump->prog, how, err);
	if (dump->file)
		return save_jited(cli->inspect, &dump->prog, dump->file, err);
	return print_jited(cli->inspect, cli->sink, &dump->prog, how, err);
}

static int prog_dump(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct dump_args *dump = args;
	const struct inspect_note note = { show_note_text, cli };
	const struct print_code how = {
		.opcodes = dump->opcodes,
		.lines = dump->linum,
		.names = dump->names,
		.syntax = dump->syntax && strcmp(dump->syntax, "asm") == 0 ? INSN_ASSEMBLER
									   : INSN_KERNEL,
		.note = &note,
		.fail = fail,
		.context = cli,
	};

	int r = check_words(cli, dump, err);
	if (r < 0)
		return r;
	if (strcmp(dump->form, "xlated") != 0)
		return dump_jited(cli, dump, &how, err);
	if (dump->file)
		return save_xlated(cli->inspect, &dump->prog, dump->file, err);
	if (dump->visual || dump->mermaid)
		return print_xlated_graph(cli->inspect, cli->sink, &dump->prog,
					  dump->visual ? PRINT_GRAPH_DOT : PRINT_GRAPH_MERMAID,
					  &how, err);
	return print_xlated(cli->inspect, cli->sink, &dump->prog, &how, err);
}

struct run_args {
	struct inspect_ref prog;
	const char *data_in;
	const char *data_out;
	struct given_number data_size_out;
	const char *ctx_in;
	const char *ctx_out;
	struct given_number ctx_size_out;
	struct given_number repeat;
	struct given_number cpu;
	bool live_frames;
	struct given_number batch_size;
};

static int prog_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct run_args *given = args;
	const struct print_run how = {
		.prog = &given->prog,
		.data_in = given->data_in,
		.data_out = given->data_out,
		.ctx_in = given->ctx_in,
		.ctx_out = given->ctx_out,
		.run = {
			.data_room = (unsigned)given->data_size_out.value,
			.context_room = (unsigned)given->ctx_size_out.value,
			.repeat = (unsigned)given->repeat.value,
			.has_cpu = given->cpu.is_there,
			.cpu = (unsigned)given->cpu.value,
			.is_live = given->live_frames,
			.batch_size = (unsigned)given->batch_size.value,
		},
	};

	return print_run(cli->inspect, cli->sink, &how, err);
}

struct tracelog_args {
	const char *stream;
	struct inspect_ref prog;
	bool follow;
};

static int check_tracelog(const struct tracelog_args *log, struct inspect_error *err)
{
	if (log->stream && log->prog.by == INSPECT_BY_ALL)
		return inspect_fail(err, INSPECT_EUSAGE, "expected PROG behind '%s'", log->stream);
	if (log->follow && !log->stream)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'follow' goes with 'stdout' or 'stderr': the trace pipe is "
				    "always followed");
	return 0;
}

static int prog_tracelog(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct tracelog_args *log = args;
	const struct inspect_note note = { show_note_text, cli };
	bool is_error = log->stream && strcmp(log->stream, "stderr") == 0;
	const struct print_stream how = {
		.prog = &log->prog,
		.is_error = is_error,
		.goes_on = log->follow,
		.plain = is_error ? cli->err : cli->out,
		.until = &cli->stop.until,
	};

	int r = check_tracelog(log, err);
	if (!r)
		r = stop_begin(cli, err);
	if (r < 0)
		return r;
	if (log->stream)
		r = print_stream(cli->inspect, cli->sink, &how, err);
	else
		r = print_trace(cli->inspect, cli->sink, cli->options.no_mount, &cli->stop.until,
				&note, err);
	return stop_end(cli, r);
}

static const char *const trace_streams[] = { "stdout", "stderr", NULL };

static const char *const dump_forms[] = { "xlated", "jited", "both", NULL };
static const char *const dump_syntaxes[] = { "kernel", "asm", NULL };

struct profile_args {
	struct inspect_ref prog;
	struct inspect_words words;
};

static int prog_profile(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct profile_args *given = args;
	const struct inspect_note note = { show_note_text, cli };

	int r = stop_begin(cli, err);
	if (r < 0)
		return r;
	return stop_end(cli, print_profile(cli->inspect, cli->sink, &given->prog, &given->words,
					   &cli->stop.until, &note, err));
}

static const struct param profile_params[] = {
	ARG(struct profile_args, prog, INSPECT_PROG,
	    "the program; of one name or tag there may be several"),
	ARG_WORDS(
		struct profile_args, words, "METRIC", "[PROG]... [duration SECONDS] METRIC...",
		"more programs; for how long; what to count, as cycles (a wrong METRIC lists all)",
		"duration cycles instructions l1d_loads llc_misses itlb_misses dtlb_misses cpu_clock task_clock page_faults context_switches cpu_migrations"),
};

#define D struct dump_args

static const struct param dump_params[] = {
	ARG_CHOICE(D, form, "xlated|jited|both",
		   "the instructions, the machine code made of them, or both by line", dump_forms),
	ARG(D, prog, INSPECT_PROG, "the program; of one name or tag there may be several"),
	WORD_VALUE(PARAM_PATH, D, file, "file", "FILE", "write the bytes there and print nothing"),
	WORD_FLAG(D, opcodes, "opcodes", "show the bytes of each instruction"),
	WORD_FLAG(D, visual, "visual", "draw where control can go, for Graphviz"),
	WORD_FLAG(D, linum, "linum", "show file, line and column of each source line"),
	WORD_FLAG(D, mermaid, "mermaid", "draw where control can go, for Mermaid"),
	WORD_FLAG(D, names, "names", "name maps, functions and targets behind each instruction"),
	WORD_CHOICE(D, syntax, "syntax", "kernel|asm",
		    "write instructions as bpftool does, or as llvm-objdump", dump_syntaxes),
};

#define R struct run_args

static const struct param run_params[] = {
	ARG(R, prog, INSPECT_PROG, "the program; a name or a tag must fit one alone"),
	WORD_VALUE(PARAM_PATH, R, data_in, "data_in", "FILE",
		   "the data it gets, mostly a packet; - is standard input"),
	WORD_VALUE(PARAM_PATH, R, data_out, "data_out", "FILE",
		   "where to write the data as it leaves them; - shows them"),
	WORD_NUMBER(R, data_size_out, "data_size_out", UINT32_MAX,
		    "bytes of room for them; what is longer is an error"),
	WORD_VALUE(PARAM_PATH, R, ctx_in, "ctx_in", "FILE",
		   "the context it gets; - is standard input"),
	WORD_VALUE(PARAM_PATH, R, ctx_out, "ctx_out", "FILE",
		   "where to write the context as it leaves it; - shows it"),
	WORD_NUMBER(R, ctx_size_out, "ctx_size_out", UINT32_MAX, "bytes of room for it"),
	WORD_NUMBER(R, repeat, "repeat", UINT32_MAX, "run it so many times"),
	WORD_NUMBER(R, cpu, "cpu", UINT32_MAX, "raw tracepoints: run it there"),
	WORD_FLAG(R, live_frames, "live_frames",
		  "XDP: do with the packets what it says, as if they had come in"),
	WORD_NUMBER(R, batch_size, "batch_size", 256, "live frames at a time"),
};

#define T struct tracelog_args

static const struct param tracelog_params[] = {
	ARG_CHOICE_OPTIONAL(T, stream, "stdout|stderr",
			    "what one program wrote to this stream of its own", trace_streams),
	ARG_OPTIONAL(T, prog, INSPECT_PROG, "the program; a name or a tag must fit one alone"),
	WORD_FLAG(T, follow, "follow", "go on reading where the stream is empty"),
};

static const struct param show_params[] = {
	ARG_OPTIONAL(struct show_args, ref, INSPECT_PROG, "only these programs"),
	WORD_FLAG(struct show_args, no_owners, "no-owners",
		  "do not look for the processes that hold them"),
};

static const struct param pin_params[] = {
	ARG(struct pin_args, ref, INSPECT_PROG, "the program; a name or a tag must fit one alone"),
	ARG_PATH(struct pin_args, path, "FILE", "the new path, in a BPF file system"),
};

#define O struct load_args

static const struct param load_params[] = {
	ARG_PATH(O, file, "OBJ", "the object file"),
	ARG_PATH_OPTIONAL(O, path, "PATH",
			  "the new path of the first program; with -L it may be left out"),
	LOAD_WORDS,
};

static const struct param loadall_params[] = {
	ARG_PATH(O, file, "OBJ", "the object file"),
	ARG_PATH(O, path, "PATH", "the directory for all programs, in a BPF file system"),
	LOAD_WORDS,
};

struct detach_args {
	struct inspect_ref prog;
	const char *type;
	struct inspect_ref map;
	bool dry_run;
};

static int prog_detach(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct detach_args *given = args;
	struct inspect_ref links;

	if (given->type && given->dry_run)
		return inspect_fail(err, INSPECT_EUSAGE, "'dry-run' does not go with a type");
	if (given->type)
		return inspect_prog_detach(cli->inspect, &given->prog, given->type, &given->map,
					   err);
	int r = inspect_links_of(cli->inspect, &given->prog, &links, err);
	return r < 0 ? r : detach_links(cli, &links, given->dry_run, err);
}

static const struct param detach_params[] = {
	ARG(struct detach_args, prog, INSPECT_PROG,
	    "the program; a name or a tag must fit one alone"),
	ARG_TEXT_OPTIONAL(struct detach_args, type, "TYPE",
			  "how it is attached without a link; if not given, all its links go",
			  "sk_skb_stream_parser sk_skb_stream_verdict sk_skb_verdict "
			  "sk_msg_verdict flow_dissector"),
	ARG_OPTIONAL(struct detach_args, map, INSPECT_MAP, "the map, where the type has one"),
	WORD_FLAG(struct detach_args, dry_run, "dry-run",
		  "detach nothing, and show the links that would be"),
};

const struct command prog_commands[PROG_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show programs",
		PARAMS(struct show_args, show_params),
		.emits = { &prog_schema },
		.run = show_run,
	},
	HELP_COMMAND,
	{
		.verb = "dump",
		.summary = "print the instructions of a program",
		PARAMS(D, dump_params),
		.emits = { &insn_schema, &native_schema, &part_schema },
		.run = prog_dump,
	},
	{
		.verb = "pin",
		.summary = "pin a program",
		PARAMS(struct pin_args, pin_params),
		.run = pin_run,
	},
	{
		.verb = "load",
		.summary = "load a program and pin it",
		PARAMS(O, load_params),
		.emits = { &loaded_schema, &verdict_schema },
		.run = load_run,
	},
	{
		.verb = "loadall",
		.summary = "load all programs of an object file and pin them",
		PARAMS(O, loadall_params),
		.emits = { &loaded_schema, &verdict_schema },
		.run = loadall_run,
	},
	{
		.verb = "attach",
		.summary = "attach a program",
		PARAMS(struct attach_args, attach_params),
		.emits = { &attachment_schema },
		.run = attach_run,
	},
	{
		.verb = "detach",
		.summary = "detach a program: all its links, or from a map of sockets",
		PARAMS(struct detach_args, detach_params),
		.emits = { &link_schema },
		.run = prog_detach,
	},
	{
		.verb = "tracelog",
		.summary = "print what programs write to the trace log",
		PARAMS(T, tracelog_params),
		.emits = { &trace_schema, &stream_schema },
		.run = prog_tracelog,
	},
	{
		.verb = "run",
		.summary = "run a program on given data",
		PARAMS(R, run_params),
		.is_unambiguous = true,
		.emits = { &run_schema },
		.run = prog_run,
	},
	{
		.verb = "profile",
		.summary = "count events while a program runs",
		PARAMS(struct profile_args, profile_params),
		.emits = { &profile_schema },
		.run = prog_profile,
	},
	UNPIN_COMMAND(prog, "remove a pin of a program"),
};
