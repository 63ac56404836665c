/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_num.c - numbers from text and to text
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"

#define UNTOUCHED 0x5a5a5a5a5a5a5a5au

static void assert_number(const char *text, enum num_base base, uint64_t max, uint64_t expected)
{
	uint64_t value = UNTOUCHED;
	int r = num_parse(text, base, max, &value);

	if (r || value != expected)
		fail_msg("'%s' gave %d, %" PRIu64, text, r, value);
}

static void assert_refused(const char *text, enum num_base base, uint64_t max, int code)
{
	uint64_t value = UNTOUCHED;
	int r = num_parse(text, base, max, &value);

	if (r != -code || value != UNTOUCHED)
		fail_msg("'%s' gave %d, %" PRIu64, text, r, value);
}

static void a_decimal_number_is_read(void **state)
{
	(void)state;
	assert_number("0", NUM_DECIMAL, UINT64_MAX, 0);
	assert_number("7", NUM_DECIMAL, UINT64_MAX, 7);
	assert_number("1234567890", NUM_DECIMAL, UINT64_MAX, 1234567890);
	assert_number("18446744073709551615", NUM_DECIMAL, UINT64_MAX, UINT64_MAX);
}

static void a_decimal_number_may_begin_with_zeros(void **state)
{
	(void)state;
	assert_number("010", NUM_DECIMAL, UINT64_MAX, 10);
	assert_number("000000000000000000000000000018", NUM_DECIMAL, 18, 18);
}

static void any_base_is_told_by_its_prefix(void **state)
{
	(void)state;
	assert_number("0", NUM_ANY, UINT64_MAX, 0);
	assert_number("10", NUM_ANY, UINT64_MAX, 10);
	assert_number("010", NUM_ANY, UINT64_MAX, 8);
	assert_number("00", NUM_ANY, UINT64_MAX, 0);
	assert_number("0x10", NUM_ANY, UINT64_MAX, 16);
	assert_number("0X1f", NUM_ANY, UINT64_MAX, 31);
	assert_number("0xffffffffffffffff", NUM_ANY, UINT64_MAX, UINT64_MAX);
	assert_number("01777777777777777777777", NUM_ANY, UINT64_MAX, UINT64_MAX);
}

static void hexadecimal_digits_may_do_without_the_prefix(void **state)
{
	(void)state;
	assert_number("ff", NUM_HEX, UINT64_MAX, 255);
	assert_number("0xff", NUM_HEX, UINT64_MAX, 255);
	assert_number("0XFf", NUM_HEX, UINT64_MAX, 255);
	assert_number("10", NUM_HEX, UINT64_MAX, 16);
	assert_number("0", NUM_HEX, UINT64_MAX, 0);
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const texts[] = { "",	 " ",	  "-1",	 "+1",	"-0",  " 1",
					     "1 ",	 "\t1",	  "1\n", "1x",	"x1",  "1.0",
					     "1e3",	 "0x",	  "0X",	 "0xg", "0x ", "0x-1",
					     "08",	 "0x0x1", "1,2", "a",	"0b1", "1 2",
					     "\xd9\xa1", "1'000" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_refused(texts[i], NUM_ANY, UINT64_MAX, EINVAL);
	assert_refused("0x1", NUM_DECIMAL, UINT64_MAX, EINVAL);
	assert_refused("1a", NUM_DECIMAL, UINT64_MAX, EINVAL);
	assert_refused("g", NUM_HEX, UINT64_MAX, EINVAL);
	assert_refused("", NUM_HEX, UINT64_MAX, EINVAL);
	assert_refused("", NUM_DECIMAL, UINT64_MAX, EINVAL);
}

static void a_number_that_does_not_fit_64_bits_is_out_of_range(void **state)
{
	(void)state;
	assert_refused("18446744073709551616", NUM_ANY, UINT64_MAX, ERANGE);
	assert_refused("18446744073709551625", NUM_ANY, UINT64_MAX, ERANGE);
	assert_refused("99999999999999999999", NUM_DECIMAL, UINT64_MAX, ERANGE);
	assert_refused("0x10000000000000000", NUM_ANY, UINT64_MAX, ERANGE);
	assert_refused("02000000000000000000000", NUM_ANY, UINT64_MAX, ERANGE);
	assert_refused("99999999999999999999999999999999999999999999", NUM_ANY, UINT64_MAX, ERANGE);
}

static void the_largest_allowed_number_passes_and_the_next_does_not(void **state)
{
	static const uint64_t limits[] = { 0,
					   1,
					   5,
					   9,
					   10,
					   11,
					   255,
					   256,
					   65535,
					   UINT32_MAX,
					   1ull << 32,
					   1ull << 63,
					   UINT64_MAX - 1 };
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		snprintf(text, sizeof(text), "%" PRIu64, limits[i]);
		assert_number(text, NUM_ANY, limits[i], limits[i]);
		snprintf(text, sizeof(text), "%" PRIu64, limits[i] + 1);
		assert_refused(text, NUM_ANY, limits[i], ERANGE);
		snprintf(text, sizeof(text), "0x%" PRIx64, limits[i] + 1);
		assert_refused(text, NUM_ANY, limits[i], ERANGE);
	}
}

static void an_id_over_32_bits_is_not_cut(void **state)
{
	(void)state;
	assert_number("4294967295", NUM_ANY, UINT32_MAX, UINT32_MAX);
	assert_refused("4294967296", NUM_ANY, UINT32_MAX, ERANGE);
	assert_refused("4294967297", NUM_ANY, UINT32_MAX, ERANGE);
	assert_refused("0x100000001", NUM_ANY, UINT32_MAX, ERANGE);
}

static void text_behind_a_number_that_is_too_large_is_the_worse_mistake(void **state)
{
	(void)state;
	assert_refused("99999999999999999999x", NUM_ANY, UINT64_MAX, EINVAL);
	assert_refused("300x", NUM_ANY, 255, EINVAL);
}

static void hexadecimal_bytes_are_read_in_order(void **state)
{
	static const uint8_t expected[] = { 0x00, 0x1a, 0xb2, 0xff };
	uint8_t bytes[4];

	(void)state;
	assert_int_equal(num_parse_hex_bytes("001ab2ff", bytes, 4), 0);
	assert_memory_equal(bytes, expected, 4);
	assert_int_equal(num_parse_hex_bytes("001AB2Ff", bytes, 4), 0);
	assert_memory_equal(bytes, expected, 4);
	assert_int_equal(num_parse_hex_bytes("", bytes, 0), 0);
}

static void hexadecimal_bytes_must_be_exactly_as_many(void **state)
{
	static const char *const texts[] = {
		"",	    "0",	"001ab2f",   "001ab2ff0", "001ab2ff00",	   "0x1ab2ff",
		"001ab2fg", "001ab2f ", " 001ab2ff", "00 1ab2ff", "001ab2\xff\xff"
	};
	uint8_t bytes[4] = { 1, 2, 3, 4 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(num_parse_hex_bytes(texts[i], bytes, 4), -EINVAL);
	assert_memory_equal(bytes, "\1\2\3\4", 4); /* nothing half done */
}

/* Writes with a guard behind the end, and compares. */
static void assert_format(size_t (*format)(char *, uint64_t), uint64_t value, const char *expected)
{
	char room[NUM_ROOM + 1];

	memset(room, '#', sizeof(room));
	size_t n = format(room, value);
	assert_int_equal(n, strlen(expected));
	assert_memory_equal(room, expected, n);
	assert_int_equal(room[n], '#');
}

static void every_power_of_ten_and_its_neighbours_are_written_exactly(void **state)
{
	char expected[32];
	uint64_t power = 1;

	(void)state;
	for (unsigned i = 0; i < 20; i++, power *= 10) {
		for (uint64_t value = power - 1; value <= power + 1; value++) {
			snprintf(expected, sizeof(expected), "%" PRIu64, value);
			assert_format(num_format_u64, value, expected);
		}
	}
	assert_format(num_format_u64, UINT64_MAX, "18446744073709551615");
	assert_format(num_format_u64, 1ull << 63, "9223372036854775808");
}

static size_t format_signed(char *to, uint64_t value)
{
	return num_format_s64(to, (int64_t)value);
}

static void signed_numbers_are_written_down_to_the_smallest(void **state)
{
	(void)state;
	assert_format(format_signed, 0, "0");
	assert_format(format_signed, (uint64_t)-1, "-1");
	assert_format(format_signed, (uint64_t)-10, "-10");
	assert_format(format_signed, INT64_MAX, "9223372036854775807");
	assert_format(format_signed, (uint64_t)INT64_MIN, "-9223372036854775808");
}

static void hexadecimal_numbers_have_no_leading_zeros(void **state)
{
	(void)state;
	assert_format(num_format_hex, 0, "0");
	assert_format(num_format_hex, 0xf, "f");
	assert_format(num_format_hex, 0x480, "480");
	assert_format(num_format_hex, UINT64_MAX, "ffffffffffffffff");
	assert_format(num_format_hex, 0x0123456789abcdef, "123456789abcdef");
}

static void every_byte_has_its_pair_of_digits(void **state)
{
	uint8_t bytes[256];
	char text[513], expected[3];

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	text[512] = '#';
	num_format_hex_bytes(text, bytes, sizeof(bytes));
	for (unsigned i = 0; i < 256; i++) {
		snprintf(expected, sizeof(expected), "%02x", i);
		assert_memory_equal(text + 2 * i, expected, 2);
	}
	assert_int_equal(text[512], '#');
}

static void what_is_written_is_read_again_as_the_same(void **state)
{
	char text[NUM_ROOM + 1];
	uint64_t value = 1, again;

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		value = value * 6364136223846793005u + 1442695040888963407u;
		uint64_t shorter = value >> i % 64;

		text[num_format_u64(text, shorter)] = '\0';
		assert_int_equal(num_parse(text, NUM_DECIMAL, UINT64_MAX, &again), 0);
		assert_true(again == shorter);
		text[num_format_hex(text, shorter)] = '\0';
		assert_int_equal(num_parse(text, NUM_HEX, UINT64_MAX, &again), 0);
		assert_true(again == shorter);
	}
}

static void floats_are_read_as_json_has_them(void **state)
{
	static const char *const bad[] = { "",	  "-",	 ".5",	"5.", "1e", "1e+", "+1",
					   "0x1", "inf", "nan", " 1", "1 ", "1.5x" };
	double value;

	(void)state;
	assert_int_equal(num_parse_float("-12.5e-1", &value), 0);
	assert_true(value == -1.25);
	assert_int_equal(num_parse_float("18446744073709551616", &value), 0);
	assert_true(value == 18446744073709551616.0);
	assert_int_equal(num_parse_float("1E+2", &value), 0);
	assert_true(value == 100);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(num_parse_float(bad[i], &value), -EINVAL);
	assert_int_equal(num_parse_float("1e999", &value), -ERANGE);
	assert_true(value == 100);
}

static void a_float_that_is_read_as_a_double_is_the_same(void **state)
{
	uint32_t bits = 1;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		char text[NUM_FLOAT_ROOM];
		double value;
		float single;

		bits = bits * 1664525 + 1013904223;
		memcpy(&single, &bits, sizeof(single));
		if (single - single != 0)
			continue;
		num_format_float(text, (double)single, true);
		assert_int_equal(num_parse_float(text, &value), 0);
		assert_true((float)value == single);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decimal_number_is_read),
		cmocka_unit_test(a_decimal_number_may_begin_with_zeros),
		cmocka_unit_test(any_base_is_told_by_its_prefix),
		cmocka_unit_test(hexadecimal_digits_may_do_without_the_prefix),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(a_number_that_does_not_fit_64_bits_is_out_of_range),
		cmocka_unit_test(the_largest_allowed_number_passes_and_the_next_does_not),
		cmocka_unit_test(an_id_over_32_bits_is_not_cut),
		cmocka_unit_test(text_behind_a_number_that_is_too_large_is_the_worse_mistake),
		cmocka_unit_test(hexadecimal_bytes_are_read_in_order),
		cmocka_unit_test(hexadecimal_bytes_must_be_exactly_as_many),
		cmocka_unit_test(every_power_of_ten_and_its_neighbours_are_written_exactly),
		cmocka_unit_test(signed_numbers_are_written_down_to_the_smallest),
		cmocka_unit_test(hexadecimal_numbers_have_no_leading_zeros),
		cmocka_unit_test(every_byte_has_its_pair_of_digits),
		cmocka_unit_test(what_is_written_is_read_again_as_the_same),
		cmocka_unit_test(floats_are_read_as_json_has_them),
		cmocka_unit_test(a_float_that_is_read_as_a_double_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
