/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What libbpf's own numbers become.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "btf/libbpf_code.h"

static void an_errno_stays_what_it_is(void **state)
{
	(void)state;
	for (int code = 0; code < 200; code++) {
		assert_int_equal(libbpf_code(code), code);
		assert_null(libbpf_code_words(code));
	}
}

static void a_number_of_libbpfs_own_becomes_an_errno_with_words(void **state)
{
	(void)state;
	for (int code = 4000; code < 4100; code++) {
		assert_true(libbpf_code(code) > 0 && libbpf_code(code) < 200);
		assert_null(strstr(strerror(libbpf_code(code)), "Unknown"));
		assert_true(strlen(libbpf_code_words(code)) > 10);
	}
}

static void each_of_those_that_libbpf_has_is_told_apart(void **state)
{
	(void)state;
	for (int code = 4000; code < 4014; code++)
		for (int other = 4000; other < code; other++)
			assert_string_not_equal(libbpf_code_words(code), libbpf_code_words(other));
	assert_string_equal(libbpf_code_words(4003), "the object is of the other byte order");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_errno_stays_what_it_is),
		cmocka_unit_test(a_number_of_libbpfs_own_becomes_an_errno_with_words),
		cmocka_unit_test(each_of_those_that_libbpf_has_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
