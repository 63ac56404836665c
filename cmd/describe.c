/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * describe.c - the program, as its tables have it
 */
#include "describe.h"

#include "parse.h"
#include "records/print.h"

static void put_known(struct sink *sink, const char *key, const char *text)
{
	if (text)
		sink_string(sink, key, text);
}

static void put_params(struct sink *sink, const struct command *command)
{
	sink_open_list(sink, "params");
	for (size_t i = 0; i < command->n_params; i++) {
		const struct param *param = &command->params[i];

		sink_open_record(sink, NULL);
		put_known(sink, "word", param->word);
		put_known(sink, "value", param->value);
		put_known(sink, "help", param->help);
		sink_bool(sink, "optional", param->is_optional);
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_command(struct sink *sink, const struct command *command)
{
	sink_open_record(sink, NULL);
	sink_string(sink, "verb", command->verb);
	put_known(sink, "alias", command->alias);
	sink_string(sink, "summary", command->summary);
	sink_bool(sink, "built", command->run || command_is_help(command));
	put_params(sink, command);
	sink_open_list(sink, "emits");
	for (size_t i = 0; i < COMMAND_EMITS && command->emits[i]; i++)
		sink_string(sink, NULL, command->emits[i]->name);
	sink_close(sink);
	sink_close(sink);
}

static void put_nouns(struct sink *sink)
{
	sink_open_list(sink, "nouns");
	for (size_t i = 0; i < n_nouns; i++) {
		const struct noun *noun = &nouns[i];

		sink_open_record(sink, NULL);
		sink_string(sink, "noun", noun->word);
		sink_string(sink, "summary", noun->summary);
		sink_bool(sink, "verbless", noun->is_verbless);
		sink_open_list(sink, "commands");
		for (size_t k = 0; k < noun->n; k++)
			put_command(sink, &noun->commands[k]);
		sink_close(sink);
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_options(struct sink *sink)
{
	sink_open_list(sink, "options");
	for (size_t i = 0; i < n_options; i++) {
		const struct option_help *option = &option_table[i];

		sink_open_record(sink, NULL);
		sink_text(sink, "letter", &option->letter, 1);
		put_known(sink, "name", option->name);
		put_known(sink, "value", option->value);
		put_known(sink, "help", option->help);
		sink_bool(sink, "refused", option->is_refused);
		sink_close(sink);
	}
	sink_close(sink);
}

/* The place of a schema among those of all commands, in the order of the table. */
static const struct schema *emitted(size_t place)
{
	for (size_t i = 0; i < n_nouns; i++) {
		size_t n = nouns[i].n * COMMAND_EMITS;

		if (place < n)
			return nouns[i]
				.commands[place / COMMAND_EMITS]
				.emits[place % COMMAND_EMITS];
		place -= n;
	}
	return NULL;
}

static bool was_before(const struct schema *schema, size_t place)
{
	for (size_t i = 0; i < place; i++)
		if (emitted(i) == schema)
			return true;
	return false;
}

static void put_schemas(struct sink *sink)
{
	size_t places = 0;

	for (size_t i = 0; i < n_nouns; i++)
		places += nouns[i].n * COMMAND_EMITS;
	sink_open_list(sink, "schemas");
	for (size_t place = 0; place < places; place++) {
		const struct schema *schema = emitted(place);

		if (schema && !was_before(schema, place))
			print_schema(sink, NULL, schema);
	}
	sink_close(sink);
}

static void put_names(struct sink *sink)
{
	sink_open_record(sink, "names");
	for (enum names_set set = 0; set < NAMES_SETS; set++) {
		const char *word;

		sink_open_list(sink, names_enum(set));
		for (unsigned i = 0; (word = names_find(set, i)); i++)
			sink_string(sink, NULL, word);
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_hooks(struct sink *sink)
{
	struct inspect_hook_word word;
	struct inspect_hook hook;

	sink_open_list(sink, "hooks");
	for (unsigned i = 0; inspect_hook_get(i, &hook); i++) {
		sink_open_record(sink, NULL);
		sink_string(sink, "name", hook.name);
		put_known(sink, "target", hook.target);
		sink_string(sink, "words", hook.words);
		sink_string(sink, "help", hook.help);
		sink_string(sink, "since", hook.since);
		sink_string(sink, "types", hook.types);
		sink_close(sink);
	}
	sink_close(sink);
	sink_open_list(sink, "hook_words");
	for (unsigned i = 0; inspect_hook_word_get(i, &word); i++) {
		sink_open_record(sink, NULL);
		sink_string(sink, "word", word.word);
		put_known(sink, "value", word.value);
		sink_string(sink, "help", word.help);
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_all(struct sink *sink)
{
	sink_open_record(sink, NULL);
	put_nouns(sink);
	put_options(sink);
	put_schemas(sink);
	put_names(sink);
	put_hooks(sink);
	sink_close(sink);
}

void describe(struct cli *cli)
{
	struct sink sink;

	if (!sink_is_text(cli->sink)) {
		put_all(cli->sink);
		return;
	}
	sink_init(&sink, cli->out, SINK_STRICT, true, NULL); /* a document in any case */
	put_all(&sink);
	sink_finish(&sink);
	sink_done(&sink);
}
