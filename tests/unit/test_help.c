/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_help.c - usage, from the table of commands, and on which stream it goes
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
#include "parse.h"

static void help_names_every_object_and_every_option(void **state)
{
	AUTO_CLI c;
	char expected[64];

	(void)state;
	CLI_RUN(&c, NULL, "help");
	assert_int_equal(c.result, 0);
	assert_string_equal(c.err.text, "");
	for (size_t i = 0; i < n_nouns; i++) {
		snprintf(expected, sizeof(expected), "\n  %s ", nouns[i].word);
		assert_non_null(strstr(c.out.text, expected));
		assert_non_null(strstr(c.out.text, nouns[i].summary));
	}
	for (size_t i = 0; i < n_options; i++) {
		snprintf(expected, sizeof(expected), "  -%c, --%s", option_table[i].letter,
			 option_table[i].is_refused ? "" : option_table[i].name);
		assert_int_equal(!strstr(c.out.text, expected), option_table[i].is_refused);
	}
}

static void help_of_an_object_names_every_command(void **state)
{
	char expected[64];

	(void)state;
	for (size_t i = 0; i < n_nouns; i++) {
		AUTO_CLI c;

		if (nouns[i].is_verbless || !command_find_verb(&nouns[i], "help"))
			continue;
		CLI_RUN(&c, NULL, nouns[i].word, "help");
		assert_int_equal(c.result, 0);
		for (size_t j = 0; j < nouns[i].n; j++) {
			const struct command *command = &nouns[i].commands[j];

			snprintf(expected, sizeof(expected), "\n  %s %s%s%s", nouns[i].word,
				 command->verb, command->alias ? "|" : "",
				 command->alias ? command->alias : "");
			assert_non_null(strstr(c.out.text, expected));
			assert_non_null(strstr(c.out.text, command->summary));
		}
	}
}

static void usage_shows_parameters_as_they_are_typed(void **state)
{
	AUTO_CLI c;

	(void)state;
	CLI_RUN(&c, NULL, "map", "help");
	assert_non_null(strstr(c.out.text, "\n  map show|list [MAP] [no-owners]\n"));
	assert_non_null(strstr(c.out.text, "\n  map dump MAP [limit COUNT] [count] [typed]\n"));
	assert_non_null(strstr(c.out.text, "\nMAP: id ID | name NAME | pinned PATH | ID | PATH\n"));
}

static void what_is_not_built_yet_is_marked(void **state)
{
	AUTO_CLI all, map, gen;

	(void)state;
	CLI_RUN(&all, NULL, "help");
	assert_non_null(strstr(all.out.text, "files made from object files (not built yet)\n"));
	assert_non_null(strstr(all.out.text, "  maps\n"));
	CLI_RUN(&map, NULL, "map", "help");
	assert_non_null(strstr(map.out.text, "print the elements of a map\n"));
	CLI_RUN(&gen, NULL, "gen", "help");
	assert_non_null(strstr(gen.out.text, "link object files (not built yet)\n"));
}

static void nothing_at_all_is_a_question_for_help(void **state)
{
	static const char *const words[] = { NULL };
	AUTO_CLI c, help;

	(void)state;
	cli_case_run(&c, "bpflens", NULL, words);
	CLI_RUN(&help, NULL, "help");
	assert_int_equal(c.result, 0);
	assert_string_equal(c.out.text, help.out.text);
}

static void an_object_whose_first_command_is_help_shows_it(void **state)
{
	AUTO_CLI bare, help;

	(void)state;
	CLI_RUN(&bare, NULL, "iter");
	CLI_RUN(&help, NULL, "iter", "help");
	assert_int_equal(bare.result, 0);
	assert_string_equal(bare.out.text, help.out.text);
}

static void help_under_bpftools_name_goes_to_standard_error(void **state)
{
	static const char *const words[] = { "help", NULL };
	AUTO_CLI c;

	(void)state;
	cli_case_run(&c, "bpftool", NULL, words);
	assert_string_equal(c.out.text, "");
	assert_memory_equal(c.err.text, "Usage: bpftool ", 15);
	assert_null(strstr(c.err.text, "bpflens"));
}

static void help_beside_json_leaves_one_document(void **state)
{
	static const char *const forms[] = { "-j", "-p", "-ojson" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		AUTO_CLI c;

		CLI_RUN(&c, NULL, forms[i], "map", "help");
		assert_int_equal(c.result, 0);
		assert_string_equal(c.out.text, "null\n");
		assert_memory_equal(c.err.text, "Usage: bpflens ", 15);
	}
}

static void help_has_no_line_wider_than_100_characters(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_nouns; i++) {
		AUTO_CLI c;

		if (nouns[i].is_verbless && strcmp(nouns[i].word, "help") != 0)
			continue;
		CLI_RUN(&c, NULL, nouns[i].word, "help");
		for (const char *at = c.out.text; *at; at += strcspn(at, "\n") + 1)
			if (strcspn(at, "\n") > 100)
				fail_msg("%s: %.120s", nouns[i].word, at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_names_every_object_and_every_option),
		cmocka_unit_test(help_of_an_object_names_every_command),
		cmocka_unit_test(usage_shows_parameters_as_they_are_typed),
		cmocka_unit_test(what_is_not_built_yet_is_marked),
		cmocka_unit_test(nothing_at_all_is_a_question_for_help),
		cmocka_unit_test(an_object_whose_first_command_is_help_shows_it),
		cmocka_unit_test(help_under_bpftools_name_goes_to_standard_error),
		cmocka_unit_test(help_beside_json_leaves_one_document),
		cmocka_unit_test(help_has_no_line_wider_than_100_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
