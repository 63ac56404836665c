/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_attach_types.c - what the errno of a call with a bad target says of an attach type
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "inspect.h"
#include "kernel/abi.h"
#include "records/inspect.h"

/* What the double says: errno of queries, links and attaching without one; 0 of a load or a map: a descriptor. */
static struct {
	int query, link, attach, load, map;
} kernel;

static long say(int code)
{
	errno = code;
	return code ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static long fake_bpf(int cmd, void *attr, unsigned size)
{
	/* Attributes that nobody knows: that asks whether the call is seen at all. */
	if (!attr || size > 168)
		return say(E2BIG);
	switch (cmd) {
	case ABI_PROG_QUERY:
		return say(kernel.query);
	case ABI_LINK_CREATE:
		return say(kernel.link);
	case ABI_PROG_ATTACH:
		return say(kernel.attach);
	case ABI_PROG_LOAD:
		return say(kernel.load);
	case ABI_MAP_CREATE:
		return say(kernel.map);
	default:
		return say(EINVAL);
	}
}

static int take(void *context, const struct inspect_feature *feature)
{
	*(struct inspect_feature *)context = *feature;
	((struct inspect_feature *)context)->detail = NULL; /* not valid for longer */
	return 0;
}

static struct inspect_feature ask(enum inspect_feature_kind kind, const char *name)
{
	const struct inspect_question question = { .kind = kind, .name = name };
	const struct inspect_probe probe = { .questions = &question, .n_questions = 1 };
	struct inspect_feature told = { 0 };
	struct inspect *inspect;

	assert_int_equal(inspect_open(&inspect, NULL), 0);
	inspect->sys.bpf = fake_bpf;
	assert_int_equal(inspect_features_each(inspect, &probe, take, &told, NULL), 0);
	inspect_close(inspect);
	return told;
}

#define ATTACH(name) ask(INSPECT_FEATURE_ATTACH_TYPE, name)

static void a_type_whose_target_is_missed_is_there(void **state)
{
	(void)state;
	kernel.query = EBADF;
	assert_int_equal(ATTACH("cgroup_inet4_connect").answer, INSPECT_YES);
	assert_int_equal(ATTACH("sk_lookup").answer, INSPECT_YES);
	kernel.query = ENODEV;
	assert_int_equal(ATTACH("tcx_ingress").answer, INSPECT_YES);
	kernel.link = EFAULT;
	assert_int_equal(ATTACH("trace_kprobe_multi").answer, INSPECT_YES);
	kernel.link = EBADF;
	assert_int_equal(ask(INSPECT_FEATURE_LINK_TYPE, "cgroup").answer, INSPECT_YES);
}

static void a_number_that_the_kernel_refuses_is_not_there(void **state)
{
	(void)state;
	kernel.query = kernel.link = kernel.attach = EINVAL;
	assert_int_equal(ATTACH("cgroup_unix_connect").answer, INSPECT_NO);
	assert_int_equal(ATTACH("netkit_peer").answer, INSPECT_NO);
	assert_int_equal(ATTACH("trace_uprobe_session").answer, INSPECT_NO);
	assert_int_equal(ATTACH("xdp").answer, INSPECT_NO);
	assert_int_equal(ask(INSPECT_FEATURE_LINK_TYPE, "sockmap").answer, INSPECT_NO);
}

static void what_was_not_compiled_in_says_which_option_it_lacks(void **state)
{
	(void)state;
	kernel.link = EOPNOTSUPP;
	struct inspect_feature told = ATTACH("trace_kprobe_session");
	assert_int_equal(told.answer, INSPECT_NO);
	assert_int_equal(told.reason, INSPECT_REASON_CONFIG);
	assert_int_equal(told.code, EOPNOTSUPP);
}

static void a_target_of_another_kind_of_failure_says_nothing(void **state)
{
	(void)state;
	kernel.query = kernel.link = ENOMEM;
	assert_int_equal(ATTACH("cgroup_device").answer, INSPECT_UNKNOWN);
	assert_int_equal(ATTACH("perf_event").answer, INSPECT_UNKNOWN);
}

static void a_call_that_is_not_permitted_is_no_no(void **state)
{
	(void)state;
	kernel.query = kernel.link = kernel.load = kernel.attach = kernel.map = EPERM;
	assert_int_not_equal(ATTACH("cgroup_device").answer, INSPECT_NO);
	assert_int_not_equal(ATTACH("trace_kprobe_multi").answer, INSPECT_NO);
	assert_int_not_equal(ATTACH("xdp").answer, INSPECT_NO);
	assert_int_not_equal(ATTACH("struct_ops").answer, INSPECT_NO);
	assert_int_not_equal(ask(INSPECT_FEATURE_LINK_TYPE, "netns").answer, INSPECT_YES);
}

/* As before 5.14, when loading did not look at it. */
static void a_load_that_takes_any_number_says_that_there_is_none(void **state)
{
	(void)state;
	assert_int_equal(ATTACH("sk_reuseport_select").answer, INSPECT_NO);
}

static void a_name_that_is_none_is_a_wrong_command_line(void **state)
{
	const struct inspect_question question = { .kind = INSPECT_FEATURE_ATTACH_TYPE,
						   .name = "tcx_igress" };
	const struct inspect_probe probe = { .questions = &question, .n_questions = 1 };
	struct inspect_feature told = { 0 };
	struct inspect_error err = { 0 };
	struct inspect *inspect;

	(void)state;
	assert_int_equal(inspect_open(&inspect, NULL), 0);
	inspect->sys.bpf = fake_bpf;
	assert_int_equal(inspect_features_each(inspect, &probe, take, &told, &err),
			 -INSPECT_EUSAGE);
	assert_non_null(strstr(err.hint, "tcx_ingress"));
	assert_null(told.name);
	inspect_close(inspect);
}

static int reset(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_type_whose_target_is_missed_is_there, reset),
		cmocka_unit_test_setup(a_number_that_the_kernel_refuses_is_not_there, reset),
		cmocka_unit_test_setup(what_was_not_compiled_in_says_which_option_it_lacks, reset),
		cmocka_unit_test_setup(a_target_of_another_kind_of_failure_says_nothing, reset),
		cmocka_unit_test_setup(a_call_that_is_not_permitted_is_no_no, reset),
		cmocka_unit_test_setup(a_load_that_takes_any_number_says_that_there_is_none, reset),
		cmocka_unit_test_setup(a_name_that_is_none_is_a_wrong_command_line, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
