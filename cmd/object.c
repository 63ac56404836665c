/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object.c - commands on compiled objects, which are read and not loaded
 */
#include "command.h"

#include <string.h>

#include "base/error.h"
#include "code/print.h"

struct show_args {
	const char *file;
};

static int object_show(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct show_args *show = args;

	return print_object(cli->sink, show->file, err);
}

struct dump_args {
	const char *file;
	const char *classic;
	const char *prog;
	const char *syntax;
	bool opcodes;
	bool linum;
};

static int check_words(const struct dump_args *dump, struct inspect_error *err)
{
	if (!dump->file && !dump->classic)
		return inspect_fail(err, INSPECT_EUSAGE, "object dump: expected FILE");
	if (dump->file && dump->classic)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "object dump: 'classic' has a file of its own");
	if (dump->classic && (dump->prog || dump->syntax || dump->linum))
		return inspect_fail(
			err, INSPECT_EUSAGE,
			"object dump: 'classic' is not compatible with 'prog', 'linum', or 'syntax'");
	return 0;
}

static int object_dump(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct dump_args *dump = args;
	const struct print_code how = {
		.opcodes = dump->opcodes,
		.lines = dump->linum,
		.syntax = dump->syntax && strcmp(dump->syntax, "asm") == 0 ? INSN_ASSEMBLER
									   : INSN_KERNEL,
	};

	int r = check_words(dump, err);
	if (r < 0)
		return r;
	if (dump->classic)
		return print_classic(cli->sink, dump->classic, &how, err);
	return print_object_code(cli->sink, dump->file, dump->prog, &how, err);
}

static const char *const dump_syntaxes[] = { "kernel", "asm", NULL };

#define D struct dump_args

static const struct param dump_params[] = {
	ARG_PATH_OPTIONAL(D, file, "FILE", "the object file that a compiler made"),
	WORD_VALUE(PARAM_TEXT, D, prog, "prog", "NAME", "only this program or function"),
	WORD_FLAG(D, opcodes, "opcodes", "show the bytes of each instruction"),
	WORD_FLAG(D, linum, "linum", "show file, line and column of each source line"),
	WORD_CHOICE(D, syntax, "syntax", "kernel|asm",
		    "write instructions as bpftool does, or as llvm-objdump", dump_syntaxes),
	WORD_VALUE(PARAM_PATH, D, classic, "classic", "FILE",
		   "a classic filter instead: of tcpdump -ddd or -dd, or raw; - is standard input"),
};

static const struct param show_params[] = {
	ARG_PATH(struct show_args, file, "FILE", "the object file that a compiler made"),
};

const struct command object_commands[OBJECT_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show what is in an object file, without loading it",
		PARAMS(struct show_args, show_params),
		.emits = { &object_schema },
		.run = object_show,
	},
	HELP_COMMAND,
	{
		.verb = "dump",
		.summary = "print the instructions of an object file, or of a classic filter",
		PARAMS(D, dump_params),
		.emits = { &object_insn_schema, &classic_schema },
		.run = object_dump,
	},
};
