/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_withheld.c - why there is no machine code to be had, by what a folder has in place of /proc/sys
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/capability.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "code/withheld.h"
#include "fake_root.h"
#include "kernel/caps.h"
#include "kernel/proc.h"

struct settings {
	const char *restriction, *paranoia, *jit; /* NULL: the file is not there */
};

static void make(const struct fake_root *root, struct sys *sys, const struct settings *settings)
{
	sys_init(sys);
	sys->root = root->path;
	if (settings->restriction)
		fake_root_write(root, "/proc/sys/kernel/kptr_restrict", settings->restriction);
	if (settings->paranoia)
		fake_root_write(root, "/proc/sys/kernel/perf_event_paranoid", settings->paranoia);
	if (settings->jit)
		fake_root_write(root, "/proc/sys/net/core/bpf_jit_enable", settings->jit);
}

/* Gives up CAP_SYSLOG, and takes it back; false where this process may not have it. */
static bool set_syslog(bool is_on)
{
	const cap_value_t syslog_right[] = { CAP_SYSLOG };
	cap_t caps = cap_get_proc();

	cap_set_flag(caps, CAP_EFFECTIVE, 1, syslog_right, is_on ? CAP_SET : CAP_CLEAR);
	int r = cap_set_proc(caps);
	cap_free(caps);
	return r == 0;
}

static void assert_hidden(struct settings settings, const char *expected)
{
	AUTO_ROOT root;
	struct inspect_error err = { 0 };
	struct sys sys;

	fake_root_make(&root);
	make(&root, &sys, &settings);
	assert_int_equal(withheld_hidden(&sys, 7, &err), -EPERM);
	assert_string_equal(err.what, "prog 7: read machine code");
	if (!strstr(err.hint, expected))
		fail_msg("'%s' is not in '%s'", expected, err.hint);
}

static void a_user_without_rights_hears_which_setting_hides_addresses(void **state)
{
	(void)state;
	bool had = caps_has_syslog();

	assert_true(set_syslog(false));
	assert_hidden((struct settings){ "1\n", "2\n", NULL }, "since kernel.kptr_restrict is 1");
	assert_hidden((struct settings){ "0\n", "2\n", NULL },
		      "since kernel.perf_event_paranoid is 2");
	assert_hidden((struct settings){ "0\n", "-1\n", NULL }, "CAP_SYSLOG is needed");
	assert_hidden((struct settings){ 0 }, "CAP_SYSLOG is needed");
	if (had)
		assert_true(set_syslog(true));
}

static void nobody_is_told_where_the_setting_says_so(void **state)
{
	(void)state;
	assert_hidden((struct settings){ "2\n", "2\n", NULL },
		      "kernel.kptr_restrict is 2, which hides it from every user");
}

static void who_has_the_right_hears_of_what_else_there_may_be(void **state)
{
	(void)state;
	if (!caps_has_syslog())
		skip();
	assert_hidden((struct settings){ "1\n", "2\n", NULL }, "a security module");
	assert_hidden((struct settings){ 0 }, "kernel.kptr_restrict, which cannot be read");
}

static void assert_not_jited(struct settings settings, const char *expected)
{
	AUTO_ROOT root;
	struct inspect_error err = { 0 };
	struct sys sys;

	fake_root_make(&root);
	make(&root, &sys, &settings);
	assert_int_equal(withheld_not_jited(&sys, 7, &err), -ENODATA);
	if (!strstr(err.hint, expected))
		fail_msg("'%s' is not in '%s'", expected, err.hint);
}

static void a_program_without_code_is_not_a_hidden_one(void **state)
{
	(void)state;
	assert_not_jited((struct settings){ .jit = "0\n" }, "the JIT compiler is off");
	assert_not_jited((struct settings){ .jit = "1\n" },
			 "loaded while the JIT compiler was off");
	assert_not_jited((struct settings){ .jit = "2\n" }, "is interpreted");
	assert_not_jited((struct settings){ 0 }, "the kernel has no JIT compiler");
}

static void a_setting_is_a_number(void **state)
{
	AUTO_ROOT root;
	struct sys sys;
	int64_t value = 5;

	(void)state;
	fake_root_make(&root);
	make(&root, &sys,
	     &(struct settings){ .restriction = "-1\n", .paranoia = "x\n", .jit = "" });
	assert_true(proc_sysctl(&sys, "kernel/kptr_restrict", &value));
	assert_int_equal(value, -1);
	assert_false(proc_sysctl(&sys, "kernel/perf_event_paranoid", &value));
	assert_false(proc_sysctl(&sys, "net/core/bpf_jit_enable", &value));
	assert_false(proc_sysctl(&sys, "kernel", &value));
	assert_int_equal(value, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_without_rights_hears_which_setting_hides_addresses),
		cmocka_unit_test(nobody_is_told_where_the_setting_says_so),
		cmocka_unit_test(who_has_the_right_hears_of_what_else_there_may_be),
		cmocka_unit_test(a_program_without_code_is_not_a_hidden_one),
		cmocka_unit_test(a_setting_is_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
