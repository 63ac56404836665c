/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_data.c - words to the bytes of a key and a value
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/abi.h"
#include "value/data.h"

static const struct data_need element = {
	.takes = DATA_KEY | DATA_VALUE | DATA_FLAG | DATA_CPU,
	.needs = DATA_KEY | DATA_VALUE,
	.key_bytes = 4,
	.value_bytes = 2,
};

/* Cuts @text, which has to live on, at its blanks. */
static struct inspect_words cut(char *text, const char **words, size_t room)
{
	size_t n = 0;

	for (char *at = text; *at && n < room;) {
		words[n++] = at;
		at += strcspn(at, " ");
		if (*at)
			*at++ = '\0';
	}
	return (struct inspect_words){ words, n };
}

static int parse(const struct data_need *need, const char *text, struct data *out,
		 struct inspect_error *err)
{
	static char copy[1024];
	const char *words[64];

	snprintf(copy, sizeof(copy), "%s", text);
	const struct inspect_words cut_words = cut(copy, words, 64);
	return data_parse(need, &cut_words, out, err);
}

static void assert_element(const char *text, uint32_t key, uint16_t value, unsigned have,
			   uint64_t flag)
{
	const unsigned char key_bytes[] = { key >> 24 & 255, key >> 16 & 255, key >> 8 & 255,
					    key & 255 };
	const unsigned char value_bytes[] = { value >> 8 & 255, value & 255 };
	struct inspect_error err;
	struct data data = { 0 };

	if (parse(&element, text, &data, &err))
		fail_msg("'%s': %s", text, err.what);
	assert_memory_equal(data.key, key_bytes, 4);
	assert_memory_equal(data.value, value_bytes, 2);
	assert_int_equal(data.have, DATA_KEY | DATA_VALUE | have);
	assert_int_equal(data.flag, flag);
	data_done(&data);
}

static void assert_refused(const struct data_need *need, const char *text, const char *what,
			   const char *hint)
{
	struct inspect_error err = { 0 };
	struct data data = { .have = 0x5a };

	assert_int_equal(parse(need, text, &data, &err), -INSPECT_EUSAGE);
	assert_int_equal(data.have, 0x5a);
	if (!strstr(err.what, what) || !strstr(err.hint, hint))
		fail_msg("'%s' gave '%s', '%s'", text, err.what, err.hint);
}

static void words_are_bytes_in_memory_order(void **state)
{
	(void)state;
	assert_element("key 1 2 3 4 value 5 6", 0x01020304, 0x0506, 0, ABI_ANY);
	assert_element("key 0xff 255 0377 0 value 0 00", 0xffffff00, 0, 0, ABI_ANY);
}

static void after_hex_words_are_hexadecimal(void **state)
{
	(void)state;
	assert_element("key hex 10 ff 0x0a A value 10 11", 0x10ff0a0a, 0x0a0b, 0, ABI_ANY);
	assert_element("key 10 11 12 13 value hex 10 11", 0x0a0b0c0d, 0x1011, 0, ABI_ANY);
	assert_element("k h 1 2 3 4 v hex e a", 0x01020304, 0x0e0a, 0, ABI_ANY);
}

static void parts_come_in_any_order(void **state)
{
	(void)state;
	assert_element("exist value 5 6 key 1 2 3 4", 0x01020304, 0x0506, DATA_FLAG, ABI_EXIST);
	assert_element("value 5 6 noexist key 1 2 3 4", 0x01020304, 0x0506, DATA_FLAG, ABI_NOEXIST);
	assert_element("key 1 2 3 4 value 5 6 any", 0x01020304, 0x0506, DATA_FLAG, ABI_ANY);
	assert_element("cpu 3 key 1 2 3 4 n value 5 6", 0x01020304, 0x0506, DATA_FLAG | DATA_CPU,
		       ABI_NOEXIST);
}

static void too_few_bytes_say_which_are_missing(void **state)
{
	(void)state;
	assert_refused(&element, "key 1 2 3 value 5 6", "key expected 4 bytes got 3",
		       "'value' stands where byte 4");
	assert_refused(&element, "value 5 6 key 1 2 3", "key expected 4 bytes got 3",
		       "byte 4 is missing");
	assert_refused(&element, "value 5 6 key", "key expected 4 bytes got 0",
		       "bytes 1 to 4 are missing");
	assert_refused(&element, "value 5 6 key hex 1", "key expected 4 bytes got 1",
		       "bytes 2 to 4 are missing");
}

static void too_many_bytes_say_how_many_came(void **state)
{
	(void)state;
	assert_refused(&element, "key 1 2 3 4 5 6 value 5 6", "key expected 4 bytes got 6",
		       "'5' is the first too many");
	assert_refused(&element, "key 1 2 3 4 value hex 5 6 ff", "value expected 2 bytes got 3",
		       "'ff' is the first too many");
}

static void a_word_that_is_no_byte_is_named_with_its_place(void **state)
{
	(void)state;
	assert_refused(&element, "key 1 256 3 4 value 5 6", "256 (byte 2 of the key)", "0 to 255");
	assert_refused(&element, "key 1 2 3 4 value 5 -6", "-6 (byte 2 of the value)", "0 to 255");
	assert_refused(&element, "key hex 1 2 100 4 value 5 6", "100 (byte 3 of the key)",
		       "00 to ff");
	assert_refused(&element, "key 1 08 3 4 value 5 6", "08 (byte 2 of the key)", "0 to 255");
	assert_refused(&element, "key ff 2 3 4 value 5 6", "ff (byte 1 of the key)", "0 to 255");
	assert_refused(&element, "key 1x 2 3 4 value 5 6", "1x (byte 1 of the key)", "0 to 255");
}

static void each_part_may_be_there_once(void **state)
{
	(void)state;
	assert_refused(&element, "key 1 2 3 4 key 1 2 3 4 value 5 6", "duplicate key", "");
	assert_refused(&element, "key 1 2 3 4 value 5 6 value 5 6", "duplicate value", "");
	assert_refused(&element, "any exist", "flags specified multiple times: exist", "");
	assert_refused(&element, "cpu 1 cpu 1", "duplicate cpu", "");
}

static void what_is_missing_or_too_much_is_named(void **state)
{
	static const struct data_need keyless = { .takes = DATA_VALUE | DATA_FLAG,
						  .needs = DATA_VALUE,
						  .value_bytes = 2 };

	(void)state;
	assert_refused(&element, "value 5 6", "did not find key", "");
	assert_refused(&element, "key 1 2 3 4", "did not find value", "");
	assert_refused(&element, "", "did not find key", "");
	assert_refused(&element, "1 2 3 4", "expected key or value, got: '1'", "");
	assert_refused(&keyless, "key 1 value 5 6", "unnecessary key", "no keys");
	assert_refused(&keyless, "value 5 6 cpu 1", "unnecessary cpu", "one value for all");
	assert_refused(&element, "cpu", "'cpu' needs a value", "");
	assert_refused(&element, "cpu -1", "can't parse '-1'", "");
	assert_refused(&element, "cpu 4294967296", "can't parse '4294967296'", "");
}

static void a_value_may_be_an_object(void **state)
{
	static const struct data_need outer = {
		.takes = DATA_KEY | DATA_VALUE | DATA_FLAG,
		.needs = DATA_KEY | DATA_VALUE,
		.key_bytes = 1,
		.value_bytes = 4,
		.is_reference = true,
		.kind = INSPECT_MAP,
	};
	struct inspect_error err;
	struct data data = { 0 };

	(void)state;
	assert_int_equal(parse(&outer, "value pinned /a/b exist key 9", &data, &err), 0);
	assert_int_equal(data.reference.by, INSPECT_BY_PATH);
	assert_string_equal(data.reference.text, "/a/b");
	assert_int_equal(data.key[0], 9);
	assert_null(data.value);
	data_done(&data);
	assert_refused(&outer, "key 9 value", "expected 'id', 'name'", "");
	assert_refused(&outer, "key 9 value id", "'id' needs a value", "");
	assert_refused(&outer, "key 9 value tag 0011223344556677", "expected 'id', 'name'", "");
}

static void any_word_is_refused_or_taken_without_harm(void **state)
{
	static const char *const pieces[] = { "key", "value", "any", "exist", "cpu",
					      "hex", "0",     "255", "256",   "ff",
					      "-1",  "e",     "k",   "h",     "4294967295" };
	const size_t n_pieces = sizeof(pieces) / sizeof(*pieces);
	unsigned seed = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		const char *words[12];
		struct inspect_words given = { words, 0 };
		struct data data = { 0 };
		struct inspect_error err;

		seed = seed * 1103515245 + 12345;
		for (given.n = 0; given.n < 1 + (seed >> 16) % 12; given.n++) {
			unsigned pick = seed * (unsigned)(2 * given.n + 7) >> 8;

			words[given.n] = pieces[pick % n_pieces];
		}
		int r = data_parse(&element, &given, &data, &err);
		assert_true(r == 0 || r == -INSPECT_EUSAGE);
		data_done(&data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_bytes_in_memory_order),
		cmocka_unit_test(after_hex_words_are_hexadecimal),
		cmocka_unit_test(parts_come_in_any_order),
		cmocka_unit_test(too_few_bytes_say_which_are_missing),
		cmocka_unit_test(too_many_bytes_say_how_many_came),
		cmocka_unit_test(a_word_that_is_no_byte_is_named_with_its_place),
		cmocka_unit_test(each_part_may_be_there_once),
		cmocka_unit_test(what_is_missing_or_too_much_is_named),
		cmocka_unit_test(a_value_may_be_an_object),
		cmocka_unit_test(any_word_is_refused_or_taken_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
