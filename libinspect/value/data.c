/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * data.c - words to the bytes of a key and a value
 *
 * How many bytes there must be is known, so the words say nothing of where they end. A keyword in
 * place of a byte, or a number in place of a keyword, is a wrong count, and told as such. What are no
 * bytes may be something else that we know, see data_typed.c.
 */
#include "value/data.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "kernel/abi.h"
#include "value/data_typed.h"

struct keyword {
	const char *word;
	enum data_part part;
	uint64_t flag;
};

/* In the order in which a shortened word is held against them; ours are the last. */
static const struct keyword keywords[] = {
	{ "key", DATA_KEY, 0 },
	{ "value", DATA_VALUE, 0 },
	{ "any", DATA_FLAG, ABI_ANY },
	{ "noexist", DATA_FLAG, ABI_NOEXIST },
	{ "exist", DATA_FLAG, ABI_EXIST },
	{ "cpu", DATA_CPU, 0 },
	{ "typed", DATA_TYPED, 0 },
};

void data_done(struct data *data)
{
	free(data->key);
	free(data->value);
	*data = (struct data){ 0 };
}

static const struct keyword *find_keyword(const char *word)
{
	for (size_t i = 0; *word && i < sizeof(keywords) / sizeof(*keywords); i++)
		if (text_has_prefix(keywords[i].word, word))
			return &keywords[i];
	return NULL;
}

static bool is_byte(const char *word, enum num_base base)
{
	uint64_t byte;

	return !num_parse(word, base, UINT8_MAX, &byte);
}

static int fail_few(const char *part, size_t wanted, size_t came, const char *word,
		    struct inspect_error *err)
{
	inspect_fail(err, INSPECT_EUSAGE, "%s expected %zu bytes got %zu", part, wanted, came);
	if (word)
		return inspect_hint(err, "'%s' stands where byte %zu should be", word, came + 1);
	if (came + 1 == wanted)
		return inspect_hint(err, "byte %zu is missing", wanted);
	return inspect_hint(err, "bytes %zu to %zu are missing", came + 1, wanted);
}

static int fail_many(const char *part, size_t wanted, size_t came, const char *word,
		     struct inspect_error *err)
{
	inspect_fail(err, INSPECT_EUSAGE, "%s expected %zu bytes got %zu", part, wanted, came);
	return inspect_hint(err, "'%s' is the first too many", word);
}

static int fail_byte(const char *part, size_t place, const char *word, enum num_base base,
		     struct inspect_error *err)
{
	inspect_fail(err, INSPECT_EUSAGE, "error parsing byte: %s (byte %zu of the %s)", word,
		     place, part);
	return inspect_hint(err, base == NUM_HEX ? "after 'hex' a byte is 00 to ff"
						 : "a byte is 0 to 255, or 0x00 to 0xff");
}

/* Returns how many words it took. */
static int parse_bytes(const char *part, size_t size, const char *const *words, size_t n,
		       unsigned char **out, struct inspect_error *err)
{
	enum num_base base = NUM_ANY;
	size_t at = 0;
	uint64_t byte;

	if (n && *words[0] && text_has_prefix("hex", words[0])) {
		base = NUM_HEX;
		at++;
	}
	autofree unsigned char *bytes = calloc(1, size ? size : 1);
	if (!bytes)
		return inspect_fail(err, ENOMEM, "%s of %zu bytes", part, size);
	for (size_t i = 0; i < size; i++, at++) {
		if (at == n)
			return fail_few(part, size, i, NULL, err);
		if (num_parse(words[at], base, UINT8_MAX, &byte))
			return find_keyword(words[at])
				       ? fail_few(part, size, i, words[at], err)
				       : fail_byte(part, i + 1, words[at], base, err);
		bytes[i] = (unsigned char)byte;
	}
	size_t end = at;
	while (end < n && !find_keyword(words[end]) && is_byte(words[end], base))
		end++;
	if (end > at)
		return fail_many(part, size, size + end - at, words[at], err);
	*out = take_ptr(&bytes);
	return (int)at;
}

/* What stands behind a keyword in place of bytes; where it is nothing that we know, @err stays. */
static int parse_typed(const struct data_words *given, unsigned char **out,
		       struct inspect_error *err)
{
	const struct keyword *keyword = find_keyword(given->words[0]);
	struct inspect_error other = { 0 };

	if (!*given->words[0] || (keyword && strcmp(keyword->word, given->words[0]) == 0))
		return 0;
	int r = data_typed_parse(given, out, &other);
	bool is_known = keyword || is_byte(given->words[0], NUM_ANY);
	if (r == -INSPECT_EUSAGE && is_known) /* it is that, unless the type knows the word */
		return 0;
	if (r < 0 && err)
		*err = other;
	return r;
}

/* A number alone is what one would try who does not think of bytes. */
static int hint_number(const struct data_words *given, int r, struct inspect_error *err)
{
	bool is_number_size = given->size == 2 || given->size == 4 || given->size == 8;
	const char *word = given->words[0];
	uint64_t value;

	if (given->n > 1 || !is_number_size || num_parse(word, NUM_ANY, UINT64_MAX, &value))
		return r;
	return inspect_hint(err, "a number of %zu bytes is u%zu=%s", given->size, given->size * 8,
			    word);
}

/* Returns how many words it took. */
static int parse_data(const struct data_need *need, const struct keyword *keyword,
		      const char *const *words, size_t n, struct data *data,
		      struct inspect_error *err)
{
	bool is_key = keyword->part == DATA_KEY;
	unsigned char **out = is_key ? &data->key : &data->value;
	struct data_words given = {
		.need = need,
		.part = keyword->part,
		.may_borrow = data->have & DATA_TYPED,
		.size = is_key ? need->key_bytes : need->value_bytes,
		.words = words,
	};

	int r = parse_bytes(keyword->word, given.size, words, n, out, err);
	if (r != -INSPECT_EUSAGE || !n)
		return r;
	given.n = 1;
	while (given.n < n && !find_keyword(words[given.n]))
		given.n++;
	int used = parse_typed(&given, out, err);
	return used ? used : hint_number(&given, r, err);
}

static int parse_cpu(const char *const *words, size_t n, struct data *out,
		     struct inspect_error *err)
{
	uint64_t cpu;

	if (!n)
		return inspect_fail(err, INSPECT_EUSAGE, "'cpu' needs a value");
	if (num_parse(words[0], NUM_ANY, UINT32_MAX, &cpu))
		return inspect_fail(err, INSPECT_EUSAGE, "can't parse '%s' as the number of a CPU",
				    words[0]);
	out->cpu = (unsigned)cpu;
	return 1;
}

/* What stands behind a keyword; returns how many words that is. */
static int parse_part(const struct data_need *need, const struct keyword *keyword,
		      const char *const *words, size_t n, struct data *out,
		      struct inspect_error *err)
{
	switch (keyword->part) {
	case DATA_KEY:
		return parse_data(need, keyword, words, n, out, err);
	case DATA_VALUE:
		if (need->is_reference)
			return inspect_ref_parse(need->kind, words, n, &out->reference, err);
		return parse_data(need, keyword, words, n, out, err);
	case DATA_FLAG:
		out->flag = keyword->flag;
		return 0;
	case DATA_CPU:
		return parse_cpu(words, n, out, err);
	case DATA_TYPED:
		return 0;
	}
	return 0;
}

static int fail_twice(const struct keyword *keyword, const char *word, struct inspect_error *err)
{
	if (keyword->part == DATA_FLAG)
		return inspect_fail(err, INSPECT_EUSAGE, "flags specified multiple times: %s",
				    word);
	return inspect_fail(err, INSPECT_EUSAGE, "duplicate %s", keyword->word);
}

static int fail_not_taken(const struct data_need *need, const struct keyword *keyword,
			  struct inspect_error *err)
{
	inspect_fail(err, INSPECT_EUSAGE, "unnecessary %s", keyword->word);
	if (keyword->part == DATA_KEY && !need->key_bytes)
		return inspect_hint(err, "the map has no keys");
	if (keyword->part == DATA_CPU)
		return inspect_hint(err, "the map has one value for all CPUs");
	return -INSPECT_EUSAGE;
}

static int fail_missing(unsigned missing, struct inspect_error *err)
{
	return inspect_fail(err, INSPECT_EUSAGE, "did not find %s",
			    missing & DATA_KEY ? "key" : "value");
}

int data_parse(const struct data_need *need, const struct inspect_words *words, struct data *out,
	       struct inspect_error *err)
{
	AUTO(data_done) struct data data = { 0 };

	for (size_t at = 0; at < words->n;) {
		const char *word = words->words[at++];
		const struct keyword *keyword = find_keyword(word);

		if (!keyword)
			return inspect_fail(err, INSPECT_EUSAGE, "expected key or value, got: '%s'",
					    word);
		if (data.have & keyword->part)
			return fail_twice(keyword, word, err);
		if (!(need->takes & keyword->part))
			return fail_not_taken(need, keyword, err);
		int used = parse_part(need, keyword, words->words + at, words->n - at, &data, err);
		if (used < 0)
			return used;
		data.have |= keyword->part;
		at += (size_t)used;
	}
	if (need->needs & ~data.have)
		return fail_missing(need->needs & ~data.have, err);
	*out = data;
	data = (struct data){ 0 };
	return 0;
}
