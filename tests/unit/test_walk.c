/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_walk.c - bytes of a type to events: every kind, in the three flavours
 *
 * A test declares types, gives the bytes of a value, and names the JSON that must come of it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "capture.h"
#include "types_case.h"
#include "value/walk.h"

/* What a type's walk makes of the value; the value lies in memory of its own, so that no byte more is read. */
static void check(struct types *t, uint32_t id, enum walk_flavour flavour, const char *expected)
{
	AUTO(btf_done) struct btf_reader btf = { 0 };
	AUTO_CAPTURE capture;
	struct inspect_error err = { 0 };
	struct walk *walk;

	maker_finish(&t->maker);
	assert_int_equal(btf_init(&btf, t->maker.blob, t->maker.size, NULL, &err), 0);
	if (walk_new(&btf, id, flavour, &walk, &err))
		fail_msg("%s", err.what);
	assert_int_equal(walk_size(walk), t->size);

	autofree unsigned char *value = malloc(t->size ? t->size : 1);
	memcpy(value, t->value, t->size);
	struct sink *sink =
		capture_begin(&capture, flavour == WALK_STRICT ? SINK_STRICT : SINK_JSON);
	sink->is_inline = true;
	walk_put(walk, sink, NULL, value, t->size);
	walk_free(walk);

	AUTO(buf_done) struct buf line = { 0 };
	buf_add_text(&line, expected);
	buf_add(&line, "\n", 2);
	assert_string_equal(capture_end_json(&capture), line.bytes);
}

static void check_all(struct types *t, uint32_t id, const char *expected)
{
	check(t, id, WALK_PLAIN, expected);
	check(t, id, WALK_JSON, expected);
	check(t, id, WALK_STRICT, expected);
}

/* bpftool's two flavours, and ours. */
static void check_both(struct types *t, uint32_t id, const char *compatible, const char *strict)
{
	check(t, id, WALK_PLAIN, compatible);
	check(t, id, WALK_JSON, compatible);
	check(t, id, WALK_STRICT, strict);
}

static void check_refused(struct types *t, uint32_t id, int code, const char *what)
{
	AUTO(btf_done) struct btf_reader btf = { 0 };

	maker_finish(&t->maker);
	assert_int_equal(btf_init(&btf, t->maker.blob, t->maker.size, NULL, NULL), 0);
	for (unsigned flavour = WALK_PLAIN; flavour <= WALK_STRICT; flavour++) {
		struct inspect_error err = { 0 };
		struct walk *walk = NULL;

		int r = walk_new(&btf, id, (enum walk_flavour)flavour, &walk, &err);
		assert_int_equal(r, -code);
		assert_int_equal(err.code, code);
		assert_null(walk);
		if (!strstr(err.what, what))
			fail_msg("'%s' is not in '%s'", what, err.what);
	}
}

static void put_function(void *context, struct sink *sink, const char *key, uint32_t proto,
			 uint64_t value)
{
	assert_int_equal(proto, *(const uint32_t *)context);
	sink_open_record(sink, key);
	sink_u64(sink, "program", value);
	sink_close(sink);
}

/* A struct of two pointers, to a function by a typedef and to a number; and what the walk makes of them. */
static void pointers_to_functions_alone_are_the_callers(void **state)
{
	AUTO_TYPES t = { 0 };
	AUTO(btf_done) struct btf_reader btf = { 0 };
	const uint64_t values[] = { 7, 0 };
	AUTO_CAPTURE capture;
	struct walk *walk;

	(void)state;
	uint32_t number = add_int(&t, "int", 4, SIGNED);
	uint32_t proto = add(&t, KIND_FUNC_PROTO, NULL, number, 0, 0);
	uint32_t name = add(&t, KIND_TYPEDEF, "function_t", proto, 0, 0);
	uint32_t function = add(&t, KIND_PTR, NULL, name, 0, 0);
	uint32_t other = add(&t, KIND_PTR, NULL, number, 0, 0);
	uint32_t id = add(&t, KIND_STRUCT, "ops", 16, 2, 0);
	add_member(&t, "call", function, 0, 0);
	add_member(&t, "data", other, 64, 0);

	maker_finish(&t.maker);
	assert_int_equal(btf_init(&btf, t.maker.blob, t.maker.size, NULL, NULL), 0);
	assert_int_equal(walk_new(&btf, id, WALK_STRICT, &walk, NULL), 0);
	walk_set_functions(walk, put_function, &proto);
	struct sink *sink = capture_begin(&capture, SINK_STRICT);
	sink->is_inline = true;
	walk_put(walk, sink, NULL, values, sizeof(values));
	walk_free(walk);
	assert_string_equal(capture_end_json(&capture),
			    "{\"call\":{\"program\":7},\"data\":null}\n");
}

static void unsigned_numbers_of_every_width_are_decimal(void **state)
{
	(void)state;
	for (unsigned size = 1; size <= 8; size *= 2) {
		static const char *const most[] = {
			[1] = "255", [2] = "65535", [4] = "4294967295", [8] = "18446744073709551615"
		};
		AUTO_TYPES t = { 0 };
		uint32_t id = add_int(&t, "u", size, 0);

		put(&t, "\xff\xff\xff\xff\xff\xff\xff\xff", size);
		check_all(&t, id, most[size]);
	}
}

static void signed_numbers_of_every_width_keep_their_sign(void **state)
{
	(void)state;
	for (unsigned size = 1; size <= 8; size *= 2) {
		AUTO_TYPES t = { 0 };
		uint32_t id = add_int(&t, "s", size, SIGNED);

		put(&t, "\xfb\xff\xff\xff\xff\xff\xff\xff", size);
		check_all(&t, id, "-5");
	}
}

static void a_bool_of_any_width_is_true_if_any_bit_is_set(void **state)
{
	(void)state;
	for (unsigned size = 1; size <= 8; size *= 2) {
		AUTO_TYPES t = { 0 };
		uint32_t id = add_int(&t, "bool", size, BOOL);

		t.value[size - 1] = 0x80;
		t.size = size;
		check_all(&t, id, "true");
		t.value[size - 1] = 0;
		check_all(&t, id, "false");
	}
}

static void a_char_encoded_byte_is_text_and_always_valid_json(void **state)
{
	static const struct {
		unsigned char byte;
		const char *text;
	} rows[] = {
		{ 'Z', "\"Z\"" },	 { '"', "\"\\\"\"" },	   { '\\', "\"\\\\\"" },
		{ 0, "\"\\u0000\"" },	 { '\n', "\"\\n\"" },	   { 0x7f, "\"\\u007f\"" },
		{ 0x80, "\"\\u0080\"" }, { 0xe9, "\"\xc3\xa9\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		AUTO_TYPES t = { 0 };
		uint32_t id = add_int(&t, "c", 1, CHAR);

		PUT(&t, unsigned char, rows[i].byte);
		check_all(&t, id, rows[i].text);
	}
}

static void numbers_of_128_bits_are_hexadecimal_for_bpftool_and_decimal_text_else(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t u = add_int(&t, "u128", 16, 0), s = add_int(&t, "s128", 16, SIGNED);

	(void)state;
	PUT(&t, uint64_t, 0x1122334455667788, 0x1);
	check_both(&t, u, "\"0x11122334455667788\"", "\"19681349690146060168\"");
	t.size = 0;
	PUT(&t, uint64_t, 7, 0x1);
	check_both(&t, u, "\"0x10000000000000007\"", "\"18446744073709551623\"");
	t.size = 0;
	PUT(&t, uint64_t, UINT64_MAX, UINT64_MAX);
	check_both(&t, u, "\"0xffffffffffffffffffffffffffffffff\"",
		   "\"340282366920938463463374607431768211455\"");
	check(&t, s, WALK_STRICT, "\"-1\"");
	t.size = 0;
	PUT(&t, uint64_t, 0, 1ull << 63);
	check(&t, s, WALK_STRICT, "\"-170141183460469231731687303715884105728\"");
	t.size = 0;
	PUT(&t, uint64_t, 0, 0);
	check_both(&t, u, "\"0x0\"", "\"0\"");
}

static void numbers_of_odd_widths_are_read_in_full(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t u = add_int(&t, "u24", 3, 0), s = add_int(&t, "s24", 3, SIGNED);
	uint32_t list = add_array(&t, s, 2);

	(void)state;
	put(&t, "\xfe\xff\xff", 3);
	check_both(&t, u, "\"0xfffffe\"", "16777214");
	check_both(&t, s, "\"0xfffffe\"", "-2");
	put(&t, "\x01\x02\x03", 3);
	check_both(&t, list, "[\"0xfffffe\",\"0x30201\"]", "[-2,197121]");
}

static void floats_have_the_fewest_digits_that_give_them_again(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t single = add(&t, KIND_FLOAT, "float", 4, 0, 0);
	uint32_t wide = add(&t, KIND_FLOAT, "double", 8, 0, 0);

	(void)state;
	PUT(&t, float, 0.1f);
	check_all(&t, single, "0.1");
	t.size = 0;
	PUT(&t, float, 16777217.0f);
	check_all(&t, single, "16777216");
	t.size = 0;
	PUT(&t, double, 0.1);
	check_all(&t, wide, "0.1");
	t.size = 0;
	PUT(&t, double, 1.0 / 3);
	check_all(&t, wide, "0.3333333333333333");
	t.size = 0;
	PUT(&t, double, -1.5e300);
	check_all(&t, wide, "-1.5e+300");
}

static void what_is_no_number_among_floats_is_text(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t wide = add(&t, KIND_FLOAT, "double", 8, 0, 0);

	(void)state;
	PUT(&t, double, __builtin_nan(""));
	check_all(&t, wide, "\"NaN\"");
	t.size = 0;
	PUT(&t, double, -__builtin_inf());
	check_all(&t, wide, "\"-Infinity\"");
	t.size = 0;
	PUT(&t, double, __builtin_inf());
	check_all(&t, wide, "\"Infinity\"");
}

static void a_float_of_another_size_is_bytes(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t half = add(&t, KIND_FLOAT, "half", 2, 0, 0);

	(void)state;
	put(&t, "\x01\x02", 2);
	check_both(&t, half, "[\"0x01\",\"0x02\"]", "\"0102\"");
}

static void enums_have_the_name_of_the_first_match_at_any_size(void **state)
{
	(void)state;
	for (unsigned size = 1; size <= 8; size *= 2) {
		AUTO_TYPES t = { 0 };
		uint32_t id = add(&t, KIND_ENUM, "colour", size, 4, 0);

		add_enumerator(&t, "HIGH", 200);
		add_enumerator(&t, "ONE", 1);
		add_enumerator(&t, "ONE_AGAIN", 1);
		add_enumerator(&t, "ZERO", 0);
		t.size = size;
		check_all(&t, id, "\"ZERO\"");
		t.value[0] = 1;
		check_all(&t, id, "\"ONE\"");
		t.value[0] = 200;
		check_all(&t, id, "\"HIGH\"");
		t.value[0] = 201;
		check_all(&t, id, "201");
	}
}

static void a_signed_enum_is_told_by_its_flag(void **state)
{
	(void)state;
	for (unsigned size = 1; size <= 8; size *= 2) {
		AUTO_TYPES t = { 0 };
		uint32_t id = add(&t, KIND_ENUM, "e", size, 1, KIND_FLAG);

		add_enumerator(&t, "MINUS", (uint32_t)-1);
		put(&t, "\xff\xff\xff\xff\xff\xff\xff\xff", size);
		check_all(&t, id, "\"MINUS\"");
		t.value[0] = 0xc8;
		check_all(&t, id, "-56");
	}
}

static void an_unsigned_enum_without_a_match_is_never_negative(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add(&t, KIND_ENUM64, "e", 8, 1, 0);

	(void)state;
	add_words(&t, maker_string(&t.maker, "TOP"), 0, 0x80000000);
	PUT(&t, uint64_t, UINT64_MAX);
	check_all(&t, id, "18446744073709551615");
	t.size = 0;
	PUT(&t, uint64_t, 1ull << 63);
	check_all(&t, id, "\"TOP\"");
}

static void a_signed_enum64_finds_its_least_value(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add(&t, KIND_ENUM64, "e", 8, 1, KIND_FLAG);

	(void)state;
	add_words(&t, maker_string(&t.maker, "LEAST"), 0, 0x80000000);
	PUT(&t, int64_t, INT64_MIN);
	check_all(&t, id, "\"LEAST\"");
	t.size = 0;
	PUT(&t, int64_t, INT64_MIN + 1);
	check_all(&t, id, "-9223372036854775807");
}

static void pointers_are_text_numbers_or_null(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t proto = add(&t, KIND_FUNC_PROTO, NULL, 0, 0, 0);
	uint32_t id = add(&t, KIND_PTR, NULL, proto, 0, 0);

	(void)state;
	PUT(&t, uint64_t, 0xdeadbeefcafe);
	check(&t, id, WALK_PLAIN, "\"0xdeadbeefcafe\"");
	check(&t, id, WALK_JSON, "244837814094590");
	check(&t, id, WALK_STRICT, "\"0xdeadbeefcafe\"");
	t.size = 0;
	PUT(&t, uint64_t, 0);
	check(&t, id, WALK_PLAIN, "\"(nil)\"");
	check(&t, id, WALK_JSON, "0");
	check(&t, id, WALK_STRICT, "null");
}

static void modifiers_and_typedefs_are_looked_through(void **state)
{
	static const uint32_t kinds[] = { KIND_TYPEDEF, KIND_CONST, KIND_VOLATILE, KIND_RESTRICT,
					  KIND_TYPE_TAG };
	AUTO_TYPES t = { 0 };
	uint32_t id = add_int(&t, "int", 4, SIGNED);

	(void)state;
	for (size_t i = 0; i < 10; i++)
		id = add(&t, kinds[i % 5], i % 5 % 4 ? NULL : "name", id, 0, 0);
	PUT(&t, int32_t, -7);
	check_all(&t, id, "-7");
}

static void arrays_of_several_dimensions_are_lists_of_lists(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t element = add_int(&t, "short", 2, SIGNED);
	uint32_t rows = add_array(&t, add_array(&t, element, 3), 2);

	(void)state;
	PUT(&t, int16_t, 1, -2, 3, 4, 5, -6);
	check_all(&t, rows, "[[1,-2,3],[4,5,-6]]");
}

static void an_array_without_elements_is_an_empty_list(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t none = add_array(&t, add_int(&t, "int", 4, 0), 0);
	uint32_t id = add(&t, KIND_STRUCT, "s", 4, 2, 0);

	(void)state;
	add_member(&t, "n", 1, 0, 0);
	add_member(&t, "rest", none, 32, 0);
	PUT(&t, uint32_t, 9);
	check_all(&t, id, "{\"n\":9,\"rest\":[]}");
}

static void char_arrays_are_text_only_with_a_nul_behind_printable_characters(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_array(&t, add_int(&t, "char", 1, SIGNED), 4);

	(void)state;
	put(&t, "a\"\0\xff", 4);
	check_all(&t, id, "\"a\\\"\"");
	t.size = 0;
	put(&t, "\0\0\0\0", 4);
	check_all(&t, id, "\"\"");
	t.size = 0;
	put(&t, "abcd", 4);
	check_all(&t, id, "[97,98,99,100]");
	t.size = 0;
	put(&t, "a\x7f\0\0", 4);
	check_all(&t, id, "[97,127,0,0]");
}

static void char_arrays_are_known_by_encoding_or_name_but_not_by_typedef(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t encoded = add_int(&t, "c", 1, CHAR), byte = add_int(&t, "unsigned char", 1, 0);
	uint32_t plain = add_int(&t, "char", 1, SIGNED);
	uint32_t constant = add(&t, KIND_CONST, NULL, plain, 0, 0);
	uint32_t named = add(&t, KIND_TYPEDEF, "letter", plain, 0, 0);
	uint32_t a = add_array(&t, encoded, 2), b = add_array(&t, byte, 2);
	uint32_t c = add_array(&t, constant, 2), d = add_array(&t, named, 2);

	(void)state;
	put(&t, "x\0", 2);
	check_all(&t, a, "\"x\"");
	check_all(&t, b, "[120,0]");
	check_all(&t, c, "\"x\"");
	check_all(&t, d, "[120,0]");
}

static void texts_in_a_list_are_texts(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_array(&t, add_array(&t, add_int(&t, "char", 1, SIGNED), 3), 2);

	(void)state;
	put(&t, "ab\0xyz", 6);
	check_all(&t, id, "[\"ab\",[120,121,122]]");
}

static void members_of_a_union_are_all_shown(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t number = add_int(&t, "int", 4, SIGNED);
	uint32_t text = add_array(&t, add_int(&t, "char", 1, SIGNED), 4);
	uint32_t id = add(&t, KIND_UNION, "u", 4, 2, 0);

	(void)state;
	add_member(&t, "i", number, 0, 0);
	add_member(&t, "c", text, 0, 0);
	put(&t, "123\0", 4);
	check_all(&t, id, "{\"i\":3355185,\"c\":\"123\"}");
}

static void structs_in_arrays_in_structs_keep_their_places(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t byte = add_int(&t, "u8", 1, 0);
	uint32_t inner = add(&t, KIND_STRUCT, "in", 3, 2, 0);

	(void)state;
	add_member(&t, "a", byte, 0, 0);
	add_member(&t, "b", 3, 8, 0);
	add_array(&t, byte, 2);
	uint32_t list = add_array(&t, inner, 2);
	uint32_t id = add(&t, KIND_STRUCT, "out", 8, 3, 0);
	add_member(&t, "h", byte, 0, 0);
	add_member(&t, "l", list, 8, 0);
	add_member(&t, "t", byte, 56, 0);
	PUT(&t, unsigned char, 1, 2, 3, 4, 5, 6, 7, 8);
	check_all(&t, id, "{\"h\":1,\"l\":[{\"a\":2,\"b\":[3,4]},{\"a\":5,\"b\":[6,7]}],\"t\":8}");
}

/* struct { unsigned a:3; int b:5; unsigned long long c:40; } = { 5, -3, 1ULL << 39 } */
static void bit_fields_by_the_member_have_sign_and_neighbours_right(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t u = add_int(&t, "unsigned", 4, 0), s = add_int(&t, "int", 4, SIGNED);
	uint32_t l = add_int(&t, "u64", 8, 0);
	uint32_t id = add(&t, KIND_STRUCT, "s", 8, 3, KIND_FLAG);

	(void)state;
	add_member(&t, "a", u, 0, 3);
	add_member(&t, "b", s, 3, 5);
	add_member(&t, "c", l, 8, 40);
	PUT(&t, uint64_t, 5 | 0x1d << 3 | (1ull << 39) << 8);
	check_both(&t, id, "{\"a\":\"0x5\",\"b\":\"0x1d\",\"c\":\"0x8000000000\"}",
		   "{\"a\":5,\"b\":-3,\"c\":549755813888}");
}

static void bit_fields_by_their_type_are_the_same(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t u = add_int_bits(&t, "u3", 4, 0, 0, 3);
	uint32_t s = add_int_bits(&t, "s5", 4, SIGNED, 3, 5);
	uint32_t id = add(&t, KIND_STRUCT, "s", 4, 2, 0);

	(void)state;
	add_member(&t, "a", u, 0, 0);
	add_member(&t, "b", s, 0, 0);
	PUT(&t, uint32_t, 5 | 0x1d << 3 | 0xffff00);
	check_both(&t, id, "{\"a\":\"0x5\",\"b\":\"0x1d\"}", "{\"a\":5,\"b\":-3}");
}

static void bit_fields_may_be_yes_or_no_names_or_span_words(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t yes = add_int(&t, "bool", 1, BOOL), l = add_int(&t, "s64", 8, SIGNED);
	uint32_t e = add(&t, KIND_ENUM, "e", 4, 2, KIND_FLAG);

	(void)state;
	add_enumerator(&t, "MINUS", (uint32_t)-1);
	add_enumerator(&t, "TWO", 2);
	uint32_t id = add(&t, KIND_STRUCT, "s", 16, 4, KIND_FLAG);
	add_member(&t, "f", yes, 0, 1);
	add_member(&t, "e", e, 1, 3);
	add_member(&t, "g", e, 4, 3);
	add_member(&t, "w", l, 60, 8);
	PUT(&t, uint64_t, 1 | 7 << 1 | 5 << 4 | 0xeull << 60, 0xf);
	check_both(&t, id, "{\"f\":\"0x1\",\"e\":\"0x7\",\"g\":\"0x5\",\"w\":\"0xfe\"}",
		   "{\"f\":true,\"e\":\"MINUS\",\"g\":-3,\"w\":-2}");
}

static void a_bit_field_of_more_than_64_bits_is_read_in_full(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t wide = add_int(&t, "s128", 16, SIGNED);
	uint32_t id = add(&t, KIND_STRUCT, "s", 16, 1, KIND_FLAG);

	(void)state;
	add_member(&t, "w", wide, 4, 100);
	PUT(&t, uint64_t, 0xfffffffffffffff5, 0xffffffffff);
	check_both(&t, id, "{\"w\":\"0xfffffffffffffffffffffffff\"}", "{\"w\":\"-1\"}");
}

static uint32_t add_two_anonymous(struct types *t, uint32_t n)
{
	uint32_t number = add_int(t, "u8", 1, 0);
	uint32_t inner = add(t, KIND_STRUCT, NULL, 2, 2, 0);

	add_member(t, "a", number, 0, 0);
	add_member(t, "b", number, 8, 0);
	uint32_t other = add(t, KIND_UNION, NULL, 1, 2, 0);
	add_member(t, "c", number, 0, 0);
	add_member(t, "d", number, 0, 0);
	uint32_t id = add(t, KIND_STRUCT, "s", n == 2 ? 4 : 3, n + 1, 0);
	add_member(t, NULL, inner, 0, 0);
	if (n == 2)
		add_member(t, NULL, other, 16, 0);
	add_member(t, "z", number, n == 2 ? 24 : 16, 0);
	return id;
}

static void one_anonymous_member_has_an_empty_key_for_bpftool(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_two_anonymous(&t, 1);

	(void)state;
	PUT(&t, unsigned char, 1, 2, 3);
	check_both(&t, id, "{\"\":{\"a\":1,\"b\":2},\"z\":3}", "{\"a\":1,\"b\":2,\"z\":3}");
}

static void of_several_anonymous_members_no_key_comes_twice(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_two_anonymous(&t, 2);

	(void)state;
	PUT(&t, unsigned char, 1, 2, 3, 4);
	check_all(&t, id, "{\"a\":1,\"b\":2,\"c\":3,\"d\":3,\"z\":4}");
}

static void a_variable_is_a_record_of_one_member(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t number = add_int(&t, "int", 4, SIGNED);
	uint32_t id = add(&t, KIND_VAR, "count", number, 0, 0);

	(void)state;
	maker_word(&t.maker, 1);
	PUT(&t, int32_t, 6);
	check_all(&t, id, "{\"count\":6}");
}

static void a_section_lists_its_variables_for_bpftool_and_is_a_record_else(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t number = add_int(&t, "int", 4, SIGNED);
	uint32_t text = add_array(&t, add_int(&t, "char", 1, SIGNED), 4);
	uint32_t gone = add(&t, KIND_FWD, "gone", 0, 0, 0);
	uint32_t a = add(&t, KIND_VAR, "a", number, 0, 0);

	(void)state;
	maker_word(&t.maker, 1);
	uint32_t b = add(&t, KIND_VAR, "b", text, 0, 0);
	maker_word(&t.maker, 0);
	uint32_t c = add(&t, KIND_VAR, "c", gone, 0, 0);
	maker_word(&t.maker, 0);
	uint32_t id = add(&t, KIND_DATASEC, ".data", 12, 3, 0);
	add_words(&t, a, 0, 4);
	add_words(&t, b, 4, 4);
	add_words(&t, c, 8, 2);
	PUT(&t, int32_t, 5);
	put(&t, "h1\0\0\x0a\x0b\0\0", 8);
	check_both(&t, id, "{\".data\":[{\"a\":5},{\"b\":\"h1\"},{\"c\":[\"0x0a\",\"0x0b\"]}]}",
		   "{\"a\":5,\"b\":\"h1\",\"c\":\"0a0b\"}");
}

static void a_member_of_no_known_type_is_bytes_up_to_the_next(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t byte = add_int(&t, "u8", 1, 0), gone = add(&t, KIND_FWD, "gone", 0, 0, 0);
	uint32_t id = add(&t, KIND_STRUCT, "s", 5, 3, 0);

	(void)state;
	add_member(&t, "a", gone, 0, 0);
	add_member(&t, "b", byte, 16, 0);
	add_member(&t, "c", 0, 24, 0);
	PUT(&t, unsigned char, 1, 2, 3, 4, 5);
	check_both(&t, id, "{\"a\":[\"0x01\",\"0x02\"],\"b\":3,\"c\":[\"0x04\",\"0x05\"]}",
		   "{\"a\":\"0102\",\"b\":3,\"c\":\"0405\"}");
}

static void a_value_that_is_too_short_is_shown_as_its_bytes(void **state)
{
	AUTO_TYPES t = { 0 };
	AUTO(btf_done) struct btf_reader btf = { 0 };
	AUTO_CAPTURE capture;
	struct walk *walk;
	uint32_t id = add_int(&t, "int", 4, 0);

	(void)state;
	maker_finish(&t.maker);
	assert_int_equal(btf_init(&btf, t.maker.blob, t.maker.size, NULL, NULL), 0);
	assert_int_equal(walk_new(&btf, id, WALK_STRICT, &walk, NULL), 0);
	autofree unsigned char *value = malloc(3);
	memcpy(value, "\x01\x02\x03", 3);
	walk_put(walk, capture_begin(&capture, SINK_STRICT), NULL, value, 3);
	walk_free(walk);
	assert_string_equal(capture_end_json(&capture), "\"010203\"\n");
}

static void an_exact_walk_shows_bytes_behind_a_text(void **state)
{
	AUTO_TYPES t = { 0 };
	AUTO(btf_done) struct btf_reader btf = { 0 };
	AUTO_CAPTURE capture;
	struct walk *walk;
	uint32_t id = add_array(&t, add_int(&t, "char", 1, 0), 4);

	(void)state;
	maker_finish(&t.maker);
	assert_int_equal(btf_init(&btf, t.maker.blob, t.maker.size, NULL, NULL), 0);
	assert_int_equal(walk_new(&btf, id, WALK_STRICT, &walk, NULL), 0);
	struct sink *sink = capture_begin(&capture, SINK_STRICT);
	sink_open_list(sink, NULL);
	walk_put(walk, sink, NULL, "a\0\0\5", 4);
	walk_be_exact(walk);
	walk_put(walk, sink, NULL, "a\0\0\5", 4);
	walk_put(walk, sink, NULL, "a\0\0\0", 4);
	sink_close(sink);
	walk_free(walk);
	assert_string_equal(capture_end_json(&capture), "[\n\"a\",\n[97,0,0,5],\n\"a\"\n]\n");
}

static void the_plain_document_is_pretty_and_ends_when_it_closes(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	(void)state;
	sink_begin_document(sink);
	sink_open_list(sink, NULL);
	sink_open_record(sink, NULL);
	sink_u64(sink, "key", 1);
	sink_close(sink);
	sink_close(sink);
	sink_u64(sink, "after", 2);
	assert_string_equal(capture_end(&capture), "[{\n        \"key\": 1\n    }\n]\nafter: 2\n");
}

static void cyclic_typedefs_are_refused_by_their_id(void **state)
{
	AUTO_TYPES t = { 0 };

	(void)state;
	add(&t, KIND_TYPEDEF, "a", 2, 0, 0);
	add(&t, KIND_TYPEDEF, "b", 1, 0, 0);
	add(&t, KIND_CONST, NULL, 3, 0, 0);
	check_refused(&t, 1, EINVAL, "type 1: ");
	check_refused(&t, 3, EINVAL, "type 3: ");
}

static void what_contains_itself_is_refused_by_its_id(void **state)
{
	AUTO_TYPES t = { 0 };

	(void)state;
	add(&t, KIND_STRUCT, "s", 8, 1, 0);
	add_member(&t, "s", 1, 0, 0);
	add_array(&t, 2, 1);
	add(&t, KIND_STRUCT, "u", 8, 1, 0);
	add_member(&t, NULL, 3, 0, 0);
	add(&t, KIND_VAR, "v", 4, 0, 0);
	maker_word(&t.maker, 0);
	check_refused(&t, 1, EINVAL, "type 1: it contains itself");
	check_refused(&t, 2, EINVAL, "type 2: ");
	check_refused(&t, 3, EINVAL, "type 3: it contains itself");
	check_refused(&t, 4, EINVAL, "type 4: it contains itself");
}

static void sizes_that_no_memory_has_are_refused(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t number = add_int(&t, "u64", 8, 0);
	uint32_t large = add_array(&t, number, UINT32_MAX);
	uint32_t huge = add(&t, KIND_STRUCT, "s", UINT32_MAX, 0, 0);
	uint32_t far = add(&t, KIND_STRUCT, "f", 16, 1, 0);

	(void)state;
	add_member(&t, "x", huge, 0, 0);
	check_refused(&t, large, EINVAL, "type 2: ");
	check_refused(&t, huge, EINVAL, "type 3: ");
	check_refused(&t, far, EINVAL, "type 3: ");
}

static void members_beyond_the_end_are_refused(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t number = add_int(&t, "int", 4, 0);
	uint32_t id = add(&t, KIND_STRUCT, "s", 4, 2, 0);

	(void)state;
	add_member(&t, "a", number, 0, 0);
	add_member(&t, "b", number, 8, 0);
	uint32_t bits = add(&t, KIND_STRUCT, "b", 1, 1, KIND_FLAG);
	add_member(&t, "a", number, 6, 3);
	uint32_t var = add(&t, KIND_VAR, "v", number, 0, 0);
	maker_word(&t.maker, 0);
	uint32_t section = add(&t, KIND_DATASEC, ".bss", 4, 1, 0);
	add_words(&t, var, 1, 4);
	uint32_t gone = add(&t, KIND_STRUCT, "g", 1, 1, 0);
	add_member(&t, "v", 0, 16, 0);
	check_refused(&t, id, EINVAL, "type 2: member 1 reaches beyond its end");
	check_refused(&t, bits, EINVAL, "type 3: member 0 reaches beyond its end");
	check_refused(&t, section, EINVAL, "type 5: variable 0 reaches beyond its end");
	check_refused(&t, gone, EINVAL, "type 6: ");
}

static void a_blob_that_doubles_with_each_level_is_refused_in_time(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add(&t, KIND_STRUCT, NULL, 0, 0, 0);

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		uint32_t inner = id;

		id = add(&t, KIND_STRUCT, NULL, 0, 2, 0);
		add_member(&t, NULL, inner, 0, 0);
		add_member(&t, NULL, inner, 0, 0);
	}
	check_refused(&t, id, E2BIG, "type ");
}

static void elements_without_bytes_are_not_shown_without_end(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t nothing = add(&t, KIND_STRUCT, NULL, 0, 0, 0);
	uint32_t many = add_array(&t, nothing, UINT32_MAX);
	uint32_t more = add_array(&t, many, UINT32_MAX);

	(void)state;
	check_refused(&t, many, E2BIG, "type 2: ");
	check_refused(&t, more, E2BIG, "type 3: ");
}

static void deep_nesting_is_refused_and_less_is_shown(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t id = add_int(&t, "u8", 1, 0), shown = 0;
	char expected[128] = "";

	(void)state;
	for (unsigned i = 1; i <= 49; i++) {
		id = add_array(&t, id, 1);
		if (i == 48)
			shown = id;
	}
	memset(expected, '[', 48);
	expected[48] = '7';
	memset(expected + 49, ']', 48);
	PUT(&t, unsigned char, 7);
	check_all(&t, shown, expected);
	check_refused(&t, id, E2BIG, "nested too deep");
}

static void what_no_value_can_be_is_refused(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t fwd = add(&t, KIND_FWD, "f", 0, 0, 0), func = add(&t, KIND_FUNC, "g", 0, 0, 0);
	uint32_t no_bits = add_int_bits(&t, "n", 4, 0, 0, 0);
	uint32_t many_bits = add_int_bits(&t, "m", 4, 0, 8, 32);
	uint32_t odd = add(&t, KIND_ENUM, "e", 3, 0, 0);
	uint32_t list = add_array(&t, fwd, 2);

	(void)state;
	check_refused(&t, 0, EINVAL, "type 0: ");
	check_refused(&t, fwd, EINVAL, "type 1: ");
	check_refused(&t, func, EINVAL, "type 2: ");
	check_refused(&t, no_bits, EINVAL, "type 3: ");
	check_refused(&t, many_bits, EINVAL, "type 4: ");
	check_refused(&t, odd, EINVAL, "type 5: ");
	check_refused(&t, list, EINVAL, "type 1: ");
	check_refused(&t, 99, EINVAL, "type 99: there are only 7");
}

static void only_numbers_and_enums_are_bit_fields(void **state)
{
	AUTO_TYPES t = { 0 };
	uint32_t pointer = add(&t, KIND_PTR, NULL, 0, 0, 0), number = add_int(&t, "int", 4, 0);
	uint32_t id = add(&t, KIND_STRUCT, "s", 16, 1, KIND_FLAG);

	(void)state;
	add_member(&t, "p", pointer, 3, 5);
	uint32_t wide = add(&t, KIND_STRUCT, "w", 64, 1, KIND_FLAG);
	add_member(&t, "n", number, 0, 200);
	check_refused(&t, id, EINVAL, "type 1: ");
	check_refused(&t, wide, EINVAL, "type 2: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointers_to_functions_alone_are_the_callers),
		cmocka_unit_test(unsigned_numbers_of_every_width_are_decimal),
		cmocka_unit_test(signed_numbers_of_every_width_keep_their_sign),
		cmocka_unit_test(a_bool_of_any_width_is_true_if_any_bit_is_set),
		cmocka_unit_test(a_char_encoded_byte_is_text_and_always_valid_json),
		cmocka_unit_test(
			numbers_of_128_bits_are_hexadecimal_for_bpftool_and_decimal_text_else),
		cmocka_unit_test(numbers_of_odd_widths_are_read_in_full),
		cmocka_unit_test(floats_have_the_fewest_digits_that_give_them_again),
		cmocka_unit_test(what_is_no_number_among_floats_is_text),
		cmocka_unit_test(a_float_of_another_size_is_bytes),
		cmocka_unit_test(enums_have_the_name_of_the_first_match_at_any_size),
		cmocka_unit_test(a_signed_enum_is_told_by_its_flag),
		cmocka_unit_test(an_unsigned_enum_without_a_match_is_never_negative),
		cmocka_unit_test(a_signed_enum64_finds_its_least_value),
		cmocka_unit_test(pointers_are_text_numbers_or_null),
		cmocka_unit_test(modifiers_and_typedefs_are_looked_through),
		cmocka_unit_test(arrays_of_several_dimensions_are_lists_of_lists),
		cmocka_unit_test(an_array_without_elements_is_an_empty_list),
		cmocka_unit_test(char_arrays_are_text_only_with_a_nul_behind_printable_characters),
		cmocka_unit_test(char_arrays_are_known_by_encoding_or_name_but_not_by_typedef),
		cmocka_unit_test(texts_in_a_list_are_texts),
		cmocka_unit_test(members_of_a_union_are_all_shown),
		cmocka_unit_test(structs_in_arrays_in_structs_keep_their_places),
		cmocka_unit_test(bit_fields_by_the_member_have_sign_and_neighbours_right),
		cmocka_unit_test(bit_fields_by_their_type_are_the_same),
		cmocka_unit_test(bit_fields_may_be_yes_or_no_names_or_span_words),
		cmocka_unit_test(a_bit_field_of_more_than_64_bits_is_read_in_full),
		cmocka_unit_test(one_anonymous_member_has_an_empty_key_for_bpftool),
		cmocka_unit_test(of_several_anonymous_members_no_key_comes_twice),
		cmocka_unit_test(a_variable_is_a_record_of_one_member),
		cmocka_unit_test(a_section_lists_its_variables_for_bpftool_and_is_a_record_else),
		cmocka_unit_test(a_member_of_no_known_type_is_bytes_up_to_the_next),
		cmocka_unit_test(a_value_that_is_too_short_is_shown_as_its_bytes),
		cmocka_unit_test(an_exact_walk_shows_bytes_behind_a_text),
		cmocka_unit_test(the_plain_document_is_pretty_and_ends_when_it_closes),
		cmocka_unit_test(cyclic_typedefs_are_refused_by_their_id),
		cmocka_unit_test(what_contains_itself_is_refused_by_its_id),
		cmocka_unit_test(sizes_that_no_memory_has_are_refused),
		cmocka_unit_test(members_beyond_the_end_are_refused),
		cmocka_unit_test(a_blob_that_doubles_with_each_level_is_refused_in_time),
		cmocka_unit_test(elements_without_bytes_are_not_shown_without_end),
		cmocka_unit_test(deep_nesting_is_refused_and_less_is_shown),
		cmocka_unit_test(what_no_value_can_be_is_refused),
		cmocka_unit_test(only_numbers_and_enums_are_bit_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
