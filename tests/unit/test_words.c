/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_words.c - a command of a batch file to words
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "words.h"

#define LINE 4096

/* The words of @text, each in brackets; or the error's words. */
static const char *split(const char *text)
{
	static char line[LINE], out[2 * LINE];
	static const char *words[WORDS_COUNT];
	struct inspect_error err = { 0 };

	assert_true(strlen(text) < sizeof(line));
	strcpy(line, text);
	out[0] = '\0';
	int n = words_split(line, words, &err);
	if (n < 0) {
		assert_int_equal(n, -INSPECT_EUSAGE);
		assert_int_equal(err.code, INSPECT_EUSAGE);
		strcpy(out, err.what);
	}
	for (int i = 0; i < n; i++) {
		strcat(out, "[");
		strcat(out, words[i]);
		strcat(out, "]");
	}
	return out;
}

static const char *without_comment(const char *text)
{
	static char line[LINE];

	strcpy(line, text);
	words_drop_comment(line);
	return line;
}

/* What is left of a command that goes on, or NULL. */
static const char *going_on(const char *text)
{
	static char line[LINE];

	strcpy(line, text);
	return words_go_on(line) ? line : NULL;
}

static void words_are_parted_by_any_blanks(void **state)
{
	(void)state;
	assert_string_equal(split("prog show id 5\n"), "[prog][show][id][5]");
	assert_string_equal(split(" \t prog\t\tshow \r\n"), "[prog][show]");
	assert_string_equal(split("one\ntwo\rthree"), "[one][two][three]");
}

static void a_blank_line_has_no_words(void **state)
{
	(void)state;
	assert_string_equal(split(""), "");
	assert_string_equal(split("\n"), "");
	assert_string_equal(split(" \t\r\n"), "");
}

static void other_control_characters_are_no_blanks(void **state)
{
	(void)state;
	assert_string_equal(split("a\vb\fc\001d"), "[a\vb\fc\001d]");
}

static void a_quoted_word_has_its_blanks(void **state)
{
	(void)state;
	assert_string_equal(split("map show name \"a b\"\n"), "[map][show][name][a b]");
	assert_string_equal(split("'a\tb' c\n"), "[a\tb][c]");
}

static void a_quoted_word_may_be_empty(void **state)
{
	(void)state;
	assert_string_equal(split("\"\" ''\n"), "[][]");
}

static void a_quote_ends_at_the_same_quote(void **state)
{
	(void)state;
	assert_string_equal(split("\"it's\" 'say \"no\"'\n"), "[it's][say \"no\"]");
}

static void a_backslash_escapes_no_quote(void **state)
{
	(void)state;
	assert_string_equal(split("'a\\' b\n"), "[a\\][b]");
	assert_string_equal(split("\"a\\\" b\\n\n"), "[a\\][b\\n]");
}

static void a_quote_inside_a_word_is_a_character(void **state)
{
	(void)state;
	assert_string_equal(split("it's a\"b c\"\n"), "[it's][a\"b][c\"]");
}

static void text_behind_a_closing_quote_begins_a_word(void **state)
{
	(void)state;
	assert_string_equal(split("\"a\"b 'c''d'\n"), "[a][b][c][d]");
}

static void a_quote_that_is_never_closed_is_an_error(void **state)
{
	(void)state;
	assert_string_equal(split("version \"a\n"), "unterminated quoted string");
	assert_string_equal(split("'"), "unterminated quoted string");
	assert_string_equal(split("'a\"\n"), "unterminated quoted string");
}

static void as_many_words_as_there_is_room_for_are_taken(void **state)
{
	autofree char *line = malloc(2 * (WORDS_COUNT + 1) + 1);
	autofree const char **words = calloc(WORDS_COUNT, sizeof(*words));
	struct inspect_error err = { 0 };

	(void)state;
	assert_true(line && words);
	line[0] = '\0';
	for (int i = 0; i < WORDS_COUNT; i++)
		strcpy(line + (size_t)2 * i, "x ");
	assert_int_equal(words_split(line, words, &err), WORDS_COUNT);
	assert_string_equal(words[WORDS_COUNT - 1], "x");

	for (int i = 0; i <= WORDS_COUNT; i++)
		strcpy(line + (size_t)2 * i, "x ");
	assert_int_equal(words_split(line, words, &err), -INSPECT_EUSAGE);
	assert_string_equal(err.what, "more than 4095 words");
}

static void a_comment_goes_to_the_end_of_the_line(void **state)
{
	(void)state;
	assert_string_equal(without_comment("prog show # all of them\n"), "prog show ");
	assert_string_equal(without_comment("# nothing\n"), "");
	assert_string_equal(without_comment("prog # one # two\n"), "prog ");
	assert_string_equal(without_comment("prog show\n"), "prog show\n");
}

static void a_comment_may_begin_inside_a_word(void **state)
{
	(void)state;
	assert_string_equal(without_comment("prog#show\n"), "prog");
	assert_string_equal(without_comment("it's# so\n"), "it's");
}

static void a_number_sign_between_quotes_is_text(void **state)
{
	(void)state;
	assert_string_equal(without_comment("name \"a # b\" # c\n"), "name \"a # b\" ");
	assert_string_equal(without_comment("name '#'#\n"), "name '#'");
	assert_string_equal(without_comment("'a'\"#\" #\n"), "'a'\"#\" ");
}

static void a_quote_inside_a_word_keeps_no_comment(void **state)
{
	(void)state;
	assert_string_equal(without_comment("it's a #b's\n"), "it's a ");
}

static void a_number_sign_behind_a_quote_that_stays_open_is_text(void **state)
{
	(void)state;
	assert_string_equal(without_comment("'a # b\n"), "'a # b\n");
}

static void a_backslash_before_the_new_line_joins(void **state)
{
	(void)state;
	assert_string_equal(going_on("map show \\\n"), "map show ");
	assert_string_equal(going_on("\\\n"), "");
	assert_string_equal(going_on("a\\\\\n"), "a\\");
}

static void a_backslash_elsewhere_joins_nothing(void **state)
{
	(void)state;
	assert_null(going_on("map show\n"));
	assert_null(going_on("map show \\ \n"));
	assert_null(going_on("map show \\\r\n"));
	assert_null(going_on("map show \\"));
	assert_null(going_on("\n"));
	assert_null(going_on(""));
}

static void a_comment_takes_the_backslash_with_it(void **state)
{
	(void)state;
	assert_null(going_on(without_comment("map show # \\\n")));
	assert_null(going_on(without_comment("map show \\#\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_parted_by_any_blanks),
		cmocka_unit_test(a_blank_line_has_no_words),
		cmocka_unit_test(other_control_characters_are_no_blanks),
		cmocka_unit_test(a_quoted_word_has_its_blanks),
		cmocka_unit_test(a_quoted_word_may_be_empty),
		cmocka_unit_test(a_quote_ends_at_the_same_quote),
		cmocka_unit_test(a_backslash_escapes_no_quote),
		cmocka_unit_test(a_quote_inside_a_word_is_a_character),
		cmocka_unit_test(text_behind_a_closing_quote_begins_a_word),
		cmocka_unit_test(a_quote_that_is_never_closed_is_an_error),
		cmocka_unit_test(as_many_words_as_there_is_room_for_are_taken),
		cmocka_unit_test(a_comment_goes_to_the_end_of_the_line),
		cmocka_unit_test(a_comment_may_begin_inside_a_word),
		cmocka_unit_test(a_number_sign_between_quotes_is_text),
		cmocka_unit_test(a_quote_inside_a_word_keeps_no_comment),
		cmocka_unit_test(a_number_sign_behind_a_quote_that_stays_open_is_text),
		cmocka_unit_test(a_backslash_before_the_new_line_joins),
		cmocka_unit_test(a_backslash_elsewhere_joins_nothing),
		cmocka_unit_test(a_comment_takes_the_backslash_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
