/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * prog.c - commands on programs
 */
#include "command.h"

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

static const char *const dump_forms[] = { "xlated", "jited", "both", NULL };
static const char *const dump_syntaxes[] = { "kernel", "asm", NULL };

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
			  "how it is attached to a map of sockets, or flow_dissector; without "
			  "it, all links of the program",
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
	NOT_BUILT("tracelog", "print what programs write to the trace log"),
	NOT_BUILT("run", "run a program on given data"),
	NOT_BUILT("profile", "count events while a program runs"),
	UNPIN_COMMAND(prog, "remove a pin of a program"),
};
