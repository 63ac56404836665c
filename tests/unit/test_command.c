/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_command.c - the table of commands, and what words and abbreviations mean
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli_case.h"
#include "command.h"

/* surface.md, section 3: objects and their commands in the order of matching. */
struct known {
	const char *noun;
	const char *verbs[20];
};

static const struct known known[] = {
	{ "prog",
	  { "show", "list", "help", "dump", "pin", "load", "loadall", "attach", "detach",
	    "tracelog", "run", "profile" } },
	{ "map",
	  { "show", "list", "help", "dump", "update", "lookup", "getnext", "delete", "pin",
	    "event_pipe", "create", "peek", "push", "enqueue", "pop", "dequeue", "freeze" } },
	{ "link", { "show", "list", "help", "pin", "detach" } },
	{ "cgroup", { "show", "list", "tree", "attach", "detach", "help" } },
	{ "perf", { "show", "list", "help" } },
	{ "net", { "show", "list", "attach", "detach", "help" } },
	{ "feature", { "probe", "list_builtins", "diff", "help" } },
	{ "btf", { "show", "list", "help", "dump" } },
	{ "gen", { "object", "skeleton", "subskeleton", "min_core_btf", "help" } },
	{ "struct_ops", { "show", "list", "register", "unregister", "dump", "help" } },
	{ "iter", { "help", "pin" } },
	{ "token", { "show", "list", "help" } },
};

#define N_KNOWN (sizeof(known) / sizeof(*known))

static const char *const known_nouns[] = { "help", "batch", "prog",    "map", "link", "cgroup",
					   "perf", "net",   "feature", "btf", "gen",  "struct_ops",
					   "iter", "token", "version", NULL };

/* The first of the words that begins with the first @n bytes of @word. */
static const char *first_with(const char *const *words, const char *word, size_t n)
{
	while (*words && strncmp(*words, word, n) != 0)
		words++;
	return *words;
}

static bool means(const struct command *command, const char *word)
{
	return command && (strcmp(command->verb, word) == 0 ||
			   (command->alias && strcmp(command->alias, word) == 0));
}

static void the_nouns_are_bpftools_in_its_order(void **state)
{
	(void)state;
	for (size_t i = 0; known_nouns[i]; i++) {
		assert_true(i < n_nouns);
		assert_string_equal(nouns[i].word, known_nouns[i]);
	}
}

static void every_abbreviation_of_a_noun_means_what_it_means_in_bpftool(void **state)
{
	char word[32];

	(void)state;
	for (size_t i = 0; known_nouns[i]; i++) {
		for (size_t n = 1; n <= strlen(known_nouns[i]); n++) {
			snprintf(word, sizeof(word), "%.*s", (int)n, known_nouns[i]);
			const struct noun *noun = command_find_noun(word);

			assert_non_null(noun);
			assert_string_equal(noun->word, first_with(known_nouns, word, n));
		}
	}
}

static void every_abbreviation_of_a_verb_means_what_it_means_in_bpftool(void **state)
{
	char word[32];

	(void)state;
	for (size_t i = 0; i < N_KNOWN; i++) {
		const struct noun *noun = command_find_noun(known[i].noun);

		for (const char *const *verb = known[i].verbs; *verb; verb++) {
			for (size_t n = 1; n <= strlen(*verb); n++) {
				snprintf(word, sizeof(word), "%.*s", (int)n, *verb);
				const char *expected =
					n == strlen(*verb) ? *verb
							   : first_with(known[i].verbs, word, n);

				if (!means(command_find_verb(noun, word), expected))
					fail_msg("%s %s is not %s", noun->word, word, expected);
			}
		}
	}
}

static void assert_noun(const char *word, const char *expected)
{
	const struct noun *noun = command_find_noun(word);

	assert_non_null(noun);
	assert_string_equal(noun->word, expected);
}

static void assert_verb(const char *noun, const char *word, const char *expected)
{
	if (!means(command_find_verb(command_find_noun(noun), word), expected))
		fail_msg("%s %s is not %s", noun, word, expected);
}

static void the_examples_of_the_reference_hold(void **state)
{
	(void)state;
	assert_noun("b", "batch");
	assert_noun("p", "prog");
	assert_noun("m", "map");
	assert_noun("n", "net");
	assert_noun("f", "feature");
	assert_noun("bt", "btf");
	assert_noun("s", "struct_ops");
	assert_noun("t", "token");
	assert_noun("h", "help");
	assert_noun("pe", "perf");
	assert_noun("l", "link");
	assert_noun("v", "version");
	assert_verb("map", "p", "pin");
	assert_verb("map", "d", "dump");
	assert_verb("map", "de", "delete");
	assert_verb("map", "l", "list");
	assert_verb("map", "lo", "lookup");
	assert_verb("map", "e", "event_pipe");
	assert_verb("map", "s", "show");
	assert_verb("prog", "l", "list");
	assert_verb("prog", "lo", "load");
	assert_verb("prog", "d", "dump");
	assert_verb("prog", "p", "pin");
	assert_verb("prog", "pr", "profile");
	assert_verb("batch", "f", "file");
}

static void list_is_the_same_as_show(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KNOWN; i++) {
		const struct noun *noun = command_find_noun(known[i].noun);
		const struct command *show = command_find_verb(noun, "show");

		if (strcmp(known[i].verbs[0], "show") == 0)
			assert_ptr_equal(command_find_verb(noun, "list"), show);
	}
	assert_verb("feature", "list", "list_builtins");
}

static void without_a_command_the_first_one_of_the_table_is_meant(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KNOWN; i++)
		assert_true(
			means(&command_find_noun(known[i].noun)->commands[0], known[i].verbs[0]));
}

static void an_exact_word_wins_over_one_that_stands_before_it(void **state)
{
	static const struct command commands[] = {
		{ .verb = "loadall" },
		{ .verb = "load" },
		{ .verb = "lister" },
		{ .verb = "show", .alias = "list" },
	};
	const struct noun noun = { .word = "x", .commands = commands, .n = 4 };

	(void)state;
	assert_ptr_equal(command_find_verb(&noun, "load"), &commands[1]);
	assert_ptr_equal(command_find_verb(&noun, "loa"), &commands[0]);
	assert_ptr_equal(command_find_verb(&noun, "list"), &commands[3]);
	assert_ptr_equal(command_find_verb(&noun, "lis"), &commands[2]);
}

static void every_word_of_the_table_means_its_own_entry(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_nouns; i++) {
		assert_ptr_equal(command_find_noun(nouns[i].word), &nouns[i]);
		for (size_t j = 0; j < nouns[i].n; j++) {
			const struct command *command = &nouns[i].commands[j];

			assert_ptr_equal(command_find_verb(&nouns[i], command->verb), command);
			if (command->alias)
				assert_ptr_equal(command_find_verb(&nouns[i], command->alias),
						 command);
		}
	}
}

static void words_are_told_apart_by_case_and_length(void **state)
{
	static const char *const words[] = { "",     "MAP", "Map", "maps",  "map ",
					     " map", "xx",  "-",   "ma\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		assert_null(command_find_noun(words[i]));
		assert_null(command_find_verb(command_find_noun("map"), words[i]));
	}
	assert_null(command_find_verb(command_find_noun("map"), "shows"));
}

static void every_entry_has_a_verb_and_a_summary(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_nouns; i++) {
		assert_true(nouns[i].n > 0);
		assert_true(nouns[i].summary && *nouns[i].summary);
		for (size_t j = 0; j < nouns[i].n; j++) {
			const struct command *command = &nouns[i].commands[j];

			assert_true(command->verb && *command->verb);
			assert_true(command->summary && *command->summary);
		}
	}
}

static size_t size_of_param(const struct param *param)
{
	switch (param->kind) {
	case PARAM_OBJECT:
		return sizeof(struct inspect_ref);
	case PARAM_COUNT:
		return sizeof(unsigned long long);
	case PARAM_FLAG:
		return sizeof(bool);
	case PARAM_NUMBER:
		return sizeof(struct given_number);
	case PARAM_TEXT:
	case PARAM_CHOICE:
	case PARAM_MAP_TYPE:
	case PARAM_SECTION:
	case PARAM_DEVICE:
	case PARAM_PATH:
		return sizeof(const char *);
	case PARAM_REUSE:
		return sizeof(struct given_reuse);
	case PARAM_BTF:
		return sizeof(struct given_btf);
	case PARAM_IDS:
		return sizeof(struct given_ids);
	case PARAM_TYPES:
		return sizeof(struct inspect_btf_spec);
	case PARAM_WORDS:
	case PARAM_HOOK:
	case PARAM_SOURCES:
	case PARAM_PATHS:
		return sizeof(struct inspect_words);
	}
	return SIZE_MAX;
}

/* Kinds that need no word of their own in front of them. */
static bool has_place(const struct param *param)
{
	return param->kind == PARAM_OBJECT || param->kind == PARAM_PATH ||
	       param->kind == PARAM_WORDS || param->kind == PARAM_TYPES ||
	       param->kind == PARAM_TEXT || param->kind == PARAM_SOURCES ||
	       param->kind == PARAM_CHOICE || param->kind == PARAM_PATHS ||
	       param->kind == PARAM_HOOK;
}

static void every_parameter_has_help_and_fits_its_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_nouns; i++) {
		for (size_t j = 0; j < nouns[i].n; j++) {
			const struct command *command = &nouns[i].commands[j];

			for (size_t k = 0; k < command->n_params; k++) {
				const struct param *param = &command->params[k];

				assert_true(param->help && *param->help);
				assert_true(param->word || param->value);
				assert_true(param->offset + size_of_param(param) <=
					    command->args_size);
				assert_true(param->word || has_place(param));
			}
		}
	}
}

static void no_word_of_a_command_comes_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_nouns; i++)
		for (size_t j = 0; j < nouns[i].n; j++)
			for (size_t k = 0; k < j; k++)
				assert_false(
					means(&nouns[i].commands[k], nouns[i].commands[j].verb));
}

/* The hint that a wrong line gets. */
static const char *hint_of(struct cli_case *c, const char *noun, const char *verb)
{
	const char *words[] = { noun, verb, NULL };

	cli_case_run(c, "bpflens", NULL, words);
	assert_int_equal(c->result, -INSPECT_EUSAGE);
	assert_string_equal(c->out.text, "");
	return c->error.hint;
}

static void a_mistyped_word_names_the_nearest(void **state)
{
	static const char *const cases[][3] = {
		{ "porg", NULL, "did you mean 'prog'?" },
		{ "mpa", NULL, "did you mean 'map'?" },
		{ "maps", NULL, "did you mean 'map'?" },
		{ "structops", NULL, "did you mean 'struct_ops'?" },
		{ "map", "dupm", "did you mean 'dump'?" },
		{ "map", "lsit", "did you mean 'list'?" },
		{ "prog", "shwo", "did you mean 'show'?" },
		{ "map", "get_next", "did you mean 'getnext'?" },
		{ "feature", "prob ", "did you mean 'probe'?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO_CLI c;

		assert_string_equal(hint_of(&c, cases[i][0], cases[i][1]), cases[i][2]);
	}
}

static void a_word_like_no_other_is_told_where_the_words_are(void **state)
{
	AUTO_CLI noun, verb, empty, empty_verb;

	(void)state;
	assert_string_equal(hint_of(&noun, "zzzzzzzzzz", NULL), "'bpflens help' lists them");
	assert_string_equal(hint_of(&verb, "map", "zzzzzzzzzz"), "'bpflens map help' lists them");
	assert_string_equal(hint_of(&empty, "", NULL), "'bpflens help' lists them");
	assert_string_equal(hint_of(&empty_verb, "map", ""), "'bpflens map help' lists them");
}

static void a_wrong_word_is_named_in_the_message(void **state)
{
	AUTO_CLI noun, verb;

	(void)state;
	hint_of(&noun, "porg", NULL);
	assert_string_equal(noun.error.what, "unknown object 'porg'");
	hint_of(&verb, "m", "dupm");
	assert_string_equal(verb.error.what, "map: unknown command 'dupm'");
	assert_string_equal(verb.err.text, "Error: map: unknown command 'dupm'\n"
					   "  hint: did you mean 'dump'?\n");
}

static void a_command_of_bpftools_that_is_not_built_yet_says_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_nouns; i++) {
		for (size_t j = 0; j < nouns[i].n && !nouns[i].is_verbless; j++) {
			const struct command *command = &nouns[i].commands[j];
			const char *words[] = { nouns[i].word, command->verb, "id", "1", NULL };

			if (command->run || command_is_help(command))
				continue;
			AUTO_CLI c;
			cli_case_run(&c, "bpflens", NULL, words);
			assert_int_equal(c.result, -CLI_ENOTBUILT);
			assert_memory_equal(c.error.what, nouns[i].word, strlen(nouns[i].word));
			assert_non_null(strstr(c.error.what, command->verb));
			assert_non_null(strstr(c.err.text, ": not built yet\n"));
			assert_string_equal(c.out.text, "");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nouns_are_bpftools_in_its_order),
		cmocka_unit_test(every_abbreviation_of_a_noun_means_what_it_means_in_bpftool),
		cmocka_unit_test(every_abbreviation_of_a_verb_means_what_it_means_in_bpftool),
		cmocka_unit_test(the_examples_of_the_reference_hold),
		cmocka_unit_test(list_is_the_same_as_show),
		cmocka_unit_test(without_a_command_the_first_one_of_the_table_is_meant),
		cmocka_unit_test(an_exact_word_wins_over_one_that_stands_before_it),
		cmocka_unit_test(every_word_of_the_table_means_its_own_entry),
		cmocka_unit_test(words_are_told_apart_by_case_and_length),
		cmocka_unit_test(every_entry_has_a_verb_and_a_summary),
		cmocka_unit_test(every_parameter_has_help_and_fits_its_arguments),
		cmocka_unit_test(no_word_of_a_command_comes_twice),
		cmocka_unit_test(a_mistyped_word_names_the_nearest),
		cmocka_unit_test(a_word_like_no_other_is_told_where_the_words_are),
		cmocka_unit_test(a_wrong_word_is_named_in_the_message),
		cmocka_unit_test(a_command_of_bpftools_that_is_not_built_yet_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
