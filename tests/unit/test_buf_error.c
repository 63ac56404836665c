/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_buf_error.c - bytes that grow, and failures in words
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

static char *text_of(char c, size_t size)
{
	char *text = malloc(size + 1);

	assert_non_null(text);
	memset(text, c, size);
	text[size] = '\0';
	return text;
}

static void a_zeroed_buffer_is_empty_and_may_be_released(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_false(buf_failed(&buf));
	buf_done(&buf);
	buf_done(&buf);
	assert_int_equal(buf.size, 0);
}

static void bytes_stay_in_order_over_every_growth(void **state)
{
	AUTO(buf_done) struct buf buf = { 0 };

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		buf_add_char(&buf, (char)(i % 251));
	assert_false(buf_failed(&buf));
	assert_int_equal(buf.size, 100000);
	for (unsigned i = 0; i < 100000; i++)
		if ((uint8_t)buf.bytes[i] != i % 251)
			fail_msg("byte %u", i);
}

static void texts_and_bytes_follow_each_other(void **state)
{
	AUTO(buf_done) struct buf buf = { 0 };

	(void)state;
	buf_add_text(&buf, "ab");
	buf_add(&buf, "\0c", 2);
	buf_add_text(&buf, "");
	buf_add(&buf, NULL, 0);
	buf_add_char(&buf, 'd');
	assert_int_equal(buf.size, 5);
	assert_memory_equal(buf.bytes, "ab\0cd", 5);
}

static void reserved_space_is_as_large_as_was_asked(void **state)
{
	AUTO(buf_done) struct buf buf = { 0 };

	(void)state;
	for (size_t size = 0; size < 5000; size += 37) {
		char *to = buf_reserve(&buf, size);

		assert_non_null(to);
		memset(to, 'x', size); /* the sanitizer watches */
		buf.size += size;
	}
}

static void a_failed_allocation_sticks_and_drops_what_follows(void **state)
{
	AUTO(buf_done) struct buf buf = { 0 };

	(void)state;
	buf_add_text(&buf, "ab");
	assert_null(buf_reserve(&buf, SIZE_MAX));
	assert_true(buf_failed(&buf));
	buf_add_text(&buf, "c");
	assert_null(buf_reserve(&buf, 1));
	assert_int_equal(buf.size, 2);
	assert_memory_equal(buf.bytes, "ab", 2);
	assert_true(buf_failed(&buf));
}

static void no_size_overflows_the_room(void **state)
{
	static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1, SIZE_MAX - 63 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct buf empty = { 0 }, some = { 0 };

		assert_null(buf_reserve(&empty, sizes[i]));
		assert_true(buf_failed(&empty));
		buf_add_text(&some, "0123456789");
		assert_null(buf_reserve(&some, sizes[i]));
		assert_true(buf_failed(&some));
		buf_done(&empty);
		buf_done(&some);
	}
}

static void a_failure_has_its_code_and_words(void **state)
{
	struct inspect_error err = { .hint = "old" };

	(void)state;
	assert_int_equal(inspect_fail(&err, EPERM, "map %u: open", 12), -EPERM);
	assert_int_equal(err.code, EPERM);
	assert_string_equal(err.what, "map 12: open");
	assert_string_equal(err.hint, "");
}

static void context_stands_in_front(void **state)
{
	struct inspect_error err;

	(void)state;
	inspect_fail(&err, EPERM, "map %u: open", 12);
	assert_int_equal(inspect_context(&err, "prog %u", 7), -EPERM);
	assert_string_equal(err.what, "prog 7: map 12: open");
	assert_int_equal(err.code, EPERM);
}

static void a_hint_replaces_the_one_before(void **state)
{
	struct inspect_error err;

	(void)state;
	inspect_fail(&err, ENOENT, "map name x");
	assert_int_equal(inspect_hint(&err, "first"), -ENOENT);
	assert_int_equal(inspect_hint(&err, "%s", "second"), -ENOENT);
	assert_string_equal(err.hint, "second");
	inspect_context(&err, "dump");
	assert_string_equal(err.hint, "second");
}

static void who_does_not_ask_for_words_gets_the_code(void **state)
{
	(void)state;
	assert_int_equal(inspect_fail(NULL, EPERM, "map %u: open", 12), -EPERM);
	assert_true(inspect_context(NULL, "prog") < 0);
	assert_true(inspect_hint(NULL, "hint") < 0);
}

static void a_long_message_keeps_its_beginning_and_its_end(void **state)
{
	autofree char *path = text_of('p', 131071);
	struct inspect_error err;

	(void)state;
	inspect_fail(&err, ENOENT, "/sys/fs/bpf/%s: open", path);
	size_t n = strlen(err.what);
	assert_int_equal(n, sizeof(err.what) - 1);
	assert_memory_equal(err.what, "/sys/fs/bpf/ppp", 15);
	assert_string_equal(err.what + n - 9, "ppp: open");
	assert_non_null(strstr(err.what, "[...]"));
}

static void a_message_that_just_fits_is_not_cut(void **state)
{
	struct inspect_error err;
	autofree char *fits = text_of('f', sizeof(err.what) - 1);
	autofree char *longer = text_of('f', sizeof(err.what));

	(void)state;
	inspect_fail(&err, EINVAL, "%s", fits);
	assert_string_equal(err.what, fits);
	inspect_fail(&err, EINVAL, "%s", longer);
	assert_int_equal(strlen(err.what), sizeof(err.what) - 1);
	assert_non_null(strstr(err.what, " [...] "));
}

static void context_leaves_the_end_of_a_long_message_readable(void **state)
{
	autofree char *path = text_of('p', 131071);
	struct inspect_error err;

	(void)state;
	inspect_fail(&err, ENOENT, "%s: open", path);
	inspect_context(&err, "map show");
	size_t n = strlen(err.what);
	assert_true(n < sizeof(err.what));
	assert_memory_equal(err.what, "map show: ppp", 13);
	assert_string_equal(err.what + n - 9, "ppp: open");
}

static void long_context_leaves_room_for_the_message(void **state)
{
	autofree char *word = text_of('w', 131071);
	struct inspect_error err;

	(void)state;
	inspect_fail(&err, ENOENT, "map 1: open");
	inspect_context(&err, "%s", word);
	size_t n = strlen(err.what);
	assert_string_equal(err.what + n - 13, ": map 1: open");
	for (unsigned i = 0; i < 20; i++)
		inspect_context(&err, "%s", word);
	assert_true(strlen(err.what) < sizeof(err.what));
}

static void a_long_hint_fits_its_room(void **state)
{
	autofree char *word = text_of('w', 131071);
	struct inspect_error err;

	(void)state;
	inspect_fail(&err, ENOENT, "x");
	inspect_hint(&err, "did you mean %s?", word);
	assert_int_equal(strlen(err.hint), sizeof(err.hint) - 1);
}

static const char *format_of(int code, const char *what)
{
	static char text[1024];
	struct inspect_error err;

	inspect_fail(&err, code, "%s", what);
	error_format(&err, text, sizeof(text));
	return text;
}

static void the_c_librarys_text_stands_behind_the_message(void **state)
{
	(void)state;
	assert_string_equal(format_of(EPERM, "map 12: open"),
			    "map 12: open: Operation not permitted");
	assert_string_equal(format_of(ENOENT, "x"), "x: No such file or directory");
	assert_string_equal(format_of(ENOENT, ""), "No such file or directory");
}

static void numbers_that_the_c_library_does_not_know_have_words_of_ours(void **state)
{
	(void)state;
	assert_string_equal(format_of(524, "map 1: read"),
			    "map 1: read: Operation not supported by the kernel (524)");
	assert_string_equal(format_of(4001, "a.o"), "a.o: Bad file format (4001)");
	assert_non_null(strstr(format_of(999, "x"), "999"));
}

static void what_the_user_typed_wrong_has_no_number(void **state)
{
	(void)state;
	assert_string_equal(format_of(INSPECT_EUSAGE, "what is 'x'?"), "what is 'x'?");
	assert_string_equal(format_of(INSPECT_EUSAGE + 1, "prog dump: not built yet"),
			    "prog dump: not built yet");
	assert_string_equal(format_of(0, "odd"), "odd");
}

static void a_formatted_message_fits_any_room(void **state)
{
	struct inspect_error err;
	char small[16];

	(void)state;
	inspect_fail(&err, EPERM, "map 12: open");
	error_format(&err, small, sizeof(small));
	assert_string_equal(small, "map 12: open: O");
}

static void what_is_taken_is_no_longer_owned(void **state)
{
	int fd = 7;
	char text[] = "x", *pointer = text;

	(void)state;
	assert_int_equal(take_fd(&fd), 7);
	assert_int_equal(fd, -1);
	assert_ptr_equal(take_ptr(&pointer), text);
	assert_null(pointer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_buffer_is_empty_and_may_be_released),
		cmocka_unit_test(bytes_stay_in_order_over_every_growth),
		cmocka_unit_test(texts_and_bytes_follow_each_other),
		cmocka_unit_test(reserved_space_is_as_large_as_was_asked),
		cmocka_unit_test(a_failed_allocation_sticks_and_drops_what_follows),
		cmocka_unit_test(no_size_overflows_the_room),
		cmocka_unit_test(a_failure_has_its_code_and_words),
		cmocka_unit_test(context_stands_in_front),
		cmocka_unit_test(a_hint_replaces_the_one_before),
		cmocka_unit_test(who_does_not_ask_for_words_gets_the_code),
		cmocka_unit_test(a_long_message_keeps_its_beginning_and_its_end),
		cmocka_unit_test(a_message_that_just_fits_is_not_cut),
		cmocka_unit_test(context_leaves_the_end_of_a_long_message_readable),
		cmocka_unit_test(long_context_leaves_room_for_the_message),
		cmocka_unit_test(a_long_hint_fits_its_room),
		cmocka_unit_test(the_c_librarys_text_stands_behind_the_message),
		cmocka_unit_test(numbers_that_the_c_library_does_not_know_have_words_of_ours),
		cmocka_unit_test(what_the_user_typed_wrong_has_no_number),
		cmocka_unit_test(a_formatted_message_fits_any_room),
		cmocka_unit_test(what_is_taken_is_no_longer_owned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
