/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_json.c - events as JSON; jansson reads every document back
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "capture.h"

/* A list of two records, the one that surface.md 5.1 shows. */
static void put_example(struct sink *sink)
{
	sink_open_list(sink, NULL);
	sink_open_record(sink, NULL);
	sink_u64(sink, "id", 2104);
	sink_open_list(sink, "map_ids");
	sink_u64(sink, NULL, 2111);
	sink_u64(sink, NULL, 2104);
	sink_close(sink);
	sink_open_list(sink, "pinned");
	sink_close(sink);
	sink_close(sink);
	sink_open_record(sink, NULL);
	sink_u64(sink, "id", 2105);
	sink_close(sink);
	sink_close(sink);
}

static void the_compact_form_has_no_blanks(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	put_example(capture_begin(&capture, SINK_JSON));
	assert_string_equal(
		capture_end_json(&capture),
		"[{\"id\":2104,\"map_ids\":[2111,2104],\"pinned\":[]},{\"id\":2105}]\n");
}

static void the_pretty_form_is_bpftools(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	put_example(capture_pretty(&capture, SINK_JSON));
	assert_string_equal(capture_end_json(&capture), "[{\n"
							"        \"id\": 2104,\n"
							"        \"map_ids\": [2111,2104\n"
							"        ],\n"
							"        \"pinned\": []\n"
							"    },{\n"
							"        \"id\": 2105\n"
							"    }\n"
							"]\n");
}

static void the_strict_form_has_a_record_a_line(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	put_example(capture_begin(&capture, SINK_STRICT));
	assert_string_equal(capture_end_json(&capture),
			    "[\n{\"id\":2104,\"map_ids\":[2111,2104],\"pinned\":[]},\n"
			    "{\"id\":2105}\n]\n");
}

static void the_strict_form_can_be_indented(void **state)
{
	AUTO_CAPTURE strict, compatible;

	(void)state;
	put_example(capture_pretty(&strict, SINK_STRICT));
	put_example(capture_pretty(&compatible, SINK_JSON));
	assert_string_equal(capture_end_json(&strict), capture_end_json(&compatible));
}

static void the_lines_form_is_a_document_a_line(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	put_example(capture_begin(&capture, SINK_LINES));
	assert_string_equal(capture_end(&capture),
			    "{\"id\":2104,\"map_ids\":[2111,2104],\"pinned\":[]}\n{\"id\":2105}\n");
}

static void a_single_record_is_a_document_in_every_form(void **state)
{
	static const enum sink_form forms[] = { SINK_JSON, SINK_STRICT, SINK_LINES };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		AUTO_CAPTURE capture;
		struct sink *sink = capture_begin(&capture, forms[i]);

		sink_open_record(sink, NULL);
		sink_string(sink, "version", "0.1");
		sink_open_record(sink, "features");
		sink_bool(sink, "llvm", true);
		sink_bool(sink, "libbfd", false);
		sink_close(sink);
		sink_close(sink);
		assert_string_equal(capture_end_json(&capture),
				    "{\"version\":\"0.1\",\"features\":"
				    "{\"llvm\":true,\"libbfd\":false}}\n");
	}
}

static void nothing_to_say_is_null_and_no_line_at_all(void **state)
{
	AUTO_CAPTURE compatible, strict, lines;

	(void)state;
	capture_begin(&compatible, SINK_JSON);
	assert_string_equal(capture_end_json(&compatible), "null\n");
	capture_begin(&strict, SINK_STRICT);
	assert_string_equal(capture_end_json(&strict), "null\n");
	capture_begin(&lines, SINK_LINES);
	assert_string_equal(capture_end(&lines), "");
}

static void an_empty_list_is_an_empty_list(void **state)
{
	static const enum sink_form forms[] = { SINK_JSON, SINK_STRICT };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		AUTO_CAPTURE capture;
		struct sink *sink = i & 1 ? capture_pretty(&capture, forms[i / 2])
					  : capture_begin(&capture, forms[i / 2]);

		sink_open_list(sink, NULL);
		sink_close(sink);
		assert_string_equal(capture_end_json(&capture), "[]\n");
	}
	AUTO_CAPTURE lines;
	struct sink *sink = capture_begin(&lines, SINK_LINES);
	sink_open_list(sink, NULL);
	sink_close(sink);
	assert_string_equal(capture_end(&lines), "");
}

static void put_empties(struct sink *sink)
{
	sink_open_record(sink, NULL);
	sink_open_list(sink, "a");
	sink_open_list(sink, NULL);
	sink_close(sink);
	sink_open_record(sink, NULL);
	sink_close(sink);
	sink_close(sink);
	sink_open_record(sink, "b");
	sink_open_record(sink, "c");
	sink_close(sink);
	sink_close(sink);
	sink_close(sink);
}

static void empty_lists_and_records_nest(void **state)
{
	AUTO_CAPTURE compact, pretty;

	(void)state;
	put_empties(capture_begin(&compact, SINK_JSON));
	assert_string_equal(capture_end_json(&compact), "{\"a\":[[],{}],\"b\":{\"c\":{}}}\n");
	put_empties(capture_pretty(&pretty, SINK_JSON));
	assert_string_equal(capture_end_json(&pretty), "{\n"
						       "    \"a\": [[],{}\n"
						       "    ],\n"
						       "    \"b\": {\n"
						       "        \"c\": {}\n"
						       "    }\n"
						       "}\n");
}

static void integers_are_written_digit_for_digit(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);

	(void)state;
	sink_open_list(sink, NULL);
	sink_u64(sink, NULL, 0);
	sink_u64(sink, NULL, UINT64_MAX);
	sink_u64(sink, NULL, 1ull << 63);
	sink_u64(sink, NULL, (1ull << 53) + 1);
	sink_s64(sink, NULL, INT64_MIN);
	sink_s64(sink, NULL, -1);
	sink_s64(sink, NULL, INT64_MAX);
	sink_close(sink);
	assert_string_equal(capture_end_json(&capture),
			    "[0,18446744073709551615,9223372036854775808,9007199254740993,"
			    "-9223372036854775808,-1,9223372036854775807]\n");
}

static void booleans_and_absent_values_are_words(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);

	(void)state;
	sink_open_record(sink, NULL);
	sink_bool(sink, "yes", true);
	sink_bool(sink, "no", false);
	sink_absent(sink, "unknown");
	sink_string(sink, "empty", "");
	sink_close(sink);
	assert_string_equal(capture_end_json(&capture),
			    "{\"yes\":true,\"no\":false,\"unknown\":null,\"empty\":\"\"}\n");
}

/* What jansson finds in a document that is one text, written by sink_text(). */
static void assert_text(const char *text, size_t size, const char *expected, size_t expected_size)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);
	autofree char *copy = malloc(size + !size);

	assert_non_null(copy);
	memcpy(copy, text, size);
	sink_text(sink, NULL, copy, size);
	capture_end_json(&capture);

	json_t *found =
		json_loadb(capture.text, capture.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	assert_non_null(found);
	assert_int_equal(json_string_length(found), expected_size);
	assert_memory_equal(json_string_value(found), expected, expected_size);
	json_decref(found);
}

static void every_byte_of_ascii_comes_back_as_it_was(void **state)
{
	char all[128];

	(void)state;
	for (unsigned i = 0; i < sizeof(all); i++) {
		all[i] = (char)i;
		assert_text(all + i, 1, all + i, 1);
	}
	assert_text(all, sizeof(all), all, sizeof(all));
}

static void escapes_are_the_short_ones_where_there_are_such(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);
	const char text[] = "\"\\\b\f\n\r\t/\0\1\x1f\x7f";

	(void)state;
	sink_text(sink, NULL, text, sizeof(text) - 1);
	assert_string_equal(capture_end_json(&capture),
			    "\"\\\"\\\\\\b\\f\\n\\r\\t/\\u0000\\u0001\\u001f\\u007f\"\n");
}

static void what_a_terminal_acts_on_is_escaped_too(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);

	(void)state;
	sink_string(sink, NULL,
		    "\xc2\x9b"
		    "31m \xe2\x80\xae \xe2\x81\xa6 \xe2\x80\xa8 \xc3\xa4");
	assert_string_equal(capture_end_json(&capture),
			    "\"\\u009b31m \\u202e \\u2066 \\u2028 \xc3\xa4\"\n");
}

static void utf_8_comes_back_as_it_was(void **state)
{
	static const char text[] =
		"\xc2\x80\xc3\xa4\xe2\x82\xac\xef\xbf\xbf\xf0\x9f\x90\x9d\xf4\x8f\xbf\xbf";

	(void)state;
	assert_text(text, sizeof(text) - 1, text, sizeof(text) - 1);
}

static void what_is_not_utf_8_is_replaced_byte_by_byte(void **state)
{
#define BAD "\xef\xbf\xbd"
	(void)state;
	assert_text("\xff", 1, BAD, 3);
	assert_text("a\x80z", 3, "a" BAD "z", 5);
	assert_text("\xe2\x82", 2, BAD BAD, 6);
	assert_text("\xe2\x82\"", 3, BAD BAD "\"", 7);
	assert_text("\xc3\n", 2, BAD "\n", 4);
	assert_text("\xed\xa0\x80", 3, BAD BAD BAD, 9);
	assert_text("\xc0\x80", 2, BAD BAD, 6);
	assert_text("\xc3\xa4\xff\xc3\xa4", 5, "\xc3\xa4" BAD "\xc3\xa4", 7);
}

static void keys_are_escaped_as_text_is(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);

	(void)state;
	sink_open_record(sink, NULL);
	sink_u64(sink, "a\"b\n\xff", 1);
	sink_u64(sink, "", 2);
	sink_close(sink);
	assert_string_equal(capture_end_json(&capture), "{\"a\\\"b\\n" BAD "\":1,\"\":2}\n");
}

static void keys_of_any_length_are_whole(void **state)
{
	(void)state;
	for (size_t size = 28; size < 40; size++) {
		AUTO_CAPTURE capture;
		struct sink *sink = capture_begin(&capture, SINK_JSON);
		char key[48] = { 0 }, expected[64];

		memset(key, 'k', size);
		sink_open_record(sink, NULL);
		sink_u64(sink, key, 1);
		sink_close(sink);
		snprintf(expected, sizeof(expected), "{\"%s\":1}\n", key);
		assert_string_equal(capture_end_json(&capture), expected);
	}
}

static void text_of_any_length_crosses_the_end_of_the_buffer(void **state)
{
	static const char piece[] = "x\1\"\xff\xe2\x82\xac";
	AUTO(buf_done) struct buf text = { 0 }, expected = { 0 };

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		buf_add_text(&text, piece);
		buf_add_text(&expected, "x\1\"" BAD "\xe2\x82\xac");
	}
	for (size_t cut = 0; cut < 7; cut++)
		assert_text(text.bytes + 7 * cut, text.size - 7 * cut, expected.bytes + 9 * cut,
			    expected.size - 9 * cut);
}

static void a_write_error_is_returned_at_the_end(void **state)
{
	struct sink sink;
	struct out out;

	(void)state;
	out_init(&out, -1);
	sink_init(&sink, &out, SINK_JSON, false, NULL);
	put_example(&sink);
	assert_int_equal(sink_error(&sink), 0);
	out_flush(&out);
	assert_int_equal(sink_error(&sink), -EBADF);
	assert_int_equal(sink_finish(&sink), -EBADF);
	sink_done(&sink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_compact_form_has_no_blanks),
		cmocka_unit_test(the_pretty_form_is_bpftools),
		cmocka_unit_test(the_strict_form_has_a_record_a_line),
		cmocka_unit_test(the_strict_form_can_be_indented),
		cmocka_unit_test(the_lines_form_is_a_document_a_line),
		cmocka_unit_test(a_single_record_is_a_document_in_every_form),
		cmocka_unit_test(nothing_to_say_is_null_and_no_line_at_all),
		cmocka_unit_test(an_empty_list_is_an_empty_list),
		cmocka_unit_test(empty_lists_and_records_nest),
		cmocka_unit_test(integers_are_written_digit_for_digit),
		cmocka_unit_test(booleans_and_absent_values_are_words),
		cmocka_unit_test(every_byte_of_ascii_comes_back_as_it_was),
		cmocka_unit_test(escapes_are_the_short_ones_where_there_are_such),
		cmocka_unit_test(what_a_terminal_acts_on_is_escaped_too),
		cmocka_unit_test(utf_8_comes_back_as_it_was),
		cmocka_unit_test(what_is_not_utf_8_is_replaced_byte_by_byte),
		cmocka_unit_test(keys_are_escaped_as_text_is),
		cmocka_unit_test(keys_of_any_length_are_whole),
		cmocka_unit_test(text_of_any_length_crosses_the_end_of_the_buffer),
		cmocka_unit_test(a_write_error_is_returned_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
