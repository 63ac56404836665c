/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_sink_parts.c - documents inside a document, one for each command of a batch
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"

/* A document with one part, which @fill writes. */
static const char *part(struct capture *capture, void (*fill)(struct sink *sink))
{
	struct sink *sink = capture_begin(capture, SINK_JSON);

	sink_open_list(sink, NULL);
	sink_open_record(sink, NULL);
	unsigned before = sink_begin_part(sink, "output");
	fill(sink);
	sink_end_part(sink, before);
	sink_u64(sink, "line", 7);
	sink_close(sink);
	sink_close(sink);
	return capture_end_json(capture);
}

static void put_nothing(struct sink *sink)
{
	(void)sink;
}

static void put_record(struct sink *sink)
{
	sink_open_record(sink, NULL);
	sink_u64(sink, "id", 1);
	sink_close(sink);
}

static void put_list(struct sink *sink)
{
	sink_open_list(sink, NULL);
	put_record(sink);
	put_record(sink);
	sink_close(sink);
}

static void put_unclosed(struct sink *sink)
{
	sink_open_list(sink, NULL);
	sink_open_record(sink, NULL);
	sink_open_list(sink, "ids");
}

static void put_failure(struct sink *sink)
{
	sink_fail(sink, "prog 1: open", "a hint");
}

static void put_list_and_failure(struct sink *sink)
{
	put_list(sink);
	put_failure(sink);
}

static void put_record_and_failure(struct sink *sink)
{
	put_record(sink);
	put_failure(sink);
}

static void close_too_often(struct sink *sink)
{
	put_record(sink);
	for (int i = 0; i < 5; i++)
		sink_close(sink);
}

static void put_too_deep(struct sink *sink)
{
	for (int i = 0; i < SINK_DEPTH + 3; i++)
		sink_open_list(sink, NULL);
}

static void put_part(struct sink *sink)
{
	sink_open_list(sink, NULL);
	sink_open_record(sink, NULL);
	unsigned before = sink_begin_part(sink, "output");
	put_record(sink);
	sink_end_part(sink, before);
	sink_u64(sink, "line", 1);
	sink_close(sink);
	sink_close(sink);
}

static void a_record_stands_under_the_parts_key(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(part(&capture, put_record), "[{\"output\":{\"id\":1},\"line\":7}]\n");
}

static void a_list_stands_under_the_parts_key(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(part(&capture, put_list),
			    "[{\"output\":[{\"id\":1},{\"id\":1}],\"line\":7}]\n");
}

static void a_part_without_anything_is_null(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(part(&capture, put_nothing), "[{\"output\":null,\"line\":7}]\n");
}

static void what_a_part_left_open_is_closed(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(part(&capture, put_unclosed),
			    "[{\"output\":[{\"ids\":[]}],\"line\":7}]\n");
}

static void an_error_is_all_that_an_empty_part_says(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(
		part(&capture, put_failure),
		"[{\"output\":{\"error\":\"prog 1: open\",\"hint\":\"a hint\"},\"line\":7}]\n");
}

static void an_error_is_the_last_element_of_a_parts_list(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(part(&capture, put_list_and_failure),
			    "[{\"output\":[{\"id\":1},{\"id\":1},"
			    "{\"error\":\"prog 1: open\",\"hint\":\"a hint\"}],\"line\":7}]\n");
}

static void an_error_is_a_member_of_a_parts_record(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(
		part(&capture, put_record_and_failure),
		"[{\"output\":{\"id\":1,\"error\":\"prog 1: open\",\"hint\":\"a hint\"},"
		"\"line\":7}]\n");
}

static void a_part_cannot_close_what_is_around_it(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(part(&capture, close_too_often),
			    "[{\"output\":{\"id\":1},\"line\":7}]\n");
}

static void parts_nest(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(part(&capture, put_part),
			    "[{\"output\":[{\"output\":{\"id\":1},\"line\":1}],\"line\":7}]\n");
}

static void a_part_that_is_too_deep_leaves_the_rest_whole(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	const char *text = part(&capture, put_too_deep);
	assert_non_null(strstr(text, "]],\"line\":7}]\n"));
	assert_int_equal(capture.result, -E2BIG);
}

static void a_part_that_is_never_ended_is_closed_at_the_end(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);

	(void)state;
	sink_open_list(sink, NULL);
	sink_open_record(sink, NULL);
	sink_begin_part(sink, "output");
	put_unclosed(sink);
	assert_string_equal(capture_end_json(&capture), "[{\"output\":[{\"ids\":[]}]}]\n");
}

static void parts_of_the_strict_form_are_whole_too(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_STRICT);

	(void)state;
	sink_open_list(sink, NULL);
	for (unsigned i = 0; i < 2; i++) {
		sink_open_record(sink, NULL);
		unsigned before = sink_begin_part(sink, "output");
		if (i)
			put_list(sink);
		sink_end_part(sink, before);
		sink_close(sink);
	}
	assert_string_equal(capture_end_json(&capture),
			    "[\n{\"output\":null},\n"
			    "{\"output\":[{\"id\":1},{\"id\":1}]}\n]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_stands_under_the_parts_key),
		cmocka_unit_test(a_list_stands_under_the_parts_key),
		cmocka_unit_test(a_part_without_anything_is_null),
		cmocka_unit_test(what_a_part_left_open_is_closed),
		cmocka_unit_test(an_error_is_all_that_an_empty_part_says),
		cmocka_unit_test(an_error_is_the_last_element_of_a_parts_list),
		cmocka_unit_test(an_error_is_a_member_of_a_parts_record),
		cmocka_unit_test(a_part_cannot_close_what_is_around_it),
		cmocka_unit_test(parts_nest),
		cmocka_unit_test(a_part_that_is_too_deep_leaves_the_rest_whole),
		cmocka_unit_test(a_part_that_is_never_ended_is_closed_at_the_end),
		cmocka_unit_test(parts_of_the_strict_form_are_whole_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
