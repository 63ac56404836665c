/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_json_shape.c - JSON: bytes, errors in their place, depth, and any order of events
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

#include "base/buf.h"
#include "base/cleanup.h"
#include "capture.h"

static uint8_t *some_bytes(size_t size)
{
	uint8_t *bytes = malloc(size + !size);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	return bytes;
}

/* @before characters stand in front of the bytes in the buffer. */
static void assert_byte_array(size_t before, size_t size)
{
	AUTO_CAPTURE capture;
	AUTO(buf_done) struct buf expected = { 0 };
	autofree uint8_t *bytes = some_bytes(size);
	autofree char *fill = malloc(before + 1);
	struct sink *sink = capture_begin(&capture, SINK_JSON);
	char digits[8];

	assert_non_null(fill);
	memset(fill, 'f', before);
	buf_add_text(&expected, "[\"");
	buf_add(&expected, fill, before);
	buf_add_text(&expected, "\",[");
	for (size_t i = 0; i < size; i++) {
		snprintf(digits, sizeof(digits), "%s\"0x%02x\"", i ? "," : "", bytes[i]);
		buf_add_text(&expected, digits);
	}
	buf_add(&expected, "]]\n", 4);

	sink_open_list(sink, NULL);
	sink_text(sink, NULL, fill, before);
	sink_bytes(sink, NULL, bytes, size);
	sink_close(sink);
	assert_string_equal(capture_end_json(&capture), expected.bytes);
}

static void an_array_of_bytes_has_two_digits_each(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);

	(void)state;
	sink_open_record(sink, NULL);
	sink_bytes(sink, "key", "\0\x0a\xff", 3);
	sink_bytes(sink, "value", "", 0);
	sink_close(sink);
	assert_string_equal(capture_end_json(&capture),
			    "{\"key\":[\"0x00\",\"0x0a\",\"0xff\"],\"value\":[]}\n");
}

static void arrays_of_bytes_cross_the_end_of_the_buffer(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 16, 4095, 4096, 4097, 8192, 9362, 9363, 20000 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		assert_byte_array(0, sizes[i]);
	for (size_t before = OUT_ROOM - 40; before < OUT_ROOM + 3; before++)
		assert_byte_array(before, 5);
	assert_byte_array(OUT_ROOM / 2, 10000);
}

static void a_pretty_array_of_bytes_closes_on_a_line_of_its_own(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_pretty(&capture, SINK_JSON);

	(void)state;
	sink_open_list(sink, NULL);
	sink_open_record(sink, NULL);
	sink_bytes(sink, "key", "\1\2", 2);
	sink_bytes(sink, "value", "", 0);
	sink_close(sink);
	sink_close(sink);
	assert_string_equal(capture_end_json(&capture), "[{\n"
							"        \"key\": [\"0x01\",\"0x02\"\n"
							"        ],\n"
							"        \"value\": []\n"
							"    }\n"
							"]\n");
}

static void strict_forms_write_bytes_as_one_text(void **state)
{
	static const size_t sizes[] = { 0, 1, 3, 16383, 16384, 16385, 32768, 100000 };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(*sizes); i++) {
		AUTO_CAPTURE capture;
		autofree uint8_t *bytes = some_bytes(sizes[i / 2]);
		struct sink *sink = capture_begin(&capture, i & 1 ? SINK_LINES : SINK_STRICT);
		char digits[3];

		sink_open_record(sink, NULL);
		sink_bytes(sink, "v", bytes, sizes[i / 2]);
		sink_close(sink);
		capture_end_json(&capture);
		assert_int_equal(capture.size, strlen("{\"v\":\"\"}\n") + 2 * sizes[i / 2]);
		for (size_t j = 0; j < sizes[i / 2]; j++) {
			snprintf(digits, sizeof(digits), "%02x", bytes[j]);
			if (memcmp(capture.text + 6 + 2 * j, digits, 2) != 0)
				fail_msg("byte %zu of %zu", j, sizes[i / 2]);
		}
	}
}

static void an_error_alone_is_a_document(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	sink_fail(capture_begin(&capture, SINK_JSON), "map 1: open: No such file or directory", "");
	assert_string_equal(capture_end_json(&capture),
			    "{\"error\":\"map 1: open: No such file or directory\"}\n");
}

static void an_error_in_a_list_is_an_element_of_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		AUTO_CAPTURE capture;
		struct sink *sink = capture_begin(&capture, SINK_JSON);

		sink_open_list(sink, NULL);
		if (i & 1) {
			sink_open_record(sink, NULL);
			sink_u64(sink, "id", 1);
			sink_close(sink);
		}
		if (i & 2)
			sink_close(sink); /* the command was over already */
		sink_fail(sink, "no", NULL);
		assert_string_equal(capture_end_json(&capture),
				    i & 1 ? "[{\"id\":1},{\"error\":\"no\"}]\n"
					  : "[{\"error\":\"no\"}]\n");
	}
}

static void an_error_in_a_record_is_a_member_of_it(void **state)
{
	(void)state;
	for (unsigned is_over = 0; is_over < 2; is_over++) {
		AUTO_CAPTURE capture;
		struct sink *sink = capture_begin(&capture, SINK_JSON);

		sink_open_record(sink, NULL);
		sink_u64(sink, "id", 1);
		if (is_over)
			sink_close(sink);
		sink_fail(sink, "no", NULL);
		assert_string_equal(capture_end_json(&capture), "{\"id\":1,\"error\":\"no\"}\n");
	}
}

static void an_error_deep_inside_closes_all_that_is_open(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);

	(void)state;
	sink_open_list(sink, NULL);
	sink_open_record(sink, NULL);
	sink_u64(sink, "id", 1);
	sink_open_list(sink, "elements");
	sink_u64(sink, NULL, 5);
	sink_fail(sink, "no", "try root");
	assert_string_equal(capture_end_json(&capture),
			    "[{\"id\":1,\"elements\":"
			    "[5,{\"error\":\"no\",\"hint\":\"try root\"}]}]\n");
}

static void an_error_message_is_escaped(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	sink_fail(capture_begin(&capture, SINK_JSON), "map name \"a\nb\xff\"", "");
	assert_string_equal(capture_end_json(&capture),
			    "{\"error\":\"map name \\\"a\\nb\xef\xbf\xbd\\\"\"}\n");
}

static void an_error_on_a_line_of_its_own_is_a_document(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	sink_fail(capture_begin(&capture, SINK_LINES), "no", "why");
	assert_string_equal(capture_end_json(&capture), "{\"error\":\"no\",\"hint\":\"why\"}\n");
}

static void what_was_left_open_is_closed_at_the_end(void **state)
{
	static const enum sink_form forms[] = { SINK_JSON, SINK_STRICT, SINK_LINES };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		AUTO_CAPTURE capture;
		struct sink *sink = i & 1 ? capture_pretty(&capture, forms[i / 2])
					  : capture_begin(&capture, forms[i / 2]);

		sink_open_list(sink, NULL);
		sink_open_record(sink, NULL);
		sink_open_list(sink, "a");
		sink_open_record(sink, NULL);
		sink_u64(sink, "b", 1);
		capture_end_json(&capture);
		assert_int_equal(capture.result, 0);
	}
}

static void closing_too_often_does_no_harm(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);

	(void)state;
	sink_close(sink);
	sink_open_list(sink, NULL);
	sink_close(sink);
	sink_close(sink);
	sink_close(sink);
	assert_string_equal(capture_end_json(&capture), "[]\n");
}

static void the_deepest_allowed_nesting_is_written(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_pretty(&capture, SINK_JSON);

	(void)state;
	for (unsigned i = 0; i < SINK_DEPTH; i++)
		sink_open_list(sink, NULL);
	sink_u64(sink, NULL, 7);
	for (unsigned i = 0; i < SINK_DEPTH; i++)
		sink_close(sink);
	capture_end_json(&capture);
	assert_int_equal(capture.result, 0);
	assert_non_null(strchr(capture.text, '7'));
}

static void what_is_nested_deeper_is_an_error_in_a_valid_document(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_JSON);

	(void)state;
	for (unsigned i = 0; i < SINK_DEPTH + 10; i++)
		sink_open_list(sink, NULL);
	sink_u64(sink, NULL, 7);
	for (unsigned i = 0; i < SINK_DEPTH + 10; i++)
		sink_close(sink);
	capture_end_json(&capture);
	assert_int_equal(capture.result, -E2BIG);
}

static void what_follows_the_too_deep_part_keeps_its_place(void **state)
{
	(void)state;
	for (unsigned levels = SINK_DEPTH - 2; levels < SINK_DEPTH + 4; levels++) {
		AUTO_CAPTURE capture;
		struct sink *sink = capture_begin(&capture, SINK_JSON);

		sink_open_list(sink, NULL);
		sink_open_record(sink, NULL);
		for (unsigned i = 2; i < levels; i++)
			sink_open_list(sink, i == 2 ? "deep" : NULL);
		for (unsigned i = 2; i < levels; i++)
			sink_close(sink);
		sink_u64(sink, "behind", 1);
		sink_close(sink);
		capture_end_json(&capture);
		assert_int_equal(capture.result, levels > SINK_DEPTH ? -E2BIG : 0);
		assert_non_null(strstr(capture.text, "],\"behind\":1}]\n"));
	}
}

/* --- any order of events --- */

struct walk {
	struct sink *sink;
	uint32_t seed;
	unsigned keys;
};

static unsigned next_random(struct walk *walk, unsigned below)
{
	walk->seed = walk->seed * 1664525u + 1013904223u;
	return (walk->seed >> 16) % below;
}

static void put_any(struct walk *walk, bool is_member, unsigned depth);

static void put_some(struct walk *walk, bool is_member, unsigned depth)
{
	for (unsigned n = next_random(walk, 5); n > 0; n--)
		put_any(walk, is_member, depth);
	sink_close(walk->sink);
}

static void put_any(struct walk *walk, bool is_member, unsigned depth)
{
	char room[16];
	const char *key = is_member ? room : NULL;

	snprintf(room, sizeof(room), "k%u", walk->keys++);
	switch (next_random(walk, depth < 6 ? 9 : 7)) {
	case 0:
		sink_u64(walk->sink, key, walk->seed);
		break;
	case 1:
		sink_s64(walk->sink, key, -(int64_t)walk->seed);
		break;
	case 2:
		sink_bool(walk->sink, key, walk->seed & 1);
		break;
	case 3:
		sink_text(walk->sink, key, (const char *)&walk->seed, sizeof(walk->seed));
		break;
	case 4:
		sink_bytes(walk->sink, key, &walk->seed, next_random(walk, 5));
		break;
	case 5:
		sink_absent(walk->sink, key);
		break;
	case 6:
		sink_string(walk->sink, key, "text");
		break;
	case 7:
		sink_open_list(walk->sink, key);
		put_some(walk, false, depth + 1);
		break;
	case 8:
		sink_open_record(walk->sink, key);
		put_some(walk, true, depth + 1);
		break;
	}
}

static void any_order_of_events_makes_a_valid_document(void **state)
{
	static const enum sink_form forms[] = { SINK_JSON, SINK_STRICT };

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		AUTO_CAPTURE capture;
		struct walk walk = { .seed = i * 2654435761u };

		walk.sink = i & 1 ? capture_pretty(&capture, forms[i / 2 % 2])
				  : capture_begin(&capture, forms[i / 2 % 2]);
		sink_open_list(walk.sink, NULL);
		put_some(&walk, false, 1);
		if (i % 5 == 0)
			sink_fail(walk.sink, "no", NULL);
		capture_end_json(&capture);
	}
}

static void any_order_of_records_makes_valid_lines(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		AUTO_CAPTURE capture;
		struct walk walk = { .seed = i * 2654435761u };
		unsigned n_lines = 0;

		walk.sink = capture_begin(&capture, SINK_LINES);
		sink_open_list(walk.sink, NULL);
		for (unsigned n = 0; n < i % 4; n++) {
			sink_open_record(walk.sink, NULL);
			put_some(&walk, true, 2);
		}
		sink_close(walk.sink);
		for (const char *at = capture_end(&capture), *end; *at; at = end + 1, n_lines++) {
			end = strchr(at, '\n');
			assert_non_null(end);
			assert_true(is_json(at, (size_t)(end - at)));
		}
		assert_int_equal(n_lines, i % 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_of_bytes_has_two_digits_each),
		cmocka_unit_test(arrays_of_bytes_cross_the_end_of_the_buffer),
		cmocka_unit_test(a_pretty_array_of_bytes_closes_on_a_line_of_its_own),
		cmocka_unit_test(strict_forms_write_bytes_as_one_text),
		cmocka_unit_test(an_error_alone_is_a_document),
		cmocka_unit_test(an_error_in_a_list_is_an_element_of_it),
		cmocka_unit_test(an_error_in_a_record_is_a_member_of_it),
		cmocka_unit_test(an_error_deep_inside_closes_all_that_is_open),
		cmocka_unit_test(an_error_message_is_escaped),
		cmocka_unit_test(an_error_on_a_line_of_its_own_is_a_document),
		cmocka_unit_test(what_was_left_open_is_closed_at_the_end),
		cmocka_unit_test(closing_too_often_does_no_harm),
		cmocka_unit_test(the_deepest_allowed_nesting_is_written),
		cmocka_unit_test(what_is_nested_deeper_is_an_error_in_a_valid_document),
		cmocka_unit_test(what_follows_the_too_deep_part_keeps_its_place),
		cmocka_unit_test(any_order_of_events_makes_a_valid_document),
		cmocka_unit_test(any_order_of_records_makes_valid_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
