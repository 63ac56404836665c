/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * encode_scalar.c - JSON to the bits of one number, name, pointer, ...
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "value/address.h"
#include "value/encoder.h"

#define BITS_MOST 128u
#define BYTES_MOST (BITS_MOST / 8u)
#define NEAREST_NAMES 4096u

static unsigned __int128 mask_of(unsigned bits)
{
	return bits >= BITS_MOST ? ~(unsigned __int128)0 : ((unsigned __int128)1 << bits) - 1;
}

/* Digits up to the text's end. Returns false where one is none, or the number has more than 128 bits. */
static bool parse_digits(const char *text, unsigned base, unsigned __int128 *out)
{
	const unsigned __int128 most = ~(unsigned __int128)0;
	unsigned __int128 value = 0;

	for (const char *at = text; *at; at++) {
		char c = *at >= 'A' && *at <= 'F' ? (char)(*at - 'A' + 'a') : *at;
		unsigned digit = c >= '0' && c <= '9'	? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
							: 16;

		if (digit >= base || value > (most - digit) / base)
			return false;
		value = value * base + digit;
	}
	*out = value;
	return *text;
}

bool encode_number_parse(const char *text, struct encode_number *out)
{
	out->is_negative = *text == '-';
	text += out->is_negative;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return parse_digits(text + 2, 16, &out->magnitude);
	if (text[0] == '0' && text[1])
		return parse_digits(text + 1, 8, &out->magnitude);
	return parse_digits(text, 10, &out->magnitude);
}

bool encode_number_fits(const struct encode_number *number, unsigned bits, bool is_signed,
			unsigned __int128 *out)
{
	unsigned __int128 most = mask_of(is_signed ? bits - 1 : bits);
	unsigned __int128 magnitude = number->magnitude;

	if (number->is_negative && magnitude) {
		if (!is_signed || magnitude > most + 1)
			return false;
		*out = -magnitude & mask_of(bits);
		return true;
	}
	if (magnitude > most)
		return false;
	*out = magnitude;
	return true;
}

/* NULL where it is no text, or has a NUL in it. */
static const char *whole_text(json_t *json)
{
	const char *text = json_string_value(json);

	return text && strlen(text) == json_string_length(json) ? text : NULL;
}

/* What the JSON says as a number. */
static bool get_number(json_t *json, struct encode_number *out)
{
	if (json_is_integer(json)) {
		long long value = json_integer_value(json);

		out->is_negative = value < 0;
		out->magnitude = value < 0 ? -(unsigned long long)value : (unsigned long long)value;
		return true;
	}
	const char *text = whole_text(json);
	return text && encode_number_parse(text, out);
}

/* The bits of a number, where the step has them in memory. Other bits of these bytes are left alone. */
static void spread_bits(const struct step *step, unsigned __int128 value,
			unsigned char bytes[BYTES_MOST])
{
	unsigned shift = step->shift;

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		shift = step->size * 8 - step->shift - step->bits;
	value <<= shift;
	for (uint32_t i = 0; i < step->size; i++, value >>= 8) {
		uint32_t at = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? step->size - 1 - i : i;

		bytes[at] = (unsigned char)value;
	}
}

static int put_bits(struct encoder *e, const struct step *step, size_t at, unsigned __int128 value)
{
	unsigned char bytes[BYTES_MOST], mask[BYTES_MOST];

	spread_bits(step, value, bytes);
	spread_bits(step, mask_of(step->bits), mask);
	return encoder_put(e, at + step->offset, bytes, mask, step->size);
}

int encoder_put_packed(struct encoder *e, size_t at, size_t size, json_t *json)
{
	const char *text = whole_text(json);
	unsigned char address[ADDRESS_MOST];

	if (!text)
		return 0;
	if (address_parse(text, size, address)) {
		int r = encoder_put(e, at, address, NULL, size);
		return r < 0 ? r : 1;
	}
	if (!size || strlen(text) != 2 * size || strspn(text, "0123456789abcdefABCDEF") != 2 * size)
		return 0;
	for (size_t i = 0; i < size; i++) {
		const char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };
		unsigned char byte = 0;

		num_parse_hex_bytes(pair, &byte, 1);
		int r = encoder_put(e, at + i, &byte, NULL, 1);
		if (r < 0)
			return r;
	}
	return 1;
}

static int fail_range(const struct encoder *e, const struct step *step, json_t *json,
		      bool is_signed)
{
	const char *what = is_signed ? "with a sign" : "without a sign";

	if (json_is_integer(json))
		return encoder_fail(e, "%lld does not fit %u bits %s",
				    (long long)json_integer_value(json), step->bits, what);
	return encoder_fail(e, "%s does not fit %u bits %s", json_string_value(json), step->bits,
			    what);
}

static int put_number(struct encoder *e, const struct step *step, size_t at, json_t *json,
		      bool is_signed)
{
	struct encode_number number;
	unsigned __int128 value;
	unsigned char address[ADDRESS_MOST];
	const char *text = whole_text(json);

	if (get_number(json, &number))
		return encode_number_fits(&number, step->bits, is_signed, &value)
			       ? put_bits(e, step, at, value)
			       : fail_range(e, step, json, is_signed);
	if (text && step->bits == step->size * 8 && address_parse(text, step->size, address))
		return encoder_put(e, at + step->offset, address, NULL, step->size);
	char wanted[48];
	snprintf(wanted, sizeof(wanted), "a number of %u bits", step->bits);
	return encoder_fail_kind(e, wanted, json);
}

/* Puts bits that nobody told. */
static void fill_untold(struct encoder *e, const struct step *step, size_t at,
			unsigned __int128 value)
{
	unsigned char bytes[BYTES_MOST], mask[BYTES_MOST];

	spread_bits(step, value, bytes);
	spread_bits(step, mask_of(step->bits), mask);
	for (uint32_t i = 0; i < step->size; i++) {
		unsigned char *to = &e->bytes[at + step->offset + i];
		unsigned char untold = (unsigned char)~e->given[at + step->offset + i];

		*to = (unsigned char)(*to | (bytes[i] & mask[i] & untold));
	}
}

static bool has_any_bit(const struct encoder *e, const struct step *step, size_t at)
{
	unsigned char mask[BYTES_MOST];

	spread_bits(step, mask_of(step->bits), mask);
	for (uint32_t i = 0; i < step->size; i++)
		if (e->bytes[at + step->offset + i] & mask[i])
			return true;
	return false;
}

/* Any bit makes it true: the lowest one that may be set. */
static int put_true(struct encoder *e, const struct step *step, size_t at)
{
	e->has_loose = true;
	for (unsigned i = 0; e->is_second && i <= step->bits; i++) {
		if (has_any_bit(e, step, at))
			return 0;
		if (i < step->bits)
			fill_untold(e, step, at, (unsigned __int128)1 << i);
	}
	return e->is_second ? encoder_fail(e, "another member that has the same bytes says that "
					      "it is false")
			    : 0;
}

static bool is_text(json_t *json, const char *word)
{
	const char *text = whole_text(json);

	return text && strcmp(text, word) == 0;
}

static int put_bool(struct encoder *e, const struct step *step, size_t at, json_t *json)
{
	struct encode_number number;
	bool is_number = get_number(json, &number) && number.magnitude < 2 && !number.is_negative;

	if (json_is_true(json) || is_text(json, "true") || (is_number && number.magnitude))
		return put_true(e, step, at);
	if (json_is_false(json) || is_text(json, "false") || is_number)
		return put_bits(e, step, at, 0);
	return encoder_fail_kind(e, "true or false", json);
}

static const char *find_nearest_name(const struct step_names *names, const char *text)
{
	size_t least = strlen(text) / 2 + 1;
	const char *nearest = NULL;

	for (size_t i = 0; strlen(text) <= 64 && i < names->n && i < NEAREST_NAMES; i++) {
		const char *name = names->rows[i].name;
		size_t distance = strlen(name) > 64 ? least : text_distance(text, name);

		if (distance < least) {
			least = distance;
			nearest = name;
		}
	}
	return nearest;
}

static int fail_name(const struct encoder *e, const struct step_names *names, json_t *json)
{
	const char *text = json_string_value(json);
	const char *nearest = text ? find_nearest_name(names, text) : NULL;

	int r = encoder_fail_kind(e, "a name of the enum, or its number,", json);
	return nearest ? inspect_hint(e->err, "did you mean '%s'?", nearest) : r;
}

static int put_enum(struct encoder *e, const struct step *step, size_t at, json_t *json)
{
	const struct step_names *names = step->names;
	struct encode_number number;
	unsigned __int128 value;

	for (size_t i = 0; json_is_string(json) && i < names->n; i++)
		if (is_text(json, names->rows[i].name))
			return put_bits(e, step, at, names->rows[i].value);
	if (!get_number(json, &number))
		return fail_name(e, names, json);
	if (!encode_number_fits(&number, step->bits, names->is_signed, &value))
		return fail_range(e, step, json, names->is_signed);
	return put_bits(e, step, at, value);
}

/* One character, of which the code point is the byte. */
static int put_char(struct encoder *e, const struct step *step, size_t at, json_t *json)
{
	size_t n = json_string_length(json);
	uint32_t code_point = 0;

	if (json_is_integer(json))
		return put_number(e, step, at, json,
				  step->is_signed && json_integer_value(json) < 0);
	if (n && text_decode(json_string_value(json), n, &code_point) == n && code_point < 256)
		return put_bits(e, step, at, code_point);
	return encoder_fail_kind(e, "one character", json);
}

static bool is_nan(const unsigned char *from, size_t size)
{
	double value;
	float single;

	if (size == sizeof(single)) {
		memcpy(&single, from, sizeof(single));
		return single != single;
	}
	memcpy(&value, from, sizeof(value));
	return value != value;
}

/* Which one of all that are none was not told: the usual one, or else any. */
static int put_nan(struct encoder *e, const struct step *step, size_t at, unsigned __int128 usual)
{
	const unsigned char *from = e->bytes + at + step->offset;

	e->has_loose = true;
	if (!e->is_second || is_nan(from, step->size))
		return 0;
	fill_untold(e, step, at, usual);
	if (is_nan(from, step->size))
		return 0;
	fill_untold(e, step, at, mask_of(step->bits));
	if (is_nan(from, step->size))
		return 0;
	return encoder_fail(e, "another member that has the same bytes says that it is a number");
}

static bool get_float(json_t *json, double *out)
{
	const char *text = whole_text(json);

	if (json_is_number(json)) {
		*out = json_number_value(json);
		return true;
	}
	if (is_text(json, "Infinity") || is_text(json, "-Infinity")) {
		*out = *text == '-' ? -__builtin_inf() : __builtin_inf();
		return true;
	}
	return text && !num_parse_float(text, out);
}

static int put_float(struct encoder *e, struct step step, size_t at, json_t *json)
{
	bool is_single = step.size == sizeof(float);
	bool is_none = is_text(json, "NaN");
	double value = __builtin_nan("");
	uint32_t low;
	uint64_t bits;

	if (!is_none && !get_float(json, &value))
		return encoder_fail_kind(e, "a number", json);
	float single = (float)value;
	if (is_single && value - value == 0 && single - single != 0)
		return encoder_fail(e, "%g does not fit 32 bits", value);
	memcpy(&low, &single, sizeof(low));
	memcpy(&bits, &value, sizeof(bits));
	bits = is_single ? low : bits;
	step.bits = (uint8_t)(step.size * 8); /* of a float, the step does not say */
	return is_none ? put_nan(e, &step, at, bits) : put_bits(e, &step, at, bits);
}

static int put_address(struct encoder *e, const struct step *step, size_t at, json_t *json)
{
	if (json_is_null(json) || is_text(json, "null"))
		return put_bits(e, step, at, 0);
	return put_number(e, step, at, json, false);
}

static int put_bytes(struct encoder *e, const struct step *step, size_t at, json_t *json)
{
	char wanted[64];

	int r = encoder_put_packed(e, at + step->offset, step->size, json);
	if (r)
		return r < 0 ? r : 0;
	if (!step->size && is_text(json, ""))
		return 0;
	snprintf(wanted, sizeof(wanted), "text of %zu hexadecimal digits", 2 * (size_t)step->size);
	return encoder_fail_kind(e, wanted, json);
}

int encoder_put_scalar(struct encoder *e, const struct step *step, size_t at, json_t *json)
{
	switch (step->kind) {
	case STEP_BOOL:
		return put_bool(e, step, at, json);
	case STEP_ENUM:
		return put_enum(e, step, at, json);
	case STEP_CHAR:
		return put_char(e, step, at, json);
	case STEP_FLOAT:
		return put_float(e, *step, at, json);
	case STEP_POINTER:
	case STEP_ADDRESS:
		return put_address(e, step, at, json);
	case STEP_BYTES:
		return put_bytes(e, step, at, json);
	default:
		return put_number(e, step, at, json,
				  step->kind != STEP_UNSIGNED && step->is_signed);
	}
}
