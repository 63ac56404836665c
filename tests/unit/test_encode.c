/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_encode.c - JSON to the bytes of a type: every kind, what is refused, and the inverse of a walk
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "encode_case.h"

/* The value of @t is what comes of the text. */
static void check(struct types *t, uint32_t id, const char *text)
{
	struct inspect_error err = { 0 };
	AUTO_TYPED typed;

	typed_init(&typed, t, id);
	assert_int_equal(walk_size(typed.walk), t->size);
	autofree unsigned char *bytes = encode(&typed, text, &err);
	if (!bytes)
		fail_msg("%s: %s", text, err.what);
	assert_memory_equal(bytes, t->value, t->size);
}

static void check_refused(struct types *t, uint32_t id, const char *text, const char *what,
			  const char *hint)
{
	struct inspect_error err = { 0 };
	AUTO_TYPED typed;

	typed_init(&typed, t, id);
	autofree unsigned char *bytes = encode(&typed, text, &err);
	if (bytes)
		fail_msg("%s is taken", text);
	if (!strstr(err.what, what) || !strstr(err.hint, hint))
		fail_msg("%s gave '%s', '%s'", text, err.what, err.hint);
}

static void numbers_of_every_width_take_their_least_and_most(void **state)
{
	static const struct {
		unsigned size, encoding;
		const char *least, *most, *under, *over;
	} rows[] = {
		{ 1, 0, "0", "255", "-1", "256" },
		{ 1, SIGNED, "-128", "127", "-129", "128" },
		{ 2, 0, "0", "65535", "-1", "65536" },
		{ 2, SIGNED, "-32768", "32767", "-32769", "32768" },
		{ 4, 0, "0", "4294967295", "-1", "4294967296" },
		{ 4, SIGNED, "-2147483648", "2147483647", "-2147483649", "2147483648" },
		{ 8, 0, "0", "18446744073709551615", "-1", "18446744073709551616" },
		{ 8, SIGNED, "-9223372036854775808", "9223372036854775807", "-9223372036854775809",
		  "9223372036854775808" },
		{ 16, 0, "0", "\"340282366920938463463374607431768211455\"", "-1",
		  "\"0x100000000000000000000000000000000\"" },
		{ 16, SIGNED, "-170141183460469231731687303715884105728",
		  "\"170141183460469231731687303715884105727\"",
		  "\"-170141183460469231731687303715884105729\"",
		  "170141183460469231731687303715884105728" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		AUTO_TYPES t = { 0 };
		uint32_t id = add_int(&t, "n", rows[i].size, rows[i].encoding);
		bool is_signed = rows[i].encoding;

		t.size = rows[i].size;
		t.value[t.size - 1] = is_signed ? 0x80 : 0;
		check(&t, id, rows[i].least);
		memset(t.value, 0xff, t.size);
		t.value[t.size - 1] = is_signed ? 0x7f : 0xff;
		check(&t, id, rows[i].most);
		check_refused(&t, id, rows[i].under, "value: ", "");
		check_refused(&t, id, rows[i].over, "value: ", "");
	}
}

static void a_number_may_be_text(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_int(&t, "n", 4, SIGNED);

	(void)state;
	PUT(&t, int32_t, 255);
	check(&t, id, "\"255\"");
	check(&t, id, "\"0xff\"");
	check(&t, id, "\"0XfF\"");
	check(&t, id, "\"0377\"");
	check_refused(&t, id, "\"\"", "a number of 32 bits is wanted, got ''", "");
	check_refused(&t, id, "\"-\"", "is wanted", "");
	check_refused(&t, id, "\"0x\"", "is wanted", "");
	check_refused(&t, id, "\"255 \"", "is wanted", "");
	check_refused(&t, id, "\"255\\u0000\"", "is wanted", "");
	check_refused(&t, id, "\"08\"", "is wanted", "");
	check_refused(&t, id, "\"+1\"", "is wanted", "");
	check_refused(&t, id, "\"0x80000000\"", "0x80000000 does not fit 32 bits", "");
	check_refused(&t, id, "true", "got true", "");
	check_refused(&t, id, "null", "got null", "");
	check_refused(&t, id, "1.5", "got 1.5", "");
	check_refused(&t, id, "[1]", "got a list", "");
	check_refused(&t, id, "{}", "got a record", "");
}

static void minus_zero_is_zero_and_keeps_its_sign_as_a_float(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t number = add_int(&t, "n", 8, 0);
	uint32_t real = add(&t, KIND_FLOAT, "double", 8, 0, 0);

	(void)state;
	PUT(&t, double, -0.0);
	check(&t, real, "-0");
	check(&t, real, "-0.0");
	memset(t.value, 0, 8);
	check(&t, number, "-0");
}

static void a_bool_is_true_or_false(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_int(&t, "bool", 2, BOOL);

	(void)state;
	PUT(&t, uint16_t, 1);
	check(&t, id, "true");
	check(&t, id, "1");
	check(&t, id, "\"true\"");
	t.value[0] = 0;
	check(&t, id, "false");
	check(&t, id, "0");
	check(&t, id, "\"false\"");
	check_refused(&t, id, "2", "true or false is wanted, got 2", "");
	check_refused(&t, id, "-1", "true or false is wanted", "");
	check_refused(&t, id, "\"yes\"", "got 'yes'", "");
}

static void an_enum_takes_its_names_and_numbers(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add(&t, KIND_ENUM, "e", 2, 3, KIND_FLAG);

	add_enumerator(&t, "RED", 1);
	add_enumerator(&t, "GREEN", (uint32_t)-2);
	add_enumerator(&t, "7", 9);
	(void)state;
	PUT(&t, int16_t, -2);
	check(&t, id, "\"GREEN\"");
	check(&t, id, "-2");
	check(&t, id, "\"-2\"");
	t.size = 0;
	PUT(&t, int16_t, 9);
	check(&t, id, "\"7\"");
	check_refused(&t, id, "\"GREN\"", "got 'GREN'", "did you mean 'GREEN'?");
	check_refused(&t, id, "\"white\"", "got 'white'", "");
	check_refused(&t, id, "32768", "32768 does not fit 16 bits with a sign", "");
}

static void a_char_is_one_code_point(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_int(&t, "letter", 1, CHAR);

	(void)state;
	t.size = 1;
	for (unsigned c = 0; c < 256; c++) {
		AUTO_TYPED typed;

		t.value[0] = (unsigned char)c;
		typed_init(&typed, &t, id);
		check_inverse(&typed, t.value, false);
	}
	t.value[0] = 200;
	check(&t, id, "200");
	check_refused(&t, id, "\"ab\"", "one character is wanted, got 'ab'", "");
	check_refused(&t, id, "\"\\u0100\"", "one character", "");
	check_refused(&t, id, "\"\"", "one character", "");
	check_refused(&t, id, "256", "does not fit 8 bits", "");
}

static void floats_are_exact_and_have_words_for_what_is_no_number(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t real = add(&t, KIND_FLOAT, "double", 8, 0, 0);
	uint32_t single = add(&t, KIND_FLOAT, "float", 4, 0, 0);

	(void)state;
	PUT(&t, double, 0.1);
	check(&t, real, "0.1");
	check(&t, real, "\"1e-1\"");
	t.size = 0;
	PUT(&t, double, 18446744073709551616.0);
	check(&t, real, "18446744073709551616");
	t.size = 0;
	PUT(&t, float, -__builtin_inff());
	check(&t, single, "\"-Infinity\"");
	check_refused(&t, single, "1e39", "does not fit 32 bits", "");
	check_refused(&t, single, "\"inf\"", "a number is wanted", "");
	check_refused(&t, real, "\"0x1p3\"", "a number is wanted", "");
	check_refused(&t, real, "\"1e999\"", "a number is wanted", "");
}

static void a_pointer_is_null_or_a_number(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add(&t, KIND_PTR, NULL, 0, 0, 0);

	(void)state;
	PUT(&t, uint64_t, 0xffffffff81000000);
	check(&t, id, "\"0xffffffff81000000\"");
	check(&t, id, "18446744071578845184");
	memset(t.value, 0, 8);
	check(&t, id, "null");
	check_refused(&t, id, "\"main\"", "a number of 64 bits is wanted, got 'main'", "");
}

/* { char name[4]; u8 pair[2]; } */
static uint32_t add_names(struct types *t)
{
	uint32_t letter = add_int(t, "char", 1, SIGNED), byte = add_int(t, "u8", 1, 0);
	uint32_t name = add_array(t, letter, 4), pair = add_array(t, byte, 2);
	uint32_t id = add(t, KIND_STRUCT, "s", 6, 2, 0);

	add_member(t, "name", name, 0, 0);
	add_member(t, "pair", pair, 32, 0);
	return id;
}

static void text_is_taken_where_there_is_room_and_padded_with_zeros(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_names(&t);

	(void)state;
	put(&t, "ab\0\0\0\0", 6);
	check(&t, id, "{\"name\": \"ab\"}");
	check(&t, id, "{\"name\": [97, 98, 0, 0]}");
	memcpy(t.value, "abcd\x01\xff", 6);
	check(&t, id, "{\"name\": \"abcd\", \"pair\": [1, 255]}");
	check(&t, id, "{\"name\": \"abcd\", \"pair\": \"01ff\"}");
	check_refused(&t, id, "{\"name\": \"abcde\"}",
		      "value.name: text of 5 bytes, there is room for 4", "");
	check_refused(&t, id, "{\"name\": 5}",
		      "value.name: text, or a list of its bytes, is wanted, got 5", "");
	check_refused(&t, id, "{\"pair\": \"ab\"}", "value.pair: a list of 2 is wanted, got 'ab'",
		      "");
}

static void an_error_names_the_member(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_names(&t), list = add_array(&t, id, 2);
	uint32_t outer = add(&t, KIND_STRUCT, "o", 12, 1, 0);

	(void)state;
	add_member(&t, "inner", list, 0, 0);
	check_refused(&t, outer, "{\"inner\": [{}, {\"pair\": [1, 256]}]}",
		      "value.inner[1].pair[1]: 256 does not fit 8 bits without a sign", "");
	check_refused(&t, outer, "{\"inner\": [{}, {\"piar\": 1}]}",
		      "value.inner[1].piar: there is no such member", "did you mean 'pair'?");
	check_refused(&t, outer, "{\"zzzzzzzzz\": 1}", "value.zzzzzzzzz: there is no such", "");
	check_refused(&t, outer, "{\"inner\": [{}]}",
		      "value.inner: a list of 2 is wanted, got one of 1", "");
	check_refused(&t, outer, "{\"inner\": [{}, {}, {}]}", "got one of 3", "");
	check_refused(&t, outer, "5", "value: a record is wanted, got 5", "");
	check_refused(&t, id, "{\"pair\": [1, 2.0]}",
		      "value.pair[1]: a number of 8 bits is wanted, got 2.0", "");
}

static void bit_fields_take_their_bits_alone(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t number = add_int(&t, "u32", 4, 0), with_sign = add_int(&t, "s32", 4, SIGNED);
	uint32_t id = add(&t, KIND_STRUCT, "s", 4, 3, KIND_FLAG);

	(void)state;
	add_member(&t, "a", number, 0, 3);
	add_member(&t, "b", with_sign, 3, 5);
	add_member(&t, "c", number, 8, 24);
	PUT(&t, uint32_t, 5 | 0x1d << 3 | 0xabcdefu << 8);
	check(&t, id, "{\"a\": 5, \"b\": -3, \"c\": 11259375}");
	check_refused(&t, id, "{\"a\": 8}", "value.a: 8 does not fit 3 bits", "");
	check_refused(&t, id, "{\"b\": 16}", "value.b: 16 does not fit 5 bits with a sign", "");
	check_refused(&t, id, "{\"b\": -17}", "value.b: -17 does not fit 5 bits", "");
}

/* union { u32 n; u8 b[4]; bool yes; float f; struct { u16 low; }; } */
static uint32_t add_union(struct types *t)
{
	uint32_t number = add_int(t, "u32", 4, 0), half = add_int(t, "u16", 2, 0);
	uint32_t bytes = add_array(t, add_int(t, "u8", 1, 0), 4);
	uint32_t yes = add_int(t, "bool", 1, BOOL), real = add(t, KIND_FLOAT, "f", 4, 0, 0);
	uint32_t inner = add(t, KIND_STRUCT, NULL, 2, 1, 0);
	add_member(t, "low", half, 0, 0);
	uint32_t id = add(t, KIND_UNION, "u", 4, 5, 0);

	add_member(t, "n", number, 0, 0);
	add_member(t, "b", bytes, 0, 0);
	add_member(t, "yes", yes, 0, 0);
	add_member(t, "f", real, 0, 0);
	add_member(t, NULL, inner, 0, 0);
	return id;
}

static void members_that_share_bytes_must_agree(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_union(&t);
	AUTO_TYPED typed;

	(void)state;
	PUT(&t, uint32_t, 0x01020304);
	check(&t, id, "{\"n\": 16909060}");
	check(&t, id, "{\"yes\": true, \"n\": 16909060}");
	check_refused(&t, id, "{\"n\": 1, \"low\": 2}", "value.low: it says something else", "");
	check_refused(&t, id, "{\"n\": 256, \"yes\": true}", "value.yes: another member", "");
	check_refused(&t, id, "{\"n\": 1, \"yes\": false}", "value.yes: ", "");
	check_refused(&t, id, "{\"n\": 1, \"f\": \"NaN\"}", "value.f: another member", "");
	typed_init(&typed, &t, id);
	check_inverse(&typed, t.value, false);
	memcpy(t.value, "\x02\x00\xc0\xff", 4); /* not the usual one of those that are no number */
	check_inverse(&typed, t.value, false);
	t.value[0] = 1;
	t.value[1] = t.value[2] = t.value[3] = 0;
	check(&t, id, "{\"yes\": true}");
}

static void addresses_are_in_the_order_of_a_packet(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t number = add_int(&t, "u32", 4, 0), byte = add_int(&t, "u8", 1, 0);
	uint32_t mac = add_array(&t, byte, 6), six = add_array(&t, number, 4);
	uint32_t id = add(&t, KIND_STRUCT, "s", 28, 3, 0);

	(void)state;
	add_member(&t, "ip", number, 0, 0);
	add_member(&t, "mac", mac, 32, 0);
	add_member(&t, "ip6", six, 96, 0);
	put(&t, "\x0a\x00\x00\x01\x02\x00\x00\x00\x00\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01",
	    28);
	check(&t, id, "{\"ip\": \"10.0.0.1\", \"mac\": \"02:00:00:00:00:01\", \"ip6\": \"::1\"}");
	check(&t, id, "{\"ip\": \"10.0.0.1\", \"mac\": \"02-00-00-00-00-01\", \"ip6\": \"::1\"}");
	check_refused(&t, id, "{\"ip\": \"10.0.0.256\"}", "value.ip: a number of 32 bits", "");
	check_refused(&t, id, "{\"ip\": \"10.0.0.1\\u0000\"}", "value.ip: a number of 32 bits", "");
	check_refused(&t, id, "{\"mac\": \"02:00:00:00:00:01\\u0000\"}", "value.mac: ", "");
	check_refused(&t, id, "{\"ip\": \"::1\"}", "value.ip: ", "");
	check_refused(&t, id, "{\"mac\": \"02:00:00-00:00:01\"}", "value.mac: ", "");
	check_refused(&t, id, "{\"ip6\": \"10.0.0.1\"}", "value.ip6: ", "");
}

static void a_record_of_the_size_of_an_address_takes_one(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t number = add_int(&t, "u32", 4, 0);
	uint32_t id = add(&t, KIND_STRUCT, "in_addr", 4, 1, 0);

	(void)state;
	add_member(&t, "s_addr", number, 0, 0);
	put(&t, "\x0a\x00\x00\x01", 4);
	check(&t, id, "\"10.0.0.1\"");
	check(&t, id, "\"0a000001\"");
	check_refused(&t, id, "\"10.0.0\"", "value: a record is wanted, got '10.0.0'", "");
}

static void what_has_no_type_is_hexadecimal_text(void **state)
{
	AUTO_TYPES t = { 0 };
	AUTO(json_in_done) json_t *json = json_string("0a0B");
	AUTO(json_in_done) json_t *odd = json_string("0a0");
	struct inspect_error err;
	unsigned char bytes[2];

	(void)state;
	uint32_t nothing = add(&t, KIND_FWD, "gone", 0, 0, 0);
	uint32_t id = add(&t, KIND_STRUCT, "s", 2, 1, 0);
	add_member(&t, "x", nothing, 0, 0);
	put(&t, "\x0a\x0b", 2);
	check(&t, id, "{\"x\": \"0a0b\"}");
	check_refused(&t, id, "{\"x\": \"0a0\"}", "value.x: text of 4 hexadecimal digits", "");
	check_refused(&t, id, "{\"x\": \"0a0g\"}", "value.x: text of 4 hexadecimal digits", "");
	assert_int_equal(encode_json(NULL, json, "key", bytes, 2, &err), 0);
	assert_memory_equal(bytes, "\x0a\x0b", 2);
	assert_int_equal(encode_json(NULL, odd, "key", bytes, 2, &err), -EINVAL);
	assert_string_equal(err.what, "key: text of 4 hexadecimal digits is wanted");
}

static void a_section_is_a_record_of_its_variables(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t number = add_int(&t, "u32", 4, 0);
	uint32_t var = add(&t, KIND_VAR, "counter", number, 0, 0);
	maker_word(&t.maker, 1);
	uint32_t id = add(&t, KIND_DATASEC, ".bss", 8, 1, 0);
	add_words(&t, var, 4, 4);

	(void)state;
	PUT(&t, uint32_t, 0, 7);
	check(&t, id, "{\"counter\": 7}");
	check_refused(&t, id, "{\"counter\": -7}", "value.counter: -7 does not fit", "");
}

static void bad_json_is_refused_with_its_place(void **state)
{
	static const char *const bad[] = { "",	       "{",
					   "[1,]",     "{\"a\":1,\"a\":2}",
					   "nul",      "1 2",
					   "-",	       "1e999",
					   "\"\\",     "01",
					   "\"\xff\"", "0x10",
					   "--1",      "1-1111111111111111111111" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct inspect_error err = { 0 };
		json_t *json = NULL;

		assert_int_equal(json_in_parse(bad[i], strlen(bad[i]), &json, &err), -EINVAL);
		assert_null(json);
		assert_non_null(strstr(err.what, "not JSON: "));
	}
}

static void nesting_without_end_is_refused(void **state)
{
	struct inspect_error err;
	char deep[20000];
	json_t *json = NULL;

	(void)state;
	memset(deep, '[', sizeof(deep));
	assert_int_equal(json_in_parse(deep, sizeof(deep), &json, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_every_width_take_their_least_and_most),
		cmocka_unit_test(a_number_may_be_text),
		cmocka_unit_test(minus_zero_is_zero_and_keeps_its_sign_as_a_float),
		cmocka_unit_test(a_bool_is_true_or_false),
		cmocka_unit_test(an_enum_takes_its_names_and_numbers),
		cmocka_unit_test(a_char_is_one_code_point),
		cmocka_unit_test(floats_are_exact_and_have_words_for_what_is_no_number),
		cmocka_unit_test(a_pointer_is_null_or_a_number),
		cmocka_unit_test(text_is_taken_where_there_is_room_and_padded_with_zeros),
		cmocka_unit_test(an_error_names_the_member),
		cmocka_unit_test(bit_fields_take_their_bits_alone),
		cmocka_unit_test(members_that_share_bytes_must_agree),
		cmocka_unit_test(addresses_are_in_the_order_of_a_packet),
		cmocka_unit_test(a_record_of_the_size_of_an_address_takes_one),
		cmocka_unit_test(what_has_no_type_is_hexadecimal_text),
		cmocka_unit_test(a_section_is_a_record_of_its_variables),
		cmocka_unit_test(bad_json_is_refused_with_its_place),
		cmocka_unit_test(nesting_without_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
