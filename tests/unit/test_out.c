/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_out.c - one buffer in front of one descriptor
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "capture.h"

/* What out_fmt() makes of a format must be what printf() makes of it. */
#define assert_like_printf(...)                                                                    \
	do {                                                                                       \
		AUTO_CAPTURE capture;                                                              \
		char expected[256];                                                                \
                                                                                                   \
		out_fmt(capture_out(&capture), __VA_ARGS__);                                       \
		snprintf(expected, sizeof(expected), __VA_ARGS__);                                 \
		assert_string_equal(capture_end(&capture), expected);                              \
	} while (0)

static void text_without_conversions_is_put_out_as_it_is(void **state)
{
	(void)state;
	assert_like_printf("plain\ttext\n");
	assert_like_printf("%s", "");
	assert_like_printf("100%% of 100%%");
}

static void integers_are_written_as_printf_writes_them(void **state)
{
	(void)state;
	assert_like_printf("%u|%u|%u", 0u, 7u, UINT_MAX);
	assert_like_printf("%d|%d|%d", 0, -1, INT_MIN);
	assert_like_printf("%x|%x|%x", 0u, 0x480u, UINT_MAX);
	assert_like_printf("%lu|%llu|%zu", ULONG_MAX, ULLONG_MAX, SIZE_MAX);
	assert_like_printf("%ld|%lld", LONG_MIN, LLONG_MIN);
	assert_like_printf("%lx|%llx|%zx", ULONG_MAX, ULLONG_MAX, SIZE_MAX);
}

static void widths_are_filled_with_blanks_or_zeros(void **state)
{
	(void)state;
	assert_like_printf("%5u|%05u|%1u", 42u, 42u, 42u);
	assert_like_printf("%02x%02x", 0xau, 0xabu);
	assert_like_printf("%4x: %12llu|%016llx", 0x1fu, 123456789012ull, 0xdeadbeefull);
	assert_like_printf("%20llu", ULLONG_MAX);
}

static void text_to_the_left_is_filled_with_blanks(void **state)
{
	(void)state;
	assert_like_printf("%-5s|%-2s|%-1s|", "abc", "abc", "");
}

static void characters_and_text_stand_among_the_rest(void **state)
{
	(void)state;
	assert_like_printf("%u: %s%c%s", 12u, "hash", '\t', "end");
	assert_like_printf("%c%c%c", 'a', '%', 'b');
}

static void more_arguments_than_registers_come_in_order(void **state)
{
	(void)state;
	assert_like_printf("%u %s %llu %d %x %c %zu %ld %s %u", 1u, "two", 3ull, -4, 5u, '6',
			   (size_t)7, -8l, "nine", 10u);
}

static void foreign_text_is_made_safe_and_the_format_is_not(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	out_fmt(capture_out(&capture), "\t%s\n", "a\tb\n\033[2J\xff");
	assert_string_equal(capture_end(&capture), "\ta\\x09b\\x0a\\x1b[2J\\xff\n");
}

static void utf_8_in_foreign_text_is_kept(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	out_fmt(capture_out(&capture), "%s", "\xc3\xa4\xe2\x80\xae");
	assert_string_equal(capture_end(&capture), "\xc3\xa4\\u202e");
}

static unsigned looked_at;

static const char *look(void)
{
	looked_at++;
	return "seen";
}

static void a_condition_that_fails_leaves_the_arguments_alone(void **state)
{
	AUTO_CAPTURE capture;
	struct out *out = capture_out(&capture);

	(void)state;
	looked_at = 0;
	out_if(out, false, "%s", look());
	assert_int_equal(looked_at, 0);
	out_if(out, true, "%s", look());
	assert_int_equal(looked_at, 1);
	assert_string_equal(capture_end(&capture), "seen");
}

static void assert_rows(size_t n, const char *expected)
{
	AUTO_CAPTURE capture;
	uint8_t bytes[64];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i + 1);
	out_hex_rows(capture_out(&capture), bytes, n);
	assert_string_equal(capture_end(&capture), expected);
}

static void bytes_are_shown_in_rows_of_16_with_a_gap_in_the_middle(void **state)
{
	(void)state;
	assert_rows(0, "");
	assert_rows(1, "01");
	assert_rows(8, "01 02 03 04 05 06 07 08");
	assert_rows(9, "01 02 03 04 05 06 07 08  09");
	assert_rows(16, "01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10");
	assert_rows(18, "01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n11 12");
	assert_rows(32, "01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n"
			"11 12 13 14 15 16 17 18  19 1a 1b 1c 1d 1e 1f 20");
	assert_rows(33, "01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n"
			"11 12 13 14 15 16 17 18  19 1a 1b 1c 1d 1e 1f 20\n21");
}

static char *pattern(size_t size)
{
	char *text = malloc(size + 1);

	assert_non_null(text);
	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + i % 23);
	text[size] = '\0';
	return text;
}

/* Puts @first bytes, then @second with one call, then one more. */
static void assert_pieces(size_t first, size_t second)
{
	AUTO_CAPTURE capture;
	autofree char *all = pattern(first + second);
	struct out *out = capture_out(&capture);

	out_bytes(out, all, first);
	out_bytes(out, all + first, second);
	out_char(out, '$');
	capture_end(&capture);
	assert_int_equal(capture.result, 0);
	assert_int_equal(capture.size, first + second + 1);
	assert_memory_equal(capture.text, all, first + second);
	assert_int_equal(capture.text[capture.size - 1], '$');
}

static void nothing_is_lost_where_the_buffer_ends(void **state)
{
	static const size_t sizes[] = {
		0, 1, 100, OUT_ROOM - 1, OUT_ROOM, OUT_ROOM + 1, 2 * OUT_ROOM, 3 * OUT_ROOM + 7
	};
	size_t n = sizeof(sizes) / sizeof(*sizes);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			assert_pieces(sizes[i], sizes[j]);
}

static void single_characters_cross_the_end_of_the_buffer(void **state)
{
	AUTO_CAPTURE capture;
	autofree char *all = pattern(2 * OUT_ROOM + 3);
	struct out *out = capture_out(&capture);

	(void)state;
	for (size_t i = 0; i < 2 * OUT_ROOM + 3; i++)
		out_char(out, all[i]);
	assert_string_equal(capture_end(&capture), all);
}

static void numbers_and_rows_cross_the_end_of_the_buffer(void **state)
{
	static const uint8_t bytes[20] = { 0xab };

	(void)state;
	for (size_t left = 0; left < 70; left++) {
		AUTO_CAPTURE capture;
		autofree char *fill = pattern(OUT_ROOM - left);
		struct out *out = capture_out(&capture);

		out_bytes(out, fill, OUT_ROOM - left);
		out_fmt(out, "%llu %20u|", ULLONG_MAX, 7u);
		out_hex_rows(out, bytes, sizeof(bytes));
		assert_string_equal(capture_end(&capture) + OUT_ROOM - left,
				    "18446744073709551615                    7|"
				    "ab 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00\n"
				    "00 00 00 00");
	}
}

static void long_foreign_text_crosses_the_end_of_the_buffer(void **state)
{
	AUTO_CAPTURE capture;
	autofree char *text = pattern(OUT_ROOM);
	struct out *out = capture_out(&capture);

	(void)state;
	text[OUT_ROOM / 2] = '\1';
	out_char(out, '<');
	out_safe(out, text, OUT_ROOM);
	out_char(out, '>');
	capture_end(&capture);
	assert_int_equal(capture.size, OUT_ROOM + 3 + 2);
	assert_memory_equal(capture.text + 1 + OUT_ROOM / 2, "\\x01", 4);
	assert_int_equal(capture.text[capture.size - 1], '>');
}

static void nothing_is_written_before_the_buffer_is_full_or_flushed(void **state)
{
	AUTO_CAPTURE capture;
	struct out *out = capture_out(&capture);

	(void)state;
	out_literal(out, "waits");
	assert_int_equal(lseek(out->fd, 0, SEEK_CUR), 0);
	assert_false(out->has_output);
	assert_int_equal(out_flush(out), 0);
	assert_int_equal(lseek(out->fd, 0, SEEK_CUR), 5);
	assert_true(out->has_output);
}

static void the_first_failure_to_write_sticks(void **state)
{
	autoclose int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct out out;

	(void)state;
	if (fd < 0)
		skip();
	out_init(&out, fd);
	out_literal(&out, "text");
	assert_int_equal(out.error, 0); /* it waits in the buffer */
	assert_int_equal(out_flush(&out), -ENOSPC);
	out.fd = -1; /* another failure: the first one stays */
	out_literal(&out, "more");
	assert_int_equal(out_flush(&out), -ENOSPC);
}

static void writing_goes_on_in_bounds_after_a_failure(void **state)
{
	autoclose int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	autofree char *text = pattern(3 * OUT_ROOM);
	autofree struct out *out = malloc(sizeof(*out));

	(void)state;
	if (fd < 0)
		skip();
	assert_non_null(out);
	out_init(out, fd);
	for (unsigned i = 0; i < 5; i++) {
		out_bytes(out, text, OUT_ROOM - 1);
		out_bytes(out, text, 3 * OUT_ROOM);
		out_fmt(out, "%s %u", text, i);
	}
	assert_true(out->fill <= OUT_ROOM);
	assert_int_equal(out->error, -ENOSPC);
}

static void a_closed_pipe_is_told_at_every_end(void **state)
{
	int ends[2];
	struct out out;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	out_init(&out, ends[1]);
	out_literal(&out, "x");
	assert_int_equal(out_flush(&out), -EPIPE);
	assert_int_equal(out_flush(&out), -EPIPE);
	close(ends[1]);
}

static void a_descriptor_that_is_not_open_is_a_failure(void **state)
{
	struct out out;

	(void)state;
	out_init(&out, -1);
	assert_false(out.is_tty);
	out_literal(&out, "x");
	assert_int_equal(out_flush(&out), -EBADF);
}

static void what_fits_no_pipe_at_once_is_written_in_parts(void **state)
{
	autofree char *text = pattern(OUT_ROOM);
	autofree char *read_back = malloc(OUT_ROOM);
	size_t fill = 0;
	struct out out;
	int ends[2];

	(void)state;
	assert_non_null(read_back);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fcntl(ends[1], F_SETPIPE_SZ, 4096);
	if (!fork()) {
		close(ends[0]);
		out_init(&out, ends[1]);
		out_bytes(&out, text, OUT_ROOM);
		_exit(out_flush(&out) ? 1 : 0);
	}
	close(ends[1]);
	for (ssize_t n; (n = read(ends[0], read_back + fill, OUT_ROOM - fill)) > 0;)
		fill += (size_t)n;
	close(ends[0]);
	assert_int_equal(fill, OUT_ROOM);
	assert_memory_equal(read_back, text, OUT_ROOM);
}

static void a_hex_dump_has_pairs_and_text_and_a_filled_last_row(void **state)
{
	static const char bytes[] = "\x00\x01 ABCDEFGHIJKLMNOP\x7f\xff";
	AUTO_CAPTURE capture;

	(void)state;
	out_hex_dump(capture_out(&capture), bytes, sizeof(bytes) - 1);
	assert_string_equal(capture_end(&capture),
			    "0000000\t0001 2041 4243 4445 4647 4849 4a4b 4c4d | .. ABCDE FGHIJKLM\n"
			    "0000010\t4e4f 507f ff                            | NOP..\n");
}

static void a_hex_dump_of_nothing_is_nothing(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	out_hex_dump(capture_out(&capture), NULL, 0);
	assert_string_equal(capture_end(&capture), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_without_conversions_is_put_out_as_it_is),
		cmocka_unit_test(integers_are_written_as_printf_writes_them),
		cmocka_unit_test(widths_are_filled_with_blanks_or_zeros),
		cmocka_unit_test(text_to_the_left_is_filled_with_blanks),
		cmocka_unit_test(characters_and_text_stand_among_the_rest),
		cmocka_unit_test(more_arguments_than_registers_come_in_order),
		cmocka_unit_test(foreign_text_is_made_safe_and_the_format_is_not),
		cmocka_unit_test(utf_8_in_foreign_text_is_kept),
		cmocka_unit_test(a_condition_that_fails_leaves_the_arguments_alone),
		cmocka_unit_test(bytes_are_shown_in_rows_of_16_with_a_gap_in_the_middle),
		cmocka_unit_test(nothing_is_lost_where_the_buffer_ends),
		cmocka_unit_test(single_characters_cross_the_end_of_the_buffer),
		cmocka_unit_test(numbers_and_rows_cross_the_end_of_the_buffer),
		cmocka_unit_test(long_foreign_text_crosses_the_end_of_the_buffer),
		cmocka_unit_test(nothing_is_written_before_the_buffer_is_full_or_flushed),
		cmocka_unit_test(the_first_failure_to_write_sticks),
		cmocka_unit_test(writing_goes_on_in_bounds_after_a_failure),
		cmocka_unit_test(a_closed_pipe_is_told_at_every_end),
		cmocka_unit_test(a_descriptor_that_is_not_open_is_a_failure),
		cmocka_unit_test(what_fits_no_pipe_at_once_is_written_in_parts),
		cmocka_unit_test(a_hex_dump_has_pairs_and_text_and_a_filled_last_row),
		cmocka_unit_test(a_hex_dump_of_nothing_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
