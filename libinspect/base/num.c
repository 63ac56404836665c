/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * num.c - numbers from text and to text
 */
#include "base/num.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

int num_parse(const char *text, enum num_base base, uint64_t max, uint64_t *out)
{
	unsigned radix = base == NUM_ANY ? 10 : base;

	if (base != NUM_DECIMAL && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		radix = 16;
		text += 2;
	} else if (base == NUM_ANY && text[0] == '0' && text[1]) {
		radix = 8;
		text++;
	}
	if (!*text)
		return -EINVAL;

	uint64_t value = 0;
	int r = 0;
	for (; *text; text++) {
		unsigned digit = (unsigned)digit_value(*text);

		if (digit >= radix)
			return -EINVAL;
		if (value > (max - (digit < max ? digit : max)) / radix || digit > max)
			r = -ERANGE; /* go on: text behind the number is the worse mistake */
		else
			value = value * radix + digit;
	}
	if (!r)
		*out = value;
	return r;
}

int num_parse_hex_bytes(const char *text, uint8_t *out, size_t size)
{
	for (size_t i = 0; i < 2 * size; i++)
		if (digit_value(text[i]) > 15) /* the end is no digit either */
			return -EINVAL;
	if (text[2 * size])
		return -EINVAL;
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(digit_value(text[2 * i]) << 4 | digit_value(text[2 * i + 1]));
	return 0;
}

static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

static size_t count_digits(uint64_t value)
{
	size_t n = 1;

	for (; value >= 10000; value /= 10000)
		n += 4;
	return n + (value >= 10) + (value >= 100) + (value >= 1000);
}

size_t num_format_u64(char *to, uint64_t value)
{
	size_t n = count_digits(value);
	char *from = to + n;

	while (value >= 100) {
		from -= 2;
		memcpy(from, pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10)
		memcpy(to, pairs + 2 * value, 2);
	else
		*to = (char)('0' + value);
	return n;
}

size_t num_format_s64(char *to, int64_t value)
{
	if (value >= 0)
		return num_format_u64(to, (uint64_t)value);
	*to = '-';
	return 1 + num_format_u64(to + 1, -(uint64_t)value);
}

static const char hex_digits[] = "0123456789abcdef";

#define ROW(d)                                                                                     \
	d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9" d "a" d "b" d "c" d "d" d      \
	  "e" d "f"

const char num_hex_pairs[512] = ROW("0") ROW("1") ROW("2") ROW("3") ROW("4") ROW("5") ROW("6")
	ROW("7") ROW("8") ROW("9") ROW("a") ROW("b") ROW("c") ROW("d") ROW("e") ROW("f");

size_t num_format_hex(char *to, uint64_t value)
{
	char digits[16];
	size_t n = 0;

	do {
		digits[15 - n++] = hex_digits[value & 15];
		value >>= 4;
	} while (value);
	memcpy(to, digits + 16 - n, n);
	return n;
}

void num_format_hex_bytes(char *to, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < size; i++)
		num_format_hex_pair(to + 2 * i, from[i]);
}

size_t num_format_float(char *to, double value, bool is_single)
{
	int n = 0;

	for (int digits = is_single ? 6 : 15; digits <= 17; digits++) {
		n = snprintf(to, NUM_FLOAT_ROOM, "%.*g", digits, value);
		if (is_single ? strtof(to, NULL) == (float)value : strtod(to, NULL) == value)
			break;
	}
	return (size_t)n;
}
