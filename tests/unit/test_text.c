/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_text.c - text from elsewhere
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"

/* In memory of exactly its size, so that the sanitizer sees a byte read beyond it. */
static size_t decode(const char *text, size_t size, uint32_t *code_point)
{
	autofree char *copy = malloc(size);

	assert_non_null(copy);
	memcpy(copy, text, size);
	return text_decode(copy, size, code_point);
}

static void assert_safe_bytes(const char *text, size_t size, const char *expected)
{
	AUTO(buf_done) struct buf out = { 0 };
	autofree char *copy = malloc(size + !size);

	assert_non_null(copy);
	memcpy(copy, text, size);
	text_add_safe(&out, copy, size);
	buf_add_char(&out, '\0');
	assert_false(buf_failed(&out));
	assert_string_equal(out.bytes, expected);
}

static void assert_safe(const char *text, const char *expected)
{
	assert_safe_bytes(text, strlen(text), expected);
}

/* The encoding, written another way than the decoder is. */
static size_t encode(uint32_t c, char *to)
{
	static const unsigned char first[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(first[n] | c);
	return n;
}

static void every_character_of_unicode_is_decoded(void **state)
{
	char bytes[4];
	uint32_t found;

	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		if (c == 0xd800)
			c = 0xe000;
		size_t n = encode(c, bytes);

		if (text_decode(bytes, n, &found) != n || found != c)
			fail_msg("U+%04x", c);
	}
}

static void a_character_cut_at_any_byte_is_none(void **state)
{
	static const char *const texts[] = { "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x90\x9d" };
	uint32_t c;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t n = 1; n < strlen(texts[i]); n++)
			assert_int_equal(decode(texts[i], n, &c), 0);
}

static void what_follows_a_character_is_not_part_of_it(void **state)
{
	uint32_t c = 0;

	(void)state;
	assert_int_equal(decode("\xc3\xa4\xa4", 3, &c), 2);
	assert_int_equal(c, 0xe4);
	assert_int_equal(decode("ab", 2, &c), 1);
	assert_int_equal(c, 'a');
	assert_int_equal(decode("\0a", 2, &c), 1);
	assert_int_equal(c, 0);
}

static void bytes_that_are_not_utf_8_are_no_character(void **state)
{
	static const char *const texts[] = {
		"\x80",
		"\xbf", /* a byte that only continues */
		"\xc0\x80",
		"\xc0\xaf", /* too long for what they say */
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80", /* surrogates */
		"\xed\xbf\xbf",
		"\xf4\x90\x80\x80", /* beyond the last */
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80",
		"\xfe",
		"\xff",
		"\xc3(",
		"\xe2\x82(",
		"\xe2(\xac",
		"\xf0\x9f\x90(",
	};
	uint32_t c;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (decode(texts[i], strlen(texts[i]), &c))
			fail_msg("text %zu passed for a character", i);
}

static void ordinary_text_stays_as_it_is(void **state)
{
	(void)state;
	assert_safe("", "");
	assert_safe("cls_redirect.rodata", "cls_redirect.rodata");
	assert_safe("a b~!", "a b~!");
	assert_safe("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x9d", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x9d");
}

static void backslashes_and_quotes_stay_as_they_are(void **state)
{
	(void)state;
	assert_safe("a\\x1bb\"c'", "a\\x1bb\"c'");
}

static void control_characters_become_escapes(void **state)
{
	(void)state;
	assert_safe("\x1b[31mred", "\\x1b[31mred");
	assert_safe("a\nb\tc\r", "a\\x0ab\\x09c\\x0d");
	assert_safe("\x7f", "\\x7f");
	assert_safe("\xc2\x9b"
		    "31m",
		    "\\x9b31m"); /* CSI as one character */
	assert_safe_bytes("a\0b", 3, "a\\x00b");
}

static void every_control_character_is_escaped_and_no_other_ascii(void **state)
{
	char expected[8];

	(void)state;
	for (unsigned c = 0; c < 0x80; c++) {
		const char byte = (char)c;

		if (c < 0x20 || c == 0x7f)
			snprintf(expected, sizeof(expected), "\\x%02x", c);
		else
			snprintf(expected, sizeof(expected), "%c", c);
		assert_safe_bytes(&byte, 1, expected);
	}
}

static void what_turns_the_direction_of_text_becomes_an_escape(void **state)
{
	(void)state;
	assert_safe("a\xe2\x80\xae"
		    "b",
		    "a\\u202eb"); /* right-to-left override */
	assert_safe("\xe2\x80\x8e\xe2\x80\x8f", "\\u200e\\u200f");
	assert_safe("\xe2\x80\xaa\xe2\x80\xad", "\\u202a\\u202d");
	assert_safe("\xe2\x81\xa6\xe2\x81\xa9", "\\u2066\\u2069");
	assert_safe("\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029"); /* line and paragraph ends */
}

static void bytes_that_are_not_utf_8_become_escapes_one_by_one(void **state)
{
	(void)state;
	assert_safe("\xff\xfe", "\\xff\\xfe");
	assert_safe("a\x80"
		    "b",
		    "a\\x80b");
	assert_safe("\xc3", "\\xc3");
	assert_safe("\xe2\x82", "\\xe2\\x82");
	assert_safe("\xe2\x82z", "\\xe2\\x82z");
	assert_safe("\xed\xa0\x80", "\\xed\\xa0\\x80");
	assert_safe("\xff\xc3\xa4\xff", "\\xff\xc3\xa4\\xff");
}

static void safe_text_stays_the_same_when_made_safe_again(void **state)
{
	AUTO(buf_done) struct buf once = { 0 }, twice = { 0 };
	char all[256];

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		all[i] = (char)i;
	text_add_safe(&once, all, sizeof(all));
	text_add_safe(&twice, once.bytes, once.size);
	assert_int_equal(once.size, twice.size);
	assert_memory_equal(once.bytes, twice.bytes, once.size);
}

static void safe_text_is_put_behind_what_is_there(void **state)
{
	AUTO(buf_done) struct buf out = { 0 };

	(void)state;
	buf_add_text(&out, "name ");
	text_add_safe(&out, "\1x", 2);
	assert_int_equal(out.size, 10);
	assert_memory_equal(out.bytes, "name \\x01x", 10);
}

static void width_counts_characters_and_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_width("", 0), 0);
	assert_int_equal(text_width("abc", 3), 3);
	assert_int_equal(text_width("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x9d", 9), 3);
}

static void a_prefix_is_the_beginning_of_the_word_or_all_of_it(void **state)
{
	(void)state;
	assert_true(text_has_prefix("show", "show"));
	assert_true(text_has_prefix("show", "s"));
	assert_true(text_has_prefix("show", ""));
	assert_false(text_has_prefix("show", "shown"));
	assert_false(text_has_prefix("show", "h"));
	assert_false(text_has_prefix("show", "S"));
	assert_false(text_has_prefix("", "s"));
}

static void distance_counts_single_edits(void **state)
{
	(void)state;
	assert_int_equal(text_distance("", ""), 0);
	assert_int_equal(text_distance("prog", "prog"), 0);
	assert_int_equal(text_distance("prog", "prg"), 1);
	assert_int_equal(text_distance("prog", "progs"), 1);
	assert_int_equal(text_distance("prog", "prig"), 1);
	assert_int_equal(text_distance("", "abc"), 3);
	assert_int_equal(text_distance("kitten", "sitting"), 3);
	assert_int_equal(text_distance("abc", "xyz"), 3);
}

static void swapped_neighbours_are_one_edit(void **state)
{
	(void)state;
	assert_int_equal(text_distance("prog", "porg"), 1);
	assert_int_equal(text_distance("dump", "dupm"), 1);
	assert_int_equal(text_distance("map", "amp"), 1);
	assert_int_equal(text_distance("abcd", "badc"), 2);
}

static void distance_is_the_same_in_both_directions(void **state)
{
	static const char *const words[] = { "",	   "a",	       "prog", "porg", "progress",
					     "struct_ops", "instruct", "ops",  "sop" };
	size_t n = sizeof(words) / sizeof(*words);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			assert_int_equal(text_distance(words[i], words[j]),
					 text_distance(words[j], words[i]));
}

static void a_word_of_any_length_has_a_distance(void **state)
{
	char word[64 + 1], longer[70 + 1];
	autofree char *longest = malloc(131072);

	(void)state;
	memset(word, 'a', sizeof(word));
	word[64] = '\0';
	memset(longer, 'a', sizeof(longer));
	longer[70] = '\0';
	assert_non_null(longest);
	memset(longest, 'a', 131072);
	longest[131071] = '\0';
	assert_int_equal(text_distance(word, word), 0);
	assert_int_equal(text_distance(word, ""), 64);
	/* What is longer than any word of ours is near to none of them. */
	assert_true(text_distance(longer, "aaa") >= 64);
	assert_true(text_distance("aaa", longest) >= 64);
}

static void plain_text_ends_at_the_first_byte_that_needs_care(void **state)
{
	(void)state;
	char text[24];

	for (size_t size = 0; size <= sizeof(text); size++) {
		memset(text, 'a', sizeof(text));
		assert_int_equal(text_plain(text, size), size);
		for (size_t at = 0; at < size; at++) {
			for (unsigned byte = 0; byte < 256; byte++) {
				bool is_plain =
					byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';

				text[at] = (char)byte;
				assert_int_equal(text_plain(text, size), is_plain ? size : at);
			}
			text[at] = at % 2 ? ' ' : '~';
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_of_unicode_is_decoded),
		cmocka_unit_test(a_character_cut_at_any_byte_is_none),
		cmocka_unit_test(what_follows_a_character_is_not_part_of_it),
		cmocka_unit_test(bytes_that_are_not_utf_8_are_no_character),
		cmocka_unit_test(ordinary_text_stays_as_it_is),
		cmocka_unit_test(backslashes_and_quotes_stay_as_they_are),
		cmocka_unit_test(control_characters_become_escapes),
		cmocka_unit_test(every_control_character_is_escaped_and_no_other_ascii),
		cmocka_unit_test(what_turns_the_direction_of_text_becomes_an_escape),
		cmocka_unit_test(bytes_that_are_not_utf_8_become_escapes_one_by_one),
		cmocka_unit_test(safe_text_stays_the_same_when_made_safe_again),
		cmocka_unit_test(safe_text_is_put_behind_what_is_there),
		cmocka_unit_test(width_counts_characters_and_not_bytes),
		cmocka_unit_test(a_prefix_is_the_beginning_of_the_word_or_all_of_it),
		cmocka_unit_test(distance_counts_single_edits),
		cmocka_unit_test(swapped_neighbours_are_one_edit),
		cmocka_unit_test(distance_is_the_same_in_both_directions),
		cmocka_unit_test(plain_text_ends_at_the_first_byte_that_needs_care),
		cmocka_unit_test(a_word_of_any_length_has_a_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
