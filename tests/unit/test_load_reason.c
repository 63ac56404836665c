/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_load_reason.c - why an object was not loaded, in one sentence
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "load/check.h"
#include "load/reason.h"

#define AUTO_LOADED AUTO(loaded_done) struct loaded

/* What becomes of libbpf's warnings. */
static const char *reason_of(struct loaded *loaded, const char *warned, int code,
			     struct inspect_error *err)
{
	const struct inspect_error failed = { .code = code };

	loaded->step = LOAD_LOAD;
	buf_add_text(&loaded->warned, warned);
	assert_int_equal(reason_find(loaded, &failed, 0, err), -code);
	return err->what;
}

static void the_first_warning_that_says_something_is_the_reason(void **state)
{
	static const char warned[] =
		"BTF loading error: -EINVAL\n-- BEGIN BTF LOAD LOG ---\nmagic: 0xeb9f\n"
		"[2] STRUCT a b size=4 vlen=1 Invalid name\n\n-- END BTF LOAD LOG --\n"
		"Error loading .BTF into kernel: -EINVAL. BTF is optional, ignoring.\n"
		"map 'm': failed to create: -ENOMEM\nfailed to load object 'x'\n";
	AUTO_LOADED loaded = { 0 };
	struct inspect_error err;

	(void)state;
	assert_string_equal(reason_of(&loaded, warned, ENOMEM, &err),
			    "failed to load object file: map 'm': failed to create: -ENOMEM");
	assert_string_equal(err.hint,
			    "kernel rejected BTF: type 2 STRUCT a b size=4 vlen=1 Invalid name");
}

static void a_value_that_cannot_be_read_is_told_with_its_option(void **state)
{
	static const char warned[] =
		"failed to parse '9x' as integer completely\n"
		"extern (kcfg) 'CONFIG_HZ': value '9x' isn't a valid integer\n";
	AUTO_LOADED loaded = { 0 };
	struct inspect_error err;

	(void)state;
	assert_string_equal(reason_of(&loaded, warned, EINVAL, &err),
			    "failed to load object file: extern (kcfg) 'CONFIG_HZ': value '9x' "
			    "isn't a valid integer");
}

static void without_any_words_it_is_libbpf(void **state)
{
	AUTO_LOADED loaded = { 0 };
	struct inspect_error err;

	(void)state;
	assert_string_equal(reason_of(&loaded, "", EINVAL, &err),
			    "failed to load object file: libbpf");
}

static void a_long_line_is_cut(void **state)
{
	AUTO_LOADED loaded = { 0 };
	struct inspect_error err;
	char line[3000];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(strlen(reason_of(&loaded, line, EINVAL, &err)),
			 strlen("failed to load object file: ") + 400);
}

static void a_crash_and_a_hang_say_so(void **state)
{
	const struct inspect_error none = { 0 };
	AUTO_LOADED loaded = { .step = LOAD_OPEN };
	struct inspect_error err;

	(void)state;
	assert_int_equal(reason_find(&loaded, &none, -ENOTRECOVERABLE, &err), -EINVAL);
	assert_string_equal(err.what, "failed to open object file: libbpf crashed over it");
	assert_int_equal(reason_find(&loaded, &none, -ETIMEDOUT, &err), -ETIMEDOUT);
	assert_string_equal(err.what, "failed to open object file: libbpf came to no end with it");
}

static void btf_that_was_taken_says_nothing(void **state)
{
	AUTO(buf_done) struct buf text = { 0 };
	AUTO_LOADED loaded = { 0 };

	(void)state;
	assert_false(reason_add_btf(&loaded, &text));
	buf_add_text(&loaded.warned, "-- BEGIN BTF LOAD LOG ---\nunfinished\n");
	assert_false(reason_add_btf(&loaded, &text));
	assert_int_equal(text.size, 0);
}

static void the_nearest_section_is_found_and_none_that_is_far(void **state)
{
	(void)state;
	assert_string_equal(check_nearest_section("xpd"), "xdp");
	assert_string_equal(check_nearest_section("kprob/do_nanosleep"), "kprobe");
	assert_string_equal(check_nearest_section("cgroup/conect4"), "cgroup/connect4");
	assert_null(check_nearest_section("nothing like that"));
}

static void words_that_do_not_go_together_are_refused(void **state)
{
	const struct inspect_load_spec both = { .offload_device = "a", .metadata_device = "b" };
	const struct inspect_load_spec type = { .type = "xpd" };
	const struct inspect_load_spec good = { .type = "kprobe/" };
	struct inspect_error err;

	(void)state;
	assert_int_equal(check_words(&both, &err), -INSPECT_EUSAGE);
	assert_int_equal(check_words(&type, &err), -INSPECT_EUSAGE);
	assert_non_null(strstr(err.hint, "did you mean 'xdp'?"));
	assert_int_equal(check_words(&good, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_warning_that_says_something_is_the_reason),
		cmocka_unit_test(a_value_that_cannot_be_read_is_told_with_its_option),
		cmocka_unit_test(without_any_words_it_is_libbpf),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(a_crash_and_a_hang_say_so),
		cmocka_unit_test(btf_that_was_taken_says_nothing),
		cmocka_unit_test(the_nearest_section_is_found_and_none_that_is_far),
		cmocka_unit_test(words_that_do_not_go_together_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
