/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * token.c - what the mounts of BPF file systems delegate
 *
 * A token is made of such a mount, and the mount's options say what it may allow. They stand in the
 * list of mounts as the kernel writes them: names parted by colons, "any", or a number for what has no
 * name yet.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/mounts.h"
#include "records/inspect.h"
#include "records/print.h"

#define PREFIX "delegate_"
#define ROW 4 /* items a line */

struct option {
	const char *name; /* behind "delegate_" */
	size_t offset;	  /* of its struct inspect_strings */
};

#define T struct inspect_token

static const struct option options[] = {
	{ "cmds", offsetof(T, cmds) },
	{ "maps", offsetof(T, maps) },
	{ "progs", offsetof(T, progs) },
	{ "attachs", offsetof(T, attachs) },
};

#define N_OPTIONS (sizeof(options) / sizeof(*options))

struct walk {
	int (*each)(void *context, const struct inspect_token *token);
	void *context;
};

static struct inspect_strings *member(struct inspect_token *token, const struct option *option)
{
	return (struct inspect_strings *)((char *)token + option->offset);
}

/* Parts the words of one option, which stay where they are. False where there is no memory. */
static bool split(char *words, struct inspect_strings *out)
{
	size_t n = 1, i = 0;

	for (const char *at = words; *at; at++)
		n += *at == ':';
	const char **strings = calloc(n, sizeof(*strings));
	if (!strings)
		return false;
	for (char *word; (word = strsep(&words, ":"));)
		if (*word)
			strings[i++] = word;
	free((void *)(uintptr_t)out->strings); /* the same option twice: the last one counts */
	*out = (struct inspect_strings){ strings, (unsigned)i };
	return true;
}

/* Is it a word about delegation? Then where it belongs, if that is known, and what it says. */
static bool read_word(char *word, struct inspect_token *token, bool *is_token)
{
	size_t prefix = strlen(PREFIX);

	if (strncmp(word, PREFIX, prefix) != 0)
		return true;
	*is_token = true;
	char *value = strchr(word, '=');
	if (!value)
		return true;
	*value++ = '\0';
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (strcmp(word + prefix, options[i].name) == 0)
			return split(value, member(token, &options[i]));
	return true;
}

static void token_done(struct inspect_token *token)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		free((void *)(uintptr_t)member(token, &options[i])->strings);
}

static int read_mount(void *context, const char *directory, const char *words)
{
	AUTO(token_done) struct inspect_token token = { .directory = directory };
	const struct walk *walk = context;
	bool is_token = false;

	autofree char *copy = strdup(words);
	if (!copy)
		return -ENOMEM;
	char *rest = copy;
	for (char *word; (word = strsep(&rest, ","));)
		if (!read_word(word, &token, &is_token))
			return -ENOMEM;
	return is_token ? walk->each(walk->context, &token) : 0;
}

int inspect_tokens_each(struct inspect *inspect,
			int (*each)(void *context, const struct inspect_token *token),
			void *context, struct inspect_error *err)
{
	struct walk walk = { each, context };

	int r = mounts_each_with(&inspect->sys, "bpf", read_mount, &walk);
	return r < 0 ? inspect_fail(err, -r, "list the mounts") : r;
}

static const struct field token_fields[] = {
	FIELD(T, directory, "token_info", "where the BPF file system is mounted",
	      .column = "mount"),
	FIELD(T, cmds, "allowed_cmds", "commands of bpf(2) that a token of it may allow",
	      .column = "cmds"),
	FIELD(T, maps, "allowed_maps", "types of maps", .column = "maps"),
	FIELD(T, progs, "allowed_progs", "types of programs", .column = "progs"),
	FIELD(T, attachs, "allowed_attachs", "where programs may be attached", .column = "attachs"),
};

static void plain_strings(struct out *out, const char *heading,
			  const struct inspect_strings *strings)
{
	out_fmt(out, "\t%s:", heading);
	for (unsigned i = 0; i < strings->n; i++) {
		out_if(out, i % ROW == 0, "\n\t  ");
		out_fmt(out, "%-20s", strings->strings[i]);
	}
	out_char(out, '\n');
}

static void token_plain(struct out *out, const void *record)
{
	const struct inspect_token *token = record;

	out_fmt(out, "token_info  %s\n", token->directory);
	plain_strings(out, "allowed_cmds", &token->cmds);
	plain_strings(out, "allowed_maps", &token->maps);
	plain_strings(out, "allowed_progs", &token->progs);
	plain_strings(out, "allowed_attachs", &token->attachs);
}

const struct schema token_schema = {
	.name = "token",
	.fields = token_fields,
	.n = sizeof(token_fields) / sizeof(*token_fields),
	.columns = "token_info,allowed_cmds,allowed_maps,allowed_progs,allowed_attachs",
	.plain = token_plain,
	.have_at = -1,
	.failed_at = -1,
};

static int put_token(void *context, const struct inspect_token *token)
{
	struct printer *printer = context;

	print_record(printer, token);
	return sink_error(printer->sink) ? 1 : 0;
}

int print_tokens(struct inspect *inspect, struct sink *sink, struct inspect_error *err)
{
	struct printer printer;

	int r = print_init(&printer, sink, &token_schema, err);
	if (r < 0)
		return r;
	print_open(&printer, false);
	r = inspect_tokens_each(inspect, put_token, &printer, err);
	print_close(&printer, false);
	return r < 0 ? r : 0;
}
