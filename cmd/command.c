/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * command.c - the one table of commands, and how words find their entry
 *
 * The order of nouns and verbs is bpftool's, and so is what an abbreviation means: the first entry
 * that begins with it. Words of ours stand behind bpftool's.
 */
#include "command.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "parse.h"

static const struct command help_commands[] = { HELP_COMMAND };
static const struct command cgroup_commands[] = {
	{ .verb = "show", .alias = "list", .summary = "show what is attached to a cgroup" },
	NOT_BUILT("tree", "show what is attached to a tree of cgroups"),
	NOT_BUILT("attach", "attach a program to a cgroup"),
	NOT_BUILT("detach", "detach a program from a cgroup"),
	HELP_COMMAND,
};
static const struct command perf_commands[] = {
	{ .verb = "show", .alias = "list", .summary = "show programs on perf events" },
	HELP_COMMAND,
};
static const struct command net_commands[] = {
	{ .verb = "show", .alias = "list", .summary = "show programs on network devices" },
	NOT_BUILT("attach", "attach a program to a network device"),
	NOT_BUILT("detach", "detach a program from a network device"),
	HELP_COMMAND,
};
static const struct command gen_commands[] = {
	NOT_BUILT("object", "link object files"),
	NOT_BUILT("skeleton", "make a C header of an object file"),
	NOT_BUILT("subskeleton", "make a C header of a library's object file"),
	NOT_BUILT("min_core_btf", "make the BTF that objects need of a kernel's"),
	HELP_COMMAND,
};

#define NOUN(name, text)                                                                           \
	{                                                                                          \
		.word = #name, .summary = (text), .commands = name##_commands,                     \
		.n = sizeof(name##_commands) / sizeof(*name##_commands)                            \
	}
#define VERBLESS(name, text)                                                                       \
	{                                                                                          \
		.word = #name, .summary = (text), .commands = name##_commands, .n = 1,             \
		.is_verbless = true                                                                \
	}

const struct noun nouns[] = {
	VERBLESS(help, "show all objects and options"),
	NOUN(batch, "many commands from a file"),
	NOUN(prog, "programs"),
	NOUN(map, "maps"),
	NOUN(link, "links: what holds programs on their hooks"),
	NOUN(cgroup, "programs on cgroups"),
	NOUN(perf, "programs on perf events"),
	NOUN(net, "programs on network devices"),
	NOUN(feature, "what this kernel can do"),
	NOUN(btf, "BTF: types of programs, maps and the kernel"),
	NOUN(gen, "files made from object files"),
	NOUN(struct_ops, "kernel operations carried out by programs"),
	NOUN(iter, "iterators"),
	NOUN(token, "BPF tokens"),
	VERBLESS(version, "show versions and what is compiled in"),
	NOUN(object, "object files, without loading them"),
	NOUN(pin, "what is pinned in BPF file systems"),
};

const size_t n_nouns = sizeof(nouns) / sizeof(*nouns);

const struct noun *command_find_noun(const char *word)
{
	for (size_t i = 0; i < n_nouns; i++)
		if (strcmp(nouns[i].word, word) == 0)
			return &nouns[i];
	for (size_t i = 0; *word && i < n_nouns; i++)
		if (text_has_prefix(nouns[i].word, word))
			return &nouns[i];
	return NULL;
}

const struct command *command_find_verb(const struct noun *noun, const char *word)
{
	for (size_t i = 0; i < noun->n; i++) {
		const struct command *command = &noun->commands[i];

		if (strcmp(command->verb, word) == 0 ||
		    (command->alias && strcmp(command->alias, word) == 0))
			return command;
	}
	for (size_t i = 0; *word && i < noun->n; i++) {
		const struct command *command = &noun->commands[i];

		if (text_has_prefix(command->verb, word) ||
		    (command->alias && text_has_prefix(command->alias, word)))
			return command;
	}
	return NULL;
}

bool command_is_help(const struct command *command)
{
	return !command->run && strcmp(command->verb, "help") == 0;
}

static void take_nearest(const char *word, const char *typed, const char **nearest, size_t *least)
{
	size_t distance = text_distance(word, typed);

	if (distance < *least) {
		*least = distance;
		*nearest = word;
	}
}

static int fail_noun(const struct cli *cli, const char *word, struct inspect_error *err)
{
	const char *nearest = NULL;
	size_t least = 4;

	for (size_t i = 0; i < n_nouns; i++)
		take_nearest(nouns[i].word, word, &nearest, &least);
	inspect_fail(err, INSPECT_EUSAGE, "unknown object '%s'", word);
	if (nearest && *word)
		return inspect_hint(err, "did you mean '%s'?", nearest);
	return inspect_hint(err, "'%s help' lists them", cli->program);
}

static int fail_verb(const struct cli *cli, const struct noun *noun, const char *word,
		     struct inspect_error *err)
{
	const char *nearest = NULL;
	size_t least = 4;

	for (size_t i = 0; i < noun->n; i++) {
		take_nearest(noun->commands[i].verb, word, &nearest, &least);
		if (noun->commands[i].alias)
			take_nearest(noun->commands[i].alias, word, &nearest, &least);
	}
	inspect_fail(err, INSPECT_EUSAGE, "%s: unknown command '%s'", noun->word, word);
	if (nearest && *word)
		return inspect_hint(err, "did you mean '%s'?", nearest);
	return inspect_hint(err, "'%s %s help' lists them", cli->program, noun->word);
}

int command_run(struct cli *cli, const char *const *words, size_t n, struct inspect_error *err)
{
	if (!n)
		return help_show(cli, NULL);
	const struct noun *noun = command_find_noun(words[0]);
	if (!noun)
		return fail_noun(cli, words[0], err);

	const struct command *command = noun->commands;
	size_t used = 1;
	if (!noun->is_verbless && n > 1) {
		command = command_find_verb(noun, words[1]);
		used = 2;
	}
	if (!command)
		return fail_verb(cli, noun, words[1], err);
	if (command_is_help(command))
		return help_show(cli, noun->is_verbless ? NULL : noun);
	if (!command->run)
		return inspect_fail(err, CLI_ENOTBUILT, "%s %s%s%s: not built yet", noun->word,
				    command->verb, command->alias ? "|" : "",
				    command->alias ? command->alias : "");
	return parse_and_run(cli, noun, command, words + used, n - used, err);
}
