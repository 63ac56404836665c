/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * complete.c - what may come next on a command line
 *
 * The shell's part is a stub that asks here, so that words, options and objects are those of this
 * program on this kernel.
 */
#include "complete.h"

#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/text.h"
#include "parse.h"

#define WORDS_MAX 64 /* a line with more is not completed */

struct line {
	struct cli *cli;
	const char *typed;	      /* the beginning of the word that is wanted */
	const char *words[WORDS_MAX]; /* those in front of it, without options */
	size_t n;
	const char *option; /* the option whose argument is wanted, or NULL */
	struct buf offered; /* names, each between new lines: many objects may have one name */
};

static void offer(const struct line *line, const char *word)
{
	if (text_has_prefix(word, line->typed))
		out_fmt(line->cli->out, "%s\n", word);
}

/* The option that a word is, if it takes its argument from the next word. */
static const struct option_help *option_with_value(const char *word)
{
	for (size_t i = 0; i < n_options; i++) {
		const struct option_help *option = &option_table[i];
		bool is_short = word[0] == '-' && word[1] && word[1] != '-' &&
				word[strlen(word) - 1] == option->letter;
		bool is_long = text_has_prefix(word, "--") && option->name &&
			       strcmp(word + 2, option->name) == 0;

		if (option->value && (is_short || is_long))
			return option;
	}
	return NULL;
}

static void read_line(struct line *line, const char *const *words, size_t index)
{
	bool only_words = false;

	for (size_t i = 1; i < index; i++) {
		bool is_option = !only_words && words[i][0] == '-' && words[i][1];

		line->option = NULL;
		if (is_option && strcmp(words[i], "--") == 0)
			only_words = true;
		else if (is_option && option_with_value(words[i]) && i + 1 < index)
			i++;
		else if (is_option && option_with_value(words[i]))
			line->option = words[i];
		else if (!is_option && line->n < WORDS_MAX)
			line->words[line->n++] = words[i];
	}
}

static void offer_options(const struct line *line)
{
	char word[32] = "--";

	for (size_t i = 0; i < n_options; i++) {
		if (option_table[i].is_refused || !option_table[i].name)
			continue;
		strncpy(word + 2, option_table[i].name, sizeof(word) - 3);
		offer(line, word);
	}
}

static void offer_nouns(const struct line *line)
{
	for (size_t i = 0; i < n_nouns; i++)
		offer(line, nouns[i].word);
}

static void offer_verbs(const struct line *line, const struct noun *noun)
{
	for (size_t i = 0; i < noun->n && !noun->is_verbless; i++) {
		offer(line, noun->commands[i].verb);
		if (noun->commands[i].alias)
			offer(line, noun->commands[i].alias);
	}
}

static void offer_once(struct line *line, const char *name)
{
	struct buf *offered = &line->offered;
	size_t at = offered->size, n = strlen(name) + 2;

	buf_add_char(offered, '\n');
	buf_add_text(offered, name);
	buf_add_char(offered, '\n');
	if (buf_failed(offered))
		return;
	if (memmem(offered->bytes, at, offered->bytes + at, n))
		offered->size = at;
	else
		offer(line, name);
}

static void offer_path(void *context, const char *path)
{
	offer(context, path);
}

/* What a record gives for the keyword in front of the wanted word. */
static void offer_fact(struct line *line, enum inspect_by by, unsigned id, const char *name,
		       const unsigned char *tag)
{
	char text[NUM_ROOM];

	if (by == INSPECT_BY_ID) {
		text[num_format_u64(text, id)] = '\0';
		offer(line, text);
	} else if (by == INSPECT_BY_NAME && name[0]) {
		offer_once(line, name);
	} else if (by == INSPECT_BY_TAG && tag) {
		num_format_hex_bytes(text, tag, 8);
		text[16] = '\0';
		offer(line, text);
	}
}

static void offer_objects(struct line *line, enum inspect_kind kind, enum inspect_by by)
{
	const struct inspect_ref all = { .kind = kind, .by = INSPECT_BY_ALL };
	unsigned want = by == INSPECT_BY_NAME ? INSPECT_WANT_FULL_NAME : 0;
	struct inspect_list *list;
	struct inspect_prog prog;
	struct inspect_map map;
	struct inspect_btf btf;
	struct inspect_link link;

	if (by == INSPECT_BY_PATH) {
		inspect_paths_beginning(line->typed, offer_path, line);
		return;
	}
	if (inspect_list_new(line->cli->inspect, &all, want, &list, NULL))
		return;
	while (kind == INSPECT_PROG && inspect_list_next(list, &prog, NULL) > 0) {
		offer_fact(line, by, prog.id, prog.name, prog.failed ? NULL : prog.tag);
		inspect_prog_done(&prog);
	}
	while (kind == INSPECT_MAP && inspect_list_next(list, &map, NULL) > 0) {
		offer_fact(line, by, map.id, map.name, NULL);
		inspect_map_done(&map);
	}
	while (kind == INSPECT_BTF && inspect_list_next(list, &btf, NULL) > 0) {
		offer_fact(line, by, btf.id, btf.name, NULL);
		inspect_btf_done(&btf);
	}
	while (kind == INSPECT_LINK && inspect_list_next(list, &link, NULL) > 0) {
		offer_fact(line, by, link.id, "", NULL);
		inspect_link_done(&link);
	}
	inspect_list_free(list);
}

static void offer_keywords(struct line *line, enum inspect_kind kind)
{
	offer(line, "id");
	if (kind == INSPECT_PROG)
		offer(line, "tag");
	if (kind == INSPECT_PROG || kind == INSPECT_MAP)
		offer(line, "name");
	if (kind != INSPECT_BTF)
		offer(line, "pinned");
	if (line->typed[0] >= '0' && line->typed[0] <= '9')
		offer_objects(line, kind, INSPECT_BY_ID);
	if (strchr(line->typed, '/') && kind != INSPECT_BTF)
		inspect_paths_beginning(line->typed, offer_path, line);
}

/* The words behind the verb. Returns how many of them the object takes, or 0 when it is wanted. */
static size_t complete_object(struct line *line, const struct param *param, size_t at)
{
	static const char *const values[] = { "0", "0" }; /* any value will do, also as a tag */
	struct inspect_ref ref;
	size_t left = line->n - at;

	if (!left) {
		offer_keywords(line, param->object);
		return 0;
	}
	int used = inspect_ref_parse(param->object, line->words + at, left, &ref, NULL);
	if (used > 0)
		return (size_t)used;

	const char *words[] = { line->words[at], values[0] };
	if (left == 1 && text_has_prefix("tag", words[0]) && param->object == INSPECT_PROG)
		words[1] = "0000000000000000";
	if (left == 1 && inspect_ref_parse(param->object, words, 2, &ref, NULL) == 2)
		offer_objects(line, param->object, ref.by);
	return 0;
}

static void offer_keyword_list(const struct line *line, const char *keywords)
{
	char word[32];

	while (*keywords) {
		size_t n = strcspn(keywords, " ");

		if (n < sizeof(word)) {
			memcpy(word, keywords, n);
			word[n] = '\0';
			offer(line, word);
		}
		keywords += n + (keywords[n] == ' ');
	}
}

static void offer_map_types(const struct line *line)
{
	const char *name;

	for (unsigned type = 1; (name = inspect_map_type_name(type)); type++)
		offer(line, name);
}

static void offer_sections(const struct line *line)
{
	const char *name;

	for (unsigned i = 0; (name = inspect_section_name(i)); i++)
		offer(line, name);
}

/* map {idx N|name NAME} MAP. Returns how many words it takes, or 0: one of them is wanted. */
static size_t complete_reuse(struct line *line, size_t at)
{
	const struct param map = { .object = INSPECT_MAP };

	if (line->n - at == 1)
		offer_keyword_list(line, "idx name");
	if (line->n - at < 3)
		return 0;
	size_t used = complete_object(line, &map, at + 3);
	return used ? 3 + used : 0;
}

/* Files with BTF are anywhere; the kernel's are offered where nothing is typed yet. */
static void offer_btf_files(struct line *line)
{
	inspect_paths_beginning(line->typed[0] ? line->typed : "/sys/kernel/btf/", offer_path,
				line);
}

/* An object in a source of types: a program's or a map's reference stands behind a word of its own. */
static size_t complete_owner(struct line *line, size_t at)
{
	const char *word = line->words[at];
	bool is_map = text_has_prefix("map", word), is_prog = text_has_prefix("prog", word);
	const struct param param = { .object = is_map	 ? INSPECT_MAP
					       : is_prog ? INSPECT_PROG
							 : INSPECT_BTF };
	size_t before = is_map || is_prog;
	size_t used = complete_object(line, &param, at + before);

	if (used && is_map && at + before + used == line->n)
		offer_keyword_list(line, "key value kv all");
	return used;
}

/* A source of types, behind the words that may begin one. Returns as complete_placed(). */
static size_t complete_types(struct line *line, const struct param *param, size_t at)
{
	struct inspect_btf_spec spec;

	if (at == line->n) {
		offer_keyword_list(line, "id prog map file vmlinux");
		if (strchr(line->typed, '/'))
			offer_btf_files(line);
		return 0;
	}
	int used = inspect_btf_spec_parse(line->words + at, line->n - at, (unsigned)param->max,
					  &spec, NULL);
	bool is_file = used > 0 ? spec.by == INSPECT_BTF_BY_FILE
				: text_has_prefix("file", line->words[line->n - 1]);
	if (!is_file && !complete_owner(line, at))
		return 0;
	if (used < 0 && is_file)
		offer_btf_files(line);
	if (used > 0 && is_file && param->max > 1 && at + (size_t)used == line->n)
		offer(line, "file");
	return used > 0 ? (size_t)used : 0;
}

static void offer_choices(const struct line *line, const char *const *choices)
{
	for (size_t i = 0; choices[i]; i++)
		offer(line, choices[i]);
}

/* Sources of types up to the end of the line: there is always room for one more. */
static size_t complete_sources(struct line *line, size_t at)
{
	const struct param param = { .kind = PARAM_TYPES, .max = 1 };
	size_t used;

	do {
		used = complete_types(line, &param, at);
		at += used;
	} while (used);
	return 0;
}

static const struct param *find_param(const struct command *command, const char *word)
{
	for (size_t i = 0; *word && i < command->n_params; i++)
		if (command->params[i].word && text_has_prefix(command->params[i].word, word))
			return &command->params[i];
	return NULL;
}

/* Paths up to a whole word of the command's: there is always room for one more. */
static size_t complete_paths(struct line *line, const struct command *command, size_t at)
{
	size_t n = 0;

	for (; at + n < line->n; n++) {
		const struct param *param = find_param(command, line->words[at + n]);

		if (param && strcmp(param->word, line->words[at + n]) == 0)
			return n;
	}
	inspect_paths_beginning(line->typed, offer_path, line);
	return n;
}

static void offer_word(void *context, const char *word)
{
	offer(context, word);
}

/* A hook and what belongs to it, up to the end of the line. */
static size_t complete_hook(struct line *line, size_t at)
{
	const struct inspect_words before = { line->words + at, line->n - at };
	struct param object = { .kind = PARAM_OBJECT };

	size_t place = inspect_hook_complete(line->cli->inspect, &before, line->typed, offer_word,
					     line, &object.object);
	if (place)
		complete_object(line, &object, at + place - 1);
	return 0;
}

static void complete_words(struct line *line, const struct param *param, size_t at)
{
	const struct inspect_words before = { line->words + at, line->n - at };

	param->complete(line->cli->inspect, &before, line->typed, offer_word, line);
}

/* What stands without a word of its own. Returns how many words it takes, or 0: it is wanted. */
static size_t complete_placed(struct line *line, const struct command *command,
			      const struct param *param, size_t at)
{
	switch (param->kind) {
	case PARAM_OBJECT:
		return complete_object(line, param, at);
	case PARAM_TYPES:
		return complete_types(line, param, at);
	case PARAM_SOURCES:
		return complete_sources(line, at);
	case PARAM_HOOK:
		return complete_hook(line, at);
	case PARAM_WORDS:
		if (param->complete)
			complete_words(line, param, at);
		else if (at < line->n && strcmp(line->words[line->n - 1], "from") == 0)
			inspect_paths_beginning(line->typed, offer_path, line);
		else
			offer_keyword_list(line, param->keywords);
		return 0;
	case PARAM_PATH:
		if (at < line->n)
			return 1;
		inspect_paths_beginning(line->typed, offer_path, line);
		return 0;
	case PARAM_PATHS:
		return complete_paths(line, command, at);
	case PARAM_CHOICE:
		if (at < line->n)
			return 1;
		offer_choices(line, param->choices);
		return 0;
	case PARAM_TEXT:
		if (at == line->n && param->keywords)
			offer_keyword_list(line, param->keywords);
		return at < line->n;
	case PARAM_COUNT:
	case PARAM_FLAG:
	case PARAM_NUMBER:
	case PARAM_IDS:
	case PARAM_MAP_TYPE:
	case PARAM_SECTION:
	case PARAM_DEVICE:
	case PARAM_REUSE:
	case PARAM_BTF:
		break;
	}
	return 0;
}

/* The value behind a word. Returns how many words both take, or 0: the value is wanted. */
static size_t complete_value(struct line *line, const struct param *param, size_t at)
{
	size_t left = line->n - at - 1;

	switch (param->kind) {
	case PARAM_FLAG:
		return 1;
	case PARAM_OBJECT: {
		size_t used = complete_object(line, param, at + 1);

		return used ? 1 + used : 0;
	}
	case PARAM_BTF:
		if (left && strcmp(line->words[at + 1], "id") == 0)
			return left > 1 ? 3 : 0;
		if (!left) {
			offer(line, "id");
			inspect_paths_beginning(line->typed, offer_path, line);
		}
		return left ? 2 : 0;
	case PARAM_MAP_TYPE:
		if (!left)
			offer_map_types(line);
		return left ? 2 : 0;
	case PARAM_SECTION:
		if (!left)
			offer_sections(line);
		return left ? 2 : 0;
	case PARAM_DEVICE:
		if (!left)
			inspect_devices_each(offer_word, line);
		return left ? 2 : 0;
	case PARAM_REUSE:
		return complete_reuse(line, at);
	case PARAM_CHOICE:
		if (!left)
			offer_choices(line, param->choices);
		return left ? 2 : 0;
	case PARAM_TEXT:
		if (!left && param->complete)
			complete_words(line, param, at);
		if (!left && param->keywords)
			offer_keyword_list(line, param->keywords);
		return left ? 2 : 0;
	case PARAM_PATH:
		if (!left)
			inspect_paths_beginning(line->typed, offer_path, line);
		return left ? 2 : 0;
	case PARAM_COUNT:
	case PARAM_NUMBER:
	case PARAM_IDS:
	case PARAM_TYPES:
	case PARAM_WORDS:
	case PARAM_SOURCES:
	case PARAM_PATHS:
	case PARAM_HOOK:
		break;
	}
	return left ? 2 : 0; /* any word will do: there is nothing to offer */
}

/* Is a word none that a parameter begins with, so that the parameter was left out? */
static bool stands_for_none(const struct command *command, const struct param *param,
			    const char *word)
{
	const struct param *found = find_param(command, word);

	if (param->kind == PARAM_PATH || param->kind == PARAM_TEXT)
		return found && strcmp(found->word, word) == 0;
	return param->kind == PARAM_OBJECT && !inspect_ref_begins(param->object, word);
}

static void complete_params(struct line *line, const struct command *command)
{
	size_t at = 2;

	for (size_t i = 0; i < command->n_params; i++) {
		const struct param *param = &command->params[i];

		if (param->word)
			continue;
		bool may_be_missing =
			param->is_optional &&
			(line->n == at || stands_for_none(command, param, line->words[at]));
		size_t used = may_be_missing && line->n > at
				      ? 0
				      : complete_placed(line, command, param, at);

		if (!used && !may_be_missing)
			return;
		at += used;
	}
	while (at < line->n) {
		const struct param *param = find_param(command, line->words[at]);
		size_t used = param ? complete_value(line, param, at) : 1;

		if (!used)
			return;
		at += used;
	}
	for (size_t i = 0; i < command->n_params; i++)
		if (command->params[i].word)
			offer(line, command->params[i].word);
}

void complete(struct cli *cli, const char *const *words, size_t n, size_t index)
{
	struct line line = { .cli = cli, .typed = index < n ? words[index] : "" };

	if (!index)
		return;
	read_line(&line, words, index < n ? index : n);
	if (line.option && option_with_value(line.option)->letter == 'o') {
		offer(&line, "json");
		offer(&line, "jsonl");
		offer(&line, "table");
		offer(&line, "tsv");
	}
	if (line.option)
		return;
	if (line.typed[0] == '-') {
		offer_options(&line);
		return;
	}
	if (!line.n) {
		offer_nouns(&line);
		return;
	}
	const struct noun *noun = command_find_noun(line.words[0]);
	if (!noun)
		return;
	if (line.n == 1) {
		offer_verbs(&line, noun);
		return;
	}
	const struct command *command = command_find_verb(noun, line.words[1]);
	if (command && !noun->is_verbless)
		complete_params(&line, command);
	buf_done(&line.offered);
}
