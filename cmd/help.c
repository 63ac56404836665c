/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * help.c - usage, from the table of commands
 */
#include <string.h>

#include "command.h"
#include "parse.h"

static void put_heading(struct out *out, const char *text)
{
	if (out->has_colour)
		out_literal(out, "\033[1m");
	out_fmt(out, "%s", text);
	if (out->has_colour)
		out_literal(out, "\033[0m");
}

static void put_padded(struct out *out, const char *text, size_t width)
{
	out_fmt(out, "%s", text);
	for (size_t i = strlen(text); i < width; i++)
		out_char(out, ' ');
}

static void put_options(struct out *out)
{
	put_heading(out, "Options:");
	out_char(out, '\n');
	for (size_t i = 0; i < n_options; i++) {
		const struct option_help *option = &option_table[i];

		if (option->is_refused)
			continue;
		out_fmt(out, "  -%c, --", option->letter);
		put_padded(out, option->name, option->value ? strlen(option->name) : 15);
		if (option->value) {
			out_char(out, ' ');
			put_padded(out, option->value, 14 - strlen(option->name));
		}
		out_fmt(out, "  %s\n", option->help);
	}
}

static bool is_built(const struct noun *noun)
{
	for (size_t i = 0; i < noun->n; i++)
		if (noun->commands[i].run)
			return true;
	return noun->is_verbless;
}

void help_all(const struct cli *cli, struct out *out)
{
	put_heading(out, "Usage: ");
	out_fmt(out, "%s [OPTIONS] OBJECT [COMMAND [ARGUMENTS]]\n", cli->program);
	out_fmt(out, "       %s [OPTIONS] OBJECT help\n\n", cli->program);
	put_heading(out, "Objects:");
	out_char(out, '\n');
	for (size_t i = 0; i < n_nouns; i++) {
		out_fmt(out, "  ");
		put_padded(out, nouns[i].word, 12);
		out_fmt(out, "%s%s\n", nouns[i].summary,
			is_built(&nouns[i]) ? "" : " (not built yet)");
	}
	out_fmt(out, "\n");
	put_options(out);
	out_fmt(out, "\nWords may be shortened: '%s p l' is '%s prog list'.\n", cli->program,
		cli->program);
}

#define USAGE_WIDTH 90

static size_t param_width(const struct param *param)
{
	size_t word = param->word ? strlen(param->word) : 0;
	size_t value = param->value ? strlen(param->value) : 0;

	return 1 + word + (word && value) + value + (param->is_optional ? 2 : 0);
}

/* @column: where the line stands. What does not fit goes on in the next, further in. */
static void put_params(struct out *out, const struct command *command, size_t column)
{
	for (size_t i = 0; i < command->n_params; i++) {
		const struct param *param = &command->params[i];

		if (column + param_width(param) > USAGE_WIDTH) {
			out_fmt(out, "\n         ");
			column = 9;
		}
		column += param_width(param);
		out_fmt(out, param->is_optional ? " [" : " ");
		out_if(out, param->word, "%s", param->word);
		out_if(out, param->word && param->value, " ");
		out_if(out, param->value, "%s", param->value);
		out_if(out, param->is_optional, "]");
	}
}

static const char *param_label(const struct param *param)
{
	if (param->kind == PARAM_WORDS)
		return param->label;
	if (param->kind == PARAM_SOURCES)
		return "SRC";
	if (param->kind == PARAM_HOOK)
		return "HOOK";
	return param->word ? param->word : param->value;
}

static void put_param_help(struct out *out, const struct command *command)
{
	size_t width = 8;

	for (size_t i = 0; i < command->n_params; i++)
		if (strlen(param_label(&command->params[i])) >= width)
			width = strlen(param_label(&command->params[i])) + 1;
	for (size_t i = 0; i < command->n_params; i++) {
		const struct param *param = &command->params[i];

		out_fmt(out, "        ");
		put_padded(out, param_label(param), width);
		out_fmt(out, "%s\n", param->help);
	}
}

void help_noun(const struct cli *cli, struct out *out, const struct noun *noun)
{
	bool takes_object = false;

	put_heading(out, "Usage: ");
	out_fmt(out, "%s [OPTIONS] %s COMMAND\n\n", cli->program, noun->word);
	put_heading(out, "Commands:");
	out_char(out, '\n');
	for (size_t i = 0; i < noun->n; i++) {
		const struct command *command = &noun->commands[i];

		out_fmt(out, "  %s %s", noun->word, command->verb);
		out_if(out, command->alias, "|%s", command->alias);
		put_params(out, command,
			   3 + strlen(noun->word) + strlen(command->verb) +
				   (command->alias ? 1 + strlen(command->alias) : 0));
		out_fmt(out, "\n      %s%s\n", command->summary,
			command->run || command_is_help(command) ? "" : " (not built yet)");
		put_param_help(out, command);
		takes_object = takes_object || command->n_params;
	}
	out_fmt(out, "\n");
	if (takes_object && strcmp(noun->word, "prog") == 0)
		out_fmt(out, "PROG: id ID | tag TAG | name NAME | pinned PATH | ID | PATH\n");
	if (takes_object && strcmp(noun->word, "map") == 0)
		out_fmt(out, "MAP: id ID | name NAME | pinned PATH | ID | PATH\n");
	if (takes_object && strcmp(noun->word, "btf") == 0)
		out_fmt(out,
			"BTF: id ID | ID\n"
			"SRC: id ID | prog PROG | map MAP [key|value|kv|all] | file FILE [file FILE]... | "
			"vmlinux | ID | PATH\n");
	out_fmt(out, "'%s help' shows the options.\n", cli->program);
}

/* bpftool writes help to standard error, and so do we under its name and where JSON was asked for. */
int help_show(struct cli *cli, const struct noun *noun)
{
	bool is_apart = cli->is_bpftool || !sink_is_text(cli->sink);
	struct out *out = is_apart ? cli->err : cli->out;

	if (noun)
		help_noun(cli, out, noun);
	else
		help_all(cli, out);
	return 0;
}
