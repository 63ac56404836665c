/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * data_typed.c - words that are no bytes to the bytes of a key or a value
 *
 * Nobody comes here with words that bpftool takes: what those mean is settled. So a number alone is
 * one byte where one is wanted, and a number of the type where there is more room.
 */
#include "value/data_typed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "kernel/proc.h"
#include "value/address.h"
#include "value/encode.h"
#include "value/encoder.h"
#include "value/json_in.h"

#define PREFIX_BYTES                                                                               \
	4u /* in front of the address in the key of a prefix map: how many bits count */

/* A number that says its size. */
struct packed_type {
	const char *name;
	uint8_t bits;
	bool is_signed;
	bool is_big; /* the most significant byte first, whatever the machine has */
};

static const struct packed_type packed_types[] = {
	{ "u8", 8, false, false },    { "u16", 16, false, false },   { "u32", 32, false, false },
	{ "u64", 64, false, false },  { "u128", 128, false, false }, { "s8", 8, true, false },
	{ "s16", 16, true, false },   { "s32", 32, true, false },    { "s64", 64, true, false },
	{ "s128", 128, true, false }, { "be16", 16, false, true },   { "be32", 32, false, true },
	{ "be64", 64, false, true },
};

const char *data_part_name(enum data_part part)
{
	return part == DATA_KEY ? "key" : "value";
}

/* What is wrong with the JSON, or with what a word says, is wrong with the words. */
static int fail_words(int r, struct inspect_error *err)
{
	if (r != -EINVAL)
		return r;
	if (err)
		err->code = INSPECT_EUSAGE;
	return -INSPECT_EUSAGE;
}

static int fail_size(const struct data_words *given, size_t came, struct inspect_error *err)
{
	return inspect_fail(err, INSPECT_EUSAGE, "%s expected %zu bytes got %zu",
			    data_part_name(given->part), given->size, came);
}

static int read_file(const struct data_words *given, const char *path, unsigned char *bytes,
		     struct inspect_error *err)
{
	autofree char *text = NULL;
	size_t size = 0;

	int r = proc_read_file(path, given->size, &text, &size, err);
	if (r == -EFBIG) {
		inspect_fail(err, INSPECT_EUSAGE, "%s expected %zu bytes",
			     data_part_name(given->part), given->size);
		return inspect_hint(err, "%s has more than that", path);
	}
	if (r < 0)
		return inspect_context(err, "%s", data_part_name(given->part));
	if (size != given->size) {
		fail_size(given, size, err);
		return inspect_hint(err, "that is how many bytes %s has", path);
	}
	if (size)
		memcpy(bytes, text, size);
	return 1;
}

/* Words of pairs of digits, behind "hex". */
static int read_digits(const struct data_words *given, unsigned char *bytes)
{
	size_t at = 0;

	if (given->n < 2 || !text_has_prefix("hex", given->words[0]))
		return 0;
	for (size_t i = 1; i < given->n; i++) {
		size_t n = strlen(given->words[i]) / 2;

		if (n > given->size - at || num_parse_hex_bytes(given->words[i], bytes + at, n))
			return 0;
		at += n;
	}
	return at == given->size ? (int)given->n : 0;
}

/* The type of the part, or NULL. */
static int get_walk(const struct data_words *given, const struct walk **out,
		    struct inspect_error *err)
{
	*out = NULL;
	if (!given->need->get_walk)
		return 0;
	return given->need->get_walk(given->need->context, given->part, given->may_borrow, out,
				     err);
}

static int encode(const struct data_words *given, const struct walk *walk, json_t *json,
		  unsigned char *bytes, struct inspect_error *err)
{
	int r = encode_json(walk, json, data_part_name(given->part), bytes, given->size, err);

	return r < 0 ? fail_words(r, err) : 1;
}

static int read_json(const struct data_words *given, unsigned char *bytes,
		     struct inspect_error *err)
{
	const char *text = given->words[0];
	AUTO(json_in_done) json_t *json = NULL;
	const struct walk *walk;

	int r = json_in_parse(text, strlen(text), &json, err);
	if (r < 0) {
		inspect_context(err, "%s", data_part_name(given->part));
		return fail_words(r, err);
	}
	r = get_walk(given, &walk, err);
	if (r < 0)
		return r;
	if (walk || json_is_string(json))
		return encode(given, walk, json, bytes, err);
	inspect_fail(err, INSPECT_EUSAGE, "%s: it has no type, as JSON needs",
		     data_part_name(given->part));
	return inspect_hint(err, "give bytes, or numbers with their size, such as u32=5; 'typed' "
				 "in front looks for a program that has the map's types");
}

/* "10.0.0.0/8" */
static int read_prefix(const struct data_words *given, unsigned char *bytes,
		       struct inspect_error *err)
{
	const char *word = given->words[0], *slash = strchr(word, '/');
	size_t size = given->size - PREFIX_BYTES;
	uint64_t length;
	uint32_t bits;

	if (!given->need->is_prefix || given->part != DATA_KEY || given->size < PREFIX_BYTES ||
	    !slash)
		return 0;
	autofree char *address = strndup(word, (size_t)(slash - word));
	if (!address)
		return inspect_fail(err, ENOMEM, "key");
	if (!address_parse(address, size, bytes + PREFIX_BYTES))
		return inspect_fail(err, INSPECT_EUSAGE, "key: '%s' is no address of %zu bytes",
				    address, size);
	if (num_parse(slash + 1, NUM_DECIMAL, size * 8, &length))
		return inspect_fail(err, INSPECT_EUSAGE, "key: '%s' is no prefix of 0 to %zu bits",
				    word, size * 8);
	bits = (uint32_t)length;
	memcpy(bytes, &bits, sizeof(bits));
	return 1;
}

static const struct packed_type *find_packed(const char *word, size_t n)
{
	for (size_t i = 0; i < sizeof(packed_types) / sizeof(*packed_types); i++) {
		const char *name = packed_types[i].name;

		if (strlen(name) == n && memcmp(name, word, n) == 0)
			return &packed_types[i];
	}
	return NULL;
}

static size_t put_packed(const struct packed_type *type, unsigned __int128 value,
			 unsigned char *bytes)
{
	bool is_big = type->is_big || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	size_t size = type->bits / 8;

	for (size_t i = 0; i < size; i++, value >>= 8)
		bytes[is_big ? size - 1 - i : i] = (unsigned char)value;
	return size;
}

static int fail_packed(const struct data_words *given, const struct packed_type *type,
		       const char *text, const char *what, struct inspect_error *err)
{
	return inspect_fail(err, INSPECT_EUSAGE, "%s: %s=%s: %s", data_part_name(given->part),
			    type->name, text, what);
}

/* Bytes of one number or address: how many, 0 where the word is none, or a negative errno. */
static int read_packed(const struct data_words *given, const char *word,
		       unsigned char bytes[ADDRESS_MOST], struct inspect_error *err)
{
	static const uint8_t address_sizes[] = { 4, 6, 16 };
	size_t n = strcspn(word, "=");
	const struct packed_type *type = word[n] ? find_packed(word, n) : NULL;
	struct encode_number number;
	unsigned __int128 value;

	for (size_t i = 0; i < sizeof(address_sizes); i++)
		if (address_parse(word, address_sizes[i], bytes))
			return address_sizes[i];
	if (!type)
		return 0;
	word += n + 1;
	if (!encode_number_parse(word, &number))
		return fail_packed(given, type, word, "no number", err);
	if (!encode_number_fits(&number, type->bits, type->is_signed, &value))
		return fail_packed(given, type, word, "it does not fit", err);
	return (int)put_packed(type, value, bytes);
}

/* The first word is one of these, so all have to be. */
static int read_sequence(const struct data_words *given, unsigned char *bytes,
			 struct inspect_error *err)
{
	unsigned char one[ADDRESS_MOST];
	size_t came = 0;

	for (size_t i = 0; i < given->n; i++) {
		int n = read_packed(given, given->words[i], one, err);

		if (n < 0 || (!n && !i))
			return n;
		if (!n) {
			inspect_fail(err, INSPECT_EUSAGE, "%s: '%s' has no size",
				     data_part_name(given->part), given->words[i]);
			return inspect_hint(err, "give numbers with their size, such as u32=5, "
						 "and addresses");
		}
		if (came + (size_t)n <= given->size)
			memcpy(bytes + came, one, (size_t)n);
		came += (size_t)n;
	}
	return came == given->size ? (int)given->n : fail_size(given, came, err);
}

static int read_word(const struct data_words *given, const struct walk *walk, unsigned char *bytes,
		     struct inspect_error *err)
{
	AUTO(json_in_done) json_t *json = json_string_nocheck(given->words[0]);

	if (!json)
		return inspect_fail(err, ENOMEM, "%s", data_part_name(given->part));
	return encode(given, walk, json, bytes, err);
}

/* An address alone is what the type makes of it, where there is one: text, perhaps. */
static int read_sequence_or_word(const struct data_words *given, unsigned char *bytes,
				 struct inspect_error *err)
{
	bool has_size = strchr(given->words[0], '=');
	const struct walk *walk = NULL;

	int r = given->n == 1 && !has_size ? get_walk(given, &walk, err) : 0;
	if (r < 0)
		return r;
	return walk ? read_word(given, walk, bytes, err) : read_sequence(given, bytes, err);
}

static int read_words(const struct data_words *given, unsigned char *bytes,
		      struct inspect_error *err)
{
	const char *word = given->words[0];

	if (*word == '@')
		return read_file(given, word + 1, bytes, err);
	int r = read_digits(given, bytes);
	if (r)
		return r;
	if (*word && strchr("{[\"", *word))
		return read_json(given, bytes, err);
	r = read_prefix(given, bytes, err);
	return r ? r : read_sequence_or_word(given, bytes, err);
}

int data_typed_parse(const struct data_words *given, unsigned char **out, struct inspect_error *err)
{
	autofree unsigned char *bytes = calloc(1, given->size ? given->size : 1);

	if (!bytes)
		return inspect_fail(err, ENOMEM, "%s of %zu bytes", data_part_name(given->part),
				    given->size);
	int r = read_words(given, bytes, err);
	if (r > 0)
		*out = take_ptr(&bytes);
	return r;
}
