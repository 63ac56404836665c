/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_plain.c - events as lines of key and value
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"

static void members_stand_on_lines_of_their_own(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	(void)state;
	sink_open_record(sink, NULL);
	sink_u64(sink, "id", UINT64_MAX);
	sink_s64(sink, "offset", INT64_MIN);
	sink_string(sink, "name", "cls");
	sink_bool(sink, "gpl", true);
	sink_bool(sink, "frozen", false);
	sink_absent(sink, "tag");
	sink_close(sink);
	assert_string_equal(capture_end(&capture), "id: 18446744073709551615\n"
						   "offset: -9223372036854775808\n"
						   "name: cls\n"
						   "gpl: yes\n"
						   "frozen: no\n"
						   "tag: -\n");
}

static void elements_of_a_list_follow_each_other(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	(void)state;
	sink_open_record(sink, NULL);
	sink_open_list(sink, "map_ids");
	sink_u64(sink, NULL, 1);
	sink_u64(sink, NULL, 2);
	sink_string(sink, NULL, "x");
	sink_close(sink);
	sink_u64(sink, "id", 3);
	sink_close(sink);
	assert_string_equal(capture_end(&capture), "map_ids: 1, 2, x\nid: 3\n");
}

static void bytes_are_shown_in_rows(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	(void)state;
	sink_open_record(sink, NULL);
	sink_bytes(sink, "key", "\1\2\xff", 3);
	sink_close(sink);
	assert_string_equal(capture_end(&capture), "key: 01 02 ff\n");
}

static void records_of_a_list_are_set_apart_by_an_empty_line(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	(void)state;
	sink_open_list(sink, NULL);
	for (unsigned i = 1; i <= 3; i++) {
		sink_open_record(sink, NULL);
		sink_u64(sink, "id", i);
		sink_string(sink, "name", "x");
		sink_close(sink);
	}
	sink_close(sink);
	assert_string_equal(capture_end(&capture),
			    "id: 1\nname: x\n\nid: 2\nname: x\n\nid: 3\nname: x\n");
}

static void a_record_in_a_record_stands_one_step_further_in(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	(void)state;
	sink_open_record(sink, NULL);
	sink_open_record(sink, "dev");
	sink_u64(sink, "ifindex", 7);
	sink_open_record(sink, "ns");
	sink_u64(sink, "inode", 8);
	sink_close(sink);
	sink_close(sink);
	sink_u64(sink, "id", 1);
	sink_close(sink);
	assert_string_equal(capture_end(&capture),
			    "dev:\n\tifindex: 7\n\tns:\n\t\tinode: 8\nid: 1\n");
}

static void text_that_a_terminal_acts_on_is_escaped(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	(void)state;
	sink_open_record(sink, NULL);
	sink_string(sink, "name", "\033]0;evil\a\nid: 5\xff");
	sink_text(sink, "more", "a\0b", 3);
	sink_close(sink);
	assert_string_equal(capture_end(&capture),
			    "name: \\x1b]0;evil\\x07\\x0aid: 5\\xff\nmore: a\\x00b\n");
}

static void nothing_to_say_is_no_output(void **state)
{
	AUTO_CAPTURE capture, empty_list;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	(void)state;
	(void)sink;
	assert_string_equal(capture_end(&capture), "");
	sink = capture_begin(&empty_list, SINK_PLAIN);
	sink_open_list(sink, NULL);
	sink_close(sink);
	assert_string_equal(capture_end(&empty_list), "");
}

static void what_is_nested_too_deep_is_an_error(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	(void)state;
	for (unsigned i = 0; i < SINK_DEPTH; i++)
		sink_open_record(sink, i ? "r" : NULL);
	assert_int_equal(sink_error(sink), 0);
	sink_open_record(sink, "r");
	assert_int_equal(sink_error(sink), -E2BIG);
	capture_end(&capture);
	assert_int_equal(capture.result, -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_stand_on_lines_of_their_own),
		cmocka_unit_test(elements_of_a_list_follow_each_other),
		cmocka_unit_test(bytes_are_shown_in_rows),
		cmocka_unit_test(records_of_a_list_are_set_apart_by_an_empty_line),
		cmocka_unit_test(a_record_in_a_record_stands_one_step_further_in),
		cmocka_unit_test(text_that_a_terminal_acts_on_is_escaped),
		cmocka_unit_test(nothing_to_say_is_no_output),
		cmocka_unit_test(what_is_nested_too_deep_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
