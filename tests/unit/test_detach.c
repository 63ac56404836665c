/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_detach.c - what is detached, in which order, and what stays when one of several cannot be
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_kernel.h"
#include "kernel/abi.h"

#define INFO(...) (&(const struct abi_link_info){ __VA_ARGS__ })

static char told[256];

static void tell(void *context, const char *text)
{
	(void)context;
	strncpy(told, text, sizeof(told) - 1);
}

static int detach_as(const struct abi_link_info *info, int error, bool is_dry_run,
		     struct inspect_error *err)
{
	const struct inspect_ref ref = { .kind = INSPECT_LINK, .by = INSPECT_BY_ID, .id = 5 };
	const struct inspect_note note = { tell, NULL };
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .info = info, .detach_error = error }
	};
	struct inspect *inspect = fake_kernel_start(objects, 1);

	*err = (struct inspect_error){ 0 };
	memset(told, 0, sizeof(told));
	int r = inspect_link_detach(inspect, &ref, is_dry_run, &note, err);
	fake_kernel_stop();
	return r;
}

static int detach(const struct abi_link_info *info, int error, struct inspect_error *err)
{
	return detach_as(info, error, false, err);
}

static void a_link_is_detached(void **state)
{
	struct inspect_error err;

	(void)state;
	assert_int_equal(detach(INFO(.type = ABI_LINK_TYPE_XDP, .device.ifindex = 3), 0, &err), 0);
	assert_string_equal(told, "");
}

static void detaching_twice_says_so_and_is_no_failure(void **state)
{
	struct inspect_error err;

	(void)state;
	assert_int_equal(detach(INFO(.type = ABI_LINK_TYPE_TCX), 0, &err), 0);
	assert_string_equal(told, "link 5 was detached already");
}

static void a_type_that_cannot_be_detached_says_what_ends_it(void **state)
{
	struct inspect_error err;

	(void)state;
	assert_int_equal(detach(INFO(.type = ABI_LINK_TYPE_RAW_TRACEPOINT), EOPNOTSUPP, &err),
			 -EOPNOTSUPP);
	assert_string_equal(err.what, "link 5: detach");
	assert_non_null(strstr(err.hint, "raw_tracepoint ends when nothing holds it any more"));
	assert_int_equal(detach(INFO(.type = ABI_LINK_TYPE_XDP), EINVAL, &err), -EINVAL);
	assert_non_null(strstr(err.hint, "5.9"));
	assert_int_equal(detach(INFO(.type = ABI_LINK_TYPE_XDP), EPERM, &err), -EPERM);
	assert_string_equal(err.what, "link 5: detach");
}

static void a_dry_run_makes_no_call_and_knows_what_would_fail(void **state)
{
	struct inspect_error err;

	(void)state;
	assert_int_equal(
		detach_as(INFO(.type = ABI_LINK_TYPE_XDP, .device.ifindex = 3), EPERM, true, &err),
		0);
	assert_int_equal(fake_kernel.n_calls[ABI_LINK_DETACH], 0);
	assert_int_equal(detach_as(INFO(.type = ABI_LINK_TYPE_ITER), 0, true, &err), -EOPNOTSUPP);
	assert_int_equal(fake_kernel.n_calls[ABI_LINK_DETACH], 0);
	assert_non_null(strstr(err.hint, "iter ends when nothing holds it any more"));
}

/* --- all links of a program --- */

static const struct abi_link_info cgroup_info = { .type = ABI_LINK_TYPE_CGROUP,
						  .prog_id = 9,
						  .cgroup.cgroup_id = 44 };
static const struct abi_link_info tracing_info = { .type = ABI_LINK_TYPE_TRACING, .prog_id = 9 };
static const struct abi_link_info other_info = { .type = ABI_LINK_TYPE_XDP,
						 .prog_id = 10,
						 .device.ifindex = 3 };
static const struct inspect_ref links_of_9 = { .kind = INSPECT_LINK,
					       .by = INSPECT_BY_PROG,
					       .id = 9 };

static int detach_all(struct fake_object *objects, size_t n, struct inspect_error *err)
{
	struct inspect *inspect = fake_kernel_start(objects, n);

	*err = (struct inspect_error){ 0 };
	int r = inspect_link_detach(inspect, &links_of_9, false, NULL, err);
	fake_kernel_stop();
	return r;
}

static void all_links_of_a_program_are_detached_and_no_other(void **state)
{
	struct inspect_error err;
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .info = &cgroup_info },
		{ .kind = INSPECT_LINK, .id = 6, .info = &other_info, .detach_error = EPERM },
		{ .kind = INSPECT_LINK, .id = 7, .info = &cgroup_info },
	};

	(void)state;
	assert_int_equal(detach_all(objects, 3, &err), 0);
	assert_int_equal(fake_kernel.n_calls[ABI_LINK_DETACH], 2);
}

static void one_that_cannot_be_detached_is_tried_first_and_keeps_the_others(void **state)
{
	struct inspect_error err;
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .info = &cgroup_info },
		{ .kind = INSPECT_LINK,
		  .id = 6,
		  .info = &tracing_info,
		  .detach_error = EOPNOTSUPP },
	};

	(void)state;
	assert_int_equal(detach_all(objects, 2, &err), -EOPNOTSUPP);
	assert_string_equal(err.what, "link 6: detach");
	assert_int_equal(fake_kernel.n_calls[ABI_LINK_DETACH], 1);
}

static void where_a_later_one_fails_those_before_it_are_named(void **state)
{
	struct inspect_error err;
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .info = &cgroup_info },
		{ .kind = INSPECT_LINK, .id = 6, .info = &cgroup_info },
		{ .kind = INSPECT_LINK, .id = 7, .info = &cgroup_info, .detach_error = EBUSY },
	};

	(void)state;
	assert_int_equal(detach_all(objects, 3, &err), -EBUSY);
	assert_string_equal(err.what, "link 7: detach");
	assert_string_equal(err.hint, "detached before that: 5, 6");
}

static void one_that_cannot_be_read_may_be_meant_and_nothing_is_detached(void **state)
{
	struct inspect_error err;
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .info = &cgroup_info },
		{ .kind = INSPECT_LINK, .id = 6, .info = &cgroup_info, .info_error = EPERM },
	};

	(void)state;
	assert_int_equal(detach_all(objects, 2, &err), -EPERM);
	assert_int_equal(fake_kernel.n_calls[ABI_LINK_DETACH], 0);
}

static void a_program_without_links_is_an_error_that_says_so(void **state)
{
	struct inspect_error err;
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 6, .info = &other_info },
	};

	(void)state;
	assert_int_equal(detach_all(objects, 1, &err), -ENOENT);
	assert_string_equal(err.what, "prog 9: links");
	assert_int_equal(detach_all(objects, 0, &err), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_detached),
		cmocka_unit_test(detaching_twice_says_so_and_is_no_failure),
		cmocka_unit_test(a_type_that_cannot_be_detached_says_what_ends_it),
		cmocka_unit_test(a_dry_run_makes_no_call_and_knows_what_would_fail),
		cmocka_unit_test(all_links_of_a_program_are_detached_and_no_other),
		cmocka_unit_test(one_that_cannot_be_detached_is_tried_first_and_keeps_the_others),
		cmocka_unit_test(where_a_later_one_fails_those_before_it_are_named),
		cmocka_unit_test(one_that_cannot_be_read_may_be_meant_and_nothing_is_detached),
		cmocka_unit_test(a_program_without_links_is_an_error_that_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
