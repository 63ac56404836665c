/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_ref.c - what a user typed for an object
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "inspect.h"

#define N_WORDS(...) (sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *))
#define PARSE(kind, ref, err, ...)                                                                 \
	inspect_ref_parse(kind, (const char *[]){ __VA_ARGS__ }, N_WORDS(__VA_ARGS__), ref, err)

static const enum inspect_kind all_kinds[] = { INSPECT_PROG, INSPECT_MAP, INSPECT_LINK,
					       INSPECT_BTF };

/* @words must be refused in words, and leave the reference alone. */
static void assert_refused(enum inspect_kind kind, const char *const *words, size_t n,
			   const char *expected)
{
	struct inspect_ref ref = { .by = INSPECT_BY_TAG, .id = 77 };
	struct inspect_error err = { 0 };
	int r = inspect_ref_parse(kind, words, n, &ref, &err);

	if (r != -INSPECT_EUSAGE || !strstr(err.what, expected))
		fail_msg("'%s' gave %d, '%s'", n ? words[0] : "", r, err.what);
	assert_int_equal(err.code, INSPECT_EUSAGE);
	assert_int_equal(ref.by, INSPECT_BY_TAG);
	assert_int_equal(ref.id, 77);
}

#define ASSERT_REFUSED(kind, expected, ...)                                                        \
	assert_refused(kind, (const char *[]){ __VA_ARGS__ }, N_WORDS(__VA_ARGS__), expected)

static void assert_id(const char *word, unsigned id)
{
	struct inspect_ref ref = { 0 };
	struct inspect_error err;

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(PARSE(all_kinds[i], &ref, &err, "id", word), 2);
		assert_int_equal(ref.kind, all_kinds[i]);
		assert_int_equal(ref.by, INSPECT_BY_ID);
		assert_int_equal(ref.id, id);
		ref.id = ~id;
		assert_int_equal(PARSE(all_kinds[i], &ref, &err, word), 1);
		assert_int_equal(ref.by, INSPECT_BY_ID);
		assert_int_equal(ref.id, id);
	}
}

static void an_id_may_stand_behind_its_word_or_alone(void **state)
{
	(void)state;
	assert_id("12", 12);
	assert_id("0", 0);
	assert_id("4294967295", UINT32_MAX);
}

static void an_id_keeps_base_0(void **state)
{
	(void)state;
	assert_id("0x10", 16);
	assert_id("0XfF", 255);
	assert_id("010", 8);
}

static void an_id_over_32_bits_is_refused_and_not_cut(void **state)
{
	(void)state;
	ASSERT_REFUSED(INSPECT_MAP, "can't parse '4294967296' as ID", "id", "4294967296");
	ASSERT_REFUSED(INSPECT_BTF, "can't parse '4294967297' as ID", "4294967297");
	ASSERT_REFUSED(INSPECT_PROG, "as ID", "id", "99999999999999999999999");
	ASSERT_REFUSED(INSPECT_PROG, "as ID", "id", "0x100000000");
}

static void an_id_that_is_no_number_is_refused(void **state)
{
	static const char *const words[] = { "",   "x",	 "-1", "+1", "1x",
					     "1 ", " 1", "0x", "08", "1.0" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		for (size_t j = 0; j < 4; j++)
			ASSERT_REFUSED(all_kinds[j], "as ID", "id", words[i]);
	ASSERT_REFUSED(INSPECT_MAP, "as ID", "1x");
	ASSERT_REFUSED(INSPECT_MAP, "as ID", "12 ");
}

static void a_tag_is_16_digits(void **state)
{
	static const unsigned char tag[] = { 0xaf, 0xa3, 0x09, 0x28, 0x1a, 0x02, 0x10, 0x56 };
	struct inspect_ref ref = { 0 };

	(void)state;
	assert_int_equal(PARSE(INSPECT_PROG, &ref, NULL, "tag", "afa309281a021056"), 2);
	assert_int_equal(ref.by, INSPECT_BY_TAG);
	assert_memory_equal(ref.tag, tag, 8);
	assert_int_equal(PARSE(INSPECT_PROG, &ref, NULL, "tag", "AFA309281A021056"), 2);
	assert_memory_equal(ref.tag, tag, 8);
}

static void what_is_no_tag_is_refused(void **state)
{
	static const char *const words[] = { "",
					     "afa309281a02105",
					     "afa309281a0210567",
					     "0xafa309281a0210",
					     "afa309281a02105g",
					     "af a3 09 28 1a 02 10 56",
					     "afa309281a021056 " };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		ASSERT_REFUSED(INSPECT_PROG, "can't parse tag", "tag", words[i]);
}

static void a_name_is_any_text_but_the_empty_one(void **state)
{
	static const char *const names[] = { "cls", "id", "a b", "12", "-1", "a/b", "\xff\n" };
	struct inspect_ref ref = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(PARSE(INSPECT_PROG, &ref, NULL, "name", names[i]), 2);
		assert_int_equal(ref.by, INSPECT_BY_NAME);
		assert_ptr_equal(ref.text, names[i]);
		assert_int_equal(PARSE(INSPECT_MAP, &ref, NULL, "name", names[i]), 2);
	}
	ASSERT_REFUSED(INSPECT_PROG, "name is empty", "name", "");
	ASSERT_REFUSED(INSPECT_MAP, "name is empty", "name", "");
}

static void a_path_may_stand_behind_its_word_or_alone_with_a_slash(void **state)
{
	static const char path[] = "/sys/fs/bpf/x", relative[] = "./x", inner[] = "dir/x";
	struct inspect_ref ref = { 0 };

	(void)state;
	assert_int_equal(PARSE(INSPECT_MAP, &ref, NULL, "pinned", path), 2);
	assert_int_equal(ref.by, INSPECT_BY_PATH);
	assert_ptr_equal(ref.text, path);
	assert_int_equal(PARSE(INSPECT_MAP, &ref, NULL, "pinned", "plain"), 2);
	assert_string_equal(ref.text, "plain");
	assert_int_equal(PARSE(INSPECT_PROG, &ref, NULL, path), 1);
	assert_int_equal(ref.by, INSPECT_BY_PATH);
	assert_ptr_equal(ref.text, path);
	assert_int_equal(PARSE(INSPECT_LINK, &ref, NULL, relative), 1);
	assert_ptr_equal(ref.text, relative);
	assert_int_equal(PARSE(INSPECT_LINK, &ref, NULL, inner), 1);
	assert_ptr_equal(ref.text, inner);
	ASSERT_REFUSED(INSPECT_MAP, "path is empty", "pinned", "");
}

static void a_path_with_a_slash_may_begin_with_a_digit(void **state)
{
	static const char path[] = "0/x";
	struct inspect_ref ref = { 0 };

	(void)state;
	assert_int_equal(PARSE(INSPECT_MAP, &ref, NULL, path), 1);
	assert_int_equal(ref.by, INSPECT_BY_PATH);
	assert_ptr_equal(ref.text, path);
}

static void words_may_be_shortened(void **state)
{
	struct inspect_ref ref = { 0 };

	(void)state;
	assert_int_equal(PARSE(INSPECT_PROG, &ref, NULL, "i", "7"), 2);
	assert_int_equal(ref.by, INSPECT_BY_ID);
	assert_int_equal(PARSE(INSPECT_PROG, &ref, NULL, "t", "0000000000000000"), 2);
	assert_int_equal(ref.by, INSPECT_BY_TAG);
	assert_int_equal(PARSE(INSPECT_PROG, &ref, NULL, "na", "x"), 2);
	assert_int_equal(ref.by, INSPECT_BY_NAME);
	assert_int_equal(PARSE(INSPECT_LINK, &ref, NULL, "p", "x"), 2);
	assert_int_equal(ref.by, INSPECT_BY_PATH);
}

static void every_kind_takes_only_the_words_it_has(void **state)
{
	(void)state;
	ASSERT_REFUSED(INSPECT_MAP, "expected 'id', 'name', 'pinned', an id or a path, got: 'tag'",
		       "tag", "0000000000000000");
	ASSERT_REFUSED(INSPECT_LINK, "expected 'id', 'pinned', an id or a path, got: 'name'",
		       "name", "x");
	ASSERT_REFUSED(INSPECT_BTF, "expected 'id' or an id, got: 'pinned'", "pinned", "/x");
	ASSERT_REFUSED(INSPECT_BTF, "expected 'id' or an id, got: '/x'", "/x");
}

static void an_unknown_word_is_named(void **state)
{
	(void)state;
	ASSERT_REFUSED(INSPECT_PROG,
		       "expected 'id', 'tag', 'name', 'pinned', an id or a path, got: 'idx'", "idx",
		       "1");
	ASSERT_REFUSED(INSPECT_PROG, "got: 'ID'", "ID", "1");
	ASSERT_REFUSED(INSPECT_MAP, "got: 'x'", "x");
}

static void an_empty_word_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		ASSERT_REFUSED(all_kinds[i], "got: ''", "");
		ASSERT_REFUSED(all_kinds[i], "got: ''", "", "1");
	}
}

static void no_word_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_refused(all_kinds[i], NULL, 0, "expected 'id'");
}

static void a_word_without_its_value_is_an_error(void **state)
{
	(void)state;
	ASSERT_REFUSED(INSPECT_MAP, "'id' needs a value", "id");
	ASSERT_REFUSED(INSPECT_PROG, "'tag' needs a value", "t");
	ASSERT_REFUSED(INSPECT_MAP, "'name' needs a value", "name");
	ASSERT_REFUSED(INSPECT_MAP, "'pinned' needs a value", "pin");
}

static void words_behind_the_reference_are_left(void **state)
{
	struct inspect_ref ref = { 0 };

	(void)state;
	assert_int_equal(PARSE(INSPECT_MAP, &ref, NULL, "id", "1", "limit", "5"), 2);
	assert_int_equal(PARSE(INSPECT_MAP, &ref, NULL, "1", "limit", "5"), 1);
	assert_int_equal(PARSE(INSPECT_MAP, &ref, NULL, "/x", "id", "5"), 1);
}

static void a_refusal_is_the_same_without_an_error_to_fill_in(void **state)
{
	struct inspect_ref ref;

	(void)state;
	assert_int_equal(PARSE(INSPECT_MAP, &ref, NULL, "x"), -INSPECT_EUSAGE);
	assert_int_equal(PARSE(INSPECT_MAP, &ref, NULL, "id"), -INSPECT_EUSAGE);
	assert_int_equal(PARSE(INSPECT_MAP, &ref, NULL, "id", "x"), -INSPECT_EUSAGE);
	assert_int_equal(PARSE(INSPECT_PROG, &ref, NULL, "tag", "x"), -INSPECT_EUSAGE);
}

static void the_longest_argument_is_refused_in_a_message_that_fits(void **state)
{
	autofree char *word = malloc(131072);
	struct inspect_ref ref;
	struct inspect_error err;

	(void)state;
	assert_non_null(word);
	memset(word, '9', 131071);
	word[131071] = '\0';
	assert_int_equal(PARSE(INSPECT_MAP, &ref, &err, "id", word), -INSPECT_EUSAGE);
	assert_true(strlen(err.what) < sizeof(err.what));
	assert_memory_equal(err.what, "can't parse '999", 16);
	assert_string_equal(err.what + strlen(err.what) - 10, "999' as ID");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_may_stand_behind_its_word_or_alone),
		cmocka_unit_test(an_id_keeps_base_0),
		cmocka_unit_test(an_id_over_32_bits_is_refused_and_not_cut),
		cmocka_unit_test(an_id_that_is_no_number_is_refused),
		cmocka_unit_test(a_tag_is_16_digits),
		cmocka_unit_test(what_is_no_tag_is_refused),
		cmocka_unit_test(a_name_is_any_text_but_the_empty_one),
		cmocka_unit_test(a_path_may_stand_behind_its_word_or_alone_with_a_slash),
		cmocka_unit_test(a_path_with_a_slash_may_begin_with_a_digit),
		cmocka_unit_test(words_may_be_shortened),
		cmocka_unit_test(every_kind_takes_only_the_words_it_has),
		cmocka_unit_test(an_unknown_word_is_named),
		cmocka_unit_test(an_empty_word_is_an_error),
		cmocka_unit_test(no_word_is_an_error),
		cmocka_unit_test(a_word_without_its_value_is_an_error),
		cmocka_unit_test(words_behind_the_reference_are_left),
		cmocka_unit_test(a_refusal_is_the_same_without_an_error_to_fill_in),
		cmocka_unit_test(the_longest_argument_is_refused_in_a_message_that_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
