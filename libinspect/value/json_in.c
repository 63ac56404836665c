/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * json_in.c - JSON from outside
 *
 * jansson has integers of 64 bits with a sign, and refuses others; the strict forms write unsigned
 * ones digit for digit. So those that may not fit are put between quotes before it sees them.
 */
#include "value/json_in.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

#define SURE_DIGITS 18 /* any integer of so many fits 64 bits */

static const char number_characters[] = "+-.0123456789Ee";

/* The bytes of a text, its quotes included; what never ends goes on to the end. */
static size_t text_size(const char *at, size_t size)
{
	for (size_t i = 1; i < size; i++) {
		if (at[i] == '\\')
			i++;
		else if (at[i] == '"')
			return i + 1;
	}
	return size;
}

static size_t number_size(const char *at, size_t size)
{
	size_t n = 0;

	while (n < size && at[n] && strchr(number_characters, at[n]))
		n++;
	return n;
}

/* What is no integer as JSON has them is left to jansson, to read or refuse. */
static bool is_inexact(const char *at, size_t size)
{
	bool is_negative = size && *at == '-';
	size_t digits = size - is_negative;

	for (size_t i = is_negative; i < size; i++)
		if (at[i] < '0' || at[i] > '9')
			return false;
	if (digits > 1 && at[is_negative] == '0')
		return false;
	return digits > SURE_DIGITS || (is_negative && digits == 1 && at[1] == '0');
}

static bool begins_number(char c)
{
	return c == '-' || (c >= '0' && c <= '9');
}

/* Adds the text with quotes around those numbers. */
static void add_exact(struct buf *out, const char *text, size_t size)
{
	for (size_t at = 0; at < size;) {
		size_t n = 1;
		bool is_number = begins_number(text[at]);

		if (text[at] == '"')
			n = text_size(text + at, size - at);
		else if (is_number)
			n = number_size(text + at, size - at);
		bool is_quoted = is_number && is_inexact(text + at, n);
		if (is_quoted)
			buf_add_char(out, '"');
		buf_add(out, text + at, n);
		if (is_quoted)
			buf_add_char(out, '"');
		at += n;
	}
}

int json_in_parse(const char *text, size_t size, json_t **out, struct inspect_error *err)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
	AUTO(buf_done) struct buf exact = { 0 };
	json_error_t error;

	add_exact(&exact, text, size);
	if (buf_failed(&exact))
		return inspect_fail(err, ENOMEM, "read JSON");
	*out = json_loadb(exact.bytes ? exact.bytes : "", exact.size, flags, &error);
	if (*out)
		return 0;
	if (json_error_code(&error) == json_error_out_of_memory)
		return inspect_fail(err, ENOMEM, "read JSON");
	return inspect_fail(err, EINVAL, "not JSON: %s", error.text);
}
