/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_elem_parse.c - an element as JSON to the bytes of its key and value
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "btf_maker.h"
#include "kernel/abi.h"
#include "value/elem_parse.h"
#include "value/kinds.h"

static const unsigned cpus[] = { 0, 3 };

/* Key and value in hexadecimal, "empty" for an empty slot, or what is wrong. */
static const char *parsed(unsigned type, const struct elem_types *types, const char *text)
{
	static char out[1024];
	const struct inspect_map map = { .type = type, .key_bytes = 4, .value_bytes = 4 };
	const struct elem_parser parser = { &map, types, cpus, 2, elems_value_size(&map, 2) };
	unsigned char key[4] = { 0 }, value[16] = { 0 };
	struct inspect_error err = { 0 };
	struct parsed_elem elem;

	int r = elem_parse(&parser, text, strlen(text), key, value, &elem, &err);
	if (r < 0) {
		assert_int_equal(r, -err.code);
		snprintf(out, sizeof(out), "%u: %s", elem.line, err.what);
		return out;
	}
	if (elem.is_empty_slot)
		return "empty";
	num_format_hex_bytes(out, key, sizeof(key));
	out[8] = ' ';
	num_format_hex_bytes(out + 9, value, parser.value_size);
	out[9 + 2 * parser.value_size] = '\0';
	return out;
}

struct row {
	const char *text;
	const char *expected;
};

static void check(unsigned type, const struct elem_types *types, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_string_equal(parsed(type, types, rows[i].text), rows[i].expected);
}

#define CHECK(type, types, rows) check(type, types, rows, sizeof(rows) / sizeof(*(rows)))

static void bytes_are_digits_or_a_list(void **state)
{
	static const struct row rows[] = {
		{ "{\"key\":\"01020304\",\"value\":\"aAbBcCdD\"}", "01020304 aabbccdd" },
		{ "{\"value\":[\"0x01\",\"0x02\",\"0x03\",\"0xff\"],\"key\":\"00000000\"}",
		  "00000000 010203ff" },
		{ "{\"key\":\"01020304\",\n\"value\":\"aabbccd\"}",
		  "1: value: bytes are wanted, got a text" },
		{ "{\"key\":\"01020304\",\"value\":[\"0x01\"]}",
		  "0: value: bytes are wanted, got a list" },
		{ "{\"key\":[\"0x01\",\"0x02\",\"0x03\",\"1\"],\"value\":0}",
		  "0: key: bytes are wanted, got a list" },
		{ "{\"key\":\"01020304\",\"value\":null}", "0: value: bytes are wanted, got null" },
		{ "{\"key\":\"01020304\"}", "0: value: it is missing" },
		{ "{\"value\":\"01020304\"}", "0: key: it is missing" },
		{ "{}", "0: key: it is missing" },
		{ "{\"key\":\"01020304\",\"error\":\"no entry\"}", "empty" },
		{ "{\"key\":\"01020304\",\"value\":{\"error\":\"No such file or directory\"}}",
		  "empty" },
	};
	const struct elem_types none = { 0 };

	(void)state;
	CHECK(ABI_MAP_TYPE_HASH, &none, rows);
}

static void text_for_a_number_is_bytes_where_it_has_as_many_digits(void **state)
{
	static const struct row rows[] = {
		{ "{\"key\":1,\"value\":4294967295}", "01000000 ffffffff" },
		{ "{\"key\":\"01000000\",\"value\":\"0000000a\"}", "01000000 0000000a" },
		{ "{\"key\":\"0x0a\",\"value\":\"12\"}", "0a000000 0c000000" },
		{ "{\"key\":[\"0x01\",\"0x02\",\"0x03\",\"0x04\"],\"value\":\"ffffffff\"}",
		  "01020304 ffffffff" },
	};
	AUTO(maker_done) struct maker maker = { 0 };
	struct elem_types types = { 0 };
	struct btf_reader btf;
	struct walk *walk;

	(void)state;
	maker_int(&maker, "unsigned");
	maker_finish(&maker);
	assert_int_equal(btf_init(&btf, maker.blob, maker.size, NULL, NULL), 0);
	assert_int_equal(walk_new(&btf, 1, WALK_STRICT, &walk, NULL), 0);
	types.key = types.value = walk;
	CHECK(ABI_MAP_TYPE_HASH, &types, rows);
	assert_non_null(strstr(
		parsed(ABI_MAP_TYPE_HASH, &types, "{\"key\":1,\"value\":4294967296}"), "0: value"));
	walk_free(walk);
	btf_done(&btf);
}

static void an_id_may_stand_alone_and_must_agree(void **state)
{
	static const struct row rows[] = {
		{ "{\"key\":\"00000000\",\"inner_map_id\":5}", "00000000 05000000" },
		{ "{\"key\":\"00000000\",\"value\":\"05000000\"}", "00000000 05000000" },
		{ "{\"key\":\"00000000\",\"value\":\"05000000\",\"inner_map_id\":5}",
		  "00000000 05000000" },
		{ "{\"key\":\"00000000\",\"value\":\"05000000\",\"inner_map_id\":6}",
		  "0: value: it is 5, and inner_map_id is 6" },
		{ "{\"key\":\"00000000\"}", "0: inner_map_id: it is missing" },
		{ "{\"key\":\"00000000\",\"inner_map_id\":-1}",
		  "0: inner_map_id: an id is a whole number of 32 bits" },
		{ "{\"key\":\"00000000\",\"prog_id\":5}",
		  "0: prog_id: the map does not hold programs" },
	};
	const struct elem_types none = { 0 };

	(void)state;
	CHECK(ABI_MAP_TYPE_ARRAY_OF_MAPS, &none, rows);
}

#define CPUS(text) "{\"key\":\"00000000\",\"values\":" text "}"

static void values_of_cpus_are_put_in_their_places(void **state)
{
	static const struct row rows[] = {
		{ CPUS("[{\"cpu\":3,\"value\":\"03030303\"},{\"cpu\":0,\"value\":\"01010101\"}]"),
		  "00000000 01010101000000000303030300000000" },
		{ "{\"key\":\"00000000\",\"value\":\"01020304\"}",
		  "00000000 01020304000000000102030400000000" },
		{ CPUS("[{\"cpu\":0,\"value\":\"01010101\"}]"),
		  "0: values: that of CPU 3 is missing" },
		{ CPUS("[]"), "0: values: that of CPU 0 is missing" },
		{ CPUS("[{\"cpu\":0,\"value\":\"01010101\"},{\"cpu\":0,\"value\":\"01010101\"}]"),
		  "0: values: CPU 0 is there twice" },
		{ CPUS("[{\"cpu\":1,\"value\":\"01010101\"}]"), "0: values: there is no CPU 1" },
		{ CPUS("[\n{\"cpu\":0,\"value\":\"0101\"}]"),
		  "1: values: CPU 0: value: bytes are wanted, got a text" },
		{ CPUS("{}"), "0: values: a list is wanted" },
		{ CPUS("[],\"value\":\"01010101\""), "0: values: it does not go with 'value'" },
	};
	const struct elem_types none = { 0 };

	(void)state;
	CHECK(ABI_MAP_TYPE_PERCPU_HASH, &none, rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_digits_or_a_list),
		cmocka_unit_test(text_for_a_number_is_bytes_where_it_has_as_many_digits),
		cmocka_unit_test(an_id_may_stand_alone_and_must_agree),
		cmocka_unit_test(values_of_cpus_are_put_in_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
