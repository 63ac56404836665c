/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * parse.c - options, and words to a command's argument struct
 *
 * Options may stand anywhere, combine, and be shortened: that is getopt_long()'s doing, and scripts
 * rely on it. They are read from left to right, so that an error before -j is told as plain text.
 */
#include "parse.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"

const struct option_help option_table[] = {
	{ 'h', "help", NULL, "show help and end", false },
	{ 'V', "version", NULL, "show versions and end", false },
	{ 'j', "json", NULL, "bpftool's JSON", false },
	{ 'p', "pretty", NULL, "the same, indented", false },
	{ 'o', "output", "FORM",
	  "json, jsonl, table or tsv; table=COLUMN,... and tsv=COLUMN,... choose", false },
	{ 'f', "bpffs", NULL, "show where objects are pinned", false },
	{ 'm', "mapcompat", NULL, "take map definitions with attributes that are not known",
	  false },
	{ 'n', "nomount", NULL, "never mount a file system", false },
	{ 'd', "debug", NULL, "tell more on standard error", false },
	{ 'L', "use-loader", NULL,
	  "load by one program that does it: no bpf(2) call for each object", false },
	{ 'B', "base-btf", "FILE", "base of split BTF", false },
	{ 'S', "sign", NULL, NULL, true },
	{ 'k', NULL, "FILE", NULL, true },
	{ 'i', NULL, "FILE", NULL, true },
};

const size_t n_options = sizeof(option_table) / sizeof(*option_table);

struct output_form {
	const char *word;
	enum sink_form form;
	bool takes_columns;
};

static const struct output_form output_forms[] = {
	{ "json", SINK_STRICT, false },
	{ "jsonl", SINK_LINES, false },
	{ "table", SINK_TABLE, true },
	{ "tsv", SINK_TSV, true },
};

static int parse_output(struct options *options, const char *text, struct inspect_error *err)
{
	size_t size = strcspn(text, "=");

	for (size_t i = 0; i < sizeof(output_forms) / sizeof(*output_forms); i++) {
		const struct output_form *form = &output_forms[i];

		if (strlen(form->word) != size || memcmp(form->word, text, size) != 0)
			continue;
		if (text[size] && !form->takes_columns)
			return inspect_fail(err, INSPECT_EUSAGE, "-o %s takes no columns",
					    form->word);
		options->form = form->form;
		options->is_output_asked = true;
		options->columns = text[size] ? text + size + 1 : NULL;
		return 0;
	}
	inspect_fail(err, INSPECT_EUSAGE, "unknown output form '%s'", text);
	return inspect_hint(err, "there are json, jsonl, table and tsv");
}

/* -p goes with -o json, which it indents; otherwise -j and -p ask for another form than -o. */
static int check_forms(struct options *options, struct inspect_error *err)
{
	if (!options->is_compatible_asked)
		return 0;
	if (options->is_output_asked && options->form == SINK_STRICT && options->is_pretty)
		return 0;
	if (options->is_output_asked)
		return inspect_fail(err, INSPECT_EUSAGE, "-j and -p do not go with -o");
	options->form = SINK_JSON;
	return 0;
}

static bool is_letter_known(int letter)
{
	for (size_t i = 0; i < n_options; i++)
		if (option_table[i].letter == letter)
			return true;
	return false;
}

/* In a group, the word is still to come or the one before: the letter says it then. */
static int fail_option(char *const *argv, struct inspect_error *err)
{
	const char *word = argv[optind - 1];

	if (optopt && !is_letter_known(optopt))
		inspect_fail(err, INSPECT_EUSAGE, "unrecognized option '-%c'", optopt);
	else
		inspect_fail(err, INSPECT_EUSAGE, "unrecognized option '%s'", word);
	for (size_t i = 0; word[0] == '-' && word[1] == '-' && i < n_options; i++)
		if (option_table[i].name && !option_table[i].is_refused &&
		    text_distance(option_table[i].name, word + 2) < 3)
			return inspect_hint(err, "did you mean '--%s'?", option_table[i].name);
	return inspect_hint(err, "a word that begins with '-' and is no option needs '--' before "
				 "it");
}

static int take_option(struct cli *cli, int letter, struct inspect_error *err)
{
	struct options *options = &cli->options;

	switch (letter) {
	case 'h':
		options->wants_help = true;
		return 0;
	case 'V':
		options->wants_version = true;
		return 0;
	case 'p':
		options->is_pretty = true;
		options->is_compatible_asked = true;
		return 0;
	case 'j':
		options->is_compatible_asked = true;
		return 0;
	case 'o':
		return parse_output(options, optarg, err);
	case 'f':
		options->wants_pins = true;
		return 0;
	case 'n':
		options->no_mount = true;
		return 0;
	case 'd':
		options->is_debug = true;
		return 0;
	case 'm':
		options->is_lenient = true;
		return 0;
	case 'L':
		options->use_loader = true;
		return 0;
	case 'B':
		options->base_btf = optarg;
		return inspect_btf_check(optarg, err);
	default:
		inspect_fail(err, INSPECT_EUSAGE, "-%c: signed programs are not supported", letter);
		return inspect_hint(err, "this build cannot sign; load without -S, -k and -i");
	}
}

/* Tables in getopt's own form. */
struct getopt_tables {
	char letters[64];
	struct option names[32];
};

static void fill_getopt(struct getopt_tables *tables)
{
	char *letter = tables->letters;
	struct option *name = tables->names;

	*letter++ = ':';
	for (size_t i = 0; i < n_options; i++) {
		const struct option_help *option = &option_table[i];

		*letter++ = option->letter;
		if (option->value)
			*letter++ = ':';
		if (option->name)
			*name++ = (struct option){ option->name, option->value ? 1 : 0, NULL,
						   option->letter };
	}
	*letter = '\0';
	*name = (struct option){ 0 };
}

int parse_options(struct cli *cli, int argc, char **argv, int *first, struct inspect_error *err)
{
	struct getopt_tables tables;
	int letter, r = 0;

	fill_getopt(&tables);
	opterr = 0;
	while (!r && !cli->options.wants_help &&
	       (letter = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
		if (letter == ':')
			r = inspect_fail(err, INSPECT_EUSAGE, "option '%s' needs an argument",
					 argv[optind - 1]);
		else if (letter == '?')
			r = fail_option(argv, err);
		else
			r = take_option(cli, letter, err);
	}
	struct inspect_error forms;
	int conflict = check_forms(&cli->options, &forms);
	if (!r && conflict) {
		*err = forms;
		r = conflict;
	}
	*first = optind;
	return r;
}

static int fail_word(const struct command *command, const char *word, struct inspect_error *err)
{
	const char *nearest = NULL;
	size_t least = 4;

	for (size_t i = 0; i < command->n_params; i++) {
		const struct param *param = &command->params[i];
		size_t distance = param->word ? text_distance(param->word, word) : least;

		if (distance < least) {
			least = distance;
			nearest = param->word;
		}
	}
	inspect_fail(err, INSPECT_EUSAGE, "what is '%s'?", word);
	if (nearest && *word)
		return inspect_hint(err, "did you mean '%s'?", nearest);
	return -INSPECT_EUSAGE;
}

static bool begins_word(const struct command *command, const char *word)
{
	for (size_t i = 0; *word && i < command->n_params; i++)
		if (command->params[i].word && text_has_prefix(command->params[i].word, word))
			return true;
	return false;
}

/* A path may be anything: only a whole word of the command's is taken for that. */
static bool is_word(const struct command *command, const char *word)
{
	for (size_t i = 0; i < command->n_params; i++)
		if (command->params[i].word && strcmp(command->params[i].word, word) == 0)
			return true;
	return false;
}

/* An object; where it may be left out, another word may stand in its place. */
static int take_object(const struct command *command, const struct param *param, void *args,
		       const char *const *words, size_t n, struct inspect_error *err)
{
	struct inspect_ref ref = { .kind = param->object, .by = INSPECT_BY_ALL };
	bool is_left_out =
		param->is_optional && (!n || (!inspect_ref_begins(param->object, words[0]) &&
					      begins_word(command, words[0])));
	int used = 0;

	if (!is_left_out)
		used = inspect_ref_parse(param->object, words, n, &ref, err);
	if (used >= 0)
		memcpy((char *)args + param->offset, &ref, sizeof(ref));
	return used;
}

static int fail_twice(const struct param *param, struct inspect_error *err)
{
	return inspect_fail(err, INSPECT_EUSAGE, "'%s' is there twice", param->word);
}

static int take_count(const struct param *param, void *args, const char *word,
		      struct inspect_error *err)
{
	uint64_t count;

	if (num_parse(word, NUM_ANY, UINT64_MAX, &count) || !count)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'%s' needs a whole number of at least 1, got: '%s'",
				    param->word, word);
	unsigned long long value = count;
	unsigned long long *where = (void *)((char *)args + param->offset);
	if (*where)
		return fail_twice(param, err);
	*where = value;
	return 2;
}

static int take_number(const struct param *param, void *args, const char *word,
		       struct inspect_error *err)
{
	struct given_number *where = (void *)((char *)args + param->offset);
	uint64_t value;

	if (where->is_there)
		return fail_twice(param, err);
	if (num_parse(word, NUM_ANY, param->max, &value)) {
		inspect_fail(err, INSPECT_EUSAGE, "can't parse '%s' as the value of '%s'", word,
			     param->word);
		return inspect_hint(err, "a whole number of at most %llu is wanted", param->max);
	}
	*where = (struct given_number){ .is_there = true, .value = value };
	return 2;
}

static int take_id(const struct param *param, void *args, const char *word,
		   struct inspect_error *err)
{
	struct given_ids *where = (void *)((char *)args + param->offset);
	uint64_t id;

	if (num_parse(word, NUM_ANY, UINT32_MAX, &id))
		return inspect_fail(err, INSPECT_EUSAGE, "can't parse '%s' as the value of '%s'",
				    word, param->word);
	for (unsigned i = 0; i < where->n; i++)
		if (where->ids[i] == id)
			return inspect_fail(err, INSPECT_EUSAGE, "duplicate %s %u supplied",
					    param->word, (unsigned)id);
	if (where->n == GIVEN_IDS)
		return inspect_fail(err, INSPECT_EUSAGE, "only %u %s are supported", GIVEN_IDS,
				    param->word);
	where->ids[where->n++] = (unsigned)id;
	return 2;
}

static int take_text(const struct param *param, void *args, const char *word,
		     struct inspect_error *err)
{
	const char **where = (void *)((char *)args + param->offset);

	if (*where)
		return fail_twice(param, err);
	*where = word;
	return 2;
}

/* "'xlated' or 'jited'" */
static void add_choices(struct buf *out, const char *const *choices)
{
	for (size_t i = 0; choices[i]; i++) {
		if (i)
			buf_add_text(out, choices[i + 1] ? ", " : " or ");
		buf_add_char(out, '\'');
		buf_add_text(out, choices[i]);
		buf_add_char(out, '\'');
	}
	buf_add_char(out, '\0');
}

static int take_choice(const struct param *param, void *args, const char *word,
		       struct inspect_error *err)
{
	const char **where = (void *)((char *)args + param->offset);
	AUTO(buf_done) struct buf choices = { 0 };

	if (*where)
		return fail_twice(param, err);
	for (size_t i = 0; *word && param->choices[i] && !*where; i++)
		if (text_has_prefix(param->choices[i], word))
			*where = param->choices[i];
	if (*where)
		return param->word ? 2 : 1;
	add_choices(&choices, param->choices);
	return inspect_fail(err, INSPECT_EUSAGE, "expected %s, got: %s",
			    buf_failed(&choices) ? "another word" : choices.bytes, word);
}

static int take_btf(const struct param *param, void *args, const char *const *words, size_t n,
		    struct inspect_error *err)
{
	struct given_btf *where = (void *)((char *)args + param->offset);
	struct inspect_ref ref;

	if (where->file || where->id)
		return fail_twice(param, err);
	if (n < 3 || strcmp(words[1], "id") != 0) {
		where->file = words[1];
		return 2;
	}
	int used = inspect_ref_parse(INSPECT_BTF, words + 1, n - 1, &ref, err);
	if (used < 0)
		return used;
	where->id = ref.id;
	return 1 + used;
}

/* map {idx N|name NAME} MAP */
static int take_reuse(const struct param *param, void *args, const char *const *words, size_t n,
		      struct inspect_error *err)
{
	struct given_reuse *where = (void *)((char *)args + param->offset);
	struct inspect_reuse reuse = { 0 };
	uint64_t index;

	if (n < 4)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'%s' needs at least 4 arguments, %zu found", param->word, n);
	if (where->n == GIVEN_REUSE)
		return inspect_fail(err, INSPECT_EUSAGE, "only %u maps are supported", GIVEN_REUSE);
	if (*words[1] && text_has_prefix("name", words[1]))
		reuse.name = words[2];
	else if (!*words[1] || !text_has_prefix("idx", words[1]))
		return inspect_fail(err, INSPECT_EUSAGE, "expected 'idx' or 'name', got: '%s'?",
				    words[1]);
	else if (num_parse(words[2], NUM_ANY, UINT32_MAX, &index))
		return inspect_fail(err, INSPECT_EUSAGE, "can't parse %s as IDX", words[2]);
	else
		reuse.index = (unsigned)index;
	int used = inspect_ref_parse(INSPECT_MAP, words + 3, n - 3, &reuse.map, err);
	if (used < 0)
		return inspect_context(err, "%s", param->word);
	where->reuse[where->n++] = reuse;
	return 3 + used;
}

static int take_named_object(const struct param *param, void *args, const char *const *words,
			     size_t n, struct inspect_error *err)
{
	const struct inspect_ref *where = (const void *)((const char *)args + param->offset);

	if (where->by != INSPECT_BY_ALL)
		return fail_twice(param, err);
	int used = inspect_ref_parse(param->object, words + 1, n - 1,
				     (void *)((char *)args + param->offset), err);
	return used < 0 ? inspect_context(err, "%s", param->word) : 1 + used;
}

static int take_flag(const struct param *param, void *args, struct inspect_error *err)
{
	bool *where = (bool *)args + param->offset;

	if (*where)
		return fail_twice(param, err);
	*where = true;
	return 1;
}

/* A parameter whose word is words[0]; returns how many words it was. */
static int take_value(const struct param *param, void *args, const char *const *words, size_t n,
		      struct inspect_error *err)
{
	if (param->kind == PARAM_FLAG)
		return take_flag(param, args, err);
	if (n < 2)
		return inspect_fail(err, INSPECT_EUSAGE, "'%s' needs a value", param->word);
	switch (param->kind) {
	case PARAM_COUNT:
		return take_count(param, args, words[1], err);
	case PARAM_NUMBER:
		return take_number(param, args, words[1], err);
	case PARAM_IDS:
		return take_id(param, args, words[1], err);
	case PARAM_BTF:
		return take_btf(param, args, words, n, err);
	case PARAM_REUSE:
		return take_reuse(param, args, words, n, err);
	case PARAM_OBJECT:
		return take_named_object(param, args, words, n, err);
	case PARAM_TEXT:
	case PARAM_SECTION:
	case PARAM_DEVICE:
	case PARAM_MAP_TYPE:
	case PARAM_PATH:
		return take_text(param, args, words[1], err);
	case PARAM_CHOICE:
		return take_choice(param, args, words[1], err);
	case PARAM_FLAG:
	case PARAM_TYPES:
	case PARAM_WORDS:
	case PARAM_SOURCES:
	case PARAM_PATHS:
	case PARAM_HOOK:
		break;
	}
	return 0;
}

static int take_paths(const struct command *command, const struct param *param, void *args,
		      const char *const *words, size_t n, struct inspect_error *err)
{
	struct inspect_words taken = { words, 0 };

	while (taken.n < n && *words[taken.n] && !is_word(command, words[taken.n]))
		taken.n++;
	if (!taken.n)
		return inspect_fail(err, INSPECT_EUSAGE, "expected %s", param->value);
	memcpy((char *)args + param->offset, &taken, sizeof(taken));
	return (int)taken.n;
}

static int fail_missing(const struct param *param, struct inspect_error *err)
{
	inspect_fail(err, INSPECT_EUSAGE, "expected %s", param->value);
	return param->keywords ? inspect_hint(err, "%s is %s", param->value, param->help)
			       : -INSPECT_EUSAGE;
}

/* A parameter that has its place and no word; returns how many words it was. */
static int take_placed(const struct command *command, const struct param *param, void *args,
		       const char *const *words, size_t n, struct inspect_error *err)
{
	const struct inspect_words left = { words, n };

	if (param->kind == PARAM_OBJECT)
		return take_object(command, param, args, words, n, err);
	if (param->kind == PARAM_TYPES)
		return inspect_btf_spec_parse(words, n, (unsigned)param->max,
					      (void *)((char *)args + param->offset), err);
	if (param->kind == PARAM_WORDS || param->kind == PARAM_SOURCES ||
	    param->kind == PARAM_HOOK) {
		memcpy((char *)args + param->offset, &left, sizeof(left));
		return (int)n;
	}
	if (param->kind == PARAM_PATHS)
		return take_paths(command, param, args, words, n, err);
	if (param->is_optional && (!n || is_word(command, words[0]) ||
				   (param->kind == PARAM_TEXT && begins_word(command, words[0]))))
		return 0;
	if (!n || !*words[0])
		return fail_missing(param, err);
	if (param->kind == PARAM_CHOICE)
		return take_choice(param, args, words[0], err);
	memcpy((char *)args + param->offset, &words[0], sizeof(words[0]));
	return 1;
}

/* "ambiguous prefix: 'd' could be 'data_in' or 'data_out'" where a word is not whole and fits several. */
static int check_prefix(const struct command *command, const char *word, struct inspect_error *err)
{
	AUTO(buf_done) struct buf fitting = { 0 };
	unsigned n = 0;

	if (is_word(command, word))
		return 0;
	for (size_t i = 0; i < command->n_params; i++) {
		const char *known = command->params[i].word;

		if (!known || !text_has_prefix(known, word))
			continue;
		buf_add_text(&fitting, n++ ? " or '" : "'");
		buf_add_text(&fitting, known);
		buf_add_char(&fitting, '\'');
	}
	buf_add_char(&fitting, '\0');
	if (n < 2)
		return 0;
	return inspect_fail(err, INSPECT_EUSAGE, "ambiguous prefix: '%s' could be %s", word,
			    buf_failed(&fitting) ? "several" : fitting.bytes);
}

/* Takes one parameter that has a word; returns how many words it was. */
static int take_word(const struct command *command, void *args, const char *const *words, size_t n,
		     struct inspect_error *err)
{
	int r = *words[0] && command->is_unambiguous ? check_prefix(command, words[0], err) : 0;

	if (r < 0)
		return r;
	for (size_t i = 0; *words[0] && i < command->n_params; i++) {
		const struct param *param = &command->params[i];

		if (!param->word || !text_has_prefix(param->word, words[0]))
			continue;
		return take_value(param, args, words, n, err);
	}
	return fail_word(command, words[0], err);
}

static int fail_in(const struct noun *noun, const struct command *command,
		   struct inspect_error *err)
{
	if (noun->is_verbless)
		return inspect_context(err, "%s", noun->word);
	return inspect_context(err, "%s %s", noun->word, command->verb);
}

int parse_and_run(struct cli *cli, const struct noun *noun, const struct command *command,
		  const char *const *words, size_t n, struct inspect_error *err)
{
	autofree void *args = calloc(1, command->args_size ? command->args_size : 1);
	size_t at = 0;
	int used;

	if (!args)
		return inspect_fail(err, ENOMEM, "%s %s", noun->word, command->verb);
	for (size_t i = 0; i < command->n_params; i++) {
		if (command->params[i].word)
			continue;
		used = take_placed(command, &command->params[i], args, words + at, n - at, err);
		if (used < 0)
			return fail_in(noun, command, err);
		at += (size_t)used;
	}
	while (at < n) {
		used = take_word(command, args, words + at, n - at, err);
		if (used < 0)
			return fail_in(noun, command, err);
		at += (size_t)used;
	}
	return command->run(cli, args, err);
}
