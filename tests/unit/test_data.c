/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_data.c - words to the bytes of a key and a value
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "kernel/abi.h"
#include "types_case.h"
#include "value/data.h"
#include "value/walk.h"

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

static int get_walk(void *context, enum data_part part, bool may_borrow, const struct walk **out,
		    struct inspect_error *err)
{
	(void)err;
	assert_true(part == DATA_KEY && !may_borrow);
	*out = context;
	return 0;
}

/* A key of @size bytes, of the type that @context has, if any. */
static struct data_need need_key(size_t size, void *context)
{
	return (struct data_need){ .takes = DATA_KEY | DATA_FLAG | DATA_TYPED,
				   .needs = DATA_KEY,
				   .key_bytes = size,
				   .get_walk = get_walk,
				   .context = context };
}

static void assert_key(const struct data_need *need, const char *text, const void *bytes)
{
	AUTO(data_done) struct data data = { 0 };
	struct inspect_error err = { 0 };

	if (parse(need, text, &data, &err))
		fail_msg("'%s': %s (%s)", text, err.what, err.hint);
	assert_memory_equal(data.key, bytes, need->key_bytes);
}

static void numbers_with_their_size_stand_one_behind_the_other(void **state)
{
	const struct data_need need = need_key(8, NULL), large = need_key(16, NULL);
	const struct {
		int32_t a;
		uint16_t b;
		unsigned char c[2];
	} wanted = { -5, 443, { 0, 80 } };
	const unsigned __int128 most = ~(unsigned __int128)0;

	(void)state;
	assert_key(&need, "key s32=-5 u16=443 be16=80 any", &wanted);
	assert_key(&need, "key s32=-5 u16=0x1bb u8=0 u8=0120", &wanted);
	assert_key(&need, "key be64=0x0102030405060708", "\1\2\3\4\5\6\7\10");
	assert_key(&need, "key 10.0.0.1 be32=0xfffefdfc", "\12\0\0\1\xff\xfe\xfd\xfc");
	assert_key(&need, "key 02:00:00:00:00:01 u16=0", "\2\0\0\0\0\1\0\0");
	assert_key(&large, "key u128=0xffffffffffffffffffffffffffffffff", &most);
	assert_refused(&need, "key u32=5", "key expected 8 bytes got 4", "");
	assert_refused(&need, "key u64=5 u8=1", "key expected 8 bytes got 9", "");
	assert_refused(&need, "key u32=4294967296", "key: u32=4294967296: it does not fit", "");
	assert_refused(&need, "key s8=-129", "it does not fit", "");
	assert_refused(&need, "key u32=-1", "it does not fit", "");
	assert_refused(&need, "key u32=x", "key: u32=x: no number", "");
	assert_refused(&need, "key u32=", "key: u32=: no number", "");
	assert_refused(&need, "key u32=5 7", "key: '7' has no size", "such as u32=5");
	assert_refused(&need, "key u33=5", "u33=5 (byte 1 of the key)", "");
	assert_refused(&need, "key 5", "key expected 8 bytes got 1", "8 bytes is u64=5");
	assert_refused(&need, "key 500", "500 (byte 1 of the key)", "8 bytes is u64=500");
}

static void an_address_without_a_type_has_its_own_size(void **state)
{
	const struct data_need four = need_key(4, NULL), sixteen = need_key(16, NULL);

	(void)state;
	assert_key(&four, "key 10.0.0.255", "\12\0\0\xff");
	assert_key(&sixteen, "key fe80::1", "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
	assert_refused(&four, "key ::1", "key expected 4 bytes got 16", "");
	assert_refused(&four, "key 10.0.0.256", "10.0.0.256 (byte 1 of the key)", "");
}

static void a_prefix_is_an_address_and_its_length(void **state)
{
	struct data_need need = need_key(8, NULL);
	unsigned char wanted[8] = { 0, 0, 0, 0, 10, 1, 0, 0 };
	const uint32_t bits = 16;

	(void)state;
	need.is_prefix = true;
	memcpy(wanted, &bits, sizeof(bits));
	assert_key(&need, "key 10.1.0.0/16", wanted);
	assert_refused(&need, "key 10.1.0.0/33", "is no prefix of 0 to 32 bits", "");
	assert_refused(&need, "key 10.1.0.0/", "is no prefix", "");
	assert_refused(&need, "key ::1/8", "'::1' is no address of 4 bytes", "");
	need.is_prefix = false;
	assert_refused(&need, "key 10.1.0.0/16", "10.1.0.0/16 (byte 1 of the key)", "");
}

static void digits_behind_hex_may_run_together(void **state)
{
	const struct data_need need = need_key(4, NULL);

	(void)state;
	assert_key(&need, "key hex 0a0b0c0D", "\12\13\14\15");
	assert_key(&need, "key hex 0a0b 0c 0d any", "\12\13\14\15");
	assert_refused(&need, "key hex 0a0b0c", "0a0b0c (byte 1 of the key)", "00 to ff");
	assert_refused(&need, "key hex 0a0b0c0d0e", "0a0b0c0d0e (byte 1", "");
	assert_refused(&need, "key hex 0a0b0c0", "(byte 1", "");
	assert_refused(&need, "key hex", "key expected 4 bytes got 0", "");
}

static void json_without_a_type_is_hexadecimal_text(void **state)
{
	const struct data_need need = need_key(4, NULL);

	(void)state;
	assert_key(&need, "key \"0a0b0c0d\"", "\12\13\14\15");
	assert_refused(&need, "key \"0a0b\"", "key: text of 8 hexadecimal digits is wanted", "");
	assert_refused(&need, "key {\"a\":1}", "key: it has no type, as JSON needs", "'typed'");
	assert_refused(&need, "key {\"a\":1", "key: not JSON: ", "");
}

static void a_file_holds_exactly_the_bytes(void **state)
{
	char path[] = "/tmp/test_data.XXXXXX", text[64];
	const struct data_need need = need_key(4, NULL);
	const struct data_need less = need_key(3, NULL), more = need_key(5, NULL);

	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, "\0\1\2\377", 4) == 4);
	close(fd);
	snprintf(text, sizeof(text), "key @%s", path);
	assert_key(&need, text, "\0\1\2\377");
	assert_refused(&less, text, "key expected 3 bytes", "has more than that");
	assert_refused(&more, text, "key expected 5 bytes got 4", "that is how many bytes /tmp/");
	unlink(path);

	struct inspect_error err = { 0 };
	struct data data = { 0 };
	assert_int_equal(parse(&need, text, &data, &err), -ENOENT);
	assert_memory_equal(err.what, "key: /tmp/", 10);
}

/* One type, and what is asked of words by it. */
struct typed_key {
	struct types types;
	struct btf_reader btf;
	struct walk *walk;
};

static void typed_key_done(struct typed_key *key)
{
	walk_free(key->walk);
	btf_done(&key->btf);
	types_done(&key->types);
}

static struct data_need need_typed(struct typed_key *key, uint32_t id)
{
	maker_finish(&key->types.maker);
	assert_int_equal(
		btf_init(&key->btf, key->types.maker.blob, key->types.maker.size, NULL, NULL), 0);
	assert_int_equal(walk_new(&key->btf, id, WALK_STRICT, &key->walk, NULL), 0);
	return need_key(walk_size(key->walk), key->walk);
}

static void one_word_is_what_the_type_makes_of_it(void **state)
{
	AUTO(typed_key_done) struct typed_key key = { 0 };
	const int32_t five = 5, minus = -3, large = 70000;

	(void)state;
	const struct data_need need = need_typed(&key, add_int(&key.types, "s32", 4, SIGNED));
	assert_key(&need, "key 5", &five);
	assert_key(&need, "key 5 any", &five);
	assert_key(&need, "key -3", &minus);
	assert_key(&need, "key 70000", &large);
	assert_key(&need, "key 0x11170", &large);
	assert_key(&need, "key 10.0.0.1", "\12\0\0\1");
	assert_key(&need, "key \"5\"", &five);
	assert_refused(&need, "key 4294967295", "key: 4294967295 does not fit 32 bits", "");
	assert_refused(&need, "key five", "key: a number of 32 bits is wanted, got 'five'", "");
	assert_refused(&need, "key ::1", "key: a number of 32 bits is wanted, got '::1'", "");
}

static void what_bpftool_takes_keeps_its_meaning(void **state)
{
	AUTO(typed_key_done) struct typed_key key = { 0 };

	(void)state;
	const struct data_need need = need_typed(&key, add_int(&key.types, "s32", 4, SIGNED));
	assert_key(&need, "key 5 6 7 8", "\5\6\7\10");
	assert_key(&need, "key hex 5 6 7 10", "\5\6\7\20");
	assert_refused(&need, "key 5 6 7", "key expected 4 bytes got 3", "byte 4 is missing");
	assert_refused(&need, "key 5 6 7 8 9", "key expected 4 bytes got 5", "");
	assert_refused(&need, "key 5 600 7 8", "600 (byte 2 of the key)", "");
	assert_refused(&need, "key any", "key expected 4 bytes got 0", "'any' stands where byte 1");
	assert_refused(&need, "key an", "key expected 4 bytes got 0", "'an' stands where byte 1");
}

static void text_goes_where_the_type_has_characters(void **state)
{
	AUTO(typed_key_done) struct typed_key key = { 0 };
	uint32_t letter = add_int(&key.types, "char", 1, SIGNED);

	(void)state;
	const struct data_need need = need_typed(&key, add_array(&key.types, letter, 6));
	assert_key(&need, "key eth0", "eth0\0\0");
	assert_key(&need, "key a", "a\0\0\0\0\0");
	assert_key(&need, "key ::1", "::1\0\0\0");
	assert_key(&need, "key \"any\"", "any\0\0\0");
	assert_key(&need, "key \"@a\"", "@a\0\0\0\0");
	assert_key(&need, "key 5", "5\0\0\0\0\0");
	assert_refused(&need, "key ethernet", "key: text of 8 bytes, there is room for 6", "");
	assert_refused(&need, "key any", "key expected 6 bytes got 0", "");
}

static void a_type_that_is_no_scalar_takes_json(void **state)
{
	AUTO(typed_key_done) struct typed_key key = { 0 };
	uint32_t number = add_int(&key.types, "u32", 4, 0), half = add_int(&key.types, "u16", 2, 0);
	uint32_t id = add(&key.types, KIND_STRUCT, "s", 8, 2, 0);
	add_member(&key.types, "saddr", number, 0, 0);
	add_member(&key.types, "port", half, 32, 0);
	const struct {
		unsigned char saddr[4];
		uint16_t port, zero;
	} wanted = { { 10, 0, 0, 1 }, 443, 0 };

	(void)state;
	const struct data_need need = need_typed(&key, id);
	assert_key(&need, "key {\"saddr\":\"10.0.0.1\",\"port\":443}", &wanted);
	assert_key(&need, "key 10.0.0.1 u16=443 u16=0", &wanted);
	assert_refused(&need, "key {\"port\":70000}", "key.port: 70000 does not fit 16 bits", "");
	assert_refused(&need, "key {\"prot\":1}", "key.prot: there is no such member", "'port'?");
	assert_refused(&need, "key 5", "key expected 8 bytes got 1", "is u64=5");
	assert_refused(&need, "key five", "key: a record is wanted, got 'five'", "");
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
		cmocka_unit_test(numbers_with_their_size_stand_one_behind_the_other),
		cmocka_unit_test(an_address_without_a_type_has_its_own_size),
		cmocka_unit_test(a_prefix_is_an_address_and_its_length),
		cmocka_unit_test(digits_behind_hex_may_run_together),
		cmocka_unit_test(json_without_a_type_is_hexadecimal_text),
		cmocka_unit_test(a_file_holds_exactly_the_bytes),
		cmocka_unit_test(one_word_is_what_the_type_makes_of_it),
		cmocka_unit_test(what_bpftool_takes_keeps_its_meaning),
		cmocka_unit_test(text_goes_where_the_type_has_characters),
		cmocka_unit_test(a_type_that_is_no_scalar_takes_json),
		cmocka_unit_test(any_word_is_refused_or_taken_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
