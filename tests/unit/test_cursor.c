/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_cursor.c - JSON text, taken apart without a tree
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "value/cursor.h"

/* The value in the text, which must be all of it. */
static int read_text(const char *text, size_t size, struct piece *out, struct inspect_error *err)
{
	struct cursor cursor = { text, text + size };

	int r = cursor_value(&cursor, out, err);
	return r < 0 ? r : cursor_finish(&cursor, err);
}

static void every_kind_of_value_is_known(void **state)
{
	static const struct {
		const char *text;
		enum piece_kind kind;
	} rows[] = {
		{ "\"\"", PIECE_TEXT },
		{ "\"a\\\"b\\u00e9\\n\xc3\xa9\"", PIECE_TEXT },
		{ "0", PIECE_NUMBER },
		{ "-0", PIECE_NUMBER },
		{ "18446744073709551615", PIECE_NUMBER },
		{ "-1.5e+300", PIECE_NUMBER },
		{ "0.1E-2", PIECE_NUMBER },
		{ "[]", PIECE_LIST },
		{ " [ 1 , [ ] , { } ]\n", PIECE_LIST },
		{ "{}", PIECE_RECORD },
		{ "\t{ \"a\" : 1 , \"a\" : null }\r\n", PIECE_RECORD },
		{ "true", PIECE_TRUE },
		{ "false", PIECE_FALSE },
		{ "null", PIECE_NULL },
	};
	struct piece piece;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (read_text(rows[i].text, strlen(rows[i].text), &piece, NULL))
			fail_msg("%s is JSON", rows[i].text);
		assert_int_equal(piece.kind, rows[i].kind);
	}
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"nul",
		"True",
		"nulll",
		"'a'",
		"\"a",
		"\"\\",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\u12g4\"",
		"\"\n\"",
		"\"\x1f\"",
		"\"\xff\"",
		"\"\xc3",
		"01",
		"-",
		"+1",
		".5",
		"1.",
		"1e",
		"1e+",
		"0x10",
		"--1",
		"1 2",
		"[",
		"[1",
		"[1,",
		"[1,]",
		"[,1]",
		"[1 2]",
		"[1}",
		"{",
		"{1:2}",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{\"a\" 1}",
		"{\"a\":1]",
		"{a:1}",
		"]",
		"}",
		"NaN",
		"Infinity",
		"/**/1",
		"\357\273\2771",
	};
	struct inspect_error err;
	struct piece piece;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (read_text(rows[i], strlen(rows[i]), &piece, &err) != -EINVAL)
			fail_msg("%s is no JSON", rows[i]);
		assert_true(err.what[0]);
	}
}

static void nesting_has_a_limit(void **state)
{
	char text[2 * 1000];
	struct piece piece;

	(void)state;
	for (size_t depth = 1; depth <= 1000; depth += depth < 60 || depth > 70 ? 30 : 1) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(read_text(text, 2 * depth, &piece, NULL),
				 depth <= CURSOR_DEPTH + 1 ? 0 : -E2BIG);
	}
}

/* An allocation of just that size shows what is read behind it. */
static void no_byte_behind_the_end_is_read(void **state)
{
	static const char whole[] = "{\"a\\u1234\xc3\xa9\":[1.5e+3,true,null,\"x\",{}]}";
	struct piece piece;

	(void)state;
	for (size_t size = 0; size < sizeof(whole); size++) {
		autofree char *text = malloc(size + !size);

		assert_non_null(text);
		memcpy(text, whole, size);
		assert_int_equal(read_text(text, size, &piece, NULL),
				 size == sizeof(whole) - 1 ? 0 : -EINVAL);
	}
}

static void members_and_elements_come_in_their_order(void **state)
{
	static const char text[] = "{ \"a\" : 1 , \"b\\n\":[ \"x\",[],2 ] }";
	struct piece record, name, value, element;
	struct cursor cursor, inner;

	(void)state;
	assert_int_equal(read_text(text, strlen(text), &record, NULL), 0);
	cursor_enter(&cursor, &record);
	assert_int_equal(cursor_next_member(&cursor, &name, &value), 1);
	assert_true(piece_is(&name, "a") && piece_is(&value, "1") && !name.has_escapes);
	assert_int_equal(cursor_next_member(&cursor, &name, &value), 1);
	assert_true(piece_is(&name, "b\\n") && name.has_escapes && value.kind == PIECE_LIST);
	cursor_enter(&inner, &value);
	assert_int_equal(cursor_next_element(&inner, &element), 1);
	assert_true(piece_is(&element, "x") && element.kind == PIECE_TEXT);
	assert_int_equal(cursor_next_element(&inner, &element), 1);
	assert_true(piece_is(&element, "[]"));
	assert_int_equal(cursor_next_element(&inner, &element), 1);
	assert_true(piece_is(&element, "2"));
	assert_int_equal(cursor_next_element(&inner, &element), 0);
	assert_int_equal(cursor_next_member(&cursor, &name, &value), 0);
}

static void whole_numbers_are_read_exactly(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t value;
	} rows[] = {
		{ "0", 0, 0 },
		{ "4294967295", 0, UINT32_MAX },
		{ "4294967296", -ERANGE, 0 },
		{ "123456789012345678901234567890", -ERANGE, 0 },
		{ "-1", -EINVAL, 0 },
		{ "1.0", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "\"1\"", -EINVAL, 0 },
		{ "null", -EINVAL, 0 },
	};
	struct piece piece;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t value = 0;

		assert_int_equal(read_text(rows[i].text, strlen(rows[i].text), &piece, NULL), 0);
		assert_int_equal(piece_number(&piece, UINT32_MAX, &value), rows[i].result);
		assert_int_equal(value, rows[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_value_is_known),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(no_byte_behind_the_end_is_read),
		cmocka_unit_test(members_and_elements_come_in_their_order),
		cmocka_unit_test(whole_numbers_are_read_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
