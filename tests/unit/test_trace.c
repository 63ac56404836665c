/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_trace.c - lines of the trace pipe, taken apart and printed
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "fake_kernel.h"
#include "records/print.h"
#include "records/stream.h"
#include "records/trace_line.h"

#define PIPE "/sys/kernel/tracing/trace_pipe"
#define EVENTS "/sys/kernel/tracing/events/header_page"

static struct trace_line parse(const char *text)
{
	struct trace_line line;

	trace_line_parse(text, strlen(text), &line);
	return line;
}

static void assert_text(const struct trace_text *text, const char *expected)
{
	assert_int_equal(text->size, strlen(expected));
	assert_memory_equal(text->at, expected, text->size);
}

static void the_usual_line_is_taken_apart(void **state)
{
	struct trace_line line = parse("            nano-15403   [001] ...21  2190.608865: "
				       "bpf_trace_printk: h1 nanosleep 5");

	(void)state;
	assert_int_equal(line.have, TRACE_LINE_HAS_PARTS | TRACE_LINE_HAS_CPU |
					    TRACE_LINE_HAS_FLAGS | TRACE_LINE_HAS_FUNCTION |
					    TRACE_LINE_HAS_TEXT);
	assert_text(&line.task, "nano");
	assert_int_equal(line.pid, 15403);
	assert_int_equal(line.cpu, 1);
	assert_text(&line.flags, "...21");
	assert_text(&line.timestamp, "2190.608865");
	assert_text(&line.function, "bpf_trace_printk");
	assert_text(&line.text, "h1 nanosleep 5");
}

static void a_tgid_is_a_number_or_not_known(void **state)
{
	struct trace_line line = parse(
		"            bash-12      (     10) [000] d..1. 1.000002: sys_enter: NR 1 (a, b)");

	(void)state;
	assert_true(line.have & TRACE_LINE_HAS_TGID);
	assert_int_equal(line.tgid, 10);
	assert_text(&line.text, "NR 1 (a, b)");
	line = parse("            bash-12      (-------) [000] d..1. 1.000002: x: y");
	assert_false(line.have & TRACE_LINE_HAS_TGID);
	assert_true(line.have & TRACE_LINE_HAS_PARTS);
}

static void a_line_without_flags_or_function_has_the_rest(void **state)
{
	struct trace_line line =
		parse("           <...>-7       [003]  9123456789: to_be <-not_to");

	(void)state;
	assert_false(line.have & (TRACE_LINE_HAS_FLAGS | TRACE_LINE_HAS_FUNCTION));
	assert_text(&line.task, "<...>");
	assert_text(&line.timestamp, "9123456789");
	assert_text(&line.text, "to_be <-not_to");
}

static void the_name_of_a_task_cannot_pass_for_other_parts(void **state)
{
	struct trace_line line =
		parse("  a-1 [00] 1.0: -77      [002] ..... 5.000001: bpf_trace_printk: real");

	(void)state;
	assert_text(&line.task, "a-1 [00] 1.0: ");
	assert_int_equal(line.pid, 77);
	assert_int_equal(line.cpu, 2);
	assert_text(&line.text, "real");
	line = parse("         we-ird -5       [000] ..... 5.000001: f: t");
	assert_text(&line.task, "we-ird ");
}

static void lost_events_are_counted(void **state)
{
	struct trace_line line = parse("CPU:3 [LOST 18446744073709551615 EVENTS]");

	(void)state;
	assert_int_equal(line.have, TRACE_LINE_HAS_LOST | TRACE_LINE_HAS_CPU);
	assert_int_equal(line.cpu, 3);
	assert_true(line.lost == UINT64_MAX);
}

static void a_line_of_another_form_is_text(void **state)
{
	static const char *const lines[] = {
		"second line of a text",
		"CPU:3 [LOST EVENTS]",
		"CPU:3 [LOST 1 EVENTS] and more",
		"            nano-x       [001] ...21  2190.608865: f: t",
		"            nano-1       [x] ...21  2190.608865: f: t",
		"            nano-1       [1] ...21  2190.608865",
		"            nano-1       [1] ...21  2190.60x: f: t",
		"            nano-1       (12 [1] ...21  2190.608865: f: t",
		"            nano-4294967296 [1] ...21  2190.608865: f: t",
		"                -",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct trace_line line = parse(lines[i]);

		assert_int_equal(line.have, TRACE_LINE_HAS_TEXT);
		assert_text(&line.text, lines[i]);
	}
}

struct lines {
	char text[512];
};

static void add_line(void *context, const char *line, size_t size)
{
	struct lines *lines = context;

	strncat(lines->text, line, size);
	strcat(lines->text, "|");
}

static void lines_come_whole_however_their_bytes_come(void **state)
{
	static const char bytes[] = "one\ntwo\n\nthree\nrest";

	(void)state;
	for (size_t step = 1; step < sizeof(bytes); step++) {
		AUTO_CAPTURE capture;
		struct lines lines = { "" };
		struct stream stream = { .line = add_line,
					 .context = &lines,
					 .sink = capture_begin(&capture, SINK_JSON) };

		for (size_t at = 0; at < sizeof(bytes) - 1; at += step)
			stream_feed(&stream, bytes + at,
				    step < sizeof(bytes) - 1 - at ? step : sizeof(bytes) - 1 - at);
		assert_string_equal(lines.text, "one\n|two\n|\n|three\n|");
		stream_end(&stream);
		assert_string_equal(lines.text, "one\n|two\n|\n|three\n|rest|");
		stream_done(&stream);
		capture_end(&capture);
	}
}

static const char trace[] = "            nano-1       [001] ...21  2.000003: bpf_trace_printk: hi\n"
			    "\n"
			    "more\x01\n"
			    "CPU:1 [LOST 2 EVENTS]\n";

static void assert_printed(enum sink_form form, const char *expected)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CAPTURE capture;

	fake_root_write(&fake_kernel.root, EVENTS, "");
	fake_root_write(&fake_kernel.root, PIPE, trace);
	struct sink *sink = capture_begin(&capture, form);
	/* It must not come to the machine's own trace, which would have no end. */
	assert_int_equal(print_trace(inspect, sink, true, NULL, NULL, NULL), 0);
	assert_string_equal(capture_end(&capture), expected);
	fake_kernel_stop();
}

static void each_form_has_the_trace_in_its_way(void **state)
{
	(void)state;
	assert_printed(SINK_PLAIN, trace);
	assert_printed(
		SINK_JSON,
		"[\"            nano-1       [001] ...21  2.000003: bpf_trace_printk: hi\\n\","
		"\"\\n\",\"more\\u0001\\n\",\"CPU:1 [LOST 2 EVENTS]\\n\"]\n");
	assert_printed(SINK_LINES, "{\"task\":\"nano\",\"pid\":1,\"cpu\":1,\"flags\":\"...21\","
				   "\"timestamp\":\"2.000003\",\"function\":\"bpf_trace_printk\","
				   "\"text\":\"hi\"}\n{\"text\":\"more\\u0001\"}\n"
				   "{\"cpu\":1,\"lost\":2}\n");
}

static void a_trace_that_is_mounted_nowhere_is_not_read_where_that_is_forbidden(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CAPTURE capture;
	struct inspect_error err;

	(void)state;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);
	assert_int_equal(print_trace(inspect, sink, true, NULL, NULL, &err), -ENOENT);
	assert_string_equal(err.what, "trace pipe: find a mounted tracefs");
	assert_string_equal(capture_end(&capture), "");
	fake_kernel_stop();
}

static void tracefs_is_found_among_the_mounts(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CAPTURE capture;
	char mounts[128];

	(void)state;
	snprintf(mounts, sizeof(mounts), "none %s/el\\040se tracefs rw 0 0\n",
		 fake_kernel.root.path);
	fake_root_write(&fake_kernel.root, "/proc/self/mounts", mounts);
	fake_root_write(&fake_kernel.root, "/el se/events/header_page", "");
	fake_root_write(&fake_kernel.root, "/el se/trace_pipe", "here\n");
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);
	assert_int_equal(print_trace(inspect, sink, true, NULL, NULL, NULL), 0);
	assert_string_equal(capture_end(&capture), "here\n");
	fake_kernel_stop();
}

static void a_terminal_is_sent_no_more_than_text(void **state)
{
	AUTO_CAPTURE capture;
	struct out *out = capture_out(&capture);

	(void)state;
	stream_put_plain(out, "\x1b[31mred\n", 9);
	out->is_tty = true;
	stream_put_plain(out, "a\tb\x1b[31m\n\nc", 11);
	assert_string_equal(capture_end(&capture), "\x1b[31mred\na\tb\\x1b[31m\n\nc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_line_is_taken_apart),
		cmocka_unit_test(a_tgid_is_a_number_or_not_known),
		cmocka_unit_test(a_line_without_flags_or_function_has_the_rest),
		cmocka_unit_test(the_name_of_a_task_cannot_pass_for_other_parts),
		cmocka_unit_test(lost_events_are_counted),
		cmocka_unit_test(a_line_of_another_form_is_text),
		cmocka_unit_test(lines_come_whole_however_their_bytes_come),
		cmocka_unit_test(each_form_has_the_trace_in_its_way),
		cmocka_unit_test(
			a_trace_that_is_mounted_nowhere_is_not_read_where_that_is_forbidden),
		cmocka_unit_test(tracefs_is_found_among_the_mounts),
		cmocka_unit_test(a_terminal_is_sent_no_more_than_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
